//! The pages about one user: looking, adding, changing, and what a button does.

use super::browser::{Browser, Page, Site};
use directory::Error;
use directory::actor::Actor;
use directory::id::UserId;
use directory::menus::MenuChanges;
use directory::store::Tx;
use directory::users::{self, User, UserChanges};
use std::time::Duration;
use test_support::{Person, by_id, on_every_engine, short};

const LIST: &str = "/console/environments/pizza/users";

fn at(id: UserId, page: &str) -> String {
    format!("{LIST}/{id}{page}")
}

/// The form of a page as it was drawn, with some fields as somebody fills them in.
fn filled<'f>(page: &'f Page, fields: &[(&'f str, &'f str)]) -> Vec<(String, String)> {
    let mut all = Vec::new();
    for tag in page.text.split("<input ").skip(1).map(|rest| rest.split('>').next().unwrap()) {
        let value = |name: &str| tag.split(&format!("{name}=\"")).nth(1).and_then(|rest| rest.split('"').next());
        let Some(name) = value("name").filter(|name| fields.iter().all(|(own, _)| own != name)) else { continue };
        if !tag.contains("type=\"checkbox\"") || tag.contains(" checked") {
            all.push((name.to_owned(), value("value").unwrap_or_default().replace("&#38;", "&")));
        }
    }
    all.extend(fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
    let mut csrf = true;
    all.retain(|(name, _)| name != "csrf" || std::mem::take(&mut csrf));
    all
}

async fn send(site: &Site, browser: &Browser, to: &str, fields: &[(String, String)]) -> Page {
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    site.post(browser, to, &[("sec-fetch-site", "same-origin")], &fields).await
}

async fn press(site: &Site, browser: &Browser, id: UserId, action: &str) -> Page {
    let token = site.get(browser, "/console?all=true").await.token().to_owned();
    let fields = [("csrf".to_owned(), token), ("action".to_owned(), action.to_owned())];
    send(site, browser, &at(id, "/actions"), &fields).await
}

async fn look(site: &Site, id: UserId) -> User {
    site.world.look(&site.pizza, id).await.unwrap()
}

on_every_engine! {
    async fn somebody_is_added_and_invited(site: Site) {
        let boss = site.boss().await;
        let bakers = site.world.group_as(&site.pizza.administrator.caller, "bakers", &[]).await.unwrap().id.to_string();
        let menu = site.world.menu(&site.pizza.administrator.caller, "oven", MenuChanges::default()).await.unwrap();
        let (to, menu) = (format!("{LIST}/new"), menu.id.to_string());
        let page = site.get(&boss, &to).await.expect(200);
        let fields = filled(&page, &[
            ("email", "ada@pizza.example"), ("first_name", "Ada"), ("last_name", "Lovelace"), ("language", "de"),
            ("group", &bakers), (&format!("ends-{bakers}"), "2099-12-31"), ("menu", &menu), ("mfa", "yes"),
        ]);
        let to = send(&site, &boss, &to, &fields).await.leads();
        let page = site.get(&boss, &to).await.expect(200);
        for shown in ["Ada Lovelace", "ada@pizza.example", "bakers", "31 Dec 2099", "oven", "Added. A mail is on its way."] {
            page.has(shown);
        }
        let id: UserId = UserId(to.split(['/', '?']).rev().nth(1).unwrap().parse().unwrap());
        let user = look(&site, id).await;
        assert!(user.membership.mfa && user.membership.language.is_some() && !user.membership.administrator);
        assert!(site.world.mailed_link("ada@pizza.example").await.is_some());
        press(&site, &boss, id, "invite").await.leads();
    }

    async fn a_form_that_is_refused_has_lost_nothing(site: Site) {
        let boss = site.boss().await;
        let bakers = site.world.group_as(&site.pizza.administrator.caller, "bakers", &[]).await.unwrap().id.to_string();
        let to = format!("{LIST}/new");
        let page = site.get(&boss, &to).await;
        let wrong = filled(&page, &[("email", "no address"), ("phone", "0123"), ("language", "!"), ("group", &bakers), ("mfa", "yes")]);
        let page = send(&site, &boss, &to, &wrong).await.expect(422);
        for shown in ["value=\"no address\"", "value=\"0123\"", "email-error", "language-error"] {
            page.has(shown);
        }
        page.has(&format!("value=\"{bakers}\" checked"));
        page.has("value=\"yes\" aria-describedby=\"mfa-hint\" checked");
        let taken = site.world.member(&site.pizza).await.email;
        let page = send(&site, &boss, &to, &filled(&page, &[("email", &taken), ("language", "")])).await.expect(422);
        page.has("This is taken already");
        page.has("value=\"0123\"");
    }

    async fn somebody_is_changed(site: Site) {
        let boss = site.boss().await;
        let ada = site.world.member(&site.pizza).await;
        let cook = site.world.group_as(&site.pizza.administrator.caller, "cooks", &[]).await.unwrap();
        let within = UserChanges { groups: Some(vec![by_id(cook.id)]), ..Default::default() };
        site.world.update(&site.pizza.administrator.caller, ada.id, within).await.unwrap();
        let bakers = site.world.group_as(&site.pizza.administrator.caller, "bakers", &[]).await.unwrap().id.to_string();
        let page = site.get(&boss, &at(ada.id, "/edit")).await.expect(200);
        let cooks = cook.id.to_string();
        let fields = filled(&page, &[("name", "Ada L."), ("group", &cooks), ("group", &bakers), ("administrator", "yes")]);
        let to = send(&site, &boss, &at(ada.id, "/edit"), &fields).await.leads();
        assert_eq!(to, at(ada.id, "?done=saved"));
        site.get(&boss, &to).await.expect(200).has("Saved.");
        let user = look(&site, ada.id).await;
        assert_eq!(user.membership.name.as_str(), "Ada L.");
        assert_eq!(user.account.email.as_ref().map(|email| email.as_typed().to_owned()), Some(ada.email.clone()));
        assert!(user.membership.administrator);
        assert_eq!(user.groups.len(), 2);
        let page = site.get(&boss, &at(ada.id, "/edit")).await;
        let fields: Vec<_> = filled(&page, &[]).into_iter().filter(|(name, _)| name != "group" && name != "administrator").collect();
        send(&site, &boss, &at(ada.id, "/edit"), &fields).await.leads();
        let user = look(&site, ada.id).await;
        assert!(user.groups.is_empty() && !user.membership.administrator);
    }

    async fn saving_what_is_so_already_changes_nothing(site: Site) {
        let boss = site.boss().await;
        let ada = site.world.member(&site.pizza).await;
        let group = site.world.group_as(&site.pizza.administrator.caller, "bakers", &[]).await.unwrap();
        let mut wish = by_id(group.id);
        wish.ends = Some(Some(directory::clock::Time::from_micros(4_102_444_800_000_000 + 123)));
        let within = UserChanges { groups: Some(vec![wish]), name: Some(short("a & \"b\"")), ..Default::default() };
        site.world.update(&site.pizza.administrator.caller, ada.id, within).await.unwrap();
        let page = site.get(&boss, &at(ada.id, "/edit")).await;
        let fields: Vec<_> = filled(&page, &[("name", "a & \"b\"")]);
        site.world.unchanged(async { send(&site, &boss, &at(ada.id, "/edit"), &fields).await.leads() }).await;
    }

    async fn groups_are_found_by_typing_and_what_is_ticked_stays(site: Site) {
        let boss = site.boss().await;
        let caller = &site.pizza.administrator.caller;
        for n in 0..60 {
            site.world.group_as(caller, &format!("group {n:02}"), &[]).await.unwrap();
        }
        let last = site.world.group_as(caller, "zebras", &[]).await.unwrap().id.to_string();
        let pasta = site.world.environment("pasta").await;
        site.world.group_as(&pasta.administrator.caller, "zebras of pasta", &[]).await.unwrap();
        let ada = site.world.member(&site.pizza).await;
        let page = site.get(&boss, &at(ada.id, "/edit")).await;
        page.lacks("zebras");
        let fields = filled(&page, &[("group_search", "ZEB"), ("find", "groups"), ("name", "typed")]);
        let page = send(&site, &boss, &at(ada.id, "/edit"), &fields).await.expect(200);
        page.has("zebras");
        page.has("value=\"typed\"");
        page.lacks("of pasta");
        page.lacks("group 00");
        let fields = filled(&page, &[("group", &last), ("group_search", "group"), ("find", "groups")]);
        let page = send(&site, &boss, &at(ada.id, "/edit"), &fields).await.expect(200);
        page.has(&format!("value=\"{last}\" checked"));
        page.has("group 00");
        assert!(page.text.len() < 100_000, "{}", page.text.len());
        let fields = filled(&page, &[("group", &last)]);
        send(&site, &boss, &at(ada.id, "/edit"), &fields).await.leads();
        assert_eq!(look(&site, ada.id).await.groups.len(), 1);
    }

    async fn whoever_was_slower_is_told_and_may_save_all_the_same(site: Site) {
        let boss = site.boss().await;
        let ada = site.world.member(&site.pizza).await;
        let page = site.get(&boss, &at(ada.id, "/edit")).await;
        site.world.wait(Duration::from_secs(1));
        let faster = UserChanges { phone: Some(test_support::phone("1")), ..Default::default() };
        site.world.update(&site.pizza.administrator.caller, ada.id, faster).await.unwrap();
        let page = send(&site, &boss, &at(ada.id, "/edit"), &filled(&page, &[("name", "Slow")])).await.expect(422);
        page.has("Somebody has changed this user");
        page.has("value=\"Slow\"");
        send(&site, &boss, &at(ada.id, "/edit"), &filled(&page, &[("name", "Slow")])).await.leads();
        assert_eq!(look(&site, ada.id).await.membership.name.as_str(), "Slow");
    }

    async fn deactivating_can_be_taken_back(site: Site) {
        let boss = site.boss().await;
        let ada = site.world.member(&site.pizza).await;
        let to = press(&site, &boss, ada.id, "deactivate").await.leads();
        let page = site.get(&boss, &to).await.expect(200);
        page.has("Undo");
        page.has("value=\"activate\"");
        assert!(!look(&site, ada.id).await.membership.active);
        let to = press(&site, &boss, ada.id, "activate").await.leads();
        site.get(&boss, &to).await.expect(200).lacks("Undo");
        assert!(look(&site, ada.id).await.membership.active);
    }

    async fn a_password_and_a_second_factor_are_reset(site: Site) {
        let boss = site.boss().await;
        let ada = site.world.member(&site.pizza).await;
        let hers = site.browser_of(&ada);
        press(&site, &boss, ada.id, "reset-password").await.leads();
        site.get(&boss, &at(ada.id, "")).await.has("Must choose a new password");
        assert!(site.get(&hers, LIST).await.leads().starts_with("/console/sign-in"));
        press(&site, &boss, ada.id, "keep-password").await.leads();
        press(&site, &boss, ada.id, "reset-second-factor").await.leads();
        let account = look(&site, ada.id).await.account;
        assert!(!account.reset_password && account.reset_second_factor);
        press(&site, &boss, ada.id, "keep-second-factor").await.leads();
        assert!(!look(&site, ada.id).await.account.reset_second_factor);
    }

    async fn what_a_rule_refuses_is_said_on_the_page(site: Site) {
        let boss = site.boss().await;
        let first = site.pizza.administrator.id;
        let other = site.world.holder(&site.pizza, &["view_user", "change_user"]).await;
        let limited = site.browser_of(&other);
        let page = press(&site, &limited, first, "deactivate").await.expect(403);
        page.has("role=\"alert\"");
        let page = press(&site, &boss, other.id, "invite").await.expect(409);
        page.has("accepted already");
        press(&site, &boss, other.id, "explode").await.expect(400);
        let page = site.get(&limited, &at(other.id, "/edit")).await.expect(200);
        page.lacks("name=\"administrator\"");
        let forged = filled(&page, &[("administrator", "yes")]);
        send(&site, &limited, &at(other.id, "/edit"), &forged).await.leads();
        assert!(!look(&site, other.id).await.membership.administrator);
        let strong = site.world.group_as(&site.pizza.administrator.caller, "strong", &["delete_user"]).await.unwrap().id.to_string();
        let forged = filled(&page, &[("group_shown", &strong), ("group", &strong), ("phone", "7")]);
        let page = send(&site, &limited, &at(other.id, "/edit"), &forged).await.expect(422);
        page.has("role=\"alert\"");
        page.has("value=\"7\"");
    }

    async fn who_may_only_look_is_offered_nothing_else(site: Site) {
        let ada = site.world.member(&site.pizza).await;
        let looker = site.browser_of(&site.world.holder(&site.pizza, &["view_user"]).await);
        let page = site.get(&looker, &at(ada.id, "")).await.expect(200);
        for offered in ["/edit", "/actions", "/audit", "name=\"at\""] {
            page.lacks(offered);
        }
        site.get(&looker, LIST).await.expect(200).lacks("users/new");
        site.get(&looker, &at(ada.id, "/edit")).await.expect(403);
        site.get(&looker, &format!("{LIST}/new")).await.expect(403);
        press(&site, &looker, ada.id, "deactivate").await.expect(403);
        assert!(look(&site, ada.id).await.membership.active);
    }

    async fn nobody_of_another_environment_is_there(site: Site) {
        let pasta = site.world.environment("pasta").await;
        let fields = UserChanges { name: Some(short("Secret Cook")), ..Default::default() };
        let cook = site.world.create(&pasta, "cook@pasta.example", fields).await.unwrap().account.id;
        let theirs = site.world.group_as(&pasta.administrator.caller, "theirs", &[]).await.unwrap();
        let boss = site.boss().await;
        let nobody = UserId(uuid::Uuid::from_u128(1));
        for page in ["", "/edit", "/permissions", "/sessions", "/audit", "?at=2026-01-01"] {
            let other = site.get(&boss, &at(cook, page)).await.expect(404);
            assert_eq!(other.text, site.get(&boss, &at(nobody, page)).await.expect(404).text);
            other.lacks("Secret Cook");
        }
        press(&site, &boss, cook, "deactivate").await.expect(404);
        site.get(&boss, &format!("{LIST}/none")).await.expect(404);
        let ada = site.world.member(&site.pizza).await;
        let page = site.get(&boss, &at(ada.id, "/edit")).await;
        let far = (theirs.id.0 + 1000).to_string();
        let page = send(&site, &boss, &at(ada.id, "/edit"), &filled(&page, &[("group", &far)])).await.expect(422);
        page.has("This does not exist here:");
        assert!(matches!(cook_is_active(&site, cook, &pasta.administrator).await, Ok(true)));
    }

    async fn what_a_form_of_another_site_sends_changes_nothing(site: Site) {
        let boss = site.boss().await;
        let ada = site.world.member(&site.pizza).await;
        let token = site.get(&boss, LIST).await.token().to_owned();
        for (headers, token) in [([("sec-fetch-site", "cross-site")], token.as_str()), ([("sec-fetch-site", "same-origin")], "x")] {
            let fields = [("csrf", token), ("action", "deactivate"), ("email", "x@pizza.example"), ("name", "x")];
            for to in [at(ada.id, "/actions"), at(ada.id, "/edit"), format!("{LIST}/new")] {
                site.post(&boss, &to, &headers, &fields).await.expect(403);
            }
        }
        assert!(look(&site, ada.id).await.membership.active);
    }

    async fn a_user_is_shown_as_it_was(site: Site) {
        let boss = site.boss().await;
        let ada = site.world.member(&site.pizza).await;
        let first = UserChanges { name: Some(short("Ada Byron")), ..Default::default() };
        site.world.update(&site.pizza.administrator.caller, ada.id, first).await.unwrap();
        let page = site.get(&boss, &at(ada.id, "")).await.expect(200);
        let day = site.world.directory.effects().clock.now();
        let day = jiff::Timestamp::from(day).strftime("%Y-%m-%d").to_string();
        page.has("name=\"at\"");
        site.world.wait(Duration::from_secs(2 * 24 * 3600));
        let later = UserChanges { name: Some(short("Ada Lovelace")), ..Default::default() };
        let operator = site.world.operator.caller.in_environment(site.pizza.name());
        site.world.update(&operator, ada.id, later).await.unwrap();
        let boss = site.boss().await;
        let page = site.get(&boss, &at(ada.id, &format!("?at={day}"))).await.expect(200);
        page.has("Ada Byron");
        page.lacks("Ada Lovelace");
        page.lacks("/actions");
        for (wrong, told) in [("2999-01-01", "yet to come"), ("1999-01-01", "at-error"), ("yesterday", "Give a date")] {
            let page = site.get(&boss, &at(ada.id, &format!("?at={wrong}"))).await.expect(422);
            page.has(told);
            page.has("Ada Lovelace");
        }
        let looker = site.browser_of(&site.world.holder(&site.pizza, &["view_user"]).await);
        site.get(&looker, &at(ada.id, &format!("?at={day}"))).await.expect(403);
    }

    async fn permissions_are_shown_with_their_reasons(site: Site) {
        let boss = site.boss().await;
        let caller = &site.pizza.administrator.caller;
        let inner = site.world.group_as(caller, "bakers", &[]).await.unwrap();
        let outer = directory::groups::GroupChanges {
            permissions: Some(vec!["view_menu".to_owned()]),
            contains: Some(vec![directory::groups::GroupRef::Id(Some(inner.id), inner.id.to_string())]),
            ..Default::default()
        };
        let staff = site.world.group_as(caller, "staff", &[]).await.unwrap();
        site.world.update_group(caller, staff.id, outer).await.unwrap();
        let ada = site.world.member(&site.pizza).await;
        let empty = site.get(&boss, &at(ada.id, "/permissions")).await.expect(200);
        empty.has("No permissions");
        let within = UserChanges { groups: Some(vec![by_id(inner.id)]), ..Default::default() };
        site.world.update(caller, ada.id, within).await.unwrap();
        let page = site.get(&boss, &at(ada.id, "/permissions")).await.expect(200);
        for shown in ["view_menu", "bakers", "staff"] {
            page.has(shown);
        }
        let page = site.get(&boss, &at(ada.id, "/permissions?permission=delete_user")).await.expect(200);
        page.has("May not");
        let page = site.get(&boss, &at(ada.id, "/permissions?permission=fly")).await.expect(422);
        page.has("There is no such permission here.");
        let own = site.get(&boss, &at(site.pizza.administrator.id, "/permissions")).await.expect(200);
        own.has("Administrators may do everything");
        assert!(own.text.len() < 100_000);
        press(&site, &boss, ada.id, "deactivate").await.leads();
        let page = site.get(&boss, &at(ada.id, "/permissions?permission=view_menu")).await.expect(200);
        page.has("The user is inactive, and may do nothing.");
    }

    async fn sessions_are_shown_and_ended(site: Site) {
        let boss = site.boss().await;
        let ada = site.world.member(&site.pizza).await;
        let other = site.world.again(&ada, None).await;
        let page = site.get(&boss, &at(ada.id, "/sessions")).await.expect(200);
        assert_eq!(page.text.matches("aria-labelledby=\"end-").count(), 2);
        let id = page.text.split("name=\"session\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
        let token = page.token().to_owned();
        let end = async |browser: &Browser, whose: UserId, id: &str, token: &str| {
            let fields = [("csrf".to_owned(), token.to_owned()), ("session".to_owned(), id.to_owned())];
            send(&site, browser, &at(whose, "/sessions"), &fields).await
        };
        // One page ends the sessions of one user.
        let nobodys = site.world.member(&site.pizza).await;
        end(&boss, nobodys.id, &id, &token).await.expect(200);
        end(&boss, ada.id, &id, "x").await.expect(403);
        assert_eq!(site.get(&boss, &at(ada.id, "/sessions")).await.text.matches("aria-labelledby=\"end-").count(), 2);
        let to = end(&boss, ada.id, &id, &token).await.leads();
        let page = site.get(&boss, &to).await.expect(200);
        page.has("Ended.");
        page.lacks(&id);
        end(&boss, ada.id, "all", &token).await.leads();
        site.get(&boss, &at(ada.id, "/sessions")).await.expect(200).has("Signed in nowhere");
        for token in [&ada, &other] {
            assert!(site.get(&site.browser_of(token), LIST).await.leads().starts_with("/console/sign-in"));
        }
        let looker = site.browser_of(&site.world.holder(&site.pizza, &["view_user"]).await);
        let page = site.get(&looker, &at(site.pizza.administrator.id, "/sessions")).await.expect(200);
        page.lacks("name=\"session\"");
        let token = page.token().to_owned();
        end(&looker, site.pizza.administrator.id, "all", &token).await.expect(403);
    }

    async fn the_audit_trail_of_a_user_tells_who_did_what(site: Site) {
        let boss = site.boss().await;
        let caller = &site.pizza.administrator.caller;
        let ada = site.world.member(&site.pizza).await;
        let group = site.world.group_as(caller, "bakers", &[]).await.unwrap();
        let fields = UserChanges { groups: Some(vec![by_id(group.id)]), phone: Some(test_support::phone("<i>1")), ..Default::default() };
        site.world.update(caller, ada.id, fields).await.unwrap();
        while site.world.directory.chain_audit().await.unwrap() {}
        let page = site.get(&boss, &at(ada.id, "/audit")).await.expect(200);
        for shown in ["Changed", "bakers", "&#60;i&#62;1", "Created"] {
            page.has(shown);
        }
        page.lacks("<i>1");
        let auditor = site.world.holder(&site.pizza, &["view_user", "view_audit"]).await;
        let page = site.get(&site.browser_of(&auditor), &at(ada.id, "/audit")).await.expect(200);
        page.lacks("bakers");
        let looker = site.browser_of(&site.world.holder(&site.pizza, &["view_user"]).await);
        site.get(&looker, &at(ada.id, "/audit")).await.expect(403);
        site.get(&looker, &at(ada.id, "")).await.expect(200).lacks("/audit");
    }

    async fn its_pages_speak_german(site: Site) {
        let boss = site.boss().await;
        let ada = site.world.member(&site.pizza).await;
        let german = [("accept-language", "de")];
        site.get_with(&boss, &at(ada.id, ""), &german).await.expect(200).has("Bearbeiten");
        site.get_with(&boss, &at(ada.id, "/edit"), &german).await.expect(200).has("Speichern");
    }
}

async fn cook_is_active(site: &Site, cook: UserId, boss: &Person) -> Result<bool, Error> {
    let read = move |tx: &mut Tx<'_>, actor: &Actor| Ok(users::get(tx, actor, cook)?.membership.active);
    site.world.directory.read(boss.caller.clone(), read).await
}
