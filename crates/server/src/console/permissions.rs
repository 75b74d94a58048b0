//! `/console/environments/<key>/permissions`: the names of actions, Rolebook's own and the environment's, and for each who holds it,
//! through what, now or as it was on a day.

mod held;
mod save;

pub(super) use save::{create, delete, update};

use super::error::Error;
use super::form::Form;
use super::layout::{Layout, page, page_with};
use super::parts::{Id, around, part};
use super::session::Visit;
use super::words::PermissionsWords;
use crate::app::App;
use crate::body::Within;
use crate::query::{self, query};
use askama::Template;
use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::Response;
use directory::actor::Actor;
use directory::groups::HeldGroup;
use directory::id::PermissionId;
use directory::permissions::{self, BuiltIn, Permission};
use directory::store::Tx;
use held::{Day, Held};
use std::sync::Arc;

/// Rows of a list.
const ROWS: usize = 50;
/// Groups that a page names.
const GROUPS: usize = 50;

query! {
    /// The query of the list.
    struct ListPermissions {
        search: Optional<String>,
        from: Optional<Within<0, 20_000>>,
    }
}

query! {
    /// The query of a permission's page.
    struct ShowPermission {
        /// As it was at the end of this day.
        on: Optional<String>,
        cursor: Optional<String>,
        saved: Optional<bool>,
    }
}

#[derive(Template)]
#[template(path = "console/permissions.html")]
struct ListPage {
    layout: Layout,
    words: &'static PermissionsWords,
    here: String,
    search: String,
    may_add: bool,
    rows: Vec<Permission>,
    previous: Option<String>,
    next: Option<String>,
}

/// `GET /console/environments/<key>/permissions`.
pub(super) async fn list(State(app): State<App>, visit: Visit, RawQuery(query): RawQuery) -> Result<Response, Error> {
    let query = query.unwrap_or_default();
    let asked = ListPermissions::read(Some(&query)).map_err(|_| Error::Unreadable)?;
    let part = part(asked.search, asked.from.map(Within::get), ROWS);
    let wanted = part.clone();
    let find = move |tx: &mut Tx<'_>, actor: &Actor| {
        Ok((permissions::browse(tx, actor, &wanted)?, actor.power().holds(BuiltIn::AddPermission.id())))
    };
    let (layout, (found, may_add)) = visit.report(&app, find).await?;
    let here = layout.address("permissions");
    let [previous, next] = around(&part, found.total, &query, &here, "from");
    let words = PermissionsWords::of(visit.language);
    page(&ListPage { layout, words, here, search: part.search, may_add, rows: found.rows, previous, next })
}

#[derive(Template)]
#[template(path = "console/permission_new.html")]
struct NewPage {
    layout: Layout,
    words: &'static PermissionsWords,
    here: String,
    form: Form,
    notice: String,
}

/// `GET /console/environments/<key>/permissions/new`.
pub(super) async fn new(State(app): State<App>, visit: Visit) -> Result<Response, Error> {
    draw_new(&app, &visit, StatusCode::OK, Form::default(), String::new()).await
}

async fn draw_new(app: &App, visit: &Visit, status: StatusCode, form: Form, notice: String) -> Result<Response, Error> {
    let (layout, ()) = visit.read(app, |_, actor| actor.need(BuiltIn::AddPermission)).await?;
    let here = layout.address("permissions");
    page_with(status, &NewPage { layout, words: PermissionsWords::of(visit.language), here, form, notice })
}

#[derive(Template)]
#[template(path = "console/permission.html")]
struct PermissionPage {
    layout: Layout,
    words: &'static PermissionsWords,
    here: String,
    groups_here: String,
    form: Form,
    notice: String,
    saved: bool,
    permission: Permission,
    /// The groups that confer it by themselves; `None`: whoever asks may not see groups.
    groups: Option<Vec<Arc<HeldGroup>>>,
    /// Who holds it; `None`: whoever asks may not see users.
    held: Option<Held>,
    next: Option<String>,
    on: String,
    may_change: bool,
    may_delete: bool,
    /// May see the past.
    auditor: bool,
    administrator: bool,
}

