//! A tenant cannot take over a person.

use directory::Error;
use directory::users::UserChanges as Fields;
use test_support::{Person, Tenant, World, email, on_every_engine, password, username};

fn credentials() -> [(&'static str, Fields); 5] {
    [
        ("e-mail", Fields { email: Some(email("mine@evil.example")), ..Fields::default() }),
        ("username", Fields { username: Some(username("mine")), ..Fields::default() }),
        ("password", Fields { password: Some(password("correct horse battery")), ..Fields::default() }),
        ("reset_pw", Fields { reset_password: Some(true), ..Fields::default() }),
        ("reset_2fa", Fields { reset_second_factor: Some(true), ..Fields::default() }),
    ]
}

/// Somebody who belongs to two environments, accepted in both.
async fn shared(world: &World) -> (Tenant, Tenant, Person) {
    let (pizza, sushi) = (world.environment("pizza").await, world.environment("sushi").await);
    let person = world.member(&pizza).await;
    let added =
        world.create_as(&world.operator.in_environment(&sushi), &person.email, Fields::default()).await.unwrap();
    assert!(!added.membership.pending);
    (pizza, sushi, person)
}

on_every_engine! {
    async fn credentials_of_a_shared_account_are_no_administrators(world: World) {
        let (pizza, sushi, person) = shared(&world).await;
        for tenant in [&pizza, &sushi] {
            for (what, fields) in credentials() {
                let call = world.update(&tenant.administrator.caller, person.id, fields);
                let refusal = world.refused(call).await;
                assert!(matches!(refusal, Error::Forbidden(_)), "{what} in {}: {refusal:?}", tenant.key);
            }
            let guess = Fields { password: Some(password(&person.password)), ..Fields::default() };
            let call = world.update(&tenant.administrator.caller, person.id, guess);
            assert!(matches!(world.refused(call).await, Error::Forbidden(_)), "its right password");
        }
        world.again(&person, Some(&sushi)).await;
    }

    async fn an_inactive_user_makes_an_account_shared_too(world: World) {
        let (pizza, sushi, person) = shared(&world).await;
        let off = Fields { active: Some(false), ..Fields::default() };
        world.update(&sushi.administrator.caller, person.id, off).await.unwrap();
        for (_, fields) in credentials() {
            let call = world.update(&pizza.administrator.caller, person.id, fields);
            assert!(matches!(world.refused(call).await, Error::Forbidden(_)));
        }
    }

    async fn a_pending_user_makes_no_account_shared_and_is_not_touched_where_it_is_pending(world: World) {
        let (pizza, sushi) = (world.environment("pizza").await, world.environment("sushi").await);
        let person = world.member(&pizza).await;
        world.create(&sushi, &person.email, Fields::default()).await.unwrap();
        for (what, fields) in credentials() {
            let refusal = world.refused(world.update(&sushi.administrator.caller, person.id, fields)).await;
            assert!(matches!(refusal, Error::Forbidden(_)), "{what}: {refusal:?}");
        }
        // A stranger's invitation is no way to lock an environment out of its own.
        for (_, fields) in credentials() {
            world.update(&pizza.administrator.caller, person.id, fields).await.unwrap();
        }
    }

    async fn an_operator_may_and_the_owner_sets_its_own_password(world: World) {
        let (pizza, _, person) = shared(&world).await;
        let secret = "another long and quiet one";
        let own = Fields {
            password: Some(password(secret)),
            current_password: Some(password(&person.password)),
            ..Fields::default()
        };
        world.directory.update_own_user(person.caller.clone(), own, None).await.unwrap();
        let person = world.sign_in(person.id, &person.email, secret, None).await.unwrap();
        for (_, fields) in credentials() {
            world.update(&world.operator.in_environment(&pizza), person.id, fields).await.unwrap();
        }
        assert!(world.get(&person.caller, person.id).await.is_err());
    }

    async fn leaving_again_gives_the_account_back(world: World) {
        let (pizza, sushi, person) = shared(&world).await;
        world.remove(&sushi.administrator.caller, person.id).await.unwrap();
        for (_, fields) in credentials() {
            world.update(&pizza.administrator.caller, person.id, fields).await.unwrap();
        }
    }

    async fn an_upsert_changes_nothing_of_a_known_account(world: World) {
        let (pizza, sushi) = (world.environment("pizza").await, world.environment("sushi").await);
        let person = world.member(&pizza).await;
        let before = world.look(&pizza, person.id).await.unwrap();
        let new = directory::users::NewUser { email: email(&person.email.to_uppercase()), fields: Fields::default() };
        let added = world.directory.upsert_user(sushi.administrator.caller.clone(), new, vec![]).await.unwrap();
        assert!(added.created && added.user.membership.pending);
        let after = world.look(&pizza, person.id).await.unwrap();
        assert_eq!(format!("{:?}", before.account), format!("{:?}", after.account));
        world.again(&person, Some(&pizza)).await;
    }
}
