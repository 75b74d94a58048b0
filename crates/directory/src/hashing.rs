//! Password hashing: Argon2id on a few threads of its own, so that the threads that serve requests never wait for it,
//! and however many people sign in at once, the memory that it takes is bounded. Knows nothing of accounts, nor of
//! which passwords are good enough.

use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use argon2::{Algorithm, Argon2, Block, Params, Version};
use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use subtle::ConstantTimeEq;
use tokio::sync::oneshot;

use crate::error::{Error, Result};
use crate::randomness::Randomness;
use crate::secret::{Password, PasswordHash};

#[cfg(all(feature = "cheap-hashing", not(debug_assertions)))]
compile_error!("the feature `cheap-hashing` is for tests: a release must never hash passwords cheaply");

/// A handle on the threads that hash. Clones share them; they end with the last clone.
#[derive(Clone)]
pub struct Hasher {
    costs: Costs,
    randomness: Randomness,
    /// What a password is compared with when there is nothing to compare it with.
    dummy: Phc,
    jobs: SyncSender<Job>,
    threads: Arc<Mutex<Threads>>,
}

/// Threads are started one by one with the first jobs: a server that hashes nothing holds nothing for it.
struct Threads {
    started: usize,
    most: usize,
    queue: Arc<Mutex<Receiver<Job>>>,
}

struct Job {
    password: Password,
    phc: Phc,
    answer: oneshot::Sender<Result<Vec<u8>>>,
}

impl Hasher {
    /// Up to `threads` at work, and up to `queue` jobs waiting for them.
    pub fn new(costs: Costs, threads: usize, queue: usize, randomness: Randomness) -> Result<Hasher> {
        let (jobs, receiver) = sync_channel(queue.max(1));
        let threads = Threads { started: 0, most: threads.max(1), queue: Arc::new(Mutex::new(receiver)) };
        let dummy = Phc { costs, salt: randomness.bytes::<16>()?.to_vec(), output: randomness.bytes::<32>()?.to_vec() };
        Ok(Hasher { costs, randomness, dummy, jobs, threads: Arc::new(Mutex::new(threads)) })
    }

    /// Hashes a new password. [`Error::TooMany`] when no place in the queue is free.
    pub async fn hash(&self, password: &Password) -> Result<PasswordHash> {
        let salt = self.randomness.bytes::<16>()?.to_vec();
        let mut phc = Phc { costs: self.costs, salt, output: vec![0; 32] };
        phc.output = self.compute(password, phc.clone()).await?;
        Ok(phc.encode())
    }

    /// Whether the password is the one that was hashed. Without a hash, or with one that cannot be read, the answer is
    /// no and takes the same time: who waits learns nothing about which accounts exist.
    pub async fn verify(&self, password: &Password, stored: Option<PasswordHash>) -> Result<bool> {
        let stored = stored.as_ref().and_then(Phc::decode);
        let known = stored.is_some();
        let phc = stored.unwrap_or_else(|| self.dummy.clone());
        let output = self.compute(password, phc.clone()).await?;
        Ok(known & bool::from(output.ct_eq(&phc.output)))
    }

    /// Whether a hash was made with other costs than are usual now: hash the password again when it is next at hand.
    pub fn needs_upgrade(&self, stored: &PasswordHash) -> bool {
        Phc::decode(stored).is_none_or(|phc| phc.costs != self.costs)
    }

    async fn compute(&self, password: &Password, phc: Phc) -> Result<Vec<u8>> {
        self.start_a_thread()?;
        let (answer, waiting) = oneshot::channel();
        let job = Job { password: password.clone(), phc, answer };
        self.jobs.try_send(job).map_err(|refused| match refused {
            // Waiting for a place would only lengthen the queue elsewhere, where nobody counts it.
            TrySendError::Full(_) => Error::TooMany {
                retry_after: Duration::from_secs(1),
                reason: "Too many passwords are being checked at this moment.",
            },
            TrySendError::Disconnected(_) => Error::Internal("the hashing threads have ended".into()),
        })?;
        waiting.await.map_err(|_| Error::Internal("a hashing thread has ended".into()))?
    }

    fn start_a_thread(&self) -> Result<()> {
        let mut threads = self.threads.lock().unwrap_or_else(PoisonError::into_inner);
        if threads.started == threads.most {
            return Ok(());
        }
        let queue = threads.queue.clone();
        let name = format!("rolebook-hash-{}", threads.started + 1);
        match std::thread::Builder::new().name(name).spawn(move || work(&queue)) {
            Ok(_) => threads.started += 1,
            Err(error) if threads.started == 0 => {
                return Err(Error::Unavailable(format!("no thread for hashing: {error}")));
            }
            Err(error) => tracing::warn!(%error, started = threads.started, "no further thread for hashing"),
        }
        Ok(())
    }
}

/// What one thread does until the last handle is gone.
fn work(queue: &Mutex<Receiver<Job>>) {
    yield_to_others();
    // Kept from job to job, so that a busy server does not ask the system for its 19 MiB with every login. Not wiped:
    // whoever reads this process's memory reads the passwords themselves as they come in.
    let mut blocks = Vec::new();
    loop {
        let next = queue.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(job) = next else { return };
        run(job, &mut blocks);
    }
}

