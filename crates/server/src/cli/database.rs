//! The database's address: which engine, what of it may be shown, and whether a file can be where it is said to be. The
//! database itself is the directory's affair.

use crate::config::FOLDER;
use crate::keys;
use anyhow::{Context, bail};
use std::fs::{DirBuilder, OpenOptions};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// An address, taken apart.
pub(super) enum Database {
    /// A file.
    Sqlite(PathBuf),
    /// A server, as the whole address.
    Postgres(String),
}

impl Database {
    /// Takes an address apart.
    ///
    /// # Errors
    /// An address of neither kind. It is not repeated: it may hold a password.
    pub(super) fn parse(address: &str) -> anyhow::Result<Database> {
        if let Some(path) = address.strip_prefix("sqlite:") {
            if path.is_empty() || path.starts_with(':') || path.starts_with("file:") {
                bail!("the database sqlite:PATH must name a file");
            }
            return Ok(Database::Sqlite(PathBuf::from(path)));
        }
        if address.starts_with("postgres://") || address.starts_with("postgresql://") {
            return Ok(Database::Postgres(address.to_owned()));
        }
        bail!("the database must be sqlite:PATH or postgres://USER@HOST/NAME")
    }

    /// The engine's name, for the log.
    pub(super) fn engine(&self) -> &'static str {
        match self {
            Database::Sqlite(_) => "SQLite",
            Database::Postgres(_) => "PostgreSQL",
        }
    }

    /// The address without whatever could be a password: of a server its host and the database's name alone.
    pub(super) fn shown(&self) -> String {
        match self {
            Database::Sqlite(path) => path.display().to_string(),
            Database::Postgres(address) => {
                let rest = address.split_once("://").map_or("", |(_, rest)| rest);
                // Up to the last @ and from the first ?: passwords can stand before the one and behind the other.
                let host = rest.rsplit_once('@').map_or(rest, |(_, host)| host);
                format!("postgres://{}", host.split(['?', '#']).next().unwrap_or_default())
            }
        }
    }

    /// Where its keys file is unless told otherwise.
    pub(super) fn keys(&self) -> PathBuf {
        match self {
            Database::Sqlite(path) => path.with_file_name("rolebook.keys"),
            Database::Postgres(_) => Path::new(FOLDER).join("rolebook.keys"),
        }
    }

    /// Makes sure that the file of a new database can be there: its folder exists, and nobody else may read it (SQLite
    /// gives its other files the same rights).
    ///
    /// # Errors
    /// A folder that is missing or cannot be written to.
    pub(super) fn make_room(&self) -> anyhow::Result<()> {
        let Database::Sqlite(path) = self else { return Ok(()) };
        need_folder(path, "the database")?;
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        keys::owner_only(&mut options);
        match options.open(path) {
            Ok(_) => Ok(()),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => self.need_presence(),
            Err(error) => Err(error).with_context(|| format!("cannot make the database {}", path.display())),
        }
    }

    /// Makes sure that the file is there: a mistyped path must not make an empty database.
    ///
    /// # Errors
    /// A file that is missing, no file, or not ours to write.
    pub(super) fn need_presence(&self) -> anyhow::Result<()> {
        let Database::Sqlite(path) = self else { return Ok(()) };
        if path.is_dir() {
            bail!("{} is a folder: the database must be a file", path.display());
        }
        match OpenOptions::new().append(true).open(path) {
            Ok(_) => Ok(()),
            Err(error) if error.kind() == ErrorKind::NotFound => {
                bail!("there is no database {}: `rolebook init` makes one, --database names another", path.display())
            }
            Err(error) => Err(error).with_context(|| format!("cannot write to the database {}", path.display())),
        }
    }
}

/// Makes the default folder, for its owner alone, unless it is there.
///
/// # Errors
/// The system's.
pub(super) fn make_default_folder() -> anyhow::Result<()> {
    let mut builder = DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    match builder.create(FOLDER) {
        Ok(()) => Ok(()),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(error).with_context(|| format!("cannot make the folder {FOLDER} here")),
    }
}

/// Makes sure that the folder of a file is there.
///
/// # Errors
/// It is not.
pub(super) fn need_folder(file: &Path, what: &str) -> anyhow::Result<()> {
    match file.parent() {
        Some(folder) if !folder.as_os_str().is_empty() && !folder.is_dir() => {
            bail!("the folder {} for {what} does not exist: make it first", folder.display())
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(address: &str) -> String {
        Database::parse(address).unwrap().shown()
    }

    #[test]
    fn no_part_of_an_address_that_can_be_a_password_is_shown() {
        assert_eq!(shown("postgres://ada:s3cret@db.example.com:5432/people"), "postgres://db.example.com:5432/people");
        assert_eq!(shown("postgresql://ada:s3@cret@db/people?password=s3cret"), "postgres://db/people");
        assert_eq!(shown("postgres://db/people#s3cret"), "postgres://db/people");
        assert_eq!(shown("sqlite:/var/lib/rolebook.db"), "/var/lib/rolebook.db");
    }

    #[test]
    fn addresses_of_neither_kind_are_refused_and_not_repeated() {
        for address in ["", "mysql://ada:s3cret@db/x", "sqlite:", "sqlite::memory:", "rolebook.db"] {
            let refusal = Database::parse(address).err().unwrap().to_string();
            assert!(refusal.contains("sqlite:PATH") && !refusal.contains("s3cret"), "{address}: {refusal}");
        }
    }

    #[test]
    fn the_keys_lie_beside_the_file_or_in_the_default_folder() {
        let keys = |address: &str| Database::parse(address).unwrap().keys();
        assert_eq!(keys("sqlite:/var/lib/a.db"), Path::new("/var/lib/rolebook.keys"));
        assert_eq!(keys("sqlite:a.db"), Path::new("rolebook.keys"));
        assert_eq!(keys("postgres://db/x"), Path::new("rolebook-data/rolebook.keys"));
    }
}
