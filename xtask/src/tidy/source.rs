//! A Rust file as the rules see it: code without comments and literals, the literals apart, tests told from the rest.
//! A scanner of a hundred lines rather than a parser: rules look for words, and a parser would have to be kept current.

use std::ops::Range;

const TEST_ONLY: &str = "#[cfg(test)]";

/// A string literal, without its quotes.
pub(super) struct Literal<'a> {
    pub(super) line: usize,
    pub(super) text: &'a str,
    start: usize,
}

pub(super) struct Source<'a> {
    pub(super) path: &'a str,
    pub(super) text: &'a str,
    /// The code, byte for byte at its place; comments and literals are blank.
    pub(super) code: String,
    /// The same, where `#[cfg(test)]` items are blank too; empty in a file that is all tests.
    pub(super) product: String,
    /// The lines that are not tests.
    pub(super) product_lines: usize,
    literals: Vec<Literal<'a>>,
    tests: Vec<Range<usize>>,
}

impl<'a> Source<'a> {
    pub(super) fn parse(path: &'a str, text: &'a str) -> Self {
        let mut code = text.as_bytes().to_vec();
        let mut literals = Vec::new();
        let mut line = 1;
        let mut at = 0;
        while let Some(first) = text[at..].chars().next() {
            let before = at.checked_sub(1).map(|index| text.as_bytes()[index]);
            let token = Token::at(&text[at..], before);
            let length = token.as_ref().map_or(first.len_utf8(), Token::len);
            if let Some(token) = &token {
                blank(&mut code, at..at + length);
                if let Token::String { body, .. } = token {
                    literals.push(Literal { line, text: &text[at + body.start..at + body.end], start: at });
                }
            }
            line += text[at..at + length].matches('\n').count();
            at += length;
        }
        let code = String::from_utf8_lossy(&code).into_owned();
        let tests =
            if is_test_file(path, &code) { std::iter::once(0..code.len()).collect() } else { test_items(&code) };
        let mut product = code.clone().into_bytes();
        let mut product_lines = text.lines().count();
        for range in &tests {
            blank(&mut product, range.clone());
            product_lines = product_lines.saturating_sub(code[range.clone()].lines().count());
        }
        let product = String::from_utf8_lossy(&product).into_owned();
        Self { path, text, code, product, product_lines, literals, tests }
    }

    /// Is this part of what we ship, rather than of its tests?
    pub(super) fn is_product(&self) -> bool {
        self.tests.first() != Some(&(0..self.code.len()))
    }

    /// The string literals outside tests.
    pub(super) fn product_literals(&self) -> impl Iterator<Item = &Literal<'a>> {
        let outside = |literal: &&Literal<'a>| !self.tests.iter().any(|range| range.contains(&literal.start));
        self.literals.iter().filter(outside)
    }

    /// The line, counted from one, of a place in the code.
    pub(super) fn line(&self, at: usize) -> usize {
        self.code[..at].matches('\n').count() + 1
    }
}

/// Every place of `word` in `code` where it is no part of a longer name.
pub(super) fn find_word<'a>(code: &'a str, word: &'a str) -> impl Iterator<Item = usize> + 'a {
    let in_name = |byte: Option<&u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_');
    let bytes = code.as_bytes();
    code.match_indices(word).map(|(at, _)| at).filter(move |&at| {
        let open_left = in_name(word.as_bytes().first()) && at > 0 && in_name(bytes.get(at - 1));
        let open_right = in_name(word.as_bytes().last()) && in_name(bytes.get(at + word.len()));
        !open_left && !open_right
    })
}

/// What is not code.
enum Token {
    /// A comment or a character, and its length.
    Other(usize),
    /// A string: its length, and where its text stands in it.
    String { length: usize, body: Range<usize> },
}

impl Token {
    fn at(rest: &str, before: Option<u8>) -> Option<Self> {
        let mut chars = rest.chars();
        match (chars.next()?, chars.next()) {
            ('/', Some('/')) => Some(Self::Other(rest.find('\n').unwrap_or(rest.len()))),
            ('/', Some('*')) => Some(Self::Other(block_comment(rest))),
            ('"', _) => {
                let close = closing_quote(rest);
                Some(Self::String { length: (close + 1).min(rest.len()), body: 1..close })
            }
            // `r"…"`, `br#"…"#`: the `r` alone decides, unless it ends a longer name.
            ('r', Some('"' | '#')) if !before.is_some_and(|byte| is_name(byte) && !matches!(byte, b'b' | b'c')) => {
                let hashes = rest[1..].bytes().take_while(|byte| *byte == b'#').count();
                let open = 1 + hashes;
                if rest.as_bytes().get(open) != Some(&b'"') {
                    return None;
                }
                let end = format!("\"{}", "#".repeat(hashes));
                let close = rest[open + 1..].find(&end).map_or(rest.len(), |found| open + 1 + found);
                Some(Self::String { length: (close + end.len()).min(rest.len()), body: open + 1..close })
            }
            ('\'', Some('\\')) => Some(Self::Other(rest[3..].find('\'').map_or(rest.len(), |found| found + 4))),
            // Without its closing quote it is a lifetime, which is code.
            ('\'', Some(letter)) if chars.next() == Some('\'') => Some(Self::Other(2 + letter.len_utf8())),
            _ => None,
        }
    }

