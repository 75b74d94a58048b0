//! The store: transactions, durability, migrations, and every statement.

use directory::clock::ManualClock;
use directory::store::{self, Haste, SCHEMA_VERSION, Store, every_statement};
use directory::{Error, Result};
use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;
use test_support::{Database, START, World, effects, on_every_engine};

fn open(database: &Database, seed: u64) -> Store {
    Store::open(database.url(), effects(&ManualClock::starting_at(START), seed)).unwrap()
}

fn migrated(database: &Database) -> Store {
    let store = open(database, 1);
    store.migrate().unwrap();
    store
}

async fn fact(store: &Store, name: &str) -> Option<String> {
    let name = name.to_owned();
    store.read(move |tx| store::meta::find(tx, &name)).await.unwrap()
}

async fn note(store: &Store, name: &str, value: &str) -> Result<()> {
    let (name, value) = (name.to_owned(), value.to_owned());
    store.write(move |tx| store::meta::insert(tx, &name, &value)).await
}

on_every_engine! {
    async fn every_statement_prepares(database: Database) {
        let store = migrated(&database);
        let mut wrong = Vec::new();
        for (name, sql) in every_statement() {
            if let Err(error) = store.prepare(sql).await {
                wrong.push(format!("{name}: {error}"));
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
        assert!(every_statement().count() > 100);
        assert!(store.prepare("SELECT no_such_column FROM users").await.is_err());
    }

    async fn migrations_run_once_and_are_safe_to_run_again(database: Database) {
        let store = open(&database, 1);
        assert_eq!(store.migrate().unwrap() as i64, SCHEMA_VERSION);
        note(&store, "kept", "yes").await.unwrap();
        assert_eq!(store.migrate().unwrap(), 0);
        assert_eq!(open(&database, 2).migrate().unwrap(), 0);
        assert_eq!(fact(&store, "kept").await.as_deref(), Some("yes"));
    }

    async fn migrations_of_several_starting_nodes_do_not_meet(database: Database) {
        let ran: usize = std::thread::scope(|scope| {
            let start = |seed| { let database = &database; move || open(database, seed).migrate().unwrap() };
            let nodes: Vec<_> = (1..=4).map(|seed| scope.spawn(start(seed))).collect();
            nodes.into_iter().map(|node| node.join().unwrap()).sum()
        });
        assert_eq!(ran as i64, SCHEMA_VERSION);
    }

    async fn a_newer_schema_is_refused_in_one_line(database: Database) {
        migrated(&database);
        database.execute("INSERT INTO schema_versions (version, applied_at) VALUES (999, 0)");
        match open(&database, 2).migrate() {
            Err(Error::Unavailable(line)) => assert!(line.contains("999") && !line.contains('\n'), "{line}"),
            other => panic!("{other:?}"),
        }
    }

    async fn an_error_takes_back_its_own_changes_and_its_neighbours_commit(database: Database) {
        let store = migrated(&database);
        let write = |n: usize| {
            let store = store.clone();
            async move {
                let job = move |tx: &mut store::Tx<'_>| {
                    store::meta::insert(tx, &format!("fact {n}"), "x")?;
                    if n.is_multiple_of(2) { Ok(()) } else { Err(Error::NotFound(directory::error::Noun::User)) }
                };
                let haste = if n.is_multiple_of(3) { Haste::Now } else { Haste::Shared };
                store.write_with(haste, job).await.is_ok()
            }
        };
        let writes: Vec<_> = (0..200).map(|n| tokio::spawn(write(n))).collect();
        for (n, write) in writes.into_iter().enumerate() {
            assert_eq!(write.await.unwrap(), n.is_multiple_of(2));
        }
        for n in 0..200_usize {
            assert_eq!(fact(&store, &format!("fact {n}")).await.is_some(), n.is_multiple_of(2), "fact {n}");
        }
    }

    async fn who_has_no_haste_waits_for_nobody_forever(database: Database) {
        let store = migrated(&database);
        store.write_with(Haste::Shared, |tx| store::meta::insert(tx, "alone", "yes")).await.unwrap();
        assert_eq!(fact(&store, "alone").await.as_deref(), Some("yes"));
    }

    async fn a_unique_violation_is_an_error_of_that_one_write(database: Database) {
        let store = migrated(&database);
        note(&store, "one", "first").await.unwrap();
        let (second, other) = tokio::join!(note(&store, "one", "second"), note(&store, "two", "x"));
        assert!(matches!(second, Err(Error::Internal(_) | Error::Unavailable(_))), "{second:?}");
        other.unwrap();
        assert_eq!(fact(&store, "one").await.as_deref(), Some("first"));
        assert_eq!(fact(&store, "two").await.as_deref(), Some("x"));
    }

    async fn a_panic_in_a_job_is_an_error_and_the_writer_lives_on(database: Database) {
        let store = migrated(&database);
        for _ in 0..40 {
            let job = |tx: &mut store::Tx<'_>| -> Result<()> {
                store::meta::insert(tx, "panicked", "x")?;
                std::panic::resume_unwind(Box::new("a defect"))
            };
            assert!(matches!(store.write(job).await, Err(Error::Internal(_))));
            let job = |_: &mut store::Tx<'_>| -> Result<()> { std::panic::resume_unwind(Box::new("a defect")) };
            assert!(matches!(store.read(job).await, Err(Error::Internal(_))));
            assert!(matches!(store.report(job).await, Err(Error::Internal(_))));
        }
        assert_eq!(fact(&store, "panicked").await, None);
        note(&store, "after", "x").await.unwrap();
        assert_eq!(fact(&store, "after").await.as_deref(), Some("x"));
    }

    async fn what_was_acknowledged_is_there_after_reopening(database: Database) {
        let store = migrated(&database);
        for n in 0..20 {
            note(&store, &format!("fact {n}"), "kept").await.unwrap();
        }
        drop(store);
        let store = open(&database, 2);
        for n in 0..20 {
            assert_eq!(fact(&store, &format!("fact {n}")).await.as_deref(), Some("kept"));
        }
    }

    async fn a_read_sees_what_was_written_before_it(database: Database) {
        let (store, other) = (migrated(&database), open(&database, 2));
        for n in 0..50 {
            let name = format!("fact {n}");
            note(&store, &name, "x").await.unwrap();
            assert!(fact(&store, &name).await.is_some());
            assert!(fact(&other, &name).await.is_some());
            let asked = name.clone();
            assert!(other.report(move |tx| store::meta::find(tx, &asked)).await.unwrap().is_some());
        }
    }

    async fn a_full_queue_refuses_at_once(database: Database) {
        let store = migrated(&database);
        let (open, refused) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
        let write = || {
            let (store, open, refused) = (store.clone(), open.clone(), refused.clone());
            async move {
                let job = move |_: &mut store::Tx<'_>| {
                    while !open.load(Ordering::SeqCst) {
                        std::thread::sleep(Duration::from_millis(1));
                    }
                    Ok(())
                };
                match store.write(job).await {
                    Err(Error::Unavailable(_)) => refused.fetch_add(1, Ordering::SeqCst),
                    other => { other.unwrap(); 0 }
                };
            }
        };
        let writes: Vec<_> = (0..5000).map(|_| tokio::spawn(write())).collect();
        while refused.load(Ordering::SeqCst) == 0 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        open.store(true, Ordering::SeqCst);
        for write in writes {
            write.await.unwrap();
        }
        let refused = refused.load(Ordering::SeqCst);
        assert!((1..=904).contains(&refused), "{refused}");
        note(&store, "after", "x").await.unwrap();
    }

    async fn writers_that_collide_see_each_other_in_the_end(database: Database) {
        let (one, other) = (migrated(&database), open(&database, 2));
        for round in 0..10 {
            let write = |store: &Store| {
                let (store, name) = (store.clone(), format!("round {round}"));
                tokio::spawn(async move {
                    let job = move |tx: &mut store::Tx<'_>| match store::meta::find(tx, &name)? {
                        Some(_) => Ok(0),
                        None => store::meta::insert(tx, &name, "x").map(|()| 1),
                    };
                    store.write(job).await.unwrap()
                })
            };
            let writes: Vec<_> = (0..16).map(|n| write(if n % 2 == 0 { &one } else { &other })).collect();
            let mut made = 0;
            for write in writes {
                made += write.await.unwrap();
            }
            assert_eq!(made, 1, "round {round}");
        }
    }

    async fn other_keys_than_those_of_the_database_are_refused(world: World) {
        let keys = directory::keys::Keys::generate(&directory::randomness::Randomness::seeded(77)).unwrap();
        let effects = directory::effects::Effects { keys, ..effects(&world.clock, 2) };
        let lifetimes = directory::sessions::Lifetimes::default();
        let other = directory::Directory::open(world.database.url(), effects, test_support::hasher(2), lifetimes);
        assert!(matches!(other.unwrap().adopt_keys().await, Err(Error::Unavailable(_))));
        world.another_node().adopt_keys().await.unwrap();
    }
}

