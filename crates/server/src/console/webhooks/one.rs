//! One webhook: what it is, what became of what it was told, and all that can be done with it.

use super::Health;
use super::deliveries::{self, Log};
use super::fields::{self, FIELDS, Kinds};
use crate::app::App;
use crate::console::error::Error;
use crate::console::form::{Form, Sent};
use crate::console::layout::{Layout, page_with};
use crate::console::path::Id;
use crate::console::refused;
use crate::console::session::Visit;
use crate::console::words::WebhooksWords;
use askama::Template;
use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use directory::actor::Actor;
use directory::id::WebhookId;
use directory::store::Tx;
use directory::webhooks::{self, Webhook, WebhookChanges};

#[derive(Template)]
#[template(path = "console/webhook.html")]
struct WebhookPage {
    layout: Layout,
    words: &'static WebhooksWords,
    /// Where the list stands.
    list: String,
    /// Where this one does.
    here: String,
    url: String,
    health: Health,
    /// What its health means, with its moment.
    since: Option<String>,
    old_secret_until: Option<String>,
    enabled: bool,
    form: Form,
    kinds: Vec<Kinds>,
    notice: String,
    log: Log,
}

/// `GET /console/environments/<key>/webhooks/<id>`.
pub(in crate::console) async fn show(
    State(app): State<App>,
    Id(id): Id,
    visit: Visit,
    RawQuery(query): RawQuery,
) -> Result<Response, Error> {
    let before = deliveries::before(query.as_deref())?;
    answer(&app, &visit, StatusCode::OK, WebhookId(id), before, None, String::new()).await
}

/// `POST /console/environments/<key>/webhooks/<id>`.
pub(in crate::console) async fn update(State(app): State<App>, Id(id): Id, sent: Sent) -> Result<Response, Error> {
    let Sent { visit, mut form } = sent;
    let id = WebhookId(id);
    let notice = match fields::read(&mut form, visit.language) {
        Some((url, types)) => {
            let changes = WebhookChanges { url: Some(url), event_types: Some(types), enabled: None };
            match change(&app, &visit, id, changes).await {
                Ok(answer) => return Ok(answer),
                Err(refusal) => refused::into_form(&mut form, visit.language, refusal, FIELDS)?,
            }
        }
        None => String::new(),
    };
    answer(&app, &visit, StatusCode::UNPROCESSABLE_ENTITY, id, i64::MAX, Some(form), notice).await
}

/// `POST /console/environments/<key>/webhooks/<id>/pause`.
pub(in crate::console) async fn pause(State(app): State<App>, Id(id): Id, sent: Sent) -> Result<Response, Error> {
    let off = WebhookChanges { enabled: Some(false), ..WebhookChanges::default() };
    Ok(change(&app, &sent.visit, WebhookId(id), off).await?)
}

/// `POST /console/environments/<key>/webhooks/<id>/resume`.
pub(in crate::console) async fn resume(State(app): State<App>, Id(id): Id, sent: Sent) -> Result<Response, Error> {
    let on = WebhookChanges { enabled: Some(true), ..WebhookChanges::default() };
    Ok(change(&app, &sent.visit, WebhookId(id), on).await?)
}

/// `POST /console/environments/<key>/webhooks/<id>/delete`.
pub(in crate::console) async fn delete(State(app): State<App>, Id(id): Id, sent: Sent) -> Result<Response, Error> {
    let Sent { visit, mut form } = sent;
    let id = WebhookId(id);
    if form.text("confirm") != "yes" {
        form.refuse("confirm", WebhooksWords::of(visit.language).confirm_missing);
        return answer(&app, &visit, StatusCode::UNPROCESSABLE_ENTITY, id, i64::MAX, Some(form), String::new()).await;
    }
    app.directory.write(visit.caller(), move |tx, actor| webhooks::delete(tx, actor, id)).await?;
    Ok(Redirect::to(&visit.address("webhooks")).into_response())
}

/// Changes it, and leads back to it.
async fn change(app: &App, visit: &Visit, id: WebhookId, changes: WebhookChanges) -> directory::Result<Response> {
    let update = move |tx: &mut Tx<'_>, actor: &Actor| webhooks::update(tx, actor, id, &changes);
    app.directory.write(visit.caller(), update).await?;
    Ok(Redirect::to(&visit.address(&format!("webhooks/{id}"))).into_response())
}

async fn answer(
    app: &App,
    visit: &Visit,
    status: StatusCode,
    id: WebhookId,
    before: i64,
    form: Option<Form>,
    notice: String,
) -> Result<Response, Error> {
    let read = move |tx: &mut Tx<'_>, actor: &Actor| {
        Ok((webhooks::get(tx, actor, id)?, deliveries::find(tx, actor, id, before)?))
    };
    let (layout, (webhook, found)) = visit.report(app, read).await?;
    let (words, list) = (WebhooksWords::of(visit.language), layout.address("webhooks"));
    let here = format!("{list}/{id}");
    let mut form = form.unwrap_or_else(|| filled(&webhook));
    if form.text("url").is_empty() && !form.error("confirm").is_empty() {
        let refused = form.error("confirm").to_owned();
        form = filled(&webhook);
        form.refuse("confirm", refused);
    }
    let moment = |time| visit.language.moment(time);
    page_with(
        status,
        &WebhookPage {
            url: webhook.url.as_str().to_owned(),
            health: Health::of(&webhook, words),
            since: webhook.paused_at.or(webhook.failing_since).map(moment),
            old_secret_until: webhook.previous_until.map(moment),
            enabled: webhook.enabled,
            kinds: fields::kinds(&form),
            log: Log::of(found, &here, words, visit.language),
            layout,
            words,
            list,
            here,
            form,
            notice,
        },
    )
}

fn filled(webhook: &Webhook) -> Form {
    let mut form = Form::of([("url", webhook.url.as_str().to_owned())]);
    for types in &webhook.event_types {
        form.fill("event_types", types.as_str());
    }
    form
}
