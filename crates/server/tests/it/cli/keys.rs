//! `rolebook keys`: another key while a server runs, as often as it is broken off, and only where it can be.

use super::{Outcome, Place};
use serde_json::{Value, json};
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown, symlink};
use std::os::unix::process::CommandExt;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};
use test_support::{Database, on_every_engine};

const KEYS: &str = "rolebook-data/rolebook.keys";
/// No server runs that would have to be waited for.
const ROTATE: [&str; 5] = ["keys", "rotate", "--wait", "0", "--json"];

fn add(place: &Place, more: &[&str], n: u32) {
    let address = format!("guest{n}@example.com");
    let arguments = ["user", "add", "--environment", "maxedy_pizza", "--email", &address];
    place.run(&[&arguments, more].concat()).text();
}

/// The ids in the keys file, and whether one of them is prepared only.
fn held(place: &Place) -> (Vec<String>, bool) {
    let text = std::fs::read_to_string(place.path().join(KEYS)).unwrap();
    let lines = || text.lines().filter(|line| !line.starts_with('#'));
    let ids = lines().map(|line| line.split(' ').nth(1).unwrap().to_owned()).collect();
    (ids, lines().any(|line| line.starts_with("rolebook-key-next ")))
}

fn wait_until(what: impl Fn() -> bool, place: &Place) {
    let began = Instant::now();
    while !what() {
        assert!(began.elapsed() < Duration::from_secs(20), "{}", place.log());
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// How many mails each key seals.
fn mails(listed: &Value) -> Vec<(u64, u64)> {
    let keys = listed.as_array().unwrap().iter();
    keys.map(|key| (key["id"].as_u64().unwrap(), key["seals"]["mails"].as_u64().unwrap_or(0))).collect()
}

/// Of a rotation: the key, whether it was made for it, and how many mails it sealed anew; nothing was left.
fn told(rotated: &Value) -> (u64, bool, u64) {
    assert_eq!(rotated["left"], 0, "{rotated}");
    (
        rotated["key"].as_u64().unwrap(),
        rotated["made"].as_bool().unwrap(),
        rotated["resealed"]["mails"].as_u64().unwrap(),
    )
}

#[test]
fn a_new_key_seals_what_the_old_one_did_and_the_old_one_stays() {
    let (place, _) = Place::set_up();
    add(&place, &[], 1);
    let before = place.run(&["outbox"]).text().to_owned();
    let first = std::fs::read_to_string(place.path().join(KEYS)).unwrap();
    let listed = place.run(&["keys", "list", "--json"]).document();
    assert_eq!(listed, json!([{"id": 1, "state": "seals", "digests": true, "seals": {"mails": 1}}]));

    let rotated = place.run(&ROTATE).document();
    assert_eq!(told(&rotated), (2, true, 1));
    let second = std::fs::read_to_string(place.path().join(KEYS)).unwrap();
    assert!(second.starts_with(&first) && held(&place) == (vec!["1".to_owned(), "2".to_owned()], false));
    let mode = std::fs::metadata(place.path().join(KEYS)).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    assert_eq!(place.run(&["outbox"]).text(), before);
    add(&place, &[], 2);
    let listed = place.run(&["keys", "list"]);
    assert_eq!(
        listed.text(),
        "key 1     opens, makes the digests    nothing\nkey 2     seals                       2 mails\n"
    );
    assert_eq!(place.run(&["keys", "rotate", "--wait", "0"]).text(), "key 3 seals now; sealed anew: 2 mails\n");
    // Nothing that is printed is a key.
    for line in std::fs::read_to_string(place.path().join(KEYS)).unwrap().lines().skip(1) {
        let key = line.rsplit(' ').next().unwrap();
        assert!(!listed.stdout.contains(key) && !rotated.to_string().contains(key));
    }
    assert!(!place.path().join(KEYS).with_extension("keys.new").exists());
}

#[test]
fn a_prepared_key_goes_round_in_copies_and_then_every_node_seals_with_it() {
    let (place, _) = Place::set_up();
    let keys = place.path().join(KEYS);
    let old = std::fs::read(&keys).unwrap();
    let prepared = place.run(&["keys", "prepare", "--json"]).document();
    assert_eq!(prepared, json!({"key": 2, "made": true}));
    let copy = place.path().join("copy");
    std::fs::copy(&keys, &copy).unwrap();
    let again = place.run(&["keys", "prepare"]);
    assert!(again.text().starts_with("key 2 is prepared: copy ") && again.stdout.contains("rolebook.keys to every"));
    assert_eq!(std::fs::read(&keys).unwrap(), std::fs::read(&copy).unwrap());
    add(&place, &[], 1);
    assert_eq!(mails(&place.run(&["keys", "list", "--json"]).document()), [(1, 1), (2, 0)]);

    let rotated = place.run(&ROTATE).document();
    assert_eq!((&rotated["key"], &rotated["made"]), (&json!(2), &json!(false)));
    // The other node still seals with the older one, until it is told too.
    add(&place, &["--keys", "copy"], 2);
    assert_eq!(mails(&place.run(&["keys", "list", "--json"]).document()), [(1, 1), (2, 1)]);
    let other = place.run(&[&ROTATE[..], &["--keys", "copy"]].concat()).document();
    assert_eq!(told(&other), (2, false, 1));
    assert_eq!(std::fs::read(&keys).unwrap(), std::fs::read(&copy).unwrap());

    // A copy from before can serve no longer, and is told why.
    std::fs::write(&copy, old).unwrap();
    for arguments in [&["outbox"][..], &ROTATE] {
        let refused = place.run(&[arguments, &["--keys", "copy"]].concat());
        assert!(refused.complaint().contains("lacks the key 2"), "{}", refused.stderr);
    }
}

/// Starts a rotation that takes its time.
fn rotating(place: &Place) -> Child {
    let mut command = place.command(&["keys", "rotate", "--wait", "20"]);
    command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
}

#[test]
fn of_two_rotations_at_once_one_is_refused_and_one_that_was_killed_is_finished() {
    let (place, _) = Place::set_up();
    add(&place, &[], 1);
    let mut killed = rotating(&place);
    wait_until(|| held(&place).1, &place);
    for arguments in [&ROTATE[..], &["keys", "prepare"]] {
        let refused = place.run(arguments);
        assert!(refused.complaint().contains("being changed by another process"), "{}", refused.stderr);
    }
    killed.kill().unwrap();
    killed.wait().unwrap();
    // Before the key sealed anything; and left over is what it was about to put in the file's place.
    std::fs::write(place.path().join(KEYS).with_extension("keys.new"), "rolebook-key 1 ").unwrap();
    assert_eq!(mails(&place.run(&["keys", "list", "--json"]).document()), [(1, 1), (2, 0)]);
    let finished = place.run(&ROTATE).document();
    assert_eq!(told(&finished), (2, false, 1));

    // After the key began to seal, and before what is older was sealed anew.
    add(&place, &[], 2);
    place.run(&["keys", "prepare"]).text();
    let text = std::fs::read_to_string(place.path().join(KEYS)).unwrap();
    std::fs::write(place.path().join(KEYS), text.replace("rolebook-key-next", "rolebook-key")).unwrap();
    add(&place, &[], 3);
    assert_eq!(mails(&place.run(&["keys", "list", "--json"]).document()), [(1, 0), (2, 2), (3, 1)]);
    let finished = place.run(&ROTATE).document();
    assert_eq!(told(&finished), (3, false, 2));
    assert_eq!(place.run(&["outbox", "--json"]).document().as_array().unwrap().len(), 3);
}

#[test]
fn a_folder_that_cannot_be_written_to_is_said_and_nothing_has_changed() {
    let (place, _) = Place::set_up();
    let folder = place.path().join("mounted");
    std::fs::create_dir(&folder).unwrap();
    std::fs::rename(place.path().join(KEYS), folder.join("keys")).unwrap();
    let before = std::fs::read(folder.join("keys")).unwrap();
    let whose = std::fs::metadata(&folder).unwrap().uid();
    // The superuser may write anywhere.
    let nobody = 65534;
    if whose == 0 {
        let data = place.path().join("rolebook-data");
        let files: Vec<_> = std::fs::read_dir(&data).unwrap().map(|file| file.unwrap().path()).collect();
        for path in files.into_iter().chain([place.path().to_owned(), data, folder.join("keys"), folder.clone()]) {
            chown(path, Some(nobody), Some(nobody)).unwrap();
        }
    }
    std::fs::set_permissions(&folder, std::fs::Permissions::from_mode(0o500)).unwrap();
    for verb in ["prepare", "rotate"] {
        let mut command = place.command(&["keys", verb, "--keys", "mounted/keys"]);
        if whose == 0 {
            command.uid(nobody).gid(nobody);
        }
        let refused = Outcome::of(&mut command);
        assert!(refused.complaint().contains("its folder must be writable"), "{}", refused.stderr);
    }
    assert_eq!(std::fs::read(folder.join("keys")).unwrap(), before);
    assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 1);
    std::fs::set_permissions(&folder, std::fs::Permissions::from_mode(0o700)).unwrap();
}

#[test]
fn the_file_stays_whose_it_was_and_a_link_to_it_stays_a_link() {
    let (place, _) = Place::set_up();
    let keys = place.path().join("real.keys");
    std::fs::rename(place.path().join(KEYS), &keys).unwrap();
    symlink("../real.keys", place.path().join(KEYS)).unwrap();
    std::fs::set_permissions(&keys, std::fs::Permissions::from_mode(0o640)).unwrap();
    let superuser = std::fs::metadata(&keys).unwrap().uid() == 0;
    if superuser {
        // As a server's own user has it, and the superuser rotates.
        chown(&keys, Some(65534), Some(65534)).unwrap();
    }
    let before = std::fs::metadata(&keys).unwrap();
    // It would warn of the rights.
    assert_eq!(place.run(&[&ROTATE[..], &["--log", "error"]].concat()).document()["key"], 2);
    let after = std::fs::metadata(&keys).unwrap();
    assert_eq!((before.mode(), before.uid(), before.gid()), (after.mode(), after.uid(), after.gid()));
    assert!(std::fs::symlink_metadata(place.path().join(KEYS)).unwrap().is_symlink());
}

#[test]
fn the_keys_of_another_database_are_never_rotated() {
    let (place, _) = Place::set_up();
    let (other, _) = Place::set_up();
    std::fs::copy(other.path().join(KEYS), place.path().join(KEYS)).unwrap();
    for verb in ["list", "prepare", "rotate"] {
        let refused = place.run(&["keys", verb]);
        assert!(refused.complaint().contains("not the one that this database was filled with"), "{}", refused.stderr);
    }
    assert_eq!(held(&place), held(&other));
}

#[test]
fn a_server_goes_on_with_its_keys_when_the_file_is_spoiled_and_takes_up_a_good_one() {
    let (place, _) = Place::set_up();
    let keys = place.path().join(KEYS);
    let good = std::fs::read_to_string(&keys).unwrap();
    let server = place.start(&["serve", "--listen", "127.0.0.1:0", "--mail", "file:post"]);
    for (spoiled, says) in [("rolebook-key 1 s3cret", "line 1"), ("", "holds no key")] {
        std::fs::write(&keys, spoiled).unwrap();
        wait_until(|| place.log().contains(says), &place);
    }
    // Said once, however often it is looked at; and it still opens what its key sealed.
    std::fs::rename(&keys, place.path().join("aside")).unwrap();
    std::fs::write(place.path().join("good"), &good).unwrap();
    std::fs::set_permissions(place.path().join("good"), std::fs::Permissions::from_mode(0o600)).unwrap();
    add(&place, &["--keys", "good"], 1);
    wait_until(|| std::fs::read_dir(place.path().join("post")).is_ok_and(|mails| mails.count() == 1), &place);
    wait_until(|| place.log().contains("is missing"), &place);
    std::fs::rename(place.path().join("good"), &keys).unwrap();
    place.run(&["keys", "prepare"]).text();
    wait_until(|| place.log().contains("was taken up"), &place);
    server.stop("-TERM");
    let log = place.log();
    assert_eq!(log.matches("is not taken up").count(), 3, "{log}");
    let key = good.lines().last().unwrap().rsplit(' ').next().unwrap();
    assert!(!log.contains("s3cret") && !log.contains(key), "{log}");
}

on_every_engine! {
    async fn mails_are_made_and_sent_while_the_key_is_rotated(database: Database) {
        let place = Place::new();
        // One address for all commands, and keys that lie where no other database's do.
        let all = ["--database", database.url(), "--keys", KEYS];
        std::fs::create_dir(place.path().join("rolebook-data")).unwrap();
        let run = |arguments: &[&str]| place.run(&[arguments, &all].concat());
        run(&["init", "--environment", "maxedy_pizza", "--email", "admin@example.com"]).text();
        let serve = [&["serve", "--listen", "127.0.0.1:0", "--mail", "file:post"][..], &all].concat();
        let server = place.start(&serve);

        let mut rotation = place.command(&[&["keys", "rotate", "--json"][..], &all].concat())
            .stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut made = 0;
        while rotation.try_wait().unwrap().is_none() {
            made += 1;
            add(&place, &all, made);
        }
        let rotated = rotation.wait_with_output().unwrap();
        assert!(rotated.status.success(), "{}", String::from_utf8_lossy(&rotated.stderr));
        let rotated: Value = serde_json::from_slice(&rotated.stdout).unwrap();
        assert_eq!((&rotated["key"], &rotated["left"]), (&json!(2), &json!(0)));
        assert!(made > 3, "{made} mails tell little");
        made += 1;
        add(&place, &all, made);
        let post = place.path().join("post");
        wait_until(|| std::fs::read_dir(&post).is_ok_and(|mails| mails.count() as u32 == made), &place);
        wait_until(|| run(&["outbox", "--json"]).document() == json!([]), &place);
        server.stop("-TERM");
        let log = place.log();
        assert!(log.matches("was taken up").count() == 2 && !log.contains("ERROR") && !log.contains("WARN"), "{log}");
    }
}
