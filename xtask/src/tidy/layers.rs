//! What each layer must not know. The invariants are absences, so this is a list of what may not be found where.

use super::Violation;
use super::source::{Source, find_word};

const DIRECTORY: &str = "crates/directory/";
const SERVER: &str = "crates/server/src/";
const STORE: &str = "crates/directory/src/store";
const ENGINE: &str = "crates/directory/src/store/engine";

/// The ways in. None knows another: what two of them share belongs in the directory, or beside them.
const DIALECTS: [&str; 4] = ["v1", "v2", "scim", "console"];

const WIRE: [&str; 6] = ["axum", "hyper", "http::", "serde", "serde_json", "askama"];
const DRIVERS: [&str; 3] = ["rusqlite", "postgres::", "tokio_postgres"];
const STATEMENTS: [&str; 5] = ["SELECT", "INSERT INTO", "UPDATE", "DELETE FROM", "WITH"];

const AMBIENT: [&str; 6] =
    ["SystemTime::now", "Instant::now", "Timestamp::now", "Uuid::now_v7", "Uuid::new_v4", "getrandom"];
const EFFECTS: [&str; 2] = ["crates/directory/src/clock.rs", "crates/directory/src/randomness.rs"];

pub(super) fn check(source: &Source<'_>) -> Vec<Violation> {
    [wire(source), ambient(source), drivers(source), statements(source), dialects(source)].concat()
}

fn wire(source: &Source<'_>) -> Vec<Violation> {
    if !source.path.starts_with(DIRECTORY) {
        return Vec::new();
    }
    named(source, &source.code, &WIRE, "in the directory; it knows no HTTP, no JSON, no pages: convert in a dialect")
}

fn ambient(source: &Source<'_>) -> Vec<Violation> {
    if !source.path.starts_with(DIRECTORY) || EFFECTS.contains(&source.path) {
        return Vec::new();
    }
    // An engine may measure how long it waits for its database.
    let timed = source.path.starts_with(ENGINE);
    let words: Vec<&str> = AMBIENT.into_iter().filter(|word| !(timed && *word == "Instant::now")).collect();
    named(source, &source.product, &words, "in the directory; take time and randomness from its handles")
}

fn drivers(source: &Source<'_>) -> Vec<Violation> {
    // The bench measures the drivers bare, as the ceiling of what stands on them.
    if source.path.starts_with(ENGINE) || source.path.starts_with("bench/") {
        return Vec::new();
    }
    let mut found = named(source, &source.product, &DRIVERS, "outside store/engine; only the engines know a driver");
    // `engine::postgres::…` is our own module, not the driver.
    found.retain(|violation| !violation.what.starts_with("`postgres::`") || names_driver(source, violation.line));
    found
}

fn names_driver(source: &Source<'_>, line: usize) -> bool {
    let text = source.product.lines().nth(line - 1).unwrap_or_default();
    find_word(text, "postgres::").any(|at| !text[..at].ends_with("engine::"))
}

fn statements(source: &Source<'_>) -> Vec<Violation> {
    // A ceiling repeats what an engine does beside the store's statements.
    if source.path.starts_with(STORE) || source.path.starts_with("bench/src/raw/") {
        return Vec::new();
    }
    let is_statement = |text: &str| {
        let text = text.trim_start_matches([' ', '\n', '\t', '\\']);
        STATEMENTS.iter().any(|verb| text.strip_prefix(verb).is_some_and(|rest| rest.starts_with([' ', '\n', '\t'])))
    };
    let literals = source.product_literals().filter(|literal| is_statement(literal.text));
    let what = "SQL outside the store; move the statement to crates/directory/src/store";
    literals.map(|literal| Violation::new(source.path, literal.line, what)).collect()
}

fn dialects(source: &Source<'_>) -> Vec<Violation> {
    let Some(module) = source.path.strip_prefix(SERVER).and_then(|path| path.strip_suffix(".rs")) else {
        return Vec::new();
    };
    let own = module.split('/').next().unwrap_or_default();
    if !DIALECTS.contains(&own) {
        return Vec::new();
    }
    // From the module `v1::users` the crate's top is two steps up.
    let depth = module.trim_end_matches("/mod").split('/').count();
    let top = "super::".repeat(depth);
    let mut found = Vec::new();
    for start in ["crate::", top.as_str()] {
        for at in find_word(&source.code, start) {
            for name in first_names(&source.code[at + start.len()..]) {
                if DIALECTS.contains(&name) && name != own {
                    let what = format!("{own} names {name}; no dialect knows another: share through the directory");
                    found.push(Violation::new(source.path, source.line(at), what));
                }
            }
        }
    }
    found
}

