//! Style and scripts, in the binary. Each stands at a name that holds a digest of it, so a browser keeps it for good and has the
//! new one as soon as a page names it. Knows no page.

use super::error::Error;
use axum::extract::Path;
use axum::http::HeaderName;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};
use std::sync::LazyLock;

struct Asset {
    /// What templates call it.
    name: &'static str,
    media_type: &'static str,
    content: &'static str,
    /// Where it stands.
    address: String,
}

static ASSETS: LazyLock<[Asset; 4]> = LazyLock::new(|| {
    let (style, script) = ("text/css; charset=utf-8", "text/javascript; charset=utf-8");
    [
        ("console.css", style, include_str!("../../assets/console/console.css")),
        ("console.js", script, include_str!("../../assets/console/console.js")),
        ("menus.js", script, include_str!("../../assets/console/menus.js")),
        // https://htmx.org 2.0.11, as published; its licence stands beside it.
        ("htmx.js", script, include_str!("../../assets/console/htmx.min.js")),
    ]
    .map(|(name, media_type, content)| {
        let digest = URL_SAFE_NO_PAD.encode(&Sha256::digest(content.as_bytes())[..9]);
        Asset { name, media_type, content, address: format!("/console/assets/{digest}-{name}") }
    })
});

/// Where the file of this name stands; empty for one that is not there.
pub(super) fn address(name: &str) -> String {
    ASSETS.iter().find(|asset| asset.name == name).map_or_else(String::new, |asset| asset.address.clone())
}

/// `GET /console/assets/<name>`.
pub(super) async fn get(Path(name): Path<String>) -> Result<Response, Error> {
    let found = ASSETS.iter().find(|asset| asset.address.rsplit('/').next() == Some(&name));
    let asset = found.ok_or(Error::NoPage)?;
    let headers: [(HeaderName, &str); 2] =
        [(CONTENT_TYPE, asset.media_type), (CACHE_CONTROL, "public, max-age=31536000, immutable")];
    Ok((headers, asset.content).into_response())
}
