//! What one shows of oneself: another password, the present one again, a second factor more; each also where signing in or
//! another page waits for it.

use super::browser::{Browser, Site};
use directory::actor::Actor;
use directory::environments::{self, EnvironmentChanges, PolicyChanges};
use directory::second_factors::Demand;
use directory::store::Tx;
use directory::users::UserChanges;
use std::time::Duration;
use test_support::{Person, on_every_engine, username};
use totp_rs::{Algorithm, Builder, Secret};

const HOME: &str = "/console/environments/pizza";
const PASSWORD: &str = "/console/password";
const PROVE: &str = "/console/prove";
const ENROL: &str = "/console/enrol";
const TOTP: &str = "/console/enrol/totp";
const CONFIRM: &str = "/console/enrol/totp/confirm";
const CHOSEN: &str = "another quiet and long one";

/// Signs in and asks for a page; where that leads.
async fn arrives(site: &Site, browser: &mut Browser, person: &Person, password: &str) -> String {
    let fields = [("login", person.email.as_str()), ("password", password)];
    let sign_in = "/console/sign-in?next=%2Fconsole%2Fenvironments%2Fpizza";
    assert_eq!(site.submit(browser, sign_in, "/console/sign-in", &fields).await.leads(), HOME);
    let home = site.get(browser, HOME).await;
    home.header("location").to_owned()
}

/// The present code of the secret that a page shows.
fn code(site: &Site, page: &str) -> String {
    let shown = page.split("class=\"secret\">").nth(1).unwrap().split('<').next().unwrap().replace(' ', "");
    let codes = Builder::new().with_algorithm(Algorithm::SHA1).with_digits(6).with_step_duration(30);
    let app = codes.with_secret(Secret::try_from_base32(&shown).unwrap()).build().unwrap();
    let now = site.world.directory.effects().clock.now().as_micros() / 1_000_000;
    app.generate(u64::try_from(now).unwrap()).to_string()
}

