//! What the description of the APIs says of this one: its operations in a table, and what they share.

use super::environment::Here;
use super::error::Body;
use super::me;
use super::sessions::{Ceremony, Goodbye, LoggedIn, Login};
use super::users::{ListUsers, Place, UserBody, Users};
use super::wire::{Group, Menu, User};
use crate::body::{FieldType, passkey_without, without_passkey};
use crate::openapi::{Dialect, Operation, Schemas, header, header_parameter, operation, reason};
use serde_json::{Value, json};
use utoipa::ToSchema;

pub(crate) const DIALECT: Dialect =
    Dialect { name: "v1", base: "/api/v1", security, parameters: Vec::new, refusal, operations };

fn security() -> Value {
    json!([{ "userId": [], "authToken": [] }])
}

fn operations() -> Vec<Operation> {
    const THE_USER: &str = "The user, as it is now.";
    vec![
        operation("post", "/login", "v1Login", "Sessions", "Sign in")
            .open()
            .body_as(
                &["application/json", "application/x-www-form-urlencoded"],
                login,
                json!({ "email": "ada@example.com", "password": "correct horse battery" }),
            )
            .with(|_| vec![header_parameter("X-2fa-code", json!({ "type": "string" }), "A second factor's code.")])
            .gives(200, "Signed in.", success::<LoggedIn>, signed_in())
            .fails(&[401, 403, 429]),
        operation("post", "/login/passkey", "v1AskForPasskey", "Sessions", "Ask a browser for a passkey to sign in with")
            .open()
            .about("What the browser answers signs in: send it to /login as passkey, with the challenge.")
            .gives(200, "What to ask.", success::<Ceremony>, ceremony())
            .fails(&[409]),
        operation("post", "/logout", "v1Logout", "Sessions", "End the session of this token")
            .gives(200, "Signed out.", success::<Goodbye>, goodbye()),
        operation("get", "/users", "v1ListUsers", "Users", "A page of the environment's users")
            .with(ListUsers::parameters)
            .gives(200, "A page.", |schemas| schemas.answer::<Users>(), json!({ "users": [user()], "nextCursor": null })),
        operation("post", "/users", "v1UpsertUser", "Users", "Create or modify a user of an environment")
            .about(
                "For administrators of the environment. The user is found by globalEmailAddress; who is not here yet needs \
                 name, administrator, active, language and locale too. The environment is named in the query, in the body, \
                 or in both.",
            )
            .with(Place::parameters)
            .body(upsert, change())
            .gives(200, THE_USER, |schemas| schemas.answer::<User>(), user())
            .leads_to(NEXT)
            .gives(201, "The user, who is new here.", |schemas| schemas.answer::<User>(), user())
            .leads_to(NEXT)
            .fails(&[409, 429]),
        operation("get", "/users/{id}", "v1GetUser", "Users", "A user")
            .with(Here::parameters)
            .gives(200, "The user.", |schemas| schemas.answer::<User>(), user())
            .fails(&[404]),
        operation("get", "/menus", "v1ListMenus", "Menus", "All menus of the environment")
            .with(Here::parameters)
            .gives(200, "The menus.", |schemas| schemas.list::<Menu>(), json!([menu()])),
        operation("get", "/groups", "v1ListGroups", "Groups", "All groups of the environment")
            .with(Here::parameters)
            .gives(200, "The groups.", |schemas| schemas.list::<Group>(), json!([group()])),
        operation("get", "/me", "v1GetMe", "Own user", "The caller, with the menus to show")
            .with(Here::parameters)
            .gives(200, "The caller.", me::schema, own())
            .fails(&[404]),
    ]
}

/// What a user who was answered can be asked for next.
const NEXT: &[(&str, &[(&str, &str)])] =
    &[("v1GetUser", &[("id", "$response.body#/_id"), ("environmentId", "$response.body#/environmentUuid")])];

/// The body of a login gives exactly one name with its password, or a passkey alone.
fn login(schemas: &mut Schemas) -> Value {
    schemas.named("Login", |schemas| {
        let mut schema = Login::object(schemas);
        let named = |name: &str| without_passkey(&[name, "password"]);
        let alone = passkey_without(&["user", "username", "email", "password", "code"]);
        schema["oneOf"] = json!([named("user"), named("username"), named("email"), alone]);
        schema
    })
}

