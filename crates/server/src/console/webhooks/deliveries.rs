//! What became of what a webhook was told, newest first; a ping to try it out, and once more what was told before.

use crate::app::App;
use crate::console::error::Error;
use crate::console::form::Sent;
use crate::console::language::Language;
use crate::console::path::{Id, Number};
use crate::console::words::WebhooksWords;
use crate::query::query;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use directory::actor::Actor;
use directory::id::WebhookId;
use directory::store::Tx;
use directory::webhooks::{self, Delivery};

/// Deliveries of a page.
const ROWS: i64 = 25;

query! {
    /// The query of a webhook's page.
    struct ShowDeliveries {
        /// Those before this one.
        before: Optional<i64>,
    }
}

/// A page of deliveries.
pub(super) struct Log {
    pub(super) rows: Vec<Row>,
    /// The page is not the first.
    pub(super) later: bool,
    pub(super) next: Option<String>,
}

pub(super) struct Row {
    pub(super) number: i64,
    pub(super) event_type: String,
    pub(super) state: &'static str,
    pub(super) state_text: &'static str,
    pub(super) attempts: i64,
    pub(super) tried_at: String,
    /// What the receiver answered, or why it did not.
    pub(super) outcome: String,
    pub(super) again: String,
}

/// Deliveries, one more than are shown.
pub(super) struct Found {
    deliveries: Vec<Delivery>,
    before: i64,
}

/// From where on, as the query says.
pub(super) fn before(query: Option<&str>) -> Result<i64, Error> {
    let ShowDeliveries { before } = ShowDeliveries::read(query).map_err(|_| Error::Unreadable)?;
    Ok(before.unwrap_or(i64::MAX))
}

pub(super) fn find(tx: &mut Tx<'_>, actor: &Actor, id: WebhookId, before: i64) -> directory::Result<Found> {
    Ok(Found { deliveries: webhooks::deliveries(tx, actor, id, before, ROWS + 1)?, before })
}

impl Log {
    pub(super) fn of(found: Found, here: &str, words: &WebhooksWords, language: Language) -> Log {
        let Found { mut deliveries, before } = found;
        let more = deliveries.len() as i64 > ROWS;
        deliveries.truncate(usize::try_from(ROWS).unwrap_or_default());
        let next = deliveries.last().filter(|_| more).map(|last| format!("{here}?before={}", last.number));
        let rows = deliveries.iter().map(|delivery| Row::of(delivery, here, words, language)).collect();
        Log { rows, later: before != i64::MAX, next }
    }
}

impl Row {
    fn of(delivery: &Delivery, here: &str, words: &WebhooksWords, language: Language) -> Row {
        let (state, state_text) = match (delivery.next_try_at, delivery.trouble.is_empty()) {
            (Some(_), _) => ("pending", words.waiting),
            (None, true) => ("active", words.delivered),
            (None, false) => ("inactive", words.given_up),
        };
        let status = delivery.status.map(|status| status.to_string());
        let trouble = Some(delivery.trouble.clone()).filter(|trouble| !trouble.is_empty());
        Row {
            number: delivery.number,
            event_type: delivery.event_type.clone(),
            state,
            state_text,
            attempts: delivery.attempts,
            tried_at: delivery.tried_at.map_or_else(|| words.never.to_owned(), |time| language.moment(time)),
            outcome: trouble.or(status).unwrap_or_default(),
            again: format!("{here}/deliveries/{}/redeliver", delivery.number),
        }
    }
}

/// `POST /console/environments/<key>/webhooks/<id>/ping`.
pub(in crate::console) async fn ping(State(app): State<App>, Id(id): Id, sent: Sent) -> Result<Response, Error> {
    let id = WebhookId(id);
    app.directory.write(sent.visit.caller(), move |tx, actor| webhooks::ping(tx, actor, id)).await?;
    Ok(Redirect::to(&sent.visit.address(&format!("webhooks/{id}#deliveries"))).into_response())
}

/// `POST /console/environments/<key>/webhooks/<id>/deliveries/<number>/redeliver`.
pub(in crate::console) async fn redeliver(
    State(app): State<App>,
    Id(id): Id,
    Number(number): Number,
    sent: Sent,
) -> Result<Response, Error> {
    let id = WebhookId(id);
    app.directory.write(sent.visit.caller(), move |tx, actor| webhooks::redeliver(tx, actor, id, number)).await?;
    Ok(Redirect::to(&sent.visit.address(&format!("webhooks/{id}#deliveries"))).into_response())
}