on_every_engine! {
    async fn a_password_that_was_reset_is_chosen_anew_before_any_page(site: Site) {
        let ada = site.world.member(&site.pizza).await;
        let reset = UserChanges { reset_password: Some(true), ..Default::default() };
        site.world.update(&site.pizza.administrator.caller, ada.id, reset).await.unwrap();
        let mut browser = Browser::default();
        let to = arrives(&site, &mut browser, &ada, &ada.password).await;
        assert_eq!(to, "/console/password?next=%2Fconsole%2Fenvironments%2Fpizza");
        let page = site.get(&browser, &to).await.expect(200);
        page.lacks("name=\"current_password\"");
        site.submit(&mut browser, &to, PASSWORD, &[("password", "")]).await.expect(422).has("password-error");
        site.submit(&mut browser, &to, PASSWORD, &[("password", &ada.password)]).await.expect(422).has("password-error");
        let then = site.submit(&mut browser, &to, PASSWORD, &[("password", CHOSEN)]).await.leads();
        assert_eq!(then, "/console/sign-in?next=%2Fconsole%2Fenvironments%2Fpizza&told=password");
        let mut browser = Browser::default();
        assert_eq!(arrives(&site, &mut browser, &ada, CHOSEN).await, "", "nothing stands in the way");
    }

    async fn whoever_wants_another_password_shows_the_present_one(site: Site) {
        let ada = site.world.member(&site.pizza).await;
        let mut browser = site.browser_of(&ada);
        let page = format!("{PASSWORD}?next=%2Fconsole%2Fenvironments%2Fpizza");
        let wrong = [("current_password", "not my password"), ("password", CHOSEN)];
        site.submit(&mut browser, &page, PASSWORD, &wrong).await.expect(422).has("current_password-error");
        site.submit(&mut browser, &page, PASSWORD, &[("password", CHOSEN)]).await.expect(422).has("current_password-error");
        let right = [("current_password", ada.password.as_str()), ("password", CHOSEN)];
        assert_eq!(site.submit(&mut browser, &page, PASSWORD, &right).await.leads(), HOME);
        site.get(&browser, HOME).await.expect(200);
        let foreign = [("csrf", "x"), right[0], right[1]];
        site.post(&browser, PASSWORD, &[("sec-fetch-site", "same-origin")], &foreign).await.expect(403);
    }

    async fn whoever_must_enrol_does_and_is_let_in(site: Site) {
        let ada = site.world.member(&site.pizza).await;
        let mfa = UserChanges { mfa: Some(true), username: Some(username("<img src=x>")), ..Default::default() };
        site.world.update(&site.pizza.administrator.caller, ada.id, mfa).await.unwrap();
        let mut browser = Browser::default();
        let to = arrives(&site, &mut browser, &ada, &ada.password).await;
        assert_eq!(to, "/console/enrol?next=%2Fconsole%2Fenvironments%2Fpizza");
        let page = site.get(&browser, &to).await.expect(200);
        page.has("asks for one besides your password");
        page.has("data-new-passkey");
        let nowhere = format!("{TOTP}?next=%2Fconsole%2Fenvironments%2Fpizza");
        assert_eq!(site.get(&browser, &nowhere).await.leads(), to, "nothing was begun");
        let begun = site.submit(&mut browser, &to, TOTP, &[]).await.leads();
        assert_eq!(begun, nowhere);
        let page = site.get(&browser, &begun).await.expect(200);
        page.has("<svg ");
        page.lacks("<img");
        let again = site.submit(&mut browser, &begun, CONFIRM, &[("code", "000000")]).await.expect(422);
        again.has("code-error");
        assert_eq!(code(&site, &again.text), code(&site, &page.text), "the app need not scan anew");
        let halfway = browser.clone();
        let right = code(&site, &page.text);
        let codes = site.submit(&mut browser, &begun, CONFIRM, &[("code", &right)]).await.expect(200);
        assert_eq!(codes.text.matches("<li><code>").count(), 10);
        codes.has(&format!("href=\"{HOME}\""));
        assert_ne!(browser.cookie, halfway.cookie);
        site.get(&browser, HOME).await.expect(200);
        // A browser never refreshes: its one token lasts.
        site.world.wait(Duration::from_secs(24 * 3600));
        site.get(&browser, HOME).await.expect(200);
        assert!(site.get(&halfway, HOME).await.leads().starts_with("/console/sign-in"));
    }

    async fn a_session_that_came_to_lack_a_factor_proves_itself_and_enrols(site: Site) {
        let ada = site.world.member(&site.pizza).await;
        let mut browser = site.browser_of(&ada);
        let pizza = site.pizza.name();
        let policy = PolicyChanges { second_factor: Some(Demand::Everybody), ..Default::default() };
        let change = EnvironmentChanges { policy, ..Default::default() };
        let demand = move |tx: &mut Tx<'_>, actor: &Actor| environments::update(tx, actor, &pizza, &change).map(drop);
        site.world.directory.write(site.world.operator.caller.clone(), demand).await.unwrap();
        site.world.wait(Duration::from_secs(600));
        let to = site.get(&browser, HOME).await.leads();
        assert!(to.starts_with(ENROL), "{to}");
        let prove = site.get(&browser, &to).await.leads();
        assert!(prove.starts_with(PROVE), "{prove}");
        site.submit(&mut browser, &prove, PROVE, &[("password", "not my password")]).await.expect(422).has("password-error");
        site.submit(&mut browser, &prove, PROVE, &[("password", "")]).await.expect(422).has("password-error");
        let back = site.submit(&mut browser, &prove, PROVE, &[("password", &ada.password)]).await.leads();
        assert_eq!(back, to);
        site.get(&browser, &back).await.expect(200);
    }

    async fn no_other_site_changes_what_one_signs_in_with(site: Site) {
        let boss = site.boss().await;
        let token = site.get(&boss, HOME).await.token().to_owned();
        for to in [PASSWORD, PROVE, TOTP, CONFIRM, "/console/prove/passkey", "/console/enrol/passkey/challenge"] {
            site.post(&boss, to, &[("sec-fetch-site", "cross-site")], &[("csrf", &token)]).await.expect(403);
            site.post(&boss, to, &[("sec-fetch-site", "same-origin")], &[("csrf", "x")]).await.expect(403);
        }
    }

    async fn going_back_leads_to_no_other_site(site: Site) {
        let boss = site.boss().await;
        for page in [PASSWORD, PROVE, ENROL] {
            let page = site.get(&boss, &format!("{page}?next=https%3A%2F%2Fevil.example%2F")).await.expect(200);
            page.lacks("evil.example");
        }
    }
}
