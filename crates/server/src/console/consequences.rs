//! Who would gain and who would lose what, for a page that asks before it changes something. Knows nothing of what is changed.

use super::language::Language;
use super::words::ConsequencesWords;
use directory::actor::Actor;
use directory::id::UserId;
use directory::permissions::BuiltIn;
use directory::store::Tx;
use directory::text::Codename;
use directory::whatif::{self, Outcome, Suppositions};

/// The most users that are looked at: as many as take a few milliseconds.
const LOOKED_AT: usize = 500;
/// The most that are shown.
const SHOWN: usize = 50;
/// The most permissions of each that are named.
const NAMED: usize = 6;

/// What a page shows of it.
pub(super) struct Consequences {
    pub(super) words: &'static ConsequencesWords,
    /// `None`: whoever asks may not see users.
    outcome: Option<Outcome>,
}

/// Somebody who gains or loses.
pub(super) struct Concerned<'a> {
    pub(super) id: UserId,
    pub(super) name: &'a str,
    pub(super) gains: Codenames<'a>,
    pub(super) loses: Codenames<'a>,
}

/// The first of them, and how many there are besides.
pub(super) struct Codenames<'a> {
    pub(super) named: &'a [Codename],
    pub(super) more: usize,
}

impl Codenames<'_> {
    fn of(all: &[Codename]) -> Codenames<'_> {
        let (named, rest) = all.split_at(NAMED.min(all.len()));
        Codenames { named, more: rest.len() }
    }
}

impl Consequences {
    /// Of this.
    pub(super) fn of(outcome: Option<Outcome>, language: Language) -> Consequences {
        Consequences { words: ConsequencesWords::of(language), outcome }
    }

    pub(super) fn hidden(&self) -> bool {
        self.outcome.is_none()
    }

    /// Nobody gains or loses anything.
    pub(super) fn nobody(&self) -> bool {
        self.outcome.as_ref().is_some_and(|outcome| outcome.complete && outcome.users.is_empty())
    }

    pub(super) fn complete(&self) -> bool {
        self.outcome.as_ref().is_some_and(|outcome| outcome.complete)
    }

    /// How many there are, of those who were looked at.
    pub(super) fn count(&self) -> usize {
        self.outcome.as_ref().map_or(0, |outcome| outcome.users.len())
    }

    /// How many of those are not shown.
    pub(super) fn rest(&self) -> usize {
        self.count().saturating_sub(SHOWN)
    }

    /// The first of them.
    pub(super) fn users(&self) -> Vec<Concerned<'_>> {
        let users = self.outcome.iter().flat_map(|outcome| &outcome.users).take(SHOWN);
        let concerned = users.map(|difference| Concerned {
            id: difference.user,
            name: match difference.name.as_str() {
                "" => self.words.nameless,
                name => name,
            },
            gains: Codenames::of(&difference.gains),
            loses: Codenames::of(&difference.loses),
        });
        concerned.collect()
    }
}

/// Works it out for whoever may know.
///
/// # Errors
/// The directory's.
pub(super) fn suppose(tx: &mut Tx<'_>, actor: &Actor, what: &Suppositions) -> directory::Result<Option<Outcome>> {
    let may = |permission: BuiltIn| actor.power().holds(permission.id());
    match may(BuiltIn::ViewUser) && may(BuiltIn::ViewGroup) {
        true => whatif::suppose_of(tx, actor, what, LOOKED_AT).map(Some),
        false => Ok(None),
    }
}
