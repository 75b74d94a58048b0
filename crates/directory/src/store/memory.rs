//! What is remembered between transactions, so that the hot path need not ask the database who a bearer is, what its
//! groups confer and what a user looks like; and how a memory is known to be true.
//!
//! Every statement that writes says what it may have changed: a [`Mark`]. Marks fall on a fixed number of counters, which
//! are raised when the statement runs and again when it is durable, before its caller is answered. A memory carries the
//! sum of its marks' counters from before it was read; any other sum now, and it is forgotten. So a change counts for
//! the very next call. What another process or node changed cannot be seen this way: a memory is believed for at most
//! [`LONGEST`] after it was read, or after the engine last made sure that nobody else had written.

use crate::actor::{CallerKey, Known};
use crate::clock::Time;
use crate::id::{EnvironmentId, UserId};
use crate::roles::Roles;
use crate::secret::TokenHash;
use crate::sessions::Seen;
use crate::store::packed::Packed;
use quick_cache::Weighter;
use quick_cache::sync::Cache;
use std::collections::HashSet;
use std::hash::{BuildHasher, Hash, RandomState};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::Duration;

/// The longest that a memory is believed: revocations take effect on every node within a second.
pub(super) const LONGEST: Duration = Duration::from_millis(900);

/// By how many microseconds a clock goes back at most that is only adjusted: a minute.
const SET_RIGHT: i64 = 60_000_000;

/// Counters (512 KB). Two things on one counter forget each other's memories needlessly, which is harmless.
const COUNTERS: usize = 1 << 16;

/// Bytes of users that are remembered, with what each costs beside its row.
const USERS: u64 = 64 << 20;
/// Callers and bearers that are remembered, of a few hundred bytes each. Whoever acts in several environments is a caller in
/// each.
const CALLERS: u64 = 50_000;
/// Bytes of roles that are remembered: those of some 20,000 small environments.
const ROLES: u64 = 64 << 20;
/// Bytes of what roles were: auditors ask now and then, and of few times.
const PAST_ROLES: u64 = 8 << 20;
/// What a remembered user costs beside its row: key, places in the cache, counts, and what the allocator rounds up.
const BESIDE: u64 = 250;

/// What a write may have changed of the things that are remembered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Mark {
    /// Nothing: what it writes is remembered nowhere.
    Nothing,
    /// Anything.
    Everything,
    /// An environment itself, its groups, permissions and menus.
    Environment(EnvironmentId),
    /// A user there: its columns, groups and menus.
    User(EnvironmentId, UserId),
    /// An account, its sessions and tokens.
    Account(UserId),
}

/// What an open transaction, or a group of them, may have changed so far.
#[derive(Default)]
pub(super) struct Touched {
    everything: bool,
    counters: HashSet<u16>,
}

impl Touched {
    fn any_of(&self, counters: &[u16]) -> bool {
        self.everything || counters.iter().any(|counter| self.counters.contains(counter))
    }
}

/// The counters, shared by all of a store's threads.
pub(super) struct Memory {
    everything: AtomicU64,
    counters: Box<[AtomicU64]>,
    published: AtomicU64,
    /// The latest revision that was given out, or seen.
    revision: AtomicI64,
    /// The latest time of a transaction that wrote, in microseconds.
    moment: AtomicI64,
    /// From when until when it is certain that nobody else wrote, in microseconds.
    alone_since: AtomicI64,
    alone_until: AtomicI64,
    hashing: RandomState,
}

impl Memory {
    pub(super) fn new() -> Memory {
        Memory {
            everything: AtomicU64::new(0),
            counters: (0..COUNTERS).map(|_| AtomicU64::new(0)).collect(),
            published: AtomicU64::new(0),
            revision: AtomicI64::new(0),
            moment: AtomicI64::new(i64::MIN),
            alone_since: AtomicI64::new(i64::MAX),
            alone_until: AtomicI64::new(i64::MIN),
            hashing: RandomState::new(),
        }
    }

    fn counter(&self, mark: Mark) -> u16 {
        self.hashing.hash_one(mark) as u16
    }

    fn raise(&self, counter: u16) {
        if let Some(counter) = self.counters.get(usize::from(counter)) {
            counter.fetch_add(1, Ordering::SeqCst);
        }
    }

    /// A write is about to change this: from now on, what is remembered of it is doubtful.
    pub(super) fn doubt(&self, mark: Mark, touched: &mut Touched) {
        match mark {
            Mark::Nothing => {}
            Mark::Everything => {
                touched.everything = true;
                self.everything.fetch_add(1, Ordering::SeqCst);
            }
            mark => {
                let counter = self.counter(mark);
                touched.counters.insert(counter);
                self.raise(counter);
            }
        }
    }

