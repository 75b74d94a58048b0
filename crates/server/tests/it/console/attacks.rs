//! What others try on the pages of somebody who is signed in.

use super::browser::{Browser, Site};
use directory::menus::{MenuChanges, MenuItem, MenuRef};
use directory::permissions::{self, NewPermission};
use directory::text::Href;
use directory::users::UserChanges;
use test_support::{codename, conferring, name, on_every_engine, phone, short};

const HOME: &str = "/console/environments/pizza";
const LIST: &str = "/console/environments/pizza/users";
const SIGN_OUT: &str = "/console/sign-out";

on_every_engine! {
    async fn a_form_of_another_site_is_refused(site: Site) {
        let boss = site.boss().await;
        let token = site.get(&boss, HOME).await.token().to_owned();
        let good = [("csrf", token.as_str())];
        for headers in [
            &[][..],
            &[("sec-fetch-site", "cross-site")],
            &[("sec-fetch-site", "same-site")],
            &[("sec-fetch-site", "none")],
            &[("origin", "https://evil.example"), ("host", "id.example")],
            &[("origin", "null"), ("host", "id.example")],
        ] {
            site.post(&boss, SIGN_OUT, headers, &good).await.expect(403);
            site.post(&boss, "/console/sign-in", headers, &[("login", "x"), ("password", "x")]).await.expect(403);
        }
        site.get(&boss, HOME).await.expect(200);
        let fields = [("csrf", token.as_str())];
        site.post(&boss, SIGN_OUT, &[("origin", "https://id.example"), ("host", "id.example")], &fields).await.expect(303);
    }

    async fn a_form_without_this_sessions_token_is_refused(site: Site) {
        let (boss, other) = (site.boss().await, site.boss().await);
        let foreign = site.get(&other, HOME).await.token().to_owned();
        let ours = [("sec-fetch-site", "same-origin")];
        for token in ["", "x", foreign.as_str()] {
            site.post(&boss, SIGN_OUT, &ours, &[("csrf", token)]).await.expect(403);
        }
        site.post(&boss, SIGN_OUT, &ours, &[]).await.expect(403);
        site.get(&boss, HOME).await.expect(200);
        assert_ne!(foreign, other.cookie.split('=').nth(1).unwrap(), "the token is not the cookie");
    }

    async fn nothing_that_is_shown_becomes_markup(site: Site) {
        let evil = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>";
        let fields = UserChanges {
            name: Some(short(evil)),
            first_name: Some(short(evil)),
            phone: Some(phone("<b>")),
            ..Default::default()
        };
        let user = site.world.create(&site.pizza, "evil@pizza.example", fields).await.unwrap().account.id;
        let user = format!("{LIST}/{user}");
        let group = site.world.group_as(&site.pizza.administrator.caller, evil, &[]).await.unwrap();
        let boss = site.world.administrator(&site.pizza).await;
        let within = UserChanges { groups: Some(vec![test_support::by_id(group.id)]), ..Default::default() };
        site.world.update(&site.pizza.administrator.caller, boss.id, within).await.unwrap();
        let boss_id = boss.id;
        let boss = site.browser_of(&boss);
        let encoded: String = form_urlencoded::byte_serialize(evil.as_bytes()).collect();
        let account = |page: &str| format!("{HOME}/account{page}");
        let label = directory::groups::GroupChanges { label: Some(short(evil)), ..Default::default() };
        site.world.update_group(&site.pizza.administrator.caller, group.id, label).await.unwrap();
        let named = NewPermission { codename: codename("evil"), name: Some(name(evil)) };
        let holds = site.world.directory.write(site.pizza.administrator.caller.clone(), move |tx, actor| {
            permissions::create(tx, actor, &named)
        });
        let permission = format!("{HOME}/permissions/{}", holds.await.unwrap().id);
        site.world.update_group(&site.pizza.administrator.caller, group.id, conferring(&["evil"])).await.unwrap();
        let groups = format!("{HOME}/groups");
        let groups = [groups.clone(), format!("{groups}?search={encoded}"), format!("{groups}/{}", group.id), format!("{groups}/{}/delete", group.id)];
        let others = [account(""), account("/security"), account("/sessions"), account("/tokens"), HOME.to_owned(), LIST.to_owned(), format!("{LIST}?search={encoded}"), format!("/console/sign-in?next={encoded}"),
            format!("{LIST}?group={encoded}"), format!("{LIST}?permission={encoded}"), format!("{LIST}/suggest?group="), format!("{LIST}/new"),
            user.clone(), format!("{user}/edit"), format!("{user}/sessions"), format!("{user}/audit"), format!("{user}/permissions"),
            format!("{user}/permissions?permission={encoded}"), format!("{user}?at={encoded}")];
        let inner = site.world.group_as(&site.pizza.administrator.caller, &format!("{evil} inner"), &[]).await.unwrap();
        let nested = directory::groups::GroupChanges { contains: Some(vec![test_support::by_id(inner.id).group]), ..Default::default() };
        site.world.update_group(&site.pizza.administrator.caller, group.id, nested).await.unwrap();
        let item = |items| MenuItem {
            name: name(evil),
            label: short(evil),
            href: Some(Href::parse("/<script>alert(1)</script>\"'><img").unwrap()),
            icon: Some(short(evil)),
            permission: Some(codename("evil")),
            items,
        };
        let change = MenuChanges { label: Some(short(evil)), items: Some(vec![item(vec![item(Vec::new())])]), ..Default::default() };
        let menu = site.world.menu(&site.pizza.administrator.caller, evil, change).await.unwrap().id;
        let brings = directory::groups::GroupChanges { menus: Some(vec![MenuRef::Id(Some(menu), menu.to_string())]), ..Default::default() };
        site.world.update_group(&site.pizza.administrator.caller, group.id, brings).await.unwrap();
        let menus = format!("{HOME}/menus");
        let menus = [menus.clone(), format!("{menus}/{menu}"), format!("{menus}/{menu}/delete"), format!("{menus}/preview?user={}", boss_id), format!("{menus}/preview?search={encoded}")];
        let permissions = [format!("{HOME}/matrix?group={encoded}"), format!("{HOME}/matrix"), format!("{HOME}/nesting"), format!("{HOME}/permissions"), permission.clone(), format!("{permission}?on={encoded}"), format!("{permission}/delete")];
        for path in others.into_iter().chain(groups).chain(permissions).chain(menus) {
            let page = site.get(&boss, &path).await;
            assert!(matches!(page.status.as_u16(), 200 | 422), "{path}: {}", page.status);
            page.lacks("<script>alert");
            page.lacks("<img");
            page.lacks("'><");
        }
        let mut browser = Browser::default();
        let fields = [("login", evil), ("password", "wrong, and long enough")];
        let page = site.submit(&mut browser, "/console/sign-in", "/console/sign-in", &fields).await.expect(422);
        page.has("&#60;script&#62;");
        page.lacks("<script>alert");
    }

    async fn nobody_frames_a_page_keeps_it_or_runs_what_is_not_ours(site: Site) {
        let boss = site.boss().await;
        for path in [HOME, LIST, "/console/sign-in", "/console/none", "/console/environments/none"] {
            let page = site.get(&boss, path).await;
            let policy = page.header("content-security-policy").to_owned();
            assert!(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"), "{policy}");
            assert!(policy.contains("form-action 'self'") && policy.contains("base-uri 'none'"), "{policy}");
            assert!(!policy.contains("unsafe"), "{policy}");
            assert_eq!(page.header("x-frame-options"), "DENY");
            assert_eq!(page.header("cache-control"), "no-store");
            assert_eq!(page.header("referrer-policy"), "same-origin");
            assert_eq!(page.header("x-content-type-options"), "nosniff");
            page.lacks(" style=");
            page.lacks("<style");
            page.lacks(" onclick");
        }
    }

    async fn signing_in_leads_to_no_other_site(site: Site) {
        let ada = site.world.member(&site.pizza).await;
        let fields = [("login", ada.email.as_str()), ("password", ada.password.as_str())];
        for next in ["https://evil.example/", "//evil.example", "/\\evil.example", "/console/../../evil", "javascript:alert(1)"] {
            let mut browser = Browser::default();
            let encoded: String = form_urlencoded::byte_serialize(next.as_bytes()).collect();
            let page = format!("/console/sign-in?next={encoded}");
            let to = site.submit(&mut browser, &page, "/console/sign-in", &fields).await.leads();
            assert_eq!(to, "/console", "{next}");
            // The form's own field is as little believed.
            let written = [fields[0], fields[1], ("next", next)];
            let to = site.post(&Browser::default(), "/console/sign-in", &[("sec-fetch-site", "same-origin")], &written).await;
            assert_eq!(to.leads(), "/console", "{next}");
        }
    }

    async fn another_environment_is_like_one_that_is_not_there(site: Site) {
        let pasta = site.world.environment("pasta").await;
        let fields = UserChanges { name: Some(short("Secret Cook")), ..Default::default() };
        site.world.create(&pasta, "cook@pasta.example", fields).await.unwrap();
        let boss = site.boss().await;
        for page in ["", "/users"] {
            let other = site.get(&boss, &format!("/console/environments/pasta{page}")).await.expect(403);
            let none = site.get(&boss, &format!("/console/environments/nowhere{page}")).await.expect(403);
            assert_eq!(other.text, none.text);
            other.lacks("Secret Cook");
        }
        site.get(&boss, &format!("/console/environments/{}", pasta.uuid)).await.expect(403);
    }

    async fn a_script_that_lost_its_session_is_told_in_a_header(site: Site) {
        let page = site.get_with(&Browser::default(), LIST, &[("hx-request", "true")]).await.expect(204);
        assert!(page.header("hx-redirect").starts_with("/console/sign-in?next="));
    }
}
