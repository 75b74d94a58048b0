//! For whoever watches the process: `/healthz` says that it runs, `/readyz` that it can serve. Neither needs a token, so
//! neither says more than that; the reasons stand in the log.

use std::future::Future;
use std::time::Duration;

use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};

use super::request_id::with_trouble;

/// How long the store may take to answer. Watchers mostly wait a few seconds, and a store this slow serves nobody.
const PATIENCE: Duration = Duration::from_secs(2);

/// Something that can serve, or cannot at present.
pub(crate) trait Ready: Clone + Send + Sync + 'static {
    /// Asks for a sign of life; the error is for the log.
    fn ping(&self) -> impl Future<Output = Result<(), String>> + Send;
}

/// `GET /healthz`: the process runs.
pub(crate) async fn healthz() -> Response {
    answer(StatusCode::OK, r#"{"status":"ok"}"#)
}

/// `GET /readyz`: what serves behind it answers.
pub(crate) async fn readyz<R: Ready>(State(ready): State<R>) -> Response {
    match sign_of_life(&ready, PATIENCE).await {
        Ok(()) => answer(StatusCode::OK, r#"{"status":"ok"}"#),
        Err(reason) => with_trouble(answer(StatusCode::SERVICE_UNAVAILABLE, r#"{"status":"unavailable"}"#), reason),
    }
}

async fn sign_of_life(ready: &impl Ready, patience: Duration) -> Result<(), String> {
    match tokio::time::timeout(patience, ready.ping()).await {
        Ok(sign) => sign,
        Err(_) => Err(format!("no answer within {patience:?}")),
    }
}

fn answer(status: StatusCode, body: &'static str) -> Response {
    (status, [(CONTENT_TYPE, "application/json"), (CACHE_CONTROL, "no-store")], body).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Answers, fails, or stays silent.
    #[derive(Clone, Copy)]
    enum Store {
        Good,
        Gone,
        Silent,
    }

    impl Ready for Store {
        async fn ping(&self) -> Result<(), String> {
            match self {
                Store::Good => Ok(()),
                Store::Gone => Err("connection refused by db.internal".to_owned()),
                Store::Silent => std::future::pending().await,
            }
        }
    }

    async fn seen(response: Response) -> (u16, String) {
        let status = response.status().as_u16();
        let body = axum::body::to_bytes(response.into_body(), 1000).await.unwrap();
        (status, String::from_utf8(body.to_vec()).unwrap())
    }

    #[tokio::test]
    async fn a_process_that_answers_is_healthy() {
        assert_eq!(seen(healthz().await).await, (200, r#"{"status":"ok"}"#.to_owned()));
    }

    #[tokio::test]
    async fn ready_follows_the_store_and_keeps_the_reason_to_itself() {
        let unavailable = (503, r#"{"status":"unavailable"}"#.to_owned());
        assert_eq!(seen(readyz(State(Store::Good)).await).await.0, 200);
        assert_eq!(seen(readyz(State(Store::Gone)).await).await, unavailable);
    }

    #[tokio::test]
    async fn a_silent_store_is_not_waited_for() {
        let reason = sign_of_life(&Store::Silent, Duration::from_millis(1)).await;
        assert_eq!(reason, Err("no answer within 1ms".to_owned()));
    }
}
