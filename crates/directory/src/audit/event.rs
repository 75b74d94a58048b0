//! An audit event as it stands in its chain, and its hash: SHA-256 over canonical JSON (RFC 8785) of what happened, its place,
//! and the hash of the event before it. What is personal stands there as salted digests, so that it can be erased and the
//! chain stays whole. Knows nothing of where events are kept.

use super::json;
use crate::clock::Time;
use crate::id::UserId;
use sha2::{Digest, Sha256};
use std::fmt;
use uuid::Uuid;

/// Random bytes before what is personal, without which a digest of it tells nothing.
pub type Salt = [u8; 16];

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// When, by the clock of the node that did it.
    pub at: Time,
    /// Who; `None`: nobody who was signed in.
    pub actor: Option<UserId>,
    /// Through what kind of credential.
    pub credential: String,
    /// Which one.
    pub credential_id: Option<Uuid>,
    /// The request's id.
    pub request: String,
    /// What was done.
    pub verb: String,
    /// To what.
    pub subject: String,
    /// The network address.
    pub address: Personal,
    /// Before and after, as canonical JSON.
    pub changes: Personal,
}

/// A text about a person, or what is left of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Personal {
    /// As it was written.
    Kept {
        /// What it says.
        text: String,
        /// What hides it.
        salt: Salt,
    },
    /// It was erased; that it was something, and cannot become anything else, is left.
    Erased(Hash),
}

/// Where an event stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Link {
    /// In which environment's chain; `None`: the system's.
    pub environment: Option<Uuid>,
    /// Counts up from 1, without gaps.
    pub sequence: i64,
    /// Of the event before it; [`Hash::NONE`] before the first.
    pub previous: Hash,
}

/// SHA-256.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Hash(pub [u8; 32]);

impl Hash {
    /// Stands before the first event.
    pub const NONE: Hash = Hash([0; 32]);

    /// Reads 64 hexadecimal digits.
    pub fn parse(text: &str) -> Option<Hash> {
        let digits = text.as_bytes();
        let mut bytes = [0; 32];
        if digits.len() != 64 || !text.is_ascii() {
            return None;
        }
        for (at, byte) in bytes.iter_mut().enumerate() {
            *byte = u8::from_str_radix(&text[2 * at..2 * at + 2], 16).ok()?;
        }
        // One hash has one spelling.
        (Hash(bytes).to_string() == text).then_some(Hash(bytes))
    }
}

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        let digit = |half: u8| char::from(DIGITS[usize::from(half)]);
        let mut text = String::with_capacity(64);
        for byte in self.0 {
            text.extend([digit(byte >> 4), digit(byte & 15)]);
        }
        f.write_str(&text)
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Personal {
    /// What stands for it in the hash: of an address as a JSON string, of changes as they are.
    fn digest(&self, as_json: impl FnOnce(&str) -> String) -> Hash {
        match self {
            Personal::Kept { text, salt } => {
                Hash(Sha256::new().chain_update(salt).chain_update(as_json(text)).finalize().into())
            }
            Personal::Erased(digest) => *digest,
        }
    }

    /// What it says; `None`: it was erased.
    pub fn text(&self) -> Option<&str> {
        match self {
            Personal::Kept { text, .. } => Some(text),
            Personal::Erased(_) => None,
        }
    }
}

impl Event {
    /// Whether something of it was erased.
    pub fn is_erased(&self) -> bool {
        [&self.address, &self.changes].iter().any(|personal| matches!(personal, Personal::Erased(_)))
    }

    /// What stands for its address in its hash.
    pub fn address_digest(&self) -> Hash {
        self.address.digest(|text| json(Some(text)))
    }

    /// What stands for its changes in its hash.
    pub fn changes_digest(&self) -> Hash {
        self.changes.digest(str::to_owned)
    }

    /// Its hash at this place.
    pub fn hash(&self, link: &Link) -> Hash {
        Hash(Sha256::digest(self.canonical(link)).into())
    }

