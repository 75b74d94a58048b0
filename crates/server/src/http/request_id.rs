//! The one layer around every request: gives it an id, catches a panic, protects its answer with headers, and logs its end
//! in one line. One layer and not five, because each costs every request, and no span around it, because that costs more
//! than all the rest here. What is logged names the route and never the path, the query or a header's value: those hold
//! ids, search words and secrets.

use std::convert::Infallible;
use std::future::Future;
use std::hash::BuildHasher;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, LazyLock};
use std::task::{Context, Poll};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use axum::extract::{MatchedPath, Request};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method};
use axum::response::Response;
use tower::{Layer, Service};

use super::client::Client;
use super::{headers, panic};

const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const ROLEBOOK_REVISION: HeaderName = HeaderName::from_static("rolebook-revision");

/// What a caller and our log call one request. Among a request's extensions, and a header of its answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RequestId(HeaderValue);

impl RequestId {
    /// As text.
    pub(crate) fn as_str(&self) -> &str {
        self.0.to_str().unwrap_or_default()
    }

    /// The caller's, if it is harmless in logs and headers: 1 to 64 of `A-Za-z0-9._-`.
    fn of_caller(headers: &HeaderMap) -> Option<RequestId> {
        let value = headers.get(X_REQUEST_ID)?;
        let harmless = |byte: &u8| byte.is_ascii_alphanumeric() || b"._-".contains(byte);
        let accepted = (1..=64).contains(&value.len()) && value.as_bytes().iter().all(harmless);
        accepted.then(|| RequestId(value.clone()))
    }

    /// A new one, shaped as a UUIDv7. Distinct, but no secret: a hash of a counter, keyed at random once per process,
    /// costs no system call.
    fn new() -> RequestId {
        static COUNTER: AtomicU64 = AtomicU64::new(0);
        static KEY: LazyLock<std::hash::RandomState> = LazyLock::new(std::hash::RandomState::new);
        let count = COUNTER.fetch_add(1, Ordering::Relaxed);
        let mut bytes = [0; 10];
        let (hashed, counted) = bytes.split_at_mut(8);
        hashed.copy_from_slice(&KEY.hash_one(count).to_be_bytes());
        counted.copy_from_slice(&(count as u16).to_be_bytes());
        let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let id = uuid::Builder::from_unix_timestamp_millis(since_1970.as_millis() as u64, &bytes).into_uuid();
        let text = HeaderValue::from_str(id.hyphenated().encode_lower(&mut uuid::Uuid::encode_buffer()));
        RequestId(text.unwrap_or(HeaderValue::from_static("unknown")))
    }
}

/// The layer. To be given to `Router::layer`, after all routes, so that it knows which route was matched.
#[derive(Clone)]
pub(crate) struct Requests {
    /// Makes the answer to a request whose handler panicked, from the request's path: the dialects differ in it.
    pub(crate) on_panic: fn(path: &str) -> Response,
    /// The outside reaches us by HTTPS.
    pub(crate) https: bool,
    /// How far things have come, for the answer to a change.
    pub(crate) revision: Arc<dyn Fn() -> i64 + Send + Sync>,
}

/// What [`Requests`] makes of a service.
#[derive(Clone)]
pub(crate) struct Observed<S> {
    inner: S,
    around: Requests,
}

impl<S> Layer<S> for Requests {
    type Service = Observed<S>;

    fn layer(&self, inner: S) -> Observed<S> {
        Observed { inner, around: self.clone() }
    }
}

