//! Clients that take their time. The limits are the real ones, and nobody waits for them: time stands still unless everybody
//! sleeps, and then it jumps to whoever wakes first.

use rolebook::app::{self, App};
use rolebook::serve;
use std::time::Duration;
use test_support::{Engine, World};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep, timeout};

/// Far more than any limit.
const LONG: Duration = Duration::from_secs(600);

/// A server in this very thread.
struct Served {
    address: std::net::SocketAddr,
    world: World,
}

async fn served() -> Served {
    let world = World::new(Engine::Sqlite).await;
    let listener = serve::listen("127.0.0.1:0".parse().unwrap()).unwrap();
    let address = listener.local_addr().unwrap();
    let service = app::service(App::new(world.directory.clone(), "http://x"));
    tokio::spawn(serve::serve(listener, service, std::future::pending()));
    Served { address, world }
}

impl Served {
    async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.unwrap()
    }

    async fn serves(&self) {
        let mut connection = self.connect().await;
        connection.write_all(b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").await.unwrap();
        let (_, answer) = rest(&mut connection).await;
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    }

    /// The head of a call that its caller may make and whose body is still to come.
    fn head(&self) -> String {
        let bearer = format!("Authorization: Bearer {}", self.world.operator.token);
        let body = "Content-Type: application/json\r\nContent-Length: 1000";
        format!("POST /api/v2/group HTTP/1.1\r\nHost: x\r\n{bearer}\r\n{body}\r\n\r\n")
    }
}

/// All that still comes until the server ends the connection, and how long that took.
async fn rest(connection: &mut TcpStream) -> (Duration, String) {
    let begun = Instant::now();
    let mut bytes = Vec::new();
    // A reset is an end too.
    timeout(LONG, connection.read_to_end(&mut bytes)).await.expect("the connection goes on for ever").ok();
    (begun.elapsed(), String::from_utf8(bytes).unwrap())
}

/// Sends a byte each second until the server ends the connection; how long that took, and what it said.
async fn drip(connection: TcpStream, byte: &[u8]) -> (Duration, String) {
    let (mut from, mut to) = connection.into_split();
    let dripping = async {
        while to.write_all(byte).await.is_ok() {
            sleep(Duration::from_secs(1)).await;
        }
    };
    let begun = Instant::now();
    let mut bytes = Vec::new();
    let reading = async {
        from.read_to_end(&mut bytes).await.ok();
        begun.elapsed()
    };
    tokio::pin!(dripping, reading);
    let ended = timeout(LONG, async {
        tokio::select! {
            ended = &mut reading => ended,
            () = &mut dripping => reading.await,
        }
    });
    let ended = ended.await.expect("the connection goes on for ever");
    (ended, String::from_utf8(bytes).unwrap())
}

fn about(span: Duration, seconds: u64) {
    assert!((seconds..=seconds + 2).contains(&span.as_secs()), "{span:?}, and not {seconds} seconds");
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_says_nothing_is_ended_before_and_after_a_request() {
    let server = served().await;
    let mut connection = server.connect().await;
    about(rest(&mut connection).await.0, 10);
    let mut connection = server.connect().await;
    connection.write_all(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
    let (span, answer) = rest(&mut connection).await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    about(span, 10);
    server.serves().await;
}

#[tokio::test(start_paused = true)]
async fn a_head_that_comes_byte_by_byte_is_not_waited_for() {
    let server = served().await;
    let mut connection = server.connect().await;
    connection.write_all(b"GET /healthz HTTP/1.1\r\nHost: x\r\nX-Slow: ").await.unwrap();
    let (span, _) = drip(connection, b"a").await;
    about(span, 10);
    server.serves().await;
}

#[tokio::test(start_paused = true)]
async fn a_body_that_comes_byte_by_byte_is_refused() {
    let server = served().await;
    let mut connection = server.connect().await;
    connection.write_all(server.head().as_bytes()).await.unwrap();
    let (span, answer) = drip(connection, b" ").await;
    assert!(answer.starts_with("HTTP/1.1 400") && answer.contains("within 30 seconds"), "{answer}");
    about(span, 30);
    server.serves().await;
}

#[tokio::test(start_paused = true)]
async fn a_body_that_nobody_reads_does_not_hold_the_connection() {
    let server = served().await;
    let mut connection = server.connect().await;
    let unread = b"GET /healthz HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n";
    connection.write_all(unread).await.unwrap();
    let (span, answer) = drip(connection, b" ").await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert!(span.as_secs() <= 12, "{span:?}");
    server.serves().await;
}

#[tokio::test(start_paused = true)]
async fn who_asks_much_and_reads_nothing_is_let_go() {
    let server = served().await;
    let mut connection = server.connect().await;
    let many = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n".repeat(1000);
    // Until the answers, which nobody reads, fill all there is between the two.
    let begun = Instant::now();
    let asking = async { while connection.write_all(&many).await.is_ok() {} };
    timeout(LONG, asking).await.expect("the connection goes on for ever");
    about(begun.elapsed(), 30);
    server.serves().await;
}
