//! What no client sends: too much, too many, nonsense, two meanings at once. Each is refused as the standard says, costs one
//! connection at most, and the next caller is served as if nothing had been.

use super::{Boss, served};
use crate::cli::{Place, Server};
use crate::faults::wire::Wire;

/// A request that nothing is wrong with.
const GOOD: &[u8] = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n";

/// A server to ill-treat; each ill-treatment is followed by a normal call.
struct Victim {
    // First: it stops before its folder goes.
    server: Server,
    _place: Place,
    boss: Boss,
}

impl Victim {
    fn new() -> Victim {
        let (place, boss) = Boss::set_up();
        let (server, _) = served(&place);
        Victim { server, _place: place, boss }
    }

    /// What is answered to these bytes before the connection ends, `None` for nothing; then somebody else is served.
    fn sent(&self, bytes: &[u8]) -> Option<u16> {
        let mut wire = Wire::to(&self.server.address).unwrap();
        // It may end the connection before it was sent everything.
        wire.send(bytes).ok();
        let status = wire.answer().ok().map(|answer| answer.status);
        assert!(wire.ends(), "the connection goes on: {}", String::from_utf8_lossy(&bytes[..bytes.len().min(200)]));
        self.serves();
        status
    }

    fn serves(&self) {
        let mut wire = Wire::to(&self.server.address).unwrap();
        let answer = self.boss.call(&mut wire, "GET", &format!("/user/{}", self.boss.id), "", None);
        assert_eq!(answer.status, 200);
    }

    /// The head of a call that the administrator may make, without the line that ends it.
    fn head(&self, more: &str) -> String {
        let json = "Content-Type: application/json";
        format!(
            "POST /api/v2/group HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {}\r\n{json}\r\n{more}",
            self.boss.token
        )
    }
}

#[test]
fn a_head_that_is_too_large_is_refused() {
    let victim = Victim::new();
    let large = format!("GET /healthz HTTP/1.1\r\nHost: x\r\nX-Large: {}\r\n\r\n", "a".repeat(100_000));
    assert_eq!(victim.sent(large.as_bytes()), Some(431));
    for count in [150, 10_000] {
        let many = format!("GET /healthz HTTP/1.1\r\nHost: x\r\n{}\r\n", "X-Many: 1\r\n".repeat(count));
        assert_eq!(victim.sent(many.as_bytes()), Some(431), "{count}");
    }
    // One that never ends.
    let endless = format!("GET /healthz HTTP/1.1\r\nX-Endless: {}", "a".repeat(1_000_000));
    assert_eq!(victim.sent(endless.as_bytes()), Some(431));
    let long = format!("GET /{} HTTP/1.1\r\nHost: x\r\n\r\n", "a".repeat(70_000));
    assert!(matches!(victim.sent(long.as_bytes()), Some(414 | 431)));
}

#[test]
fn a_body_over_the_limit_is_refused() {
    let victim = Victim::new();
    // Announced: refused before any of it is sent.
    let announced = victim.head("Content-Length: 1048577\r\n\r\n");
    assert_eq!(victim.sent(announced.as_bytes()), Some(413));
    let absurd = victim.head("Content-Length: 18446744073709551614\r\n\r\n");
    assert!(matches!(victim.sent(absurd.as_bytes()), Some(400 | 413 | 431)));
    // Unannounced and without an end.
    let mut endless = victim.head("Transfer-Encoding: chunked\r\n\r\n").into_bytes();
    let piece = [b"4000\r\n".as_slice(), &[b' '; 0x4000], b"\r\n"].concat();
    (0..128).for_each(|_| endless.extend(&piece));
    assert_eq!(victim.sent(&endless), Some(413));
    // Whom we do not know hears only that.
    let stranger = "POST /api/v2/group HTTP/1.1\r\nHost: x\r\nContent-Length: 1048577\r\n\r\n";
    assert_eq!(victim.sent(stranger.as_bytes()), Some(401));
}

#[test]
fn broken_framing_is_refused() {
    let victim = Victim::new();
    for lengths in ["-1", "x", "1, 2", "+1", "", "99999999999999999999999", "1\r\nContent-Length: 2", "0x10"] {
        let head = victim.head(&format!("Content-Length: {lengths}\r\n\r\n"));
        assert_eq!(victim.sent(head.as_bytes()), Some(400), "{lengths}");
    }
    for encoding in ["gzip", "chunked, gzip", "identity", "xchunked"] {
        let head = victim.head(&format!("Transfer-Encoding: {encoding}\r\n\r\n"));
        assert_eq!(victim.sent(head.as_bytes()), Some(400), "{encoding}");
    }
    for pieces in ["nonsense\r\n", "-1\r\n{}\r\n0\r\n\r\n", "fffffffffffffffff\r\n", "2\r\n{}xx"] {
        let head = victim.head(&format!("Transfer-Encoding: chunked\r\n\r\n{pieces}"));
        assert_eq!(victim.sent(head.as_bytes()), Some(400), "{pieces}");
    }
}

