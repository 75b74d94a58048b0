//! What holds for every Rust file, and for every text: header, length, nothing that ends the process, no ignored
//! tests, no notes to ourselves. Knows nothing of layers.

use super::Violation;
use super::source::{Source, find_word};

/// Longer than this, and two things live in one room.
const LONGEST: usize = 400;

/// The words are put together here so that this file passes its own rule.
const NOTES: [&str; 4] = [concat!("TO", "DO"), concat!("FIX", "ME"), concat!("XX", "X"), concat!("HA", "CK")];
const UNFINISHED: [&str; 3] = [concat!("to", "do!"), "unimplemented!", "dbg!"];
const DEADLY: [&str; 3] = [".unwrap()", ".expect(", "panic!"];
const IGNORED: &str = concat!("#[", "ignore");

pub(super) fn check(source: &Source<'_>) -> Vec<Violation> {
    let mut found = Vec::new();
    let mut violation = |line, what: String| found.push(Violation::new(source.path, line, what));
    if !source.text.trim_start().starts_with("//!") {
        violation(1, "no header; open with `//!`: what this is, and what it does not know".into());
    }
    if source.is_product() && source.product_lines > LONGEST {
        let lines = source.product_lines;
        violation(
            1,
            format!("{lines} lines without tests, over {LONGEST}; split it where two things live in one file"),
        );
    }
    for word in UNFINISHED {
        for at in find_word(&source.code, word) {
            violation(source.line(at), format!("`{word}` is unfinished work; finish it or take it out"));
        }
    }
    for at in find_word(&source.code, IGNORED) {
        violation(source.line(at), "an ignored test shows nothing; mend it or delete it".into());
    }
    for word in DEADLY {
        for at in find_word(&source.product, word) {
            violation(source.line(at), format!("`{word}` outside tests ends a thread; answer with an error"));
        }
    }
    found
}

/// Notes to ourselves, in any text that is written by hand.
pub(super) fn words(path: &str, text: &str) -> Vec<Violation> {
    let machine_made = [".lock", "package-lock.json", ".svg", ".min.js", ".min.css"];
    if machine_made.iter().any(|end| path.ends_with(end)) {
        return Vec::new();
    }
    let lines = text.lines().enumerate();
    let hits = lines.flat_map(|(index, line)| {
        NOTES.iter().filter(move |word| find_word(line, word).next().is_some()).map(move |word| (index + 1, word))
    });
    hits.map(|(line, word)| Violation::new(path, line, format!("`{word}`; do it now, or open an issue"))).collect()
}

/// Does rustdoc find an example to run? One is a fence without a language of its own, or with rustdoc's words.
pub(super) fn has_doc_test(text: &str) -> bool {
    let mut inside = false;
    for line in text.lines().map(str::trim_start) {
        let comment = line.strip_prefix("///").or_else(|| line.strip_prefix("//!"));
        let Some(language) = comment.and_then(|comment| comment.trim().strip_prefix("```")) else { continue };
        let runs = language.split(',').all(|word| {
            matches!(word.trim(), "" | "rust" | "no_run" | "should_panic" | "compile_fail" | "edition2024")
        });
        if !inside && runs {
            return true;
        }
        inside = !inside;
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check_text(text: &str) -> Vec<String> {
        check(&Source::parse("crates/a/src/b.rs", text)).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_file_opens_with_its_header() {
        assert_eq!(check_text("//! What it is.\nfn a() {}\n"), [""; 0]);
        assert!(check_text("fn a() {}\n")[0].starts_with("crates/a/src/b.rs:1: no header"));
    }

    #[test]
    fn tests_do_not_count_as_length() {
        let tests = format!("#[cfg(test)]\nmod tests {{\n{}}}\n", "// line\n".repeat(500));
        assert_eq!(check_text(&format!("//! A\n{}{tests}", "// b\n".repeat(399))), [""; 0]);
        assert!(check_text(&format!("//! A\n{}{tests}", "// b\n".repeat(400)))[0].contains(":1: 401 lines"));
    }

    #[test]
    fn what_ends_a_thread_belongs_in_tests() {
        let deadly = "fn a() { b.unwrap(); c.expect(\"d\"); panic!(); e.unwrap_or(1); f.expect_err(\"\") } // panic!\n";
        assert_eq!(check_text(&format!("//! A\n{deadly}")).len(), 3);
        assert_eq!(check_text(&format!("//! A\n#[cfg(test)]\nmod tests {{ {deadly} }}\n")), [""; 0]);
    }

    #[test]
    fn unfinished_work_and_ignored_tests_are_refused_in_tests_too() {
        let body = format!("{}(); dbg!(1); unimplemented!()", UNFINISHED[0]);
        let text =
            format!("//! A\n#[cfg(test)]\nmod tests {{\n#[test]\n{IGNORED} = \"slow\"]\nfn a() {{ {body} }} }}\n");
        assert_eq!(check_text(&text).len(), 4);
    }

    #[test]
    fn notes_to_ourselves_are_found_in_any_text_but_not_in_lock_files() {
        let text = format!("a\n<!-- {}: b -->\n{}S\n", NOTES[0], NOTES[3]);
        let found = words("docs/a.md", &text);
        assert_eq!((found.len(), found[0].line), (1, 2));
        assert!(words("Cargo.lock", &text).is_empty());
    }

    #[test]
    fn only_examples_that_run_are_doc_tests() {
        assert!(has_doc_test("/// ```\n/// a();\n/// ```\n"));
        assert!(has_doc_test("    //! ```rust,no_run\n"));
        assert!(!has_doc_test("//! ```text\n//! a\n//! ```\nlet a = \"```\";\n"));
    }
}
