//! An orderly end: streams of events are over, and the embedded database is one file again.

use super::{Boss, Wire, served};
use crate::cli::Place;
use std::time::{Duration, Instant};

/// What the server warned of.
fn warnings(place: &Place) -> Vec<String> {
    place.log().lines().filter(|line| !line.contains(" INFO ")).map(str::to_owned).collect()
}

#[test]
fn after_an_orderly_stop_the_database_is_one_file() {
    let (place, boss) = Boss::set_up();
    let (server, mut wire) = served(&place);
    for n in 0..100 {
        assert_eq!(boss.upsert(&mut wire, &format!("guest{n}@example.com"), "Guest").unwrap().status, 201);
    }
    let database = place.path().join("rolebook-data/rolebook.db");
    let log = place.path().join("rolebook-data/rolebook.db-wal");
    assert!(std::fs::metadata(&log).unwrap().len() > 0);
    assert_eq!(server.stop("-TERM").0, Some(0));
    assert!(std::fs::metadata(&log).map_or(0, |log| log.len()) == 0, "{:?}", warnings(&place));
    assert_eq!(warnings(&place), [""; 0]);
    // Without what stands beside it, as a careless copy has it.
    let copy = place.path().join("copy.db");
    std::fs::copy(database, &copy).unwrap();
    let copy = rusqlite::Connection::open(copy).unwrap();
    assert_eq!(super::number(&copy, "SELECT count(*) FROM users"), 101);
}

#[test]
fn who_reads_the_database_meanwhile_does_not_hold_up_the_stop() {
    let (place, boss) = Boss::set_up();
    let (server, mut wire) = served(&place);
    let reader = super::look(&place);
    reader.execute_batch("BEGIN; SELECT count(*) FROM users;").unwrap();
    assert_eq!(boss.upsert(&mut wire, "guest@example.com", "Guest").unwrap().status, 201);
    assert_eq!(server.stop("-TERM").0, Some(0));
    assert!(warnings(&place)[0].contains("log stays beside it"));
    drop(reader);
    let (_server, mut wire) = served(&place);
    assert_eq!(boss.upsert(&mut wire, "guest@example.com", "Guest").unwrap().status, 200);
}

#[test]
fn folding_the_log_back_while_it_serves_is_nothing_to_warn_of() {
    let (place, boss) = Boss::set_up();
    let (server, _) = served(&place);
    std::thread::scope(|scope| {
        for writer in 0..8 {
            let (boss, address) = (&boss, &server.address);
            scope.spawn(move || {
                let mut wire = super::Wire::to(address).unwrap();
                for n in 0..100 {
                    let email = format!("guest{writer}-{n}@example.com");
                    assert_eq!(boss.upsert(&mut wire, &email, "Guest").unwrap().status, 201);
                }
            });
        }
    });
    // Past the pages after which it is folded back.
    let pages = super::number(&super::look(&place), "PRAGMA page_count");
    assert_eq!(server.stop("-TERM").0, Some(0));
    assert_eq!(warnings(&place), [""; 0], "{pages} pages");
}

#[test]
fn streams_that_are_open_end_whole_and_hold_nobody_up() {
    let (place, boss) = Boss::set_up();
    let (server, mut wire) = served(&place);
    let mut streams: Vec<Wire> = (0..20).map(|_| Wire::to(&server.address).unwrap()).collect();
    for stream in &mut streams {
        // From the beginning: there is something to hear at once.
        let answer = boss.call(stream, "GET", "/events", "Last-Event-ID: 0\r\n", None);
        assert_eq!((answer.status, answer.header("transfer-encoding")), (200, Some("chunked")));
    }
    assert_eq!(boss.upsert(&mut wire, "guest@example.com", "Guest").unwrap().status, 201);
    let begun = Instant::now();
    assert_eq!(server.stop("-TERM").0, Some(0));
    // Far less than what requests may take to finish.
    assert!(begun.elapsed() < Duration::from_secs(3), "{:?}", begun.elapsed());
    for stream in &mut streams {
        let said = stream.rest();
        assert!(said.ends_with("\r\n0\r\n\r\n") || said == "0\r\n\r\n", "{said:?}");
    }
    assert_eq!(warnings(&place), [""; 0]);
}
