//! The ceiling for reads: the same web framework on the same runtime, answering every request with the same bytes. Knows no
//! user and no database.

use std::net::Ipv4Addr;
use std::path::Path;
use std::process::Command;

use anyhow::Context;
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use axum::routing::{get, post};

use crate::process::{Listening, bound_to_us};

/// Headers that the server itself adds to an answer.
const ADDED: [&str; 3] = ["content-length", "date", "connection"];

/// Starts it as a process of its own, as the real one is.
pub(crate) fn start(folder: &Path, head: &[u8], body: &[u8]) -> anyhow::Result<Listening> {
    let answer = folder.join("answer");
    std::fs::write(&answer, [head, body].concat())?;
    let mut command: Command = bound_to_us(&std::env::current_exe()?, "KILL");
    command.arg("bare").arg(&answer);
    Listening::start(&mut command, &folder.join("bare.log"))
}

/// Serves the answer in this file for ever.
pub(crate) async fn serve(answer: &Path) -> anyhow::Result<()> {
    let answer = std::fs::read(answer).with_context(|| format!("cannot read {}", answer.display()))?;
    let (headers, body) = parse(&answer).context("not an HTTP answer")?;
    let answer = move |State((headers, body)): State<(HeaderMap, Bytes)>, _sent: Bytes| async move { (headers, body) };
    let routes = Router::new()
        .route("/api/v2/user/{id}", get(answer))
        .route("/api/v2/check", post(answer))
        .with_state((headers, body));
    let listener = tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    println!("listening on http://{}", listener.local_addr()?);
    axum::serve(listener, routes).await?;
    Ok(())
}

fn parse(answer: &[u8]) -> Option<(HeaderMap, Bytes)> {
    let end = answer.windows(4).position(|four| four == b"\r\n\r\n")?;
    let head = std::str::from_utf8(&answer[..end]).ok()?;
    let mut headers = HeaderMap::new();
    for (name, value) in head.split("\r\n").skip(1).filter_map(|line| line.split_once(": ")) {
        if !ADDED.contains(&name) {
            headers.append(HeaderName::from_bytes(name.as_bytes()).ok()?, HeaderValue::from_str(value).ok()?);
        }
    }
    Some((headers, Bytes::copy_from_slice(&answer[end + 4..])))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_answer_keeps_its_own_headers() {
        let answer = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\ndate: x\r\n\r\n{}";
        let (headers, body) = parse(answer).unwrap();
        let names: Vec<&str> = headers.keys().map(HeaderName::as_str).collect();
        assert_eq!((names, &body[..]), (vec!["content-type"], &b"{}"[..]));
    }
}
