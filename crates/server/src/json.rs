//! A body's JSON as a tree, read strictly. Unlike `serde_json::Value` it keeps the order of an object's keys and every
//! duplicate among them, so that whoever reads the object can refuse a duplicate by name instead of losing one of two
//! values. Knows nothing of what a body should hold: that is `body`'s.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};

/// A JSON value. Has no `Debug` outside tests: bodies hold passwords.
#[derive(Clone, PartialEq)]
#[cfg_attr(test, derive(Debug))]
pub(crate) enum Json {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number, as exact as 64 bits hold it.
    Number(serde_json::Number),
    /// A string, escapes resolved. It may hold U+0000: the parsers of the fields refuse that.
    Text(String),
    /// An array.
    List(Vec<Json>),
    /// An object: its keys in the order written, duplicates included.
    Object(Vec<(String, Json)>),
}

/// Why a body is not JSON, as a sentence with the place in it. Never quotes the body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct JsonError {
    sentence: String,
}

impl Json {
    /// Reads a whole body. Nothing may stand after the value, and values nest less than 128 deep: `serde_json` stops
    /// there by itself, long before the stack ends.
    pub(crate) fn parse(body: &[u8]) -> Result<Json, JsonError> {
        if body.is_empty() {
            return Err(JsonError::new("The body is empty: JSON was expected."));
        }
        if body.starts_with(b"\xEF\xBB\xBF") {
            return Err(JsonError::new("The body begins with a byte order mark: send UTF-8 without it."));
        }
        // Checked here and not by serde_json, which calls bad UTF-8 outside a string an unexpected character.
        let text = std::str::from_utf8(body).map_err(|error| JsonError::not_utf8(body, error.valid_up_to()))?;
        serde_json::from_str(text).map_err(|error| JsonError::syntax(&error))
    }

    /// What this is, for a sentence such as "expected a string, not null".
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Json::Null => "null",
            Json::Bool(_) => "a boolean",
            Json::Number(_) => "a number",
            Json::Text(_) => "a string",
            Json::List(_) => "a list",
            Json::Object(_) => "an object",
        }
    }

    /// The value of a key, if this is an object that has the key; of duplicates, the first.
    pub(crate) fn get(&self, key: &str) -> Option<&Json> {
        match self {
            Json::Object(entries) => entries.iter().find(|(name, _)| name == key).map(|(_, value)| value),
            _ => None,
        }
    }
}

impl JsonError {
    /// What is wrong and where.
    pub(crate) fn sentence(&self) -> &str {
        &self.sentence
    }

    fn new(sentence: impl Into<String>) -> JsonError {
        JsonError { sentence: sentence.into() }
    }

    fn not_utf8(body: &[u8], valid_up_to: usize) -> JsonError {
        let before = body.get(..valid_up_to).unwrap_or(body);
        let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
        let column = before.iter().rev().take_while(|byte| **byte != b'\n').count() + 1;
        JsonError::new(format!("The body is not UTF-8 at line {line}, column {column}."))
    }

    fn syntax(error: &serde_json::Error) -> JsonError {
        let (line, column) = (error.line(), error.column());
        let whole = error.to_string();
        let what = whole.strip_suffix(&format!(" at line {line} column {column}")).unwrap_or(&whole);
        // The two of serde_json's phrases that say little to somebody who has not read its source.
        let what = match what {
            "recursion limit exceeded" => "it nests 128 levels deep or more",
            "trailing characters" => "something follows after its end",
            other => other,
        };
        JsonError::new(format!("The body is not valid JSON: {what}, at line {line}, column {column}."))
    }
}

impl fmt::Display for JsonError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.sentence)
    }
}

impl std::error::Error for JsonError {}

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Json, D::Error> {
        deserializer.deserialize_any(Tree)
    }
}

/// Takes whatever comes and makes a tree of it.
struct Tree;

