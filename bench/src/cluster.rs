//! A throw-away PostgreSQL cluster as it comes: every commit is synced. Knows nothing of what is kept in it.

use std::fs::File;
use std::net::TcpListener;
use std::os::unix::fs::{MetadataExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use tempfile::TempDir;

use crate::process::{bound_to_us, last_lines, on_path};

/// How long a server may take to answer after its start.
const PATIENCE: Duration = Duration::from_secs(60);
/// Where Debian and its kin keep the server's binaries: off the PATH, a folder per major version.
const DEBIAN: &str = "/usr/lib/postgresql";
/// Nothing of durability: that is what is measured. A socket's path may not be longer than about 100 bytes, and a
/// temporary folder's may.
const SETTINGS: [&str; 2] = ["listen_addresses=127.0.0.1", "unix_socket_directories="];

/// A running server. Dropped, it is ended and its folder deleted.
pub(crate) struct Cluster {
    server: Child,
    port: u16,
    folder: TempDir,
}

impl Cluster {
    /// Makes and starts one, and waits until it answers; to be called on the main thread.
    pub(crate) fn start() -> anyhow::Result<Cluster> {
        let binaries = binaries()?;
        let folder = tempfile::Builder::new().prefix("rolebook-bench-postgres-").tempdir()?;
        // PostgreSQL refuses to run as root. The owner of what we make is who we are.
        let user = if folder.path().metadata()?.uid() == 0 { Some(nobody()?) } else { None };
        if let Some((user, group)) = user {
            chown(folder.path(), Some(user), Some(group))?;
        }
        let log = File::create(folder.path().join("log"))?;
        let said = || last_lines(&std::fs::read_to_string(folder.path().join("log")).unwrap_or_default());
        let run = |mut command: Command| -> anyhow::Result<Child> {
            command.current_dir(folder.path()).stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log.try_clone()?);
            if let Some((user, group)) = user {
                command.uid(user).gid(group);
            }
            command.spawn().context("cannot start PostgreSQL")
        };
        let mut initdb = Command::new(binaries.join("initdb"));
        initdb.args(["-D", "data", "-U", "rolebook", "-A", "trust", "--locale=C", "--encoding=UTF8"]);
        if !run(initdb)?.wait()?.success() {
            bail!("initdb failed:\n{}", said());
        }
        // Nobody holds a port for us between asking for a free one and using it.
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let mut postgres = bound_to_us(&binaries.join("postgres"), "QUIT");
        postgres.args(["-D", "data", "-p", &port.to_string()]);
        postgres.args(SETTINGS.iter().flat_map(|setting| ["-c", setting]));
        let mut server = run(postgres)?;
        let begun = Instant::now();
        // The server writes its state into the eighth line; accepting a connection tells less.
        let state = folder.path().join("data/postmaster.pid");
        let ready = |text: String| text.lines().nth(7).is_some_and(|state| state.trim_end() == "ready");
        while !ready(std::fs::read_to_string(&state).unwrap_or_default()) {
            if server.try_wait()?.is_some() || begun.elapsed() > PATIENCE {
                // It may have ended by itself.
                let _ = server.kill();
                let _ = server.wait();
                bail!("PostgreSQL does not start:\n{}", said());
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        Ok(Cluster { server, port, folder })
    }

    /// Where it is found.
    pub(crate) fn url(&self) -> String {
        self.url_of("postgres")
    }

    /// Makes another database in it, and says where it is found. Blocks: not for threads that serve.
    pub(crate) fn another(&self, name: &str) -> anyhow::Result<String> {
        postgres::Client::connect(&self.url(), postgres::NoTls)?.batch_execute(&format!("CREATE DATABASE {name}"))?;
        Ok(self.url_of(name))
    }

    fn url_of(&self, name: &str) -> String {
        format!("postgres://rolebook@127.0.0.1:{}/{name}", self.port)
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        // At once, with all of its processes: nothing in it is kept. The shell's own `kill`, as a signal by number takes
        // unsafe code or one more crate.
        let asked = Command::new("sh").args(["-c", "kill -QUIT \"$0\"", &self.server.id().to_string()]).status();
        if !asked.is_ok_and(|status| status.success()) {
            let _ = self.server.kill();
        }
        let _ = self.server.wait();
        // Its own files go with the folder, which is dropped after this.
        let _ = self.folder.path();
    }
}

/// The folder of a complete server: the one on the PATH, else the newest of Debian's.
fn binaries() -> anyhow::Result<PathBuf> {
    let linked = on_path("initdb").and_then(|file| file.canonicalize().ok());
    let first = linked.and_then(|file| Some(file.parent()?.to_owned()));
    let mut versions: Vec<(u32, PathBuf)> = std::fs::read_dir(DEBIAN)
        .into_iter()
        .flatten()
        .filter_map(|entry| entry.ok().map(|entry| entry.path()))
        .filter_map(|path| Some((path.file_name()?.to_str()?.parse().ok()?, path.join("bin"))))
        .collect();
    versions.sort_by(|one, other| other.cmp(one));
    let complete = |folder: &PathBuf| ["initdb", "postgres"].iter().all(|name| folder.join(name).is_file());
    let found = first.into_iter().chain(versions.into_iter().map(|(_, folder)| folder)).find(complete);
    found.context("PostgreSQL is missing: `apt-get install postgresql`")
}

/// The user and group that own nothing.
fn nobody() -> anyhow::Result<(u32, u32)> {
    let users = std::fs::read_to_string(Path::new("/etc/passwd")).context("cannot read /etc/passwd")?;
    let ids = users.lines().find_map(|line| {
        let fields: Vec<&str> = line.strip_prefix("nobody:")?.split(':').collect();
        Some((fields.get(1)?.parse().ok()?, fields.get(2)?.parse().ok()?))
    });
    ids.context("PostgreSQL refuses to run as root, and there is no user `nobody` to run it as")
}
