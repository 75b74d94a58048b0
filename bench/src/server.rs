//! The server under test: the release binary on a database of its own, initialised and started as an operator does it.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, bail};
use serde::Deserialize;
use uuid::Uuid;

use crate::http::{Connection, Target};
use crate::process::{Listening, bound_to_us, last_lines};

/// The environment that everything happens in.
pub(crate) const ENVIRONMENT: &str = "bench";
const EMAIL: &str = "admin@example.com";
const PASSWORD: &str = "nine Larks over 7 quiet Bays";

/// A database with the keys to it, and whom its first administrator's token belongs to.
pub(crate) struct Installed {
    binary: PathBuf,
    folder: PathBuf,
    pub(crate) database: String,
    log: Option<String>,
    pub(crate) administrator: Administrator,
}

/// What `rolebook init --json` says.
#[derive(Deserialize)]
pub(crate) struct Administrator {
    pub(crate) user_id: Uuid,
    token: String,
}

/// How long a start took.
pub(crate) struct Started {
    pub(crate) health: Duration,
    pub(crate) api: Duration,
}

impl Installed {
    /// Makes environment and administrator in `database`.
    pub(crate) fn new(
        binary: &Path,
        folder: &Path,
        database: String,
        log: Option<String>,
    ) -> anyhow::Result<Installed> {
        let mut command = Command::new(binary);
        command.args(["init", "--environment", ENVIRONMENT, "--email", EMAIL, "--json"]);
        settings(&mut command, folder, &database);
        let output = command.env("ROLEBOOK_ADMIN_PASSWORD", PASSWORD).output();
        let output = output.with_context(|| format!("cannot start {}", binary.display()))?;
        if !output.status.success() {
            bail!("`rolebook init` failed: {}", last_lines(&String::from_utf8_lossy(&output.stderr)));
        }
        let administrator = serde_json::from_slice(&output.stdout).context("`rolebook init` says something else")?;
        Ok(Installed { binary: binary.to_owned(), folder: folder.to_owned(), database, log, administrator })
    }

    /// Starts the server; to be called on the main thread.
    pub(crate) fn serve(&self) -> anyhow::Result<Listening> {
        self.serve_with(&[])
    }

    /// The same with further options.
    pub(crate) fn serve_with(&self, further: &[&str]) -> anyhow::Result<Listening> {
        let mut command = bound_to_us(&self.binary, "KILL");
        command.args(["serve", "--listen", "127.0.0.1:0"]).args(further);
        settings(&mut command, &self.folder, &self.database);
        if let Some(level) = &self.log {
            command.args(["--log", level]);
        }
        Listening::start(&mut command, &self.folder.join("server.log"))
    }

    /// The same, timed until the first answers.
    pub(crate) async fn serve_timed(&self) -> anyhow::Result<(Listening, Started)> {
        let server = self.serve()?;
        let mut connection = Connection::open(server.address).await?;
        let target = self.v2(&server);
        let answer = connection.send(&target.get("/healthz")).await?;
        if answer.status != 200 {
            bail!("/healthz answered {}: {}", answer.status, answer.text());
        }
        let health = server.begun.elapsed();
        connection.send(&target.get(&format!("/api/v2/user/{}", self.administrator.user_id))).await?.json(200)?;
        let api = server.begun.elapsed();
        Ok((server, Started { health, api }))
    }

    /// The console, as a browser in which the administrator has just signed in.
    pub(crate) async fn console(&self, server: &Listening) -> anyhow::Result<Target> {
        let browser = Target::new(server.address, &[("accept-encoding", "gzip, deflate, br, zstd")]);
        let form = format!("login={EMAIL}&password={}", PASSWORD.replace(' ', "+"));
        let mut connection = Connection::open(server.address).await?;
        let answer = connection.send(&browser.form("/console/sign-in", &form)).await?;
        let head = String::from_utf8_lossy(answer.head);
        let cookie = head.lines().filter_map(|line| line.split_once(": "));
        let cookie = cookie
            .filter(|(name, _)| name.eq_ignore_ascii_case("set-cookie"))
            .find_map(|(_, cookie)| cookie.split(';').next());
        let cookie = cookie.with_context(|| format!("nobody was let in: {} {}", answer.status, answer.text()))?;
        Ok(browser.with(&[("cookie", cookie)]))
    }

    /// The second API, as the administrator.
    pub(crate) fn v2(&self, server: &Listening) -> Target {
        let bearer = format!("Bearer {}", self.administrator.token);
        Target::new(server.address, &[("authorization", &bearer)])
    }

    /// The first API, as the administrator.
    pub(crate) fn v1(&self, server: &Listening) -> Target {
        let id = self.administrator.user_id.to_string();
        Target::new(server.address, &[("x-auth-token", &self.administrator.token), ("x-user-id", &id)])
    }
}

/// The operator's own surroundings have no say.
fn settings(command: &mut Command, folder: &Path, database: &str) {
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("ROLEBOOK_") {
            command.env_remove(name);
        }
    }
    command.current_dir(folder).args(["--database", database]).arg("--keys").arg(folder.join("keys"));
}
