//! A few named threads behind one bounded queue, each with something of its own (a connection) that it hands to the
//! jobs. Knows nothing of databases. A full queue refuses at once: nothing waits for a place.

use crate::error::{Error, Result};
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use tokio::sync::oneshot;

/// A job with the way to answer it inside.
type Job<C> = Box<dyn FnOnce(&mut C) + Send>;

/// The queue and its threads; they end when the last handle is dropped.
pub(super) struct Threads<C: 'static> {
    queue: mpsc::SyncSender<Job<C>>,
}

impl<C: 'static> Threads<C> {
    /// Starts `count` threads; each makes its own `C` by `make` on its own thread.
    pub(super) fn start(
        name: &str,
        count: usize,
        waiting: usize,
        make: impl Fn() -> C + Send + Sync + 'static,
    ) -> Result<Threads<C>> {
        let (queue, jobs) = mpsc::sync_channel::<Job<C>>(waiting);
        let jobs = Arc::new(Mutex::new(jobs));
        let make = Arc::new(make);
        for n in 1..=count {
            let (jobs, make) = (jobs.clone(), make.clone());
            std::thread::Builder::new()
                .name(format!("{name}-{n}"))
                .spawn(move || {
                    let mut own = make();
                    loop {
                        // The lock is held while waiting: exactly one idle thread waits for the next job.
                        let job = jobs.lock().unwrap_or_else(PoisonError::into_inner).recv();
                        match job {
                            Ok(job) => job(&mut own),
                            Err(_) => return,
                        }
                    }
                })
                .map_err(|e| Error::Unavailable(format!("cannot start a thread: {e}")))?;
        }
        Ok(Threads { queue })
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
        self.queue.try_send(job).map_err(|refused| match refused {
            mpsc::TrySendError::Full(_) => Error::Unavailable("too many calls wait for the database".to_owned()),
            mpsc::TrySendError::Disconnected(_) => super::stopped(),
        })?;
        answered.await.map_err(|_| super::stopped())?
    }
}