impl<'de> Visitor<'de> for Tree {
    type Value = Json;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Json, E> {
        Ok(Json::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Json, E> {
        Ok(Json::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Json, E> {
        Ok(Json::Number(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Json, E> {
        Ok(Json::Number(value.into()))
    }

    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<Json, E> {
        serde_json::Number::from_f64(value).map(Json::Number).ok_or_else(|| E::custom("number out of range"))
    }

    fn visit_str<E>(self, value: &str) -> Result<Json, E> {
        Ok(Json::Text(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Json, E> {
        Ok(Json::Text(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Json, A::Error> {
        let mut values = Vec::new();
        while let Some(value) = list.next_element()? {
            values.push(value);
        }
        Ok(Json::List(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Json, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = object.next_entry()? {
            entries.push(entry);
        }
        Ok(Json::Object(entries))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(body: &[u8]) -> String {
        Json::parse(body).expect_err("it should be refused").to_string()
    }

    #[test]
    fn every_kind_of_value_is_read() {
        let json = Json::parse(br#" {"a":null,"b":[true,-1,18446744073709551615,1.5],"c":"\u00e9\n"} "#).unwrap();
        let Json::Object(entries) = &json else { panic!("an object") };
        assert_eq!(entries.iter().map(|(key, _)| key.as_str()).collect::<Vec<_>>(), ["a", "b", "c"]);
        assert_eq!(json.get("a"), Some(&Json::Null));
        assert_eq!(json.get("c"), Some(&Json::Text("é\n".to_owned())));
        let numbers = [
            Json::Bool(true),
            Json::Number((-1).into()),
            Json::Number(u64::MAX.into()),
            Json::Number(serde_json::Number::from_f64(1.5).unwrap()),
        ];
        assert_eq!(json.get("b"), Some(&Json::List(numbers.to_vec())));
    }

    #[test]
    fn a_value_says_what_kind_it_is() {
        let json = Json::parse(br#"[null, false, 0, "", [], {}]"#).unwrap();
        let Json::List(values) = json else { panic!("a list") };
        let kinds: Vec<_> = values.iter().map(Json::kind).collect();
        assert_eq!(kinds, ["null", "a boolean", "a number", "a string", "a list", "an object"]);
    }

    #[test]
    fn duplicate_keys_are_kept() {
        let json = Json::parse(br#"{"a":1,"\u0061":2}"#).unwrap();
        let a = |n: i64| ("a".to_owned(), Json::Number(n.into()));
        assert_eq!(json, Json::Object(vec![a(1), a(2)]));
    }

    #[test]
    fn nul_inside_a_string_is_kept() {
        assert_eq!(Json::parse(br#""a\u0000b""#), Ok(Json::Text("a\0b".to_owned())));
    }

    #[test]
    fn a_key_that_looks_like_the_parsers_own_is_only_a_key() {
        let json = Json::parse(br#"{"$serde_json::private::Number":"1"}"#).unwrap();
        assert_eq!(json.get("$serde_json::private::Number"), Some(&Json::Text("1".to_owned())));
    }

    #[test]
    fn an_empty_body_is_refused() {
        assert_eq!(refusal(b""), "The body is empty: JSON was expected.");
        assert!(refusal(b" \n ").contains("at line 2, column 1"), "{}", refusal(b" \n "));
    }

    #[test]
    fn a_byte_order_mark_is_refused() {
        assert!(refusal(b"\xEF\xBB\xBF{}").contains("byte order mark"));
    }

    #[test]
    fn invalid_utf_8_is_refused_with_its_place() {
        assert_eq!(refusal(b"{\n  \"a\": \"\xff\"}"), "The body is not UTF-8 at line 2, column 9.");
    }

    #[test]
    fn a_lone_surrogate_is_refused() {
        assert!(refusal(br#""\ud800""#).contains("surrogate") || refusal(br#""\ud800""#).contains("escape"));
    }

    #[test]
    fn what_follows_the_value_is_refused() {
        let sentence = "The body is not valid JSON: something follows after its end, at line 1, column 4.";
        assert_eq!(refusal(b"{} x"), sentence);
    }

    #[test]
    fn comments_trailing_commas_single_quotes_and_large_numbers_are_refused() {
        for body in ["{} // no", "{\"a\":1,}", "{'a':1}", "[1,]", "1e400", "NaN", "01", "{\"a\" \"b\"}", "\"a\tb\""] {
            assert!(refusal(body.as_bytes()).starts_with("The body is not valid JSON: "), "{body}");
        }
    }

    #[test]
    fn deep_nesting_is_refused_and_harmless() {
        assert!(Json::parse(&[b"[".repeat(127), b"]".repeat(127)].concat()).is_ok());
        assert!(refusal(&b"[".repeat(128)).contains("it nests 128 levels deep or more"));
        assert!(refusal(&b"{\"a\":".repeat(200_000)).contains("it nests 128 levels deep or more"));
    }

    #[test]
    fn the_sentence_never_quotes_the_body() {
        assert!(!refusal(br#"{"password":"correct horse" "battery"}"#).contains("horse"));
    }
}
