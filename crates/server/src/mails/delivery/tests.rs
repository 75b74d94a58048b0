//! The way of a mail from the outbox to a mail server or a folder, with the directory's clock turned by hand.

use super::*;
use crate::config::{Destination, Security, Smtp};
use crate::mails::carrier::Server;
use crate::mails::server::{MailServer, Script};
use directory::mail::{Subject, tell};
use directory::users::UserChanges;
use std::path::Path;
use std::time::Instant;
use test_support::{Engine, Tenant, World, on_every_engine};
use tokio::sync::OnceCell;

const MINUTE: Duration = Duration::from_secs(60);

fn postman(carrier: Carrier) -> Arc<Postman> {
    let (from, public_url) = ("Rolebook <id@example.com>".parse().unwrap(), "https://id.example.com".into());
    Arc::new(Postman { carrier, from, public_url })
}

fn by_smtp(server: &MailServer) -> Arc<Postman> {
    impatient(server, Duration::from_secs(10))
}

fn impatient(server: &MailServer, patience: Duration) -> Arc<Postman> {
    let (host, port) = (server.address.ip().to_string(), server.address.port());
    let smtp = Smtp { host, port, security: Security::Plain, login: None, ca: None };
    postman(Carrier::Server(Server { smtp, tls: OnceCell::new(), patience }))
}

fn into(folder: &Path) -> Arc<Postman> {
    postman(Carrier::new(Destination::Folder(folder.to_owned())))
}

/// Everything whose time has come, once.
async fn round(world: &World, postman: &Postman) -> usize {
    let claimed = world.directory.claim_mails(100).await.unwrap();
    let many = claimed.len();
    for waiting in claimed {
        postman.handle(&world.directory, waiting).await;
    }
    many
}

async fn invite(world: &World, pizza: &Tenant, address: &str) {
    world.create(pizza, address, UserChanges::default()).await.unwrap();
}

/// Number of tries, whether it was given up, and the trouble of each mail that is left.
async fn left(world: &World) -> Vec<(i64, bool, String)> {
    let waiting = world.directory.outbox(0, 1000).await.unwrap();
    waiting.into_iter().map(|mail| (mail.attempts, mail.next_try_at.is_none(), mail.trouble)).collect()
}

