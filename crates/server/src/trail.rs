//! Audit events as they leave the server whole: a line of JSON each, with all that their hashes are made of, so that anybody
//! can verify them anywhere. Written for exports, and read back by `rolebook audit verify`.

mod export;

pub(crate) use export::export;

use directory::audit::{Event, Hash, Link, Personal, Salt, Told};
use directory::clock::Time;
use directory::id::UserId;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

/// An event, its place and its hash.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    environment: Option<String>,
    sequence: i64,
    at: String,
    actor: Option<String>,
    credential: String,
    credential_id: Option<String>,
    request: String,
    verb: String,
    subject: String,
    /// `null`: erased, and then the digest stands for it; else the salt is there from which the digest is made.
    address: Option<Value>,
    address_salt: Option<String>,
    address_digest: Option<String>,
    changes: Option<Value>,
    changes_salt: Option<String>,
    changes_digest: Option<String>,
    previous: String,
    hash: String,
}

/// An event of an export.
pub(crate) struct Exported {
    /// Its place.
    pub(crate) link: Link,
    /// The event.
    pub(crate) told: Told,
}

/// What is personal, as it stands in a line: itself, its salt, its digest.
type Parts = (Option<Value>, Option<String>, Option<String>);

/// One line, with its end.
///
/// # Errors
/// None that is expected: an event that cannot be written as JSON.
pub(crate) fn write(environment: Option<Uuid>, previous: Hash, told: &Told) -> serde_json::Result<Vec<u8>> {
    let Told { sequence, hash, event } = told;
    let (address, address_salt, address_digest) = parts(&event.address, |text| Value::String(text.to_owned()));
    // Canonical JSON since it was written: nothing of it changes by being read.
    let (changes, changes_salt, changes_digest) =
        parts(&event.changes, |text| serde_json::from_str(text).unwrap_or_else(|_| Value::String(text.to_owned())));
    let line = Line {
        environment: environment.map(|uuid| uuid.to_string()),
        sequence: *sequence,
        at: format!("{:.6}", jiff::Timestamp::from(event.at)),
        actor: event.actor.map(|id| id.to_string()),
        credential: event.credential.clone(),
        credential_id: event.credential_id.map(|id| id.to_string()),
        request: event.request.clone(),
        verb: event.verb.clone(),
        subject: event.subject.clone(),
        address,
        address_salt,
        address_digest,
        changes,
        changes_salt,
        changes_digest,
        previous: previous.to_string(),
        hash: hash.to_string(),
    };
    let mut bytes = serde_json::to_vec(&line)?;
    bytes.push(b'\n');
    Ok(bytes)
}

fn parts(personal: &Personal, as_json: impl FnOnce(&str) -> Value) -> Parts {
    match personal {
        Personal::Kept { text, salt } => (Some(as_json(text)), Some(hex(salt)), None),
        Personal::Erased(digest) => (None, None, Some(digest.to_string())),
    }
}

/// Reads a line that [`write`] wrote.
///
/// # Errors
/// What is wrong with it, in a few words.
pub(crate) fn read(line: &str) -> Result<Exported, String> {
    let line: Line = serde_json::from_str(line).map_err(|error| error.to_string())?;
    let uuid = |text: &str| Uuid::try_parse(text).map_err(|_| format!("{text:?} is no UUID"));
    let hash = |text: &str| Hash::parse(text).ok_or_else(|| format!("{text:?} is no hash"));
    let at: jiff::Timestamp = line.at.parse().map_err(|_| format!("{:?} is no time", line.at))?;
    let address = (line.address, line.address_salt, line.address_digest);
    let changes = (line.changes, line.changes_salt, line.changes_digest);
    let event = Event {
        at: Time::from(at),
        actor: line.actor.as_deref().map(uuid).transpose()?.map(UserId),
        credential: line.credential,
        credential_id: line.credential_id.as_deref().map(uuid).transpose()?,
        request: line.request,
        verb: line.verb,
        subject: line.subject,
        address: personal(address, |json| json.as_str().map_or_else(|| json.to_string(), str::to_owned))?,
        changes: personal(changes, Value::to_string)?,
    };
    let environment = line.environment.as_deref().map(uuid).transpose()?;
    let link = Link { environment, sequence: line.sequence, previous: hash(&line.previous)? };
    Ok(Exported { link, told: Told { sequence: line.sequence, hash: hash(&line.hash)?, event } })
}

fn personal((json, salt, digest): Parts, text: impl FnOnce(&Value) -> String) -> Result<Personal, String> {
    match (json, salt, digest) {
        (Some(json), Some(salt), None) => Ok(Personal::Kept { text: text(&json), salt: salt_of(&salt)? }),
        (None, None, Some(digest)) => {
            Ok(Personal::Erased(Hash::parse(&digest).ok_or_else(|| format!("{digest:?} is no digest"))?))
        }
        _ => Err("an address or changes have a salt, or else a digest alone".to_owned()),
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn salt_of(text: &str) -> Result<Salt, String> {
    let wrong = || format!("{text:?} is no salt");
    let mut salt = [0; 16];
    if text.len() != 32 || !text.is_ascii() {
        return Err(wrong());
    }
    for (at, byte) in salt.iter_mut().enumerate() {
        *byte = u8::from_str_radix(&text[2 * at..2 * at + 2], 16).map_err(|_| wrong())?;
    }
    Ok(salt)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_reads_back_whatever_was_erased() {
        let kept = |text: &str| Personal::Kept { text: text.to_owned(), salt: [7; 16] };
        let changes = r#"{"name":["a\"\u0001é\u007f\b","z"],"a":[null,["1"]]}"#.replace("\\u007f", "\u{7f}");
        for (address, changes) in [
            (kept("192.0.2.1"), kept(&changes)),
            (kept(""), Personal::Erased(Hash([3; 32]))),
            (Personal::Erased(Hash([3; 32])), kept("{}")),
        ] {
            let event = Event {
                at: Time::from_micros(1_772_000_000_000_001),
                actor: Some(UserId(Uuid::from_u128(5))),
                credential: "token".to_owned(),
                credential_id: Some(Uuid::from_u128(6)),
                request: "r".to_owned(),
                verb: "user.updated".to_owned(),
                subject: "s".to_owned(),
                address,
                changes,
            };
            let link = Link { environment: Some(Uuid::from_u128(9)), sequence: 3, previous: Hash([1; 32]) };
            let told = Told { sequence: 3, hash: event.hash(&link), event };
            let line = write(link.environment, link.previous, &told).unwrap();
            let line = std::str::from_utf8(&line).unwrap();
            assert_eq!(line.matches('\n').count(), 1);
            let read = read(line).ok().unwrap();
            assert_eq!(read.link, link);
            // Keys come back in their order, which is how the directory writes them in the first place.
            assert_eq!((read.told.sequence, read.told.hash, read.told.event.verb), (3, told.hash, told.event.verb));
            assert_eq!(read.told.event.address, told.event.address);
        }
    }

    #[test]
    fn what_is_no_line_is_refused() {
        for wrong in ["", "{}", "[]", "null", "{\"sequence\": 1}"] {
            assert!(read(wrong).is_err());
        }
    }
}