    /// The members in the order of their names, as RFC 8785 wants them.
    fn canonical(&self, link: &Link) -> String {
        let optional = |text: Option<String>| json(text.as_deref());
        format!(
            "{{\"actor\":{},\"address\":\"{}\",\"at\":{},\"changes\":\"{}\",\"credential\":{},\"credential_id\":{},\
             \"environment\":{},\"previous\":\"{}\",\"request\":{},\"sequence\":{},\"subject\":{},\"v\":1,\"verb\":{}}}",
            optional(self.actor.map(|id| id.to_string())),
            self.address_digest(),
            json(Some(&moment(self.at))),
            self.changes_digest(),
            json(Some(&self.credential)),
            optional(self.credential_id.map(|id| id.to_string())),
            optional(link.environment.map(|id| id.to_string())),
            link.previous,
            json(Some(&self.request)),
            link.sequence,
            json(Some(&self.subject)),
            json(Some(&self.verb)),
        )
    }
}

/// A time as RFC 3339 in UTC, always with six digits of a second: one moment has one spelling.
pub(super) fn moment(at: Time) -> String {
    format!("{:.6}", jiff::Timestamp::from(at))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    pub(crate) fn event() -> Event {
        Event {
            at: Time::from_micros(1_772_000_000_000_000),
            actor: Some(UserId(Uuid::from_u128(1))),
            credential: "session".into(),
            credential_id: None,
            request: "r\"1".into(),
            verb: "user.updated".into(),
            subject: "s".into(),
            address: Personal::Kept { text: "10.0.0.1".into(), salt: [1; 16] },
            changes: Personal::Kept { text: r#"{"name":["a","b"]}"#.into(), salt: [2; 16] },
        }
    }

    #[test]
    fn an_event_is_written_as_an_auditor_would_write_it() {
        let link = Link { environment: Some(Uuid::from_u128(2)), sequence: 7, previous: Hash::NONE };
        let digest = |salt: &[u8], text: &str| Hash(Sha256::digest([salt, text.as_bytes()].concat()).into());
        let zeros = "0".repeat(64);
        let (address, changes) = (digest(&[1; 16], "\"10.0.0.1\""), digest(&[2; 16], r#"{"name":["a","b"]}"#));
        let expected = format!(
            "{{\"actor\":\"00000000-0000-0000-0000-000000000001\",\"address\":\"{address}\",\"at\":\"2026-02-25T06:13:20.000000Z\",\
             \"changes\":\"{changes}\",\"credential\":\"session\",\"credential_id\":null,\
             \"environment\":\"00000000-0000-0000-0000-000000000002\",\"previous\":\"{zeros}\",\"request\":\"r\\\"1\",\
             \"sequence\":7,\"subject\":\"s\",\"v\":1,\"verb\":\"user.updated\"}}"
        );
        assert_eq!(event().canonical(&link), expected);
        assert_eq!(event().hash(&link), Hash(Sha256::digest(expected).into()));
    }

    #[test]
    fn what_is_erased_leaves_the_hash_as_it_is_and_everything_else_changes_it() {
        let link = Link { environment: None, sequence: 1, previous: Hash::NONE };
        let (kept, before) = (event(), event().hash(&link));
        let erased = Event {
            address: Personal::Erased(kept.address_digest()),
            changes: Personal::Erased(kept.changes_digest()),
            ..kept.clone()
        };
        assert_eq!(erased.hash(&link), before);
        let changed = |change: fn(&mut Event)| {
            let mut event = event();
            change(&mut event);
            event.hash(&link)
        };
        let others = [
            changed(|event| event.at = Time::from_micros(1)),
            changed(|event| event.actor = None),
            changed(|event| event.credential = "token".into()),
            changed(|event| event.credential_id = Some(Uuid::nil())),
            changed(|event| event.request.push('x')),
            changed(|event| event.verb.push('x')),
            changed(|event| event.subject.push('x')),
            changed(|event| event.address = Personal::Kept { text: "10.0.0.2".into(), salt: [1; 16] }),
            changed(|event| event.changes = Personal::Erased(Hash::NONE)),
            kept.hash(&Link { sequence: 2, ..link }),
            kept.hash(&Link { environment: Some(Uuid::nil()), ..link }),
            kept.hash(&Link { previous: Hash([1; 32]), ..link }),
        ];
        assert!(others.iter().all(|hash| *hash != before));
    }

    #[test]
    fn a_hash_has_one_spelling() {
        let text = "0af".repeat(22)[..64].to_owned();
        assert_eq!(Hash::parse(&text).unwrap().to_string(), text);
        for wrong in ["", &text[1..], &text.to_uppercase(), &format!("+{}", &text[1..]), &"é".repeat(32)] {
            assert_eq!(Hash::parse(wrong), None, "{wrong}");
        }
    }
}
