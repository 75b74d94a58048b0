//! A membership that ends does so to the microsecond, whether or not anybody sweeps; and giving one is giving.

use super::CLERK;
use directory::checks::{self, Question};
use directory::clock::Time;
use directory::error::{Field, FieldError, Problem, Refusal};
use directory::groups::{GroupChanges, GroupRef, GroupWish};
use directory::id::GroupId;
use directory::menus::{MenuChanges, MenuRef};
use directory::page::{UserFilter, UserOrder, UserPage};
use directory::tokens::Ceiling;
use directory::users::{self, NewUser, UserChanges as Fields};
use directory::{Directory, Error};
use std::time::Duration;
use test_support::{Person, Tenant, World, by_id, email, on_every_engine};

fn now(world: &World) -> Time {
    world.directory.effects().clock.now()
}

fn soon(world: &World, seconds: u64) -> Time {
    now(world).plus(Duration::from_secs(seconds))
}

fn wish(group: GroupId, ends: Option<Option<Time>>) -> GroupWish {
    GroupWish { group: GroupRef::Id(Some(group), group.to_string()), ends }
}

fn until(group: GroupId, end: Time) -> Fields {
    Fields { groups: Some(vec![wish(group, Some(Some(end)))]), ..Fields::default() }
}

fn groups(wishes: &[GroupWish]) -> Fields {
    Fields { groups: Some(wishes.to_vec()), ..Fields::default() }
}

/// Each group that a user is in, with its end.
async fn held(world: &World, tenant: &Tenant, person: &Person) -> Vec<(GroupId, Option<Time>)> {
    let user = world.look(tenant, person.id).await.unwrap();
    user.groups.iter().map(|own| (own.group.id, own.expires_at)).collect()
}

/// All ways in which a membership counts, of somebody who may view users and sees a menu through it.
async fn counts(node: &Directory, tenant: &Tenant, bearers: [&Person; 2], group: GroupId) -> Vec<bool> {
    let (boss, whom) = (&tenant.administrator, bearers[0].id);
    let mut all = Vec::new();
    for bearer in bearers {
        let (by, other) = (&bearer.caller, boss.id);
        all.push(node.read(by.clone(), move |tx, actor| users::get(tx, actor, other)).await.is_ok());
        let own = vec![Question { user: None, permission: "view_user".to_owned() }];
        let told = node.read(by.clone(), move |tx, actor| checks::check(tx, actor, &own, false, None)).await.unwrap();
        all.push(told[0].allowed);
        all.push(!node.read(by.clone(), users::own_menus).await.unwrap().is_empty());
    }
    let asked = vec![Question { user: Some((whom, whom.to_string())), permission: "view_user".to_owned() }];
    let told =
        node.read(boss.caller.clone(), move |tx, actor| checks::check(tx, actor, &asked, false, None)).await.unwrap();
    all.push(told[0].allowed);
    let effective =
        node.read(boss.caller.clone(), move |tx, actor| checks::permissions(tx, actor, whom, None)).await.unwrap();
    all.push(!effective.is_empty());
    let user = node.read(boss.caller.clone(), move |tx, actor| users::get(tx, actor, whom)).await.unwrap();
    all.push(!user.groups.is_empty());
    all.push(!user.permissions.is_empty());
    let filter = UserFilter { groups: vec![group], ..UserFilter::default() };
    let page = UserPage { filter, order: UserOrder::default(), cursor: None, limit: 10 };
    let listed = node.report(boss.caller.clone(), move |tx, actor| users::list(tx, actor, &page)).await.unwrap();
    all.push(!listed.rows.is_empty());
    all
}

