//! The tools that a check needs beside Rust itself: found, or installed, or named with the command that installs
//! them. Knows nothing of what they are used for.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, bail};

use crate::run::run;

/// Where Debian and its kin keep the server's binaries: off the PATH, a folder per major version.
const DEBIAN_POSTGRES: &str = "/usr/lib/postgresql";

/// What was found.
pub(crate) struct Tools {
    /// The folder of `initdb`, `postgres` and `pg_ctl`; absent where only the embedded engine is tested.
    pub(crate) postgres: Option<PathBuf>,
    /// Is cargo-nextest here? Nice to have: it runs tests faster.
    pub(crate) nextest: bool,
    /// Is cargo-deny here? Nice to have.
    pub(crate) deny: bool,
}

/// Finds every tool, and installs what is missing and necessary where that is ours to do.
pub(crate) fn prepare(cargo: &Path, with_postgres: bool) -> anyhow::Result<Tools> {
    let components = missing_components(cargo);
    if !components.is_empty() {
        let arguments = [&["component", "add"], components.as_slice()].concat();
        if on_path("rustup").is_none() {
            bail!("{} missing; install with `rustup {}`", components.join(" and "), arguments.join(" "));
        }
        run(Command::new("rustup").args(arguments))?;
    }
    provide(|| missing_packages(with_postgres))?;
    Ok(Tools {
        postgres: with_postgres.then(postgres).flatten(),
        nextest: on_path("cargo-nextest").is_some(),
        deny: on_path("cargo-deny").is_some(),
    })
}

/// A real browser, what drives it, and an authenticator app.
pub(crate) struct Browser {
    pub(crate) oathtool: PathBuf,
    pub(crate) chromium: PathBuf,
    pub(crate) node: PathBuf,
    pub(crate) npm: PathBuf,
}

/// Finds a browser, and installs it where that is ours to do.
pub(crate) fn browser() -> anyhow::Result<Browser> {
    let wanted = [("oathtool", "oathtool"), ("chromium", "chromium"), ("node", "nodejs"), ("npm", "npm")];
    let missing = || wanted.into_iter().filter(|(name, _)| on_path(name).is_none()).map(|(_, package)| package);
    provide(|| missing().collect())?;
    let found = |name| on_path(name).with_context(|| format!("no {name} on the PATH"));
    let (oathtool, chromium) = (found("oathtool")?, found("chromium")?);
    Ok(Browser { oathtool, chromium, node: found("node")?, npm: found("npm")? })
}

/// Installs what is missing, and looks again.
fn provide(missing: impl Fn() -> Vec<&'static str>) -> anyhow::Result<()> {
    if missing().is_empty() {
        return Ok(());
    }
    install(&missing())?;
    match missing() {
        still if still.is_empty() => Ok(()),
        still => bail!("installed, and yet not found: {}", still.join(", ")),
    }
}

fn missing_components(cargo: &Path) -> Vec<&'static str> {
    let answers = |name: &str| {
        let mut command = Command::new(cargo);
        command.args([name, "--version"]).stdout(Stdio::null()).stderr(Stdio::null());
        command.status().is_ok_and(|status| status.success())
    };
    let known = [("fmt", "rustfmt"), ("clippy", "clippy")];
    known.into_iter().filter(|(name, _)| !answers(name)).map(|(_, component)| component).collect()
}

/// The Debian packages of what is necessary and not here.
fn missing_packages(with_postgres: bool) -> Vec<&'static str> {
    let mut missing = Vec::new();
    if with_postgres && postgres().is_none() {
        missing.push("postgresql");
    }
    // Counts the syncs of a commit, on the one system that has it.
    if cfg!(target_os = "linux") && on_path("strace").is_none() {
        missing.push("strace");
    }
    missing
}

fn install(packages: &[&str]) -> anyhow::Result<()> {
    let names = packages.join(" ");
    if on_path("apt-get").is_none() {
        bail!("missing: {names}; install them with your system's package manager{}", way_out(packages));
    }
    if !is_root()? {
        bail!(
            "missing: {names}; install with `sudo apt-get update && \
             sudo apt-get install -y --no-install-recommends {names}`{}",
            way_out(packages)
        );
    }
    let apt = || {
        let mut command = Command::new("apt-get");
        command.env("DEBIAN_FRONTEND", "noninteractive");
        command
    };
    run(apt().arg("update"))?;
    run(apt().args(["install", "-y", "--no-install-recommends"]).args(packages))
}

fn way_out(packages: &[&str]) -> &'static str {
    if packages.contains(&"postgresql") { ", or set ROLEBOOK_TEST_ENGINES=sqlite to leave PostgreSQL out" } else { "" }
}

/// Are we root? A fresh file's owner tells, without a system call that needs unsafe code.
fn is_root() -> anyhow::Result<bool> {
    use std::os::unix::fs::MetadataExt;
    Ok(tempfile::tempfile()?.metadata()?.uid() == 0)
}

/// The folder of a complete PostgreSQL server: the one on the PATH, else the newest of Debian's.
fn postgres() -> Option<PathBuf> {
    let linked = on_path("initdb").and_then(|file| file.canonicalize().ok());
    let first = linked.and_then(|file| Some(file.parent()?.to_owned()));
    let mut versions: Vec<(u32, PathBuf)> = std::fs::read_dir(DEBIAN_POSTGRES)
        .into_iter()
        .flatten()
        .filter_map(|entry| entry.ok().map(|entry| entry.path()))
        .filter_map(|path| Some((path.file_name()?.to_str()?.parse().ok()?, path.join("bin"))))
        .collect();
    versions.sort_by(|one, other| other.cmp(one));
    let complete = |folder: &PathBuf| ["initdb", "postgres", "pg_ctl"].iter().all(|name| folder.join(name).is_file());
    first.into_iter().chain(versions.into_iter().map(|(_, folder)| folder)).find(complete)
}

/// The first file of that name on the PATH.
pub(crate) fn on_path(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(name)).find(|file| file.is_file())
}
