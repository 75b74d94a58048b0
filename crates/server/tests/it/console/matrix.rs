//! The matrix of groups and permissions, and the picture of groups within groups.

use super::browser::Site;
use directory::groups::{self, GroupChanges};
use directory::users::UserChanges;
use test_support::{by_id, conferring, on_every_engine, short};

const MATRIX: &str = "/console/environments/pizza/matrix";
const NESTING: &str = "/console/environments/pizza/nesting";

/// What confirms a change on the page that asks.
fn confirmation(text: &str) -> String {
    text.split("name=\"confirmed\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned()
}

on_every_engine! {
    async fn what_is_ticked_is_shown_asked_about_and_saved(site: Site) {
        let by = &site.pizza.administrator.caller;
        let group = site.world.group_as(by, "accounting", &["view_user", "add_user"]).await.unwrap().id;
        let within = UserChanges { name: Some(short("Ada")), groups: Some(vec![by_id(group)]), ..Default::default() };
        site.world.create(&site.pizza, "ada@pizza.example", within).await.unwrap();
        let mut boss = site.boss().await;
        let page = site.get(&boss, MATRIX).await.expect(200);
        page.has("value=\"1.1\" aria-label=\"accounting: view_user\" checked");
        page.has("value=\"1.3\" aria-label=\"accounting: change_user\">");
        page.has("name=\"before\" value=\"1.2,1.1\"");
        // view_user goes, change_user comes, add_user stays.
        let ticked = [("shown", "true"), ("before", "1.2,1.1"), ("query", "permission=user"), ("cell", "1.2"), ("cell", "1.3")];
        let asks = site.submit(&mut boss, MATRIX, MATRIX, &ticked).await.expect(200);
        asks.has("Ada");
        asks.has("<code class=\"gain\">change_user</code>");
        asks.has("<code class=\"loss\">view_user</code>");
        asks.has("name=\"added\" value=\"1.3\"");
        asks.has("name=\"removed\" value=\"1.1\"");
        let changes = [("added", "1.3"), ("removed", "1.1"), ("query", "permission=user")];
        let back = site.submit(&mut boss, MATRIX, MATRIX, &[&changes[..], &[("back", "true")]].concat()).await.expect(200);
        back.has("Not saved yet");
        back.has("value=\"1.3\" aria-label=\"accounting: change_user\" checked");
        back.has("name=\"before\" value=\"1.2,1.1\"");
        back.lacks("view_menu");
        let confirmed = confirmation(&asks.text);
        let to = site.submit(&mut boss, MATRIX, MATRIX, &[&changes[..], &[("confirmed", &confirmed)]].concat()).await.leads();
        assert_eq!(to, format!("{MATRIX}?permission=user&saved=true"));
        let saved = site.get(&boss, &to).await.expect(200);
        saved.has("Saved.");
        saved.has("name=\"before\" value=\"1.2,1.3\"");
    }

    async fn what_changed_meanwhile_is_shown_again_before_it_is_saved(site: Site) {
        let by = &site.pizza.administrator.caller;
        let group = site.world.group_as(by, "accounting", &["view_user"]).await.unwrap().id;
        let mut boss = site.boss().await;
        let changes = [("added", "1.3")];
        let asks = site.submit(&mut boss, MATRIX, MATRIX, &changes).await.expect(200);
        asks.has("Nobody gains or loses");
        site.world.update_group(by, group, conferring(&["add_group"])).await.unwrap();
        let confirmed = confirmation(&asks.text);
        let again = site.submit(&mut boss, MATRIX, MATRIX, &[changes[0], ("confirmed", &confirmed)]).await.expect(409);
        again.has("Somebody has changed these groups meanwhile");
        let confirmed = confirmation(&again.text);
        site.submit(&mut boss, MATRIX, MATRIX, &[changes[0], ("confirmed", &confirmed)]).await.expect(303);
        let read = site.world.directory.read(by.clone(), move |tx, actor| groups::get(tx, actor, group)).await.unwrap();
        assert_eq!(read.permissions.iter().map(|codename| codename.as_str()).collect::<Vec<_>>(), ["add_group", "change_user"]);
    }

    async fn what_comes_through_nesting_is_marked(site: Site) {
        let by = &site.pizza.administrator.caller;
        let outer = site.world.group_as(by, "outer", &["view_user"]).await.unwrap().id;
        let inner = site.world.group_as(by, "inner", &[]).await.unwrap().id;
        let boss = site.boss().await;
        site.get(&boss, NESTING).await.expect(200).has("No group contains another");
        let contains = GroupChanges { contains: Some(vec![by_id(inner).group]), ..Default::default() };
        site.world.update_group(by, outer, contains).await.unwrap();
        let page = site.get(&boss, MATRIX).await.expect(200);
        page.has("through outer");
        page.has("value=\"2.1\" aria-label=\"inner: view_user\">");
        let picture = site.get(&boss, NESTING).await.expect(200);
        picture.has("<svg");
        picture.has("<path d=\"M177 19C");
        picture.has("outer</a> contains <a href=\"/console/environments/pizza/groups/2\">inner</a>");
    }

    async fn a_large_matrix_is_looked_at_in_parts(site: Site) {
        let by = &site.pizza.administrator.caller;
        for n in 0..10 {
            site.world.group_as(by, &format!("{n} {}", "a name that is rather long ".repeat(4)), &["view_user"]).await.unwrap();
        }
        for n in 0..50 {
            site.world.permission(by, &format!("permission_with_a_codename_that_is_rather_long_{n}")).await.unwrap();
        }
        let boss = site.boss().await;
        let page = site.get(&boss, MATRIX).await.expect(200);
        page.has("groups_from=8");
        page.has("permissions_from=40");
        assert!(page.text.len() < 100_000, "{}", page.text.len());
        let rest = site.get(&boss, &format!("{MATRIX}?groups_from=8&permissions_from=40")).await.expect(200);
        rest.has("groups_from=0");
        assert_eq!(rest.text.matches("type=\"checkbox\"").count(), 2 * 30);
        for wrong in ["groups_from=-1", "groups_from=x", "unknown=1"] {
            site.get(&boss, &format!("{MATRIX}?{wrong}")).await.expect(400);
        }
    }

    async fn whoever_may_not_change_it_reads_it(site: Site) {
        site.world.group(&site.pizza, &["view_user"]).await;
        let mut looker = site.browser_of(&site.world.holder(&site.pizza, &["view_group", "view_permission"]).await);
        let page = site.get(&looker, MATRIX).await.expect(200);
        page.lacks("type=\"checkbox\"");
        page.has("aria-label=\"yes\"");
        let asks = site.submit(&mut looker, MATRIX, MATRIX, &[("added", "1.3")]).await.expect(200);
        asks.has("You may not see users");
        let confirmed = confirmation(&asks.text);
        let refused = site.submit(&mut looker, MATRIX, MATRIX, &[("added", "1.3"), ("confirmed", &confirmed)]).await.expect(403);
        refused.has("role=\"alert\"");
        // Who may change groups gives nothing that it does not have.
        let mut clerk = site.browser_of(&site.world.holder(&site.pizza, &["view_group", "view_permission", "change_group"]).await);
        let asks = site.submit(&mut clerk, MATRIX, MATRIX, &[("added", "1.3")]).await.expect(200);
        let confirmed = confirmation(&asks.text);
        site.submit(&mut clerk, MATRIX, MATRIX, &[("added", "1.3"), ("confirmed", &confirmed)]).await.expect(403);
        let member = site.browser_of(&site.world.member(&site.pizza).await);
        site.get(&member, MATRIX).await.expect(403);
        site.get(&member, NESTING).await.expect(403);
    }

    async fn cells_that_are_not_here_and_forms_of_others_change_nothing(site: Site) {
        let pasta = site.world.environment("pasta").await;
        for _ in 0..3 {
            site.world.group(&pasta, &["view_user"]).await;
        }
        let mut boss = site.boss().await;
        site.submit(&mut boss, MATRIX, MATRIX, &[("added", "3.1")]).await.expect(404);
        for wrong in ["x", "1", "1.x", "1.1.1"] {
            site.submit(&mut boss, MATRIX, MATRIX, &[("added", wrong)]).await.expect(400);
        }
        let token = site.get(&boss, MATRIX).await.token().to_owned();
        let fields = [("added", "1.1"), ("confirmed", "x"), ("csrf", token.as_str())];
        site.post(&boss, MATRIX, &[("sec-fetch-site", "cross-site")], &fields).await.expect(403);
        site.post(&boss, MATRIX, &[("sec-fetch-site", "same-origin")], &fields[..2]).await.expect(403);
    }
}
