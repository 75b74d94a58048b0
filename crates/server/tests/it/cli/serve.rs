//! `rolebook serve`: one line when it is ready, a log without secrets, and an orderly end.

use super::Place;

#[test]
fn it_says_where_it_listens_answers_and_ends_with_0_when_told_to() {
    let (place, _) = Place::set_up();
    for signal in ["-TERM", "-INT"] {
        let server = place.start(&["serve", "--listen", "127.0.0.1:0"]);
        assert!(server.get("/healthz").starts_with("HTTP/1.1 200"));
        assert!(server.get("/readyz").starts_with("HTTP/1.1 200"));
        let expected = format!("listening on http://{}\n", server.address);
        assert_eq!(server.stop(signal), (Some(0), expected));
        let log = place.log();
        for part in ["schema=", "SQLite", "rolebook.db", "listening", "stopped"] {
            assert!(log.contains(part), "{part}: {log}");
        }
    }
}

#[test]
fn it_makes_the_database_and_says_that_nobody_can_sign_in_yet() {
    let place = Place::new();
    let server = place.start(&["serve", "--listen", "127.0.0.1:0"]);
    assert!(place.log().contains("rolebook init"), "{}", place.log());
    assert_eq!(server.stop("-TERM").0, Some(0));
    place.run(&["init", "--environment", "maxedy_pizza", "--email", "admin@example.com"]).text();
}

#[test]
fn the_log_can_be_json_and_holds_no_secret() {
    let (place, made) = Place::set_up();
    let server = place.start(&["serve", "--listen", "127.0.0.1:0", "--log-format", "json", "--log", "debug"]);
    server.get("/healthz?secret=s3cret");
    server.stop("-TERM");
    let log = place.log();
    assert!(log.lines().count() >= 3);
    for line in log.lines() {
        let event: serde_json::Value = serde_json::from_str(line).unwrap();
        assert!(event["level"].is_string(), "{line}");
    }
    let keys = std::fs::read_to_string(place.path().join("rolebook-data/rolebook.keys")).unwrap();
    let key = keys.lines().last().unwrap().rsplit(' ').next().unwrap();
    for secret in ["s3cret", key, made["token"].as_str().unwrap(), made["password"].as_str().unwrap()] {
        assert!(!log.contains(secret), "{log}");
    }
}

#[test]
fn keys_that_others_can_read_are_warned_of() {
    use std::os::unix::fs::PermissionsExt;
    let (place, _) = Place::set_up();
    let keys = place.path().join("rolebook-data/rolebook.keys");
    std::fs::set_permissions(&keys, std::fs::Permissions::from_mode(0o644)).unwrap();
    let server = place.start(&["serve", "--listen", "127.0.0.1:0"]);
    server.stop("-TERM");
    assert!(place.log().contains("chmod 600"), "{}", place.log());
}

#[test]
fn commands_work_beside_a_running_server() {
    let (place, _) = Place::set_up();
    let server = place.start(&["serve", "--listen", "127.0.0.1:0"]);
    place.run(&["environment", "add", "roma_pizza"]).text();
    assert!(server.get("/readyz").starts_with("HTTP/1.1 200"));
    let listed = place.run(&["environment", "list", "--json"]).document();
    assert_eq!(listed.as_array().unwrap().len(), 2);
}
