//! Who calls, in which environment, with what: read off the request and handed to the directory, which believes it or
//! not. Credentials are judged before anything else that may be wrong with a request. Knows nothing of what is asked.

use super::error::Error;
use crate::app::App;
use crate::http::body_bytes::{self, BodyError, MAX_BODY};
use crate::http::conditions::Tags;
use crate::http::media_type::MediaType;
use crate::http::origin::{device, origin};
use crate::json::Json;
use crate::query::query;
use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, Path, Request};
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method};
use directory::actor::{self, Origin};
use directory::clock::Time;
use directory::directory::When;
use directory::environments::EnvironmentName;
use directory::id::{FactorId, GroupId, MenuId, PermissionId, SessionId, TokenId, UserId, WebhookId};
use directory::repeats::Repeatable;
use directory::secret::TokenSecret;
use directory::sessions::Device;
use std::convert::Infallible;
use std::sync::Arc;
use uuid::Uuid;

const ENVIRONMENT: &str = "x-environment-id";
const REPEAT_KEY: &str = "idempotency-key";

query! {
    /// The query of most calls: there are no parameters.
    struct NoParameters {}
}

/// Of a call without a body and without a query. Not believed yet: each question to the directory does that itself.
pub(super) struct Caller(pub(super) actor::Caller);

impl FromRequestParts<App> for Caller {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Caller, Error> {
        let caller = caller_of(parts);
        if let Err(errors) = NoParameters::read(parts.uri.query()) {
            app.directory.identify(caller).await?;
            return Err(errors.into());
        }
        Ok(Caller(caller))
    }
}

query! {
    /// The query of what can be asked of the past too.
    pub(super) struct AsOf {
        /// As it was at this time. For holders of view_audit, but for oneself.
        at: Optional<Time>,
    }
}

/// Of a call without a body, about the present or a time that is over. Not believed yet.
pub(super) struct CallerAt {
    pub(super) caller: actor::Caller,
    pub(super) at: Option<Time>,
}

impl FromRequestParts<App> for CallerAt {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<CallerAt, Error> {
        let caller = caller_of(parts);
        match AsOf::read(parts.uri.query()) {
            Ok(AsOf { at }) => Ok(CallerAt { caller, at }),
            Err(errors) => {
                app.directory.identify(caller).await?;
                Err(errors.into())
            }
        }
    }
}

/// Of a call with a query, which is still to be read.
pub(super) struct Asked {
    /// Who calls; its token is known to be good.
    pub(super) caller: actor::Caller,
    /// As it was written.
    pub(super) query: Option<String>,
}

impl FromRequestParts<App> for Asked {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Asked, Error> {
        let caller = caller_of(parts);
        app.directory.identify(caller.clone()).await?;
        Ok(Asked { caller, query: parts.uri.query().map(str::to_owned) })
    }
}

/// Of a call with a body, which is still to be read.
pub(super) struct Sent {
    /// Who calls; its token is known to be good.
    pub(super) caller: actor::Caller,
    /// The body.
    pub(super) body: Json,
    /// What it is conditional on.
    pub(super) conditions: Conditions,
    /// The call as it is known by when it comes again, if its caller gave it a key.
    pub(super) repeatable: Option<Repeatable>,
}

/// What a call is conditional on.
pub(super) struct Conditions {
    /// Change only what still has one of these tags.
    pub(super) matching: Option<Tags>,
    /// Do not send what has one of these tags.
    pub(super) none_match: Option<Tags>,
}

impl Conditions {
    fn of(headers: &HeaderMap) -> Result<Conditions, Error> {
        let matching = Tags::if_match(headers).map_err(|sentence| Error::Header("if_match", sentence))?;
        Ok(Conditions { matching, none_match: Tags::if_none_match(headers) })
    }

    /// What must still be so of a thing, whose tag this function tells, for a change of it to be made.
    pub(super) fn when<T>(&self, tag: fn(&T) -> Option<String>) -> Option<When<T>>
    where
        T: 'static,
    {
        let tags = self.matching.clone()?;
        Some(Arc::new(move |thing| tag(thing).is_some_and(|tag| tags.match_strongly(&tag))))
    }
}

impl FromRequestParts<App> for Conditions {
    type Rejection = Error;

    /// Judged after the credentials.
    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Conditions, Error> {
        let conditions = Conditions::of(&parts.headers);
        if conditions.is_err() {
            app.directory.identify(caller_of(parts)).await?;
        }
        conditions
    }
}

/// `Idempotency-Key`: 1 to 255 visible ASCII characters, once.
fn repeat_key(headers: &HeaderMap) -> Result<Option<String>, Error> {
    const MALFORMED: Error =
        Error::Header("idempotency_key", "Idempotency-Key takes 1 to 255 visible ASCII characters, once.");
    let mut values = headers.get_all(REPEAT_KEY).iter();
    let Some(value) = values.next() else { return Ok(None) };
    let text = value.to_str().map_err(|_| MALFORMED)?;
    let visible = (1..=255).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic());
    if !visible || values.next().is_some() {
        return Err(MALFORMED);
    }
    Ok(Some(text.to_owned()))
}

