//! A few named threads behind one bounded queue, each with something of its own (a connection) that it hands to the
//! jobs; started when they are first needed, since each costs memory. Knows nothing of databases. A full queue refuses at
//! once: nothing waits for a place.

use crate::error::{Error, Result};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use tokio::sync::oneshot;

/// A job with the way to answer it inside.
type Job<C> = Box<dyn FnOnce(&mut C) + Send>;

/// The queue and its threads; they end when the last handle is dropped.
pub(super) struct Threads<C: 'static> {
    queue: mpsc::SyncSender<Job<C>>,
    shared: Arc<Shared<C>>,
}

struct Shared<C> {
    name: String,
    most: usize,
    make: Box<dyn Fn() -> C + Send + Sync>,
    jobs: Mutex<mpsc::Receiver<Job<C>>>,
    started: AtomicUsize,
    /// Threads without a job, less the jobs that wait for one.
    idle: Mutex<isize>,
}

impl<C: 'static> Threads<C> {
    /// At most this many threads; each makes its own `C` by `make` on its own thread.
    pub(super) fn new(
        name: &str,
        most: usize,
        waiting: usize,
        make: impl Fn() -> C + Send + Sync + 'static,
    ) -> Threads<C> {
        let (queue, jobs) = mpsc::sync_channel::<Job<C>>(waiting);
        let shared = Shared {
            name: name.to_owned(),
            most,
            make: Box::new(make),
            jobs: Mutex::new(jobs),
            started: AtomicUsize::new(0),
            idle: Mutex::new(0),
        };
        Threads { queue, shared: Arc::new(shared) }
    }

    /// Runs `job` on one of the threads.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut C) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let (answer, answered) = oneshot::channel();
        let job: Job<C> = Box::new(move |own| {
            // Nobody listens any more: the caller went away while the job waited.
            if !answer.is_closed() {
                answer.send(job(own)).ok();
            }
        });
        if self.shared.count(-1) < 0 {
            self.start_another()?;
        }
        self.queue.try_send(job).map_err(|refused| {
            self.shared.count(1);
            match refused {
                mpsc::TrySendError::Full(_) => Error::Unavailable("too many calls wait for the database".to_owned()),
                mpsc::TrySendError::Disconnected(_) => super::stopped(),
            }
        })?;
        answered.await.map_err(|_| super::stopped())?
    }

    /// Starts one more thread, if there may be one more.
    fn start_another(&self) -> Result<()> {
        let one_more = |started: usize| (started < self.shared.most).then_some(started + 1);
        let Ok(before) = self.shared.started.fetch_update(Ordering::SeqCst, Ordering::SeqCst, one_more) else {
            return Ok(());
        };
        let shared = self.shared.clone();
        let thread = std::thread::Builder::new().name(format!("{}-{}", shared.name, before + 1));
        match thread.spawn(move || shared.serve()) {
            Ok(_) => Ok(()),
            // The others will do it.
            Err(_) if before > 0 => Ok(()),
            Err(e) => {
                self.shared.started.fetch_sub(1, Ordering::SeqCst);
                self.shared.count(1);
                Err(Error::Unavailable(format!("cannot start a thread: {e}")))
            }
        }
    }
}

impl<C> Shared<C> {
    /// Counts idle threads up or down; what it is then.
    fn count(&self, change: isize) -> isize {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        *idle += change;
        *idle
    }

    fn serve(&self) {
        let mut own = (self.make)();
        loop {
            self.count(1);
            // The lock is held while waiting: exactly one idle thread waits for the next job.
            let job = self.jobs.lock().unwrap_or_else(PoisonError::into_inner).recv();
            match job {
                Ok(job) => job(&mut own),
                Err(_) => return,
            }
        }
    }
}
