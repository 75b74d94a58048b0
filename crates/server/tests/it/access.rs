//! Who may call which route: every route that the source declares has a row here, and every row is tried by five personas
//! on both engines. Knows nothing of what the answers say.

use axum::body::Body;
use axum::http::Request;
use axum::response::Response;
use directory::actor::Actor;
use directory::events::EventTypes;
use directory::groups::GroupChanges;
use directory::menus::MenuChanges;
use directory::service_accounts::{self, NewService};
use directory::sessions;
use directory::store::Tx;
use directory::tokens::{self, Ceiling, NewToken};
use directory::users::UserChanges as Fields;
use directory::webhooks::{self, NewWebhook, WebhookUrl};
use rolebook::app::{self, App};
use serde_json::Value;
use std::collections::BTreeSet;
use test_support::{Person, Tenant, World, on_every_engine};
use tower::ServiceExt;

/// What each persona hears: nobody; a member of `pizza` without permissions; an administrator of it; the administrator of
/// another environment, who names `pizza`; an operator, who is no user there.
type Heard = [u16; 5];

const OPEN: Heard = [200, 200, 200, 200, 200];
const ADMINISTRATION: Heard = [401, 403, 200, 403, 200];
const CREATION: Heard = [401, 403, 201, 403, 201];
const DELETION: Heard = [401, 403, 204, 403, 204];
const SYSTEM: Heard = [401, 403, 403, 403, 200];
/// One's own things in the environment: an operator has none there.
const OWN: Heard = [401, 200, 200, 403, 404];

