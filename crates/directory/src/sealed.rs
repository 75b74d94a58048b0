//! What lies sealed in the database, and how all of it is sealed anew with another key while everybody goes on working. Knows
//! nothing of what is in it, nor of the keys file.

use crate::actor::Origin;
use crate::audit::{self, Changes};
use crate::directory::Directory;
use crate::error::{Error, Result};
use crate::keys::Keys;
use crate::store::sealed::{KINDS, Kind, Place, Sealed};
use crate::store::{self, Tx};
use std::collections::BTreeMap;

/// Rows that are read, and written, at once: a few milliseconds, between which others have their turn.
const PAGE: i64 = 200;
/// How often all is looked through at most. Once seals everything, but for what is just being written; one that finds nothing
/// more is the last.
const PASSES: usize = 10;
/// The name of the fact that says which key everything was last sealed anew with.
const SEALED_WITH: &str = "sealed_with";

/// So many rows of each kind, by what commands call them.
pub type Rows = BTreeMap<&'static str, u64>;

/// What sealing anew did.
#[derive(Debug, PartialEq, Eq)]
pub struct Resealed {
    /// The key that seals now.
    pub key: u32,
    /// What it sealed in the place of older ones.
    pub rows: Rows,
    /// Rows that stay as they were: they do not open, or the key that does is missing.
    pub left: u64,
}

/// A row as it stands, and what it is to hold instead.
struct Anew {
    old: Sealed,
    new: Vec<u8>,
}

impl Directory {
    /// How much each key seals; under `None` what no key of ours did. Reads it all.
    ///
    /// # Errors
    /// The store's.
    pub async fn sealed(&self) -> Result<BTreeMap<Option<u32>, Rows>> {
        let mut found: BTreeMap<Option<u32>, Rows> = BTreeMap::new();
        for kind in &KINDS {
            let mut after = kind.before.clone();
            loop {
                let page = self.sealed_behind(kind, after).await?;
                let Some(last) = page.last() else { break };
                after = last.place.clone();
                for row in &page {
                    *found.entry(Keys::sealed_by(&row.sealed)).or_default().entry(kind.name).or_default() += 1;
                }
            }
        }
        Ok(found)
    }

    /// Seals with the key that seals now whatever older ones sealed, some rows at a time; `progress` hears how many so far.
    /// Safe to break off and to run again, also twice at once: a row that changes meanwhile is left as it has become, and
    /// looked at again.
    ///
    /// # Errors
    /// The store's.
    pub async fn reseal(&self, mut progress: impl FnMut(u64)) -> Result<Resealed> {
        let key = self.effects().keys.ring().sealing_id();
        let mut done = Resealed { key, rows: KINDS.iter().map(|kind| (kind.name, 0)).collect(), left: 0 };
        for _ in 0..PASSES {
            let mut found = 0;
            done.left = 0;
            for kind in &KINDS {
                let mut after = kind.before.clone();
                loop {
                    let page = self.sealed_behind(kind, after).await?;
                    let Some(last) = page.last() else { break };
                    after = last.place.clone();
                    let older = page.into_iter().filter(|row| Keys::sealed_by(&row.sealed).is_none_or(|by| by < key));
                    let (anew, left) = self.seal_anew(kind, older)?;
                    done.left += left;
                    if anew.is_empty() {
                        continue;
                    }
                    found += anew.len();
                    *done.rows.entry(kind.name).or_default() += self.put_anew(kind, anew).await?;
                    progress(done.rows.values().sum());
                }
            }
            if found == 0 {
                break;
            }
        }
        self.store().write(move |tx| note(tx, key)).await?;
        Ok(done)
    }

    /// Which key everything was last sealed anew with; at first the oldest.
    ///
    /// # Errors
    /// The store's.
    pub async fn sealed_with(&self) -> Result<u32> {
        self.store().read(|tx| Ok(last_key(tx)?.unwrap_or_else(|| tx.effects().keys.ring().digesting_id()))).await
    }

    async fn sealed_behind(&self, kind: &'static Kind, after: Place) -> Result<Vec<Sealed>> {
        self.store().report(move |tx| store::sealed::list(tx, kind, &after, PAGE)).await
    }

    /// Opens rows and seals them with the present key, and counts those that do not open. In no transaction: nobody waits.
    fn seal_anew(&self, kind: &Kind, rows: impl Iterator<Item = Sealed>) -> Result<(Vec<Anew>, u64)> {
        let effects = self.effects();
        let (mut anew, mut left) = (Vec::new(), 0);
        for row in rows {
            match effects.keys.open(kind.purpose, &row.associated, &row.sealed) {
                Ok(opened) => {
                    let sealed = effects.keys.seal(kind.purpose, &row.associated, &opened, &effects.randomness)?;
                    anew.push(Anew { old: row, new: sealed });
                }
                Err(_) => left += 1,
            }
        }
        Ok((anew, left))
    }

    /// Puts them in the place of what they were; how many still were that.
    async fn put_anew(&self, kind: &'static Kind, rows: Vec<Anew>) -> Result<u64> {
        self.store()
            .write(move |tx| {
                let mut put = 0;
                for Anew { old, new } in &rows {
                    put += u64::from(store::sealed::put(tx, kind, old, new)?);
                }
                Ok(put)
            })
            .await
    }
}

/// The key that everything was last sealed anew with; `None`: that was never done.
pub(crate) fn last_key(tx: &mut Tx<'_>) -> Result<Option<u32>> {
    let Some(fact) = store::meta::find(tx, SEALED_WITH)? else { return Ok(None) };
    let key = fact.parse().map_err(|_| Error::Internal(format!("the fact {SEALED_WITH} is no key's id")))?;
    Ok(Some(key))
}

/// Notes that everything is sealed with this key: once, however many nodes find it so.
fn note(tx: &mut Tx<'_>, key: u32) -> Result<()> {
    let last = last_key(tx)?;
    let before = last.unwrap_or_else(|| tx.effects().keys.ring().digesting_id());
    if key <= before {
        return Ok(());
    }
    let known = last.map(|last| last.to_string());
    if !store::meta::replace(tx, SEALED_WITH, known.as_deref(), &key.to_string())? {
        // Another node was quicker, and has told of it.
        return Ok(());
    }
    let mut changes = Changes::default();
    changes.text("key", Some(&before.to_string()), Some(&key.to_string()));
    let origin = Origin { request: "command".into(), address: None };
    audit::record_unsigned(tx, None, &origin, "command", "keys.rotated", "keys", changes)
}
