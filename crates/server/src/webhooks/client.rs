//! One call of a receiver: its name is resolved, every address looked at, and one that may be reached is connected to, the very
//! one, so that no second answer of a name server leads elsewhere. Follows no redirect and reads little of an answer. Knows
//! nothing of what is sent, and passes on none of the receiver's words.

use super::message::Message;
use super::reach::Reach;
use axum::body::Bytes;
use axum::http::{HeaderValue, Method, Request, header};
use directory::webhooks::{Outcome, WebhookUrl};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpStream, lookup_host};
use tokio::sync::{OnceCell, Semaphore};
use tokio::task::AbortHandle;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_rustls::rustls::{ClientConfig, RootCertStore};
use url::{Host, Url};

/// How long it may take until a connection stands, encryption included.
const CONNECTING: Duration = Duration::from_secs(5);
/// How long a call may take up to the answer's head.
const ANSWERING: Duration = Duration::from_secs(15);
/// How long, and how much of it, the rest of an answer is read for the sake of the connection.
const REST: Duration = Duration::from_secs(1);
const BODY: usize = 16 * 1024;
/// The longest head of an answer.
const HEAD: usize = 16 * 1024;
/// Addresses of one name that are tried.
const ADDRESSES: usize = 3;
/// Names that are looked up at once: the system does it on threads of which there are not many.
const LOOKUPS: usize = 16;

/// Calls receivers.
pub(super) struct Client {
    reach: Reach,
    /// Made for the first receiver with encryption: it holds some hundred certificates.
    tls: OnceCell<Arc<ClientConfig>>,
    lookups: Semaphore,
}

/// A connection to a receiver that stays open between two calls.
pub(super) struct Connection {
    sender: SendRequest<Full<Bytes>>,
    driver: AbortHandle,
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.driver.abort();
    }
}

/// Where a receiver listens, taken apart.
pub(super) struct Target {
    host: Host<String>,
    port: u16,
    encrypted: bool,
    /// As the header Host says it.
    authority: HeaderValue,
    path: String,
}

impl Target {
    /// `None` for an address that is none: those that were parsed are some.
    pub(super) fn of(url: &WebhookUrl) -> Option<Target> {
        let url = Url::parse(url.as_str()).ok()?;
        let host = url.host()?.to_owned();
        let authority = match url.port() {
            Some(port) => format!("{host}:{port}"),
            None => host.to_string(),
        };
        let path = match url.query() {
            Some(query) => format!("{}?{query}", url.path()),
            None => url.path().to_owned(),
        };
        Some(Target {
            port: url.port_or_known_default()?,
            encrypted: url.scheme() == "https",
            authority: authority.try_into().ok()?,
            host,
            path,
        })
    }
}

/// Why nothing came of a call, in our own words.
type Trouble = String;

impl Client {
    pub(super) fn new(reach: Reach) -> Client {
        Client { reach, tls: OnceCell::new(), lookups: Semaphore::new(LOOKUPS) }
    }

    /// Says a message, through a connection that is open still if there is one. Gives back a connection that can be used again.
    pub(super) async fn call(
        &self,
        target: &Target,
        open: Option<Connection>,
        message: &Message,
    ) -> (Outcome, Option<Connection>) {
        match timeout(ANSWERING, self.ask(target, open, message)).await {
            Ok(Ok((status, connection, body))) => (judged(status), rest(connection, body).await),
            Ok(Err(trouble)) => (Outcome { status: None, trouble }, None),
            Err(_) => {
                let trouble = format!("no answer within {} seconds", ANSWERING.as_secs());
                (Outcome { status: None, trouble }, None)
            }
        }
    }

    async fn ask(
        &self,
        target: &Target,
        open: Option<Connection>,
        message: &Message,
    ) -> Result<(u16, Connection, Incoming), Trouble> {
        if let Some(mut connection) = open {
            // It may have been closed while it rested. To say a thing twice is allowed, to lose it is not.
            if let Ok(response) = connection.send(target, message).await {
                return Ok((response.0, connection, response.1));
            }
        }
        let mut connection = timeout(CONNECTING, self.connect(target))
            .await
            .unwrap_or_else(|_| Err(format!("no connection within {} seconds", CONNECTING.as_secs())))?;
        let (status, body) = connection.send(target, message).await?;
        Ok((status, connection, body))
    }

