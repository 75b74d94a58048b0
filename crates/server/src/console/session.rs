//! Who visits: a session's token in a cookie that no script reads, believed by the directory alone; and what a form must hold
//! so that no other site can have sent it. A login that still owes a step has such a session too, good for that step alone.

use super::error::Error;
use super::house::{Asked, Noted};
use super::kept::LIFETIME;
use super::language::Language;
use super::layout::{Layout, Who};
use crate::app::App;
use crate::http::origin::{device, origin};
use axum::extract::{FromRequestParts, RawPathParams};
use axum::http::header::{COOKIE, SET_COOKIE};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue};
use axum::response::{IntoResponse, Redirect, Response};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use directory::actor::{Actor, Caller, Origin};
use directory::environments::EnvironmentName;
use directory::secret::TokenSecret;
use directory::sessions::Device;
use directory::store::Tx;
use directory::users;
use std::sync::Arc;
use uuid::Uuid;

/// Browsers take such a name from us alone, by https, for the whole host.
const COOKIE_BY_HTTPS: &str = "__Host-rolebook";
/// Where there is no https they would drop the other.
const COOKIE_BY_HTTP: &str = "rolebook";
/// What the token of a form is a digest for.
const PURPOSE: &str = "console form";
/// What a form says of whose it is, a digest too.
const OWNER: &str = "console form's owner";

/// A request for a page. Not believed yet: each question to the directory does that itself.
pub(super) struct Visit {
    /// The user's own, else what the browser asks for.
    pub(super) language: Language,
    pub(super) origin: Origin,
    pub(super) device: Device,
    secret: Option<Arc<TokenSecret>>,
    /// As the address names it.
    environment: Option<EnvironmentName>,
    /// What forms of this session hold.
    pub(super) token: String,
    /// Whose visit it is, for recognising only; empty: nobody's who is signed in.
    pub(super) owner: String,
}

impl FromRequestParts<App> for Visit {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Visit, Error> {
        let params = RawPathParams::from_request_parts(parts, app).await.map_err(|_| Error::NoPage)?;
        let named = params.iter().find(|(name, _)| *name == "environment");
        let secret = secret(&parts.headers, cookie_name(app));
        let mut visit = Visit {
            language: Asked::of_headers(&parts.headers).language,
            origin: origin(&parts.extensions),
            device: device(&parts.headers),
            environment: named.map(|(_, name)| EnvironmentName::parse(name)),
            token: secret.as_ref().map(|secret| token_of(app, secret)).unwrap_or_default(),
            secret: secret.map(Arc::new),
            owner: String::new(),
        };
        if visit.secret.is_none() {
            return Ok(visit);
        }
        let who = |tx: &mut Tx<'_>, actor: &Actor| Ok((actor.user(), users::own_language(tx, actor)?));
        let Ok((user, chosen)) = app.directory.read(visit.caller(), who).await else { return Ok(visit) };
        if let Some(user) = user {
            visit.owner = URL_SAFE_NO_PAD.encode(app.directory.effects().keys.digest(OWNER, user.0.as_bytes()));
            visit.token = format!("{}.{}", visit.token, visit.owner);
        }
        if let Some(language) = chosen.and_then(|chosen| Language::of_tag(chosen.as_str())) {
            visit.language = language;
            // A refusal is told in it too.
            if let Some(noted) = parts.extensions.get::<Noted>() {
                let _ = noted.language.set(language);
            }
        }
        Ok(visit)
    }
}

impl Visit {
    /// Who asks, in the environment that the address names, else in the session's own.
    pub(super) fn caller(&self) -> Caller {
        let (bearer, environment) = (self.secret.clone(), self.environment.clone());
        Caller { bearer, claims: None, environment, origin: self.origin.clone() }
    }

    /// Where a page of the environment stands that the address names.
    pub(super) fn address(&self, page: &str) -> String {
        let environment = match &self.environment {
            // A key is made of what stands in an address as it is; what is none was refused.
            Some(EnvironmentName::Key(key)) => key.clone(),
            Some(EnvironmentName::Uuid(uuid)) => uuid.to_string(),
            None => return "/console".to_owned(),
        };
        format!("/console/environments/{environment}/{page}")
    }