#[test]
fn an_address_that_is_none_is_refused_in_one_line() {
    let open = |url: &str| Store::open(url, effects(&ManualClock::starting_at(START), 1));
    for url in ["mysql://x", "sqlite:/no/such/folder/x.db", "postgres://127.0.0.1:1/x", "postgres://%zz", ""] {
        match open(url) {
            Err(Error::Unavailable(line)) => assert!(!line.contains('\n'), "{line}"),
            Err(other) => panic!("{url}: {other:?}"),
            Ok(_) => panic!("{url} opened"),
        }
    }
}

/// Statements that look at tables of environments without naming one, by table and name: an account's own, what is looked
/// up by an unguessable key, what is delivered, and what is swept up. This list may only shrink.
const ACROSS: [&str; 75] = [
    "api_tokens.END_TOKEN",
    "api_tokens.END_TOKENS_OF_ACCOUNT",
    "api_tokens.END_TOKEN_BEARERS_OF_ACCOUNT",
    "api_tokens.FIND_TOKEN",
    "api_tokens.TOKEN_SEEN",
    "api_token_permissions.END_PERMISSIONS_OF_TOKEN",
    "api_token_permissions.END_TOKEN_PERMISSIONS_OF_ACCOUNT",
    "audit_events.ABOUT",
    "audit_events.ANY_WAITING",
    "audit_events.BLANK_ADDRESS",
    "audit_events.BLANK_CHANGES",
    "audit_events.BY",
    "audit_events.DUE",
    "audit_events.WAITING",
    "audit_events.WAITING",
    "deliveries.DELIVERED",
    "deliveries.DUE",
    "deliveries.FAILED",
    "deliveries.FORGET",
    "deliveries.TRIM",
    "guesses.CLEAR",
    "guesses.FIND",
    "guesses.OVER",
    "links.FIND",
    "links.FORGET",
    "links.USE",
    "links.VOID_ALL",
    "links.VOID_PURPOSE",
    "outbox.CLAIM",
    "outbox.FORGET",
    "outbox.LIST",
    "outbox.MAILS",
    "outbox.NEXT",
    "outbox.OF_ACCOUNT",
    "outbox.POSTPONE",
    "outbox.PUT_MAIL",
    "outbox.REMOVE",
    "sessions.END_BEARERS_OF_ACCOUNT",
    "sessions.END_SESSION",
    "sessions.END_SESSIONS_OF_ACCOUNT",
    "sessions.EXPIRED_SESSIONS",
    "sessions.EXTEND_SESSION",
    "sessions.FACTOR_PROVEN",
    "sessions.FACTOR_SHOWN",
    "sessions.FIND",
    "sessions.FIND",
    "sessions.GO_ON",
    "sessions.OF_ACCOUNT",
    "sessions.SEEN",
    "sessions.NEW_PASSWORD",
    "sessions.PROVEN",
    "sessions.DEVICES",
    "user_groups.ENDED",
    "users.ACCEPTED_ELSEWHERE",
    "users.ACCEPTED_IN",
    "users.ANYWHERE",
    "users.IN_ORGANISATION",
    "users.OF_ACCOUNT",
    "users.PASSWORD_DEMANDS",
    "users.UPDATE_USERS",
    "users_past.BLANK",
    "webhooks.DUE",
    "webhooks.FARED",
    "webhooks.FORGET_PREVIOUS",
    "webhooks.HELD",
    "webhooks.HOLD",
    "webhooks.KEEP",
    "webhooks.LEAVE",
    "webhooks.MOVE",
    "webhooks.OLD_SECRETS",
    "webhooks.PAUSE",
    "webhooks.PUT_OLD_SECRET",
    "webhooks.PUT_SECRET",
    "webhooks.SECRETS",
    "webhooks.TAKE",
];

