//! Another key in the place of the newest: what older ones sealed is sealed anew, whatever happens meanwhile.

use directory::actor::Caller;
use directory::groups::{self, GroupChanges};
use directory::keys::{Keys, Ring};
use directory::mail::Fate;
use directory::randomness::Randomness;
use directory::repeats::Repeatable;
use directory::store::every_statement;
use directory::users::UserChanges;
use directory::{Directory, Error, Result};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use test_support::{Tenant, World, name, on_every_engine};

/// So many mails, by the key that seals them.
async fn mails(directory: &Directory) -> BTreeMap<Option<u32>, u64> {
    let sealed = directory.sealed().await.unwrap();
    sealed.into_iter().filter_map(|(key, rows)| rows.get("mails").map(|mails| (key, *mails))).collect()
}

async fn invite(world: &World, pizza: &Tenant, from: usize, many: usize) {
    for n in from..from + many {
        let address = format!("guest{n}@example.com");
        world.create(pizza, &address, UserChanges::default()).await.unwrap();
    }
}

fn ring(directory: &Directory) -> Ring {
    Ring::clone(&directory.effects().keys.ring())
}

/// Has another key seal, on this node alone.
fn rotate(directory: &Directory) -> Ring {
    let ring = ring(directory).prepare(&Randomness::seeded(99)).unwrap().promote();
    assert_eq!(directory.effects().keys.take_up(ring.clone()), Ok(true));
    ring
}

async fn reseal(directory: &Directory) -> (u32, u64, u64) {
    let done = directory.reseal(|_| ()).await.unwrap();
    (done.key, done.rows.values().sum(), done.left)
}

/// Makes a group, once for this key.
async fn make_once(directory: &Directory, caller: &Caller, key: &str) -> Result<Vec<u8>> {
    let call = Repeatable { route: "POST group".to_owned(), key: key.to_owned(), body: Vec::new() };
    let named = name(key);
    directory
        .write_once(
            caller.clone(),
            Some(call),
            move |tx, actor| groups::create(tx, actor, &named, &GroupChanges::default()),
            |group| group.id.to_string().into_bytes(),
        )
        .await
}

