//! Argon2 (RFC 9106) and its PHC string: Argon2id as we make it, and i, d, id and version 16 as they come from elsewhere, also
//! behind Django's prefix. Knows nothing of threads, nor of which costs are usual now.

use super::costs::Costs;
use crate::error::{Error, Result};
use argon2::{Algorithm, Argon2, Block, Params, Version};
use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use subtle::ConstantTimeEq;

/// An Argon2 hash, in its parts.
#[derive(Clone)]
pub(super) struct Argon {
    algorithm: Algorithm,
    version: Version,
    costs: Costs,
    salt: Vec<u8>,
    output: Vec<u8>,
}

/// What a thread computes in. Kept from job to job, so that a busy server does not ask the system for its 19 MiB with every
/// login. Not wiped: whoever reads this process's memory reads the passwords themselves as they come in.
#[derive(Default)]
pub(super) struct Memory(Vec<Block>);

impl Memory {
    /// So many blocks, whatever is in them.
    fn blocks(&mut self, needed: usize) -> Result<&mut [Block]> {
        let Memory(blocks) = self;
        // A hash from elsewhere may want much more memory than ours: given back with the next of ours.
        if needed < blocks.len() {
            blocks.truncate(needed);
            blocks.shrink_to_fit();
        }
        if needed > blocks.capacity() {
            blocks
                .try_reserve_exact(needed - blocks.len())
                .map_err(|_| Error::Unavailable("no memory for hashing a password".into()))?;
            prefer_large_pages(blocks);
        }
        blocks.resize(needed, Block::new());
        Ok(blocks)
    }
}

/// Hashing jumps through all of its memory, and the processor keeps the addresses of only so many pages: in large ones it is
/// two hundredths quicker (measured). To be called before anything is written there.
#[cfg(target_os = "linux")]
#[allow(unsafe_code)]
fn prefer_large_pages(blocks: &mut Vec<Block>) {
    /// Where pages are larger, the system refuses what does not begin with one, which is no harm.
    const PAGE: usize = 4096;
    let room = blocks.spare_capacity_mut();
    let (start, length) = (room.as_mut_ptr(), size_of_val(room));
    let skipped = start.addr().next_multiple_of(PAGE) - start.addr();
    let whole = length.saturating_sub(skipped) / PAGE * PAGE;
    if whole > 0 {
        // SAFETY: whole pages of memory that is ours; the advice changes neither what is in them nor who may use them.
        unsafe { libc::madvise(start.byte_add(skipped).cast(), whole, libc::MADV_HUGEPAGE) };
    }
}

#[cfg(not(target_os = "linux"))]
fn prefer_large_pages(_: &mut Vec<Block>) {}

impl Argon {
    /// What we make: Argon2id, with 32 bytes of output that are to come.
    pub(super) fn new(costs: Costs, salt: Vec<u8>) -> Argon {
        Argon { algorithm: Algorithm::Argon2id, version: Version::V0x13, costs, salt, output: vec![0; 32] }
    }

    /// Makes it the hash of nothing that anybody knows.
    pub(super) fn forge(&mut self, output: [u8; 32]) {
        self.output = output.to_vec();
    }

    /// The same hash, of this secret.
    pub(super) fn of(mut self, secret: &[u8], memory: &mut Memory) -> Result<Argon> {
        self.output = self.compute(secret, memory)?;
        Ok(self)
    }

    /// Whether it is of this secret.
    pub(super) fn matches(&self, secret: &[u8], memory: &mut Memory) -> Result<bool> {
        Ok(self.compute(secret, memory)?.ct_eq(&self.output).into())
    }

    /// Whether we would make it so today.
    pub(super) fn is_usual(&self, costs: Costs) -> bool {
        self.algorithm == Algorithm::Argon2id && self.version == Version::V0x13 && self.costs == costs
    }

    pub(super) fn encode(&self) -> String {
        let Costs { m_kib, t, p } = self.costs;
        let (salt, output) = (STANDARD_NO_PAD.encode(&self.salt), STANDARD_NO_PAD.encode(&self.output));
        let (name, version) = (self.algorithm.as_str(), u32::from(self.version));
        format!("${name}$v={version}$m={m_kib},t={t},p={p}${salt}${output}")
    }

