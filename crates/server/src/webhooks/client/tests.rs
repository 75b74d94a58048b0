//! One call of receivers that behave well, badly, or not at all.

use super::*;
use crate::webhooks::receiver::{Manner, Receiver};
use std::sync::atomic::Ordering;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;

fn message() -> Message {
    Message {
        id: "one".to_owned(),
        timestamp: "1614265330".to_owned(),
        signatures: "v1,AA==".to_owned(),
        body: br#"{"type":"ping"}"#.to_vec(),
    }
}

fn target(url: &str) -> Target {
    Target::of(&WebhookUrl::parse(url).unwrap()).unwrap()
}

async fn outcome(receiver: &Receiver) -> Outcome {
    Client::new(Reach::Everywhere).call(&target(&receiver.url), None, &message()).await.0
}

fn failed(trouble: &str) -> Outcome {
    Outcome { status: None, trouble: trouble.to_owned() }
}

#[tokio::test]
async fn a_message_arrives_as_the_specification_has_it_and_the_connection_stays() {
    let receiver = Receiver::start(Manner::Takes).await;
    let (client, target) = (Client::new(Reach::Everywhere), target(&receiver.url));
    let mut open = None;
    for _ in 0..3 {
        let (outcome, connection) = client.call(&target, open, &message()).await;
        assert_eq!(outcome, Outcome { status: Some(204), trouble: String::new() });
        open = connection;
        assert!(open.is_some());
    }
    assert_eq!(receiver.connections.load(Ordering::SeqCst), 1);
    let heard = receiver.heard().remove(0);
    assert_eq!(heard.header("webhook-id"), "one");
    assert_eq!(heard.header("webhook-timestamp"), "1614265330");
    assert_eq!(heard.header("webhook-signature"), "v1,AA==");
    assert_eq!(heard.header("content-type"), "application/json");
    assert!(receiver.url.contains(&heard.header("host")));
    assert_eq!(heard.body, message().body);
}

#[tokio::test]
async fn a_connection_that_was_closed_meanwhile_is_made_anew() {
    let receiver = Receiver::start(Manner::Closes).await;
    let (client, target) = (Client::new(Reach::Everywhere), target(&receiver.url));
    let mut open = None;
    for _ in 0..5 {
        let (outcome, connection) = client.call(&target, open, &message()).await;
        assert_eq!(outcome.trouble, "");
        open = connection;
    }
}

#[tokio::test]
async fn what_is_no_success_is_said_in_our_own_words() {
    let receiver = Receiver::start(Manner::Answers(500)).await;
    assert_eq!(outcome(&receiver).await, Outcome { status: Some(500), trouble: "it answered 500".to_owned() });
    receiver.becomes(Manner::Answers(302));
    let elsewhere = "it leads elsewhere, which is not followed".to_owned();
    assert_eq!(outcome(&receiver).await, Outcome { status: Some(302), trouble: elsewhere });
    assert_eq!(receiver.heard().len(), 2);
    receiver.becomes(Manner::Babbles);
    assert_eq!(outcome(&receiver).await, failed("the answer is none of HTTP"));
}

#[tokio::test]
async fn an_endless_answer_is_taken_at_its_first_word_and_left() {
    let receiver = Receiver::start(Manner::Endless).await;
    let (client, target) = (Client::new(Reach::Everywhere), target(&receiver.url));
    let (outcome, open) = client.call(&target, None, &message()).await;
    assert_eq!(outcome, Outcome { status: Some(200), trouble: String::new() });
    assert!(open.is_none());
}

#[tokio::test(start_paused = true)]
async fn a_receiver_that_says_nothing_is_left_after_fifteen_seconds() {
    let receiver = Receiver::start(Manner::Hangs).await;
    let started = tokio::time::Instant::now();
    assert_eq!(outcome(&receiver).await, failed("no answer within 15 seconds"));
    assert_eq!(started.elapsed().as_secs(), 15);
}

#[tokio::test]
async fn nothing_that_is_not_public_is_connected_to() {
    let receiver = Receiver::start(Manner::Takes).await;
    let refused = failed("the host has no public address, and others are not allowed here");
    let port = target(&receiver.url).port;
    // Also by names that lead there, and in other spellings of the same address, should one ever have come to be stored.
    for host in ["127.0.0.1", "localhost", "2130706433", "0x7f.1", "[::1]", "[::ffff:127.0.0.1]", "0.0.0.0", "[::]"] {
        let target = Target::of(&WebhookUrl::from_stored(format!("http://{host}:{port}/hooks?x=1"))).unwrap();
        let (outcome, _) = Client::new(Reach::Public).call(&target, None, &message()).await;
        assert_eq!(outcome, refused, "{host}");
    }
    assert_eq!(receiver.connections.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn nobody_there_is_said_so() {
    let free = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let target = target(&format!("http://{free}/"));
    let (outcome, _) = Client::new(Reach::Everywhere).call(&target, None, &message()).await;
    assert_eq!(outcome, failed("connecting: connection refused"));
}

#[tokio::test]
async fn a_receiver_is_believed_if_an_authority_is_and_no_other() {
    let certified = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let key = PrivateKeyDer::Pkcs8(certified.signing_key.serialize_der().into());
    let server = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certified.cert.der().clone()], key)
        .unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let acceptor = TlsAcceptor::from(Arc::new(server));
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            if let Ok(mut stream) = acceptor.accept(stream).await {
                let mut read = [0; 1024];
                assert!(stream.read(&mut read).await.unwrap() > 0);
                stream.write_all(b"HTTP/1.1 204 No Content\r\n\r\n").await.unwrap();
            }
        }
    });
    let target = target(&format!("https://localhost:{port}/"));
    let (outcome, _) = Client::new(Reach::Everywhere).call(&target, None, &message()).await;
    assert_eq!(outcome, failed("the certificate must be a known authority's, for this host, and in time"));
    let mut roots = RootCertStore::empty();
    roots.add(certified.cert.der().clone()).unwrap();
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let trusting = Client { tls: OnceCell::new_with(Some(Arc::new(config))), ..Client::new(Reach::Everywhere) };
    let (outcome, _) = trusting.call(&target, None, &message()).await;
    assert_eq!(outcome, Outcome { status: Some(204), trouble: String::new() });
}
