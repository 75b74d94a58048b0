//! Whether anybody besides us writes to the server, so that what is remembered may last. Every transaction that writes gets
//! a number from the server, and we know those of our own: numbers that are not among them are others'. Others may be
//! another node, a command, another application's database on the same server: which, is not told apart.

use super::connect;
use crate::clock::Time;
use crate::error::Result;
use crate::store::Around;
use std::collections::{BTreeMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::time::Duration;

/// How often to look: what is remembered lasts without it for a good deal longer.
const LOOK: Duration = Duration::from_millis(250);
const LOOKING: &str = concat!("SELECT CAST(pg_current_snapshot() AS TEXT), (", super::session::clock!(), ")");
/// Numbers between two looks that are kept apart; more are surely not all ours.
const MOST: u64 = 100_000;

/// The numbers of our own transactions that have ended since they were last looked at.
#[derive(Clone, Default)]
pub(super) struct Own(Arc<Mutex<HashSet<u64>>>);

impl Own {
    /// One of ours has ended.
    pub(super) fn ended(&self, transaction: u64) {
        let mut own = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // Nobody has looked for long, perhaps because nobody can: those that are forgotten pass for others', which is safe.
        if own.len() as u64 >= MOST {
            own.clear();
        }
        own.insert(transaction);
    }
}

/// What the server says of its transactions.
struct Snapshot {
    /// The first number that is not given out yet.
    next: u64,
    running: Vec<u64>,
}

impl Snapshot {
    /// As `pg_current_snapshot` spells it: `xmin:xmax:running,…`.
    fn parse(text: &str) -> Option<Snapshot> {
        let mut parts = text.split(':').skip(1);
        let next = parts.next()?.parse().ok()?;
        let running = parts.next()?.split(',').filter_map(|number| number.parse().ok()).collect();
        Some(Snapshot { next, running })
    }
}

/// What was seen so far.
struct Watch {
    /// Numbers below this were seen.
    seen: u64,
    looked: Time,
    since: Time,
    /// Those that may be ours or not, with the time at which they did not exist yet.
    unclear: BTreeMap<u64, Unclear>,
}

struct Unclear {
    not_before: Time,
    ended: bool,
}

impl Watch {
    fn begin(snapshot: &Snapshot, at: Time) -> Watch {
        // Who runs already is nobody of ours.
        let others = snapshot.running.iter().map(|number| (*number, Unclear { not_before: at, ended: false }));
        Watch { seen: snapshot.next, looked: at, since: at, unclear: others.collect() }
    }

    /// From when until when nobody else wrote.
    fn look(&mut self, snapshot: &Snapshot, at: Time, own: &mut HashSet<u64>) -> (Time, Time) {
        if snapshot.next.saturating_sub(self.seen) > MOST {
            own.clear();
            *self = Watch::begin(snapshot, at);
            return (at, at);
        }
        for number in self.seen..snapshot.next {
            self.unclear.insert(number, Unclear { not_before: self.looked, ended: false });
        }
        self.seen = snapshot.next.max(self.seen);
        self.looked = at;
        let since = &mut self.since;
        self.unclear.retain(|number, unclear| {
            if own.remove(number) {
                return false;
            }
            if snapshot.running.contains(number) {
                return true;
            }
            // We may be about to hear that it was ours.
            let others = std::mem::replace(&mut unclear.ended, true);
            if others {
                *since = at;
            }
            !others
        });
        (self.since, self.unclear.values().map(|unclear| unclear.not_before).min().unwrap_or(at))
    }
}

/// Starts looking, until the sender is dropped. Without it, what is remembered lasts less long.
pub(super) fn start(config: postgres::Config, around: Around, own: Own) -> Result<mpsc::SyncSender<()>> {
    let (alive, end) = mpsc::sync_channel(0);
    let watch = move || {
        let mut open = None;
        while end.recv_timeout(LOOK) == Err(mpsc::RecvTimeoutError::Timeout) {
            if let Err(error) = look(&config, &around, &own, &mut open) {
                tracing::debug!(%error, "cannot see whether others write; the next look tries again");
                open = None;
            }
        }
    };
    std::thread::Builder::new()
        .name("rolebook-pg-watch".to_owned())
        .spawn(watch)
        .map_err(|e| crate::Error::Unavailable(format!("cannot start a thread: {e}")))?;
    Ok(alive)
}

fn look(
    config: &postgres::Config,
    around: &Around,
    own: &Own,
    open: &mut Option<(postgres::Client, Option<Watch>)>,
) -> Result<()> {
    let (client, watch) = match open {
        Some(open) => open,
        None => open.insert((connect(config)?, None)),
    };
    // The time first: what is written while we look is not seen.
    let at = around.effects.clock.now();
    let row = client.query_one(LOOKING, &[]).map_err(|e| super::unavailable(&e))?;
    around.memory.revision(row.get(1));
    let Some(snapshot) = Snapshot::parse(row.get(0)) else { return Ok(()) };
    let mut own = own.0.lock().unwrap_or_else(PoisonError::into_inner);
    match watch {
        Some(watch) => {
            let (since, until) = watch.look(&snapshot, at, &mut own);
            around.memory.alone(since, until);
        }
        None => {
            own.clear();
            *watch = Some(Watch::begin(&snapshot, at));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Time {
        Time::from_micros(seconds * 1_000_000)
    }

    fn snapshot(text: &str) -> Snapshot {
        Snapshot::parse(text).unwrap()
    }

    #[test]
    fn while_only_we_write_we_are_alone() {
        let mut own = HashSet::new();
        let mut watch = Watch::begin(&snapshot("10:10:"), at(1));
        assert_eq!(watch.look(&snapshot("10:10:"), at(2), &mut own), (at(1), at(2)));
        own.extend([10, 11]);
        // 12 runs: it may be ours or not.
        assert_eq!(watch.look(&snapshot("12:13:12"), at(3), &mut own), (at(1), at(2)));
        assert_eq!(watch.look(&snapshot("13:13:"), at(4), &mut own), (at(1), at(2)));
        own.insert(12);
        assert_eq!(watch.look(&snapshot("13:13:"), at(5), &mut own), (at(1), at(5)));
        assert!(own.is_empty());
    }

    #[test]
    fn what_others_wrote_ends_the_time_alone() {
        let mut own = HashSet::new();
        let mut watch = Watch::begin(&snapshot("10:10:"), at(1));
        assert_eq!(watch.look(&snapshot("10:11:10"), at(2), &mut own), (at(1), at(1)));
        assert_eq!(watch.look(&snapshot("10:11:10"), at(3), &mut own), (at(1), at(1)));
        assert_eq!(watch.look(&snapshot("11:11:"), at(4), &mut own), (at(1), at(1)));
        assert_eq!(watch.look(&snapshot("11:11:"), at(5), &mut own), (at(5), at(5)));
        assert_eq!(watch.look(&snapshot("11:11:"), at(6), &mut own), (at(5), at(6)));
    }

    #[test]
    fn who_ran_before_we_looked_is_another() {
        let mut own = HashSet::new();
        let mut watch = Watch::begin(&snapshot("9:11:9"), at(1));
        assert_eq!(watch.look(&snapshot("9:11:9"), at(2), &mut own), (at(1), at(1)));
        assert_eq!(watch.look(&snapshot("11:11:"), at(3), &mut own), (at(1), at(1)));
        assert_eq!(watch.look(&snapshot("11:11:"), at(4), &mut own), (at(4), at(4)));
    }

    #[test]
    fn what_nobody_looks_at_does_not_pile_up() {
        let own = Own::default();
        (0..3 * MOST).for_each(|number| own.ended(number));
        assert!(own.0.lock().unwrap().len() as u64 <= MOST);
    }

    #[test]
    fn more_numbers_than_we_could_have_used_are_others() {
        let mut own = HashSet::from([1]);
        let mut watch = Watch::begin(&snapshot("10:10:"), at(1));
        assert_eq!(watch.look(&snapshot("200000:200000:"), at(2), &mut own), (at(2), at(2)));
    }
}
