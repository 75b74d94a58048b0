//! An environment keeps an administrator, the system an operator.

use directory::error::Conflict;
use directory::users::UserChanges as Fields;
use directory::{Error, Result};
use test_support::{World, email, on_every_engine};

fn last<T: std::fmt::Debug>(said: &Result<T>) -> bool {
    matches!(said, Err(Error::Conflict(Conflict::LastAdministrator)))
}

fn demote() -> Fields {
    Fields { administrator: Some(false), ..Fields::default() }
}

fn deactivate() -> Fields {
    Fields { active: Some(false), ..Fields::default() }
}

on_every_engine! {
    async fn the_last_administrator_stays(world: World) {
        let pizza = world.environment("pizza").await;
        let (boss, operator) = (pizza.administrator.clone(), world.operator.in_environment(&pizza));
        // None of these could take over: no password, not accepted, not active, no administrator.
        world.create(&pizza, "invited@pizza.example", Fields { administrator: Some(true), ..Fields::default() }).await.unwrap();
        let elsewhere = world.other_environment_administrator().await;
        world.create(&pizza, &elsewhere.email, Fields { administrator: Some(true), ..Fields::default() }).await.unwrap();
        let second = world.administrator(&pizza).await;
        world.update(&boss.caller, second.id, deactivate()).await.unwrap();
        world.member(&pizza).await;
        for by in [&boss.caller, &operator] {
            for fields in [demote(), deactivate()] {
                let refusal = world.refused(world.update(by, boss.id, fields)).await;
                assert!(last::<()>(&Err(refusal)));
            }
            assert!(last::<()>(&Err(world.refused(world.remove(by, boss.id)).await)));
        }
        let upsert = directory::users::NewUser { email: email(&boss.email), fields: demote() };
        let refusal = world.refused(world.directory.upsert_user(boss.caller.clone(), upsert, vec![])).await;
        assert!(last::<()>(&Err(refusal)));
        let active = Fields { active: Some(true), ..Fields::default() };
        world.update(&boss.caller, second.id, active).await.unwrap();
        world.update(&boss.caller, boss.id, demote()).await.unwrap();
    }

    async fn two_administrators_who_demote_each_other_leave_one(world: World) {
        let nodes = [world.directory.clone(), world.another_node()];
        for round in 0..12 {
            let pizza = world.environment(&format!("pizza{round}")).await;
            let (one, other) = (pizza.administrator.clone(), world.administrator(&pizza).await);
            let change = |node: &directory::Directory, by: &test_support::Person, whom: &test_support::Person, n: usize| {
                let (node, by, whom) = (node.clone(), by.caller.clone(), whom.id);
                tokio::spawn(async move {
                    match n % 3 {
                        0 => node.update_user(by, whom, demote(), None).await.map(drop),
                        1 => node.update_user(by, whom, deactivate(), None).await.map(drop),
                        _ => node.write(by, move |tx, actor| directory::users::remove(tx, actor, whom, None)).await,
                    }
                })
            };
            let (first, second) = tokio::join!(
                change(&nodes[0], &one, &other, round),
                change(&nodes[1], &other, &one, round / 3),
            );
            let done = [first.unwrap(), second.unwrap()];
            assert!(done.iter().any(Result::is_ok), "{done:?}");
            let left = [one.id, other.id];
            let mut administrators = 0;
            for id in left {
                let user = world.look(&pizza, id).await;
                administrators += usize::from(user.is_ok_and(|u| u.membership.administrator && u.membership.active));
            }
            assert_eq!(administrators, 1, "round {round}: {done:?}");
        }
    }

    async fn the_last_operator_stays(world: World) {
        let set = |address: &str, operator| world.directory.set_operator(email(address), operator);
        let refusal = world.refused(set(&world.operator.email, false)).await;
        assert!(matches!(refusal, Error::Conflict(Conflict::LastOperator)));
        // Without a password nobody operates anything.
        world.create(&world.head_office, "invited@example.org", Fields::default()).await.unwrap();
        set("invited@example.org", true).await.unwrap();
        let refusal = world.refused(set(&world.operator.email, false)).await;
        assert!(matches!(refusal, Error::Conflict(Conflict::LastOperator)));
        let second = world.member(&world.head_office).await;
        world.unchanged(set(&second.email, false)).await.unwrap();
        world.accounted(set(&second.email, true)).await;
        world.unchanged(set(&second.email, true)).await.unwrap();
        world.accounted(set(&world.operator.email, false)).await;
        assert!(matches!(world.refused(set("nobody@example.org", true)).await, Error::NotFound(_)));
    }

    async fn two_operators_unmade_at_once_leave_one(world: World) {
        let nodes = [world.directory.clone(), world.another_node()];
        for round in 0..6 {
            let pair = [world.member(&world.head_office).await, world.member(&world.head_office).await];
            for person in &pair {
                world.directory.set_operator(email(&person.email), true).await.unwrap();
            }
            let others = world.dump();
            for row in others.rows("accounts").filter(|row| matches!(row["operator"], "1" | "t")) {
                if !pair.iter().any(|person| person.email == row["email"]) {
                    world.directory.set_operator(email(row["email"]), false).await.unwrap();
                }
            }
            let unmake = |n: usize| {
                let (node, address) = (nodes[n].clone(), email(&pair[n].email));
                tokio::spawn(async move { node.set_operator(address, false).await })
            };
            let (one, other) = tokio::join!(unmake(0), unmake(1));
            let done = [one.unwrap(), other.unwrap()];
            assert_eq!(done.iter().filter(|done| done.is_ok()).count(), 1, "round {round}: {done:?}");
        }
    }

    async fn an_operators_account_outlives_its_last_environment(world: World) {
        let pizza = world.environment("pizza").await;
        let second = world.member(&pizza).await;
        world.directory.set_operator(email(&second.email), true).await.unwrap();
        world.remove(&pizza.administrator.caller, second.id).await.unwrap();
        let again = world.sign_in(second.id, &second.email, &second.password, Some(&pizza)).await.unwrap();
        world.get(&again.caller, pizza.administrator.id).await.unwrap();
        assert!(matches!(world.get(&again.caller, second.id).await, Err(Error::NotFound(_))));
    }
}
