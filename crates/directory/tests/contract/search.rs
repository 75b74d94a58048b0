//! Many users: every way in which a page is found gives what looking at each user one by one gives, in the same order.

use directory::error::{Error, Field, Problem};
use directory::page::{Cursor, OrderBy, UserFilter, UserOrder, UserPage};
use directory::users::{self, User, UserChanges as Fields};
use directory::{Result, text::Codename};
use std::time::Duration;
use test_support::{Tenant, World, by_id, codename, login_of, on_every_engine, phone, short};

async fn page(world: &World, tenant: &Tenant, page: UserPage) -> Result<directory::page::Page<User>> {
    let by = tenant.administrator.caller.clone();
    world.directory.report(by, move |tx, actor| users::list(tx, actor, &page)).await
}

/// Every page of the list, one after the other, and back to the first.
async fn all(world: &World, tenant: &Tenant, filter: &UserFilter, order: UserOrder, limit: i64) -> Vec<User> {
    let ask = |cursor: Option<Cursor>| page(world, tenant, UserPage { filter: filter.clone(), order, cursor, limit });
    let (mut rows, mut back, mut cursor) = (Vec::new(), Vec::new(), None);
    let mut last = loop {
        let mut one = ask(cursor).await.unwrap();
        rows.append(&mut one.rows);
        cursor = one.next.clone();
        if cursor.is_none() {
            break one;
        }
    };
    while let Some(previous) = last.previous.take() {
        last = ask(Some(previous)).await.unwrap();
        back.splice(0..0, ids(&last.rows));
    }
    assert_eq!(back, ids(&rows)[..back.len()], "{filter:?} {order:?} {limit}, backward");
    rows
}

fn ids(users: &[User]) -> Vec<directory::id::UserId> {
    users.iter().map(|user| user.account.id).collect()
}

async fn count(world: &World, tenant: &Tenant, filter: &UserFilter) -> i64 {
    let (by, filter) = (tenant.administrator.caller.clone(), filter.clone());
    world.directory.report(by, move |tx, actor| users::count(tx, actor, &filter, true)).await.unwrap()
}

fn sought(text: &str) -> UserFilter {
    UserFilter { search: Some(text.to_owned()), ..UserFilter::default() }
}

/// What a filter means, said once more and simply. The names here are plain, so that folding is lower case.
fn passes(filter: &UserFilter, user: &User) -> bool {
    let of = &user.membership;
    let texts = [
        of.name.as_str(),
        of.first_name.as_str(),
        of.last_name.as_str(),
        of.phone.as_str(),
        user.account.email.as_ref().map_or("", |email| email.folded()),
        user.account.username.as_ref().map_or("", |username| username.folded()),
    ];
    let holds = |text: &String| texts.iter().any(|own| own.to_lowercase().contains(&text.to_lowercase()));
    filter.search.as_ref().is_none_or(holds)
        && (filter.groups.is_empty() || user.groups.iter().any(|group| filter.groups.contains(&group.group.id)))
        && filter.permission.as_ref().is_none_or(|permission| user.permissions.contains(permission))
        && filter.active.is_none_or(|active| of.active == active)
        && filter.pending.is_none_or(|pending| of.pending == pending)
        && filter.administrator.is_none_or(|administrator| of.administrator == administrator)
        && filter.external_id.as_ref().is_none_or(|id| of.external_id.as_ref() == Some(id))
        && filter.created_after.is_none_or(|time| of.created_at > time)
        && filter.created_before.is_none_or(|time| of.created_at < time)
}

