//! The headers that every answer has beside what its route says: what a browser, or anything else between us and the caller,
//! must not do with it. Knows of routes only which of them are an API's. Applied in the one layer that every request passes.

use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, REFERRER_POLICY, STRICT_TRANSPORT_SECURITY, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderMap, HeaderValue};

/// Everything an API answers is about people, or refuses to be: nobody keeps it, nobody draws it, nobody frames it.
const NO_STORE: HeaderValue = HeaderValue::from_static("no-store");
const NOTHING: HeaderValue = HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'");
const NOSNIFF: HeaderValue = HeaderValue::from_static("nosniff");
/// Addresses here hold ids and search words, which are no other site's business.
const NO_REFERRER: HeaderValue = HeaderValue::from_static("no-referrer");
const OWN_REFERRER: HeaderValue = HeaderValue::from_static("same-origin");
/// A year. Without the names below ours: those may be somebody else's.
const A_YEAR: HeaderValue = HeaderValue::from_static("max-age=31536000");

/// Adds them to an answer of this path. `https`: that is how the outside reaches us (RFC 6797 forbids the last one elsewhere).
pub(crate) fn protect(headers: &mut HeaderMap, path: &str, https: bool) {
    // At once, because growing bit by bit would cost more than all the rest here.
    headers.reserve(6);
    headers.insert(X_CONTENT_TYPE_OPTIONS, NOSNIFF);
    // Only pages have somewhere to be back at, and browsers name no origin to whom they may not name a page.
    headers.insert(REFERRER_POLICY, if path.starts_with("/console") { OWN_REFERRER } else { NO_REFERRER });
    if path.starts_with("/api/") {
        headers.insert(CACHE_CONTROL, NO_STORE);
        headers.insert(CONTENT_SECURITY_POLICY, NOTHING);
    }
    if https {
        headers.insert(STRICT_TRANSPORT_SECURITY, A_YEAR);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn protected(path: &str, https: bool) -> Vec<(String, String)> {
        let mut headers = HeaderMap::new();
        protect(&mut headers, path, https);
        let text = |value: &HeaderValue| value.to_str().unwrap().to_owned();
        let mut all: Vec<_> = headers.iter().map(|(name, value)| (name.to_string(), text(value))).collect();
        all.sort();
        all
    }

    fn pairs(all: &[(&str, &str)]) -> Vec<(String, String)> {
        all.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn an_apis_answer_is_kept_drawn_and_framed_by_nobody() {
        let expected = [
            ("cache-control", "no-store"),
            ("content-security-policy", "default-src 'none'; frame-ancestors 'none'"),
            ("referrer-policy", "no-referrer"),
            ("x-content-type-options", "nosniff"),
        ];
        assert_eq!(protected("/api/v2/user", false), pairs(&expected));
    }

    #[test]
    fn other_answers_say_themselves_who_may_keep_and_draw_them() {
        let expected = [("referrer-policy", "no-referrer"), ("x-content-type-options", "nosniff")];
        for path in ["/healthz", "/docs", "/", "/apiary"] {
            assert_eq!(protected(path, false), pairs(&expected), "{path}");
        }
    }

    #[test]
    fn only_where_https_is_spoken_is_it_demanded() {
        let strict = ("strict-transport-security".to_owned(), "max-age=31536000".to_owned());
        assert!(protected("/healthz", true).contains(&strict) && !protected("/healthz", false).contains(&strict));
    }
}
