//! `/console/environments/<key>/groups`: the groups of an environment: a list, a page for each, and a question before anybody gains or
//! loses something. Knows nothing of who may what: the directory refuses.

mod facts;
mod save;

pub(super) use save::{create, delete, update};

use super::choices::Choices;
use super::consequences::{self, Consequences};
use super::error::Error;
use super::form::Form;
use super::layout::{Layout, page, page_with};
use super::parts::{Id, around, part};
use super::session::Visit;
use super::words::GroupsWords;
use crate::app::App;
use crate::body::Within;
use crate::query::query;
use askama::Template;
use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::Response;
use directory::actor::Actor;
use directory::error::Denial;
use directory::groups::{self, Group};
use directory::id::GroupId;
use directory::permissions::BuiltIn;
use directory::store::Tx;
use directory::whatif::{SupposedGroup, Suppositions};
use facts::{CONTAINS, Facts, MENUS, PERMISSIONS};

/// Rows of a list.
const ROWS: usize = 50;
/// Permissions and contained groups that a row shows.
const SHOWN: usize = 3;

query! {
    /// The query of the list.
    struct ListGroups {
        search: Optional<String>,
        from: Optional<Within<0, 10_000>>,
    }
}

query! {
    /// The query of a group's page.
    struct ShowGroup {
        saved: Optional<bool>,
    }
}

#[derive(Template)]
#[template(path = "console/groups.html")]
struct ListPage {
    layout: Layout,
    words: &'static GroupsWords,
    here: String,
    search: String,
    may_add: bool,
    rows: Vec<Group>,
    previous: Option<String>,
    next: Option<String>,
}

/// `GET /console/environments/<key>/groups`.
pub(super) async fn list(State(app): State<App>, visit: Visit, RawQuery(query): RawQuery) -> Result<Response, Error> {
    let query = query.unwrap_or_default();
    let asked = ListGroups::read(Some(&query)).map_err(|_| Error::Unreadable)?;
    let part = part(asked.search, asked.from.map(Within::get), ROWS);
    let wanted = part.clone();
    let find = move |tx: &mut Tx<'_>, actor: &Actor| {
        Ok((groups::browse(tx, actor, &wanted)?, actor.power().holds(BuiltIn::AddGroup.id())))
    };
    let (layout, (found, may_add)) = visit.report(&app, find).await?;
    let here = layout.address("groups");
    let [previous, next] = around(&part, found.total, &query, &here, "from");
    let words = GroupsWords::of(visit.language);
    let (rows, search) = (found.rows, part.search);
    page(&ListPage { layout, words, here, search, may_add, rows, previous, next })
}

#[derive(Template)]
#[template(path = "console/group.html")]
struct GroupPage {
    layout: Layout,
    words: &'static GroupsWords,
    here: String,
    form: Form,
    notice: String,
    saved: bool,
    /// Where its members are listed; empty: whoever asks may not see users.
    members: String,
    /// What is shown; `None`: it is to be made.
    group: Option<Group>,
    permissions: Choices,
    contains: Choices,
    menus: Choices,
    /// Codenames that it confers through the groups that it is within, with the first of these.
    inherited: Vec<(String, String)>,
    may_change: bool,
    may_delete: bool,
    administrator: bool,
}

/// `GET /console/environments/<key>/groups/new`.
pub(super) async fn new(State(app): State<App>, visit: Visit) -> Result<Response, Error> {
    draw(&app, &visit, None, StatusCode::OK, Form::default(), String::new(), false).await
}

/// `GET /console/environments/<key>/groups/<id>`.
pub(super) async fn show(
    State(app): State<App>,
    visit: Visit,
    Id(id): Id,
    RawQuery(query): RawQuery,
) -> Result<Response, Error> {
    let asked = ShowGroup::read(query.as_deref()).map_err(|_| Error::Unreadable)?;
    let saved = asked.saved.unwrap_or(false);
    draw(&app, &visit, Some(GroupId(id)), StatusCode::OK, Form::default(), String::new(), saved).await
}

/// The page of a group, or of one to be made; an empty form is filled with what the group is.
async fn draw(
    app: &App,
    visit: &Visit,
    id: Option<GroupId>,
    status: StatusCode,
    form: Form,
    notice: String,
    saved: bool,
) -> Result<Response, Error> {
    let (layout, facts) = visit.report(app, move |tx, actor| Facts::find(tx, actor, id)).await?;
    let Facts { group, permissions, contains, menus, inherited, may_add, may_change, may_delete, administrator } =
        facts;
    if group.is_none() && !may_add {
        return Err(directory::Error::Forbidden(Denial::Permission { codename: BuiltIn::AddGroup.codename() }).into());
    }
    let form = match (&group, form.is_empty()) {
        (Some(group), true) => filled(group),
        _ => form,
    };
    let chosen = |of: fn(&Group) -> Vec<String>| group.as_ref().map(of).unwrap_or_default();
    let permissions = PERMISSIONS.ask(&form, &chosen(facts::permissions), permissions.0, permissions.1);
    let contains = CONTAINS.ask(&form, &chosen(facts::contains), contains.0, contains.1);
    let menus = MENUS.ask(&form, &chosen(facts::menus), menus.0, menus.1);
    let here = layout.address("groups");
    let words = GroupsWords::of(visit.language);
    let may_view_users = layout.who.as_ref().is_some_and(|who| who.may_view_users);
    let named = group.as_ref().filter(|_| may_view_users).map(|group| group.name.as_str());
    let encoded = |name: &str| form_urlencoded::byte_serialize(name.as_bytes()).collect::<String>();
    let members = named.map(|name| format!("{}?group={}", layout.address("users"), encoded(name))).unwrap_or_default();
    let may_change = if group.is_some() { may_change } else { may_add };
    let shown = GroupPage {
        layout,
        words,
        here,
        form,
        notice,
        saved,
        members,
        group,
        permissions,
        contains,
        menus,
        inherited,
        may_change,
        may_delete,
        administrator,
    };
    page_with(status, &shown)
}

fn filled(group: &Group) -> Form {
    Form::of([
        ("name", group.name.as_str().to_owned()),
        ("label", group.label.as_str().to_owned()),
        ("second_factor", if group.second_factor { "on" } else { "" }.to_owned()),
        ("seen", save::seen(group)),
    ])
}

#[derive(Template)]
#[template(path = "console/group_delete.html")]
struct DeletePage {
    layout: Layout,
    words: &'static GroupsWords,
    here: String,
    group: Group,
    seen: String,
    consequences: Consequences,
}

/// `GET /console/environments/<key>/groups/<id>/delete`.
pub(super) async fn ask_delete(State(app): State<App>, visit: Visit, Id(id): Id) -> Result<Response, Error> {
    let find = move |tx: &mut Tx<'_>, actor: &Actor| {
        actor.need(BuiltIn::DeleteGroup)?;
        let group = groups::get(tx, actor, GroupId(id))?;
        let gone = SupposedGroup { group: facts::by_id(id), deleted: true, permissions: None, contains: None };
        let outcome = consequences::suppose(tx, actor, &Suppositions { groups: vec![gone], users: Vec::new() })?;
        Ok((group, outcome))
    };
    let (layout, (group, outcome)) = visit.report(&app, find).await?;
    let here = layout.address("groups");
    let (words, consequences) = (GroupsWords::of(visit.language), Consequences::of(outcome, visit.language));
    page(&DeletePage { layout, words, here, seen: save::seen(&group), group, consequences })
}
