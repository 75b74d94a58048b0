//! The threads that hash, and the waiting for them. Knows nothing of passwords: it runs what it is given, in the governor's
//! order.

use super::argon::Memory;
use super::governor::{Governor, Waits};
use super::lane::Lane;
use crate::clock::Stopwatch;
use crate::error::{Bound, Error, Result};
use crate::priority::yield_to_others;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::oneshot;

/// Serving goes before hashing: a wave of logins must not slow the requests of those who are in.
const NICENESS: i32 = 10;

/// Threads of their own, so that those that serve requests never wait for a hash. They end when this is dropped.
pub(super) struct Pool {
    shared: Arc<Shared>,
    /// How many were started: one by one with the first jobs, so that a server that hashes nothing holds nothing for it.
    started: Mutex<usize>,
    most: usize,
}

struct Shared {
    state: Mutex<State>,
    work: Condvar,
}

struct State {
    governor: Governor<Box<dyn Job>>,
    /// What a job took lately.
    pace: Duration,
    ended: bool,
}

/// What one thread is asked to do, and by whom.
trait Job: Send {
    fn is_abandoned(&self) -> bool;
    fn run(self: Box<Self>, memory: &mut Memory);
    fn refuse(self: Box<Self>, error: Error);
}

struct Asked<T, F> {
    work: F,
    answer: oneshot::Sender<Result<T>>,
}

impl<T: Send, F: FnOnce(&mut Memory) -> Result<T> + Send> Job for Asked<T, F> {
    /// Whoever asked may have gone away (a closed connection): the work would be for nobody.
    fn is_abandoned(&self) -> bool {
        self.answer.is_closed()
    }

    fn run(self: Box<Self>, memory: &mut Memory) {
        let Asked { work, answer } = *self;
        // Nothing is expected to panic; but a thread that was lost would not come back, and a hash from elsewhere shall not
        // be a way to lose them all. What is left in the memory changes no other hash.
        let outcome = catch_unwind(AssertUnwindSafe(|| work(memory)));
        let _ = answer.send(outcome.unwrap_or_else(|_| Err(Error::Internal("hashing panicked".into()))));
    }

    fn refuse(self: Box<Self>, error: Error) {
        let _ = self.answer.send(Err(error));
    }
}

impl Waits for Box<dyn Job> {
    fn is_abandoned(&self) -> bool {
        self.as_ref().is_abandoned()
    }
}

impl Pool {
    /// Up to `threads` at work, and up to `places` jobs waiting for them.
    pub(super) fn new(threads: usize, places: usize) -> Pool {
        let pace = Duration::from_millis(50);
        let state = Mutex::new(State { governor: Governor::new(places), pace, ended: false });
        let shared = Arc::new(Shared { state, work: Condvar::new() });
        Pool { shared, started: Mutex::new(0), most: threads.max(1) }
    }

    /// Runs this on one of the threads, when the lane's turn comes.
    ///
    /// # Errors
    /// [`Error::TooMany`] when no place is free, or somebody else needs this one more; the work's own.
    pub(super) async fn run<T, F>(&self, lane: Lane, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&mut Memory) -> Result<T> + Send + 'static,
    {
        let (answer, waiting) = oneshot::channel();
        self.enter(lane, Box::new(Asked { work, answer }))?;
        waiting.await.map_err(|_| Error::Internal("a hashing thread has ended".into()))?
    }

    /// Whether at least as many wait as work.
    pub(super) fn is_crowded(&self) -> bool {
        self.shared.lock().governor.waiting() >= self.most
    }

    fn enter(&self, lane: Lane, job: Box<dyn Job>) -> Result<()> {
        self.start_a_thread()?;
        let mut state = self.shared.lock();
        let out = state.governor.enter(lane, job);
        let ahead = u32::try_from(state.governor.waiting().div_ceil(self.most)).unwrap_or(u32::MAX);
        let retry_after = state.pace.saturating_mul(ahead);
        drop(state);
        self.shared.work.notify_one();
        if let Some(out) = out {
            // Waiting for a place would only lengthen the queue elsewhere, where nobody counts it.
            out.refuse(Error::TooMany { retry_after, reason: Bound::Hashing });
        }
        Ok(())
    }

