//! One chain, walked piece by piece by whoever may read it: a piece is short, and what it ends with lets anybody go on from
//! there, on whichever node. Knows nothing of checkpoints that were kept elsewhere, nor of the other chains.

use super::checkpoint::{Checkpoint, PublicKey, public_keys};
use super::event::Hash;
use super::list::readable;
use super::verified::Verified;
use super::verify::{Break, How, Walk};
use crate::actor::{Actor, Caller};
use crate::directory::Directory;
use crate::error::{Error, Field, Refusal, Result};
use crate::keys::Keys;
use crate::store::Tx;
use crate::store::audit::chain::{self, Head};
use crate::store::audit::{checkpoints, told};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use std::collections::BTreeSet;

/// Events, and checkpoints, that are read at once.
const PAGE: i64 = 1000;
const PURPOSE: &str = "audit/piece";
/// Bytes of the digest that stands behind a place: who forges one deceives itself alone.
const TAG: usize = 8;

/// What was found so far, from the beginning of the chain on.
#[derive(Debug)]
pub struct Piece {
    /// As [`Directory::verify_audit`] finds it, of this chain alone.
    pub verified: Verified,
    /// Where the next piece begins; `None`: the chain was walked to its end, or to its first break.
    pub next: Option<String>,
}

/// How far a walk has come.
#[derive(Clone, Copy)]
struct Place {
    sequence: i64,
    hash: Hash,
    events: u64,
    erased: u64,
    checkpoints: u64,
}

/// What a piece begins with.
struct Begun {
    of: i64,
    head: Head,
    place: Place,
    signed: std::result::Result<Vec<Checkpoint>, Break>,
    /// Checkpoints are known as far as this event; `None`: all of them.
    until: Option<i64>,
}

impl Directory {
    /// Walks up to about `most` events, from where another piece ended, or from the chain's beginning: the environment's, or
    /// the system's.
    ///
    /// # Errors
    /// As [`super::list`]; [`Error::Changed`] when the oldest events were removed meanwhile because their time was over.
    pub async fn verify_piece(&self, caller: Caller, system: bool, from: Option<String>, most: i64) -> Result<Piece> {
        let begin = move |tx: &mut Tx<'_>, actor: &Actor| begin(tx, actor, system, from.as_deref());
        let Begun { of, head, mut place, signed, until } = self.report(caller.clone(), begin).await?;
        let last = place.sequence.saturating_add(most.max(1)).min(until.unwrap_or(i64::MAX));
        let walk = signed.and_then(|signed| {
            place.checkpoints += signed.len() as u64;
            Walk::behind(head.environment, place.sequence, place.hash, signed)
        });
        let mut walk = match walk {
            Ok(walk) => walk,
            Err(broken) => return Ok(found(place, head, Some(broken), None)),
        };
        let (mut after, mut held_is_erased) = (place.sequence, false);
        let broken = loop {
            let read = move |tx: &mut Tx<'_>, actor: &Actor| {
                let of = readable(actor, system)?;
                Ok((told::after(tx, of, after, PAGE)?, chain::find_head(tx, of)?))
            };
            let (page, now) = self.report(caller.clone(), read).await?;
            let reached = page.last().map(|told| told.sequence);
            let full = page.len() as i64 == PAGE;
            let mut broken = None;
            for told in page {
                let is_erased = told.event.is_erased();
                if let Err(at) = walk.step(told) {
                    broken = Some(at);
                    break;
                }
                // Judged is the one before.
                place.erased += u64::from(std::mem::replace(&mut held_is_erased, is_erased));
            }
            let proven = walk.proven();
            place.events += u64::try_from(proven.0 - place.sequence).unwrap_or_default();
            (place.sequence, place.hash) = proven;
            let ended = match reached {
                Some(reached) => {
                    after = reached;
                    // Behind a page that is not full comes the end.
                    if broken.is_none() && (place.sequence < last || !full) {
                        continue;
                    }
                    broken
                }
                None => {
                    let newest = now.map(|head| head.sequence);
                    place.events += u64::try_from(after - place.sequence).unwrap_or_default();
                    place.erased += u64::from(held_is_erased);
                    walk.end(newest).err()
                }
            };
            if ended.is_some() && now.is_some_and(|now| now.pruned_sequence != head.pruned_sequence) {
                return Err(Error::Changed);
            }
            if ended.is_none() && reached.is_some() {
                return Ok(found(place, head, None, Some(seal(&place, &self.effects().keys, of))));
            }
            break ended;
        };
        Ok(found(place, head, broken, None))
    }
}

