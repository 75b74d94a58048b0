//! One mail, said to a mail server (RFC 5321), step by step: which step failed decides whether trying again makes sense. Knows
//! nothing of what is in the mail, and passes on none of the server's words but its codes.

mod bounded;

use super::carrier::Server;
use super::message::Parcel;
use crate::config::{Security, Smtp};
use bounded::Bounded;
use directory::mail::Fate;
use lettre::transport::smtp::Error;
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{AsyncSmtpConnection, Certificate, CertificateStore, TlsParameters};
use lettre::transport::smtp::commands::{Data, Mail, Rcpt};
use lettre::transport::smtp::extension::{ClientId, Extension, MailParameter};
use lettre::transport::smtp::response::Severity;
use std::io::ErrorKind;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::time::timeout;

/// How long the server may take to say good-bye; nothing depends on it.
const FAREWELL: Duration = Duration::from_secs(5);
/// How long a connection may take to come about.
const CONNECTING: Duration = Duration::from_secs(20);

/// What was being said when it failed.
#[derive(Clone, Copy)]
enum Step {
    Connecting,
    Encrypting,
    SigningIn,
    Sender,
    Recipient,
    Content,
}

impl Step {
    /// Whether a refusal here is of this mail, and for good. At every other step it is the server or its settings that are
    /// wrong, which somebody may mend.
    fn is_of_this_mail(self) -> bool {
        matches!(self, Step::Recipient | Step::Content)
    }

    fn words(self) -> &'static str {
        match self {
            Step::Connecting => "connecting to the mail server",
            Step::Encrypting => "encrypting the connection to the mail server",
            Step::SigningIn => "signing in to the mail server",
            Step::Sender => "naming the sender",
            Step::Recipient => "naming the recipient",
            Step::Content => "handing the content over",
        }
    }
}

/// Why a mail was not taken.
struct Trouble {
    step: Step,
    why: String,
    permanent: bool,
}

impl Trouble {
    fn new(step: Step, why: impl Into<String>) -> Trouble {
        Trouble { step, why: why.into(), permanent: false }
    }

    /// What a failure may be told as: kinds and codes, never the text of an answer, which may repeat the address.
    fn of(step: Step, error: &Error) -> Trouble {
        let why = if let Some(code) = error.status() {
            let text = std::error::Error::source(error).map(ToString::to_string).unwrap_or_default();
            match enhanced(&text) {
                Some(enhanced) => format!("refused with {code} {enhanced}"),
                None => format!("refused with {code}"),
            }
        } else if error.is_response() {
            NO_SMTP.to_owned()
        } else {
            match kind(error) {
                Some(ErrorKind::InvalidData) if matches!(step, Step::Encrypting) => UNBELIEVED.to_owned(),
                Some(ErrorKind::InvalidData) => NO_SMTP.to_owned(),
                Some(kind) => kind.to_string(),
                None => "the connection broke".to_owned(),
            }
        };
        Trouble { step, why, permanent: error.is_permanent() && step.is_of_this_mail() }
    }
}

const NO_SMTP: &str = "the answer is not one of a mail server";
const UNBELIEVED: &str = "the certificate must be a known authority's, for this host, and in time";

/// What the system said of a connection.
fn kind(error: &Error) -> Option<ErrorKind> {
    let mut source = std::error::Error::source(error);
    while let Some(error) = source {
        match error.downcast_ref::<std::io::Error>() {
            Some(error) => return Some(error.kind()),
            None => source = error.source(),
        }
    }
    None
}

/// Says one mail to the server, in bounded time.
pub(super) async fn send(server: &Server, parcel: &Parcel) -> Fate {
    let fate = timeout(server.patience, async {
        let mut connection = open(server, parcel.sender.domain()).await?;
        let said = say(&mut connection, parcel).await;
        Ok((connection, said))
    })
    .await;
    let trouble = match fate {
        Ok(Ok((mut connection, said))) => {
            // The fate of the mail is decided; a server that was only refusing is left politely.
            timeout(FAREWELL, connection.quit()).await.ok();
            match said {
                Ok(()) => return Fate::Sent,
                Err(trouble) => trouble,
            }
        }
        Ok(Err(trouble)) => trouble,
        Err(_) => return Fate::Failed("the mail server took too long".to_owned()),
    };
    let text = format!("{}: {}", trouble.step.words(), trouble.why);
    if trouble.permanent { Fate::Refused(text) } else { Fate::Failed(text) }
}

