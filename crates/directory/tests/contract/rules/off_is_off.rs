//! What is off is off now: on this node with the next call, on every other within a second.

use directory::error::Step;
use directory::id::UserId;
use directory::tokens::{self, Ceiling};
use directory::users::UserChanges as Fields;
use directory::{Directory, Error, Result};
use std::time::Duration;
use test_support::{Person, Tenant, World, conferring, on_every_engine, password};

/// Whether somebody may still see whom it saw before, here and, a second later, on another node.
async fn sees(world: &World, other: &Directory, person: &Person, whom: UserId) -> [bool; 2] {
    let here = world.get(&person.caller, whom).await.is_ok();
    world.wait(Duration::from_secs(1));
    let call = other.read(person.caller.clone(), move |tx, actor| directory::users::get(tx, actor, whom));
    [here, call.await.is_ok()]
}

/// A reader in a session and one behind an API token, both remembered by both nodes; then what `turn_off` does.
async fn off(world: &World, turn_off: impl AsyncFn(&Tenant, &Person, &Person)) {
    let pizza = world.environment("pizza").await;
    let other = world.another_node();
    let reader = world.holder(&pizza, &["view_user"]).await;
    let token = world.with_token(&reader, Ceiling::Permissions(vec!["view_user".to_owned()])).await;
    for person in [&reader, &token] {
        assert_eq!(sees(world, &other, person, pizza.administrator.id).await, [true, true]);
    }
    turn_off(&pizza, &reader, &token).await;
    for person in [&reader, &token] {
        assert_eq!(sees(world, &other, person, pizza.administrator.id).await, [false, false]);
    }
}

async fn set(world: &World, pizza: &Tenant, id: UserId, fields: Fields) {
    world.update(&pizza.administrator.caller, id, fields).await.unwrap();
}

