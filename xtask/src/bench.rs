//! `cargo xtask bench`: finds or installs the load generator, builds server and bench for release, each with its own
//! features, and runs the bench, which does the measuring.

use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, bail};

use crate::tools::on_path;

/// Runs the bench with these arguments. Nothing of ours goes to stdout: the report alone does.
pub(crate) fn bench(top: &Path, arguments: &[&str]) -> anyhow::Result<()> {
    let asks = arguments.iter().any(|argument| matches!(*argument, "--help" | "-h"));
    if !asks && on_path("wrk").is_none() {
        install()?;
    }
    let program = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let cargo = |words: &[&str]| {
        let mut command = Command::new(&program);
        command.current_dir(top).args(words);
        command
    };
    if !asks {
        // By itself: together with the bench it would be built with the bench's features of what both depend on.
        run(&mut cargo(&["build", "--release", "--package", "rolebook"]))?;
    }
    let mut bench = cargo(&["run", "--quiet", "--release", "--package", "rolebook-bench", "--"]);
    run(bench.args(arguments).arg("--top").arg(top))
}

fn run(command: &mut Command) -> anyhow::Result<()> {
    let status = command.status().context("cannot start cargo")?;
    if !status.success() {
        bail!("the bench ended with {status}");
    }
    Ok(())
}

/// Debian's package, for those who may; the others hear how.
fn install() -> anyhow::Result<()> {
    let how = "`wrk` is missing; install with `sudo apt-get install wrk`, or with your system's package manager";
    if on_path("apt-get").is_none() {
        bail!(how);
    }
    for words in [&["update"][..], &["install", "-y", "--no-install-recommends", "wrk"]] {
        let mut apt = Command::new("apt-get");
        apt.env("DEBIAN_FRONTEND", "noninteractive").args(words).stdout(Stdio::null());
        let installed = apt.status().context("cannot start apt-get")?;
        if !installed.success() {
            bail!(how);
        }
    }
    Ok(())
}