/// Waits until nothing is left.
async fn all_gone(world: &World) {
    let began = Instant::now();
    while !left(world).await.is_empty() {
        assert!(began.elapsed() < Duration::from_secs(20), "{:?}", left(world).await);
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

on_every_engine! {
    async fn one_bad_recipient_holds_up_no_other_and_stays_to_be_seen(world: World) {
        let pizza = world.environment("pizza").await;
        for address in ["ada@example.com", "eve@example.com", "bob@example.com"] {
            invite(&world, &pizza, address).await;
        }
        let answers = vec![("RCPT TO:<eve", "550 5.1.1 no eve@example.com here")];
        let server = MailServer::start(Script { answers, ..Script::default() }).await;
        assert_eq!(round(&world, &by_smtp(&server)).await, 3);
        let reached: Vec<String> = server.taken().into_iter().map(|taken| taken.recipient).collect();
        assert_eq!(reached, ["ada@example.com", "bob@example.com"]);
        assert_eq!(left(&world).await, [(1, true, "naming the recipient: refused with 550 5.1.1".to_owned())]);
        world.wait(MINUTE * 60 * 24);
        assert_eq!(round(&world, &by_smtp(&server)).await, 0);
    }

    async fn a_server_that_wants_patience_gets_it_and_the_mail_in_the_end_once(world: World) {
        let pizza = world.environment("pizza").await;
        invite(&world, &pizza, "ada@example.com").await;
        let later = Script { answers: vec![("RCPT", "451 4.7.1 greylisted, come back")], ..Script::default() };
        let server = MailServer::start(later).await;
        let postman = by_smtp(&server);
        assert_eq!(round(&world, &postman).await, 1);
        assert_eq!(left(&world).await, [(1, false, "naming the recipient: refused with 451 4.7.1".to_owned())]);
        assert_eq!(round(&world, &postman).await, 0, "not yet");
        server.follow(Script::default());
        world.wait(MINUTE);
        assert_eq!(round(&world, &postman).await, 1);
        assert_eq!((server.taken().len(), left(&world).await.len()), (1, 0));
        world.wait(MINUTE * 60);
        assert_eq!(round(&world, &postman).await, 0);
    }

    async fn two_nodes_on_one_database_send_each_mail_once(world: World) {
        let pizza = world.environment("pizza").await;
        let server = MailServer::start(Script::default()).await;
        let other = world.another_node();
        let nodes = [world.directory.clone(), other]
            .map(|node| tokio::spawn(deliver(node, by_smtp(&server))));
        for n in 0..20 {
            invite(&world, &pizza, &format!("guest{n}@example.com")).await;
        }
        all_gone(&world).await;
        let mut reached: Vec<String> = server.taken().into_iter().map(|taken| taken.recipient).collect();
        reached.sort();
        reached.dedup();
        assert_eq!((server.taken().len(), reached.len()), (20, 20));
        for node in nodes {
            node.abort();
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_new_mail_is_sent_at_once_and_in_its_readers_words() {
    let world = World::new(Engine::Sqlite).await;
    let pizza = world.environment("pizza").await;
    let server = MailServer::start(Script::default()).await;
    let task = tokio::spawn(deliver(world.directory.clone(), by_smtp(&server)));
    // It has looked, found nothing, and rests for seconds.
    tokio::time::sleep(Duration::from_millis(100)).await;
    let began = Instant::now();
    invite(&world, &pizza, "ada@example.com").await;
    let taken = server.has_taken(1).await.remove(0);
    assert!(began.elapsed() < BREATHER, "{:?}", began.elapsed());
    assert_eq!(taken.recipient, "ada@example.com");
    assert!(taken.content.contains("From: Rolebook <id@example.com>\r\nTo: ada@example.com\r\n"), "{}", taken.content);
    assert!(taken.content.contains("Subject: Your account for pizza\r\n"), "{}", taken.content);
    all_gone(&world).await;
    task.abort();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_is_dead_holds_up_neither_callers_nor_writers() {
    let world = World::new(Engine::Sqlite).await;
    let pizza = world.environment("pizza").await;
    let silent = Script { greeting: Some(Vec::new()), silent_at: Some("EHLO"), ..Script::default() };
    let server = MailServer::start(silent).await;
    let task = tokio::spawn(deliver(world.directory.clone(), by_smtp(&server)));
    for n in 0..10 {
        invite(&world, &pizza, &format!("guest{n}@example.com")).await;
    }
    // As many as may be are under way, and everything else goes on.
    let began = Instant::now();
    while left(&world).await.iter().filter(|(tries, ..)| *tries > 0).count() < AT_ONCE {
        assert!(began.elapsed() < Duration::from_secs(10));
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let began = Instant::now();
    invite(&world, &pizza, "last@example.com").await;
    assert!(began.elapsed() < Duration::from_secs(1), "{:?}", began.elapsed());
    assert_eq!(left(&world).await.iter().filter(|(tries, ..)| *tries > 0).count(), AT_ONCE);
    task.abort();
}

#[tokio::test]
async fn one_mail_that_takes_too_long_is_noted_and_tried_again() {
    let world = World::new(Engine::Sqlite).await;
    let pizza = world.environment("pizza").await;
    invite(&world, &pizza, "ada@example.com").await;
    let server = MailServer::start(Script { silent_at: Some("DATA"), ..Script::default() }).await;
    round(&world, &impatient(&server, Duration::from_millis(100))).await;
    assert_eq!(left(&world).await, [(1, false, "the mail server took too long".to_owned())]);
}

#[tokio::test]
async fn a_mail_that_is_sent_twice_is_the_same_one() {
    let world = World::new(Engine::Sqlite).await;
    let pizza = world.environment("pizza").await;
    invite(&world, &pizza, "ada@example.com").await;
    let server = MailServer::start(Script { hangs_up_at: Some("QUIT"), ..Script::default() }).await;
    let postman = by_smtp(&server);
    for _ in 0..2 {
        // As if the process had died between the mail server's yes and its own note of it.
        let waiting = world.directory.claim_mails(1).await.unwrap().remove(0);
        assert_eq!(postman.send(&world.directory, waiting).await, Fate::Sent);
        world.wait(5 * MINUTE);
    }
    let ids: Vec<String> = server.taken().iter().map(|taken| header(&taken.content, "Message-ID: ")).collect();
    assert_eq!(ids[0], ids[1]);
    assert!(ids[0].ends_with("@example.com>") && ids[0].len() == "<@example.com>".len() + 32, "{}", ids[0]);
}

fn header(content: &str, name: &str) -> String {
    content.lines().find_map(|line| line.strip_prefix(name)).unwrap().to_owned()
}

#[tokio::test]
async fn a_folder_gets_a_file_for_each_mail_for_its_owner_alone() {
    let world = World::new(Engine::Sqlite).await;
    let pizza = world.environment("pizza").await;
    invite(&world, &pizza, "ada@example.com").await;
    let account = world.look(&pizza, pizza.administrator.id).await.unwrap().account;
    let telling = world.directory.command(pizza.name(), move |tx, _| tell(tx, &account, Subject::FactorReset));
    telling.await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("mail");
    assert_eq!(round(&world, &into(&place)).await, 2);
    let files: Vec<_> = std::fs::read_dir(&place).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert!(files.len() == 2 && files.iter().all(|file| file.extension().is_some_and(|end| end == "eml")));
    #[cfg(unix)]
    for (path, mode) in [(&place, 0o700), (&files[0], 0o600)] {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(std::fs::metadata(path).unwrap().permissions().mode() & 0o777, mode);
    }
    assert!(left(&world).await.is_empty());

    // A folder that cannot be is a trouble like any other.
    invite(&world, &pizza, "bob@example.com").await;
    round(&world, &into(&files[0].join("x"))).await;
    let trouble = left(&world).await.remove(0).2;
    assert!(trouble.starts_with("cannot write to the folder: "), "{trouble}");
}
