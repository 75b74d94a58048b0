//! A request's body as bytes, within a size and a time. Knows nothing of what the bytes mean.

use std::future::poll_fn;
use std::pin::Pin;
use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody};

/// The largest body that a route reads, bulk routes aside: far above any single thing, far below what hurts.
pub(crate) const MAX_BODY: usize = 1024 * 1024;

/// How long a body may take to arrive. A client that sends a byte now and then must not hold a connection for long.
const PATIENCE: Duration = Duration::from_secs(30);

/// Why there is no body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BodyError {
    /// It is larger than the limit.
    TooLarge,
    /// It did not arrive within 30 seconds.
    TooSlow,
    /// The connection or its framing broke.
    Broken,
}

/// Reads a body of at most `limit` bytes. One that announces more is refused without reading, so a client that waits
/// for `100 Continue` never sends it.
pub(crate) async fn read(body: Body, limit: usize) -> Result<Bytes, BodyError> {
    read_within(body, limit, PATIENCE).await
}

async fn read_within(body: Body, limit: usize, patience: Duration) -> Result<Bytes, BodyError> {
    // hyper has the announced length from Content-Length here.
    if body.size_hint().lower() > limit as u64 {
        return Err(BodyError::TooLarge);
    }
    match tokio::time::timeout(patience, collect(body, limit)).await {
        Ok(read) => read,
        Err(_) => Err(BodyError::TooSlow),
    }
}

async fn collect(mut body: Body, limit: usize) -> Result<Bytes, BodyError> {
    // Nearly every body comes in one piece, which is then returned as it is.
    let mut first = Bytes::new();
    let mut whole = Vec::new();
    while let Some(frame) = poll_fn(|context| Pin::new(&mut body).poll_frame(context)).await {
        let Ok(piece) = frame.map_err(|_| BodyError::Broken)?.into_data() else { continue };
        if first.len().max(whole.len()) + piece.len() > limit {
            return Err(BodyError::TooLarge);
        }
        if first.is_empty() && whole.is_empty() {
            first = piece;
        } else {
            whole.extend_from_slice(&std::mem::take(&mut first));
            whole.extend_from_slice(&piece);
        }
    }
    Ok(if whole.is_empty() { first } else { whole.into() })
}

#[cfg(test)]
mod tests {
    use axum::Router;
    use axum::routing::post;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::{TcpListener, TcpStream};

    use super::*;

    const LIMIT: usize = 10;

    /// Tells in its answer what it read, with a limit of ten bytes.
    async fn reader(patience: Duration, body: Body) -> String {
        format!("read: {:?}", read_within(body, LIMIT, patience).await)
    }

    /// Sends a raw request over a real connection and gives the answer.
    async fn sent(patience: Duration, request: &str) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let router = Router::new().route("/", post(move |body: Body| reader(patience, body)));
        let server = tokio::spawn(async move { axum::serve(listener, router).await });
        let mut connection = TcpStream::connect(address).await.unwrap();
        connection.write_all(format!("POST / HTTP/1.1\r\nHost: x\r\n{request}").as_bytes()).await.unwrap();
        let mut answer = String::new();
        while !answer.contains("read: ") || !answer.ends_with(')') {
            let mut bytes = [0; 1000];
            let count = connection.read(&mut bytes).await.unwrap();
            assert_ne!(count, 0, "the connection ended after {answer:?}");
            answer.push_str(std::str::from_utf8(&bytes[..count]).unwrap());
        }
        server.abort();
        answer.split_once("read: ").unwrap().1.to_owned()
    }

    #[tokio::test]
    async fn a_body_within_the_limit_is_read() {
        assert_eq!(sent(PATIENCE, "Content-Length: 10\r\n\r\n0123456789").await, "Ok(b\"0123456789\")");
        assert_eq!(sent(PATIENCE, "Content-Length: 0\r\n\r\n").await, "Ok(b\"\")");
    }

    #[tokio::test]
    async fn pieces_are_put_together() {
        let pieces = "Transfer-Encoding: chunked\r\n\r\n4\r\n0123\r\n1\r\n4\r\n5\r\n56789\r\n0\r\n\r\n";
        assert_eq!(sent(PATIENCE, pieces).await, "Ok(b\"0123456789\")");
    }

    #[tokio::test]
    async fn an_announced_body_over_the_limit_is_refused_unread() {
        // Nothing of the body is sent: reading it would wait.
        assert_eq!(sent(PATIENCE, "Content-Length: 11\r\n\r\n").await, "Err(TooLarge)");
    }

    #[tokio::test]
    async fn an_unannounced_body_over_the_limit_is_refused_when_it_gets_there() {
        let pieces = "Transfer-Encoding: chunked\r\n\r\n4\r\n0123\r\n7\r\n4567890\r\n";
        assert_eq!(sent(PATIENCE, pieces).await, "Err(TooLarge)");
        assert_eq!(read(Body::from("01234567890"), LIMIT).await, Err(BodyError::TooLarge));
    }

    #[tokio::test]
    async fn a_body_that_does_not_arrive_is_given_up() {
        assert_eq!(sent(Duration::from_millis(20), "Content-Length: 10\r\n\r\n0123").await, "Err(TooSlow)");
    }

    #[tokio::test]
    async fn broken_framing_is_an_error() {
        assert_eq!(sent(PATIENCE, "Transfer-Encoding: chunked\r\n\r\nnonsense\r\n").await, "Err(Broken)");
    }
}
