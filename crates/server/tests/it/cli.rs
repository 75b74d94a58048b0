//! The real binary, started as people start it: in a folder of its own, with what it prints and how it ends.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on should say where")]

mod audit;
mod commands;
mod init;
mod keys;
mod mail;
mod quickstart;
mod refusals;
mod serve;

use std::fs::File;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use tempfile::TempDir;

/// A folder to run in, which goes when it is dropped.
pub(crate) struct Place(TempDir);

/// What a command left.
pub(crate) struct Outcome {
    code: Option<i32>,
    stdout: String,
    stderr: String,
}

impl Place {
    fn new() -> Place {
        Place(tempfile::tempdir().unwrap())
    }

    /// A folder with an environment `maxedy_pizza` and its administrator.
    pub(crate) fn set_up() -> (Place, serde_json::Value) {
        let place = Place::new();
        let made = place.run(&["init", "--environment", "maxedy_pizza", "--email", "admin@example.com", "--json"]);
        let document = made.document();
        (place, document)
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    /// The binary, untouched by what the tests' own environment says.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_rolebook"));
        for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("ROLEBOOK_")) {
            command.env_remove(name);
        }
        command.args(arguments).current_dir(self.path()).stdin(Stdio::null());
        command
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Outcome {
        Outcome::of(&mut self.command(arguments))
    }

    /// Starts a server and waits until it says that it listens.
    pub(crate) fn start(&self, arguments: &[&str]) -> Server {
        self.start_by(self.command(arguments))
    }

    /// The same by a command that is prepared already.
    pub(crate) fn start_by(&self, mut command: Command) -> Server {
        let log = File::create(self.path().join("log")).unwrap();
        let mut child = command.stdout(Stdio::piped()).stderr(log).spawn().unwrap();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        let mut server = Server { child, stdout, printed: String::new(), address: String::new() };
        while server.address.is_empty() {
            let before = server.printed.len();
            let read = server.stdout.read_line(&mut server.printed).unwrap();
            assert_ne!(read, 0, "it ended: {}{}", server.printed, self.log());
            let listening = server.printed[before..].strip_prefix("listening on http://");
            server.address = listening.unwrap_or_default().trim().to_owned();
        }
        server
    }

    /// What the last server logged so far.
    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(self.path().join("log")).unwrap()
    }
}

impl Outcome {
    fn of(command: &mut Command) -> Outcome {
        let output = command.output().unwrap();
        Outcome {
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// What it printed, when all went well.
    fn text(&self) -> &str {
        assert_eq!((self.code, &*self.stderr), (Some(0), ""), "{}", self.stdout);
        &self.stdout
    }

    /// The one JSON document that it printed, when all went well.
    pub(crate) fn document(&self) -> serde_json::Value {
        serde_json::from_str(self.text()).unwrap()
    }

    /// The one line that it complained with; nothing else was printed.
    fn complaint(&self) -> &str {
        assert_eq!((self.code, &*self.stdout), (Some(1), ""), "{}", self.stderr);
        self.only_line()
    }

    /// The one line on stderr, without the program's name.
    fn only_line(&self) -> &str {
        assert_eq!(self.stderr.lines().count(), 1, "{}", self.stderr);
        self.stderr.trim_end().strip_prefix("rolebook: ").unwrap()
    }
}

/// A running server, which is killed when it is dropped.
pub(crate) struct Server {
    child: Child,
    stdout: BufReader<ChildStdout>,
    /// Up to the line that it listens.
    printed: String,
    pub(crate) address: String,
}

impl Server {
    /// The status line and body of a plain GET.
    fn get(&self, path: &str) -> String {
        self.send(&format!("GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"))
    }

    /// The same of a POST with a JSON body.
    fn post(&self, path: &str, body: &str) -> String {
        let length = body.len();
        self.send(&format!(
            "POST {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\n\
             Content-Length: {length}\r\n\r\n{body}"
        ))
    }

    fn send(&self, request: &str) -> String {
        let mut connection = TcpStream::connect(&self.address).unwrap();
        connection.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        connection.read_to_string(&mut answer).unwrap();
        answer
    }

    /// Asks it to stop, and gives its exit code and all that it printed.
    pub(crate) fn stop(mut self, signal: &str) -> (Option<i32>, String) {
        let kill = Command::new("kill").args([signal, &self.child.id().to_string()]).status().unwrap();
        assert!(kill.success());
        let mut printed = std::mem::take(&mut self.printed);
        self.stdout.read_to_string(&mut printed).unwrap();
        (self.child.wait().unwrap().code(), printed)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// A line of shell, run in a folder; what it printed.
fn shell(line: &str, folder: &Path) -> String {
    let output = Command::new("sh").args(["-c", line]).current_dir(folder).output().unwrap();
    assert!(output.status.success(), "{line}\n{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}
