//! `rolebook init`: what it makes, what it shows, and what it leaves on the disk.

use super::{Outcome, Place};
use std::os::unix::fs::PermissionsExt;

#[test]
fn the_document_says_who_was_made_and_nothing_of_it_is_in_the_database() {
    let (place, made) = Place::set_up();
    let mut keys: Vec<_> = made.as_object().unwrap().keys().map(String::as_str).collect();
    keys.sort_unstable();
    assert_eq!(keys, ["email", "environment", "password", "token", "user_id"]);
    assert_eq!(made["environment"]["key"], "maxedy_pizza");
    assert_eq!(made["environment"]["id"].as_str().unwrap().len(), 36);
    assert_eq!(made["user_id"].as_str().unwrap().len(), 36);
    assert_eq!(made["email"], "admin@example.com");
    let (password, token) = (made["password"].as_str().unwrap(), made["token"].as_str().unwrap());
    assert!(password.len() >= 20);
    assert!(token.starts_with("rb_") && token.len() == 46);

    let stored = stored(&place);
    for secret in [password, token] {
        assert!(!stored.contains(secret));
    }
}

#[test]
fn passwords_are_hashed_at_the_full_price() {
    let (place, _) = Place::set_up();
    assert!(stored(&place).contains("$argon2id$v=19$m=19456,t=2,p=1$"));
}

/// Everything in the database's files, the log of writes included.
fn stored(place: &Place) -> String {
    let mut bytes = Vec::new();
    for name in ["rolebook.db", "rolebook.db-wal"] {
        bytes.extend(std::fs::read(place.path().join("rolebook-data").join(name)).unwrap_or_default());
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[test]
fn only_the_owner_can_read_what_it_makes() {
    let (place, _) = Place::set_up();
    let mode = |path: &str| std::fs::metadata(place.path().join(path)).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode("rolebook-data"), 0o700);
    assert_eq!(mode("rolebook-data/rolebook.keys"), 0o600);
    assert_eq!(mode("rolebook-data/rolebook.db"), 0o600);
}

#[test]
fn the_first_administrator_is_operator_and_later_ones_are_not() {
    let (place, _) = Place::set_up();
    place.run(&["init", "--environment", "roma_pizza", "--email", "ada@example.com"]).text();
    let operator = |environment| {
        let users = place.run(&["user", "list", "--environment", environment, "--json"]).document();
        users[0]["operator"].as_bool().unwrap()
    };
    assert!(operator("maxedy_pizza"));
    assert!(!operator("roma_pizza"));
}

#[test]
fn a_password_from_the_environment_is_taken_and_not_shown_as_text() {
    let place = Place::new();
    let arguments = ["init", "--environment", "maxedy_pizza", "--email", "admin@example.com"];
    let init = |password| Outcome::of(place.command(&arguments).env("ROLEBOOK_ADMIN_PASSWORD", password));
    assert!(init("too short").complaint().contains("at least 15"));
    assert!(init("").complaint().contains("ROLEBOOK_ADMIN_PASSWORD"));
    let made = init("a chosen sentence of words");
    assert!(!made.text().contains("a chosen sentence"), "{}", made.stdout);
}

#[test]
fn an_environment_or_an_address_that_exists_is_refused() {
    let (place, _) = Place::set_up();
    let again = place.run(&["init", "--environment", "maxedy_pizza", "--email", "ada@example.com"]);
    assert_eq!(again.complaint(), "the environment maxedy_pizza exists already");
    let known = place.run(&["init", "--environment", "roma_pizza", "--email", "ADMIN@example.com"]);
    assert!(known.complaint().contains("belongs to an account already"));
    assert_eq!(place.run(&["environment", "list", "--json"]).document().as_array().unwrap().len(), 1);
}
