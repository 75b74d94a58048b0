//! `rolebook keys`: which keys there are and what they seal, and another key in the place of the newest, without stopping.
//! What is sealed where, and how it is sealed anew, is the directory's affair.

use super::open::{self, Opened, Opening};
use super::{AsJson, output};
use crate::config::Settings;
use crate::keys::{Changing, KeysFile};
use anyhow::anyhow;
use clap::Subcommand;
use directory::keys::{Ring, Use};
use directory::randomness::Randomness;
use directory::sealed::Rows;
use serde::Serialize;
use std::collections::BTreeMap;
use std::time::Duration;

/// Show and change the keys that encrypt what is kept in the database
#[derive(Subcommand)]
pub(super) enum Keys {
    List(List),
    Prepare(Prepare),
    Rotate(Rotate),
}

/// Show the keys by their ids, and how much in the database each of them seals. Never the keys themselves.
///
/// The oldest key makes the digests by which the database is searched for what it must not hold openly. It stays the same,
/// so that these stay true.
#[derive(clap::Args)]
#[command(after_help = "Example:\n  rolebook keys list --json")]
pub(super) struct List {
    #[command(flatten)]
    output: AsJson,
}

/// Add a key that opens and does not seal yet: for several nodes, each with a copy of the keys file.
///
/// Copy the file to every node then; their servers take it up within two seconds. When all have it, run `rolebook keys
/// rotate` on each. Said again before that, it adds no further key.
#[derive(clap::Args)]
#[command(after_help = "Example:\n  rolebook keys prepare && scp rolebook-data/rolebook.keys other:rolebook-data/")]
pub(super) struct Prepare {
    #[command(flatten)]
    output: AsJson,
}

/// Have another key seal from now on, and seal anew with it all that older ones sealed. Nothing stops meanwhile.
///
/// It is the prepared key, or a new one where none is: do that only where all nodes read this very file, else see `rolebook
/// keys prepare`. Older keys stay in the file. They open backups; and the oldest makes the digests, which a rotation leaves
/// as they are. When it is broken off, it goes on when it is run again.
#[derive(clap::Args)]
#[command(after_help = "Example:\n  rolebook keys rotate --json")]
pub(super) struct Rotate {
    /// How long running servers are given to take up the file, which they look at every second; twice
    #[arg(long, value_name = "SECONDS", default_value_t = 3, value_parser = clap::value_parser!(u64).range(0..=3600))]
    wait: u64,
    #[command(flatten)]
    output: AsJson,
}

#[derive(Serialize)]
struct Shown {
    id: Option<u32>,
    state: &'static str,
    digests: bool,
    seals: Rows,
}

#[derive(Serialize)]
struct Prepared {
    key: u32,
    made: bool,
    #[serde(skip)]
    file: String,
}

#[derive(Serialize)]
struct Rotated {
    key: u32,
    made: bool,
    resealed: Rows,
    left: u64,
}

pub(super) fn run(command: Keys, settings: &Settings) -> anyhow::Result<()> {
    // Whoever has the wrong keys for this database is refused here.
    let opened = open::for_command(settings, Opening::Present)?;
    let file = open::keys_file(settings)?;
    match command {
        Keys::List(List { output }) => list(&opened, output.json),
        Keys::Prepare(Prepare { output }) => {
            let changing = file.change()?;
            let known = take_up(&opened, &file)?;
            let ring = known.prepare(&Randomness::operating_system())?;
            let made = known.prepared_id().is_none();
            if made {
                changing.replace(&ring)?;
            }
            let key = ring.prepared_id().ok_or_else(|| anyhow!("no key was prepared"))?;
            output::thing(output.json, &Prepared { key, made, file: file.path().display().to_string() }, Prepared::text)
        }
        Keys::Rotate(rotate) => {
            let changing = file.change()?;
            let rotated = rotation(&opened, &file, &changing, Duration::from_secs(rotate.wait))?;
            output::thing(rotate.output.json, &rotated, Rotated::text)
        }
    }
}

