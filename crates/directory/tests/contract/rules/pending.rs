//! Nobody joins unasked, and whoever prepared an account for somebody else gains nothing.

use directory::actor::Origin;
use directory::error::{Field, Noun, Step};
use directory::invitations::{self, Acceptance};
use directory::secret::TokenSecret;
use directory::tokens::Ceiling;
use directory::users::{User, UserChanges as Fields};
use directory::{Directory, Error, Result};
use std::sync::Arc;
use std::time::Duration;
use test_support::{Person, Tenant, World, by_id, email, on_every_engine, password, username};

const SECRET: &str = "chosen by nobody else";

fn acceptance(link: &str, secret: Option<&str>, name: Option<&str>) -> Acceptance {
    Acceptance {
        token: Arc::new(TokenSecret::parse(link).unwrap()),
        username: name.map(username),
        password: secret.map(password),
        origin: Origin::default(),
    }
}

async fn accept(directory: &Directory, link: &str, secret: Option<&str>) -> Result<User> {
    directory.accept_invitation(acceptance(link, secret, None)).await
}

/// An account made in `pizza` with a password that its administrator knows, and added to `sushi`.
async fn prepared(world: &World) -> (Tenant, Tenant, Person) {
    let (pizza, sushi) = (world.environment("pizza").await, world.environment("sushi").await);
    let person = world.member(&pizza).await;
    let group = world.group(&sushi, &["view_user"]).await;
    let groups = Some(vec![by_id(group)]);
    let added = world.create(&sushi, &person.email, Fields { groups, ..Fields::default() }).await.unwrap();
    assert!(added.membership.pending);
    (pizza, sushi, person)
}

/// Somebody who proved its address by accepting the invitation of `pizza`.
async fn proven(world: &World, pizza: &Tenant, address: &str) -> Person {
    let id = world.create(pizza, address, Fields::default()).await.unwrap().account.id;
    let link = world.mailed_link(address).await.unwrap();
    accept(&world.directory, &link, Some(SECRET)).await.unwrap();
    world.sign_in(id, address, SECRET, None).await.unwrap()
}

