//! Passkeys: what browsers and authenticators are asked, and whether what comes back answers it (WebAuthn, level 3). User
//! verification is always required, so that a passkey is two factors by itself. Knows no table, no session and no HTTP:
//! whoever calls keeps the passkeys, and notes which challenges were answered.
//!
//! Nothing of a challenge is kept here while a browser thinks: it comes back sealed with the answer, so that strangers who
//! ask for challenges cannot fill the database. It counts once because whoever accepts an answer notes its hash.
//! The challenges themselves are drawn by the library, from a generator that the operating system seeds.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_cbor_2::{from_slice, to_vec};
use sha2::{Digest, Sha256};
use std::time::Duration;
use tracing::dispatcher::{self, Dispatch};
use url::{Host, Url};
use webauthn_rs::prelude::{DiscoverableAuthentication, Passkey, PasskeyRegistration, WebauthnError};
use webauthn_rs::{Webauthn, WebauthnBuilder};
use webauthn_rs_proto::ResidentKeyRequirement;
use zeroize::Zeroizing;

use crate::clock::Time;
use crate::effects::Effects;
use crate::error::{Error, Result};
use crate::id::UserId;

pub use webauthn_rs_proto::{
    CreationChallengeResponse, PublicKeyCredential, RegisterPublicKeyCredential, RequestChallengeResponse,
};

/// How long a challenge may be answered: what the specification recommends where a person must find a key and type a PIN.
pub const LIFETIME: Duration = Duration::from_secs(300);

/// As many passkeys as one account has at most; whoever stores them keeps to it. Each challenge names them all.
pub(crate) const MOST: usize = 20;

/// A name longer than this says nothing on the small screen of an authenticator. In characters.
const LONGEST_NAME: usize = 64;
/// An answer's parts together, in bytes. One with the largest of keys has some 1,500.
const LARGEST_ANSWER: usize = 16 * 1024;
/// A passkey as it is stored, in bytes. Most have 300.
const LARGEST_STORED: usize = 8 * 1024;
/// A challenge as it comes back, in bytes of base64url: most have 600; one that excludes 20 ids of the greatest length has
/// 55,000.
const LARGEST_CHALLENGE: usize = 64 * 1024;

/// What challenges are sealed for; each is bound to its ceremony besides.
const PURPOSE: &str = "passkey challenge";
const REGISTERING: &[u8] = b"register";
const SIGNING_IN: &[u8] = b"sign in";

/// The relying party: who asks for passkeys. Made by the server from its public URL.
#[derive(Clone, Debug)]
pub struct Party {
    webauthn: Webauthn,
}

/// What a browser is asked, and the sealed challenge that must come back with its answer.
#[derive(Debug)]
pub struct Ceremony<O> {
    /// For `navigator.credentials`.
    pub options: O,
    /// Sealed, in base64url. It tells its holder nothing.
    pub challenge: String,
}

/// A browser's answer: a new passkey.
#[derive(Clone, Debug)]
pub struct Registration {
    /// [`Ceremony::challenge`], as it was given.
    pub challenge: String,
    /// What the authenticator made.
    pub credential: RegisterPublicKeyCredential,
}

/// A browser's answer: somebody holds a passkey, and was verified by it.
#[derive(Clone, Debug)]
pub struct Assertion {
    /// [`Ceremony::challenge`], as it was given.
    pub challenge: String,
    /// What the authenticator signed.
    pub credential: PublicKeyCredential,
}

/// A challenge that was answered. Whoever accepts the answer notes the hash until the challenge ends, in the same
/// transaction: it counts once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Answered {
    pub(crate) hash: [u8; 32],
    pub(crate) expires_at: Time,
}

/// A passkey as the store keeps it.
#[derive(Clone, Debug)]
pub(crate) struct StoredPasskey {
    /// What an assertion names it by: at most 1,023 bytes, chosen by the authenticator, unique among all accounts.
    pub(crate) credential_id: Vec<u8>,
    /// The public key, the counter and the like: CBOR.
    pub(crate) stored: Vec<u8>,
}

/// Whose ceremony it is, where that is known, and when it ends, in microseconds. With the library's own state it is what is
/// sealed.
type Asked<S> = (Option<[u8; 16]>, i64, S);

impl Party {
    /// `public_url` is where people reach the server: its origin is the only one whose answers count, its host is what
    /// passkeys are bound to for ever. `name` is who asks, for people: at most 64 characters.
    ///
    /// # Errors
    /// A sentence for the operator.
    pub fn new(public_url: &str, name: &str) -> std::result::Result<Party, String> {
        let url = Url::parse(public_url).map_err(|error| format!("the public URL cannot be read: {error}"))?;
        let Some(Host::Domain(host)) = url.host() else {
            return Err("passkeys need a public URL with a host name: browsers bind none to an address".to_owned());
        };
        if !(url.scheme() == "https" || url.scheme() == "http" && host == "localhost") {
            return Err("passkeys need a public URL with https; http is for localhost alone".to_owned());
        }
        if name.is_empty() || shortened(name).len() < name.len() {
            return Err(format!("who asks for passkeys has a name of 1 to {LONGEST_NAME} characters"));
        }
        // Of the URL the origin alone: browsers send no path.
        let webauthn = Url::parse(&url.origin().ascii_serialization())
            .map_err(|_| WebauthnError::Configuration)
            .and_then(|origin| WebauthnBuilder::new(host, &origin)?.rp_name(name).timeout(LIFETIME).build())
            .map_err(|error| format!("passkeys cannot be asked for at the public URL: {error}"))?;
        Ok(Party { webauthn })
    }

