//! The pages about permissions.

use super::browser::Site;
use directory::groups::GroupChanges;
use directory::users::UserChanges;
use std::time::Duration;
use test_support::{by_id, on_every_engine, short};

const LIST: &str = "/console/environments/pizza/permissions";

on_every_engine! {
    async fn a_permission_is_declared_renamed_and_deleted(site: Site) {
        let mut boss = site.boss().await;
        let list = site.get(&boss, LIST).await.expect(200);
        list.has("view_user");
        list.has(&format!("href=\"{LIST}/new\""));
        let new = format!("{LIST}/new");
        let to = site.submit(&mut boss, &new, LIST, &[("codename", "approve_invoice"), ("name", "Approve invoices")]).await.leads();
        let made = site.get(&boss, &to).await.expect(200);
        made.has("<h1>Approve invoices</h1>");
        made.has("No group confers it yet");
        let here = to.split('?').next().unwrap();
        let again = [("codename", "approve_all"), ("name", "Approve everything")];
        site.submit(&mut boss, here, here, &again).await.expect(303);
        site.get(&boss, here).await.expect(200).has("value=\"approve_all\"");
        site.get(&boss, &format!("{LIST}?search=EVERYTHING")).await.expect(200).has("approve_all");
        let delete = format!("{here}/delete");
        site.get(&boss, &delete).await.expect(200).has("Delete this permission?");
        assert_eq!(site.submit(&mut boss, &delete, &delete, &[]).await.leads(), LIST);
        site.get(&boss, here).await.expect(404);
    }

    async fn a_wrong_codename_stands_where_it_was_typed(site: Site) {
        let mut boss = site.boss().await;
        let new = format!("{LIST}/new");
        for (codename, told) in [("Approve It", "Use 2 to 64 of: lower-case letters"), ("view_user", "This is taken already")] {
            let page = site.submit(&mut boss, &new, LIST, &[("codename", codename), ("name", "Typed name")]).await.expect(422);
            page.has(told);
            page.has("aria-describedby=\"codename-error\"");
            page.has(&format!("value=\"{codename}\""));
            page.has("Typed name");
        }
        let own = format!("{LIST}/1");
        let page = site.submit(&mut boss, &own, &own, &[("codename", "view_nobody"), ("name", "x")]).await.expect(409);
        page.has("A built-in permission cannot be");
        site.get(&boss, &own).await.expect(200).lacks("name=\"codename\"");
    }

    async fn a_page_tells_who_holds_it_and_through_what(site: Site) {
        let by = &site.pizza.administrator.caller;
        let (outer, inner) = (site.world.group_as(by, "outer", &["view_user"]).await.unwrap().id, site.world.group_as(by, "inner", &[]).await.unwrap().id);
        let contains = GroupChanges { contains: Some(vec![by_id(inner).group]), ..Default::default() };
        site.world.update_group(by, outer, contains).await.unwrap();
        site.world.wait(Duration::from_secs(3 * 86_400));
        let within = UserChanges { name: Some(short("Ada")), groups: Some(vec![by_id(inner)]), ..Default::default() };
        site.world.create(&site.pizza, "ada@pizza.example", within).await.unwrap();
        let boss = site.boss().await;
        let page = site.get(&boss, &format!("{LIST}/1")).await.expect(200);
        page.has("Ada");
        page.has("inner \u{203a} outer");
        page.has(&format!("by {}", site.pizza.administrator.email));
        page.has("Administrator");
        page.has("/groups/1\">outer");
        let then: jiff::civil::Date = site.world.now_plus(Duration::ZERO)[..10].parse().unwrap();
        let before = then.checked_sub(jiff::Span::new().days(2)).unwrap();
        site.get(&boss, &format!("{LIST}/1?on={before}")).await.expect(200).lacks("Ada");
        site.get(&boss, &format!("{LIST}/1?on={then}")).await.expect(200).has("Ada");
        site.get(&boss, &format!("{LIST}/1?on=1999-01-01")).await.expect(200).has("Nothing is known of this day");
        site.get(&boss, &format!("{LIST}/1?on=yesterday")).await.expect(200).has("Choose a day.");
        let viewer = site.browser_of(&site.world.holder(&site.pizza, &["view_permission", "view_user"]).await);
        site.get(&viewer, &format!("{LIST}/1")).await.expect(200).lacks("type=\"date\"");
        site.get(&viewer, &format!("{LIST}/1?on={before}")).await.expect(403);
    }

    async fn more_holders_than_a_page_has_go_on(site: Site) {
        let group = site.world.group(&site.pizza, &["add_group"]).await;
        for n in 0..30 {
            let fields = UserChanges { name: Some(short(&format!("Guest {n:02}"))), groups: Some(vec![by_id(group)]), ..Default::default() };
            site.world.create(&site.pizza, &format!("p{n}@pizza.example"), fields).await.unwrap();
        }
        let boss = site.boss().await;
        let first = site.get(&boss, &format!("{LIST}/6")).await.expect(200);
        let guests = first.text.matches("Guest ").count();
        let next = first.text.split("rel=\"next\" href=\"").nth(1).unwrap().split('"').next().unwrap().replace("&#38;", "&");
        assert_eq!(guests + site.get(&boss, &next).await.expect(200).text.matches("Guest ").count(), 30);
        // A page of another permission is not this one's.
        site.get(&boss, &next.replace("/6?", "/7?")).await.expect(422);
    }

    async fn whoever_may_only_look_sees_what_it_may(site: Site) {
        let looker = site.browser_of(&site.world.holder(&site.pizza, &["view_permission"]).await);
        let own = site.world.permission(&site.pizza.administrator.caller, "fly").await.unwrap().id;
        let page = site.get(&looker, &format!("{LIST}/{own}")).await.expect(200);
        for absent in ["name=\"codename\"", "/delete", "Who holds it", "Groups that confer it"] {
            page.lacks(absent);
        }
        site.get(&looker, LIST).await.expect(200).lacks("/new");
        for path in ["new", "1/delete", "101/delete"] {
            site.get(&looker, &format!("{LIST}/{path}")).await.expect(403);
        }
        let nobody = site.browser_of(&site.world.member(&site.pizza).await);
        site.get(&nobody, "/console/environments/pizza").await.expect(200).lacks(LIST);
        site.get(&nobody, LIST).await.expect(403);
    }

    async fn ids_of_another_environment_and_forms_of_other_sites_are_refused(site: Site) {
        let pasta = site.world.environment("pasta").await;
        let theirs = site.world.permission(&pasta.administrator.caller, "theirs").await.unwrap().id;
        let boss = site.boss().await;
        for page in [format!("{theirs}"), format!("{theirs}/delete"), "x".to_owned()] {
            site.get(&boss, &format!("{LIST}/{page}")).await.expect(404);
        }
        let own = site.world.permission(&site.pizza.administrator.caller, "fly").await.unwrap().id;
        let token = site.get(&boss, LIST).await.token().to_owned();
        for path in [LIST.to_owned(), format!("{LIST}/{own}"), format!("{LIST}/{own}/delete")] {
            let fields = [("codename", "x_y"), ("csrf", token.as_str())];
            site.post(&boss, &path, &[("sec-fetch-site", "cross-site")], &fields).await.expect(403);
            site.post(&boss, &path, &[("sec-fetch-site", "same-origin")], &fields[..1]).await.expect(403);
        }
    }
}
