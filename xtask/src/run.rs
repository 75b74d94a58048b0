//! Running things in order: each with a heading and its duration, and a summary of them all. Knows nothing of what
//! it runs.

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};

/// How one step ended, short of failing.
pub(crate) enum Outcome {
    Passed,
    /// Not done, and why: the summary says so, that nobody takes silence for success.
    Skipped(String),
}

/// The steps taken so far.
#[derive(Default)]
pub(crate) struct Steps {
    lines: Vec<String>,
    total: Duration,
}

impl Steps {
    /// Takes one step under its own heading. An error is the caller's to pass on: no further step is taken.
    pub(crate) fn take(&mut self, name: &str, step: impl FnOnce() -> anyhow::Result<Outcome>) -> anyhow::Result<()> {
        println!("\n==> {name}");
        let begun = Instant::now();
        let outcome = step();
        let took = begun.elapsed();
        self.total += took;
        let verdict = match &outcome {
            Ok(Outcome::Passed) => "passed".to_owned(),
            Ok(Outcome::Skipped(why)) => format!("skipped: {why}"),
            Err(_) => "FAILED".to_owned(),
        };
        println!("    {name}: {verdict} ({:.1} s)", took.as_secs_f64());
        self.lines.push(format!("{:>7.1} s  {name}: {verdict}", took.as_secs_f64()));
        outcome.map(drop).with_context(|| format!("{name} failed"))
    }

    /// All steps and their durations, in order.
    pub(crate) fn summary(&self) -> String {
        format!("{}\n{:>7.1} s  in all", self.lines.join("\n"), self.total.as_secs_f64())
    }
}

/// Runs a command with our own standard streams, and says which one it is.
pub(crate) fn run(command: &mut Command) -> anyhow::Result<()> {
    let line = line(command);
    println!("    $ {line}");
    let status = command.status().with_context(|| format!("cannot start `{line}`"))?;
    if !status.success() {
        bail!("`{line}` ended with {status}");
    }
    Ok(())
}

/// Runs a command out of sight. An error carries what it printed.
pub(crate) fn run_quietly(command: &mut Command) -> anyhow::Result<()> {
    let line = line(command);
    let output = command.output().with_context(|| format!("cannot start `{line}`"))?;
    if !output.status.success() {
        let said = [output.stdout, output.stderr].concat();
        bail!("`{line}` ended with {}\n{}", output.status, String::from_utf8_lossy(&said).trim_end());
    }
    Ok(())
}

/// The command as one would type it: without the folder that it was found in.
fn line(command: &Command) -> String {
    let program = Path::new(command.get_program());
    let name = program.file_name().unwrap_or(program.as_os_str());
    let words = std::iter::once(name).chain(command.get_args());
    words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_step_is_in_the_summary_with_its_verdict() {
        let mut steps = Steps::default();
        steps.take("one", || Ok(Outcome::Passed)).unwrap();
        steps.take("two", || Ok(Outcome::Skipped("no need".into()))).unwrap();
        let error = steps.take("three", || bail!("broken")).unwrap_err();
        assert_eq!(format!("{error:#}"), "three failed: broken");
        let summary = steps.summary();
        let verdicts: Vec<&str> = summary.lines().map(|line| &line[11..]).collect();
        assert_eq!(verdicts, ["one: passed", "two: skipped: no need", "three: FAILED", "in all"]);
    }

    #[test]
    fn a_failing_command_is_named_with_its_output() {
        let error = run_quietly(Command::new("sh").args(["-c", "echo seen; exit 3"])).unwrap_err();
        assert_eq!(format!("{error:#}"), "`sh -c echo seen; exit 3` ended with exit status: 3\nseen");
    }
}
