//! Which times can be asked about, by whom, and what is left when somebody is erased, when events are over, or when the
//! environment is gone.

use super::shown;
use directory::actor::{Actor, Caller};
use directory::checks::{self, Explanation, Lacking, Question};
use directory::clock::Time;
use directory::environments::{self, EnvironmentChanges, PolicyChanges};
use directory::error::Field;
use directory::groups::GroupChanges;
use directory::holders;
use directory::id::{PermissionId, UserId};
use directory::store::Tx;
use directory::users::{self, User, UserChanges};
use directory::{Error, Result};
use std::time::Duration;
use test_support::{START, World, conferring, on_every_engine, phone, short};

const SECOND: Duration = Duration::from_secs(1);
const DAY: Duration = Duration::from_secs(24 * 3600);

async fn then(world: &World, by: &Caller, id: UserId, at: Time) -> Result<User> {
    world.directory.read(by.clone(), move |tx, actor| users::get_at(tx, actor, id, at)).await
}

async fn could(world: &World, by: &Caller, id: UserId, at: Time) -> Result<usize> {
    let call = world.directory.read(by.clone(), move |tx, actor| checks::permissions(tx, actor, id, Some(at)));
    call.await.map(|permissions| permissions.len())
}

async fn held(world: &World, by: &Caller, permission: PermissionId, at: Time) -> Result<Vec<UserId>> {
    let list = move |tx: &mut Tx<'_>, actor: &Actor| holders::list(tx, actor, permission, Some(at), (None, 100));
    let page = world.directory.report(by.clone(), list).await?;
    Ok(page.rows.iter().map(|holder| holder.user.account.id).collect())
}

fn named(text: &str) -> UserChanges {
    UserChanges { name: Some(short(text)), ..UserChanges::default() }
}

/// Refused for the time that was asked about.
fn refused<T: std::fmt::Debug>(answer: Result<T>) -> bool {
    matches!(&answer, Err(Error::Invalid(errors)) if errors.iter().all(|error| error.field == Field::At))
}

