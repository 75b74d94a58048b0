//! Lists of users: filters, orders, and paging there and back again.

use directory::environments::EnvironmentName;
use directory::page::{Cursor, CursorValue, Direction, OrderBy, UserFilter, UserOrder, UserPage};
use directory::users::{self, UserChanges as Fields};
use directory::{Error, Result};
use std::collections::BTreeSet;
use std::time::Duration;
use test_support::{Tenant, World, by_id, email, on_every_engine, phone, short, username};

type Listed = directory::page::Page<users::User>;

async fn list(world: &World, tenant: &Tenant, page: UserPage) -> Result<Listed> {
    let by = tenant.administrator.caller.clone();
    world.directory.report(by, move |tx, actor| users::list(tx, actor, &page)).await
}

fn page(filter: UserFilter, limit: i64) -> UserPage {
    UserPage { filter, order: UserOrder::default(), cursor: None, limit }
}

fn sought(text: &str) -> UserFilter {
    UserFilter { search: Some(text.to_owned()), ..UserFilter::default() }
}

/// The e-mail addresses of a page's users, up to the `@`.
fn who(listed: &Listed) -> Vec<String> {
    listed.rows.iter().map(|user| user.account.email.as_ref().unwrap().local_part().to_owned()).collect()
}

on_every_engine! {
    async fn pages_go_forward_and_backward_over_ties_without_gaps_or_repetitions(world: World) {
        let pizza = world.environment("pizza").await;
        for n in 0..23 {
            // Many were made in the same instant, and many share their names.
            if n % 5 == 0 {
                world.wait(Duration::from_secs(1));
            }
            let name = Some(short(["Ada", "ada", "Éva", "Bob", ""][n % 5]));
            world.create(&pizza, &format!("u{n}@pizza.example"), Fields { name, ..Fields::default() }).await.unwrap();
        }
        let orders = [OrderBy::CreatedAt, OrderBy::UpdatedAt, OrderBy::Name, OrderBy::FirstName, OrderBy::LastName, OrderBy::Email];
        for by in orders {
            for descending in [false, true] {
                for limit in [1, 4, 24, 100] {
                    let order = UserOrder { by, descending };
                    let whole = list(&world, &pizza, UserPage { order, ..page(UserFilter::default(), 1000) }).await.unwrap();
                    assert!(whole.next.is_none() && whole.previous.is_none());
                    let whole = who(&whole);
                    assert_eq!(whole.len(), 24);
                    assert_eq!(whole.iter().collect::<BTreeSet<_>>().len(), 24);
                    let (mut there, mut pages) = (Vec::new(), Vec::new());
                    let mut cursor = None;
                    let mut last = loop {
                        let one = list(&world, &pizza, UserPage { order, cursor, ..page(UserFilter::default(), limit) }).await.unwrap();
                        assert_eq!(one.previous.is_some(), !pages.is_empty());
                        there.extend(who(&one));
                        pages.push(who(&one));
                        cursor = one.next.clone();
                        if cursor.is_none() {
                            break one;
                        }
                    };
                    assert_eq!(there, whole, "{by:?} {descending} {limit}");
                    for expected in pages.iter().rev().skip(1) {
                        let cursor = last.previous.clone();
                        assert!(cursor.is_some());
                        last = list(&world, &pizza, UserPage { order, cursor, ..page(UserFilter::default(), limit) }).await.unwrap();
                        assert_eq!(who(&last), *expected, "{by:?} {descending} {limit}, backward");
                        assert!(last.next.is_some());
                    }
                    assert!(last.previous.is_none());
                }
            }
        }
    }

    async fn the_default_order_is_by_age(world: World) {
        let pizza = world.environment("pizza").await;
        for name in ["c", "a", "b"] {
            world.wait(Duration::from_secs(1));
            world.create(&pizza, &format!("{name}@pizza.example"), Fields::default()).await.unwrap();
        }
        let listed = list(&world, &pizza, page(UserFilter::default(), 10)).await.unwrap();
        assert_eq!(who(&listed), ["boss", "c", "a", "b"]);
    }

    async fn a_page_is_stable_while_others_come_and_go(world: World) {
        let pizza = world.environment("pizza").await;
        let mut ids = Vec::new();
        for n in 0..6 {
            world.wait(Duration::from_secs(1));
            ids.push(world.create(&pizza, &format!("u{n}@pizza.example"), Fields::default()).await.unwrap().account.id);
        }
        let first = list(&world, &pizza, page(UserFilter::default(), 3)).await.unwrap();
        assert_eq!(who(&first), ["boss", "u0", "u1"]);
        world.remove(&pizza.administrator.caller, ids[0]).await.unwrap();
        world.remove(&pizza.administrator.caller, ids[1]).await.unwrap();
        world.create(&pizza, "late@pizza.example", Fields::default()).await.unwrap();
        let second = UserPage { cursor: first.next, ..page(UserFilter::default(), 3) };
        let second = list(&world, &pizza, second).await.unwrap();
        assert_eq!(who(&second), ["u2", "u3", "u4"]);
        let back = list(&world, &pizza, UserPage { cursor: second.previous, ..page(UserFilter::default(), 3) }).await.unwrap();
        assert_eq!(who(&back), ["boss"]);
        assert!(back.previous.is_none());
    }

    async fn a_search_is_a_part_of_a_text_in_any_case_and_takes_marks_literally(world: World) {
        let pizza = world.environment("pizza").await;
        let people = [
            ("percent", Fields { name: Some(short("100% sure")), ..Fields::default() }),
            ("under", Fields { last_name: Some(short("snake_case")), ..Fields::default() }),
            ("slash", Fields { first_name: Some(short("back\\slash")), ..Fields::default() }),
            ("quote", Fields { name: Some(short("O'Hara \"Q\"")), ..Fields::default() }),
            ("eva", Fields { first_name: Some(short("ÉVA")), last_name: Some(short("Šķēle")), ..Fields::default() }),
            ("street", Fields { name: Some(short("Fritz Straße")), ..Fields::default() }),
            ("greek", Fields { name: Some(short("ΟΔΥΣΣΕΥΣ")), ..Fields::default() }),
            ("phone", Fields { phone: Some(phone("+31 (20) 555-0100 EXT")), ..Fields::default() }),
            ("handle", Fields { username: Some(username("Neo.Anderson")), ..Fields::default() }),
        ];
        for (local, fields) in people {
            world.create(&pizza, &format!("{local}@pizza.example"), fields).await.unwrap();
        }
        let expected: [(&str, &[&str]); 22] = [
            ("%", &["percent"]),
            ("0% S", &["percent"]),
            ("_", &["under"]),
            ("e_c", &["under"]),
            ("\\", &["slash"]),
            ("k\\S", &["slash"]),
            ("'", &["quote"]),
            ("o'hara", &["quote"]),
            ("éva", &["eva"]),
            ("ÉV", &["eva"]),
            ("šķ", &["eva"]),
            ("E\u{301}VA", &["eva"]),
            ("straße", &["street"]),
            ("οδυσ", &["greek"]),
            ("555-01", &["phone"]),
            ("ext", &["phone"]),
            ("neo.AND", &["handle"]),
            ("HANDLE@pizza", &["handle"]),
            ("nobody", &[]),
            ("nul\0", &[]),
            ("%%", &[]),
            ("'; DROP TABLE users; --", &[]),
        ];
        for (text, wanted) in expected {
            let listed = list(&world, &pizza, page(sought(text), 100)).await.unwrap();
            assert_eq!(who(&listed), wanted, "{text:?}");
        }
        let all = list(&world, &pizza, page(sought("@PIZZA.example"), 100)).await.unwrap();
        assert_eq!(all.rows.len(), 10);
        let id = all.rows.iter().find(|user| user.membership.last_name.as_str() == "Šķēle").unwrap().account.id;
        let renamed = Fields { name: Some(short("Zoë")), first_name: Some(short("Zoë")), ..Fields::default() };
        world.update(&pizza.administrator.caller, id, renamed).await.unwrap();
        assert_eq!(who(&list(&world, &pizza, page(sought("ZOË"), 100)).await.unwrap()), ["eva"]);
        assert!(list(&world, &pizza, page(sought("éva"), 100)).await.unwrap().rows.is_empty());
    }

    async fn filters_go_together(world: World) {
        let pizza = world.environment("pizza").await;
        let group = world.group(&pizza, &[]).await;
        for n in 0..8 {
            let fields = Fields {
                groups: (n % 2 == 0).then(|| vec![by_id(group)]),
                active: Some(n % 3 != 0),
                name: Some(short(if n < 4 { "Early" } else { "Late" })),
                ..Fields::default()
            };
            world.wait(Duration::from_secs(1));
            world.create(&pizza, &format!("u{n}@pizza.example"), fields).await.unwrap();
        }
        let expect = async |filter: UserFilter, wanted: &[&str]| {
            let listed = list(&world, &pizza, page(filter.clone(), 100)).await.unwrap();
            assert_eq!(who(&listed), wanted, "{filter:?}");
        };
        expect(UserFilter { groups: vec![group], ..UserFilter::default() }, &["u0", "u2", "u4", "u6"]).await;
        expect(UserFilter { active: Some(false), ..UserFilter::default() }, &["u0", "u3", "u6"]).await;
        expect(UserFilter { groups: vec![group], active: Some(false), ..UserFilter::default() }, &["u0", "u6"]).await;
        expect(UserFilter { groups: vec![group], active: Some(false), ..sought("late") }, &["u6"]).await;
        expect(UserFilter { email: Some(email("U3@Pizza.Example")), ..UserFilter::default() }, &["u3"]).await;
        expect(UserFilter { email: Some(email("u3@pizza.example")), ..sought("late") }, &[]).await;
    }

    async fn a_cursor_is_good_for_its_own_list_alone(world: World) {
        let (pizza, sushi) = (world.environment("pizza").await, world.environment("sushi").await);
        let keys = world.directory.effects().keys.clone();
        let (filter, order) = (UserFilter::default(), UserOrder::default());
        let cursor = Cursor {
            direction: Direction::Forward,
            value: CursorValue::Time(test_support::START),
            id: pizza.administrator.id,
        };
        let sealed = cursor.seal(&keys, pizza.id, &(&filter, order));
        assert_eq!(Cursor::open(&sealed, &keys, pizza.id, &(&filter, order)).unwrap(), cursor);
        let other = UserOrder { by: OrderBy::Name, ..order };
        let turned = UserOrder { descending: true, ..order };
        for refused in [
            Cursor::open(&sealed, &keys, sushi.id, &(&filter, order)),
            Cursor::open(&sealed, &keys, pizza.id, &(&sought("x"), order)),
            Cursor::open(&sealed, &keys, pizza.id, &(&filter, other)),
            Cursor::open(&sealed, &keys, pizza.id, &(&filter, turned)),
            Cursor::open(&sealed[1..], &keys, pizza.id, &(&filter, order)),
            Cursor::open("", &keys, pizza.id, &(&filter, order)),
        ] {
            assert!(matches!(refused, Err(Error::Invalid(_))));
        }
        let unknown = EnvironmentName::Key("no_such".to_owned());
        assert!(world.directory.command(unknown, |_, _| Ok(())).await.is_err());
    }
}
