//! How mails are sent, as the operator chose it. Knows nothing of sending.

use super::Hidden;
use anyhow::{anyhow, bail};
use clap::Args;
use directory::email::Email;
use lettre::message::Mailbox;
use percent_encoding::percent_decode_str;
use serde::Deserialize;
use std::net::IpAddr;
use std::path::PathBuf;
use url::Url;
use zeroize::Zeroizing;

/// What serving can be told of mails.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct MailFlags {
    /// How mails are sent: smtp://USER:PASSWORD@HOST:587 (STARTTLS), smtps://… (TLS) or file:FOLDER; without it they wait in
    /// the outbox. An address with a password belongs in the variable or the file, not on the command line
    #[arg(long, value_name = "ADDRESS", env = "ROLEBOOK_MAIL", hide_env_values = true)]
    pub(crate) mail: Option<Hidden>,
    /// Whom mails are from, such as "Rolebook <id@example.com>"
    #[arg(long, value_name = "MAILBOX", env = "ROLEBOOK_MAIL_FROM", hide_env_values = true)]
    pub(crate) mail_from: Option<String>,
}

/// The part of the configuration file.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FileMail {
    url: Option<Hidden>,
    from: Option<String>,
}

/// How mails are sent.
#[derive(Clone, Debug)]
pub(crate) struct Mailing {
    /// To where.
    pub(crate) to: Destination,
    /// Whom they are from.
    pub(crate) from: Mailbox,
}

/// Where mails are handed over.
#[derive(Clone, Debug)]
pub(crate) enum Destination {
    /// A file each in this folder: for trying things out.
    Folder(PathBuf),
    /// A mail server.
    Smtp(Smtp),
}

/// A mail server.
#[derive(Clone)]
pub(crate) struct Smtp {
    /// Its name, or its address.
    pub(crate) host: String,
    /// Its port.
    pub(crate) port: u16,
    /// How what is said to it is kept from others.
    pub(crate) security: Security,
    /// User and password, if it wants them.
    pub(crate) login: Option<(String, Zeroizing<String>)>,
    /// A file with the certificate that its own is signed with, where no public authority did.
    pub(crate) ca: Option<PathBuf>,
}

/// How a conversation with a mail server is kept from others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Security {
    /// Not at all.
    Plain,
    /// Encrypted after the first words, or not at all (RFC 3207).
    StartTls,
    /// Encrypted from the beginning (RFC 8314).
    Tls,
}

impl std::fmt::Debug for Smtp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Smtp { host, port, security, .. } = self;
        write!(f, "Smtp({host}:{port}, {security:?})")
    }
}

impl Mailing {
    /// Whom mails in a folder are from, unless it was said.
    const NOBODY: &'static str = "Rolebook <rolebook@localhost>";

    /// Settles what was said where; `None`: mails wait in the outbox.
    ///
    /// # Errors
    /// An address that is none, or no sender. Never repeats the address, which may hold a password.
    pub(super) fn settle(flags: MailFlags, file: FileMail) -> anyhow::Result<Option<Mailing>> {
        let said = |text: &Hidden| !text.0.is_empty();
        let Some(address) = flags.mail.filter(said).or(file.url.filter(said)) else { return Ok(None) };
        let to = Destination::parse(&address.0)?;
        let from = flags.mail_from.or(file.from).filter(|from| !from.is_empty());
        let from = match (from, &to) {
            (Some(from), _) => mailbox(&from)?,
            (None, Destination::Folder(_)) => mailbox(Self::NOBODY)?,
            (None, Destination::Smtp(_)) => {
                bail!("say whom mails are from with --mail-from, such as --mail-from \"Rolebook <id@example.com>\"")
            }
        };
        Ok(Some(Mailing { to, from }))
    }

    /// Into a folder, from nobody in particular.
    ///
    /// # Errors
    /// None that the folder is to blame for.
    pub(crate) fn into_folder(folder: PathBuf) -> anyhow::Result<Mailing> {
        Ok(Mailing { to: Destination::Folder(folder), from: mailbox(Self::NOBODY)? })
    }
}

