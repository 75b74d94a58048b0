//! What accounts are opened with: sessions one by one, API tokens, service accounts, policies of environments, fresh proof.

use directory::actor::{Actor, Caller};
use directory::clock::Time;
use directory::environments::{self, EnvironmentChanges, PolicyChanges};
use directory::error::{Field, Step};
use directory::id::{SessionId, UserId};
use directory::service_accounts::{self, NewService, ServiceChanges};
use directory::sessions::{self, Device, Session, SignIn};
use directory::store::Tx;
use directory::tokens::{self, Ceiling};
use directory::users::{User, UserChanges as Fields};
use directory::{Error, Result};
use std::time::Duration;
use test_support::{Person, Tenant, World, by_id, login_of, on_every_engine, password};

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3600);

async fn list(world: &World, caller: &Caller, of: Option<UserId>) -> Result<Vec<Session>> {
    world.directory.read(caller.clone(), move |tx, actor| sessions::list(tx, actor, of)).await
}

async fn end(world: &World, caller: &Caller, id: SessionId) -> Result<()> {
    world.directory.write(caller.clone(), move |tx, actor| sessions::end(tx, actor, id)).await
}

async fn good(world: &World, person: &Person) -> bool {
    list(world, &person.caller, None).await.is_ok()
}

async fn policy(world: &World, tenant: &Tenant, policy: PolicyChanges) {
    let (name, change) = (tenant.name(), EnvironmentChanges { policy, ..EnvironmentChanges::default() });
    let write = move |tx: &mut Tx<'_>, actor: &Actor| environments::update(tx, actor, &name, &change);
    world.directory.write(world.operator.caller.clone(), write).await.unwrap();
}

async fn service(world: &World, by: &Caller, groups: &[directory::id::GroupId]) -> Result<User> {
    let new =
        NewService { name: test_support::name("night sync"), groups: groups.iter().copied().map(by_id).collect() };
    world.directory.write(by.clone(), move |tx, actor| service_accounts::create(tx, actor, &new)).await
}

async fn change_service(world: &World, by: &Caller, id: UserId, changes: ServiceChanges) -> Result<User> {
    world.directory.write(by.clone(), move |tx, actor| service_accounts::update(tx, actor, id, &changes)).await
}

