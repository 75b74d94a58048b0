//! What a request says that its body is. Knows nothing of the body itself.

use axum::http::HeaderMap;
use axum::http::header::CONTENT_TYPE;

/// The kinds of body that somebody here reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum MediaType {
    /// `application/json`.
    Json,
    /// `application/x-www-form-urlencoded`.
    Form,
    /// Not said.
    Missing,
    /// Something else, said twice, or in an encoding other than UTF-8.
    Other,
}

impl MediaType {
    /// By the header `Content-Type`. Names are compared in any case; parameters other than `charset` mean nothing here.
    pub(crate) fn of(headers: &HeaderMap) -> MediaType {
        let mut values = headers.get_all(CONTENT_TYPE).iter();
        let value = match (values.next(), values.next()) {
            (None, _) => return MediaType::Missing,
            (Some(value), None) => value,
            (Some(_), Some(_)) => return MediaType::Other,
        };
        let Ok(value) = value.to_str() else { return MediaType::Other };
        let mut parts = value.split(';').map(str::trim);
        let kind = match parts.next() {
            Some(name) if name.eq_ignore_ascii_case("application/json") => MediaType::Json,
            Some(name) if name.eq_ignore_ascii_case("application/x-www-form-urlencoded") => MediaType::Form,
            _ => return MediaType::Other,
        };
        if parts.all(is_utf8_or_no_charset) { kind } else { MediaType::Other }
    }
}

fn is_utf8_or_no_charset(parameter: &str) -> bool {
    match parameter.split_once('=') {
        Some((name, value)) if name.eq_ignore_ascii_case("charset") => {
            value.trim_matches('"').eq_ignore_ascii_case("utf-8")
        }
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(values: &[&'static str]) -> MediaType {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(CONTENT_TYPE, value.parse().unwrap());
        }
        MediaType::of(&headers)
    }

    #[test]
    fn json_is_json_in_any_case_and_with_utf_8_named() {
        for value in [
            "application/json",
            "Application/JSON",
            "application/json;charset=UTF-8",
            "application/json ; charset=\"utf-8\" ;",
            "application/json; version=1",
        ] {
            assert_eq!(of(&[value]), MediaType::Json, "{value}");
        }
    }

    #[test]
    fn a_form_is_a_form() {
        assert_eq!(of(&["application/x-www-form-urlencoded; charset=UTF-8"]), MediaType::Form);
    }

    #[test]
    fn nothing_said_is_missing() {
        assert_eq!(of(&[]), MediaType::Missing);
    }

    #[test]
    fn anything_else_is_other() {
        for value in
            ["", "text/json", "application/jsonp", "application/json; charset=latin1", "application/json, text/x"]
        {
            assert_eq!(of(&[value]), MediaType::Other, "{value}");
        }
        assert_eq!(of(&["application/json", "application/json"]), MediaType::Other);
    }
}
