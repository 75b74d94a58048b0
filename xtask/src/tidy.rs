//! The house rules that no other tool checks: what each layer must not know, headers, length, words.
//!
//! Reads the checkout as text. It knows where things belong and nothing of what they do.

mod layers;
mod manifest;
mod source;
mod style;

use std::fmt;
use std::path::Path;

use anyhow::{Context, bail};

use source::Source;

/// Not ours, or not source. Folders whose name begins with a dot are left out too, but for these.
const FOREIGN_FOLDERS: [&str; 2] = ["target", "node_modules"];
const OWN_DOT_FOLDERS: [&str; 4] = [".cargo", ".ci", ".config", ".github"];

/// One line of what is wrong: where, what, and what to do.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Violation {
    path: String,
    line: usize,
    what: String,
}

impl Violation {
    fn new(path: &str, line: usize, what: impl Into<String>) -> Self {
        Self { path: path.to_owned(), line, what: what.into() }
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.path, self.line, self.what)
    }
}

/// Prints every violation in the checkout at `top`, and fails if there is any.
pub(crate) fn tidy(top: &Path) -> anyhow::Result<()> {
    let files = files(top)?;
    let mut violations: Vec<Violation> = files.iter().flat_map(|(path, text)| violations(path, text)).collect();
    violations.sort();
    for violation in &violations {
        println!("{violation}");
    }
    match violations.len() {
        0 => Ok(()),
        1 => bail!("one violation of the house rules"),
        count => bail!("{count} violations of the house rules"),
    }
}

/// Is there any example in documentation that rustdoc would run?
pub(crate) fn has_doc_tests(top: &Path) -> anyhow::Result<bool> {
    Ok(files(top)?.iter().any(|(path, text)| path.ends_with(".rs") && style::has_doc_test(text)))
}

fn violations(path: &str, text: &str) -> Vec<Violation> {
    let mut found = style::words(path, text);
    if path.ends_with(".rs") {
        let source = Source::parse(path, text);
        found.extend(style::check(&source));
        found.extend(layers::check(&source));
    }
    if path.ends_with("/Cargo.toml") {
        found.extend(manifest::check(path, text));
    }
    found
}

/// Every text file of the checkout: its path from the top, with `/`, and its text.
fn files(top: &Path) -> anyhow::Result<Vec<(String, String)>> {
    let mut files = Vec::new();
    collect(top, "", &mut files)?;
    Ok(files)
}

fn collect(folder: &Path, prefix: &str, files: &mut Vec<(String, String)>) -> anyhow::Result<()> {
    for entry in folder.read_dir().with_context(|| format!("cannot read {}", folder.display()))? {
        let entry = entry?;
        let Ok(name) = entry.file_name().into_string() else { continue };
        let path = format!("{prefix}{name}");
        let kind = entry.file_type()?;
        if kind.is_dir() {
            let hidden = name.starts_with('.') && !OWN_DOT_FOLDERS.contains(&name.as_str());
            if !hidden && !FOREIGN_FOLDERS.contains(&name.as_str()) {
                collect(&entry.path(), &format!("{path}/"), files)?;
            }
        } else if kind.is_file()
            // What is not UTF-8 is an image or a database, not ours to read.
            && let Ok(text) = String::from_utf8(std::fs::read(entry.path())?)
        {
            files.push((path, text));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_violation_is_one_line_that_editors_can_follow() {
        assert_eq!(Violation::new("a/b.rs", 3, "wrong; right it").to_string(), "a/b.rs:3: wrong; right it");
    }

    #[test]
    fn the_walk_leaves_out_what_is_not_ours() {
        let top = tempfile::tempdir().unwrap();
        for path in [".git/x", ".ci/run", "target/x.rs", "crates/a/src/lib.rs", "e2e/node_modules/x.js"] {
            let path = top.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, "text").unwrap();
        }
        std::fs::write(top.path().join("image.png"), [0xff, 0xfe]).unwrap();
        let mut paths: Vec<String> = files(top.path()).unwrap().into_iter().map(|(path, _)| path).collect();
        paths.sort();
        assert_eq!(paths, [".ci/run", "crates/a/src/lib.rs"]);
    }
}
