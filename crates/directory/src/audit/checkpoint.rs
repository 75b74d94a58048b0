//! Checkpoints: signed statements that a chain had this hash at this place, made to be kept outside the database. Whoever
//! alters a chain later must also have the key, and every copy of the checkpoints. Knows nothing of files.

use super::event::{Hash, moment};
use super::json;
use crate::clock::Time;
use crate::directory::Directory;
use crate::error::Result;
use crate::keys::Keys;
use crate::store::Tx;
use crate::store::audit::chain;
use crate::store::audit::checkpoints::{self, Kept};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::signature::{ED25519, UnparsedPublicKey};
use uuid::Uuid;

/// What the keys sign here, and nothing else with the same.
const PURPOSE: &str = "audit/checkpoint";
/// Checkpoints that one transaction makes at most, and that are given out at once.
const MOST: i64 = 100;

/// The public half of a signing key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PublicKey(pub [u8; 32]);

/// A signed statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// Whose chain; `None`: the system's.
    pub environment: Option<Uuid>,
    /// The event that it covers, with all before it.
    pub sequence: i64,
    /// Of that event.
    pub hash: Hash,
    /// When it was signed.
    pub at: Time,
    /// Who signed it.
    pub key: PublicKey,
    /// Ed25519, over [`Checkpoint::canonical`].
    pub signature: [u8; 64],
}

impl PublicKey {
    /// Reads 32 bytes in base64url.
    pub fn parse(text: &str) -> Option<PublicKey> {
        URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok().map(PublicKey)
    }
}

impl std::fmt::Display for PublicKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&URL_SAFE_NO_PAD.encode(self.0))
    }
}

impl Checkpoint {
    /// What is signed, as RFC 8785 wants it.
    pub fn canonical(&self) -> String {
        self.members("")
    }

    /// The same with its signature, as one line of JSON.
    pub fn line(&self) -> String {
        self.members(&format!("\"signature\":\"{}\",", URL_SAFE_NO_PAD.encode(self.signature)))
    }

    fn members(&self, signature: &str) -> String {
        format!(
            "{{\"at\":{},\"environment\":{},\"hash\":\"{}\",\"key\":\"{}\",\"sequence\":{},{signature}\"v\":1}}",
            json(Some(&moment(self.at))),
            json(self.environment.map(|id| id.to_string()).as_deref()),
            self.hash,
            self.key,
            self.sequence,
        )
    }

    /// Whether its key signed it.
    pub fn is_signed(&self) -> bool {
        UnparsedPublicKey::new(&ED25519, self.key.0).verify(self.canonical().as_bytes(), &self.signature).is_ok()
    }

    fn sign(environment: Option<Uuid>, sequence: i64, hash: Hash, at: Time, keys: &Keys) -> Result<Checkpoint> {
        let (unsigned, signature) = keys.sign(PURPOSE, |public| {
            let checkpoint = Checkpoint { environment, sequence, hash, at, key: PublicKey(public), signature: [0; 64] };
            let canonical = checkpoint.canonical();
            (checkpoint, canonical)
        })?;
        Ok(Checkpoint { signature, ..unsigned })
    }
}

/// The public halves of all keys that this server signs or signed checkpoints with, with the keys' ids, oldest first.
///
/// # Errors
/// None that is expected: a key that cannot sign.
pub fn public_keys(keys: &Keys) -> Result<Vec<(u32, PublicKey)>> {
    Ok(keys.public_keys(PURPOSE)?.into_iter().map(|(id, key)| (id, PublicKey(key))).collect())
}

impl Directory {
    /// Signs what is due of the chains; says whether there may be more.
    ///
    /// # Errors
    /// The store's.
    pub async fn sign_audit(&self) -> Result<bool> {
        if !self.store().read(checkpoints::any_due).await? {
            return Ok(false);
        }
        Ok(self.store().write(|tx| sign_due(tx, MOST)).await? == MOST)
    }

    /// Some of the checkpoints that stand nowhere but in the database.
    ///
    /// # Errors
    /// The store's.
    pub async fn unshipped_checkpoints(&self) -> Result<Vec<Kept>> {
        self.store().read(|tx| checkpoints::unshipped(tx, MOST)).await
    }

    /// Notes that they stand in a file.
    ///
    /// # Errors
    /// The store's.
    pub async fn checkpoints_shipped(&self, shipped: Vec<Kept>) -> Result<()> {
        let job = move |tx: &mut Tx<'_>| shipped.iter().try_for_each(|kept| checkpoints::ship(tx, kept));
        self.store().write(job).await
    }
}

fn sign_due(tx: &mut Tx<'_>, most: i64) -> Result<i64> {
    chain::hold(tx)?;
    let (now, keys) = (tx.now(), tx.effects().keys.clone());
    let due = checkpoints::due(tx, most)?;
    for of in &due {
        let head = chain::head(tx, *of)?;
        if let Some(hash) = head.hash.filter(|_| head.sequence > head.checkpointed) {
            let checkpoint = Checkpoint::sign(head.environment, head.sequence, hash, now, &keys)?;
            checkpoints::put(tx, *of, &checkpoint)?;
        }
        checkpoints::settle(tx, *of, head.sequence)?;
    }
    Ok(due.len() as i64)
}