impl FromRequest<App> for Sent {
    type Rejection = Error;

    async fn from_request(request: Request, app: &App) -> Result<Sent, Error> {
        let (parts, body) = request.into_parts();
        let caller = caller_of(&parts);
        app.directory.identify(caller.clone()).await?;
        NoParameters::read(parts.uri.query())?;
        // Only reading is spared by what the caller has already: a change is answered whole.
        let conditions = Conditions { none_match: None, ..Conditions::of(&parts.headers)? };
        let key = if parts.method == Method::POST { repeat_key(&parts.headers)? } else { None };
        let bytes = bytes(&parts.headers, body).await?;
        let body = parsed(&bytes)?;
        let route = || format!("{} {}", parts.method, parts.uri.path().trim_end_matches('/'));
        let repeatable = key.map(|key| Repeatable { route: route(), key, body: bytes.to_vec() });
        Ok(Sent { caller, body, conditions, repeatable })
    }
}

/// Of a call with a body by somebody who is not signed in, or need not be.
pub(super) struct Unsigned {
    /// Where it comes from.
    pub(super) origin: Origin,
    /// On what.
    pub(super) device: Device,
    /// Who it says that it is, if it shows a bearer at all.
    pub(super) caller: Option<actor::Caller>,
    /// The body.
    pub(super) body: Json,
}

impl FromRequest<App> for Unsigned {
    type Rejection = Error;

    async fn from_request(request: Request, _: &App) -> Result<Unsigned, Error> {
        let (parts, body) = request.into_parts();
        NoParameters::read(parts.uri.query())?;
        if parts.headers.contains_key(REPEAT_KEY) {
            return Err(Error::KEPT_BY_NOBODY);
        }
        let caller = parts.headers.contains_key(AUTHORIZATION).then(|| caller_of(&parts));
        let bytes = bytes(&parts.headers, body).await?;
        let (origin, device) = (origin(&parts.extensions), device(&parts.headers));
        Ok(Unsigned { origin, device, caller, body: parsed(&bytes)? })
    }
}

/// What an address names last: `/user/<this>`. What cannot be an id names a thing that does not exist, which the
/// directory says, after it has judged who asks.
pub(super) struct Named(String);

impl<S: Send + Sync> FromRequestParts<S> for Named {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Named, Infallible> {
        let path: Result<Path<String>, _> = Path::from_request_parts(parts, state).await;
        Ok(Named(path.map(|Path(text)| text).unwrap_or_default()))
    }
}

/// What an address names, and what it names within that: `/webhook/<this>/delivery/<and this>`.
pub(super) struct NamedWithin(pub(super) Named, pub(super) Named);

impl<S: Send + Sync> FromRequestParts<S> for NamedWithin {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<NamedWithin, Infallible> {
        let path: Result<Path<(String, String)>, _> = Path::from_request_parts(parts, state).await;
        let (outer, inner) = path.map(|Path(both)| both).unwrap_or_default();
        Ok(NamedWithin(Named(outer), Named(inner)))
    }
}

/// A user's id: the one usual spelling of a UUID. Nobody has the nil UUID.
pub(super) fn user_id(text: &str) -> UserId {
    let usual = (text.len() == 36).then(|| Uuid::try_parse(text).ok()).flatten();
    UserId(usual.unwrap_or(Uuid::nil()))
}

impl Named {
    /// As it was written.
    pub(super) fn text(&self) -> &str {
        &self.0
    }

    /// As a user.
    pub(super) fn user(&self) -> UserId {
        user_id(&self.0)
    }

    /// As a session.
    pub(super) fn session(&self) -> SessionId {
        SessionId(user_id(&self.0).0)
    }

    /// As an API token.
    pub(super) fn token(&self) -> TokenId {
        TokenId(user_id(&self.0).0)
    }

    /// As a second factor.
    pub(super) fn factor(&self) -> FactorId {
        FactorId(user_id(&self.0).0)
    }

    /// As a webhook.
    pub(super) fn webhook(&self) -> WebhookId {
        WebhookId(user_id(&self.0).0)
    }

    /// As a delivery of a webhook. They count up from 1.
    pub(super) fn delivery(&self) -> i64 {
        self.number()
    }

    /// As a group. They count up from 1.
    pub(super) fn group(&self) -> GroupId {
        GroupId(self.number())
    }

    /// As a permission. They count up from 1.
    pub(super) fn permission(&self) -> PermissionId {
        PermissionId(self.number())
    }

    /// As a menu. They count up from 1.
    pub(super) fn menu(&self) -> MenuId {
        MenuId(self.number())
    }