on_every_engine! {
    async fn sessions_are_seen_and_ended_one_by_one(world: World) {
        let pizza = world.environment("pizza").await;
        let person = world.member(&pizza).await;
        world.wait(MINUTE);
        let device = Device::of(" Firefox\u{202e} on a\nlaptop ");
        let request = SignIn { device, ..login_of(&person.email, &person.password) };
        let laptop = world.directory.sign_in(request).await.unwrap().ok().unwrap().tokens.access.expose();
        let laptop = Person { caller: world.caller(&laptop), ..person.clone() };
        let seen = list(&world, &person.caller, None).await.unwrap();
        assert_eq!(seen.len(), 2);
        assert_eq!((seen[0].device.as_str(), seen[0].address.as_str()), ("Firefox on alaptop", "192.0.2.1"));
        // Its owner ends one: the other goes on.
        let ended = world.accounted(end(&world, &person.caller, seen[0].id)).await.1;
        assert_eq!((ended.verb.as_str(), ended.subject), ("session.ended", person.id.to_string()));
        assert!(!good(&world, &laptop).await && good(&world, &person).await);
        assert!(matches!(world.refused(end(&world, &person.caller, seen[0].id)).await, Error::NotFound(_)));
        // All others.
        let (again, third) = (world.again(&person, None).await, world.again(&person, None).await);
        let others = |tx: &mut Tx<'_>, actor: &Actor| sessions::end_others(tx, actor);
        assert_eq!(world.accounted(world.directory.write(third.caller.clone(), others)).await.0, 2);
        assert!(good(&world, &third).await && !good(&world, &again).await && !good(&world, &person).await);
    }

    async fn an_environment_sees_and_ends_the_sessions_that_act_in_it(world: World) {
        let (pizza, sushi) = (world.environment("pizza").await, world.environment("sushi").await);
        let person = world.member(&pizza).await;
        world.create_as(&world.operator.in_environment(&sushi), &person.email, Fields::default()).await.unwrap();
        let elsewhere = world.again(&person, Some(&sushi)).await;
        let here = list(&world, &pizza.administrator.caller, Some(person.id)).await.unwrap();
        assert_eq!(here.len(), 1);
        assert_eq!(list(&world, &person.caller, None).await.unwrap().len(), 2);
        // An API token that one tenant's administrator may hold tells nothing of the other.
        let token = world.with_token(&person, Ceiling::Permissions(Vec::new())).await;
        assert_eq!(list(&world, &token.caller, None).await.unwrap().len(), 1);
        let there = list(&world, &sushi.administrator.caller, Some(person.id)).await.unwrap();
        for (by, session) in [(&pizza, there[0].id), (&sushi, here[0].id)] {
            assert!(matches!(world.refused(end(&world, &by.administrator.caller, session)).await, Error::NotFound(_)));
        }
        assert!(matches!(world.refused(end(&world, &token.caller, there[0].id)).await, Error::NotFound(_)));
        // Without permission neither is seen nor ended.
        let nobody = world.member(&pizza).await;
        assert!(matches!(list(&world, &nobody.caller, Some(person.id)).await, Err(Error::Forbidden(_))));
        assert!(matches!(world.refused(end(&world, &nobody.caller, here[0].id)).await, Error::Forbidden(_)));
        // Nor those of somebody with more power.
        let helper = world.holder(&pizza, &["change_user", "view_user"]).await;
        let chief = world.administrator(&pizza).await;
        let chiefs = list(&world, &helper.caller, Some(chief.id)).await.unwrap();
        assert!(matches!(world.refused(end(&world, &helper.caller, chiefs[0].id)).await, Error::Forbidden(_)));
        let user = person.id;
        let all = move |tx: &mut Tx<'_>, actor: &Actor| sessions::end_all(tx, actor, user);
        assert_eq!(world.directory.write(helper.caller.clone(), all).await.unwrap(), 1);
        assert!(!good(&world, &person).await && good(&world, &elsewhere).await);
    }

    async fn when_and_where_a_session_was_used_is_noted(world: World) {
        let pizza = world.environment("pizza").await;
        let person = world.member(&pizza).await;
        let before = list(&world, &person.caller, None).await.unwrap()[0].seen_at;
        world.wait(10 * MINUTE);
        let mut caller = person.caller.clone();
        caller.origin.address = Some([198, 51, 100, 7].into());
        list(&world, &caller, None).await.unwrap();
        while world.directory.note_seen().await.unwrap() {}
        let session = list(&world, &person.caller, None).await.unwrap().remove(0);
        assert_eq!((session.seen_at.since(before), session.address.as_str()), (10 * MINUTE, "198.51.100.7"));
        let token = world.with_token(&pizza.administrator, Ceiling::Administrator).await;
        world.wait(MINUTE);
        list(&world, &token.caller, None).await.unwrap();
        world.directory.note_seen().await.unwrap();
        let own = |tx: &mut Tx<'_>, actor: &Actor| tokens::list_own(tx, actor);
        let tokens = world.directory.read(token.caller.clone(), own).await.unwrap();
        assert!(tokens.len() == 2 && tokens.iter().all(|token| token.used_at.is_some()));
    }

    async fn an_environments_lifetimes_count_there_and_at_once(world: World) {
        let (pizza, sushi) = (world.environment("pizza").await, world.environment("sushi").await);
        let person = world.member(&pizza).await;
        world.create_as(&world.operator.in_environment(&sushi), &person.email, Fields::default()).await.unwrap();
        let request = SignIn { pair: false, ..login_of(&person.email, &person.password) };
        let long = world.directory.sign_in(request).await.unwrap().ok().unwrap().tokens.access.expose();
        let long = Person { caller: world.caller(&long), ..person.clone() };
        world.wait(2 * HOUR);
        policy(&world, &pizza, PolicyChanges { session_lifetime: Some(Some(3 * HOUR)), ..PolicyChanges::default() }).await;
        assert!(good(&world, &long).await);
        world.wait(HOUR);
        assert!(matches!(list(&world, &long.caller, None).await, Err(Error::Unauthenticated)));
        assert!(list(&world, &long.in_environment(&sushi), None).await.is_ok());
        // Unused for too long.
        let idle = PolicyChanges { session_idle: Some(Some(30 * MINUTE)), session_lifetime: Some(None), ..PolicyChanges::default() };
        policy(&world, &pizza, idle).await;
        let fresh = world.again(&person, Some(&pizza)).await;
        for _ in 0..2 {
            world.wait(20 * MINUTE);
            assert!(good(&world, &fresh).await);
            while world.directory.note_seen().await.unwrap() {}
        }
        world.wait(29 * MINUTE);
        assert!(!good(&world, &fresh).await, "its access token has ended by then");
        let refreshed = world.directory.refresh(
            directory::secret::TokenSecret::parse(fresh.refresh.as_ref().unwrap()).unwrap(),
            directory::actor::Origin::default(),
        );
        let next = Person { caller: world.caller(&refreshed.await.unwrap().access.expose()), ..person.clone() };
        assert!(good(&world, &next).await);
        world.wait(30 * MINUTE);
        assert!(!good(&world, &next).await);
    }

    async fn a_password_must_do_for_the_strictest_of_its_environments(world: World) {
        let (pizza, sushi) = (world.environment("pizza").await, world.environment("sushi").await);
        let minimum = |length| PolicyChanges { password_minimum: Some(length), ..PolicyChanges::default() };
        let short_one = Fields { password: Some(password("quiet one")), ..Fields::default() };
        let user = world.create(&pizza, "eva@pizza.example", short_one.clone()).await.unwrap();
        let eva = world.sign_in(user.account.id, "eva@pizza.example", "quiet one", None).await.unwrap();
        world.create_as(&world.operator.in_environment(&sushi), &eva.email, Fields::default()).await.unwrap();
        policy(&world, &sushi, minimum(Some(12))).await;
        // Where it will not do, it opens nothing; elsewhere it goes on until the next sign-in.
        let there = list(&world, &eva.in_environment(&sushi), None).await;
        assert!(matches!(there, Err(Error::StepRequired(Step::PasswordChange))));
        assert!(good(&world, &eva).await);
        let step = world.directory.sign_in(login_of(&eva.email, &eva.password)).await.unwrap().err().unwrap();
        assert_eq!(step.step, Step::PasswordChange);
        let caller = world.caller(&step.token.expose());
        let choose = |text: &str| Fields { password: Some(password(text)), ..Fields::default() };
        let refused = world.directory.update_own_user(caller.clone(), choose("elevenchars"), None).await;
        assert!(matches!(refused, Err(Error::Invalid(errors)) if errors[0].field == Field::Password));
        world.directory.update_own_user(caller, choose("twelve chars"), None).await.unwrap();
        let eva = world.sign_in(eva.id, &eva.email, "twelve chars", None).await.unwrap();
        assert!(list(&world, &eva.in_environment(&sushi), None).await.is_ok());
        policy(&world, &sushi, minimum(None)).await;
        assert!(world.create(&sushi, "one@sushi.example", short_one).await.is_ok());
    }

    async fn whoever_is_promoted_needs_an_administrators_password(world: World) {
        let pizza = world.environment("pizza").await;
        let secret = "quiet one";
        let fields = Fields { password: Some(password(secret)), ..Fields::default() };
        let user = world.create(&pizza, "eva@pizza.example", fields).await.unwrap();
        let eva = world.sign_in(user.account.id, "eva@pizza.example", secret, None).await.unwrap();
        let promoted = Fields { administrator: Some(true), ..Fields::default() };
        world.update(&pizza.administrator.caller, eva.id, promoted).await.unwrap();
        assert!(matches!(list(&world, &eva.caller, None).await, Err(Error::StepRequired(Step::PasswordChange))));
        let step = world.directory.sign_in(login_of(&eva.email, secret)).await.unwrap().err().unwrap();
        assert_eq!(step.step, Step::PasswordChange);
    }

    async fn ones_own_tokens_take_fresh_proof_in_a_session(world: World) {
        let pizza = world.environment("pizza").await;
        let person = world.member(&pizza).await;
        let own = || world.token(&person.caller, person.id, Ceiling::Permissions(Vec::new()));
        world.wait(5 * MINUTE);
        assert!(matches!(world.refused(own()).await, Error::StepRequired(Step::Proof)));
        let prove = |secret: &str| world.directory.prove(person.caller.clone(), password(secret));
        assert!(matches!(prove("another one").await, Err(Error::Invalid(errors)) if errors[0].field == Field::CurrentPassword));
        prove(&person.password).await.unwrap();
        world.wait(4 * MINUTE);
        let (token, secret) = own().await.unwrap();
        world.wait(MINUTE);
        assert!(matches!(world.refused(own()).await, Error::StepRequired(Step::Proof)));
        let id = token.id;
        let revoke = move |tx: &mut Tx<'_>, actor: &Actor| tokens::revoke(tx, actor, id);
        let refused = world.refused(world.directory.write(person.caller.clone(), revoke)).await;
        assert!(matches!(refused, Error::StepRequired(Step::Proof)));
        // A token rests on its ceiling, and proves nothing.
        let with_token = world.caller(&secret);
        assert!(matches!(world.directory.prove(with_token.clone(), password(&person.password)).await, Err(Error::Forbidden(_))));
        world.directory.write(with_token, revoke).await.unwrap();
    }

    async fn a_token_ends_when_it_was_said_to(world: World) {
        let pizza = world.environment("pizza").await;
        let boss = &pizza.administrator;
        let now: Time = world.directory.effects().clock.now();
        let new = |ends| tokens::NewToken { account: boss.id, name: test_support::name("x"), ceiling: Ceiling::Administrator, ends };
        let make = |ends| {
            let new = new(ends);
            world.directory.write(boss.caller.clone(), move |tx, actor| tokens::create(tx, actor, &new))
        };
        let refused = world.refused(make(Some(now))).await;
        assert!(matches!(refused, Error::Invalid(errors) if errors[0].field == Field::ExpiresAt));
        let (_, secret) = make(Some(now.plus(HOUR))).await.unwrap();
        let caller = world.caller(&secret.expose());
        assert!(list(&world, &caller, None).await.is_ok());
        world.wait(HOUR);
        assert!(matches!(list(&world, &caller, None).await, Err(Error::Unauthenticated)));
    }

    async fn a_service_account_has_groups_and_tokens_and_nothing_to_sign_in_with(world: World) {
        let pizza = world.environment("pizza").await;
        let boss = &pizza.administrator.caller;
        let group = world.group(&pizza, &["view_user"]).await;
        let (made, event) = world.accounted(service(&world, boss, &[group])).await;
        assert_eq!((event.verb.as_str(), made.account.service), ("service_account.created", true));
        let id = made.account.id;
        let (_, secret) = world.token(boss, id, Ceiling::Permissions(vec!["view_user".to_owned()])).await.unwrap();
        let program = world.caller(&secret);
        assert!(world.get(&program, pizza.administrator.id).await.is_ok());
        // It stands by itself, and its tokens follow its groups.
        let bare = ServiceChanges { groups: Some(Vec::new()), ..ServiceChanges::default() };
        change_service(&world, boss, id, bare).await.unwrap();
        assert!(matches!(world.get(&program, pizza.administrator.id).await, Err(Error::Forbidden(_))));
        let off = ServiceChanges { active: Some(false), ..ServiceChanges::default() };
        change_service(&world, boss, id, off).await.unwrap();
        assert!(matches!(list(&world, &program, None).await, Err(Error::Unauthenticated)));
        for fields in [
            Fields { password: Some(password("a rather long one")), ..Fields::default() },
            Fields { email: Some(test_support::email("program@pizza.example")), ..Fields::default() },
            Fields { administrator: Some(true), ..Fields::default() },
        ] {
            assert!(matches!(world.refused(world.update(boss, id, fields)).await, Error::Invalid(_)));
        }
        let remove = move |tx: &mut Tx<'_>, actor: &Actor| service_accounts::remove(tx, actor, id);
        world.directory.write(boss.clone(), remove).await.unwrap();
        let list = |tx: &mut Tx<'_>, actor: &Actor| service_accounts::list(tx, actor);
        assert!(world.directory.read(boss.clone(), list).await.unwrap().is_empty());
        assert!(world.dump().rows("api_tokens").all(|row| row["account_id"] != id.0.simple().to_string()));
    }

    async fn nobody_makes_a_program_that_may_do_more_than_its_maker(world: World) {
        let (pizza, sushi) = (world.environment("pizza").await, world.environment("sushi").await);
        let boss = &pizza.administrator.caller;
        let (weak, strong) = (world.group(&pizza, &["view_user"]).await, world.group(&pizza, &["change_user"]).await);
        let helper = world.holder(&pizza, &["manage_token", "view_user"]).await;
        assert!(matches!(world.refused(service(&world, &helper.caller, &[strong])).await, Error::Forbidden(_)));
        let own = service(&world, &helper.caller, &[weak]).await.unwrap().account.id;
        let theirs = service(&world, boss, &[strong]).await.unwrap().account.id;
        let more = ServiceChanges { groups: Some(vec![by_id(strong)]), ..ServiceChanges::default() };
        assert!(matches!(world.refused(change_service(&world, &helper.caller, own, more)).await, Error::Forbidden(_)));
        let off = ServiceChanges { active: Some(false), ..ServiceChanges::default() };
        assert!(matches!(world.refused(change_service(&world, &helper.caller, theirs, off)).await, Error::Forbidden(_)));
        let none = Ceiling::Permissions(Vec::new());
        assert!(matches!(world.refused(world.token(&helper.caller, theirs, none.clone())).await, Error::Forbidden(_)));
        assert!(world.token(&helper.caller, own, none.clone()).await.is_ok());
        assert!(matches!(world.refused(world.token(&helper.caller, own, Ceiling::Administrator)).await, Error::Forbidden(_)));
        // Another tenant's administrator finds none of it, a member may none of it.
        let stranger = &sushi.administrator.caller;
        assert!(matches!(world.refused(change_service(&world, stranger, own, ServiceChanges::default())).await, Error::NotFound(_)));
        assert!(world.token(stranger, own, none.clone()).await.is_err());
        let member = world.member(&pizza).await;
        assert!(matches!(world.refused(service(&world, &member.caller, &[])).await, Error::Forbidden(_)));
        assert!(matches!(world.refused(world.token(&member.caller, own, none)).await, Error::Forbidden(_)));
        // A person is no program.
        let person = member.id;
        let get = move |tx: &mut Tx<'_>, actor: &Actor| service_accounts::get(tx, actor, person);
        assert!(matches!(world.directory.read(boss.clone(), get).await, Err(Error::NotFound(_))));
    }
}