impl<S> Service<Request> for Observed<S>
where
    S: Service<Request, Response = Response, Error = Infallible>,
    S::Future: Send + 'static,
{
    type Response = Response;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, mut request: Request) -> Self::Future {
        let asked = Asked::of(&request);
        request.extensions_mut().insert(asked.id.clone());
        let uri = request.uri().clone();
        let Requests { on_panic, https, revision } = self.around.clone();
        // A route's `call` only makes the future; handlers run, and panic, when it is polled.
        let answer = self.inner.call(request);
        let observed = async move {
            let mut response = match panic::catch(answer).await {
                Ok(Ok(response)) => response,
                Err(panic) => with_trouble(on_panic(uri.path()), panic::words(&*panic).to_owned()),
            };
            headers::protect(response.headers_mut(), uri.path(), https);
            response.headers_mut().insert(X_REQUEST_ID, asked.id.0.clone());
            if !asked.method.is_safe() && response.status().is_success() {
                response.headers_mut().insert(ROLEBOOK_REVISION, HeaderValue::from(revision()));
            }
            asked.log(&response);
            Ok(response)
        };
        Box::pin(observed)
    }
}

/// What went wrong on our side, for the log alone: among an answer's extensions.
#[derive(Clone)]
struct Trouble(String);

/// The answer to somebody whom we failed, with the reason, which only the log learns.
pub(crate) fn with_trouble(mut response: Response, reason: String) -> Response {
    response.extensions_mut().insert(Trouble(reason));
    response
}

/// What the log tells of a request.
struct Asked {
    id: RequestId,
    method: Method,
    route: Option<MatchedPath>,
    client: Client,
    started: Instant,
}

impl Asked {
    fn of(request: &Request) -> Asked {
        Asked {
            id: RequestId::of_caller(request.headers()).unwrap_or_else(RequestId::new),
            method: request.method().clone(),
            route: request.extensions().get::<MatchedPath>().cloned(),
            client: Client::of(request.extensions()),
            started: Instant::now(),
        }
    }

