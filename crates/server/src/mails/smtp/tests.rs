//! One mail against a mail server that behaves well, badly, or not at all.

use super::*;
use crate::mails::server::{MailServer, Script, certificate};
use tokio::sync::OnceCell;

fn plain(server: &MailServer) -> Server {
    let smtp = Smtp {
        host: server.address.ip().to_string(),
        port: server.address.port(),
        security: Security::Plain,
        login: None,
        ca: None,
    };
    Server { smtp, tls: OnceCell::new(), patience: Duration::from_secs(10) }
}

fn parcel(recipient: &str) -> Parcel {
    Parcel {
        sender: "id@example.com".parse().unwrap(),
        recipient: recipient.parse().unwrap(),
        content: b"Subject: x\r\n\r\nHello\r\n.\r\n.hidden\r\n".to_vec(),
    }
}

async fn fate(script: Script) -> Fate {
    let server = MailServer::start(script).await;
    let fate = send(&plain(&server), &parcel("ada@example.com")).await;
    assert!(server.taken().is_empty());
    fate
}

fn failed(why: &str) -> Fate {
    Fate::Failed(why.to_owned())
}

fn refused(why: &str) -> Fate {
    Fate::Refused(why.to_owned())
}

#[tokio::test]
async fn a_mail_arrives_as_it_was_written() {
    let server = MailServer::start(Script::default()).await;
    assert_eq!(send(&plain(&server), &parcel("ada@example.com")).await, Fate::Sent);
    let taken = server.taken().remove(0);
    assert_eq!(taken.recipient, "ada@example.com");
    assert_eq!(taken.content.trim_end(), "Subject: x\r\n\r\nHello\r\n.\r\n.hidden");
    assert_eq!(
        server.commands(),
        ["EHLO example.com", "MAIL FROM:<id@example.com>", "RCPT TO:<ada@example.com>", "DATA", "QUIT"]
    );
}

#[tokio::test]
async fn user_and_password_are_said_to_a_server_that_asks() {
    let server = MailServer::start(Script::default()).await;
    let mut with_login = plain(&server);
    with_login.smtp.login = Some(("ada".to_owned(), "s3cret".to_owned().into()));
    assert_eq!(send(&with_login, &parcel("ada@example.com")).await, Fate::Sent);
    assert!(server.commands().contains(&"AUTH PLAIN AGFkYQBzM2NyZXQ=".to_owned()), "{:?}", server.commands());
    // A wrong password is the operator's to mend, not the end of the mail.
    server.follow(Script { answers: vec![("AUTH", "535 5.7.8 s3cret is wrong")], ..Script::default() });
    let fate = send(&with_login, &parcel("ada@example.com")).await;
    assert_eq!(fate, failed("signing in to the mail server: refused with 535 5.7.8"));
    server.follow(Script { answers: vec![("EHLO", "250 mail.test")], ..Script::default() });
    let fate = send(&with_login, &parcel("ada@example.com")).await;
    assert_eq!(fate, failed("signing in to the mail server: the server offers neither AUTH PLAIN nor AUTH LOGIN"));
}

#[tokio::test]
async fn only_what_is_said_of_the_mail_itself_is_final_and_no_answer_is_repeated() {
    for (command, answer, expected) in [
        ("RCPT", "550 5.1.1 no ada@example.com here", refused("naming the recipient: refused with 550 5.1.1")),
        ("RCPT", "553 ada@example.com", refused("naming the recipient: refused with 553")),
        ("RCPT", "451 4.7.1 ada@example.com: later", failed("naming the recipient: refused with 451 4.7.1")),
        ("DATA", "554 5.5.1 no", refused("handing the content over: refused with 554 5.5.1")),
        (".", "552 5.3.4 too large: https://x#token=y", refused("handing the content over: refused with 552 5.3.4")),
        (".", "452 4.3.1.9 full", failed("handing the content over: refused with 452")),
        (".", "354 go on", failed("handing the content over: the answer is not one of a mail server")),
        ("MAIL", "550 5.7.1 id@example.com is not yours", failed("naming the sender: refused with 550 5.7.1")),
        ("EHLO", "502 what", failed("connecting to the mail server: refused with 502")),
        ("EHLO", "nonsense", failed("connecting to the mail server: the answer is not one of a mail server")),
    ] {
        assert_eq!(fate(Script { answers: vec![(command, answer)], ..Script::default() }).await, expected, "{answer}");
    }
}

#[tokio::test]
async fn a_server_that_is_down_hangs_up_or_talks_garbage_is_tried_again() {
    let server = MailServer::start(Script::default()).await;
    let mut nowhere = plain(&server);
    nowhere.smtp.port = 1;
    let down = send(&nowhere, &parcel("ada@example.com")).await;
    assert_eq!(down, failed("connecting to the mail server: connection refused"));

    for greeting in [&b"HTTP/1.1 400 Bad Request\r\n\r\n"[..], b"\xff\xfe\x00\r\n", b"554 go away\r\n", b"220"] {
        let script = Script { greeting: Some(greeting.to_vec()), hangs_up_at: Some("EHLO"), ..Script::default() };
        let server = MailServer::start(script).await;
        let impatient = Server { patience: Duration::from_millis(300), ..plain(&server) };
        let said = send(&impatient, &parcel("ada@example.com")).await;
        assert!(matches!(&said, Fate::Failed(why) if !why.contains("400") && !why.contains("go away")), "{said:?}");
    }
    for at in ["EHLO", "MAIL", "RCPT", "DATA", "amid"] {
        let said = fate(Script { hangs_up_at: Some(at), ..Script::default() }).await;
        assert!(matches!(said, Fate::Failed(_)), "{at}: {said:?}");
    }
}