/// The first segments of what follows a path's start: one name, or those of a group in braces.
fn first_names(rest: &str) -> Vec<&str> {
    let Some(group) = rest.strip_prefix('{') else {
        return rest.split(|letter: char| !is_name(letter)).take(1).collect();
    };
    let mut names = Vec::new();
    let mut depth = 0_usize;
    let mut start = 0;
    for (at, letter) in group.char_indices() {
        if depth == 0 && matches!(letter, ',' | '}') {
            names.push(&group[start..at]);
            start = at + 1;
        }
        match letter {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            _ => {}
        }
    }
    names.iter().filter_map(|path| path.trim().split(|letter: char| !is_name(letter)).next()).collect()
}

fn is_name(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || letter == '_'
}

fn named(source: &Source<'_>, code: &str, words: &[&str], what: &str) -> Vec<Violation> {
    let hits = words.iter().flat_map(|word| find_word(code, word).map(move |at| (word, source.line(at))));
    hits.map(|(word, line)| Violation::new(source.path, line, format!("`{word}` {what}"))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn whats(path: &str, text: &str) -> Vec<String> {
        check(&Source::parse(path, text)).iter().map(|one| format!("{}: {}", one.line, one.what)).collect()
    }

    fn count(path: &str, text: &str) -> usize {
        whats(path, text).len()
    }

    #[test]
    fn the_directory_knows_nothing_of_the_wire() {
        let text = "use serde::Serialize;\nuse axum::Router;\n// serde_json\nlet http = 1;\nuse http::Method;\n";
        assert_eq!(count("crates/directory/src/users.rs", text), 3);
        assert_eq!(count("crates/server/src/v1/users.rs", text), 0);
    }

    #[test]
    fn time_and_randomness_come_from_their_two_files() {
        let text = "let a = SystemTime::now(); let b = std::time::Instant::now(); let c = Uuid::now_v7();";
        assert_eq!(count("crates/directory/src/users.rs", text), 3);
        assert_eq!(count("crates/directory/src/store/engine/sqlite.rs", text), 2);
        assert_eq!(count("crates/directory/src/clock.rs", text), 0);
        assert_eq!(count("crates/directory/tests/contract/users.rs", text), 0);
        assert_eq!(count("crates/server/src/http.rs", text), 0);
    }

    #[test]
    fn only_the_engines_know_a_driver() {
        let text = "use rusqlite::Connection;\nuse postgres::Client;\n";
        assert_eq!(count("crates/directory/src/store.rs", text), 2);
        assert_eq!(count("crates/server/src/main.rs", text), 2);
        assert_eq!(count("crates/directory/src/store/engine/postgres.rs", text), 0);
        assert_eq!(count("crates/directory/src/store.rs", "engine::postgres::open()"), 0);
    }

    #[test]
    fn statements_stand_in_the_store() {
        let text =
            "a(\"SELECT 1\"); b(\"\\\n  WITH a AS (x)\"); c(\"UPDATED\"); d(\"Select one\"); e(r#\"DELETE FROM x\"#);";
        assert_eq!(count("crates/server/src/cli/user.rs", text), 3);
        assert_eq!(count("crates/directory/src/users.rs", text), 3);
        assert_eq!(count("crates/directory/src/store/users.rs", text), 0);
        assert_eq!(count("crates/server/tests/it/kill.rs", text), 0);
    }

    #[test]
    fn no_dialect_knows_another() {
        let v1 = "crates/server/src/v1/users.rs";
        assert_eq!(
            whats(v1, "use crate::v1::wire;\nuse crate::v2::wire;\n"),
            ["2: v1 names v2; no dialect knows another: share through the directory"]
        );
        assert_eq!(count(v1, "use crate::{http, v2::{wire}, v1::v2, console};"), 2);
        assert_eq!(count(v1, "super::super::scim::parse(); super::v2::x();"), 1);
        assert_eq!(count("crates/server/src/v1.rs", "use super::v2;"), 1);
        assert_eq!(count("crates/server/src/console/scim.rs", "mod scim; let url = \"crate::v2\";"), 0);
        assert_eq!(count("crates/server/src/http.rs", "use crate::{v1, v2};"), 0);
    }
}
