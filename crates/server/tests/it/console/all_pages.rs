//! What holds for every page and every form of the console, whichever they are: the forms are found in the table of routes, the
//! pages by following every link from the home page on.

use super::browser::{Browser, Page, Site};
use directory::actor::Actor;
use directory::events::EventTypes;
use directory::groups::GroupChanges;
use directory::menus::{MenuChanges, MenuItem};
use directory::service_accounts::{self, NewService};
use directory::store::Tx;
use directory::tokens::{self, Ceiling, NewToken};
use directory::users::UserChanges;
use directory::webhooks::{self, NewWebhook, WebhookUrl};
use rolebook::app;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use test_support::{by_id, name, on_every_engine, phone, short};

const HOME: &str = "/console/environments/pizza";
/// What would be seen if it ever stood in a page as it is.
const EVIL: &str = "Zzecret<script>alert(1)</script>\"'><img src=x>";
/// More pages than this lead to each other by what differs in their queries alone.
const MOST: usize = 250;

/// An environment whose every name is a trap.
async fn trapped(site: &Site) {
    let (world, by) = (&site.world, &site.pizza.administrator.caller);
    let group = world.group_as(by, EVIL, &["view_user"]).await.unwrap();
    world.update_group(by, group.id, GroupChanges { label: Some(short(EVIL)), ..Default::default() }).await.unwrap();
    let item = MenuItem {
        name: name(EVIL),
        label: short(EVIL),
        href: None,
        icon: Some(short(EVIL)),
        permission: None,
        items: Vec::new(),
    };
    let menu = MenuChanges { label: Some(short(EVIL)), items: Some(vec![item]), ..Default::default() };
    world.menu(by, EVIL, menu).await.unwrap();
    let fields = UserChanges {
        name: Some(short(EVIL)),
        first_name: Some(short(EVIL)),
        last_name: Some(short(EVIL)),
        phone: Some(phone("<img src=x>")),
        groups: Some(vec![by_id(group.id)]),
        ..Default::default()
    };
    world.create(&site.pizza, "evil@pizza.example", fields).await.unwrap();
    let make = move |tx: &mut Tx<'_>, actor: &Actor| {
        let robot = service_accounts::create(tx, actor, &NewService { name: name(EVIL), groups: Vec::new() })?;
        let ceiling = Ceiling::Permissions(Vec::new());
        let token = NewToken { account: robot.account.id, name: name(EVIL), ceiling, ends: None };
        tokens::create_for_service(tx, actor, &token)?;
        let url = WebhookUrl::parse("https://a.example/Zzecret?'&lt=1").unwrap();
        let webhook = NewWebhook { url, event_types: vec![EventTypes::parse("*").unwrap()], enabled: true };
        let webhook = webhooks::create(tx, actor, &webhook)?.0;
        webhooks::ping(tx, actor, webhook.id)
    };
    world.directory.write(by.clone(), make).await.unwrap();
    while world.directory.chain_audit().await.unwrap() {}
}

/// Every page that links lead to, from these on.
pub(super) async fn crawl(site: &Site, browser: &Browser, from: &[&str]) -> BTreeMap<String, Page> {
    let mut found = BTreeMap::new();
    let mut known: BTreeSet<String> = from.iter().map(|page| (*page).to_owned()).collect();
    let mut waiting: VecDeque<String> = known.iter().cloned().collect();
    while let Some(address) = waiting.pop_front().filter(|_| found.len() < MOST) {
        let page = site.get(browser, &address).await;
        for link in page.text.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next()) {
            let link = link.replace("&#38;", "&");
            let link = link.split('#').next().unwrap_or_default().to_owned();
            // Of a list in all its orders and filters a few are enough.
            let path = link.split('?').next().unwrap_or_default().to_owned();
            let alike = known.iter().filter(|one| one.split('?').next() == Some(&path)).count();
            if link.starts_with("/console") && !link.contains("/assets/") && alike < 4 && known.insert(link.clone()) {
                waiting.push_back(link);
            }
        }
        found.insert(address, page);
    }
    found
}

/// Addresses of forms, with what may stand for each of the names in them.
fn forms() -> Vec<Vec<String>> {
    let forms =
        app::every_route().into_iter().filter(|(method, path)| method == "POST" && path.starts_with("/console"));
    let id = "01890a5d-ac96-774b-bcce-b302099a8057";
    let filled = |path: &str, id: &str| {
        let parts = path.split('/').map(|part| match part {
            "{environment}" => "pizza",
            "{number}" => "1",
            part if part.starts_with('{') => id,
            part => part,
        });
        parts.collect::<Vec<_>>().join("/")
    };
    forms.map(|(_, path)| [id, "1"].map(|id| filled(&path, id)).into()).collect()
}

