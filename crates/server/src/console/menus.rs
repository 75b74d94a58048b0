//! `/console/environments/<key>/menus`: what applications show to whom: a list, the tree of each, and what a given user would see.

mod carried;
mod draft;
mod edit;
mod preview;
mod rows;

pub(super) use edit::{change, show};
pub(super) use preview::preview;

use super::error::Error;
use super::form::{Form, Sent};
use super::layout::{Layout, page, page_with};
use super::parts::{Id, around, part, to};
use super::session::Visit;
use super::words::{MenusWords, Sentence};
use crate::app::App;
use crate::body::Within;
use crate::query::query;
use askama::Template;
use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::Response;
use directory::actor::Actor;
use directory::error::Field;
use directory::id::MenuId;
use directory::menus::{self, Menu, MenuChanges};
use directory::permissions::BuiltIn;
use directory::store::Tx;
use directory::text::{Name, ShortName};

/// Rows of a list: a menu may have 1,000 items, all of which are read to count them.
const ROWS: usize = 25;
/// Items that are shown to somebody who only looks: what one still looks through, and below 100 KB.
const SHOWN: usize = 300;

query! {
    /// The query of the list.
    struct ListMenus {
        search: Optional<String>,
        from: Optional<Within<0, 10_000>>,
    }
}

#[derive(Template)]
#[template(path = "console/menus.html")]
struct ListPage {
    layout: Layout,
    words: &'static MenusWords,
    here: String,
    search: String,
    may_add: bool,
    may_preview: bool,
    rows: Vec<Row>,
    previous: Option<String>,
    next: Option<String>,
}

/// A menu as the list shows it.
struct Row {
    id: MenuId,
    name: String,
    label: String,
    items: usize,
}

impl From<&Menu> for Row {
    fn from(menu: &Menu) -> Row {
        let items = menu.items.iter().map(|item| 1 + item.items.len()).sum();
        Row { id: menu.id, name: menu.name.as_str().to_owned(), label: menu.label.as_str().to_owned(), items }
    }
}

/// `GET /console/environments/<key>/menus`.
pub(super) async fn list(State(app): State<App>, visit: Visit, RawQuery(query): RawQuery) -> Result<Response, Error> {
    let query = query.unwrap_or_default();
    let asked = ListMenus::read(Some(&query)).map_err(|_| Error::Unreadable)?;
    let part = part(asked.search, asked.from.map(Within::get), ROWS);
    let wanted = part.clone();
    let find = move |tx: &mut Tx<'_>, actor: &Actor| {
        let may = |permission: BuiltIn| actor.power().holds(permission.id());
        let found = menus::browse(tx, actor, &wanted)?;
        let rows: Vec<Row> = found.rows.iter().map(Row::from).collect();
        Ok((rows, found.total, may(BuiltIn::AddMenu), may(BuiltIn::ViewUser)))
    };
    let (layout, (rows, total, may_add, may_preview)) = visit.report(&app, find).await?;
    let here = layout.address("menus");
    let [previous, next] = around(&part, total, &query, &here, "from");
    let words = MenusWords::of(visit.language);
    page(&ListPage { layout, words, here, search: part.search, may_add, may_preview, rows, previous, next })
}

#[derive(Template)]
#[template(path = "console/menu_new.html")]
struct NewPage {
    layout: Layout,
    words: &'static MenusWords,
    here: String,
    form: Form,
    notice: String,
}

/// `GET /console/environments/<key>/menus/new`.
pub(super) async fn new(State(app): State<App>, visit: Visit) -> Result<Response, Error> {
    draw_new(&app, &visit, StatusCode::OK, Form::default(), String::new()).await
}

async fn draw_new(app: &App, visit: &Visit, status: StatusCode, form: Form, notice: String) -> Result<Response, Error> {
    let (layout, ()) = visit.read(app, |_, actor| actor.need(BuiltIn::AddMenu)).await?;
    let here = layout.address("menus");
    page_with(status, &NewPage { layout, words: MenusWords::of(visit.language), here, form, notice })
}

fn place(field: Field) -> Option<&'static str> {
    match field {
        Field::Name => Some("name"),
        Field::Label => Some("label"),
        Field::Items => Some("tree"),
        _ => None,
    }
}

/// The name and the label of a menu.
fn titles(form: &mut Form, words: &MenusWords) -> Option<(Name, ShortName)> {
    let name = form.read("name", |text| Name::parse(text).map_err(|_| words.name_wrong));
    let label = form.read("label", |text| ShortName::parse(text).map_err(|_| words.label_wrong));
    Some((name?, label?))
}

/// `POST /console/environments/<key>/menus`.
pub(super) async fn create(State(app): State<App>, sent: Sent) -> Result<Response, Error> {
    let Sent { visit, mut form } = sent;
    let refused = StatusCode::UNPROCESSABLE_ENTITY;
    let Some((name, label)) = titles(&mut form, MenusWords::of(visit.language)) else {
        return draw_new(&app, &visit, refused, form, String::new()).await;
    };
    let change = MenuChanges { name: None, label: Some(label), items: None };
    let make = move |tx: &mut Tx<'_>, actor: &Actor| {
        Ok((menus::create(tx, actor, &name, &change)?.id, actor.environment().key.clone()))
    };
    match app.directory.write(visit.caller(), make).await {
        Ok((id, key)) => Ok(to(&key, &format!("menus/{id}"))),
        Err(directory::Error::Conflict(conflict)) => {
            let notice = conflict.in_language(visit.language);
            draw_new(&app, &visit, StatusCode::CONFLICT, form, notice).await
        }
        Err(refusal) => {
            form.refused_by(refusal, visit.language, place)?;
            draw_new(&app, &visit, refused, form, String::new()).await
        }
    }
}

#[derive(Template)]
#[template(path = "console/menu_delete.html")]
struct DeletePage {
    layout: Layout,
    words: &'static MenusWords,
    here: String,
    menu: Row,
}

/// `GET /console/environments/<key>/menus/<id>/delete`.
pub(super) async fn ask_delete(State(app): State<App>, visit: Visit, Id(id): Id) -> Result<Response, Error> {
    let find = move |tx: &mut Tx<'_>, actor: &Actor| {
        actor.need(BuiltIn::DeleteMenu)?;
        menus::get(tx, actor, MenuId(id)).map(|menu| Row::from(&menu))
    };
    let (layout, menu) = visit.read(&app, find).await?;
    let here = layout.address("menus");
    page(&DeletePage { layout, words: MenusWords::of(visit.language), here, menu })
}

/// `POST /console/environments/<key>/menus/<id>/delete`.
pub(super) async fn delete(State(app): State<App>, Id(id): Id, sent: Sent) -> Result<Response, Error> {
    let delete = move |tx: &mut Tx<'_>, actor: &Actor| {
        menus::delete(tx, actor, MenuId(id))?;
        Ok(actor.environment().key.clone())
    };
    let key = app.directory.write(sent.visit.caller(), delete).await?;
    Ok(to(&key, "menus"))
}
