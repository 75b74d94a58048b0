//! What is said to a receiver: the body, and the headers by which it knows that we said it, after the Standard Webhooks
//! specification (standardwebhooks.com). Knows nothing of connections.

use crate::v2;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use directory::clock::Time;
use directory::secret::WebhookSecret;
use directory::store::Revision;
use directory::webhooks::{Job, Window};

/// A message, ready to be sent.
pub(super) struct Message {
    /// The same at every try: by it a receiver knows what it has heard before.
    pub(super) id: String,
    /// Seconds since 1970, of this try.
    pub(super) timestamp: String,
    /// One for each secret.
    pub(super) signatures: String,
    /// JSON.
    pub(super) body: Vec<u8>,
}

impl Message {
    /// What tells this, signed now.
    pub(super) fn new(window: &Window, job: &Job, revision: Revision, now: Time) -> Message {
        let id = format!("{}-{}", window.webhook.id, job.number);
        let timestamp = (now.as_micros() / 1_000_000).to_string();
        let body = match &job.event {
            Some(event) => v2::events::spelled(&window.environment, event, revision),
            None => v2::events::ping(&window.environment, job.created_at),
        };
        let signatures = window.secrets.iter().map(|secret| signature(secret, &id, &timestamp, &body));
        Message { signatures: signatures.collect::<Vec<_>>().join(" "), id, timestamp, body }
    }
}

fn signature(secret: &WebhookSecret, id: &str, timestamp: &str, body: &[u8]) -> String {
    let signed = [id.as_bytes(), b".", timestamp.as_bytes(), b".", body].concat();
    format!("v1,{}", STANDARD.encode(secret.sign(&signed)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Worked out with OpenSSL: `printf %s 'msg_1.1614265330.{"test": 2432232314}' | openssl dgst -sha256 -mac HMAC -macopt
    /// hexkey:0707… -binary | base64`.
    #[test]
    fn signatures_are_those_of_another_program() {
        let signed = signature(&WebhookSecret::new([7; 32]), "msg_1", "1614265330", br#"{"test": 2432232314}"#);
        assert_eq!(signed, "v1,4tb+MnkCTqymlrGQQ6f66PPeMjMas7AHx6XI40qL5MA=");
    }
}
