//! The pages about menus.

use super::browser::{Browser, Page, Site};
use directory::groups::GroupChanges;
use directory::menus::{self, MenuChanges, MenuItem, MenuRef};
use directory::users::UserChanges;
use test_support::{by_id, codename, name, on_every_engine, short};

const LIST: &str = "/console/environments/pizza/menus";

fn item(named: &str, permission: Option<&str>, items: Vec<MenuItem>) -> MenuItem {
    let permission = permission.map(codename);
    MenuItem { name: name(named), label: short(named), href: None, icon: None, permission, items }
}

/// `orders(today)`, `people` for those who see users.
async fn menu(site: &Site) -> String {
    let items = vec![
        item("orders", None, vec![item("today", None, Vec::new())]),
        item("people", Some("view_user"), Vec::new()),
    ];
    let change = MenuChanges { items: Some(items), ..Default::default() };
    let made = site.world.menu(&site.pizza.administrator.caller, "main", change).await.unwrap();
    format!("{LIST}/{}", made.id)
}

fn hidden(page: &Page, name: &str) -> String {
    let rest = page.text.split(&format!("name=\"{name}\" value=\"")).nth(1).unwrap_or_default();
    rest.split('"').next().unwrap_or_default().replace("&#34;", "\"").replace("&#38;", "&")
}

/// Presses a button of the tree, with what the page's form holds.
async fn press(site: &Site, browser: &mut Browser, here: &str, page: &Page, fields: &[(&str, &str)]) -> Page {
    let held = ["seen", "tree", "open"].map(|name| (name, hidden(page, name)));
    let mut all: Vec<(&str, &str)> = held.iter().map(|(name, value)| (*name, value.as_str())).collect();
    all.push(("name", "main"));
    if !held[2].1.is_empty() && !fields.iter().any(|(name, _)| *name == "item_name") {
        all.push(("item_name", "kept"));
    }
    all.extend_from_slice(fields);
    site.submit(browser, here, here, &all).await
}

