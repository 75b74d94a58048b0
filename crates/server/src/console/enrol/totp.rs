//! An authenticator app: its seed as a picture and as text, until a first code of it is right. Knows nothing of codes.

use super::{HERE, enrolled};
use crate::app::App;
use crate::console::error::Error;
use crate::console::form::{Form, Sent};
use crate::console::layout::{Layout, page_with};
use crate::console::session::{Next, Visit};
use crate::console::sign_in::next;
use crate::console::words::{CredentialsWords, SignInWords};
use crate::{otpauth, qr};
use askama::Template;
use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use directory::error::Noun;
use directory::second_factors::Code;

const THIS: &str = "/console/enrol/totp";

#[derive(Template)]
#[template(path = "console/enrol_totp.html")]
struct TotpPage {
    layout: Layout,
    words: &'static CredentialsWords,
    form: Form,
    notice: &'static str,
    /// As a picture: SVG.
    qr: String,
    /// In groups of four, as people type it.
    secret: String,
    other_way: String,
}

/// `POST /console/enrol/totp`.
pub(in crate::console) async fn begin(State(app): State<App>, sent: Sent) -> Result<Response, Error> {
    let Sent { visit, form } = sent;
    app.directory.begin_totp(visit.caller(), None).await?;
    Ok(Redirect::to(&Next::parse(form.text("next")).after(THIS)).into_response())
}

/// `GET /console/enrol/totp`: of what was begun, as often as its reader likes.
pub(in crate::console) async fn show(State(app): State<App>, visit: Visit, query: RawQuery) -> Result<Response, Error> {
    let form = Form::of([("next", next(query)?)]);
    answer(&app, &visit, StatusCode::OK, form, "").await
}

/// `POST /console/enrol/totp/confirm`.
pub(in crate::console) async fn confirm(State(app): State<App>, sent: Sent) -> Result<Response, Error> {
    let Sent { visit, mut form } = sent;
    let words = CredentialsWords::of(visit.language);
    let Some(code) = form.parse("code", visit.language, Code::parse) else {
        return answer(&app, &visit, StatusCode::UNPROCESSABLE_ENTITY, form, "").await;
    };
    match app.directory.confirm_totp(visit.caller(), code, false).await {
        Ok(new) => enrolled(&app, &visit, new, Next::parse(form.text("next"))),
        Err(directory::Error::Invalid(_)) => {
            form.refuse("code", words.wrong_code);
            answer(&app, &visit, StatusCode::UNPROCESSABLE_ENTITY, form, "").await
        }
        Err(directory::Error::TooMany { .. }) => {
            let notice = SignInWords::of(visit.language).too_many;
            answer(&app, &visit, StatusCode::TOO_MANY_REQUESTS, form, notice).await
        }
        Err(error) => Err(error.into()),
    }
}

async fn answer(
    app: &App,
    visit: &Visit,
    status: StatusCode,
    form: Form,
    notice: &'static str,
) -> Result<Response, Error> {
    let other_way = Next::parse(form.text("next")).after(HERE);
    let begun = match app.directory.begun_totp(visit.caller()).await {
        Err(directory::Error::NotFound(Noun::SecondFactor)) => return Ok(Redirect::to(&other_way).into_response()),
        begun => begun?,
    };
    let seed = begun.seed.to_base32();
    let groups: Vec<&str> =
        (0..seed.len()).step_by(4).filter_map(|at| seed.get(at..(at + 4).min(seed.len()))).collect();
    let (layout, words) = (visit.unsigned(), CredentialsWords::of(visit.language));
    let (qr, secret) = (qr::svg(&otpauth::address(&begun)), groups.join(" "));
    page_with(status, &TotpPage { layout, words, form, notice, qr, secret, other_way })
}
