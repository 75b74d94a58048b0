//! Webhooks: made, changed, paused, tried out and removed.

use super::browser::{Browser, Page, Site};
use test_support::on_every_engine;

const LIST: &str = "/console/environments/pizza/webhooks";
const NEW: &str = "/console/environments/pizza/webhooks/new";

/// Makes one, and gives back where its page stands.
async fn made(site: &Site, boss: &mut Browser) -> String {
    let fields = [("url", "https://a.example/hooks"), ("event_types", "user.*"), ("event_types", "group.created")];
    let page = site.submit(boss, NEW, LIST, &fields).await.expect(200);
    address(&page)
}

fn address(page: &Page) -> String {
    let id = page.text.split(&format!("href=\"{LIST}/")).nth(1).unwrap().split('"').next().unwrap();
    format!("{LIST}/{id}")
}

fn secret(page: &Page) -> String {
    page.text.split("readonly value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned()
}

on_every_engine! {
    async fn a_secret_is_shown_once(site: Site) {
        let mut boss = site.boss().await;
        site.get(&boss, LIST).await.expect(200).has("Nobody is told yet");
        let fields = [("url", "https://a.example/hooks"), ("event_types", "*")];
        let shown = site.submit(&mut boss, NEW, LIST, &fields).await.expect(200);
        let first = secret(&shown);
        assert!(first.len() > 20, "{first}");
        let one = address(&shown);
        for page in [LIST, &one] {
            let page = site.get(&boss, page).await.expect(200);
            page.lacks(&first);
            page.has("https://a.example/hooks");
        }
        let second = secret(&site.submit(&mut boss, &one, &format!("{one}/rotate"), &[]).await.expect(200));
        assert_ne!(first, second);
        site.get(&boss, &one).await.expect(200).has("Old secret signs until");
    }

    async fn what_is_wrong_is_said_and_nothing_is_lost(site: Site) {
        let mut boss = site.boss().await;
        let page = site.submit(&mut boss, NEW, LIST, &[("url", "ftp://a.example"), ("event_types", "user.created")]).await;
        let page = page.expect(422);
        page.has("aria-describedby=\"url-error\"");
        page.has("value=\"ftp://a.example\"");
        page.has("value=\"user.created\" checked");
        site.submit(&mut boss, NEW, LIST, &[("url", "https://a.example/")]).await.expect(422).has("event_types-error");
        let fields = [("url", "https://a.example/"), ("event_types", "no.such")];
        site.submit(&mut boss, NEW, LIST, &fields).await.expect(422).has("event_types-error");
        site.get(&boss, LIST).await.expect(200).has("Nobody is told yet");
    }

    async fn it_is_changed_paused_and_resumed(site: Site) {
        let mut boss = site.boss().await;
        let one = made(&site, &mut boss).await;
        let page = site.get(&boss, &one).await.expect(200);
        page.has("value=\"user.*\" checked");
        page.has("value=\"group.created\" checked");
        let fields = [("url", "https://b.example/hooks"), ("event_types", "*")];
        assert_eq!(site.submit(&mut boss, &one, &one, &fields).await.leads(), one);
        site.get(&boss, &one).await.expect(200).has("https://b.example/hooks");
        let wrong = site.submit(&mut boss, &one, &one, &[("url", "nowhere")]).await.expect(422);
        wrong.has("value=\"nowhere\"");
        site.submit(&mut boss, &one, &format!("{one}/pause"), &[]).await.leads();
        site.get(&boss, LIST).await.expect(200).has("Paused");
        site.submit(&mut boss, &one, &format!("{one}/resume"), &[]).await.leads();
        site.get(&boss, LIST).await.expect(200).lacks("Paused");
    }

    async fn a_ping_is_in_the_log_and_is_sent_once_more(site: Site) {
        let mut boss = site.boss().await;
        let one = made(&site, &mut boss).await;
        site.get(&boss, &one).await.expect(200).has("Nothing has been sent yet");
        assert_eq!(site.submit(&mut boss, &one, &format!("{one}/ping"), &[]).await.leads(), format!("{one}#deliveries"));
        let page = site.get(&boss, &one).await.expect(200);
        page.has("Waiting");
        let again = format!("{one}/deliveries/1/redeliver");
        page.has(&again);
        site.submit(&mut boss, &one, &again, &[]).await.leads();
        site.submit(&mut boss, &one, &format!("{one}/deliveries/99/redeliver"), &[]).await.expect(404);
        site.submit(&mut boss, &one, &format!("{one}/deliveries/x/redeliver"), &[]).await.expect(404);
        site.get(&boss, &format!("{one}?before=1")).await.expect(200).has("To the newest");
        site.get(&boss, &format!("{one}?before=x")).await.expect(400);
    }

    async fn it_is_deleted_once_that_is_confirmed(site: Site) {
        let mut boss = site.boss().await;
        let one = made(&site, &mut boss).await;
        let delete = format!("{one}/delete");
        let asked = site.submit(&mut boss, &one, &delete, &[]).await.expect(422);
        asked.has("confirm-error");
        asked.has("value=\"https://a.example/hooks\"");
        assert_eq!(site.submit(&mut boss, &one, &delete, &[("confirm", "yes")]).await.leads(), LIST);
        site.get(&boss, &one).await.expect(404);
        site.get(&boss, &format!("{LIST}/none")).await.expect(404);
    }

    async fn another_environments_webhook_is_like_none(site: Site) {
        let pasta = site.world.environment("pasta").await;
        let mut cook = site.browser_of(&site.world.again(&pasta.administrator, None).await);
        let other = "/console/environments/pasta/webhooks";
        let fields = [("url", "https://secret.example/"), ("event_types", "*")];
        let page = site.submit(&mut cook, "/console/environments/pasta/webhooks/new", other, &fields).await.expect(200);
        let id = page.text.split(&format!("href=\"{other}/")).nth(1).unwrap().split('"').next().unwrap().to_owned();
        let mut boss = site.boss().await;
        let one = format!("{LIST}/{id}");
        site.get(&boss, &one).await.expect(404).lacks("secret.example");
        for act in ["", "/pause", "/resume", "/rotate", "/ping", "/delete", "/deliveries/1/redeliver"] {
            let fields = [("url", "https://a.example/"), ("event_types", "*"), ("confirm", "yes")];
            let page = site.submit(&mut boss, LIST, &format!("{one}{act}"), &fields).await.expect(404);
            page.lacks("secret.example");
        }
        site.get(&cook, &format!("{other}/{id}")).await.expect(200).has("https://secret.example/");
    }

    async fn who_may_not_manage_them_finds_no_way_there(site: Site) {
        let member = site.browser_of(&site.world.member(&site.pizza).await);
        site.get(&member, "/console/environments/pizza").await.expect(200).lacks(LIST);
        site.get(&member, LIST).await.expect(403);
        site.get(&member, NEW).await.expect(403);
    }

    async fn no_address_becomes_markup(site: Site) {
        let mut boss = site.boss().await;
        let fields = [("url", "https://a.example/?\"><script>alert(1)</script>"), ("event_types", "*")];
        let page = site.submit(&mut boss, NEW, LIST, &fields).await;
        page.lacks("<script>alert");
        site.get(&boss, LIST).await.expect(200).lacks("<script>alert");
    }
}
