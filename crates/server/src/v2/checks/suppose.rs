//! `POST /whatif`: what would change, without changing it.

use crate::app::App;
use crate::body::{FieldType, IdText, WireError, body, refused};
use crate::json::Json;
use crate::openapi::Schemas;
use crate::v2::answer;
use crate::v2::auth::{Sent, user_id};
use crate::v2::error::Error;
use crate::v2::wire::{Listed, Ref, codenames};
use axum::extract::State;
use axum::response::Response;
use directory::groups::GroupRef;
use directory::id::GroupId;
use directory::whatif::{self, Difference, Outcome, SupposedGroup, SupposedUser, Suppositions};
use serde_json::{Value, json};

body! {
    /// What is supposed.
    pub(in crate::v2) struct SuppositionFields {
        groups: Optional<Supposed<SupposedGroupFields>>,
        users: Optional<Supposed<SupposedUserFields>>,
    }
}

body! {
    /// What would be of a group. What is left out stays as it is.
    pub(in crate::v2) struct SupposedGroupFields {
        id: Required<IdText>,
        permissions: Optional<Listed<String>>,
        /// Groups whose members would be members of this one too.
        contains: Optional<Listed<Ref>>,
        /// It would be gone.
        deleted: Optional<bool>,
    }
}

body! {
    /// What would be of a user. What is left out stays as it is.
    pub(in crate::v2) struct SupposedUserFields {
        id: Required<String>,
        groups: Optional<Listed<Ref>>,
        is_active: Optional<bool>,
        administrator: Optional<bool>,
    }
}

/// As many as one call may suppose.
pub(in crate::v2) struct Supposed<T>(Vec<T>);

impl<T: FieldType> FieldType for Supposed<T> {
    const EXPECTED: &'static str = Vec::<T>::EXPECTED;

    fn read(value: &Json) -> Result<Self, Vec<WireError>> {
        match value {
            Json::List(values) if values.len() > whatif::MOST => Err(refused("Suppose at most 1,000 changed.")),
            value => Vec::read(value).map(Supposed),
        }
    }

    fn schema(schemas: &mut Schemas) -> Value {
        json!({ "type": "array", "items": T::schema(schemas), "maxItems": whatif::MOST })
    }
}

impl From<SuppositionFields> for Suppositions {
    fn from(fields: SuppositionFields) -> Suppositions {
        let group = |fields: SupposedGroupFields| SupposedGroup {
            group: GroupRef::Id(fields.id.number.map(GroupId), fields.id.text),
            deleted: fields.deleted.unwrap_or(false),
            permissions: fields.permissions.map(|listed| listed.0),
            contains: fields.contains.map(Into::into),
        };
        let user = |fields: SupposedUserFields| SupposedUser {
            user: (user_id(&fields.id), fields.id),
            groups: fields.groups.map(Into::into),
            active: fields.is_active,
            administrator: fields.administrator,
        };
        Suppositions {
            groups: fields.groups.map_or_else(Vec::new, |groups| groups.0.into_iter().map(group).collect()),
            users: fields.users.map_or_else(Vec::new, |users| users.0.into_iter().map(user).collect()),
        }
    }
}

/// What would come of it.
#[derive(serde::Serialize, utoipa::ToSchema)]
#[schema(as = v2::Outcome)]
pub(in crate::v2) struct OutcomeAnswer<'a> {
    /// Whoever would gain or lose something.
    users: Vec<DifferenceAnswer<'a>>,
    /// That is all of them: else so many are concerned that only the first were looked at.
    complete: bool,
}

/// What a user would gain and lose.
#[derive(serde::Serialize, utoipa::ToSchema)]
#[schema(as = v2::Difference)]
struct DifferenceAnswer<'a> {
    id: String,
    name: &'a str,
    gains: Vec<&'a str>,
    loses: Vec<&'a str>,
}

impl<'a> From<&'a Outcome> for OutcomeAnswer<'a> {
    fn from(outcome: &'a Outcome) -> OutcomeAnswer<'a> {
        let difference = |Difference { user, name, gains, loses }: &'a Difference| DifferenceAnswer {
            id: user.to_string(),
            name: name.as_str(),
            gains: codenames(gains),
            loses: codenames(loses),
        };
        OutcomeAnswer { users: outcome.users.iter().map(difference).collect(), complete: outcome.complete }
    }
}

/// `POST /whatif`.
pub(in crate::v2) async fn suppose(State(app): State<App>, sent: Sent) -> Result<Response, Error> {
    let what = Suppositions::from(SuppositionFields::read(&sent.body)?);
    let outcome = app.directory.report(sent.caller, move |tx, actor| whatif::suppose(tx, actor, &what)).await?;
    Ok(answer::ok(&OutcomeAnswer::from(&outcome)))
}
