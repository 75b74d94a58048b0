//! Connections: accepts them within bounds, hands their requests to the routes, and ends them when the process must stop.
//! Knows nothing of what is answered.

mod stalled;

use axum::Router;
use axum::extract::ConnectInfo;
use directory::Directory;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::{Request, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use stalled::Patient;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tower::Service;
use tower_http::normalize_path::NormalizePath;

/// Connections at once; more wait in the system's queue. Each costs some ten kilobytes.
const CONNECTIONS: usize = 10_000;
/// Connections that the system keeps for us until we accept them.
const BACKLOG: u32 = 1024;
/// How long a request's head may take to arrive, and how long a connection may rest between two requests: whoever sends a
/// byte now and then must not hold a connection for ever.
const HEAD_PATIENCE: Duration = Duration::from_secs(10);
/// Bytes of a request's head. Tokens, identifiers and a proxy's additions fit in a quarter of it.
const HEAD: usize = 32 * 1024;
/// How long requests may take to finish once the process must stop.
const FAREWELL: Duration = Duration::from_secs(10);
/// How long to wait when the system has no file handle left: connections that end give some back.
const BREATHER: Duration = Duration::from_millis(100);
/// How often expired things are swept up.
const SWEEP: Duration = Duration::from_secs(60);
/// How often it is written down what was used: who sees it is told to the minute.
const NOTE: Duration = Duration::from_secs(10);

/// How often audit events are chained: nobody proves that one was there before.
const CHAIN: Duration = Duration::from_millis(500);

/// Takes a port.
///
/// # Errors
/// The system's, such as a port in use.
pub fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    // A server that was just stopped may start again at once.
    #[cfg(unix)]
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

/// Serves until `stop` ends, then lets running requests finish, for ten seconds at most.
pub async fn serve(listener: TcpListener, service: NormalizePath<Router>, stop: impl Future<Output = ()>) {
    let graceful = GracefulShutdown::new();
    let places = Arc::new(Semaphore::new(CONNECTIONS));
    let mut stop = pin!(stop);
    loop {
        let accepted = tokio::select! {
            () = &mut stop => break,
            accepted = accept(&listener, &places) => accepted,
        };
        match accepted {
            Ok((stream, client, place)) => {
                tokio::spawn(converse(stream, client, service.clone(), graceful.watcher(), place));
            }
            Err(error) if is_the_clients(&error) => {}
            Err(error) => {
                tracing::warn!(%error, "cannot accept a connection");
                tokio::time::sleep(BREATHER).await;
            }
        }
    }
    drop(listener);
    tracing::info!(connections = graceful.count(), "stopping: no new connections, running requests finish");
    if tokio::time::timeout(FAREWELL, graceful.shutdown()).await.is_err() {
        tracing::warn!("some requests did not finish in time and are cut off");
    }
}

async fn accept(
    listener: &TcpListener,
    places: &Arc<Semaphore>,
) -> io::Result<(TcpStream, SocketAddr, Option<OwnedSemaphorePermit>)> {
    // First the place, then the connection: what cannot be served yet stays with the system. Never closed, hence `ok`.
    let place = places.clone().acquire_owned().await.ok();
    let (stream, client) = listener.accept().await?;
    Ok((stream, client, place))
}

/// The other end went away before we looked.
fn is_the_clients(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}

/// One connection, request by request.
async fn converse(
    stream: TcpStream,
    client: SocketAddr,
    service: NormalizePath<Router>,
    watcher: Watcher,
    _place: Option<OwnedSemaphorePermit>,
) {
    // Answers are small and whole: waiting to put two into one packet would only delay them.
    stream.set_nodelay(true).ok();
    let answering = service_fn(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(ConnectInfo(client));
        // A router is always ready; cloning it is a counter.
        service.clone().call(request)
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        // An answer is short: copying its head and body together costs less than handing the system two pieces.
        .writev(false)
        .header_read_timeout(HEAD_PATIENCE)
        .max_header_size(HEAD)
        .serve_connection(TokioIo::new(Patient::new(stream)), answering);
    if let Err(error) = watcher.watch(connection).await {
        tracing::debug!(%client, %error, "a connection broke");
    }
}

/// Sweeps up what expired, each minute, until the runtime ends.
pub(crate) async fn sweep_now_and_then(directory: Directory) {
    let mut minutes = tokio::time::interval(SWEEP);
    minutes.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        minutes.tick().await;
        loop {
            match directory.sweep().await {
                // Others' writes go between two sweeps.
                Ok(true) => tokio::time::sleep(BREATHER).await,
                Ok(false) => break,
                Err(error) => {
                    tracing::warn!(%error, "sweeping failed; the next minute tries again");
                    break;
                }
            }
        }
    }
}

/// Writes down which sessions and tokens were used, every few seconds, until the runtime ends.
pub(crate) async fn note_now_and_then(directory: Directory) {
    let mut moments = tokio::time::interval(NOTE);
    moments.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        moments.tick().await;
        loop {
            match directory.note_seen().await {
                Ok(true) => tokio::time::sleep(BREATHER).await,
                Ok(false) => break,
                Err(error) => {
                    tracing::warn!(%error, "what was used could not be noted; the next time tries again");
                    break;
                }
            }
        }
    }
}