on_every_engine! {
    async fn no_form_is_taken_from_elsewhere(site: Site) {
        let (boss, other) = (site.boss().await, site.boss().await);
        let token = site.get(&boss, HOME).await.token().to_owned();
        let foreign = site.get(&other, HOME).await.token().to_owned();
        assert!(forms().len() > 20);
        let before = site.world.snapshot();
        for addresses in forms() {
            let mut refused = 0;
            for to in &addresses {
                let ours: &[(&str, &str)] = &[("sec-fetch-site", "same-origin")];
                let tries: [(&[(&str, &str)], &str); 5] = [
                    (&[], &token),
                    (&[("sec-fetch-site", "cross-site")], &token),
                    (&[("origin", "https://evil.example"), ("host", "id.example")], &token),
                    (ours, ""),
                    (ours, &foreign),
                ];
                let mut heard = Vec::new();
                for (headers, csrf) in tries {
                    heard.push(site.post(&boss, to, headers, &[("csrf", csrf), ("confirm", "yes")]).await.status.as_u16());
                }
                // Where an id is none, there is nothing; but nothing is done anywhere.
                assert!(heard.iter().all(|status| matches!(status, 403 | 404)), "{to}: {heard:?}");
                assert!(heard[..3].iter().all(|status| *status == 403), "{to}: {heard:?}");
                refused += usize::from(heard.iter().all(|status| *status == 403));
            }
            assert!(refused > 0, "{addresses:?}");
        }
        let after = site.world.snapshot();
        assert!(before == after, "a form was believed:\n{}", before.difference(&after));
    }

    async fn every_page_keeps_its_guard_and_shows_no_markup(site: Site) {
        trapped(&site).await;
        let people = [site.boss().await, site.browser_of(&site.world.again(&site.world.operator, None).await)];
        for browser in people {
            let pages = crawl(&site, &browser, &[HOME, "/console?all=true"]).await;
            assert!(pages.len() > 12, "{:?}", pages.keys());
            for (address, page) in pages {
                assert!(matches!(page.status.as_u16(), 200 | 303), "{address}: {}", page.status);
                assert!(page.text.len() < 100_000, "{address}: {}", page.text.len());
                let policy = page.header("content-security-policy");
                assert!(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"), "{address}");
                assert!(!policy.contains("unsafe"), "{address}");
                for (header, value) in [
                    ("x-frame-options", "DENY"),
                    ("cache-control", "no-store"),
                    ("referrer-policy", "same-origin"),
                    ("x-content-type-options", "nosniff"),
                    ("cross-origin-opener-policy", "same-origin"),
                    ("cross-origin-resource-policy", "same-origin"),
                ] {
                    assert_eq!(page.header(header), value, "{address}: {header}");
                }
                if !page.header("content-type").starts_with("text/html") {
                    continue;
                }
                for never in ["<script>", "<img", " style=", "<style", " onclick", " onload", " onsubmit", "javascript:"] {
                    assert!(!page.text.contains(never), "{address}: {never}");
                }
                // A page that names an answer's form sends it to us.
                for action in page.text.split(" action=\"").skip(1).filter_map(|rest| rest.split('"').next()) {
                    assert!(action.starts_with("/console"), "{address}: {action}");
                }
            }
        }
    }

    async fn another_environments_administrator_finds_nothing_of_it_anywhere(site: Site) {
        trapped(&site).await;
        let pages = crawl(&site, &site.boss().await, &[HOME]).await;
        assert!(pages.values().any(|page| page.text.contains("Zzecret")));
        let pasta = site.world.environment("pasta").await;
        let cook = site.browser_of(&site.world.again(&pasta.administrator, None).await);
        for address in pages.keys().filter(|address| address.starts_with(HOME)) {
            let page = site.get(&cook, address).await;
            assert_eq!(page.status.as_u16(), 403, "{address}");
            page.lacks("Zzecret");
            // The same ids in its own environment.
            let page = site.get(&cook, &address.replace(HOME, "/console/environments/pasta")).await;
            assert!(!page.status.is_server_error(), "{address}");
            page.lacks("Zzecret");
        }
    }

    async fn nobody_sees_a_page_without_signing_in(site: Site) {
        trapped(&site).await;
        let pages = crawl(&site, &site.boss().await, &[HOME]).await;
        for address in pages.keys() {
            let page = site.get(&Browser::default(), address).await;
            assert!(page.leads().starts_with("/console/sign-in"), "{address}");
        }
    }
}
