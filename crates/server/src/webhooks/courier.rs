//! The task that delivers: it takes webhooks that have something to tell, a lane for each, and says in each lane one window of
//! deliveries after the other. A receiver that is slow or dead holds its own lane and few calls, and nobody else. No
//! transaction is open meanwhile.

use super::client::{Client, Connection, Target};
use super::message::Message;
use super::reach::Reach;
use directory::Directory;
use directory::id::WebhookId;
use directory::webhooks::{Job, Outcome, Settled, TIRED, Window};
use std::collections::{HashMap, VecDeque};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::Semaphore;
use tokio::task::{Id, JoinSet};
use tokio::time::{Instant, MissedTickBehavior, interval, sleep};
use uuid::Uuid;

/// Webhooks that are delivered to at once.
const LANES: usize = 64;
/// Calls at once, of all lanes; and of one.
const CALLS: usize = 256;
const CALLS_OF_LANE: usize = 8;
/// How long a window may take until no further call is begun in it: what is left comes with the next.
const WINDOW: Duration = Duration::from_secs(30);
/// How often to look what there is to tell. Events take up to a second to have their place in the audit trail.
const LOOK: Duration = Duration::from_millis(250);
/// How often to say that what was taken is still ours.
const KEEP: Duration = Duration::from_secs(5);

/// What is needed to deliver.
pub(crate) struct Courier {
    client: Client,
    calls: Semaphore,
}

/// Delivers until the runtime ends.
pub(crate) async fn deliver(directory: Directory, courier: Arc<Courier>) {
    let effects = directory.effects();
    let node = match effects.randomness.uuid_v7(effects.clock.now()) {
        Ok(node) => node,
        Err(error) => return tracing::error!(%error, "webhooks are not delivered"),
    };
    let mut lanes = JoinSet::new();
    let mut taken: HashMap<Id, WebhookId> = HashMap::new();
    let mut keep = interval(KEEP);
    keep.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        let free = LANES.saturating_sub(lanes.len());
        if free > 0 {
            match directory.take_webhooks(node, free).await {
                Ok(found) => {
                    for id in found {
                        let lane = lane(directory.clone(), courier.clone(), node, id);
                        taken.insert(lanes.spawn(lane).id(), id);
                    }
                }
                Err(error) => {
                    tracing::warn!(%error, "what webhooks have to tell cannot be read; the next look tries again")
                }
            }
        }
        tokio::select! {
            Some(ended) = lanes.join_next_with_id() => {
                taken.remove(&ended.map_or_else(|error| error.id(), |(id, ())| id));
            }
            _ = keep.tick() => {
                let kept: Vec<WebhookId> = taken.values().copied().collect();
                if let Err(error) = directory.keep_webhooks(node, kept).await {
                    tracing::warn!(%error, "webhooks may be delivered by another node too");
                }
            }
            () = sleep(LOOK) => {}
        }
    }
}

/// All that a webhook is to be told at present.
async fn lane(directory: Directory, courier: Arc<Courier>, node: Uuid, id: WebhookId) {
    let mut connections = Vec::new();
    loop {
        let window = match directory.next_deliveries(node, id).await {
            Ok(Some(window)) => window,
            Ok(None) => return,
            Err(error) => return tracing::warn!(webhook = %id, %error, "what a webhook is to be told cannot be read"),
        };
        let (settled, open) = courier.say(&directory, window, connections).await;
        connections = open;
        if let Err(error) = directory.settle_deliveries(node, id, settled).await {
            return tracing::warn!(webhook = %id, %error, "what became of deliveries cannot be noted; they come again");
        }
    }
}

/// A window while it is said.
struct Saying {
    window: Window,
    target: Option<Target>,
    /// What is about the same stands in one row, and is said in its order.
    rows: Mutex<VecDeque<Vec<Job>>>,
    connections: Mutex<Vec<Connection>>,
    settled: Mutex<Vec<Settled>>,
    failures: AtomicI64,
    until: Instant,
}

impl Courier {
    /// `reach`: which addresses may be called.
    pub(crate) fn new(reach: Reach) -> Courier {
        Courier { client: Client::new(reach), calls: Semaphore::new(CALLS) }
    }

    /// Says as much of a window as goes well, or eight times not; how each ended, and connections that are open still.
    async fn say(
        self: &Arc<Self>,
        directory: &Directory,
        mut window: Window,
        connections: Vec<Connection>,
    ) -> (Vec<Settled>, Vec<Connection>) {
        let rows = rows(std::mem::take(&mut window.jobs));
        let saying = Arc::new(Saying {
            target: Target::of(&window.webhook.url),
            window,
            rows: Mutex::new(rows),
            connections: Mutex::new(connections),
            settled: Mutex::default(),
            failures: AtomicI64::new(0),
            until: Instant::now() + WINDOW,
        });
        let mut calls = JoinSet::new();
        for _ in 0..CALLS_OF_LANE {
            calls.spawn(self.clone().say_rows(directory.clone(), saying.clone()));
        }
        while calls.join_next().await.is_some() {}
        (std::mem::take(&mut *lock(&saying.settled)), std::mem::take(&mut *lock(&saying.connections)))
    }

    async fn say_rows(self: Arc<Self>, directory: Directory, saying: Arc<Saying>) {
        loop {
            let Some(row) = lock(&saying.rows).pop_front() else { return };
            for job in row {
                if saying.failures.load(Ordering::SeqCst) >= TIRED || Instant::now() >= saying.until {
                    return;
                }
                let outcome = self.say_one(&directory, &saying, &job).await;
                match outcome.trouble.is_empty() {
                    true => saying.failures.store(0, Ordering::SeqCst),
                    false => drop(saying.failures.fetch_add(1, Ordering::SeqCst)),
                }
                lock(&saying.settled).push(Settled { number: job.number, outcome });
            }
        }
    }

    async fn say_one(&self, directory: &Directory, saying: &Saying, job: &Job) -> Outcome {
        let Some(target) = &saying.target else {
            return Outcome { status: None, trouble: "the address is none".to_owned() };
        };
        // Never closed.
        let _place = self.calls.acquire().await;
        let now = directory.effects().clock.now();
        let message = Message::new(&saying.window, job, directory.revision(), now);
        let open = lock(&saying.connections).pop();
        let (outcome, open) = self.client.call(target, open, &message).await;
        lock(&saying.connections).extend(open);
        // Not the address, which may be telling: the log of deliveries has the rest.
        tracing::debug!(webhook = %saying.window.webhook.id, number = job.number, status = outcome.status, "a delivery was tried");
        outcome
    }
}

/// Rows of what is about the same, in order of their firsts.
fn rows(jobs: Vec<Job>) -> VecDeque<Vec<Job>> {
    let mut rows: VecDeque<Vec<Job>> = VecDeque::new();
    let mut places: HashMap<String, usize> = HashMap::new();
    for job in jobs {
        let subject = job.event.as_ref().map(|event| event.subject.clone());
        let place = subject.map(|subject| *places.entry(subject).or_insert(rows.len()));
        match place.and_then(|place| rows.get_mut(place)) {
            Some(row) => row.push(job),
            None => rows.push_back(vec![job]),
        }
    }
    rows
}

fn lock<T>(of: &Mutex<T>) -> MutexGuard<'_, T> {
    // Nothing panics while it holds one; and what is behind it is whole at every moment.
    of.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
