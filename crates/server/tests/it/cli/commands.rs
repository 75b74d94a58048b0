//! The commands that look after users, groups, environments and tokens.

use super::Place;
use serde_json::Value;

const ENVIRONMENT: [&str; 2] = ["--environment", "maxedy_pizza"];

fn with<'a>(arguments: &[&'a str]) -> Vec<&'a str> {
    arguments.iter().copied().chain(ENVIRONMENT).collect()
}

#[test]
fn a_user_who_is_added_gets_a_mail_in_their_language_that_the_outbox_shows() {
    let (place, _) = Place::set_up();
    place.run(&with(&["group", "add", "staff", "--permission", "view_user"])).text();
    let added = place.run(&with(&[
        "user",
        "add",
        "--email",
        "ada@example.com",
        "--name",
        "Ada",
        "--group",
        "staff",
        "--language",
        "de",
        "--json",
    ]));
    let added = added.document();
    assert_eq!(added["groups"], serde_json::json!(["staff"]));
    assert_eq!(place.run(&with(&["user", "show", "ada@example.com", "--json"])).document(), added);

    let mails = place.run(&["outbox", "--public-url", "https://id.example.com/", "--json"]).document();
    assert_eq!(mails.as_array().unwrap().len(), 1);
    assert_eq!(mails[0]["to"], "ada@example.com");
    assert_eq!(mails[0]["subject"], "Ihr Konto für maxedy_pizza");
    let link = mails[0]["link"].as_str().unwrap();
    let token = link.strip_prefix("https://id.example.com/console/invitation#token=").unwrap();
    assert_eq!(token.len(), 43);
    assert!(mails[0]["text"].as_str().unwrap().contains(link));
    assert!(place.run(&["outbox"]).text().contains(token));
}

#[test]
fn users_are_switched_and_removed_but_the_last_administrator_stays() {
    let (place, made) = Place::set_up();
    place.run(&with(&["user", "add", "--email", "ada@example.com"])).text();
    let active = |document: Value| document["active"].as_bool().unwrap();
    assert!(!active(place.run(&with(&["user", "deactivate", "ada@example.com", "--json"])).document()));
    assert!(active(place.run(&with(&["user", "activate", "ada@example.com", "--json"])).document()));
    place.run(&with(&["user", "remove", "ada@example.com"])).text();
    assert!(place.run(&with(&["user", "show", "ada@example.com"])).complaint().contains("ada@example.com"));
    let id = made["user_id"].as_str().unwrap();
    for verb in ["deactivate", "remove"] {
        assert!(place.run(&with(&["user", verb, id])).complaint().contains("keeps an administrator"));
    }
    assert_eq!(place.run(&with(&["user", "list", "--json"])).document().as_array().unwrap().len(), 1);
}

#[test]
fn operators_are_made_here_and_the_last_one_stays() {
    let (place, _) = Place::set_up();
    let revoke = ["user", "operator", "admin@example.com", "--revoke"];
    assert!(place.run(&revoke).complaint().contains("keeps an operator"));
    assert!(place.run(&["user", "operator", "nobody@example.com"]).complaint().contains("nobody@example.com"));
    place.run(&["init", "--environment", "roma_pizza", "--email", "ada@example.com"]).text();
    assert_eq!(place.run(&["user", "operator", "ada@example.com", "--json"]).document()["operator"], true);
    assert_eq!(place.run(&revoke).text(), "admin@example.com is no operator\n");
}

#[test]
fn tokens_are_shown_once_listed_and_revoked_by_id_alone() {
    let (place, _) = Place::set_up();
    let create = |more: &[&str]| {
        let base = ["token", "create", "--email", "admin@example.com", "--name", "payroll"];
        place.run(&with(&base.iter().chain(more).copied().collect::<Vec<_>>()))
    };
    assert!(create(&[]).complaint().contains("--permission"));
    assert!(create(&["--permission", "fly"]).complaint().contains("\"fly\""));
    let made = create(&["--permission", "view_user", "--days", "7", "--json"]).document();
    assert!(made["token"].as_str().unwrap().starts_with("rb_"));
    let listed = place.run(&with(&["token", "list", "--json"]));
    assert!(!listed.stdout.contains("rb_"));
    assert_eq!(listed.document().as_array().unwrap().len(), 2);
    let id = made["id"].as_str().unwrap();
    assert_eq!(place.run(&["token", "revoke", id]).text(), format!("revoked {id}\n"));
    assert!(place.run(&["token", "revoke", id]).complaint().contains("no such token"));
    assert_eq!(place.run(&with(&["token", "list", "--json"])).document().as_array().unwrap().len(), 1);
}

#[test]
fn environments_are_added_and_removed_when_confirmed() {
    let (place, _) = Place::set_up();
    let added = place.run(&["environment", "add", "roma_pizza", "--name", "Roma", "--json"]).document();
    assert_eq!(added["name"], "Roma");
    assert!(place.run(&["environment", "add", "roma_pizza"]).complaint().contains("taken"));
    assert!(place.run(&["environment", "remove", "roma_pizza", "--confirm", "roma"]).complaint().contains("confirm"));
    place.run(&["environment", "remove", "roma_pizza", "--confirm", "roma_pizza"]).text();
    assert!(place.run(&["user", "list", "--environment", "roma_pizza"]).complaint().contains("no such environment"));
}
