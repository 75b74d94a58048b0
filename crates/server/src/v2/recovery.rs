//! `/api/v2/password/forgot` and `/reset`, `/user/me/email` and its confirmation: what goes by mailed links. Each link's token
//! comes in a body, never in an address, and gives no session.

use super::answer;
use super::auth::{Sent, Unsigned};
use super::error::Error;
use super::sessions::one_of;
use super::wire::NewPassword;
use crate::app::App;
use crate::body::body;
use axum::extract::State;
use axum::response::Response;
use directory::actor::Actor;
use directory::addresses;
use directory::email::Email;
use directory::error::Noun;
use directory::recovery::Reset;
use directory::secret::TokenSecret;
use directory::store::Tx;
use std::sync::Arc;

body! {
    /// The body of who forgot a password: one of the two.
    pub(super) struct Forgot {
        username: Optional<String>,
        email: Optional<String>,
    }
}

body! {
    /// The body of a reset.
    pub(super) struct ResetFields {
        /// What the link carried.
        token: Required<String>,
        password: Required<NewPassword>,
        /// End one's API tokens too.
        end_tokens: Optional<bool>,
    }
}

body! {
    /// The body of who wants another address.
    pub(super) struct NewAddress {
        email: Required<Email>,
    }
}

body! {
    /// The body of a confirmation.
    pub(super) struct Confirm {
        /// What the link carried.
        token: Required<String>,
    }
}

fn link(token: &str) -> Result<TokenSecret, Error> {
    TokenSecret::parse(token).ok_or_else(|| directory::Error::NotFound(Noun::Link).into())
}

/// `POST /password/forgot`.
pub(super) async fn forgot(State(app): State<App>, call: Unsigned) -> Result<Response, Error> {
    let Forgot { username, email } = Forgot::read(&call.body)?;
    app.directory.forgot_password(one_of(username, email)?, call.origin).await?;
    Ok(answer::nothing())
}

/// `POST /password/reset`.
pub(super) async fn reset(State(app): State<App>, call: Unsigned) -> Result<Response, Error> {
    let ResetFields { token, password, end_tokens } = ResetFields::read(&call.body)?;
    let (token, end_tokens) = (Arc::new(link(&token)?), end_tokens.unwrap_or(false));
    app.directory.reset_password(Reset { token, password: password.0, end_tokens, origin: call.origin }).await?;
    Ok(answer::nothing())
}

/// `POST /user/me/email`.
pub(super) async fn ask_address(State(app): State<App>, sent: Sent) -> Result<Response, Error> {
    let NewAddress { email } = NewAddress::read(&sent.body)?;
    app.directory.write(sent.caller, move |tx: &mut Tx<'_>, actor: &Actor| addresses::ask(tx, actor, &email)).await?;
    Ok(answer::nothing())
}

/// `POST /user/me/email/confirm`.
pub(super) async fn confirm_address(State(app): State<App>, call: Unsigned) -> Result<Response, Error> {
    let Confirm { token } = Confirm::read(&call.body)?;
    app.directory.confirm_address(link(&token)?, call.origin).await?;
    Ok(answer::nothing())
}
