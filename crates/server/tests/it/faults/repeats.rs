//! Calls that may be repeated, across a crash: the same answer, and never two users.

use super::{Boss, look, number, served};
use serde_json::json;
use std::hash::BuildHasher;
use std::time::Duration;

const KEY: &str = "Idempotency-Key: 8e03978e-40d5-43dd-bc93-6894a57f9324\r\n";

#[test]
fn a_call_that_was_answered_before_the_crash_is_answered_the_same_after_it() {
    let (place, boss) = Boss::set_up();
    let body = json!({"email": "guest@example.com", "password": "correct horse battery"});
    let (server, mut wire) = served(&place);
    let first = boss.call(&mut wire, "POST", "/user", KEY, Some(&body));
    drop(server);
    let (_server, mut wire) = served(&place);
    let again = boss.call(&mut wire, "POST", "/user", KEY, Some(&body));
    assert_eq!((first.status, again.status), (201, 201));
    assert_eq!(first.body, again.body);
    for name in ["location", "etag", "content-type"] {
        assert!(first.header(name).is_some() && first.header(name) == again.header(name), "{name}");
    }
    assert_eq!(number(&look(&place), "SELECT count(*) FROM users"), 2);
    let other = json!({"email": "other@example.com", "password": "correct horse battery"});
    assert_eq!(boss.call(&mut wire, "POST", "/user", KEY, Some(&other)).status, 422);
}

#[test]
fn a_call_that_the_crash_cut_off_can_be_repeated_and_is_done_once() {
    const CRASHES: i64 = 8;
    let (place, boss) = Boss::set_up();
    let dice = std::hash::RandomState::new();
    for n in 0..CRASHES {
        let key = format!("Idempotency-Key: call-{n}\r\nAuthorization: Bearer {}\r\n", boss.token);
        let body = json!({"email": format!("guest{n}@example.com"), "password": "correct horse battery"});
        let (server, mut wire) = served(&place);
        wire.request("POST", "/api/v2/user", &key, Some(&body)).unwrap();
        // Hashing, writing, answering: somewhere within.
        std::thread::sleep(Duration::from_millis(dice.hash_one(n) % 60));
        drop(server);
        let (_server, mut wire) = served(&place);
        let again = wire.ask("POST", "/api/v2/user", &key, Some(&body)).unwrap();
        assert_eq!(again.status, 201, "{}", again.body);
        let database = look(&place);
        assert_eq!(number(&database, "SELECT count(*) FROM users"), n + 2);
        assert_eq!(number(&database, "SELECT count(*) FROM audit_events WHERE verb = 'user.created'"), n + 2);
    }
}