/// `GET /console/environments/<key>/permissions/<id>`.
pub(super) async fn show(
    State(app): State<App>,
    visit: Visit,
    Id(id): Id,
    RawQuery(query): RawQuery,
) -> Result<Response, Error> {
    let query = query.unwrap_or_default();
    draw(&app, &visit, PermissionId(id), &query, (StatusCode::OK, Form::default(), String::new())).await
}

async fn draw(
    app: &App,
    visit: &Visit,
    id: PermissionId,
    query: &str,
    (status, mut form, notice): (StatusCode, Form, String),
) -> Result<Response, Error> {
    let asked = ShowPermission::read(Some(query)).map_err(|_| Error::Unreadable)?;
    let words = PermissionsWords::of(visit.language);
    let on = asked.on.unwrap_or_default();
    form.set("on", on.clone());
    let day = if on.is_empty() { None } else { form.read("on", |text| Day::parse(text).ok_or(words.day_wrong)) };
    let (language, cursor) = (visit.language, asked.cursor);
    let find = move |tx: &mut Tx<'_>, actor: &Actor| {
        let may = |permission: BuiltIn| actor.power().holds(permission.id());
        let permission = permissions::get(tx, actor, id)?;
        let groups = may(BuiltIn::ViewGroup).then(|| permissions::conferred_by(tx, actor, id)).transpose()?;
        let held = match may(BuiltIn::ViewUser) {
            true => Some(Held::find(tx, actor, id, day, cursor.as_deref(), language)?),
            false => None,
        };
        let may = [BuiltIn::ChangePermission, BuiltIn::DeletePermission, BuiltIn::ViewAudit].map(may);
        Ok((permission, groups, held, may, actor.need_administrator().is_ok()))
    };
    let (layout, (permission, groups, held, may, administrator)) = visit.report(app, find).await?;
    let [may_change, may_delete, auditor] = may;
    let own = !permission.built_in;
    if form.text("codename").is_empty() {
        form.set("codename", permission.codename.as_str().to_owned());
        form.set("name", permission.name.as_str().to_owned());
    }
    let (here, groups_here) = (layout.address("permissions"), layout.address("groups"));
    let next = held.as_ref().and_then(|held| held.next.as_deref());
    let next = next.map(|cursor| query::from(query, &format!("{here}/{id}"), cursor));
    if let Some(Held { unknown: true, .. }) = held {
        form.refuse("on", words.day_unknown);
    }
    let shown = PermissionPage {
        layout,
        words,
        here,
        groups_here,
        form,
        notice,
        saved: asked.saved.unwrap_or(false),
        permission,
        groups,
        held,
        next,
        on,
        may_change: may_change && own,
        may_delete: may_delete && own,
        auditor,
        administrator,
    };
    page_with(status, &shown)
}

#[derive(Template)]
#[template(path = "console/permission_delete.html")]
struct DeletePage {
    layout: Layout,
    words: &'static PermissionsWords,
    here: String,
    permission: Permission,
    groups: Vec<Arc<HeldGroup>>,
}

/// `GET /console/environments/<key>/permissions/<id>/delete`.
pub(super) async fn ask_delete(State(app): State<App>, visit: Visit, Id(id): Id) -> Result<Response, Error> {
    let find = move |tx: &mut Tx<'_>, actor: &Actor| {
        actor.need(BuiltIn::DeletePermission)?;
        let groups = match actor.power().holds(BuiltIn::ViewGroup.id()) {
            true => permissions::conferred_by(tx, actor, PermissionId(id))?,
            false => Vec::new(),
        };
        Ok((permissions::get(tx, actor, PermissionId(id))?, groups))
    };
    let (layout, (permission, groups)) = visit.report(&app, find).await?;
    let (here, words) = (layout.address("permissions"), PermissionsWords::of(visit.language));
    page(&DeletePage { layout, words, here, permission, groups })
}
