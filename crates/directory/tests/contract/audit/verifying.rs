//! Whoever alters the trail behind the server's back is found out, and told where.

use super::{chain, change, wait};
use directory::audit::{Break, Checkpoint, How};
use directory::store::every_statement;
use std::time::Duration;
use test_support::{Tenant, World, on_every_engine};

/// An environment with eight events, chained and signed.
async fn chained(world: &World) -> Tenant {
    let pizza = world.environment("pizza").await;
    change(world, &pizza, 8).await;
    chain(&world.directory).await;
    pizza
}

/// Signs whatever is new, and gives back all that was signed and not shipped yet.
async fn sign(world: &World) -> Vec<Checkpoint> {
    world.wait(Duration::from_secs(601));
    while world.directory.sign_audit().await.unwrap() {}
    let mut shipped = Vec::new();
    loop {
        let page = world.directory.unshipped_checkpoints().await.unwrap();
        if page.is_empty() {
            return shipped;
        }
        shipped.extend(page.iter().map(|kept| kept.checkpoint.clone()));
        world.directory.checkpoints_shipped(page).await.unwrap();
    }
}

async fn breaks(world: &World, kept: &[Checkpoint]) -> Vec<Break> {
    world.directory.verify_audit(kept, |_| ()).await.unwrap().breaks
}

/// Verifies that this is found, and nothing else.
async fn found(world: &World, pizza: &Tenant, kept: &[Checkpoint], sequence: i64, how: How) {
    let found = breaks(world, kept).await;
    assert_eq!(found, [Break { environment: Some(pizza.uuid), sequence, how }]);
}

/// Does this to the rows of an environment's chain.
fn tamper(world: &World, pizza: &Tenant, sql: &str) {
    world.database.execute(&sql.replace("@here", &format!("chain = {}", pizza.id)));
}

