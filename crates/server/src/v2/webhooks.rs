//! `/api/v2/webhook`: who is told what happens, and what became of the telling. A webhook's secret is shown in the answer that
//! makes it, and never again.

use super::answer;
use super::auth::{Asked, Caller, Named, NamedWithin, Sent};
use super::error::Error;
use super::wire::{Listed, time};
use crate::app::App;
use crate::body::{Within, body};
use crate::query::query;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use directory::actor::Actor;
use directory::events::EventTypes;
use directory::page;
use directory::secret::WebhookSecret;
use directory::store::Tx;
use directory::webhooks::{self, Delivery, NewWebhook, Webhook, WebhookChanges, WebhookUrl};

body! {
    /// A webhook to make.
    pub(super) struct NewWebhookFields {
        /// Where it listens.
        url: Required<WebhookUrl>,
        /// What it is told: types of events, kinds such as `user.*`, or `*`.
        event_types: Required<Listed<EventTypes>>,
        /// Whether it is told; true unless given.
        enabled: Optional<bool>,
    }
}

body! {
    /// What to change of a webhook.
    pub(super) struct WebhookFields {
        url: Optional<WebhookUrl>,
        event_types: Optional<Listed<EventTypes>>,
        /// Switched on, it is told what happened while it was off.
        enabled: Optional<bool>,
    }
    ignored: id, paused_at, failing_since, old_secret_until, created_at, updated_at;
}

query! {
    /// The query of the list of deliveries.
    pub(super) struct ListDeliveries {
        /// Those before this one.
        before: Optional<Within<1, { i64::MAX }>>,
        limit: Optional<Within<1, { page::MOST }>>,
    }
}

/// A webhook.
#[derive(serde::Serialize, utoipa::ToSchema)]
#[schema(as = v2::Webhook)]
pub(super) struct WebhookAnswer {
    id: String,
    url: String,
    event_types: Vec<String>,
    enabled: bool,
    /// Since when it is off because for three days nothing but failures came of it; else empty.
    paused_at: String,
    /// Since when nothing but failures has come of it; else empty.
    failing_since: String,
    /// Until when the secret before the present one signs too; else empty.
    old_secret_until: String,
    created_at: String,
    updated_at: String,
    /// What signs, in the answer that makes it.
    #[serde(skip_serializing_if = "Option::is_none")]
    secret: Option<String>,
}

impl From<&Webhook> for WebhookAnswer {
    fn from(webhook: &Webhook) -> WebhookAnswer {
        WebhookAnswer {
            id: webhook.id.to_string(),
            url: webhook.url.as_str().to_owned(),
            event_types: webhook.event_types.iter().map(|types| types.as_str().to_owned()).collect(),
            enabled: webhook.enabled,
            paused_at: webhook.paused_at.map(time).unwrap_or_default(),
            failing_since: webhook.failing_since.map(time).unwrap_or_default(),
            old_secret_until: webhook.previous_until.map(time).unwrap_or_default(),
            created_at: time(webhook.created_at),
            updated_at: time(webhook.updated_at),
            secret: None,
        }
    }
}

impl WebhookAnswer {
    fn with(webhook: &Webhook, secret: &WebhookSecret) -> WebhookAnswer {
        WebhookAnswer { secret: Some(secret.expose()), ..webhook.into() }
    }
}

/// A delivery.
#[derive(serde::Serialize, utoipa::ToSchema)]
#[schema(as = v2::Delivery)]
pub(super) struct DeliveryAnswer {
    /// Counts up within the webhook.
    number: i64,
    /// The event's; `null`: a ping.
    #[schema(required)]
    sequence: Option<i64>,
    event_type: String,
    /// `waiting`, `delivered` or `given_up`.
    state: &'static str,
    attempts: i64,
    created_at: String,
    /// When it was last tried; empty: never.
    tried_at: String,
    /// When it is next tried; empty: it is over.
    next_try_at: String,
    /// What was answered last; `null`: nothing.
    #[schema(required)]
    status: Option<i64>,
    /// Why the last try failed, or empty.
    trouble: String,
}

impl From<&Delivery> for DeliveryAnswer {
    fn from(delivery: &Delivery) -> DeliveryAnswer {
        let state = match (delivery.next_try_at, delivery.trouble.is_empty()) {
            (Some(_), _) => "waiting",
            (None, true) => "delivered",
            (None, false) => "given_up",
        };
        DeliveryAnswer {
            number: delivery.number,
            sequence: delivery.sequence,
            event_type: delivery.event_type.clone(),
            state,
            attempts: delivery.attempts,
            created_at: time(delivery.created_at),
            tried_at: delivery.tried_at.map(time).unwrap_or_default(),
            next_try_at: delivery.next_try_at.map(time).unwrap_or_default(),
            status: delivery.status,
            trouble: delivery.trouble.clone(),
        }
    }
}

/// A page's answer.
#[derive(serde::Serialize, utoipa::ToSchema)]
#[schema(as = v2::Deliveries)]
pub(super) struct DeliveriesAnswer {
    /// The address of the next page, or `null`.
    #[schema(required)]
    next: Option<String>,
    results: Vec<DeliveryAnswer>,
}

