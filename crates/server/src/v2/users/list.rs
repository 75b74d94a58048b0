//! `GET /user`: one page of the environment's users, with the addresses of the next and the previous one. Knows nothing of
//! what a cursor holds.

use crate::app::App;
use crate::body::{FieldType, WireError, Within, choice, refused};
use crate::json::Json;
use crate::openapi::Schemas;
use crate::query::{self, query};
use crate::v2::answer;
use crate::v2::auth::Asked;
use crate::v2::error::Error;
use crate::v2::wire::{UserAnswer, each};
use axum::extract::State;
use axum::response::Response;
use directory::actor::Actor;
use directory::email::Email;
use directory::id::GroupId;
use directory::page::{self, Cursor, OrderBy, UserFilter, UserOrder, UserPage};
use directory::store::Tx;
use directory::users::{self, User};
use serde_json::{Value, json};

query! {
    /// The query of `GET /user`.
    pub(in crate::v2) struct ListUsers {
        /// A part of the e-mail, username, names or phone, in any case.
        search: Optional<Search>,
        /// Exactly this address, in any case.
        email: Optional<Email>,
        /// Members of this group, by its id.
        group: Optional<i64>,
        is_active: Optional<bool>,
        ordering: Optional<Ordering>,
        limit: Optional<Within<1, { page::MOST }>>,
        /// As `next` and `previous` have it.
        cursor: Optional<String>,
    }
}

choice! {
    /// By what users are ordered; with `-`, last first.
    pub(in crate::v2) enum Ordering {
        CreatedAt = "created_at",
        CreatedAtLast = "-created_at",
        UpdatedAt = "updated_at",
        UpdatedAtLast = "-updated_at",
        Name = "name",
        NameLast = "-name",
        FirstName = "first_name",
        FirstNameLast = "-first_name",
        LastName = "last_name",
        LastNameLast = "-last_name",
        Email = "email",
        EmailLast = "-email",
    }
}

impl From<Ordering> for UserOrder {
    fn from(ordering: Ordering) -> UserOrder {
        let (by, descending) = match ordering {
            Ordering::CreatedAt => (OrderBy::CreatedAt, false),
            Ordering::CreatedAtLast => (OrderBy::CreatedAt, true),
            Ordering::UpdatedAt => (OrderBy::UpdatedAt, false),
            Ordering::UpdatedAtLast => (OrderBy::UpdatedAt, true),
            Ordering::Name => (OrderBy::Name, false),
            Ordering::NameLast => (OrderBy::Name, true),
            Ordering::FirstName => (OrderBy::FirstName, false),
            Ordering::FirstNameLast => (OrderBy::FirstName, true),
            Ordering::LastName => (OrderBy::LastName, false),
            Ordering::LastNameLast => (OrderBy::LastName, true),
            Ordering::Email => (OrderBy::Email, false),
            Ordering::EmailLast => (OrderBy::Email, true),
        };
        UserOrder { by, descending }
    }
}

/// The longest part of a text to search for: as long as the longest name.
const LONGEST_SEARCH: usize = 200;

/// A part of a text to search for.
pub(in crate::v2) struct Search(String);

impl FieldType for Search {
    const EXPECTED: &'static str = "a string";

    fn read(value: &Json) -> Result<Search, Vec<WireError>> {
        match String::read(value)? {
            text if text.chars().count() > LONGEST_SEARCH => Err(refused("Search for at most 200 characters.")),
            text if text.contains('\0') => Err(refused("No text holds U+0000: leave it out.")),
            text => Ok(Search(text)),
        }
    }

    fn schema(_: &mut Schemas) -> Value {
        json!({ "type": "string", "maxLength": LONGEST_SEARCH, "pattern": r"^[^\u0000]*$" })
    }
}

/// A page's answer.
#[derive(serde::Serialize, utoipa::ToSchema)]
#[schema(as = v2::Users)]
pub(in crate::v2) struct PageAnswer<'a> {
    #[schema(required)]
    next: Option<String>,
    #[schema(required)]
    previous: Option<String>,
    results: Vec<UserAnswer<'a>>,
}

/// A page, with cursors as text.
struct Found {
    users: Vec<User>,
    next: Option<String>,
    previous: Option<String>,
}

/// `GET /user`.
pub(in crate::v2) async fn list(State(app): State<App>, asked: Asked) -> Result<Response, Error> {
    let query = asked.query.unwrap_or_default();
    let ListUsers { search, email, group, is_active, ordering, limit, cursor } = ListUsers::read(Some(&query))?;
    let search = search.map(|Search(text)| text).filter(|text| !text.is_empty());
    let filter = UserFilter { search, email, group: group.map(GroupId), active: is_active };
    let order = ordering.map(UserOrder::from).unwrap_or_default();
    let wanted = UserPage { filter, order, cursor: None, limit: limit.map_or(page::DEFAULT, Within::get) };
    let found =
        app.directory.report(asked.caller, move |tx, actor| find(tx, actor, &wanted, cursor.as_deref())).await?;
    let address = |cursor: Option<String>| cursor.map(|cursor| address(&app, &query, &cursor));
    let (next, previous) = (address(found.next), address(found.previous));
    Ok(answer::ok(&PageAnswer { next, previous, results: each(&found.users) }))
}

/// A cursor is sealed for its environment, which is known once the caller is believed.
fn find(tx: &mut Tx<'_>, actor: &Actor, wanted: &UserPage, cursor: Option<&str>) -> directory::Result<Found> {
    let (keys, here) = (tx.effects().keys.clone(), actor.environment().id);
    let open = |text| Cursor::open(text, &keys, here, &wanted.filter, wanted.order);
    let page = UserPage { cursor: cursor.map(open).transpose()?, ..wanted.clone() };
    let page = users::list(tx, actor, &page)?;
    let seal = |cursor: Cursor| cursor.seal(&keys, here, &wanted.filter, wanted.order);
    Ok(Found { users: page.rows, next: page.next.map(seal), previous: page.previous.map(seal) })
}

/// The same query, from another place.
fn address(app: &App, query: &str, cursor: &str) -> String {
    let mut pairs = form_urlencoded::Serializer::new(String::new());
    if let Ok(Json::Object(given)) = query::parse(query) {
        for (name, value) in &given {
            if let (true, Json::Text(value)) = (name != "cursor", value) {
                pairs.append_pair(name, value);
            }
        }
    }
    pairs.append_pair("cursor", cursor);
    format!("{}/api/v2/user?{}", app.public_url, pairs.finish())
}