fn run(Job { password, phc, answer }: Job, blocks: &mut Vec<Block>) {
    // Whoever asked may have gone away (a closed connection): the work would be for nobody.
    if !answer.is_closed() {
        let _ = answer.send(argon2id(&password, &phc, blocks));
    }
}

fn argon2id(password: &Password, phc: &Phc, blocks: &mut Vec<Block>) -> Result<Vec<u8>> {
    let failed = |error: argon2::Error| Error::Internal(format!("hashing failed: {error}"));
    let Costs { m_kib, t, p } = phc.costs;
    let params = Params::new(m_kib, t, p, None).map_err(failed)?;
    let needed = params.block_count();
    // A hash from elsewhere may want much more memory than ours: given back with the next of ours.
    if needed < blocks.len() {
        blocks.truncate(needed);
        blocks.shrink_to_fit();
    }
    blocks
        .try_reserve_exact(needed - blocks.len())
        .map_err(|_| Error::Unavailable("no memory for hashing a password".into()))?;
    blocks.resize(needed, Block::new());
    let mut output = vec![0; phc.output.len()];
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into_with_memory(password.expose().as_bytes(), &phc.salt, &mut output, blocks)
        .map_err(failed)?;
    Ok(output)
}

/// Serving goes before hashing: a wave of logins must not slow the requests of those who are in.
#[cfg(target_os = "linux")]
#[allow(unsafe_code)]
fn yield_to_others() {
    // SAFETY: a plain system call on integers. On Linux niceness is a thread's own, and 0 is the calling thread.
    // A failure leaves the usual priority, which is no harm.
    unsafe { libc::setpriority(libc::PRIO_PROCESS, 0, 10) };
}

#[cfg(not(target_os = "linux"))]
fn yield_to_others() {}

/// What one hash costs us, and whoever tries to guess it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Costs {
    /// Memory, in KiB.
    m_kib: u32,
    /// Passes over it.
    t: u32,
    /// Lanes.
    p: u32,
}

impl Costs {
    /// 19 MiB, two passes, one lane: the first choice of OWASP's Password Storage Cheat Sheet for Argon2id (RFC 9106).
    /// One lane, because we compute the lanes one after another while an attacker need not.
    pub const fn standard() -> Costs {
        Costs { m_kib: 19_456, t: 2, p: 1 }
    }

    /// The least that Argon2 can do, for tests, which hash thousands of times.
    #[cfg(feature = "cheap-hashing")]
    pub const fn cheap() -> Costs {
        Costs { m_kib: 8, t: 1, p: 1 }
    }

    /// Refuses what Argon2 cannot do, and what no login should: beyond 1 GiB, or 4 GiB of passes over it
    /// (libsodium's dearest choice), an imported hash would be a way to stop the server.
    fn parse(m_kib: u32, t: u32, p: u32) -> Option<Costs> {
        let possible = t >= 1 && (1..=16).contains(&p) && m_kib >= 8 * p;
        let bearable = m_kib <= 1 << 20 && u64::from(m_kib) * u64::from(t) <= 1 << 22;
        (possible && bearable).then_some(Costs { m_kib, t, p })
    }
}

/// A PHC string's parts. By hand, as the format is one line; the crate for it reads algorithms that we refuse anyway.
#[derive(Clone)]
struct Phc {
    costs: Costs,
    salt: Vec<u8>,
    output: Vec<u8>,
}

impl Phc {
    fn encode(&self) -> PasswordHash {
        let Costs { m_kib, t, p } = self.costs;
        let (salt, output) = (STANDARD_NO_PAD.encode(&self.salt), STANDARD_NO_PAD.encode(&self.output));
        PasswordHash::from_stored(format!("$argon2id$v=19$m={m_kib},t={t},p={p}${salt}${output}"))
    }