on_every_engine! {
    async fn a_membership_ends_to_the_microsecond_on_every_node_without_the_sweep(world: World) {
        let pizza = world.environment("pizza").await;
        let boss = &pizza.administrator;
        let menu = world.menu(&boss.caller, "menu", MenuChanges::default()).await.unwrap().id;
        let outer = world.group(&pizza, &["view_user"]).await;
        let inner = world.group(&pizza, &[]).await;
        let change = GroupChanges {
            menus: Some(vec![MenuRef::Id(Some(menu), menu.to_string())]),
            contains: Some(vec![GroupRef::Id(Some(inner), inner.to_string())]),
            ..GroupChanges::default()
        };
        world.update_group(&boss.caller, outer, change).await.unwrap();
        let other = world.another_node();
        // In the group itself, and in one within it.
        for group in [outer, inner] {
            let end = soon(&world, 5);
            let person = world.person(&pizza, until(group, end)).await;
            let token = world.with_token(&person, Ceiling::Permissions(vec!["view_user".to_owned()])).await;
            let who = [&person, &token];
            world.wait(end.since(now(&world)) - Duration::from_micros(1));
            for node in [&world.directory, &other, &world.directory] {
                assert_eq!(counts(node, &pizza, who, group).await, [true; 11]);
            }
            let before = world.snapshot();
            world.wait(Duration::from_micros(1));
            for node in [&other, &world.directory] {
                assert_eq!(counts(node, &pizza, who, group).await, [false; 11]);
            }
            assert!(world.snapshot() == before);
        }
    }

    async fn the_sweep_removes_what_has_ended_and_accounts_for_each_once(world: World) {
        let pizza = world.environment("pizza").await;
        let group = world.group(&pizza, &["view_user"]).await;
        let other = world.group(&pizza, &[]).await;
        let person = world.person(&pizza, groups(&[wish(group, Some(Some(soon(&world, 5)))), wish(other, None)])).await;
        let longer = world.person(&pizza, until(group, soon(&world, 6))).await;
        world.unchanged(world.directory.sweep()).await.unwrap();
        let rows = world.dump().count("user_groups");
        world.wait(Duration::from_secs(5));
        let (more, event) = world.accounted(world.directory.sweep()).await;
        assert!(!more);
        assert_eq!((event.verb.as_str(), &event.subject), ("user.membership_ended", &person.id.to_string()));
        assert_eq!((event.environment.as_str(), event.actor.as_str()), (pizza.id.to_string().as_str(), ""));
        assert_eq!(event.changes, format!("{{\"groups\":[[\"{group}\"],[]]}}"));
        assert_eq!(world.dump().count("user_groups"), rows - 1);
        assert_eq!(held(&world, &pizza, &person).await, [(other, None)]);
        assert_eq!(held(&world, &pizza, &longer).await.len(), 1);
        world.unchanged(world.directory.sweep()).await.unwrap();
    }

    async fn two_nodes_that_sweep_at_once_account_for_it_once(world: World) {
        let pizza = world.environment("pizza").await;
        let group = world.group(&pizza, &[]).await;
        for _ in 0..10 {
            world.person(&pizza, until(group, soon(&world, 5))).await;
        }
        world.wait(Duration::from_secs(10));
        let other = world.another_node();
        let (one, two) = tokio::join!(world.directory.sweep(), other.sweep());
        assert!(!one.unwrap() && !two.unwrap());
        assert_eq!(world.events().iter().filter(|event| event.verb == "user.membership_ended").count(), 10);
        assert_eq!(world.dump().count("user_groups"), 0);
    }

    async fn a_held_group_that_is_named_without_an_end_keeps_its_end(world: World) {
        let pizza = world.environment("pizza").await;
        let by = &pizza.administrator.caller;
        let (one, two) = (world.group(&pizza, &[]).await, world.group(&pizza, &[]).await);
        let (end, later) = (soon(&world, 50), soon(&world, 90));
        let person = world.person(&pizza, until(one, end)).await;
        world.unchanged(world.update(by, person.id, groups(&[by_id(one)]))).await.unwrap();
        world.update(by, person.id, groups(&[by_id(one), by_id(two)])).await.unwrap();
        assert_eq!(held(&world, &pizza, &person).await, [(one, Some(end)), (two, None)]);
        // Another end, a sooner one, none at all, and one where there was none.
        for (wanted, expected) in [(later, later), (end, end)] {
            let ((), event) = world.accounted(async {
                world.update(by, person.id, groups(&[wish(one, Some(Some(wanted))), by_id(two)])).await.map(drop)
            }).await;
            assert!(event.changes.contains(" until 2026-"), "{event:?}");
            assert_eq!(held(&world, &pizza, &person).await, [(one, Some(expected)), (two, None)]);
        }
        world.accounted(world.update(by, person.id, groups(&[wish(one, Some(None)), wish(two, Some(Some(end)))]))).await;
        assert_eq!(held(&world, &pizza, &person).await, [(one, None), (two, Some(end))]);
        // Left out, it is left.
        world.accounted(world.update(by, person.id, groups(&[by_id(two)]))).await;
        assert_eq!(held(&world, &pizza, &person).await, [(two, Some(end))]);
        // By name, and by both ways to add somebody.
        let named = GroupWish { group: GroupRef::Name("Named".to_owned()), ends: Some(Some(end)) };
        let group = world.group_as(by, "Named", &[]).await.unwrap().id;
        let new = NewUser { email: email("new@pizza.example"), fields: Fields { password: Some(test_support::password("correct horse battery")), ..groups(&[named]) } };
        let made = world.directory.upsert_user(by.clone(), new.clone(), vec![]).await.unwrap();
        assert!(made.created);
        assert_eq!(made.user.groups.iter().map(|own| (own.group.id, own.expires_at)).collect::<Vec<_>>(), [(group, Some(end))]);
        // Saying it twice changes nothing.
        world.unchanged(world.directory.upsert_user(by.clone(), new, vec![])).await.unwrap();
        world.unchanged(world.update(by, person.id, until(two, end))).await.unwrap();
    }

    async fn whoever_lacks_the_groups_permissions_makes_no_membership_longer_and_ends_none_sooner(world: World) {
        let pizza = world.environment("pizza").await;
        let strong = world.group(&pizza, &["approve_invoice"]).await;
        let (end, clerk) = (soon(&world, 50), world.holder(&pizza, &CLERK).await);
        let person = world.person(&pizza, until(strong, end)).await;
        let stronger = world.holder(&pizza, &[&CLERK[..], &["approve_invoice"]].concat()).await;
        for ends in [Some(soon(&world, 60)), None, Some(soon(&world, 40))] {
            let call = world.update(&clerk.caller, person.id, groups(&[wish(strong, Some(ends))]));
            assert!(matches!(world.refused(call).await, Error::Forbidden(_)), "{ends:?}");
            let call = world.update(&clerk.caller, clerk.id, groups(&[wish(strong, Some(ends))]));
            assert!(matches!(world.refused(call).await, Error::Forbidden(_)), "{ends:?}, to oneself");
        }
        // Naming it as it is takes nothing.
        world.unchanged(world.update(&clerk.caller, person.id, until(strong, end))).await.unwrap();
        for ends in [Some(soon(&world, 60)), Some(soon(&world, 40)), None] {
            world.update(&stronger.caller, person.id, groups(&[wish(strong, Some(ends))])).await.unwrap();
        }
        // Once it has ended, its member is nobody special, and it takes all that it took before to give it anew.
        world.update(&stronger.caller, person.id, until(strong, soon(&world, 5))).await.unwrap();
        world.wait(Duration::from_secs(5));
        world.update(&clerk.caller, person.id, Fields { active: Some(false), ..Fields::default() }).await.unwrap();
        for again in [groups(&[by_id(strong)]), until(strong, soon(&world, 1))] {
            assert!(matches!(world.refused(world.update(&clerk.caller, person.id, again)).await, Error::Forbidden(_)));
        }
    }

    async fn one_whose_own_power_ends_soon_gives_nothing_once_it_has(world: World) {
        let pizza = world.environment("pizza").await;
        let (all, strong) = (world.group(&pizza, &CLERK).await, world.group(&pizza, &["approve_invoice"]).await);
        let person = world.person(&pizza, groups(&[by_id(all), wish(strong, Some(Some(soon(&world, 5))))])).await;
        let member = world.member(&pizza).await;
        world.update(&person.caller, member.id, groups(&[by_id(strong)])).await.unwrap();
        world.update(&person.caller, member.id, groups(&[])).await.unwrap();
        world.wait(Duration::from_secs(5));
        let call = world.update(&person.caller, member.id, groups(&[by_id(strong)]));
        assert!(matches!(world.refused(call).await, Error::Forbidden(_)));
    }

    async fn each_of_several_memberships_ends_at_its_own_time(world: World) {
        let pizza = world.environment("pizza").await;
        let (first, last) = (world.group(&pizza, &["view_user"]).await, world.group(&pizza, &["view_group"]).await);
        let ends = [(first, soon(&world, 5)), (last, soon(&world, 6))].map(|(group, end)| wish(group, Some(Some(end))));
        let person = world.person(&pizza, groups(&ends)).await;
        let may = async || {
            let own = ["view_user", "view_group"].map(|what| Question { user: None, permission: what.to_owned() }).to_vec();
            let call = world.directory.read(person.caller.clone(), move |tx, actor| checks::check(tx, actor, &own, false, None));
            call.await.unwrap().iter().map(|verdict| verdict.allowed).collect::<Vec<_>>()
        };
        world.wait(Duration::from_secs(5) - Duration::from_micros(1));
        assert_eq!(may().await, [true, true]);
        world.wait(Duration::from_micros(1));
        assert_eq!(may().await, [false, true]);
        world.wait(Duration::from_secs(1) - Duration::from_micros(1));
        assert_eq!(may().await, [false, true]);
        world.wait(Duration::from_micros(1));
        assert_eq!(may().await, [false, false]);
    }

    async fn an_end_in_the_past_is_refused_with_all_else_that_is_wrong(world: World) {
        let pizza = world.environment("pizza").await;
        let by = &pizza.administrator.caller;
        let (one, two) = (world.group(&pizza, &[]).await, world.group(&pizza, &[]).await);
        let person = world.member(&pizza).await;
        world.wait(Duration::from_secs(5));
        let fields = || {
            let present = now(&world);
            groups(&[
                wish(one, Some(Some(present.minus(Duration::from_secs(1))))),
                wish(two, Some(Some(present))),
                GroupWish { group: GroupRef::Name("nobody".to_owned()), ends: None },
            ])
        };
        let judge = |refusal: Error| match refusal {
            Error::Invalid(errors) => {
                let past = |error: &FieldError| error.field == Field::Groups && error.problem == Refusal::MembershipEnded.into();
                assert!(past(&errors[0]) && past(&errors[1]) && errors.len() == 3, "{errors:?}");
                assert_eq!(errors[2].problem, Problem::DoesNotExist("nobody".to_owned()));
            }
            other => panic!("{other:?}"),
        };
        // The present moment has passed when it is said.
        judge(world.refused(world.update(by, person.id, fields())).await);
        judge(world.refused(world.create(&pizza, "new@pizza.example", fields())).await);
        let new = NewUser { email: email(&person.email), fields: fields() };
        judge(world.refused(world.directory.upsert_user(by.clone(), new, vec![])).await);
        // Twice the same group, with two ends.
        let twice = groups(&[wish(one, Some(Some(soon(&world, 9)))), wish(one, Some(None))]);
        match world.refused(world.update(by, person.id, twice)).await {
            Error::Invalid(errors) => assert_eq!(errors.iter().map(|e| e.field).collect::<Vec<_>>(), [Field::Groups]),
            other => panic!("{other:?}"),
        }
    }

    async fn what_has_ended_can_be_given_anew_before_the_sweep(world: World) {
        let pizza = world.environment("pizza").await;
        let by = &pizza.administrator.caller;
        let group = world.group(&pizza, &["view_user"]).await;
        let person = world.person(&pizza, until(group, soon(&world, 5))).await;
        world.wait(Duration::from_secs(5));
        // Not being in it is true already.
        world.unchanged(world.update(by, person.id, groups(&[]))).await.unwrap();
        let end = soon(&world, 50);
        world.accounted(world.update(by, person.id, until(group, end))).await;
        assert_eq!(held(&world, &pizza, &person).await, [(group, Some(end))]);
        world.unchanged(world.directory.sweep()).await.unwrap();
        world.get(&person.caller, pizza.administrator.id).await.unwrap();
        // Without an end, though it had one once.
        world.wait(Duration::from_secs(50));
        world.accounted(world.update(by, person.id, groups(&[by_id(group)]))).await;
        assert_eq!(held(&world, &pizza, &person).await, [(group, None)]);
        world.unchanged(world.directory.sweep()).await.unwrap();
        // What went with its group or its user leaves nothing to sweep.
        let (gone, other) = (world.group(&pizza, &[]).await, world.group(&pizza, &[]).await);
        let leaving = world.person(&pizza, until(other, soon(&world, 5))).await;
        world.update(by, person.id, until(gone, soon(&world, 5))).await.unwrap();
        world.wait(Duration::from_secs(5));
        world.delete_group(by, gone).await.unwrap();
        world.remove(by, leaving.id).await.unwrap();
        world.unchanged(world.directory.sweep()).await.unwrap();
    }
}
