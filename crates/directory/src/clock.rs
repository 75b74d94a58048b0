//! Time, and the one place that asks the machine for it. Knows no calendar and no time zone: an API writes times its
//! own way.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

/// A moment: microseconds since the Unix epoch, UTC. The finest that both storage engines keep.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Time(i64);

impl Time {
    /// A moment out of the store.
    pub const fn from_micros(micros: i64) -> Time {
        Time(micros)
    }

    /// For the store.
    pub const fn as_micros(self) -> i64 {
        self.0
    }

    /// Later by so much; the end of time at most.
    pub fn plus(self, span: Duration) -> Time {
        Time(self.0.saturating_add(micros(span)))
    }

    /// Earlier by so much; the beginning of time at least.
    pub fn minus(self, span: Duration) -> Time {
        Time(self.0.saturating_sub(micros(span)))
    }

    /// How long after `earlier`; nothing when it is not after it, because a clock may have been set back.
    pub fn since(self, earlier: Time) -> Duration {
        Duration::from_micros(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }
}

fn micros(span: Duration) -> i64 {
    i64::try_from(span.as_micros()).unwrap_or(i64::MAX)
}

impl From<jiff::Timestamp> for Time {
    /// What is finer than a microsecond is dropped.
    fn from(timestamp: jiff::Timestamp) -> Time {
        Time(timestamp.as_microsecond())
    }
}

impl From<Time> for jiff::Timestamp {
    /// Beyond the year 9999 (and before its counterpart) stands the last moment that can be written.
    fn from(time: Time) -> jiff::Timestamp {
        let edge = if time.0 < 0 { jiff::Timestamp::MIN } else { jiff::Timestamp::MAX };
        jiff::Timestamp::from_microsecond(time.0).unwrap_or(edge)
    }
}

/// Where the time comes from; cloned into whatever needs it.
#[derive(Clone, Debug)]
pub struct Clock(Source);

#[derive(Clone, Debug)]
enum Source {
    System,
    Manual(ManualClock),
}

impl Clock {
    /// The machine's clock.
    pub fn system() -> Clock {
        Clock(Source::System)
    }

    /// Now.
    #[allow(clippy::disallowed_methods, reason = "the one place that asks the machine")]
    pub fn now(&self) -> Time {
        match &self.0 {
            Source::System => jiff::Timestamp::now().into(),
            Source::Manual(clock) => Time(clock.0.load(Ordering::SeqCst)),
        }
    }
}

/// How long something of our own takes on this machine. For saying how busy it is: no rule hangs on it.
pub(crate) struct Stopwatch(std::time::Instant);

impl Stopwatch {
    #[allow(clippy::disallowed_methods, reason = "the one place that asks the machine")]
    pub(crate) fn start() -> Stopwatch {
        Stopwatch(std::time::Instant::now())
    }

    pub(crate) fn elapsed(&self) -> Duration {
        self.0.elapsed()
    }
}

/// A clock for tests, which stands still until it is advanced. Clones share their time.
#[derive(Clone, Debug)]
pub struct ManualClock(Arc<AtomicI64>);

impl ManualClock {
    /// Begins at this moment.
    pub fn starting_at(time: Time) -> ManualClock {
        ManualClock(Arc::new(AtomicI64::new(time.0)))
    }

    /// Moves the time on, for every holder.
    pub fn advance(&self, span: Duration) {
        self.0.fetch_add(micros(span), Ordering::SeqCst);
    }

    /// Sets the time back, as happens to real clocks.
    pub fn set_back(&self, span: Duration) {
        self.0.fetch_sub(micros(span), Ordering::SeqCst);
    }
}

impl From<ManualClock> for Clock {
    fn from(clock: ManualClock) -> Clock {
        Clock(Source::Manual(clock))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn manual_clock_stands_still_until_advanced() {
        let manual = ManualClock::starting_at(Time::from_micros(1_000));
        let clock = Clock::from(manual.clone());
        assert_eq!(clock.now(), Time::from_micros(1_000));
        manual.advance(Duration::from_secs(1));
        assert_eq!(clock.clone().now(), Time::from_micros(1_001_000));
    }

    #[test]
    fn arithmetic_saturates_and_never_goes_back() {
        let (early, late) = (Time::from_micros(10), Time::from_micros(25));
        assert_eq!(late.since(early), Duration::from_micros(15));
        assert_eq!(early.since(late), Duration::ZERO);
        assert_eq!(early.plus(Duration::from_micros(15)), late);
        assert_eq!(late.minus(Duration::from_micros(15)), early);
        assert_eq!(early.plus(Duration::MAX), Time::from_micros(i64::MAX));
    }

    #[test]
    fn timestamps_go_both_ways_and_stop_at_the_edge() {
        let time = Time::from_micros(1_772_000_000_123_456);
        assert_eq!(Time::from(jiff::Timestamp::from(time)), time);
        assert_eq!(jiff::Timestamp::from(Time::from_micros(i64::MAX)), jiff::Timestamp::MAX);
        assert_eq!(jiff::Timestamp::from(Time::from_micros(i64::MIN)), jiff::Timestamp::MIN);
    }

    #[test]
    fn system_clock_is_of_this_century() {
        assert!(Clock::system().now() > Time::from_micros(1_700_000_000_000_000));
    }
}
