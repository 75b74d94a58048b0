//! Opening the directory for a command or a server: the database, and the keys file that belongs to it. A database that was
//! filled with keys is never given others: what they sealed would be lost without anybody noticing.

use super::database::{self, Database};
use super::refusal::explain;
use crate::config::Settings;
use anyhow::{Context, anyhow, bail};
use directory::Directory;
use directory::clock::Clock;
use directory::effects::Effects;
use directory::hashing::Hasher;
use directory::keys::Keys;
use directory::randomness::Randomness;
use std::fs::OpenOptions;
use std::io::{ErrorKind, Write};
use std::path::Path;
use std::sync::Arc;
use tokio::runtime::Runtime;
use zeroize::Zeroizing;

/// Passwords that may wait for a hashing thread; more are refused. At a hundredth of a second each and thread, the last one
/// waits for less than a second on one core.
const QUEUE: usize = 64;

/// What a command expects to find.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Opening {
    /// Anything: what is missing is made, an older schema migrated.
    Make,
    /// A database that is in use: anything else is a mistake.
    Present,
}

/// The directory, with what runs it.
pub(super) struct Opened {
    pub(super) directory: Directory,
    pub(super) runtime: Runtime,
}

impl Opened {
    /// Waits for what the directory is asked.
    ///
    /// # Errors
    /// Its refusal, in a sentence.
    pub(super) fn ask<T>(&self, question: impl Future<Output = directory::Result<T>>) -> anyhow::Result<T> {
        self.runtime.block_on(question).map_err(explain)
    }
}

/// Opens the directory for one command.
///
/// # Errors
/// One sentence for the operator.
pub(super) fn for_command(settings: &Settings, opening: Opening) -> anyhow::Result<Opened> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let directory = directory(settings, opening, &runtime, 1)?;
    Ok(Opened { directory, runtime })
}

/// Opens the directory. Blocks, so never on a thread of the runtime.
///
/// # Errors
/// One sentence for the operator.
pub(super) fn directory(
    settings: &Settings,
    opening: Opening,
    runtime: &Runtime,
    hashing_threads: usize,
) -> anyhow::Result<Directory> {
    let database = Database::parse(&settings.database)?;
    let keys_file = settings.keys.clone().unwrap_or_else(|| database.keys());
    if opening == Opening::Make {
        let in_default_folder = match database {
            Database::Sqlite(_) => settings.database_is_default,
            Database::Postgres(_) => settings.keys.is_none(),
        };
        if in_default_folder {
            database::make_default_folder()?;
        }
        database.make_room()?;
    } else {
        database.need_presence()?;
    }
    let randomness = Randomness::operating_system();
    let found = read(&keys_file)?;
    let missing = found.is_none();
    // Drawn before it is known whether they are wanted: the database cannot be asked without any.
    let keys = found.map_or_else(|| Keys::generate(&randomness), Ok)?;
    let effects = Effects { clock: Clock::system(), randomness: randomness.clone(), keys: Arc::new(keys.clone()) };
    let hasher = Hasher::new(settings.hashing, hashing_threads, QUEUE, randomness)?;
    let open = if opening == Opening::Make { Directory::open } else { Directory::open_present };
    let directory = open(&settings.database, effects, hasher, settings.lifetimes).map_err(explain)?;
    if !missing {
        runtime.block_on(directory.adopt_keys()).map_err(explain)?;
    } else if runtime.block_on(directory.knows_keys()).map_err(explain)? {
        bail!(
            "the keys file {} is missing: without it this database cannot be used; put it back, or name it with --keys",
            keys_file.display()
        );
    } else if opening == Opening::Present {
        bail!("nothing was ever set up in the database {}: run `rolebook init`", database.shown());
    } else {
        adopt_new(&keys, &keys_file, &directory, runtime)?;
    }
    tracing::info!(
        engine = database.engine(),
        database = database.shown(),
        schema = directory::store::SCHEMA_VERSION,
        migrations = directory.migrations_run(),
        "the directory is open"
    );
    Ok(directory)
}

/// First the file, then the database: a crash between leaves keys that nothing was sealed with, never the other way round.
fn adopt_new(keys: &Keys, file: &Path, directory: &Directory, runtime: &Runtime) -> anyhow::Result<()> {
    database::need_folder(file, "the keys file")?;
    write(keys, file).with_context(|| format!("cannot write the keys file {}", file.display()))?;
    runtime.block_on(directory.adopt_keys()).map_err(|error| {
        // Another node was quicker with its own; these belong to nothing.
        std::fs::remove_file(file).ok();
        explain(error)
    })?;
    tracing::info!(file = %file.display(), "new keys were made: keep a copy of this file apart from the backups");
    Ok(())
}

fn read(file: &Path) -> anyhow::Result<Option<Keys>> {
    let text = match std::fs::read_to_string(file) {
        Ok(text) => Zeroizing::new(text),
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error).with_context(|| format!("cannot read the keys file {}", file.display())),
    };
    warn_if_open_to_others(file);
    Keys::parse(&text).map(Some).map_err(|why| anyhow!("{}: {why}", file.display()))
}

/// Only a warning: mounted secrets are often readable by all inside a container where nobody else is.
#[cfg(unix)]
fn warn_if_open_to_others(file: &Path) {
    use std::os::unix::fs::PermissionsExt;
    if std::fs::metadata(file).is_ok_and(|metadata| metadata.permissions().mode() & 0o077 != 0) {
        tracing::warn!(file = %file.display(), "the keys file can be read by others: chmod 600 it");
    }
}

#[cfg(not(unix))]
fn warn_if_open_to_others(_: &Path) {}

/// Writes a file that was not there, down to the disk: the database will soon depend on it.
fn write(keys: &Keys, path: &Path) -> std::io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    database::owner_only(&mut options);
    let mut file = options.open(path)?;
    file.write_all(keys.to_text().as_bytes())?;
    file.sync_all()?;
    #[cfg(unix)]
    if let Some(folder) = path.parent() {
        let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
        std::fs::File::open(folder)?.sync_all()?;
    }
    Ok(())
}
