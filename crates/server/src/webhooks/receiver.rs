//! A receiver of webhooks in the test's own process, which behaves well, badly, or not at all.
#![cfg(test)]

use axum::body::Bytes;
use axum::http::HeaderMap;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

/// How it behaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Manner {
    /// Answers 204.
    Takes,
    /// Answers so.
    Answers(u16),
    /// Takes the call and says nothing.
    Hangs,
    /// Sends an answer without an end.
    Endless,
    /// Answers in no HTTP.
    Babbles,
    /// Closes each connection after its answer.
    Closes,
}

/// A message as it came.
#[derive(Clone, Debug)]
pub(super) struct Heard {
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
}

impl Heard {
    pub(super) fn header(&self, name: &str) -> String {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap()).to_owned()
    }

    pub(super) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    /// Whether it is signed with this secret, worked out as the specification says and not as we do.
    pub(super) fn is_signed_with(&self, secret: &str) -> bool {
        let key = STANDARD.decode(secret.strip_prefix("whsec_").unwrap()).unwrap();
        let id = self.header("webhook-id");
        let signed = [id.as_bytes(), b".", self.header("webhook-timestamp").as_bytes(), b".", &self.body].concat();
        let expected = format!("v1,{}", STANDARD.encode(hmac_sha256(&key, &signed)));
        self.header("webhook-signature").split(' ').any(|signature| signature == expected)
    }
}

/// RFC 2104, section 2, by hand.
fn hmac_sha256(key: &[u8], message: &[u8]) -> Vec<u8> {
    use sha2::{Digest, Sha256};
    let pad = |with: u8| (0..64).map(|n| key.get(n).copied().unwrap_or(0) ^ with).collect::<Vec<u8>>();
    let inner = Sha256::digest([pad(0x36).as_slice(), message].concat());
    Sha256::digest([pad(0x5c).as_slice(), inner.as_slice()].concat()).to_vec()
}

/// The receiver.
pub(super) struct Receiver {
    pub(super) url: String,
    pub(super) manner: Arc<Mutex<Manner>>,
    heard: Arc<Mutex<Vec<Heard>>>,
    /// Connections that came.
    pub(super) connections: Arc<AtomicUsize>,
}

impl Receiver {
    pub(super) async fn start(manner: Manner) -> Receiver {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hooks?x=1", listener.local_addr().unwrap());
        let manner = Arc::new(Mutex::new(manner));
        let (heard, connections) = (Arc::new(Mutex::new(Vec::new())), Arc::new(AtomicUsize::new(0)));
        tokio::spawn(listen(listener, manner.clone(), heard.clone(), connections.clone()));
        Receiver { url, manner, heard, connections }
    }

    pub(super) fn heard(&self) -> Vec<Heard> {
        self.heard.lock().unwrap().clone()
    }

    /// Waits until it has heard so many.
    pub(super) async fn hears(&self, most: usize) -> Vec<Heard> {
        for _ in 0..3000 {
            if self.heard.lock().unwrap().len() >= most {
                break;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        let heard = self.heard();
        assert!(heard.len() >= most, "only {} of {most} came", heard.len());
        heard
    }

    pub(super) fn becomes(&self, manner: Manner) {
        *self.manner.lock().unwrap() = manner;
    }
}

async fn listen(
    listener: TcpListener,
    manner: Arc<Mutex<Manner>>,
    heard: Arc<Mutex<Vec<Heard>>>,
    connections: Arc<AtomicUsize>,
) {
    loop {
        let (stream, _) = listener.accept().await.unwrap();
        connections.fetch_add(1, Ordering::SeqCst);
        tokio::spawn(converse(stream, manner.clone(), heard.clone()));
    }
}

async fn converse(mut stream: tokio::net::TcpStream, manner: Arc<Mutex<Manner>>, heard: Arc<Mutex<Vec<Heard>>>) {
    let mut read = Vec::new();
    loop {
        let Some(message) = next(&mut stream, &mut read).await else { return };
        heard.lock().unwrap().push(message);
        let manner = *manner.lock().unwrap();
        let answer = match manner {
            Manner::Takes => "HTTP/1.1 204 No Content\r\n\r\n".to_owned(),
            Manner::Closes => "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n".to_owned(),
            Manner::Answers(status @ 300..=399) => {
                format!("HTTP/1.1 {status} Found\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n")
            }
            Manner::Answers(status) => format!("HTTP/1.1 {status} X\r\nContent-Length: 5\r\n\r\nwords"),
            Manner::Hangs => return std::future::pending().await,
            Manner::Babbles => "220 mail.example ESMTP\r\n".to_owned(),
            Manner::Endless => {
                stream.write_all(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n").await.unwrap();
                while stream.write_all(b"4\r\nmore\r\n").await.is_ok() {}
                return;
            }
        };
        if stream.write_all(answer.as_bytes()).await.is_err() || manner == Manner::Closes {
            return;
        }
    }
}

/// The next request of a connection.
async fn next(stream: &mut tokio::net::TcpStream, read: &mut Vec<u8>) -> Option<Heard> {
    loop {
        if let Some(end) = read.windows(4).position(|four| four == b"\r\n\r\n") {
            let head = String::from_utf8(read[..end].to_vec()).unwrap();
            assert!(head.starts_with("POST /hooks?x=1 HTTP/1.1\r\n"), "{head}");
            let mut headers = HeaderMap::new();
            for line in head.lines().skip(1) {
                let (name, value) = line.split_once(": ").unwrap();
                headers.insert(axum::http::HeaderName::try_from(name).unwrap(), value.parse().unwrap());
            }
            let length: usize = headers["content-length"].to_str().unwrap().parse().unwrap();
            if read.len() >= end + 4 + length {
                let body = Bytes::copy_from_slice(&read[end + 4..end + 4 + length]);
                read.drain(..end + 4 + length);
                return Some(Heard { headers, body });
            }
        }
        if stream.read_buf(read).await.ok()? == 0 {
            return None;
        }
    }
}
