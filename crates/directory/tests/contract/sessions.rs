//! Signing in and staying in: one answer to every wrong login, steps, refreshing, lifetimes, guessing.

use directory::actor::Origin;
use directory::environments::EnvironmentName;
use directory::error::{Field, Step};
use directory::secret::TokenSecret;
use directory::sessions::{Shows, SignIn, StepToken, Tokens};
use directory::users::UserChanges as Fields;
use directory::{Error, Result};
use std::time::Duration;
use test_support::{Person, World, email, login_of, on_every_engine, password, short, username};

const DAY: Duration = Duration::from_secs(24 * 3600);

async fn refresh(world: &World, token: &str) -> Result<Tokens> {
    world.directory.refresh(TokenSecret::parse(token).unwrap(), Origin::default()).await
}

async fn step(world: &World, person: &Person) -> StepToken {
    let request = login_of(&person.email, &person.password);
    world.directory.sign_in(request).await.unwrap().err().unwrap()
}

async fn good(world: &World, token: &str, person: &Person) -> bool {
    world.get(&world.caller(token), person.id).await.is_ok()
}

on_every_engine! {
    async fn every_wrong_login_gets_one_answer(world: World) {
        let (pizza, sushi) = (world.environment("pizza").await, world.environment("sushi").await);
        let member = world.member(&pizza).await;
        let inactive = world.member(&pizza).await;
        let off = Fields { active: Some(false), ..Fields::default() };
        world.update(&pizza.administrator.caller, inactive.id, off).await.unwrap();
        world.create(&pizza, "invited@pizza.example", Fields::default()).await.unwrap();
        world.create(&sushi, &member.email, Fields::default()).await.unwrap();
        let at = |key: &str| Some(EnvironmentName::Key(key.to_owned()));
        let right = || login_of(&member.email, &member.password);
        let here = pizza.id.to_string();
        // Whoever is told of it: the environment that it certainly belongs to, else the system.
        let wrong = [
            (login_of("nobody@pizza.example", &member.password), ""),
            (login_of("nobody", &member.password), ""),
            (login_of("", &member.password), ""),
            (login_of("@", &member.password), ""),
            (login_of("nul\0@pizza.example", &member.password), ""),
            (login_of("nul\0", &member.password), ""),
            (login_of(&member.email, "another secret"), &*here),
            (login_of(&inactive.email, &inactive.password), &here),
            (login_of("invited@pizza.example", "another secret"), &here),
            (SignIn { environment: at("no_such"), ..right() }, ""),
            (SignIn { environment: at("sushi"), ..right() }, ""),
            (SignIn { environment: at("head_office"), ..right() }, ""),
            (SignIn { environment: Some(EnvironmentName::Uuid(world.head_office.uuid)), ..right() }, ""),
        ];
        for (request, told_to) in wrong {
            let Shows::Password { login, .. } = request.shows.clone() else { panic!("a password is shown") };
            let before = world.events().len();
            let said = world.directory.sign_in(request).await;
            assert!(matches!(said, Err(Error::Unauthenticated)), "{login}");
            let told = world.events().split_off(before);
            assert_eq!(told.len(), 1, "{told:?}");
            assert_eq!((told[0].verb.as_str(), told[0].environment.as_str()), ("sign_in.refused", told_to), "{login}");
            world.wait(Duration::from_secs(60));
        }
        world.again(&member, None).await;
    }

    async fn a_login_names_the_address_or_the_username_in_any_case(world: World) {
        let pizza = world.environment("pizza").await;
        let named = Fields { username: Some(username("Ada.Lovelace")), ..Fields::default() };
        let ada = world.person(&pizza, named).await;
        let other = email("Countess@Pizza.example");
        world.update(&pizza.administrator.caller, ada.id, Fields { email: Some(other), ..Fields::default() }).await.unwrap();
        for login in ["ada.lovelace", "ADA.LOVELACE", "countess@pizza.EXAMPLE"] {
            world.sign_in(ada.id, login, &ada.password, None).await.unwrap();
        }
        assert!(world.sign_in(ada.id, &ada.email, &ada.password, None).await.is_err());
        // A username that is the address follows it.
        let plain = world.member(&pizza).await;
        let other = Fields { email: Some(email("moved@pizza.example")), ..Fields::default() };
        let moved = world.update(&pizza.administrator.caller, plain.id, other).await.unwrap();
        assert_eq!(moved.account.username.unwrap().as_typed(), "moved@pizza.example");
    }

    async fn a_login_acts_where_asked_else_by_default_else_in_the_oldest_that_is_open(world: World) {
        let (pizza, sushi) = (world.environment("pizza").await, world.environment("sushi").await);
        let person = world.member(&pizza).await;
        world.wait(Duration::from_secs(1));
        world.create_as(&world.operator.in_environment(&sushi), &person.email, Fields::default()).await.unwrap();
        let place = async |asked: Option<EnvironmentName>| {
            let request = SignIn { environment: asked, ..login_of(&person.email, &person.password) };
            let signed_in = world.directory.sign_in(request).await.unwrap().ok().unwrap();
            signed_in.environment.key.as_str().to_owned()
        };
        assert_eq!(place(None).await, "pizza");
        assert_eq!(place(Some(sushi.name())).await, "sushi");
        assert_eq!(place(Some(EnvironmentName::Uuid(sushi.uuid))).await, "sushi");
        let off = Fields { active: Some(false), ..Fields::default() };
        world.update(&pizza.administrator.caller, person.id, off).await.unwrap();
        assert_eq!(place(None).await, "sushi");
    }

    async fn a_step_session_is_good_for_its_step_alone(world: World) {
        let pizza = world.environment("pizza").await;
        let person = world.member(&pizza).await;
        let reset = Fields { reset_password: Some(true), ..Fields::default() };
        world.update(&pizza.administrator.caller, person.id, reset).await.unwrap();
        let StepToken { step: which, token, .. } = step(&world, &person).await;
        assert_eq!(which, Step::PasswordChange);
        let caller = world.caller(&token.expose());
        let own = |fields: Fields| world.directory.update_own_user(caller.clone(), fields, None);

        assert!(matches!(world.refused(world.get(&caller, person.id)).await, Error::StepRequired(Step::PasswordChange)));
        let rename = Fields { name: Some(short("Renamed")), ..Fields::default() };
        assert!(matches!(world.refused(own(rename)).await, Error::StepRequired(Step::PasswordChange)));
        assert!(matches!(world.refused(own(Fields::default())).await, Error::StepRequired(Step::PasswordChange)));
        assert!(matches!(refresh(&world, &token.expose()).await, Err(Error::Unauthenticated)));
        let same = Fields { password: Some(password(&person.password)), ..Fields::default() };
        match world.refused(own(same)).await {
            Error::Invalid(fields) => assert_eq!(fields[0].field, Field::Password),
            other => panic!("{other:?}"),
        }
        let short = Fields { password: Some(password("short")), ..Fields::default() };
        assert!(matches!(world.refused(own(short)).await, Error::Invalid(_)));

        let new = "another long and quiet one";
        let chosen = own(Fields { password: Some(password(new)), ..Fields::default() }).await.unwrap();
        assert!(!chosen.account.reset_password);
        assert!(matches!(world.get(&caller, person.id).await, Err(Error::Unauthenticated)));
        assert!(world.sign_in(person.id, &person.email, &person.password, None).await.is_err());
        world.sign_in(person.id, &person.email, new, None).await.unwrap();
    }

    async fn a_step_session_ends_after_a_quarter_of_an_hour(world: World) {
        let pizza = world.environment("pizza").await;
        let person = world.member(&pizza).await;
        let reset = Fields { reset_password: Some(true), ..Fields::default() };
        world.update(&pizza.administrator.caller, person.id, reset).await.unwrap();
        let caller = world.caller(&step(&world, &person).await.token.expose());
        world.wait(Duration::from_secs(15 * 60));
        let new = Fields { password: Some(password("another long and quiet one")), ..Fields::default() };
        let call = world.directory.update_own_user(caller, new, None);
        assert!(matches!(world.refused(call).await, Error::Unauthenticated));
    }

    async fn a_demanded_second_factor_must_be_enrolled_first(world: World) {
        let pizza = world.environment("pizza").await;
        for fields in [
            Fields { mfa: Some(true), ..Fields::default() },
            Fields { reset_second_factor: Some(true), ..Fields::default() },
        ] {
            let person = world.member(&pizza).await;
            world.update(&pizza.administrator.caller, person.id, fields).await.unwrap();
            let StepToken { step: which, token, .. } = step(&world, &person).await;
            assert_eq!(which, Step::SecondFactorEnrolment);
            let caller = world.caller(&token.expose());
            assert!(matches!(world.refused(world.get(&caller, person.id)).await, Error::StepRequired(_)));
            let new = Fields { password: Some(password("another long and quiet one")), ..Fields::default() };
            world.refused(world.directory.update_own_user(caller, new, None)).await;
        }
    }

    async fn refreshing_gives_a_new_pair_and_the_old_access_token_ends_soon(world: World) {
        let pizza = world.environment("pizza").await;
        let person = world.member(&pizza).await;
        let next = refresh(&world, person.refresh.as_ref().unwrap()).await.unwrap();
        let access = next.access.expose();
        assert!(access != person.token && next.refresh.as_ref().unwrap().expose() != *person.refresh.as_ref().unwrap());
        world.wait(Duration::from_secs(29));
        assert!(good(&world, &person.token, &person).await);
        world.wait(Duration::from_secs(1));
        assert!(!good(&world, &person.token, &person).await);
        assert!(good(&world, &access, &person).await);
        assert!(!good(&world, &next.refresh.unwrap().expose(), &person).await, "a refresh token is no access token");
        assert!(refresh(&world, &access).await.is_err(), "an access token is no refresh token");
        assert!(refresh(&world, &world.operator.token).await.is_err(), "nor is an API token");
    }

    async fn a_refresh_token_used_twice_ends_its_session(world: World) {
        let pizza = world.environment("pizza").await;
        let person = world.member(&pizza).await;
        let other = world.again(&person, None).await;
        let old = person.refresh.clone().unwrap();
        let next = refresh(&world, &old).await.unwrap();
        let before = world.events().len();
        assert!(matches!(refresh(&world, &old).await, Err(Error::Unauthenticated)));
        assert_eq!(world.events()[before].verb, "session.reuse_detected");
        assert!(!good(&world, &next.access.expose(), &person).await);
        assert!(refresh(&world, &next.refresh.unwrap().expose()).await.is_err());
        assert!(good(&world, &other.token, &person).await, "another device stays in");
    }

    async fn of_two_who_refresh_at_once_at_most_one_gets_a_pair_that_lasts(world: World) {
        let pizza = world.environment("pizza").await;
        let node = world.another_node();
        for _ in 0..8 {
            let person = world.member(&pizza).await;
            let token = person.refresh.clone().unwrap();
            let call = |directory: directory::Directory| {
                let token = token.clone();
                tokio::spawn(async move { directory.refresh(TokenSecret::parse(&token).unwrap(), Origin::default()).await.is_ok() })
            };
            let (one, other) = tokio::join!(call(world.directory.clone()), call(node.clone()));
            assert_eq!([one.unwrap(), other.unwrap()].iter().filter(|ok| **ok).count(), 1);
            assert!(!good(&world, &person.token, &person).await);
        }
    }

    async fn sessions_last_as_long_as_they_should(world: World) {
        let pizza = world.environment("pizza").await;
        let person = world.member(&pizza).await;
        let request = SignIn { pair: false, ..login_of(&person.email, &person.password) };
        let single = world.directory.sign_in(request).await.unwrap().ok().unwrap();
        assert!(single.tokens.refresh.is_none());
        let single = single.tokens.access.expose();
        world.wait(Duration::from_secs(3599));
        assert!(good(&world, &person.token, &person).await);
        world.wait(Duration::from_secs(1));
        assert!(!good(&world, &person.token, &person).await);
        world.wait(30 * DAY - Duration::from_secs(3601));
        assert!(good(&world, &single, &person).await);
        world.wait(Duration::from_secs(1));
        assert!(!good(&world, &single, &person).await);
        assert!(refresh(&world, person.refresh.as_ref().unwrap()).await.is_err());
        world.wait(DAY);
        while world.directory.sweep().await.unwrap() {}
        let dump = world.dump();
        assert_eq!(dump.count("sessions"), 0);
        assert!(dump.rows("bearers").all(|row| row["kind"] == "api"));
    }

    async fn a_session_that_is_refreshed_lasts_on(world: World) {
        let pizza = world.environment("pizza").await;
        let person = world.member(&pizza).await;
        let mut token = person.refresh.clone().unwrap();
        for _ in 0..4 {
            world.wait(29 * DAY);
            let next = refresh(&world, &token).await.unwrap();
            assert!(good(&world, &next.access.expose(), &person).await);
            token = next.refresh.unwrap().expose();
        }
        world.wait(30 * DAY);
        assert!(refresh(&world, &token).await.is_err());
    }

    async fn guessing_gets_slower_and_a_success_makes_up_for_it(world: World) {
        let pizza = world.environment("pizza").await;
        let person = world.member(&pizza).await;
        let guess = || world.directory.sign_in(login_of(&person.email, "a wrong guess"));
        for _ in 0..5 {
            assert!(matches!(guess().await, Err(Error::Unauthenticated)));
        }
        let mut waited = Duration::ZERO;
        for _ in 0..6 {
            let wait = loop {
                match guess().await {
                    Err(Error::TooMany { retry_after, .. }) => break retry_after,
                    Err(Error::Unauthenticated) => {}
                    _ => panic!("a wrong guess got in"),
                }
            };
            assert!(wait > waited, "{wait:?} after {waited:?}");
            // Neither the right password nor another of its names is a way round.
            let right = world.directory.sign_in(login_of(&person.email.to_uppercase(), &person.password)).await;
            assert!(matches!(right, Err(Error::TooMany { .. })));
            waited = wait;
            world.wait(wait);
        }
        // An owner is delayed and never locked out.
        world.again(&person, None).await;
        for _ in 0..4 {
            assert!(matches!(guess().await, Err(Error::Unauthenticated)));
        }
        world.again(&person, None).await;
    }

    async fn names_that_nobody_has_are_counted_alike(world: World) {
        let pizza = world.environment("pizza").await;
        let person = world.member(&pizza).await;
        let mut said = Vec::new();
        for login in [person.email.as_str(), "nobody@pizza.example", "nobody"] {
            let mut answers = Vec::new();
            for n in 0..9 {
                let mut request = login_of(login, "a wrong guess");
                request.origin.address = Some([198, 51, 100, n as u8].into());
                answers.push(match world.directory.sign_in(request).await {
                    Err(Error::TooMany { retry_after, .. }) => retry_after.as_secs(),
                    Err(Error::Unauthenticated) => 0,
                    _ => panic!("a wrong guess got in"),
                });
            }
            said.push(answers);
        }
        assert!(said.iter().all(|answers| *answers == said[0]), "{said:?}");
        assert!(said[0][8] > 0);
    }

    async fn one_network_address_cannot_try_everybody(world: World) {
        let pizza = world.environment("pizza").await;
        let person = world.member(&pizza).await;
        let mut tries = 0;
        let waits = loop {
            match world.directory.sign_in(login_of(&format!("n{tries}@pizza.example"), "a wrong guess")).await {
                Err(Error::TooMany { retry_after, .. }) => break retry_after,
                Err(Error::Unauthenticated) => tries += 1,
                _ => panic!("a wrong guess got in"),
            }
        };
        assert!((100..=101).contains(&tries), "{tries}");
        let mut elsewhere = login_of(&person.email, &person.password);
        assert!(matches!(world.directory.sign_in(elsewhere.clone()).await, Err(Error::TooMany { .. })));
        elsewhere.origin.address = Some([203, 0, 113, 9].into());
        assert!(world.directory.sign_in(elsewhere).await.unwrap().is_ok());
        world.wait(waits);
        world.again(&person, None).await;
    }

    async fn guessing_ones_own_present_password_is_counted_too(world: World) {
        let pizza = world.environment("pizza").await;
        let person = world.member(&pizza).await;
        let guess = || {
            let own = Fields {
                password: Some(password("another long and quiet one")),
                current_password: Some(password("a wrong guess")),
                ..Fields::default()
            };
            world.directory.update_own_user(person.caller.clone(), own, None)
        };
        let mut wrong = 0;
        while let Err(Error::Invalid(fields)) = world.unchanged(guess()).await {
            assert_eq!(fields[0].field, Field::CurrentPassword);
            wrong += 1;
            assert!(wrong <= 6);
        }
        assert!(matches!(world.directory.sign_in(login_of(&person.email, &person.password)).await, Err(Error::TooMany { .. })));
        let missing = Fields { password: Some(password("another long and quiet one")), ..Fields::default() };
        world.wait(Duration::from_secs(900));
        for call in [
            world.refused(world.directory.update_own_user(person.caller.clone(), missing.clone(), None)).await,
            world.refused(world.update(&person.caller, person.id, missing)).await,
        ] {
            match call {
                Error::Invalid(fields) => assert_eq!(fields[0].field, Field::CurrentPassword),
                other => panic!("{other:?}"),
            }
        }
    }

    async fn administrators_passwords_are_longer_wherever_they_administer(world: World) {
        let (pizza, sushi) = (world.environment("pizza").await, world.environment("sushi").await);
        let eight = || Some(password("quiet 8!"));
        let short = Fields { administrator: Some(true), password: eight(), ..Fields::default() };
        assert!(matches!(world.refused(world.create(&pizza, "a@pizza.example", short)).await, Error::Invalid(_)));
        let guarded = Fields { administrator: Some(true), mfa: Some(true), password: eight(), ..Fields::default() };
        world.create(&pizza, "b@pizza.example", guarded).await.unwrap();
        world.create(&pizza, "c@pizza.example", Fields { password: eight(), ..Fields::default() }).await.unwrap();
        // The strictest of a shared account's environments decides.
        let person = world.member(&pizza).await;
        let there = Fields { administrator: Some(true), ..Fields::default() };
        world.create_as(&world.operator.in_environment(&sushi), &person.email, there).await.unwrap();
        let own = Fields { password: eight(), current_password: Some(password(&person.password)), ..Fields::default() };
        let call = world.directory.update_own_user(person.caller.clone(), own, None);
        assert!(matches!(world.refused(call).await, Error::Invalid(_)));
    }
}