    /// Whether there is a session to ask about, good or not.
    pub(super) fn has_session(&self) -> bool {
        self.secret.is_some()
    }

    /// Reads what a page shows, with who looks at it.
    ///
    /// # Errors
    /// The directory's.
    pub(super) async fn read<T, F>(&self, app: &App, verb: F) -> Result<(Layout, T), Error>
    where
        T: Send + 'static,
        F: Fn(&mut Tx<'_>, &Actor) -> directory::Result<T> + Send + 'static,
    {
        let read = move |tx: &mut Tx<'_>, actor: &Actor| Ok((Who::of(tx, actor)?, verb(tx, actor)?));
        let (who, shown) = app.directory.read(self.caller(), read).await?;
        Ok((self.layout(Some(who)), shown))
    }

    /// The same for a long list, beside the threads that serve.
    ///
    /// # Errors
    /// The directory's.
    pub(super) async fn report<T, F>(&self, app: &App, verb: F) -> Result<(Layout, T), Error>
    where
        T: Send + 'static,
        F: Fn(&mut Tx<'_>, &Actor) -> directory::Result<T> + Send + 'static,
    {
        let read = move |tx: &mut Tx<'_>, actor: &Actor| Ok((Who::of(tx, actor)?, verb(tx, actor)?));
        let (who, shown) = app.directory.report(self.caller(), read).await?;
        Ok((self.layout(Some(who)), shown))
    }

    /// The frame of a page for somebody who is not signed in.
    pub(super) fn unsigned(&self) -> Layout {
        self.layout(None)
    }

    fn layout(&self, who: Option<Who>) -> Layout {
        Layout::new(self.language, who, self.token.clone())
    }
}

/// The id that an address names.
///
/// # Errors
/// [`Error::NoPage`] for one that is none.
pub(super) fn id(path: &RawPathParams) -> Result<Uuid, Error> {
    let text = path.iter().find(|(key, _)| *key == "id").map_or("", |(_, text)| text);
    text.parse().map_err(|_| Error::NoPage)
}

/// Signs a browser in, or as far as to the step that is owed, and sends it on.
pub(super) fn begin(app: &App, secret: &TokenSecret, to: &str) -> Response {
    with_cookie(app, &secret.expose(), "", to)
}

/// Lets a browser forget its session, and sends it on.
pub(super) fn end(app: &App, to: &str) -> Response {
    with_cookie(app, "", "; Max-Age=0", to)
}

fn with_cookie(app: &App, value: &str, age: &str, to: &str) -> Response {
    let mut response = Redirect::to(to).into_response();
    remember(app, value, age, &mut response);
    response
}

/// Gives a browser its session's token, along with an answer.
///
/// `Lax`, because whoever follows a link out of a mail is still signed in; what changes anything is a form, whose sender is
/// judged besides. Without an age: it ends with the browser, at the latest when the directory says so.
pub(super) fn remember(app: &App, value: &str, age: &str, response: &mut Response) {
    let name = cookie_name(app);
    let secure = if is_https(app) { "; Secure" } else { "" };
    let cookie = format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax{secure}{age}");
    if let Ok(cookie) = HeaderValue::from_str(&cookie) {
        response.headers_mut().insert(SET_COOKIE, cookie);
    }
}

fn is_https(app: &App) -> bool {
    app.public_url.starts_with("https://")
}

fn cookie_name(app: &App) -> &'static str {
    if is_https(app) { COOKIE_BY_HTTPS } else { COOKIE_BY_HTTP }
}

/// The name of the cookie that keeps a form.
pub(super) fn kept_cookie_name(app: &App) -> &'static str {
    if is_https(app) { "__Host-rolebook-form" } else { "rolebook-form" }
}