/// `GET /webhook`.
pub(super) async fn list(State(app): State<App>, Caller(caller): Caller) -> Result<Response, Error> {
    let all = app.directory.report(caller, webhooks::list).await?;
    Ok(answer::ok(&all.iter().map(WebhookAnswer::from).collect::<Vec<_>>()))
}

/// `POST /webhook`.
pub(super) async fn create(State(app): State<App>, sent: Sent) -> Result<Response, Error> {
    if sent.repeatable.is_some() {
        return Err(Error::KEPT_BY_NOBODY);
    }
    let NewWebhookFields { url, event_types, enabled } = NewWebhookFields::read(&sent.body)?;
    let new = NewWebhook { url, event_types: event_types.0, enabled: enabled.unwrap_or(true) };
    let create = move |tx: &mut Tx<'_>, actor: &Actor| webhooks::create(tx, actor, &new);
    let (webhook, secret) = app.directory.write(sent.caller, create).await?;
    let kept = answer::kept(webhook.id, &WebhookAnswer::with(&webhook, &secret));
    Ok(answer::created(&app, "webhook", &kept, false))
}

/// `GET /webhook/<id>`.
pub(super) async fn get(State(app): State<App>, named: Named, Caller(caller): Caller) -> Result<Response, Error> {
    let webhook = app.directory.read(caller, move |tx, actor| webhooks::get(tx, actor, named.webhook())).await?;
    Ok(answer::ok(&WebhookAnswer::from(&webhook)))
}

/// `PATCH /webhook/<id>`.
pub(super) async fn update(State(app): State<App>, named: Named, sent: Sent) -> Result<Response, Error> {
    let WebhookFields { url, event_types, enabled } = WebhookFields::read(&sent.body)?;
    let changes = WebhookChanges { url, event_types: event_types.map(|listed| listed.0), enabled };
    let update = move |tx: &mut Tx<'_>, actor: &Actor| webhooks::update(tx, actor, named.webhook(), &changes);
    let webhook = app.directory.write(sent.caller, update).await?;
    Ok(answer::ok(&WebhookAnswer::from(&webhook)))
}

/// `DELETE /webhook/<id>`.
pub(super) async fn delete(State(app): State<App>, named: Named, Caller(caller): Caller) -> Result<Response, Error> {
    app.directory.write(caller, move |tx, actor| webhooks::delete(tx, actor, named.webhook())).await?;
    Ok(answer::nothing())
}

/// `POST /webhook/<id>/rotate`.
pub(super) async fn rotate(State(app): State<App>, named: Named, Caller(caller): Caller) -> Result<Response, Error> {
    let rotate = move |tx: &mut Tx<'_>, actor: &Actor| webhooks::rotate(tx, actor, named.webhook());
    let (webhook, secret) = app.directory.write(caller, rotate).await?;
    Ok(answer::ok(&WebhookAnswer::with(&webhook, &secret)))
}

/// `POST /webhook/<id>/ping`.
pub(super) async fn ping(State(app): State<App>, named: Named, Caller(caller): Caller) -> Result<Response, Error> {
    let ping = app.directory.write(caller, move |tx, actor| webhooks::ping(tx, actor, named.webhook())).await?;
    Ok(answer::with_status(StatusCode::ACCEPTED, &DeliveryAnswer::from(&ping)))
}

/// `GET /webhook/<id>/delivery`.
pub(super) async fn deliveries(State(app): State<App>, named: Named, asked: Asked) -> Result<Response, Error> {
    let ListDeliveries { before, limit } = ListDeliveries::read(asked.query.as_deref())?;
    let (id, limit) = (named.webhook(), limit.map_or(page::DEFAULT, Within::get));
    let before = before.map_or(i64::MAX, Within::get);
    let read = move |tx: &mut Tx<'_>, actor: &Actor| webhooks::deliveries(tx, actor, id, before, limit + 1);
    let mut found = app.directory.report(asked.caller, read).await?;
    let more = found.len() as i64 > limit;
    found.truncate(usize::try_from(limit).unwrap_or_default());
    let next = found.last().filter(|_| more).map(|last| {
        let number = last.number;
        format!("{}/api/v2/webhook/{id}/delivery?before={number}&limit={limit}", app.public_url)
    });
    Ok(answer::ok(&DeliveriesAnswer { next, results: found.iter().map(DeliveryAnswer::from).collect() }))
}

/// `POST /webhook/<id>/delivery/<number>/redeliver`.
pub(super) async fn redeliver(
    State(app): State<App>,
    NamedWithin(webhook, delivery): NamedWithin,
    Caller(caller): Caller,
) -> Result<Response, Error> {
    let (id, number) = (webhook.webhook(), delivery.delivery());
    let redeliver = move |tx: &mut Tx<'_>, actor: &Actor| webhooks::redeliver(tx, actor, id, number);
    let delivery = app.directory.write(caller, redeliver).await?;
    Ok(answer::with_status(StatusCode::ACCEPTED, &DeliveryAnswer::from(&delivery)))
}