    fn decode(stored: &PasswordHash) -> Option<Phc> {
        let mut parts = stored.as_phc().strip_prefix("$argon2id$v=19$")?.split('$');
        let mut costs = parts.next()?.split(',');
        let mut cost = |name| costs.next()?.strip_prefix(name)?.strip_prefix('=')?.parse::<u32>().ok();
        let parsed = Costs::parse(cost("m")?, cost("t")?, cost("p")?)?;
        let salt = STANDARD_NO_PAD.decode(parts.next()?).ok()?;
        let output = STANDARD_NO_PAD.decode(parts.next()?).ok()?;
        // An output too short to mean anything would let other passwords pass.
        let sound = (8..=64).contains(&salt.len()) && (16..=64).contains(&output.len());
        (sound && costs.next().is_none() && parts.next().is_none()).then_some(Phc { costs: parsed, salt, output })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    const CHEAP: Costs = Costs { m_kib: 8, t: 1, p: 1 };

    fn hasher(costs: Costs, queue: usize) -> Hasher {
        Hasher::new(costs, 1, queue, Randomness::seeded(1)).unwrap()
    }

    fn password(text: &str) -> Password {
        Password::parse(text).unwrap()
    }

    #[tokio::test]
    async fn the_password_that_was_hashed_verifies_and_no_other() {
        let hasher = hasher(CHEAP, 4);
        let hash = hasher.hash(&password("correct horse")).await.unwrap();
        assert!(hash.as_phc().starts_with("$argon2id$v=19$m=8,t=1,p=1$"));
        assert!(hasher.verify(&password("correct horse"), Some(hash.clone())).await.unwrap());
        assert!(!hasher.verify(&password("correct horsf"), Some(hash.clone())).await.unwrap());
        assert_ne!(hasher.hash(&password("correct horse")).await.unwrap(), hash, "each hash has its own salt");
        assert!(!hasher.needs_upgrade(&hash));
    }

    #[tokio::test]
    async fn a_hash_of_the_reference_implementation_verifies_and_asks_for_an_upgrade() {
        // From the tests of the reference implementation (P-H-C/phc-winner-argon2, test.c).
        let phc = "$argon2id$v=19$m=256,t=2,p=2$c29tZXNhbHQ$bQk8UB/VmZZF4Oo79iDXuL5/0ttZwg2f/5U52iv1cDc";
        let (hasher, hash) = (hasher(CHEAP, 4), PasswordHash::from_stored(phc.into()));
        assert!(hasher.verify(&password("password"), Some(hash.clone())).await.unwrap());
        assert!(hasher.needs_upgrade(&hash));
    }

    #[tokio::test]
    async fn no_hash_and_unreadable_hashes_answer_no_after_the_same_work() {
        let hasher = hasher(CHEAP, 4);
        assert!(!hasher.verify(&password("x"), None).await.unwrap());
        for phc in [
            "",
            "!",
            "$2b$12$abcdefghijklmnopqrstuv",
            "$argon2i$v=19$m=8,t=1,p=1$c29tZXNhbHQ$AAAAAAAAAAAAAAAAAAAAAA",
            "$argon2id$v=19$m=8,t=1,p=1$c29tZXNhbHQ$",
            "$argon2id$v=19$m=8,t=1,p=1$c29tZXNhbHQ$AAAA",
            "$argon2id$v=19$m=8,t=1,p=1,x=2$c29tZXNhbHQ$AAAAAAAAAAAAAAAAAAAAAA",
            "$argon2id$v=19$m=8,t=1,p=1$c29tZXNhbHQ$AAAAAAAAAAAAAAAAAAAAAA$",
            "$argon2id$v=19$m=4294967295,t=1,p=1$c29tZXNhbHQ$AAAAAAAAAAAAAAAAAAAAAA",
            "$argon2id$v=19$m=8,t=4294967295,p=1$c29tZXNhbHQ$AAAAAAAAAAAAAAAAAAAAAA",
            "$argon2id$v=19$m=8,t=1,p=2$c29tZXNhbHQ$AAAAAAAAAAAAAAAAAAAAAA",
        ] {
            let hash = PasswordHash::from_stored(phc.into());
            assert!(Phc::decode(&hash).is_none(), "{phc}");
            assert!(!hasher.verify(&password("x"), Some(hash)).await.unwrap(), "{phc}");
        }
    }

    #[tokio::test]
    #[allow(clippy::await_holding_lock, reason = "holding the lock is what keeps the only thread from its queue")]
    async fn a_full_queue_refuses_at_once() {
        let hasher = hasher(CHEAP, 1);
        let queue = hasher.threads.lock().unwrap().queue.clone();
        let held = queue.lock().unwrap();
        let one = tokio::spawn({
            let hasher = hasher.clone();
            async move { hasher.hash(&password("one")).await }
        });
        tokio::task::yield_now().await;
        let two = hasher.hash(&password("two")).await;
        assert!(matches!(two, Err(Error::TooMany { .. })));
        drop(held);
        assert!(one.await.unwrap().is_ok());
    }

    #[test]
    fn a_job_that_nobody_waits_for_is_skipped() {
        let (answer, waiting) = oneshot::channel();
        let phc = hasher(CHEAP, 1).dummy;
        drop(waiting);
        let mut blocks = Vec::new();
        run(Job { password: password("gone"), phc, answer }, &mut blocks);
        assert!(blocks.is_empty());
    }

    #[test]
    fn memory_follows_the_job() {
        let mut blocks = Vec::new();
        let phc = |m_kib| Phc { costs: Costs { m_kib, t: 1, p: 1 }, salt: vec![0; 16], output: vec![0; 32] };
        let first = argon2id(&password("x"), &phc(64), &mut blocks).unwrap();
        argon2id(&password("y"), &phc(1024), &mut blocks).unwrap();
        assert_eq!(blocks.len(), 1024);
        // What an earlier job left in the memory changes nothing.
        assert_eq!(argon2id(&password("x"), &phc(64), &mut blocks).unwrap(), first);
        assert_eq!(blocks.len(), 64);
    }
}
