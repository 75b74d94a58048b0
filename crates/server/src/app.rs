//! All routes together, with the one layer that every request passes. Knows the dialects by name and nothing of what they
//! say.

use crate::http::{health, request_id::Requests};
use crate::openapi::routes;
use crate::{openapi, v1, v2};
use axum::Router;
use axum::http::Uri;
use axum::response::Response;
use directory::Directory;
use tower::Layer;
use tower_http::normalize_path::{NormalizePath, NormalizePathLayer};

/// What every handler can reach.
#[derive(Clone)]
pub struct App {
    /// The directory of people.
    pub directory: Directory,
    /// Where the outside reaches this server, without a trailing slash: for links.
    pub public_url: std::sync::Arc<str>,
}

impl health::Ready for App {
    async fn ping(&self) -> Result<(), String> {
        self.directory.ping().await.map_err(|error| error.to_string())
    }
}

routes! {
    "":
    "/openapi.json" => get openapi::json;
    "/docs" => get openapi::page;
    "/docs/style.css" => get openapi::style;
    "/healthz" => get health::healthz;
    "/readyz" => get health::readyz::<App>;
}

/// Every route there is, method and path: for tests that must leave none out.
pub fn every_route() -> Vec<(String, String)> {
    [("", ROUTES), ("/api/v1", v1::ROUTES), ("/api/v2", v2::ROUTES)]
        .into_iter()
        .flat_map(|(mount, routes)| routes.iter().map(move |route| (mount, route)))
        .map(|(mount, (method, path))| (method.to_uppercase(), format!("{mount}{path}")))
        .collect()
}

/// Every route, with and without a trailing slash.
pub fn service(app: App) -> NormalizePath<Router> {
    let https = app.public_url.starts_with("https://");
    let directory = app.directory.clone();
    let revision = std::sync::Arc::new(move || directory.revision().0);
    let routes = Router::new()
        .merge(v1::routes())
        .merge(v2::routes())
        .merge(table())
        .fallback(not_found)
        .layer(Requests { on_panic, https, revision })
        .with_state(app);
    NormalizePathLayer::trim_trailing_slash().layer(routes)
}

/// Whether a path is the first API's; all that is nobody's is answered in the words of the second.
fn is_v1(path: &str) -> bool {
    path.strip_prefix("/api/v1").is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// The answer to an address that nothing stands at, in the words of the API that was called.
async fn not_found(uri: Uri) -> Response {
    if is_v1(uri.path()) { v1::not_found() } else { v2::not_found() }
}

/// The answer to a defect, likewise.
fn on_panic(path: &str) -> Response {
    if is_v1(path) { v1::internal_error() } else { v2::internal_error() }
}
