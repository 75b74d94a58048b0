//! A webhook's secret, which is shown when it is made and never again.

use crate::app::App;
use crate::console::error::Error;
use crate::console::form::Sent;
use crate::console::path::Id;
use crate::console::session::Visit;
use crate::console::shown_once::{self, ShownOnce};
use crate::console::words::WebhooksWords;
use axum::extract::State;
use axum::response::Response;
use directory::actor::Actor;
use directory::id::WebhookId;
use directory::secret::WebhookSecret;
use directory::store::Tx;
use directory::webhooks::{self, Webhook};

/// `POST /console/environments/<key>/webhooks/<id>/rotate`.
pub(in crate::console) async fn rotate(State(app): State<App>, Id(id): Id, sent: Sent) -> Result<Response, Error> {
    let rotate = move |tx: &mut Tx<'_>, actor: &Actor| webhooks::rotate(tx, actor, WebhookId(id));
    let (webhook, secret) = app.directory.write(sent.visit.caller(), rotate).await?;
    let words = WebhooksWords::of(sent.visit.language);
    show(&app, &sent.visit, &webhook, &secret, [words.rotated, words.rotated_help]).await
}

/// The page after one was made.
pub(super) async fn made(
    app: &App,
    visit: &Visit,
    webhook: &Webhook,
    secret: &WebhookSecret,
) -> Result<Response, Error> {
    let words = WebhooksWords::of(visit.language);
    show(app, visit, webhook, secret, [words.made, words.made_help]).await
}

async fn show(
    app: &App,
    visit: &Visit,
    webhook: &Webhook,
    secret: &WebhookSecret,
    [title, help]: [&str; 2],
) -> Result<Response, Error> {
    let (layout, ()) = visit.read(app, |_, _| Ok(())).await?;
    let back = layout.address(&format!("webhooks/{}", webhook.id));
    let label = WebhooksWords::of(visit.language).secret;
    shown_once::show(layout, ShownOnce { title, help, label, secret: &secret.expose(), back: &back })
}
