//! The ceiling for passwords: Argon2id on every core, each with memory of its own that it keeps. Knows no password.

use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use argon2::{Algorithm, Argon2, Block, Params, Version};

/// The server's costs: 19 MiB, two passes, one lane.
const MEMORY_KIB: u32 = 19_456;
const PASSES: u32 = 2;
const LANES: u32 = 1;

/// Hashes for this time; how many a second.
pub(crate) fn per_second(time: Duration) -> anyhow::Result<f64> {
    let begun = Instant::now();
    let done = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..crate::machine::cores()).map(|_| scope.spawn(move || hash(begun, time))).collect();
        let mut done = 0;
        for thread in threads {
            match thread.join() {
                Ok(own) => done += own?,
                Err(_) => bail!("a hashing thread panicked"),
            }
        }
        Ok(done)
    })?;
    Ok(f64::from(done) / begun.elapsed().as_secs_f64())
}

fn hash(begun: Instant, time: Duration) -> anyhow::Result<u32> {
    let wrong = |error: argon2::Error| anyhow::anyhow!("Argon2id: {error}");
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None).map_err(wrong)?;
    let mut blocks = vec![Block::new(); params.block_count()];
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    let (mut done, mut output) = (0_u32, [0; 32]);
    while begun.elapsed() < time {
        let salt = [done.to_be_bytes(); 4].concat();
        argon2.hash_password_into_with_memory(b"quiet-Bays-larks", &salt, &mut output, &mut blocks).map_err(wrong)?;
        done = done.checked_add(1).context("too many hashes")?;
    }
    Ok(done)
}