    /// The line at a request's end. Reads that went well are most of what a server does, and the least worth telling.
    fn log(&self, response: &Response) {
        // A level is part of what `tracing` knows before it runs: hence one call for each.
        macro_rules! line {
            ($level:ident) => {
                tracing::event!(
                    tracing::Level::$level,
                    id = self.id.as_str(),
                    method = self.method.as_str(),
                    route = self.route.as_ref().map_or("unmatched", MatchedPath::as_str),
                    client = self.client.0.map(tracing::field::display),
                    status = response.status().as_u16(),
                    microseconds = self.started.elapsed().as_micros() as u64,
                    trouble = response.extensions().get::<Trouble>().map(|trouble| trouble.0.as_str()),
                    "answered"
                )
            };
        }
        match response.status().as_u16() {
            ..400 if self.method.is_safe() => line!(DEBUG),
            503 => line!(WARN),
            500.. => line!(ERROR),
            _ => line!(INFO),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::io::Write;
    use std::net::SocketAddr;
    use std::sync::Once;

    use axum::Router;
    use axum::body::Body;
    use axum::extract::ConnectInfo;
    use axum::http::StatusCode;
    use axum::response::IntoResponse;
    use axum::routing::get;
    use tower::ServiceExt;

    use super::*;

    async fn name_the_request(request: Request) -> String {
        request.extensions().get::<RequestId>().unwrap().as_str().to_owned()
    }

    async fn broken() -> Response {
        panic!("on purpose");
    }

    fn on_panic(path: &str) -> Response {
        (StatusCode::INTERNAL_SERVER_ERROR, format!("trouble at {path}")).into_response()
    }

    fn router() -> Router {
        Router::new().route("/thing/{id}", get(name_the_request)).route("/broken", get(broken)).layer(Requests {
            on_panic,
            https: true,
            revision: Arc::new(|| 7),
        })
    }

    async fn send(path: &str, id: Option<&str>) -> (StatusCode, String, String) {
        listen();
        let mut request = Request::builder().uri(path);
        if let Some(id) = id {
            request = request.header("X-Request-Id", id);
        }
        let mut request = request.body(Body::empty()).unwrap();
        request.extensions_mut().insert(ConnectInfo("203.0.113.7:5000".parse::<SocketAddr>().unwrap()));
        let response = router().oneshot(request).await.unwrap();
        let id = response.headers()["x-request-id"].to_str().unwrap().to_owned();
        let status = response.status();
        let body = axum::body::to_bytes(response.into_body(), 1000).await.unwrap();
        (status, id, String::from_utf8(body.to_vec()).unwrap())
    }

    #[tokio::test]
    async fn a_harmless_id_is_kept() {
        for id in ["a", "A.b_c-9", &"x".repeat(64)] {
            assert_eq!(send("/thing/1", Some(id)).await, (StatusCode::OK, id.to_owned(), id.to_owned()));
        }
    }

    #[tokio::test]
    async fn any_other_id_is_replaced_by_a_new_one() {
        for id in [None, Some(""), Some("a b"), Some("a\"b"), Some("a\tb"), Some(&*"x".repeat(65))] {
            let (_, ours, seen) = send("/thing/1", id).await;
            assert_eq!(ours, seen);
            let uuid = uuid::Uuid::parse_str(&ours).unwrap();
            assert_eq!((uuid.get_version_num(), uuid.get_variant()), (7, uuid::Variant::RFC4122));
        }
    }

    #[test]
    fn new_ids_are_distinct() {
        let ids: std::collections::HashSet<_> = (0..100_000).map(|_| RequestId::new().as_str().to_owned()).collect();
        assert_eq!(ids.len(), 100_000);
    }

    #[tokio::test]
    async fn a_panic_is_answered_with_500_and_the_id() {
        let (status, id, body) = send("/broken?secret", Some("mine")).await;
        assert_eq!((status.as_u16(), id.as_str(), body.as_str()), (500, "mine", "trouble at /broken"));
    }

    #[tokio::test]
    async fn a_path_without_a_route_has_an_id_too() {
        assert_eq!(send("/nowhere", Some("mine")).await.0, StatusCode::NOT_FOUND);
    }

    thread_local! {
        static LOGGED: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
    }

    /// Writes to its thread's own log; every test has a thread.
    struct ThreadLog;

    impl Write for ThreadLog {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            LOGGED.with_borrow_mut(|log| log.write(bytes))
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    /// One subscriber for the whole process: with one for each test, a line that is first reached in a test that does
    /// not listen stays silent in those that do, because `tracing` remembers whether anybody cares.
    fn listen() {
        static LISTENING: Once = Once::new();
        LISTENING.call_once(|| {
            let subscriber = tracing_subscriber::fmt()
                .with_ansi(false)
                .with_max_level(tracing::Level::DEBUG)
                .with_writer(|| ThreadLog)
                .finish();
            tracing::subscriber::set_global_default(subscriber).unwrap();
        });
    }

    async fn logged(path: &str) -> String {
        send(path, Some("mine")).await;
        String::from_utf8(LOGGED.take()).unwrap()
    }

    #[tokio::test]
    async fn the_end_of_a_request_is_one_line_with_its_route_and_nothing_private() {
        let log = logged("/thing/private?search=private").await;
        assert_eq!(log.lines().count(), 1, "{log}");
        let asked = r#"answered id="mine" method="GET" route="/thing/{id}" client=203.0.113.7 status=200"#;
        assert!(log.contains("DEBUG") && log.contains(asked), "{log}");
        assert!(log.contains("microseconds=") && !log.contains("private"), "{log}");
    }

    #[tokio::test]
    async fn an_unmatched_path_is_not_logged() {
        let log = logged("/private").await;
        assert!(
            log.contains(r#"route="unmatched""#) && log.contains("status=404") && !log.contains("private"),
            "{log}"
        );
    }

    #[tokio::test]
    async fn trouble_of_ours_is_logged_as_an_error() {
        let log = logged("/broken").await;
        assert!(
            log.contains("ERROR") && log.contains(r#"status=500"#) && log.contains(r#"trouble="on purpose""#),
            "{log}"
        );
    }
}
