//! `/api/v2/invitation`: accepting what was mailed. The link's token is all that its owner needs.

use super::answer;
use super::auth::Unsigned;
use super::error::Error;
use super::wire::{NewPassword, OrUnset, UserAnswer};
use crate::app::App;
use crate::body::body;
use axum::extract::State;
use axum::response::Response;
use directory::error::Noun;
use directory::invitations::Acceptance;
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