    fn len(&self) -> usize {
        match self {
            Self::Other(length) | Self::String { length, .. } => *length,
        }
    }
}

fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

/// The length of a block comment; they nest.
fn block_comment(rest: &str) -> usize {
    let mut depth = 0_usize;
    let mut at = 0;
    while at + 1 < rest.len() {
        match &rest.as_bytes()[at..at + 2] {
            b"/*" => (depth, at) = (depth + 1, at + 2),
            b"*/" => (depth, at) = (depth - 1, at + 2),
            _ => at += 1,
        }
        if depth == 0 {
            return at;
        }
    }
    rest.len()
}

/// Where a string that begins at zero closes.
fn closing_quote(rest: &str) -> usize {
    let mut escaped = false;
    for (at, byte) in rest.bytes().enumerate().filter(|(at, _)| *at > 0) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return at,
            _ => {}
        }
    }
    rest.len()
}

fn blank(code: &mut [u8], range: Range<usize>) {
    for byte in &mut code[range] {
        if *byte != b'\n' {
            *byte = b' ';
        }
    }
}

fn is_test_file(path: &str, code: &str) -> bool {
    let folder = path.contains("/tests/") || path.starts_with("crates/test-support/");
    folder || path.ends_with("/tests.rs") || code.contains("#![cfg(test)]")
}

/// The items under `#[cfg(test)]`: from the attribute to the closing brace, or to the semicolon.
fn test_items(code: &str) -> Vec<Range<usize>> {
    let mut items: Vec<Range<usize>> = Vec::new();
    for (start, _) in code.match_indices(TEST_ONLY) {
        if items.last().is_some_and(|item| item.contains(&start)) {
            continue;
        }
        let mut depth = 0_usize;
        let mut end = code.len();
        for (at, byte) in code.bytes().enumerate().filter(|(at, _)| *at >= start + TEST_ONLY.len()) {
            match byte {
                b'{' | b'(' | b'[' => depth += 1,
                b'}' | b')' | b']' => depth = depth.saturating_sub(1),
                _ => {}
            }
            // The brace of `use a::{b, c};` ends nothing.
            if depth == 0 && (byte == b';' || byte == b'}' && code.as_bytes().get(at + 1) != Some(&b';')) {
                end = at + 1;
                break;
            }
        }
        items.push(start..end);
    }
    items
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_literals_are_no_code() {
        let text = "a // panic!\n/* b /* c */ d */ e(\"x \\\" y\", r#\"z \" w\"#, b\"q\", 'f', '\\'', 'static) r#type";
        let source = Source::parse("src/a.rs", text);
        let words: Vec<&str> = source.code.split_whitespace().collect();
        assert_eq!(words, ["a", "e(", ",", ",", "b", ",", ",", ",", "'static)", "r#type"]);
        assert_eq!(source.code.len(), text.len());
        let literals: Vec<(usize, &str)> = source.literals.iter().map(|one| (one.line, one.text)).collect();
        assert_eq!(literals, [(2, "x \\\" y"), (2, "z \" w"), (2, "q")]);
    }

    #[test]
    fn test_modules_are_not_product() {
        let text = "fn a() {}\n#[cfg(test)]\nmod tests {\n    fn b() { \"SQL\"; }\n}\nfn c() {}\n";
        let source = Source::parse("src/a.rs", text);
        assert!(source.product.contains("fn a") && source.product.contains("fn c"));
        assert!(!source.product.contains("fn b") && source.code.contains("fn b"));
        assert_eq!((source.product_lines, source.product_literals().count()), (2, 0));
        assert!(source.is_product());
    }

    #[test]
    fn a_test_item_ends_with_its_semicolon() {
        let source = Source::parse("src/a.rs", "#[cfg(test)]\nuse a::{b, c};\nfn d() {}\n");
        assert_eq!(source.product.trim(), "fn d() {}");
    }

    #[test]
    fn files_of_tests_are_not_product() {
        for (path, text) in [("a/tests/it/b.rs", "x"), ("src/a/tests.rs", "x"), ("src/a.rs", "//! A\n#![cfg(test)]\n")]
        {
            assert!(!Source::parse(path, text).is_product(), "{path}");
        }
    }

    #[test]
    fn a_word_is_no_part_of_a_longer_one() {
        let found: Vec<usize> = find_word("serde xserde serde_json a::serde;", "serde").collect();
        assert_eq!(found, [0, 27]);
        assert_eq!(find_word("a.unwrap() b.unwrap_or()", ".unwrap()").count(), 1);
    }
}