#[tokio::test]
async fn a_line_without_an_end_is_cut_off() {
    let server = MailServer::start(Script { greeting: Some(vec![b'2'; 8 * 1024 * 1024]), ..Script::default() }).await;
    let said = send(&plain(&server), &parcel("ada@example.com")).await;
    assert_eq!(said, failed("connecting to the mail server: quota exceeded"));
}

#[tokio::test]
async fn a_server_that_says_nothing_is_left() {
    for script in [
        Script { greeting: Some(Vec::new()), silent_at: Some("EHLO"), ..Script::default() },
        Script { silent_at: Some("RCPT"), ..Script::default() },
    ] {
        let server = MailServer::start(script).await;
        let impatient = Server { patience: Duration::from_millis(200), ..plain(&server) };
        assert_eq!(send(&impatient, &parcel("ada@example.com")).await, failed("the mail server took too long"));
    }
}

#[tokio::test]
async fn an_address_beyond_ascii_goes_only_where_it_is_understood() {
    let server = MailServer::start(Script::default()).await;
    let rene = parcel("rené@example.com");
    assert!(matches!(send(&plain(&server), &rene).await, Fate::Refused(_)));
    server.follow(Script { answers: vec![("EHLO", "250-mail.test\r\n250 SMTPUTF8")], ..Script::default() });
    assert_eq!(send(&plain(&server), &rene).await, Fate::Sent);
    assert!(server.commands().contains(&"MAIL FROM:<id@example.com> SMTPUTF8".to_owned()));
}

/// A server with a certificate for `localhost`, and a way to it that trusts this certificate.
async fn encrypting(security: Security) -> (MailServer, Server, tempfile::TempDir) {
    let (pem, tls) = certificate();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("ca.pem");
    std::fs::write(&file, pem).unwrap();
    let tls_at_once = security == Security::Tls;
    let server = MailServer::start(Script { tls: Some(tls), tls_at_once, ..Script::default() }).await;
    let mut way = plain(&server);
    way.smtp = Smtp { host: "localhost".to_owned(), security, ca: Some(file), ..way.smtp };
    way.smtp.login = Some(("ada".to_owned(), "s3cret".to_owned().into()));
    (server, way, folder)
}

#[tokio::test]
async fn password_and_mail_are_said_only_once_the_connection_is_encrypted() {
    let (server, way, _folder) = encrypting(Security::StartTls).await;
    assert_eq!(send(&way, &parcel("ada@example.com")).await, Fate::Sent);
    let commands = server.commands();
    let at = |start: &str| commands.iter().position(|command| command.starts_with(start)).unwrap();
    assert!(at("STARTTLS") < at("AUTH") && at("AUTH") < at("MAIL"), "{commands:?}");

    let (server, way, _folder) = encrypting(Security::Tls).await;
    assert_eq!(send(&way, &parcel("ada@example.com")).await, Fate::Sent);
    assert_eq!(server.taken().len(), 1);
}

#[tokio::test]
async fn a_server_that_does_not_encrypt_or_is_not_believed_is_told_nothing() {
    let silent = |server: &MailServer| {
        let commands = server.commands();
        assert!(!commands.iter().any(|line| line.starts_with("AUTH") || line.starts_with("MAIL")), "{commands:?}");
    };
    // No STARTTLS on offer: somebody between may have taken the offer away.
    let (_, way, _folder) = encrypting(Security::StartTls).await;
    let server = MailServer::start(Script::default()).await;
    let mut stripped = way;
    stripped.smtp.port = server.address.port();
    let said = send(&stripped, &parcel("ada@example.com")).await;
    let offers_none = "encrypting the connection to the mail server: the server offers no STARTTLS";
    assert_eq!(said, failed(offers_none));
    silent(&server);
    for security in [Security::StartTls, Security::Tls] {
        // A certificate that no authority of this machine has signed.
        let (server, mut way, _folder) = encrypting(security).await;
        way.smtp.ca = None;
        let said = send(&way, &parcel("ada@example.com")).await;
        assert!(matches!(&said, Fate::Failed(why) if why.ends_with(UNBELIEVED)), "{said:?}");
        silent(&server);
        // A certificate for somebody else.
        let (server, mut way, _folder) = encrypting(security).await;
        way.smtp.host = "127.0.0.1".to_owned();
        let said = send(&way, &parcel("ada@example.com")).await;
        assert!(matches!(&said, Fate::Failed(why) if why.ends_with(UNBELIEVED)), "{said:?}");
        silent(&server);
        let (server, mut way, _folder) = encrypting(security).await;
        way.smtp.ca = Some("nowhere.pem".into());
        let said = send(&way, &parcel("ada@example.com")).await;
        assert!(matches!(&said, Fate::Failed(why) if why.ends_with("?ca= names cannot be read")), "{said:?}");
        silent(&server);
    }
}
