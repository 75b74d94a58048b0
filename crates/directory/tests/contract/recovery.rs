//! What goes by mailed links besides accepting: a forgotten password, another address, an invitation once more; and what is
//! told by mail without any.

use directory::actor::{Actor, Caller, Origin};
use directory::addresses;
use directory::error::{Conflict, Field, Step};
use directory::id::UserId;
use directory::invitations;
use directory::mail::Subject;
use directory::recovery::Reset;
use directory::secret::TokenSecret;
use directory::sessions::{Device, SignIn};
use directory::store::Tx;
use directory::tokens::Ceiling;
use directory::users::{self, UserChanges as Fields};
use directory::{Error, Result};
use std::sync::Arc;
use std::time::Duration;
use test_support::{World, email, login_of, on_every_engine, password};

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3600);
const CHOSEN: &str = "another quiet and long one";

async fn forgot(world: &World, login: &str) -> Result<()> {
    world.directory.forgot_password(login.to_owned(), Origin::default()).await
}

async fn reset(world: &World, link: &str, chosen: &str) -> Result<()> {
    let token = Arc::new(TokenSecret::parse(link).unwrap());
    let reset = Reset { token, password: password(chosen), end_tokens: false, origin: Origin::default() };
    world.directory.reset_password(reset).await
}

async fn good(world: &World, caller: &Caller) -> bool {
    world.directory.read(caller.clone(), users::get_own).await.is_ok()
}

/// The subjects of the mails to an address, oldest first.
async fn told(world: &World, address: &str) -> Vec<&'static str> {
    let waiting = world.directory.outbox(0, 10_000).await.unwrap();
    let subject = |subject: &Subject| match subject {
        Subject::Invitation { .. } => "invitation",
        Subject::Join { .. } => "join",
        Subject::Reset { .. } => "reset",
        Subject::Address { .. } => "address",
        Subject::AddressChanged { .. } => "address changed",
        Subject::PasswordChanged => "password changed",
        Subject::NewSignIn { .. } => "new sign-in",
        Subject::FactorReset => "factor reset",
        Subject::FactorAdded => "factor added",
        Subject::FactorRemoved => "factor removed",
        Subject::RecoveryCodeUsed => "recovery code used",
    };
    let to_them = waiting.iter().filter(|waiting| waiting.mail.to.as_typed() == address);
    to_them.map(|waiting| subject(&waiting.mail.subject)).collect()
}

