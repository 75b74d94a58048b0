//! A browser without scripts, inside the test's own process: keeps cookies, sends forms with what they hold, says where from.
//! Knows no page.

use axum::Router;
use axum::body::Body;
use axum::extract::{ConnectInfo, Request};
use axum::http::{HeaderMap, StatusCode};
use rolebook::app::{self, App};
use std::net::SocketAddr;
use test_support::{Engine, Fixture, Person, Tenant, World};
use tower::ServiceExt;
use tower_http::normalize_path::NormalizePath;

/// A world that is served by https, with an environment `pizza`.
pub(crate) struct Site {
    pub(crate) world: World,
    pub(crate) pizza: Tenant,
    service: NormalizePath<Router>,
}

impl Fixture for Site {
    async fn fresh(engine: Engine) -> Site {
        let world = World::new(engine).await;
        let pizza = world.environment("pizza").await;
        let service = app::service(App::new(world.directory.clone(), "https://id.example"));
        Site { world, pizza, service }
    }
}

/// What came back.
pub(crate) struct Page {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Page {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// The page, if the status is this.
    #[track_caller]
    pub(crate) fn expect(self, status: u16) -> Page {
        assert_eq!(self.status.as_u16(), status, "{} {}", self.header("location"), self.text);
        self
    }

    /// Where it leads.
    #[track_caller]
    pub(crate) fn leads(self) -> String {
        self.expect(303).header("location").to_owned()
    }

    #[track_caller]
    pub(crate) fn has(&self, text: &str) {
        assert!(self.text.contains(text), "no {text:?} in {}", self.text);
    }

    #[track_caller]
    pub(crate) fn lacks(&self, text: &str) {
        assert!(!self.text.contains(text), "{text:?} in {}", self.text);
    }

    /// What its first form holds against forgery.
    pub(crate) fn token(&self) -> &str {
        self.hidden("csrf")
    }

    /// What its first field of this name holds, as it is written.
    pub(crate) fn hidden(&self, name: &str) -> &str {
        let rest = self.text.split(&format!("name=\"{name}\" value=\"")).nth(1).unwrap_or_default();
        rest.split('"').next().unwrap_or_default()
    }
}

/// A browser with its cookie.
#[derive(Clone, Default)]
pub(crate) struct Browser {
    pub(crate) cookie: String,
}

impl Site {
    /// A browser in which somebody is signed in already.
    pub(crate) fn browser_of(&self, person: &Person) -> Browser {
        Browser { cookie: format!("__Host-rolebook={}", person.token) }
    }

    /// A session of the administrator of `pizza`.
    pub(crate) async fn boss(&self) -> Browser {
        let person = self.world.administrator(&self.pizza).await;
        self.browser_of(&self.world.again(&person, None).await)
    }

    pub(crate) async fn send(&self, mut request: Request) -> Page {
        let address: SocketAddr = "192.0.2.1:5000".parse().unwrap();
        request.extensions_mut().insert(ConnectInfo(address));
        let response = self.service.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = axum::body::to_bytes(body, usize::MAX).await.unwrap();
        Page { status: parts.status, headers: parts.headers, text: String::from_utf8(bytes.to_vec()).unwrap() }
    }

    pub(crate) async fn get(&self, browser: &Browser, path: &str) -> Page {
        self.get_with(browser, path, &[]).await
    }

    pub(crate) async fn get_with(&self, browser: &Browser, path: &str, headers: &[(&str, &str)]) -> Page {
        let mut request = Request::builder().uri(path).header("cookie", &browser.cookie);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        Box::pin(self.send(request.body(Body::empty()).unwrap())).await
    }

    /// Fills in the form of a page and sends it; keeps the cookie that comes back.
    pub(crate) async fn submit(&self, browser: &mut Browser, page: &str, to: &str, fields: &[(&str, &str)]) -> Page {
        let shown = self.get(browser, page).await;
        let token = shown.token().to_owned();
        let next = shown.text.split("name=\"next\" value=\"").nth(1).and_then(|rest| rest.split('"').next());
        let next = next.unwrap_or_default().replace("&#38;", "&");
        let mut all = vec![("csrf", token.as_str()), ("next", &next)];
        all.extend_from_slice(fields);
        let headers = [("sec-fetch-site", "same-origin")];
        let answer = self.post(browser, to, &headers, &all).await;
        for cookie in answer.headers.get_all("set-cookie") {
            browser.cookie = cookie.to_str().unwrap().split(';').next().unwrap().to_owned();
        }
        answer
    }

    pub(crate) async fn post(
        &self,
        browser: &Browser,
        to: &str,
        headers: &[(&str, &str)],
        fields: &[(&str, &str)],
    ) -> Page {
        let mut body = form_urlencoded::Serializer::new(String::new());
        body.extend_pairs(fields);
        let mut request = Request::builder().method("POST").uri(to).header("cookie", &browser.cookie);
        request = request.header("content-type", "application/x-www-form-urlencoded");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        Box::pin(self.send(request.body(Body::from(body.finish())).unwrap())).await
    }
}
