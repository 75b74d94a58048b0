//! Where a webhook listens, as an address. Knows nothing of where its host leads: that is looked at when something is
//! delivered, and each time anew.

use url::{Host, Url};

/// The longest address, in bytes.
const LONGEST: usize = 2048;

/// The address of a webhook: http or https, a host, no user and no fragment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebhookUrl(String);

impl WebhookUrl {
    /// Parses what came from outside; the refusal is a sentence that says what was expected.
    pub fn parse(text: &str) -> Result<WebhookUrl, String> {
        let expected = || "Use an address such as https://app.example.com/hooks.".to_owned();
        if text.len() > LONGEST {
            return Err(format!("This address is too long: use at most {LONGEST} bytes."));
        }
        // What a parser would drop or mend without a word is not what was meant.
        if text.chars().any(|c| c.is_whitespace() || c.is_control()) {
            return Err(expected());
        }
        let url = Url::parse(text).map_err(|_| expected())?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(expected());
        }
        match url.host() {
            Some(Host::Domain(name)) if !name.is_empty() => {}
            Some(Host::Ipv4(_) | Host::Ipv6(_)) => {}
            _ => return Err(expected()),
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err("Leave the user and the password out: what is sent is signed instead.".to_owned());
        }
        if url.fragment().is_some() {
            return Err("Leave the part behind # out: it is not sent.".to_owned());
        }
        match String::from(url) {
            url if url.len() > LONGEST => Err(format!("This address is too long: use at most {LONGEST} bytes.")),
            url => Ok(WebhookUrl(url)),
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_http_with_a_host_and_no_more() {
        for good in
            ["https://a.example/hooks?x=1", "http://127.0.0.1:8080/", "https://[2001:db8::1]/h", "HTTPS://A.example"]
        {
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
        ] {
            assert!(WebhookUrl::parse(bad).is_err(), "{bad}");
        }
        assert!(WebhookUrl::parse(&format!("https://a.example/{}", "a".repeat(LONGEST))).is_err());
        assert_eq!(WebhookUrl::parse("HTTPS://A.example").unwrap().as_str(), "https://a.example/");
    }
}
