//! The pages about groups.

use super::browser::{Page, Site};
use directory::groups::GroupChanges;
use directory::users::UserChanges;
use test_support::{by_id, conferring, on_every_engine, short};

const LIST: &str = "/console/environments/pizza/groups";

/// What the form of a group's page holds unseen.
fn hidden<'a>(page: &'a Page, name: &str) -> &'a str {
    let rest = page.text.split(&format!("name=\"{name}\" value=\"")).nth(1).unwrap_or_default();
    rest.split('"').next().unwrap_or_default()
}

on_every_engine! {
    async fn the_first_group_is_asked_for_and_made(site: Site) {
        let mut boss = site.boss().await;
        let empty = site.get(&boss, LIST).await.expect(200);
        empty.has("No groups yet");
        empty.has(&format!("href=\"{LIST}/new\""));
        let form = site.get(&boss, &format!("{LIST}/new")).await.expect(200);
        let shown = hidden(&form, "permissions_shown").to_owned();
        let fields = [("name", "accounting"), ("label", "Accounting"), ("permissions", "view_user"), ("permissions_shown", &shown)];
        let to = site.submit(&mut boss, &format!("{LIST}/new"), LIST, &fields).await.leads();
        assert_eq!(to, format!("{LIST}/1?saved=true"));
        let made = site.get(&boss, &to).await.expect(200);
        made.has("Saved.");
        made.has("value=\"view_user\" checked");
        made.lacks("value=\"add_user\" checked");
        site.get(&boss, &format!("{LIST}?search=ACCOUNT")).await.expect(200).has("accounting");
        site.get(&boss, &format!("{LIST}?search=nothing")).await.expect(200).has("No group found");
    }

    async fn what_is_wrong_stands_beside_its_field_and_nothing_is_lost(site: Site) {
        let mut boss = site.boss().await;
        site.world.group_as(&site.pizza.administrator.caller, "accounting", &[]).await.unwrap();
        let new = format!("{LIST}/new");
        let fields = [("name", "Accounting"), ("label", "Typed label"), ("permissions_shown", ","), ("permissions_more", "fly\n")];
        let page = site.submit(&mut boss, &new, LIST, &fields).await.expect(422);
        page.has("This does not exist here: fly");
        page.has("Typed label");
        page.has(">fly\n</textarea>");
        let page = site.submit(&mut boss, &new, LIST, &fields[..2]).await.expect(422);
        page.has("This is taken already");
        page.has("aria-describedby=\"name-error\"");
        let page = site.submit(&mut boss, &new, LIST, &[("name", " "), ("label", "Typed label")]).await.expect(422);
        page.has("id=\"name-error\"");
        page.has("Typed label");
    }

    async fn before_anybody_gains_or_loses_a_page_asks(site: Site) {
        let group = site.world.group(&site.pizza, &["view_user"]).await;
        let within = UserChanges { name: Some(short("Ada")), groups: Some(vec![by_id(group)]), ..Default::default() };
        site.world.create(&site.pizza, "ada@pizza.example", within).await.unwrap();
        let mut boss = site.boss().await;
        let here = format!("{LIST}/{group}");
        let form = site.get(&boss, &here).await.expect(200);
        let (shown, seen) = (hidden(&form, "permissions_shown").to_owned(), hidden(&form, "seen").to_owned());
        let mut fields = vec![("name", "renamed"), ("permissions", "add_user"), ("permissions_shown", &shown), ("seen", &seen)];
        let asks = site.submit(&mut boss, &here, &here, &fields).await.expect(200);
        asks.has("Ada");
        asks.has("<code class=\"gain\">add_user</code>");
        asks.has("<code class=\"loss\">view_user</code>");
        asks.has("name=\"permissions\" value=\"add_user\"");
        fields.push(("back", "true"));
        let back = site.submit(&mut boss, &here, &here, &fields).await.expect(200);
        back.has("value=\"add_user\" checked");
        back.lacks("value=\"view_user\" checked");
        back.has("value=\"renamed\"");
        fields.pop();
        fields.push(("confirmed", "true"));
        site.submit(&mut boss, &here, &here, &fields).await.expect(303);
        let saved = site.get(&boss, &here).await.expect(200);
        saved.has("value=\"add_user\" checked");
        saved.lacks("value=\"view_user\" checked");
    }

    async fn a_name_alone_is_saved_without_a_question(site: Site) {
        let group = site.world.group(&site.pizza, &["view_user"]).await;
        let mut boss = site.boss().await;
        let here = format!("{LIST}/{group}");
        let seen = hidden(&site.get(&boss, &here).await, "seen").to_owned();
        // What no box showed stays as it is.
        let fields = [("name", "other name"), ("permissions_shown", ","), ("seen", &seen)];
        site.submit(&mut boss, &here, &here, &fields).await.expect(303);
        let saved = site.get(&boss, &here).await.expect(200);
        saved.has("<h1>other name</h1>");
        saved.has("value=\"view_user\" checked");
    }

    async fn whoever_saw_another_group_overwrites_nothing_unasked(site: Site) {
        let group = site.world.group(&site.pizza, &["view_user"]).await;
        let mut boss = site.boss().await;
        let here = format!("{LIST}/{group}");
        let seen = hidden(&site.get(&boss, &here).await, "seen").to_owned();
        site.world.update_group(&site.pizza.administrator.caller, group, conferring(&["add_user"])).await.unwrap();
        let fields = [("name", "mine"), ("seen", seen.as_str())];
        let page = site.submit(&mut boss, &here, &here, &fields).await.expect(409);
        page.has("Somebody has changed this group meanwhile");
        page.has("value=\"mine\"");
        assert_ne!(hidden(&page, "seen"), seen);
        let stale = [("seen", seen.as_str())];
        site.submit(&mut boss, &here, &format!("{here}/delete"), &stale).await.expect(409);
    }

    async fn a_deleted_group_takes_what_it_gave(site: Site) {
        let group = site.world.group(&site.pizza, &["view_user"]).await;
        let within = UserChanges { name: Some(short("Ada")), groups: Some(vec![by_id(group)]), ..Default::default() };
        site.world.create(&site.pizza, "ada@pizza.example", within).await.unwrap();
        let mut boss = site.boss().await;
        let page = format!("{LIST}/{group}/delete");
        let asks = site.get(&boss, &page).await.expect(200);
        asks.has("Ada");
        asks.has("<code class=\"loss\">view_user</code>");
        let seen = hidden(&asks, "seen").to_owned();
        assert_eq!(site.submit(&mut boss, &page, &page, &[("seen", &seen)]).await.leads(), LIST);
        site.get(&boss, &format!("{LIST}/{group}")).await.expect(404);
    }

    async fn groups_in_a_circle_are_refused_in_words(site: Site) {
        let by = &site.pizza.administrator.caller;
        let (outer, inner) = (site.world.group(&site.pizza, &["view_user"]).await, site.world.group(&site.pizza, &[]).await);
        let contains = GroupChanges { contains: Some(vec![by_id(inner).group]), ..Default::default() };
        site.world.update_group(by, outer, contains).await.unwrap();
        let mut boss = site.boss().await;
        let here = format!("{LIST}/{inner}");
        let form = site.get(&boss, &here).await.expect(200);
        form.has("Also confers");
        let (seen, outer) = (hidden(&form, "seen").to_owned(), outer.to_string());
        let fields = [("name", "inner"), ("inner", &outer), ("seen", &seen)];
        site.submit(&mut boss, &here, &here, &fields).await.expect(422).has("A group cannot be within itself");
    }

    async fn whoever_may_only_look_has_no_form(site: Site) {
        let group = site.world.group(&site.pizza, &["view_user"]).await;
        let looker = site.browser_of(&site.world.holder(&site.pizza, &["view_group"]).await);
        let list = site.get(&looker, LIST).await.expect(200);
        list.lacks("/new");
        let page = site.get(&looker, &format!("{LIST}/{group}")).await.expect(200);
        page.lacks("name=\"name\"");
        page.lacks("/delete");
        site.get(&looker, &format!("{LIST}/new")).await.expect(403);
        site.get(&looker, &format!("{LIST}/{group}/delete")).await.expect(403);
        let nobody = site.browser_of(&site.world.member(&site.pizza).await);
        site.get(&nobody, "/console/environments/pizza").await.expect(200).lacks(LIST);
        site.get(&nobody, LIST).await.expect(403);
    }

    async fn ids_of_another_environment_are_nothing_here(site: Site) {
        let pasta = site.world.environment("pasta").await;
        for _ in 0..3 {
            site.world.group(&pasta, &["view_user"]).await;
        }
        let boss = site.boss().await;
        for page in ["3", "3/delete", "x", "-1", "99999999999999999999"] {
            site.get(&boss, &format!("{LIST}/{page}")).await.expect(404);
        }
        let fields = [("name", "theirs"), ("inner", "3")];
        let mut boss = boss;
        let page = site.submit(&mut boss, &format!("{LIST}/new"), LIST, &fields).await.expect(422);
        page.has("This does not exist here: 3");
    }

    async fn another_sites_form_changes_no_group(site: Site) {
        let group = site.world.group(&site.pizza, &["view_user"]).await;
        let boss = site.boss().await;
        let ours = [("sec-fetch-site", "same-origin")];
        for path in [LIST.to_owned(), format!("{LIST}/{group}"), format!("{LIST}/{group}/delete")] {
            site.post(&boss, &path, &ours, &[("name", "x"), ("csrf", "other")]).await.expect(403);
            let token = site.get(&boss, LIST).await.token().to_owned();
            site.post(&boss, &path, &[("sec-fetch-site", "cross-site")], &[("name", "x"), ("csrf", &token)]).await.expect(403);
        }
    }
}
