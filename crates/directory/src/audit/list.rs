//! Who may read which audit events: an environment's are its own, the system's are the operators'. Pages of them, newest
//! first for whoever asks about something, and in their order for whoever takes them all. Knows no wire format.

use super::verify::Told;
use crate::actor::Actor;
use crate::clock::Time;
use crate::error::{Error, Field, Refusal, Result};
use crate::id::UserId;
use crate::keys::Keys;
use crate::permissions::BuiltIn;
use crate::store::Tx;
use crate::store::audit::chain::{self, Head, SYSTEM};
use crate::store::audit::told;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// Which events.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuditFilter {
    /// Done by this account.
    pub actor: Option<UserId>,
    /// Done to this.
    pub subject: Option<String>,
    /// What was done.
    pub verb: Option<VerbFilter>,
    /// In this request.
    pub request: Option<String>,
    /// Later than this.
    pub after: Option<Time>,
    /// Earlier than this.
    pub before: Option<Time>,
}

/// One verb, or a family of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum VerbFilter {
    /// This one.
    Is(String),
    /// All that begin so: `user.`.
    Under(String),
}

/// One page of events.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditPage {
    /// The system's instead of the environment's.
    pub system: bool,
    /// Which.
    pub filter: AuditFilter,
    /// From where: what the page before gave as `next`.
    pub cursor: Option<String>,
    /// How many at most.
    pub limit: i64,
}

/// A page as it was found.
#[derive(Debug)]
pub struct Found {
    /// The events, newest first.
    pub events: Vec<Told>,
    /// Where the next page begins, if there is one.
    pub next: Option<String>,
}

/// A page of events, newest first: by time, and at one time the later in the chain. What was written a moment ago may not be
/// chained yet, and is not shown before it is.
///
/// # Errors
/// [`Error::Forbidden`] without `view_audit`, or of the system for all but operators; [`Error::Invalid`] for a cursor of
/// another list.
pub fn list(tx: &mut Tx<'_>, actor: &Actor, page: &AuditPage) -> Result<Found> {
    let of = readable(actor, page.system)?;
    let keys = tx.effects().keys.clone();
    let before = page.cursor.as_deref().map(|cursor| open(cursor, &keys, of, &page.filter)).transpose()?;
    let mut events = told::list(tx, of, &page.filter, before, page.limit + 1)?;
    let more = events.len() as i64 > page.limit;
    if more {
        events.pop();
    }
    let next = events.last().filter(|_| more).map(|last| seal(last, &keys, of, &page.filter));
    Ok(Found { events, next })
}

/// Up to `most` events of a whole chain after this one, or from its beginning, in its order; and how far it has come.
///
/// # Errors
/// As [`list`].
pub fn export(
    tx: &mut Tx<'_>,
    actor: &Actor,
    system: bool,
    after: Option<i64>,
    most: i64,
) -> Result<(Head, Vec<Told>)> {
    let of = readable(actor, system)?;
    let head = chain::find_head(tx, of)?.unwrap_or_else(|| Head::beginning(actor.environment().uuid));
    let events = told::after(tx, of, after.unwrap_or(head.pruned_sequence), most)?;
    Ok((head, events))
}

/// What was ever done, in the order of the alphabet: what one may ask for. There are some dozens of verbs.
///
/// # Errors
/// As [`list`].
pub fn verbs(tx: &mut Tx<'_>, actor: &Actor, system: bool) -> Result<Vec<String>> {
    let of = readable(actor, system)?;
    told::verbs(tx, of)
}

/// The chain that this actor may read.
pub(super) fn readable(actor: &Actor, system: bool) -> Result<i64> {
    if system {
        actor.need_operator()?;
        return Ok(SYSTEM);
    }
    actor.need(BuiltIn::ViewAudit)?;
    Ok(actor.environment().id.0)
}

const PURPOSE: &str = "audit/cursor";
/// Bytes of the digest that a cursor carries: forging one is not worth 2^64 tries.
const TAG: usize = 8;

fn seal(last: &Told, keys: &Keys, of: i64, filter: &AuditFilter) -> String {
    let mut bytes = last.event.at.as_micros().to_be_bytes().to_vec();
    bytes.extend(last.sequence.to_be_bytes());
    bytes.extend(tag(keys, of, filter, &bytes));
    URL_SAFE_NO_PAD.encode(bytes)
}

fn open(text: &str, keys: &Keys, of: i64, filter: &AuditFilter) -> Result<(Time, i64)> {
    let foreign = || Error::invalid(Field::Cursor, Refusal::Cursor);
    let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| foreign())?;
    let (at, rest) = bytes.split_first_chunk::<8>().ok_or_else(foreign)?;
    let (sequence, sealed) = rest.split_first_chunk::<8>().ok_or_else(foreign)?;
    if tag(keys, of, filter, &bytes[..16]) != sealed {
        return Err(foreign());
    }
    Ok((Time::from_micros(i64::from_be_bytes(*at)), i64::from_be_bytes(*sequence)))
}

fn tag(keys: &Keys, of: i64, filter: &AuditFilter, body: &[u8]) -> Vec<u8> {
    let mut text = format!("{of} {filter:?} ").into_bytes();
    text.extend_from_slice(body);
    keys.digest(PURPOSE, &text)[..TAG].to_vec()
}
