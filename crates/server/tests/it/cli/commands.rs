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

#[test]
fn a_user_keeps_a_password_that_another_system_hashed() {
    let (place, _) = Place::set_up();
    // "correct horse battery staple", by bcrypt at the least cost; and its SHA-1.
    let hash = "$2b$04$qiWH0TQc4Z9evCjsv19J4.60TcTma0Vrq.Nn7iD/eiVu1iK1E47sW";
    std::fs::write(place.path().join("hash.txt"), format!("{hash}\n")).unwrap();
    let file = ["--password-hash-file", "hash.txt"];
    let add = |email| place.run(&with(&[&["user", "add", "--email", email], &file[..]].concat()));
    let added = add("ada@example.com");
    assert!(!added.text().contains("outbox") && !added.stdout.contains(hash));
    assert!(add("admin@example.com").complaint().contains("taken"));

    let set = |name: &str| place.run(&with(&["user", "set-password", "ada@example.com", "--password-hash-file", name]));
    for (name, text) in [("empty", ""), ("two", "a\nb\n"), ("long", &"x".repeat(5000))] {
        std::fs::write(place.path().join(name), text).unwrap();
        assert!(set(name).complaint().contains("one line"), "{name}");
    }
    std::fs::write(place.path().join("plain"), "correct horse battery staple").unwrap();
    assert!(set("plain").complaint().contains("bcrypt"));
    assert!(set("missing").complaint().contains("missing"));
    assert!(
        place.run(&with(&["user", "set-password", "ada@example.com"])).complaint().contains("--password-hash-file")
    );
    set("hash.txt").text();

    let server = place.start(&["serve", "--listen", "127.0.0.1:0"]);
    let login = |secret| {
        let body = format!("{{\"email\":\"ada@example.com\",\"password\":\"{secret}\"}}");
        server.post("/api/v2/user/login", &body)
    };
    assert!(login("correct horse battery stapler").starts_with("HTTP/1.1 401"));
    for _ in 0..2 {
        let answer = login("correct horse battery staple");
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    }
}

#[test]
fn hashing_is_tuned_to_a_time_and_what_is_set_too_cheap_is_refused() {
    let place = Place::new();
    let tuned = place.run(&["tune-hashing", "--target", "10ms", "--json"]).document();
    assert_eq!(tuned["now"]["memory"], 19456);
    assert!(tuned["recommended"]["memory"].as_u64().unwrap() >= 19456);
    assert!(tuned["recommended"]["passes"].as_u64().unwrap() >= 2);
    assert!(tuned["recommended"]["logins_per_second"].as_f64().unwrap() > 0.0);
    assert!(place.run(&["tune-hashing", "--hashing-passes", "1"]).complaint().contains("too cheap"));
    assert_eq!(std::fs::read_dir(place.path()).unwrap().count(), 0, "nothing was made");
}
