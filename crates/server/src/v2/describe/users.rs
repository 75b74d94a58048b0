//! Users.

use super::examples::{user, user_body};
use super::{LOCATION, TAG, if_match, if_none_match, repeatable};
use crate::body::FieldType;
use crate::openapi::{Operation, Schemas, operation};
use crate::v2::auth::AsOf;
use crate::v2::users::{ListUsers, PageAnswer, UserFields, new_schema, whole_schema};
use crate::v2::wire::UserAnswer;
use serde_json::{Value, json};

/// What can be done with a user who was answered.
const NEXT: &[(&str, &[(&str, &str)])] = &[
    ("getUser", &[("id", "$response.body#/id")]),
    ("updateUser", &[("id", "$response.body#/id")]),
    ("replaceUser", &[("id", "$response.body#/id")]),
    ("deleteUser", &[("id", "$response.body#/id")]),
];

pub(super) fn operations() -> Vec<Operation> {
    let page = json!({ "next": null, "previous": null, "results": [user()] });
    vec![
        operation("get", "/user", "listUsers", "Users", "A page of the environment's users")
            .about("Takes the permission view_user.")
            .with(ListUsers::parameters)
            .gives(200, "A page; next and previous are addresses.", |schemas| schemas.answer::<PageAnswer<'_>>(), page),
        operation("post", "/user", "createUser", "Users", "Create a user")
            .about("Takes the permission add_user.")
            .with(repeatable)
            .body(new_schema, user_body())
            .gives(201, "The new user.", answer, user())
            .headers(&[TAG, LOCATION])
            .leads_to(NEXT)
            .fails(&[409, 422, 429]),
        operation("get", "/user/{id}", "getUser", "Users", "A user, as it is or was")
            .about("About others it takes the permission view_user; as of a time that is over, view_audit too.")
            .with(if_none_match)
            .with(AsOf::parameters)
            .gives(200, "The user.", answer, user())
            .headers(&[TAG])
            .gives_nothing(304, "It has that tag still.")
            .headers(&[TAG])
            .fails(&[404]),
        operation("patch", "/user/{id}", "updateUser", "Users", "Change a user")
            .about("Takes the permission change_user. What is left out stays as it is.")
            .with(if_match)
            .body(UserFields::schema, json!({ "first_name": "Ada" }))
            .gives(200, "The user, as it is now.", answer, user())
            .headers(&[TAG])
            .fails(&[404, 409, 412, 429]),
        operation("put", "/user/{id}", "replaceUser", "Users", "Replace a user")
            .about("Takes the permission change_user. What is left out returns to its default; credentials stay.")
            .with(if_match)
            .body(whole_schema, json!({ "email": "ada@example.com", "first_name": "Ada" }))
            .gives(200, "The user, as it is now.", answer, user())
            .headers(&[TAG])
            .fails(&[404, 409, 412, 429]),
        operation("post", "/user/{id}/invite", "inviteUser", "Users", "Invite a user once more")
            .about("Takes the permission add_user. The link that was mailed before is void.")
            .gives_nothing(204, "The user is mailed another link.")
            .fails(&[404, 409, 429]),
        operation("delete", "/user/{id}", "deleteUser", "Users", "Take a user out of this environment")
            .about("Takes the permission delete_user. The account stays while it belongs anywhere.")
            .with(if_match)
            .gives_nothing(204, "The user is gone from here.")
            .fails(&[404, 409, 412]),
    ]
}

fn answer(schemas: &mut Schemas) -> Value {
    schemas.answer::<UserAnswer<'_>>()
}
