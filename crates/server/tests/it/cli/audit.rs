//! `rolebook audit`: what a server chained and signed, verified from its database and from what it gave away.

use super::Place;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

fn add(place: &Place, n: u32) -> String {
    let address = format!("guest{n}@example.com");
    let added = place.run(&["user", "add", "--environment", "maxedy_pizza", "--email", &address, "--json"]).document();
    added["id"].as_str().unwrap().to_owned()
}

fn verified(place: &Place, more: &[&str]) -> Value {
    place.run(&[&["audit", "verify", "--json"], more].concat()).document()
}

/// A server runs until all events are chained and, at its beginning, some are signed.
fn serve(place: &Place) {
    let server = place.start(&["serve", "--listen", "127.0.0.1:0", "--audit-checkpoints", "checkpoints.ndjson"]);
    let began = Instant::now();
    while verified(place, &[])["waiting"] != 0 {
        assert!(began.elapsed() < Duration::from_secs(20), "{}", place.log());
        std::thread::sleep(Duration::from_millis(50));
    }
    assert_eq!(server.stop("-TERM").0, Some(0));
}

#[test]
fn the_trail_is_verified_here_and_elsewhere_and_a_break_is_a_failure() {
    let (place, _) = Place::set_up();
    let users: Vec<String> = (0..5).map(|n| add(&place, n)).collect();
    let before = verified(&place, &[]);
    assert_eq!((&before["whole"], &before["waiting"], &before["checkpoints"]), (&json!(true), &json!(0), &json!(0)));
    assert!(before["events"].as_u64().unwrap() >= 5);
    serve(&place);

    let here = verified(&place, &[]);
    assert!(here["events"].as_u64().unwrap() >= 5, "{here}");
    let exported = place.run(&["audit", "export"]).text().to_owned();
    let elsewhere = Place::new();
    std::fs::write(elsewhere.path().join("audit.ndjson"), &exported).unwrap();
    let there = verified(&elsewhere, &["--file", "audit.ndjson"]);
    assert_eq!((&there["whole"], &there["events"], &there["chains"]), (&json!(true), &here["events"], &here["chains"]));
    let one = place.run(&["audit", "export", "--environment", "maxedy_pizza"]).text().to_owned();
    assert!(exported.contains(&one) && one.lines().count() >= 5 && one.len() < exported.len());

    let lines: Vec<&str> = one.lines().collect();
    let without = [&lines[..2], &lines[3..]].concat().join("\n");
    let altered = one.replace("guest2@example.com", "guest7@example.com");
    let swapped = [&lines[..2], &[lines[3], lines[2]], &lines[4..]].concat().join("\n");
    let twice = [&lines[..3], &lines[2..]].concat().join("\n");
    for (text, how) in [(without, "removed"), (altered, "altered"), (swapped, "out_of_order"), (twice, "inserted")] {
        std::fs::write(elsewhere.path().join("broken.ndjson"), text).unwrap();
        let outcome = elsewhere.run(&["audit", "verify", "--file", "broken.ndjson", "--json"]);
        assert_eq!(outcome.code, Some(1), "{how}");
        let found: Value = serde_json::from_str(&outcome.stdout).unwrap();
        assert_eq!((&found["whole"], &found["breaks"][0]["how"]), (&json!(false), &json!(how)), "{found}");
        assert!(outcome.stderr.contains("the audit trail is broken: environment "), "{}", outcome.stderr);
    }
    std::fs::write(elsewhere.path().join("none.ndjson"), "{}\n").unwrap();
    assert!(elsewhere.run(&["audit", "verify", "--file", "none.ndjson"]).complaint().contains("line 1: no event"));

    let erased = place.run(&["audit", "erase", "--user", &users[2], "--json"]).document();
    assert_eq!(erased, json!({"user": users[2]}));
    assert!(!place.run(&["audit", "export"]).text().contains("guest2@example.com"));
    let after = verified(&place, &[]);
    assert_eq!((&after["whole"], &after["waiting"]), (&json!(true), &json!(0)));
    assert!(after["erased"].as_u64().unwrap() >= 1);
}

#[test]
fn checkpoints_are_kept_outside_and_find_what_the_database_no_longer_knows() {
    let (place, _) = Place::set_up();
    (0..3).for_each(|n| drop(add(&place, n)));
    serve(&place);
    let database = place.path().join("rolebook-data/rolebook.db");
    let sql = |text: &str| rusqlite::Connection::open(&database).unwrap().execute_batch(text).unwrap();
    // As if ten minutes had gone by.
    sql("UPDATE audit_heads SET due_at = 0 WHERE due_at IS NOT NULL");
    let server = place.start(&["serve", "--listen", "127.0.0.1:0", "--audit-checkpoints", "checkpoints.ndjson"]);
    let file = place.path().join("checkpoints.ndjson");
    let began = Instant::now();
    while std::fs::read_to_string(&file).unwrap_or_default().lines().count() < 2 {
        assert!(began.elapsed() < Duration::from_secs(20), "{}", place.log());
        std::thread::sleep(Duration::from_millis(50));
    }
    assert_eq!(server.stop("-TERM").0, Some(0));
    let mode = std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(&file).unwrap().permissions());
    assert_eq!(mode & 0o777, 0o600);
    let kept = ["--checkpoints", "checkpoints.ndjson"];
    assert_eq!(verified(&place, &kept)["whole"], true);

    let keys = place.run(&["audit", "key", "--json"]).document();
    let key = keys[0]["key"].as_str().unwrap().to_owned();
    let exported = place.run(&["audit", "export"]).text().to_owned();
    std::fs::write(place.path().join("audit.ndjson"), &exported).unwrap();
    let offline = ["--file", "audit.ndjson", "--checkpoints", "checkpoints.ndjson", "--key"];
    assert_eq!(verified(&place, &[&offline[..], &[&key]].concat())["whole"], true);
    let other = "A".repeat(43);
    let refused = place.run(&[&["audit", "verify"], &offline[..], &[&other]].concat());
    assert!(refused.code == Some(1) && refused.stderr.contains("not signed by a key"), "{}", refused.stderr);

    // The newest event goes, and whatever in the database tells of it.
    let cut: Vec<&str> = exported.lines().collect();
    std::fs::write(place.path().join("audit.ndjson"), cut[..cut.len() - 1].join("\n")).unwrap();
    let refused = place.run(&[&["audit", "verify"], &offline[..], &[&key]].concat());
    assert!(refused.code == Some(1) && refused.stderr.contains("was removed"), "{}", refused.stderr);
    sql("DELETE FROM audit_checkpoints;
         DELETE FROM audit_events WHERE chain = 1 AND sequence = (SELECT sequence FROM audit_heads WHERE chain = 1);
         UPDATE audit_heads SET sequence = sequence - 1,
             hash = (SELECT hash FROM audit_events e WHERE e.chain = 1 AND e.sequence = audit_heads.sequence - 1) WHERE chain = 1");
    assert_eq!(verified(&place, &[])["whole"], true, "the database itself knows nothing of it any more");
    let refused = place.run(&[&["audit", "verify"], &kept[..]].concat());
    assert!(refused.code == Some(1) && refused.stderr.contains("was removed"), "{}", refused.stderr);
}
