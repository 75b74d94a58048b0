//! Random bytes, and the one place that asks the machine for them. Knows nothing of what they become, ids apart.

#[cfg(any(test, feature = "cheap-hashing"))]
use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use uuid::Uuid;

use crate::clock::Time;
use crate::error::{Error, Result};

/// Where random bytes come from; cloned into whatever needs it.
#[derive(Clone)]
pub struct Randomness(Source);

#[derive(Clone)]
enum Source {
    OperatingSystem,
    #[cfg(any(test, feature = "cheap-hashing"))]
    Seeded(u64, Arc<AtomicU64>),
}

impl Randomness {
    /// The operating system's generator.
    pub fn operating_system() -> Randomness {
        Randomness(Source::OperatingSystem)
    }

    /// For tests alone: the same seed gives the same bytes, in the order in which they are asked for. Clones share one
    /// sequence. Never compiled into a release.
    #[cfg(any(test, feature = "cheap-hashing"))]
    pub fn seeded(seed: u64) -> Randomness {
        Randomness(Source::Seeded(seed, Arc::default()))
    }

    /// Fills the buffer; fails only where the machine has no randomness to give.
    #[allow(clippy::disallowed_methods, reason = "the one place that asks the machine")]
    pub fn fill(&self, buffer: &mut [u8]) -> Result<()> {
        match &self.0 {
            Source::OperatingSystem => getrandom::fill(buffer)
                .map_err(|error| Error::Internal(format!("the operating system gives no random bytes: {error}"))),
            #[cfg(any(test, feature = "cheap-hashing"))]
            Source::Seeded(seed, counter) => {
                use sha2::{Digest, Sha256};
                for chunk in buffer.chunks_mut(32) {
                    let count = counter.fetch_add(1, Ordering::SeqCst);
                    let block =
                        Sha256::new().chain_update(seed.to_be_bytes()).chain_update(count.to_be_bytes()).finalize();
                    chunk.copy_from_slice(&block[..chunk.len()]);
                }
                Ok(())
            }
        }
    }

    /// So many random bytes.
    pub fn bytes<const N: usize>(&self) -> Result<[u8; N]> {
        let mut bytes = [0; N];
        self.fill(&mut bytes)?;
        Ok(bytes)
    }

    /// A new id (UUID version 7): ids that are made later sort later, to the millisecond.
    pub fn uuid_v7(&self, now: Time) -> Result<Uuid> {
        let millis = u64::try_from(now.as_micros() / 1000).unwrap_or(0);
        Ok(uuid::Builder::from_unix_timestamp_millis(millis, &self.bytes()?).into_uuid())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn operating_system_gives_other_bytes_each_time() {
        let randomness = Randomness::operating_system();
        assert_ne!(randomness.bytes::<32>().unwrap(), randomness.bytes::<32>().unwrap());
    }

    #[test]
    fn seeded_bytes_repeat_by_seed_and_differ_along_the_way() {
        let (one, same, other) = (Randomness::seeded(1), Randomness::seeded(1), Randomness::seeded(2));
        let first = one.bytes::<40>().unwrap();
        assert_eq!(first, same.bytes::<40>().unwrap());
        assert_ne!(first, other.bytes::<40>().unwrap());
        assert_ne!(first, one.clone().bytes::<40>().unwrap());
    }

    #[test]
    fn ids_are_version_7_and_sort_by_time() {
        let randomness = Randomness::seeded(1);
        let early = randomness.uuid_v7(Time::from_micros(1_772_000_000_000_000)).unwrap();
        let late = randomness.uuid_v7(Time::from_micros(1_772_000_000_001_000)).unwrap();
        assert_eq!(early.get_version_num(), 7);
        assert!(early < late);
    }
}
