//! `/console/environments/<key>/users/<id>/actions`: what is done to a user at one press of a button. What can be taken back is,
//! by another.

use super::show::{self, Done};
use super::{Named, refused};
use crate::app::App;
use crate::body::{FieldType, choice};
use crate::console::error::Error;
use crate::console::form::{Form, Sent};
use crate::json::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use directory::actor::Caller;
use directory::id::UserId;
use directory::invitations;
use directory::users::UserChanges;

choice! {
    /// What a button does.
    enum Action {
        Activate = "activate",
        Deactivate = "deactivate",
        ResetPassword = "reset-password",
        KeepPassword = "keep-password",
        ResetFactor = "reset-second-factor",
        KeepFactor = "keep-second-factor",
        Invite = "invite",
    }
}

impl Action {
    /// What it changes; `None`: nothing, it sends a mail.
    fn changes(self) -> Option<UserChanges> {
        let none = UserChanges::default();
        Some(match self {
            Action::Activate => UserChanges { active: Some(true), ..none },
            Action::Deactivate => UserChanges { active: Some(false), ..none },
            Action::ResetPassword => UserChanges { reset_password: Some(true), ..none },
            Action::KeepPassword => UserChanges { reset_password: Some(false), ..none },
            Action::ResetFactor => UserChanges { reset_second_factor: Some(true), ..none },
            Action::KeepFactor => UserChanges { reset_second_factor: Some(false), ..none },
            Action::Invite => return None,
        })
    }

    fn done(self) -> Done {
        match self {
            Action::Activate => Done::Activated,
            Action::Deactivate => Done::Deactivated,
            Action::ResetPassword => Done::PasswordReset,
            Action::KeepPassword => Done::PasswordKept,
            Action::ResetFactor => Done::FactorReset,
            Action::KeepFactor => Done::FactorKept,
            Action::Invite => Done::Invited,
        }
    }
}

/// `POST /console/environments/<key>/users/<id>/actions`.
pub(in crate::console) async fn act(State(app): State<App>, Named(id): Named, sent: Sent) -> Result<Response, Error> {
    let Sent { visit, form } = sent;
    let action = Action::read(&Json::Text(form.text("action").to_owned())).map_err(|_| Error::Unreadable)?;
    let Err(error) = carry_out(&app, visit.caller(), id, action).await else {
        let (layout, ()) = visit.read(&app, |_, _| Ok(())).await?;
        let to = layout.address(&format!("users/{id}?done={}", action.done().word()));
        return Ok(Redirect::to(&to).into_response());
    };
    let status = match &error {
        directory::Error::Forbidden(_) => StatusCode::FORBIDDEN,
        directory::Error::TooMany { .. } => StatusCode::TOO_MANY_REQUESTS,
        _ => StatusCode::CONFLICT,
    };
    let notice = refused::whole(error, visit.language)?;
    show::draw(&app, &visit, id, status, None, notice, Form::default()).await
}

async fn carry_out(app: &App, caller: Caller, id: UserId, action: Action) -> directory::Result<()> {
    match action.changes() {
        Some(changes) => app.directory.update_user(caller, id, changes, None).await.map(drop),
        None => app.directory.write(caller, move |tx, actor| invitations::invite_again(tx, actor, id)).await,
    }
}
