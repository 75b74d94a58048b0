//! Signing in, choosing where, and leaving.

use super::browser::{Browser, Site};
use directory::second_factors::Code;
use directory::users::UserChanges;
use std::time::Duration;
use test_support::{on_every_engine, short};
use totp_rs::{Algorithm, Builder, Secret};

const SIGN_IN: &str = "/console/sign-in";
const FACTOR: &str = "/console/sign-in/second-factor";

on_every_engine! {
    async fn whoever_signs_in_is_where_it_wanted_to_be(site: Site) {
        let ada = site.world.administrator(&site.pizza).await;
        let mut browser = Browser::default();
        let wanted = "/console/environments/pizza/users?search=a&status=active";
        let to = site.get(&browser, wanted).await.leads();
        assert!(to.starts_with("/console/sign-in?next="), "{to}");
        let fields = [("login", ada.email.as_str()), ("password", ada.password.as_str())];
        let answer = site.submit(&mut browser, &to, SIGN_IN, &fields).await;
        assert_eq!(answer.header("location"), wanted);
        let cookie = answer.header("set-cookie");
        assert!(cookie.starts_with("__Host-rolebook=") && cookie.ends_with("; Path=/; HttpOnly; SameSite=Lax; Secure"));
        site.get(&browser, wanted).await.expect(200);
        assert_eq!(site.get(&browser, "/console").await.leads(), "/console/environments/pizza");
        site.get(&browser, "/console/environments/pizza").await.expect(200).has(&ada.email);
    }

    async fn a_wrong_login_says_so_and_keeps_the_name_alone(site: Site) {
        let ada = site.world.member(&site.pizza).await;
        let mut browser = Browser::default();
        let fields = [("login", ada.email.as_str()), ("password", "not the password")];
        let page = site.submit(&mut browser, SIGN_IN, SIGN_IN, &fields).await.expect(422);
        page.has(&format!("value=\"{}\"", ada.email));
        page.has("role=\"alert\"");
        page.lacks("not the password");
        let unknown = [("login", "nobody@pizza.example"), ("password", "not the password")];
        let other = site.submit(&mut browser, SIGN_IN, SIGN_IN, &unknown).await.expect(422);
        assert_eq!(other.text.replace("nobody@pizza.example", &ada.email), page.text, "unknown and wrong look alike");
        let page = site.submit(&mut browser, SIGN_IN, SIGN_IN, &[]).await.expect(422);
        page.has("aria-describedby=\"login-error\"");
        page.has("aria-describedby=\"password-error\"");
    }

    async fn a_second_factor_is_asked_for_before_any_page(site: Site) {
        let ada = site.world.administrator(&site.pizza).await;
        let directory = &site.world.directory;
        let new = directory.begin_totp(ada.caller.clone(), None).await.unwrap();
        let secret = Secret::try_from_base32(&*new.seed.to_base32()).unwrap();
        let codes = Builder::new().with_algorithm(Algorithm::SHA1).with_digits(6).with_step_duration(30);
        let app = codes.with_secret(secret).build().unwrap();
        let now = || (directory.effects().clock.now().as_micros() / 1_000_000) as u64;
        let enrolled = directory.confirm_totp(ada.caller.clone(), Code::parse(&app.generate(now()).to_string()).unwrap(), false).await.unwrap();
        site.world.wait(Duration::from_secs(30));

        let mut browser = Browser::default();
        let home = "/console/environments/pizza";
        let fields = [("login", ada.email.as_str()), ("password", ada.password.as_str())];
        let start = site.get(&browser, home).await.leads();
        assert_eq!(site.submit(&mut browser, &start, SIGN_IN, &fields).await.leads(), home);
        let halfway = browser.clone();
        let asked = site.get(&browser, home).await.leads();
        assert!(asked.starts_with(FACTOR), "{asked}");
        site.submit(&mut browser, &asked, FACTOR, &[("code", "000000")]).await.expect(422).has("code-error");
        site.submit(&mut browser, &asked, FACTOR, &[("code", " ")]).await.expect(422).has("code-error");
        let code = app.generate(now()).to_string();
        assert_eq!(site.submit(&mut browser, &asked, FACTOR, &[("code", &code)]).await.leads(), home);
        site.get(&browser, home).await.expect(200);
        assert_ne!(browser.cookie, halfway.cookie);
        assert!(site.get(&halfway, home).await.leads().starts_with(SIGN_IN), "what opened it half opens nothing any more");

        // A session lasts, though a browser never refreshes it.
        site.world.wait(Duration::from_secs(24 * 3600));
        site.get(&browser, home).await.expect(200);

        let mut browser = Browser::default();
        site.submit(&mut browser, SIGN_IN, SIGN_IN, &fields).await.leads();
        let written = enrolled.recovery_codes[0].expose().to_string();
        site.submit(&mut browser, FACTOR, FACTOR, &[("code", &written)]).await.leads();
        site.get(&browser, home).await.expect(200);
    }

    async fn who_belongs_to_several_chooses(site: Site) {
        let ada = site.world.administrator(&site.pizza).await;
        let pasta = site.world.environment_of("kitchens", "pasta").await;
        let fields = UserChanges { name: Some(short("Ada")), ..Default::default() };
        site.world.create_as(&site.world.operator.caller.in_environment(pasta.name()), &ada.email, fields).await.unwrap();
        let browser = site.browser_of(&ada);
        let page = site.get(&browser, "/console").await.expect(200);
        page.has("/console/environments/pizza\"");
        page.has("/console/environments/pasta\"");
        site.get(&browser, "/console/environments/pasta").await.expect(200);
        assert_eq!(site.get(&browser, "/console?key=pasta").await.leads(), "/console/environments/pasta");
    }

    async fn leaving_ends_the_session(site: Site) {
        let mut browser = site.boss().await;
        let before = browser.clone();
        let answer = site.submit(&mut browser, "/console/environments/pizza", "/console/sign-out", &[]).await;
        assert!(answer.header("set-cookie").contains("Max-Age=0"));
        assert_eq!(answer.leads(), SIGN_IN);
        assert!(site.get(&before, "/console/environments/pizza").await.leads().starts_with(SIGN_IN));
    }

    async fn a_page_speaks_its_readers_language(site: Site) {
        let german = [("accept-language", "de-AT,de;q=0.9,en;q=0.5")];
        let page = site.get_with(&Browser::default(), SIGN_IN, &german).await.expect(200);
        page.has("<html lang=\"de\">");
        page.has("Passwort");
        let boss = site.boss().await;
        site.get_with(&boss, "/console/environments/none", &german).await.expect(403).has("Das dürfen Sie nicht");
    }
}
