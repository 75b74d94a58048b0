//! An environment that has much of everything: no page grows with it, and what is large can still be worked with.

use super::all_pages::crawl;
use super::browser::{Browser, Page, Site};
use directory::actor::Actor;
use directory::events::EventTypes;
use directory::groups::GroupChanges;
use directory::id::GroupId;
use directory::menus::{self, MenuChanges, MenuItem};
use directory::store::Tx;
use directory::users::UserChanges;
use directory::webhooks::{self, NewWebhook, WebhookUrl};
use test_support::{by_id, codename, name, on_every_engine, short};

const HOME: &str = "/console/environments/pizza";
/// What a page may weigh, in bytes.
const LARGEST: usize = 100_000;
const GROUPS: usize = 150;
const PERMISSIONS: usize = 200;
const DELIVERIES: usize = 300;
/// Items of the first level, and below each: a thousand in all.
const ITEMS: (usize, usize) = (25, 39);

fn permission(n: usize) -> String {
    format!("approve_invoices_{:03}", n % PERMISSIONS)
}

fn item(top: usize, below: usize) -> MenuItem {
    MenuItem {
        name: name(&format!("item-{top}-{below}")),
        label: short(&format!("Department {top}, page {below}")),
        href: Some(directory::text::Href::parse(&format!("/department/{top}/page/{below}")).unwrap()),
        icon: None,
        permission: Some(codename(&permission(top * 40 + below))),
        items: Vec::new(),
    }
}

/// Where the page of a menu stands that has as many items as there may be.
async fn large_menu(site: &Site) -> String {
    let top = |top| MenuItem { items: (1..=ITEMS.1).map(|below| item(top, below)).collect(), ..item(top, 0) };
    let items: Vec<MenuItem> = (0..ITEMS.0).map(top).collect();
    assert_eq!(items.iter().map(|item| 1 + item.items.len()).sum::<usize>(), menus::MOST_ITEMS);
    let change = MenuChanges { items: Some(items), ..Default::default() };
    let menu = site.world.menu(&site.pizza.administrator.caller, "large", change).await.unwrap();
    format!("{HOME}/menus/{}", menu.id)
}

/// Groups within each other that confer much, with their users; and a webhook that was told much.
async fn crowd(site: &Site) -> Vec<GroupId> {
    let (world, by) = (&site.world, &site.pizza.administrator.caller);
    for n in 0..PERMISSIONS {
        world.permission(by, &permission(n)).await.unwrap();
    }
    let mut groups = Vec::new();
    for n in 0..GROUPS {
        let confers: Vec<String> = (0..if n == 0 { PERMISSIONS } else { 8 }).map(|k| permission(n * 7 + k)).collect();
        let confers: Vec<&str> = confers.iter().map(String::as_str).collect();
        groups.push(world.group_as(by, &format!("department-{n:03}"), &confers).await.unwrap().id);
    }
    for (outer, inner) in [(0, 1..60), (60, 61..120), (1, 120..150)] {
        let contains = inner.map(|n: usize| directory::groups::GroupRef::Id(Some(groups[n]), String::new())).collect();
        let change = GroupChanges { contains: Some(contains), ..Default::default() };
        world.update_group(by, groups[outer], change).await.unwrap();
    }
    for n in 0..60 {
        let own = [n % GROUPS, n / 2 + 60].map(|n| by_id(groups[n]));
        let fields =
            UserChanges { name: Some(short(&format!("Person {n}"))), groups: Some(own.into()), ..Default::default() };
        world.create(&site.pizza, &format!("person-{n}@pizza.example"), fields).await.unwrap();
    }
    let told = |tx: &mut Tx<'_>, actor: &Actor| {
        let url = WebhookUrl::parse("https://hooks.example/rolebook").unwrap();
        let webhook = NewWebhook { url, event_types: vec![EventTypes::parse("*").unwrap()], enabled: true };
        let webhook = webhooks::create(tx, actor, &webhook)?.0;
        (0..DELIVERIES).try_for_each(|_| webhooks::ping(tx, actor, webhook.id).map(drop))
    };
    world.directory.write(by.clone(), told).await.unwrap();
    while world.directory.chain_audit().await.unwrap() {}
    groups
}

