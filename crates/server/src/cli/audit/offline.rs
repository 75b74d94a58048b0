//! An exported audit trail, verified without the server: on the auditor's own machine. Reads the export line by line, however
//! long it is; the checkpoints are all held at once.

use crate::checkpoints;
use crate::trail;
use anyhow::{Context, anyhow};
use directory::audit::{Break, Checkpoint, Hash, How, PublicKey, Verified, Walk};
use std::collections::BTreeSet;
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use uuid::Uuid;

/// Bytes of one line. An event is some hundreds, and no request that makes one is longer than a mebibyte.
const LINE: u64 = 16 << 20;

/// Reads the checkpoints of a file.
///
/// # Errors
/// The file's; a line that is none.
pub(super) fn checkpoints(path: &Path) -> anyhow::Result<Vec<Checkpoint>> {
    let mut all = Vec::new();
    for_each_line(path, |number, line| {
        let read = checkpoints::read(line);
        all.push(read.map_err(|why| anyhow!("{}, line {number}: no checkpoint: {why}", path.display()))?);
        Ok(())
    })?;
    // Of a file that was written to twice at once, or by two nodes.
    all.sort_by_key(|checkpoint: &Checkpoint| (checkpoint.environment, checkpoint.sequence));
    all.dedup();
    Ok(all)
}

/// Verifies an export. Without `keys`, whoever signed a checkpoint is believed.
///
/// # Errors
/// The file's; a line that is no event.
pub(super) fn verify(path: &Path, kept: &[Checkpoint], keys: &[PublicKey]) -> anyhow::Result<Verified> {
    let mut verified = Verified::default();
    let known = |checkpoint: &Checkpoint| keys.is_empty() || keys.contains(&checkpoint.key);
    let (good, forged): (Vec<_>, Vec<_>) =
        kept.iter().partition(|checkpoint| known(checkpoint) && checkpoint.is_signed());
    for checkpoint in forged {
        let Checkpoint { environment, sequence, .. } = *checkpoint;
        verified.broken(Break { environment, sequence, how: How::Forged });
    }
    let mut seen: BTreeSet<Option<Uuid>> = BTreeSet::new();
    let mut walking: Option<(Option<Uuid>, Option<Walk>)> = None;
    for_each_line(path, |number, line| {
        let read = trail::read(line).map_err(|why| anyhow!("{}, line {number}: no event: {why}", path.display()))?;
        let (whose, told) = (read.link.environment, read.told);
        if walking.as_ref().is_none_or(|(walked, _)| *walked != whose) {
            end(walking.take(), &mut verified);
            let signed: Vec<Checkpoint> =
                good.iter().filter(|checkpoint| checkpoint.environment == whose).map(|c| (*c).clone()).collect();
            verified.chains += 1;
            verified.checkpoints += signed.len() as u64;
            let begun = match seen.insert(whose) {
                true => begin(whose, told.sequence, read.link.previous, signed, &mut verified),
                false => Err(Break { environment: whose, sequence: told.sequence, how: How::OutOfOrder }),
            };
            let walk = begun.map_err(|at| verified.broken(at)).ok();
            walking = Some((whose, walk));
        }
        verified.count(&told);
        if let Some((_, walk)) = &mut walking {
            // Of a chain that is broken, the first break is told, and the rest is passed over.
            if let Some(Err(at)) = walk.as_mut().map(|walk| walk.step(told)) {
                verified.broken(at);
                *walk = None;
            }
        }
        Ok(())
    })?;
    end(walking.take(), &mut verified);
    Ok(verified)
}

/// A trail from its first event, or from a later one when those before were over: then a checkpoint must cover it.
fn begin(
    environment: Option<Uuid>,
    first: i64,
    previous: Hash,
    signed: Vec<Checkpoint>,
    verified: &mut Verified,
) -> Result<Walk, Break> {
    let before = first.saturating_sub(1).max(0);
    if before > 0 && !signed.iter().any(|checkpoint| checkpoint.sequence >= before) {
        return Err(Break { environment, sequence: 1, how: How::Removed { until: before } });
    }
    verified.pruned += before.unsigned_abs();
    let previous = if before == 0 { Hash::NONE } else { previous };
    Walk::behind(environment, before, previous, signed)
}

fn end(walking: Option<(Option<Uuid>, Option<Walk>)>, verified: &mut Verified) {
    if let Some(Err(at)) = walking.and_then(|(_, walk)| walk).map(|walk| walk.end(None)) {
        verified.broken(at);
    }
}

fn for_each_line(path: &Path, mut each: impl FnMut(usize, &str) -> anyhow::Result<()>) -> anyhow::Result<()> {
    let file = File::open(path).with_context(|| format!("cannot read {}", path.display()))?;
    let (mut reader, mut line) = (BufReader::new(file), String::new());
    for number in 1.. {
        line.clear();
        let read = reader.by_ref().take(LINE).read_line(&mut line);
        if read.with_context(|| format!("cannot read {}, line {number}", path.display()))? == 0 {
            break;
        }
        if !line.trim().is_empty() {
            each(number, &line)?;
        }
    }
    Ok(())
}
