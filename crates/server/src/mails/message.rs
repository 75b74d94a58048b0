//! A letter in the form in which it travels (RFC 5322, MIME): headers and both bodies. Knows no occasion and no server.

use super::letter::Letter;
use directory::clock::Time;
use directory::email::Email;
use lettre::Address;
use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{Mailbox, Message, MultiPart};
use std::time::{Duration, UNIX_EPOCH};

/// A mail that can be handed over.
pub(super) struct Parcel {
    /// Whom it is from.
    pub(super) sender: Address,
    /// To whom.
    pub(super) recipient: Address,
    /// Headers and bodies, with CR LF at the end of each line.
    pub(super) content: Vec<u8>,
}

/// Puts a letter into its envelope. `key` is the same at every try and for no other mail, so that a mailbox that gets it
/// twice may know. `None`: nobody can be written to at this address.
pub(super) fn parcel(letter: Letter, to: &Email, from: &Mailbox, key: &str, at: Time) -> Option<Parcel> {
    let recipient = address(to)?;
    let micros = u64::try_from(at.as_micros()).unwrap_or(0);
    let message = Message::builder()
        .from(from.clone())
        // Without a name: somebody else may have chosen it, and nothing needs it here.
        .to(Mailbox::new(None, recipient.clone()))
        .subject(letter.subject)
        .date(UNIX_EPOCH + Duration::from_micros(micros))
        .message_id(Some(format!("<{key}@{}>", from.email.domain())))
        // No holiday note in answer (RFC 3834).
        .raw_header(HeaderValue::new(HeaderName::new_from_ascii_str("Auto-Submitted"), "auto-generated".to_owned()))
        .multipart(MultiPart::alternative_plain_html(letter.text, letter.html))
        .ok()?;
    Some(Parcel { sender: from.email.clone(), recipient, content: message.formatted() })
}

/// An address with its domain as every mail server reads it (RFC 5891).
fn address(email: &Email) -> Option<Address> {
    let (local, domain) = email.as_typed().split_once('@')?;
    let domain = match domain.is_ascii() {
        true => domain.to_owned(),
        false => url::Host::parse(domain).ok()?.to_string(),
    };
    Address::new(local, domain).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mails::words;
    use directory::locale::Locale;
    use directory::mail::{Mail, Subject};
    use directory::secret::{TokenSecret, TokenSpelling};
    use directory::text::{Name, ShortName};
    use std::sync::Arc;

    /// An invitation that nobody has judged, as text.
    fn posted(to: &str, name: &str, environment: &str) -> Option<String> {
        let token = Arc::new(TokenSecret::new(TokenSpelling::Session, [7; 32]));
        let mail = Mail {
            subject: Subject::Invitation { environment: Name::from_stored(environment.to_owned()), token },
            to: Email::from_stored(to.to_owned()),
            name: ShortName::from_stored(name.to_owned()),
            language: Some(Locale::from_stored("de".to_owned())),
        };
        let letter = words::letter(&mail, "https://id.example.com");
        let from: Mailbox = "Röle <id@example.com>".parse().unwrap();
        let at = Time::from_micros(1_772_000_000_000_000);
        let parcel = parcel(letter, &mail.to, &from, "0123", at)?;
        Some(String::from_utf8(parcel.content).unwrap())
    }

    /// The names of the headers, and nothing behind the first empty line.
    fn headers(content: &str) -> Vec<&str> {
        let head = content.split("\r\n\r\n").next().unwrap();
        head.split("\r\n").filter(|line| !line.starts_with(' ')).map(|line| line.split(':').next().unwrap()).collect()
    }

    const HEADERS: [&str; 8] =
        ["From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "MIME-Version", "Content-Type"];

    #[test]
    fn it_has_both_forms_and_the_headers_that_it_needs() {
        let content = posted("ada@example.com", "Ada", "Pizza").unwrap();
        assert_eq!(headers(&content), HEADERS);
        assert!(content.contains("\r\nTo: ada@example.com\r\n"));
        assert!(content.contains("\r\nDate: Wed, 25 Feb 2026 06:13:20 +0000\r\n"), "{content}");
        assert!(content.contains("\r\nMessage-ID: <0123@example.com>\r\nAuto-Submitted: auto-generated\r\n"));
        assert!(content.contains("Content-Type: multipart/alternative;"));
        assert!(content.contains("text/plain; charset=utf-8") && content.contains("text/html; charset=utf-8"));
        // Names beyond ASCII are words of RFC 2047, and the whole mail fits the oldest server.
        assert!(content.contains("Subject: Ihr Konto =?utf-8?b?") && content.contains("From: =?utf-8?b?"), "{content}");
        assert!(
            content.is_ascii() && content.split("\r\n").all(|line| line.len() <= 998 && !line.contains(['\r', '\n']))
        );
    }

    #[test]
    fn nothing_that_others_chose_becomes_a_header() {
        let nasty = [
            "x\r\nBcc: eve@example.com",
            "x\nBcc: eve@example.com\n\nHello",
            "x\rBcc: eve@example.com",
            "\u{202E}moc.elpmaxe\u{200F}",
            "\"quoted\" <eve@example.com>, x",
            "=?utf-8?b?QmNjOg==?=",
            "\0\u{1b}[31m",
        ];
        let long = "é".repeat(5000);
        for text in nasty.into_iter().chain([long.as_str()]) {
            let content = posted("ada@example.com", text, text).unwrap();
            assert_eq!(headers(&content), HEADERS, "{text}");
            let head = content.split("\r\n\r\n").next().unwrap();
            assert!(head.split("\r\n").all(|line| line.len() < 100), "{head}");
            assert!(!head.contains("\nBcc") && !content.contains("\u{202E}"), "{head}");
        }
    }

    #[test]
    fn an_address_that_is_none_is_written_to_by_nobody() {
        for to in ["ada@example.com\r\nBcc: eve@example.com", "ada\r\n@example.com", "ada", "@", "ada@ex ample.com"] {
            assert!(posted(to, "", "Pizza").is_none(), "{to}");
        }
    }

    #[test]
    fn a_domain_is_spelled_as_mail_servers_read_it() {
        let of = |text: &str| address(&Email::from_stored(text.to_owned())).map(|address| address.to_string());
        assert_eq!(of("ada@bücher.example").as_deref(), Some("ada@xn--bcher-kva.example"));
        assert_eq!(of("Ada@Example.COM").as_deref(), Some("Ada@Example.COM"));
        assert_eq!(of("rené@example.com").as_deref(), Some("rené@example.com"));
    }
}
