//! What is remembered between transactions, so that the hot path need not ask the database who a bearer is and what its
//! groups confer; and how a memory is known to be true.
//!
//! Every statement that writes says what it may have changed: a [`Mark`]. Marks fall on a fixed number of counters, which
//! are raised when the statement runs and again when it is durable, before its caller is answered. A memory carries the
//! sum of its marks' counters from before it was read; any other sum now, and it is forgotten. So a change counts for
//! the very next call. What another process or node changed cannot be seen this way: a memory is believed for at most
//! [`LONGEST`].

use crate::actor::{CallerKey, Known};
use crate::clock::Time;
use crate::id::{EnvironmentId, UserId};
use crate::roles::Roles;
use crate::secret::TokenHash;
use quick_cache::sync::Cache;
use std::collections::HashSet;
use std::hash::{BuildHasher, Hash, RandomState};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// The longest that a memory is believed: revocations take effect on every node within a second.
pub(super) const LONGEST: Duration = Duration::from_millis(900);

/// Counters. Two things on one counter forget each other's memories needlessly, which is harmless.
const COUNTERS: usize = 1 << 14;

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
pub(super) type Touched = HashSet<Mark>;

/// The counters, shared by all of a store's threads.
pub(super) struct Memory {
    everything: AtomicU64,
    counters: Box<[AtomicU64]>,
    published: AtomicU64,
    hashing: RandomState,
}

impl Memory {
    pub(super) fn new() -> Memory {
        Memory {
            everything: AtomicU64::new(0),
            counters: (0..COUNTERS).map(|_| AtomicU64::new(0)).collect(),
            published: AtomicU64::new(0),
            hashing: RandomState::new(),
        }
    }

    fn counter(&self, mark: Mark) -> Option<&AtomicU64> {
        match mark {
            Mark::Nothing => None,
            Mark::Everything => Some(&self.everything),
            mark => self.counters.get(self.hashing.hash_one(mark) as usize % COUNTERS),
        }
    }

    /// A write is about to change this: from now on, what is remembered of it is doubtful.
    pub(super) fn doubt(&self, mark: Mark) {
        if let Some(counter) = self.counter(mark) {
            counter.fetch_add(1, Ordering::SeqCst);
        }
    }

    /// Writes are durable: what was read of these before is old. Called before any of their callers is answered.
    pub(super) fn publish(&self, marks: &Touched) {
        // The number first: whoever then sums up a raised counter also sees that something was published.
        if !marks.is_empty() {
            self.published.fetch_add(1, Ordering::SeqCst);
        }
        for mark in marks {
            self.doubt(*mark);
        }
    }

    /// How often something was published: a transaction that began at the same number saw all of it.
    pub(super) fn published(&self) -> u64 {
        self.published.load(Ordering::SeqCst)
    }

    /// The sum of the marks' counters. They only grow, so two equal sums mean that none has.
    fn sum(&self, marks: &[Mark]) -> u64 {
        let sum = |sum: u64, mark: &Mark| {
            sum.wrapping_add(self.counter(*mark).map_or(0, |counter| counter.load(Ordering::SeqCst)))
        };
        marks.iter().fold(self.everything.load(Ordering::SeqCst), sum)
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
}

impl Memories {
    pub(super) fn new() -> Memories {
        Memories { callers: Remembered::new(10_000), bearers: Remembered::new(10_000), roles: Remembered::new(1_000) }
    }
}

/// Values of one kind, remembered under a key while they are true.
pub(crate) struct Remembered<K, V> {
    cache: Cache<K, Arc<Entry<V>>>,
}

struct Entry<V> {
    value: V,
    marks: Vec<Mark>,
    sum: u64,
    since: Time,
}

impl<K: Eq + Hash, V: Clone> Remembered<K, V> {
    /// Room for this many.
    pub(crate) fn new(room: usize) -> Remembered<K, V> {
        Remembered { cache: Cache::new(room) }
    }

    /// The value, if it is certainly still true, also for a transaction that has touched these things.
    pub(super) fn get(&self, memory: &Memory, key: &K, now: Time, touched: Option<&Touched>) -> Option<V> {
        let entry = self.cache.get(key)?;
        let own = |touched: &Touched| {
            touched.contains(&Mark::Everything) || entry.marks.iter().any(|mark| touched.contains(mark))
        };
        if touched.is_some_and(own) {
            return None;
        }
        // A clock that went back makes a memory old rather than young.
        let fresh = now >= entry.since && now.since(entry.since) < LONGEST;
        (fresh && memory.sum(&entry.marks) == entry.sum).then(|| entry.value.clone())
    }

    /// Remembers what a transaction read that began after everything published so far.
    pub(super) fn put(&self, memory: &Memory, key: K, value: V, marks: Vec<Mark>, now: Time, begun: u64) {
        let sum = memory.sum(&marks);
        // Something was published since the transaction began: perhaps it saw the state before that.
        if memory.published() == begun {
            self.cache.insert(key, Arc::new(Entry { value, marks, sum, since: now }));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn environment(n: i64) -> Mark {
        Mark::Environment(EnvironmentId(n))
    }

    #[test]
    fn a_memory_is_forgotten_when_what_it_is_about_is_doubted_and_not_otherwise() {
        let (memory, remembered) = (Memory::new(), Remembered::<i64, i64>::new(10));
        let now = Time::from_micros(1_000_000);
        remembered.put(&memory, 1, 10, vec![environment(1)], now, memory.published());
        assert_eq!(remembered.get(&memory, &1, now, None), Some(10));
        memory.doubt(Mark::Nothing);
        assert_eq!(remembered.get(&memory, &1, now, None), Some(10));
        memory.doubt(environment(1));
        assert_eq!(remembered.get(&memory, &1, now, None), None);
        remembered.put(&memory, 1, 11, vec![environment(1)], now, memory.published());
        memory.doubt(Mark::Everything);
        assert_eq!(remembered.get(&memory, &1, now, None), None);
    }

    #[test]
    fn what_was_read_before_something_was_published_is_not_remembered() {
        let (memory, remembered) = (Memory::new(), Remembered::<i64, i64>::new(10));
        let (now, begun) = (Time::from_micros(0), memory.published());
        memory.publish(&Touched::from([environment(2)]));
        remembered.put(&memory, 1, 10, vec![environment(1)], now, begun);
        assert_eq!(remembered.get(&memory, &1, now, None), None);
    }

    #[test]
    fn a_memory_is_believed_for_less_than_a_second_and_never_by_who_changes_it() {
        let (memory, remembered) = (Memory::new(), Remembered::<i64, i64>::new(10));
        let now = Time::from_micros(5_000_000);
        remembered.put(&memory, 1, 10, vec![environment(1)], now, memory.published());
        assert_eq!(remembered.get(&memory, &1, now.plus(Duration::from_millis(899)), None), Some(10));
        assert_eq!(remembered.get(&memory, &1, now.plus(Duration::from_millis(900)), None), None);
        assert_eq!(remembered.get(&memory, &1, now.minus(Duration::from_millis(1)), None), None);
        let touched = Touched::from([environment(1)]);
        assert_eq!(remembered.get(&memory, &1, now, Some(&touched)), None);
    }
}