fn begin(tx: &mut Tx<'_>, actor: &Actor, system: bool, from: Option<&str>) -> Result<Begun> {
    let of = readable(actor, system)?;
    let keys = tx.effects().keys.clone();
    let head = chain::find_head(tx, of)?.unwrap_or_else(|| Head::beginning(actor.environment().uuid));
    let hash = head.pruned_hash.unwrap_or(Hash::NONE);
    let beginning = Place { sequence: head.pruned_sequence, hash, events: 0, erased: 0, checkpoints: 0 };
    // Where the last piece ended may be gone by now, because its time was over.
    let place = from.map(|text| open(text, &keys, of)).transpose()?.filter(|place| place.sequence > beginning.sequence);
    let place = place.unwrap_or(beginning);
    let page: Vec<_> =
        checkpoints::from(tx, of, place.sequence, PAGE)?.into_iter().map(|kept| kept.checkpoint).collect();
    let until = page.last().filter(|_| page.len() as i64 == PAGE).map(|last| last.sequence);
    let known: BTreeSet<PublicKey> = public_keys(&keys)?.into_iter().map(|(_, key)| key).collect();
    let broken = |sequence, how| Err(Break { environment: head.environment, sequence, how });
    let signed = match page.iter().find(|checkpoint| !known.contains(&checkpoint.key) || !checkpoint.is_signed()) {
        Some(forged) => broken(forged.sequence, How::Forged),
        // Nothing is removed that no checkpoint covers.
        None if page.is_empty() && head.pruned_sequence > 0 && place.sequence == head.pruned_sequence => {
            broken(1, How::Removed { until: head.pruned_sequence })
        }
        None => Ok(page),
    };
    Ok(Begun { of, head, place, signed, until })
}

fn found(place: Place, head: Head, broken: Option<Break>, next: Option<String>) -> Piece {
    let Place { events, erased, checkpoints, .. } = place;
    let pruned = u64::try_from(head.pruned_sequence).unwrap_or_default();
    let breaks = broken.into_iter().collect();
    Piece { verified: Verified { chains: 1, events, erased, pruned, checkpoints, breaks, waiting: 0 }, next }
}

fn seal(place: &Place, keys: &Keys, of: i64) -> String {
    let Place { sequence, hash, events, erased, checkpoints } = place;
    let mut bytes = sequence.to_be_bytes().to_vec();
    for number in [events, erased, checkpoints] {
        bytes.extend(number.to_be_bytes());
    }
    bytes.extend(hash.0);
    bytes.extend(tag(keys, of, &bytes));
    URL_SAFE_NO_PAD.encode(bytes)
}

fn open(text: &str, keys: &Keys, of: i64) -> Result<Place> {
    let foreign = || Error::invalid(Field::Cursor, Refusal::Place);
    let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| foreign())?;
    let (body, sealed) = bytes.split_at_checked(bytes.len().saturating_sub(TAG)).ok_or_else(foreign)?;
    if tag(keys, of, body) != sealed {
        return Err(foreign());
    }
    let (numbers, hash) = body.split_at_checked(32).ok_or_else(foreign)?;
    let hash = Hash(hash.try_into().map_err(|_| foreign())?);
    let (numbers, _) = numbers.as_chunks::<8>();
    let [sequence, events, erased, checkpoints] = numbers else { return Err(foreign()) };
    let number = |bytes: &[u8; 8]| u64::from_be_bytes(*bytes);
    Ok(Place {
        sequence: i64::from_be_bytes(*sequence),
        hash,
        events: number(events),
        erased: number(erased),
        checkpoints: number(checkpoints),
    })
}

fn tag(keys: &Keys, of: i64, body: &[u8]) -> Vec<u8> {
    let mut text = format!("{of} ").into_bytes();
    text.extend_from_slice(body);
    keys.digest(PURPOSE, &text)[..TAG].to_vec()
}