on_every_engine! {
    async fn what_older_keys_sealed_is_sealed_by_the_newest_and_says_the_same(world: World) {
        let pizza = world.environment("pizza").await;
        // More than are read at once.
        invite(&world, &pizza, 0, 210).await;
        let boss = &pizza.administrator.caller;
        let answer = make_once(&world.directory, boss, "staff").await.unwrap();
        let link = world.mailed_link("guest7@example.com").await;
        assert_eq!(mails(&world.directory).await, [(Some(1), 210)].into());

        rotate(&world.directory);
        assert_eq!(world.directory.sealed_with().await.unwrap(), 1);
        let (mut heard, before) = (Vec::new(), world.events().len());
        let done = world.directory.reseal(|rows| heard.push(rows)).await.unwrap();
        assert_eq!((done.key, done.left), (2, 0));
        assert_eq!(heard, [200, 210, 211]);
        assert_eq!(world.directory.sealed_with().await.unwrap(), 2);
        let sealed = world.directory.sealed().await.unwrap();
        assert_eq!(sealed, [(Some(2), [("answers", 1), ("mails", 210)].into())].into());
        assert_eq!(world.mailed_link("guest7@example.com").await, link);
        assert_eq!(make_once(&world.directory, boss, "staff").await.unwrap(), answer);
        // What the digests are of is found as before: guessing is counted on, and the fingerprint is the same.
        world.directory.adopt_keys().await.unwrap();

        let events = world.events().split_off(before);
        let told: Vec<_> = events.iter().map(|event| (&*event.verb, &*event.changes)).collect();
        assert_eq!(told, [("keys.rotated", r#"{"key":["1","2"]}"#)]);
        // Once more: nothing is left to do, and nothing is written.
        assert_eq!(world.unchanged(reseal(&world.directory)).await, (2, 0, 0));
    }

    async fn a_node_without_the_newest_key_is_told_to_find_it_and_its_mails_wait(world: World) {
        let (pizza, behind) = (world.environment("pizza").await, world.another_node());
        invite(&world, &pizza, 0, 1).await;
        rotate(&world.directory);
        reseal(&world.directory).await;
        let refusal = world.another_node().adopt_keys().await.unwrap_err();
        assert!(matches!(&refusal, Error::Unavailable(why) if why.contains("lacks the key 2")), "{refusal}");
        assert_eq!(mails(&behind).await, [(Some(2), 1)].into());

        // It takes the mail, cannot read it, and leaves it for later.
        assert!(behind.claim_mails(5).await.unwrap().is_empty());
        let waiting = world.directory.outbox(0, 10).await.unwrap().remove(0);
        assert!(waiting.next_try_at.is_some() && waiting.trouble.contains("lacks the key"), "{}", waiting.trouble);
        // What it seals with its own, older key is everybody's; once it has the newer one, it reads all.
        behind.effects().keys.take_up(ring(&world.directory)).unwrap();
        world.wait(Duration::from_secs(60));
        assert_eq!(behind.claim_mails(5).await.unwrap().len(), 1);
    }

    async fn a_prepared_key_opens_before_it_seals(world: World) {
        let (pizza, other) = (world.environment("pizza").await, world.another_node());
        let prepared = ring(&world.directory).prepare(&Randomness::seeded(99)).unwrap();
        for node in [&world.directory, &other] {
            node.effects().keys.take_up(prepared.clone()).unwrap();
        }
        invite(&world, &pizza, 0, 1).await;
        assert_eq!(mails(&other).await, [(Some(1), 1)].into());
        // One node goes ahead; the other opens what that one seals, and does not seal it back.
        world.directory.effects().keys.take_up(prepared.promote()).unwrap();
        invite(&world, &pizza, 1, 1).await;
        assert_eq!(reseal(&other).await, (1, 0, 0));
        assert_eq!(mails(&other).await, [(Some(1), 1), (Some(2), 1)].into());
        assert_eq!(other.outbox(0, 10).await.unwrap().len(), 2);
        // The one that comes last finds what is left over, and that all was noted.
        assert_eq!(reseal(&world.directory).await, (2, 1, 0));
        other.effects().keys.take_up(prepared.promote()).unwrap();
        assert_eq!(world.unchanged(reseal(&other)).await, (2, 0, 0));
    }

    async fn what_does_not_open_is_left_and_counted(world: World) {
        let pizza = world.environment("pizza").await;
        invite(&world, &pizza, 0, 3).await;
        world.database.execute("UPDATE outbox SET account_id = (SELECT id FROM accounts WHERE operator) WHERE id = 1");
        world.database.execute("UPDATE outbox SET sealed = account_id WHERE id = 2");
        rotate(&world.directory);
        assert_eq!(reseal(&world.directory).await, (2, 1, 2));
        assert_eq!(mails(&world.directory).await, [(None, 1), (Some(1), 1), (Some(2), 1)].into());
    }

    async fn two_who_seal_anew_at_once_do_it_once(world: World) {
        let (pizza, other) = (world.environment("pizza").await, world.another_node());
        invite(&world, &pizza, 0, 250).await;
        let ring = rotate(&world.directory);
        other.effects().keys.take_up(ring).unwrap();
        let (one, two) = tokio::join!(reseal(&world.directory), reseal(&other));
        // Each row by one of them; the other found it changed.
        assert_eq!((one.1 + two.1, one.2 + two.2), (250, 0));
        assert_eq!(mails(&other).await, [(Some(2), 250)].into());
        assert_eq!(world.directory.outbox(0, 1000).await.unwrap().len(), 250);
        assert_eq!(world.events().iter().filter(|event| event.verb == "keys.rotated").count(), 1);
    }

    async fn no_mail_is_lost_while_mails_are_made_and_sent_on_two_nodes(world: World) {
        let (pizza, other) = (world.environment("pizza").await, world.another_node());
        let (world, ended) = (Arc::new(world), Arc::new(AtomicBool::new(false)));
        let senders: Vec<_> = [world.directory.clone(), other.clone()].into_iter().map(|node| {
            let ended = ended.clone();
            tokio::spawn(async move {
                let mut sent = 0;
                loop {
                    let over = ended.load(Ordering::SeqCst);
                    let mails = node.claim_mails(3).await.unwrap();
                    if mails.is_empty() && over {
                        return sent;
                    }
                    for mail in mails {
                        node.settle_mail(mail.id, mail.attempts, Fate::Sent).await.unwrap();
                        sent += 1;
                    }
                    tokio::task::yield_now().await;
                }
            })
        }).collect();
        let makers: Vec<_> = (0..4).map(|maker| {
            let (world, pizza) = (world.clone(), pizza.clone());
            tokio::spawn(async move { invite(&world, &pizza, maker * 60, 60).await })
        }).collect();
        for _ in 0..3 {
            let prepared = ring(&world.directory).prepare(&Randomness::operating_system()).unwrap();
            for ring in [prepared.clone(), prepared.promote()] {
                for node in [&world.directory, &other] {
                    node.effects().keys.take_up(ring.clone()).unwrap();
                    tokio::task::yield_now().await;
                }
            }
            let (one, two) = tokio::join!(reseal(&world.directory), reseal(&other));
            assert_eq!((one.2, two.2), (0, 0));
        }
        for maker in makers {
            maker.await.unwrap();
        }
        ended.store(true, Ordering::SeqCst);
        let mut sent = 0;
        for sender in senders {
            sent += sender.await.unwrap();
        }
        let left = world.directory.outbox(0, 1000).await.unwrap();
        assert_eq!((sent, left.len()), (240, 0), "{:?}", left.iter().map(|mail| &mail.trouble).collect::<Vec<_>>());
    }
}

#[test]
fn whatever_is_sealed_is_among_what_is_sealed_anew() {
    // Migrations say which columns there are; a new one joins in store/sealed.rs.
    let migrations = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/migrations")).unwrap();
    let anew: Vec<&str> =
        every_statement().filter(|(name, _)| name.contains("::sealed::")).map(|(_, sql)| sql).collect();
    let mut tables = 0;
    for file in migrations {
        let mut table = String::new();
        for line in std::fs::read_to_string(file.unwrap().path()).unwrap().lines() {
            if let Some(named) = line.split(" TABLE ").nth(1) {
                table = named.split(' ').next().unwrap().to_owned();
            }
            if !line.contains("--") && line.contains(" sealed BYTEA") {
                assert!(anew.iter().any(|sql| sql.starts_with(&format!("UPDATE {table} SET sealed"))), "{table}");
                tables += 1;
            }
        }
    }
    assert!(tables >= 3, "{tables}");
}

#[test]
fn keys_of_another_directory_are_not_taken_up() {
    let (ours, theirs) = (Randomness::seeded(1), Randomness::seeded(2));
    let keys = Keys::generate(&ours).unwrap();
    let refusal = keys.take_up(Ring::generate(&theirs).unwrap()).unwrap_err();
    assert!(refusal.contains("another key 1"), "{refusal}");
}
