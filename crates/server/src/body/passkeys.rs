//! What browsers answer about passkeys, as every API here reads it: `PublicKeyCredential.toJSON()` (WebAuthn, level 3, section 5.1), read
//! into the library's own types.

use super::{FieldType, WireError, body, refused, wrong_type};
use crate::json::Json;
use crate::openapi::Schemas;
use directory::passkeys::{Assertion, PublicKeyCredential, RegisterPublicKeyCredential};
use serde_json::{Map, Value, json};

/// What an authenticator made.
pub(crate) struct NewCredential(pub(crate) RegisterPublicKeyCredential);

/// What an authenticator signed.
pub(crate) struct SignedCredential(pub(crate) PublicKeyCredential);

body! {
    /// A passkey's answer to a challenge.
    pub(crate) struct PasskeyFields {
        /// The challenge, as it was given.
        challenge: Required<String>,
        /// The browser's answer.
        credential: Required<SignedCredential>,
    }
}

impl From<PasskeyFields> for Assertion {
    fn from(fields: PasskeyFields) -> Assertion {
        Assertion { challenge: fields.challenge, credential: fields.credential.0 }
    }
}

impl FieldType for NewCredential {
    const EXPECTED: &'static str = "an object";

    fn read(value: &Json) -> Result<Self, Vec<WireError>> {
        credential::<Self, _>(value).map(NewCredential)
    }

    fn schema(_: &mut Schemas) -> Value {
        schema(&["attestationObject", "clientDataJSON"])
    }
}

impl FieldType for SignedCredential {
    const EXPECTED: &'static str = "an object";

    fn read(value: &Json) -> Result<Self, Vec<WireError>> {
        credential::<Self, _>(value).map(SignedCredential)
    }

    fn schema(_: &mut Schemas) -> Value {
        schema(&["authenticatorData", "clientDataJSON", "signature"])
    }
}

fn credential<F: FieldType, T: serde::de::DeserializeOwned>(value: &Json) -> Result<T, Vec<WireError>> {
    let Json::Object(_) = value else { return Err(wrong_type::<F>(value)) };
    let sentence = "This is not what PublicKeyCredential.toJSON() gives.";
    tree(value).and_then(|tree| serde_json::from_value(tree).ok()).ok_or_else(|| refused(sentence))
}

/// The same tree; `None` where a key stands twice.
fn tree(value: &Json) -> Option<Value> {
    Some(match value {
        Json::Null => Value::Null,
        Json::Bool(truth) => Value::Bool(*truth),
        Json::Number(number) => Value::Number(number.clone()),
        Json::Text(text) => Value::String(text.clone()),
        Json::List(values) => Value::Array(values.iter().map(tree).collect::<Option<_>>()?),
        Json::Object(entries) => {
            let mut object = Map::new();
            for (key, value) in entries {
                if object.insert(key.clone(), tree(value)?).is_some() {
                    return None;
                }
            }
            Value::Object(object)
        }
    })
}

/// Base64url without padding, in its one spelling: what is left of the last character's bits is zero.
const BYTES: &str = "^([A-Za-z0-9_-]{4})*([A-Za-z0-9_-][AQgw]|[A-Za-z0-9_-]{2}[AEIMQUYcgkosw048])?$";

fn schema(parts: &[&str]) -> Value {
    let bytes = || json!({ "type": "string", "pattern": BYTES });
    let response: Map<String, Value> = parts.iter().map(|part| ((*part).to_owned(), bytes())).collect();
    json!({
        "type": "object",
        "description": "What PublicKeyCredential.toJSON() gives.",
        "required": ["id", "rawId", "type", "response"],
        "properties": {
            "id": bytes(), "rawId": bytes(), "type": { "const": "public-key" },
            "response": { "type": "object", "required": parts, "properties": response },
        },
    })
}

/// What a browser's own readers take (`parseCreationOptionsFromJSON`, `parseRequestOptionsFromJSON`): the library wraps it for
/// `navigator.credentials`.
pub(crate) fn public_key(options: &impl serde::Serialize) -> Value {
    let mut options = serde_json::to_value(options).unwrap_or_default();
    options.get_mut("publicKey").map(Value::take).unwrap_or_default()
}

/// How a description says that these come, and no passkey with them.
pub(crate) fn without_passkey(these: &[&str]) -> Value {
    json!({ "required": these, "not": { "required": ["passkey"] } })
}

/// How a description says that a passkey comes without these.
pub(crate) fn passkey_without(others: &[&str]) -> Value {
    let others: Vec<Value> = others.iter().map(|other| json!({ "required": [other] })).collect();
    json!({ "required": ["passkey"], "not": { "anyOf": others } })
}
