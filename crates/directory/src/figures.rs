//! An environment in a few figures: who is here, who signs in, who is yet to come, and who has a second factor. Each is counted
//! along an index and to a bound, beyond which it is only known that there are more. Knows nothing of how they are drawn.

use crate::actor::Actor;
use crate::clock::Time;
use crate::error::Result;
use crate::permissions::BuiltIn;
use crate::store::{self, Tx};
use std::time::Duration;

/// As far as users are counted.
pub const USERS: i64 = 10_000;
/// As far as the events of a day are counted.
pub const EVENTS: i64 = 2_500;
/// As many as are looked at one by one.
pub const SAMPLE: i64 = 1_000;
/// The days that sign-ins are counted for, with the present one.
pub const DAYS: u64 = 14;

const DAY: Duration = Duration::from_secs(24 * 3600);

/// A number of things.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count {
    /// As many as were counted.
    pub found: i64,
    /// There are more.
    pub more: bool,
}

/// Some of some.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Share {
    /// Those that have it.
    pub have: i64,
    /// Those that were looked at.
    pub of: i64,
}

/// What happened on one day, in UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Day {
    /// When it began.
    pub begun: Time,
    /// Sign-ins.
    pub signed_in: Count,
    /// Refused ones. Many of one kind count as few: beyond a bound they are told in sums.
    pub refused: Count,
}

/// Figures about users.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OfUsers {
    /// Users who were here within so many days, the fewest days first.
    pub seen: [(u64, Count); 4],
    /// Users who have not accepted yet, or have not chosen credentials.
    pub invited: Count,
    /// A second factor: of active administrators, up to [`SAMPLE`].
    pub administrators: Share,
    /// A second factor: of the active ones among those [`SAMPLE`] who were here last.
    pub recent: Share,
}

/// Figures about users.
///
/// # Errors
/// [`crate::Error::Forbidden`] without `view_user`.
pub fn of_users(tx: &mut Tx<'_>, actor: &Actor) -> Result<OfUsers> {
    actor.need(BuiltIn::ViewUser)?;
    let (environment, now) = (actor.environment().id, tx.now());
    let mut seen = [1, 7, 30, 90].map(|days| (days, Count::default()));
    for (days, count) in &mut seen {
        let since = now.minus(DAY.saturating_mul(u32::try_from(*days).unwrap_or(u32::MAX)));
        *count = Count::of(store::figures::seen(tx, environment, since, USERS + 1)?, USERS);
    }
    let pending = Count::of(store::figures::pending(tx, environment, USERS + 1)?, USERS);
    let (links, invited) = store::figures::invitations(tx, environment, SAMPLE + 1)?;
    let (administrators, with_factor) = store::figures::administrators_covered(tx, environment, SAMPLE)?;
    let (recent, recent_with_factor) = store::figures::covered(tx, environment, SAMPLE)?;
    Ok(OfUsers {
        seen,
        invited: Count { found: pending.found + invited, more: pending.more || links > SAMPLE },
        administrators: Share { have: with_factor, of: administrators },
        recent: Share { have: recent_with_factor, of: recent },
    })
}

/// What happened on each of the last [`DAYS`] days, the present one last.
///
/// # Errors
/// [`crate::Error::Forbidden`] without `view_audit`.
pub fn of_days(tx: &mut Tx<'_>, actor: &Actor) -> Result<Vec<Day>> {
    actor.need(BuiltIn::ViewAudit)?;
    let (environment, now) = (actor.environment().id, tx.now());
    let micros = i64::try_from(DAY.as_micros()).unwrap_or(i64::MAX);
    let today = Time::from_micros(now.as_micros().div_euclid(micros).saturating_mul(micros));
    let mut days = Vec::new();
    for ago in (0..DAYS).rev() {
        let begun = today.minus(DAY.saturating_mul(u32::try_from(ago).unwrap_or(u32::MAX)));
        let mut count = |verb| {
            let found = store::figures::events(tx, environment, verb, begun, begun.plus(DAY), EVENTS + 1)?;
            Ok::<_, crate::Error>(Count::of(found, EVENTS))
        };
        days.push(Day { begun, signed_in: count("sign_in.succeeded")?, refused: count("sign_in.refused")? });
    }
    Ok(days)
}

impl Count {
    /// What was counted as far as one beyond a bound.
    fn of(found: i64, bound: i64) -> Count {
        Count { found: found.min(bound), more: found > bound }
    }
}
