//! May somebody do something, why, and what would be: told to whom may know, of this environment alone.

use directory::checks::{self, Explanation, Lacking, Path, Question, Verdict};
use directory::error::{Field, FieldError, Problem};
use directory::groups::{GroupChanges, GroupRef, GroupWish};
use directory::id::{GroupId, UserId};
use directory::tokens::Ceiling;
use directory::users::UserChanges as Fields;
use directory::whatif::{self, Outcome, SupposedGroup, SupposedUser, Suppositions};
use directory::{Error, Result};
use std::time::Duration;
use test_support::{Person, Tenant, World, by_id, name, on_every_engine, short};

fn of(user: UserId, permission: &str) -> Question {
    Question { user: Some((user, user.to_string())), permission: permission.to_owned() }
}

fn own(permission: &str) -> Question {
    Question { user: None, permission: permission.to_owned() }
}

async fn check(world: &World, by: &Person, questions: &[Question]) -> Result<Vec<Verdict>> {
    let questions = questions.to_vec();
    world.directory.read(by.caller.clone(), move |tx, actor| checks::check(tx, actor, &questions, true, None)).await
}

async fn one(world: &World, by: &Person, question: Question) -> (bool, Explanation) {
    let verdict = check(world, by, &[question]).await.unwrap().remove(0);
    (verdict.allowed, verdict.explanation.unwrap())
}

async fn permissions(world: &World, by: &Person, user: UserId) -> Result<Vec<String>> {
    let told =
        world.directory.read(by.caller.clone(), move |tx, actor| checks::permissions(tx, actor, user, None)).await?;
    Ok(told.iter().map(|codename| codename.as_str().to_owned()).collect())
}

async fn suppose(world: &World, by: &Person, what: Suppositions) -> Result<Outcome> {
    world.directory.read(by.caller.clone(), move |tx, actor| whatif::suppose(tx, actor, &what)).await
}

fn reference(id: GroupId) -> GroupRef {
    GroupRef::Id(Some(id), id.to_string())
}

fn supposed(group: GroupRef) -> SupposedGroup {
    SupposedGroup { group, deleted: false, permissions: None, contains: None }
}

fn missing(field: Field, text: &str) -> FieldError {
    FieldError { field, problem: Problem::DoesNotExist(text.to_owned()) }
}

async fn member_of(world: &World, tenant: &Tenant, groups: &[GroupId]) -> Person {
    let groups = groups.iter().map(|id| by_id(*id)).collect();
    world.person(tenant, Fields { groups: Some(groups), ..Fields::default() }).await
}

