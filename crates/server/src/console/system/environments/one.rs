//! One environment: what it is, and what can be done with it.

use super::fields::{self, FIELDS};
use super::{HERE, address};
use crate::app::App;
use crate::console::error::Error;
use crate::console::form::{Form, Sent};
use crate::console::layout::{Layout, page_with};
use crate::console::path::Key;
use crate::console::refused;
use crate::console::session::Visit;
use crate::console::words::SystemWords;
use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use directory::actor::Actor;
use directory::environments::{self, Environment, EnvironmentChanges, EnvironmentName};
use directory::store::Tx;

#[derive(Template)]
#[template(path = "console/system_environment.html")]
struct EnvironmentPage {
    layout: Layout,
    words: &'static SystemWords,
    environment: Environment,
    here: String,
    form: Form,
    notice: String,
}

/// `GET /console/system/environments/<key>`.
pub(in crate::console) async fn show(State(app): State<App>, Key(key): Key, visit: Visit) -> Result<Response, Error> {
    answer(&app, &visit, StatusCode::OK, &key, None, String::new()).await
}

/// `POST /console/system/environments/<key>`.
pub(in crate::console) async fn update(State(app): State<App>, Key(key): Key, sent: Sent) -> Result<Response, Error> {
    let Sent { visit, mut form } = sent;
    let notice = match fields::read(&mut form, visit.language) {
        Some(fields) => {
            let renamed = fields.key.clone();
            let changes = EnvironmentChanges {
                key: Some(fields.key),
                name: fields.name,
                organisation: Some(fields.organisation),
                policy: fields.policy,
            };
            let name = EnvironmentName::parse(&key);
            let update = move |tx: &mut Tx<'_>, actor: &Actor| environments::update(tx, actor, &name, &changes);
            match app.directory.write(visit.caller(), update).await {
                Ok(_) => return Ok(Redirect::to(&address(renamed.as_str())).into_response()),
                Err(refusal) => refused::into_form(&mut form, visit.language, refusal, FIELDS)?,
            }
        }
        None => String::new(),
    };
    answer(&app, &visit, StatusCode::UNPROCESSABLE_ENTITY, &key, Some(form), notice).await
}

/// `POST /console/system/environments/<key>/delete`.
pub(in crate::console) async fn delete(State(app): State<App>, Key(key): Key, sent: Sent) -> Result<Response, Error> {
    let Sent { visit, form } = sent;
    let (name, confirm) = (EnvironmentName::parse(&key), form.text("confirm").trim().to_owned());
    let delete = move |tx: &mut Tx<'_>, actor: &Actor| environments::delete(tx, actor, &name, Some(&confirm));
    match app.directory.write(visit.caller(), delete).await {
        Ok(()) => Ok(Redirect::to(HERE).into_response()),
        Err(directory::Error::Invalid(_)) => {
            let (mut layout, environment) = read(&app, &visit, &key).await?;
            layout.leave_environment();
            let words = SystemWords::of(visit.language);
            let mut filled = fields::of(&environment);
            filled.fill("confirm", form.text("confirm"));
            filled.refuse("confirm", words.confirm_wrong);
            drawn(StatusCode::UNPROCESSABLE_ENTITY, layout, words, environment, filled, String::new())
        }
        Err(error) => Err(error.into()),
    }
}

async fn answer(
    app: &App,
    visit: &Visit,
    status: StatusCode,
    key: &str,
    form: Option<Form>,
    notice: String,
) -> Result<Response, Error> {
    let (mut layout, environment) = read(app, visit, key).await?;
    layout.leave_environment();
    let form = form.unwrap_or_else(|| fields::of(&environment));
    drawn(status, layout, SystemWords::of(visit.language), environment, form, notice)
}

async fn read(app: &App, visit: &Visit, key: &str) -> Result<(Layout, Environment), Error> {
    let name = EnvironmentName::parse(key);
    visit.read(app, move |tx, actor| environments::get(tx, actor, &name)).await
}

fn drawn(
    status: StatusCode,
    layout: Layout,
    words: &'static SystemWords,
    environment: Environment,
    form: Form,
    notice: String,
) -> Result<Response, Error> {
    let here = address(environment.key.as_str());
    page_with(status, &EnvironmentPage { layout, words, environment, here, form, notice })
}
