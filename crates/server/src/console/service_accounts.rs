//! `/console/environments/<key>/service-accounts`: users who are programs. Listed, made, changed and removed, with their tokens.
//! Knows nothing of who else is here.

mod fields;
mod one;
mod tokens;

pub(super) use one::{activate, deactivate, delete, show, update};
pub(super) use tokens::{create as create_token, revoke as revoke_token};

use super::error::Error;
use super::form::{Form, Sent};
use super::layout::{Layout, page, page_with};
use super::refused;
use super::session::Visit;
use super::words::ServiceAccountsWords;
use crate::app::App;
use crate::query::query;
use askama::Template;
use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use directory::actor::Actor;
use directory::permissions::BuiltIn;
use directory::service_accounts::{self, NewService};
use directory::store::Tx;
use directory::users::User;
use fields::{Choices, FIELDS};

/// Rows of a page.
const ROWS: usize = 50;

query! {
    /// The query of the list.
    struct ListServices {
        /// How many come before: there are few enough to be counted.
        skip: Optional<i64>,
    }
}

#[derive(Template)]
#[template(path = "console/service_accounts.html")]
struct ListPage {
    layout: Layout,
    words: &'static ServiceAccountsWords,
    here: String,
    rows: Vec<Row>,
    previous: Option<String>,
    next: Option<String>,
}

struct Row {
    address: String,
    name: String,
    groups: Vec<String>,
    active: bool,
}

#[derive(Template)]
#[template(path = "console/service_account_new.html")]
struct NewPage {
    layout: Layout,
    words: &'static ServiceAccountsWords,
    here: String,
    form: Form,
    groups: Choices,
    notice: String,
}

/// `GET /console/environments/<key>/service-accounts`.
pub(super) async fn list(State(app): State<App>, visit: Visit, RawQuery(query): RawQuery) -> Result<Response, Error> {
    let ListServices { skip } = ListServices::read(query.as_deref()).map_err(|_| Error::Unreadable)?;
    let skip = usize::try_from(skip.unwrap_or(0)).map_err(|_| Error::Unreadable)?;
    let (layout, all) = visit.report(&app, service_accounts::list).await?;
    let here = layout.address("service-accounts");
    let row = |user: &User| Row {
        address: format!("{here}/{}", user.account.id),
        name: user.membership.name.as_str().to_owned(),
        groups: user.groups.iter().map(|within| within.group.name.as_str().to_owned()).collect(),
        active: user.membership.active,
    };
    let at = |skip: usize| format!("{here}?skip={skip}");
    page(&ListPage {
        rows: all.iter().skip(skip).take(ROWS).map(row).collect(),
        previous: (skip > 0).then(|| at(skip.saturating_sub(ROWS))),
        next: (all.len().saturating_sub(skip) > ROWS).then(|| at(skip + ROWS)),
        layout,
        words: ServiceAccountsWords::of(visit.language),
        here,
    })
}

/// `GET /console/environments/<key>/service-accounts/new`.
pub(super) async fn new(State(app): State<App>, visit: Visit) -> Result<Response, Error> {
    answer(&app, &visit, StatusCode::OK, Form::default(), String::new()).await
}

/// `POST /console/environments/<key>/service-accounts`.
pub(super) async fn create(State(app): State<App>, sent: Sent) -> Result<Response, Error> {
    let Sent { visit, mut form } = sent;
    let notice = match fields::read(&mut form, visit.language) {
        Some((name, groups)) => {
            let new = NewService { name, groups };
            let create = move |tx: &mut Tx<'_>, actor: &Actor| service_accounts::create(tx, actor, &new);
            match app.directory.write(visit.caller(), create).await {
                Ok(made) => {
                    let page = visit.address(&format!("service-accounts/{}", made.account.id));
                    return Ok(Redirect::to(&page).into_response());
                }
                Err(refusal) => refused::into_form(&mut form, visit.language, refusal, FIELDS)?,
            }
        }
        None => String::new(),
    };
    answer(&app, &visit, StatusCode::UNPROCESSABLE_ENTITY, form, notice).await
}

async fn answer(app: &App, visit: &Visit, status: StatusCode, form: Form, notice: String) -> Result<Response, Error> {
    let read = |tx: &mut Tx<'_>, actor: &Actor| {
        actor.need(BuiltIn::ManageToken)?;
        fields::groups(tx, actor)
    };
    let (layout, groups) = visit.report(app, read).await?;
    let (words, here) = (ServiceAccountsWords::of(visit.language), layout.address("service-accounts"));
    let groups = Choices::of(groups, &form, "groups");
    page_with(status, &NewPage { layout, words, here, form, groups, notice })
}
