//! `/console/environments/<key>/users/<id>/sessions`: where a user is signed in, and ending that. Ending is immediate everywhere.

use super::{Head, May, Named, Tab, refused};
use crate::app::App;
use crate::console::device;
use crate::console::error::Error;
use crate::console::form::Sent;
use crate::console::language::Language;
use crate::console::layout::{Layout, page_with};
use crate::console::session::Visit;
use crate::console::words::{UserSessionsWords as Words, UserWords};
use crate::query::query;
use askama::Template;
use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use directory::actor::Actor;
use directory::id::{SessionId, UserId};
use directory::sessions::{self as verbs, Session};
use directory::store::Tx;
use directory::users;
use uuid::Uuid;

/// Sessions shown, the one last used first: more are ended all together.
const ROWS: usize = 100;

query! {
    /// The query of the page.
    struct Asked {
        /// Something was ended.
        done: Optional<bool>,
    }
}

#[derive(Template)]
#[template(path = "console/user_sessions.html")]
struct SessionsPage {
    layout: Layout,
    words: &'static UserWords,
    texts: &'static Words,
    head: Head,
    rows: Vec<Row>,
    /// How many there are besides.
    more: usize,
    may_end: bool,
    done: bool,
    notice: String,
}

/// A session as the list shows it.
struct Row {
    id: String,
    device: String,
    address: String,
    seen: String,
    since: String,
    second_factor: bool,
    /// The one that looks at this page.
    own: bool,
}

impl Row {
    fn of(session: &Session, own: Option<SessionId>, texts: &Words, language: Language) -> Row {
        let device = device::known(session.device.as_str());
        Row {
            id: session.id.to_string(),
            device: if device.is_empty() { texts.unknown_device.to_owned() } else { device },
            address: session.address.clone(),
            seen: language.moment(session.seen_at),
            since: language.moment(session.created_at),
            second_factor: session.second_factor_at.is_some(),
            own: own == Some(session.id),
        }
    }
}

/// `GET /console/environments/<key>/users/<id>/sessions`.
pub(in crate::console) async fn sessions(
    State(app): State<App>,
    visit: Visit,
    Named(id): Named,
    RawQuery(query): RawQuery,
) -> Result<Response, Error> {
    let done = Asked::read(query.as_deref()).map_err(|_| Error::Unreadable)?.done;
    draw(&app, &visit, id, StatusCode::OK, done.unwrap_or(false), String::new()).await
}

/// `POST /console/environments/<key>/users/<id>/sessions`: ends one, or all that act here.
pub(in crate::console) async fn end(State(app): State<App>, Named(id): Named, sent: Sent) -> Result<Response, Error> {
    let Sent { visit, form } = sent;
    let which = match form.text("session") {
        "all" => None,
        text => Some(SessionId(Uuid::try_parse(text).map_err(|_| Error::Unreadable)?)),
    };
    let end = move |tx: &mut Tx<'_>, actor: &Actor| match which {
        Some(session) => of_user(tx, actor, id, session).and_then(|()| verbs::end(tx, actor, session)),
        None => verbs::end_all(tx, actor, id).map(drop),
    };
    match app.directory.write(visit.caller(), end).await {
        Ok(()) => {
            let (layout, ()) = visit.read(&app, |_, _| Ok(())).await?;
            Ok(Redirect::to(&layout.address(&format!("users/{id}/sessions?done=true"))).into_response())
        }
        // Somebody else was faster, or it ended by itself.
        Err(directory::Error::NotFound(_)) => draw(&app, &visit, id, StatusCode::OK, true, String::new()).await,
        Err(error) => {
            let notice = refused::whole(error, visit.language)?;
            draw(&app, &visit, id, StatusCode::FORBIDDEN, false, notice).await
        }
    }
}

/// What the page of one user shows is what it ends.
fn of_user(tx: &mut Tx<'_>, actor: &Actor, id: UserId, session: SessionId) -> directory::Result<()> {
    let here = verbs::list(tx, actor, Some(id))?.iter().any(|one| one.id == session);
    here.then_some(()).ok_or(directory::Error::NotFound(directory::error::Noun::Session))
}

async fn draw(
    app: &App,
    visit: &Visit,
    id: UserId,
    status: StatusCode,
    done: bool,
    notice: String,
) -> Result<Response, Error> {
    let read = move |tx: &mut Tx<'_>, actor: &Actor| {
        let user = users::get(tx, actor, id)?;
        Ok((user, verbs::list(tx, actor, Some(id))?, May::of(actor, Some(id)), actor.session()))
    };
    let (layout, (user, sessions, may, own)) = visit.read(app, read).await?;
    let (words, texts) = (UserWords::of(layout.language), Words::of(layout.language));
    let rows = sessions.iter().take(ROWS).map(|session| Row::of(session, own, texts, layout.language)).collect();
    let head = Head::of(&user, &layout, words, may, Tab::Sessions);
    let more = sessions.len().saturating_sub(ROWS);
    let may_end = may.change || may.own;
    page_with(status, &SessionsPage { layout, words, texts, head, rows, more, may_end, done, notice })
}