/// What holds rows of more than one environment: each table that says whose a row is.
fn tables() -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations");
    let mut found = Vec::new();
    for file in fs::read_dir(folder).expect("the migrations").flatten() {
        let sql = fs::read_to_string(file.path()).expect("a migration");
        for made in sql.split("CREATE TABLE ").skip(1) {
            let (name, rest) = made.split_once(" (").expect("a table's columns");
            let columns = rest.split(");").next().unwrap_or(rest);
            if columns.contains("environment_id") {
                found.push(name.to_owned());
            }
        }
    }
    assert!(found.len() > 25, "the tables are read: {found:?}");
    found
}

#[test]
fn no_statement_forgets_the_environment() {
    let mut forgetful = Vec::new();
    let tables = tables();
    for (name, sql) in every_statement() {
        let words: Vec<&str> = sql.split(|c: char| !c.is_alphanumeric() && c != '_').collect();
        let touched = words.windows(2).find_map(|pair| {
            let table =
                matches!(pair[0], "FROM" | "JOIN" | "INTO" | "UPDATE") && tables.iter().any(|table| table == pair[1]);
            table.then_some(pair[1])
        });
        // A chain is an environment's.
        let named = sql.contains("environment_id = $")
            || sql.contains("chain = $")
            || sql.starts_with("INSERT") && words.contains(&"environment_id");
        if let Some(table) = touched.filter(|_| !named) {
            let name = name.rsplit("::").next().unwrap_or(name);
            forgetful.push(format!("{table}.{name}"));
        }
    }
    forgetful.sort();
    let mut allowed = ACROSS.to_vec();
    allowed.sort_unstable();
    assert_eq!(forgetful, allowed, "what is gone from the left goes from the list too");
}