/// Chains what was written of the audit trail, twice a second, until the runtime ends.
pub(crate) async fn chain_now_and_then(directory: Directory) {
    let mut moments = tokio::time::interval(CHAIN);
    moments.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        moments.tick().await;
        loop {
            match directory.chain_audit().await {
                // Others' writes have their turn in between: a queue of them, not a moment's rest, decides when.
                Ok(true) => tokio::task::yield_now().await,
                Ok(false) => break,
                Err(error) => {
                    tracing::warn!(%error, "audit events could not be chained; the next time tries again");
                    break;
                }
            }
        }
    }
}

/// Ends when the process is asked to stop.
///
/// # Errors
/// The system's, when signals cannot be listened for.
#[cfg(unix)]
pub(crate) fn stop_signal() -> io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}

/// Ends when the process is asked to stop.
///
/// # Errors
/// None here: without signals there is only Ctrl-C.
#[cfg(not(unix))]
pub(crate) fn stop_signal() -> io::Result<impl Future<Output = ()>> {
    Ok(async {
        tokio::signal::ctrl_c().await.ok();
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::routing::get;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::sync::{Notify, oneshot};
    use tower::Layer;
    use tower_http::normalize_path::NormalizePathLayer;

    /// A server with one route that answers with the caller's address once it is let.
    struct Server {
        address: SocketAddr,
        entered: Arc<Notify>,
        release: Arc<Notify>,
        stop: oneshot::Sender<()>,
        ended: tokio::task::JoinHandle<()>,
    }

    async fn server() -> Server {
        let (entered, release) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
        let (enter, released) = (entered.clone(), release.clone());
        let answer = move |ConnectInfo(client): ConnectInfo<SocketAddr>| async move {
            enter.notify_one();
            released.notified().await;
            client.to_string()
        };
        let router = Router::new().route("/", get(answer));
        let listener = listen("127.0.0.1:0".parse().unwrap()).unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel::<()>();
        let service = NormalizePathLayer::trim_trailing_slash().layer(router);
        let ended = tokio::spawn(serve(listener, service, async { drop(stopped.await) }));
        Server { address, entered, release, stop, ended }
    }

    async fn asking(server: &Server, head: &str) -> TcpStream {
        let mut connection = TcpStream::connect(server.address).await.unwrap();
        connection.write_all(head.as_bytes()).await.unwrap();
        connection
    }

    async fn rest(mut connection: TcpStream) -> String {
        let mut answer = String::new();
        connection.read_to_string(&mut answer).await.unwrap();
        answer
    }

    #[tokio::test]
    async fn a_running_request_is_answered_after_the_stop_and_then_the_server_ends() {
        let server = server().await;
        let connection = asking(&server, "GET / HTTP/1.1\r\nHost: x\r\n\r\n").await;
        let own = connection.local_addr().unwrap().to_string();
        server.entered.notified().await;
        server.stop.send(()).unwrap();
        // The port closes although the request still runs.
        while TcpStream::connect(server.address).await.is_ok() {
            tokio::task::yield_now().await;
        }
        server.release.notify_one();
        let answer = rest(connection).await;
        assert!(answer.starts_with("HTTP/1.1 200") && answer.ends_with(&own), "{answer}");
        server.ended.await.unwrap();
    }

    #[tokio::test]
    async fn a_head_that_is_too_large_is_refused() {
        let server = server().await;
        let head = format!("GET / HTTP/1.1\r\nHost: x\r\nX-Long: {}\r\n\r\n", "a".repeat(HEAD));
        let answer = rest(asking(&server, &head).await).await;
        assert!(answer.starts_with("HTTP/1.1 431"), "{answer}");
    }

    #[tokio::test]
    async fn a_port_in_use_is_refused() {
        let server = server().await;
        assert_eq!(listen(server.address).unwrap_err().kind(), io::ErrorKind::AddrInUse);
    }
}
