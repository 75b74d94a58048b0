//! Opening the directory for a command or a server: the database, and the keys file that belongs to it. A database that was
//! filled with keys is never given others: what they sealed would be lost without anybody noticing.

use super::database::{self, Database};
use super::refusal::explain;
use crate::config::Settings;
use crate::keys::KeysFile;
use anyhow::{Context, bail};
use directory::Directory;
use directory::clock::Clock;
use directory::effects::Effects;
use directory::hashing::Hasher;
use directory::keys::{Keys, Ring};
use directory::randomness::Randomness;
use tokio::runtime::Runtime;

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
    let file = keys_file(settings)?;
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
    file.warn_if_open_to_others();
    let found = file.find()?;
    let missing = found.is_none();
    // Drawn before it is known whether they are wanted: the database cannot be asked without any.
    let ring = found.map_or_else(|| Ring::generate(&randomness), Ok)?;
    let effects = Effects { clock: Clock::system(), randomness: randomness.clone(), keys: Keys::new(ring.clone()) };
    let hasher = Hasher::new(settings.hashing, hashing_threads, QUEUE, randomness)?;
    let open = if opening == Opening::Make { Directory::open } else { Directory::open_present };
    let directory = open(&settings.database, effects, hasher, settings.lifetimes).map_err(explain)?;
    if !missing {
        runtime.block_on(directory.adopt_keys()).map_err(explain)?;
    } else if runtime.block_on(directory.knows_keys()).map_err(explain)? {
        bail!(
            "the keys file {} is missing: without it this database cannot be used; put it back, or name it with --keys",
            file.path().display()
        );
    } else if opening == Opening::Present {
        bail!("nothing was ever set up in the database {}: run `rolebook init`", database.shown());
    } else {
        adopt_new(&ring, &file, &directory, runtime)?;
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

/// The keys file of a database: the one that was named, or the one that lies where it lies unless told otherwise.
///
/// # Errors
/// A malformed address of the database.
pub(super) fn keys_file(settings: &Settings) -> anyhow::Result<KeysFile> {
    let path = match &settings.keys {
        Some(path) => path.clone(),
        None => Database::parse(&settings.database)?.keys(),
    };
    Ok(KeysFile::at(path))
}

/// First the file, then the database: a crash between leaves keys that nothing was sealed with, never the other way round.
fn adopt_new(ring: &Ring, file: &KeysFile, directory: &Directory, runtime: &Runtime) -> anyhow::Result<()> {
    let path = file.path();
    database::need_folder(path, "the keys file")?;
    file.create(ring).with_context(|| format!("cannot write the keys file {}", path.display()))?;
    runtime.block_on(directory.adopt_keys()).map_err(|error| {
        // Another node was quicker with its own; these belong to nothing.
        std::fs::remove_file(path).ok();
        explain(error)
    })?;
    tracing::info!(file = %path.display(), "new keys were made: keep a copy of this file apart from the backups");
    Ok(())
}