/// The body of an upsert, whose environment is read before everything else.
fn upsert(schemas: &mut Schemas) -> Value {
    schemas.named("UserBody", |schemas| {
        let mut schema = UserBody::object(schemas);
        let mut environment = String::schema(schemas);
        environment["description"] =
            "The environment's key or UUID; the same as in the query, if both are there.".into();
        schema["properties"]["_environmentId"] = environment;
        schema
    })
}

fn success<T: ToSchema>(schemas: &mut Schemas) -> Value {
    let data = schemas.answer::<T>();
    json!({
        "type": "object",
        "properties": { "status": { "type": "string", "enum": ["success"] }, "data": data },
        "required": ["status", "data"],
        "additionalProperties": false,
    })
}

fn refusal(schemas: &mut Schemas, status: u16) -> Value {
    let (code, message) = match status {
        400 => ("validation_error", "locale: This field is required."),
        401 => ("unauthorized", "You are not signed in: send X-Auth-Token and X-User-Id as the login gave them."),
        403 => ("forbidden", "Only administrators of this environment may do this."),
        404 => ("not_found", "There is no such user."),
        409 => ("conflict", "There must be an administrator left."),
        413 => ("payload_too_large", "A body may have at most 1 MiB."),
        415 => ("unsupported_media_type", "Send the body as application/json, and say so in Content-Type."),
        429 => ("too_many_requests", "Too many attempts failed."),
        500 => ("internal_error", "Something went wrong here: it is logged under this answer's X-Request-Id."),
        _ => ("unavailable", "This cannot be served at present, and nothing was changed: try again."),
    };
    let mut example = json!({ "status": "error", "error": code, "message": message });
    if status == 400 {
        example["errors"] = json!([{ "field": "locale", "message": "This field is required." }]);
    }
    let schema = schemas.answer::<Body<'_>>();
    let mut refusal = json!({
        "description": reason(status),
        "content": { "application/json": { "schema": schema, "example": example } },
    });
    if matches!(status, 429 | 503) {
        refusal["headers"] = json!({ "Retry-After": header("Seconds to wait.") });
    }
    refusal
}

fn change() -> Value {
    json!({
        "globalEmailAddress": "guest@maxedy.com",
        "name": "Guest",
        "administrator": false,
        "active": true,
        "locale": "en",
        "language": "en",
    })
}

fn user() -> Value {
    json!({
        "_id": "0199f1a0-7c3e-7d4b-9a31-5f0c2b6de111",
        "globalEmailAddress": "guest@maxedy.com",
        "_environmentId": "maxedy_pizza",
        "environmentUuid": "0199f1a0-7c00-7b1e-8c11-2f6f5a8de222",
        "username": "guest@maxedy.com",
        "name": "Guest",
        "administrator": false,
        "active": true,
        "pending": false,
        "language": "en",
        "locale": "en",
        "menus": [{ "_id": "1", "name": "maxedyPizzaMenu" }],
        "memberGroups": [{ "_id": "1", "name": "allusers" }, { "_id": "2", "name": "guest" }],
        "createdAt": "2026-01-02T03:04:05.678901Z",
        "updatedAt": "2026-01-02T03:04:05.678901Z",
    })
}

fn own() -> Value {
    let mut own = user();
    own["menusToShow"] = json!([menu()]);
    own
}

fn menu() -> Value {
    let item =
        json!({ "name": "orders", "label": "Orders", "href": "/orders", "icon": "", "permission": "", "items": [] });
    json!({ "_id": "1", "name": "maxedyPizzaMenu", "label": "", "items": [item] })
}

fn group() -> Value {
    json!({ "_id": "2", "name": "guest", "label": "", "permissions": [], "menus": ["1"] })
}

fn signed_in() -> Value {
    let (user, token) = (user()["_id"].clone(), "6IrqyFhbKjpyJZ_NX6dwLmRNxWk0OVffE8aBfauNKUG");
    json!({ "status": "success", "data": { "userId": user, "authToken": token } })
}

fn ceremony() -> Value {
    let challenge = "Zm9vYmFyYmF6Zm9vYmFyYmF6Zm9vYmFy";
    let asked = json!({ "challenge": challenge, "rpId": "id.example.com", "userVerification": "required" });
    json!({ "status": "success", "data": { "challenge": challenge, "publicKey": asked } })
}

fn goodbye() -> Value {
    json!({ "status": "success", "data": { "message": "You've been logged out!" } })
}
