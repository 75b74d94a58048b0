//! Sessions, API tokens and service accounts.

use super::examples::group;
use super::{LOCATION, repeatable};
use crate::body::FieldType;
use crate::openapi::{Operation, Schemas, operation};
use crate::v2::service_accounts::{NewServiceFields, ServiceAnswer, ServiceFields};
use crate::v2::sessions::{EndSessions, ListSessions, Proof, SessionAnswer};
use crate::v2::tokens::{ListTokens, NewTokenFields, TokenAnswer};
use serde_json::{Value, json};

const ID: &str = "0199f1a0-7c3e-7d4b-9a31-5f0c2b6de111";
const TIME: &str = "2026-01-02T03:04:05.678901Z";

pub(super) fn operations() -> Vec<Operation> {
    [sessions(), tokens(), service_accounts()].into_iter().flatten().collect()
}

fn sessions() -> Vec<Operation> {
    vec![
        operation("get", "/session", "listSessions", "Sessions", "Where somebody is signed in")
            .about("One's own sessions, everywhere; with `user`, which takes the permission view_user, those of a user that act in this environment.")
            .with(ListSessions::parameters)
            .gives(200, "The sessions, the one last used first.", |schemas| schemas.list::<SessionAnswer<'_>>(), json!([session()]))
            .fails(&[404]),
        operation("delete", "/session", "endSessions", "Sessions", "End several sessions")
            .about("With `others=true` one's own but this one; with `user`, which takes the permission change_user, all of a user that act in this environment.")
            .with(EndSessions::parameters)
            .gives_nothing(204, "They have ended, everywhere.")
            .fails(&[404]),
        operation("delete", "/session/{id}", "endSession", "Sessions", "End a session")
            .about("One's own, or with the permission change_user one of a user that acts in this environment.")
            .gives_nothing(204, "It has ended, everywhere.")
            .fails(&[404]),
        operation("post", "/session/prove", "proveSession", "Sessions", "Show the password once more")
            .about("For five minutes, one's own e-mail address, tokens and second factors can then be changed in this session.")
            .body(proof, json!({ "current_password": "correct horse battery" }))
            .gives_nothing(204, "It is the present one.")
            .fails(&[404, 409, 429]),
    ]
}

fn proof(schemas: &mut Schemas) -> Value {
    schemas.named("Proof", |schemas| {
        let mut schema = Proof::object(schemas);
        schema["oneOf"] = json!([{ "required": ["current_password"] }, { "required": ["passkey"] }]);
        schema
    })
}

fn tokens() -> Vec<Operation> {
    let list = |schemas: &mut Schemas| schemas.list::<TokenAnswer>();
    let answer = |schemas: &mut Schemas| schemas.answer::<TokenAnswer>();
    let body = json!({ "name": "night sync", "permissions": ["view_user"] });
    vec![
        operation("get", "/token", "listTokens", "API tokens", "API tokens of this environment")
            .about("One's own; with `all=true`, which takes the permission manage_token, everybody's.")
            .with(ListTokens::parameters)
            .gives(200, "The tokens, without their secrets.", list, json!([token(false)])),
        operation("post", "/token", "createToken", "API tokens", "Make an API token for oneself")
            .about("It can do no more than its maker, now and later. In a session this takes the password within five minutes.")
            .body(NewTokenFields::schema, body.clone())
            .gives(201, "The token, with its secret, which is shown this once.", answer, token(true))
            .leads_to(&[("revokeToken", &[("id", "$response.body#/id")])])
            .fails(&[404, 409]),
        operation("delete", "/token/{id}", "revokeToken", "API tokens", "End an API token")
            .about("One's own, or with the permission manage_token one of a user with no more power.")
            .gives_nothing(204, "It is good for nothing any more.")
            .fails(&[404]),
        operation("get", "/service-account/{id}/token", "listServiceTokens", "API tokens", "A service account's API tokens")
            .about("Takes the permission manage_token.")
            .gives(200, "The tokens, without their secrets.", list, json!([token(false)]))
            .fails(&[404]),
        operation("post", "/service-account/{id}/token", "createServiceToken", "API tokens", "Make an API token for a service account")
            .about("Takes the permission manage_token, and all that the service account may do.")
            .body(NewTokenFields::schema, body)
            .gives(201, "The token, with its secret, which is shown this once.", answer, token(true))
            .leads_to(&[("revokeToken", &[("id", "$response.body#/id")])])
            .fails(&[404, 409]),
    ]
}

fn service_accounts() -> Vec<Operation> {
    let answer = |schemas: &mut Schemas| schemas.answer::<ServiceAnswer<'_>>();
    let next = &[
        ("getServiceAccount", &[("id", "$response.body#/id")] as &[_]),
        ("updateServiceAccount", &[("id", "$response.body#/id")]),
        ("deleteServiceAccount", &[("id", "$response.body#/id")]),
        ("createServiceToken", &[("id", "$response.body#/id")]),
    ];
    vec![
        operation("get", "/service-account", "listServiceAccounts", "Service accounts", "All service accounts of the environment")
            .about("Takes the permission manage_token.")
            .gives(200, "The service accounts, oldest first.", |schemas| schemas.list::<ServiceAnswer<'_>>(), json!([service()])),
        operation("post", "/service-account", "createServiceAccount", "Service accounts", "Make a service account")
            .about("A user that is a program: it has groups and API tokens, and nothing to sign in with. Takes the permission manage_token, and all that its groups confer.")
            .with(repeatable)
            .body(NewServiceFields::schema, json!({ "name": "night sync", "groups": [2] }))
            .gives(201, "The new service account.", answer, service())
            .headers(&[LOCATION])
            .leads_to(next)
            .fails(&[409, 422]),
        operation("get", "/service-account/{id}", "getServiceAccount", "Service accounts", "A service account")
            .about("Takes the permission manage_token.")
            .gives(200, "The service account.", answer, service())
            .fails(&[404]),
        operation("patch", "/service-account/{id}", "updateServiceAccount", "Service accounts", "Change a service account")
            .about("Takes the permission manage_token, and all that it may do before and after.")
            .body(ServiceFields::schema, json!({ "is_active": false }))
            .gives(200, "The service account, as it is now.", answer, service())
            .fails(&[404]),
        operation("delete", "/service-account/{id}", "deleteServiceAccount", "Service accounts", "Remove a service account, with its tokens")
            .about("Takes the permission manage_token, and all that it may do.")
            .gives_nothing(204, "It is gone.")
            .fails(&[404]),
    ]
}

fn session() -> Value {
    json!({
        "id": ID, "device": "Mozilla/5.0 (X11; Linux x86_64) Firefox/147.0", "address": "192.0.2.7",
        "created_at": TIME, "seen_at": TIME, "expires_at": "2026-02-01T03:04:05.678901Z", "current": true,
    })
}

fn token(new: bool) -> Value {
    let mut token = json!({
        "id": ID, "user": ID, "name": "night sync", "permissions": ["view_user"], "administrator": false,
        "created_at": TIME, "expires_at": "2027-01-02T03:04:05.678901Z", "used_at": "",
    });
    if new {
        token["token"] = "rb_6IrqyFhbKjpyJZ_NX6dwLmRNxWk0OVffE8aBfauNKUG".into();
    }
    token
}

fn service() -> Value {
    let group = group();
    let held = json!({ "id": group["id"], "name": group["name"], "permissions": group["permissions"] });
    json!({
        "id": ID, "name": "night sync", "groups": [held], "is_active": true, "permissions": ["view_user"],
        "created_at": TIME, "updated_at": TIME,
    })
}