on_every_engine! {
    async fn a_pending_user_has_no_access(world: World) {
        let (pizza, sushi, person) = prepared(&world).await;
        let there = person.in_environment(&sushi);
        assert!(matches!(world.refused(world.get(&there, person.id)).await, Error::Forbidden(_)));
        let call = world.sign_in(person.id, &person.email, &person.password, Some(&sushi)).await;
        assert!(matches!(call, Err(Error::Unauthenticated)));
        world.again(&person, Some(&pizza)).await;
        let own = world.directory.read(person.caller.clone(), directory::environments::own).await.unwrap();
        assert_eq!(own.iter().map(|own| own.pending).collect::<Vec<_>>(), [false, true]);
    }

    async fn an_unproven_address_is_accepted_by_the_mailed_link_alone(world: World) {
        let (_, sushi, person) = prepared(&world).await;
        let call = world.directory.accept_environment(person.caller.clone(), sushi.name());
        assert!(matches!(world.refused(call).await, Error::StepRequired(Step::MailedLink)));
        let link = world.mailed_link(&person.email).await.unwrap();
        match world.refused(accept(&world.directory, &link, None)).await {
            Error::Invalid(fields) => assert_eq!(fields[0].field, Field::Password),
            other => panic!("{other:?}"),
        }
        accept(&world.directory, &link, Some(SECRET)).await.unwrap();
    }

    async fn whoever_prepared_the_account_is_out(world: World) {
        let (pizza, sushi, person) = prepared(&world).await;
        let token = world.with_token(&person, Ceiling::Permissions(vec![])).await;
        let other = world.again(&person, None).await;
        let link = world.mailed_link(&person.email).await.unwrap();
        let user = accept(&world.directory, &link, Some(SECRET)).await.unwrap();
        assert!(!user.membership.pending);
        for caller in [&person.caller, &token.caller, &other.caller] {
            assert!(matches!(world.get(caller, person.id).await, Err(Error::Unauthenticated)));
        }
        let refresh = TokenSecret::parse(other.refresh.as_ref().unwrap()).unwrap();
        assert!(matches!(world.directory.refresh(refresh, Default::default()).await, Err(Error::Unauthenticated)));
        let old = world.sign_in(person.id, &person.email, &person.password, None).await;
        assert!(matches!(old, Err(Error::Unauthenticated)));
        let owner = world.sign_in(person.id, &person.email, SECRET, Some(&sushi)).await.unwrap();
        world.get(&owner.caller, pizza.administrator.id).await.unwrap_err();
        world.get(&owner.caller, sushi.administrator.id).await.unwrap();
        // And it is shared now: its first environment sets nothing any more.
        let taken = Fields { password: Some(password("correct horse battery")), ..Fields::default() };
        let call = world.update(&pizza.administrator.caller, person.id, taken);
        assert!(matches!(world.refused(call).await, Error::Forbidden(_)));
    }

    async fn every_token_of_whoever_prepared_the_account_ends_as_many_as_there_may_be(world: World) {
        let (_, _, person) = prepared(&world).await;
        let (owner, made) = (person.id, directory::tokens::NewToken {
            account: person.id,
            name: test_support::name("many"),
            ceiling: Ceiling::Permissions(vec![]),
            ends: None,
        });
        let most = directory::tokens::MOST;
        let make = async |count: usize| {
            let new = made.clone();
            let tokens = world.directory.write(person.caller.clone(), move |tx, actor| {
                (0..count).map(|_| directory::tokens::create(tx, actor, &new)).collect::<Result<Vec<_>>>()
            });
            tokens.await
        };
        let last = make(most).await.unwrap().pop();
        assert!(matches!(make(1).await, Err(Error::Conflict(_))));
        let link = world.mailed_link(&person.email).await.unwrap();
        accept(&world.directory, &link, Some(SECRET)).await.unwrap();
        let caller = world.caller(&last.unwrap().1.expose());
        assert!(matches!(world.get(&caller, owner).await, Err(Error::Unauthenticated)));
        assert!(world.dump().rows("api_tokens").all(|row| row["account_id"] != owner.0.simple().to_string()));
    }

    async fn a_prepared_account_under_another_address_takes_no_invitation_along(world: World) {
        let (pizza, sushi, person) = prepared(&world).await;
        let link = world.mailed_link(&person.email).await.unwrap();
        // Its first environment turns the account into somebody else's address, who proves that one elsewhere.
        let renamed = Fields { email: Some(email("attacker@evil.example")), ..Fields::default() };
        world.update(&pizza.administrator.caller, person.id, renamed).await.unwrap();
        let call = accept(&world.directory, &link, Some(SECRET));
        assert!(matches!(world.refused(call).await, Error::NotFound(Noun::Invitation)));
        let third = world.environment("third").await;
        world.create(&third, "attacker@evil.example", Fields::default()).await.unwrap();
        let own = world.mailed_link("attacker@evil.example").await.unwrap();
        accept(&world.directory, &own, Some(SECRET)).await.unwrap();
        let attacker = world.sign_in(person.id, "attacker@evil.example", SECRET, None).await.unwrap();
        let taken = world.directory.accept_environment(attacker.caller.clone(), sushi.name()).await;
        assert!(taken.is_err(), "an invitation of one address was accepted by another");
        assert!(world.get(&attacker.in_environment(&sushi), person.id).await.is_err());
    }

    async fn a_link_works_once(world: World) {
        let pizza = world.environment("pizza").await;
        let id = world.create(&pizza, "new@pizza.example", Fields::default()).await.unwrap().account.id;
        let link = world.mailed_link("new@pizza.example").await.unwrap();
        accept(&world.directory, &link, Some(SECRET)).await.unwrap();
        for secret in [None, Some(SECRET), Some("another long and quiet one")] {
            let refusal = world.refused(accept(&world.directory, &link, secret)).await;
            assert!(matches!(refusal, Error::NotFound(Noun::Invitation)), "{refusal:?}");
        }
        world.sign_in(id, "new@pizza.example", SECRET, None).await.unwrap();
    }

    async fn of_two_who_race_with_one_link_exactly_one_wins(world: World) {
        let pizza = world.environment("pizza").await;
        let nodes = [world.directory.clone(), world.another_node()];
        for round in 0..8 {
            let address = format!("race{round}@pizza.example");
            let id = world.create(&pizza, &address, Fields::default()).await.unwrap().account.id;
            let link = world.mailed_link(&address).await.unwrap();
            let race: Vec<_> = (0..6).map(|n: usize| {
                let (node, link) = (nodes[n % 2].clone(), link.clone());
                tokio::spawn(async move {
                    let secret = format!("chosen by racer number {n}");
                    accept(&node, &link, Some(&secret)).await.map(|_| secret)
                })
            }).collect();
            let mut won = Vec::new();
            for racer in race {
                match racer.await.unwrap() {
                    Ok(secret) => won.push(secret),
                    Err(refusal) => assert!(matches!(refusal, Error::NotFound(Noun::Invitation)), "{refusal:?}"),
                }
            }
            assert_eq!(won.len(), 1, "round {round}: {won:?}");
            world.sign_in(id, &address, &won[0], None).await.unwrap();
        }
    }

    async fn a_link_ends_with_time_with_its_user_and_with_its_address(world: World) {
        let pizza = world.environment("pizza").await;
        let by = &pizza.administrator.caller;
        let invited = |address: &'static str| { let world = &world; let pizza = &pizza; async move {
            let id = world.create(pizza, address, Fields::default()).await.unwrap().account.id;
            (id, world.mailed_link(address).await.unwrap())
        }};
        let (gone, link) = invited("gone@pizza.example").await;
        world.remove(by, gone).await.unwrap();
        assert!(matches!(world.refused(accept(&world.directory, &link, Some(SECRET))).await, Error::NotFound(_)));
        let (renamed, link) = invited("renamed@pizza.example").await;
        let other = Fields { email: Some(email("other@pizza.example")), ..Fields::default() };
        world.update(by, renamed, other).await.unwrap();
        assert!(matches!(world.refused(accept(&world.directory, &link, Some(SECRET))).await, Error::NotFound(_)));
        let (_, link) = invited("late@pizza.example").await;
        world.wait(invitations::LIFETIME);
        assert!(matches!(world.refused(accept(&world.directory, &link, Some(SECRET))).await, Error::NotFound(_)));
        let never = TokenSecret::new(directory::secret::TokenSpelling::Session, [7; 32]).expose();
        assert!(matches!(world.refused(accept(&world.directory, &never, Some(SECRET))).await, Error::NotFound(_)));
    }

    async fn a_proven_owner_accepts_in_its_session_or_by_the_link_and_keeps_its_password(world: World) {
        let (pizza, sushi) = (world.environment("pizza").await, world.environment("sushi").await);
        let owner = proven(&world, &pizza, "owner@pizza.example").await;
        world.create(&sushi, &owner.email, Fields::default()).await.unwrap();
        world.directory.accept_environment(owner.caller.clone(), sushi.name()).await.unwrap();
        world.get(&owner.in_environment(&sushi), owner.id).await.unwrap();
        world.unchanged(world.directory.accept_environment(owner.caller.clone(), sushi.name())).await.unwrap();
        let third = world.environment("third").await;
        world.create(&third, &owner.email, Fields::default()).await.unwrap();
        let link = world.mailed_link(&owner.email).await.unwrap();
        let stolen = accept(&world.directory, &link, Some("chosen by a thief of mail"));
        assert!(matches!(world.refused(stolen).await, Error::Invalid(_)));
        accept(&world.directory, &link, None).await.unwrap();
        world.get(&owner.in_environment(&third), owner.id).await.unwrap();
        world.again(&owner, None).await;
    }

    async fn credentials_that_a_tenant_set_since_unprove_the_address(world: World) {
        let (pizza, sushi) = (world.environment("pizza").await, world.environment("sushi").await);
        for (n, fields) in [
            Fields { password: Some(password("correct horse battery")), ..Fields::default() },
            Fields { username: Some(username("prepared")), ..Fields::default() },
            Fields { reset_password: Some(true), ..Fields::default() },
        ].into_iter().enumerate() {
            let owner = proven(&world, &pizza, &format!("owner{n}@pizza.example")).await;
            let secret = if fields.password.is_some() { "correct horse battery" } else { SECRET };
            world.update(&pizza.administrator.caller, owner.id, fields).await.unwrap();
            world.create(&sushi, &owner.email, Fields::default()).await.unwrap();
            let back = Fields { reset_password: Some(false), ..Fields::default() };
            world.update(&pizza.administrator.caller, owner.id, back).await.unwrap();
            let session = world.sign_in(owner.id, &owner.email, secret, None).await.unwrap();
            let call = world.directory.accept_environment(session.caller, sushi.name());
            assert!(matches!(world.refused(call).await, Error::StepRequired(Step::MailedLink)));
        }
    }

    async fn only_the_asked_accept_and_only_in_a_session(world: World) {
        let (pizza, sushi) = (world.environment("pizza").await, world.environment("sushi").await);
        let owner = proven(&world, &pizza, "owner@pizza.example").await;
        let call = world.directory.accept_environment(owner.caller.clone(), sushi.name());
        let unasked = world.refused(call).await;
        let unknown = directory::environments::EnvironmentName::Key("no_such".to_owned());
        let call = world.directory.accept_environment(owner.caller.clone(), unknown);
        assert_eq!(unasked.to_string(), world.refused(call).await.to_string());
        world.create(&sushi, &owner.email, Fields::default()).await.unwrap();
        let token = world.with_token(&owner, Ceiling::Permissions(vec![])).await;
        let call = world.directory.accept_environment(token.caller, sushi.name());
        assert!(matches!(world.refused(call).await, Error::Forbidden(_)));
        let call = world.directory.accept_environment(pizza.administrator.caller.clone(), sushi.name());
        world.refused(call).await;
        assert!(world.look(&sushi, owner.id).await.unwrap().membership.pending);
    }

    async fn an_operators_adding_counts_as_accepted_and_so_does_one_within_an_organisation(world: World) {
        let pizza = world.environment_of("chain", "pizza").await;
        let sushi = world.environment_of("chain", "sushi").await;
        let other = world.environment_of("rivals", "other").await;
        let person = world.member(&pizza).await;
        assert!(!world.create(&sushi, &person.email, Fields::default()).await.unwrap().membership.pending);
        assert!(world.create(&other, &person.email, Fields::default()).await.unwrap().membership.pending);
        let third = world.environment("third").await;
        let by = world.operator.in_environment(&third);
        assert!(!world.create_as(&by, &person.email, Fields::default()).await.unwrap().membership.pending);
        // Being asked by a rival makes nobody one of theirs.
        let fourth = world.environment_of("rivals", "fourth").await;
        assert!(world.create(&fourth, &person.email, Fields::default()).await.unwrap().membership.pending);
    }

    async fn a_link_is_no_way_to_learn_usernames_without_bound(world: World) {
        let (pizza, sushi) = (world.environment("pizza").await, world.environment("sushi").await);
        let taken = Fields { username: Some(username("taken")), ..Fields::default() };
        world.create(&sushi, "a@sushi.example", taken).await.unwrap();
        world.create(&pizza, "guest@pizza.example", Fields::default()).await.unwrap();
        let link = world.mailed_link("guest@pizza.example").await.unwrap();
        let mut told = 0;
        for _ in 0..110 {
            match world.directory.accept_invitation(acceptance(&link, Some(SECRET), Some("Taken"))).await {
                Err(Error::Taken(fields)) => { assert_eq!(fields[0].field, Field::Username); told += 1; }
                Err(Error::TooMany { .. }) => break,
                other => panic!("{:?}", other.map(|user| user.account.id)),
            }
        }
        assert!(told <= 100, "{told}");
        world.wait(Duration::from_secs(3601));
        world.directory.accept_invitation(acceptance(&link, Some(SECRET), Some("free"))).await.unwrap();
    }
}
