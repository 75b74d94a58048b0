//! A receiver of webhooks that is as fast as can be, or dead: it takes calls and says nothing.

use std::collections::HashSet;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::rows::lock;

/// Calls up to this size are read; those of a webhook are far below.
const LONGEST: usize = 1 << 20;

/// Listens until the runtime ends.
pub(crate) struct Receiver {
    pub(crate) address: SocketAddr,
    heard: Arc<Mutex<HashSet<String>>>,
}

impl Receiver {
    /// Starts one on a free port.
    pub(crate) async fn start(dead: bool) -> anyhow::Result<Receiver> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let heard = Arc::new(Mutex::new(HashSet::new()));
        let all = heard.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(converse(stream, dead, all.clone()));
            }
        });
        Ok(Receiver { address, heard })
    }

    /// How many different deliveries came: one that comes twice is one.
    pub(crate) fn heard(&self) -> usize {
        lock(&self.heard).len()
    }
}

async fn converse(mut stream: TcpStream, dead: bool, heard: Arc<Mutex<HashSet<String>>>) {
    let mut read = Vec::with_capacity(8192);
    loop {
        while let Some((id, end)) = whole(&read) {
            read.drain(..end);
            if dead {
                return std::future::pending().await;
            }
            lock(&heard).insert(id);
            if stream.write_all(b"HTTP/1.1 204 No Content\r\n\r\n").await.is_err() {
                return;
            }
        }
        if read.len() > LONGEST || !stream.read_buf(&mut read).await.is_ok_and(|bytes| bytes > 0) {
            return;
        }
    }
}

/// The id of a message that is there from its first byte to its last, and where it ends.
fn whole(bytes: &[u8]) -> Option<(String, usize)> {
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n")?;
    let head = std::str::from_utf8(&bytes[..end]).ok()?;
    let of = |wanted: &str| {
        let mut headers = head.split("\r\n").filter_map(|line| line.split_once(": "));
        headers.find(|(name, _)| name.eq_ignore_ascii_case(wanted)).map(|(_, value)| value)
    };
    let end = end + 4 + of("content-length")?.parse::<usize>().ok()?;
    (bytes.len() >= end).then(|| of("webhook-id").map(|id| (id.to_owned(), end)))?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_read_once_it_is_whole() {
        let message = b"POST /x HTTP/1.1\r\nwebhook-id: a-1\r\nContent-Length: 2\r\n\r\n{}";
        assert_eq!(whole(message), Some(("a-1".to_owned(), message.len())));
        assert_eq!(whole(&message[..message.len() - 1]), None);
    }
}
