//! `/console/environments/<key>/webhooks`: who is told what happens. Listed, made, changed, paused and removed. Knows nothing of how
//! anything is delivered.

mod deliveries;
mod fields;
mod one;
mod secret;

pub(super) use deliveries::{ping, redeliver};
pub(super) use one::{delete, pause, resume, show, update};
pub(super) use secret::rotate;

use super::error::Error;
use super::form::{Form, Sent};
use super::layout::{Layout, page, page_with};
use super::refused;
use super::session::Visit;
use super::words::WebhooksWords;
use crate::app::App;
use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use directory::actor::Actor;
use directory::permissions::BuiltIn;
use directory::store::Tx;
use directory::webhooks::{self, NewWebhook, Webhook};
use fields::{FIELDS, Kinds};

#[derive(Template)]
#[template(path = "console/webhooks.html")]
struct ListPage {
    layout: Layout,
    words: &'static WebhooksWords,
    here: String,
    rows: Vec<Row>,
}

/// A webhook of the list.
struct Row {
    address: String,
    url: String,
    types: String,
    health: Health,
}

/// Whether it is told, in a word for the style and one for people.
struct Health {
    word: &'static str,
    text: &'static str,
}

impl Health {
    fn of(webhook: &Webhook, words: &WebhooksWords) -> Health {
        let (word, text) = match (webhook.enabled, webhook.paused_at, webhook.failing_since) {
            (true, _, None) => ("active", words.told),
            (true, _, Some(_)) => ("pending", words.failing),
            (false, Some(_), _) => ("inactive", words.given_up_on),
            (false, None, _) => ("inactive", words.paused),
        };
        Health { word, text }
    }
}

#[derive(Template)]
#[template(path = "console/webhook_new.html")]
struct NewPage {
    layout: Layout,
    words: &'static WebhooksWords,
    here: String,
    form: Form,
    kinds: Vec<Kinds>,
    notice: String,
}

/// `GET /console/environments/<key>/webhooks`.
pub(super) async fn list(State(app): State<App>, visit: Visit) -> Result<Response, Error> {
    let (layout, all) = visit.report(&app, webhooks::list).await?;
    let words = WebhooksWords::of(visit.language);
    let here = layout.address("webhooks");
    let row = |webhook: &Webhook| Row {
        address: format!("{here}/{}", webhook.id),
        url: webhook.url.as_str().to_owned(),
        types: webhook.event_types.iter().map(|types| types.as_str()).collect::<Vec<_>>().join(", "),
        health: Health::of(webhook, words),
    };
    page(&ListPage { rows: all.iter().map(row).collect(), layout, words, here })
}

/// `GET /console/environments/<key>/webhooks/new`.
pub(super) async fn new(State(app): State<App>, visit: Visit) -> Result<Response, Error> {
    let form = Form::of([("event_types", "*".to_owned())]);
    answer(&app, &visit, StatusCode::OK, form, String::new()).await
}

/// `POST /console/environments/<key>/webhooks`.
pub(super) async fn create(State(app): State<App>, sent: Sent) -> Result<Response, Error> {
    let Sent { visit, mut form } = sent;
    let notice = match fields::read(&mut form, visit.language) {
        Some((url, event_types)) => {
            let new = NewWebhook { url, event_types, enabled: true };
            let create = move |tx: &mut Tx<'_>, actor: &Actor| webhooks::create(tx, actor, &new);
            match app.directory.write(visit.caller(), create).await {
                Ok((webhook, secret)) => return secret::made(&app, &visit, &webhook, &secret).await,
                Err(refusal) => refused::into_form(&mut form, visit.language, refusal, FIELDS)?,
            }
        }
        None => String::new(),
    };
    answer(&app, &visit, StatusCode::UNPROCESSABLE_ENTITY, form, notice).await
}

async fn answer(app: &App, visit: &Visit, status: StatusCode, form: Form, notice: String) -> Result<Response, Error> {
    let (layout, ()) = visit.read(app, |_, actor| actor.need(BuiltIn::ManageWebhook)).await?;
    let (words, here) = (WebhooksWords::of(visit.language), layout.address("webhooks"));
    let kinds = fields::kinds(&form);
    page_with(status, &NewPage { layout, words, here, form, kinds, notice })
}
