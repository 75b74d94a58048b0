//! Where PostgreSQL for tests comes from: the server that `ROLEBOOK_TEST_POSTGRES` names, else a throw-away cluster.
//!
//! A test runner may start one process per test. They share a cluster by their common parent: the first to come makes
//! it, under a lock, and leaves a shell behind that stops it and deletes its folder once the parent is gone, however
//! that ended.

use std::fs::{DirBuilder, File};
use std::net::TcpListener;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, chown};
use std::os::unix::process::{CommandExt, parent_id};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

/// How long a server may take to answer after its start.
const PATIENCE: Duration = Duration::from_secs(60);

/// Fast rather than safe: nothing in it is kept. No socket, because its path may not be longer than about 100 bytes.
const SETTINGS: [&str; 7] = [
    "listen_addresses=127.0.0.1",
    "unix_socket_directories=",
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "max_connections=300",
    "log_min_messages=fatal",
];

/// Ends what was begun: waits for the process `$1` to go, then stops the server `$2` and deletes the folder `$3`.
const WATCH: &str = "while kill -0 \"$1\" 2>/dev/null; do sleep 1; done; \
                     kill -QUIT \"$2\" 2>/dev/null; \
                     while kill -0 \"$2\" 2>/dev/null; do sleep 0.1; done; rm -rf \"$3\"";

/// The address of a server whose role may create databases.
pub(crate) fn url() -> &'static str {
    static URL: OnceLock<String> = OnceLock::new();
    URL.get_or_init(|| match std::env::var("ROLEBOOK_TEST_POSTGRES") {
        Ok(url) if !url.is_empty() => url,
        _ => shared(),
    })
}

/// The cluster of this run, made if nobody made it yet.
fn shared() -> String {
    let parent = parent_id();
    let folder = std::env::temp_dir().join(format!("rolebook-test-{parent}-{}", born(parent)));
    if DirBuilder::new().mode(0o700).create(&folder).is_err() {
        let owner = std::fs::metadata(&folder).unwrap_or_else(|e| panic!("cannot make {}: {e}", folder.display()));
        let own = tempfile::tempfile().unwrap().metadata().unwrap().uid();
        assert_eq!(owner.uid(), own, "{} is somebody else's", folder.display());
    }
    let lock = File::create(folder.join("lock")).unwrap();
    lock.lock().unwrap();
    let note = folder.join("url");
    if let Ok(url) = std::fs::read_to_string(&note) {
        return url;
    }
    let url = start(&folder, parent);
    std::fs::write(note, &url).unwrap();
    url
}

/// When a process began, so that its number may be given out again.
fn born(process: u32) -> String {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    let after_name = stat.rsplit(')').next().unwrap_or_default();
    after_name.split_whitespace().nth(19).unwrap_or("0").to_owned()
}

#[allow(clippy::zombie_processes, reason = "the server outlives this process, and what watches over it ends it")]
fn start(folder: &Path, parent: u32) -> String {
    let binaries = binaries();
    // The server's own folder, which it may enter though the one above is closed to it: it begins in there.
    let data = folder.join("data");
    DirBuilder::new().mode(0o700).create(&data).unwrap();
    let user = (data.metadata().unwrap().uid() == 0).then(nobody);
    if let Some((user, group)) = user {
        chown(&data, Some(user), Some(group)).unwrap();
        // Only a search permission on the way down.
        std::fs::set_permissions(folder, std::os::unix::fs::PermissionsExt::from_mode(0o711)).unwrap();
    }
    let log = File::create(folder.join("log")).unwrap();
    let command = |name: &str| {
        let mut command = Command::new(binaries.join(name));
        command.current_dir(&data).stdin(Stdio::null());
        command.stdout(log.try_clone().unwrap()).stderr(log.try_clone().unwrap());
        if let Some((user, group)) = user {
            command.uid(user).gid(group);
        }
        command
    };
    let arguments = ["-D", ".", "-U", "rolebook", "-A", "trust", "--locale=C", "--encoding=UTF8", "--no-sync"];
    let made = command("initdb").args(arguments).status().unwrap();
    assert!(made.success(), "initdb failed:\n{}", std::fs::read_to_string(folder.join("log")).unwrap_or_default());
    // Nobody holds a port for us between asking for a free one and using it.
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let mut server = command("postgres");
    server.args(["-D", ".", "-p", &port.to_string()]);
    server.args(SETTINGS.iter().flat_map(|setting| ["-c", setting]));
    // A group of its own: a runner that ends a slow test ends its group.
    let mut server = server.process_group(0).spawn().unwrap();
    let begun = Instant::now();
    // The server writes its state into the eighth line; accepting a connection tells less.
    let state = || std::fs::read_to_string(data.join("postmaster.pid")).unwrap_or_default();
    while state().lines().nth(7).is_none_or(|state| state.trim_end() != "ready") {
        if server.try_wait().unwrap().is_some() || begun.elapsed() > PATIENCE {
            panic!("PostgreSQL does not start:\n{}", std::fs::read_to_string(folder.join("log")).unwrap_or_default());
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    let mut watch = Command::new("sh");
    watch.args(["-c", WATCH, "watch", &parent.to_string(), &server.id().to_string()]).arg(folder);
    watch.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).process_group(0);
    watch.spawn().unwrap();
    format!("postgres://rolebook@127.0.0.1:{port}/postgres")
}

/// The folder of a server's binaries: the one on the PATH, else the newest of Debian's.
fn binaries() -> PathBuf {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let linked = std::env::split_paths(&path).find_map(|folder| folder.join("initdb").canonicalize().ok());
    let first = linked.and_then(|file| file.parent().map(Path::to_owned));
    let mut versions: Vec<(u32, PathBuf)> = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .filter_map(|entry| entry.ok().map(|entry| entry.path()))
        .filter_map(|path| Some((path.file_name()?.to_str()?.parse().ok()?, path.join("bin"))))
        .collect();
    versions.sort_by(|one, other| other.cmp(one));
    let complete = |folder: &PathBuf| ["initdb", "postgres"].iter().all(|name| folder.join(name).is_file());
    let found = first.into_iter().chain(versions.into_iter().map(|(_, folder)| folder)).find(complete);
    found.expect(
        "these tests need PostgreSQL: install it (`apt-get install postgresql`), or set ROLEBOOK_TEST_POSTGRES to a \
         server's address, or ROLEBOOK_TEST_ENGINES=sqlite to leave it out",
    )
}

/// The user and group that own nothing: PostgreSQL refuses to run as root.
fn nobody() -> (u32, u32) {
    let users = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
    let ids = users.lines().find_map(|line| {
        let fields: Vec<&str> = line.strip_prefix("nobody:")?.split(':').collect();
        Some((fields.get(1)?.parse().ok()?, fields.get(2)?.parse().ok()?))
    });
    ids.expect("PostgreSQL refuses to run as root, and there is no user `nobody` to run it as")
}