    /// Writes are durable: what was read of these before is old. Called before any of their callers is answered.
    pub(super) fn publish(&self, touched: &Touched) {
        if !touched.everything && touched.counters.is_empty() {
            return;
        }
        // The number first: whoever then sums up a raised counter also sees that something was published.
        self.published.fetch_add(1, Ordering::SeqCst);
        if touched.everything {
            self.everything.fetch_add(1, Ordering::SeqCst);
        }
        for counter in &touched.counters {
            self.raise(*counter);
        }
    }

    /// Believes nothing any more of what was remembered until now.
    pub(super) fn forget(&self) {
        self.publish(&Touched { everything: true, counters: HashSet::new() });
    }

    /// The latest revision, which is this one at least.
    pub(super) fn revision(&self, at_least: i64) -> i64 {
        self.revision.fetch_max(at_least, Ordering::SeqCst).max(at_least)
    }

    /// The time of a transaction that writes: what is written later has no earlier time, though the clock go back, or the
    /// past would not be told in order. A clock that goes back by more than [`SET_RIGHT`] was wrong before, and is believed.
    pub(super) fn moment(&self, now: Time) -> Time {
        let now = now.as_micros();
        let later = |last: i64| {
            let wrong = last.saturating_sub(now) > SET_RIGHT;
            Some(if wrong { now } else { now.max(last) })
        };
        let last = self.moment.fetch_update(Ordering::SeqCst, Ordering::SeqCst, later).unwrap_or(now);
        Time::from_micros(later(last).unwrap_or(now))
    }

    /// The engine looked: nobody besides this store wrote between these times.
    pub(super) fn alone(&self, since: Time, until: Time) {
        // In this order, and read in the other: nobody sees a new end with an old beginning.
        self.alone_since.store(since.as_micros(), Ordering::SeqCst);
        self.alone_until.store(until.as_micros(), Ordering::SeqCst);
    }

    /// How often something was published: a transaction that began at the same number saw all of it.
    pub(super) fn published(&self) -> u64 {
        self.published.load(Ordering::SeqCst)
    }

    /// The sum of these counters. They only grow, so two equal sums mean that none has.
    fn sum(&self, counters: &[u16]) -> u64 {
        let sum = |sum: u64, counter: &u16| {
            let counter = self.counters.get(usize::from(*counter));
            sum.wrapping_add(counter.map_or(0, |counter| counter.load(Ordering::SeqCst)))
        };
        counters.iter().fold(self.everything.load(Ordering::SeqCst), sum)
    }

    /// Whether what was true then can have been changed by nobody but ourselves until now. A clock that went back makes
    /// a memory old rather than young.
    fn unseen_by_others(&self, then: Time, now: Time) -> bool {
        let recent = |then: Time| now >= then && now.since(then) < LONGEST;
        let alone = || {
            let until = Time::from_micros(self.alone_until.load(Ordering::SeqCst));
            recent(until) && then.as_micros() >= self.alone_since.load(Ordering::SeqCst)
        };
        recent(then) || alone()
    }
}

/// All that is remembered.
pub(crate) struct Memories {
    /// Who shows a bearer, and what it may do where.
    pub(crate) callers: Remembered<CallerKey, Arc<Known>>,
    /// Whose a bearer is, wherever it acts, and when it ends.
    pub(crate) bearers: Remembered<TokenHash, (UserId, Time)>,
    /// What an environment's groups confer.
    pub(crate) roles: Remembered<EnvironmentId, Arc<Roles>>,
    /// What they conferred, as of a time at which that had changed.
    pub(crate) past_roles: Remembered<(EnvironmentId, Time), Arc<Roles>>,
    /// Users as the database gave them.
    pub(crate) users: Remembered<(EnvironmentId, UserId), Packed>,
    /// Who called, and is not written down yet.
    pub(crate) seen: Seen,
}

impl Memories {
    pub(super) fn new() -> Memories {
        Memories {
            callers: Remembered::new(10_000, CALLERS, |_| 1),
            bearers: Remembered::new(10_000, CALLERS, |_| 1),
            roles: Remembered::new(10_000, ROLES, |roles| roles.size()),
            past_roles: Remembered::new(1_000, PAST_ROLES, |roles| roles.size()),
            users: Remembered::new(USERS as usize / 600, USERS, |row| BESIDE + row.len() as u64),
            seen: Seen::default(),
        }
    }
}

/// Values of one kind, remembered under a key while they are true: small ones, or handles on what is large.
pub(crate) struct Remembered<K, V> {
    cache: Cache<K, Entry<V>, Weigh<V>>,
}

#[derive(Clone)]
struct Entry<V> {
    value: V,
    counters: [u16; 3],
    sum: u64,
    since: Time,
}

#[derive(Clone)]
struct Weigh<V>(fn(&V) -> u64);

impl<K, V: Clone> Weighter<K, Entry<V>> for Weigh<V> {
    fn weight(&self, _: &K, entry: &Entry<V>) -> u64 {
        (self.0)(&entry.value)
    }
}

