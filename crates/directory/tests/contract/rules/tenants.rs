//! Tenants do not leak.

use directory::Error;
use directory::environments::EnvironmentName;
use directory::error::{Noun, Problem};
use directory::groups::{self, GroupChanges, GroupRef};
use directory::id::{GroupId, MenuId, PermissionId};
use directory::menus::{self, MenuChanges};
use directory::page::{UserFilter, UserOrder, UserPage};
use directory::permissions::{self, PermissionChanges};
use directory::tokens::{self, Ceiling};
use directory::users::{self, UserChanges as Fields};
use std::time::Duration;
use test_support::{World, by_id, email, on_every_engine, short};

fn everybody() -> UserPage {
    UserPage { filter: UserFilter::default(), order: UserOrder::default(), cursor: None, limit: 1000 }
}

on_every_engine! {
    async fn what_is_another_environments_does_not_exist(world: World) {
        let (pizza, sushi) = (world.environment("pizza").await, world.environment("sushi").await);
        let victim = world.member(&sushi).await;
        let group = world.group(&sushi, &["approve_invoice"]).await;
        let menu = world.menu(&sushi.administrator.caller, "menu", MenuChanges::default()).await.unwrap().id;
        let permission = world.permission(&sushi.administrator.caller, "cook").await.unwrap().id;
        let (token, _) = world.token(&victim.caller, victim.id, Ceiling::Permissions(vec![])).await.unwrap();
        let by = pizza.administrator.caller.clone();
        let here = &world.directory;

        assert!(matches!(world.refused(world.get(&by, victim.id)).await, Error::NotFound(Noun::User)));
        let rename = Fields { name: Some(short("Mine")), ..Fields::default() };
        assert!(matches!(world.refused(world.update(&by, victim.id, rename)).await, Error::NotFound(Noun::User)));
        assert!(matches!(world.refused(world.remove(&by, victim.id)).await, Error::NotFound(Noun::User)));

        let call = here.read(by.clone(), move |tx, actor| groups::get(tx, actor, group));
        assert!(matches!(world.refused(call).await, Error::NotFound(Noun::Group)));
        let change = GroupChanges { label: Some(short("Mine")), ..GroupChanges::default() };
        assert!(matches!(world.refused(world.update_group(&by, group, change)).await, Error::NotFound(Noun::Group)));
        assert!(matches!(world.refused(world.delete_group(&by, group)).await, Error::NotFound(Noun::Group)));

        let call = here.read(by.clone(), move |tx, actor| menus::get(tx, actor, menu));
        assert!(matches!(world.refused(call).await, Error::NotFound(Noun::Menu)));
        let call = here.write(by.clone(), move |tx, actor| menus::update(tx, actor, menu, &MenuChanges::default()));
        assert!(matches!(world.refused(call).await, Error::NotFound(Noun::Menu)));
        let call = here.write(by.clone(), move |tx, actor| menus::delete(tx, actor, menu));
        assert!(matches!(world.refused(call).await, Error::NotFound(Noun::Menu)));

        let call = here.read(by.clone(), move |tx, actor| permissions::get(tx, actor, permission));
        assert!(matches!(world.refused(call).await, Error::NotFound(Noun::Permission)));
        let change = PermissionChanges::default();
        let call = here.write(by.clone(), move |tx, actor| permissions::update(tx, actor, permission, &change));
        assert!(matches!(world.refused(call).await, Error::NotFound(Noun::Permission)));
        let call = here.write(by.clone(), move |tx, actor| permissions::delete(tx, actor, permission));
        assert!(matches!(world.refused(call).await, Error::NotFound(Noun::Permission)));

        let call = here.write(by.clone(), move |tx, actor| tokens::revoke(tx, actor, token.id));
        assert!(matches!(world.refused(call).await, Error::NotFound(Noun::Token)));

        let fields = Fields { groups: Some(vec![by_id(group)]), ..Fields::default() };
        match world.refused(world.create(&pizza, "new@pizza.example", fields)).await {
            Error::Invalid(fields) => assert_eq!(fields[0].problem, Problem::DoesNotExist(group.to_string())),
            other => panic!("{other:?}"),
        }
        let permissions = GroupChanges { permissions: Some(vec!["cook".to_owned()]), ..GroupChanges::default() };
        let own = world.group(&pizza, &[]).await;
        assert!(matches!(world.refused(world.update_group(&by, own, permissions)).await, Error::Invalid(_)));
    }

    async fn lists_and_filters_hold_ones_own_alone(world: World) {
        let (pizza, sushi) = (world.environment("pizza").await, world.environment("sushi").await);
        let (own, foreign) = (world.member(&pizza).await, world.member(&sushi).await);
        let by = pizza.administrator.caller.clone();
        let list = |page: UserPage| world.directory.report(by.clone(), move |tx, actor| users::list(tx, actor, &page));
        let mut ids: Vec<_> = list(everybody()).await.unwrap().rows.iter().map(|user| user.account.id).collect();
        ids.sort_unstable();
        let mut own = [pizza.administrator.id, own.id];
        own.sort_unstable();
        assert_eq!(ids, own);
        for filter in [
            UserFilter { search: Some(foreign.email.clone()), ..UserFilter::default() },
            UserFilter { email: Some(email(&foreign.email)), ..UserFilter::default() },
            UserFilter { groups: vec![world.group(&sushi, &[]).await], ..UserFilter::default() },
        ] {
            let page = list(UserPage { filter, ..everybody() }).await.unwrap();
            assert!(page.rows.is_empty() && page.next.is_none() && page.previous.is_none());
        }
        let groups = world.directory.read(by.clone(), groups::list).await.unwrap();
        assert!(groups.is_empty());
        assert!(world.directory.read(by.clone(), menus::list).await.unwrap().is_empty());
        assert!(world.directory.read(by, tokens::list).await.unwrap().iter().all(|t| t.environment == pizza.id));
    }

    async fn an_unknown_environment_and_another_ones_are_refused_alike(world: World) {
        let (pizza, sushi) = (world.environment("pizza").await, world.environment("sushi").await);
        let member = world.member(&pizza).await;
        let pending = world.create(&sushi, &member.email, Fields::default()).await.unwrap();
        assert!(pending.membership.pending);
        let desert = world.environment("desert").await;
        let names = [
            EnvironmentName::Key("no_such".to_owned()),
            EnvironmentName::Key("with\0nul".to_owned()),
            EnvironmentName::Uuid(uuid::Uuid::from_u128(7)),
            sushi.name(),
            EnvironmentName::Uuid(sushi.uuid),
            desert.name(),
        ];
        for person in [&member, &pizza.administrator, &world.with_token(&member, Ceiling::Permissions(vec![])).await] {
            let mut said = Vec::new();
            for name in &names {
                let refusal = world.refused(world.get(&person.caller.in_environment(name.clone()), person.id)).await;
                assert!(matches!(refusal, Error::Forbidden(_)), "{refusal:?}");
                said.push(refusal.to_string());
            }
            said.dedup();
            assert_eq!(said.len(), 1, "{said:?}");
        }
    }

    async fn being_told_of_known_addresses_is_bounded(world: World) {
        let (pizza, sushi) = (world.environment("pizza").await, world.environment("sushi").await);
        let own = world.create(&pizza, "own@pizza.example", Fields::default()).await.unwrap().account.id;
        for n in 0..=100 {
            world.create(&sushi, &format!("n{n}@sushi.example"), Fields::default()).await.unwrap();
        }
        for n in 0..100 {
            let added = world.create(&pizza, &format!("n{n}@sushi.example"), Fields::default()).await.unwrap();
            assert!(added.membership.pending);
        }
        let last = || world.create(&pizza, "n100@sushi.example", Fields::default());
        assert!(matches!(world.refused(last()).await, Error::TooMany { .. }));
        // By any other way in too.
        let renamed = Fields { email: Some(email("n100@sushi.example")), ..Fields::default() };
        let call = world.update(&pizza.administrator.caller, own, renamed);
        assert!(matches!(world.refused(call).await, Error::TooMany { .. }));
        // What is unknown is refused as well, or the difference would tell; an operator knows anyway.
        let unknown = world.create(&pizza, "new@pizza.example", Fields::default());
        assert!(matches!(world.refused(unknown).await, Error::TooMany { .. }));
        let operator = world.operator.in_environment(&pizza);
        world.create_as(&operator, "n100@sushi.example", Fields::default()).await.unwrap();
        world.wait(Duration::from_secs(3601));
        world.create(&sushi, "late@sushi.example", Fields::default()).await.unwrap();
        world.create(&pizza, "late@sushi.example", Fields::default()).await.unwrap();
    }

    async fn a_refusal_that_tells_is_audited_and_counted(world: World) {
        let (pizza, sushi) = (world.environment("pizza").await, world.environment("sushi").await);
        let known = world.member(&sushi).await;
        let secret = Some(test_support::password("correct horse battery"));
        let before = world.snapshot();
        let call = world.create(&pizza, &known.email, Fields { password: secret, ..Fields::default() }).await;
        assert!(matches!(call, Err(Error::Conflict(directory::error::Conflict::AccountExists))));
        let call = world.create(&pizza, "x@pizza.example", Fields {
            username: Some(test_support::username("taken")),
            ..Fields::default()
        }).await;
        call.unwrap();
        let call = world.create(&sushi, "y@sushi.example", Fields {
            username: Some(test_support::username("TAKEN")),
            ..Fields::default()
        }).await;
        assert!(matches!(call, Err(Error::Taken(_))));
        let told: Vec<_> = world.events().into_iter().filter(|event| event.verb == "account.disclosed").collect();
        assert_eq!(told.len(), 2);
        assert_ne!(before, world.snapshot());
    }

    async fn an_unknown_group_is_the_same_for_a_name_as_for_an_id(world: World) {
        let pizza = world.environment("pizza").await;
        let named = |reference: GroupRef| Fields { groups: Some(vec![reference.into()]), ..Fields::default() };
        for reference in [
            GroupRef::Id(Some(GroupId(i64::MAX)), "9223372036854775807".to_owned()),
            GroupRef::Id(None, "1e9".to_owned()),
            GroupRef::Name("nobody".to_owned()),
            GroupRef::Name("nul\0".to_owned()),
        ] {
            let refusal = world.refused(world.create(&pizza, "a@pizza.example", named(reference))).await;
            assert!(matches!(refusal, Error::Invalid(_)), "{refusal:?}");
        }
        for reference in [
            menus::MenuRef::Id(Some(MenuId(-1)), "-1".to_owned()),
            menus::MenuRef::Name("nobody".to_owned()),
            menus::MenuRef::Name("nul\0".to_owned()),
        ] {
            let menus = users::MenusChange { add: vec![reference], ..Default::default() };
            let refusal = world.refused(world.create(&pizza, "a@pizza.example", Fields { menus, ..Fields::default() })).await;
            assert!(matches!(refusal, Error::Invalid(_)), "{refusal:?}");
        }
        let by = &pizza.administrator;
        for name in ["nobody", "nul\0", ""] {
            let change = GroupChanges { permissions: Some(vec![name.to_owned()]), ..GroupChanges::default() };
            let named = test_support::name("group");
            let call = world.directory.write(by.caller.clone(), move |tx, actor| groups::create(tx, actor, &named, &change));
            assert!(matches!(world.refused(call).await, Error::Invalid(_)));
            let call = world.token(&by.caller, by.id, Ceiling::Permissions(vec![name.to_owned()]));
            assert!(matches!(world.refused(call).await, Error::Invalid(_)));
        }
        let call = world.directory.read(by.caller.clone(), |tx, actor| permissions::get(tx, actor, PermissionId(0)));
        assert!(matches!(call.await, Err(Error::NotFound(_))));
    }
}
