//! Sessions, and what callers see and change of themselves.

use super::examples::{environment, menu, user};
use super::{TAG, if_match, if_none_match};
use crate::body::{FieldType, passkey_without, without_passkey};
use crate::openapi::{Operation, Schemas, operation};
use crate::v2::invitations::{Accept, InvitationAnswer};
use crate::v2::recovery::{Confirm, Forgot, NewAddress, ResetFields};
use crate::v2::sessions::{Login, LoginAnswer, PairAnswer, Refresh};
use crate::v2::users::UserFields;
use crate::v2::wire::{MenuAnswer, OwnEnvironmentAnswer, UserAnswer};
use serde_json::{Value, json};

pub(super) fn operations() -> Vec<Operation> {
    let password = "correct horse battery";
    vec![
        operation("post", "/user/login", "login", "Sessions", "Sign in")
            .open()
            .body(login, json!({ "email": "ada@example.com", "password": password }))
            .gives(200, "Signed in.", |schemas| schemas.answer::<LoginAnswer<'_>>(), signed_in())
            .fails(&[401, 403, 429]),
        operation("post", "/token/refresh", "refreshToken", "Sessions", "A new pair of tokens for a refresh token")
            .about("A refresh token is good once; one that comes twice ends its session.")
            .open()
            .body(Refresh::schema, json!({ "refresh": TOKEN }))
            .gives(200, "The new pair.", |schemas| schemas.answer::<PairAnswer>(), pair())
            .fails(&[401, 403]),
        operation("post", "/user/logout", "logout", "Sessions", "End this session").gives_nothing(204, "Signed out."),
        operation("post", "/password/forgot", "forgotPassword", "Sessions", "Have a link mailed for a forgotten password")
            .about("The answer is the same whether or not there is such an account. Names exactly one of the two.")
            .open()
            .body(forgot, json!({ "email": "ada@example.com" }))
            .gives_nothing(204, "If there is such an account, its owner is mailed a link, which is good for an hour.")
            .fails(&[429]),
        operation("post", "/password/reset", "resetPassword", "Sessions", "Choose another password with a mailed link")
            .about("Ends every session of the account; a second factor is asked for as before.")
            .open()
            .body(ResetFields::schema, json!({ "token": TOKEN, "password": password }))
            .gives_nothing(204, "The password is changed: sign in with it.")
            .fails(&[404, 429]),
        operation("get", "/invitation/{token}", "getInvitation", "Sessions", "What a mailed invitation asks for")
            .open()
            .gives(200, "The invitation.", |schemas| schemas.answer::<InvitationAnswer<'_>>(), invitation())
            .fails(&[404]),
        operation("post", "/invitation/accept", "acceptInvitation", "Sessions", "Accept what was mailed")
            .open()
            .body(Accept::schema, json!({ "token": TOKEN, "username": "ada", "password": password }))
            .gives(200, "The user.", |schemas| schemas.answer::<UserAnswer<'_>>(), user())
            .fails(&[403, 404, 409, 429]),
        operation("get", "/user/me", "getMe", "Own user", "The caller")
            .with(if_none_match)
            .gives(200, "The user.", |schemas| schemas.answer::<UserAnswer<'_>>(), user())
            .headers(&[TAG])
            .gives_nothing(304, "It has that tag still.")
            .headers(&[TAG])
            .fails(&[404]),
        operation("patch", "/user/me", "updateMe", "Own user", "Change one's own names, phone, language or password")
            .with(if_match)
            .body(UserFields::schema, json!({ "first_name": "Ada", "phone": "+31 20 123 4567" }))
            .gives(200, "The user, as it is now.", |schemas| schemas.answer::<UserAnswer<'_>>(), user())
            .headers(&[TAG])
            .fails(&[404, 409, 412, 429]),
        operation("post", "/user/me/email", "askForAddress", "Own user", "Ask for another e-mail address")
            .about("In a session, within five minutes after the password was shown. It counts once the link that is mailed there comes back.")
            .body(NewAddress::schema, json!({ "email": "ada@example.net" }))
            .gives_nothing(204, "If nobody else has it, a link is mailed there, which is good for an hour.")
            .fails(&[404, 429]),
        operation("post", "/user/me/email/confirm", "confirmAddress", "Own user", "Confirm an e-mail address")
            .open()
            .body(Confirm::schema, json!({ "token": TOKEN }))
            .gives_nothing(204, "It is the account's address now; the old one is told.")
            .fails(&[404, 409]),
        operation("get", "/user/me/menus", "listMyMenus", "Own user", "The menus to show to the caller")
            .gives(200, "The menus.", |schemas| schemas.list::<MenuAnswer<'_>>(), json!([menu()]))
            .fails(&[404]),
        operation("get", "/user/me/environments", "listMyEnvironments", "Own user", "The caller's environments").gives(
            200,
            "The environments.",
            |schemas| schemas.list::<OwnEnvironmentAnswer<'_>>(),
            own_environments(),
        ),
        operation(
            "post",
            "/user/me/environments/{key}/accept",
            "acceptEnvironment",
            "Own user",
            "Accept to be a user of an environment",
        )
        .gives_nothing(204, "Accepted.")
        .fails(&[404]),
    ]
}

const TOKEN: &str = "6IrqyFhbKjpyJZ_NX6dwLmRNxWk0OVffE8aBfauNKUG";

fn forgot(schemas: &mut Schemas) -> Value {
    schemas.named("Forgot", |schemas| {
        let mut schema = Forgot::object(schemas);
        schema["oneOf"] = json!([{ "required": ["username"] }, { "required": ["email"] }]);
        schema
    })
}

fn invitation() -> Value {
    json!({
        "company": { "key": "maxedy_pizza", "name": "Maxedy Pizza" },
        "email": "ada@example.com",
        "username": "ada@example.com",
        "needs_password": true,
        "password_minimum": 8,
        "expires_at": "2026-02-01T03:04:05.678901Z",
    })
}

/// The body of a login gives exactly one name with its password, or a passkey alone.
fn login(schemas: &mut Schemas) -> Value {
    schemas.named("Login", |schemas| {
        let mut schema = Login::object(schemas);
        let named = |name: &str| without_passkey(&[name, "password"]);
        let alone = passkey_without(&["username", "email", "password", "otp"]);
        schema["oneOf"] = json!([named("username"), named("email"), alone]);
        schema
    })
}

pub(super) fn signed_in() -> Value {
    let user = user();
    let keys = ["id", "username", "first_name", "last_name", "phone", "email", "groups", "permissions"];
    let mut signed_in: Value = keys.iter().map(|key| ((*key).to_owned(), user[*key].clone())).collect();
    signed_in["company_id"] = user["company"].clone();
    signed_in["access"] = TOKEN.into();
    signed_in["refresh"] = TOKEN.into();
    signed_in
}

fn pair() -> Value {
    json!({ "access": TOKEN, "refresh": TOKEN })
}

fn own_environments() -> Value {
    let environment = environment();
    let (id, key, name) = (&environment["id"], &environment["key"], &environment["name"]);
    json!([{ "id": id, "key": key, "name": name, "pending": false }])
}
