//! A throw-away PostgreSQL cluster, shared by all tests of one run. Fast rather than safe: nothing in it is kept.
//! Knows nothing of the tests; they make a database each.

use std::fs::File;
use std::net::TcpListener;
use std::os::unix::fs::{MetadataExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use tempfile::TempDir;

use crate::run::run_quietly;
use crate::tools::on_path;

/// How long a server may take to answer after its start.
const PATIENCE: Duration = Duration::from_secs(60);

const SETTINGS: [&str; 9] = [
    "listen_addresses=127.0.0.1",
    // A socket's path may not be longer than about 100 bytes, and a temporary folder's may.
    "unix_socket_directories=",
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "max_connections=300",
    "shared_buffers=64MB",
    "log_min_messages=fatal",
    "log_min_error_statement=panic",
];

/// A running server. Dropped, it is stopped and its folder deleted.
pub(crate) struct Cluster {
    server: Child,
    place: Place,
    port: u16,
}

impl Cluster {
    /// Makes and starts one with the binaries in `binaries`, and waits until it answers.
    pub(crate) fn start(binaries: &Path) -> anyhow::Result<Self> {
        let place = Place::new(binaries)?;
        run_quietly(place.command("initdb").args(["-D", "data", "-U", "rolebook", "-A", "trust"]).args([
            "--locale=C",
            "--encoding=UTF8",
            "--no-sync",
        ]))?;
        // Nobody holds a port for us between asking for a free one and using it.
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let log = File::create(place.log())?;
        let mut command = place.command("postgres");
        command.args(["-D", "data", "-p", &port.to_string()]);
        command.args(SETTINGS.iter().flat_map(|setting| ["-c", setting]));
        let server = command.stdout(log.try_clone()?).stderr(log).spawn().context("cannot start postgres")?;
        let mut cluster = Self { server, place, port };
        cluster.wait_until_ready()?;
        Ok(cluster)
    }

    /// Where the tests find it. Its role may create databases.
    pub(crate) fn url(&self) -> String {
        format!("postgres://rolebook@127.0.0.1:{}/postgres", self.port)
    }

    /// The server writes its state into the eighth line of `postmaster.pid`; accepting a connection tells less.
    fn wait_until_ready(&mut self) -> anyhow::Result<()> {
        let begun = Instant::now();
        let state = self.place.folder.path().join("data/postmaster.pid");
        loop {
            let lines = std::fs::read_to_string(&state).unwrap_or_default();
            if lines.lines().nth(7).is_some_and(|state| state.trim_end() == "ready") {
                return Ok(());
            }
            let ended = self.server.try_wait()?;
            if ended.is_some() || begun.elapsed() > PATIENCE {
                let log = std::fs::read_to_string(self.place.log()).unwrap_or_default();
                bail!("PostgreSQL does not start:\n{}", log.trim_end());
            }
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        let mut stop = self.place.command("pg_ctl");
        if let Err(error) = run_quietly(stop.args(["stop", "-D", "data", "-m", "immediate", "-w"])) {
            // It may have ended by itself; if not, it ends now.
            println!("    PostgreSQL did not stop as asked: {error:#}");
            let _ = self.server.kill();
        }
        let _ = self.server.wait();
    }
}

/// The cluster's folder, and who runs its commands: PostgreSQL refuses to run as root.
struct Place {
    folder: TempDir,
    binaries: PathBuf,
    user: Option<(u32, u32)>,
}

impl Place {
    fn new(binaries: &Path) -> anyhow::Result<Self> {
        let folder = tempfile::Builder::new().prefix("rolebook-postgres-").tempdir()?;
        // The owner of what we make is who we are.
        let user = if folder.path().metadata()?.uid() == 0 { Some(nobody()?) } else { None };
        if let Some((user, group)) = user {
            chown(folder.path(), Some(user), Some(group))?;
        }
        Ok(Self { folder, binaries: binaries.to_owned(), user })
    }

    fn log(&self) -> PathBuf {
        self.folder.path().join("log")
    }

    fn command(&self, name: &str) -> Command {
        let binary = self.binaries.join(name);
        // With util-linux at hand the server ends even if we are killed, and `drop` never runs.
        let mut command = match on_path("setpriv") {
            Some(setpriv) if name == "postgres" => {
                let mut command = Command::new(setpriv);
                command.args(["--pdeathsig", "INT", "--"]).arg(binary);
                command
            }
            _ => Command::new(binary),
        };
        // Our own working folder may be closed to that user. Our further groups are dropped with our user.
        command.current_dir(self.folder.path());
        if let Some((user, group)) = self.user {
            command.uid(user).gid(group);
        }
        command
    }
}

/// The user and group that own nothing.
fn nobody() -> anyhow::Result<(u32, u32)> {
    let users = std::fs::read_to_string("/etc/passwd").context("cannot read /etc/passwd")?;
    let ids = users.lines().find_map(|line| {
        let fields: Vec<&str> = line.strip_prefix("nobody:")?.split(':').collect();
        Some((fields.get(1)?.parse().ok()?, fields.get(2)?.parse().ok()?))
    });
    ids.context("PostgreSQL refuses to run as root, and there is no user `nobody` to run it as")
}