impl Destination {
    fn parse(address: &str) -> anyhow::Result<Destination> {
        if let Some(folder) = address.strip_prefix("file:") {
            // As a URL (RFC 8089), or simply a path.
            let folder = folder.strip_prefix("//").unwrap_or(folder);
            if folder.is_empty() {
                bail!("--mail file: must name a folder, such as file:./mail");
            }
            return Ok(Destination::Folder(PathBuf::from(folder)));
        }
        // Not what the parser says of it: that might repeat a piece of the password.
        let expected = || {
            anyhow!(
                "--mail must be smtp://USER:PASSWORD@HOST:587, smtps://USER:PASSWORD@HOST or file:FOLDER, with marks such \
                 as @ / # % in the user or password written as %40 %2F %23 %25"
            )
        };
        let url = Url::parse(address).map_err(|_| expected())?;
        let host = url.host_str().unwrap_or_default();
        let host = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host).to_owned();
        if host.is_empty() || !matches!(url.path(), "" | "/") || url.fragment().is_some() {
            return Err(expected());
        }
        let (mut tls, mut ca) = (None, None);
        for (name, value) in url.query_pairs() {
            match &*name {
                "tls" => tls = Some(value.into_owned()),
                "ca" if !value.is_empty() => ca = Some(PathBuf::from(value.into_owned())),
                _ => bail!("--mail takes ?tls=none, ?tls=starttls and ?ca=FILE behind the host, and nothing else"),
            }
        }
        let security = match (url.scheme(), tls.as_deref()) {
            ("smtps", None) => Security::Tls,
            ("smtp", Some("starttls")) => Security::StartTls,
            ("smtp", Some("none")) => Security::Plain,
            // What stays on this machine needs no hiding, and the certificate of a local server is nobody's.
            ("smtp", None) if is_loopback(&host) => Security::Plain,
            ("smtp", None) => Security::StartTls,
            ("smtp", Some(_)) => bail!("--mail takes ?tls=starttls or ?tls=none with smtp://"),
            ("smtps", Some(_)) => bail!("--mail smtps:// is always encrypted: leave ?tls= out"),
            _ => return Err(expected()),
        };
        let decoded = |text: &str| percent_decode_str(text).decode_utf8().map(String::from).map_err(|_| expected());
        let login = match (url.username(), url.password()) {
            ("", None) => None,
            ("", Some(_)) | (_, None) => return Err(expected()),
            (user, Some(password)) => Some((decoded(user)?, Zeroizing::new(decoded(password)?))),
        };
        let port = url.port().unwrap_or(match security {
            Security::Plain => lettre::transport::smtp::SMTP_PORT,
            Security::StartTls => lettre::transport::smtp::SUBMISSION_PORT,
            Security::Tls => lettre::transport::smtp::SUBMISSIONS_PORT,
        });
        Ok(Destination::Smtp(Smtp { host, port, security, login, ca }))
    }
}

