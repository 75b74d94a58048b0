//! Everything a change must pass, in order, the quick things first; the first failure ends it.
//!
//! Clippy, tests and rustdoc build the same feature set, all of it: each dependency is built once per profile, and no
//! code behind a feature escapes. What a test build must not carry elsewhere refuses to compile there by itself.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::cluster::Cluster;
use crate::run::{Outcome, Steps, run};
use crate::{e2e, schemathesis, tidy, tools};

/// How much to check.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Extent {
    Full,
    /// Without what rarely breaks, or takes minutes: rustdoc, cargo-deny, schemathesis and the browser.
    Fast,
}

const BUILD: [&str; 2] = ["--workspace", "--all-features"];

/// Which engines the tests run on, and the URL of a server that is already there; the test harness reads both too.
const ENGINES: &str = "ROLEBOOK_TEST_ENGINES";
const POSTGRES: &str = "ROLEBOOK_TEST_POSTGRES";

/// Takes all steps and prints their summary, also after a failure.
pub(crate) fn check(top: &Path, extent: Extent) -> anyhow::Result<()> {
    let mut steps = Steps::default();
    let result = take_all(&mut steps, top, extent);
    println!("\n==> summary\n{}", steps.summary());
    if result.is_ok() {
        println!("\nAll checks passed.");
    }
    result
}

fn take_all(steps: &mut Steps, top: &Path, extent: Extent) -> anyhow::Result<()> {
    let program = cargo();
    let cargo = |arguments: &[&str]| {
        let mut command = Command::new(&program);
        command.current_dir(top).args(arguments);
        command
    };
    let embedded_only = std::env::var(ENGINES).is_ok_and(|engines| engines.trim() == "sqlite");
    let given = std::env::var(POSTGRES).is_ok_and(|url| !url.is_empty());

    let mut found = None;
    steps.take("tools", || {
        found = Some(tools::prepare(&program, !embedded_only && !given)?);
        if extent == Extent::Full {
            tools::browser()?;
        }
        Ok(Outcome::Passed)
    })?;
    let Some(tools) = found else { return Ok(()) };

    steps.take("format", || passed(run(&mut cargo(&["fmt", "--all", "--check"]))))?;
    steps.take("tidy", || passed(tidy::tidy(top)))?;
    steps.take("clippy", || {
        passed(run(cargo(&["clippy"]).args(BUILD).args(["--all-targets", "--", "-D", "warnings"])))
    })?;

    steps.take("tests", || {
        let runner: &[&str] = if tools.nextest { &["nextest", "run"] } else { &["test"] };
        let mut command = cargo(runner);
        // One run shows every failure.
        command.args(BUILD).arg("--no-fail-fast");
        // Stopped when it goes out of scope, whatever the tests say.
        let cluster = tools.postgres.as_deref().map(Cluster::start).transpose()?;
        if let Some(cluster) = &cluster {
            println!("    {POSTGRES}={}", cluster.url());
            command.env(POSTGRES, cluster.url());
        }
        passed(run(&mut command))
    })?;
    // Building to find none costs seconds, and `cargo test` has run them already.
    if tools.nextest && tidy::has_doc_tests(top)? {
        steps.take("doc tests", || passed(run(cargo(&["test", "--doc"]).args(BUILD))))?;
    }

    if extent == Extent::Fast {
        return Ok(());
    }
    steps
        .take("rustdoc", || passed(run(cargo(&["doc", "--no-deps"]).args(BUILD).env("RUSTDOCFLAGS", "-D warnings"))))?;
    steps.take("dependencies", || {
        if tools.deny {
            passed(run(&mut cargo(&["deny", "check"])))
        } else {
            Ok(Outcome::Skipped("cargo-deny is not installed (`cargo install --locked cargo-deny`)".into()))
        }
    })?;
    steps.take("description", || passed(schemathesis::schemathesis(&program, top)))?;
    steps.take("browser", || passed(e2e::e2e(&program, top)))
}

/// The cargo that runs us.
pub(crate) fn cargo() -> PathBuf {
    std::env::var_os("CARGO").map_or_else(|| PathBuf::from("cargo"), PathBuf::from)
}

fn passed(result: anyhow::Result<()>) -> anyhow::Result<Outcome> {
    result.map(|()| Outcome::Passed)
}
