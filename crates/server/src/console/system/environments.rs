//! `/console/system/environments`: the tenants. Listed, made, changed and, once their key is typed, removed. Knows nothing of what
//! is in them.

mod fields;
mod one;

pub(in crate::console) use one::{delete, show, update};

use crate::app::App;
use crate::console::error::Error;
use crate::console::form::{Form, Sent};
use crate::console::layout::{Layout, page, page_with};
use crate::console::refused;
use crate::console::session::Visit;
use crate::console::words::SystemWords;
use crate::query::query;
use askama::Template;
use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use directory::actor::Actor;
use directory::environments::{self, Environment, EnvironmentName, NewEnvironment, Policy};
use directory::id::EnvironmentId;
use directory::store::Tx;
use fields::FIELDS;

/// Where these pages stand.
const HERE: &str = "/console/system/environments";
/// Rows of a page.
const ROWS: usize = 50;

query! {
    /// The query of the list.
    struct ListEnvironments {
        /// Those made later than the one with this key.
        after: Optional<String>,
        /// One that is known.
        key: Optional<String>,
    }
}

#[derive(Template)]
#[template(path = "console/system_environments.html")]
struct ListPage {
    layout: Layout,
    words: &'static SystemWords,
    rows: Vec<Environment>,
    later: bool,
    next: Option<String>,
}

#[derive(Template)]
#[template(path = "console/system_environment_new.html")]
struct NewPage {
    layout: Layout,
    words: &'static SystemWords,
    form: Form,
    notice: String,
}

/// `GET /console/system/environments`.
pub(in crate::console) async fn list(
    State(app): State<App>,
    visit: Visit,
    RawQuery(query): RawQuery,
) -> Result<Response, Error> {
    let ListEnvironments { after, key } = ListEnvironments::read(query.as_deref()).map_err(|_| Error::Unreadable)?;
    if let Some(key) = key.map(|key| key.trim().to_owned()).filter(|key| !key.is_empty()) {
        return Ok(Redirect::to(&address(&key)).into_response());
    }
    let later = after.is_some();
    let read = move |tx: &mut Tx<'_>, actor: &Actor| find(tx, actor, after.as_deref());
    let (mut layout, mut rows) = visit.report(&app, read).await?;
    layout.leave_environment();
    let more = rows.len() > ROWS;
    rows.truncate(ROWS);
    let next = rows.last().filter(|_| more).map(|last| format!("{HERE}?after={}", last.key.as_str()));
    page(&ListPage { layout, words: SystemWords::of(visit.language), rows, later, next })
}

/// `GET /console/system/environments/new`.
pub(in crate::console) async fn new(State(app): State<App>, visit: Visit) -> Result<Response, Error> {
    answer(&app, &visit, StatusCode::OK, Form::default(), String::new()).await
}

/// `POST /console/system/environments`.
pub(in crate::console) async fn create(State(app): State<App>, sent: Sent) -> Result<Response, Error> {
    let Sent { visit, mut form } = sent;
    let notice = match fields::read(&mut form, visit.language) {
        Some(fields) => {
            let key = fields.key.clone();
            let policy = fields.policy.applied(Policy::default());
            let new = NewEnvironment { key: fields.key, name: fields.name, organisation: fields.organisation, policy };
            let create = move |tx: &mut Tx<'_>, actor: &Actor| environments::create(tx, actor, &new);
            match app.directory.write(visit.caller(), create).await {
                Ok(_) => return Ok(Redirect::to(&address(key.as_str())).into_response()),
                Err(refusal) => refused::into_form(&mut form, visit.language, refusal, FIELDS)?,
            }
        }
        None => String::new(),
    };
    answer(&app, &visit, StatusCode::UNPROCESSABLE_ENTITY, form, notice).await
}

async fn answer(app: &App, visit: &Visit, status: StatusCode, form: Form, notice: String) -> Result<Response, Error> {
    let (mut layout, ()) = visit.read(app, |_, actor| actor.need_operator()).await?;
    layout.leave_environment();
    page_with(status, &NewPage { layout, words: SystemWords::of(visit.language), form, notice })
}

fn find(tx: &mut Tx<'_>, actor: &Actor, after: Option<&str>) -> directory::Result<Vec<Environment>> {
    let after: Option<EnvironmentId> = match after {
        Some(key) => Some(environments::get(tx, actor, &EnvironmentName::Key(key.to_owned()))?.id),
        None => None,
    };
    let mut found = environments::list(tx, actor, after)?;
    found.truncate(ROWS + 1);
    Ok(found)
}

/// Where the page of an environment stands.
fn address(key: &str) -> String {
    let key: String = form_urlencoded::byte_serialize(key.as_bytes()).collect();
    // In a path a plus is a plus.
    format!("{HERE}/{}", key.replace('+', "%20"))
}
