//! `/api/v2/user/login`, `/user/logout` and `/token/refresh`: signing in, out, and staying in.

use super::answer;
use super::auth::{Caller, Unsigned};
use super::error::Error;
use super::wire::{HeldGroupAnswer, codenames, each};
use crate::app::App;
use crate::body::{WireError, WireProblem, body};
use axum::extract::State;
use axum::response::Response;
use directory::environments::EnvironmentName;
use directory::secret::{Password, TokenSecret};
use directory::sessions::{SignIn, SignedIn, Tokens};

body! {
    /// The body of a login.
    pub(super) struct Login {
        username: Optional<String>,
        email: Optional<String>,
        password: Required<Password>,
        /// An environment, by its key or its UUID.
        company: Optional<String>,
    }
    // A second factor's code: no login asks for one yet.
    ignored: otp;
}

body! {
    /// The body of a refresh.
    pub(super) struct Refresh {
        refresh: Required<String>,
    }
}

#[derive(serde::Serialize, utoipa::ToSchema)]
#[schema(as = v2::SignedIn)]
pub(super) struct LoginAnswer<'a> {
    id: String,
    username: &'a str,
    first_name: &'a str,
    last_name: &'a str,
    phone: &'a str,
    email: &'a str,
    access: String,
    refresh: String,
    company_id: String,
    groups: Vec<HeldGroupAnswer<'a>>,
    permissions: Vec<&'a str>,
}

impl<'a> From<&'a SignedIn> for LoginAnswer<'a> {
    /// An operator need not be a user where it signs in: then there is no more to tell than the account.
    fn from(signed_in: &'a SignedIn) -> LoginAnswer<'a> {
        let (account, user) = (&signed_in.account, signed_in.user.as_ref());
        let membership = user.map(|user| &user.membership);
        let pair = PairAnswer::from(&signed_in.tokens);
        LoginAnswer {
            id: account.id.to_string(),
            username: account.username.as_ref().map_or("", |username| username.as_typed()),
            first_name: membership.map_or("", |membership| membership.first_name.as_str()),
            last_name: membership.map_or("", |membership| membership.last_name.as_str()),
            phone: membership.map_or("", |membership| membership.phone.as_str()),
            email: account.email.as_ref().map_or("", |email| email.as_typed()),
            access: pair.access,
            refresh: pair.refresh,
            company_id: signed_in.environment.uuid.to_string(),
            groups: user.map_or_else(Vec::new, |user| each(&user.groups)),
            permissions: user.map_or_else(Vec::new, |user| codenames(&user.permissions)),
        }
    }
}

#[derive(serde::Serialize, utoipa::ToSchema)]
#[schema(as = v2::Tokens)]
pub(super) struct PairAnswer {
    access: String,
    refresh: String,
}

impl From<&Tokens> for PairAnswer {
    fn from(tokens: &Tokens) -> PairAnswer {
        let refresh = tokens.refresh.as_ref().map(TokenSecret::expose).unwrap_or_default();
        PairAnswer { access: tokens.access.expose(), refresh }
    }
}

/// `POST /user/login`.
pub(super) async fn login(State(app): State<App>, call: Unsigned) -> Result<Response, Error> {
    let Login { username, email, password, company } = Login::read(&call.body)?;
    let login = one_of(username, email)?;
    let environment = company.as_deref().map(EnvironmentName::parse);
    let request = SignIn { login, password, environment, pair: true, origin: call.origin };
    match app.directory.sign_in(request).await {
        Ok(Ok(signed_in)) => Ok(answer::ok(&LoginAnswer::from(&signed_in))),
        Ok(Err(step)) => Err(Error::Step(step)),
        Err(directory::Error::Unauthenticated) => Err(Error::Credentials),
        Err(error) => Err(error.into()),
    }
}

/// The one name that a login gives.
fn one_of(username: Option<String>, email: Option<String>) -> Result<String, Vec<WireError>> {
    let both = || WireProblem::Refused("Give a username or an e-mail address, not both.".to_owned());
    match (username, email) {
        (Some(login), None) | (None, Some(login)) => Ok(login),
        (None, None) => Err(vec![WireError::of("username", WireProblem::Required)]),
        (Some(_), Some(_)) => Err(vec![WireError::of("email", both())]),
    }
}

/// `POST /token/refresh`.
pub(super) async fn refresh(State(app): State<App>, call: Unsigned) -> Result<Response, Error> {
    let Refresh { refresh } = Refresh::read(&call.body)?;
    let secret = TokenSecret::parse(&refresh).ok_or(directory::Error::Unauthenticated)?;
    let tokens = app.directory.refresh(secret).await?;
    Ok(answer::ok(&PairAnswer::from(&tokens)))
}

/// `POST /user/logout`.
pub(super) async fn logout(State(app): State<App>, Caller(caller): Caller) -> Result<Response, Error> {
    app.directory.sign_out(caller).await?;
    Ok(answer::nothing())
}