on_every_engine! {
    async fn the_first_menu_is_asked_for_and_made(site: Site) {
        let mut boss = site.boss().await;
        site.get(&boss, LIST).await.expect(200).has("No menus yet");
        let new = format!("{LIST}/new");
        site.submit(&mut boss, &new, LIST, &[("name", " "), ("label", "Typed")]).await.expect(422).has("value=\"Typed\"");
        let to = site.submit(&mut boss, &new, LIST, &[("name", "main"), ("label", "Main")]).await.leads();
        let page = site.get(&boss, &to).await.expect(200);
        page.has("No items yet");
        site.submit(&mut boss, &new, LIST, &[("name", "main")]).await.expect(422).has("This is taken already");
        let found = site.get(&boss, &format!("{LIST}?search=MAI")).await.expect(200);
        found.has(">main</a>");
        // For those who do not see the list change.
        found.has("role=\"status\">1 found</p>");
        site.get(&boss, &format!("{LIST}?search=none")).await.expect(200).has("No menu found");
    }

    async fn a_tree_is_built_with_buttons_alone_and_saved_at_the_end(site: Site) {
        let mut boss = site.boss().await;
        let here = menu(&site).await;
        let page = site.get(&boss, &here).await.expect(200);
        let page = press(&site, &mut boss, &here, &page, &[("do", "add")]).await.expect(200);
        page.has("Not saved yet");
        let typed = [("item_name", "kitchen"), ("item_label", "Kitchen"), ("item_href", "/kitchen"), ("item_icon", "pan"), ("item_permission", "view_user")];
        let page = press(&site, &mut boss, &here, &page, &[&typed[..], &[("do", "up")]].concat()).await.expect(200);
        page.has("autofocus>Up");
        let page = press(&site, &mut boss, &here, &page, &[&typed[..], &[("do", "in")]].concat()).await.expect(200);
        page.has("value=\"/kitchen\"");
        let stored = site.world.directory.read(site.pizza.administrator.caller.clone(), menus::list).await.unwrap();
        assert_eq!(stored[0].items.len(), 2, "nothing is saved yet");
        let to = press(&site, &mut boss, &here, &page, &typed).await.leads();
        assert_eq!(to, format!("{here}?saved=true"));
        site.get(&boss, &to).await.expect(200).has("Saved.");
        let stored = site.world.directory.read(site.pizza.administrator.caller.clone(), menus::list).await.unwrap();
        let below: Vec<_> = stored[0].items[0].items.iter().map(|item| item.name.as_str()).collect();
        assert_eq!(below, ["today", "kitchen"]);
        let kitchen = &stored[0].items[0].items[1];
        assert_eq!(kitchen.icon.as_ref().unwrap().as_str(), "pan");
        assert_eq!(kitchen.permission, Some(codename("view_user")));
    }

    async fn what_is_wrong_with_an_item_opens_it(site: Site) {
        let mut boss = site.boss().await;
        let here = menu(&site).await;
        let page = site.get(&boss, &here).await.expect(200);
        let page = press(&site, &mut boss, &here, &page, &[("do", "open.1")]).await.expect(200);
        let wrong = [("item_name", ""), ("item_href", "javascript:alert(1)"), ("item_permission", "No!"), ("do", "close")];
        let page = press(&site, &mut boss, &here, &page, &wrong).await.expect(200);
        let page = press(&site, &mut boss, &here, &page, &[]).await.expect(422);
        page.has("An item is not right yet");
        for field in ["item_name", "item_href", "item_permission"] {
            page.has(&format!("id=\"{field}-error\""));
        }
        page.has("value=\"javascript:alert(1)\"");
        page.lacks("href=\"javascript");
        let unknown = [("item_name", "people"), ("item_permission", "no_such_thing"), ("do", "close")];
        press(&site, &mut boss, &here, &page, &unknown).await.expect(200).has("There is no such permission");
    }

    async fn another_menu_than_was_seen_is_not_overwritten_unasked(site: Site) {
        let mut boss = site.boss().await;
        let here = menu(&site).await;
        let page = site.get(&boss, &here).await.expect(200);
        let change = MenuChanges { label: Some(short("Other")), ..Default::default() };
        let by = site.pizza.administrator.caller.clone();
        site.world.directory.write(by, move |tx, actor| menus::update(tx, actor, directory::id::MenuId(1), &change)).await.unwrap();
        let again = press(&site, &mut boss, &here, &page, &[("label", "Mine")]).await.expect(409);
        again.has("Somebody has changed this menu meanwhile");
        again.has("value=\"Mine\"");
        press(&site, &mut boss, &here, &again, &[("label", "Mine")]).await.expect(303);
        let delete = format!("{here}/delete");
        assert_eq!(site.submit(&mut boss, &delete, &delete, &[]).await.leads(), LIST);
        site.get(&boss, &here).await.expect(404);
    }

    async fn menus_are_seen_as_a_user_would(site: Site) {
        menu(&site).await;
        let group = site.world.group(&site.pizza, &[]).await;
        let brings = GroupChanges { menus: Some(vec![MenuRef::Name("main".into())]), ..Default::default() };
        site.world.update_group(&site.pizza.administrator.caller, group, brings).await.unwrap();
        let fields = UserChanges { name: Some(short("Ada")), groups: Some(vec![by_id(group)]), ..Default::default() };
        let ada = site.world.create(&site.pizza, "ada@pizza.example", fields).await.unwrap().account.id;
        let boss = site.boss().await;
        let found = site.get(&boss, &format!("{LIST}/preview?search=ada")).await.expect(200);
        found.has(&format!("{LIST}/preview?user={ada}"));
        let seen = site.get(&boss, &format!("{LIST}/preview?user={ada}")).await.expect(200);
        seen.has("<span>orders</span>");
        seen.has("<span>today</span>");
        seen.lacks("<span>people</span>");
        site.get(&boss, &format!("{LIST}/preview?search=zzz")).await.expect(200).has("Nobody matches");
        site.get(&boss, &format!("{LIST}/preview?user=x")).await.expect(404);
        let pasta = site.world.environment("pasta").await;
        site.get(&boss, &format!("{LIST}/preview?user={}", pasta.administrator.id)).await.expect(404);
        let looker = site.browser_of(&site.world.holder(&site.pizza, &["view_menu"]).await);
        site.get(&looker, &format!("{LIST}/preview")).await.expect(403);
    }

    async fn a_large_menu_is_a_page_that_arrives(site: Site) {
        let below = |n: usize| (0..9).map(|m| item(&format!("item {n} {m}"), None, Vec::new())).collect();
        let items = (0..20).map(|n| item(&format!("item {n}"), Some("view_user"), below(n))).collect();
        let change = MenuChanges { items: Some(items), ..Default::default() };
        let made = site.world.menu(&site.pizza.administrator.caller, "large", change).await.unwrap();
        let boss = site.boss().await;
        let page = site.get(&boss, &format!("{LIST}/{}", made.id)).await.expect(200);
        assert!(page.text.len() < 100_000, "{}", page.text.len());
    }

    async fn whoever_may_only_look_has_no_buttons(site: Site) {
        let here = menu(&site).await;
        let looker = site.browser_of(&site.world.holder(&site.pizza, &["view_menu"]).await);
        let page = site.get(&looker, &here).await.expect(200);
        page.has("<span>orders</span>");
        for absent in ["name=\"do\"", "/delete", "/preview"] {
            page.lacks(absent);
        }
        for path in ["new", "1/delete"] {
            site.get(&looker, &format!("{LIST}/{path}")).await.expect(403);
        }
        let member = site.browser_of(&site.world.member(&site.pizza).await);
        site.get(&member, LIST).await.expect(403);
        site.get(&member, "/console/environments/pizza").await.expect(200).lacks(LIST);
    }

    async fn menus_of_others_and_forms_of_others_are_refused(site: Site) {
        let pasta = site.world.environment("pasta").await;
        site.world.menu(&pasta.administrator.caller, "theirs", MenuChanges::default()).await.unwrap();
        let mut boss = site.boss().await;
        for page in ["1", "1/delete", "x"] {
            site.get(&boss, &format!("{LIST}/{page}")).await.expect(404);
        }
        let here = menu(&site).await;
        for tree in ["", "{}", r#"[{"items":[{"items":[{}]}]}]"#] {
            site.submit(&mut boss, &here, &here, &[("name", "x"), ("tree", tree)]).await.expect(400);
        }
        site.submit(&mut boss, &here, &here, &[("name", "x"), ("tree", "[]"), ("do", "fly")]).await.expect(400);
        let token = site.get(&boss, LIST).await.token().to_owned();
        for path in [LIST.to_owned(), here.clone(), format!("{here}/delete")] {
            let fields = [("name", "x"), ("tree", "[]"), ("csrf", token.as_str())];
            site.post(&boss, &path, &[("sec-fetch-site", "cross-site")], &fields).await.expect(403);
            site.post(&boss, &path, &[("sec-fetch-site", "same-origin")], &fields[..2]).await.expect(403);
        }
    }
}
