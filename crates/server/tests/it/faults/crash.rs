//! Killed without warning amid many upserts, again and again: what was answered is there, whole, and nothing is by half.

use super::{Boss, look, number, served};
use crate::faults::wire::Wire;
use rusqlite::Connection;
use std::collections::HashMap;
use std::hash::BuildHasher;
use std::sync::mpsc;
use std::time::Duration;
use uuid::Uuid;

const KILLS: u32 = 50;
const WRITERS: u32 = 16;

/// What one writer was told during one life of the server.
#[derive(Default)]
struct Told {
    /// Address and id of each user that was made.
    made: Vec<(String, Uuid)>,
    /// How often its own user was changed.
    changes: Option<i64>,
}

/// Makes users, and after each changes the one of its own, until the server is gone. Says so when it was first answered.
fn write(boss: &Boss, address: &str, (life, writer): (u32, u32), changes: i64, first: &mpsc::Sender<()>) -> Told {
    let mut told = Told::default();
    let Ok(mut wire) = Wire::to(address) else { return told };
    for n in 1.. {
        let email = format!("life{life}-writer{writer}-{n}@example.com");
        let Ok(answer) = boss.upsert(&mut wire, &email, "Guest") else { break };
        assert_eq!(answer.status, 201, "{}", answer.body);
        told.made.push((email, answer.json()["_id"].as_str().unwrap().parse().unwrap()));
        let change = changes + n;
        let Ok(answer) = boss.upsert(&mut wire, &own(writer), &change.to_string()) else { break };
        assert!(matches!(answer.status, 200 | 201), "{}", answer.body);
        told.changes = Some(change);
        first.send(()).ok();
    }
    told
}

/// The user that a writer changes again and again; its name counts how often.
fn own(writer: u32) -> String {
    format!("writer{writer}@example.com")
}

fn name_of(database: &Connection, email: &str) -> Option<(Uuid, String)> {
    let mut query = database
        .prepare_cached(
            "SELECT a.id, u.name FROM accounts a JOIN users u ON u.account_id = a.id WHERE a.email_folded = ?",
        )
        .unwrap();
    let found = query.query_row([email], |row| Ok((row.get::<_, Vec<u8>>(0)?, row.get(1)?))).ok();
    found.map(|(id, name)| (Uuid::from_slice(&id).unwrap(), name))
}

/// How many events there are of each verb and subject.
fn events(database: &Connection) -> HashMap<(String, String), i64> {
    let mut query =
        database.prepare("SELECT verb, subject, count(*) FROM audit_events GROUP BY verb, subject").unwrap();
    let rows = query.query_map([], |row| Ok(((row.get(0)?, row.get(1)?), row.get(2)?))).unwrap();
    rows.collect::<rusqlite::Result<_>>().unwrap()
}

/// What was told is so; and whatever was not told happened whole or not at all.
fn check(database: &Connection, told: &[Told], changes: &mut [i64]) {
    let events = events(database);
    let count = |verb: &str, id: Uuid| events.get(&(verb.to_owned(), id.to_string())).copied().unwrap_or(0);
    for (email, id) in told.iter().flat_map(|told| &told.made) {
        assert_eq!(name_of(database, email), Some((*id, "Guest".to_owned())), "{email} was answered, and is lost");
        assert_eq!(count("user.created", *id), 1, "{email}");
    }
    for (writer, told) in told.iter().enumerate() {
        let Some((id, name)) = name_of(database, &own(writer as u32)) else {
            assert!(told.changes.is_none());
            continue;
        };
        let (name, known): (i64, i64) = (name.parse().unwrap(), told.changes.unwrap_or(changes[writer]));
        // The one on its way may have arrived, or not.
        assert!(name == known || name == known + 1, "changed to {known}, and is {name}");
        assert_eq!(count("user.created", id) + count("user.updated", id), name);
        changes[writer] = name;
    }
    // A user, its event, its link and its mail are one. The administrator was not invited.
    let users = number(database, "SELECT count(*) FROM users");
    assert_eq!(number(database, "SELECT count(*) FROM audit_events WHERE verb = 'user.created'"), users);
    for table in ["links", "outbox"] {
        assert_eq!(number(database, &format!("SELECT count(*) FROM {table}")) + 1, users, "{table}");
    }
}

#[test]
fn nothing_answered_is_lost_and_nothing_is_done_by_half_when_it_is_killed_fifty_times() {
    let (place, boss) = Boss::set_up();
    let dice = std::hash::RandomState::new();
    let mut told: Vec<Told> = Vec::new();
    let (mut changes, mut answered) = ([0; WRITERS as usize], 0);
    for life in 0..KILLS {
        let server = place.start(&super::SERVE);
        let address = server.address.clone();
        check(&look(&place), &told, &mut changes);
        let (first, answer) = mpsc::channel();
        told = std::thread::scope(|scope| {
            let writer = |writer: u32| {
                let (boss, address, changes, first) = (&boss, &address, changes[writer as usize], first.clone());
                scope.spawn(move || write(boss, address, (life, writer), changes, &first))
            };
            let writers: Vec<_> = (0..WRITERS).map(writer).collect();
            // However slow the machine is: amid writing, not before it.
            answer.recv_timeout(Duration::from_secs(20)).unwrap();
            std::thread::sleep(Duration::from_millis(20 + dice.hash_one(life) % 130));
            // SIGKILL.
            drop(server);
            writers.into_iter().map(|writer| writer.join().unwrap()).collect()
        });
        answered += told.iter().map(|told| told.made.len()).sum::<usize>();
    }
    assert!(answered >= KILLS as usize, "only {answered} answers tell little");
    let (server, mut wire) = served(&place);
    let database = look(&place);
    check(&database, &told, &mut changes);
    let verdict: String = database.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
    assert_eq!(verdict, "ok");
    assert!(!database.prepare("PRAGMA foreign_key_check").unwrap().exists([]).unwrap());
    drop(database);
    assert_eq!(boss.upsert(&mut wire, "after@example.com", "After").unwrap().status, 201);
    assert_eq!(server.stop("-TERM").0, Some(0));
}
