//! A form whose session had ended when it was sent.

use super::browser::{Browser, Page, Site};
use std::time::Duration;
use test_support::{Person, on_every_engine};

const ACCOUNT: &str = "/console/environments/pizza/account";
const FROM: &str = "https://id.example/console/environments/pizza/account";
const KEPT: &str = "/console/kept?next=%2Fconsole%2Fenvironments%2Fpizza%2Faccount";

/// Sends a form of a page that was drawn before.
async fn send(site: &Site, browser: &Browser, drawn: &Page, fields: &[(&str, &str)]) -> Page {
    let mut all = vec![("csrf", drawn.token())];
    all.extend_from_slice(fields);
    let headers = [("sec-fetch-site", "same-origin"), ("referer", FROM)];
    site.post(browser, ACCOUNT, &headers, &all).await
}

/// Signs in where a page led to; where that leads, and with what is kept besides.
async fn comes_back(site: &Site, refused: &Page, person: &Person) -> (String, Browser) {
    let sign_in = refused.header("location").to_owned();
    let kept = refused.header("set-cookie").split(';').next().unwrap().to_owned();
    let mut browser = Browser::default();
    let fields = [("login", person.email.as_str()), ("password", person.password.as_str())];
    let to = site.submit(&mut browser, &sign_in, "/console/sign-in", &fields).await.leads();
    browser.cookie = format!("{}; {kept}", browser.cookie);
    (to, browser)
}

on_every_engine! {
    async fn a_form_waits_until_its_owner_is_back(site: Site) {
        let ada = site.world.member(&site.pizza).await;
        let browser = site.browser_of(&ada);
        let drawn = site.get(&browser, ACCOUNT).await.expect(200);
        site.world.directory.sign_out(ada.caller.clone()).await.unwrap();
        let typed = [("name", "<i>Ada</i>"), ("first_name", "Ada"), ("password", "not to be kept")];
        let refused = send(&site, &browser, &drawn, &typed).await.expect(303);
        let cookie = refused.header("set-cookie");
        assert!(cookie.starts_with("__Host-rolebook-form=") && cookie.contains("HttpOnly; SameSite=Strict; Max-Age=900; Secure"));
        assert!(!cookie.contains("Ada"), "sealed");
        let (to, browser) = comes_back(&site, &refused, &ada).await;
        assert_eq!(to, KEPT);
        let page = site.get(&browser, &to).await.expect(200);
        page.has("value=\"&#60;i&#62;Ada&#60;/i&#62;\"");
        page.lacks("<i>Ada");
        page.lacks("not to be kept");
        page.has(&format!("action=\"{ACCOUNT}\""));
        page.has(&format!("href=\"{ACCOUNT}\""));
        let again = [("name", "<i>Ada</i>"), ("first_name", "Ada")];
        send(&site, &browser, &page, &again).await.expect(303);
        site.get(&browser, ACCOUNT).await.expect(200).has("&#60;i&#62;Ada&#60;/i&#62;");
    }

    async fn what_waits_is_its_owners_alone_and_not_for_long(site: Site) {
        let (ada, bob) = (site.world.member(&site.pizza).await, site.world.member(&site.pizza).await);
        let browser = site.browser_of(&ada);
        let drawn = site.get(&browser, ACCOUNT).await.expect(200);
        site.world.directory.sign_out(ada.caller.clone()).await.unwrap();
        let refused = send(&site, &browser, &drawn, &[("name", "Ada's")]).await.expect(303);
        let (to, other) = comes_back(&site, &refused, &bob).await;
        assert_eq!(site.get(&other, &to).await.leads(), ACCOUNT, "another is led on");
        let (to, hers) = comes_back(&site, &refused, &ada).await;
        site.get(&hers, &to).await.expect(200).has("Ada&#39;s");
        site.world.wait(Duration::from_secs(15 * 60));
        assert_eq!(site.get(&hers, &to).await.leads(), ACCOUNT, "it was too long ago");
        let altered = Browser { cookie: hers.cookie.replace("rolebook-form=", "rolebook-form=AA") };
        assert_eq!(site.get(&altered, &to).await.leads(), ACCOUNT);
    }

    async fn what_was_forged_is_not_kept_and_whose_is_too_large_is_told_so(site: Site) {
        let ada = site.world.member(&site.pizza).await;
        let browser = site.browser_of(&ada);
        let drawn = site.get(&browser, ACCOUNT).await.expect(200);
        site.world.directory.sign_out(ada.caller.clone()).await.unwrap();
        let headers = [("sec-fetch-site", "same-origin")];
        let forged = site.post(&browser, ACCOUNT, &headers, &[("csrf", "x.y"), ("name", "Eve")]).await.expect(403);
        assert_eq!(forged.header("set-cookie"), "");
        // Nothing that could be packed.
        let large: String = (0..250).map(|_| uuid::Uuid::new_v4().simple().to_string()).collect();
        let refused = send(&site, &browser, &drawn, &[("name", &large)]).await.expect(303);
        let (to, browser) = comes_back(&site, &refused, &ada).await;
        assert_eq!(to, KEPT);
        let page = site.get(&browser, &to).await.expect(200);
        page.has("What you typed was not saved");
        page.has(&format!("href=\"{ACCOUNT}\""));
        page.lacks(&large[..32]);
        page.lacks("action=\"/console/environments");
    }

    async fn some_ten_kilobytes_are_kept_and_shown_under_the_names_that_people_know(site: Site) {
        let ada = site.world.member(&site.pizza).await;
        let browser = site.browser_of(&ada);
        let drawn = site.get(&browser, ACCOUNT).await.expect(200);
        site.world.directory.sign_out(ada.caller.clone()).await.unwrap();
        let ticked: Vec<String> = (0..600).map(|n| format!("group-{n}")).collect();
        let mut fields: Vec<(&str, &str)> = ticked.iter().map(|name| ("group", name.as_str())).collect();
        fields.extend([("first_name", "Ada"), ("seen", "1772000000000000")]);
        let refused = send(&site, &browser, &drawn, &fields).await.expect(303);
        assert!(refused.header("set-cookie").len() < 4096);
        let (to, browser) = comes_back(&site, &refused, &ada).await;
        let page = site.get(&browser, &to).await.expect(200);
        page.has("<dt>First name</dt><dd>Ada</dd>");
        page.lacks("<dt>seen</dt>");
        page.lacks("<dt>group</dt>");
        page.has("name=\"group\" value=\"group-599\"");
    }
}
