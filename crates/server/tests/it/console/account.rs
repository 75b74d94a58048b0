//! One's own account: profile, what one signs in with, sessions, API tokens, what one may do.

use super::browser::{Browser, Page, Site};
use directory::actor::Actor;
use directory::second_factors::Code;
use directory::store::Tx;
use directory::tokens::Ceiling;
use directory::{sessions, tokens};
use std::time::Duration;
use test_support::{Person, on_every_engine};
use totp_rs::{Algorithm, Builder, Secret};

const ACCOUNT: &str = "/console/environments/pizza/account";

fn at(page: &str) -> String {
    format!("{ACCOUNT}/{page}")
}

/// Fills in a form of a page and sends it.
async fn send(site: &Site, browser: &mut Browser, page: &str, to: &str, fields: &[(&str, &str)]) -> Page {
    site.submit(browser, page, to, fields).await
}

/// Enrols an app for somebody.
async fn enrol(site: &Site, person: &Person) {
    let directory = &site.world.directory;
    let new = directory.begin_totp(person.caller.clone(), None).await.unwrap();
    let secret = Secret::try_from_base32(&*new.seed.to_base32()).unwrap();
    let codes = Builder::new().with_algorithm(Algorithm::SHA1).with_digits(6).with_step_duration(30);
    let app = codes.with_secret(secret).build().unwrap();
    let now = u64::try_from(directory.effects().clock.now().as_micros() / 1_000_000).unwrap();
    let code = Code::parse(&app.generate(now).to_string()).unwrap();
    directory.confirm_totp(person.caller.clone(), code, false).await.unwrap();
}

