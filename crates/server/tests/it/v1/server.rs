//! A server over a world, asked as clients of this API ask it.

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Request};
use directory::menus::{MenuChanges, MenuRef};
use rolebook::app::{self, App};
use serde_json::{Value, json};
use test_support::{Engine, Fixture, Person, Tenant, World, conferring};
use tower::ServiceExt;
use tower_http::normalize_path::NormalizePath;

/// A world with the environment `maxedy_pizza`: menus `first` (1), `second` (2), `maxedyPizzaMenu` (3), groups `allusers`
/// (1), `guest` (2) and `viewers` (3), which lets its members see users and brings the menu `second`.
pub(crate) struct Server {
    pub(crate) world: World,
    pub(crate) pizza: Tenant,
    service: NormalizePath<Router>,
}

/// An answer.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
    pub(crate) json: Value,
}

impl Fixture for Server {
    async fn fresh(engine: Engine) -> Server {
        let world = World::new(engine).await;
        let pizza = world.environment("maxedy_pizza").await;
        let administrator = &pizza.administrator.caller;
        for menu in ["first", "second", "maxedyPizzaMenu"] {
            world.menu(administrator, menu, MenuChanges::default()).await.unwrap();
        }
        for group in ["allusers", "guest", "viewers"] {
            let viewing: &[&str] = if group == "viewers" { &["view_user"] } else { &[] };
            let made = world.group_as(administrator, group, viewing).await.unwrap();
            if group == "viewers" {
                let menus = Some(vec![MenuRef::Name("second".to_owned())]);
                let change = directory::groups::GroupChanges { menus, ..conferring(&["view_user"]) };
                world.update_group(administrator, made.id, change).await.unwrap();
            }
        }
        let app = App::new(world.directory.clone(), "http://localhost:8080");
        Server { service: app::service(app), world, pizza }
    }
}

impl Server {
    /// The environment's administrator.
    pub(crate) fn administrator(&self) -> &Person {
        &self.pizza.administrator
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        let (parts, body) = self.service.clone().oneshot(request).await.unwrap().into_parts();
        let bytes = axum::body::to_bytes(body, usize::MAX).await.unwrap();
        let text = String::from_utf8(bytes.to_vec()).unwrap();
        let json = serde_json::from_str(&text).unwrap_or(Value::Null);
        Answer { status: parts.status.as_u16(), headers: parts.headers, text, json }
    }

    pub(crate) async fn get(&self, path: &str, person: &Person) -> Answer {
        self.send(request("GET", path, Some(person)).body(Body::empty()).unwrap()).await
    }

    pub(crate) async fn post(&self, path: &str, person: &Person, body: impl Into<Body>) -> Answer {
        let request = request("POST", path, Some(person)).header("content-type", "application/json");
        self.send(request.body(body.into()).unwrap()).await
    }

    /// Creates or modifies a user as the administrator.
    pub(crate) async fn upsert(&self, body: Value) -> Answer {
        self.post("/api/v1/users", self.administrator(), body.to_string()).await
    }

    /// The seed page's user, made; its id.
    pub(crate) async fn guest(&self) -> String {
        let made = self.upsert(guest()).await;
        assert_eq!(made.status, 201, "{}", made.text);
        made.json["_id"].as_str().unwrap().to_owned()
    }

    /// Refuses with this and changes nothing.
    pub(crate) async fn refuses(&self, person: &Person, path: &str, body: &str, status: u16) -> Answer {
        let answer = self.world.unchanged(self.post(path, person, body.to_owned())).await;
        assert_eq!(answer.status, status, "{path} {body}: {}", answer.text);
        answer
    }
}

impl Answer {
    /// Which fields are wrong, with the code before them.
    pub(crate) fn wrong(&self) -> Vec<String> {
        let mut told = vec![self.json["error"].as_str().unwrap_or_default().to_owned()];
        let fields = self.json["errors"].as_array().into_iter().flatten();
        told.extend(fields.map(|wrong| wrong["field"].as_str().unwrap().to_owned()));
        told
    }

    /// The names of what a user holds.
    pub(crate) fn held(&self, what: &str) -> Vec<&str> {
        self.json[what].as_array().unwrap().iter().map(|held| held["name"].as_str().unwrap()).collect()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

/// A request with a person's headers.
pub(crate) fn request(method: &str, path: &str, person: Option<&Person>) -> axum::http::request::Builder {
    let request = Request::builder().method(method).uri(path);
    match person {
        Some(person) => request.header("X-Auth-Token", &person.token).header("X-User-Id", person.id.to_string()),
        None => request,
    }
}

/// The body of the page's example.
pub(crate) fn guest() -> Value {
    json!({
        "globalEmailAddress": "guest@maxedy.com",
        "_environmentId": "maxedy_pizza",
        "name": "Guest",
        "administrator": false,
        "active": true,
        "locale": "en",
        "language": "en",
        "menuName": "maxedyPizzaMenu",
        "memberGroupNames": ["allusers", "guest"]
    })
}

/// A body with one field changed, or without it.
pub(crate) fn with(mut body: Value, field: &str, value: Option<Value>) -> Value {
    let fields = body.as_object_mut().unwrap();
    match value {
        Some(value) => fields.insert(field.to_owned(), value),
        None => fields.remove(field),
    };
    body
}

/// The page's user, to be modified in this one thing.
pub(crate) fn change(fields: Value) -> Value {
    let mut body = json!({ "globalEmailAddress": "guest@maxedy.com", "_environmentId": "maxedy_pizza" });
    body.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    body
}