on_every_engine! {
    async fn every_way_to_find_a_page_finds_the_same(world: World) {
        let pizza = world.environment("pizza").await;
        let sushi = world.environment("sushi").await;
        let (half, few) = (world.group(&pizza, &["view_user", "view_menu"]).await, world.group(&pizza, &["view_menu"]).await);
        // More groups than are walked side by side, most of them empty.
        let mut many = vec![half, few];
        for _ in 0..18 {
            many.push(world.group(&pizza, &["view_user"]).await);
        }
        for n in 0..140_u64 {
            // Several come in the same millisecond, and several at the same moment.
            world.wait(Duration::from_micros([0, 0, 300, 900][n as usize % 4]));
            let groups = [(n % 2 == 0).then(|| by_id(half)), (n % 35 == 3).then(|| by_id(few))];
            let fields = Fields {
                name: Some(short(&format!("Person {n} {}", ["Ada", "Zoe", "Quill"][n as usize % 3]))),
                last_name: Some(short(if n % 50 == 7 { "Larsen" } else { "Jensen" })),
                phone: Some(phone(&format!("+45 {:04}", n * 37))),
                groups: Some(groups.into_iter().flatten().collect()),
                active: Some(n % 20 != 5),
                administrator: Some(n % 40 == 9),
                ..Fields::default()
            };
            world.create(&pizza, &format!("p{n}@pizza.example"), fields.clone()).await.unwrap();
            if n % 10 == 0 {
                let fields = Fields { groups: None, ..fields };
                world.create(&sushi, &format!("larsen{n}@sushi.example"), fields).await.unwrap();
            }
        }
        let everybody = all(&world, &pizza, &UserFilter::default(), UserOrder::default(), 1000).await;
        assert_eq!(everybody.len(), 141);
        let middle = everybody[70].membership.created_at;
        let view_menu = || Some(codename("view_menu"));
        let filters = [
            sought("person"), sought("e"), sought("q"), sought("ZO"), sought("larsen"), sought("77"), sought("Person 13"),
            sought("@pizza"), sought("nobody has this"), sought("sushi"), sought("n 1"), sought("+"),
            UserFilter { groups: vec![half], ..UserFilter::default() },
            UserFilter { groups: vec![few], ..UserFilter::default() },
            UserFilter { groups: vec![few, half], ..UserFilter::default() },
            UserFilter { permission: view_menu(), ..UserFilter::default() },
            UserFilter { permission: Some(codename("delete_user")), ..UserFilter::default() },
            UserFilter { permission: view_menu(), groups: vec![few], ..sought("per") },
            UserFilter { groups: vec![half], ..sought("larsen") },
            UserFilter { groups: vec![few], ..sought("Quill") },
            UserFilter { active: Some(false), ..UserFilter::default() },
            UserFilter { active: Some(true), administrator: Some(false), ..sought("ada") },
            UserFilter { administrator: Some(true), ..sought("e") },
            UserFilter { pending: Some(true), ..UserFilter::default() },
            UserFilter { active: Some(false), administrator: Some(true), ..UserFilter::default() },
            UserFilter { active: Some(false), groups: vec![half], ..sought("ada") },
            UserFilter { groups: many.clone(), ..UserFilter::default() },
            UserFilter { groups: many.clone(), ..sought("person") },
            UserFilter { groups: many, permission: view_menu(), ..sought("larsen") },
            UserFilter { groups: vec![half], permission: Some(codename("delete_user")), ..UserFilter::default() },
            UserFilter { created_after: Some(middle), ..sought("larsen") },
            UserFilter { created_before: Some(middle), groups: vec![half], ..UserFilter::default() },
            UserFilter { created_after: Some(middle), permission: view_menu(), pending: Some(false), ..UserFilter::default() },
        ];
        for by in [OrderBy::CreatedAt, OrderBy::Name] {
            for descending in [false, true] {
                let order = UserOrder { by, descending };
                let whole = all(&world, &pizza, &UserFilter::default(), order, 1000).await;
                for filter in &filters {
                    let expected: Vec<_> = whole.iter().filter(|user| passes(filter, user)).map(|user| user.account.id).collect();
                    for limit in [1, 3, 40] {
                        let found = ids(&all(&world, &pizza, filter, order, limit).await);
                        assert_eq!(found, expected, "{filter:?} {order:?} {limit}");
                    }
                }
            }
        }
        for filter in &filters {
            let expected = everybody.iter().filter(|user| passes(filter, user)).count();
            assert_eq!(count(&world, &pizza, filter).await, expected as i64, "{filter:?}");
        }
    }

    async fn what_changed_is_found_as_it_is_now(world: World) {
        let pizza = world.environment("pizza").await;
        for n in 0..12 {
            world.create(&pizza, &format!("u{n}@pizza.example"), Fields::default()).await.unwrap();
        }
        let user = world.create(&pizza, "first@pizza.example", Fields::default()).await.unwrap();
        let found = async |text: &str| ids(&all(&world, &pizza, &sought(text), UserOrder::default(), 1).await);
        let (by, id) = (&pizza.administrator.caller, user.account.id);
        assert_eq!(found("first@").await, [id]);
        let renamed = Fields { email: Some(test_support::email("Second@pizza.example")), name: Some(short("Zoë")), ..Fields::default() };
        world.update(by, id, renamed).await.unwrap();
        assert!(found("first@").await.is_empty());
        assert_eq!(found("second@").await, [id]);
        assert_eq!(found("ZOË").await, [id]);
        world.remove(by, id).await.unwrap();
        assert!(found("second@").await.is_empty());
        let again = world.create(&pizza, "third@pizza.example", Fields::default()).await.unwrap();
        assert_eq!(found("third@").await, [again.account.id]);
        assert!(found("a\nb").await.is_empty());
    }

    async fn an_account_is_found_by_its_new_address_wherever_it_is_a_user(world: World) {
        let (pizza, sushi) = (world.environment("pizza").await, world.environment("sushi").await);
        let fields = || Fields { name: Some(short("Ada")), ..Fields::default() };
        let id = world.create(&pizza, "first@pizza.example", fields()).await.unwrap().account.id;
        let operator = &world.operator;
        world.create_as(&operator.in_environment(&sushi), "first@pizza.example", fields()).await.unwrap();
        let renamed = Fields { email: Some(test_support::email("second@pizza.example")), ..Fields::default() };
        world.update(&operator.in_environment(&pizza), id, renamed).await.unwrap();
        // By name, no user is met on the way: the index must know.
        let order = UserOrder { by: OrderBy::Name, descending: false };
        for tenant in [&pizza, &sushi] {
            for (text, expected) in [("second@", vec![id]), ("ada", vec![id])] {
                assert_eq!(ids(&all(&world, tenant, &sought(text), order, 10).await), expected, "{text}");
            }
        }
    }

    async fn users_are_found_by_when_they_were_last_here(world: World) {
        let pizza = world.environment("pizza").await;
        let person = world.member(&pizza).await;
        let never = world.create(&pizza, "never@pizza.example", Fields::default()).await.unwrap().account.id;
        world.wait(Duration::from_secs(60));
        let moment = world.directory.effects().clock.now();
        let after = UserFilter { seen_after: Some(moment), ..UserFilter::default() };
        let before = UserFilter { seen_before: Some(moment), ..UserFilter::default() };
        let found = async |filter: &UserFilter| ids(&all(&world, &pizza, filter, UserOrder::default(), 10).await);
        assert!(found(&after).await.is_empty());
        assert!(found(&before).await.contains(&person.id));
        world.wait(Duration::from_secs(1));
        assert!(world.directory.sign_in(login_of(&person.email, &person.password)).await.unwrap().is_ok());
        assert_eq!(found(&after).await, [person.id]);
        assert!(!found(&before).await.contains(&person.id));
        assert!(found(&before).await.contains(&never));
    }

    async fn a_permission_that_is_not_there_is_refused_by_name(world: World) {
        let pizza = world.environment("pizza").await;
        let filter = UserFilter { permission: Some(Codename::parse("no_such").unwrap()), ..UserFilter::default() };
        let asked = UserPage { filter, order: UserOrder::default(), cursor: None, limit: 10 };
        let Err(Error::Invalid(errors)) = page(&world, &pizza, asked).await else { panic!("not refused") };
        assert_eq!((errors[0].field, &errors[0].problem), (Field::Permission, &Problem::DoesNotExist("no_such".to_owned())));
    }

    async fn a_page_neither_repeats_nor_skips_while_others_write(world: World) {
        let pizza = world.environment("pizza").await;
        let mut stay = Vec::new();
        for n in 0..60 {
            world.wait(Duration::from_micros(700));
            let name = Some(short(&format!("Stays {n}")));
            stay.push(world.create(&pizza, &format!("s{n}@pizza.example"), Fields { name, ..Fields::default() }).await.unwrap().account.id);
        }
        let by = &pizza.administrator.caller;
        let write = async {
            for n in 0..40 {
                world.wait(Duration::from_micros(700));
                let address = format!("stays-not{n}@pizza.example");
                let come = world.create(&pizza, &address, Fields::default()).await.unwrap().account.id;
                let phone = Some(phone(&format!("+45 {n}")));
                world.update(by, stay[n % 60], Fields { phone, ..Fields::default() }).await.unwrap();
                world.remove(by, come).await.unwrap();
            }
        };
        let read = async {
            for (text, limit) in [(None, 4), (Some("stays"), 3), (Some("s"), 1), (Some("tay"), 7), (None, 9)] {
                for descending in [false, true] {
                    let filter = text.map_or_else(UserFilter::default, sought);
                    let order = UserOrder { descending, ..UserOrder::default() };
                    let (mut met, mut cursor) = (Vec::new(), None);
                    loop {
                        let one = page(&world, &pizza, UserPage { filter: filter.clone(), order, cursor, limit }).await.unwrap();
                        met.extend(ids(&one.rows));
                        cursor = one.next;
                        if cursor.is_none() {
                            break;
                        }
                    }
                    if descending {
                        met.reverse();
                    }
                    let met: Vec<_> = met.into_iter().filter(|id| stay.contains(id)).collect();
                    assert_eq!(met, stay, "{text:?} {limit} {descending}");
                }
            }
        };
        tokio::join!(write, read);
    }
}