    fn start_a_thread(&self) -> Result<()> {
        let mut started = self.started.lock().unwrap_or_else(PoisonError::into_inner);
        if *started == self.most {
            return Ok(());
        }
        let shared = self.shared.clone();
        let name = format!("rolebook-hash-{}", *started + 1);
        match std::thread::Builder::new().name(name).spawn(move || shared.work()) {
            Ok(_) => *started += 1,
            Err(error) if *started == 0 => return Err(Error::Unavailable(format!("no thread for hashing: {error}"))),
            Err(error) => tracing::warn!(%error, started = *started, "no further thread for hashing"),
        }
        Ok(())
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        self.shared.lock().ended = true;
        self.shared.work.notify_all();
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What one thread does until the pool is gone.
    fn work(&self) {
        yield_to_others(NICENESS);
        let mut memory = Memory::default();
        while let Some(job) = self.next() {
            let begun = Stopwatch::start();
            job.run(&mut memory);
            let mut state = self.lock();
            // One dear hash from elsewhere changes the estimate a little, many of them change it.
            state.pace = (state.pace * 7 + begun.elapsed()) / 8;
        }
    }

    fn next(&self) -> Option<Box<dyn Job>> {
        let mut state = self.lock();
        while !state.ended {
            if let Some(job) = state.governor.next() {
                return Some(job);
            }
            state = self.work.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        None
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]
    use super::*;
    use crate::id::EnvironmentId;
    use std::sync::mpsc;

    type Log = Arc<Mutex<Vec<usize>>>;

    /// A pool of one thread that is busy until the gate is dropped.
    async fn busy(places: usize) -> (Arc<Pool>, mpsc::Sender<()>) {
        let pool = Arc::new(Pool::new(1, places));
        let (gate, opens) = mpsc::channel::<()>();
        let (begun, begins) = oneshot::channel();
        let holding = pool.clone();
        tokio::spawn(async move {
            let hold = move |_: &mut Memory| {
                let _ = begun.send(());
                let _ = opens.recv();
                Ok(())
            };
            holding.run(Lane::command(), hold).await
        });
        begins.await.unwrap();
        (pool, gate)
    }

    /// Asks, waits until it stands in the queue or is refused, and notes its number when its turn comes.
    async fn ask(pool: &Arc<Pool>, lane: i64, number: usize, log: &Log) -> tokio::task::JoinHandle<Result<()>> {
        let (pool, log) = (pool.clone(), log.clone());
        let asked = tokio::spawn(async move {
            let note = move |_: &mut Memory| {
                log.lock().unwrap().push(number);
                Ok(())
            };
            pool.run(Lane::of_environment(EnvironmentId(lane)), note).await
        });
        tokio::task::yield_now().await;
        asked
    }

    #[tokio::test]
    async fn a_storm_in_one_lane_delays_another_by_one_job() {
        let (pool, gate) = busy(64).await;
        let log = Log::default();
        let mut storm = Vec::new();
        for number in 0..200 {
            storm.push(ask(&pool, 1, number, &log).await);
        }
        let calm = ask(&pool, 2, 1000, &log).await;
        drop(gate);
        calm.await.unwrap().unwrap();
        let mut refused = 0;
        for job in storm {
            refused += usize::from(matches!(job.await.unwrap(), Err(Error::TooMany { .. })));
        }
        assert_eq!(refused, 200 - 63, "64 places, one of which the other got");
        assert_eq!(log.lock().unwrap()[..3], [0, 1000, 1]);
    }

    #[tokio::test]
    async fn who_is_pushed_out_is_told_how_long_the_queue_is() {
        let (pool, gate) = busy(4).await;
        pool.shared.lock().pace = Duration::from_secs(2);
        let log = Log::default();
        let mut storm = Vec::new();
        for number in 0..4 {
            storm.push(ask(&pool, 1, number, &log).await);
        }
        let calm = ask(&pool, 2, 1000, &log).await;
        match storm.pop().unwrap().await.unwrap() {
            Err(Error::TooMany { retry_after, .. }) => assert_eq!(retry_after, Duration::from_secs(8)),
            other => panic!("{other:?}"),
        }
        drop(gate);
        calm.await.unwrap().unwrap();
    }

    #[tokio::test]
    async fn a_job_that_nobody_waits_for_is_skipped() {
        let (pool, gate) = busy(4).await;
        let log = Log::default();
        let gone = ask(&pool, 1, 0, &log).await;
        let stays = ask(&pool, 1, 1, &log).await;
        gone.abort();
        assert!(gone.await.unwrap_err().is_cancelled());
        drop(gate);
        stays.await.unwrap().unwrap();
        assert_eq!(*log.lock().unwrap(), [1]);
    }

    #[tokio::test]
    async fn a_thread_outlives_what_panics() {
        let pool = Pool::new(1, 4);
        let broken = pool.run(Lane::command(), |_: &mut Memory| -> Result<()> { panic!("on purpose") }).await;
        assert!(matches!(broken, Err(Error::Internal(_))));
        assert_eq!(pool.run(Lane::command(), |_: &mut Memory| Ok(7)).await.unwrap(), 7);
    }

    #[tokio::test]
    async fn the_threads_end_with_the_pool() {
        let pool = Pool::new(2, 4);
        for _ in 0..2 {
            pool.run(Lane::command(), |_: &mut Memory| Ok(())).await.unwrap();
        }
        let shared = Arc::downgrade(&pool.shared);
        drop(pool);
        while shared.strong_count() > 0 {
            std::thread::yield_now();
        }
    }
}
