//! A password as another system hashed it: from a file or stdin. Not on the command line itself, where every process on the
//! machine can read it. Knows no format.

use anyhow::{Context, anyhow, bail};
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

/// More is no hash.
const MOST: u64 = 4096;

/// Where it is.
#[derive(clap::Args)]
pub(super) struct HashFile {
    /// A file with the password's hash of another system in it, on one line; - for stdin
    #[arg(long, value_name = "FILE")]
    password_hash_file: Option<PathBuf>,
}

impl HashFile {
    /// The hash, if a file was named.
    ///
    /// # Errors
    /// A file that cannot be read, or holds no line or several.
    pub(super) fn read(&self) -> anyhow::Result<Option<String>> {
        let Some(path) = &self.password_hash_file else { return Ok(None) };
        let mut text = String::new();
        let read = match path == Path::new("-") {
            true => std::io::stdin().lock().take(MOST + 1).read_to_string(&mut text),
            false => File::open(path).and_then(|file| file.take(MOST + 1).read_to_string(&mut text)),
        };
        read.with_context(|| format!("cannot read the password hash in {}", path.display()))?;
        let line = text.trim_end_matches(['\r', '\n']);
        if line.is_empty() || line.contains('\n') || text.len() as u64 > MOST {
            bail!("{} must hold one password hash, on one line", path.display());
        }
        Ok(Some(line.to_owned()))
    }

    /// The hash that there must be.
    ///
    /// # Errors
    /// As [`HashFile::read`]; no file was named.
    pub(super) fn need(&self) -> anyhow::Result<String> {
        self.read()?.ok_or_else(|| {
            anyhow!(
                "say where the password's hash is: --password-hash-file FILE; a password itself is chosen by its owner"
            )
        })
    }
}
