//! Groups within groups obey the rules as groups do: nobody nests, un-nests, renames or deletes what confers more than it
//! has, at whatever remove; there is no way round, and none too deep.

use super::CLERK;
use directory::checks::{self, Question};
use directory::error::{Conflict, Field, FieldError, Problem};
use directory::groups::{self, Group, GroupChanges, GroupRef};
use directory::id::GroupId;
use directory::menus::{MenuChanges, MenuRef};
use directory::tokens::Ceiling;
use directory::users::{self, UserChanges as Fields};
use directory::{Directory, Error, Result};
use std::time::Duration;
use test_support::{Person, Tenant, World, by_id, conferring, name, on_every_engine, short};

fn reference(id: GroupId) -> GroupRef {
    GroupRef::Id(Some(id), id.to_string())
}

fn containing(inner: &[GroupId]) -> GroupChanges {
    GroupChanges { contains: Some(inner.iter().map(|id| reference(*id)).collect()), ..GroupChanges::default() }
}

/// Makes a group contain these and no others.
async fn nest(world: &World, by: &Person, outer: GroupId, inner: &[GroupId]) -> Result<Group> {
    world.update_group(&by.caller, outer, containing(inner)).await
}

async fn create(world: &World, by: &Person, inner: &[GroupId]) -> Result<GroupId> {
    let (named, change) = (name(&format!("group {}", world.number())), containing(inner));
    let call = world.directory.write(by.caller.clone(), move |tx, actor| groups::create(tx, actor, &named, &change));
    call.await.map(|group| group.id)
}

/// So many groups, each within the one before; outermost first.
async fn chain(world: &World, tenant: &Tenant, length: usize) -> Vec<GroupId> {
    let mut chain = Vec::new();
    for _ in 0..length {
        let inner = chain.first().copied();
        chain.insert(0, create(world, &tenant.administrator, inner.as_slice()).await.unwrap());
    }
    chain
}

async fn member_of(world: &World, tenant: &Tenant, group: GroupId) -> Person {
    world.person(tenant, Fields { groups: Some(vec![by_id(group)]), ..Fields::default() }).await
}

async fn forbidden<T>(world: &World, what: &str, call: impl Future<Output = Result<T>>) {
    let refusal = world.refused(call).await;
    assert!(matches!(refusal, Error::Forbidden(_)), "{what}: {refusal:?}");
}

/// Whether somebody may see users: by asking for one, and by asking whether.
async fn sees_users(node: &Directory, tenant: &Tenant, person: &Person) -> [bool; 2] {
    let other = tenant.administrator.id;
    let get = node.read(person.caller.clone(), move |tx, actor| users::get(tx, actor, other)).await.is_ok();
    let question = vec![Question { user: None, permission: "view_user".to_owned() }];
    let check =
        node.read(person.caller.clone(), move |tx, actor| checks::check(tx, actor, &question, false, None)).await;
    [get, check.unwrap()[0].allowed]
}

