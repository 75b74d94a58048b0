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
use directory::clock::Time;
use directory::email::Email;
use directory::id::GroupId;
use directory::page::{self, Cursor, OrderBy, UserFilter, UserOrder, UserPage};
use directory::store::Tx;
use directory::text::{Codename, ExternalId};
use directory::users::{self, User};
use serde_json::{Value, json};

query! {
    /// The query of `GET /user`.
    pub(in crate::v2) struct ListUsers {
        /// A part of the e-mail, username, names or phone, in any case.
        search: Optional<Search>,
        /// Exactly this address, in any case.
        email: Optional<Email>,
        /// What an outside system knows the user by, exactly.
        external_id: Optional<ExternalId>,
        /// Members of this group, by its id.
        group: Optional<i64>,
        /// Also those who are in it through a group that it contains.
        nested: Optional<bool>,
        /// Those who hold this permission: through a group, or as administrators, who hold all.
        permission: Optional<Codename>,
        is_active: Optional<bool>,
        /// Those who have yet to accept.
        pending: Optional<bool>,
        administrator: Optional<bool>,
        /// Here since a later moment.
        created_after: Optional<Time>,
        /// Here since an earlier moment.
        created_before: Optional<Time>,
        /// Those who signed in here, or refreshed a session, later.
        seen_after: Optional<Time>,
        /// Those who last did so earlier, or never.
        seen_before: Optional<Time>,
        ordering: Optional<Ordering>,
        limit: Optional<Within<1, { page::MOST }>>,
        /// As `next` and `previous` have it.
        cursor: Optional<String>,
        /// Whether to count the whole list, as `count` of the answer: `exact` takes the longer the more there are; `bounded` counts to 10,000 and then says `10000+`.
        count: Optional<Counting>,
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

choice! {
    /// How far a list is counted.
    pub(in crate::v2) enum Counting {
        Exact = "exact",
        Bounded = "bounded",
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
    /// If it was asked for: how many users the list has; `10000+` when it was counted no further.
    #[serde(skip_serializing_if = "Option::is_none")]
    count: Option<Count>,
    results: Vec<UserAnswer<'a>>,
}

/// A number, or a text for more than was counted.
#[derive(serde::Serialize, utoipa::ToSchema)]
#[serde(untagged)]
#[schema(as = v2::Count)]
pub(in crate::v2) enum Count {
    Exactly(i64),
    AtLeast(String),
}

impl Count {
    fn of(count: i64, how: &Counting) -> Count {
        match how {
            Counting::Bounded if count > page::COUNTED => Count::AtLeast(format!("{}+", page::COUNTED)),
            Counting::Bounded | Counting::Exact => Count::Exactly(count),
        }
    }
}

/// A page, with cursors as text.
struct Found {
    users: Vec<User>,
    next: Option<String>,
    previous: Option<String>,
    count: Option<Count>,
}

/// `GET /user`.
pub(in crate::v2) async fn list(State(app): State<App>, asked: Asked) -> Result<Response, Error> {
    let query = asked.query.unwrap_or_default();
    let asked_for = ListUsers::read(Some(&query))?;
    let filter = UserFilter {
        search: asked_for.search.map(|Search(text)| text).filter(|text| !text.is_empty()),
        email: asked_for.email,
        external_id: asked_for.external_id,
        groups: asked_for.group.map(GroupId).into_iter().collect(),
        nested: asked_for.nested.unwrap_or(false),
        permission: asked_for.permission,
        active: asked_for.is_active,
        pending: asked_for.pending,
        administrator: asked_for.administrator,
        created_after: asked_for.created_after,
        created_before: asked_for.created_before,
        seen_after: asked_for.seen_after,
        seen_before: asked_for.seen_before,
    };
    let ListUsers { ordering, limit, cursor, count: counting, .. } = asked_for;
    let order = ordering.map(UserOrder::from).unwrap_or_default();
    let wanted = UserPage { filter, order, cursor: None, limit: limit.map_or(page::DEFAULT, Within::get) };
    let found = app
        .directory
        .report(asked.caller, move |tx, actor| find(tx, actor, &wanted, cursor.as_deref(), counting.as_ref()))
        .await?;
    let here = format!("{}/api/v2/user", app.public_url);
    let address = |cursor: Option<String>| cursor.map(|cursor| query::from(&query, &here, &cursor));
    let (next, previous) = (address(found.next), address(found.previous));
    Ok(answer::ok(&PageAnswer { next, previous, count: found.count, results: each(&found.users) }))
}

/// A cursor is sealed for its environment, which is known once the caller is believed.
fn find(
    tx: &mut Tx<'_>,
    actor: &Actor,
    wanted: &UserPage,
    cursor: Option<&str>,
    counting: Option<&Counting>,
) -> directory::Result<Found> {
    let (keys, here) = (tx.effects().keys.clone(), actor.environment().id);
    let of = (&wanted.filter, wanted.order);
    let open = |text| Cursor::open(text, &keys, here, &of);
    let page = UserPage { cursor: cursor.map(open).transpose()?, ..wanted.clone() };
    let page = users::list(tx, actor, &page)?;
    let count = match counting {
        Some(how) => {
            let exactly = matches!(how, Counting::Exact);
            Some(Count::of(users::count(tx, actor, &wanted.filter, exactly)?, how))
        }
        None => None,
    };
    let seal = |cursor: Cursor| cursor.seal(&keys, here, &of);
    Ok(Found { users: page.rows, next: page.next.map(seal), previous: page.previous.map(seal), count })
}
