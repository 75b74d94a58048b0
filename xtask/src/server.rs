//! The real server on a folder of its own, which goes with it. Knows the command line, and no API.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use anyhow::{Context, bail};
use tempfile::TempDir;

/// A folder with an embedded database, and the binary whose commands run in it.
pub(crate) struct Site {
    folder: TempDir,
    binary: PathBuf,
}

/// What `rolebook init` says.
pub(crate) struct Founded {
    pub(crate) environment: String,
    pub(crate) user: String,
    pub(crate) token: String,
    pub(crate) email: String,
    pub(crate) password: String,
}

/// A server that listens; dropped, it is ended.
pub(crate) struct Server {
    child: Child,
    /// `http://127.0.0.1:<port>`
    pub(crate) address: String,
}

impl Site {
    /// An empty one; the folder's name begins with `rolebook-<purpose>-`.
    pub(crate) fn new(binary: PathBuf, purpose: &str) -> anyhow::Result<Site> {
        let folder = tempfile::Builder::new().prefix(&format!("rolebook-{purpose}-")).tempdir()?;
        Ok(Site { folder, binary })
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Makes an environment and its administrator.
    pub(crate) fn init(&self, environment: &str) -> anyhow::Result<Founded> {
        let email = format!("{environment}@example.com");
        let arguments = ["init", "--environment", environment, "--email", &email, "--json"];
        let output = self.command().args(arguments).output()?;
        let said = String::from_utf8_lossy(&output.stdout);
        let value = |key: &str| {
            let text = said.split(&format!("\"{key}\": \"")).nth(1)?.split('"').next()?;
            Some(text.to_owned())
        };
        let founded = || {
            Some(Founded {
                environment: value("id")?,
                user: value("user_id")?,
                token: value("token")?,
                email: value("email")?,
                password: value("password")?,
            })
        };
        founded().with_context(|| format!("`rolebook init` failed: {}", String::from_utf8_lossy(&output.stderr)))
    }

    /// Listens on this port of 127.0.0.1, 0 for any; returns once it does.
    pub(crate) fn serve(&self, port: u16, arguments: &[&str]) -> anyhow::Result<Server> {
        let mut command = self.command();
        command.args(["serve", "--listen", &format!("127.0.0.1:{port}")]).args(arguments);
        let mut child = command.stdout(Stdio::piped()).spawn()?;
        let mut line = String::new();
        if let Some(stdout) = child.stdout.take() {
            BufReader::new(stdout).read_line(&mut line)?;
        }
        let address = line.trim().strip_prefix("listening on ").unwrap_or_default().to_owned();
        let server = Server { child, address };
        if server.address.is_empty() {
            bail!("`rolebook serve` does not start");
        }
        Ok(server)
    }

    fn command(&self) -> Command {
        let mut command = Command::new(&self.binary);
        command.current_dir(self.path()).env("ROLEBOOK_DATABASE", "sqlite:rolebook.db").env("ROLEBOOK_LOG", "warn");
        command
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
