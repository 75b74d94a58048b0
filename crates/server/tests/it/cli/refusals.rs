//! What goes wrong before anything can go right: each is one clear line, and an exit code that is not 0.

use super::{Outcome, Place};

const INIT: [&str; 5] = ["init", "--environment", "maxedy_pizza", "--email", "admin@example.com"];

fn with(arguments: &[&'static str], more: &[&'static str]) -> Vec<&'static str> {
    arguments.iter().chain(more).copied().collect()
}

#[test]
fn lost_keys_are_missed_and_never_replaced() {
    let (place, _) = Place::set_up();
    let keys = place.path().join("rolebook-data/rolebook.keys");
    std::fs::rename(&keys, place.path().join("elsewhere")).unwrap();
    for arguments in
        [&["serve", "--listen", "127.0.0.1:0"][..], &["outbox"], &["quickstart", "--listen", "127.0.0.1:0"]]
    {
        let outcome = place.run(arguments);
        assert!(outcome.complaint().contains("rolebook.keys is missing"), "{}", outcome.stderr);
        assert!(!keys.exists());
    }
    place.run(&["outbox", "--keys", "elsewhere"]).text();
}

#[test]
fn the_keys_of_another_database_are_refused() {
    let (place, _) = Place::set_up();
    let (other, _) = Place::set_up();
    let keys = "rolebook-data/rolebook.keys";
    std::fs::copy(other.path().join(keys), place.path().join(keys)).unwrap();
    assert!(place.run(&["outbox"]).complaint().contains("not the one that this database was filled with"));
    std::fs::write(place.path().join(keys), "rolebook-key 1 s3cret").unwrap();
    let broken = place.run(&["outbox"]);
    assert!(broken.complaint().contains("line 1") && !broken.stderr.contains("s3cret"), "{}", broken.stderr);
}

#[test]
fn a_schema_from_the_future_is_refused_by_everything() {
    let (place, _) = Place::set_up();
    let file = place.path().join("rolebook-data/rolebook.db");
    let database = rusqlite::Connection::open(file).unwrap();
    database.execute("INSERT INTO schema_versions (version, applied_at) VALUES (999, 0)", ()).unwrap();
    drop(database);
    for arguments in [&["serve", "--listen", "127.0.0.1:0"][..], &["migrate"], &["environment", "list"]] {
        let outcome = place.run(arguments);
        assert!(outcome.complaint().contains("schema 999, newer"), "{}", outcome.stderr);
    }
}

#[test]
fn a_schema_from_the_past_is_left_to_migrate() {
    let place = Place::new();
    std::fs::create_dir(place.path().join("rolebook-data")).unwrap();
    std::fs::write(place.path().join("rolebook-data/rolebook.db"), "").unwrap();
    assert!(place.run(&["environment", "list"]).complaint().contains("run `rolebook migrate`"));
    let migrated = place.run(&["migrate", "--json"]).document();
    assert!(migrated["migrations"].as_i64().unwrap() >= 1);
    assert!(place.run(&["migrate"]).text().starts_with("nothing to do"));
    assert_eq!(place.run(&["environment", "list", "--json"]).text(), "[]\n");
}

#[test]
fn a_port_in_use_is_refused_before_anything_is_made() {
    let place = Place::new();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    for command in ["serve", "quickstart"] {
        let outcome = place.run(&[command, "--listen", &address]);
        assert!(outcome.complaint().contains(&address) && outcome.stderr.contains("--listen"), "{}", outcome.stderr);
    }
    assert_eq!(std::fs::read_dir(place.path()).unwrap().count(), 0);
}

#[test]
fn folders_that_are_missing_or_cannot_be_written_are_refused() {
    let place = Place::new();
    let missing = place.run(&with(&INIT, &["--database", "sqlite:nowhere/rolebook.db"]));
    assert!(missing.complaint().contains("the folder nowhere"), "{}", missing.stderr);
    // Not even root makes files there.
    let unwritable = place.run(&with(&INIT, &["--database", "sqlite:/proc/rolebook.db"]));
    assert!(unwritable.complaint().contains("/proc/rolebook.db"), "{}", unwritable.stderr);
    let folder = place.run(&with(&INIT, &["--database", "sqlite:."]));
    assert!(folder.complaint().contains("folder"), "{}", folder.stderr);
    std::fs::write(place.path().join("rolebook-data"), "a file in the way").unwrap();
    let in_the_way = place.run(&INIT);
    assert!(in_the_way.complaint().contains("rolebook-data"), "{}", in_the_way.stderr);
}