fn is_loopback(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost") || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

fn mailbox(text: &str) -> anyhow::Result<Mailbox> {
    let wrong = || anyhow!("--mail-from must be an address, such as id@example.com or \"Rolebook <id@example.com>\"");
    if text.chars().any(char::is_control) {
        return Err(wrong());
    }
    let mailbox: Mailbox = text.parse().map_err(|_| wrong())?;
    let address = mailbox.email.to_string();
    if !address.is_ascii() || Email::parse(&address).is_err() {
        return Err(wrong());
    }
    Ok(mailbox)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn smtp(address: &str) -> Smtp {
        match Destination::parse(address).unwrap() {
            Destination::Smtp(smtp) => smtp,
            Destination::Folder(folder) => panic!("{}", folder.display()),
        }
    }

    fn settled(mail: &str, from: Option<&str>) -> anyhow::Result<Option<Mailing>> {
        let flags = MailFlags { mail: Some(Hidden(mail.to_owned())), mail_from: from.map(str::to_owned) };
        Mailing::settle(flags, FileMail::default())
    }

    #[test]
    fn the_scheme_and_the_host_say_how_it_is_encrypted() {
        let of = |address: &str| {
            let smtp = smtp(address);
            (smtp.security, smtp.port)
        };
        assert_eq!(of("smtp://mail.example.com"), (Security::StartTls, 587));
        assert_eq!(of("smtp://mail.example.com:25?tls=starttls"), (Security::StartTls, 25));
        assert_eq!(of("smtps://mail.example.com/"), (Security::Tls, 465));
        assert_eq!(of("smtp://mail.example.com?tls=none"), (Security::Plain, 25));
        for here in ["localhost", "127.0.0.1", "127.8.8.8", "[::1]"] {
            assert_eq!(of(&format!("smtp://{here}")), (Security::Plain, 25));
            assert_eq!(of(&format!("smtp://{here}?tls=starttls")), (Security::StartTls, 587));
        }
        assert_eq!(of("smtp://10.0.0.1").0, Security::StartTls);
        assert_eq!(smtp("smtp://[::1]:2525").host, "::1");
        assert_eq!(smtp("smtp://h?ca=/etc/ca.pem").ca, Some(PathBuf::from("/etc/ca.pem")));
    }

    #[test]
    fn user_and_password_are_decoded_and_never_shown() {
        let smtp = smtp("smtps://ada%40example.com:s3%2Fcret%23@mail.example.com");
        let (user, password) = smtp.login.clone().unwrap();
        assert_eq!((&*user, &**password), ("ada@example.com", "s3/cret#"));
        assert_eq!(format!("{smtp:?}"), "Smtp(mail.example.com:465, Tls)");
        let mailing = settled("smtps://ada:s3cret@h", Some("id@example.com")).unwrap();
        let flags = MailFlags { mail: Some(Hidden("smtp://ada:s3cret@h".to_owned())), mail_from: None };
        assert!(!format!("{mailing:?} {flags:?}").contains("s3cret"));
    }

    #[test]
    fn what_is_no_address_is_refused_without_being_repeated() {
        for address in [
            "mail.example.com",
            "http://ada:s3cret@h",
            "smtp://",
            "smtp://ada:s3cret@h/path",
            "smtp://ada:s3/cret@h",
            "smtp://ada:s3cret@h:99999",
            "smtp://ada@h",
            "smtp://:s3cret@h",
            "smtp://ada:s3cret@h?tls=maybe",
            "smtps://ada:s3cret@h?tls=none",
            "smtp://ada:s3cret@h?secret=s3cret",
            "smtp://ada:s3cret@h#s3cret",
            "smtp://ada:%ff@h",
            "file:",
        ] {
            let refusal = settled(address, Some("id@example.com")).unwrap_err().to_string();
            assert!(refusal.contains("--mail") && !refusal.contains("s3cret"), "{address}: {refusal}");
        }
    }

    #[test]
    fn folders_are_paths_or_urls_and_need_no_sender() {
        for (address, folder) in
            [("file:./mail", "./mail"), ("file:/var/mail", "/var/mail"), ("file:///var/m", "/var/m")]
        {
            let mailing = settled(address, None).unwrap().unwrap();
            assert!(matches!(mailing.to, Destination::Folder(path) if path == *folder), "{address}");
        }
    }

    #[test]
    fn a_sender_is_one_plain_address() {
        let from = settled("smtp://h", Some("Rolebook <id@example.com>")).unwrap().unwrap().from;
        assert_eq!((from.name.as_deref(), from.email.to_string().as_str()), (Some("Rolebook"), "id@example.com"));
        assert!(settled("smtp://h", None).unwrap_err().to_string().contains("--mail-from"));
        assert!(settled("", None).unwrap().is_none());
        for wrong in ["id", "Rolebook", "id@example.com\r\nBcc: eve@example.com", "a@b.c, d@e.f", "\"a b\"@example.com"]
        {
            assert!(settled("smtp://h", Some(wrong)).is_err(), "{wrong}");
        }
    }
}