on_every_engine! {
    async fn asking_about_others_takes_view_user_and_about_oneself_nothing(world: World) {
        let pizza = world.environment("pizza").await;
        let (member, reader) = (world.member(&pizza).await, world.holder(&pizza, &["view_user"]).await);
        let boss = &pizza.administrator;
        for questions in [vec![of(reader.id, "view_user")], vec![own("view_user"), of(boss.id, "view_user")]] {
            assert!(matches!(world.refused(check(&world, &member, &questions)).await, Error::Forbidden(_)));
            check(&world, &reader, &questions).await.unwrap();
        }
        // Not even whether somebody is there.
        let nobody = UserId(uuid::Uuid::from_u128(7));
        assert!(matches!(check(&world, &member, &[of(nobody, "view_user")]).await, Err(Error::Forbidden(_))));
        assert!(matches!(permissions(&world, &member, reader.id).await, Err(Error::Forbidden(_))));
        assert!(matches!(permissions(&world, &member, nobody).await, Err(Error::Forbidden(_))));
        let told = check(&world, &member, &[own("view_user"), of(member.id, "view_user")]).await.unwrap();
        assert_eq!(told.iter().map(|verdict| verdict.allowed).collect::<Vec<_>>(), [false, false]);
        assert_eq!(permissions(&world, &member, member.id).await.unwrap(), [""; 0]);
        assert_eq!(permissions(&world, &reader, reader.id).await.unwrap(), ["view_user"]);
        assert!(matches!(permissions(&world, &reader, nobody).await, Err(Error::NotFound(_))));
    }

    async fn all_that_does_not_exist_here_is_named_at_once_and_once(world: World) {
        let (pizza, sushi) = (world.environment("pizza").await, world.environment("sushi").await);
        world.permission(&sushi.administrator.caller, "cut_fish").await.unwrap();
        let theirs = world.member(&sushi).await;
        let nobody = UserId(uuid::Uuid::from_u128(7));
        let questions = [
            of(theirs.id, "view_user"), own("cut_fish"), of(nobody, "no such thing"), of(pizza.administrator.id, "view_user"),
            of(nobody, "cut_fish"), of(theirs.id, "VIEW_USER"), own("nul\0"),
        ];
        match check(&world, &pizza.administrator, &questions).await.unwrap_err() {
            Error::Invalid(errors) => assert_eq!(errors, [
                missing(Field::User, &theirs.id.to_string()),
                missing(Field::Permission, "cut_fish"),
                missing(Field::Permission, "no such thing"),
                missing(Field::User, &nobody.to_string()),
                missing(Field::Permission, "VIEW_USER"),
                missing(Field::Permission, "nul\0"),
            ]),
            other => panic!("{other:?}"),
        }
        assert!(matches!(permissions(&world, &pizza.administrator, theirs.id).await, Err(Error::NotFound(_))));
    }

    async fn a_token_that_asks_about_its_caller_is_told_its_ceiling(world: World) {
        let pizza = world.environment("pizza").await;
        let person = world.holder(&pizza, &["view_user", "approve_invoice"]).await;
        let token = world.with_token(&person, Ceiling::Permissions(vec!["view_user".to_owned()])).await;
        for (permission, [session, through]) in
            [("view_user", [true, true]), ("approve_invoice", [true, false]), ("add_user", [false, false])]
        {
            assert_eq!(one(&world, &person, own(permission)).await.0, session);
            let (allowed, why) = one(&world, &token, own(permission)).await;
            assert_eq!(allowed, through, "{permission}");
            match permission {
                "view_user" => assert!(matches!(why, Explanation::Because(_))),
                "approve_invoice" => assert_eq!(why, Explanation::Missing(vec![Lacking::Ceiling])),
                // Its owner may not either, and no other token would help.
                _ => assert_eq!(why, Explanation::Missing(vec![Lacking::Group(vec![])])),
            }
            // Of the user, whoever asks, it is told what the user may.
            assert_eq!(one(&world, &token, of(person.id, permission)).await.0, session);
        }
        // An administrator's too.
        let boss = &pizza.administrator;
        let token = world.with_token(boss, Ceiling::Permissions(vec!["view_user".to_owned()])).await;
        assert!(one(&world, &token, own("view_user")).await.0);
        assert_eq!(one(&world, &token, own("add_user")).await, (false, Explanation::Missing(vec![Lacking::Ceiling])));
        assert!(one(&world, &token, of(boss.id, "add_user")).await.0);
    }

    async fn an_operator_who_is_no_user_may_everything_and_is_unknown_as_a_user(world: World) {
        let pizza = world.environment("pizza").await;
        let (id, caller) = (world.operator.id, world.operator.in_environment(&pizza));
        let operator = Person { caller, ..world.operator.clone() };
        for permission in ["view_user", "manage_webhook"] {
            let (allowed, why) = one(&world, &operator, own(permission)).await;
            assert_eq!((allowed, why), (true, Explanation::Because(vec![Path::Operator])));
        }
        for by in [&operator, &pizza.administrator] {
            match check(&world, by, &[of(id, "view_user")]).await.unwrap_err() {
                Error::Invalid(errors) => assert_eq!(errors, [missing(Field::User, &id.to_string())]),
                other => panic!("{other:?}"),
            }
            assert!(matches!(permissions(&world, by, id).await, Err(Error::NotFound(_))));
        }
        // Through a token that is good for less, what it is told goes with why.
        let reading = world.with_token(&operator, Ceiling::Permissions(vec!["view_user".to_owned()])).await;
        let managing = world.with_token(&operator, Ceiling::Administrator).await;
        for (by, permission, expected) in [
            (&reading, "view_user", (true, Explanation::Because(vec![Path::Operator]))),
            (&reading, "add_user", (false, Explanation::Missing(vec![Lacking::Ceiling]))),
            (&managing, "add_user", (true, Explanation::Because(vec![Path::Operator]))),
        ] {
            assert_eq!(one(&world, by, own(permission)).await, expected, "{permission}");
        }
        // Once it is a user here, it is one who may everything.
        world.create_as(&operator.caller, &operator.email, Fields::default()).await.unwrap();
        assert_eq!(one(&world, &pizza.administrator, of(id, "add_user")).await, (true, Explanation::Because(vec![Path::Operator])));
        assert_eq!(one(&world, &reading, own("add_user")).await, (false, Explanation::Missing(vec![Lacking::Ceiling])));
    }

    async fn inactive_and_pending_users_may_nothing_whatever_they_have(world: World) {
        let (pizza, sushi) = (world.environment("pizza").await, world.environment("sushi").await);
        let boss = &pizza.administrator;
        let group = world.group(&pizza, &["view_user"]).await;
        let have = || Fields { groups: Some(vec![by_id(group)]), ..Fields::default() };
        let elsewhere = [world.member(&sushi).await, world.member(&sushi).await];
        let all = Fields { administrator: Some(true), ..have() };
        for (person, fields) in elsewhere.iter().zip([have(), all.clone()]) {
            assert!(world.create(&pizza, &person.email, fields).await.unwrap().membership.pending);
        }
        let inactive = [member_of(&world, &pizza, &[group]).await, world.person(&pizza, all).await];
        for person in &inactive {
            assert!(one(&world, boss, of(person.id, "view_user")).await.0);
            world.update(&boss.caller, person.id, Fields { active: Some(false), ..Fields::default() }).await.unwrap();
        }
        for (person, lacks) in elsewhere.iter().zip([Lacking::Accepted, Lacking::Accepted]).chain(inactive.iter().zip([Lacking::Active, Lacking::Active])) {
            assert_eq!(one(&world, boss, of(person.id, "view_user")).await, (false, Explanation::Missing(vec![lacks])));
            assert_eq!(permissions(&world, boss, person.id).await.unwrap(), [""; 0]);
        }
        // All that stands in the way is told.
        world.update(&boss.caller, elsewhere[0].id, Fields { active: Some(false), ..Fields::default() }).await.unwrap();
        match one(&world, boss, of(elsewhere[0].id, "add_user")).await {
            (false, Explanation::Missing(missing)) => {
                assert_eq!(missing, [Lacking::Active, Lacking::Accepted, Lacking::Group(vec![])]);
            }
            other => panic!("{other:?}"),
        }
    }

    async fn which_groups_would_help_is_told_to_who_may_view_groups(world: World) {
        let pizza = world.environment("pizza").await;
        let boss = &pizza.administrator;
        let strong = world.group(&pizza, &["approve_invoice"]).await;
        let within = world.group(&pizza, &[]).await;
        let contains = GroupChanges { contains: Some(vec![reference(within)]), name: Some(name("approvers")), ..GroupChanges::default() };
        world.update_group(&boss.caller, strong, contains).await.unwrap();
        let member = world.member(&pizza).await;
        let (reader, both) = (world.holder(&pizza, &["view_user"]).await, world.holder(&pizza, &["view_user", "view_group"]).await);
        let (scoped, asked) = (world.with_token(&both, Ceiling::Permissions(vec!["view_user".to_owned()])).await, of(member.id, "approve_invoice"));
        for (by, question, expected) in [
            (boss, asked.clone(), vec![strong, within]),
            (&both, asked.clone(), vec![strong, within]),
            (&reader, asked.clone(), vec![]),
            (&scoped, asked, vec![]),
            (&member, own("approve_invoice"), vec![]),
        ] {
            match one(&world, by, question).await {
                (false, Explanation::Missing(missing)) => match &missing[..] {
                    [Lacking::Group(groups)] => assert_eq!(groups.iter().map(|group| group.id).collect::<Vec<_>>(), expected),
                    other => panic!("{other:?}"),
                },
                other => panic!("{other:?}"),
            }
        }
    }

    async fn what_would_be_is_told_to_who_may_view_users_and_groups_and_of_this_environment_alone(world: World) {
        let (pizza, sushi) = (world.environment("pizza").await, world.environment("sushi").await);
        let theirs = world.holder(&sushi, &["view_user"]).await;
        let boss = &pizza.administrator;
        let group = world.group(&pizza, &["view_user"]).await;
        let person = member_of(&world, &pizza, &[group]).await;
        world.update(&boss.caller, person.id, Fields { name: Some(short("Ada")), ..Fields::default() }).await.unwrap();
        let gone = || Suppositions { groups: vec![SupposedGroup { deleted: true, ..supposed(reference(group)) }], users: vec![] };
        for permissions in [&["view_user"][..], &["view_group"]] {
            let half = world.holder(&pizza, permissions).await;
            assert!(matches!(world.refused(suppose(&world, &half, gone())).await, Error::Forbidden(_)));
        }
        let both = world.holder(&pizza, &["view_user", "view_group"]).await;
        let outcome = world.unchanged(suppose(&world, &both, gone())).await.unwrap();
        assert!(outcome.complete);
        let told: Vec<_> = outcome.users.iter().map(|d| (d.user, d.name.as_str(), d.gains.len(), d.loses[0].as_str())).collect();
        assert_eq!(told, [(person.id, "Ada", 0, "view_user")]);

        // All that does not exist here, at once; another environment's user is no user.
        let nothing = GroupRef::Name("nothing".to_owned());
        let what = Suppositions {
            groups: vec![
                supposed(nothing.clone()),
                SupposedGroup {
                    permissions: Some(vec!["nope".to_owned()]),
                    contains: Some(vec![GroupRef::Name("nobody".to_owned())]),
                    ..supposed(reference(group))
                },
            ],
            users: vec![SupposedUser { user: (theirs.id, theirs.id.to_string()), groups: Some(vec![nothing]), active: None, administrator: None }],
        };
        match world.refused(suppose(&world, boss, what)).await {
            Error::Invalid(errors) => assert_eq!(errors, [
                missing(Field::GroupNames, "nothing"),
                missing(Field::Permissions, "nope"),
                missing(Field::Contains, "nobody"),
                missing(Field::User, &theirs.id.to_string()),
                missing(Field::GroupNames, "nothing"),
            ]),
            other => panic!("{other:?}"),
        }
    }

    async fn what_would_be_takes_a_membership_that_has_ended_for_none(world: World) {
        let pizza = world.environment("pizza").await;
        let boss = &pizza.administrator;
        let group = world.group(&pizza, &["view_user"]).await;
        let end = world.directory.effects().clock.now().plus(Duration::from_secs(5));
        let until = GroupWish { group: reference(group), ends: Some(Some(end)) };
        let person = world.person(&pizza, Fields { groups: Some(vec![until]), ..Fields::default() }).await;
        let again = || SupposedUser {
            user: (person.id, person.id.to_string()),
            groups: Some(vec![reference(group)]),
            active: None,
            administrator: None,
        };
        for gains in [0, 1] {
            let outcome = suppose(&world, boss, Suppositions { groups: vec![], users: vec![again()] }).await.unwrap();
            assert_eq!(outcome.users.iter().map(|d| (d.user, d.gains.len())).collect::<Vec<_>>(), vec![(person.id, 1); gains]);
            // And nobody loses what has ended already.
            let gone = SupposedGroup { deleted: true, ..supposed(reference(group)) };
            let outcome = suppose(&world, boss, Suppositions { groups: vec![gone], users: vec![] }).await.unwrap();
            assert_eq!(outcome.users.len(), 1 - gains);
            world.wait(Duration::from_secs(5));
        }
    }

    async fn what_would_be_does_not_depend_on_the_order_in_which_it_is_supposed(world: World) {
        let pizza = world.environment("pizza").await;
        let boss = &pizza.administrator;
        let outer = world.group(&pizza, &["view_user"]).await;
        let (inner, leaving) = (world.group(&pizza, &[]).await, world.group(&pizza, &[]).await);
        // Sixteen groups within each other, so that there is no room for one more in the innermost.
        let mut around = inner;
        for _ in 0..15 {
            let (named, change) = (name(&format!("around {}", world.number())), GroupChanges { contains: Some(vec![reference(around)]), ..GroupChanges::default() });
            let call = world.directory.write(boss.caller.clone(), move |tx, actor| directory::groups::create(tx, actor, &named, &change));
            around = call.await.unwrap().id;
        }
        let person = member_of(&world, &pizza, &[leaving]).await;
        let gone = SupposedGroup { deleted: true, ..supposed(reference(inner)) };
        let innermost = SupposedGroup { contains: Some(vec![reference(leaving)]), ..supposed(reference(inner)) };
        let contains = SupposedGroup { contains: Some(vec![reference(inner), reference(leaving)]), ..supposed(reference(outer)) };
        let mut told = Vec::new();
        for groups in [vec![gone.clone(), innermost.clone(), contains.clone()], vec![contains, innermost, gone]] {
            let outcome = suppose(&world, boss, Suppositions { groups, users: vec![] }).await.unwrap();
            told.push(outcome.users.iter().map(|d| (d.user, d.gains.len(), d.loses.len())).collect::<Vec<_>>());
        }
        assert_eq!(told, [vec![(person.id, 1, 0)], vec![(person.id, 1, 0)]]);
    }
}