    /// Asks for a new passkey of this account. `own` are its stored ones: an authenticator that holds one of them makes no
    /// other. Authenticators see `login` (never blank) and `name`, shortened to 64 characters; a blank name is the login.
    ///
    /// # Errors
    /// [`Error::Internal`], where a stored passkey cannot be read.
    pub(crate) fn ask_to_register(
        &self,
        effects: &Effects,
        account: UserId,
        login: &str,
        name: &str,
        own: &[Vec<u8>],
    ) -> Result<Ceremony<CreationChallengeResponse>> {
        let excluded = readable(own)?.iter().map(|passkey| passkey.cred_id().clone()).collect();
        let name = if name.trim().is_empty() { login } else { name };
        let (mut options, state) = quietly(|| {
            self.webauthn.start_passkey_registration(account.0, shortened(login), shortened(name), Some(excluded))
        })
        .map_err(broken)?;
        // The library discourages it, for the sake of old keys with little room; without it nobody signs in by passkey alone.
        if let Some(selection) = &mut options.public_key.authenticator_selection {
            selection.resident_key = Some(ResidentKeyRequirement::Preferred);
        }
        let asked: Asked<PasskeyRegistration> = (Some(account.0.into_bytes()), end(effects), state);
        Ok(Ceremony { options, challenge: sealed(effects, REGISTERING, &to_vec(&asked).map_err(broken)?)? })
    }

    /// The passkey that was made, if this answers what the account was asked.
    ///
    /// # Errors
    /// [`Error::FactorRefused`], whatever is wrong.
    pub(crate) fn registered(
        &self,
        effects: &Effects,
        account: UserId,
        answer: &Registration,
    ) -> Result<(StoredPasskey, Answered)> {
        let Registration { challenge, credential } = answer;
        let response = &credential.response;
        bounded(&[&credential.raw_id, &response.attestation_object, &response.client_data_json])?;
        let (asked, hash) = opened(effects, REGISTERING, challenge)?;
        let (asked_of, expires_at, state): Asked<PasskeyRegistration> = from_slice(&asked).map_err(altered)?;
        let answered = Answered { hash, expires_at: in_time(effects, expires_at)? };
        if asked_of != Some(account.0.into_bytes()) {
            return Err(refused("the challenge was made for another account"));
        }
        let passkey = quietly(|| self.webauthn.finish_passkey_registration(credential, &state)).map_err(refused)?;
        let stored = to_vec(&passkey).map_err(broken)?;
        if stored.len() > LARGEST_STORED {
            return Err(refused("the passkey is too large"));
        }
        Ok((StoredPasskey { credential_id: passkey.cred_id().clone(), stored }, answered))
    }

    /// Asks for a passkey. Of an account, which showed its password: one of its stored ones. Of nobody yet: any that an
    /// authenticator holds for us, which then says whose it is.
    ///
    /// # Errors
    /// [`Error::FactorRefused`], where the account has none; [`Error::Internal`], where a stored one cannot be read.
    pub(crate) fn ask_to_sign_in(
        &self,
        effects: &Effects,
        of: Option<(UserId, &[Vec<u8>])>,
    ) -> Result<Ceremony<RequestChallengeResponse>> {
        let (mut options, state) = quietly(|| self.webauthn.start_discoverable_authentication()).map_err(broken)?;
        // For whoever pressed a button, not only for what a login field offers to fill in.
        options.mediation = None;
        if let Some((_, own)) = of {
            let own = readable(own)?;
            if own.is_empty() {
                return Err(refused("the account has no passkey"));
            }
            // How to reach them, and no more: the state of this ceremony would hold their counters as they are now, and
            // what is stored when the answer comes is newer.
            let (named, _) = quietly(|| self.webauthn.start_passkey_authentication(&own)).map_err(broken)?;
            options.public_key.allow_credentials = named.public_key.allow_credentials;
        }
        let account = of.map(|(account, _)| account.0.into_bytes());
        let asked: Asked<DiscoverableAuthentication> = (account, end(effects), state);
        Ok(Ceremony { options, challenge: sealed(effects, SIGNING_IN, &to_vec(&asked).map_err(broken)?)? })
    }

