//! An environment in a few figures: what they count, and who hears of it.

use directory::Error;
use directory::actor::Caller;
use directory::figures::{self, Count, OfUsers};
use directory::users::UserChanges;
use std::time::Duration;
use test_support::{World, on_every_engine};

const DAY: Duration = Duration::from_secs(24 * 3600);

async fn of_users(world: &World, caller: &Caller) -> OfUsers {
    world.unchanged(world.directory.report(caller.clone(), figures::of_users)).await.unwrap()
}

fn exactly(found: i64) -> Count {
    Count { found, more: false }
}

on_every_engine! {
    async fn users_are_counted_by_when_they_were_here_last(world: World) {
        let pizza = world.environment("pizza").await;
        world.environment("pasta").await;
        let early = world.member(&pizza).await;
        let before = of_users(&world, &world.again(&pizza.administrator, None).await.caller).await.seen[0].1.found;
        assert!(before >= 2);
        world.create(&pizza, "never@pizza.example", UserChanges::default()).await.unwrap();
        world.wait(DAY * 10);
        let boss = world.again(&pizza.administrator, None).await;
        let figures = of_users(&world, &boss.caller).await;
        assert_eq!(figures.seen, [(1, exactly(1)), (7, exactly(1)), (30, exactly(before)), (90, exactly(before))]);
        world.wait(DAY * 85);
        world.again(&early, None).await;
        let boss = world.again(&boss, None).await;
        assert_eq!(of_users(&world, &boss.caller).await.seen.map(|(_, count)| count.found), [2, 2, 2, 2]);
    }

    async fn who_was_invited_is_counted_until_it_came(world: World) {
        let pizza = world.environment("pizza").await;
        let boss = &pizza.administrator.caller;
        let before = of_users(&world, boss).await.invited;
        world.create(&pizza, "new@pizza.example", UserChanges::default()).await.unwrap();
        let known = world.environment("pasta").await.administrator;
        world.create_as(boss, &known.email, UserChanges::default()).await.unwrap();
        assert_eq!(of_users(&world, boss).await.invited, exactly(before.found + 2));
        world.wait(DAY * 60);
        let boss = world.again(&pizza.administrator, None).await;
        assert_eq!(of_users(&world, &boss.caller).await.invited, exactly(before.found + 1), "a link that has ended leads nowhere");
    }

    async fn second_factors_are_counted_among_the_active(world: World) {
        let pizza = world.environment("pizza").await;
        let (ada, bob) = (world.administrator(&pizza).await, world.member(&pizza).await);
        let boss = &pizza.administrator.caller;
        let before = of_users(&world, boss).await;
        assert_eq!((before.administrators.have, before.recent.have), (0, 0));
        let insert = |id: &directory::id::UserId, confirmed: &str| {
            let hex: String = id.0.as_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
            let bytes = literal(&world, &hex);
            world.database.execute(&format!(
                "INSERT INTO second_factors (id, account_id, kind, name, sealed, confirmed, proven, created_at) \
                 VALUES ({bytes}, {bytes}, 'totp', '', {bytes}, {confirmed}, TRUE, 0)"
            ));
        };
        insert(&ada.id, "TRUE");
        insert(&bob.id, "FALSE");
        let after = of_users(&world, boss).await;
        assert_eq!((after.administrators.have, after.recent.have), (1, 1));
        assert_eq!(after.administrators.of, before.administrators.of);
        let off = UserChanges { active: Some(false), ..UserChanges::default() };
        world.update(boss, ada.id, off).await.unwrap();
        let after = of_users(&world, boss).await;
        assert_eq!((after.administrators.have, after.administrators.of), (0, before.administrators.of - 1));
    }

    async fn sign_ins_are_counted_by_day(world: World) {
        let pizza = world.environment("pizza").await;
        let ada = world.administrator(&pizza).await;
        world.wait(DAY * 3);
        let boss = world.again(&ada, None).await;
        world.sign_in(ada.id, &ada.email, "not the password", None).await.map(drop).unwrap_err();
        while world.directory.chain_audit().await.unwrap() {}
        let days = world.unchanged(world.directory.report(boss.caller.clone(), figures::of_days)).await.unwrap();
        assert_eq!(days.len(), 14);
        let [.., today] = days.as_slice() else { panic!("no day") };
        assert_eq!((today.signed_in, today.refused), (exactly(1), exactly(1)));
        assert_eq!(days[11].signed_in, exactly(0));
        assert!(days[10].signed_in.found >= 1 && days[0].signed_in == exactly(0), "{days:?}");
        assert!(days.windows(2).all(|pair| pair[0].begun.plus(DAY) == pair[1].begun));
    }

    async fn figures_are_for_whoever_may_see_what_they_count(world: World) {
        let pizza = world.environment("pizza").await;
        let member = world.member(&pizza).await;
        let users = world.directory.report(member.caller.clone(), figures::of_users).await;
        assert!(matches!(users, Err(Error::Forbidden(_))));
        let days = world.directory.report(member.caller.clone(), figures::of_days).await;
        assert!(matches!(days, Err(Error::Forbidden(_))));
        let viewer = world.holder(&pizza, &["view_user"]).await;
        of_users(&world, &viewer.caller).await;
        assert!(world.directory.report(viewer.caller.clone(), figures::of_days).await.is_err());
    }
}

/// These bytes as SQL writes them.
fn literal(world: &World, hex: &str) -> String {
    match world.database.engine() {
        test_support::Engine::Sqlite => format!("x'{hex}'"),
        test_support::Engine::Postgres => format!("'\\x{hex}'::bytea"),
    }
}
