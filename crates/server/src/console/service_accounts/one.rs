//! One service account: what it is, its tokens, and all that can be done with it.

use super::fields::{self, Choices, FIELDS};
use super::tokens;
use crate::app::App;
use crate::console::error::Error;
use crate::console::form::{Form, Sent};
use crate::console::layout::{Layout, page_with};
use crate::console::path::Id;
use crate::console::refused;
use crate::console::session::Visit;
use crate::console::words::ServiceAccountsWords;
use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use directory::actor::Actor;
use directory::id::UserId;
use directory::service_accounts::{self, ServiceChanges};
use directory::store::Tx;

#[derive(Template)]
#[template(path = "console/service_account.html")]
struct ServicePage {
    layout: Layout,
    words: &'static ServiceAccountsWords,
    list: String,
    here: String,
    id: String,
    name: String,
    active: bool,
    form: Form,
    groups: Choices,
    tokens: Vec<tokens::Row>,
    token: Form,
    ceiling: Choices,
    notice: String,
}

/// What of the page was sent, and comes back because it was refused.
#[derive(Default)]
pub(super) struct Refused {
    pub(super) form: Option<Form>,
    pub(super) token: Option<Form>,
    pub(super) notice: String,
}

/// `GET /console/environments/<key>/service-accounts/<id>`.
pub(in crate::console) async fn show(State(app): State<App>, Id(id): Id, visit: Visit) -> Result<Response, Error> {
    answer(&app, &visit, StatusCode::OK, UserId(id), Refused::default()).await
}

/// `POST /console/environments/<key>/service-accounts/<id>`.
pub(in crate::console) async fn update(State(app): State<App>, Id(id): Id, sent: Sent) -> Result<Response, Error> {
    let Sent { visit, mut form } = sent;
    let id = UserId(id);
    let notice = match fields::read(&mut form, visit.language) {
        Some((name, groups)) => {
            let changes = ServiceChanges { name: Some(name), groups: Some(groups), active: None };
            match change(&app, &visit, id, changes).await {
                Ok(answer) => return Ok(answer),
                Err(refusal) => refused::into_form(&mut form, visit.language, refusal, FIELDS)?,
            }
        }
        None => String::new(),
    };
    let refused = Refused { form: Some(form), notice, ..Refused::default() };
    answer(&app, &visit, StatusCode::UNPROCESSABLE_ENTITY, id, refused).await
}

/// `POST /console/environments/<key>/service-accounts/<id>/activate`.
pub(in crate::console) async fn activate(State(app): State<App>, Id(id): Id, sent: Sent) -> Result<Response, Error> {
    let on = ServiceChanges { active: Some(true), ..ServiceChanges::default() };
    Ok(change(&app, &sent.visit, UserId(id), on).await?)
}

/// `POST /console/environments/<key>/service-accounts/<id>/deactivate`.
pub(in crate::console) async fn deactivate(State(app): State<App>, Id(id): Id, sent: Sent) -> Result<Response, Error> {
    let off = ServiceChanges { active: Some(false), ..ServiceChanges::default() };
    Ok(change(&app, &sent.visit, UserId(id), off).await?)
}

/// `POST /console/environments/<key>/service-accounts/<id>/delete`.
pub(in crate::console) async fn delete(State(app): State<App>, Id(id): Id, sent: Sent) -> Result<Response, Error> {
    let Sent { visit, form } = sent;
    let id = UserId(id);
    if form.text("confirm") != "yes" {
        let notice = ServiceAccountsWords::of(visit.language).confirm_missing.to_owned();
        let refused = Refused { notice, ..Refused::default() };
        return answer(&app, &visit, StatusCode::UNPROCESSABLE_ENTITY, id, refused).await;
    }
    app.directory.write(visit.caller(), move |tx, actor| service_accounts::remove(tx, actor, id)).await?;
    Ok(Redirect::to(&visit.address("service-accounts")).into_response())
}

/// Changes it, and leads back to it.
async fn change(app: &App, visit: &Visit, id: UserId, changes: ServiceChanges) -> directory::Result<Response> {
    let update = move |tx: &mut Tx<'_>, actor: &Actor| service_accounts::update(tx, actor, id, &changes);
    app.directory.write(visit.caller(), update).await?;
    Ok(Redirect::to(&visit.address(&format!("service-accounts/{id}"))).into_response())
}

/// The page, with what was refused of it.
pub(super) async fn answer(
    app: &App,
    visit: &Visit,
    status: StatusCode,
    id: UserId,
    refused: Refused,
) -> Result<Response, Error> {
    let read = move |tx: &mut Tx<'_>, actor: &Actor| {
        let user = service_accounts::get(tx, actor, id)?;
        let may = (fields::groups(tx, actor)?, fields::permissions(tx, actor)?);
        Ok((user, tokens::find(tx, actor, id)?, may))
    };
    let (layout, (user, tokens, (groups, permissions))) = visit.report(app, read).await?;
    let (words, list) = (ServiceAccountsWords::of(visit.language), layout.address("service-accounts"));
    let here = format!("{list}/{id}");
    let Refused { form, token, notice } = refused;
    let name = user.membership.name.as_str().to_owned();
    let form = form.unwrap_or_else(|| {
        let mut form = Form::of([("name", name.clone())]);
        user.groups.iter().for_each(|within| form.fill("groups", within.group.name.as_str()));
        form
    });
    let token = token.unwrap_or_default();
    page_with(
        status,
        &ServicePage {
            id: id.to_string(),
            name,
            active: user.membership.active,
            groups: Choices::of(groups, &form, "groups"),
            tokens: tokens.iter().map(|token| tokens::Row::of(token, &here, words, visit.language)).collect(),
            ceiling: Choices::of(permissions, &token, "permissions"),
            layout,
            words,
            list,
            here,
            form,
            token,
            notice,
        },
    )
}
