//! Events: what happens in an environment, as it is told to programs. They are the audit trail's, in its order, but for those
//! that are nobody's business outside. Knows nothing of how an event travels, nor how it is spelled.

use crate::actor::Actor;
use crate::clock::Time;
use crate::error::{Refusal, Result};
use crate::id::UserId;
use crate::permissions::BuiltIn;
use crate::store::events::Written;
use crate::store::{self, Tx};

/// What an audit event's verb is called outside. What is not in here is not told.
const TYPES: &[(&str, &str)] = &[
    ("user.created", "user.created"),
    ("user.added", "user.added"),
    ("user.invited", "user.invited"),
    ("user.accepted", "user.accepted"),
    ("user.updated", "user.updated"),
    ("user.activated", "user.activated"),
    ("user.deactivated", "user.deactivated"),
    ("user.membership_ended", "user.membership_ended"),
    ("user.removed", "user.removed"),
    ("email.changed", "user.email_changed"),
    ("password.reset", "user.password_reset"),
    ("second_factor.enrolled", "user.second_factor_enrolled"),
    ("second_factor.removed", "user.second_factor_removed"),
    ("service_account.created", "service_account.created"),
    ("group.created", "group.created"),
    ("group.updated", "group.updated"),
    ("group.deleted", "group.deleted"),
    ("menu.created", "menu.created"),
    ("menu.updated", "menu.updated"),
    ("menu.deleted", "menu.deleted"),
    ("permission.created", "permission.created"),
    ("permission.updated", "permission.updated"),
    ("permission.deleted", "permission.deleted"),
    ("token.created", "token.created"),
    ("token.revoked", "token.revoked"),
    ("session.ended", "session.ended"),
    ("session.reuse_detected", "session.reuse_detected"),
    ("sign_in.succeeded", "sign_in.succeeded"),
    ("sign_in.refused", "sign_in.failed"),
    ("webhook.created", "webhook.created"),
    ("webhook.updated", "webhook.updated"),
    ("webhook.rotated", "webhook.rotated"),
    ("webhook.paused", "webhook.paused"),
    ("webhook.deleted", "webhook.deleted"),
];

/// What a webhook is told to see whether it hears.
pub const PING: &str = "ping";

/// Every type of event, in the order of the documentation.
pub fn every_type() -> impl Iterator<Item = &'static str> {
    TYPES.iter().map(|(_, name)| *name)
}

/// An event as it is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// Counts up within the environment, without gaps in the trail that it is from; what is told may have some.
    pub sequence: i64,
    /// When it happened.
    pub at: Time,
    /// What happened, such as `user.created`.
    pub name: &'static str,
    /// Who did it; `None`: nobody who was signed in.
    pub actor: Option<UserId>,
    /// To what: an id, or a word where there is none.
    pub subject: String,
    /// `{"field":[before,after]}` as JSON; secrets are `"changed"` there.
    pub changes: String,
}

impl Event {
    /// As it is told; `None`: it is not.
    pub(crate) fn of(written: Written) -> Option<Event> {
        let Written { sequence, at, actor, verb, subject, changes } = written;
        let name = TYPES.iter().find(|(of, _)| *of == verb)?.1;
        Some(Event { sequence, at, name, actor, subject, changes })
    }
}

/// Types of events as somebody asks for them: all (`*`), those of a kind (`user.*`), or one (`user.created`).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct EventTypes(String);

impl EventTypes {
    /// Parses what came from outside.
    pub fn parse(text: &str) -> std::result::Result<EventTypes, Refusal> {
        let asked = EventTypes(text.to_owned());
        match every_type().any(|name| asked.include(name)) {
            true => Ok(asked),
            false => Err(Refusal::EventType),
        }
    }

    /// One that was parsed before it was stored.
    pub fn from_stored(text: String) -> EventTypes {
        EventTypes(text)
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether this type is among them.
    pub fn include(&self, name: &str) -> bool {
        match self.0.strip_suffix('*') {
            Some("") => true,
            Some(kind) => kind.ends_with('.') && name.starts_with(kind),
            None => self.0 == name,
        }
    }
}

/// Events behind a place, and the place up to which that is all there is to tell.
#[derive(Debug)]
pub struct Events {
    /// In their order.
    pub events: Vec<Event>,
    /// A sequence.
    pub up_to: i64,
    /// There may be more behind it already.
    pub more: bool,
}

/// Up to `most` events of the actor's environment behind this sequence.
///
/// # Errors
/// [`Error::Forbidden`](crate::Error::Forbidden) without `view_audit`: they are the audit trail's.
pub fn after(tx: &mut Tx<'_>, actor: &Actor, sequence: i64, most: i64) -> Result<Events> {
    actor.need(BuiltIn::ViewAudit)?;
    let written = store::events::after(tx, actor.environment().id, sequence, most)?;
    let up_to = written.last().map_or(sequence, |last| last.sequence);
    let more = written.len() as i64 == most;
    Ok(Events { events: written.into_iter().filter_map(Event::of).collect(), up_to, more })
}

/// The sequence of the latest event of the actor's environment.
///
/// # Errors
/// [`Error::Forbidden`](crate::Error::Forbidden) without `view_audit`.
pub fn latest(tx: &mut Tx<'_>, actor: &Actor) -> Result<i64> {
    actor.need(BuiltIn::ViewAudit)?;
    store::events::head(tx, actor.environment().id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_asked_for_one_by_one_by_kind_or_all_at_once() {
        let asked = |text: &str| EventTypes::parse(text).unwrap();
        assert!(asked("*").include("user.created") && asked("*").include("group.deleted"));
        assert!(asked("user.*").include("user.created") && !asked("user.*").include("group.created"));
        assert!(asked("user.created").include("user.created") && !asked("user.created").include("user.updated"));
        for text in ["", "user", "user*", "us*", ".*", "no.such", "nobody.*", "User.created", "user.created\n*", "**"] {
            assert!(EventTypes::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn no_type_is_told_twice() {
        let mut names: Vec<_> = every_type().collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), TYPES.len());
    }
}
