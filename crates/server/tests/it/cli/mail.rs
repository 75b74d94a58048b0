//! Mails, as the binary sends them: into a folder, or to a server that is not there, in which case they wait.

use super::Place;
use std::time::{Duration, Instant};

const ADA: [&str; 6] = ["user", "add", "--environment", "maxedy_pizza", "--email", "ada@example.com"];

/// The one mail in a folder, once it is there, whole.
fn the_mail_in(place: &Place, folder: &str) -> String {
    let began = Instant::now();
    loop {
        let found = std::fs::read_dir(place.path().join(folder)).into_iter().flatten().flatten().next();
        let text = found.map(|entry| std::fs::read_to_string(entry.path()).unwrap()).unwrap_or_default();
        if text.contains("</html>") {
            return text;
        }
        assert!(began.elapsed() < Duration::from_secs(20), "{}", place.log());
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn a_mail_of_another_process_is_sent_and_leaves_no_trace_in_the_log() {
    let (place, _) = Place::set_up();
    place.run(&ADA).text();
    let waiting = place.run(&["outbox", "--json"]).document();
    let (link, mail) = (waiting[0]["link"].as_str().unwrap(), &waiting[0]);
    assert_eq!((mail["state"].as_str(), mail["trouble"].as_str()), (Some("waiting"), Some("")));
    assert!(mail["next_try_at"] == mail["created_at"] && mail["attempts"] == 0, "{mail}");

    let arguments = ["serve", "--listen", "127.0.0.1:0", "--mail", "file:./post/box", "--log", "debug"];
    let server = place.start(&arguments);
    let text = the_mail_in(&place, "post/box").replace("=\r\n", "").replace("=3D", "=");
    let token = link.split("#token=").nth(1).unwrap();
    assert!(text.contains(&format!("http://{}/console/invitation#token={token}", server.address)), "{text}");
    let began = Instant::now();
    while place.run(&["outbox", "--json"]).document().as_array().unwrap().len() == 1 {
        assert!(began.elapsed() < Duration::from_secs(20), "{}", place.log());
    }
    server.stop("-TERM");
    let log = place.log();
    assert!(log.contains("a mail was sent") && !log.contains(token) && !log.contains("ada@"), "{log}");
}

#[test]
fn a_mail_that_cannot_be_sent_waits_and_says_why() {
    let (place, _) = Place::set_up();
    place.run(&ADA).text();
    let mut serve = place.command(&["serve", "--listen", "127.0.0.1:0", "--mail-from", "id@example.com"]);
    serve.env("ROLEBOOK_MAIL", "smtp://ada:s3cret@127.0.0.1:1");
    let server = place.start_by(serve);
    let began = Instant::now();
    let mail = loop {
        let waiting = place.run(&["outbox", "--json"]).document();
        match waiting[0]["trouble"].as_str() {
            Some("") => assert!(began.elapsed() < Duration::from_secs(20), "{}", place.log()),
            _ => break waiting[0].clone(),
        }
    };
    assert_eq!(mail["trouble"], "connecting to the mail server: connection refused");
    assert!(mail["state"] == "waiting" && mail["attempts"] == 1 && mail["next_try_at"] != mail["created_at"]);
    let shown = place.run(&["outbox"]);
    assert!(shown.text().contains("tried 1 times, next try 2") && shown.text().contains("\nTrouble: connecting"));
    server.stop("-TERM");
    let log = place.log();
    assert!(log.contains("connection refused") && !log.contains("s3cret") && !log.contains("ada@example"), "{log}");
}

#[test]
fn quickstart_writes_mails_beside_its_database() {
    let place = Place::new();
    let server = place.start(&["quickstart", "--listen", "127.0.0.1:0"]);
    assert!(server.printed.contains("\nMails    written to ./rolebook-data/mail, a file each\n"), "{}", server.printed);
    place.run(&ADA).text();
    assert!(the_mail_in(&place, "rolebook-data/mail").contains("To: ada@example.com\r\n"));
}

#[test]
fn an_address_that_is_none_is_refused_before_anything_is_made() {
    let place = Place::new();
    for (address, says) in [("smtp://ada:s3cret@h/x", "--mail must be"), ("smtp://ada:s3cret@h", "--mail-from")] {
        let refusal = place.run(&["serve", "--mail", address]);
        assert!(refusal.complaint().contains(says) && !refusal.complaint().contains("s3cret"), "{says}");
    }
    assert_eq!(std::fs::read_dir(place.path()).unwrap().count(), 0);
}
