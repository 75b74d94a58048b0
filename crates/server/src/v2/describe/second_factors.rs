//! Second factors, and signing in with them.

use crate::body::FieldType;
use crate::openapi::{Operation, Schemas, operation};
use crate::v2::second_factors::{
    CeremonyAnswer, EnrolledAnswer, FactorAnswer, FactorsAnswer, FirstCode, NewPasskeyFields, NewTotpAnswer,
    NewTotpFields, Nothing, RecoveryCodesAnswer, Renamed, ShownFields,
};
use crate::v2::sessions::LoginAnswer;
use serde_json::{Value, json};

const ID: &str = "0199f1a0-7c3e-7d4b-9a31-5f0c2b6de111";
const TIME: &str = "2026-01-02T03:04:05.678901Z";
const SEED: &str = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
const BYTES: &str = "Zm9vYmFyYmF6Zm9vYmFyYmF6Zm9vYmFy";
const CODE: &str = "k3vd-q7ma-2xet-9wpr-5hzc-t6nb";

/// Who may: said of each call that changes what proves oneself.
const PROVEN: &str = "In a session, within five minutes of showing the password (POST /session/prove), and with the second factor \
    shown where there is one; or with the token of a login that answered second_factor_enrolment_required.";

pub(super) fn operations() -> Vec<Operation> {
    let enrolled = |schemas: &mut Schemas| schemas.answer::<EnrolledAnswer>();
    let ceremony = |schemas: &mut Schemas| schemas.answer::<CeremonyAnswer>();
    vec![
        operation("post", "/user/login/passkey", "askForPasskey", "Sessions", "Ask a browser for a passkey")
            .about(
                "What the browser answers signs in: send it to /user/login as passkey, with the challenge. With the token of a \
                 login that answered otp_required as bearer, it asks for that account's passkeys: send the answer to \
                 /session/second-factor.",
            )
            .open()
            .body(Nothing::schema, json!({}))
            .gives(200, "What to ask.", ceremony, asked())
            .fails(&[401, 403, 409]),
        operation("post", "/session/second-factor", "showSecondFactor", "Sessions", "Show a second factor")
            .about(
                "With the token of a login that answered otp_required, or in a session that was opened without a second \
                 factor: it goes on with new tokens.",
            )
            .body(shown, json!({ "otp": "287082" }))
            .gives(200, "Signed in.", |schemas| schemas.answer::<LoginAnswer<'_>>(), super::own::signed_in())
            .fails(&[409, 429]),
        operation("get", "/second-factor", "listSecondFactors", "Second factors", "One's own second factors")
            .gives(200, "The second factors, oldest first.", |schemas| schemas.answer::<FactorsAnswer>(), all())
            .fails(&[404]),
        operation("patch", "/second-factor/{id}", "renameSecondFactor", "Second factors", "Give a second factor another name")
            .about(PROVEN)
            .body(Renamed::schema, json!({ "name": "Work phone" }))
            .gives(200, "The second factor, as it is now.", |schemas| schemas.answer::<FactorAnswer>(), factor("totp"))
            .fails(&[404]),
        operation("delete", "/second-factor/{id}", "removeSecondFactor", "Second factors", "Remove a second factor")
            .about("The last one cannot go while one is demanded; with it go the recovery codes.")
            .gives_nothing(204, "It is gone.")
            .fails(&[404, 409]),
        operation("post", "/second-factor/totp", "beginTotp", "Second factors", "Begin to enrol an authenticator app")
            .about(PROVEN)
            .body(NewTotpFields::schema, json!({ "name": "Phone" }))
            .gives(200, "What the app needs, shown this once.", |schemas| schemas.answer::<NewTotpAnswer>(), new_totp())
            .fails(&[409]),
        operation("post", "/second-factor/totp/confirm", "confirmTotp", "Second factors", "Show a first code of the app")
            .body(FirstCode::schema, json!({ "otp": "287082" }))
            .gives(201, "It counts from now on.", enrolled, enrolled_now("totp"))
            .fails(&[404, 409, 429]),
        operation("post", "/second-factor/passkey", "beginPasskey", "Second factors", "Ask a browser for a new passkey")
            .about(PROVEN)
            .body(Nothing::schema, json!({}))
            .gives(200, "What to ask.", ceremony, asked())
            .fails(&[409]),
        operation("post", "/second-factor/passkey/confirm", "confirmPasskey", "Second factors", "Enrol the passkey that a browser made")
            .body(NewPasskeyFields::schema, made())
            .gives(201, "It counts from now on.", enrolled, enrolled_now("passkey"))
            .fails(&[409]),
        operation("post", "/second-factor/recovery-codes", "renewRecoveryCodes", "Second factors", "Make ten new recovery codes")
            .about("Older ones are void. Each is good once, in place of another second factor.")
            .body(Nothing::schema, json!({}))
            .gives(201, "The codes, shown this once.", |schemas| schemas.answer::<RecoveryCodesAnswer>(), json!({ "recovery_codes": [CODE] }))
            .fails(&[404, 409]),
    ]
}

fn shown(schemas: &mut Schemas) -> Value {
    schemas.named("ShownFields", |schemas| {
        let mut schema = ShownFields::object(schemas);
        schema["oneOf"] = json!([{ "required": ["otp"] }, { "required": ["passkey"] }]);
        schema
    })
}

fn factor(kind: &str) -> Value {
    json!({ "id": ID, "kind": kind, "name": "Work phone", "created_at": TIME, "used_at": "" })
}

fn all() -> Value {
    json!({ "factors": [factor("totp")], "recovery_codes": 10, "demanded": false })
}

fn new_totp() -> Value {
    let uri = format!(
        "otpauth://totp/Rolebook:ada%40example%2Ecom?secret={SEED}&issuer=Rolebook&algorithm=SHA1&digits=6&period=30"
    );
    json!({ "id": ID, "secret": SEED, "uri": uri, "qr": "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 53 53\"></svg>" })
}

fn enrolled_now(kind: &str) -> Value {
    json!({ "factor": factor(kind), "recovery_codes": [CODE] })
}

fn asked() -> Value {
    json!({ "challenge": BYTES, "public_key": { "challenge": BYTES, "rpId": "id.example.com", "userVerification": "required" } })
}

fn made() -> Value {
    let response = json!({ "attestationObject": BYTES, "clientDataJSON": BYTES });
    json!({
        "challenge": BYTES, "name": "Laptop",
        "credential": { "id": BYTES, "rawId": BYTES, "type": "public-key", "response": response },
    })
}