on_every_engine! {
    async fn a_profile_is_changed_by_its_owner(site: Site) {
        let ada = site.world.member(&site.pizza).await;
        let mut browser = site.browser_of(&ada);
        let home = site.get(&browser, "/console/environments/pizza").await.expect(200);
        home.has(&format!("href=\"{ACCOUNT}\""));
        let fields = [("name", "Ada"), ("first_name", "Ada"), ("last_name", "Lovelace"), ("phone", "+44 1"), ("language", "de"), ("locale", "")];
        let to = send(&site, &mut browser, ACCOUNT, ACCOUNT, &fields).await.leads();
        assert_eq!(to, format!("{ACCOUNT}?done=saved"));
        // Her own language decides from now on, whatever the browser asks for.
        let page = site.get_with(&browser, &to, &[("accept-language", "en")]).await.expect(200);
        page.has("<html lang=\"de\">");
        page.has("Gespeichert.");
        page.has("value=\"Lovelace\"");
        site.get(&browser, "/console/environments/pizza/users").await.expect(403).has("<html lang=\"de\">");
        let long = "x".repeat(300);
        let fields = [("name", "Ada"), ("first_name", long.as_str()), ("locale", "not a tag"), ("phone", "kept")];
        let page = send(&site, &mut browser, ACCOUNT, ACCOUNT, &fields).await.expect(422);
        page.has("first_name-error");
        page.has("locale-error");
        page.has("value=\"kept\"");
    }

    async fn another_address_is_asked_for_with_fresh_proof(site: Site) {
        let ada = site.world.member(&site.pizza).await;
        let mut browser = site.browser_of(&ada);
        let (page, to) = (at("security"), at("email"));
        send(&site, &mut browser, &page, &to, &[("email", "none")]).await.expect(422).has("email-error");
        send(&site, &mut browser, &page, &to, &[("email", &ada.email)]).await.expect(422).has("email-error");
        let then = send(&site, &mut browser, &page, &to, &[("email", "ada@moved.example")]).await.leads();
        site.get(&browser, &then).await.expect(200).has("role=\"status\"");
        assert!(site.world.mailed_link("ada@moved.example").await.is_some());
        site.world.wait(Duration::from_secs(600));
        let token = site.get(&browser, &page).await.token().to_owned();
        let headers = [("sec-fetch-site", "same-origin"), ("referer", "https://id.example/console/environments/pizza/account/security")];
        let asked = site.post(&browser, &to, &headers, &[("csrf", &token), ("email", "x@moved.example")]).await.leads();
        assert_eq!(asked, "/console/prove?next=%2Fconsole%2Fenvironments%2Fpizza%2Faccount%2Fsecurity");
        let back = send(&site, &mut browser, &asked, "/console/prove", &[("password", &ada.password)]).await.leads();
        assert_eq!(back, page);
    }

    async fn second_factors_are_renamed_and_removed(site: Site) {
        let ada = site.world.member(&site.pizza).await;
        let mut browser = site.browser_of(&ada);
        let page = at("security");
        site.get(&browser, &page).await.expect(200).has("/console/enrol?next=");
        enrol(&site, &ada).await;
        let shown = site.get(&browser, &page).await.expect(200);
        shown.has("Authenticator app");
        let factor = shown.text.split("account/factors/").nth(1).unwrap().split('"').next().unwrap().to_owned();
        let to = at(&format!("factors/{factor}"));
        send(&site, &mut browser, &page, &to, &[("name", " ")]).await.expect(422).has(&format!("error-{factor}"));
        let evil = "<img src=x>";
        send(&site, &mut browser, &page, &to, &[("name", evil)]).await.leads();
        let shown = site.get(&browser, &page).await;
        shown.has("&#60;img src=x&#62;");
        shown.lacks(evil);
        let codes = send(&site, &mut browser, &page, &at("recovery-codes"), &[]).await.expect(200);
        assert_eq!(codes.text.matches("<li><code>").count(), 10);
        let bob = site.world.member(&site.pizza).await;
        let mut other = site.browser_of(&bob);
        send(&site, &mut other, &page, &to, &[("name", "mine")]).await.expect(404);
        send(&site, &mut other, &page, &format!("{to}/remove"), &[]).await.expect(404);
        send(&site, &mut browser, &page, &format!("{to}/remove"), &[]).await.leads();
        site.get(&browser, &page).await.lacks(&factor);
        send(&site, &mut browser, &page, &at("factors/none"), &[("name", "x")]).await.expect(404);
    }

    async fn sessions_are_ended_one_by_one_and_all_others(site: Site) {
        let ada = site.world.member(&site.pizza).await;
        let (second, third) = (site.world.again(&ada, None).await, site.world.again(&ada, None).await);
        let mut browser = site.browser_of(&ada);
        let page = at("sessions");
        let shown = site.get(&browser, &page).await.expect(200);
        assert_eq!(shown.text.matches("/end\">").count(), 3, "two others, and all");
        let own = site.world.directory.read(second.caller.clone(), |tx: &mut Tx<'_>, actor: &Actor| Ok((actor.session(), sessions::list(tx, actor, None)?.len()))).await.unwrap();
        assert_eq!(own.1, 3);
        let to = at(&format!("sessions/{}/end", own.0.unwrap()));
        // An administrator's colleagues are not its own.
        let mut boss = site.boss().await;
        send(&site, &mut boss, &page, &to, &[]).await.expect(404);
        send(&site, &mut browser, &page, &to, &[]).await.leads();
        assert_eq!(site.get(&site.browser_of(&second), &page).await.status.as_u16(), 303);
        site.get(&site.browser_of(&third), &page).await.expect(200);
        send(&site, &mut browser, &page, &at("sessions/others/end"), &[]).await.leads();
        assert_eq!(site.get(&site.browser_of(&third), &page).await.status.as_u16(), 303);
        site.get(&browser, &page).await.expect(200);
    }

    async fn an_api_token_is_shown_once_and_revoked(site: Site) {
        let holder = site.world.holder(&site.pizza, &["view_user", "view_group"]).await;
        let mut browser = site.browser_of(&holder);
        let page = at("tokens");
        let shown = site.get(&browser, &page).await.expect(200);
        shown.has("value=\"view_group\"");
        shown.lacks("value=\"administrator\"");
        let refused = [("name", ""), ("lasts", "30"), ("permissions", "view_user")];
        let again = send(&site, &mut browser, &page, &page, &refused).await.expect(422);
        again.has("name-error");
        again.has("value=\"view_user\" checked");
        send(&site, &mut browser, &page, &page, &[("name", "x"), ("lasts", "9999")]).await.expect(400);
        let above = [("name", "x"), ("lasts", "30"), ("permissions", "add_user")];
        send(&site, &mut browser, &page, &page, &above).await.expect(403);
        send(&site, &mut browser, &page, &page, &[("name", "x"), ("lasts", "30"), ("ceiling", "administrator")]).await.expect(403);
        let good = [("name", "<b>sync</b>"), ("lasts", "30"), ("permissions", "view_user")];
        let made = send(&site, &mut browser, &page, &page, &good).await.expect(200);
        made.lacks("<b>sync");
        let secret = made.text.split("class=\"secret\">").nth(1).unwrap().split('<').next().unwrap().to_owned();
        let list = |tx: &mut Tx<'_>, actor: &Actor| tokens::list_own(tx, actor);
        assert_eq!(site.world.directory.read(site.world.caller(&secret), list).await.unwrap().len(), 1);
        let shown = site.get(&browser, &page).await;
        shown.lacks(&secret);
        shown.lacks("<b>sync");
        let to = shown.text.split("action=\"").find(|text| text.contains("/revoke")).unwrap().split('"').next().unwrap().to_owned();
        let mut boss = site.boss().await;
        send(&site, &mut boss, &page, &to, &[]).await.expect(404);
        send(&site, &mut browser, &page, &to, &[]).await.leads();
        assert!(site.world.directory.read(site.world.caller(&secret), list).await.is_err());
        // An API token is no browser's session: it reads pages, and does not reach what is its owner's alone.
        let token = site.world.with_token(&holder, Ceiling::Permissions(vec!["view_user".into()])).await;
        assert_eq!(site.get(&site.browser_of(&token), &at("security")).await.status.as_u16(), 403);
    }

    async fn what_one_may_do_says_why(site: Site) {
        let holder = site.world.holder(&site.pizza, &["view_user"]).await;
        let page = site.get(&site.browser_of(&holder), &at("permissions")).await.expect(200);
        page.has("<code>view_user</code>");
        page.has("you are in");
        site.world.group_as(&site.pizza.administrator.caller, "other", &["add_user"]).await.unwrap();
        page.lacks("add_user");
        let ada = site.world.member(&site.pizza).await;
        site.get(&site.browser_of(&ada), &at("permissions")).await.expect(200).has("Nothing to manage here");
        site.get(&site.boss().await, &at("permissions")).await.expect(200).has("You administer this environment");
        site.get(&site.boss().await, &at("permissions?behind=x")).await.expect(400);
    }

    async fn nobody_has_an_account_page_elsewhere(site: Site) {
        let other = site.world.other_environment_administrator().await;
        let browser = site.browser_of(&other);
        for page in ["security", "sessions", "tokens", "permissions"] {
            site.get(&browser, &at(page)).await.expect(403);
        }
        let boss = site.boss().await;
        for to in ["email", "recovery-codes", "sessions/others/end", "tokens"] {
            site.post(&boss, &at(to), &[("sec-fetch-site", "same-origin")], &[("csrf", "x")]).await.expect(403);
        }
    }

    async fn an_operator_who_is_no_user_here_has_all_but_a_profile(site: Site) {
        let browser = site.browser_of(&site.world.operator);
        site.get(&browser, ACCOUNT).await.expect(200).has("You are no user here");
        site.get(&browser, &at("tokens")).await.expect(200).has("value=\"everywhere\"");
    }
}