#[test]
fn a_request_that_could_be_read_as_two_is_read_as_one_and_the_last() {
    let victim = Victim::new();
    let hidden = "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n";
    for framing in
        ["Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n"]
    {
        let both = victim.head(&format!("{framing}\r\n2\r\n{{}}\r\n0\r\n\r\n{hidden}"));
        // The body is what the pieces say (RFC 9112, section 6.1), an empty group here; what follows is not listened to.
        assert_eq!(victim.sent(both.as_bytes()), Some(400), "{framing}");
    }
    for smuggled in [
        "Content-Length : 5\r\n\r\n12345",
        "X: y\r\n Content-Length: 5\r\n\r\n",
        "Transfer-Encoding\0: chunked\r\n\r\n",
        "X: a\0b\r\n\r\n",
        "X: a\rb\r\n\r\n",
    ] {
        assert_eq!(victim.sent(victim.head(smuggled).as_bytes()), Some(400), "{smuggled:?}");
    }
}

#[test]
fn garbage_behind_a_good_request_ends_only_what_follows() {
    let victim = Victim::new();
    for garbage in
        [b"nonsense\r\n\r\n".as_slice(), b"\0\0\0\0\0\0\r\n\r\n", b"GET\r\n\r\n", b"\xff\xfe GET / HTTP/1.1\r\n\r\n"]
    {
        let mut wire = Wire::to(&victim.server.address).unwrap();
        wire.send(&[GOOD, GOOD, garbage, GOOD].concat()).unwrap();
        let statuses: Vec<u16> = std::iter::from_fn(|| wire.answer().ok()).map(|answer| answer.status).collect();
        assert_eq!(statuses, [200, 200, 400]);
        assert!(wire.ends());
        victim.serves();
    }
}

#[test]
fn other_protocols_are_turned_away() {
    let victim = Victim::new();
    // HTTP/2 with prior knowledge, and the beginning of TLS.
    let preface = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0".as_slice();
    let hello = [b"\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03".as_slice(), &[0xa5; 500]].concat();
    for bytes in
        [preface, &hello, b"SSH-2.0-x\r\n", b"GET /healthz\r\n\r\n", b"GET /healthz HTTP/9.9\r\n\r\n", &[0; 4096]]
    {
        let status = victim.sent(bytes);
        assert!(matches!(status, None | Some(400 | 505)), "{status:?}: {}", String::from_utf8_lossy(bytes));
    }
}

#[test]
fn odd_addresses_and_methods_name_nothing() {
    let victim = Victim::new();
    let mut wire = Wire::to(&victim.server.address).unwrap();
    for path in ["%00", "%ff", "%c3%28", "%", "%2e%2e%2fme", "..", "%f0%9f%8d%95", "a%20b", "%0d%0aX:%20y"] {
        let answer = victim.boss.call(&mut wire, "GET", &format!("/user/{path}"), "", None);
        assert!(matches!(answer.status, 400 | 404), "{path}: {answer:?}");
        let answer = wire.ask("GET", &format!("/{path}"), "", None).unwrap();
        assert!(matches!(answer.status, 400 | 404), "{path}: {answer:?}");
    }
    for (method, path, status) in [
        ("TRACE", "/api/v2/user", 405),
        ("TRACE", "/healthz", 405),
        ("BREW", "/api/v2/user", 405),
        ("get", "/healthz", 405),
        ("OPTIONS", "/api/v1/users", 405),
        ("PROPFIND", "/nowhere", 404),
        ("GET", "/healthz;x", 404),
        ("GET", "http://elsewhere.example/healthz", 200),
    ] {
        let answer = wire.ask(method, path, "", None).unwrap();
        assert_eq!(answer.status, status, "{method} {path}");
        assert_eq!(answer.header("allow").is_some(), status == 405, "{method} {path}: {answer:?}");
    }
    for line in ["GET /\0 HTTP/1.1", "GET /healthz\x01 HTTP/1.1", "GET  HTTP/1.1", " GET /healthz HTTP/1.1"] {
        assert_eq!(victim.sent(format!("{line}\r\nHost: x\r\n\r\n").as_bytes()), Some(400), "{line:?}");
    }
    for bytes in [
        b"GET /\xff HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".as_slice(),
        b"OPTIONS * HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
        b"CONNECT example.com:443 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
    ] {
        let status = victim.sent(bytes);
        assert!(matches!(status, Some(400 | 404 | 405)), "{status:?}: {}", String::from_utf8_lossy(bytes));
    }
}

#[test]
fn connections_that_say_nothing_do_not_keep_others_out() {
    let victim = Victim::new();
    let idle: Vec<Wire> = (0..400).map(|_| Wire::to(&victim.server.address).unwrap()).collect();
    let halves: Vec<Wire> = (0..50)
        .map(|_| {
            let mut wire = Wire::to(&victim.server.address).unwrap();
            wire.send(&GOOD[..20]).unwrap();
            wire
        })
        .collect();
    victim.serves();
    assert_eq!(idle.len() + halves.len(), 450);
}

#[test]
fn who_leaves_at_any_moment_disturbs_nobody() {
    let victim = Victim::new();
    let body = r#"{"name":"Baker"}"#;
    let request = victim.head(&format!("Content-Length: {}\r\n\r\n{body}", body.len()));
    for part in 1..request.len() / 7 {
        let mut wire = Wire::to(&victim.server.address).unwrap();
        wire.send(&request.as_bytes()[..part * 7]).unwrap();
    }
    victim.serves();
    // Nothing but the whole was done.
    let mut wire = Wire::to(&victim.server.address).unwrap();
    let groups = victim.boss.call(&mut wire, "GET", "/group", "", None);
    assert_eq!(groups.json(), serde_json::json!([]));
}
