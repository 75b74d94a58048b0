//! What is suggested to whoever types a part of a name.

use directory::menus::MenuChanges;
use directory::{Error, suggestions};
use test_support::{World, on_every_engine};

on_every_engine! {
    async fn names_that_begin_so_come_first_and_none_is_of_another_environment(world: World) {
        let (pizza, pasta) = (world.environment("pizza").await, world.environment("pasta").await);
        let boss = pizza.administrator.caller.clone();
        for name in ["Night bakers", "Bakers", "Accounting", "bakers' guild"] {
            world.group_as(&boss, name, &[]).await.unwrap();
            world.menu(&boss, name, MenuChanges::default()).await.unwrap();
        }
        world.group_as(&pasta.administrator.caller, "Bakers of pasta", &[]).await.unwrap();
        world.permission(&boss, "bake_bread").await.unwrap();
        let found = world.directory.read(boss.clone(), |tx, actor| {
            let groups = suggestions::groups(tx, actor, " BAKERS")?;
            let menus = suggestions::menus(tx, actor, "bakers")?;
            let groups: Vec<String> = groups.iter().map(|group| group.name.as_str().to_owned()).collect();
            let menus: Vec<String> = menus.iter().map(|menu| menu.name.as_str().to_owned()).collect();
            let permissions = suggestions::permissions(tx, actor, "bake")?;
            assert_eq!(suggestions::group(tx, actor, "Bakers of pasta")?, None);
            assert!(suggestions::group(tx, actor, "Bakers")?.is_some());
            Ok((groups, menus, permissions))
        });
        let (groups, menus, permissions) = found.await.unwrap();
        assert_eq!(groups, ["Bakers", "bakers' guild", "Night bakers"]);
        assert_eq!(menus, groups);
        assert_eq!(permissions, [test_support::codename("bake_bread")]);
    }

    async fn few_are_suggested_of_many(world: World) {
        let pizza = world.environment("pizza").await;
        for n in 0..60 {
            world.group_as(&pizza.administrator.caller, &format!("group {n:02}"), &[]).await.unwrap();
        }
        let caller = pizza.administrator.caller.clone();
        let found = world.directory.read(caller, |tx, actor| suggestions::groups(tx, actor, "")).await.unwrap();
        assert_eq!(found.len(), suggestions::MOST);
        assert_eq!(found[0].name.as_str(), "group 00");
    }

    async fn who_may_not_see_them_is_told_none(world: World) {
        let pizza = world.environment("pizza").await;
        let member = world.member(&pizza).await.caller;
        let groups = world.directory.read(member.clone(), |tx, actor| suggestions::groups(tx, actor, "")).await;
        let group = world.directory.read(member.clone(), |tx, actor| suggestions::group(tx, actor, "x")).await;
        let menus = world.directory.read(member.clone(), |tx, actor| suggestions::menus(tx, actor, "")).await;
        let permissions = world.directory.read(member, |tx, actor| suggestions::permissions(tx, actor, "")).await;
        assert!(matches!(groups, Err(Error::Forbidden(_))));
        assert!(matches!(group, Err(Error::Forbidden(_))));
        assert!(matches!(menus, Err(Error::Forbidden(_))));
        assert!(matches!(permissions, Err(Error::Forbidden(_))));
    }
}
