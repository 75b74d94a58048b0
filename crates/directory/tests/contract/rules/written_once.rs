//! Saying it twice changes nothing, every change is accounted for once, and secrets go in, never out.

use directory::environments::{self, EnvironmentChanges, NewEnvironment};
use directory::groups::GroupChanges;
use directory::menus::{self, MenuChanges, MenuRef};
use directory::permissions::{self, PermissionChanges};
use directory::tokens::{self, Ceiling};
use directory::users::{MenusChange, NewUser, UserChanges as Fields};
use test_support::{
    World, by_id, codename, conferring, email, key, name, on_every_engine, password, phone, short, username,
};

on_every_engine! {
    async fn saying_it_twice_writes_nothing(world: World) {
        let pizza = world.environment("pizza").await;
        let by = pizza.administrator.caller.clone();
        let group = world.group(&pizza, &["view_user"]).await;
        let menu = world.menu(&by, "menu", MenuChanges::default()).await.unwrap().id;
        let menus = |id: menus::MenuRef| MenusChange { replace: Some(vec![id]), ..Default::default() };
        let reference = MenuRef::Id(Some(menu), menu.to_string());
        let fields = || Fields {
            name: Some(short("Ada")),
            first_name: Some(short("A")),
            last_name: Some(short("B")),
            phone: Some(phone("1")),
            language: Some(Some(directory::locale::Locale::parse("nl").unwrap())),
            locale: Some(Some(directory::locale::Locale::parse("nl").unwrap())),
            administrator: Some(false),
            active: Some(true),
            mfa: Some(true),
            groups: Some(vec![by_id(group), by_id(group)]),
            menus: menus(reference.clone()),
            ..Fields::default()
        };
        let upsert = || NewUser { email: email("ada@pizza.example"), fields: fields() };
        let made = world.directory.upsert_user(by.clone(), upsert(), vec![]).await.unwrap();
        assert!(made.created);
        let again = world.unchanged(world.directory.upsert_user(by.clone(), upsert(), vec![])).await.unwrap();
        assert!(!again.created);
        assert_eq!(again.user.membership, made.user.membership);

        let id = made.user.account.id;
        let all = || Fields {
            username: Some(username("ada.l")),
            email: Some(email("ada.l@pizza.example")),
            password: Some(password("correct horse battery")),
            reset_password: Some(true),
            reset_second_factor: Some(true),
            external_id: Some(Some(directory::text::ExternalId::parse("x-1").unwrap())),
            ..fields()
        };
        world.accounted(world.update(&by, id, all())).await;
        world.unchanged(world.update(&by, id, all())).await.unwrap();
        world.unchanged(world.update(&by, id, Fields::default())).await.unwrap();

        let change = || GroupChanges { label: Some(short("Label")), menus: Some(vec![reference.clone()]), ..conferring(&["view_user", "add_user", "view_user"]) };
        world.accounted(world.update_group(&by, group, change())).await;
        world.unchanged(world.update_group(&by, group, change())).await.unwrap();

        let change = MenuChanges { label: Some(short("Label")), ..MenuChanges::default() };
        let call = || { let change = change.clone(); world.directory.write(by.clone(), move |tx, actor| menus::update(tx, actor, menu, &change)) };
        world.accounted(call()).await;
        world.unchanged(call()).await.unwrap();

        let permission = world.permission(&by, "cook").await.unwrap().id;
        let change = PermissionChanges { codename: Some(codename("bake")), name: Some(name("Bake")) };
        let call = || { let change = change.clone(); world.directory.write(by.clone(), move |tx, actor| permissions::update(tx, actor, permission, &change)) };
        world.accounted(call()).await;
        world.unchanged(call()).await.unwrap();

        let change = EnvironmentChanges { name: Some(name("Pizza!")), key: Some(key("pizza")), organisation: Some(None), policy: Default::default() };
        let call = || { let (change, named) = (change.clone(), pizza.name()); world.directory.write(world.operator.caller.clone(), move |tx, actor| environments::update(tx, actor, &named, &change)) };
        world.accounted(call()).await;
        world.unchanged(call()).await.unwrap();
    }

    async fn every_change_has_one_event(world: World) {
        let pizza = world.environment("pizza").await;
        let boss = pizza.administrator.clone();
        let by = &boss.caller;
        let here = &world.directory;
        let mut verbs = Vec::new();
        let mut seen = |event: test_support::Event, environment: &str| {
            assert_eq!(event.environment, environment, "{event:?}");
            verbs.push(event.verb);
        };
        let inside = pizza.id.to_string();

        let (user, event) = world.accounted(world.create(&pizza, "a@pizza.example", Fields { password: Some(password("correct horse battery")), ..Fields::default() })).await;
        assert_eq!(event.subject, user.account.id.to_string());
        assert_eq!(event.actor.replace('-', ""), boss.id.0.simple().to_string());
        seen(event, &inside);
        let id = user.account.id;
        seen(world.accounted(world.update(by, id, Fields { name: Some(short("A")), ..Fields::default() })).await.1, &inside);
        seen(world.accounted(world.update(by, id, Fields { active: Some(false), ..Fields::default() })).await.1, &inside);
        seen(world.accounted(world.update(by, id, Fields { active: Some(true), ..Fields::default() })).await.1, &inside);
        let (person, event) = world.accounted(world.sign_in(id, "a@pizza.example", "correct horse battery", None)).await;
        seen(event, &inside);
        seen(world.accounted(here.update_own_user(person.caller.clone(), Fields { phone: Some(phone("2")), ..Fields::default() }, None)).await.1, &inside);
        let own = Fields { password: Some(password("another long and quiet one")), current_password: Some(password("correct horse battery")), ..Fields::default() };
        seen(world.accounted(here.update_own_user(person.caller.clone(), own, None)).await.1, &inside);
        let ((token, _), event) = world.accounted(world.token(&person.caller, id, Ceiling::Permissions(vec![]))).await;
        seen(event, &inside);
        seen(world.accounted(here.write(person.caller.clone(), move |tx, actor| tokens::revoke(tx, actor, token.id))).await.1, &inside);
        seen(world.accounted(here.sign_out(person.caller.clone())).await.1, &inside);
        let (group, event) = world.accounted(world.group_as(by, "group", &["view_user"])).await;
        seen(event, &inside);
        seen(world.accounted(world.update_group(by, group.id, conferring(&[]))).await.1, &inside);
        seen(world.accounted(world.delete_group(by, group.id)).await.1, &inside);
        let (menu, event) = world.accounted(world.menu(by, "menu", MenuChanges::default())).await;
        seen(event, &inside);
        seen(world.accounted(here.write(by.clone(), move |tx, actor| menus::delete(tx, actor, menu.id))).await.1, &inside);
        let (permission, event) = world.accounted(world.permission(by, "cook")).await;
        seen(event, &inside);
        seen(world.accounted(here.write(by.clone(), move |tx, actor| permissions::delete(tx, actor, permission.id))).await.1, &inside);
        seen(world.accounted(world.remove(by, id)).await.1, &inside);
        let new = NewEnvironment { key: key("third"), name: None, organisation: None, policy: Default::default() };
        let call = here.write(world.operator.caller.clone(), move |tx, actor| environments::create(tx, actor, &new));
        seen(world.accounted(call).await.1, "");
        let third = environments::EnvironmentName::Key("third".to_owned());
        let call = here.write(world.operator.caller.clone(), move |tx, actor| environments::delete(tx, actor, &third, Some("third")));
        seen(world.accounted(call).await.1, "");
        assert_eq!(verbs, [
            "user.created", "user.updated", "user.deactivated", "user.activated", "sign_in.succeeded", "user.updated",
            "user.updated", "token.created", "token.revoked", "session.ended", "group.created", "group.updated",
            "group.deleted", "menu.created", "menu.deleted", "permission.created", "permission.deleted", "user.removed",
            "environment.created", "environment.deleted",
        ]);
    }

    async fn refused_sign_ins_fill_no_disk(world: World) {
        let before = world.events().len();
        let mut refused = 0;
        for n in 0..1100 {
            let mut request = test_support::login_of(&format!("nobody{n}@pizza.example"), "wrong and quiet");
            request.origin.address = Some([192, 0, (n / 250) as u8, (n % 250) as u8].into());
            refused += usize::from(matches!(world.directory.sign_in(request).await, Err(directory::Error::Unauthenticated)));
        }
        assert_eq!(refused, 1100);
        let told = world.events().len() - before;
        assert!(told <= 1000, "{told}");
        world.wait(std::time::Duration::from_secs(7200));
        while world.directory.sweep().await.unwrap() {}
        let events = world.events();
        let more = events.iter().skip(before + told).find(|event| event.verb == "sign_in.refused").unwrap();
        assert!(more.changes.contains("\"100\""), "{more:?}");
        assert_eq!(world.dump().count("guesses"), 0);
    }

    async fn no_secret_is_stored_as_it_is(world: World) {
        let pizza = world.environment("pizza").await;
        let person = world.member(&pizza).await;
        let token = world.with_token(&person, Ceiling::Permissions(vec![])).await;
        world.create(&pizza, "invited@pizza.example", Fields::default()).await.unwrap();
        let link = world.mailed_link("invited@pizza.example").await.unwrap();
        let new = "another long and quiet one";
        world.update(&pizza.administrator.caller, person.id, Fields { password: Some(password(new)), ..Fields::default() }).await.unwrap();
        world.sign_in(person.id, &person.email, "a wrong guess of it", None).await.err().unwrap();
        let dump = world.dump();
        assert!(dump.holds(&person.email), "or this test looks at nothing");
        let secrets = [
            &person.password, new, "a wrong guess of it", &person.token, person.refresh.as_ref().unwrap(), &token.token,
            token.token.trim_start_matches("rb_"), &link, &world.operator.token, &world.operator.password,
        ];
        for secret in secrets {
            assert!(!dump.holds(secret), "{secret} is in the database");
        }
        let bytes = |text: &str| {
            use directory::secret::TokenSecret;
            let hash = TokenSecret::parse(text).unwrap().hash();
            hash.as_bytes().iter().map(|byte| format!("{byte:02x}")).collect::<String>()
        };
        assert!(dump.rows("bearers").any(|row| row["hash"] == bytes(&token.token)));
        assert!(dump.rows("accounts").filter(|row| !row["password_hash"].is_empty()).all(|row| row["password_hash"].starts_with("$argon2id$")));
        // Nothing that prints, prints one.
        let user = world.look(&pizza, person.id).await.unwrap();
        let printed = format!("{user:?} {:?} {:?}", user.account, world.events());
        assert!(!printed.contains("$argon2id$") && !printed.contains(new));
    }
}
