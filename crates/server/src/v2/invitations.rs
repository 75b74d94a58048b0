//! `/api/v2/invitation`: accepting what was mailed. The link's token is all that its owner needs.

use super::answer;
use super::auth::{Caller, Named, Unsigned};
use super::error::Error;
use super::wire::{NewPassword, OrUnset, UserAnswer, time};
use crate::app::App;
use crate::body::body;
use axum::extract::State;
use axum::response::Response;
use directory::error::Noun;
use directory::invitations::{self, Acceptance};
use directory::secret::TokenSecret;
use directory::username::Username;
use std::sync::Arc;

body! {
    /// The body of an acceptance.
    pub(super) struct Accept {
        /// What the link carried.
        token: Required<String>,
        username: Optional<OrUnset<Username>>,
        password: Optional<NewPassword>,
    }
}

/// An invitation, for who was mailed it.
#[derive(serde::Serialize, utoipa::ToSchema)]
#[schema(as = v2::Invitation)]
pub(super) struct InvitationAnswer<'a> {
    company: CompanyAnswer<'a>,
    email: &'a str,
    username: &'a str,
    /// A username and a password are to be chosen; else there is nothing but to accept.
    needs_password: bool,
    password_minimum: usize,
    expires_at: String,
}

/// The environment that invites.
#[derive(serde::Serialize, utoipa::ToSchema)]
#[schema(as = v2::Company)]
struct CompanyAnswer<'a> {
    key: &'a str,
    name: &'a str,
}

/// `GET /invitation/<token>`.
pub(super) async fn get(State(app): State<App>, named: Named) -> Result<Response, Error> {
    let token = TokenSecret::parse(named.text()).ok_or(directory::Error::NotFound(Noun::Invitation))?;
    let invitation = app.directory.invitation(token).await?;
    Ok(answer::ok(&InvitationAnswer {
        company: CompanyAnswer { key: invitation.environment.key.as_str(), name: invitation.environment.name.as_str() },
        email: invitation.email.as_ref().map_or("", |email| email.as_typed()),
        username: invitation.username.as_ref().map_or("", |username| username.as_typed()),
        needs_password: invitation.chooses,
        password_minimum: invitation.password_minimum,
        expires_at: time(invitation.expires_at),
    }))
}

/// `POST /user/<id>/invite`.
pub(super) async fn again(State(app): State<App>, named: Named, Caller(caller): Caller) -> Result<Response, Error> {
    app.directory.write(caller, move |tx, actor| invitations::invite_again(tx, actor, named.user())).await?;
    Ok(answer::nothing())
}

/// `POST /invitation/accept`.
pub(super) async fn accept(State(app): State<App>, call: Unsigned) -> Result<Response, Error> {
    let Accept { token, username, password } = Accept::read(&call.body)?;
    let token = TokenSecret::parse(&token).ok_or(directory::Error::NotFound(Noun::Invitation))?;
    let username = username.and_then(|username| username.0);
    let password = password.map(|password| password.0);
    let acceptance = Acceptance { token: Arc::new(token), username, password, origin: call.origin };
    let user = app.directory.accept_invitation(acceptance).await?;
    Ok(answer::ok(&UserAnswer::from(&user)))
}
