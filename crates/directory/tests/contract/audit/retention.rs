//! An environment keeps its events for as long as it says, and what it keeps still verifies.

use super::{chain, chains, change};
use directory::environments::{self, EnvironmentChanges, PolicyChanges};
use std::time::Duration;
use test_support::{Tenant, World, on_every_engine};

const DAY: Duration = Duration::from_secs(24 * 3600);

async fn keep_for(world: &World, tenant: &Tenant, span: Duration) {
    let policy = PolicyChanges { audit_retention: Some(Some(span)), ..PolicyChanges::default() };
    let (named, change) = (tenant.name(), EnvironmentChanges { policy, ..EnvironmentChanges::default() });
    let update = world
        .directory
        .write(world.operator.caller.clone(), move |tx, actor| environments::update(tx, actor, &named, &change));
    assert_eq!(update.await.unwrap().policy.audit_retention, Some(span));
}

async fn settle(world: &World) {
    while world.directory.sweep().await.unwrap() {}
    chain(&world.directory).await;
    while world.directory.sign_audit().await.unwrap() {}
}

fn sequences(world: &World, tenant: &Tenant) -> Vec<i64> {
    chains(world)[&tenant.id.to_string()].iter().map(|row| row["sequence"].parse().unwrap()).collect()
}

on_every_engine! {
    async fn what_is_over_goes_and_the_rest_verifies(world: World) {
        let (pizza, pasta) = (world.environment("pizza").await, world.environment("pasta").await);
        change(&world, &pizza, 5).await;
        change(&world, &pasta, 5).await;
        chain(&world.directory).await;
        let (first, others) = (sequences(&world, &pizza), sequences(&world, &pasta));
        keep_for(&world, &pizza, 10 * DAY).await;
        world.wait(5 * DAY);
        settle(&world).await;
        change(&world, &pizza, 3).await;
        settle(&world).await;
        assert_eq!(sequences(&world, &pizza).len(), first.len() + 3, "nothing is over yet");

        world.wait(6 * DAY + Duration::from_secs(1));
        settle(&world).await;
        let left = sequences(&world, &pizza);
        let last = *first.last().unwrap();
        assert_eq!(left, (last + 1..=last + 4).collect::<Vec<_>>(), "three, and what tells of the others' going");
        assert_eq!(sequences(&world, &pasta), others);
        let rows = &chains(&world)[&pizza.id.to_string()];
        let told = rows.last().unwrap();
        assert_eq!((&*told["verb"], &*told["changes"]), ("audit.pruned", &*format!("{{\"until\":[null,\"{last}\"]}}")));
        let verified = world.directory.verify_audit(&[], |_| ()).await.unwrap();
        assert_eq!((verified.breaks.as_slice(), verified.pruned), (&[][..], last.unsigned_abs()));

        world.wait(20 * DAY);
        settle(&world).await;
        world.wait(20 * DAY);
        settle(&world).await;
        assert_eq!(world.directory.verify_audit(&[], |_| ()).await.unwrap().breaks, []);
        // What is removed by hand is found behind what was removed by rule.
        change(&world, &pizza, 3).await;
        chain(&world.directory).await;
        let newest = sequences(&world, &pizza);
        let cut = newest[newest.len() - 3];
        world.database.execute(&format!("DELETE FROM audit_events WHERE chain = {} AND sequence = {cut}", pizza.id));
        assert_eq!(world.directory.verify_audit(&[], |_| ()).await.unwrap().breaks[0].sequence, cut);
    }

    async fn what_no_checkpoint_covers_stays(world: World) {
        let pizza = world.environment("pizza").await;
        keep_for(&world, &pizza, DAY).await;
        change(&world, &pizza, 5).await;
        chain(&world.directory).await;
        let before = sequences(&world, &pizza);
        world.wait(30 * DAY);
        while world.directory.sweep().await.unwrap() {}
        assert_eq!(sequences(&world, &pizza), before);
        while world.directory.sign_audit().await.unwrap() {}
        while world.directory.sweep().await.unwrap() {}
        chain(&world.directory).await;
        assert_eq!(sequences(&world, &pizza), [before.len() as i64 + 1]);
        assert_eq!(world.directory.verify_audit(&[], |_| ()).await.unwrap().breaks, []);
    }
}
