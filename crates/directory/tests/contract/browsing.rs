//! Looking through groups, permissions and menus: a part at a time, by name, in the order of the names; and what comes of groups.

use directory::groups::{self, Grant, GroupChanges};
use directory::menus::{self, MenuChanges, MenuItem};
use directory::page::Browse;
use directory::permissions;
use directory::users::{self, UserChanges};
use directory::whatif::{self, SupposedGroup, Suppositions};
use directory::{Error, Result};
use test_support::{Tenant, World, by_id, codename, name, on_every_engine, short};

fn part(search: &str, skip: usize, limit: usize) -> Browse {
    Browse { search: search.to_owned(), skip, limit }
}

async fn found(world: &World, tenant: &Tenant, part: Browse) -> Result<(Vec<String>, usize)> {
    let by = tenant.administrator.caller.clone();
    let found = world.directory.report(by, move |tx, actor| groups::browse(tx, actor, &part)).await?;
    Ok((found.rows.iter().map(|group| group.name.as_str().to_owned()).collect(), found.total))
}

on_every_engine! {
    async fn groups_are_found_by_name_and_label_in_order_of_their_names(world: World) {
        let pizza = world.environment("pizza").await;
        let by = &pizza.administrator.caller;
        for named in ["delta", "Alpha", "charlie", "Bravo"] {
            world.group_as(by, named, &["view_user"]).await.unwrap();
        }
        let labelled = world.group_as(by, "echo", &[]).await.unwrap().id;
        world.update_group(by, labelled, GroupChanges { label: Some(short("The ÉCOLE")), ..Default::default() }).await.unwrap();
        assert_eq!(found(&world, &pizza, part("", 0, 3)).await.unwrap(), (vec!["Alpha".into(), "Bravo".into(), "charlie".into()], 5));
        assert_eq!(found(&world, &pizza, part("", 3, 3)).await.unwrap(), (vec!["delta".into(), "echo".into()], 5));
        assert_eq!(found(&world, &pizza, part("AL", 0, 3)).await.unwrap(), (vec!["Alpha".into()], 1));
        assert_eq!(found(&world, &pizza, part(" école ", 0, 3)).await.unwrap(), (vec!["echo".into()], 1));
        assert_eq!(found(&world, &pizza, part("%", 0, 3)).await.unwrap(), (vec![], 0));
        assert_eq!(found(&world, &pizza, part("", 9, 3)).await.unwrap(), (vec![], 5));
        let asked = world.directory.report(by.clone(), move |tx, actor| {
            let whole = groups::browse(tx, actor, &part("alpha", 0, 1))?.rows;
            Ok((groups::get(tx, actor, whole[0].id)?, whole))
        });
        let (one, whole) = asked.await.unwrap();
        assert_eq!(whole, [one], "a row is the whole group");
    }

    async fn other_environments_are_not_browsed_nor_without_permission(world: World) {
        let (pizza, pasta) = (world.environment("pizza").await, world.environment("pasta").await);
        world.group_as(&pasta.administrator.caller, "theirs", &[]).await.unwrap();
        world.menu(&pasta.administrator.caller, "theirs", MenuChanges::default()).await.unwrap();
        world.permission(&pasta.administrator.caller, "theirs").await.unwrap();
        assert_eq!(found(&world, &pizza, part("theirs", 0, 9)).await.unwrap().1, 0);
        let by = pizza.administrator.caller.clone();
        let asked = world.directory.report(by, |tx, actor| {
            Ok((permissions::browse(tx, actor, &part("theirs", 0, 9))?.total, menus::browse(tx, actor, &part("", 0, 9))?.total))
        });
        assert_eq!(asked.await.unwrap(), (0, 0));
        let member = world.member(&pizza).await.caller;
        let tried = |verb: fn(&mut directory::store::Tx<'_>, &directory::actor::Actor) -> Result<()>| {
            world.directory.report(member.clone(), verb)
        };
        assert!(matches!(tried(|tx, actor| groups::browse(tx, actor, &part("", 0, 9)).map(drop)).await, Err(Error::Forbidden(_))));
        assert!(matches!(tried(|tx, actor| permissions::browse(tx, actor, &part("", 0, 9)).map(drop)).await, Err(Error::Forbidden(_))));
        assert!(matches!(tried(|tx, actor| menus::browse(tx, actor, &part("", 0, 9)).map(drop)).await, Err(Error::Forbidden(_))));
        assert!(matches!(tried(|tx, actor| groups::confers(tx, actor, &[]).map(drop)).await, Err(Error::Forbidden(_))));
        assert!(matches!(tried(|tx, actor| groups::nesting(tx, actor, None, 9).map(drop)).await, Err(Error::Forbidden(_))));
        assert!(matches!(tried(|tx, actor| groups::grant(tx, actor, &[], None)).await, Err(Error::Forbidden(_))));
    }

    async fn nesting_is_told_whole_or_around_one(world: World) {
        let pizza = world.environment("pizza").await;
        let by = &pizza.administrator.caller;
        let mut ids = Vec::new();
        for (named, permissions) in [("top", vec!["view_user"]), ("middle", vec![]), ("low", vec!["add_user"]), ("beside", vec![]), ("alone", vec![])] {
            ids.push(world.group_as(by, named, &permissions).await.unwrap().id);
        }
        let within = |inner: &[usize]| GroupChanges { contains: Some(inner.iter().map(|n| by_id(ids[*n]).group).collect()), ..Default::default() };
        world.update_group(by, ids[0], within(&[1, 3])).await.unwrap();
        world.update_group(by, ids[1], within(&[2])).await.unwrap();
        let (around, low) = (ids[1], ids[2]);
        let asked = world.directory.report(by.clone(), move |tx, actor| {
            let all = groups::nesting(tx, actor, None, 9)?;
            let some = groups::nesting(tx, actor, None, 2)?;
            Ok((all, some.1, groups::nesting(tx, actor, Some(around), 9)?.0, groups::confers(tx, actor, &[low])?))
        });
        let ((all, complete), some, near, confers) = asked.await.unwrap();
        let told: Vec<_> = all.iter().map(|one| (one.name.as_str(), one.within.clone())).collect();
        assert_eq!(told, [("top", vec![]), ("middle", vec![ids[0]]), ("low", vec![ids[1]]), ("beside", vec![ids[0]])]);
        assert!(complete && !some);
        assert_eq!(near.iter().map(|one| one.name.as_str()).collect::<Vec<_>>(), ["top", "middle", "low"]);
        assert_eq!(&*confers[0].own, [codename("add_user")]);
        assert_eq!(&*confers[0].all, [codename("add_user"), codename("view_user")]);
        assert_eq!(confers[0].above.iter().map(|held| held.name.as_str()).collect::<Vec<_>>(), ["top", "middle"]);
    }

    async fn several_groups_change_together_or_not_at_all(world: World) {
        let pizza = world.environment("pizza").await;
        let (one, two) = (world.group(&pizza, &["view_user"]).await, world.group(&pizza, &["add_user"]).await);
        let grants = |last: &str| vec![
            Grant { group: one, add: vec!["add_user".into()], remove: vec!["view_user".into()] },
            Grant { group: two, add: vec![last.into()], remove: vec!["view_group".into()] },
        ];
        let by = pizza.administrator.caller.clone();
        let make = |grants: Vec<Grant>| {
            world.directory.write(by.clone(), move |tx, actor| groups::grant(tx, actor, &grants, None))
        };
        assert!(matches!(world.refused(make(grants("fly"))).await, Error::Invalid(_)));
        make(grants("view_user")).await.unwrap();
        let read = world.directory.read(by.clone(), move |tx, actor| Ok((groups::get(tx, actor, one)?, groups::get(tx, actor, two)?)));
        let (first, second) = read.await.unwrap();
        assert_eq!(first.permissions, [codename("add_user")]);
        assert_eq!(second.permissions, [codename("add_user"), codename("view_user")]);
        world.unchanged(make(grants("view_user"))).await.unwrap();
        // Nobody gives what it does not have.
        let holder = world.holder(&pizza, &["change_group", "view_group"]).await.caller;
        let more = Grant { group: one, add: vec!["delete_user".into()], remove: vec![] };
        let tried = world.directory.write(holder, move |tx, actor| groups::grant(tx, actor, std::slice::from_ref(&more), None));
        assert!(matches!(world.refused(tried).await, Error::Forbidden(_)));
    }

    async fn a_permission_knows_the_groups_that_confer_it(world: World) {
        let pizza = world.environment("pizza").await;
        let by = &pizza.administrator.caller;
        let own = world.permission(by, "fly").await.unwrap().id;
        world.group_as(by, "pilots", &["fly"]).await.unwrap();
        world.group_as(by, "cooks", &["view_user"]).await.unwrap();
        world.group_as(by, "Birds", &["fly"]).await.unwrap();
        let asked = world.directory.report(by.clone(), move |tx, actor| permissions::conferred_by(tx, actor, own));
        let groups: Vec<_> = asked.await.unwrap().iter().map(|held| held.name.as_str().to_owned()).collect();
        assert_eq!(groups, ["Birds", "pilots"]);
    }

    async fn menus_are_shown_as_their_user_would_see_them(world: World) {
        let pizza = world.environment("pizza").await;
        let by = &pizza.administrator.caller;
        let item = |named: &str, permission: Option<&str>| MenuItem {
            name: name(named),
            label: short(named),
            href: None,
            icon: None,
            permission: permission.map(codename),
            items: Vec::new(),
        };
        let items = vec![item("orders", None), item("people", Some("view_user")), item("rights", Some("view_group"))];
        let menu = world.menu(by, "main", MenuChanges { items: Some(items), ..Default::default() }).await.unwrap().id;
        let group = world.group(&pizza, &["view_user"]).await;
        let brings = GroupChanges { menus: Some(vec![menus::MenuRef::Id(Some(menu), menu.to_string())]), ..Default::default() };
        world.update_group(by, group, brings).await.unwrap();
        let fields = UserChanges { groups: Some(vec![by_id(group)]), ..Default::default() };
        let ada = world.create(&pizza, "ada@pizza.example", fields).await.unwrap().account.id;
        let shown = world.directory.report(by.clone(), move |tx, actor| users::menus_shown_to(tx, actor, ada)).await.unwrap().1;
        let names: Vec<_> = shown[0].items.iter().map(|item| item.name.as_str()).collect();
        assert_eq!(names, ["orders", "people"]);
        let looker = world.holder(&pizza, &["view_user"]).await.caller;
        let tried = world.directory.report(looker, move |tx, actor| users::menus_shown_to(tx, actor, ada).map(drop));
        assert!(matches!(tried.await, Err(Error::Forbidden(_))));
    }

    async fn a_short_look_says_that_it_was_short(world: World) {
        let pizza = world.environment("pizza").await;
        let group = world.group(&pizza, &["view_user"]).await;
        for n in 0..3 {
            let fields = UserChanges { groups: Some(vec![by_id(group)]), ..Default::default() };
            world.create(&pizza, &format!("p{n}@pizza.example"), fields).await.unwrap();
        }
        for (most, complete) in [(2, false), (3, true), (100, true)] {
            let supposed = SupposedGroup { group: by_id(group).group, deleted: true, permissions: None, contains: None };
            let what = Suppositions { groups: vec![supposed], users: vec![] };
            let asked = world.directory.report(pizza.administrator.caller.clone(), move |tx, actor| whatif::suppose_of(tx, actor, &what, most));
            let outcome = asked.await.unwrap();
            assert_eq!((outcome.users.len(), outcome.complete), (most.min(3), complete));
        }
    }
}