/// Presses a button of the tree, or saves, with what the page's form holds and what was typed.
async fn press(site: &Site, browser: &mut Browser, here: &str, page: &Page, typed: &[(&str, &str)]) -> Page {
    let held = ["seen", "tree", "open", "from"].map(|name| (name, page.hidden(name).to_owned()));
    let mut all: Vec<(&str, &str)> = held.iter().map(|(name, value)| (*name, value.as_str())).collect();
    all.push(("name", "large"));
    all.extend_from_slice(typed);
    site.submit(browser, here, here, &all).await
}

on_every_engine! {
    async fn no_page_grows_with_what_there_is(site: Site) {
        let groups = crowd(&site).await;
        let menu = large_menu(&site).await;
        let (world, by) = (&site.world, &site.pizza.administrator.caller);
        let id = directory::id::MenuId(menu.rsplit('/').next().unwrap().parse().unwrap());
        let brings = GroupChanges { menus: Some(vec![directory::menus::MenuRef::Id(Some(id), String::new())]), ..Default::default() };
        world.update_group(by, groups[0], brings).await.unwrap();
        let fields = UserChanges { groups: Some(groups[..100].iter().map(|group| by_id(*group)).collect()), ..Default::default() };
        let busy = world.create(&site.pizza, "busy@pizza.example", fields).await.unwrap().account.id;
        let from = [
            HOME.to_owned(),
            "/console?all=true".to_owned(),
            menu,
            format!("{HOME}/menus/preview?user={busy}"),
            format!("{HOME}/users/{busy}/permissions"),
            format!("{HOME}/groups/{}", groups[0]),
            format!("{HOME}/groups/{}/delete", groups[0]),
        ];
        let pages = crawl(&site, &site.boss().await, &from.each_ref().map(String::as_str)).await;
        assert!(pages.len() > 40, "{:?}", pages.keys());
        // A download may be of any length.
        for (address, page) in pages.iter().filter(|(address, _)| !address.ends_with("/audit/export")) {
            assert!(page.text.len() < LARGEST, "{address}: {} bytes", page.text.len());
        }
        // What is left out is said to be.
        pages[&from[3]].has("more items");
        pages[&from[6]].has("<span class=\"quiet\">+");
    }

    async fn a_large_menu_is_edited_part_by_part(site: Site) {
        let here = large_menu(&site).await;
        let mut boss = site.boss().await;
        let page = site.get(&boss, &here).await.expect(200);
        page.has("+39 below");
        page.lacks("Department 3, page 1<");
        let page = press(&site, &mut boss, &here, &page, &[("do", "open.3")]).await.expect(200);
        page.has("Department 3, page 39");
        page.lacks("Department 4, page 1<");
        let typed = [("item_name", "item-3-0"), ("item_label", "Department 3, page 0"), ("do", "open.3-38")];
        let page = press(&site, &mut boss, &here, &page, &typed).await.expect(200);
        let typed = [("item_name", "item-3-39"), ("item_label", "Told anew"), ("do", "up")];
        let page = press(&site, &mut boss, &here, &page, &typed).await.expect(200);
        assert!(page.text.len() < LARGEST);
        press(&site, &mut boss, &here, &page, &[("item_name", "item-3-39"), ("item_label", "Told anew")]).await.leads();
        let id = directory::id::MenuId(here.rsplit('/').next().unwrap().parse().unwrap());
        let find = move |tx: &mut Tx<'_>, actor: &Actor| menus::get(tx, actor, id);
        let saved = site.world.directory.read(site.pizza.administrator.caller.clone(), find).await.unwrap();
        assert_eq!(saved.items[3].items[37].label.as_str(), "Told anew");
        assert_eq!(saved.items[3].items[38], item(3, 38));
        let others: usize = saved.items.iter().map(|item| 1 + item.items.len()).sum();
        assert_eq!(others, menus::MOST_ITEMS);
        assert_eq!((&saved.items[24].items[38], &saved.items[0].items[0]), (&item(24, 39), &item(0, 1)));
    }
}
