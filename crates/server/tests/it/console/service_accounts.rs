//! Service accounts and their tokens.

use super::browser::{Browser, Site};
use directory::users::UserChanges;
use test_support::{on_every_engine, short};

const LIST: &str = "/console/environments/pizza/service-accounts";
const NEW: &str = "/console/environments/pizza/service-accounts/new";

async fn made(site: &Site, boss: &mut Browser, name: &str) -> String {
    site.submit(boss, NEW, LIST, &[("name", name)]).await.leads()
}

on_every_engine! {
    async fn one_is_made_with_its_groups_and_changed(site: Site) {
        site.world.group_as(&site.pizza.administrator.caller, "sync", &[]).await.unwrap();
        site.world.group_as(&site.pizza.administrator.caller, "reports", &[]).await.unwrap();
        let mut boss = site.boss().await;
        site.get(&boss, LIST).await.expect(200).has("No program has an account yet");
        let one = site.submit(&mut boss, NEW, LIST, &[("name", "HR sync"), ("groups", "sync")]).await.leads();
        let page = site.get(&boss, &one).await.expect(200);
        page.has("value=\"sync\" checked");
        page.lacks("value=\"reports\" checked");
        let fields = [("name", "HR"), ("groups", "reports"), ("groups", "sync")];
        assert_eq!(site.submit(&mut boss, &one, &one, &fields).await.leads(), one);
        site.get(&boss, &one).await.expect(200).has("value=\"reports\" checked");
        site.get(&boss, LIST).await.expect(200).has(">HR</a>");
        site.submit(&mut boss, &one, &format!("{one}/deactivate"), &[]).await.leads();
        site.get(&boss, LIST).await.expect(200).has("Inactive");
        site.submit(&mut boss, &one, &format!("{one}/activate"), &[]).await.leads();
        site.get(&boss, LIST).await.expect(200).lacks("Inactive");
    }

    async fn what_is_wrong_is_said_and_nothing_is_lost(site: Site) {
        let mut boss = site.boss().await;
        let page = site.submit(&mut boss, NEW, LIST, &[("name", " "), ("groups", "nothing\nnowhere")]).await.expect(422);
        page.has("name-error");
        page.has("nothing\nnowhere");
        let page = site.submit(&mut boss, NEW, LIST, &[("name", "HR"), ("groups", "nowhere")]).await.expect(422);
        page.has("groups-error");
        page.has("value=\"HR\"");
        let one = made(&site, &mut boss, "HR").await;
        let fields = [("token_name", ""), ("expires_at", "soon"), ("permissions", "no_such")];
        let page = site.submit(&mut boss, &one, &format!("{one}/tokens"), &fields).await.expect(422);
        page.has("token_name-error");
        page.has("expires_at-error");
        page.has("no_such");
        let fields = [("token_name", "a"), ("permissions", "no_such")];
        site.submit(&mut boss, &one, &format!("{one}/tokens"), &fields).await.expect(422).has("permissions-error");
        let fields = [("token_name", "a"), ("expires_at", "2001-01-01")];
        site.submit(&mut boss, &one, &format!("{one}/tokens"), &fields).await.expect(422).has("expires_at-error");
    }

    async fn a_token_is_shown_once_and_revoked(site: Site) {
        let mut boss = site.boss().await;
        let one = made(&site, &mut boss, "HR").await;
        let fields = [("token_name", "nightly"), ("permissions", "view_user"), ("permissions", "view_group")];
        let shown = site.submit(&mut boss, &one, &format!("{one}/tokens"), &fields).await.expect(200);
        let secret = shown.text.split("readonly value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
        assert!(secret.len() > 40, "{secret}");
        let page = site.get(&boss, &one).await.expect(200);
        page.lacks(&secret);
        page.has("nightly");
        page.has("view_group, view_user");
        let revoke = page.text.split("/revoke\"").next().unwrap().rsplit("action=\"").next().unwrap().to_owned() + "/revoke";
        site.submit(&mut boss, &one, &revoke, &[]).await.leads();
        site.get(&boss, &one).await.expect(200).has("It has no token yet");
        site.submit(&mut boss, &one, &revoke, &[]).await.expect(404);
    }

    async fn one_is_deleted_once_that_is_confirmed(site: Site) {
        let mut boss = site.boss().await;
        let one = made(&site, &mut boss, "HR").await;
        let delete = format!("{one}/delete");
        site.submit(&mut boss, &one, &delete, &[]).await.expect(422).has("Nothing was deleted");
        assert_eq!(site.submit(&mut boss, &one, &delete, &[("confirm", "yes")]).await.leads(), LIST);
        site.get(&boss, &one).await.expect(404);
    }

    async fn many_go_on_to_the_next_page(site: Site) {
        let mut boss = site.boss().await;
        for number in 0..52 {
            made(&site, &mut boss, &format!("Robot {number:02}")).await;
        }
        let first = site.get(&boss, LIST).await.expect(200);
        assert_eq!(first.text.matches(">Robot ").count(), 50);
        first.has("?skip=50\"");
        let second = site.get(&boss, &format!("{LIST}?skip=50")).await.expect(200);
        assert_eq!(second.text.matches(">Robot ").count(), 2);
        second.has("rel=\"prev\"");
        site.get(&boss, &format!("{LIST}?skip=-1")).await.expect(400);
    }

    async fn people_and_other_environments_programs_are_not_there(site: Site) {
        let pasta = site.world.environment("pasta").await;
        let mut cook = site.browser_of(&site.world.again(&pasta.administrator, None).await);
        let other = "/console/environments/pasta/service-accounts";
        let theirs = site.submit(&mut cook, &format!("{other}/new"), other, &[("name", "Secret robot")]).await.leads();
        let fields = UserChanges { name: Some(short("Ada")), ..Default::default() };
        let person = site.world.create(&site.pizza, "ada@pizza.example", fields).await.unwrap().account.id;
        let mut boss = site.boss().await;
        for id in [theirs.rsplit('/').next().unwrap().to_owned(), person.to_string(), "none".to_owned()] {
            let one = format!("{LIST}/{id}");
            site.get(&boss, &one).await.expect(404).lacks("Secret robot");
            for act in ["", "/activate", "/deactivate", "/delete", "/tokens"] {
                let fields = [("name", "Mine"), ("token_name", "mine"), ("confirm", "yes")];
                site.submit(&mut boss, LIST, &format!("{one}{act}"), &fields).await.expect(404).lacks("Secret robot");
            }
        }
        site.get(&cook, &theirs).await.expect(200).has("Secret robot");
    }

    async fn who_may_not_manage_them_finds_no_way_there(site: Site) {
        let member = site.browser_of(&site.world.member(&site.pizza).await);
        site.get(&member, "/console/environments/pizza").await.expect(200).lacks(LIST);
        site.get(&member, LIST).await.expect(403);
        site.get(&member, NEW).await.expect(403);
    }

    async fn no_name_becomes_markup(site: Site) {
        let evil = "<script>alert(1)</script>\"'><img src=x>";
        site.world.group_as(&site.pizza.administrator.caller, evil, &[]).await.unwrap();
        let mut boss = site.boss().await;
        let one = site.submit(&mut boss, NEW, LIST, &[("name", evil), ("groups", evil)]).await.leads();
        let refused = site.submit(&mut boss, &one, &format!("{one}/tokens"), &[("token_name", evil), ("expires_at", evil), ("permissions", evil)]).await;
        refused.lacks("<script>alert");
        site.submit(&mut boss, &one, &format!("{one}/tokens"), &[("token_name", evil)]).await.expect(200).lacks("<script>alert");
        for page in [LIST, NEW, &one] {
            let page = site.get(&boss, page).await.expect(200);
            page.lacks("<script>alert");
            page.lacks("<img");
        }
    }
}
