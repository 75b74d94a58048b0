//! `rolebook audit`: whether the audit trail is whole, the trail as lines, the public keys of its checkpoints, and people erased
//! from it. What a break is, is the directory's affair.

mod offline;
mod report;

use super::open::{self, Opening};
use super::{AsJson, output};
use crate::config::Settings;
use crate::trail;
use clap::Subcommand;
use directory::audit::{self, Hash, PublicKey, Trail};
use directory::environments::EnvironmentName;
use directory::id::UserId;
use serde::Serialize;
use std::io::{self, BufWriter, Write};
use std::path::PathBuf;
use uuid::Uuid;

/// Verify and export the audit trail, and erase people from it
#[derive(Subcommand)]
pub(super) enum Audit {
    Verify(Verify),
    Export(Export),
    Key(Key),
    Erase(Erase),
}

/// Recompute every hash of the audit trail and say where it is broken first, if it is; exit code 1 then.
///
/// Of the database, or of a file that was exported: for that, neither the database nor the server's keys are needed. With
/// the checkpoints that were kept outside the database, it also finds events that were removed at the end, and a trail that
/// was written anew as a whole.
#[derive(clap::Args)]
#[command(after_help = "Example:\n  rolebook audit verify --checkpoints /mnt/safe/checkpoints.ndjson\n  \
                  rolebook audit verify --file audit.ndjson --checkpoints checkpoints.ndjson --key 'OYl…'")]
pub(super) struct Verify {
    /// An export, instead of the database
    #[arg(long, value_name = "FILE")]
    file: Option<PathBuf>,
    /// Checkpoints that were kept: what `--audit-checkpoints` of the server wrote
    #[arg(long, value_name = "FILE")]
    checkpoints: Option<PathBuf>,
    /// A key that may have signed them, as `rolebook audit key` shows it; may be repeated [default: the server's own; of a
    /// file: any]
    #[arg(long, value_name = "KEY", value_parser = public_key, requires = "file")]
    key: Vec<PublicKey>,
    #[command(flatten)]
    output: AsJson,
}

/// Print the audit trail as lines of JSON, oldest first: the system's and every environment's, or one environment's
#[derive(clap::Args)]
#[command(after_help = "Example:\n  rolebook audit export --environment roma_pizza > audit.ndjson")]
pub(super) struct Export {
    /// An environment's key or UUID
    #[arg(long, value_name = "KEY")]
    environment: Option<String>,
}

/// Show the public keys that sign checkpoints, oldest first; the last one that seals is in use
#[derive(clap::Args)]
#[command(after_help = "Example:\n  rolebook audit key --json")]
pub(super) struct Key {
    #[command(flatten)]
    output: AsJson,
}

/// Erase from the audit trail what changed of a person, and where it came from. The trail still verifies.
#[derive(clap::Args)]
#[command(after_help = "Example:\n  rolebook audit erase --user 0199f1a0-7c00-7b1e-8c11-2f6f5a8de111")]
pub(super) struct Erase {
    /// The id of the user, who may be gone already
    #[arg(long, value_name = "ID")]
    user: Uuid,
    #[command(flatten)]
    output: AsJson,
}

#[derive(Serialize)]
struct ShownKey {
    id: u32,
    key: String,
}

#[derive(Serialize)]
struct Erased {
    user: String,
}

fn public_key(text: &str) -> Result<PublicKey, String> {
    PublicKey::parse(text).ok_or_else(|| "expected 43 characters, as `rolebook audit key` shows them".to_owned())
}

pub(super) fn run(command: Audit, settings: &Settings) -> anyhow::Result<()> {
    match command {
        Audit::Verify(Verify { file, checkpoints, key, output }) => {
            let kept = checkpoints.as_deref().map(offline::checkpoints).transpose()?.unwrap_or_default();
            let verified = match file {
                Some(file) => offline::verify(&file, &kept, &key)?,
                None => {
                    let opened = open::for_command(settings, Opening::Present)?;
                    let progress = output::Progress::begin();
                    let say = |events: u64| progress.say(&format!("verified {events} events"));
                    opened.ask(opened.directory.verify_audit(&kept, say))?
                }
            };
            report::tell(&verified, output.json)
        }
        Audit::Export(Export { environment }) => export(environment.as_deref(), settings),
        Audit::Key(Key { output }) => {
            let opened = open::for_command(settings, Opening::Present)?;
            let mut list = output::List::begin(output.json);
            for (id, key) in audit::public_keys(&opened.directory.effects().keys)? {
                list.push(&ShownKey { id, key: key.to_string() }, |shown| format!("{}  {}", shown.id, shown.key))?;
            }
            list.end("There is no key.")
        }
        Audit::Erase(Erase { user, output }) => {
            let opened = open::for_command(settings, Opening::Present)?;
            let erase = opened.directory.system_command(move |tx, actor| audit::erase_account(tx, actor, UserId(user)));
            opened.ask(erase)?;
            while opened.ask(opened.directory.chain_audit())? {}
            output::thing(output.json, &Erased { user: user.to_string() }, |erased| format!("erased {}", erased.user))
        }
    }
}

fn export(environment: Option<&str>, settings: &Settings) -> anyhow::Result<()> {
    let opened = open::for_command(settings, Opening::Present)?;
    let mut out = BufWriter::new(io::stdout().lock());
    let mut lines = |trail: &Trail| -> anyhow::Result<()> {
        let head = &trail.head;
        let (mut after, mut previous) = (head.pruned_sequence, head.pruned_hash.unwrap_or(Hash::NONE));
        loop {
            let page = opened.ask(opened.directory.trail_after(trail.chain, after))?;
            for told in page.iter().filter(|told| told.sequence <= head.sequence) {
                out.write_all(&trail::write(head.environment, previous, told)?)?;
                previous = told.hash;
            }
            match page.last() {
                Some(last) if last.sequence < head.sequence => after = last.sequence,
                _ => return Ok(()),
            }
        }
    };
    match environment {
        Some(name) => lines(&opened.ask(opened.directory.trail_of(Some(EnvironmentName::parse(name))))?)?,
        None => {
            let mut after = -1;
            loop {
                let trails = opened.ask(opened.directory.trails(after))?;
                let Some(last) = trails.last() else { break };
                after = last.chain;
                trails.iter().try_for_each(&mut lines)?;
            }
        }
    }
    Ok(out.flush()?)
}
