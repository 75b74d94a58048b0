//! Where a webhook listens, as an address: what RFC 3986 allows of http and https, less what is no use here. It is a form that a
//! pattern can say, so that whoever describes it to programs can say it whole. Knows nothing of where its host leads: that is
//! looked at when something is delivered, and each time anew.

use crate::error::Refusal;
use std::net::{Ipv4Addr, Ipv6Addr};
use url::Url;

/// The longest address, in bytes.
const LONGEST: usize = 2048;

/// The address of a webhook: http or https, a host, no user and no fragment; in ASCII.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebhookUrl(String);

impl WebhookUrl {
    /// Parses what came from outside.
    pub fn parse(text: &str) -> Result<WebhookUrl, Refusal> {
        let expected = || Refusal::WebhookUrl;
        if text.len() > LONGEST {
            return Err(Refusal::UrlTooLong { most: LONGEST });
        }
        if text.contains('#') {
            return Err(Refusal::WebhookFragment);
        }
        let (scheme, rest) = text.split_once("://").ok_or_else(expected)?;
        if !["http", "https"].iter().any(|known| scheme.eq_ignore_ascii_case(known)) {
            return Err(expected());
        }
        let (authority, tail) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
        if authority.contains('@') {
            return Err(Refusal::WebhookLogin);
        }
        if !is_authority(authority) {
            return Err(expected());
        }
        if !tail.bytes().all(is_of_path) {
            return Err(Refusal::WebhookPath);
        }
        // It spells one address in one way. What it refuses still is a name that says it is encoded (xn--), and is not.
        Url::parse(text).map(|url| WebhookUrl(url.into())).map_err(|_| expected())
    }

    /// One that was parsed before it was stored.
    pub fn from_stored(text: String) -> WebhookUrl {
        WebhookUrl(text)
    }

    /// The address.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A host, and perhaps a port.
fn is_authority(text: &str) -> bool {
    if let Some((address, port)) = text.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        return address.parse::<Ipv6Addr>().is_ok() && (port.is_empty() || port.strip_prefix(':').is_some_and(is_port));
    }
    let (host, port) = text.split_once(':').map_or((text, None), |(host, port)| (host, Some(port)));
    (host.parse::<Ipv4Addr>().is_ok() || is_name(host)) && port.is_none_or(is_port)
}

fn is_port(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit()) && !text.starts_with('0') && text.parse::<u16>().is_ok()
}

/// Labels of letters, digits, `_` and inner `-`; the last one is no number, as addresses are (WHATWG URL, 3.5), such as `0x7f`.
fn is_name(text: &str) -> bool {
    let inner = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    let is_label =
        |label: &str| !label.is_empty() && label.bytes().all(inner) && !label.starts_with('-') && !label.ends_with('-');
    let last = text.rsplit('.').next().unwrap_or_default();
    let behind = last.trim_start_matches(|c: char| c.is_ascii_digit());
    let begins = behind.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    text.split('.').all(is_label) && begins && (behind == last || !last.starts_with('0'))
}

/// RFC 3986, section 3.3 and 3.4; `/`, `?` and what percents stand for are left to the receiver.
fn is_of_path(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!$%&'()*+,-./:;=?@_~".contains(&byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_http_with_a_host_and_no_more() {
        for good in [
            "https://a.example/hooks?x=1",
            "http://127.0.0.1:8080/",
            "https://[2001:db8::1]/h",
            "https://[::ffff:192.0.2.1]:8443?x",
            "HTTPS://A.example",
            "http://my_app:80",
            "http://receiver",
            "https://xn--mnchen-3ya.example/%C3%A9?a=b?c/'(d)",
            "https://1.2.3.4.a5-b",
            "https://a.7of9/",
            "http://a:65535",
        ] {
            assert!(WebhookUrl::parse(good).is_ok(), "{good}");
        }
        for bad in [
            "",
            "a.example",
            "ftp://a.example",
            "https://",
            "https://u@a.example",
            "https://u:p@a.example",
            "https://a.example/#x",
            "https://a.example/\n",
            " https://a.example",
            "file:///etc/passwd",
            "https://a b/",
            "https:///hooks",
            "https://a:0",
            "https://a:",
            "https://a:65536",
            "https://a:080",
            "https://-a.example",
            "https://a..example",
            "https://a.example.",
            "https://2130706433/",
            "https://0x7f.1/",
            "https://a.0x7f/",
            "https://1.2.3/",
            "https://1.2.3.04/",
            "https://1.2.3.4.5/",
            "https://[1::2::3]/",
            "https://[::1",
            "https://[::1]x/",
            "https://[fe80::1%25eth0]/",
            "https://münchen.example/",
            "https://a.example/é",
            "https://a.example/{x}",
            "https://a.example\\x",
            "https://xn--a.example/",
        ] {
            assert!(WebhookUrl::parse(bad).is_err(), "{bad}");
        }
        assert!(WebhookUrl::parse(&format!("https://a.example/{}", "a".repeat(LONGEST))).is_err());
        assert_eq!(WebhookUrl::parse("HTTPS://A.example").unwrap().as_str(), "https://a.example/");
    }
}
