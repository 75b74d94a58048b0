//! A revision that came with an answer brings back all that was answered until then, on whichever node.

use directory::checks::{self, Question};
use directory::clock::Time;
use directory::store::Revision;
use directory::{Directory, Error, Result};
use std::time::Duration;
use test_support::{Engine, Person, Tenant, World, conferring, on_every_engine};

/// Whether somebody may view users, as a read has it that sees this revision at least.
async fn may(node: &Directory, by: &Person, since: Option<Revision>) -> Result<(bool, Revision)> {
    let question = vec![Question { user: None, permission: "view_user".to_owned() }];
    let call =
        node.read_since(since, by.caller.clone(), move |tx, actor| checks::check(tx, actor, &question, false, None));
    call.await.map(|(told, seen)| (told[0].allowed, seen))
}

struct Stage {
    pizza: Tenant,
    group: directory::id::GroupId,
    reader: Person,
}

async fn stage(world: &World) -> Stage {
    let pizza = world.environment("pizza").await;
    let reader = world.holder(&pizza, &["view_user"]).await;
    let group = world.look(&pizza, reader.id).await.unwrap().groups[0].group.id;
    Stage { pizza, group, reader }
}

/// Gives or takes the permission on a node; the revision that comes with the answer.
async fn set(node: &Directory, stage: &Stage, on: bool) -> Revision {
    let change = conferring(if on { &["view_user"] } else { &[] });
    let (by, group) = (stage.pizza.administrator.caller.clone(), stage.group);
    node.write(by, move |tx, actor| directory::groups::update(tx, actor, group, &change, None)).await.unwrap();
    node.revision()
}

/// Another node, where there can be one: with the embedded engine one process serves, and all its handles are one.
fn another(world: &World) -> Directory {
    match world.database.engine() {
        Engine::Sqlite => world.directory.clone(),
        Engine::Postgres => world.another_node(),
    }
}

on_every_engine! {
    async fn revisions_never_go_back_and_what_was_answered_is_seen(world: World) {
        let stage = stage(&world).await;
        let mut last = world.directory.revision();
        for round in 0..10 {
            let on = round % 2 == 1;
            let revision = set(&world.directory, &stage, on).await;
            assert!(revision >= last, "{revision:?} after {last:?}");
            for since in [None, Some(last), Some(revision)] {
                let (told, seen) = may(&world.directory, &stage.reader, since).await.unwrap();
                assert_eq!(told, on);
                assert!(since.is_none_or(|since| seen >= since), "{seen:?} of {since:?}");
            }
            last = world.directory.revision();
            assert!(last >= revision);
            if round % 3 == 0 {
                world.wait(Duration::from_millis(1));
            }
        }
    }

    async fn revisions_of_two_nodes_that_write_in_turn_never_go_back(world: World) {
        let stage = stage(&world).await;
        let nodes = [world.directory.clone(), another(&world)];
        let mut last = Revision(0);
        for round in 0..20 {
            let revision = set(&nodes[round % 2], &stage, round % 4 < 2).await;
            assert!(revision >= last, "round {round}: {revision:?} after {last:?}");
            last = revision;
        }
    }

    async fn what_was_answered_on_one_node_is_seen_at_once_on_another_that_is_shown_its_revision(world: World) {
        let stage = stage(&world).await;
        let other = another(&world);
        for round in 0..6 {
            let on = round % 2 == 1;
            // Both remember how it is now.
            world.wait(Duration::from_secs(1));
            for node in [&world.directory, &other] {
                assert_eq!(may(node, &stage.reader, None).await.unwrap().0, !on);
            }
            let revision = set(&world.directory, &stage, on).await;
            let (told, seen) = may(&other, &stage.reader, Some(revision)).await.unwrap();
            assert_eq!(told, on, "round {round}");
            assert!(seen >= revision);
        }
    }

    async fn a_node_that_has_just_started_takes_the_revisions_of_others(world: World) {
        let stage = stage(&world).await;
        let revision = set(&world.directory, &stage, false).await;
        for _ in 0..3 {
            let fresh = another(&world);
            assert!(!may(&fresh, &stage.reader, Some(revision)).await.unwrap().0);
        }
    }

    async fn a_revision_from_the_far_future_is_unavailable(world: World) {
        let stage = stage(&world).await;
        let revision = set(&world.directory, &stage, true).await;
        for far in [revision.0 + 3_600_000_000, i64::MAX] {
            let told = may(&world.directory, &stage.reader, Some(Revision(far))).await;
            assert!(matches!(told, Err(Error::Unavailable(_))), "{told:?}");
        }
        for none in [0, -1, i64::MIN] {
            assert!(may(&world.directory, &stage.reader, Some(Revision(none))).await.unwrap().0);
        }
        assert!(revision.0 > 0 && Time::from_micros(revision.0) >= test_support::START);
    }
}
