//! The keys file: read, made, and replaced by one with more keys, so that whoever looks sees the one or the other and no crash
//! loses a key. Knows nothing of what keys are for, nor of the database.

mod watch;

pub(crate) use watch::watch;

use anyhow::{Context, anyhow, bail};
use directory::keys::Ring;
use std::ffi::OsStr;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, ErrorKind, Read, Write};
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// More bytes than any keys file has: that of five hundred keys is smaller.
const LARGEST: u64 = 64 * 1024;

/// The file, there or not.
#[derive(Clone)]
pub(crate) struct KeysFile {
    path: PathBuf,
}

/// The file while it is this process's to change, until this is dropped.
pub(crate) struct Changing {
    /// Where it really is: a link to it stays one.
    path: PathBuf,
    _lock: File,
}

impl KeysFile {
    pub(crate) fn at(path: PathBuf) -> KeysFile {
        KeysFile { path }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// What is in it; `None`: there is no such file. Blocks.
    ///
    /// # Errors
    /// A file that cannot be read, or is no keys file: one sentence for the operator.
    pub(crate) fn find(&self) -> anyhow::Result<Option<Ring>> {
        let text = match read(&self.path) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => {
                return Err(error).with_context(|| format!("cannot read the keys file {}", self.path.display()));
            }
        };
        Ring::parse(&text).map(Some).map_err(|why| anyhow!("{}: {why}", self.path.display()))
    }

    /// The same where it must be there.
    ///
    /// # Errors
    /// As [`KeysFile::find`], and that it is missing.
    pub(crate) fn get(&self) -> anyhow::Result<Ring> {
        self.find()?.ok_or_else(|| anyhow!("the keys file {} is missing", self.path.display()))
    }

    /// Makes a file that was not there, down to the disk: the database will soon depend on it. Blocks.
    ///
    /// # Errors
    /// The system's.
    pub(crate) fn create(&self, ring: &Ring) -> io::Result<()> {
        write(&self.path, ring, None)?;
        sync_folder(&self.path)
    }

    /// Takes the file for this process to change.
    ///
    /// # Errors
    /// That another process is changing it, or that nobody can here: one sentence for the operator.
    pub(crate) fn change(&self) -> anyhow::Result<Changing> {
        let refused = || format!("cannot change the keys file {}: its folder must be writable", self.path.display());
        let path = fs::canonicalize(&self.path).with_context(refused)?;
        let lock = lock_beside(&path).with_context(refused)?;
        match lock.try_lock() {
            Ok(()) => Ok(Changing { path, _lock: lock }),
            Err(TryLockError::WouldBlock) => {
                bail!("the keys file {} is being changed by another process: wait for that one", self.path.display())
            }
            Err(TryLockError::Error(error)) => Err(error).with_context(refused),
        }
    }

    /// Warns of a file that others can read. Only a warning: mounted secrets are often readable by all inside a container
    /// where nobody else is.
    pub(crate) fn warn_if_open_to_others(&self) {
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            if fs::metadata(&self.path).is_ok_and(|metadata| metadata.permissions().mode() & 0o077 != 0) {
                tracing::warn!(file = %self.path.display(), "the keys file can be read by others: chmod 600 it");
            }
        }
    }
}

impl Changing {
    /// Puts these into its place, at once and down to the disk. Its owner and rights stay: a server that could read the old
    /// file must be able to read this one. Blocks.
    ///
    /// # Errors
    /// The system's; the file is then as it was.
    pub(crate) fn replace(&self, ring: &Ring) -> anyhow::Result<()> {
        let new = beside(&self.path, "new");
        let replaced = (|| {
            // Left over from a process that was killed: nobody else makes one while we hold the lock.
            match fs::remove_file(&new) {
                Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
                _ => write(&new, ring, Some(&fs::metadata(&self.path)?))?,
            }
            fs::rename(&new, &self.path).inspect_err(|_| {
                fs::remove_file(&new).ok();
            })?;
            sync_folder(&self.path)
        })();
        replaced.with_context(|| format!("cannot write the keys file {}", self.path.display()))
    }
}

/// Lets nobody but its owner read a file that is made.
#[allow(unused_variables, reason = "only Unix has such rights")]
pub(crate) fn owner_only(options: &mut OpenOptions) {
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
}

/// What is locked while a file is changed. A file of its own, because that one is exchanged; it stays, or two could hold locks
/// on two of them.
fn lock_beside(path: &Path) -> io::Result<File> {
    let place = beside(path, "lock");
    let mut options = OpenOptions::new();
    options.write(true);
    owner_only(&mut options);
    match options.clone().create_new(true).open(&place) {
        Ok(made) => {
            // Another user's next time, if the superuser is the first. One that is there may be a link to anything, and is
            // given to nobody.
            belongs_as(&made, &fs::metadata(path)?)?;
            Ok(made)
        }
        Err(error) if error.kind() == ErrorKind::AlreadyExists => options.open(&place),
        Err(error) => Err(error),
    }
}

fn read(path: &Path) -> io::Result<Zeroizing<String>> {
    let mut file = File::open(path)?;
    let size = file.metadata()?.len();
    if size > LARGEST {
        return Err(io::Error::new(ErrorKind::FileTooLarge, "it is far too large for one"));
    }
    // Room for all of it now: a string that grows leaves copies behind.
    let mut text = Zeroizing::new(String::with_capacity(size as usize + 1));
    (&mut file).take(LARGEST).read_to_string(&mut text)?;
    Ok(text)
}

/// Writes a file that was not there, down to the disk; as another one is, if it is to take its place.
fn write(path: &Path, ring: &Ring, like: Option<&fs::Metadata>) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    owner_only(&mut options);
    let mut file = options.open(path)?;
    let written = (|| {
        if let Some(like) = like {
            belongs_as(&file, like)?;
        }
        file.write_all(ring.to_text().as_bytes())?;
        file.sync_all()
    })();
    written.inspect_err(|_| {
        fs::remove_file(path).ok();
    })
}

/// Gives a file the owner and the rights of another.
#[cfg(unix)]
fn belongs_as(file: &File, like: &fs::Metadata) -> io::Result<()> {
    use std::os::unix::fs::{MetadataExt, fchown};
    let own = file.metadata()?;
    // Only the superuser may give a file away, and need not where it belongs to the same already.
    if (own.uid(), own.gid()) != (like.uid(), like.gid()) {
        fchown(file, Some(like.uid()), Some(like.gid()))?;
    }
    file.set_permissions(like.permissions())
}

#[cfg(not(unix))]
fn belongs_as(_: &File, _: &fs::Metadata) -> io::Result<()> {
    Ok(())
}

/// A file that is there only once its folder is on the disk too.
#[allow(unused_variables, reason = "elsewhere a folder cannot be opened")]
fn sync_folder(path: &Path) -> io::Result<()> {
    #[cfg(unix)]
    if let Some(folder) = path.parent() {
        let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
        File::open(folder)?.sync_all()?;
    }
    Ok(())
}

/// The file of this name and one more ending.
fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.file_name().unwrap_or(OsStr::new("keys")).to_owned();
    name.push(".");
    name.push(ending);
    path.with_file_name(name)
}