/// A connection over which mails can be said.
async fn open(server: &Server, own_domain: &str) -> Result<AsyncSmtpConnection, Trouble> {
    let Smtp { host, port, security, login, .. } = &server.smtp;
    let hello = ClientId::Domain(own_domain.to_owned());
    let trouble = |step| move |error: Error| Trouble::of(step, &error);
    let mut connection = if *security == Security::Tls {
        // Only the server that the operator named can speak here, so its words are bounded by time alone.
        let tls = tls(server).await?;
        AsyncSmtpConnection::connect_tokio1((host.as_str(), *port), Some(CONNECTING), &hello, Some(tls), None)
            .await
            .map_err(|error| match kind(&error) {
                Some(ErrorKind::InvalidData) => Trouble::of(Step::Encrypting, &error),
                _ => Trouble::of(Step::Connecting, &error),
            })?
    } else {
        let stream = timeout(CONNECTING, TcpStream::connect((host.as_str(), *port)))
            .await
            .map_err(|_| Trouble::new(Step::Connecting, "no answer in time"))?
            .map_err(|error| Trouble::new(Step::Connecting, error.kind().to_string()))?;
        AsyncSmtpConnection::connect_with_transport(Box::new(Bounded::new(stream)), &hello)
            .await
            .map_err(trouble(Step::Connecting))?
    };
    if *security == Security::StartTls {
        if !connection.can_starttls() {
            return Err(Trouble::new(Step::Encrypting, "the server offers no STARTTLS"));
        }
        connection.starttls(tls(server).await?, &hello).await.map_err(trouble(Step::Encrypting))?;
    }
    if let Some((user, password)) = login {
        let ways = [Mechanism::Plain, Mechanism::Login];
        if connection.server_info().get_auth_mechanism(&ways).is_none() {
            return Err(Trouble::new(Step::SigningIn, "the server offers neither AUTH PLAIN nor AUTH LOGIN"));
        }
        let credentials = Credentials::new(user.clone(), password.to_string());
        connection.auth(&ways, &credentials).await.map_err(trouble(Step::SigningIn))?;
    }
    Ok(connection)
}

async fn say(connection: &mut AsyncSmtpConnection, parcel: &Parcel) -> Result<(), Trouble> {
    let trouble = |step| move |error: Error| Trouble::of(step, &error);
    let mut options = Vec::new();
    if !parcel.recipient.to_string().is_ascii() {
        if !connection.server_info().supports_feature(Extension::SmtpUtfEight) {
            let why = "the server takes no address with letters beyond ASCII";
            return Err(Trouble { permanent: true, ..Trouble::new(Step::Recipient, why) });
        }
        options.push(MailParameter::SmtpUtfEight);
    }
    let sender = Mail::new(Some(parcel.sender.clone()), options);
    connection.command(sender).await.map_err(trouble(Step::Sender))?;
    let recipient = Rcpt::new(parcel.recipient.clone(), Vec::new());
    connection.command(recipient).await.map_err(trouble(Step::Recipient))?;
    connection.command(Data).await.map_err(trouble(Step::Content))?;
    let taken = connection.message(&parcel.content).await.map_err(trouble(Step::Content))?;
    match taken.code().severity {
        Severity::PositiveCompletion => Ok(()),
        _ => Err(Trouble::new(Step::Content, NO_SMTP)),
    }
}

/// What the server is believed by, read from the disk once.
async fn tls(server: &Server) -> Result<TlsParameters, Trouble> {
    let unbelieved = |why| Trouble::new(Step::Encrypting, why);
    let make = || async {
        let (host, ca) = (server.smtp.host.clone(), server.smtp.ca.clone());
        let made = tokio::task::spawn_blocking(move || {
            let builder = TlsParameters::builder(host);
            let builder = match ca {
                None => builder.certificate_store(CertificateStore::Default),
                Some(file) => {
                    let pem = std::fs::read(file).map_err(|_| "the file that ?ca= names cannot be read")?;
                    let certificate =
                        Certificate::from_pem(&pem).map_err(|_| "the file that ?ca= names is no certificate")?;
                    builder.certificate_store(CertificateStore::None).add_root_certificate(certificate)
                }
            };
            builder.build().map_err(|_| "the certificates of this machine cannot be used")
        });
        made.await.unwrap_or(Err("the certificates of this machine cannot be used")).map_err(unbelieved)
    };
    server.tls.get_or_try_init(make).await.cloned()
}

/// The enhanced status code that an answer begins with (RFC 3463), if it is nothing but one.
fn enhanced(answer: &str) -> Option<&str> {
    let word = answer.split_whitespace().next()?;
    let mut parts = word.split('.');
    let number = |part: Option<&str>, most: usize| {
        part.is_some_and(|part| (1..=most).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit()))
    };
    let is_code = number(parts.next(), 1) && number(parts.next(), 3) && number(parts.next(), 3);
    (is_code && parts.next().is_none()).then_some(word)
}

#[cfg(test)]
mod tests;
