//! A client as small as can be: bytes out, answers in, over one connection. Knows no route, and sends what it is told.

use serde_json::Value;
use std::io::{self, BufRead, BufReader, ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

/// No answer takes this long: a test that waits for ever tells nothing.
const PATIENCE: Duration = Duration::from_secs(20);

pub(super) struct Wire {
    connection: BufReader<TcpStream>,
}

/// What came back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Answer {
    pub(super) status: u16,
    /// The status line and the headers, names in lower case.
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: String,
}

impl Answer {
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }

    pub(super) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }
}

impl Wire {
    pub(super) fn to(address: &str) -> io::Result<Wire> {
        let connection = TcpStream::connect(address)?;
        connection.set_read_timeout(Some(PATIENCE))?;
        connection.set_write_timeout(Some(PATIENCE))?;
        connection.set_nodelay(true)?;
        Ok(Wire { connection: BufReader::new(connection) })
    }

    /// Sends bytes as they are.
    pub(super) fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.connection.get_mut().write_all(bytes)
    }

    /// Sends a request, with headers that end in a line break each.
    pub(super) fn request(&mut self, method: &str, path: &str, headers: &str, body: Option<&Value>) -> io::Result<()> {
        let body = body.map(Value::to_string).unwrap_or_default();
        let length = match body.len() {
            0 => String::new(),
            length => format!("Content-Type: application/json\r\nContent-Length: {length}\r\n"),
        };
        self.send(format!("{method} {path} HTTP/1.1\r\nHost: x\r\n{headers}{length}\r\n{body}").as_bytes())
    }

    /// Sends a request and waits for its answer.
    pub(super) fn ask(&mut self, method: &str, path: &str, headers: &str, body: Option<&Value>) -> io::Result<Answer> {
        self.request(method, path, headers, body)?;
        self.answer()
    }

    /// The next answer, whose length is announced as all of ours are.
    pub(super) fn answer(&mut self) -> io::Result<Answer> {
        let first = self.line()?;
        let status = first.split(' ').nth(1).and_then(|status| status.parse().ok()).ok_or(ErrorKind::InvalidData)?;
        let mut headers = Vec::new();
        loop {
            let line = self.line()?;
            let Some((name, value)) = line.split_once(':') else { break };
            headers.push((name.to_lowercase(), value.trim().to_owned()));
        }
        let mut answer = Answer { status, headers, body: String::new() };
        let length = answer.header("content-length").map_or(0, |length| length.parse().unwrap());
        let mut body = vec![0; if status == 304 { 0 } else { length }];
        self.connection.read_exact(&mut body)?;
        answer.body = String::from_utf8(body).unwrap();
        Ok(answer)
    }

    fn line(&mut self) -> io::Result<String> {
        let mut line = String::new();
        match self.connection.read_line(&mut line)? {
            0 => Err(ErrorKind::UnexpectedEof.into()),
            _ => Ok(line.trim_end().to_owned()),
        }
    }

    /// What the server says until it ends the connection.
    pub(super) fn rest(&mut self) -> String {
        let mut said = String::new();
        self.connection.read_to_string(&mut said).unwrap();
        said
    }

    /// Whether the server ends the connection, saying nothing more.
    pub(super) fn ends(&mut self) -> bool {
        match self.connection.read(&mut [0]) {
            Ok(read) => read == 0,
            // It did so while bytes of ours were still under way.
            Err(error) => matches!(error.kind(), ErrorKind::ConnectionReset | ErrorKind::BrokenPipe),
        }
    }
}