async fn ask(world: &World, caller: &Caller, address: &str) -> Result<()> {
    let wanted = email(address);
    world
        .directory
        .write(caller.clone(), move |tx: &mut Tx<'_>, actor: &Actor| addresses::ask(tx, actor, &wanted))
        .await
}

async fn confirm(world: &World, link: &str) -> Result<()> {
    world.directory.confirm_address(TokenSecret::parse(link).unwrap(), Origin::default()).await
}

async fn invite(world: &World, caller: &Caller, id: UserId) -> Result<()> {
    world
        .directory
        .write(caller.clone(), move |tx: &mut Tx<'_>, actor: &Actor| invitations::invite_again(tx, actor, id))
        .await
}

on_every_engine! {
    async fn a_forgotten_password_is_chosen_anew_once(world: World) {
        let pizza = world.environment("pizza").await;
        let person = world.member(&pizza).await;
        forgot(&world, &person.email.to_uppercase()).await.unwrap();
        let old = world.mailed_link(&person.email).await.unwrap();
        forgot(&world, &person.email).await.unwrap();
        let link = world.mailed_link(&person.email).await.unwrap();
        // A newer one voids the older.
        assert!(matches!(world.refused(reset(&world, &old, CHOSEN)).await, Error::NotFound(_)));
        for bad in ["password", "short", &person.email] {
            let refused = world.refused(reset(&world, &link, bad)).await;
            assert!(matches!(refused, Error::Invalid(errors) if errors[0].field == Field::Password), "{bad}");
        }
        world.wait(HOUR - Duration::from_secs(1));
        let (_, event) = world.accounted(reset(&world, &link, CHOSEN)).await;
        assert_eq!((event.verb.as_str(), event.subject), ("password.reset", person.id.to_string()));
        assert!(!good(&world, &person.caller).await, "every session has ended");
        assert!(matches!(world.directory.sign_in(login_of(&person.email, &person.password)).await, Err(Error::Unauthenticated)));
        world.sign_in(person.id, &person.email, CHOSEN, None).await.unwrap();
        assert!(matches!(world.refused(reset(&world, &link, CHOSEN)).await, Error::NotFound(_)));
        assert_eq!(told(&world, &person.email).await, ["reset", "reset", "password changed"]);
    }

    async fn a_link_says_whose_password_it_chooses_as_long_as_it_is_good(world: World) {
        let pizza = world.environment("pizza").await;
        let boss = world.administrator(&pizza).await;
        forgot(&world, &boss.email).await.unwrap();
        let link = world.mailed_link(&boss.email).await.unwrap();
        let shown = world.directory.resetting(TokenSecret::parse(&link).unwrap()).await.unwrap();
        assert_eq!((shown.login.as_str(), shown.password_minimum), (boss.email.as_str(), 15), "an administrator's is longer");
        reset(&world, &link, CHOSEN).await.unwrap();
        let said = world.directory.resetting(TokenSecret::parse(&link).unwrap()).await;
        assert!(matches!(said, Err(Error::NotFound(_))), "it was used");
    }

    async fn a_link_ends_after_an_hour_and_is_good_for_nothing_else(world: World) {
        let pizza = world.environment("pizza").await;
        let person = world.member(&pizza).await;
        forgot(&world, &person.email).await.unwrap();
        let link = world.mailed_link(&person.email).await.unwrap();
        assert!(!good(&world, &world.caller(&link)).await);
        assert!(matches!(world.refused(confirm(&world, &link)).await, Error::NotFound(_)));
        let shown = world.directory.invitation(TokenSecret::parse(&link).unwrap()).await;
        assert!(matches!(shown, Err(Error::NotFound(_))));
        world.wait(HOUR);
        assert!(matches!(world.refused(reset(&world, &link, CHOSEN)).await, Error::NotFound(_)));
        // Nor is an invitation good for a reset.
        world.create(&pizza, "new@pizza.example", Fields::default()).await.unwrap();
        let invitation = world.mailed_link("new@pizza.example").await.unwrap();
        assert!(matches!(world.refused(reset(&world, &invitation, CHOSEN)).await, Error::NotFound(_)));
    }

    async fn whoever_asks_hears_the_same_and_floods_nobody(world: World) {
        let pizza = world.environment("pizza").await;
        let person = world.member(&pizza).await;
        for login in [person.email.as_str(), "nobody@pizza.example", "nobody", "", "@", "nul\0"] {
            for _ in 0..6 {
                forgot(&world, login).await.unwrap();
            }
        }
        assert_eq!(told(&world, &person.email).await, ["reset"; 3]);
        assert!(told(&world, "nobody@pizza.example").await.is_empty());
        for _ in 36..100 {
            forgot(&world, "somebody").await.unwrap();
        }
        assert!(matches!(forgot(&world, "somebody").await, Err(Error::TooMany { .. })));
        world.wait(HOUR);
        forgot(&world, &person.email).await.unwrap();
        assert_eq!(told(&world, &person.email).await, ["reset"; 4]);
    }

    async fn one_of_two_who_race_with_a_link_wins(world: World) {
        let pizza = world.environment("pizza").await;
        let node = world.another_node();
        for _ in 0..4 {
            let person = world.member(&pizza).await;
            forgot(&world, &person.email).await.unwrap();
            let link = world.mailed_link(&person.email).await.unwrap();
            let call = |directory: directory::Directory, chosen: &'static str| {
                let token = Arc::new(TokenSecret::parse(&link).unwrap());
                let reset = Reset { token, password: password(chosen), end_tokens: false, origin: Origin::default() };
                tokio::spawn(async move { directory.reset_password(reset).await.is_ok() })
            };
            let (one, other) = tokio::join!(call(world.directory.clone(), CHOSEN), call(node.clone(), "yet another quiet one"));
            let won = [one.unwrap(), other.unwrap()];
            assert_eq!(won.iter().filter(|won| **won).count(), 1);
            let right = if won[0] { CHOSEN } else { "yet another quiet one" };
            world.sign_in(person.id, &person.email, right, None).await.unwrap();
        }
    }

    async fn whoever_prepared_an_account_keeps_nothing_of_it_after_a_reset(world: World) {
        let pizza = world.environment("pizza").await;
        // The administrator sets a password, signs in with it and makes a token.
        let prepared = world.member(&pizza).await;
        let token = world.with_token(&prepared, Ceiling::Permissions(Vec::new())).await;
        forgot(&world, &prepared.email).await.unwrap();
        reset(&world, &world.mailed_link(&prepared.email).await.unwrap(), CHOSEN).await.unwrap();
        assert!(!good(&world, &prepared.caller).await && !good(&world, &token.caller).await);
        // Once it is the owner's own, its tokens live on unless it says so.
        let own = world.sign_in(prepared.id, &prepared.email, CHOSEN, None).await.unwrap();
        let token = world.with_token(&own, Ceiling::Permissions(Vec::new())).await;
        forgot(&world, &own.email).await.unwrap();
        reset(&world, &world.mailed_link(&own.email).await.unwrap(), "a third and quiet one").await.unwrap();
        assert!(good(&world, &token.caller).await);
    }

    async fn a_reset_passes_by_no_second_factor(world: World) {
        let pizza = world.environment("pizza").await;
        let person = world.member(&pizza).await;
        let demanded = Fields { mfa: Some(true), ..Fields::default() };
        world.update(&pizza.administrator.caller, person.id, demanded).await.unwrap();
        forgot(&world, &person.email).await.unwrap();
        reset(&world, &world.mailed_link(&person.email).await.unwrap(), CHOSEN).await.unwrap();
        let step = world.directory.sign_in(login_of(&person.email, CHOSEN)).await.unwrap().err().unwrap();
        assert_eq!(step.step, Step::SecondFactorEnrolment);
    }

    async fn another_address_counts_once_its_link_has_come_back(world: World) {
        let pizza = world.environment("pizza").await;
        let person = world.member(&pizza).await;
        world.wait(5 * MINUTE);
        let refused = world.refused(ask(&world, &person.caller, "new@pizza.example")).await;
        assert!(matches!(refused, Error::StepRequired(Step::Proof)));
        world.directory.prove(person.caller.clone(), password(&person.password)).await.unwrap();
        let refused = world.refused(ask(&world, &person.caller, &person.email)).await;
        assert!(matches!(refused, Error::Invalid(errors) if errors[0].field == Field::Email));
        ask(&world, &person.caller, "new@pizza.example").await.unwrap();
        let link = world.mailed_link("new@pizza.example").await.unwrap();
        assert!(world.directory.sign_in(login_of("new@pizza.example", &person.password)).await.is_err());
        let (_, event) = world.accounted(confirm(&world, &link)).await;
        assert_eq!((event.verb.as_str(), event.subject), ("email.changed", person.id.to_string()));
        world.sign_in(person.id, "new@pizza.example", &person.password, None).await.unwrap();
        assert!(good(&world, &person.caller).await);
        assert_eq!(told(&world, &person.email).await, ["address changed"]);
        assert!(matches!(world.refused(confirm(&world, &link)).await, Error::NotFound(_)));
        assert_eq!(world.look(&pizza, person.id).await.unwrap().account.username.unwrap().as_typed(), "new@pizza.example");
    }

    async fn whoever_prepared_an_account_takes_no_invitation_along_to_another_address(world: World) {
        let (evil, pizza) = (world.environment("evil").await, world.environment("pizza").await);
        let prepared = world.member(&evil).await;
        world.create(&pizza, &prepared.email, Fields::default()).await.unwrap();
        ask(&world, &prepared.caller, "attacker@evil.example").await.unwrap();
        confirm(&world, &world.mailed_link("attacker@evil.example").await.unwrap()).await.unwrap();
        assert!(world.look(&pizza, prepared.id).await.is_err(), "still pending there");
        // Nor is the account its owner's by that: whoever set the password knows it.
        world.create(&pizza, "attacker@evil.example", Fields::default()).await.unwrap();
        let accepted = world.directory.accept_environment(prepared.caller.clone(), pizza.name()).await;
        assert!(matches!(accepted, Err(Error::StepRequired(Step::MailedLink))));
    }

    async fn asking_for_an_address_does_not_tell_whether_somebody_has_it(world: World) {
        let pizza = world.environment("pizza").await;
        let (person, other) = (world.member(&pizza).await, world.member(&pizza).await);
        ask(&world, &person.caller, &other.email).await.unwrap();
        assert!(told(&world, &other.email).await.is_empty());
        // Taken in the meantime.
        ask(&world, &person.caller, "wanted@pizza.example").await.unwrap();
        let link = world.mailed_link("wanted@pizza.example").await.unwrap();
        world.create(&pizza, "wanted@pizza.example", Fields::default()).await.unwrap();
        assert!(matches!(world.refused(confirm(&world, &link)).await, Error::Taken(_)));
        for _ in 0..3 {
            ask(&world, &person.caller, "flood@pizza.example").await.unwrap();
        }
        assert!(matches!(ask(&world, &person.caller, "flood@pizza.example").await, Err(Error::TooMany { .. })));
        let token = world.with_token(&other, Ceiling::Permissions(Vec::new())).await;
        assert!(matches!(world.refused(ask(&world, &token.caller, "x@pizza.example")).await, Error::Forbidden(_)));
    }

    async fn an_invitation_can_be_seen_and_sent_again(world: World) {
        let (pizza, sushi) = (world.environment("pizza").await, world.environment("sushi").await);
        let boss = &pizza.administrator.caller;
        let id = world.create(&pizza, "new@pizza.example", Fields::default()).await.unwrap().account.id;
        let old = world.mailed_link("new@pizza.example").await.unwrap();
        invite(&world, boss, id).await.unwrap();
        let link = world.mailed_link("new@pizza.example").await.unwrap();
        let see = |link: &str| world.directory.invitation(TokenSecret::parse(link).unwrap());
        assert!(matches!(see(&old).await, Err(Error::NotFound(_))));
        let seen = see(&link).await.unwrap();
        assert_eq!((seen.environment.key.as_str(), seen.chooses, seen.password_minimum), ("pizza", true, 8));
        assert_eq!(seen.email.unwrap().as_typed(), "new@pizza.example");
        let member = world.member(&pizza).await;
        assert!(matches!(world.refused(invite(&world, &member.caller, id)).await, Error::Forbidden(_)));
        assert!(matches!(world.refused(invite(&world, &sushi.administrator.caller, id)).await, Error::NotFound(_)));
        let accepted = world.refused(invite(&world, boss, member.id)).await;
        assert!(matches!(accepted, Error::Conflict(Conflict::Accepted)));
        for _ in 1..5 {
            invite(&world, boss, id).await.unwrap();
        }
        assert!(matches!(invite(&world, boss, id).await, Err(Error::TooMany { .. })));
        // Whoever is pending is asked to join.
        let owner = world.member(&sushi).await;
        world.create(&pizza, &owner.email, Fields::default()).await.unwrap();
        invite(&world, boss, owner.id).await.unwrap();
        assert_eq!(told(&world, &owner.email).await, ["join", "join"]);
    }

    async fn owners_are_told_what_happens_to_their_accounts(world: World) {
        let pizza = world.environment("pizza").await;
        let boss = &pizza.administrator.caller;
        let person = world.member(&pizza).await;
        let on = |device: &str| SignIn { device: Device::of(device), ..login_of(&person.email, &person.password) };
        for device in ["Firefox 147.0", "Firefox 148.0.1", "", "Safari"] {
            assert!(world.directory.sign_in(on(device)).await.unwrap().is_ok());
        }
        assert_eq!(told(&world, &person.email).await, ["new sign-in", "new sign-in"]);
        let change = |fields: Fields| world.update(boss, person.id, fields);
        change(Fields { reset_second_factor: Some(true), ..Fields::default() }).await.unwrap();
        change(Fields { password: Some(password(CHOSEN)), ..Fields::default() }).await.unwrap();
        change(Fields { email: Some(email("moved@pizza.example")), ..Fields::default() }).await.unwrap();
        let all = ["new sign-in", "new sign-in", "factor reset", "password changed", "address changed"];
        assert_eq!(told(&world, &person.email).await, all);
        assert!(told(&world, "moved@pizza.example").await.is_empty());
    }
}
