//! `/console/environments/<key>/matrix`: which groups confer which permissions, a box each. What is ticked otherwise is shown with who
//! would gain and lose by it, and saved when that is confirmed. Knows nothing of who may what: the directory refuses.

mod changes;

use super::consequences::{self, Consequences};
use super::error::Error;
use super::form::Sent;
use super::layout::{Layout, page, page_with};
use super::parts::{around, part, to};
use super::session::Visit;
use super::words::{MatrixWords, Sentence};
use crate::app::App;
use crate::body::Within;
use crate::query::query;
use askama::Template;
use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::Response;
use changes::{Cell, Changes, Planned};
use directory::actor::Actor;
use directory::groups::{self, Confers};
use directory::id::GroupId;
use directory::permissions::{self, BuiltIn, Permission};
use directory::store::Tx;

/// Permissions and groups of a page: as many as one looks through, and far below 100 KB.
const ROWS: usize = 40;
const COLUMNS: usize = 8;

query! {
    /// Which part of it.
    struct ShowMatrix {
        group: Optional<String>,
        groups_from: Optional<Within<0, 10_000>>,
        permission: Optional<String>,
        permissions_from: Optional<Within<0, 20_000>>,
        saved: Optional<bool>,
    }
}

#[derive(Template)]
#[template(path = "console/matrix.html")]
struct MatrixPage {
    layout: Layout,
    words: &'static MatrixWords,
    here: String,
    groups_here: String,
    query: String,
    group: String,
    permission: String,
    columns: Vec<Confers>,
    rows: Vec<Row>,
    /// The boxes that are ticked as it is saved.
    before: String,
    changed: bool,
    saved: bool,
    may_change: bool,
    groups_around: [Option<String>; 2],
    permissions_around: [Option<String>; 2],
}

/// A permission with its cells.
struct Row {
    permission: Permission,
    cells: Vec<Shown>,
}

/// Whether a group confers it.
struct Shown {
    cell: Cell,
    ticked: bool,
    /// The group through which it does besides.
    through: Option<String>,
}

/// `GET /console/environments/<key>/matrix`.
pub(super) async fn show(State(app): State<App>, visit: Visit, RawQuery(query): RawQuery) -> Result<Response, Error> {
    draw(&app, &visit, query.unwrap_or_default(), &Changes::default()).await
}

/// The part that the query names, with what has been ticked since.
async fn draw(app: &App, visit: &Visit, query: String, changes: &Changes) -> Result<Response, Error> {
    let asked = ShowMatrix::read(Some(&query)).map_err(|_| Error::Unreadable)?;
    let columns = part(asked.group, asked.groups_from.map(Within::get), COLUMNS);
    let rows = part(asked.permission, asked.permissions_from.map(Within::get), ROWS);
    let wanted = (columns.clone(), rows.clone());
    let find = move |tx: &mut Tx<'_>, actor: &Actor| {
        let columns = groups::browse(tx, actor, &wanted.0)?;
        let ids: Vec<GroupId> = columns.rows.iter().map(|group| group.id).collect();
        let confers = groups::confers(tx, actor, &ids)?;
        let rows = permissions::browse(tx, actor, &wanted.1)?;
        Ok(((columns.total, confers), rows, actor.power().holds(BuiltIn::ChangeGroup.id())))
    };
    let (layout, ((groups, confers), found, may_change)) = visit.report(app, find).await?;
    let mut before = Vec::new();
    let row = |permission: Permission| {
        let cells = confers.iter().map(|column| {
            let cell = Cell { group: column.id, permission: permission.id };
            let own = column.own.binary_search(&permission.codename).is_ok();
            if own {
                before.push(cell.to_string());
            }
            Shown { cell, ticked: own != changes.toggles(cell), through: through(column, &permission) }
        });
        Row { cells: cells.collect(), permission }
    };
    let shown: Vec<Row> = found.rows.into_iter().map(row).collect();
    let here = layout.address("matrix");
    page(&MatrixPage {
        groups_around: around(&columns, groups, &query, &here, "groups_from"),
        permissions_around: around(&rows, found.total, &query, &here, "permissions_from"),
        groups_here: layout.address("groups"),
        words: MatrixWords::of(visit.language),
        layout,
        here,
        query,
        group: columns.search,
        permission: rows.search,
        columns: confers,
        rows: shown,
        before: before.join(","),
        changed: !changes.is_empty(),
        saved: asked.saved.unwrap_or(false),
        may_change,
    })
}

/// The first of the groups that a group is within and that confers it.
fn through(column: &Confers, permission: &Permission) -> Option<String> {
    let confers = column.above.iter().find(|outer| outer.permissions.binary_search(&permission.codename).is_ok());
    confers.map(|outer| outer.name.as_str().to_owned())
}

#[derive(Template)]
#[template(path = "console/matrix_confirm.html")]
struct ConfirmPage {
    layout: Layout,
    words: &'static MatrixWords,
    here: String,
    query: String,
    notice: String,
    changes: Changes,
    planned: Planned,
    consequences: Consequences,
}

/// `POST /console/environments/<key>/matrix`: what was ticked, to be shown first, to be saved, or to be gone on with.
pub(super) async fn change(State(app): State<App>, sent: Sent) -> Result<Response, Error> {
    let Sent { visit, form } = sent;
    let changes = Changes::of(&form).ok_or(Error::Unreadable)?;
    let query = form.text("query").to_owned();
    if form.ticked("back") || changes.is_empty() {
        return draw(&app, &visit, query, &changes).await;
    }
    if !form.ticked("confirmed") {
        return ask(&app, &visit, query, changes, (StatusCode::OK, String::new())).await;
    }
    let (wanted, seen) = (changes.clone(), form.text("confirmed").to_owned());
    let save = move |tx: &mut Tx<'_>, actor: &Actor| {
        let planned = Planned::find(tx, actor, &wanted)?;
        if planned.seen() != seen {
            return Err(directory::Error::Changed);
        }
        groups::grant(tx, actor, &planned.grants(), None)?;
        Ok(actor.environment().key.clone())
    };
    let words = MatrixWords::of(visit.language);
    match app.directory.write(visit.caller(), save).await {
        Ok(key) => Ok(to(&key, &format!("matrix?{}", saved(&query)))),
        Err(directory::Error::Changed) => {
            ask(&app, &visit, query, changes, (StatusCode::CONFLICT, words.changed.to_owned())).await
        }
        Err(directory::Error::Forbidden(denial)) => {
            let why = denial.in_language(visit.language);
            ask(&app, &visit, query, changes, (StatusCode::FORBIDDEN, why)).await
        }
        Err(other) => Err(other.into()),
    }
}

/// The same part, which says that it is saved.
fn saved(query: &str) -> String {
    crate::query::with(query, "", "saved", "true").trim_start_matches('?').to_owned()
}

async fn ask(
    app: &App,
    visit: &Visit,
    query: String,
    changes: Changes,
    (status, notice): (StatusCode, String),
) -> Result<Response, Error> {
    let wanted = changes.clone();
    let find = move |tx: &mut Tx<'_>, actor: &Actor| {
        let planned = Planned::find(tx, actor, &wanted)?;
        let outcome = consequences::suppose(tx, actor, &planned.supposed())?;
        Ok((planned, outcome))
    };
    let (layout, (planned, outcome)) = visit.report(app, find).await?;
    let here = layout.address("matrix");
    let (words, consequences) = (MatrixWords::of(visit.language), Consequences::of(outcome, visit.language));
    page_with(status, &ConfirmPage { layout, words, here, query, notice, changes, planned, consequences })
}
