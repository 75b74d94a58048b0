//! A mail server for tests: polite unless its script says otherwise. Keeps what it took, and what it was told.
#![cfg(test)]

use rcgen::CertifiedKey;
use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;

/// How it behaves. What a script does not speak of is answered as it should be.
#[derive(Clone, Default)]
pub(super) struct Script {
    /// In place of "220 …" and a line end; an empty one says nothing at all.
    pub(super) greeting: Option<Vec<u8>>,
    /// Other answers to commands that begin so. `.` is the end of a mail.
    pub(super) answers: Vec<(&'static str, &'static str)>,
    /// Hangs up at a command that begins so, without an answer.
    pub(super) hangs_up_at: Option<&'static str>,
    /// Says nothing in answer to a command that begins so.
    pub(super) silent_at: Option<&'static str>,
    /// Encrypts when asked to, and offers it.
    pub(super) tls: Option<TlsAcceptor>,
    /// Encrypts from the beginning.
    pub(super) tls_at_once: bool,
}

/// What was taken.
#[derive(Clone)]
pub(super) struct Taken {
    pub(super) recipient: String,
    pub(super) content: String,
}

#[derive(Default)]
struct Seen {
    script: Script,
    commands: Vec<String>,
    taken: VecDeque<Taken>,
}

pub(super) struct MailServer {
    pub(super) address: SocketAddr,
    seen: Arc<Mutex<Seen>>,
    count: watch::Receiver<usize>,
}

impl MailServer {
    pub(super) async fn start(script: Script) -> MailServer {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let seen = Arc::new(Mutex::new(Seen { script, ..Seen::default() }));
        let (counted, count) = watch::channel(0);
        let (counted, state) = (Arc::new(counted), seen.clone());
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (counted, state) = (counted.clone(), state.clone());
                tokio::spawn(async move {
                    let script = state.lock().unwrap().script.clone();
                    match script.tls.clone().filter(|_| script.tls_at_once) {
                        None => converse(Box::new(stream), &script, &state, &counted).await,
                        Some(tls) => match tls.accept(stream).await {
                            Ok(stream) => converse(Box::new(stream), &script, &state, &counted).await,
                            Err(_) => None,
                        },
                    }
                });
            }
        });
        MailServer { address, seen, count }
    }

    /// How it behaves from the next connection on.
    pub(super) fn follow(&self, script: Script) {
        self.seen.lock().unwrap().script = script;
    }

    /// All that it took so far, oldest first.
    pub(super) fn taken(&self) -> Vec<Taken> {
        self.seen.lock().unwrap().taken.iter().cloned().collect()
    }

    /// The commands that it was given so far.
    pub(super) fn commands(&self) -> Vec<String> {
        self.seen.lock().unwrap().commands.clone()
    }

    /// Waits until it has taken so many.
    pub(super) async fn has_taken(&self, many: usize) -> Vec<Taken> {
        let mut count = self.count.clone();
        let waited = tokio::time::timeout(std::time::Duration::from_secs(20), count.wait_for(|n| *n >= many)).await;
        assert!(waited.is_ok_and(|counted| counted.is_ok()), "only {} mails came", self.taken().len());
        self.taken()
    }
}

/// A certificate for `localhost`, as a file and as a server shows it.
pub(super) fn certificate() -> (String, TlsAcceptor) {
    let CertifiedKey { cert, signing_key } = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let key = PrivateKeyDer::try_from(signing_key.serialize_der()).unwrap();
    let config = ServerConfig::builder().with_no_client_auth().with_single_cert(vec![cert.der().clone()], key).unwrap();
    (cert.pem(), TlsAcceptor::from(Arc::new(config)))
}

/// One connection, until either end has enough.
async fn converse(
    stream: Box<dyn Both>,
    script: &Script,
    seen: &Mutex<Seen>,
    counted: &watch::Sender<usize>,
) -> Option<()> {
    let (mut stream, mut encrypted) = (BufReader::new(stream), script.tls_at_once);
    let greeting = script.greeting.clone().unwrap_or_else(|| b"220 mail.test ESMTP\r\n".to_vec());
    stream.write_all(&greeting).await.ok()?;
    stream.flush().await.ok()?;
    let mut recipient = String::new();
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).await.ok()? == 0 {
            return Some(());
        }
        let command = line.trim_end().to_owned();
        seen.lock().unwrap().commands.push(command.clone());
        let is_at = |start: &Option<&'static str>| start.is_some_and(|start| command.starts_with(start));
        if is_at(&script.hangs_up_at) {
            return Some(());
        }
        if is_at(&script.silent_at) {
            std::future::pending::<()>().await;
        }
        let scripted = script.answers.iter().find(|(start, _)| command.starts_with(start)).map(|(_, answer)| *answer);
        let answer = match (scripted, command.split([' ', ':']).next().unwrap_or_default()) {
            (Some(answer), _) => answer.to_owned(),
            (None, "EHLO") => {
                let offer = if script.tls.is_some() && !encrypted { "250-STARTTLS\r\n" } else { "" };
                format!("250-mail.test\r\n{offer}250-8BITMIME\r\n250 AUTH PLAIN LOGIN")
            }
            (None, "STARTTLS") => "220 go ahead".to_owned(),
            (None, "AUTH") => "235 welcome".to_owned(),
            (None, "RCPT") => {
                recipient = command.split(['<', '>']).nth(1).unwrap_or_default().to_owned();
                "250 ok".to_owned()
            }
            (None, "DATA") => "354 go on".to_owned(),
            (None, "QUIT") => "221 bye".to_owned(),
            (None, _) => "250 ok".to_owned(),
        };
        stream.write_all(format!("{answer}\r\n").as_bytes()).await.ok()?;
        stream.flush().await.ok()?;
        if command == "STARTTLS" && answer.starts_with("220") {
            let inner: Box<dyn Both> = Box::new(script.tls.clone()?.accept(stream.into_inner()).await.ok()?);
            (stream, encrypted) = (BufReader::new(inner), true);
            continue;
        }
        if command == "DATA" && answer.starts_with("354") {
            let content = content(&mut stream, script.hangs_up_at == Some("amid")).await?;
            let verdict = script.answers.iter().find(|(start, _)| *start == ".").map_or("250 taken", |(_, text)| *text);
            if verdict.starts_with('2') {
                let mut seen = seen.lock().unwrap();
                seen.taken.push_back(Taken { recipient: recipient.clone(), content });
                counted.send_replace(seen.taken.len());
            }
            stream.write_all(format!("{verdict}\r\n").as_bytes()).await.ok()?;
            stream.flush().await.ok()?;
        }
    }
}

/// A mail up to its end; none when it is to be cut off.
async fn content<S: AsyncRead + Unpin>(stream: &mut BufReader<S>, cut: bool) -> Option<String> {
    let mut content = String::new();
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).await.ok()? == 0 || cut {
            return None;
        }
        if line == ".\r\n" {
            return Some(content);
        }
        content.push_str(line.strip_prefix('.').unwrap_or(&line));
    }
}

/// A connection of either kind.
trait Both: AsyncRead + AsyncWrite + Unpin + Send {}

impl<S: AsyncRead + AsyncWrite + Unpin + Send> Both for S {}
