//! Passwords that other systems hashed: they sign in here, and what is stored of them is then like everybody else's. Fairness
//! and formats have their tests beside the code.

use directory::error::Conflict;
use directory::secret::PasswordHash;
use directory::store::{Store, accounts};
use directory::users::{NewUser, UserChanges as Fields};
use directory::{Error, Result};
use std::time::Duration;
use test_support::{Person, Tenant, World, effects, email, login_of, on_every_engine, password};

/// Two lines each: how it was made, then the password, a tab and the hash.
const FOREIGN: &str = include_str!("../data/foreign-hashes.txt");

/// "correct horse battery staple", by bcrypt at the least cost.
const BCRYPT: &str = "$2b$04$qiWH0TQc4Z9evCjsv19J4.60TcTma0Vrq.Nn7iD/eiVu1iK1E47sW";

fn foreign() -> Vec<(&'static str, &'static str)> {
    FOREIGN.lines().filter(|line| !line.starts_with('#')).map(|line| line.split_once('\t').unwrap()).collect()
}

async fn import(world: &World, tenant: &Tenant, hash: &str) -> Result<Person> {
    let address = format!("imported{}@pizza.example", world.number());
    let new = NewUser { email: email(&address), fields: Fields::default() };
    let user = world.directory.add_user_by_command(tenant.name(), new, Some(hash)).await?;
    Ok(Person { id: user.account.id, email: address, ..tenant.administrator.clone() })
}

fn stored(world: &World, person: &Person) -> String {
    column(world, person, "password_hash")
}

fn column(world: &World, person: &Person, name: &str) -> String {
    let dump = world.dump();
    let mut accounts = dump.rows("accounts");
    accounts.find(|row| row["email"] == person.email).unwrap()[name].to_owned()
}

/// What is stored once it is as we make it today.
async fn upgraded(world: &World, person: &Person) -> String {
    let wait = async {
        loop {
            let stored = stored(world, person);
            if stored.starts_with("$argon2id$v=19$m=8,t=1,p=1$") {
                return stored;
            }
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), wait).await.unwrap()
}

async fn opens(world: &World, person: &Person, secret: &str) -> bool {
    match world.directory.sign_in(login_of(&person.email, secret)).await {
        Ok(_) => true,
        Err(Error::Unauthenticated) => false,
        Err(error) => panic!("{error:?}"),
    }
}

on_every_engine! {
    async fn whoever_was_hashed_elsewhere_signs_in_and_is_hashed_as_we_do(world: World) {
        let pizza = world.environment("pizza").await;
        for (secret, hash) in foreign() {
            let person = import(&world, &pizza, hash).await.unwrap();
            let kept = stored(&world, &person);
            assert!(kept == hash || kept.starts_with("$rolebook-wrapped$"), "{hash}");
            assert!(kept == hash || !kept.contains(hash), "{hash}");
            assert!(!opens(&world, &person, "another secret").await, "{hash}");
            assert!(opens(&world, &person, secret).await, "{hash}");
            upgraded(&world, &person).await;
            assert!(opens(&world, &person, secret).await, "{hash}");
            assert!(!opens(&world, &person, hash).await, "{hash}");
            world.wait(Duration::from_secs(3600));
        }
    }

    async fn nobody_is_told_that_a_hash_was_made_anew(world: World) {
        let pizza = world.environment("pizza").await;
        let person = import(&world, &pizza, BCRYPT).await.unwrap();
        world.wait(Duration::from_secs(60));
        let before = (world.events().len(), world.get(&pizza.administrator.caller, person.id).await.unwrap());
        let changed = column(&world, &person, "updated_at");
        assert!(opens(&world, &person, "correct horse battery staple").await);
        upgraded(&world, &person).await;
        let events = world.events().split_off(before.0);
        assert_eq!(events.iter().map(|event| event.verb.as_str()).collect::<Vec<_>>(), ["sign_in.succeeded"]);
        let after = world.get(&pizza.administrator.caller, person.id).await.unwrap();
        assert_eq!(after.membership.updated_at, before.1.membership.updated_at);
        assert_eq!(column(&world, &person, "updated_at"), changed);
    }

    async fn who_signs_in_several_times_at_once_gets_in_each_time(world: World) {
        let pizza = world.environment("pizza").await;
        for _ in 0..4 {
            let person = import(&world, &pizza, BCRYPT).await.unwrap();
            let logins: Vec<_> = (0..8)
                .map(|_| {
                    let (directory, request) = (world.directory.clone(), login_of(&person.email, "correct horse battery staple"));
                    tokio::spawn(async move { directory.sign_in(request).await.is_ok() })
                })
                .collect();
            for login in logins {
                assert!(login.await.unwrap());
            }
        }
    }

    async fn a_password_that_is_changed_at_that_moment_stays_changed(world: World) {
        let pizza = world.environment("pizza").await;
        let person = import(&world, &pizza, BCRYPT).await.unwrap();
        let change = Fields { password: Some(password("another long and quiet one")), ..Fields::default() };
        world.update(&world.operator.caller.in_environment(pizza.name()), person.id, change).await.unwrap();
        let changed = stored(&world, &person);
        let store = Store::open(world.database.url(), effects(&world.clock, 99)).unwrap();
        let (id, late) = (person.id, || PasswordHash::from_stored("late".to_owned()));
        let old = PasswordHash::from_stored(BCRYPT.to_owned());
        store.write(move |tx| accounts::replace_hash(tx, id, &old, &late())).await.unwrap();
        assert_eq!(stored(&world, &person), changed);
        assert!(opens(&world, &person, "another long and quiet one").await);
    }

    async fn a_new_password_that_bcrypt_cannot_tell_from_the_old_one_is_another(world: World) {
        let pizza = world.environment("pizza").await;
        let (secret, hash) = foreign().into_iter().find(|(secret, hash)| hash.starts_with("$2b$05$") && secret.len() > 72).unwrap();
        let person = import(&world, &pizza, hash).await.unwrap();
        let alike = format!("{}and so on", &secret[..72]);
        let change = Fields { password: Some(password(&alike)), ..Fields::default() };
        world.update(&world.operator.caller.in_environment(pizza.name()), person.id, change).await.unwrap();
        assert!(!opens(&world, &person, secret).await);
        assert!(opens(&world, &person, &alike).await);
    }

    async fn a_hash_is_set_for_one_who_is_here_and_not_for_an_account_that_is_known_elsewhere(world: World) {
        let (pizza, sushi) = (world.environment("pizza").await, world.environment("sushi").await);
        let person = world.member(&pizza).await;
        let known = NewUser { email: email(&person.email), fields: Fields::default() };
        let refused = world.unchanged(world.directory.add_user_by_command(sushi.name(), known, Some(BCRYPT))).await;
        assert!(matches!(refused, Err(Error::Conflict(Conflict::AccountExists))));
        let nonsense = world.unchanged(world.directory.set_password_hash_by_command(pizza.name(), person.id, "secret")).await;
        assert!(matches!(nonsense, Err(Error::Invalid(_))));

        world.directory.set_password_hash_by_command(pizza.name(), person.id, BCRYPT).await.unwrap();
        assert!(world.get(&person.caller, person.id).await.is_err(), "its sessions ended");
        assert!(!opens(&world, &person, &person.password).await);
        assert!(opens(&world, &person, "correct horse battery staple").await);
        assert_eq!(upgraded(&world, &person).await, stored(&world, &person));
    }
}
