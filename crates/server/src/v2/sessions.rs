//! `/api/v2/user/login`, `/user/logout`, `/token/refresh` and `/session`: signing in, out, staying in, and seeing where one is.

use super::answer;
use super::auth::{Asked, Caller, Named, Sent, Unsigned, user_id};
use super::error::Error;
use super::second_factors::party;
use super::wire::{HeldGroupAnswer, codenames, each, time};
use crate::app::App;
use crate::body::{PasskeyFields, WireError, WireProblem, body};
use crate::query::query;
use axum::extract::State;
use axum::response::Response;
use directory::actor::Actor;
use directory::environments::EnvironmentName;
use directory::id::{SessionId, UserId};
use directory::second_factors::{Code, Shown};
use directory::secret::{Password, TokenSecret};
use directory::sessions::{self, Session, Shows, SignIn, SignedIn, Tokens};
use directory::store::Tx;
use std::sync::Arc;

body! {
    /// The body of a login.
    pub(super) struct Login {
        username: Optional<String>,
        email: Optional<String>,
        password: Optional<Password>,
        /// A second factor: six digits of an app, or a recovery code. Accounts without one need none.
        otp: Optional<Code>,
        /// A passkey's answer to a challenge, instead of name and password.
        passkey: Optional<PasskeyFields>,
        /// An environment, by its key or its UUID.
        company: Optional<String>,
    }
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
    pub(super) access: String,
    pub(super) refresh: String,
}

impl From<&Tokens> for PairAnswer {
    fn from(tokens: &Tokens) -> PairAnswer {
        let refresh = tokens.refresh.as_ref().map(TokenSecret::expose).unwrap_or_default();
        PairAnswer { access: tokens.access.expose(), refresh }
    }
}

const ALONE: &str = "A passkey signs in by itself: leave the others out, or show it behind the password at \
    /api/v2/session/second-factor.";

/// `POST /user/login`.
pub(super) async fn login(State(app): State<App>, call: Unsigned) -> Result<Response, Error> {
    let Login { username, email, password, otp, passkey, company } = Login::read(&call.body)?;
    let shows = match passkey {
        Some(passkey) => {
            if username.is_some() || email.is_some() || password.is_some() || otp.is_some() {
                return Err(vec![WireError::of("passkey", WireProblem::Refused(ALONE.to_owned()))].into());
            }
            Shows::Passkey(party(&app)?, Arc::new(passkey.into()))
        }
        None => {
            let password = password.ok_or_else(|| WireError::of("password", WireProblem::Required));
            let (login, password) = match (one_of(username, email), password) {
                (Ok(login), Ok(password)) => (login, password),
                (login, password) => {
                    return Err([login.err().unwrap_or_default(), password.err().into_iter().collect()]
                        .concat()
                        .into());
                }
            };
            Shows::Password { login, password, factor: otp.map(Shown::Code) }
        }
    };
    let environment = company.as_deref().map(EnvironmentName::parse);
    let request = SignIn { shows, environment, pair: true, origin: call.origin, device: call.device };
    match app.directory.sign_in(request).await {
        Ok(Ok(signed_in)) => Ok(answer::ok(&LoginAnswer::from(&signed_in))),
        Ok(Err(step)) => Err(Error::Step(step)),
        Err(directory::Error::Unauthenticated) => Err(Error::Credentials),
        Err(error) => Err(error.into()),
    }
}

/// The one name that a login gives.
pub(super) fn one_of(username: Option<String>, email: Option<String>) -> Result<String, Vec<WireError>> {
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
    let tokens = app.directory.refresh(secret, call.origin).await?;
    Ok(answer::ok(&PairAnswer::from(&tokens)))
}

/// `POST /user/logout`.
pub(super) async fn logout(State(app): State<App>, Caller(caller): Caller) -> Result<Response, Error> {
    app.directory.sign_out(caller).await?;
    Ok(answer::nothing())
}

query! {
    /// The query of the list of sessions.
    pub(super) struct ListSessions {
        /// Whose, by id: those that act in this environment. Left out: one's own.
        user: Optional<String>,
    }
}

