//! Who hears of refused sign-ins: the environment whose they certainly are, and no other.

use directory::Error;
use directory::events;
use directory::sessions::SignIn;
use directory::users::UserChanges as Fields;
use std::time::Duration;
use test_support::{Person, Tenant, World, login_of, on_every_engine};

/// The subjects of all refused sign-ins that an environment's programs are told.
async fn told(world: &World, tenant: &Tenant) -> Vec<String> {
    while world.directory.chain_audit().await.unwrap() {}
    let boss = tenant.administrator.caller.clone();
    let told = world.directory.read(boss, |tx, actor| events::after(tx, actor, 0, 1000)).await.unwrap();
    told.events.into_iter().filter(|event| event.name == "sign_in.failed").map(|event| event.subject).collect()
}

/// A wrong password, with or without an environment.
async fn wrong(world: &World, person: &Person, tenant: Option<&Tenant>) {
    let request = SignIn { environment: tenant.map(Tenant::name), ..login_of(&person.email, "wrong and quiet") };
    assert!(matches!(world.directory.sign_in(request).await, Err(Error::Unauthenticated)));
    world.wait(Duration::from_secs(16 * 60));
}

on_every_engine! {
    async fn an_environment_hears_of_what_is_aimed_at_its_own_users_alone(world: World) {
        let (pizza, sushi) = (world.environment("pizza").await, world.environment("sushi").await);
        let member = world.member(&pizza).await;
        let id = member.id.to_string();
        wrong(&world, &member, None).await;
        wrong(&world, &member, Some(&pizza)).await;
        // Where it is nobody, and where it has not accepted, is no more told than elsewhere.
        wrong(&world, &member, Some(&sushi)).await;
        world.create(&sushi, &member.email, Fields::default()).await.unwrap();
        wrong(&world, &member, Some(&sushi)).await;
        assert_eq!(told(&world, &pizza).await, [id.clone(), id]);
        assert_eq!(told(&world, &sushi).await, [""; 0]);
    }

    async fn of_an_account_of_two_each_hears_of_what_names_it(world: World) {
        let (pizza, sushi) = (world.environment("pizza").await, world.environment("sushi").await);
        let shared = world.member(&pizza).await;
        world.create_as(&world.operator.in_environment(&sushi), &shared.email, Fields::default()).await.unwrap();
        wrong(&world, &shared, None).await;
        assert_eq!((told(&world, &pizza).await.len(), told(&world, &sushi).await.len()), (0, 0));
        wrong(&world, &shared, Some(&sushi)).await;
        assert_eq!((told(&world, &pizza).await.len(), told(&world, &sushi).await.len()), (0, 1));
        // Leaving makes it the other's alone.
        world.remove(&sushi.administrator.caller, shared.id).await.unwrap();
        wrong(&world, &shared, None).await;
        assert_eq!((told(&world, &pizza).await.len(), told(&world, &sushi).await.len()), (1, 1));
    }

    async fn an_operator_who_names_nothing_is_no_environments(world: World) {
        wrong(&world, &world.operator, None).await;
        let refused = world.events().into_iter().rfind(|event| event.verb == "sign_in.refused").unwrap();
        assert_eq!((refused.environment.as_str(), refused.subject), ("", world.operator.id.to_string()));
    }

    async fn beyond_a_bound_an_environment_hears_of_them_in_one_and_drowns_no_other(world: World) {
        let (pizza, sushi) = (world.environment("pizza").await, world.environment("sushi").await);
        for n in 0..120_u8 {
            let person = world.create(&pizza, &format!("guest{n}@pizza.example"), Fields::default()).await.unwrap();
            let mut request = login_of(person.account.email.unwrap().as_typed(), "wrong and quiet");
            request.origin.address = Some([192, 0, 2, n].into());
            assert!(matches!(world.directory.sign_in(request).await, Err(Error::Unauthenticated)));
        }
        assert_eq!(told(&world, &pizza).await.len(), 100);
        let member = world.member(&sushi).await;
        wrong(&world, &member, None).await;
        assert_eq!(told(&world, &sushi).await, [member.id.to_string()]);
        world.wait(Duration::from_secs(7200));
        while world.directory.sweep().await.unwrap() {}
        let all = told(&world, &pizza).await;
        assert_eq!((all.len(), all[100].as_str()), (101, "many"));
        let event = world.events().into_iter().rfind(|event| event.subject == "many").unwrap();
        assert_eq!((event.environment, event.changes.as_str()), (pizza.id.to_string(), r#"{"more":[null,"20"]}"#));
    }
}
