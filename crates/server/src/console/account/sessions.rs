//! Where one is signed in, and ending it there. Knows nothing of what ends with it.

use super::{Done, done, lead};
use crate::app::App;
use crate::console::device;
use crate::console::error::Error;
use crate::console::form::Sent;
use crate::console::layout::{Layout, page};
use crate::console::session::{Visit, id};
use crate::console::words::AccountWords;
use askama::Template;
use axum::extract::{RawPathParams, RawQuery, State};
use axum::response::Response;
use directory::id::SessionId;
use directory::sessions;

const HERE: &str = "account/sessions";
/// Rows of the page; whoever has more ends all others.
const ROWS: usize = 100;

#[derive(Template)]
#[template(path = "console/account_sessions.html")]
struct SessionsPage {
    layout: Layout,
    words: &'static AccountWords,
    done: &'static str,
    rows: Vec<Row>,
}

/// A session as the page shows it.
struct Row {
    id: String,
    device: String,
    address: String,
    seen: String,
    this: bool,
}

/// `GET /console/environments/<key>/account/sessions`.
pub(in crate::console) async fn show(State(app): State<App>, visit: Visit, query: RawQuery) -> Result<Response, Error> {
    let words = AccountWords::of(visit.language);
    let done = done(query, words)?;
    let list = |tx: &mut directory::store::Tx<'_>, actor: &directory::actor::Actor| {
        Ok((sessions::list(tx, actor, None)?, actor.session()))
    };
    let (layout, (own, this)) = visit.read(&app, list).await?;
    let row = |session: &sessions::Session| Row {
        id: session.id.to_string(),
        device: device::known(session.device.as_str()),
        address: session.address.clone(),
        seen: visit.language.moment(session.seen_at),
        this: this == Some(session.id),
    };
    page(&SessionsPage { layout, words, done, rows: own.iter().take(ROWS).map(row).collect() })
}

/// `POST /console/environments/<key>/account/sessions/<id>/end`.
pub(in crate::console) async fn end(
    State(app): State<App>,
    path: RawPathParams,
    sent: Sent,
) -> Result<Response, Error> {
    let (visit, session) = (sent.visit, SessionId(id(&path)?));
    // A colleague's is ended where that colleague is shown.
    let end = move |tx: &mut directory::store::Tx<'_>, actor: &directory::actor::Actor| match sessions::list(
        tx, actor, None,
    )?
    .iter()
    .any(|own| own.id == session)
    {
        true => sessions::end(tx, actor, session),
        false => Err(directory::Error::NotFound(directory::error::Noun::Session)),
    };
    app.directory.write(visit.caller(), end).await?;
    lead(&app, &visit, HERE, Done::Ended).await
}

/// `POST /console/environments/<key>/account/sessions/others/end`.
pub(in crate::console) async fn end_others(State(app): State<App>, sent: Sent) -> Result<Response, Error> {
    app.directory.write(sent.visit.caller(), sessions::end_others).await?;
    lead(&app, &sent.visit, HERE, Done::Ended).await
}