on_every_engine! {
    async fn a_chain_that_nobody_touched_is_whole(world: World) {
        let pizza = chained(&world).await;
        let kept = sign(&world).await;
        change(&world, &pizza, 2).await;
        let verified = world.unchanged(world.directory.verify_audit(&kept, |_| ())).await.unwrap();
        let waiting = if wait(&world) { 2 } else { 0 };
        assert_eq!((verified.breaks.as_slice(), verified.waiting, verified.erased), (&[][..], waiting, 0));
        assert_eq!(verified.chains, 3);
        // Those that were kept, and the same in the database.
        assert_eq!((kept.len(), verified.checkpoints), (3, 6));
        assert_eq!(verified.events as usize, world.events().len() - waiting as usize);
    }

    async fn an_event_that_was_altered_is_found(world: World) {
        let pizza = chained(&world).await;
        let columns = [
            ("at", "at + 1"), ("actor", "NULL"), ("credential", "'x'"), ("request", "'x'"), ("verb", "'x'"), ("subject", "'x'"),
            ("address", "'10.0.0.1'"), ("changes", "'{}'"),
        ];
        for (column, value) in columns {
            tamper(&world, &pizza, "CREATE TABLE kept AS SELECT * FROM audit_events WHERE @here AND sequence = 4");
            tamper(&world, &pizza, &format!("UPDATE audit_events SET {column} = {value} WHERE @here AND sequence = 4"));
            found(&world, &pizza, &[], 4, How::Altered).await;
            let back = format!("UPDATE audit_events SET {column} = (SELECT {column} FROM kept) WHERE @here AND sequence = 4");
            tamper(&world, &pizza, &back);
            world.database.execute("DROP TABLE kept");
            assert_eq!(breaks(&world, &[]).await, []);
        }
        // Passed off as erased.
        let erase = "UPDATE audit_events SET changes = '{}', changes_salt = NULL, changes_digest = hash WHERE @here AND sequence = 4";
        tamper(&world, &pizza, erase);
        found(&world, &pizza, &[], 4, How::Altered).await;
    }

    async fn events_that_were_removed_are_found(world: World) {
        let pizza = chained(&world).await;
        tamper(&world, &pizza, "DELETE FROM audit_events WHERE @here AND sequence IN (4, 5)");
        found(&world, &pizza, &[], 4, How::Removed { until: 5 }).await;
    }

    async fn an_event_that_was_removed_is_found_although_the_others_were_numbered_anew(world: World) {
        let pizza = chained(&world).await;
        tamper(&world, &pizza, "DELETE FROM audit_events WHERE @here AND sequence = 4");
        for sequence in 5..=9 {
            let down = format!("UPDATE audit_events SET sequence = sequence - 1 WHERE @here AND sequence = {sequence}");
            tamper(&world, &pizza, &down);
        }
        found(&world, &pizza, &[], 4, How::Removed { until: 4 }).await;
    }

    async fn the_first_events_being_gone_is_found(world: World) {
        let pizza = chained(&world).await;
        tamper(&world, &pizza, "DELETE FROM audit_events WHERE @here AND sequence < 3");
        found(&world, &pizza, &[], 1, How::Removed { until: 2 }).await;
    }

    async fn an_event_that_was_inserted_is_found(world: World) {
        let pizza = chained(&world).await;
        for sequence in (4..=20).rev() {
            let up = format!("UPDATE audit_events SET sequence = sequence + 1 WHERE @here AND sequence = {sequence}");
            tamper(&world, &pizza, &up);
        }
        let columns = "environment_id, at, actor, credential, credential_id, request, address, verb, subject, changes, \
                       address_salt, changes_salt, chain";
        let insert = format!(
            "INSERT INTO audit_events ({columns}, sequence, hash) \
             SELECT {columns}, 4, hash FROM audit_events WHERE @here AND sequence = 2"
        );
        tamper(&world, &pizza, &insert);
        found(&world, &pizza, &[], 4, How::Inserted).await;
    }

    async fn events_that_changed_places_are_found(world: World) {
        let pizza = chained(&world).await;
        for (from, to) in [(4, 99), (5, 4), (99, 5)] {
            tamper(&world, &pizza, &format!("UPDATE audit_events SET sequence = {to} WHERE @here AND sequence = {from}"));
        }
        found(&world, &pizza, &[], 4, How::OutOfOrder).await;
    }

    async fn the_newest_being_gone_is_found_by_the_head_and_with_the_head_put_back_by_a_checkpoint(world: World) {
        let pizza = chained(&world).await;
        let kept = sign(&world).await;
        tamper(&world, &pizza, "CREATE TABLE kept AS SELECT sequence, hash FROM audit_events WHERE @here AND sequence = 6");
        tamper(&world, &pizza, "DELETE FROM audit_events WHERE @here AND sequence > 6");
        let signed = kept.iter().find(|checkpoint| checkpoint.environment == Some(pizza.uuid)).unwrap().sequence;
        found(&world, &pizza, &[], 7, How::Removed { until: signed }).await;
        let back = "UPDATE audit_heads SET sequence = 6, hash = (SELECT hash FROM kept) WHERE @here";
        tamper(&world, &pizza, back);
        found(&world, &pizza, &[], 7, How::Removed { until: signed }).await;
        tamper(&world, &pizza, "DELETE FROM audit_checkpoints WHERE @here");
        // The database itself holds nothing any more that tells of them; what was kept elsewhere does.
        assert_eq!(breaks(&world, &[]).await, []);
        found(&world, &pizza, &kept, 7, How::Removed { until: signed }).await;
        tamper(&world, &pizza, "DELETE FROM audit_heads WHERE @here");
        found(&world, &pizza, &kept, 1, How::Removed { until: signed }).await;
    }

    async fn a_chain_that_was_written_anew_is_found_by_what_was_signed(world: World) {
        let pizza = chained(&world).await;
        let kept = sign(&world).await;
        let change = "UPDATE audit_events SET verb = 'user.invented', chain = NULL, sequence = NULL, hash = NULL WHERE @here AND sequence = 4";
        tamper(&world, &pizza, change);
        tamper(&world, &pizza, "UPDATE audit_events SET chain = NULL, sequence = NULL, hash = NULL WHERE @here");
        tamper(&world, &pizza, "UPDATE audit_heads SET sequence = 0, hash = NULL WHERE @here");
        chain(&world.directory).await;
        let signed = kept.iter().find(|checkpoint| checkpoint.environment == Some(pizza.uuid)).unwrap().sequence;
        found(&world, &pizza, &kept, signed, How::AnotherWasSigned).await;
    }

    async fn a_checkpoint_that_somebody_else_signed_is_found(world: World) {
        let pizza = chained(&world).await;
        let mut kept = sign(&world).await;
        kept.retain(|checkpoint| checkpoint.environment == Some(pizza.uuid));
        let signed = kept[0].clone();
        for forged in [
            Checkpoint { sequence: signed.sequence - 1, ..signed.clone() },
            Checkpoint { environment: None, ..signed.clone() },
            Checkpoint { signature: [1; 64], ..signed.clone() },
        ] {
            let breaks = breaks(&world, std::slice::from_ref(&forged)).await;
            let (environment, sequence) = (forged.environment, forged.sequence);
            assert_eq!(breaks, [Break { environment, sequence, how: How::Forged }]);
        }
        tamper(&world, &pizza, &format!("UPDATE audit_checkpoints SET at = at + 1 WHERE @here AND sequence = {}", signed.sequence));
        found(&world, &pizza, &[], signed.sequence, How::Forged).await;
    }

    async fn checkpoints_come_with_many_events_or_with_time_and_once(world: World) {
        let pizza = chained(&world).await;
        assert!(!world.directory.sign_audit().await.unwrap());
        assert_eq!(world.directory.unshipped_checkpoints().await.unwrap().len(), 0, "nothing is due yet");
        let first = sign(&world).await;
        assert_eq!(first.len(), 3);
        assert_eq!(sign(&world).await, [], "nothing is new");
        change(&world, &pizza, 1).await;
        chain(&world.directory).await;
        // Another key signs now; what the older one signed is good still.
        let keys = &world.directory.effects().keys;
        let ring = keys.ring().prepare(&directory::randomness::Randomness::seeded(9)).unwrap().promote();
        keys.take_up(ring).unwrap();
        let second = sign(&world).await;
        assert_eq!((second.len(), second[0].environment), (1, Some(pizza.uuid)));
        assert_ne!(second[0].key, first[0].key);
        assert_eq!(breaks(&world, &[first, second].concat()).await, []);
        let sign_many = "UPDATE audit_heads SET checkpointed = sequence - 999 WHERE @here";
        tamper(&world, &pizza, sign_many);
        change(&world, &pizza, 1).await;
        chain(&world.directory).await;
        world.directory.sign_audit().await.unwrap();
        assert_eq!(world.directory.unshipped_checkpoints().await.unwrap().len(), 1, "a thousand events wait for no time");
    }
}

#[test]
fn nothing_but_chaining_erasing_and_forgetting_touches_an_event() {
    let touching: Vec<_> = every_statement()
        .filter(|(_, sql)| sql.contains("UPDATE audit_events") || sql.contains("DELETE FROM audit_events"))
        .map(|(name, _)| name.rsplit("::").next().unwrap())
        .collect();
    assert_eq!(touching, ["PUT", "BLANK_CHANGES", "BLANK_ADDRESS", "REMOVE"]);
}
