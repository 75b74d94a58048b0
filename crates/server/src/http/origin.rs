//! Where a call comes from, as the directory's audit trail wants it. Knows nothing of credentials.

use super::client::Client;
use super::request_id::RequestId;
use axum::http::Extensions;
use directory::actor::Origin;

/// As the layers around every request noted it.
pub(crate) fn origin(extensions: &Extensions) -> Origin {
    let request = extensions.get().map_or("", RequestId::as_str);
    Origin { request: request.into(), address: Client::of(extensions).0 }
}