on_every_engine! {
    async fn neither_the_future_nor_what_was_before_the_environment_can_be_asked_about(world: World) {
        world.wait(SECOND);
        let pizza = world.environment("pizza").await;
        let (boss, id) = (&pizza.administrator.caller, pizza.administrator.id);
        let (begun, soon) = (START.plus(SECOND), START.plus(SECOND * 2));
        assert!(then(&world, boss, id, begun).await.is_ok());
        for at in [begun.minus(Duration::from_micros(1)), START, Time::from_micros(i64::MIN), soon, Time::from_micros(i64::MAX)] {
            assert!(refused(then(&world, boss, id, at).await), "{at:?}");
            assert!(refused(could(&world, boss, id, at).await), "{at:?}");
            assert!(refused(held(&world, boss, PermissionId(1), at).await), "{at:?}");
            let question = vec![Question { user: None, permission: "view_user".to_owned() }];
            let check = world.directory.read(boss.clone(), move |tx, actor| checks::check(tx, actor, &question, false, Some(at)));
            assert!(refused(check.await), "{at:?}");
        }
        world.wait(SECOND);
        assert!(then(&world, boss, id, soon).await.is_ok());
    }

    async fn the_past_of_others_is_for_auditors_and_ones_own_for_everybody(world: World) {
        let pizza = world.environment("pizza").await;
        let viewer = world.holder(&pizza, &["view_user"]).await;
        let auditor = world.holder(&pizza, &["view_user", "view_audit"]).await;
        let blind = world.holder(&pizza, &["view_audit"]).await;
        let member = world.member(&pizza).await;
        for (caller, whom, may) in [
            (&viewer, &member, false), (&auditor, &member, true), (&blind, &member, false), (&member, &viewer, false),
            (&viewer, &viewer, true), (&member, &member, true),
        ] {
            let answers = [
                then(&world, &caller.caller, whom.id, START).await.map(drop),
                could(&world, &caller.caller, whom.id, START).await.map(drop),
            ];
            for answer in answers {
                assert!(if may { answer.is_ok() } else { matches!(answer, Err(Error::Forbidden(_))) }, "{answer:?}");
            }
        }
        assert!(held(&world, &auditor.caller, PermissionId(1), START).await.is_ok());
        for nobody in [&viewer, &blind, &member] {
            assert!(matches!(held(&world, &nobody.caller, PermissionId(1), START).await, Err(Error::Forbidden(_))));
        }
    }

    async fn whoever_was_elsewhere_then_was_not_here(world: World) {
        let (pizza, sushi) = (world.environment("pizza").await, world.environment("sushi").await);
        let person = world.member(&sushi).await;
        let moved = UserChanges { phone: Some(phone("+81 1")), ..named("Before") };
        world.update(&sushi.administrator.caller, person.id, moved).await.unwrap();
        world.wait(SECOND);
        world.create_as(&world.operator.in_environment(&pizza), &person.email, named("Here")).await.unwrap();
        world.wait(SECOND);
        world.update(&sushi.administrator.caller, person.id, named("After")).await.unwrap();
        let (boss, second) = (&pizza.administrator.caller, START.plus(SECOND));
        assert!(matches!(then(&world, boss, person.id, second.minus(Duration::from_micros(1))).await, Err(Error::NotFound(_))));
        let here = then(&world, boss, person.id, second).await.unwrap();
        assert!(shown(&here).contains("Here") && !shown(&here).contains("+81 1"), "{here:?}");
        assert!(matches!(then(&world, boss, world.operator.id, second).await, Err(Error::NotFound(_))), "no user here");
    }

    async fn who_was_no_user_then_could_do_nothing(world: World) {
        let pizza = world.environment("pizza").await;
        world.wait(SECOND);
        let late = world.holder(&pizza, &["view_user"]).await;
        let question = vec![Question { user: None, permission: "view_user".to_owned() }];
        let ask = |at| {
            let question = question.clone();
            world.directory.read(late.caller.clone(), move |tx, actor| checks::check(tx, actor, &question, true, Some(at)))
        };
        let verdict = ask(START).await.unwrap().remove(0);
        assert!(!verdict.allowed && verdict.explanation == Some(Explanation::Missing(vec![Lacking::User])), "{verdict:?}");
        assert!(ask(START.plus(SECOND)).await.unwrap()[0].allowed);
    }

    async fn a_clock_that_goes_back_does_not_confuse_what_came_first(world: World) {
        let pizza = world.environment("pizza").await;
        let (boss, person) = (&pizza.administrator.caller, world.member(&pizza).await);
        let name = async |at: Time| then(&world, boss, person.id, at).await.unwrap().membership.name.as_str().to_owned();
        world.update(boss, person.id, named("first")).await.unwrap();
        world.wait(SECOND * 10);
        world.update(boss, person.id, named("second")).await.unwrap();
        world.clock.set_back(SECOND * 5);
        world.update(boss, person.id, named("third")).await.unwrap();
        world.wait(SECOND * 2);
        world.update(boss, person.id, named("fourth")).await.unwrap();
        let at = |seconds| START.plus(SECOND * seconds);
        // By this clock the later changes are yet to come.
        for early in [at(0), at(5), at(7)] {
            assert_eq!(name(early).await, "first");
        }
        world.wait(SECOND * 10);
        world.update(boss, person.id, named("fifth")).await.unwrap();
        for (time, known) in [(at(0), "first"), (at(9), "first"), (at(10), "fourth"), (at(16), "fourth"), (at(17), "fifth")] {
            assert_eq!(name(time).await, known, "{time:?}");
        }
    }

    async fn whoever_changed_often_hides_no_other_holder(world: World) {
        let pizza = world.environment("pizza").await;
        let (boss, other) = (&pizza.administrator, world.administrator(&pizza).await);
        let group = world.group(&pizza, &["view_user"]).await;
        let member = world.member(&pizza).await;
        for n in 0..10 {
            world.wait(SECOND);
            world.update(&boss.caller, boss.id, named(&format!("Version {n}"))).await.unwrap();
            let groups = if n % 2 == 0 { vec![test_support::by_id(group)] } else { Vec::new() };
            world.update(&boss.caller, other.id, UserChanges { groups: Some(groups.clone()), ..named(&format!("Other {n}")) }).await.unwrap();
            world.update(&boss.caller, member.id, UserChanges { groups: Some(groups), ..named(&format!("Member {n}")) }).await.unwrap();
        }
        world.wait(SECOND);
        let (at, by) = (START.plus(SECOND), boss.caller.clone());
        let two = move |tx: &mut Tx<'_>, actor: &Actor| holders::list(tx, actor, PermissionId(1), Some(at), (None, 2));
        let page = world.directory.report(by, two).await.unwrap();
        let met: Vec<UserId> = page.rows.iter().map(|holder| holder.user.account.id).collect();
        assert_eq!((met, page.next.is_some()), (vec![boss.id, other.id], true));
        assert_eq!(held(&world, &boss.caller, PermissionId(1), at).await.unwrap(), [boss.id, other.id, member.id]);
    }

    async fn of_whoever_was_erased_only_what_it_could_do_is_left(world: World) {
        let pizza = world.environment("pizza").await;
        let boss = &pizza.administrator.caller;
        let person = world.holder(&pizza, &["view_user"]).await;
        let said = UserChanges { phone: Some(phone("+49 171 5550")), ..named("Somebody Known") };
        world.update(boss, person.id, said).await.unwrap();
        world.wait(SECOND);
        world.update(boss, person.id, named("Somebody Else")).await.unwrap();
        world.wait(SECOND);
        world.remove(boss, person.id).await.unwrap();
        let past = then(&world, boss, person.id, START).await.unwrap();
        assert_eq!((past.membership.name.as_str(), past.account.email.is_none(), past.permissions.len()), ("", true, 1));
        assert_eq!(held(&world, boss, PermissionId(1), START).await.unwrap().last(), Some(&person.id));
        while world.directory.chain_audit().await.unwrap() {}
        for trace in ["Somebody Known", "Somebody Else", "+49 171 5550", person.email.as_str()] {
            assert!(!world.dump().holds(trace), "{trace}");
        }
    }

    async fn what_is_over_in_the_trail_is_over_in_the_past_too(world: World) {
        let (pizza, pasta) = (world.environment("pizza").await, world.environment("pasta").await);
        let policy = PolicyChanges { audit_retention: Some(Some(DAY * 10)), ..PolicyChanges::default() };
        let (this, change) = (pizza.name(), EnvironmentChanges { policy, ..EnvironmentChanges::default() });
        let keep = move |tx: &mut Tx<'_>, actor: &Actor| environments::update(tx, actor, &this, &change);
        world.directory.write(world.operator.caller.clone(), keep).await.unwrap();
        for tenant in [&pizza, &pasta] {
            let group = world.group(tenant, &["view_user"]).await;
            world.wait(SECOND);
            let (boss, id) = (&tenant.administrator.caller, tenant.administrator.id);
            world.update(boss, id, named("Changed")).await.unwrap();
            world.update_group(boss, group, conferring(&[])).await.unwrap();
            world.update_group(boss, group, GroupChanges { name: Some(test_support::name("other")), ..GroupChanges::default() }).await.unwrap();
        }
        while world.directory.chain_audit().await.unwrap() {}
        world.wait(DAY * 12);
        while world.directory.sign_audit().await.unwrap() {}
        while world.directory.sweep().await.unwrap() {}
        let of = |tenant: &test_support::Tenant| {
            let id = tenant.id.to_string();
            let dump = world.dump();
            let tables = ["users_past", "groups_past", "group_permissions_past"];
            tables.map(|table| dump.rows(table).filter(|row| row["environment_id"] == id).count())
        };
        assert_eq!((of(&pizza), of(&pasta)), ([0, 0, 0], [1, 1, 1]));
        let (boss, id) = (&pizza.administrator.caller, pizza.administrator.id);
        assert!(refused(then(&world, boss, id, START).await));
        assert_eq!(then(&world, boss, id, START.plus(DAY)).await.unwrap().membership.name.as_str(), "Changed");
        let (boss, id) = (&pasta.administrator.caller, pasta.administrator.id);
        assert_ne!(then(&world, boss, id, START).await.unwrap().membership.name.as_str(), "Changed");
    }

    async fn an_environment_takes_its_past_with_it(world: World) {
        let pizza = world.environment("pizza").await;
        let boss = &pizza.administrator.caller;
        let person = world.holder(&pizza, &["view_user"]).await;
        world.update(boss, person.id, named("Changed")).await.unwrap();
        world.remove(boss, person.id).await.unwrap();
        let this = pizza.name();
        let delete = move |tx: &mut Tx<'_>, actor: &Actor| environments::delete(tx, actor, &this, Some("pizza"));
        world.directory.write(world.operator.caller.clone(), delete).await.unwrap();
        let (dump, id) = (world.dump(), pizza.id.to_string());
        for table in ["users_past", "user_groups_past", "user_menus_past", "environments_past", "permissions_past", "groups_past",
            "menus_past", "group_permissions_past", "group_contains_past", "role_changes"] {
            assert!(dump.rows(table).all(|row| row["environment_id"] != id), "{table}");
        }
    }
}