/// Method, path, what it sends, and what each persona hears. `{…}` stand for things that are made for each call.
const CASES: &[(&str, &str, &str, Heard)] = &[
    ("GET", "/openapi.json", "", OPEN),
    ("GET", "/docs", "", OPEN),
    ("GET", "/docs/style.css", "", OPEN),
    ("GET", "/healthz", "", OPEN),
    ("GET", "/readyz", "", OPEN),
    ("POST", "/api/v1/login", r#"{"user": "{email}", "password": "{password}"}"#, OPEN),
    ("POST", "/api/v1/login/passkey", "", OPEN),
    ("POST", "/api/v1/logout", "", [401, 200, 200, 200, 200]),
    ("GET", "/api/v1/users", "", ADMINISTRATION),
    ("POST", "/api/v1/users", V1_USER, CREATION),
    ("GET", "/api/v1/users/{id}", "", ADMINISTRATION),
    ("GET", "/api/v1/menus", "", ADMINISTRATION),
    ("GET", "/api/v1/groups", "", ADMINISTRATION),
    ("GET", "/api/v1/me", "", OWN),
    ("POST", "/api/v2/user/login", r#"{"email": "{email}", "password": "{password}"}"#, OPEN),
    // With a bearer it asks for the passkeys of who shows it: these have none.
    ("POST", "/api/v2/user/login/passkey", "{}", [200, 401, 401, 403, 401]),
    ("POST", "/api/v2/user/logout", "", [401, 204, 204, 204, 204]),
    ("POST", "/api/v2/token/refresh", r#"{"refresh": "{refresh}"}"#, OPEN),
    ("GET", "/api/v2/user/me", "", OWN),
    ("PATCH", "/api/v2/user/me", r#"{"phone": "1"}"#, OWN),
    ("GET", "/api/v2/user/me/menus", "", OWN),
    ("GET", "/api/v2/user/me/environments", "", [401, 200, 200, 403, 200]),
    ("POST", "/api/v2/user/me/environments/{key}/accept", "", [401, 204, 204, 403, 404]),
    ("POST", "/api/v2/invitation/accept", r#"{"token": "{link}", "password": "a long and quiet one"}"#, OPEN),
    ("GET", "/api/v2/invitation/{token}", "", OPEN),
    ("POST", "/api/v2/user/{id}/invite", "", DELETION),
    ("POST", "/api/v2/password/forgot", r#"{"email": "{email}"}"#, [204; 5]),
    ("POST", "/api/v2/password/reset", r#"{"token": "{reset}", "password": "a long and quiet one"}"#, [204; 5]),
    ("POST", "/api/v2/user/me/email", r#"{"email": "{new}@pizza.example"}"#, [401, 204, 204, 403, 204]),
    ("POST", "/api/v2/user/me/email/confirm", r#"{"token": "{address}"}"#, [204; 5]),
    ("GET", "/api/v2/session", "", [401, 200, 200, 403, 200]),
    ("DELETE", "/api/v2/session", "", DELETION),
    ("POST", "/api/v2/session/prove", r#"{"current_password": "{own password}"}"#, [401, 204, 204, 403, 204]),
    ("POST", "/api/v2/session/second-factor", r#"{"otp": "000000"}"#, [401, 401, 401, 403, 401]),
    ("GET", "/api/v2/second-factor", "", [401, 200, 200, 403, 200]),
    ("PATCH", "/api/v2/second-factor/{id}", r#"{"name": "{new}"}"#, NONE_YET),
    ("DELETE", "/api/v2/second-factor/{id}", "", NONE_YET),
    ("POST", "/api/v2/second-factor/totp/confirm", r#"{"otp": "000000"}"#, NONE_YET),
    ("POST", "/api/v2/second-factor/totp", r#"{"name": "{new}"}"#, [401, 200, 200, 403, 200]),
    ("POST", "/api/v2/second-factor/passkey", "{}", [401, 200, 200, 403, 200]),
    ("POST", "/api/v2/second-factor/passkey/confirm", NO_PASSKEY, [401, 401, 401, 403, 401]),
    ("POST", "/api/v2/second-factor/recovery-codes", "{}", [401, 409, 409, 403, 409]),
    ("DELETE", "/api/v2/session/{id}", "", [401, 403, 204, 403, 204]),
    ("GET", "/api/v2/token", "", [401, 200, 200, 403, 200]),
    ("POST", "/api/v2/token", r#"{"name": "{new}", "permissions": []}"#, [401, 201, 201, 403, 201]),
    ("DELETE", "/api/v2/token/{id}", "", DELETION),
    ("GET", "/api/v2/service-account", "", ADMINISTRATION),
    ("POST", "/api/v2/service-account", r#"{"name": "{new}"}"#, CREATION),
    ("GET", "/api/v2/service-account/{id}", "", ADMINISTRATION),
    ("PATCH", "/api/v2/service-account/{id}", r#"{"name": "{new}"}"#, ADMINISTRATION),
    ("DELETE", "/api/v2/service-account/{id}", "", DELETION),
    ("GET", "/api/v2/service-account/{id}/token", "", ADMINISTRATION),
    ("POST", "/api/v2/service-account/{id}/token", r#"{"name": "{new}", "permissions": []}"#, CREATION),
    ("GET", "/api/v2/user", "", ADMINISTRATION),
    ("POST", "/api/v2/user", r#"{"email": "{new}@pizza.example", "password": "a long and quiet one"}"#, CREATION),
    ("GET", "/api/v2/user/{id}", "", ADMINISTRATION),
    ("PATCH", "/api/v2/user/{id}", r#"{"phone": "1"}"#, ADMINISTRATION),
    ("PUT", "/api/v2/user/{id}", r#"{"email": "{email}"}"#, ADMINISTRATION),
    ("DELETE", "/api/v2/user/{id}", "", DELETION),
    ("GET", "/api/v2/user/{id}/permissions", "", ADMINISTRATION),
    ("POST", "/api/v2/check", r#"{"permission": "view_user", "user": "{id}"}"#, ADMINISTRATION),
    ("POST", "/api/v2/whatif", r#"{"users": [{"id": "{id}", "is_active": false}]}"#, ADMINISTRATION),
    ("GET", "/api/v2/group", "", ADMINISTRATION),
    ("POST", "/api/v2/group", r#"{"name": "{new}"}"#, CREATION),
    ("GET", "/api/v2/group/{id}", "", ADMINISTRATION),
    ("PATCH", "/api/v2/group/{id}", r#"{"label": "{new}"}"#, ADMINISTRATION),
    ("DELETE", "/api/v2/group/{id}", "", DELETION),
    ("GET", "/api/v2/permission", "", ADMINISTRATION),
    ("POST", "/api/v2/permission", r#"{"codename": "{new}"}"#, CREATION),
    ("GET", "/api/v2/permission/{id}", "", ADMINISTRATION),
    ("GET", "/api/v2/permission/{id}/holders", "", ADMINISTRATION),
    ("PATCH", "/api/v2/permission/{id}", r#"{"name": "{new}"}"#, ADMINISTRATION),
    ("DELETE", "/api/v2/permission/{id}", "", DELETION),
    ("GET", "/api/v2/menu", "", ADMINISTRATION),
    ("POST", "/api/v2/menu", r#"{"name": "{new}"}"#, CREATION),
    ("GET", "/api/v2/menu/{id}", "", ADMINISTRATION),
    ("PATCH", "/api/v2/menu/{id}", r#"{"label": "{new}"}"#, ADMINISTRATION),
    ("DELETE", "/api/v2/menu/{id}", "", DELETION),
    ("GET", "/api/v2/webhook", "", ADMINISTRATION),
    ("POST", "/api/v2/webhook", r#"{"url": "https://a.example/{new}", "event_types": ["*"]}"#, CREATION),
    ("GET", "/api/v2/webhook/{id}", "", ADMINISTRATION),
    ("PATCH", "/api/v2/webhook/{id}", r#"{"url": "https://b.example/{new}"}"#, ADMINISTRATION),
    ("DELETE", "/api/v2/webhook/{id}", "", DELETION),
    ("POST", "/api/v2/webhook/{id}/rotate", "", ADMINISTRATION),
    ("POST", "/api/v2/webhook/{id}/ping", "", [401, 403, 202, 403, 202]),
    ("GET", "/api/v2/webhook/{id}/delivery", "", ADMINISTRATION),
    ("POST", "/api/v2/webhook/{id}/delivery/{number}/redeliver", "", [401, 403, 202, 403, 202]),
    ("GET", "/api/v2/events", "", ADMINISTRATION),
    ("GET", "/api/v2/audit", "", ADMINISTRATION),
    ("GET", "/api/v2/audit/export", "", ADMINISTRATION),
    ("GET", "/api/v2/environment", "", SYSTEM),
    ("POST", "/api/v2/environment", r#"{"key": "{new}"}"#, [401, 403, 403, 403, 201]),
    ("GET", "/api/v2/environment/{key}", "", SYSTEM),
    ("PATCH", "/api/v2/environment/{key}", r#"{"name": "{new}"}"#, SYSTEM),
    ("DELETE", "/api/v2/environment/{key}", "", [401, 403, 403, 403, 204]),
    ("GET", "/console", "", [303; 5]),
    ("GET", "/console/assets/{name}", "", OPEN),
    ("GET", "/console/sign-in", "", OPEN),
    ("POST", "/console/sign-in", "login={email}&password={password}", [303; 5]),
    ("POST", "/console/sign-in/challenge", "", OPEN),
    ("POST", "/console/sign-in/passkey", WRONG_PASSKEY, [422; 5]),
    ("GET", "/console/sign-in/second-factor", "", [303, 200, 200, 200, 200]),
    ("POST", "/console/sign-in/second-factor", "code=000000", [303, 422, 422, 422, 422]),
    // Nobody here has a passkey.
    ("POST", "/console/sign-in/second-factor/challenge", "", [303, 403, 403, 403, 403]),
    ("POST", "/console/sign-out", "", [303; 5]),
    ("GET", "/console/password", "", [303, 200, 200, 200, 200]),
    ("POST", "/console/password", "password=a+long+and+quiet+one", [303, 422, 422, 422, 422]),
    ("GET", "/console/prove", "", [303, 200, 200, 200, 200]),
    ("POST", "/console/prove", "password={own password}", [303; 5]),
    ("POST", "/console/prove/passkey/challenge", "", [303, 403, 403, 403, 403]),
    ("POST", "/console/prove/passkey", WRONG_PASSKEY, [303, 422, 422, 422, 422]),
    ("GET", "/console/enrol", "", [303, 200, 200, 200, 200]),
    ("POST", "/console/enrol/totp", "", [303; 5]),
    ("GET", "/console/enrol/totp", "", [303, 200, 200, 200, 200]),
    ("POST", "/console/enrol/totp/confirm", "code=000000", [303, 422, 422, 422, 422]),
    ("POST", "/console/enrol/passkey/challenge", "", [303, 200, 200, 200, 200]),
    ("POST", "/console/enrol/passkey", WRONG_NEW_PASSKEY, [303, 422, 422, 422, 422]),
    ("GET", "/console/kept", "", [303; 5]),
    ("GET", "/console/invitation", "", OPEN),
    ("POST", "/console/invitation", "link={link}", OPEN),
    ("POST", "/console/invitation/accept", "token={link}&password=a+long+and+quiet+one", [303; 5]),
    ("GET", "/console/forgot", "", OPEN),
    ("POST", "/console/forgot", "login={email}", [303; 5]),
    ("GET", "/console/reset", "", OPEN),
    ("POST", "/console/reset", "link={reset}", OPEN),
    ("POST", "/console/reset/choose", "token={reset}&password=a+long+and+quiet+one", [303; 5]),
    ("GET", "/console/address", "", OPEN),
    ("POST", "/console/address", "link={address}", [303; 5]),
    ("GET", "/console/environments/{environment}", "", [303, 200, 200, 403, 200]),
    ("GET", "/console/environments/{environment}/account", "", OWN_PAGE),
    ("POST", "/console/environments/{environment}/account", "name=New", [303, 303, 303, 403, 404]),
    ("GET", "/console/environments/{environment}/account/security", "", OWN_PAGE),
    ("POST", "/console/environments/{environment}/account/email", "email={new}@moved.example", OWN_FORM),
    ("POST", "/console/environments/{environment}/account/recovery-codes", "", [303, 409, 409, 403, 409]),
    ("POST", "/console/environments/{environment}/account/factors/{id}", "name=New", NOT_OWN),
    ("POST", "/console/environments/{environment}/account/factors/{id}/remove", "", NOT_OWN),
    ("GET", "/console/environments/{environment}/account/sessions", "", OWN_PAGE),
    ("POST", "/console/environments/{environment}/account/sessions/others/end", "", OWN_FORM),
    ("POST", "/console/environments/{environment}/account/sessions/{id}/end", "", NOT_OWN),
    ("GET", "/console/environments/{environment}/account/tokens", "", OWN_PAGE),
    ("POST", "/console/environments/{environment}/account/tokens", "name=New&lasts=30", [303, 200, 200, 403, 200]),
    ("POST", "/console/environments/{environment}/account/tokens/{id}/revoke", "", NOT_OWN),
    ("GET", "/console/environments/{environment}/account/permissions", "", OWN_PAGE),
    ("GET", "/console/environments/{environment}/users", "", PAGE),
    ("GET", "/console/environments/{environment}/users/new", "", PAGE),
    ("POST", "/console/environments/{environment}/users/new", "email={new}@pizza.example", FORM),
    ("GET", "/console/environments/{environment}/users/suggest", "", PAGE),
    ("POST", "/console/environments/{environment}/users/selected", "action=activate&user={user}", PAGE),
    ("GET", "/console/environments/{environment}/users/{id}", "", PAGE),
    ("GET", "/console/environments/{environment}/users/{id}/edit", "", PAGE),
    ("POST", "/console/environments/{environment}/users/{id}/edit", "find=groups", PAGE),
    ("POST", "/console/environments/{environment}/users/{id}/actions", "action=activate", FORM),
    ("GET", "/console/environments/{environment}/users/{id}/permissions", "", PAGE),
    ("GET", "/console/environments/{environment}/users/{id}/sessions", "", PAGE),
    ("POST", "/console/environments/{environment}/users/{id}/sessions", "session=all", FORM),
    ("GET", "/console/environments/{environment}/users/{id}/audit", "", PAGE),
    ("GET", "/console/environments/{environment}/audit", "", PAGE),
    ("GET", "/console/environments/{environment}/audit/export", "", PAGE),
    ("POST", "/console/environments/{environment}/audit/verify", "", PAGE),
    ("GET", "/console/system/environments", "", OPERATION),
    ("POST", "/console/system/environments", "key={new}", [303, 403, 403, 403, 303]),
    ("GET", "/console/system/environments/new", "", OPERATION),
    ("GET", "/console/system/environments/{key}", "", OPERATION),
    ("POST", "/console/system/environments/{key}", "key={key}&name={new}", [303, 403, 403, 403, 303]),
    ("POST", "/console/system/environments/{key}/delete", "confirm={key}", [303, 403, 403, 403, 303]),
    ("GET", "/console/environments/{environment}/service-accounts", "", PAGE),
    ("POST", "/console/environments/{environment}/service-accounts", "name={new}", FORM),
    ("GET", "/console/environments/{environment}/service-accounts/new", "", PAGE),
    ("GET", "/console/environments/{environment}/service-accounts/{id}", "", PAGE),
    ("POST", "/console/environments/{environment}/service-accounts/{id}", "name={new}", FORM),
    ("POST", "/console/environments/{environment}/service-accounts/{id}/activate", "", FORM),
    ("POST", "/console/environments/{environment}/service-accounts/{id}/deactivate", "", FORM),
    ("POST", "/console/environments/{environment}/service-accounts/{id}/delete", "confirm=yes", FORM),
    ("POST", "/console/environments/{environment}/service-accounts/{id}/tokens", "token_name={new}", PAGE),
    ("POST", "/console/environments/{environment}/service-accounts/{id}/tokens/{token}/revoke", "", FORM),
    ("GET", "/console/environments/{environment}/webhooks", "", PAGE),
    ("POST", "/console/environments/{environment}/webhooks", "url=https://a.example/{new}&event_types=*", PAGE),
    ("GET", "/console/environments/{environment}/webhooks/new", "", PAGE),
    ("GET", "/console/environments/{environment}/webhooks/{id}", "", PAGE),
    ("POST", "/console/environments/{environment}/webhooks/{id}", "url=https://b.example/{new}&event_types=*", FORM),
    ("POST", "/console/environments/{environment}/webhooks/{id}/pause", "", FORM),
    ("POST", "/console/environments/{environment}/webhooks/{id}/resume", "", FORM),
    ("POST", "/console/environments/{environment}/webhooks/{id}/rotate", "", PAGE),
    ("POST", "/console/environments/{environment}/webhooks/{id}/ping", "", FORM),
    ("POST", "/console/environments/{environment}/webhooks/{id}/delete", "confirm=yes", FORM),
    ("POST", "/console/environments/{environment}/webhooks/{id}/deliveries/{number}/redeliver", "", FORM),
    ("GET", "/console/environments/{environment}/groups", "", PAGE),
    ("GET", "/console/environments/{environment}/groups/new", "", PAGE),
    ("POST", "/console/environments/{environment}/groups", "name={new}", FORM),
    ("GET", "/console/environments/{environment}/groups/{id}", "", PAGE),
    // Whoever may is told that it saw another group than this one.
    ("POST", "/console/environments/{environment}/groups/{id}", "name={new}&seen=other", [303, 403, 409, 403, 409]),
    ("GET", "/console/environments/{environment}/groups/{id}/delete", "", PAGE),
    ("POST", "/console/environments/{environment}/groups/{id}/delete", "seen=other", [303, 403, 409, 403, 409]),
    ("GET", "/console/environments/{environment}/matrix", "", PAGE),
    ("POST", "/console/environments/{environment}/matrix", "back=true", PAGE),
    ("GET", "/console/environments/{environment}/nesting", "", PAGE),
    ("GET", "/console/environments/{environment}/permissions", "", PAGE),
    ("GET", "/console/environments/{environment}/permissions/new", "", PAGE),
    ("POST", "/console/environments/{environment}/permissions", "codename={new}", FORM),
    ("GET", "/console/environments/{environment}/permissions/{id}", "", PAGE),
    ("POST", "/console/environments/{environment}/permissions/{id}", "codename={new}", FORM),
    ("GET", "/console/environments/{environment}/permissions/{id}/delete", "", PAGE),
    ("POST", "/console/environments/{environment}/permissions/{id}/delete", "", FORM),
    ("GET", "/console/environments/{environment}/menus", "", PAGE),
    ("GET", "/console/environments/{environment}/menus/new", "", PAGE),
    ("POST", "/console/environments/{environment}/menus", "name={new}", FORM),
    ("GET", "/console/environments/{environment}/menus/preview", "", PAGE),
    ("GET", "/console/environments/{environment}/menus/{id}", "", PAGE),
    // Whoever may is told that it saw another menu than this one.
    (
        "POST",
        "/console/environments/{environment}/menus/{id}",
        "name={new}&tree=[]&seen=other",
        [303, 403, 409, 403, 409],
    ),
    ("GET", "/console/environments/{environment}/menus/{id}/delete", "", PAGE),
    ("POST", "/console/environments/{environment}/menus/{id}/delete", "", FORM),
];

/// A page about the environment. Who is not signed in is led to where one signs in.
const PAGE: Heard = [303, 403, 200, 403, 200];

/// A page about oneself in the environment.
const OWN_PAGE: Heard = [303, 200, 200, 403, 200];

/// A form about oneself there.
const OWN_FORM: Heard = [303, 303, 303, 403, 303];

/// A form about something that is another's.
const NOT_OWN: Heard = [303, 404, 404, 403, 404];
/// A page about the system.
const OPERATION: Heard = [303, 403, 403, 403, 200];
/// A form of such a page, which leads on once it is done.
const FORM: Heard = [303, 403, 303, 403, 303];

/// One's own things that nobody here has.
const NONE_YET: Heard = [401, 404, 404, 403, 404];

const NO_PASSKEY: &str = r#"{"challenge": "AA", "credential": {"id": "AA", "rawId": "AA", "type": "public-key",
                             "response": {"attestationObject": "AA", "clientDataJSON": "AA"}}}"#;

const WRONG_PASSKEY: &str = r#"challenge=AA&credential={"id": "AA", "rawId": "AA", "type": "public-key",
                             "response": {"authenticatorData": "AA", "clientDataJSON": "AA", "signature": "AA"}}"#;

const WRONG_NEW_PASSKEY: &str = r#"challenge=AA&credential={"id": "AA", "rawId": "AA", "type": "public-key",
                             "response": {"attestationObject": "AA", "clientDataJSON": "AA"}}"#;

const V1_USER: &str = r#"{"globalEmailAddress": "{new}@pizza.example", "name": "New", "administrator": false,
                          "active": true, "language": "en", "locale": "en"}"#;

/// Routes without a row above, each with its reason. This list may only shrink.
const WITHOUT_A_CASE: &[(&str, &str)] = &[];

#[test]
fn every_route_has_a_case_and_every_case_a_route() {
    let declared: BTreeSet<(String, String)> = app::every_route().into_iter().collect();
    let known = |(method, path): &(&str, &str)| ((*method).to_owned(), (*path).to_owned());
    let mut cases: BTreeSet<(String, String)> = CASES.iter().map(|case| known(&(case.0, case.1))).collect();
    assert_eq!(cases.len(), CASES.len(), "a route has two cases");
    cases.extend(WITHOUT_A_CASE.iter().map(known));
    let without: Vec<_> = declared.difference(&cases).collect();
    assert!(without.is_empty(), "routes without a case of who may call them: {without:?}");
    let gone: Vec<_> = cases.difference(&declared).collect();
    assert!(gone.is_empty(), "cases of routes that are not there: {gone:?}");
}

on_every_engine! {
    async fn whoever_may_and_nobody_else(world: World) {
        let stage = Stage::new(world).await;
        let mut wrong = Vec::new();
        for (method, path, body, expected) in CASES {
            let heard = stage.heard(method, path, body).await;
            if heard != *expected {
                wrong.push(format!("{method} {path}: {heard:?}, not {expected:?}"));
            }
        }
        assert!(wrong.is_empty(), "anonymous, member, administrator, another's administrator, operator:\n{}", wrong.join("\n"));
    }
}

struct Stage {
    world: World,
    pizza: Tenant,
    member: Person,
    administrator: Person,
    other: Person,
}

impl Stage {
    async fn new(world: World) -> Stage {
        let pizza = world.environment("pizza").await;
        let member = world.member(&pizza).await;
        let administrator = world.administrator(&pizza).await;
        let other = world.other_environment_administrator().await;
        Stage { world, pizza, member, administrator, other }
    }

    async fn heard(&self, method: &str, path: &str, body: &str) -> Heard {
        let personas =
            [None, Some(&self.member), Some(&self.administrator), Some(&self.other), Some(&self.world.operator)];
        let mut heard = [0; 5];
        for (heard, persona) in heard.iter_mut().zip(personas) {
            // A session of its own for each call, because some calls end it.
            let signed_in = match persona {
                Some(person) => Some(self.world.again(person, None).await),
                None => None,
            };
            *heard = self.call(method, path, body, signed_in.as_ref()).await;
        }
        heard
    }

    async fn call(&self, method: &str, path: &str, body: &str, person: Option<&Person>) -> u16 {
        let (mut path, mut body) = (path.to_owned(), body.to_owned());
        body = body.replace("{own password}", person.map_or("", |person| &person.password));
        for (name, value) in self.things(&path).await {
            path = path.replace(&name, &value);
            body = body.replace(&name, &value);
        }
        if path.starts_with("/api/v1") && !path.contains("/login") && !path.ends_with("logout") {
            path.push_str("?environmentId=pizza");
        } else if method == "DELETE" && path == "/api/v2/session" {
            path.push_str(&format!("?user={}", self.world.member(&self.pizza).await.id));
        } else if method == "DELETE" && path.starts_with("/api/v2/environment/") {
            let key = path.rsplit('/').next().unwrap_or_default().to_owned();
            path.push_str(&format!("?confirm={key}"));
        }
        let mut request = Request::builder().method(method).uri(&path);
        if path.starts_with("/api/v2") {
            request = request.header("X-Environment-Id", "pizza");
        }
        let app = App::new(self.world.directory.clone(), "http://localhost:8080");
        if path.starts_with("/console") {
            let token = person.map_or("", |person| person.token.as_str());
            return call_as_browser(app, method, &path, &body, token).await;
        }
        if let Some(person) = person {
            request = match path.starts_with("/api/v1") {
                true => request.header("X-Auth-Token", &person.token).header("X-User-Id", person.id.to_string()),
                false => request.header("Authorization", format!("Bearer {}", person.token)),
            };
        }
        if !body.is_empty() {
            assert!(serde_json::from_str::<Value>(&body).is_ok_and(|body| body.is_object()), "{body}");
            request = request.header("Content-Type", "application/json");
        }
        let request = request.body(Body::from(body)).unwrap();
        app::service(app).oneshot(request).await.unwrap().status().as_u16()
    }

    /// What the names in braces stand for: all of it fresh, so that no call depends on one before.
    async fn things(&self, path: &str) -> Vec<(String, String)> {
        let (world, by) = (&self.world, &self.pizza.administrator.caller);
        let new = format!("new_{}", world.number());
        let user = world.member(&self.pizza).await;
        let invited = format!("invited{}@pizza.example", world.number());
        let new_user = world.create(&self.pizza, &invited, Fields::default()).await.unwrap().account.id;
        let link = world.mailed_link(&invited).await.unwrap();
        let id = match path {
            path if path.contains("/group/") || path.contains("/groups/") => {
                let made = world.group_as(by, &format!("made {new}"), &[]).await.unwrap();
                world.update_group(by, made.id, GroupChanges::default()).await.unwrap().id.to_string()
            }
            path if path.contains("/permission/") || path.contains("/permissions/") => {
                world.permission(by, &format!("made_{new}")).await.unwrap().id.to_string()
            }
            path if path.contains("/menu/") || path.contains("/menus/") => {
                world.menu(by, &format!("made {new}"), MenuChanges::default()).await.unwrap().id.to_string()
            }
            path if path.contains("/session/") => {
                let sessions = world.directory.read(user.caller.clone(), |tx, actor| sessions::list(tx, actor, None));
                sessions.await.unwrap()[0].id.to_string()
            }
            path if path.contains("/v2/token/") => {
                let new = NewToken {
                    account: user.id,
                    name: test_support::name("one"),
                    ceiling: Ceiling::Permissions(Vec::new()),
                    ends: None,
                };
                let make = move |tx: &mut Tx<'_>, actor: &Actor| tokens::create(tx, actor, &new);
                world.directory.write(user.caller.clone(), make).await.unwrap().0.id.to_string()
            }
            path if path.contains("/service-account/") || path.contains("/service-accounts/{id}") => {
                let new = NewService { name: test_support::name(&new), groups: Vec::new() };
                let make = move |tx: &mut Tx<'_>, actor: &Actor| service_accounts::create(tx, actor, &new);
                world.directory.write(by.clone(), make).await.unwrap().account.id.to_string()
            }
            path if path.contains("/webhook/") || path.contains("/webhooks/{id}") => {
                let url = WebhookUrl::parse("https://a.example/hooks").unwrap();
                let new = NewWebhook { url, event_types: vec![EventTypes::parse("*").unwrap()], enabled: true };
                let make = move |tx: &mut Tx<'_>, actor: &Actor| {
                    let made = webhooks::create(tx, actor, &new)?.0;
                    webhooks::ping(tx, actor, made.id)?;
                    Ok(made)
                };
                let made = world.directory.write(by.clone(), make).await.unwrap();
                // An environment has a few.
                let spare = move |tx: &mut Tx<'_>, actor: &Actor| {
                    let all = webhooks::list(tx, actor)?;
                    let mut others = all.iter().filter(|webhook| webhook.id != made.id);
                    others.try_for_each(|webhook| webhooks::delete(tx, actor, webhook.id))
                };
                world.directory.write(by.clone(), spare).await.unwrap_or(());
                made.id.to_string()
            }
            path if path.ends_with("/invite") => new_user.to_string(),
            _ => user.id.to_string(),
        };
        let mut mailed = [String::new(), String::new()];
        if path.ends_with("/password/reset") || path.starts_with("/console/reset") {
            world.directory.forgot_password(user.email.clone(), Default::default()).await.unwrap();
            mailed[0] = world.mailed_link(&user.email).await.unwrap();
        }
        if path.ends_with("/email/confirm") || path == "/console/address" {
            let email = test_support::email(&format!("{new}@moved.example"));
            let wanted = email.clone();
            let ask = move |tx: &mut Tx<'_>, actor: &Actor| directory::addresses::ask(tx, actor, &wanted);
            world.directory.write(user.caller.clone(), ask).await.unwrap();
            mailed[1] = world.mailed_link(email.as_typed()).await.unwrap();
        }
        let [reset, address] = mailed;
        // The token of a service account, where a page names one.
        let token = match path.contains("/tokens/{token}") {
            true => {
                let account = directory::id::UserId(id.parse().unwrap());
                let ceiling = Ceiling::Permissions(Vec::new());
                let new = NewToken { account, name: test_support::name("one"), ceiling, ends: None };
                let make = move |tx: &mut Tx<'_>, actor: &Actor| tokens::create_for_service(tx, actor, &new);
                world.directory.write(by.clone(), make).await.unwrap().0.id.to_string()
            }
            false => link.clone(),
        };
        let key = match path.contains("/environment/") || path.contains("/system/environments/") {
            true => world.environment(&format!("made_{new}")).await.key,
            false => self.pizza.key.clone(),
        };
        [
            ("{id}", id),
            ("{user}", user.id.to_string()),
            ("{key}", key),
            ("{environment}", self.pizza.key.clone()),
            ("{name}", asset(App::new(world.directory.clone(), "http://localhost:8080")).await),
            ("{number}", "1".to_owned()),
            ("{new}", new),
            ("{email}", user.email.clone()),
            ("{password}", user.password.clone()),
            ("{refresh}", user.refresh.clone().unwrap_or_default()),
            ("{token}", token),
            ("{link}", link),
            ("{reset}", reset),
            ("{address}", address),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .to_vec()
    }
}

/// A call as one's browser makes it: with a session in a cookie, and with what forms hold.
async fn call_as_browser(app: App, method: &str, path: &str, body: &str, token: &str) -> u16 {
    let request = |method: &str, path: &str| {
        let request = Request::builder().method(method).uri(path).header("Sec-Fetch-Site", "same-origin");
        request.header("Cookie", format!("rolebook={token}"))
    };
    let service = app::service(app);
    let page = service.clone().oneshot(request("GET", "/console/sign-in").body(Body::empty()).unwrap()).await.unwrap();
    let csrf = between(&text(page).await, "name=\"csrf\" value=\"", "\"");
    let request = request(method, path).header("Content-Type", "application/x-www-form-urlencoded");
    let body = if method == "POST" { format!("csrf={csrf}&{body}") } else { String::new() };
    service.oneshot(request.body(Body::from(body)).unwrap()).await.unwrap().status().as_u16()
}

/// The name of a file that the console's pages name.
async fn asset(app: App) -> String {
    let request = Request::builder().uri("/console/sign-in").body(Body::empty()).unwrap();
    between(&text(app::service(app).oneshot(request).await.unwrap()).await, "/console/assets/", "\"")
}

async fn text(response: Response) -> String {
    String::from_utf8(axum::body::to_bytes(response.into_body(), usize::MAX).await.unwrap().to_vec()).unwrap()
}

fn between(text: &str, start: &str, end: &str) -> String {
    text.split(start).nth(1).and_then(|rest| rest.split(end).next()).unwrap_or_default().to_owned()
}
