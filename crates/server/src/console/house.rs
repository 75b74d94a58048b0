//! The layer around every page. Forms come from our own pages alone, a refusal becomes a page in its reader's language, and a
//! browser is told what it must not do. Knows no page.

use super::error::{self, Error, Refusal};
use super::language::Language;
use super::session::Next;
use axum::extract::Request;
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, HOST, ORIGIN, X_FRAME_OPTIONS};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method};
use axum::middleware::Next as Inner;
use axum::response::{IntoResponse, Response};
use std::sync::{Arc, OnceLock};

/// Nothing but our own files, no script and no style within a page, no frame around it, no form to elsewhere.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; \
     form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
);
const NO_STORE: HeaderValue = HeaderValue::from_static("no-store");
const DENY: HeaderValue = HeaderValue::from_static("DENY");
const SAME_ORIGIN: HeaderValue = HeaderValue::from_static("same-origin");
const OPENER: HeaderName = HeaderName::from_static("cross-origin-opener-policy");
const RESOURCE: HeaderName = HeaderName::from_static("cross-origin-resource-policy");
const SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// What a refusal must know of the request to become a page.
#[derive(Clone, Debug, Default)]
pub(super) struct Asked {
    pub(super) language: Language,
    /// Where to be back once signed in.
    pub(super) here: Next,
    /// A script asks, which follows no redirect to another page.
    pub(super) by_script: bool,
}

impl Asked {
    /// Without an address.
    pub(super) fn of_headers(headers: &HeaderMap) -> Asked {
        let by_script = headers.contains_key("hx-request");
        Asked { language: Language::of(headers), here: Next::default(), by_script }
    }

    fn of(request: &Request) -> Asked {
        let here = match request.method().is_safe() {
            true => request.uri().path_and_query().map(|address| address.as_str().to_owned()),
            // A form is nothing to come back to: the page that it stood on is.
            false => referring(request.headers()),
        };
        Asked { here: Next::parse(&here.unwrap_or_default()), ..Asked::of_headers(request.headers()) }
    }
}

/// The language that whoever visits has chosen, once that is known.
#[derive(Clone, Default)]
pub(super) struct Spoken(pub(super) Arc<OnceLock<Language>>);

/// The layer.
pub(super) async fn around(mut request: Request, inner: Inner) -> Response {
    let (mut asked, spoken) = (Asked::of(&request), Spoken::default());
    request.extensions_mut().insert(spoken.clone());
    let response = match is_ours(request.method(), request.headers()) {
        true => inner.run(request).await,
        false => Error::Forged.into_response(),
    };
    asked.language = spoken.0.get().copied().unwrap_or(asked.language);
    dressed(asked, response)
}

/// An answer with what every page has; a refusal as its page.
pub(super) fn dressed(asked: Asked, mut response: Response) -> Response {
    if let Some(refusal) = response.extensions_mut().remove::<Refusal>() {
        response = error::page(&refusal, &asked);
    }
    let headers = response.headers_mut();
    headers.entry(CACHE_CONTROL).or_insert(NO_STORE);
    headers.insert(CONTENT_SECURITY_POLICY, POLICY);
    headers.insert(X_FRAME_OPTIONS, DENY);
    headers.insert(OPENER, SAME_ORIGIN);
    headers.insert(RESOURCE, SAME_ORIGIN);
    response
}

/// Whether what is sent comes from a page of ours, as the browser says: `Sec-Fetch-Site`, which no page can write; from browsers
/// that do not send it to addresses without https, `Origin`. Who sends neither is no browser, and belongs to the APIs.
fn is_ours(method: &Method, headers: &HeaderMap) -> bool {
    if method.is_safe() {
        return true;
    }
    let text = |name: &HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    match (text(&SITE), text(&ORIGIN)) {
        (Some(site), _) => site == "same-origin",
        (None, Some(origin)) => {
            origin.split_once("://").map(|(_, host)| host).is_some_and(|host| Some(host) == text(&HOST))
        }
        (None, None) => false,
    }
}

/// The page that a request came from, without its host: only believed as far as [`Next`] believes it.
fn referring(headers: &HeaderMap) -> Option<String> {
    let address = headers.get(axum::http::header::REFERER)?.to_str().ok()?;
    let url = url::Url::parse(address).ok()?;
    Some(url.query().map_or_else(|| url.path().to_owned(), |query| format!("{}?{query}", url.path())))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn comes_from_us(pairs: &[(&'static str, &'static str)]) -> bool {
        let headers =
            pairs.iter().map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)));
        is_ours(&Method::POST, &headers.collect())
    }

    #[test]
    fn forms_come_from_our_own_pages() {
        assert!(comes_from_us(&[("sec-fetch-site", "same-origin")]));
        assert!(comes_from_us(&[("origin", "http://id.example:8080"), ("host", "id.example:8080")]));
        for elsewhere in [
            &[][..],
            &[("sec-fetch-site", "cross-site")],
            &[("sec-fetch-site", "same-site")],
            &[("sec-fetch-site", "none")],
            &[("sec-fetch-site", "cross-site"), ("origin", "http://id.example"), ("host", "id.example")],
            &[("origin", "null"), ("host", "id.example")],
            &[("origin", "http://evil.example"), ("host", "id.example")],
            &[("origin", "http://id.example:81"), ("host", "id.example")],
        ] {
            assert!(!comes_from_us(elsewhere), "{elsewhere:?}");
        }
        assert!(is_ours(&Method::GET, &HeaderMap::new()));
    }
}
