//! Checkpoints of the audit trail, outside the database: signed when they are due, and appended to a file that is best kept on
//! another machine's disk. A line of JSON each. Knows nothing of what they prove.

use anyhow::Context;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use directory::Directory;
use directory::audit::{Checkpoint, Hash, PublicKey};
use directory::clock::Time;
use serde::Deserialize;
use std::fs::OpenOptions;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use uuid::Uuid;

/// How often it is looked whether one is due.
const LOOK: Duration = Duration::from_secs(5);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    at: String,
    environment: Option<String>,
    hash: String,
    key: String,
    sequence: i64,
    signature: String,
    v: u32,
}

/// Reads a line that [`Checkpoint::line`] wrote.
///
/// # Errors
/// What is wrong with it, in a few words.
pub(crate) fn read(line: &str) -> Result<Checkpoint, String> {
    let line: Line = serde_json::from_str(line).map_err(|error| error.to_string())?;
    let wrong = |what: &str, text: &str| format!("{text:?} is no {what}");
    if line.v != 1 {
        return Err(format!("version {} is not known here", line.v));
    }
    let at: jiff::Timestamp = line.at.parse().map_err(|_| wrong("time", &line.at))?;
    let signature = URL_SAFE_NO_PAD.decode(&line.signature).ok().and_then(|bytes| bytes.try_into().ok());
    let environment = line.environment.as_deref().map(|text| Uuid::try_parse(text).map_err(|_| wrong("UUID", text)));
    Ok(Checkpoint {
        environment: environment.transpose()?,
        sequence: line.sequence,
        hash: Hash::parse(&line.hash).ok_or_else(|| wrong("hash", &line.hash))?,
        at: Time::from(at),
        key: PublicKey::parse(&line.key).ok_or_else(|| wrong("key", &line.key))?,
        signature: signature.ok_or_else(|| wrong("signature", &line.signature))?,
    })
}

/// Signs what is due, and ships what was signed to a file, if there is one; every few seconds, until the runtime ends.
pub(crate) async fn sign_and_ship(directory: Directory, file: Option<PathBuf>) {
    let mut moments = tokio::time::interval(LOOK);
    moments.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let file = file.map(Arc::from);
    let mut failing = false;
    loop {
        moments.tick().await;
        let done = async {
            while directory.sign_audit().await? {}
            match &file {
                Some(file) => ship(&directory, file).await,
                None => Ok(()),
            }
        };
        match done.await {
            Ok(()) => failing = false,
            // Told once until it goes again, or a full disk fills the log's too.
            Err(error) if !failing => {
                tracing::error!(
                    error = format!("{error:#}"),
                    "checkpoints of the audit trail could not be kept; tried again"
                );
                failing = true;
            }
            Err(_) => {}
        }
    }
}

/// First the file, then the note that they stand there: a crash between leaves a line twice, never one missing.
async fn ship(directory: &Directory, file: &Arc<Path>) -> anyhow::Result<()> {
    loop {
        let kept = directory.unshipped_checkpoints().await?;
        if kept.is_empty() {
            return Ok(());
        }
        let lines: String = kept.iter().map(|kept| kept.checkpoint.line() + "\n").collect();
        let path = file.clone();
        tokio::task::spawn_blocking(move || append(&path, &lines)).await??;
        directory.checkpoints_shipped(kept).await?;
    }
}

/// Appends lines that survive the machine's end.
fn append(path: &Path, lines: &str) -> anyhow::Result<()> {
    let mut options = OpenOptions::new();
    options.create(true).append(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path).with_context(|| format!("cannot open {}", path.display()))?;
    // In one piece: of two writers' lines none stands within another.
    let written = file.write_all(lines.as_bytes()).and_then(|()| file.sync_all());
    written.with_context(|| format!("cannot write {}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_reads_back() {
        let checkpoint = Checkpoint {
            environment: Some(Uuid::from_u128(7)),
            sequence: 1000,
            hash: Hash([3; 32]),
            at: Time::from_micros(1_772_000_000_000_001),
            key: PublicKey([4; 32]),
            signature: [5; 64],
        };
        assert_eq!(read(&checkpoint.line()), Ok(checkpoint.clone()));
        let system = Checkpoint { environment: None, ..checkpoint };
        assert_eq!(read(&system.line()), Ok(system.clone()));
        for wrong in
            ["", "{}", "null", &system.line().replace("\"v\":1", "\"v\":2"), &system.line().replace("0303", "03")]
        {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn lines_are_appended_for_their_owner_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("checkpoints.ndjson");
        append(&path, "a\n").unwrap();
        append(&path, "b\n").unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "a\nb\n");
        #[cfg(unix)]
        assert_eq!(
            std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(&path).unwrap().permissions()) & 0o777,
            0o600
        );
        assert!(append(&folder.path().join("no/such"), "x\n").is_err());
    }
}