on_every_engine! {
    async fn a_deactivated_user(world: World) {
        off(&world, async |pizza, reader, _| {
            set(&world, pizza, reader.id, Fields { active: Some(false), ..Fields::default() }).await;
            assert!(world.sign_in(reader.id, &reader.email, &reader.password, None).await.is_err());
        }).await;
    }

    async fn a_removed_user(world: World) {
        off(&world, async |pizza, reader, _| {
            world.remove(&pizza.administrator.caller, reader.id).await.unwrap();
        }).await;
    }

    async fn a_user_without_its_group(world: World) {
        off(&world, async |pizza, reader, _| {
            set(&world, pizza, reader.id, Fields { groups: Some(vec![]), ..Fields::default() }).await;
        }).await;
    }

    async fn a_group_without_its_permission(world: World) {
        off(&world, async |pizza, reader, _| {
            let group = world.look(pizza, reader.id).await.unwrap().groups[0].group.id;
            world.update_group(&pizza.administrator.caller, group, conferring(&[])).await.unwrap();
        }).await;
    }

    async fn a_deleted_group(world: World) {
        off(&world, async |pizza, reader, _| {
            let group = world.look(pizza, reader.id).await.unwrap().groups[0].group.id;
            world.delete_group(&pizza.administrator.caller, group).await.unwrap();
        }).await;
    }

    async fn a_deleted_environment(world: World) {
        off(&world, async |pizza, _, _| {
            let name = pizza.name();
            let call = world.directory.write(world.operator.caller.clone(), move |tx, actor| {
                directory::environments::delete(tx, actor, &name, Some("pizza"))
            });
            call.await.unwrap();
        }).await;
    }

    async fn a_session_that_ended_and_a_token_that_was_revoked(world: World) {
        off(&world, async |_, reader, token| {
            world.directory.sign_out(reader.caller.clone()).await.unwrap();
            world.directory.sign_out(token.caller.clone()).await.unwrap();
        }).await;
    }

    async fn sessions_after_their_password_was_set_by_another_or_must_be_changed(world: World) {
        let pizza = world.environment("pizza").await;
        for fields in [
            Fields { password: Some(password("correct horse battery")), ..Fields::default() },
            Fields { reset_password: Some(true), ..Fields::default() },
            Fields { reset_second_factor: Some(true), ..Fields::default() },
        ] {
            let person = world.member(&pizza).await;
            world.get(&person.caller, person.id).await.unwrap();
            set(&world, &pizza, person.id, fields).await;
            assert!(matches!(world.get(&person.caller, person.id).await, Err(Error::Unauthenticated)));
            let refresh = directory::secret::TokenSecret::parse(&person.refresh.unwrap()).unwrap();
            assert!(matches!(world.directory.refresh(refresh, Default::default()).await, Err(Error::Unauthenticated)));
        }
    }

    async fn other_sessions_after_ones_own_new_password(world: World) {
        let pizza = world.environment("pizza").await;
        let person = world.member(&pizza).await;
        let other = world.again(&person, None).await;
        let own = Fields {
            password: Some(password("another long and quiet one")),
            current_password: Some(password(&person.password)),
            ..Fields::default()
        };
        world.directory.update_own_user(person.caller.clone(), own, None).await.unwrap();
        world.get(&person.caller, person.id).await.unwrap();
        assert!(matches!(world.get(&other.caller, person.id).await, Err(Error::Unauthenticated)));
    }

    async fn a_session_without_the_second_factor_that_is_demanded_now(world: World) {
        let pizza = world.environment("pizza").await;
        let person = world.member(&pizza).await;
        world.get(&person.caller, person.id).await.unwrap();
        set(&world, &pizza, person.id, Fields { mfa: Some(true), ..Fields::default() }).await;
        let said = world.get(&person.caller, person.id).await;
        assert!(matches!(said, Err(Error::StepRequired(Step::SecondFactorEnrolment))));
        let refresh = directory::secret::TokenSecret::parse(person.refresh.as_ref().unwrap()).unwrap();
        assert!(world.directory.refresh(refresh, Default::default()).await.is_err());
        set(&world, &pizza, person.id, Fields { mfa: Some(false), ..Fields::default() }).await;
        world.get(&person.caller, person.id).await.unwrap();
    }

    async fn an_environments_demands_hold_for_sessions_from_elsewhere(world: World) {
        let (pizza, sushi) = (world.environment("pizza").await, world.environment("sushi").await);
        let person = world.member(&pizza).await;
        world.create_as(&world.operator.in_environment(&sushi), &person.email, Fields::default()).await.unwrap();
        world.get(&person.in_environment(&sushi), person.id).await.unwrap();
        set(&world, &sushi, person.id, Fields { mfa: Some(true), ..Fields::default() }).await;
        assert!(matches!(world.get(&person.in_environment(&sushi), person.id).await, Err(Error::StepRequired(_))));
        world.get(&person.caller, person.id).await.unwrap();
        set(&world, &sushi, person.id, Fields { mfa: Some(false), active: Some(false), ..Fields::default() }).await;
        assert!(matches!(world.get(&person.in_environment(&sushi), person.id).await, Err(Error::Forbidden(_))));
        world.get(&person.caller, person.id).await.unwrap();
    }

    async fn a_demoted_administrator(world: World) {
        let pizza = world.environment("pizza").await;
        let person = world.administrator(&pizza).await;
        let token = world.with_token(&person, Ceiling::Administrator).await;
        world.create_as(&person.caller, "a@pizza.example", Fields::default()).await.unwrap();
        world.create_as(&token.caller, "b@pizza.example", Fields::default()).await.unwrap();
        set(&world, &pizza, person.id, Fields { administrator: Some(false), ..Fields::default() }).await;
        for (caller, address) in [(&person.caller, "c@pizza.example"), (&token.caller, "d@pizza.example")] {
            assert!(matches!(world.create_as(caller, address, Fields::default()).await, Err(Error::Forbidden(_))));
        }
    }

    async fn a_former_operator(world: World) {
        let pizza = world.environment("pizza").await;
        let person = world.member(&world.head_office).await;
        world.directory.set_operator(test_support::email(&person.email), true).await.unwrap();
        let person = world.again(&person, Some(&pizza)).await;
        let token = world.with_token(&person, Ceiling::Everywhere).await;
        for caller in [&person.caller, &token.caller] {
            world.get(caller, pizza.administrator.id).await.unwrap();
        }
        world.directory.set_operator(test_support::email(&person.email), false).await.unwrap();
        for caller in [&person.caller, &token.caller] {
            assert!(world.get(caller, pizza.administrator.id).await.is_err());
        }
    }

    async fn a_revoked_token_whoever_revokes_it(world: World) {
        let pizza = world.environment("pizza").await;
        let person = world.member(&pizza).await;
        for by in [&person.caller, &pizza.administrator.caller] {
            let (made, secret) = world.token(&person.caller, person.id, Ceiling::Permissions(vec![])).await.unwrap();
            let caller = world.caller(&secret);
            world.get(&caller, person.id).await.unwrap();
            world.directory.write(by.clone(), move |tx, actor| tokens::revoke(tx, actor, made.id)).await.unwrap();
            assert!(matches!(world.get(&caller, person.id).await, Err(Error::Unauthenticated)));
        }
    }

    async fn everybody_who_asks_while_it_is_turned_off(world: World) {
        let pizza = world.environment("pizza").await;
        for _ in 0..15 {
            let reader = world.holder(&pizza, &["view_user"]).await;
            let (directory, caller, whom) = (world.directory.clone(), reader.caller.clone(), pizza.administrator.id);
            let (stop, stopped) = tokio::sync::watch::channel(false);
            let busy: Vec<_> = (0..3).map(|_| {
                let (directory, caller, stopped) = (directory.clone(), caller.clone(), stopped.clone());
                tokio::spawn(async move {
                    while !*stopped.borrow() {
                        directory.read(caller.clone(), move |tx, actor| directory::users::get(tx, actor, whom)).await.ok();
                        tokio::task::yield_now().await;
                    }
                })
            }).collect();
            set(&world, &pizza, reader.id, Fields { active: Some(false), ..Fields::default() }).await;
            let said: Result<_> = world.get(&reader.caller, whom).await;
            stop.send(true).unwrap();
            for one in busy {
                one.await.unwrap();
            }
            assert!(said.is_err());
            assert!(world.get(&reader.caller, whom).await.is_err());
            set(&world, &pizza, reader.id, Fields { active: Some(true), ..Fields::default() }).await;
            let again = world.again(&reader, None).await;
            world.get(&again.caller, whom).await.unwrap();
        }
    }

    async fn a_group_changed_by_two_at_once_is_as_one_of_them_wanted(world: World) {
        let pizza = world.environment("pizza").await;
        let nodes = [world.directory.clone(), world.another_node()];
        let group = world.group(&pizza, &["view_user"]).await;
        for round in 0..15 {
            let wanted = [["add_user", "view_menu"], ["delete_user", "view_group"]];
            let change = |n: usize| {
                let (node, by) = (nodes[n].clone(), pizza.administrator.caller.clone());
                let change = conferring(&wanted[n]);
                tokio::spawn(async move {
                    node.write(by, move |tx, actor| directory::groups::update(tx, actor, group, &change, None)).await
                })
            };
            let (one, other) = tokio::join!(change(0), change(1));
            one.unwrap().unwrap();
            other.unwrap().unwrap();
            let by = pizza.administrator.caller.clone();
            let after = world.directory.read(by, move |tx, actor| directory::groups::get(tx, actor, group)).await.unwrap();
            let held: Vec<_> = after.permissions.iter().map(|p| p.as_str()).collect();
            assert!(wanted.iter().any(|wanted| held == *wanted), "round {round}: {held:?}");
            let reset = conferring(&["view_user"]);
            world.update_group(&pizza.administrator.caller, group, reset).await.unwrap();
            world.wait(Duration::from_secs(1));
        }
    }
}
