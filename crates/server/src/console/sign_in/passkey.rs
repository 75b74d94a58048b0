//! Signing in by a passkey alone. The browser's own script asks for a challenge, has it answered, and sends the answer as a
//! form. Knows nothing of how answers are judged.

use super::{SignInPage, come_in, request};
use crate::app::App;
use crate::body::{PasskeyFields, public_key};
use crate::console::error::Error;
use crate::console::form::{Form, Sent};
use crate::console::layout::page_with;
use crate::console::session::Next;
use crate::console::words::SignInWords;
use crate::json::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use directory::actor::Caller;
use directory::passkeys::{Assertion, Party};
use directory::sessions::Shows;
use serde_json::json;
use std::sync::Arc;

/// `POST /console/sign-in/challenge`.
pub(in crate::console) async fn challenge(State(app): State<App>, _: Sent) -> Result<Response, Error> {
    ask(&app, None).await
}

/// `POST /console/sign-in/passkey`.
pub(in crate::console) async fn sign_in(State(app): State<App>, sent: Sent) -> Result<Response, Error> {
    let Sent { visit, form } = sent;
    let shows = Shows::Passkey(party(&app)?, assertion(&form)?);
    match app.directory.sign_in(request(&visit, shows)).await {
        Ok(entered) => Ok(come_in(&app, &entered, &Next::parse(form.text("next")))),
        Err(directory::Error::Unauthenticated) => {
            let words = SignInWords::of(visit.language);
            let form = Form::of([("next", form.text("next").to_owned())]);
            let notice = words.passkey_failed;
            let page = SignInPage { layout: visit.unsigned(), words, form, told: "", notice, passkeys: true };
            page_with(StatusCode::UNPROCESSABLE_ENTITY, &page)
        }
        Err(error) => Err(error.into()),
    }
}

/// What a browser is to answer: as JSON, because a script reads it.
pub(in crate::console) async fn ask(app: &App, caller: Option<Caller>) -> Result<Response, Error> {
    let asked = app.directory.ask_for_passkey(caller, party(app)?).await?;
    let body = json!({ "challenge": asked.challenge, "public_key": public_key(&asked.options) });
    Ok(([(CONTENT_TYPE, "application/json")], body.to_string()).into_response())
}

/// The relying party, where the public URL is fit for one.
pub(in crate::console) fn party(app: &App) -> Result<Arc<Party>, Error> {
    app.party.clone().ok_or(Error::NoPasskeys)
}

/// What a browser answered.
pub(in crate::console) fn assertion(form: &Form) -> Result<Arc<Assertion>, Error> {
    let credential = Json::parse(form.text("credential").as_bytes()).map_err(|_| Error::Unreadable)?;
    let challenge = Json::Text(form.text("challenge").to_owned());
    let answer = Json::Object(vec![("challenge".to_owned(), challenge), ("credential".to_owned(), credential)]);
    let fields = PasskeyFields::read(&answer).map_err(|_| Error::Unreadable)?;
    Ok(Arc::new(fields.into()))
}