/// First all must be able to open what the key seals, then it seals: otherwise of two servers the quicker one would write what
/// the other cannot read. Each step leaves what the next run goes on from.
fn rotation(opened: &Opened, file: &KeysFile, changing: &Changing, wait: Duration) -> anyhow::Result<Rotated> {
    let progress = output::Progress::begin();
    let patience = || {
        if !wait.is_zero() {
            progress.say(&format!("giving running servers {} s to take up the keys file", wait.as_secs()));
            std::thread::sleep(wait);
        }
    };
    let keys = &opened.directory.effects().keys;
    let mut ring = take_up(opened, file)?;
    let broken_off = ring.sealing_id() > opened.ask(opened.directory.sealed_with())?;
    let mut made = false;
    if ring.prepared_id().is_none() && !broken_off {
        ring = ring.prepare(&Randomness::operating_system())?;
        changing.replace(&ring)?;
        made = true;
    }
    if ring.prepared_id().is_some() {
        patience();
        ring = ring.promote();
        changing.replace(&ring)?;
        keys.take_up(ring).map_err(anyhow::Error::msg)?;
    }
    // What is sealed with an older key from now on is not found any more.
    patience();
    let resealed = opened.ask(opened.directory.reseal(|rows| progress.say(&format!("sealed anew: {rows}"))))?;
    Ok(Rotated { key: resealed.key, made, resealed: resealed.rows, left: resealed.left })
}

/// Reads the file once it is ours: it may have changed since the directory was opened.
fn take_up(opened: &Opened, file: &KeysFile) -> anyhow::Result<Ring> {
    let ring = file.get()?;
    let taken = opened.directory.effects().keys.take_up(ring.clone());
    taken.map_err(|why| anyhow!("{}: {why}", file.path().display()))?;
    Ok(ring)
}

fn list(opened: &Opened, json: bool) -> anyhow::Result<()> {
    let ring = opened.directory.effects().keys.ring();
    let mut sealed = opened.ask(opened.directory.sealed())?;
    let mut list = output::List::begin(json);
    for (id, state) in ring.ids() {
        let state = match state {
            Use::Seals => "seals",
            Use::Opens => "opens",
            Use::Prepared => "prepared",
        };
        let seals = sealed.remove(&Some(id)).unwrap_or_default();
        list.push(&Shown { id: Some(id), state, digests: id == ring.digesting_id(), seals }, Shown::line)?;
    }
    // What nobody can open here.
    for (id, seals) in sealed {
        list.push(&Shown { id, state: "missing", digests: false, seals }, Shown::line)?;
    }
    list.end("")
}

impl Shown {
    fn line(&self) -> String {
        let id = self.id.map_or("unknown".to_owned(), |id| format!("key {id}"));
        let digests = if self.digests { ", makes the digests" } else { "" };
        format!("{id:<8}  {:<26}  {}", format!("{}{digests}", self.state), counted(&self.seals))
    }
}

impl Prepared {
    fn text(&self) -> String {
        let Prepared { key, file, .. } = self;
        format!("key {key} is prepared: copy {file} to every node, and then run `rolebook keys rotate` on each")
    }
}

impl Rotated {
    fn text(&self) -> String {
        let Rotated { key, resealed, left, .. } = self;
        let left = match left {
            0 => String::new(),
            left => format!("\n{left} could not be opened and stay as they were: see `rolebook keys list`"),
        };
        format!("key {key} seals now; sealed anew: {}{left}", counted(resealed))
    }
}

/// Such as `3 answers, 12 mails`.
fn counted(rows: &BTreeMap<&'static str, u64>) -> String {
    let counted: Vec<String> =
        rows.iter().filter(|(_, rows)| **rows > 0).map(|(kind, rows)| format!("{rows} {kind}")).collect();
    if counted.is_empty() { "nothing".to_owned() } else { counted.join(", ") }
}
