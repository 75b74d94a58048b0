//! The chains of a database, walked for whoever asks whether they are whole: page by page, beside everything else. Knows
//! nothing of files: checkpoints that were kept elsewhere are given to it.

use super::checkpoint::{Checkpoint, PublicKey, public_keys};
use super::event::Hash;
use super::verify::{Break, How, Told, Walk};
use crate::directory::Directory;
use crate::environments::{self, EnvironmentName};
use crate::error::{Error, Noun, Result};
use crate::store::audit::chain::{self, Head, SYSTEM};
use crate::store::audit::{checkpoints, told};
use std::collections::BTreeSet;

/// Events that are read at once.
const PAGE: i64 = 1000;
/// As many breaks as one answer tells of: each chain has one at most.
const MOST_BREAKS: usize = 1000;

/// One chain, for reading all of it.
#[derive(Clone, Copy, Debug)]
pub struct Trail {
    /// The environment's number, 0 for the system.
    pub chain: i64,
    /// How far it had come.
    pub head: Head,
}

/// What was found.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Verified {
    /// Chains that were walked.
    pub chains: u64,
    /// Events in them that are as they were chained.
    pub events: u64,
    /// Those of them of which something was erased.
    pub erased: u64,
    /// Events that were removed because their environments keep none for so long.
    pub pruned: u64,
    /// Events that are not chained yet: nothing proves them.
    pub waiting: u64,
    /// Checkpoints that were held against them.
    pub checkpoints: u64,
    /// The first break of each chain that has one.
    pub breaks: Vec<Break>,
}

impl Verified {
    /// Counts an event that stands in a walk.
    pub fn count(&mut self, told: &Told) {
        self.events += 1;
        self.erased += u64::from(told.event.is_erased());
    }

    /// Notes a break.
    pub fn broken(&mut self, at: Break) {
        if self.breaks.len() < MOST_BREAKS {
            self.breaks.push(at);
        }
    }
}

impl Directory {
    /// Walks all chains. `kept`: checkpoints that stand outside the database, of which nobody can have taken any away;
    /// `progress` hears how many events were walked so far.
    ///
    /// # Errors
    /// The store's.
    pub async fn verify_audit(&self, kept: &[Checkpoint], mut progress: impl FnMut(u64)) -> Result<Verified> {
        let mut verified = Verified::default();
        let known: BTreeSet<PublicKey> = public_keys(&self.effects().keys)?.into_iter().map(|(_, key)| key).collect();
        for forged in kept.iter().filter(|checkpoint| !known.contains(&checkpoint.key) || !checkpoint.is_signed()) {
            let Checkpoint { environment, sequence, .. } = *forged;
            verified.broken(Break { environment, sequence, how: How::Forged });
        }
        let mut met = BTreeSet::new();
        let mut after = SYSTEM - 1;
        loop {
            let chains = self.store().report(move |tx| told::chains(tx, after, PAGE)).await?;
            let Some(last) = chains.last() else { break };
            after = *last;
            for of in chains {
                let trail = self.trail(of).await?;
                met.insert(trail.head.environment);
                if let Err(at) = self.walk(trail, kept, &known, &mut verified, &mut progress).await? {
                    verified.broken(at);
                }
                verified.chains += 1;
                verified.pruned += u64::try_from(trail.head.pruned_sequence).unwrap_or_default();
            }
        }
        // A chain that was signed and is gone altogether.
        for gone in kept {
            if !met.contains(&gone.environment) && known.contains(&gone.key) && gone.is_signed() {
                met.insert(gone.environment);
                let how = How::Removed { until: gone.sequence };
                verified.broken(Break { environment: gone.environment, sequence: 1, how });
            }
        }
        let waiting = self.store().report(told::waiting).await?;
        verified.waiting = u64::try_from(waiting).unwrap_or_default();
        Ok(verified)
    }

    /// The chain of an environment, or the system's.
    ///
    /// # Errors
    /// [`Error::NotFound`] for an environment that is not there.
    pub async fn trail_of(&self, environment: Option<EnvironmentName>) -> Result<Trail> {
        let Some(name) = environment else { return self.trail(SYSTEM).await };
        self.store()
            .report(move |tx| {
                let here = environments::resolve(tx, &name)?.ok_or(Error::NotFound(Noun::Environment))?;
                let head = chain::find_head(tx, here.id.0)?.unwrap_or_else(|| Head::beginning(here.uuid));
                Ok(Trail { chain: here.id.0, head })
            })
            .await
    }

