//! When and where sessions and API tokens were last used. Noted in passing by calls that only read, and written down together
//! now and then: a write for each call would cost more than the calls do.

use crate::actor::{Credential, Origin};
use crate::clock::Time;
use crate::directory::Directory;
use crate::error::Result;
use crate::id::UserId;
use crate::store::{self, Tx};
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use uuid::Uuid;

/// What was written down within this is recent enough.
pub(crate) const DUE: Duration = Duration::from_secs(60);
/// What waits to be written down. Beyond it, it is noted at a later call.
const MOST: usize = 10_000;
/// How many are written in one transaction.
const AT_ONCE: usize = 500;

/// What was used since things were last written down.
#[derive(Default)]
pub(crate) struct Seen(Mutex<HashMap<Uuid, Sighting>>);

/// One use.
#[derive(Clone, Copy)]
pub(crate) struct Sighting {
    account: UserId,
    credential: Credential,
    at: Time,
    address: Option<IpAddr>,
}

impl Seen {
    /// Notes a use; false: there is no room, so it is to be noted at a later call.
    pub(crate) fn note(&self, account: UserId, credential: Credential, at: Time, origin: &Origin) -> bool {
        let (Credential::Session(_) | Credential::Token(_), (_, Some(id))) = (credential, credential.kind_and_id())
        else {
            return true;
        };
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let room = seen.len() < MOST || seen.contains_key(&id);
        if room {
            seen.insert(id, Sighting { account, credential, at, address: origin.address });
        }
        room
    }

    /// Keeps what could not be written down; what was seen since is newer.
    fn keep(&self, sightings: Vec<Sighting>) {
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for sighting in sightings {
            if let (_, Some(id)) = sighting.credential.kind_and_id() {
                seen.entry(id).or_insert(sighting);
            }
        }
    }

    fn take(&self) -> Vec<Sighting> {
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let some: Vec<Uuid> = seen.keys().take(AT_ONCE).copied().collect();
        some.iter().filter_map(|id| seen.remove(id)).collect()
    }
}

impl Directory {
    /// Writes down what was used since the last time; says whether there is more.
    ///
    /// # Errors
    /// The store's: the next time tries again.
    pub async fn note_seen(&self) -> Result<bool> {
        let sightings = self.store().seen().take();
        if sightings.is_empty() {
            return Ok(false);
        }
        let more = sightings.len() == AT_ONCE;
        let kept = sightings.clone();
        let written = self.store().write(move |tx| sightings.iter().try_for_each(|sighting| write(tx, sighting))).await;
        if written.is_err() {
            self.store().seen().keep(kept);
        }
        written.map(|()| more)
    }
}

fn write(tx: &mut Tx<'_>, sighting: &Sighting) -> Result<()> {
    let Sighting { account, credential, at, address } = *sighting;
    match credential {
        Credential::Session(id) => {
            let address = address.map_or_else(String::new, |address| address.to_string());
            store::sessions::seen(tx, account, id, at, &address)
        }
        Credential::Token(id) => store::tokens::token_seen(tx, account, id, at),
        Credential::Link | Credential::Command => Ok(()),
    }
}