    /// Which passkey an answer says that it is of: what to look for in the store. Nothing is believed yet.
    pub(crate) fn credential_id(answer: &Assertion) -> Vec<u8> {
        answer.credential.raw_id.clone()
    }

    /// What to store in place of `stored`, the counter moved on, if this answers what was asked with that passkey of this
    /// account.
    ///
    /// # Errors
    /// [`Error::FactorRefused`], whatever is wrong; a counter that did not move on shows a copy of the key.
    /// [`Error::Internal`], where the stored passkey cannot be read.
    pub(crate) fn asserted(
        &self,
        effects: &Effects,
        account: UserId,
        answer: &Assertion,
        stored: &[u8],
    ) -> Result<(Vec<u8>, Answered)> {
        let Assertion { challenge, credential } = answer;
        let response = &credential.response;
        let handle = response.user_handle.as_deref();
        let parts = [&credential.raw_id, &response.authenticator_data, &response.client_data_json, &response.signature];
        bounded(&parts)?;
        let (asked, hash) = opened(effects, SIGNING_IN, challenge)?;
        let (asked_of, expires_at, state): Asked<DiscoverableAuthentication> = from_slice(&asked).map_err(altered)?;
        let answered = Answered { hash, expires_at: in_time(effects, expires_at)? };
        // §7.2, step 6: of whom nobody was asked, the authenticator must say who it is; otherwise it may.
        let own = account.0.into_bytes();
        match (asked_of, handle) {
            (Some(asked_of), _) if asked_of != own => {
                return Err(refused("the challenge was made for another account"));
            }
            (_, Some(handle)) if *handle != own => return Err(refused("the passkey is another account's")),
            (None, None) => return Err(refused("the authenticator does not say whose passkey it is")),
            _ => {}
        }
        let mut passkey: Passkey = from_slice(stored).map_err(unreadable)?;
        let result = quietly(|| self.webauthn.finish_discoverable_authentication_v2(credential, state, &passkey))
            .map_err(refused)?;
        passkey.update_credential(&result);
        Ok((to_vec(&passkey).map_err(broken)?, answered))
    }
}

/// When what is asked now ends.
fn end(effects: &Effects) -> i64 {
    effects.clock.now().plus(LIFETIME).as_micros()
}

fn in_time(effects: &Effects, expires_at: i64) -> Result<Time> {
    let expires_at = Time::from_micros(expires_at);
    if effects.clock.now() < expires_at { Ok(expires_at) } else { Err(refused("the challenge is too old")) }
}

fn sealed(effects: &Effects, ceremony: &[u8], asked: &[u8]) -> Result<String> {
    let sealed = effects.keys.seal(PURPOSE, ceremony, asked, &effects.randomness)?;
    Ok(URL_SAFE_NO_PAD.encode(sealed))
}

/// What was sealed, and its hash. The challenge within is random, so no two are alike, and the text around has one spelling.
fn opened(effects: &Effects, ceremony: &[u8], challenge: &str) -> Result<(Zeroizing<Vec<u8>>, [u8; 32])> {
    if challenge.len() > LARGEST_CHALLENGE {
        return Err(refused("the challenge is too long"));
    }
    let sealed = URL_SAFE_NO_PAD.decode(challenge).map_err(altered)?;
    // Strangers send it: what does not open is no defect of ours.
    let asked = effects.keys.open(PURPOSE, ceremony, &sealed).map_err(altered)?;
    let hash = Sha256::digest(&*asked).into();
    Ok((asked, hash))
}

fn readable(own: &[Vec<u8>]) -> Result<Vec<Passkey>> {
    own.iter().take(MOST).map(|stored| from_slice(stored).map_err(unreadable)).collect()
}

fn shortened(name: &str) -> &str {
    name.char_indices().nth(LONGEST_NAME).map_or(name, |(end, _)| &name[..end])
}

fn bounded(parts: &[&Vec<u8>]) -> Result<()> {
    let size: usize = parts.iter().map(|part| part.len()).sum();
    if size <= LARGEST_ANSWER { Ok(()) } else { Err(refused("the answer is too large")) }
}

/// Asks the library, and keeps it from logging: at level error it tells at length what a stranger sent.
fn quietly<T>(ask: impl FnOnce() -> T) -> T {
    dispatcher::with_default(&Dispatch::none(), ask)
}

/// The reason is for whoever looks into the log for it; who sent the answer is told none.
fn refused(reason: impl std::fmt::Display) -> Error {
    tracing::debug!(%reason, "a passkey is refused");
    Error::FactorRefused
}

fn altered(_: impl std::fmt::Display) -> Error {
    refused("the challenge is none of ours, or of another ceremony")
}

fn unreadable(error: serde_cbor_2::Error) -> Error {
    Error::Internal(format!("a stored passkey cannot be read: {error}"))
}

fn broken(error: impl std::fmt::Display) -> Error {
    Error::Internal(format!("passkeys cannot be asked for: {error}"))
}

#[cfg(test)]
mod tests;