    /// Up to so many chains after this one, the system's first: before it is -1.
    ///
    /// # Errors
    /// The store's.
    pub async fn trails(&self, after: i64) -> Result<Vec<Trail>> {
        self.store()
            .report(move |tx| {
                let chains = told::chains(tx, after, PAGE)?;
                let trail = |of: i64| Ok(chain::find_head(tx, of)?.map(|head| Trail { chain: of, head }));
                Ok(chains.into_iter().map(trail).collect::<Result<Vec<_>>>()?.into_iter().flatten().collect())
            })
            .await
    }

    /// A page of a chain's events after this one, in its order.
    ///
    /// # Errors
    /// The store's.
    pub async fn trail_after(&self, of: i64, sequence: i64) -> Result<Vec<Told>> {
        self.store().report(move |tx| told::after(tx, of, sequence, PAGE)).await
    }

    async fn trail(&self, of: i64) -> Result<Trail> {
        let head = self.store().report(move |tx| chain::find_head(tx, of)).await?;
        let head = head.ok_or_else(|| Error::Internal("a chain without a head".to_owned()))?;
        Ok(Trail { chain: of, head })
    }

    /// The first break of a chain, if it has one.
    async fn walk(
        &self,
        trail: Trail,
        kept: &[Checkpoint],
        known: &BTreeSet<PublicKey>,
        verified: &mut Verified,
        progress: &mut impl FnMut(u64),
    ) -> Result<std::result::Result<(), Break>> {
        let Trail { chain: of, mut head } = trail;
        loop {
            let signed = match self.checkpoints_of(trail, kept, known, verified).await? {
                Ok(signed) => signed,
                Err(forged) => return Ok(Err(forged)),
            };
            let begin = (head.pruned_sequence, head.pruned_hash.unwrap_or(Hash::NONE));
            let before = verified.events;
            let broken = match Walk::behind(head.environment, begin.0, begin.1, signed) {
                Ok(walk) => self.walk_from(of, walk, begin.0, verified, progress).await?,
                Err(at) => Err(at),
            };
            let Err(at) = broken else { return Ok(Ok(())) };
            // Meanwhile the oldest may have been removed because their time was over: then once more from there.
            let now = self.trail(of).await?.head;
            if now.pruned_sequence == head.pruned_sequence {
                return Ok(Err(at));
            }
            verified.events = before;
            head = now;
        }
    }

    async fn walk_from(
        &self,
        of: i64,
        mut walk: Walk,
        mut after: i64,
        verified: &mut Verified,
        progress: &mut impl FnMut(u64),
    ) -> Result<std::result::Result<(), Break>> {
        loop {
            let page = self.trail_after(of, after).await?;
            let Some(last) = page.last() else { break };
            after = last.sequence;
            for told in page {
                verified.count(&told);
                if let Err(at) = walk.step(told) {
                    return Ok(Err(at));
                }
            }
            progress(verified.events);
        }
        // Asked last: what was chained meanwhile is no break.
        let head = self.trail(of).await?.head;
        let newer = self.trail_after(of, after).await?;
        Ok(walk.end(if newer.is_empty() { Some(head.sequence) } else { None }))
    }

    /// What was signed of a chain, here and elsewhere, in the chain's order.
    async fn checkpoints_of(
        &self,
        Trail { chain: of, head }: Trail,
        kept: &[Checkpoint],
        known: &BTreeSet<PublicKey>,
        verified: &mut Verified,
    ) -> Result<std::result::Result<Vec<Checkpoint>, Break>> {
        let good = |checkpoint: &Checkpoint| known.contains(&checkpoint.key) && checkpoint.is_signed();
        let elsewhere = kept.iter().filter(|checkpoint| checkpoint.environment == head.environment && good(checkpoint));
        let mut signed: Vec<Checkpoint> = elsewhere.cloned().collect();
        let mut from = head.pruned_sequence;
        loop {
            let page = self.store().report(move |tx| checkpoints::from(tx, of, from, PAGE)).await?;
            let Some(last) = page.last() else { break };
            from = last.checkpoint.sequence + 1;
            for kept in page {
                let Checkpoint { sequence, .. } = kept.checkpoint;
                if !good(&kept.checkpoint) {
                    return Ok(Err(Break { environment: head.environment, sequence, how: How::Forged }));
                }
                signed.push(kept.checkpoint);
            }
        }
        if signed.is_empty() && head.pruned_sequence > 0 {
            // Nothing is removed that no checkpoint covers.
            let how = How::Removed { until: head.pruned_sequence };
            return Ok(Err(Break { environment: head.environment, sequence: 1, how }));
        }
        signed.sort_by_key(|checkpoint| checkpoint.sequence);
        verified.checkpoints += signed.len() as u64;
        Ok(Ok(signed))
    }
}
