//! Load from our own client: as fast as answers come (a closed loop), or at a given rate whatever comes (an open loop).
//! Knows nothing of what is sent.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::bail;
use tokio::task::JoinSet;

use crate::http::{Answer, Connection, Target};

/// How long a refused caller waits before it comes again.
const BACK_OFF: Duration = Duration::from_millis(50);

/// How often it comes before it gives up: half a minute long.
const TRIES: usize = 600;

/// When a closed loop ends.
#[derive(Clone)]
pub(crate) enum Until {
    /// After this time.
    Time(Duration),
    /// When so many requests were sent.
    Count(u64),
    /// When somebody says so, and when the minute is over in any case.
    Told(Arc<AtomicBool>),
}

/// What a load counted.
#[derive(Clone, Debug, Default)]
pub(crate) struct Counted {
    /// Answered as expected.
    pub(crate) done: u64,
    /// Told to come later (429, 503): neither done nor wrong.
    pub(crate) refused: u64,
    pub(crate) took: Duration,
    /// Of each that was done, in microseconds, in order.
    latencies: Vec<u32>,
}

impl Counted {
    pub(crate) fn per_second(&self) -> f64 {
        self.done as f64 / self.took.as_secs_f64()
    }

    /// The latency that so many of a thousand stay within, in milliseconds.
    pub(crate) fn permille(&self, of_thousand: usize) -> f64 {
        let last = self.latencies.len().saturating_sub(1);
        let at = (self.latencies.len() * of_thousand / 1000).min(last);
        self.latencies.get(at).map_or(0.0, |latency| f64::from(*latency) / 1000.0)
    }

    fn add(&mut self, other: Counted) {
        self.done += other.done;
        self.refused += other.refused;
        self.latencies.extend(other.latencies);
    }
}

/// Makes the n-th request of the whole run: no two are the same.
type Request = Box<dyn Fn(&Target, u64) -> String + Send + Sync>;
/// Looks at the answer to the n-th.
type Answered = Box<dyn Fn(u64, &Answer<'_>) + Send + Sync>;

/// What is sent, and what is done with the answer.
pub(crate) struct Call {
    pub(crate) request: Request,
    /// The status of success.
    pub(crate) expected: u16,
    pub(crate) answered: Option<Answered>,
}

/// A load in which each of `connections` sends its next request when it has its answer. Numbers count on in `next`.
pub(crate) async fn closed(
    target: &Target,
    connections: usize,
    until: Until,
    next: &Arc<AtomicU64>,
    call: &Arc<Call>,
) -> anyhow::Result<Counted> {
    let begun = Instant::now();
    let end = match &until {
        Until::Count(count) => next.load(Ordering::Relaxed) + count,
        Until::Time(_) | Until::Told(_) => u64::MAX,
    };
    let mut callers = JoinSet::new();
    for _ in 0..connections {
        let (target, until, next, call) = (target.clone(), until.clone(), next.clone(), call.clone());
        callers.spawn(async move {
            let mut connection = Connection::open(target.address).await?;
            let mut counted = Counted::default();
            while !over(&until, begun) {
                let number = next.fetch_add(1, Ordering::Relaxed);
                if number >= end {
                    break;
                }
                let request = (call.request)(&target, number);
                repeat(&mut connection, &request, number, &call, &mut counted).await?;
            }
            anyhow::Ok(counted)
        });
    }
    let mut all = Counted::default();
    while let Some(counted) = callers.join_next().await {
        all.add(counted??);
    }
    all.took = begun.elapsed();
    all.latencies.sort_unstable();
    Ok(all)
}

fn over(until: &Until, begun: Instant) -> bool {
    match until {
        Until::Time(time) => begun.elapsed() >= *time,
        Until::Count(_) => false,
        Until::Told(told) => told.load(Ordering::Relaxed) || begun.elapsed() > Duration::from_secs(60),
    }
}

/// Sends one request until it is taken.
async fn repeat(
    connection: &mut Connection,
    request: &str,
    number: u64,
    call: &Call,
    counted: &mut Counted,
) -> anyhow::Result<()> {
    for _ in 0..TRIES {
        let sent = Instant::now();
        let answer = connection.send(request).await?;
        if answer.status == call.expected {
            counted.done += 1;
            counted.latencies.push(microseconds(sent.elapsed()));
            if let Some(answered) = &call.answered {
                answered(number, &answer);
            }
            return Ok(());
        }
        if !matches!(answer.status, 429 | 503) {
            let line = request.lines().next().unwrap_or_default();
            bail!("{line} was answered {}: {}", answer.status, answer.text());
        }
        counted.refused += 1;
        tokio::time::sleep(BACK_OFF).await;
    }
    bail!("the server takes no more requests");
}

/// A load at a fixed rate for a time. Latency counts from the moment when a request was due, so that one slow answer
/// does not hide those that should have been asked meanwhile. `connections` bounds how many wait at once.
///
/// On a thread and runtime of its own: what else this process does must not delay it. Up to a millisecond of what it
/// measures is the timer's own.
pub(crate) async fn open(
    target: Target,
    connections: usize,
    per_second: u64,
    time: Duration,
    call: Arc<Call>,
) -> anyhow::Result<Counted> {
    let (answer, answered) = tokio::sync::oneshot::channel();
    std::thread::Builder::new().name("open-loop".to_owned()).spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let counted = runtime
            .map_err(anyhow::Error::from)
            .and_then(|runtime| runtime.block_on(paced(&target, connections, per_second, time, &call)));
        // Nobody listens only if the run has failed elsewhere.
        let _ = answer.send(counted);
    })?;
    answered.await?
}

async fn paced(
    target: &Target,
    connections: usize,
    per_second: u64,
    time: Duration,
    call: &Arc<Call>,
) -> anyhow::Result<Counted> {
    let mut open = Vec::with_capacity(connections);
    for _ in 0..connections {
        open.push(Connection::open(target.address).await?);
    }
    let next = Arc::new(AtomicU64::new(0));
    let total = (time.as_secs_f64() * per_second as f64) as u64;
    let begun = Instant::now();
    let mut callers = JoinSet::new();
    for mut connection in open {
        let (target, next, call) = (target.clone(), next.clone(), call.clone());
        callers.spawn(async move {
            let mut counted = Counted::default();
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                if number >= total {
                    return anyhow::Ok(counted);
                }
                let due = begun + Duration::from_nanos(number * 1_000_000_000 / per_second);
                let request = (call.request)(&target, number);
                tokio::time::sleep_until(due.into()).await;
                let answer = connection.send(&request).await?;
                if answer.status != call.expected {
                    bail!("a read was answered {}: {}", answer.status, answer.text());
                }
                counted.done += 1;
                counted.latencies.push(microseconds(due.elapsed()));
            }
        });
    }
    let mut all = Counted::default();
    while let Some(counted) = callers.join_next().await {
        all.add(counted??);
    }
    all.took = begun.elapsed();
    all.latencies.sort_unstable();
    Ok(all)
}

fn microseconds(time: Duration) -> u32 {
    u32::try_from(time.as_micros()).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_those_of_the_sorted_latencies() {
        let counted = Counted { latencies: (1..=1000).map(|n| n * 1000).collect(), ..Counted::default() };
        assert_eq!((counted.permille(500), counted.permille(990), counted.permille(1000)), (501.0, 991.0, 1000.0));
        assert_eq!(Counted::default().permille(990), 0.0);
    }
}
