//! `/console/invitation`: what an invited person is asked, and accepting it. The mailed link is all that it takes; it signs nobody
//! in. Knows nothing of what makes a link good.

use super::error::Error;
use super::form::{Form, Sent};
use super::layout::{Layout, page_with};
use super::mailed::{self, Asked};
use super::session::{Next, Visit};
use super::sign_in::Told;
use super::words::MailedWords;
use crate::app::App;
use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use directory::error::{Field, Noun};
use directory::invitations::{Acceptance, Invitation};
use directory::secret::{Password, TokenSecret};
use directory::username::Username;
use std::sync::Arc;

#[derive(Template)]
#[template(path = "console/invitation.html")]
struct InvitationPage {
    layout: Layout,
    words: &'static MailedWords,
    form: Form,
    environment: String,
    email: String,
    /// A username and a password are to be chosen.
    chooses: bool,
    password_minimum: usize,
    until: String,
}

fn asked(words: &MailedWords) -> Asked {
    Asked {
        title: words.invitation,
        lead: words.invitation_lead,
        action: "/console/invitation",
        button: words.go_on,
        at_once: true,
    }
}

/// `GET /console/invitation`.
pub(super) async fn show(visit: Visit) -> Result<Response, Error> {
    mailed::page(&visit, asked(MailedWords::of(visit.language)))
}

/// `POST /console/invitation`.
pub(super) async fn open(State(app): State<App>, sent: Sent) -> Result<Response, Error> {
    let Sent { visit, form } = sent;
    let Some((invitation, token)) = find(&app, form.text("link")).await? else { return gone(&visit) };
    let username = invitation.username.as_ref().map_or_else(String::new, |username| username.as_typed().to_owned());
    let form = Form::of([("token", token), ("username", username)]);
    answer(&visit, StatusCode::OK, invitation, form)
}

/// `POST /console/invitation/accept`.
pub(super) async fn accept(State(app): State<App>, sent: Sent) -> Result<Response, Error> {
    let Sent { visit, mut form } = sent;
    let Some((invitation, token)) = find(&app, form.text("token")).await? else { return gone(&visit) };
    let Some(token) = TokenSecret::parse(&token).map(Arc::new) else { return gone(&visit) };
    let (mut username, mut password) = (None, None);
    if invitation.chooses {
        if !form.text("username").trim().is_empty() {
            username = form.parse("username", visit.language, |text| Username::parse(text.trim()));
        }
        password = form.parse("password", visit.language, Password::parse);
        if form.is_refused() {
            return answer(&visit, StatusCode::UNPROCESSABLE_ENTITY, invitation, form);
        }
    }
    let acceptance = Acceptance { token, username, password, origin: visit.origin.clone() };
    let there = Next::parse(&format!("/console/environments/{}", invitation.environment.key.as_str()));
    match app.directory.accept_invitation(acceptance).await {
        Ok(_) if invitation.chooses => Ok(Told::Accepted.at_sign_in(&there)),
        Ok(_) => Ok(Redirect::to(there.as_str()).into_response()),
        Err(directory::Error::NotFound(Noun::Invitation)) => gone(&visit),
        Err(error) => {
            form.keep(error, visit.language, &[(Field::Username, "username"), (Field::Password, "password")])?;
            answer(&visit, StatusCode::UNPROCESSABLE_ENTITY, invitation, form)
        }
    }
}

/// What a link asks, and its token as it is sent on.
async fn find(app: &App, link: &str) -> Result<Option<(Invitation, String)>, Error> {
    let Some(token) = mailed::token(link) else { return Ok(None) };
    let spelled = token.expose();
    match app.directory.invitation(token).await {
        Ok(invitation) => Ok(Some((invitation, spelled))),
        Err(directory::Error::NotFound(_)) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

fn gone(visit: &Visit) -> Result<Response, Error> {
    let words = MailedWords::of(visit.language);
    mailed::refused(visit, words.gone, asked(words))
}

fn answer(visit: &Visit, status: StatusCode, invitation: Invitation, form: Form) -> Result<Response, Error> {
    let Invitation { environment, email, chooses, password_minimum, expires_at, .. } = invitation;
    page_with(
        status,
        &InvitationPage {
            layout: visit.unsigned(),
            words: MailedWords::of(visit.language),
            form,
            environment: environment.name.as_str().to_owned(),
            email: email.map_or_else(String::new, |email| email.as_typed().to_owned()),
            chooses,
            password_minimum,
            until: visit.language.day(expires_at),
        },
    )
}
