//! What a crate depends on, and whether it says why. Reads Cargo.toml line by line: comments, which are the point
//! here, are what a parser drops.

use super::Violation;

const WHAT: &str = "a dependency without a word; say in a comment what it is for";

pub(super) fn check(path: &str, text: &str) -> Vec<Violation> {
    let mut found = Vec::new();
    let mut in_dependencies = false;
    // A comment line covers the lines below it, down to the next empty one.
    let mut covered = false;
    // An entry over several lines: its first line, its open brackets, and whether a comment was seen.
    let mut entry: Option<(usize, i32, bool)> = None;
    for (index, line) in text.lines().enumerate() {
        let (content, comment) = split_comment(line);
        let content = content.trim();
        if entry.is_none() {
            if content.is_empty() {
                covered = comment.is_some();
                continue;
            }
            if let Some(table) = content.strip_prefix('[') {
                let table = table.trim_matches(['[', ']']);
                let one = ["dependencies.", "dev-dependencies.", "build-dependencies."];
                in_dependencies = table.ends_with("dependencies");
                if one.iter().any(|name| table.starts_with(name)) && !covered && comment.is_none() {
                    found.push(Violation::new(path, index + 1, WHAT));
                }
                covered = false;
                continue;
            }
            if !in_dependencies {
                continue;
            }
        }
        let (first, open, commented) = entry.take().unwrap_or((index + 1, 0, covered));
        let open = open + content.matches(['[', '{']).count() as i32 - content.matches([']', '}']).count() as i32;
        let commented = commented || comment.is_some();
        if open > 0 {
            entry = Some((first, open, commented));
        } else if !commented {
            found.push(Violation::new(path, first, WHAT));
        }
    }
    found
}

/// The line and its comment, if there is one with words in it.
fn split_comment(line: &str) -> (&str, Option<&str>) {
    let mut quoted = false;
    for (at, byte) in line.bytes().enumerate() {
        match byte {
            b'"' => quoted = !quoted,
            b'#' if !quoted => {
                let comment = line[at + 1..].trim();
                return (&line[..at], (!comment.is_empty()).then_some(comment));
            }
            _ => {}
        }
    }
    (line, None)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> Vec<usize> {
        check("crates/a/Cargo.toml", text).iter().map(|violation| violation.line).collect()
    }

    #[test]
    fn every_dependency_says_what_it_is_for() {
        let text =
            "[package]\nname = \"a\"\n[dependencies]\nb = \"1\" # why\nc = \"1\"\nd = { x = \"#\" }\n[lints]\ne = 1\n";
        assert_eq!(lines(text), [5, 6]);
    }

    #[test]
    fn a_comment_line_covers_its_group() {
        assert_eq!(lines("[dev-dependencies]\n# why\na = \"1\"\nb = \"1\"\n\nc = \"1\"\n"), [6]);
    }

    #[test]
    fn an_entry_may_take_several_lines() {
        assert_eq!(
            lines("[dependencies]\na = { features = [\n  \"b\", # why\n] }\nc = { features = [\n  \"d\",\n] }\n"),
            [5]
        );
    }

    #[test]
    fn a_table_of_its_own_counts_too() {
        let text = "[dependencies.a]\nversion = \"1\"\n\n# why\n[dependencies.b]\nversion = \"1\"\n";
        assert_eq!(lines(text), [1]);
        assert_eq!(lines("[target.'cfg(unix)'.dependencies]\na = \"1\"\n"), [2]);
    }
}
