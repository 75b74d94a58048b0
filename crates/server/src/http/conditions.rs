//! Entity tags and what a request makes conditional on them (RFC 9110, sections 8.8.3 and 13.1). Knows nothing of what is
//! tagged: a tag is over the bytes of the answer, so that any difference shows.

use axum::http::header::{IF_MATCH, IF_NONE_MATCH};
use axum::http::{HeaderMap, HeaderName};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

/// The strong tag of an answer with this body, quotes included.
pub(crate) fn tag(body: &[u8]) -> String {
    let digest = Sha256::digest(body);
    // 96 bits: two states of one thing will not meet by chance, and nobody gains by making them.
    format!("\"{}\"", URL_SAFE_NO_PAD.encode(&digest[..12]))
}

/// The tags that a request names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Tags {
    /// `*`: whatever there is.
    Any,
    /// These, each with its quotes; weak ones with their mark.
    Listed(Vec<String>),
}

impl Tags {
    /// `If-Match`: `None` where the request has none.
    ///
    /// # Errors
    /// A sentence for one that is no list of tags.
    pub(crate) fn if_match(headers: &HeaderMap) -> Result<Option<Tags>, &'static str> {
        Tags::of(headers, &IF_MATCH)
    }

    /// `If-None-Match`; one that cannot be read asks for nothing.
    pub(crate) fn if_none_match(headers: &HeaderMap) -> Option<Tags> {
        Tags::of(headers, &IF_NONE_MATCH).ok().flatten()
    }

    fn of(headers: &HeaderMap, name: &HeaderName) -> Result<Option<Tags>, &'static str> {
        const MALFORMED: &str = "If-Match takes * or a list of entity tags in quotes, as ETag showed them.";
        let mut listed = Vec::new();
        let mut any = false;
        for value in headers.get_all(name) {
            let mut rest = value.to_str().map_err(|_| MALFORMED)?.trim_matches([' ', '\t']);
            if rest == "*" {
                any = true;
                continue;
            }
            while !rest.is_empty() {
                let marked = rest.strip_prefix("W/").unwrap_or(rest);
                let body = marked.strip_prefix('"').ok_or(MALFORMED)?;
                let end = body.find('"').ok_or(MALFORMED)?;
                if body[..end].bytes().any(|byte| byte <= b' ' || byte == 0x7f) {
                    return Err(MALFORMED);
                }
                let length = rest.len() - body.len() + end + 1;
                listed.push(rest[..length].to_owned());
                let after = rest[length..].trim_start_matches([' ', '\t']);
                rest = match after.strip_prefix(',') {
                    Some(more) => more.trim_start_matches([' ', '\t']),
                    None if after.is_empty() => after,
                    None => return Err(MALFORMED),
                };
            }
        }
        match (any, listed.is_empty()) {
            (true, true) => Ok(Some(Tags::Any)),
            (true, false) => Err(MALFORMED),
            (false, false) => Ok(Some(Tags::Listed(listed))),
            (false, true) if headers.contains_key(name) => Err(MALFORMED),
            (false, true) => Ok(None),
        }
    }

    /// Strong comparison: a weak tag matches nothing.
    pub(crate) fn match_strongly(&self, tag: &str) -> bool {
        match self {
            Tags::Any => true,
            Tags::Listed(tags) => tags.iter().any(|listed| listed == tag),
        }
    }

    /// Weak comparison: the mark does not count.
    pub(crate) fn match_weakly(&self, tag: &str) -> bool {
        match self {
            Tags::Any => true,
            Tags::Listed(tags) => tags.iter().any(|listed| listed.strip_prefix("W/").unwrap_or(listed) == tag),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn if_match(values: &[&str]) -> Result<Option<Tags>, &'static str> {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(IF_MATCH, value.parse().unwrap());
        }
        Tags::if_match(&headers)
    }

    #[test]
    fn tags_are_read_as_the_standard_spells_them() {
        let listed = |tags: &[&str]| Ok(Some(Tags::Listed(tags.iter().map(|tag| (*tag).to_owned()).collect())));
        assert_eq!(if_match(&[]), Ok(None));
        assert_eq!(if_match(&["*"]), Ok(Some(Tags::Any)));
        assert_eq!(if_match(&["\"a\""]), listed(&["\"a\""]));
        assert_eq!(if_match(&["\"a\" ,W/\"b,c\"", "\"\""]), listed(&["\"a\"", "W/\"b,c\"", "\"\""]));
        for malformed in ["", "a", "\"a", "\"a\" \"b\"", "w/\"a\"", "*, \"a\"", "\"a b\"", "\"a\";"] {
            assert!(if_match(&[malformed]).is_err(), "{malformed}");
        }
    }

    #[test]
    fn a_weak_tag_matches_nothing_strongly() {
        let tag = tag(b"{}");
        let weak = Tags::Listed(vec![format!("W/{tag}")]);
        assert!(!weak.match_strongly(&tag) && weak.match_weakly(&tag));
        assert!(Tags::Any.match_strongly(&tag) && !Tags::Listed(vec!["\"x\"".to_owned()]).match_weakly(&tag));
    }
}
