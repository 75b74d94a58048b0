//! Declaring, renaming and deleting a permission.

use super::{draw, draw_new};
use crate::app::App;
use crate::console::error::Error;
use crate::console::form::{Form, Sent};
use crate::console::language::Language;
use crate::console::parts::{Id, to};
use crate::console::words::Sentence;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use directory::actor::Actor;
use directory::error::Field;
use directory::id::PermissionId;
use directory::permissions::{self, NewPermission, PermissionChanges};
use directory::store::Tx;
use directory::text::{Codename, Name};

fn place(field: Field) -> Option<&'static str> {
    match field {
        Field::Codename => Some("codename"),
        Field::Name => Some("name"),
        _ => None,
    }
}

/// The codename and, unless it is left empty, the name.
fn read(form: &mut Form, language: Language) -> Option<(Codename, Option<Name>)> {
    let codename = form.parse("codename", language, |text| Codename::parse(text.trim()));
    let name = match form.text("name").trim() {
        "" => Some(None),
        _ => form.parse("name", language, |text| Name::parse(text).map(Some)),
    };
    Some((codename?, name?))
}

/// What is wrong, beside its field or above the form.
fn told(form: &mut Form, refusal: directory::Error, sent: &Sent) -> Result<(StatusCode, String), Error> {
    if let directory::Error::Conflict(conflict) = &refusal {
        return Ok((StatusCode::CONFLICT, conflict.in_language(sent.visit.language)));
    }
    form.refused_by(refusal, sent.visit.language, place)?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, String::new()))
}

/// `POST /console/environments/<key>/permissions`.
pub(in crate::console) async fn create(State(app): State<App>, mut sent: Sent) -> Result<Response, Error> {
    let mut form = std::mem::take(&mut sent.form);
    let Some((codename, name)) = read(&mut form, sent.visit.language) else {
        return draw_new(&app, &sent.visit, StatusCode::UNPROCESSABLE_ENTITY, form, String::new()).await;
    };
    let new = NewPermission { codename, name };
    let make = move |tx: &mut Tx<'_>, actor: &Actor| {
        Ok((permissions::create(tx, actor, &new)?.id, actor.environment().key.clone()))
    };
    match app.directory.write(sent.visit.caller(), make).await {
        Ok((id, key)) => Ok(to(&key, &format!("permissions/{id}?saved=true"))),
        Err(refusal) => {
            let (status, notice) = told(&mut form, refusal, &sent)?;
            draw_new(&app, &sent.visit, status, form, notice).await
        }
    }
}

/// `POST /console/environments/<key>/permissions/<id>`.
pub(in crate::console) async fn update(State(app): State<App>, Id(id): Id, mut sent: Sent) -> Result<Response, Error> {
    let mut form = std::mem::take(&mut sent.form);
    let id = PermissionId(id);
    let Some((codename, name)) = read(&mut form, sent.visit.language) else {
        let wrong = (StatusCode::UNPROCESSABLE_ENTITY, form, String::new());
        return draw(&app, &sent.visit, id, "", wrong).await;
    };
    let change = PermissionChanges { codename: Some(codename), name };
    let save = move |tx: &mut Tx<'_>, actor: &Actor| {
        permissions::update(tx, actor, id, &change)?;
        Ok(actor.environment().key.clone())
    };
    match app.directory.write(sent.visit.caller(), save).await {
        Ok(key) => Ok(to(&key, &format!("permissions/{id}?saved=true"))),
        Err(refusal) => {
            let (status, notice) = told(&mut form, refusal, &sent)?;
            draw(&app, &sent.visit, id, "", (status, form, notice)).await
        }
    }
}

/// `POST /console/environments/<key>/permissions/<id>/delete`.
pub(in crate::console) async fn delete(State(app): State<App>, Id(id): Id, sent: Sent) -> Result<Response, Error> {
    let delete = move |tx: &mut Tx<'_>, actor: &Actor| {
        permissions::delete(tx, actor, PermissionId(id))?;
        Ok(actor.environment().key.clone())
    };
    let key = app.directory.write(sent.visit.caller(), delete).await?;
    Ok(to(&key, "permissions"))
}
