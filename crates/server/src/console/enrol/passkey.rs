//! A passkey: the browser's own script asks for a challenge, has a key made for it, and sends that as a form. Knows nothing of
//! how it is judged.

use super::{answer, enrolled};
use crate::app::App;
use crate::body::{FieldType, NewCredential, public_key};
use crate::console::error::Error;
use crate::console::form::{Form, Sent};
use crate::console::session::Next;
use crate::console::sign_in::passkey::party;
use crate::console::words::CredentialsWords;
use crate::json::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use directory::passkeys::Registration;
use directory::second_factors::NewPasskey;
use serde_json::json;
use std::sync::Arc;

/// `POST /console/enrol/passkey/challenge`.
pub(in crate::console) async fn challenge(State(app): State<App>, sent: Sent) -> Result<Response, Error> {
    let asked = app.directory.begin_passkey(sent.visit.caller(), party(&app)?).await?;
    let body = json!({ "challenge": asked.challenge, "public_key": public_key(&asked.options) });
    Ok(([(CONTENT_TYPE, "application/json")], body.to_string()).into_response())
}

/// `POST /console/enrol/passkey`.
pub(in crate::console) async fn confirm(State(app): State<App>, sent: Sent) -> Result<Response, Error> {
    let Sent { visit, form } = sent;
    let new = NewPasskey { party: party(&app)?, registration: registration(&form)?, name: None };
    match app.directory.confirm_passkey(visit.caller(), new, false).await {
        Ok(new) => enrolled(&app, &visit, new, Next::parse(form.text("next"))),
        Err(directory::Error::FactorRefused) => {
            let form = Form::of([("next", form.text("next").to_owned())]);
            let notice = CredentialsWords::of(visit.language).not_made;
            answer(&app, &visit, StatusCode::UNPROCESSABLE_ENTITY, form, notice).await
        }
        Err(error) => Err(error.into()),
    }
}

/// What a browser made.
fn registration(form: &Form) -> Result<Arc<Registration>, Error> {
    let credential = Json::parse(form.text("credential").as_bytes()).map_err(|_| Error::Unreadable)?;
    let NewCredential(credential) = NewCredential::read(&credential).map_err(|_| Error::Unreadable)?;
    Ok(Arc::new(Registration { challenge: form.text("challenge").to_owned(), credential }))
}