on_every_engine! {
    async fn who_lacks_a_permission_of_either_group_neither_nests_nor_un_nests_nor_renames_nor_deletes(world: World) {
        let pizza = world.environment("pizza").await;
        let boss = &pizza.administrator;
        let (strong, weak) = (world.group(&pizza, &["approve_invoice"]).await, world.group(&pizza, &[]).await);
        let clerk = world.holder(&pizza, &CLERK).await;
        let stronger = world.holder(&pizza, &[&CLERK[..], &["approve_invoice"]].concat()).await;
        let token = world.with_token(&stronger, Ceiling::Permissions(CLERK.map(str::to_owned).to_vec())).await;
        let (member, loose) = (world.member(&pizza).await, world.group(&pizza, &[]).await);
        let join = |group| Fields { groups: Some(vec![by_id(group)]), ..Fields::default() };
        for attacker in [&clerk, &token] {
            forbidden(&world, "nest in a strong group", nest(&world, attacker, strong, &[weak])).await;
            forbidden(&world, "nest a strong group", nest(&world, attacker, weak, &[strong])).await;
            forbidden(&world, "a new group around a strong one", create(&world, attacker, &[strong])).await;
        }

        // At one remove more: what is strong is only the outermost.
        let between = create(&world, boss, &[weak]).await.unwrap();
        nest(&world, boss, strong, &[between]).await.unwrap();
        for attacker in [&clerk, &token] {
            for group in [weak, between] {
                let by = &attacker.caller;
                for change in [
                    GroupChanges { name: Some(name("renamed")), ..GroupChanges::default() },
                    GroupChanges { label: Some(short("label")), ..GroupChanges::default() },
                    conferring(&["view_user"]),
                ] {
                    forbidden(&world, "a change", world.update_group(by, group, change)).await;
                }
                forbidden(&world, "deletion", world.delete_group(by, group)).await;
                forbidden(&world, "a member", world.update(by, member.id, join(group))).await;
                forbidden(&world, "a new member", world.create_as(by, "new@pizza.example", join(group))).await;
                forbidden(&world, "nesting beneath", nest(&world, attacker, group, &[loose])).await;
            }
            forbidden(&world, "un-nesting", nest(&world, attacker, strong, &[])).await;
            forbidden(&world, "un-nesting further in", nest(&world, attacker, between, &[])).await;
            forbidden(&world, "a new group around", create(&world, attacker, &[weak])).await;
        }

        // The other way round: the inner one is strong, and what is around it is not.
        nest(&world, boss, strong, &[]).await.unwrap();
        let around = create(&world, boss, &[strong]).await.unwrap();
        for attacker in [&clerk, &token] {
            forbidden(&world, "un-nesting a strong group", nest(&world, attacker, around, &[])).await;
            // Its members are not the attacker's to give things to, but what it confers is.
            forbidden(&world, "a permission beyond", world.update_group(&attacker.caller, around, conferring(&["approve_invoice"]))).await;
        }

        // Whoever has all of it may do all of it.
        nest(&world, &stronger, strong, &[between]).await.unwrap();
        nest(&world, &stronger, around, &[]).await.unwrap();
        world.update_group(&stronger.caller, weak, GroupChanges { name: Some(name("renamed")), ..GroupChanges::default() }).await.unwrap();
        world.update(&stronger.caller, member.id, join(weak)).await.unwrap();
        forbidden(&world, "touching a member of it", world.update(&clerk.caller, member.id, Fields { active: Some(false), ..Fields::default() })).await;
        world.delete_group(&stronger.caller, weak).await.unwrap();
    }

    async fn members_of_the_inner_group_have_what_the_outer_one_confers_and_brings_and_are_listed_as_before(world: World) {
        let pizza = world.environment("pizza").await;
        let boss = &pizza.administrator;
        let menu = world.menu(&boss.caller, "outer_menu", MenuChanges::default()).await.unwrap();
        let outer = world.group(&pizza, &["approve_invoice"]).await;
        let brings = GroupChanges { menus: Some(vec![MenuRef::Id(Some(menu.id), menu.id.to_string())]), ..GroupChanges::default() };
        world.update_group(&boss.caller, outer, brings).await.unwrap();
        let inner = world.group(&pizza, &["view_user"]).await;
        let (within, around) = (member_of(&world, &pizza, inner).await, member_of(&world, &pizza, outer).await);
        let before = world.look(&pizza, within.id).await.unwrap();
        let (group, event) = world.accounted(nest(&world, boss, outer, &[inner])).await;
        assert_eq!((event.verb.as_str(), event.subject), ("group.updated", outer.to_string()));
        assert_eq!(event.changes, format!("{{\"contains\":[[],[\"{inner}\"]]}}"));
        assert_eq!(group.contains, [inner]);

        let after = world.look(&pizza, within.id).await.unwrap();
        // Its own groups, each with what it confers itself: as both APIs have always shown them.
        assert_eq!((&after.groups, &after.menus), (&before.groups, &before.menus));
        assert_eq!(after.groups[0].group.permissions.iter().map(|p| p.as_str()).collect::<Vec<_>>(), ["view_user"]);
        assert_eq!(after.permissions.iter().map(|p| p.as_str()).collect::<Vec<_>>(), ["approve_invoice", "view_user"]);
        assert_eq!(after.membership.updated_at, before.membership.updated_at);
        let menus = world.directory.read(within.caller.clone(), users::own_menus).await.unwrap();
        assert_eq!(menus.iter().map(|menu| menu.id).collect::<Vec<_>>(), [menu.id]);
        // And not the other way round.
        let outside = world.look(&pizza, around.id).await.unwrap();
        assert_eq!(outside.permissions.iter().map(|p| p.as_str()).collect::<Vec<_>>(), ["approve_invoice"]);
        // Saying it twice changes nothing.
        world.unchanged(nest(&world, boss, outer, &[inner, inner])).await.unwrap();
    }

    async fn a_cycle_is_refused_with_its_groups_and_nothing_is_changed(world: World) {
        let pizza = world.environment("pizza").await;
        let boss = &pizza.administrator;
        let mut made = Vec::new();
        for named in ["cooks", "staff", "all"] {
            made.push(world.group_as(&boss.caller, named, &[]).await.unwrap().id);
        }
        let [cooks, staff, all] = made[..] else { unreachable!() };
        nest(&world, boss, all, &[staff]).await.unwrap();
        nest(&world, boss, staff, &[cooks]).await.unwrap();
        let named = |ids: &[(&str, GroupId)]| ids.iter().map(|(name, id)| format!("\"{name}\" ({id})")).collect::<Vec<_>>();
        let round = [("cooks", cooks), ("all", all), ("staff", staff)];
        match world.refused(nest(&world, boss, cooks, &[all])).await {
            Error::Conflict(Conflict::Cycle(told)) => {
                assert_eq!(told.first(), told.last());
                // Wherever it begins, it goes round as the groups contain each other.
                let begins = named(&round).iter().position(|name| *name == told[0]).unwrap();
                let mut expected = round;
                expected.rotate_left(begins);
                assert_eq!(told[..3], named(&expected));
                assert!(Conflict::Cycle(told).to_string().contains(" contains "));
            }
            other => panic!("{other:?}"),
        }
        match world.refused(nest(&world, boss, all, &[all, staff])).await {
            Error::Conflict(Conflict::Cycle(told)) => assert_eq!(told, named(&[("all", all), ("all", all)])),
            other => panic!("{other:?}"),
        }
        // Not with another change beside it either.
        let both = GroupChanges { contains: containing(&[all]).contains, ..conferring(&["view_user"]) };
        world.refused(world.update_group(&boss.caller, cooks, both)).await;
    }

    async fn sixteen_deep_is_the_deepest_wherever_one_is_added(world: World) {
        let pizza = world.environment("pizza").await;
        let boss = &pizza.administrator;
        let deep = |refusal: Error| assert!(matches!(refusal, Error::Conflict(Conflict::TooDeep)), "{refusal:?}");
        let sixteen = chain(&world, &pizza, 16).await;
        let one = world.group(&pizza, &[]).await;
        deep(world.refused(create(&world, boss, &[sixteen[0]])).await);
        deep(world.refused(nest(&world, boss, one, &[sixteen[0]])).await);
        deep(world.refused(nest(&world, boss, sixteen[15], &[one])).await);
        // Beside the deepest way there is room.
        nest(&world, boss, sixteen[14], &[sixteen[15], one]).await.unwrap();
        let (eight, nine) = (chain(&world, &pizza, 8).await, chain(&world, &pizza, 9).await);
        deep(world.refused(nest(&world, boss, eight[7], &[nine[0]])).await);
        nest(&world, boss, eight[7], &[nine[1]]).await.unwrap();
    }

    async fn deleting_a_group_un_nests_it(world: World) {
        let pizza = world.environment("pizza").await;
        let boss = &pizza.administrator;
        let inner = world.group(&pizza, &[]).await;
        let between = create(&world, boss, &[inner]).await.unwrap();
        let outer = world.group(&pizza, &["view_user"]).await;
        nest(&world, boss, outer, &[between]).await.unwrap();
        let person = member_of(&world, &pizza, inner).await;
        assert_eq!(sees_users(&world.directory, &pizza, &person).await, [true, true]);
        let ((), event) = world.accounted(world.delete_group(&boss.caller, between)).await;
        assert_eq!((event.verb.as_str(), event.subject), ("group.deleted", between.to_string()));
        assert_eq!(sees_users(&world.directory, &pizza, &person).await, [false, false]);
        assert_eq!(world.dump().count("group_contains"), 0);
        let left = world.directory.read(boss.caller.clone(), groups::list).await.unwrap();
        assert!(left.iter().all(|group| group.contains.is_empty()), "{left:?}");
    }

    async fn groups_to_contain_that_do_not_exist_here_are_all_named(world: World) {
        let (pizza, sushi) = (world.environment("pizza").await, world.environment("sushi").await);
        let group = world.group(&pizza, &[]).await;
        for _ in 0..3 {
            world.group(&sushi, &[]).await;
        }
        let theirs = world.group(&sushi, &[]).await;
        let missing = |text: &str| FieldError { field: Field::Contains, problem: Problem::DoesNotExist(text.to_owned()) };
        let change = GroupChanges {
            contains: Some(vec![reference(theirs), GroupRef::Name("nobody".to_owned()), GroupRef::Id(None, "x".to_owned()), reference(group)]),
            ..GroupChanges::default()
        };
        match world.refused(world.update_group(&pizza.administrator.caller, group, change)).await {
            Error::Invalid(errors) => assert_eq!(errors, [missing(&theirs.to_string()), missing("nobody"), missing("x")]),
            other => panic!("{other:?}"),
        }
    }

    async fn what_came_through_nesting_and_is_revoked_is_refused_on_the_next_request_and_elsewhere_within_a_second(world: World) {
        let pizza = world.environment("pizza").await;
        let boss = &pizza.administrator;
        let other = world.another_node();
        for way in 0..4 {
            let inner = world.group(&pizza, &[]).await;
            let between = create(&world, boss, &[inner]).await.unwrap();
            let outer = world.group(&pizza, &["view_user"]).await;
            nest(&world, boss, outer, &[between]).await.unwrap();
            let person = member_of(&world, &pizza, inner).await;
            let token = world.with_token(&person, Ceiling::Permissions(vec!["view_user".to_owned()])).await;
            world.wait(Duration::from_secs(1));
            for node in [&world.directory, &other] {
                assert_eq!(sees_users(node, &pizza, &person).await, [true, true]);
                assert_eq!(sees_users(node, &pizza, &token).await, [true, true]);
            }
            match way {
                0 => drop(world.update_group(&boss.caller, outer, conferring(&[])).await.unwrap()),
                1 => drop(nest(&world, boss, outer, &[]).await.unwrap()),
                2 => drop(nest(&world, boss, between, &[]).await.unwrap()),
                _ => world.delete_group(&boss.caller, outer).await.unwrap(),
            }
            for bearer in [&person, &token] {
                assert_eq!(sees_users(&world.directory, &pizza, bearer).await, [false, false], "{way}");
            }
            world.wait(Duration::from_secs(1));
            for bearer in [&person, &token] {
                assert_eq!(sees_users(&other, &pizza, bearer).await, [false, false], "{way}, elsewhere");
            }
        }
    }

    async fn two_who_would_close_a_cycle_at_once_do_not(world: World) {
        let pizza = world.environment("pizza").await;
        let nodes = [world.directory.clone(), world.another_node()];
        for round in 0..10 {
            let pair = [world.group(&pizza, &[]).await, world.group(&pizza, &[]).await];
            let close = |n: usize| {
                let (node, by) = (nodes[n].clone(), pizza.administrator.caller.clone());
                let (outer, change) = (pair[n], containing(&[pair[1 - n]]));
                tokio::spawn(async move {
                    node.write(by, move |tx, actor| groups::update(tx, actor, outer, &change, None)).await
                })
            };
            let (one, other) = tokio::join!(close(0), close(1));
            let (one, other) = (one.unwrap(), other.unwrap());
            assert!(one.is_ok() != other.is_ok(), "round {round}: {one:?} {other:?}");
            let refused = one.err().or(other.err()).unwrap();
            assert!(matches!(refused, Error::Conflict(Conflict::Cycle(_))), "{refused:?}");
            world.wait(Duration::from_secs(1));
        }
    }
}
