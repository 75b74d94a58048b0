//! The headers that protect every answer, whatever it says.

use super::{Boss, served};
use crate::faults::wire::{Answer, Wire};
use serde_json::json;

const NOTHING: Option<&str> = Some("default-src 'none'; frame-ancestors 'none'");

fn protected(answer: &Answer) {
    assert_eq!(answer.header("x-content-type-options"), Some("nosniff"), "{answer:?}");
    assert_eq!(answer.header("referrer-policy"), Some("no-referrer"), "{answer:?}");
    for (name, _) in &answer.headers {
        assert_eq!(answer.headers.iter().filter(|(other, _)| other == name).count(), 1, "{name}: {answer:?}");
    }
}

#[test]
fn every_answer_of_an_api_is_kept_and_framed_by_nobody() {
    let (place, boss) = Boss::set_up();
    let (_server, mut wire) = served(&place);
    let me = boss.call(&mut wire, "GET", &format!("/user/{}", boss.id), "", None);
    let known = format!("If-None-Match: {}\r\n", me.header("etag").unwrap());
    let login = json!({"email": "admin@example.com", "password": "wrong"});
    let answers = [
        (200, boss.call(&mut wire, "GET", "/user", "", None)),
        (304, boss.call(&mut wire, "GET", &format!("/user/{}", boss.id), &known, None)),
        (201, boss.call(&mut wire, "POST", "/group", "", Some(&json!({"name": "Baker"})))),
        (204, boss.call(&mut wire, "DELETE", "/group/1", "", None)),
        (400, boss.call(&mut wire, "POST", "/group", "", Some(&json!({})))),
        (401, wire.ask("POST", "/api/v2/user/login", "", Some(&login)).unwrap()),
        (401, wire.ask("GET", "/api/v1/users", "", None).unwrap()),
        (404, wire.ask("GET", "/api/v1/nothing", "", None).unwrap()),
        (404, wire.ask("GET", "/api/v3", "", None).unwrap()),
        (405, wire.ask("TRACE", "/api/v2/user", "", None).unwrap()),
        (201, boss.upsert(&mut wire, "guest@example.com", "Guest").unwrap()),
    ];
    for (status, answer) in &answers {
        assert_eq!(answer.status, *status, "{answer:?}");
        protected(answer);
        assert_eq!(answer.header("cache-control"), Some("no-store"), "{answer:?}");
        assert_eq!(answer.header("content-security-policy"), NOTHING, "{answer:?}");
        assert_eq!(answer.header("strict-transport-security"), Some("max-age=31536000"));
    }
    let healthy = wire.ask("GET", "/healthz", "", None).unwrap();
    protected(&healthy);
    assert_eq!(healthy.header("content-security-policy"), None);
}

#[test]
fn https_is_not_demanded_where_it_is_not_spoken() {
    let (place, _) = Boss::set_up();
    let server = place.start(&["serve", "--listen", "127.0.0.1:0"]);
    let mut wire = Wire::to(&server.address).unwrap();
    for path in ["/healthz", "/api/v2/user"] {
        let answer = wire.ask("GET", path, "", None).unwrap();
        protected(&answer);
        assert_eq!(answer.header("strict-transport-security"), None);
    }
}