#[test]
fn a_file_that_is_no_database_is_refused() {
    let place = Place::new();
    std::fs::write(place.path().join("notes.txt"), "not a database, but long enough to look at. ".repeat(100)).unwrap();
    let outcome = place.run(&with(&INIT, &["--database", "sqlite:notes.txt"]));
    assert!(outcome.complaint().contains("notes.txt"), "{}", outcome.stderr);
}

#[test]
fn wrong_addresses_are_refused_without_repeating_their_password() {
    let place = Place::new();
    for address in [
        "mysql://ada:s3cret@127.0.0.1/x",
        "postgres://ada:s3cret@127.0.0.1:1/x",
        "postgres://ada:s3cret@127.0.0.1:port/x",
        "s3cret",
    ] {
        let outcome = place.run(&["serve", "--listen", "127.0.0.1:0", "--database", address]);
        assert!(!outcome.complaint().contains("s3cret"), "{}", outcome.stderr);
        let from_variable = Outcome::of(place.command(&["migrate"]).env("ROLEBOOK_DATABASE", address));
        assert!(!from_variable.complaint().contains("s3cret"), "{}", from_variable.stderr);
    }
}

#[test]
fn no_command_but_those_that_set_up_makes_a_database() {
    let place = Place::new();
    assert!(place.run(&["environment", "list"]).complaint().contains("there is no database"));
    assert_eq!(std::fs::read_dir(place.path()).unwrap().count(), 0);
}

#[test]
fn the_configuration_is_judged_and_flags_beat_the_environment_which_beats_the_file() {
    let (place, _) = Place::set_up();
    let file = place.path().join("rolebook.toml");
    std::fs::write(&file, "databse = \"sqlite:x.db\"\n").unwrap();
    let unknown = place.run(&["outbox", "--config", "rolebook.toml"]);
    assert!(unknown.complaint().contains("`databse`"), "{}", unknown.stderr);
    assert!(place.run(&["outbox", "--config", "nowhere.toml"]).complaint().contains("nowhere.toml"));

    std::fs::write(&file, "database = \"sqlite:from-file.db\"\n").unwrap();
    let asked = |arguments: &[&str], variable: Option<&str>| {
        let mut command = place.command(arguments);
        command.env("ROLEBOOK_CONFIG", &file);
        if let Some(variable) = variable {
            command.env("ROLEBOOK_DATABASE", variable);
        }
        Outcome::of(&mut command)
    };
    assert!(asked(&["outbox"], None).complaint().contains("from-file.db"));
    assert!(asked(&["outbox"], Some("sqlite:from-variable.db")).complaint().contains("from-variable.db"));
    let flag = ["outbox", "--database", "sqlite:from-flag.db"];
    assert!(asked(&flag, Some("sqlite:from-variable.db")).complaint().contains("from-flag.db"));
    let flag_first = ["--database", "sqlite:from-flag.db", "outbox"];
    assert!(asked(&flag_first, Some("sqlite:from-variable.db")).complaint().contains("from-flag.db"));
}

#[test]
fn questions_that_cannot_be_understood_are_one_line_and_exit_with_2() {
    let place = Place::new();
    for arguments in [&["frobnicate"][..], &["init"], &["serve", "--listen", "here"], &["outbox", "--colour"]] {
        let outcome = place.run(arguments);
        assert_eq!((outcome.code, &*outcome.stdout), (Some(2), ""), "{arguments:?}");
        assert!(outcome.only_line().contains("--help"), "{}", outcome.stderr);
    }
    assert!(place.run(&["--help"]).text().contains("quickstart"));
    assert!(place.run(&["user", "add", "--help"]).text().contains("Example:"));
    assert!(place.run(&["--version"]).text().starts_with("rolebook "));
}
