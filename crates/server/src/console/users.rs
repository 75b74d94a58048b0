//! `/console/environments/<key>/users`: the users of an environment, searched as one types. The model of a list: the query is
//! read strictly, the directory finds one page, the template draws it with the ways to the next and the previous.

use super::error::Error;
use super::language::Language;
use super::layout::{Layout, page};
use super::session::Visit;
use super::words::UsersWords;
use crate::app::App;
use crate::body::choice;
use crate::query::{self, query};
use askama::Template;
use axum::extract::{RawQuery, State};
use axum::response::Response;
use directory::actor::Actor;
use directory::page::{Cursor, OrderBy, UserFilter, UserOrder, UserPage};
use directory::store::Tx;
use directory::users::{self, User};

/// Rows of a page: what one looks through at a glance, and far below 100 KB.
const ROWS: i64 = 50;
/// Groups shown of each user.
const GROUPS: usize = 3;

query! {
    /// The query of the list.
    struct ListUsers {
        search: Optional<String>,
        status: Optional<Status>,
        order: Optional<Order>,
        cursor: Optional<String>,
    }
}

choice! {
    /// Which users.
    enum Status {
        All = "all",
        Active = "active",
        Inactive = "inactive",
        Pending = "pending",
    }
}

choice! {
    /// In which order; with `-`, last first.
    enum Order {
        Name = "name",
        NameLast = "-name",
        Email = "email",
        EmailLast = "-email",
        Since = "since",
        SinceLast = "-since",
    }
}

#[derive(Template)]
#[template(path = "console/users.html")]
struct ListPage {
    layout: Layout,
    words: &'static UsersWords,
    /// Where the list stands.
    here: String,
    search: String,
    status: &'static str,
    statuses: [(&'static str, &'static str); 4],
    columns: Vec<Column>,
    rows: Vec<Row>,
    previous: Option<String>,
    next: Option<String>,
}

/// The head of a column by which the list can be ordered.
struct Column {
    title: &'static str,
    /// As `aria-sort` has it.
    sorted: &'static str,
    /// The same list, ordered by it, or the other way round.
    address: String,
}

/// A user as the list shows it.
struct Row {
    name: String,
    login: String,
    administrator: bool,
    /// The first few.
    groups: Vec<String>,
    /// How many there are besides.
    more: usize,
    since: String,
    /// The same for machines.
    since_machine: String,
    state: &'static str,
    state_text: &'static str,
}

impl Row {
    fn of(user: &User, words: &UsersWords, language: Language) -> Row {
        let membership = &user.membership;
        let state = match (membership.active, membership.pending) {
            (false, _) => Status::Inactive,
            (true, true) => Status::Pending,
            (true, false) => Status::Active,
        };
        let named = [membership.first_name.as_str(), membership.last_name.as_str()].join(" ");
        let names = [membership.name.as_str(), named.trim(), words.nameless];
        Row {
            name: names.into_iter().find(|name| !name.is_empty()).unwrap_or_default().to_owned(),
            login: user.account.login(),
            administrator: membership.administrator,
            groups: user.groups.iter().take(GROUPS).map(|within| within.group.name.as_str().to_owned()).collect(),
            more: user.groups.len().saturating_sub(GROUPS),
            since: language.day(membership.created_at),
            since_machine: jiff::Timestamp::from(membership.created_at).strftime("%Y-%m-%d").to_string(),
            state: state.word(),
            state_text: state.text(words),
        }
    }
}

impl Status {
    const ALL: [Status; 4] = [Status::All, Status::Active, Status::Inactive, Status::Pending];

    fn text(self, words: &UsersWords) -> &'static str {
        match self {
            Status::All => words.all,
            Status::Active => words.active,
            Status::Inactive => words.inactive,
            Status::Pending => words.pending,
        }
    }
}

/// `GET /console/environments/<key>/users`.
pub(super) async fn list(State(app): State<App>, visit: Visit, RawQuery(query): RawQuery) -> Result<Response, Error> {
    let query = query.unwrap_or_default();
    let asked = ListUsers::read(Some(&query)).map_err(|_| Error::Unreadable)?;
    let (status, order) = (asked.status.unwrap_or(Status::All), asked.order.unwrap_or(Order::Name));
    let search = asked.search.map(|text| text.trim().chars().take(200).collect::<String>()).unwrap_or_default();
    let wanted = UserPage { filter: filter(&search, status), order: order.into(), cursor: None, limit: ROWS };
    let cursor = asked.cursor;
    let (layout, found) = visit.report(&app, move |tx, actor| find(tx, actor, &wanted, cursor.as_deref())).await?;
    let words = UsersWords::of(visit.language);
    let here = layout.address("users");
    let at = |cursor: Option<String>| cursor.map(|cursor| query::from(&query, &here, &cursor));
    page(&ListPage {
        columns: columns(words, &here, &search, status, order),
        previous: at(found.previous),
        next: at(found.next),
        rows: found.users.iter().map(|user| Row::of(user, words, visit.language)).collect(),
        status: status.word(),
        statuses: Status::ALL.map(|status| (status.word(), status.text(words))),
        layout,
        words,
        here,
        search,
    })
}

/// A page, with cursors as text.
struct Found {
    users: Vec<User>,
    next: Option<String>,
    previous: Option<String>,
}

/// A cursor is sealed for its environment, which is known once the caller is believed.
fn find(tx: &mut Tx<'_>, actor: &Actor, wanted: &UserPage, cursor: Option<&str>) -> directory::Result<Found> {
    let (keys, here) = (tx.effects().keys.clone(), actor.environment().id);
    let of = (&wanted.filter, wanted.order);
    let open = |text| Cursor::open(text, &keys, here, &of);
    let page = UserPage { cursor: cursor.map(open).transpose()?, ..wanted.clone() };
    let page = users::list(tx, actor, &page)?;
    let seal = |cursor: Cursor| cursor.seal(&keys, here, &of);
    Ok(Found { users: page.rows, next: page.next.map(seal), previous: page.previous.map(seal) })
}

fn filter(search: &str, status: Status) -> UserFilter {
    let search = (!search.is_empty()).then(|| search.to_owned());
    let filter = UserFilter { search, ..UserFilter::default() };
    match status {
        Status::All => filter,
        Status::Active => UserFilter { active: Some(true), pending: Some(false), ..filter },
        Status::Inactive => UserFilter { active: Some(false), ..filter },
        Status::Pending => UserFilter { pending: Some(true), ..filter },
    }
}

impl From<Order> for UserOrder {
    fn from(order: Order) -> UserOrder {
        let (by, descending) = match order {
            Order::Name => (OrderBy::Name, false),
            Order::NameLast => (OrderBy::Name, true),
            Order::Email => (OrderBy::Email, false),
            Order::EmailLast => (OrderBy::Email, true),
            Order::Since => (OrderBy::CreatedAt, false),
            Order::SinceLast => (OrderBy::CreatedAt, true),
        };
        UserOrder { by, descending }
    }
}

fn columns(words: &UsersWords, here: &str, search: &str, status: Status, order: Order) -> Vec<Column> {
    let all = [(words.name, "name"), (words.email, "email"), (words.since, "since")];
    let column = |(title, by): (&'static str, &str)| {
        let (sorted, other) = match order.word() {
            present if present == by => ("ascending", format!("-{by}")),
            present if present.strip_prefix('-') == Some(by) => ("descending", by.to_owned()),
            _ => ("none", by.to_owned()),
        };
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.append_pair("search", search).append_pair("status", status.word()).append_pair("order", &other);
        Column { title, sorted, address: format!("{here}?{}", query.finish()) }
    };
    all.map(column).into()
}
