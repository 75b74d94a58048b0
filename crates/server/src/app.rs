//! All routes together, with the one layer that every request passes. Knows the dialects by name and nothing of what they
//! say.

use crate::http::streams::Streams;
use crate::http::{health, request_id::Requests};
use crate::openapi::routes;
use crate::{console, openapi, v1, v2};
use axum::Router;
use axum::http::{HeaderMap, Uri};
use axum::response::Response;
use directory::Directory;
use directory::passkeys::Party;
use std::sync::Arc;
use tower::Layer;
use tower_http::normalize_path::{NormalizePath, NormalizePathLayer};

/// What every handler can reach.
#[derive(Clone)]
pub struct App {
    /// The directory of people.
    pub directory: Directory,
    /// Where the outside reaches this server, without a trailing slash: for links.
    pub public_url: Arc<str>,
    /// Who asks for passkeys; `None` where the public URL is fit for none.
    pub party: Option<Arc<Party>>,
    /// Answers that go on; to be ended when the process must stop.
    pub streams: Streams,
}

impl App {
    /// `public_url` without a trailing slash.
    pub fn new(directory: Directory, public_url: &str) -> App {
        let party = Party::new(&at_a_host(public_url), "Rolebook").map(Arc::new);
        if let Err(why) = &party {
            tracing::info!(why, "nobody can sign in with a passkey");
        }
        App { directory, public_url: public_url.into(), party: party.ok(), streams: Streams::default() }
    }
}

/// Browsers bind no passkey to an address, and find this machine by its name too.
fn at_a_host(public_url: &str) -> String {
    match url::Url::parse(public_url) {
        Ok(mut url) if matches!(url.host(), Some(url::Host::Ipv4(host)) if host.is_loopback()) => {
            // It has a host already, so it takes another.
            let _ = url.set_host(Some("localhost"));
            url.into()
        }
        _ => public_url.to_owned(),
    }
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
    [("", ROUTES), ("/api/v1", v1::ROUTES), ("/api/v2", v2::ROUTES), ("/console", console::ROUTES)]
        .into_iter()
        .flat_map(|(mount, routes)| routes.iter().map(move |route| (mount, route)))
        .map(|(mount, (method, path))| (method.to_uppercase(), format!("{mount}{path}")))
        .collect()
}

/// Every route, with and without a trailing slash.
pub fn service(app: App) -> NormalizePath<Router> {
    let https = app.public_url.starts_with("https://");
    let directory = app.directory.clone();
    let revision = Arc::new(move || directory.revision().0);
    let routes = Router::new()
        .merge(v1::routes())
        .merge(v2::routes())
        .merge(console::routes())
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

/// The answer to an address that nothing stands at, in the words of the API that was called, or as a page.
async fn not_found(uri: Uri, headers: HeaderMap) -> Response {
    match uri.path() {
        path if is_v1(path) => v1::not_found(),
        path if console::is_here(path) => console::no_page(&headers),
        _ => v2::not_found(),
    }
}

/// The answer to a defect, likewise.
fn on_panic(path: &str) -> Response {
    match path {
        path if is_v1(path) => v1::internal_error(),
        path if console::is_here(path) => console::internal_error(),
        _ => v2::internal_error(),
    }
}
