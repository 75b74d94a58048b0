//! What commands print: text or one JSON document on stdout, complaints as one line on stderr.

use serde::Serialize;
use std::io::{self, IsTerminal, Write};

/// Prints one line of text.
///
/// # Errors
/// Stdout's.
pub(super) fn line(text: &str) -> anyhow::Result<()> {
    let mut stdout = io::stdout().lock();
    writeln!(stdout, "{text}")?;
    // Pipes are not flushed by themselves, and whoever waits for this line waits now.
    stdout.flush()?;
    Ok(())
}

/// Prints one JSON document.
///
/// # Errors
/// Stdout's.
pub(super) fn document(thing: &impl Serialize) -> anyhow::Result<()> {
    line(&serde_json::to_string_pretty(thing)?)
}

/// Prints one thing: as text, or as the JSON document.
///
/// # Errors
/// Stdout's.
pub(super) fn thing<T: Serialize>(json: bool, thing: &T, text: impl FnOnce(&T) -> String) -> anyhow::Result<()> {
    if json { document(thing) } else { line(&text(thing)) }
}

/// A list that is printed as it comes, because it may be longer than the memory: a line each, or one JSON array.
pub(super) struct List {
    json: bool,
    printed: usize,
}

impl List {
    pub(super) fn begin(json: bool) -> List {
        List { json, printed: 0 }
    }

    /// Prints the next one.
    ///
    /// # Errors
    /// Stdout's.
    pub(super) fn push<T: Serialize>(&mut self, thing: &T, text: impl FnOnce(&T) -> String) -> anyhow::Result<()> {
        let mut stdout = io::stdout().lock();
        if self.json {
            let before = if self.printed == 0 { "[\n" } else { ",\n" };
            write!(stdout, "{before}{}", serde_json::to_string(thing)?)?;
        } else {
            writeln!(stdout, "{}", text(thing))?;
        }
        self.printed += 1;
        Ok(())
    }

    /// Ends the list; an empty one says so to people.
    ///
    /// # Errors
    /// Stdout's.
    pub(super) fn end(self, nothing: &str) -> anyhow::Result<()> {
        match (self.json, self.printed) {
            (true, 0) => line("[]"),
            (true, _) => line("\n]"),
            (false, 0) => line(nothing),
            (false, _) => Ok(()),
        }
    }
}

/// One line on stderr that is written over while something goes on, and wiped at its end; nothing where no terminal is.
pub(super) struct Progress {
    seen: bool,
}

impl Progress {
    pub(super) fn begin() -> Progress {
        Progress { seen: io::stderr().is_terminal() }
    }

    pub(super) fn say(&self, what: &str) {
        if self.seen {
            // To the line's beginning, and what stood there is wiped.
            write!(io::stderr().lock(), "\r\x1b[K{what}").ok();
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.say("");
    }
}

/// Says on stderr, in one line, what went wrong.
pub(super) fn complain(what: &str) {
    let sentence = what.split('\n').map(str::trim).filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ");
    // Without a stderr there is nobody to tell.
    writeln!(io::stderr().lock(), "rolebook: {sentence}").ok();
}

/// Whether this only means that nobody reads our output any more.
pub(super) fn is_unread(error: &anyhow::Error) -> bool {
    error.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
}

/// A moment, for people and programs: RFC 3339 in UTC.
pub(super) fn time(time: directory::clock::Time) -> String {
    jiff::Timestamp::from(time).to_string()
}