impl<K: Eq + Hash, V: Clone> Remembered<K, V> {
    /// Room for things that weigh this much together; some `items` of them.
    fn new(items: usize, room: u64, weight: fn(&V) -> u64) -> Remembered<K, V> {
        Remembered { cache: Cache::with_weighter(items, room, Weigh(weight)) }
    }

    /// The value, if it is certainly still true, also for a transaction that has touched these things.
    pub(super) fn get(&self, memory: &Memory, key: &K, now: Time, touched: Option<&Touched>) -> Option<V> {
        let entry = self.cache.get(key)?;
        if touched.is_some_and(|touched| touched.any_of(&entry.counters)) {
            return None;
        }
        let true_still = memory.unseen_by_others(entry.since, now) && memory.sum(&entry.counters) == entry.sum;
        true_still.then_some(entry.value)
    }

    /// Remembers what a transaction read that began after everything published so far. `marks`: one to three.
    pub(super) fn put(&self, memory: &Memory, key: K, value: V, marks: &[Mark], now: Time, begun: u64) {
        let [first, rest @ ..] = marks else { return };
        let mut counters = [memory.counter(*first); 3];
        for (place, mark) in counters.iter_mut().skip(1).zip(rest) {
            *place = memory.counter(*mark);
        }
        let sum = memory.sum(&counters);
        // Something was published since the transaction began: perhaps it saw the state before that.
        if memory.published() == begun {
            self.cache.insert(key, Entry { value, counters, sum, since: now });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn environment(n: i64) -> Mark {
        Mark::Environment(EnvironmentId(n))
    }

    fn remembered() -> (Memory, Remembered<i64, i64>) {
        (Memory::new(), Remembered::new(10, 10, |_| 1))
    }

    fn touching(memory: &Memory, mark: Mark) -> Touched {
        let mut touched = Touched::default();
        memory.doubt(mark, &mut touched);
        touched
    }

    #[test]
    fn a_memory_is_forgotten_when_what_it_is_about_is_doubted_and_not_otherwise() {
        let (memory, remembered) = remembered();
        let now = Time::from_micros(1_000_000);
        remembered.put(&memory, 1, 10, &[environment(1)], now, memory.published());
        assert_eq!(remembered.get(&memory, &1, now, None), Some(10));
        touching(&memory, Mark::Nothing);
        assert_eq!(remembered.get(&memory, &1, now, None), Some(10));
        touching(&memory, environment(1));
        assert_eq!(remembered.get(&memory, &1, now, None), None);
        remembered.put(&memory, 1, 11, &[environment(1)], now, memory.published());
        touching(&memory, Mark::Everything);
        assert_eq!(remembered.get(&memory, &1, now, None), None);
    }

    #[test]
    fn what_was_read_before_something_was_published_is_not_remembered() {
        let (memory, remembered) = remembered();
        let (now, begun) = (Time::from_micros(0), memory.published());
        memory.publish(&touching(&memory, environment(2)));
        remembered.put(&memory, 1, 10, &[environment(1)], now, begun);
        assert_eq!(remembered.get(&memory, &1, now, None), None);
    }

    #[test]
    fn a_memory_is_believed_for_less_than_a_second_and_never_by_who_changes_it() {
        let (memory, remembered) = remembered();
        let now = Time::from_micros(5_000_000);
        remembered.put(&memory, 1, 10, &[environment(1)], now, memory.published());
        assert_eq!(remembered.get(&memory, &1, now.plus(Duration::from_millis(899)), None), Some(10));
        assert_eq!(remembered.get(&memory, &1, now.plus(Duration::from_millis(900)), None), None);
        assert_eq!(remembered.get(&memory, &1, now.minus(Duration::from_millis(1)), None), None);
        let touched = touching(&Memory::new(), Mark::Everything);
        assert_eq!(remembered.get(&memory, &1, now, Some(&touched)), None);
        let own = Touched { everything: false, counters: HashSet::from([memory.counter(environment(1))]) };
        assert_eq!(remembered.get(&memory, &1, now, Some(&own)), None);
    }

    #[test]
    fn a_memory_lasts_while_the_engine_sees_that_nobody_else_writes() {
        let (memory, remembered) = remembered();
        let now = Time::from_micros(5_000_000);
        let later = |milliseconds| now.plus(Duration::from_millis(milliseconds));
        remembered.put(&memory, 1, 10, &[environment(1)], now, memory.published());
        memory.alone(now, later(5000));
        assert_eq!(remembered.get(&memory, &1, later(5899), None), Some(10));
        assert_eq!(remembered.get(&memory, &1, later(5900), None), None);
        memory.alone(later(5950), later(6000));
        assert_eq!(remembered.get(&memory, &1, later(6000), None), None);
    }
}
