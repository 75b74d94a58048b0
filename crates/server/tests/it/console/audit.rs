//! The audit trail: read, narrowed down, taken away and verified.

use super::browser::{Browser, Page, Site};
use directory::users::UserChanges;
use test_support::{on_every_engine, short};

const AUDIT: &str = "/console/environments/pizza/audit";
const VERIFY: &str = "/console/environments/pizza/audit/verify";

/// Chains what was written, without which nothing is shown.
async fn chain(site: &Site) {
    while site.world.directory.chain_audit().await.unwrap() {}
}

/// A user who was made and renamed, and the administrator's browser.
async fn renamed(site: &Site) -> (directory::id::UserId, Browser) {
    let fields = UserChanges { name: Some(short("Ada")), ..Default::default() };
    let ada = site.world.create(&site.pizza, "ada@pizza.example", fields).await.unwrap().account.id;
    let fields = UserChanges { name: Some(short("Augusta")), ..Default::default() };
    site.world.update(&site.pizza.administrator.caller, ada, fields).await.unwrap();
    let boss = site.boss().await;
    chain(site).await;
    (ada, boss)
}

on_every_engine! {
    async fn an_event_says_what_was_before_and_what_is_after(site: Site) {
        let (ada, boss) = renamed(&site).await;
        let page = site.get(&boss, &format!("{AUDIT}?subject={ada}&verb=user.updated")).await.expect(200);
        page.has("<th scope=\"row\">name</th><td>Ada</td><td>Augusta</td>");
        page.has(">Augusta</a>");
        page.has("user.updated</a>");
        page.lacks("user.created</a>");
        site.get(&boss, "/console/environments/pizza").await.expect(200).has(&format!("href=\"{AUDIT}\""));
    }

    async fn events_are_narrowed_down_in_every_way(site: Site) {
        let (ada, boss) = renamed(&site).await;
        let shown = |page: &Page| page.text.matches("<li class=\"event\">").count();
        let by = site.pizza.administrator.id;
        let all = shown(&site.get(&boss, AUDIT).await.expect(200));
        assert!(all >= 3, "{all}");
        assert_eq!(shown(&site.get(&boss, &format!("{AUDIT}?actor={by}&subject={ada}&verb=user.")).await.expect(200)), 2);
        let mail = &site.pizza.administrator.email;
        assert_eq!(shown(&site.get(&boss, &format!("{AUDIT}?actor={mail}&subject={ada}")).await.expect(200)), 2);
        for (query, some) in [("from=2020-01-01T00:00", true), ("to=2020-01-01", false), ("from=2999-01-01", false), ("request=none", false)] {
            let page = site.get(&boss, &format!("{AUDIT}?actor=&subject=&verb=&{query}")).await.expect(200);
            assert_eq!(shown(&page), if some { all } else { 0 }, "{query}");
        }
        site.get(&boss, &format!("{AUDIT}?request=none")).await.expect(200).has("No event matches");
    }

    async fn what_cannot_be_asked_is_said_beside_its_field(site: Site) {
        let (_, boss) = renamed(&site).await;
        let query = format!("actor=nobody&subject={}&from=yesterday&to=2026-03-05T14:00", "x".repeat(201));
        let page = site.get(&boss, &format!("{AUDIT}?{query}")).await.expect(422);
        for field in ["actor", "subject", "from"] {
            page.has(&format!("aria-describedby=\"{field}-error\""));
        }
        page.lacks("to-error");
        page.has("value=\"yesterday\"");
        page.has("value=\"2026-03-05T14:00\"");
        site.get(&boss, &format!("{AUDIT}?actor=nobody@pizza.example")).await.expect(422).has("actor-error");
        for query in ["unknown=1", "cursor=AAAA", "system=yes"] {
            let page = site.get(&boss, &format!("{AUDIT}?{query}")).await;
            assert!(matches!(page.status.as_u16(), 400 | 422), "{query}");
        }
    }

    async fn a_long_trail_goes_on_to_its_beginning(site: Site) {
        for number in 0..40 {
            site.world.create(&site.pizza, &format!("p{number}@pizza.example"), UserChanges::default()).await.unwrap();
        }
        chain(&site).await;
        let boss = site.boss().await;
        let first = site.get(&boss, &format!("{AUDIT}?verb=user.created")).await.expect(200);
        assert_eq!(first.text.matches("<li class=\"event\">").count(), 30);
        assert!(first.text.len() < 100_000, "{}", first.text.len());
        let next = first.text.split("rel=\"next\" href=\"").nth(1).unwrap().split('"').next().unwrap().replace("&#38;", "&");
        let second = site.get(&boss, &next).await.expect(200);
        second.lacks("rel=\"next\"");
        second.has("To the newest");
    }

    async fn all_of_it_can_be_taken_away(site: Site) {
        let (ada, boss) = renamed(&site).await;
        let export = site.get(&boss, &format!("{AUDIT}/export")).await.expect(200);
        assert_eq!(export.header("content-type"), "application/x-ndjson");
        assert_eq!(export.header("content-disposition"), "attachment; filename=\"audit.ndjson\"");
        assert!(export.text.lines().any(|line| line.contains(&ada.to_string())));
        site.get(&boss, &format!("{AUDIT}/export?system=true")).await.expect(403);
    }

    async fn a_trail_is_verified_and_a_break_is_told(site: Site) {
        let (_, mut boss) = renamed(&site).await;
        site.submit(&mut boss, AUDIT, VERIFY, &[]).await.expect(200).has("It is whole");
        let alter = format!("UPDATE audit_events SET subject = 'x' WHERE chain = {} AND sequence = 2", site.pizza.id);
        site.world.database.execute(&alter);
        let page = site.submit(&mut boss, AUDIT, VERIFY, &[]).await.expect(200);
        page.has("It is broken");
        page.has("Event 2 was altered.");
        site.submit(&mut boss, AUDIT, VERIFY, &[("system", "true")]).await.expect(403);
        site.submit(&mut boss, AUDIT, VERIFY, &[("from", "AAAA")]).await.expect(422);
    }

    async fn the_systems_trail_is_for_operators(site: Site) {
        let (_, boss) = renamed(&site).await;
        site.get(&boss, &format!("{AUDIT}?system=true")).await.expect(403);
        site.get(&boss, AUDIT).await.expect(200).lacks("name=\"system\"");
        let mut operator = site.browser_of(&site.world.operator);
        let page = site.get(&operator, &format!("{AUDIT}?system=true&verb=environment.created")).await.expect(200);
        page.has("environment.created</a>");
        site.submit(&mut operator, AUDIT, VERIFY, &[("system", "true")]).await.expect(200).has("It is whole");
    }

    async fn who_may_not_read_it_finds_no_way_there(site: Site) {
        let member = site.browser_of(&site.world.member(&site.pizza).await);
        site.get(&member, "/console/environments/pizza").await.expect(200).lacks(AUDIT);
        site.get(&member, AUDIT).await.expect(403);
        site.get(&member, &format!("{AUDIT}?actor=nobody")).await.expect(403);
        site.get(&member, &format!("{AUDIT}/export")).await.expect(403);
    }

    async fn nothing_that_happened_becomes_markup(site: Site) {
        let evil = "<script>alert(1)</script>\"'><img src=x>";
        let fields = UserChanges { name: Some(short(evil)), ..Default::default() };
        site.world.create(&site.pizza, "evil@pizza.example", fields).await.unwrap();
        chain(&site).await;
        let boss = site.boss().await;
        let encoded: String = form_urlencoded::byte_serialize(evil.as_bytes()).collect();
        for query in ["".to_owned(), format!("?actor={encoded}&from={encoded}"), format!("?subject={encoded}&request={encoded}&verb={encoded}")] {
            let page = site.get(&boss, &format!("{AUDIT}{query}")).await;
            assert!(matches!(page.status.as_u16(), 200 | 422));
            page.lacks("<script>alert");
            page.lacks("<img");
        }
    }

    async fn another_environments_events_are_not_shown(site: Site) {
        let pasta = site.world.environment("pasta").await;
        let cook = site.world.create(&pasta, "cook@pasta.example", UserChanges::default()).await.unwrap().account.id;
        chain(&site).await;
        let boss = site.boss().await;
        site.get(&boss, &format!("{AUDIT}?subject={cook}")).await.expect(200).has("No event matches");
        site.get(&boss, "/console/environments/pasta/audit").await.expect(403);
    }
}
