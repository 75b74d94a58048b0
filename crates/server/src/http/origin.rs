//! Where a call comes from, as the directory's audit trail wants it, and on what. Knows nothing of credentials.

use super::client::Client;
use super::request_id::RequestId;
use axum::http::header::USER_AGENT;
use axum::http::{Extensions, HeaderMap};
use directory::actor::Origin;
use directory::sessions::Device;

/// As the layers around every request noted it.
pub(crate) fn origin(extensions: &Extensions) -> Origin {
    let request = extensions.get().map_or("", RequestId::as_str);
    Origin { request: request.into(), address: Client::of(extensions).0 }
}

/// As the program names itself.
pub(crate) fn device(headers: &HeaderMap) -> Device {
    Device::of(headers.get(USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or_default())
}
