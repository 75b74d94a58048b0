//! `/api/v2/token`: API tokens of one's own, and those of service accounts. A token's secret is shown in the answer that makes
//! it, and never again.

use super::answer;
use super::auth::{Asked, Caller, Named, Sent};
use super::error::Error;
use super::wire::{Listed, codenames, time};
use crate::app::App;
use crate::body::{WireError, WireProblem, body};
use crate::query::query;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use directory::actor::Actor;
use directory::clock::Time;
use directory::error::{Error as Refused, Noun};
use directory::id::UserId;
use directory::secret::TokenSecret;
use directory::store::Tx;
use directory::text::{Codename, Name};
use directory::tokens::{self, ApiToken, Ceiling, NewToken};

body! {
    /// An API token to make.
    pub(super) struct NewTokenFields {
        /// What people call it.
        name: Required<Name>,
        /// What it may do at most.
        permissions: Optional<Listed<String>>,
        /// It counts as administrator, instead of naming permissions.
        administrator: Optional<bool>,
        /// When it ends by itself; in a year, unless given.
        expires_at: Optional<Time>,
    }
}

query! {
    /// The query of the list of tokens.
    pub(super) struct ListTokens {
        /// All that were made in this environment: takes the permission manage_token. Else one's own.
        all: Optional<bool>,
    }
}

/// An API token.
#[derive(serde::Serialize, utoipa::ToSchema)]
#[schema(as = v2::ApiToken)]
pub(super) struct TokenAnswer {
    id: String,
    /// Whose it is.
    user: String,
    name: String,
    /// What it may do at most.
    permissions: Vec<String>,
    administrator: bool,
    created_at: String,
    expires_at: String,
    /// When it was last used, to the minute; empty: never.
    used_at: String,
    /// The token itself, in the answer that makes it.
    #[serde(skip_serializing_if = "Option::is_none")]
    token: Option<String>,
}

/// A token with its ceiling.
type Shown = (ApiToken, Vec<Codename>);

fn shown(token: &Shown, secret: Option<&TokenSecret>) -> TokenAnswer {
    let (token, ceiling) = token;
    TokenAnswer {
        id: token.id.to_string(),
        user: token.account.to_string(),
        name: token.name.as_str().to_owned(),
        permissions: codenames(ceiling).into_iter().map(str::to_owned).collect(),
        administrator: token.administrator,
        created_at: time(token.created_at),
        expires_at: time(token.expires_at),
        used_at: token.used_at.map(time).unwrap_or_default(),
        token: secret.map(TokenSecret::expose),
    }
}

fn answer_all(tokens: &[Shown]) -> Response {
    answer::ok(&tokens.iter().map(|token| shown(token, None)).collect::<Vec<_>>())
}

/// `GET /token`.
pub(super) async fn list(State(app): State<App>, asked: Asked) -> Result<Response, Error> {
    let ListTokens { all } = ListTokens::read(asked.query.as_deref())?;
    let read = move |tx: &mut Tx<'_>, actor: &Actor| {
        let tokens = match all {
            Some(true) => tokens::list(tx, actor)?,
            _ => tokens::list_own(tx, actor)?,
        };
        tokens::with_ceilings(tx, actor, tokens)
    };
    Ok(answer_all(&app.directory.report(asked.caller, read).await?))
}

/// `GET /service-account/<id>/token`.
pub(super) async fn list_of_service(
    State(app): State<App>,
    named: Named,
    Caller(caller): Caller,
) -> Result<Response, Error> {
    let read = move |tx: &mut Tx<'_>, actor: &Actor| {
        let tokens = tokens::list_of_service(tx, actor, named.user())?;
        tokens::with_ceilings(tx, actor, tokens)
    };
    Ok(answer_all(&app.directory.report(caller, read).await?))
}

/// `POST /token`.
pub(super) async fn create(State(app): State<App>, sent: Sent) -> Result<Response, Error> {
    make(app, sent, None).await
}

/// `POST /service-account/<id>/token`.
pub(super) async fn create_for_service(State(app): State<App>, named: Named, sent: Sent) -> Result<Response, Error> {
    make(app, sent, Some(named.user())).await
}

async fn make(app: App, sent: Sent, service: Option<UserId>) -> Result<Response, Error> {
    if sent.repeatable.is_some() {
        return Err(Error::KEPT_BY_NOBODY);
    }
    let NewTokenFields { name, permissions, administrator, expires_at } = NewTokenFields::read(&sent.body)?;
    let ceiling = match (permissions, administrator) {
        (None, Some(true)) => Ceiling::Administrator,
        (Some(permissions), None | Some(false)) => Ceiling::Permissions(permissions.0),
        _ => {
            let sentence = "Say what it may do at most: permissions, or administrator: true.".to_owned();
            return Err(vec![WireError::of("permissions", WireProblem::Refused(sentence))].into());
        }
    };
    let create = move |tx: &mut Tx<'_>, actor: &Actor| {
        let account = service.or(actor.user()).ok_or(Refused::NotFound(Noun::User))?;
        let new = NewToken { account, name: name.clone(), ceiling: ceiling.clone(), ends: expires_at };
        let (token, secret) = match service {
            Some(_) => tokens::create_for_service(tx, actor, &new)?,
            None => tokens::create(tx, actor, &new)?,
        };
        Ok((tokens::with_ceilings(tx, actor, vec![token])?, secret))
    };
    let (made, secret) = app.directory.write(sent.caller, create).await?;
    let made: Option<TokenAnswer> = made.iter().map(|token| shown(token, Some(&secret))).next();
    Ok(answer::with_status(StatusCode::CREATED, &made))
}

/// `DELETE /token/<id>`.
pub(super) async fn revoke(State(app): State<App>, named: Named, Caller(caller): Caller) -> Result<Response, Error> {
    app.directory.write(caller, move |tx, actor| tokens::revoke(tx, actor, named.token())).await?;
    Ok(answer::nothing())
}
