//! A client of v2 inside the test's own process: the very service that listens, without the network. Knows no route.

use axum::Router;
use axum::body::Body;
use axum::extract::{ConnectInfo, Request};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use rolebook::app::{self, App};
use serde_json::Value;
use std::net::SocketAddr;
use test_support::{Engine, Fixture, Tenant, World};
use tower::ServiceExt;
use tower_http::normalize_path::NormalizePath;

/// A world that is served, with an environment `pizza`.
pub(crate) struct Api {
    pub(crate) world: World,
    pub(crate) pizza: Tenant,
    service: NormalizePath<Router>,
}

impl Fixture for Api {
    async fn fresh(engine: Engine) -> Api {
        let world = World::new(engine).await;
        let pizza = world.environment("pizza").await;
        let service = app::service(App::new(world.directory.clone(), "https://id.example"));
        Api { world, pizza, service }
    }
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    /// `null` when there was none.
    pub(crate) body: Value,
}

impl Answer {
    /// The body, if the status is this.
    #[track_caller]
    pub(crate) fn expect(self, status: u16) -> Value {
        assert_eq!(self.status.as_u16(), status, "{}", self.body);
        if status == 204 {
            assert_eq!(self.body, Value::Null);
        } else {
            assert_eq!(self.header("content-type"), "application/json");
        }
        self.body
    }

    /// Whether it is `{"detail","code"}` with this status and code.
    #[track_caller]
    pub(crate) fn refuses(self, status: u16, code: &str) -> Answer {
        assert_eq!((self.status.as_u16(), &self.body["code"]), (status, &Value::from(code)), "{}", self.body);
        assert!(self.body["detail"].as_str().is_some_and(|detail| detail.len() > 10), "{}", self.body);
        assert_eq!(self.header("content-type"), "application/json");
        if status == 401 {
            assert_eq!(self.header("www-authenticate"), "Bearer");
        }
        self
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

impl Api {
    /// Whatever request.
    pub(crate) async fn send(&self, request: Request) -> Answer {
        let response = self.raw(request).await;
        let (parts, body) = response.into_parts();
        let bytes = axum::body::to_bytes(body, usize::MAX).await.unwrap();
        let body = if bytes.is_empty() { Value::Null } else { serde_json::from_slice(&bytes).unwrap() };
        Answer { status: parts.status, headers: parts.headers, body }
    }

    /// The same, as it comes.
    pub(crate) async fn raw(&self, mut request: Request) -> Response {
        let address: SocketAddr = "192.0.2.1:5000".parse().unwrap();
        request.extensions_mut().insert(ConnectInfo(address));
        self.service.clone().oneshot(request).await.unwrap()
    }

    /// A request to `/api/v2` and this path; an empty token is none, a `null` body is none.
    pub(crate) async fn call(&self, token: &str, method: &str, path: &str, body: Value) -> Answer {
        self.call_with(&[], token, method, path, body).await
    }

    /// The same with further headers.
    pub(crate) async fn call_with(
        &self,
        headers: &[(&str, &str)],
        token: &str,
        method: &str,
        path: &str,
        body: Value,
    ) -> Answer {
        let mut request = Request::builder().method(method).uri(format!("/api/v2{path}"));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if !token.is_empty() {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        let body = match body {
            Value::Null => Body::empty(),
            body => {
                request = request.header("content-type", "application/json");
                Body::from(body.to_string())
            }
        };
        Box::pin(self.send(request.body(body).unwrap())).await
    }

    /// The same by the administrator of `pizza`.
    pub(crate) async fn boss(&self, method: &str, path: &str, body: Value) -> Answer {
        self.call(&self.pizza.administrator.token, method, path, body).await
    }

    /// What a GET is answered with, where that is no one JSON document.
    pub(crate) async fn text(&self, token: &str, path: &str) -> String {
        let request =
            Request::builder().uri(format!("/api/v2{path}")).header("authorization", format!("Bearer {token}"));
        let response = self.service.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
        assert_eq!(response.status(), StatusCode::OK);
        String::from_utf8(axum::body::to_bytes(response.into_body(), usize::MAX).await.unwrap().to_vec()).unwrap()
    }

    pub(crate) async fn get(&self, token: &str, path: &str) -> Answer {
        self.call(token, "GET", path, Value::Null).await
    }
}