    /// As an environment, by its key or its UUID.
    pub(super) fn environment(&self) -> EnvironmentName {
        EnvironmentName::parse(&self.0)
    }

    fn number(&self) -> i64 {
        // Only the one way to write a number: "+1" and "01" are no ids.
        self.0.parse().ok().filter(|number: &i64| number.to_string() == self.0).unwrap_or(0)
    }
}

fn caller_of(parts: &Parts) -> actor::Caller {
    actor::Caller {
        bearer: bearer(&parts.headers).map(Arc::new),
        claims: None,
        environment: environment(&parts.headers),
        origin: origin(&parts.extensions),
    }
}

/// The token of `Authorization: Bearer …` (RFC 6750, section 2.1). One header alone: of two, nobody knows which was meant.
fn bearer(headers: &HeaderMap) -> Option<TokenSecret> {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let (Some(value), None) = (values.next(), values.next()) else { return None };
    let (scheme, token) = value.to_str().ok()?.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("Bearer") {
        return None;
    }
    TokenSecret::parse(token.trim_matches(' '))
}

/// The environment that the header names. Said twice, or not in words, it names none that exists.
fn environment(headers: &HeaderMap) -> Option<EnvironmentName> {
    let mut values = headers.get_all(ENVIRONMENT).iter();
    let text = match (values.next()?.to_str(), values.next()) {
        (Ok(text), None) => text,
        _ => "",
    };
    Some(EnvironmentName::parse(text))
}

async fn bytes(headers: &HeaderMap, body: axum::body::Body) -> Result<Bytes, Error> {
    let media_type = MediaType::of(headers);
    if matches!(media_type, MediaType::Form | MediaType::Other) {
        return Err(Error::MediaType);
    }
    let bytes = body_bytes::read(body, MAX_BODY).await.map_err(|error| match error {
        BodyError::TooLarge => Error::TooLarge,
        BodyError::TooSlow => Error::Unreadable("The body did not arrive within 30 seconds.".to_owned()),
        BodyError::Broken => Error::Unreadable("The body broke off.".to_owned()),
    })?;
    if media_type == MediaType::Missing && !bytes.is_empty() {
        return Err(Error::MediaType);
    }
    Ok(bytes)
}

fn parsed(bytes: &[u8]) -> Result<Json, Error> {
    Json::parse(bytes).map_err(|error| Error::Unreadable(error.sentence().to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(name: &'static str, values: &[&[u8]]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(name, axum::http::HeaderValue::from_bytes(value).unwrap());
        }
        headers
    }

    #[test]
    fn only_one_well_formed_bearer_is_a_bearer() {
        let token = "A".repeat(43);
        let good = [format!("Bearer {token}"), format!("bearer  {token}"), format!("BEARER rb_{token}")];
        for value in &good {
            assert!(bearer(&headers("authorization", &[value.as_bytes()])).is_some(), "{value}");
        }
        let bad = [token.clone(), format!("Basic {token}"), format!("Bearer\t{token}"), "Bearer x".to_owned()];
        for value in &bad {
            assert!(bearer(&headers("authorization", &[value.as_bytes()])).is_none(), "{value}");
        }
        let twice = [good[0].as_bytes(), good[0].as_bytes()];
        assert!(bearer(&headers("authorization", &twice)).is_none());
        assert!(bearer(&headers("authorization", &[b"Bearer \xff"])).is_none());
    }

    #[test]
    fn an_environment_that_is_named_unclearly_is_one_that_nobody_has() {
        let key = |text: &str| Some(EnvironmentName::Key(text.to_owned()));
        assert_eq!(environment(&HeaderMap::new()), None);
        assert_eq!(environment(&headers(ENVIRONMENT, &[b"maxedy_pizza"])), key("maxedy_pizza"));
        assert_eq!(environment(&headers(ENVIRONMENT, &[b"a", b"a"])), key(""));
        assert_eq!(environment(&headers(ENVIRONMENT, &[b"\xff"])), key(""));
        assert_eq!(environment(&headers(ENVIRONMENT, &[b""])), key(""));
    }

    #[test]
    fn only_the_usual_spelling_of_an_id_names_something() {
        let uuid = "0199a8f0-0000-7000-8000-000000000001";
        assert_eq!(Named(uuid.to_owned()).user().to_string(), uuid);
        for text in ["", "me", "0199a8f0000070008000000000000001", "{0199a8f0-0000-7000-8000-000000000001}"] {
            assert_eq!(Named(text.to_owned()).user(), UserId(Uuid::nil()), "{text}");
        }
        assert_eq!(Named("7".to_owned()).group(), GroupId(7));
        for text in ["", "+7", "07", " 7", "7.0", "99999999999999999999"] {
            assert_eq!(Named(text.to_owned()).group(), GroupId(0), "{text}");
        }
    }
}
