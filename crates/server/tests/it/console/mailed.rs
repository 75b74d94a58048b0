//! What mailed links lead to: an invitation, a forgotten password, another address.

use super::browser::{Browser, Page, Site};
use directory::actor::Actor;
use directory::store::Tx;
use directory::users::UserChanges;
use test_support::{email, on_every_engine, short};

const INVITATION: &str = "/console/invitation";
const RESET: &str = "/console/reset";
const ADDRESS: &str = "/console/address";
const CHOSEN: &str = "another quiet and long one";

/// Sends a form to where its page sends it, as its reader's browser does.
async fn send(site: &Site, browser: &Browser, to: &str, fields: &[(&str, &str)]) -> Page {
    let shown = site.get(browser, "/console/sign-in").await;
    let mut all = vec![("csrf", shown.token())];
    all.extend_from_slice(fields);
    site.post(browser, to, &[("sec-fetch-site", "same-origin")], &all).await
}

async fn signs_in(site: &Site, login: &str, password: &str) -> u16 {
    let mut browser = Browser::default();
    let fields = [("login", login), ("password", password)];
    site.submit(&mut browser, "/console/sign-in", "/console/sign-in", &fields).await.status.as_u16()
}

on_every_engine! {
    async fn whoever_is_invited_chooses_credentials_and_signs_in(site: Site) {
        let fields = UserChanges { name: Some(short("New")), ..Default::default() };
        site.world.create(&site.pizza, "new@pizza.example", fields).await.unwrap();
        let link = site.world.mailed_link("new@pizza.example").await.unwrap();
        let nobody = Browser::default();
        let page = site.get(&nobody, INVITATION).await.expect(200);
        page.has("data-link=\"open\"");
        page.has("name=\"link\"");

        // Without a script the whole link is put into the form.
        let whole = format!("https://id.example{INVITATION}#token={link}");
        let page = send(&site, &nobody, INVITATION, &[("link", &whole)]).await.expect(200);
        page.has("new@pizza.example");
        assert_eq!(page.hidden("token"), link);

        let accept = "/console/invitation/accept";
        let fields = [("token", link.as_str()), ("username", "new.one"), ("password", "short")];
        let page = send(&site, &nobody, accept, &fields).await.expect(422);
        page.has("aria-describedby=\"password-error\"");
        page.has("value=\"new.one\"");
        page.lacks("short\"");
        assert_eq!(page.hidden("token"), link, "nothing is lost");
        let page = send(&site, &nobody, accept, &[("token", &link), ("username", "a@"), ("password", "")]).await.expect(422);
        page.has("username-error");
        page.has("password-error");

        let fields = [("token", link.as_str()), ("username", "new.one"), ("password", CHOSEN)];
        let to = send(&site, &nobody, accept, &fields).await.leads();
        assert_eq!(to, "/console/sign-in?next=%2Fconsole%2Fenvironments%2Fpizza&told=accepted");
        site.get(&nobody, &to).await.expect(200).has("role=\"status\"");
        assert_eq!(signs_in(&site, "new.one", CHOSEN).await, 303);

        for (to, name) in [(INVITATION, "link"), (accept, "token")] {
            send(&site, &nobody, to, &[(name, &link)]).await.expect(422).has("link-error");
        }
    }

    async fn whoever_has_an_account_accepts_and_keeps_it(site: Site) {
        let ada = site.world.member(&site.pizza).await;
        // Choosing a password by link proves the address.
        site.world.directory.forgot_password(ada.email.clone(), Default::default()).await.unwrap();
        let link = site.world.mailed_link(&ada.email).await.unwrap();
        let fields = [("token", link.as_str()), ("password", CHOSEN)];
        send(&site, &Browser::default(), "/console/reset/choose", &fields).await.leads();

        let pasta = site.world.environment("pasta").await;
        site.world.create(&pasta, &ada.email, UserChanges::default()).await.unwrap();
        let link = site.world.mailed_link(&ada.email).await.unwrap();
        let page = send(&site, &Browser::default(), INVITATION, &[("link", &link)]).await.expect(200);
        page.lacks("name=\"password\"");
        let accepted = send(&site, &Browser::default(), "/console/invitation/accept", &[("token", &link)]).await;
        assert_eq!(accepted.leads(), "/console/environments/pasta");
        assert_eq!(signs_in(&site, &ada.email, CHOSEN).await, 303);
    }

    async fn a_forgotten_password_is_chosen_anew(site: Site) {
        let ada = site.world.member(&site.pizza).await;
        let nobody = Browser::default();
        site.get(&nobody, "/console/sign-in").await.has("href=\"/console/forgot\"");
        send(&site, &nobody, "/console/forgot", &[("login", " ")]).await.expect(422).has("login-error");
        for login in [ada.email.as_str(), "nobody@pizza.example"] {
            let to = send(&site, &nobody, "/console/forgot", &[("login", login)]).await.leads();
            assert_eq!(to, "/console/forgot?sent=true", "known or not");
            site.get(&nobody, &to).await.expect(200).has("Look into your mail");
        }
        let link = site.world.mailed_link(&ada.email).await.unwrap();
        site.get(&nobody, RESET).await.expect(200).has("data-link=\"open\"");
        let page = send(&site, &nobody, RESET, &[("link", &link)]).await.expect(200);
        page.has(&ada.email);
        let choose = "/console/reset/choose";
        let page = send(&site, &nobody, choose, &[("token", &link), ("password", ""), ("end_tokens", "true")]).await.expect(422);
        page.has("password-error");
        page.has(" checked");
        let before = site.browser_of(&ada);
        site.get(&before, "/console/environments/pizza").await.expect(200);
        let to = send(&site, &nobody, choose, &[("token", &link), ("password", CHOSEN)]).await.leads();
        assert_eq!(to, "/console/sign-in?told=password");
        assert_eq!(site.get(&before, "/console/environments/pizza").await.status.as_u16(), 303, "sessions end");
        assert_eq!(signs_in(&site, &ada.email, CHOSEN).await, 303);
        send(&site, &nobody, choose, &[("token", &link), ("password", CHOSEN)]).await.expect(422).has("link-error");
    }

    async fn an_address_counts_once_its_owner_says_so(site: Site) {
        let ada = site.world.member(&site.pizza).await;
        let wanted = email("ada@moved.example");
        let ask = move |tx: &mut Tx<'_>, actor: &Actor| directory::addresses::ask(tx, actor, &wanted);
        site.world.directory.write(ada.caller.clone(), ask).await.unwrap();
        let link = site.world.mailed_link("ada@moved.example").await.unwrap();
        let nobody = Browser::default();
        // A mail program that opens links confirms nothing.
        site.get(&nobody, ADDRESS).await.expect(200).has("data-link=\"wait\"");
        send(&site, &nobody, ADDRESS, &[("link", "x")]).await.expect(422).has("link-error");
        let to = send(&site, &nobody, ADDRESS, &[("link", &link)]).await.leads();
        assert_eq!(to, "/console/sign-in?told=address");
        assert_eq!(signs_in(&site, "ada@moved.example", &ada.password).await, 303);
        send(&site, &nobody, ADDRESS, &[("link", &link)]).await.expect(422).has("link-error");
    }

    async fn no_other_site_opens_a_link(site: Site) {
        for to in [INVITATION, RESET, ADDRESS, "/console/forgot", "/console/invitation/accept", "/console/reset/choose"] {
            site.post(&Browser::default(), to, &[("sec-fetch-site", "cross-site")], &[("link", "x")]).await.expect(403);
        }
    }

    async fn what_an_invitation_shows_becomes_no_markup(site: Site) {
        let evil = "<script>alert(1)</script>\"'><img src=x>";
        let fields = UserChanges { name: Some(short(evil)), ..Default::default() };
        site.world.create(&site.pizza, "new@pizza.example", fields).await.unwrap();
        let link = site.world.mailed_link("new@pizza.example").await.unwrap();
        let fields = [("token", link.as_str()), ("username", evil), ("password", evil)];
        let page = send(&site, &Browser::default(), "/console/invitation/accept", &fields).await.expect(422);
        page.lacks("<script>alert");
        page.lacks("<img");
        for to in [INVITATION, RESET, ADDRESS] {
            let page = send(&site, &Browser::default(), to, &[("link", evil)]).await.expect(422);
            page.lacks("<script>alert");
        }
    }
}