    async fn connect(&self, target: &Target) -> Result<Connection, Trouble> {
        let addresses = self.resolve(target).await?;
        let stream = connect_to_one(&addresses).await?;
        // Messages are small and whole.
        stream.set_nodelay(true).ok();
        if !target.encrypted {
            return Connection::over(stream).await;
        }
        let tls = self.tls.get_or_try_init(trusted).await?.clone();
        let name = match &target.host {
            Host::Domain(name) => {
                ServerName::try_from(name.clone()).map_err(|_| "the host's name is none".to_owned())?
            }
            Host::Ipv4(address) => ServerName::from(std::net::IpAddr::V4(*address)),
            Host::Ipv6(address) => ServerName::from(std::net::IpAddr::V6(*address)),
        };
        let stream = TlsConnector::from(tls).connect(name, stream).await.map_err(|error| match error.kind() {
            std::io::ErrorKind::InvalidData => {
                "the certificate must be a known authority's, for this host, and in time".to_owned()
            }
            kind => format!("encrypting the connection: {kind}"),
        })?;
        Connection::over(stream).await
    }

    /// Addresses that may be reached, at least one.
    async fn resolve(&self, target: &Target) -> Result<Vec<SocketAddr>, Trouble> {
        let all: Vec<SocketAddr> = match &target.host {
            Host::Ipv4(address) => vec![(*address, target.port).into()],
            Host::Ipv6(address) => vec![(*address, target.port).into()],
            Host::Domain(name) => {
                // Never closed.
                let _place = self.lookups.acquire().await;
                let found = lookup_host((name.as_str(), target.port)).await;
                found.map_err(|_| "the host's name leads nowhere".to_owned())?.collect()
            }
        };
        let mut reached: Vec<SocketAddr> =
            all.into_iter().filter(|address| self.reach.includes(address.ip())).collect();
        reached.truncate(ADDRESSES);
        match reached.is_empty() {
            false => Ok(reached),
            true => Err("the host has no public address, and others are not allowed here".to_owned()),
        }
    }
}

async fn connect_to_one(addresses: &[SocketAddr]) -> Result<TcpStream, Trouble> {
    let patience = CONNECTING / u32::try_from(addresses.len().max(1)).unwrap_or(1);
    let mut trouble = "the host has no address".to_owned();
    for address in addresses {
        match timeout(patience, TcpStream::connect(address)).await {
            Ok(Ok(stream)) => return Ok(stream),
            Ok(Err(error)) => trouble = format!("connecting: {}", error.kind()),
            Err(_) => trouble = "connecting: timed out".to_owned(),
        }
    }
    Err(trouble)
}

/// The authorities that this machine believes. Reads files: done once, beside the threads that serve.
async fn trusted() -> Result<Arc<ClientConfig>, Trouble> {
    let load = || {
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        roots
    };
    let roots = tokio::task::spawn_blocking(load).await.map_err(|_| "this server's certificates".to_owned())?;
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|_| "this server's encryption".to_owned())?;
    Ok(Arc::new(config.with_root_certificates(roots).with_no_client_auth()))
}

impl Connection {
    async fn over<S>(stream: S) -> Result<Connection, Trouble>
    where
        S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    {
        let mut builder = http1::Builder::new();
        builder.max_buf_size(HEAD);
        let (sender, driver) = builder.handshake(TokioIo::new(stream)).await.map_err(|_| BROKEN.to_owned())?;
        let driver = tokio::spawn(async move {
            // What went wrong is told to whoever waits for the answer.
            driver.await.ok();
        });
        Ok(Connection { sender, driver: driver.abort_handle() })
    }

    async fn send(&mut self, target: &Target, message: &Message) -> Result<(u16, Incoming), Trouble> {
        let request = Request::builder()
            .method(Method::POST)
            .uri(&target.path)
            .header(header::HOST, &target.authority)
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::USER_AGENT, concat!("Rolebook/", env!("CARGO_PKG_VERSION")))
            .header("webhook-id", &message.id)
            .header("webhook-timestamp", &message.timestamp)
            .header("webhook-signature", &message.signatures)
            .body(Full::new(Bytes::from(message.body.clone())))
            .map_err(|_| "the address cannot be asked for".to_owned())?;
        self.sender.ready().await.map_err(|_| BROKEN.to_owned())?;
        let response = self.sender.send_request(request).await.map_err(|error| match error.is_parse() {
            true => "the answer is none of HTTP".to_owned(),
            false => BROKEN.to_owned(),
        })?;
        Ok((response.status().as_u16(), response.into_body()))
    }
}

const BROKEN: &str = "the connection broke";

fn judged(status: u16) -> Outcome {
    let trouble = match status {
        200..=299 => String::new(),
        300..=399 => "it leads elsewhere, which is not followed".to_owned(),
        _ => format!("it answered {status}"),
    };
    Outcome { status: Some(status), trouble }
}

/// Throws the rest of an answer away; the connection, if that was little.
async fn rest(connection: Connection, mut body: Incoming) -> Option<Connection> {
    let read = async {
        let mut read = 0;
        while let Some(frame) = body.frame().await {
            read += frame.ok()?.data_ref().map_or(0, Bytes::len);
            if read > BODY {
                return None;
            }
        }
        Some(())
    };
    timeout(REST, read).await.ok().flatten().map(|()| connection)
}

#[cfg(test)]
mod tests;
