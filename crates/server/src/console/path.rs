//! What an address names besides its environment. What cannot be one is like one that is not there. Knows no page.

use super::error::Error;
use crate::app::App;
use axum::extract::{FromRequestParts, RawPathParams};
use axum::http::request::Parts;
use uuid::Uuid;

/// The `{id}` of an address.
pub(super) struct Id(pub(super) Uuid);

/// The `{number}` of an address.
pub(super) struct Number(pub(super) i64);

/// The `{token}` of an address.
pub(super) struct Token(pub(super) Uuid);

/// The `{key}` of an address: of an environment that is looked at, not acted in.
pub(super) struct Key(pub(super) String);

impl FromRequestParts<App> for Id {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Id, Error> {
        uuid(parts, app, "id").await.map(Id)
    }
}

impl FromRequestParts<App> for Token {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Token, Error> {
        uuid(parts, app, "token").await.map(Token)
    }
}

impl FromRequestParts<App> for Number {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Number, Error> {
        named(parts, app, "number").await?.parse().map(Number).map_err(|_| Error::NoPage)
    }
}

impl FromRequestParts<App> for Key {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Key, Error> {
        named(parts, app, "key").await.map(Key)
    }
}

async fn uuid(parts: &mut Parts, app: &App, wanted: &str) -> Result<Uuid, Error> {
    let text = named(parts, app, wanted).await?;
    let usual = (text.len() == 36).then(|| Uuid::try_parse(&text).ok()).flatten();
    usual.ok_or(Error::NoPage)
}

async fn named(parts: &mut Parts, app: &App, wanted: &str) -> Result<String, Error> {
    let params = RawPathParams::from_request_parts(parts, app).await.map_err(|_| Error::NoPage)?;
    params.iter().find(|(name, _)| *name == wanted).map(|(_, value)| value.to_owned()).ok_or(Error::NoPage)
}
