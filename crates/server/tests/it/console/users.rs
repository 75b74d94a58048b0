//! The list of users.

use super::browser::{Browser, Page, Site};
use directory::id::UserId;
use directory::users::UserChanges;
use test_support::{by_id, on_every_engine, short};

const LIST: &str = "/console/environments/pizza/users";

on_every_engine! {
    async fn pages_go_on_to_the_end_and_back(site: Site) {
        for number in 0..60 {
            let fields = UserChanges { name: Some(short(&format!("Guest {number:02}"))), ..Default::default() };
            site.world.create(&site.pizza, &format!("p{number}@pizza.example"), fields).await.unwrap();
        }
        let boss = site.boss().await;
        let first = site.get(&boss, &format!("{LIST}?search=Guest")).await.expect(200);
        first.has("Guest 00");
        first.has("Guest 49");
        first.lacks("Guest 50");
        first.lacks("rel=\"prev\"");
        let next = link(&first.text, "next");
        let second = site.get(&boss, &next).await.expect(200);
        second.has("Guest 50");
        second.has("Guest 59");
        second.lacks("rel=\"next\"");
        let back = site.get(&boss, &link(&second.text, "prev")).await.expect(200);
        back.has("Guest 00");
        let last = site.get(&boss, &format!("{LIST}?search=Guest&order=-name")).await.expect(200);
        last.has("aria-sort=\"descending\"");
        last.has("Guest 59");
        last.lacks("Guest 09");
        assert!(first.text.len() < 100_000, "{}", first.text.len());
    }

    async fn a_filter_shows_whom_it_says(site: Site) {
        for (name, active) in [("Anna", true), ("Otto", false)] {
            let fields = UserChanges { name: Some(short(name)), active: Some(active), ..Default::default() };
            site.world.create(&site.pizza, &format!("{name}@pizza.example"), fields).await.unwrap();
        }
        let boss = site.boss().await;
        let inactive = site.get(&boss, &format!("{LIST}?status=inactive")).await.expect(200);
        inactive.has("Otto");
        inactive.lacks("Anna");
        let nobody = site.get(&boss, &format!("{LIST}?search=zzzzz")).await.expect(200);
        nobody.has("Nobody found");
        nobody.has(&format!("href=\"{LIST}\""));
    }

    async fn filters_narrow_the_list_to_a_group_a_permission_or_a_role(site: Site) {
        let caller = &site.pizza.administrator.caller;
        let bakers = site.world.group_as(caller, "Night bakers", &["view_menu"]).await.unwrap();
        for (name, groups) in [("Anna", vec![by_id(bakers.id)]), ("Otto", Vec::new())] {
            let fields = UserChanges { name: Some(short(name)), groups: Some(groups), ..Default::default() };
            site.world.create(&site.pizza, &format!("{name}@pizza.example"), fields).await.unwrap();
        }
        let boss = site.boss().await;
        for filter in ["group=Night+bakers", "permission=view_menu&role=member", "group=Night+bakers&search=ann&order=-name"] {
            let page = site.get(&boss, &format!("{LIST}?{filter}")).await.expect(200);
            page.has("Anna");
            page.lacks("Otto");
        }
        let page = site.get(&boss, &format!("{LIST}?group=Night+bakers&order=name")).await.expect(200);
        page.has("order=-since");
        page.lacks("order=name");
        let page = site.get(&boss, &format!("{LIST}?role=administrator")).await.expect(200);
        page.lacks("Anna");
        page.has(">Administrator<");
        let page = site.get(&boss, &format!("{LIST}?group=None&permission=")).await.expect(200);
        page.has("There is no group of this name here.");
        site.get(&boss, &format!("{LIST}?permission=fly")).await.expect(200).has("There is no such permission here.");
        let looker = site.browser_of(&site.world.holder(&site.pizza, &["view_user"]).await);
        site.get(&looker, &format!("{LIST}?group=Night+bakers")).await.expect(403);
        let page = site.get(&looker, LIST).await.expect(200);
        for offered in ["id=\"in-group\"", "id=\"with-permission\"", "type=\"checkbox\"", "/selected", ">Night bakers\""] {
            page.lacks(offered);
        }
    }

    async fn names_are_suggested_of_this_environment_alone(site: Site) {
        let pasta = site.world.environment("pasta").await;
        for tenant in [&site.pizza, &pasta] {
            site.world.group_as(&tenant.administrator.caller, &format!("bakers of {}", tenant.key), &[]).await.unwrap();
        }
        let boss = site.boss().await;
        let page = site.get(&boss, &format!("{LIST}/suggest?group=BAKERS")).await.expect(200);
        assert_eq!(page.text, "<option value=\"bakers of pizza\"></option>");
        site.get(&boss, &format!("{LIST}/suggest?permission=view_u")).await.expect(200).has("view_user");
        let looker = site.browser_of(&site.world.holder(&site.pizza, &["view_user"]).await);
        site.get(&looker, &format!("{LIST}/suggest?group=b")).await.expect(403);
    }

    async fn a_selection_is_changed_and_each_refusal_told(site: Site) {
        let boss = site.boss().await;
        let [ada, bob] = [site.world.member(&site.pizza).await.id, site.world.member(&site.pizza).await.id];
        let first = site.pizza.administrator.id;
        let limited = site.world.holder(&site.pizza, &["view_user", "change_user", "view_group"]).await;
        let limited = site.browser_of(&limited);
        let page = select(&site, &limited, "deactivate", "", &[first, ada, bob, ada]).await.expect(200);
        page.has("Refused");
        assert_eq!(page.text.matches("class=\"error\"").count(), 1);
        page.has("value=\"activate\"");
        assert!(site.world.look(&site.pizza, first).await.unwrap().membership.active);
        for id in [ada, bob] {
            assert!(!site.world.look(&site.pizza, id).await.unwrap().membership.active);
        }
        let page = select(&site, &boss, "activate", "", &[ada, bob, first]).await.expect(200);
        page.has("Was so already");
        assert!(site.world.look(&site.pizza, ada).await.unwrap().membership.active);
    }

    async fn a_selection_joins_and_leaves_a_group(site: Site) {
        let boss = site.boss().await;
        let caller = &site.pizza.administrator.caller;
        let (ada, bob) = (site.world.member(&site.pizza).await.id, site.world.member(&site.pizza).await.id);
        let own = site.world.group_as(caller, "own", &[]).await.unwrap().id;
        let within = UserChanges { groups: Some(vec![by_id(own)]), ..Default::default() };
        site.world.update(caller, ada, within).await.unwrap();
        site.world.group_as(caller, "bakers", &[]).await.unwrap();
        let groups = async |id| site.world.look(&site.pizza, id).await.unwrap().groups.len();
        for wrong in ["", "nobodies"] {
            let page = select(&site, &boss, "add", wrong, &[ada, bob]).await.expect(422);
            page.has("group-error");
            page.has(&format!("name=\"user\" value=\"{ada}\""));
        }
        select(&site, &boss, "add", "bakers", &[ada, bob]).await.expect(200).lacks("Refused");
        assert_eq!((groups(ada).await, groups(bob).await), (2, 1));
        let page = select(&site, &boss, "remove", "bakers", &[ada, bob]).await.expect(200);
        page.lacks("Undo");
        assert_eq!((groups(ada).await, groups(bob).await), (1, 0));
        site.world.group_as(caller, "strong", &["delete_user"]).await.unwrap();
        let limited = site.browser_of(&site.world.holder(&site.pizza, &["view_user", "change_user", "view_group"]).await);
        select(&site, &limited, "add", "strong", &[ada]).await.expect(200).has("Refused");
        assert_eq!(groups(ada).await, 1);
    }

    async fn a_selection_reaches_nobody_elsewhere_and_needs_a_permission(site: Site) {
        let pasta = site.world.environment("pasta").await;
        let fields = UserChanges { name: Some(short("Secret Cook")), ..Default::default() };
        let cook = site.world.create(&pasta, "cook@pasta.example", fields).await.unwrap().account.id;
        let boss = site.boss().await;
        let page = select(&site, &boss, "deactivate", "", &[cook]).await.expect(200);
        page.has("This is no user here.");
        page.lacks("Secret Cook");
        assert!(site.world.look(&pasta, cook).await.unwrap().membership.active);
        select(&site, &boss, "deactivate", "", &[]).await.expect(422).has("Select users first");
        select(&site, &boss, "explode", "", &[cook]).await.expect(400);
        let looker = site.browser_of(&site.world.holder(&site.pizza, &["view_user"]).await);
        let ada = site.world.member(&site.pizza).await.id;
        select(&site, &looker, "deactivate", "", &[ada]).await.expect(403);
        let forged = [("csrf", "x"), ("action", "deactivate"), ("user", &ada.to_string())];
        site.post(&boss, &format!("{LIST}/selected"), &[("sec-fetch-site", "same-origin")], &forged).await.expect(403);
        assert!(site.world.look(&site.pizza, ada).await.unwrap().membership.active);
    }

    async fn an_address_that_no_page_makes_is_refused(site: Site) {
        let boss = site.boss().await;
        for query in ["status=x", "order=password", "cursor=AAAA", "unknown=1", "search=%ff"] {
            let page = site.get(&boss, &format!("{LIST}?{query}")).await;
            assert!(matches!(page.status.as_u16(), 400 | 422), "{query}: {}", page.status);
        }
        site.get(&boss, &format!("{LIST}/none")).await.expect(404);
    }
}

async fn select(site: &Site, browser: &Browser, action: &str, group: &str, users: &[UserId]) -> Page {
    let token = site.get(browser, LIST).await.token().to_owned();
    let ids: Vec<String> = users.iter().map(ToString::to_string).collect();
    let mut fields = vec![("csrf", token.as_str()), ("action", action), ("group", group)];
    fields.extend(ids.iter().map(|id| ("user", id.as_str())));
    site.post(browser, &format!("{LIST}/selected"), &[("sec-fetch-site", "same-origin")], &fields).await
}

fn link(text: &str, rel: &str) -> String {
    let rest = text.split(&format!("rel=\"{rel}\" href=\"")).nth(1).unwrap();
    rest.split('"').next().unwrap().replace("&#38;", "&")
}
