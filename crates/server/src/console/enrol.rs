//! `/console/enrol`: a second factor more, because one wants it, or because signing in waits for it; an app or a passkey, in the
//! files below. With the first one come recovery codes, shown once. Knows nothing of who may.

pub(super) mod passkey;
pub(super) mod totp;

use super::error::Error;
use super::form::Form;
use super::layout::{Layout, page, page_with};
use super::session::{self, Next, Visit};
use super::sign_in::next;
use super::words::CredentialsWords;
use crate::app::App;
use askama::Template;
use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use directory::second_factors::Enrolled;
use directory::second_factors::recovery_codes::RecoveryCode;

/// The page's own address.
const HERE: &str = "/console/enrol";

#[derive(Template)]
#[template(path = "console/enrol.html")]
struct EnrolPage {
    layout: Layout,
    words: &'static CredentialsWords,
    form: Form,
    notice: &'static str,
    /// Signing in waits for it.
    stepping: bool,
    passkeys: bool,
}

/// Recovery codes, this once.
#[derive(Template)]
#[template(path = "console/recovery_codes.html")]
struct CodesPage {
    layout: Layout,
    words: &'static CredentialsWords,
    codes: Vec<RecoveryCode>,
    next: Next,
}

/// `GET /console/enrol`.
pub(super) async fn show(State(app): State<App>, visit: Visit, query: RawQuery) -> Result<Response, Error> {
    let form = Form::of([("next", next(query)?)]);
    answer(&app, &visit, StatusCode::OK, form, "").await
}

async fn answer(
    app: &App,
    visit: &Visit,
    status: StatusCode,
    form: Form,
    notice: &'static str,
) -> Result<Response, Error> {
    let stepping = app.directory.may_enrol(visit.caller()).await?;
    let (layout, words) = (visit.unsigned(), CredentialsWords::of(visit.language));
    page_with(status, &EnrolPage { layout, words, form, notice, stepping, passkeys: app.party.is_some() })
}

/// What follows: whoever signs in goes on, and new codes are shown first.
fn enrolled(app: &App, visit: &Visit, enrolled: Enrolled, next: Next) -> Result<Response, Error> {
    let Enrolled { recovery_codes, signed_in, .. } = enrolled;
    let mut response = match recovery_codes.is_empty() {
        true => Redirect::to(next.as_str()).into_response(),
        false => codes(visit, recovery_codes, next)?,
    };
    if let Some(signed_in) = &signed_in {
        let secret = signed_in.as_ref().map_or_else(|owed| &owed.token, |signed_in| &signed_in.tokens.access);
        session::remember(app, &secret.expose(), "", &mut response);
    }
    Ok(response)
}

/// The one answer that shows these.
pub(super) fn codes(visit: &Visit, codes: Vec<RecoveryCode>, next: Next) -> Result<Response, Error> {
    page(&CodesPage { layout: visit.unsigned(), words: CredentialsWords::of(visit.language), codes, next })
}