query! {
    /// The query of ending several sessions: one of the two.
    pub(super) struct EndSessions {
        /// Whose, by id: all that act in this environment.
        user: Optional<String>,
        /// All of one's own but this one.
        others: Optional<bool>,
    }
}

body! {
    /// The body of a proof: one of the two.
    pub(super) struct Proof {
        /// The present password.
        current_password: Optional<Password>,
        /// A passkey's answer to a challenge.
        passkey: Optional<PasskeyFields>,
    }
}

/// A session.
#[derive(serde::Serialize, utoipa::ToSchema)]
#[schema(as = v2::Session)]
pub(super) struct SessionAnswer<'a> {
    id: String,
    /// As the program named itself when it signed in.
    device: &'a str,
    /// The network address that it was last used from.
    address: &'a str,
    created_at: String,
    /// When it was last used, to the minute.
    seen_at: String,
    expires_at: String,
    /// The one that asks.
    current: bool,
}

/// `GET /session`.
pub(super) async fn list(State(app): State<App>, asked: Asked) -> Result<Response, Error> {
    let ListSessions { user } = ListSessions::read(asked.query.as_deref())?;
    let of = user.as_deref().map(user_id);
    let read = move |tx: &mut Tx<'_>, actor: &Actor| Ok((sessions::list(tx, actor, of)?, actor.session()));
    let (sessions, current) = app.directory.read(asked.caller, read).await?;
    let shown: Vec<SessionAnswer<'_>> = sessions.iter().map(|session| SessionAnswer::of(session, current)).collect();
    Ok(answer::ok(&shown))
}

impl<'a> SessionAnswer<'a> {
    fn of(session: &'a Session, current: Option<SessionId>) -> SessionAnswer<'a> {
        SessionAnswer {
            id: session.id.to_string(),
            device: session.device.as_str(),
            address: &session.address,
            created_at: time(session.created_at),
            seen_at: time(session.seen_at),
            expires_at: time(session.expires_at),
            current: current == Some(session.id),
        }
    }
}

/// `DELETE /session/<id>`.
pub(super) async fn end(State(app): State<App>, named: Named, Caller(caller): Caller) -> Result<Response, Error> {
    app.directory.write(caller, move |tx, actor| sessions::end(tx, actor, named.session())).await?;
    Ok(answer::nothing())
}

/// `DELETE /session?user=<id>` or `?others=true`.
pub(super) async fn end_several(State(app): State<App>, asked: Asked) -> Result<Response, Error> {
    let EndSessions { user, others } = EndSessions::read(asked.query.as_deref())?;
    let end: fn(&mut Tx<'_>, &Actor, UserId) -> directory::Result<u64> = match (&user, others) {
        (Some(_), None) => sessions::end_all,
        (None, Some(true)) => |tx, actor, _| sessions::end_others(tx, actor),
        _ => {
            let sentence = "Say whose: others=true for your own but this one, or user=<id>.";
            return Err(vec![WireError::of("others", WireProblem::Refused(sentence.to_owned()))].into());
        }
    };
    let user = user_id(user.as_deref().unwrap_or_default());
    app.directory.write(asked.caller, move |tx, actor| end(tx, actor, user)).await?;
    Ok(answer::nothing())
}

/// `POST /session/prove`.
pub(super) async fn prove(State(app): State<App>, sent: Sent) -> Result<Response, Error> {
    let Proof { current_password, passkey } = Proof::read(&sent.body)?;
    match (current_password, passkey) {
        (Some(password), None) => app.directory.prove(sent.caller, password).await?,
        (None, Some(passkey)) => {
            app.directory.prove_by_passkey(sent.caller, party(&app)?, Arc::new(passkey.into())).await?;
        }
        (None, None) => return Err(vec![WireError::of("current_password", WireProblem::Required)].into()),
        (Some(_), Some(_)) => {
            let sentence = "Show the password or a passkey, not both.".to_owned();
            return Err(vec![WireError::of("passkey", WireProblem::Refused(sentence))].into());
        }
    }
    Ok(answer::nothing())
}
