//! Who calls: `X-Auth-Token` with `X-User-Id`. Believes nothing itself; the directory compares the two.

use crate::http::origin::origin;
use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::request::Parts;
use directory::actor::{Caller, Origin};
use directory::id::UserId;
use directory::secret::TokenSecret;
use std::convert::Infallible;
use std::sync::Arc;
use uuid::Uuid;

/// The caller as the headers have it, in no environment yet.
pub(super) struct Heard(pub(super) Caller);

impl<S: Sync> FromRequestParts<S> for Heard {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Heard, Infallible> {
        Ok(Heard(caller(&parts.headers, origin(&parts.extensions))))
    }
}

/// Where a call comes from.
pub(super) struct CallOrigin(pub(super) Origin);

impl<S: Sync> FromRequestParts<S> for CallOrigin {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<CallOrigin, Infallible> {
        Ok(CallOrigin(origin(&parts.extensions)))
    }
}

/// Both headers or nobody: a token alone must not do, because the directory compares only an id that was sent.
fn caller(headers: &HeaderMap, origin: Origin) -> Caller {
    let bearer = single(headers, "x-auth-token").and_then(TokenSecret::parse);
    let claims = single(headers, "x-user-id").and_then(user_id);
    let (bearer, claims) = bearer.zip(claims).unzip();
    Caller { bearer: bearer.map(Arc::new), claims, environment: None, origin }
}

/// A header that is there once. Of two values, which one counts would be anybody's guess.
fn single<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (Some(value), None) => value.to_str().ok(),
        _ => None,
    }
}

/// An account's id, in its one usual form.
pub(super) fn user_id(text: &str) -> Option<UserId> {
    (text.len() == 36).then(|| Uuid::try_parse(text).ok()).flatten().map(UserId)
}
