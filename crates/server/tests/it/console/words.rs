//! What the directory refuses, as a German page says it: one of each kind.

use super::browser::{Browser, Page, Site};
use directory::groups::GroupChanges;
use test_support::{by_id, on_every_engine};

const GERMAN: (&str, &str) = ("accept-language", "de");
const ENVIRONMENT: &str = "/console/environments/pizza";

/// Sends a form of a page that was shown in German.
async fn send(site: &Site, browser: &Browser, to: &str, fields: &[(&str, &str)]) -> Page {
    let token = site.get(browser, "/console?all=true").await.token().to_owned();
    let mut all = vec![("csrf", token.as_str())];
    all.extend_from_slice(fields);
    site.post(browser, to, &[("sec-fetch-site", "same-origin"), GERMAN], &all).await
}

on_every_engine! {
    async fn a_field_that_cannot_be_is_refused_in_german(site: Site) {
        let boss = site.boss().await;
        let fields = [("email", "no address"), ("phone", "0\u{202E}1"), ("language", "!")];
        let page = send(&site, &boss, &format!("{ENVIRONMENT}/users/new"), &fields).await.expect(422);
        page.has("Geben Sie eine E-Mail-Adresse wie name@example.com ein.");
        page.has("Darin steht das Steuerzeichen U+202E: Lassen Sie es weg.");
        page.has("Verwenden Sie ein Sprachkürzel nach BCP 47");
        let page = send(&site, &boss, &format!("{ENVIRONMENT}/webhooks"), &[("url", "https://a.example/#b")]).await.expect(422);
        page.has("Lassen Sie den Teil ab # weg");
        let page = send(&site, &boss, &format!("{ENVIRONMENT}/permissions"), &[("codename", "rolebook_x")]).await.expect(422);
        page.has("Mit „rolebook_“ beginnen nur die eigenen von Rolebook");
    }

    async fn a_password_that_is_not_good_enough_is_refused_in_german(site: Site) {
        let ada = site.world.member(&site.pizza).await;
        let browser = site.browser_of(&ada);
        for (chosen, told) in [
            ("", "Das darf nicht leer sein."),
            ("short", "Dieses Passwort ist zu kurz: Verwenden Sie mindestens 8 Zeichen."),
            ("password", "Dieses Passwort ist zu verbreitet"),
            ("my rolebook password", "Dieses Passwort enthält einen Namen"),
        ] {
            let fields = [("current_password", ada.password.as_str()), ("password", chosen)];
            send(&site, &browser, "/console/password", &fields).await.expect(422).has(told);
        }
        let fields = [("current_password", "another"), ("password", "a quiet and long one")];
        send(&site, &browser, "/console/password", &fields).await.expect(422).has("Das ist nicht Ihr bisheriges Passwort.");
    }

    async fn what_stands_in_the_way_is_said_in_german(site: Site) {
        let boss = site.boss().await;
        let by = &site.pizza.administrator.caller;
        let person = site.world.member(&site.pizza).await;
        let page = send(&site, &boss, &format!("{ENVIRONMENT}/users/{}/actions", person.id), &[("action", "invite")]).await.expect(409);
        page.has("Dieser Benutzer hat schon zugesagt");
        let inner = site.world.group_as(by, "Inner", &[]).await.unwrap().id;
        let outer = site.world.group_as(by, "Outer", &[]).await.unwrap().id;
        let contains = GroupChanges { contains: Some(vec![by_id(inner).group]), ..Default::default() };
        site.world.update_group(by, outer, contains).await.unwrap();
        let (here, outer) = (format!("{ENVIRONMENT}/groups/{inner}"), outer.to_string());
        let shown = site.get(&boss, &here).await.expect(200);
        let around = [("name", "Inner"), ("inner", outer.as_str()), ("seen", shown.hidden("seen"))];
        let page = send(&site, &boss, &here, &around).await.expect(422);
        page.has("Eine Gruppe kann nicht in sich selbst enthalten sein: ");
        page.has(" enthält ");
    }

    async fn who_may_not_is_told_so_in_german(site: Site) {
        let member = site.browser_of(&site.world.member(&site.pizza).await);
        let page = site.get_with(&member, &format!("{ENVIRONMENT}/users"), &[GERMAN]).await.expect(403);
        page.has("Das dürfen Sie nicht");
        page.has("Dafür ist die Berechtigung „view_user“ nötig.");
        page.lacks("This needs");
        let page = site.get_with(&member, "/console/environments/sushi/users", &[GERMAN]).await.expect(403);
        page.has("Diese Umgebung gibt es nicht, oder sie gehört nicht zu Ihren.");
        let helper = site.world.holder(&site.pizza, &["view_user", "change_user"]).await;
        let to = format!("{ENVIRONMENT}/users/{}/actions", site.pizza.administrator.id);
        let page = send(&site, &site.browser_of(&helper), &to, &[("action", "deactivate")]).await.expect(403);
        page.has("Dieser Benutzer hat mehr Berechtigungen als Sie.");
    }

    async fn who_does_too_much_is_told_so_in_german(site: Site) {
        let boss = site.boss().await;
        let fields = [("email", "new@pizza.example"), ("name", "New")];
        let shown = send(&site, &boss, &format!("{ENVIRONMENT}/users/new"), &fields).await.leads();
        let to = format!("{}/actions", shown.split('?').next().unwrap());
        for _ in 0..5 {
            send(&site, &boss, &to, &[("action", "invite")]).await.leads();
        }
        let page = send(&site, &boss, &to, &[("action", "invite")]).await.expect(429);
        page.has("Ein Benutzer wird höchstens fünfmal in der Stunde eingeladen.");
    }

    async fn a_page_without_a_form_says_in_german_what_cannot_be(site: Site) {
        let boss = site.boss().await;
        let page = site.get_with(&boss, &format!("{ENVIRONMENT}/users?cursor=nonsense"), &[GERMAN]).await.expect(422);
        page.has("Diese Stelle gehört nicht zu dieser Liste");
        page.lacks("lang=\"en\"");
    }
}