    /// Reads a PHC string, by hand: the format is one line, and the bounds are ours.
    pub(super) fn decode(text: &str) -> Option<Argon> {
        let mut parts = text.strip_prefix("argon2$").or_else(|| text.strip_prefix('$'))?.split('$');
        let algorithm = match parts.next()? {
            "argon2id" => Algorithm::Argon2id,
            "argon2i" => Algorithm::Argon2i,
            "argon2d" => Algorithm::Argon2d,
            _ => return None,
        };
        let version = match parts.next()? {
            "v=19" => Version::V0x13,
            "v=16" => Version::V0x10,
            _ => return None,
        };
        let mut costs = parts.next()?.split(',');
        let mut cost = |name| costs.next()?.strip_prefix(name)?.strip_prefix('=')?.parse::<u32>().ok();
        let parsed = Costs::parse(cost("m")?, cost("t")?, cost("p")?)?;
        let salt = STANDARD_NO_PAD.decode(parts.next()?).ok()?;
        let output = STANDARD_NO_PAD.decode(parts.next()?).ok()?;
        // An output too short to mean anything would let other passwords pass.
        let sound = (8..=64).contains(&salt.len()) && (16..=64).contains(&output.len());
        (sound && costs.next().is_none() && parts.next().is_none()).then_some(Argon {
            algorithm,
            version,
            costs: parsed,
            salt,
            output,
        })
    }

    fn compute(&self, secret: &[u8], memory: &mut Memory) -> Result<Vec<u8>> {
        let failed = |error: argon2::Error| Error::Internal(format!("hashing failed: {error}"));
        let Costs { m_kib, t, p } = self.costs;
        let params = Params::new(m_kib, t, p, None).map_err(failed)?;
        let blocks = memory.blocks(params.block_count())?;
        let mut output = vec![0; self.output.len()];
        Argon2::new(self.algorithm, self.version, params)
            .hash_password_into_with_memory(secret, &self.salt, &mut output, blocks)
            .map_err(failed)?;
        Ok(output)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn memory_follows_the_job() {
        let mut memory = Memory::default();
        let of = |m_kib| Argon::new(Costs { m_kib, t: 1, p: 1 }, vec![0; 16]);
        let first = of(64).compute(b"x", &mut memory).unwrap();
        of(1024).compute(b"y", &mut memory).unwrap();
        assert_eq!(memory.0.len(), 1024);
        // What an earlier job left in the memory changes nothing.
        assert_eq!(of(64).compute(b"x", &mut memory).unwrap(), first);
        assert_eq!(memory.0.len(), 64);
    }

    #[test]
    fn what_is_written_reads_back() {
        for text in [
            "$argon2id$v=19$m=8,t=1,p=1$c29tZXNhbHQ$AAAAAAAAAAAAAAAAAAAAAA",
            "$argon2i$v=16$m=16,t=3,p=2$c29tZXNhbHQ$AAAAAAAAAAAAAAAAAAAAAA",
            "$argon2d$v=19$m=1048576,t=4,p=16$c29tZXNhbHQ$AAAAAAAAAAAAAAAAAAAAAA",
        ] {
            assert_eq!(Argon::decode(text).unwrap().encode(), text);
        }
    }

    #[test]
    fn what_is_broken_or_beyond_the_bounds_is_not_read() {
        for text in [
            "$argon2id$v=19$m=8,t=1,p=1$c29tZXNhbHQ$",
            "$argon2id$v=19$m=8,t=1,p=1$c29tZXNhbHQ$AAAA",
            "$argon2id$v=19$m=8,t=1,p=1,x=2$c29tZXNhbHQ$AAAAAAAAAAAAAAAAAAAAAA",
            "$argon2id$v=19$m=8,t=1,p=1$c29tZXNhbHQ$AAAAAAAAAAAAAAAAAAAAAA$",
            "$argon2id$v=19$m=4294967295,t=1,p=1$c29tZXNhbHQ$AAAAAAAAAAAAAAAAAAAAAA",
            "$argon2id$v=19$m=8,t=4294967295,p=1$c29tZXNhbHQ$AAAAAAAAAAAAAAAAAAAAAA",
            "$argon2id$v=19$m=8,t=1,p=2$c29tZXNhbHQ$AAAAAAAAAAAAAAAAAAAAAA",
            "$argon2id$v=19$m=136,t=1,p=17$c29tZXNhbHQ$AAAAAAAAAAAAAAAAAAAAAA",
            "$argon2id$v=19$m=1048577,t=1,p=1$c29tZXNhbHQ$AAAAAAAAAAAAAAAAAAAAAA",
            "$argon2id$v=19$m=1048576,t=5,p=1$c29tZXNhbHQ$AAAAAAAAAAAAAAAAAAAAAA",
            "$argon2id$v=18$m=8,t=1,p=1$c29tZXNhbHQ$AAAAAAAAAAAAAAAAAAAAAA",
            "$argon2x$v=19$m=8,t=1,p=1$c29tZXNhbHQ$AAAAAAAAAAAAAAAAAAAAAA",
        ] {
            assert!(Argon::decode(text).is_none(), "{text}");
        }
    }
}
