//! A browser with an authenticator, in software: makes passkeys and signs with them as WebAuthn says, and does what it
//! should not where a test wants that. Knows no server: what it is asked and what it answers are the browser's messages.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use p256::ecdsa::signature::Signer;
use p256::ecdsa::{DerSignature, SigningKey};
use serde_cbor_2::Value;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use webauthn_rs_proto::{
    AuthenticatorAssertionResponseRaw, AuthenticatorAttestationResponseRaw, CreationChallengeResponse,
    PublicKeyCredential, RegisterPublicKeyCredential, RequestChallengeResponse,
};

/// Flags of what is signed: somebody was present, was verified, and a new key follows.
const PRESENT: u8 = 0x01;
const VERIFIED: u8 = 0x04;
const NEW_KEY: u8 = 0x40;

/// An authenticator, and the browser that it is plugged into.
#[derive(Clone)]
pub struct Authenticator {
    /// Where the browser is: the page's origin, without a trailing slash.
    pub origin: String,
    /// Whether it asks for a finger or a PIN.
    pub verifies: bool,
    /// How often it signed; `None` for one that does not count.
    pub counter: Option<u32>,
    /// Whether it says whose a passkey is that it was not asked for by name.
    pub tells_user: bool,
    /// How long the ids of its passkeys are, in bytes.
    pub id_length: usize,
    held: Vec<Held>,
}

#[derive(Clone)]
struct Held {
    id: Vec<u8>,
    user: Vec<u8>,
    key: SigningKey,
}

impl Authenticator {
    /// One at this origin that does all as it should.
    pub fn at(origin: &str) -> Authenticator {
        let origin = origin.into();
        Authenticator { origin, verifies: true, counter: Some(0), tells_user: true, id_length: 32, held: Vec::new() }
    }

    /// Makes a passkey: `navigator.credentials.create`.
    pub fn create(&mut self, asked: &CreationChallengeResponse) -> RegisterPublicKeyCredential {
        let asked = &asked.public_key;
        // Another key for each challenge, and the same one each time the test runs with the same.
        let key = SigningKey::from_slice(&Sha256::digest(&asked.challenge)).unwrap();
        let id: Vec<u8> =
            Sha256::digest([&asked.challenge[..], b"id"].concat()).into_iter().cycle().take(self.id_length).collect();
        let client_data = self.client_data("webauthn.create", &asked.challenge);
        let public = public_key(&key);
        let length = u16::try_from(id.len()).unwrap().to_be_bytes();
        let new_key = [&[0; 16], &length[..], &id, &serde_cbor_2::to_vec(&public).unwrap()].concat();
        let signed = [self.data(&asked.rp.id, NEW_KEY), new_key].concat();
        let object = BTreeMap::from([
            (Value::Text("fmt".into()), Value::Text("none".into())),
            (Value::Text("attStmt".into()), Value::Map(BTreeMap::new())),
            (Value::Text("authData".into()), Value::Bytes(signed)),
        ]);
        self.held.push(Held { id: id.clone(), user: asked.user.id.clone(), key });
        RegisterPublicKeyCredential {
            id: URL_SAFE_NO_PAD.encode(&id),
            raw_id: id,
            response: AuthenticatorAttestationResponseRaw {
                attestation_object: serde_cbor_2::to_vec(&Value::Map(object)).unwrap(),
                client_data_json: client_data,
                transports: None,
            },
            type_: "public-key".into(),
            extensions: Default::default(),
        }
    }

    /// Signs with the newest passkey of those asked for: `navigator.credentials.get`.
    pub fn get(&mut self, asked: &RequestChallengeResponse) -> PublicKeyCredential {
        let asked = &asked.public_key;
        let named = |held: &&Held| {
            asked.allow_credentials.is_empty() || asked.allow_credentials.iter().any(|named| named.id == held.id)
        };
        let held = self.held.iter().rev().find(named).expect("no such passkey here").clone();
        self.counter = self.counter.map(|count| count + 1);
        let client_data = self.client_data("webauthn.get", &asked.challenge);
        let data = self.data(&asked.rp_id, 0);
        let signature: DerSignature = held.key.sign(&[&data[..], &Sha256::digest(&client_data)].concat());
        PublicKeyCredential {
            id: URL_SAFE_NO_PAD.encode(&held.id),
            raw_id: held.id,
            response: AuthenticatorAssertionResponseRaw {
                authenticator_data: data,
                client_data_json: client_data,
                signature: signature.as_bytes().to_vec(),
                user_handle: self.tells_user.then_some(held.user),
            },
            extensions: Default::default(),
            type_: "public-key".into(),
        }
    }

    fn client_data(&self, kind: &str, challenge: &[u8]) -> Vec<u8> {
        let (challenge, origin) = (URL_SAFE_NO_PAD.encode(challenge), &self.origin);
        format!(r#"{{"type":"{kind}","challenge":"{challenge}","origin":"{origin}","crossOrigin":false}}"#).into_bytes()
    }

    fn data(&self, rp_id: &str, flags: u8) -> Vec<u8> {
        let flags = flags | PRESENT | if self.verifies { VERIFIED } else { 0 };
        [&Sha256::digest(rp_id)[..], &[flags], &self.counter.unwrap_or(0).to_be_bytes()].concat()
    }
}

/// As COSE (RFC 9053) spells an ES256 key.
fn public_key(key: &SigningKey) -> Value {
    let point = key.verifying_key().to_sec1_point(false);
    let coordinate = |bytes: &[u8]| Value::Bytes(bytes.to_vec());
    let entries = [
        (1, Value::Integer(2)),
        (3, Value::Integer(-7)),
        (-1, Value::Integer(1)),
        (-2, coordinate(point.x().unwrap())),
        (-3, coordinate(point.y().unwrap())),
    ];
    Value::Map(entries.into_iter().map(|(label, value)| (Value::Integer(label), value)).collect())
}
