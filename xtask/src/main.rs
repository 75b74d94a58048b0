//! The workshop: `cargo xtask …` runs whatever a change must pass. It drives other tools and knows nothing of what
//! Rolebook does; the house rules that no other tool checks are in `tidy`.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a workshop talks to whoever runs it")]

mod bench;
mod check;
mod cluster;
mod e2e;
mod run;
mod schemathesis;
mod server;
mod tidy;
mod tools;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, bail};

const HELP: &str = "\
Usage: cargo xtask <command>

  check          everything a change must pass: tools, format, house rules, clippy, tests on both engines, rustdoc,
                 schemathesis over the description, and a real browser
  check --fast   the same without rustdoc, cargo-deny, schemathesis and the browser
  tidy           the house rules alone
  bench          how fast the release build is, beside what this machine can do at most; `bench --help` says more
  schemathesis   the server against its own description alone
  e2e            the console and passkeys in a real browser alone

ROLEBOOK_TEST_ENGINES=sqlite   test the embedded engine only; PostgreSQL is then not needed
ROLEBOOK_TEST_POSTGRES=<url>   test on this server, as a role that may create databases, instead of a throw-away one
";

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match dispatch(words.get(1..).unwrap_or_default()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\nerror: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn dispatch(arguments: &[&str]) -> anyhow::Result<()> {
    match arguments {
        ["check"] => check::check(&top()?, check::Extent::Full),
        ["check", "--fast"] => check::check(&top()?, check::Extent::Fast),
        ["schemathesis"] => schemathesis::schemathesis(&check::cargo(), &top()?),
        ["e2e"] => e2e::e2e(&check::cargo(), &top()?),
        ["bench", rest @ ..] => bench::bench(&top()?, rest),
        ["tidy"] => tidy::tidy(&top()?),
        [] | ["help" | "--help" | "-h"] => {
            print!("{HELP}");
            Ok(())
        }
        unknown => bail!("`{}` is no command\n\n{HELP}", unknown.join(" ")),
    }
}

/// The folder that holds the workspace. Asked at run time: a copied target folder still works on its own checkout.
fn top() -> anyhow::Result<PathBuf> {
    let own = std::env::var_os("CARGO_MANIFEST_DIR").unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
    PathBuf::from(own).parent().map(Into::into).context("xtask has no folder around it")
}
