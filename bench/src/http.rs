//! A small HTTP/1.1 client for load: one kept connection, one request at a time, nothing parsed that nobody asks for.
//! Knows no path and no body.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Longer than any answer may take, so that a run ends.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);
const LONGEST: usize = 16 << 20;

/// Where requests go and which headers each of them carries.
#[derive(Clone)]
pub(crate) struct Target {
    pub(crate) address: SocketAddr,
    /// Whole lines, each with its line break.
    pub(crate) headers: String,
}

impl Target {
    pub(crate) fn new(address: SocketAddr, headers: &[(&str, &str)]) -> Target {
        let lines = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n"));
        Target { address, headers: format!("host: {address}\r\n{}", lines.collect::<String>()) }
    }

    /// The same with further headers.
    pub(crate) fn with(&self, headers: &[(&str, &str)]) -> Target {
        let lines = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n"));
        Target { address: self.address, headers: format!("{}{}", self.headers, lines.collect::<String>()) }
    }

    /// A request without a body.
    pub(crate) fn get(&self, path: &str) -> String {
        format!("GET {path} HTTP/1.1\r\n{}\r\n", self.headers)
    }

    /// A request with JSON.
    pub(crate) fn post(&self, path: &str, body: &str) -> String {
        self.with_body("POST", path, body)
    }

    /// A request with JSON that changes what is there.
    pub(crate) fn patch(&self, path: &str, body: &str) -> String {
        self.with_body("PATCH", path, body)
    }

    /// A form, as a browser sends it from a page of the same host.
    pub(crate) fn form(&self, path: &str, body: &str) -> String {
        self.with(&[("sec-fetch-site", "same-origin")]).of_type("POST", path, "application/x-www-form-urlencoded", body)
    }

    fn with_body(&self, method: &str, path: &str, body: &str) -> String {
        self.of_type(method, path, "application/json", body)
    }

    fn of_type(&self, method: &str, path: &str, kind: &str, body: &str) -> String {
        let length = body.len();
        let headers = &self.headers;
        format!("{method} {path} HTTP/1.1\r\n{headers}content-type: {kind}\r\ncontent-length: {length}\r\n\r\n{body}")
    }
}

/// A connection that is kept.
pub(crate) struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

/// What came back; the bytes stay in the connection's buffer until the next request.
pub(crate) struct Answer<'c> {
    pub(crate) status: u16,
    /// How long its first byte took.
    pub(crate) begun: Duration,
    /// Status line and headers.
    pub(crate) head: &'c [u8],
    pub(crate) body: &'c [u8],
}

impl Answer<'_> {
    /// The body for a message.
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(self.body).chars().take(300).collect()
    }

    /// The body as JSON; an error with the body in it for any other status than this.
    pub(crate) fn json(&self, expected: u16) -> anyhow::Result<serde_json::Value> {
        if self.status != expected {
            bail!("answered {} instead of {expected}: {}", self.status, self.text());
        }
        serde_json::from_slice(self.body).with_context(|| format!("an answer that is no JSON: {}", self.text()))
    }
}

impl Connection {
    pub(crate) async fn open(address: SocketAddr) -> anyhow::Result<Connection> {
        let stream = TcpStream::connect(address).await.with_context(|| format!("cannot connect to {address}"))?;
        stream.set_nodelay(true)?;
        Ok(Connection { stream, buffer: Vec::with_capacity(8192) })
    }

    /// Sends a whole request and reads the whole answer.
    pub(crate) async fn send(&mut self, request: &str) -> anyhow::Result<Answer<'_>> {
        tokio::time::timeout(PATIENCE, self.exchange(request)).await.context("no answer within 30 s")?
    }

    async fn exchange(&mut self, request: &str) -> anyhow::Result<Answer<'_>> {
        self.buffer.clear();
        let (sent, mut begun) = (Instant::now(), None);
        self.stream.write_all(request.as_bytes()).await?;
        let (status, head, length) = loop {
            self.fill().await?;
            begun.get_or_insert_with(|| sent.elapsed());
            if let Some(parsed) = parse(&self.buffer)? {
                break parsed;
            }
        };
        while self.buffer.len() < head + length {
            self.fill().await?;
        }
        if self.buffer.len() > head + length {
            bail!("an answer is longer than it says");
        }
        let (head, body) = self.buffer.split_at(head);
        Ok(Answer { status, begun: begun.unwrap_or_default(), head, body })
    }

    async fn fill(&mut self) -> anyhow::Result<()> {
        if self.buffer.len() > LONGEST {
            bail!("an answer without an end");
        }
        if self.stream.read_buf(&mut self.buffer).await? == 0 {
            bail!("the server closed the connection");
        }
        Ok(())
    }
}

/// Status, length of the head, length of the body; `None`: the head is not whole yet.
fn parse(bytes: &[u8]) -> anyhow::Result<Option<(u16, usize, usize)>> {
    let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") else { return Ok(None) };
    let head = std::str::from_utf8(&bytes[..end]).context("a head that is no text")?;
    let mut lines = head.split("\r\n");
    let status = lines.next().and_then(|line| line.split(' ').nth(1)).and_then(|status| status.parse().ok());
    let status = status.with_context(|| format!("not HTTP: {head}"))?;
    let mut length = 0;
    for (name, value) in lines.filter_map(|line| line.split_once(':')) {
        if name.eq_ignore_ascii_case("content-length") {
            length = value.trim().parse().context("a length that is no number")?;
        } else if name.eq_ignore_ascii_case("transfer-encoding") {
            bail!("an answer in chunks, which this client does not read");
        }
    }
    Ok(Some((status, end + 4, length)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_is_read_once_it_is_whole() {
        let answer = b"HTTP/1.1 201 Created\r\nContent-Length: 2\r\nx: y\r\n\r\nab";
        assert_eq!(parse(answer).unwrap(), Some((201, answer.len() - 2, 2)));
        assert_eq!(parse(&answer[..40]).unwrap(), None);
        assert!(parse(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n").is_err());
        assert!(parse(b"nonsense\r\n\r\n").is_err());
    }
}