/// Keeps a sealed form in a browser for a while.
pub(super) fn keep_form(app: &App, sealed: &str, response: &mut Response) {
    let (name, secure, age) = (kept_cookie_name(app), if is_https(app) { "; Secure" } else { "" }, LIFETIME.as_secs());
    let cookie = format!("{name}={sealed}; Path=/; HttpOnly; SameSite=Strict; Max-Age={age}{secure}");
    if let Ok(cookie) = HeaderValue::from_str(&cookie) {
        response.headers_mut().append(SET_COOKIE, cookie);
    }
}

fn secret(headers: &HeaderMap, name: &str) -> Option<TokenSecret> {
    cookie(headers, name).and_then(TokenSecret::parse)
}

/// The one cookie of this name. Of two, nobody knows which is ours.
pub(super) fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let all = headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok());
    let pairs = all.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    let mut own = pairs.filter(|(key, _)| *key == name).map(|(_, value)| value);
    match (own.next(), own.next()) {
        (Some(value), None) => Some(value),
        _ => None,
    }
}

/// Bound to the session, so that it is worth nothing in another; a digest, so that it tells nothing of the cookie.
fn token_of(app: &App, secret: &TokenSecret) -> String {
    URL_SAFE_NO_PAD.encode(app.directory.effects().keys.digest(PURPOSE, secret.hash().as_bytes()))
}

/// Whether two tokens are one, in a time that does not depend on where they differ.
pub(super) fn same(one: &str, other: &str) -> bool {
    one.len() == other.len() && one.bytes().zip(other.bytes()).fold(0, |differ, (a, b)| differ | (a ^ b)) == 0
}

/// Where to go after signing in: a page of ours, and nothing else, whatever a link says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Next(String);

impl Default for Next {
    fn default() -> Next {
        Next("/console".to_owned())
    }
}

impl Next {
    /// Anything that is not plainly a page of the console is its beginning.
    pub(super) fn parse(text: &str) -> Next {
        let path = text.split(['?', '#']).next().unwrap_or_default();
        let plain = text.len() <= 2000 && text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
        let elsewhere = path.contains("//") || path.contains("..") || path.contains("/sign-");
        match plain && !elsewhere && super::is_here(path) {
            true => Next(text.to_owned()),
            false => Next::default(),
        }
    }

    /// The address.
    pub(super) fn as_str(&self) -> &str {
        &self.0
    }

    /// This page, which leads there later.
    pub(super) fn after(&self, page: &str) -> String {
        if *self == Next::default() {
            return page.to_owned();
        }
        let next: String = form_urlencoded::byte_serialize(self.0.as_bytes()).collect();
        format!("{page}?next={next}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_pages_of_the_console_are_next() {
        for ours in ["/console", "/console/environments/pizza/users?search=a%20b&status=active"] {
            assert_eq!(Next::parse(ours).as_str(), ours);
        }
        for other in [
            "",
            "//evil.example",
            "https://evil.example",
            "/\\evil.example",
            "/console\\..\\",
            "/console//evil.example",
            "/consoles",
            "/api/v2/user",
            "/console/../api",
            "javascript:alert(1)",
            "/console/\n",
            "/console/sign-in",
            "/console/sign-out",
            " /console",
        ] {
            assert_eq!(Next::parse(other), Next::default(), "{other}");
        }
        let next = Next::parse("/console/environments/a/users?search=x&y");
        assert_eq!(
            next.after("/console/sign-in"),
            "/console/sign-in?next=%2Fconsole%2Fenvironments%2Fa%2Fusers%3Fsearch%3Dx%26y"
        );
        assert_eq!(Next::default().after("/console/sign-in"), "/console/sign-in");
    }

    #[test]
    fn of_two_cookies_none_is_believed() {
        let value = "A".repeat(43);
        let sent = |text: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(COOKIE, text.parse().unwrap());
            secret(&headers, "rolebook").is_some()
        };
        assert!(sent(&format!("a=b; rolebook={value}; c=d")));
        assert!(!sent(&format!("rolebook={value}; rolebook={value}")));
        assert!(!sent(&format!("xrolebook={value}")) && !sent("rolebook=") && !sent("rolebook"));
    }

    #[test]
    fn tokens_are_compared_whole() {
        assert!(same("abc", "abc") && !same("abc", "abd") && !same("abc", "ab") && same("", ""));
    }
}
