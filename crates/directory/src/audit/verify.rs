//! Walks a chain and finds its first break: recomputes every hash, sees that places count up, and holds it against what was
//! signed. Knows nothing of where the events come from: a database, or a file.

use super::checkpoint::Checkpoint;
use super::event::{Event, Hash, Link};
use std::collections::VecDeque;
use std::fmt;
use uuid::Uuid;

/// An event and what its chain says of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// Where it says that it stands.
    pub sequence: i64,
    /// What its hash is said to be.
    pub hash: Hash,
    /// What happened.
    pub event: Event,
}

/// Where a chain is broken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Break {
    /// In which environment's chain; `None`: the system's.
    pub environment: Option<Uuid>,
    /// At which event.
    pub sequence: i64,
    /// How.
    pub how: How,
}

/// How a chain is broken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum How {
    /// The event is not what was chained: it, or its hash, or all that stands behind what is still right.
    Altered,
    /// The event is gone, and those after it as far as this one.
    Removed {
        /// The last of those that are gone.
        until: i64,
    },
    /// The event was never chained here.
    Inserted,
    /// The event stands elsewhere than it was chained.
    OutOfOrder,
    /// What was signed at this place is another chain.
    AnotherWasSigned,
    /// A checkpoint that is signed by nobody, or by a key that is none of ours.
    Forged,
}

impl How {
    /// In one word, for programs.
    pub fn word(&self) -> &'static str {
        match self {
            How::Altered => "altered",
            How::Removed { .. } => "removed",
            How::Inserted => "inserted",
            How::OutOfOrder => "out_of_order",
            How::AnotherWasSigned => "another_was_signed",
            How::Forged => "forged_checkpoint",
        }
    }
}

impl fmt::Display for Break {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let at = self.sequence;
        match &self.how {
            How::Altered => write!(f, "event {at} was altered"),
            How::Removed { until } if *until == at => write!(f, "event {at} was removed"),
            How::Removed { until } => write!(f, "events {at} to {until} were removed"),
            How::Inserted => write!(f, "event {at} was inserted"),
            How::OutOfOrder => write!(f, "event {at} is out of order"),
            How::AnotherWasSigned => write!(f, "event {at} is another than the checkpoint of it says"),
            How::Forged => write!(f, "the checkpoint of event {at} is not signed by a key of this server"),
        }
    }
}

/// A walk along one chain.
pub struct Walk {
    environment: Option<Uuid>,
    /// The last event that was right, and the one before it.
    at: (i64, Hash),
    before: Option<(i64, Hash)>,
    /// Not judged before the next one is seen: what it shows of a break says how it came about.
    held: Option<Told>,
    /// Still to come, in their order.
    checkpoints: VecDeque<Checkpoint>,
}

impl Walk {
    /// Begins behind an event that is taken for right: nothing, or the last that was removed when its time was over.
    /// Checkpoints are of this chain, in their order; they come with good signatures.
    ///
    /// # Errors
    /// The event that it begins behind is another than was signed.
    pub fn behind(
        environment: Option<Uuid>,
        sequence: i64,
        hash: Hash,
        checkpoints: Vec<Checkpoint>,
    ) -> Result<Walk, Break> {
        let mut walk = Walk {
            environment,
            at: (sequence, hash),
            before: None,
            held: None,
            checkpoints: checkpoints.into_iter().filter(|checkpoint| checkpoint.sequence >= sequence).collect(),
        };
        walk.hold_against_checkpoints()?;
        Ok(walk)
    }

    /// The next event, as it is found.
    ///
    /// # Errors
    /// The first break.
    pub fn step(&mut self, told: Told) -> Result<(), Break> {
        match self.held.replace(told) {
            Some(held) => {
                let next = self.held.take();
                self.judge(&held, next.as_ref())?;
                self.held = next;
                Ok(())
            }
            None => Ok(()),
        }
    }

    /// Nothing comes any more. `newest`: what the chain's head says, if there is one to be asked.
    ///
    /// # Errors
    /// The first break; what is signed, or headed, and not there.
    pub fn end(mut self, newest: Option<i64>) -> Result<(), Break> {
        if let Some(held) = self.held.take() {
            self.judge(&held, None)?;
        }
        let signed = self.checkpoints.back().map(|checkpoint| checkpoint.sequence);
        match newest.max(signed) {
            Some(newest) if newest > self.at.0 => Err(self.broken(self.at.0 + 1, How::Removed { until: newest })),
            // A head that knows of less than there is was put back.
            _ => match newest {
                Some(newest) if newest < self.at.0 => Err(self.broken(newest + 1, How::Inserted)),
                _ => Ok(()),
            },
        }
    }

    /// The last event that was found right.
    pub fn sequence(&self) -> i64 {
        self.at.0
    }

    /// The same with its hash.
    pub fn proven(&self) -> (i64, Hash) {
        self.at
    }

    fn judge(&mut self, held: &Told, next: Option<&Told>) -> Result<(), Break> {
        let expected = self.at.0 + 1;
        if held.sequence > expected {
            let how = match next {
                Some(next) if next.sequence == expected => return Err(self.broken(held.sequence, How::OutOfOrder)),
                _ => How::Removed { until: held.sequence - 1 },
            };
            return Err(self.broken(expected, how));
        }
        if held.sequence < expected {
            return Err(self.broken(held.sequence, How::Inserted));
        }
        if self.fits(held, expected, self.at.1) {
            self.before = Some(std::mem::replace(&mut self.at, (expected, held.hash)));
            return self.hold_against_checkpoints();
        }
        Err(self.diagnose(held, next))
    }

    /// Whether this event has its hash at this place.
    fn fits(&self, told: &Told, sequence: i64, previous: Hash) -> bool {
        told.event.hash(&Link { environment: self.environment, sequence, previous }) == told.hash
    }

    /// What was done to a chain whose next event does not fit. Every answer but the last rests on a hash that does fit
    /// elsewhere, which is nothing that happens by chance.
    fn diagnose(&self, held: &Told, next: Option<&Told>) -> Break {
        let (last, expected) = (self.at, self.at.0 + 1);
        if let Some(before) = self.before {
            // It followed the one before the last: the last one was put in between.
            if self.fits(held, last.0, before.1) {
                return self.broken(last.0, How::Inserted);
            }
        }
        if let Some(next) = next {
            // Each stands where the other stood.
            if self.fits(held, next.sequence, next.hash) {
                return self.broken(expected, How::OutOfOrder);
            }
            // The next one followed the last: this one was put in between.
            if self.fits(next, expected, last.1) {
                return self.broken(expected, How::Inserted);
            }
            // Both stood one place further: one before them was taken out, and they were numbered anew.
            if self.fits(next, next.sequence + 1, held.hash) {
                return self.broken(expected, How::Removed { until: expected });
            }
        }
        self.broken(expected, How::Altered)
    }

    fn hold_against_checkpoints(&mut self) -> Result<(), Break> {
        while let Some(checkpoint) = self.checkpoints.front().filter(|checkpoint| checkpoint.sequence <= self.at.0) {
            if checkpoint.sequence == self.at.0 && checkpoint.hash != self.at.1 {
                return Err(self.broken(self.at.0, How::AnotherWasSigned));
            }
            self.checkpoints.pop_front();
        }
        Ok(())
    }

    fn broken(&self, sequence: i64, how: How) -> Break {
        Break { environment: self.environment, sequence, how }
    }
}
