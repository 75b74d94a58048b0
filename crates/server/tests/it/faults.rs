//! The real server, ill-treated: killed, flooded, starved, lied to. What it said is true afterwards, and it serves the next.

mod abuse;
mod crash;
mod headers;
mod repeats;
mod slow;
mod stop;
mod syncs;
mod wire;

use crate::cli::{Place, Server};
use serde_json::{Value, json};
use wire::{Answer, Wire};

/// The administrator of a place, who is its operator too.
#[derive(Clone)]
struct Boss {
    id: String,
    token: String,
}

impl Boss {
    /// A place with an environment `maxedy_pizza`, and its administrator.
    fn set_up() -> (Place, Boss) {
        let (place, made) = Place::set_up();
        let text = |name: &str| made[name].as_str().unwrap().to_owned();
        (place, Boss { id: text("user_id"), token: text("token") })
    }

    /// `POST /api/v1/users`: makes the user of this address, or gives it this name.
    fn upsert(&self, wire: &mut Wire, email: &str, name: &str) -> std::io::Result<Answer> {
        let body = json!({"globalEmailAddress": email, "_environmentId": "maxedy_pizza", "name": name,
            "administrator": false, "active": true, "language": "en", "locale": "en"});
        let credentials = format!("X-Auth-Token: {}\r\nX-User-Id: {}\r\n", self.token, self.id);
        wire.ask("POST", "/api/v1/users", &credentials, Some(&body))
    }

    /// A call to v2.
    fn call(&self, wire: &mut Wire, method: &str, path: &str, headers: &str, body: Option<&Value>) -> Answer {
        let headers = format!("Authorization: Bearer {}\r\n{headers}", self.token);
        wire.ask(method, &format!("/api/v2{path}"), &headers, body).unwrap()
    }
}

/// As all tests here start it.
const SERVE: [&str; 5] = ["serve", "--listen", "127.0.0.1:0", "--public-url", "https://id.example"];

/// A running server with a connection to it.
fn served(place: &Place) -> (Server, Wire) {
    let server = place.start(&SERVE);
    let wire = Wire::to(&server.address).unwrap();
    (server, wire)
}

/// The database, seen from beside a running server: closing this leaves the log to it.
fn look(place: &Place) -> rusqlite::Connection {
    let file = place.path().join("rolebook-data/rolebook.db");
    rusqlite::Connection::open_with_flags(file, rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap()
}

/// The one number that a query gives.
fn number(connection: &rusqlite::Connection, query: &str) -> i64 {
    connection.query_row(query, [], |row| row.get(0)).unwrap()
}
