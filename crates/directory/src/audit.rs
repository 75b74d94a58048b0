//! Audit events: who did what to whom, written in the transaction that does it. Knows how an event comes to be, and nothing
//! of how it is chained to the others, nor of who may read it.

mod chaining;
mod checkpoint;
mod erase;
mod event;
mod list;
mod pieces;
mod retention;
mod verified;
mod verify;

pub use checkpoint::{Checkpoint, PublicKey, public_keys};
pub(crate) use erase::erase;
pub use erase::erase_account;
pub use event::{Event, Hash, Link, Personal, Salt};
pub use list::{AuditFilter, AuditPage, Found, VerbFilter, export, list, verbs};
pub use pieces::Piece;
pub(crate) use retention::prune;
pub use verified::{Trail, Verified};
pub use verify::{Break, How, Told, Walk};

use crate::actor::{Actor, Origin};
use crate::error::Result;
use crate::id::{EnvironmentId, UserId};
use crate::store::{self, Tx};
use std::collections::BTreeMap;
use std::fmt::Display;
use uuid::Uuid;

/// What a change did, field by field: before and after, as canonical JSON (RFC 8785: keys in order, no blanks).
#[derive(Debug, Default)]
pub struct Changes(BTreeMap<&'static str, (String, String)>);

impl Changes {
    /// A text; equal ones are no change.
    pub fn text(&mut self, field: &'static str, before: Option<&str>, after: Option<&str>) {
        self.put(field, json(before), json(after));
    }

    /// A flag.
    pub fn flag(&mut self, field: &'static str, before: Option<bool>, after: Option<bool>) {
        let json = |flag: Option<bool>| flag.map_or("null".to_owned(), |flag| flag.to_string());
        self.put(field, json(before), json(after));
    }

    /// A list of names or ids, in its order.
    pub fn list<T: Display>(&mut self, field: &'static str, before: &[T], after: &[T]) {
        let json = |items: &[T]| {
            let items: Vec<String> = items.iter().map(|item| json(Some(&item.to_string()))).collect();
            format!("[{}]", items.join(","))
        };
        self.put(field, json(before), json(after));
    }

    /// Something that must not be told, beyond that it changed.
    pub fn secret(&mut self, field: &'static str) {
        self.0.insert(field, ("null".to_owned(), json(Some("changed"))));
    }

    /// Whether nothing changed.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn put(&mut self, field: &'static str, before: String, after: String) {
        if before != after {
            self.0.insert(field, (before, after));
        }
    }

    fn to_json(&self) -> String {
        let fields: Vec<String> =
            self.0.iter().map(|(field, (before, after))| format!("{}:[{before},{after}]", json(Some(field)))).collect();
        format!("{{{}}}", fields.join(","))
    }
}

/// A JSON string as RFC 8785, 3.2.2.2 spells it.
fn json(text: Option<&str>) -> String {
    let Some(text) = text else { return "null".to_owned() };
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\u{8}' => out.push_str("\\b"),
            '\t' => out.push_str("\\t"),
            '\n' => out.push_str("\\n"),
            '\u{c}' => out.push_str("\\f"),
            '\r' => out.push_str("\\r"),
            c if c < ' ' => out.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// Writes what an actor did in its environment.
///
/// # Errors
/// The store's.
pub fn record(tx: &mut Tx<'_>, actor: &Actor, verb: &str, subject: &dyn Display, changes: Changes) -> Result<()> {
    let environment = if actor.in_system() { None } else { Some(actor.environment().id) };
    write(tx, actor, environment, verb, subject, changes)
}

/// Writes what an actor did to the system, or to an account as such.
///
/// # Errors
/// The store's.
pub fn record_in_system(
    tx: &mut Tx<'_>,
    actor: &Actor,
    verb: &str,
    subject: &dyn Display,
    changes: Changes,
) -> Result<()> {
    write(tx, actor, None, verb, subject, changes)
}

fn write(
    tx: &mut Tx<'_>,
    actor: &Actor,
    environment: Option<EnvironmentId>,
    verb: &str,
    subject: &dyn Display,
    changes: Changes,
) -> Result<()> {
    let (credential, credential_id) = actor.credential().kind_and_id();
    let by = By { user: actor.user(), credential, credential_id };
    append(tx, environment, by, actor.origin(), verb, &subject.to_string(), &changes)
}

/// Writes what happened before anybody was signed in: a sign-in, or a refused one.
///
/// # Errors
/// The store's.
pub fn record_unsigned(
    tx: &mut Tx<'_>,
    environment: Option<EnvironmentId>,
    origin: &Origin,
    credential: &'static str,
    verb: &str,
    subject: &str,
    changes: Changes,
) -> Result<()> {
    let by = By { user: None, credential, credential_id: None };
    append(tx, environment, by, origin, verb, subject, &changes)
}

/// Whether this build keeps an audit trail: every one does but that which `cargo xtask bench` makes for itself, to measure
/// what auditing costs. Only a compiler's flag does it (`--cfg unaudited`), and what was built so says it and serves nobody
/// but a bench.
pub const KEPT: bool = !cfg!(unaudited);

/// Who did something.
struct By {
    user: Option<UserId>,
    credential: &'static str,
    credential_id: Option<Uuid>,
}

/// Every event comes through here.
fn append(
    tx: &mut Tx<'_>,
    environment: Option<EnvironmentId>,
    by: By,
    origin: &Origin,
    verb: &str,
    subject: &str,
    changes: &Changes,
) -> Result<()> {
    if !KEPT {
        return Ok(());
    }
    let By { user: actor, credential, credential_id } = by;
    let [address_salt, changes_salt] = salts(tx)?;
    let event = Event {
        at: tx.now(),
        actor,
        credential: credential.to_owned(),
        credential_id,
        request: origin.request.to_string(),
        verb: verb.to_owned(),
        subject: subject.to_owned(),
        address: Personal::Kept { text: origin.address(), salt: address_salt },
        changes: Personal::Kept { text: changes.to_json(), salt: changes_salt },
    };
    let place = if tx.writes_alone() { Some(chaining::place(tx, environment, &event)?) } else { None };
    store::audit::insert(tx, environment, &event, place.as_ref())
}

/// One for what is personal in the address, one for the changes: each can be erased by itself.
fn salts(tx: &Tx<'_>) -> Result<[Salt; 2]> {
    // Drawn at once: asking the machine costs more than the bytes do.
    let drawn: [u8; 32] = tx.effects().randomness.bytes()?;
    let (address, changes) = drawn.split_at(16);
    Ok([address, changes].map(|half| {
        let mut salt = [0; 16];
        salt.copy_from_slice(half);
        salt
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_are_canonical_and_hold_only_what_changed() {
        let mut changes = Changes::default();
        changes.text("name", Some("a\"\u{1}é"), Some("b"));
        changes.text("label", Some("same"), Some("same"));
        changes.flag("active", None, Some(true));
        changes.list("groups", &["1"], &["1", "2"]);
        changes.secret("password");
        assert_eq!(
            changes.to_json(),
            r#"{"active":[null,true],"groups":[["1"],["1","2"]],"name":["a\"\u0001é","b"],"password":[null,"changed"]}"#
        );
    }
}
