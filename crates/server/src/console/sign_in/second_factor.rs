//! `/console/sign-in/second-factor`: a second factor, owed by a login or asked for by an environment. Knows nothing of how one
//! is judged.

use super::{come_in, next, passkey};
use crate::app::App;
use crate::console::error::Error;
use crate::console::form::{Form, Sent};
use crate::console::layout::{Layout, page_with};
use crate::console::session::{Next, Visit};
use crate::console::words::SignInWords;
use askama::Template;
use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::Response;
use directory::second_factors::{Code, Shown};
use directory::sessions::Ways;

#[derive(Template)]
#[template(path = "console/second_factor.html")]
struct SecondFactorPage {
    layout: Layout,
    words: &'static SignInWords,
    form: Form,
    notice: &'static str,
    ways: Ways,
}

/// `GET /console/sign-in/second-factor`.
pub(in crate::console) async fn show(State(app): State<App>, visit: Visit, query: RawQuery) -> Result<Response, Error> {
    let form = Form::of([("next", next(query)?)]);
    answer(&app, &visit, StatusCode::OK, form, "").await
}

/// `POST /console/sign-in/second-factor/challenge`.
pub(in crate::console) async fn challenge(State(app): State<App>, sent: Sent) -> Result<Response, Error> {
    passkey::ask(&app, Some(sent.visit.caller())).await
}

/// `POST /console/sign-in/second-factor`.
pub(in crate::console) async fn sign_in(State(app): State<App>, sent: Sent) -> Result<Response, Error> {
    let Sent { visit, mut form } = sent;
    let words = SignInWords::of(visit.language);
    let by_passkey = !form.text("credential").is_empty();
    let shown = match by_passkey {
        true => Some(Shown::Passkey(passkey::party(&app)?, passkey::assertion(&form)?)),
        false => form.parse("code", visit.language, Code::parse).map(Shown::Code),
    };
    let Some(shown) = shown else {
        return answer(&app, &visit, StatusCode::UNPROCESSABLE_ENTITY, form, "").await;
    };
    match app.directory.show_factor(visit.caller(), shown, false).await {
        Ok(entered) => Ok(come_in(&app, &entered, &Next::parse(form.text("next")))),
        Err(directory::Error::FactorRefused) if by_passkey => {
            answer(&app, &visit, StatusCode::UNPROCESSABLE_ENTITY, form, words.passkey_failed).await
        }
        Err(directory::Error::FactorRefused) => {
            form.refuse("code", words.wrong_code);
            answer(&app, &visit, StatusCode::UNPROCESSABLE_ENTITY, form, "").await
        }
        Err(directory::Error::TooMany { .. }) => {
            answer(&app, &visit, StatusCode::TOO_MANY_REQUESTS, form, words.too_many).await
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
    let ways = app.directory.ways_to_show_factor(visit.caller()).await?;
    let words = SignInWords::of(visit.language);
    page_with(status, &SecondFactorPage { layout: visit.unsigned(), words, form, notice, ways })
}
