//! `/api/v2/second-factor`: what proves oneself besides the password. Seeds and recovery codes are shown in the answer that makes
//! them, and never again.

use super::answer;
use super::auth::{Caller, Named, Sent, Unsigned};
use super::error::Error;
use super::sessions::{LoginAnswer, PairAnswer};
use super::wire::time;
use crate::app::App;
use crate::body::{NewCredential, PasskeyFields, WireError, WireProblem, body, public_key};
use crate::{otpauth, qr};
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use directory::actor;
use directory::passkeys::{Party, Registration};
use directory::second_factors::recovery_codes::{self, RecoveryCode};
use directory::second_factors::totp::NewTotp;
use directory::second_factors::{self, Code, Enrolled, Factors, NewPasskey, SecondFactor, Shown};
use directory::text::Name;
use std::sync::Arc;

body! {
    /// A TOTP to enrol.
    pub(super) struct NewTotpFields {
        /// What to call it.
        name: Optional<Name>,
    }
}

body! {
    /// A first code.
    pub(super) struct FirstCode {
        /// Six digits, as the app shows them.
        otp: Required<Code>,
    }
}

body! {
    /// The body of a call that says nothing.
    pub(super) struct Nothing {}
}

body! {
    /// The passkey that a browser made.
    pub(super) struct NewPasskeyFields {
        /// The challenge, as it was given.
        challenge: Required<String>,
        /// The browser's answer.
        credential: Required<NewCredential>,
        /// What to call it.
        name: Optional<Name>,
    }
}

body! {
    /// A new name.
    pub(super) struct Renamed {
        name: Required<Name>,
    }
}

body! {
    /// A second factor: one of the two.
    pub(super) struct ShownFields {
        /// Six digits of an app, or a recovery code.
        otp: Optional<Code>,
        /// A passkey's answer to a challenge.
        passkey: Optional<PasskeyFields>,
    }
}

/// One's own second factors.
#[derive(serde::Serialize, utoipa::ToSchema)]
#[schema(as = v2::SecondFactors)]
pub(super) struct FactorsAnswer {
    factors: Vec<FactorAnswer>,
    /// How many recovery codes are left.
    recovery_codes: usize,
    /// One is demanded, so that the last cannot be removed.
    demanded: bool,
}

/// A second factor.
#[derive(serde::Serialize, utoipa::ToSchema)]
#[schema(as = v2::SecondFactor)]
pub(super) struct FactorAnswer {
    id: String,
    /// `totp` or `passkey`.
    kind: &'static str,
    name: String,
    created_at: String,
    /// When it was last shown; empty: never.
    used_at: String,
}

impl From<&SecondFactor> for FactorAnswer {
    fn from(factor: &SecondFactor) -> FactorAnswer {
        FactorAnswer {
            id: factor.id.to_string(),
            kind: factor.kind.as_str(),
            name: factor.name.as_str().to_owned(),
            created_at: time(factor.created_at),
            used_at: factor.used_at.map(time).unwrap_or_default(),
        }
    }
}

impl From<&Factors> for FactorsAnswer {
    fn from(own: &Factors) -> FactorsAnswer {
        FactorsAnswer {
            factors: own.factors.iter().map(FactorAnswer::from).collect(),
            recovery_codes: own.recovery_codes,
            demanded: own.demanded,
        }
    }
}

/// A TOTP that counts once a code of it was shown.
#[derive(serde::Serialize, utoipa::ToSchema)]
#[schema(as = v2::NewTotp)]
pub(super) struct NewTotpAnswer {
    id: String,
    /// For apps into which it is typed: base32.
    secret: String,
    /// For apps on the same device.
    uri: String,
    /// The same as a picture for an app's camera: SVG.
    qr: String,
}

impl From<&NewTotp> for NewTotpAnswer {
    fn from(new: &NewTotp) -> NewTotpAnswer {
        let (secret, uri) = (new.seed.to_base32(), otpauth::address(new).to_string());
        NewTotpAnswer { id: new.id.to_string(), secret: secret.to_string(), qr: qr::svg(&uri), uri }
    }
}

/// A second factor that counts from now on.
#[derive(serde::Serialize, utoipa::ToSchema)]
#[schema(as = v2::Enrolled)]
pub(super) struct EnrolledAnswer {
    factor: FactorAnswer,
    /// With the first second factor: to be written down, each is good once.
    recovery_codes: Vec<String>,
    /// For whoever was asked to enrol while signing in: now they have.
    #[serde(skip_serializing_if = "Option::is_none")]
    access: Option<String>,
    /// As `access`.
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh: Option<String>,
}

impl From<&Enrolled> for EnrolledAnswer {
    fn from(enrolled: &Enrolled) -> EnrolledAnswer {
        let signed_in = enrolled.signed_in.as_ref().and_then(|signed_in| signed_in.as_ref().ok());
        let pair = signed_in.map(|signed_in| PairAnswer::from(&signed_in.tokens));
        let (access, refresh) = pair.map(|PairAnswer { access, refresh }| (access, refresh)).unzip();
        EnrolledAnswer {
            factor: FactorAnswer::from(&enrolled.factor),
            recovery_codes: spelled(&enrolled.recovery_codes),
            access,
            refresh,
        }
    }
}

/// Ten codes.
#[derive(serde::Serialize, utoipa::ToSchema)]
#[schema(as = v2::RecoveryCodes)]
pub(super) struct RecoveryCodesAnswer {
    /// To be written down, each is good once.
    recovery_codes: Vec<String>,
}

fn spelled(codes: &[RecoveryCode]) -> Vec<String> {
    codes.iter().map(|code| code.expose().to_string()).collect()
}

/// What a browser is to be asked.
#[derive(serde::Serialize, utoipa::ToSchema)]
#[schema(as = v2::Ceremony)]
pub(super) struct CeremonyAnswer {
    /// To be sent back with the browser's answer, within five minutes.
    challenge: String,
    /// For `PublicKeyCredential.parseCreationOptionsFromJSON` or `parseRequestOptionsFromJSON`.
    #[schema(value_type = Object)]
    public_key: serde_json::Value,
}

impl CeremonyAnswer {
    fn of(challenge: String, options: &impl serde::Serialize) -> CeremonyAnswer {
        CeremonyAnswer { challenge, public_key: public_key(options) }
    }
}

/// The relying party, where the public URL is fit for one.
pub(super) fn party(app: &App) -> Result<Arc<Party>, Error> {
    app.party.clone().ok_or(Error::NoPasskeys)
}

/// Refuses what would keep an answer that holds secrets.
fn once(sent: &Sent) -> Result<(), Error> {
    match sent.repeatable {
        Some(_) => Err(Error::KEPT_BY_NOBODY),
        None => Ok(()),
    }
}

/// `GET /second-factor`.
pub(super) async fn list(State(app): State<App>, Caller(caller): Caller) -> Result<Response, Error> {
    let own = app.directory.read(caller, second_factors::list).await?;
    Ok(answer::ok(&FactorsAnswer::from(&own)))
}

/// `PATCH /second-factor/<id>`.
pub(super) async fn rename(State(app): State<App>, named: Named, sent: Sent) -> Result<Response, Error> {
    let Renamed { name } = Renamed::read(&sent.body)?;
    let factor = app
        .directory
        .write(sent.caller, move |tx, actor| second_factors::rename(tx, actor, named.factor(), &name))
        .await?;
    Ok(answer::ok(&FactorAnswer::from(&factor)))
}

/// `DELETE /second-factor/<id>`.
pub(super) async fn remove(State(app): State<App>, named: Named, Caller(caller): Caller) -> Result<Response, Error> {
    app.directory.write(caller, move |tx, actor| second_factors::remove(tx, actor, named.factor())).await?;
    Ok(answer::nothing())
}

/// `POST /second-factor/totp`.
pub(super) async fn begin_totp(State(app): State<App>, sent: Sent) -> Result<Response, Error> {
    once(&sent)?;
    let NewTotpFields { name } = NewTotpFields::read(&sent.body)?;
    let new = app.directory.begin_totp(sent.caller, name).await?;
    Ok(answer::ok(&NewTotpAnswer::from(&new)))
}

/// `POST /second-factor/totp/confirm`.
pub(super) async fn confirm_totp(State(app): State<App>, sent: Sent) -> Result<Response, Error> {
    once(&sent)?;
    let FirstCode { otp } = FirstCode::read(&sent.body)?;
    let enrolled = app.directory.confirm_totp(sent.caller, otp, true).await?;
    Ok(answer::with_status(StatusCode::CREATED, &EnrolledAnswer::from(&enrolled)))
}

/// `POST /second-factor/recovery-codes`.
pub(super) async fn renew_codes(State(app): State<App>, sent: Sent) -> Result<Response, Error> {
    once(&sent)?;
    let Nothing {} = Nothing::read(&sent.body)?;
    let codes = app.directory.write(sent.caller, recovery_codes::renew).await?;
    Ok(answer::with_status(StatusCode::CREATED, &RecoveryCodesAnswer { recovery_codes: spelled(&codes) }))
}

/// `POST /second-factor/passkey`.
pub(super) async fn begin_passkey(State(app): State<App>, sent: Sent) -> Result<Response, Error> {
    once(&sent)?;
    let Nothing {} = Nothing::read(&sent.body)?;
    let asked = app.directory.begin_passkey(sent.caller, party(&app)?).await?;
    Ok(answer::ok(&CeremonyAnswer::of(asked.challenge, &asked.options)))
}

/// `POST /second-factor/passkey/confirm`.
pub(super) async fn confirm_passkey(State(app): State<App>, sent: Sent) -> Result<Response, Error> {
    once(&sent)?;
    let NewPasskeyFields { challenge, credential, name } = NewPasskeyFields::read(&sent.body)?;
    let registration = Arc::new(Registration { challenge, credential: credential.0 });
    let new = NewPasskey { party: party(&app)?, registration, name };
    let enrolled = app.directory.confirm_passkey(sent.caller, new, true).await?;
    Ok(answer::with_status(StatusCode::CREATED, &EnrolledAnswer::from(&enrolled)))
}

/// `POST /user/login/passkey`.
pub(super) async fn ask(State(app): State<App>, call: Unsigned) -> Result<Response, Error> {
    let Nothing {} = Nothing::read(&call.body)?;
    let signing_in: Option<actor::Caller> = call.caller;
    let asked = app.directory.ask_for_passkey(signing_in, party(&app)?).await?;
    Ok(answer::ok(&CeremonyAnswer::of(asked.challenge, &asked.options)))
}

/// `POST /session/second-factor`.
pub(super) async fn show(State(app): State<App>, sent: Sent) -> Result<Response, Error> {
    once(&sent)?;
    let fields = ShownFields::read(&sent.body)?;
    let shown =
        shown(&app, fields.otp, fields.passkey)?.ok_or_else(|| vec![WireError::of("otp", WireProblem::Required)])?;
    match app.directory.show_factor(sent.caller, shown, true).await? {
        Ok(signed_in) => Ok(answer::ok(&LoginAnswer::from(&signed_in))),
        Err(step) => Err(Error::Step(step)),
    }
}

/// The one second factor that a body shows, if it shows any.
pub(super) fn shown(app: &App, otp: Option<Code>, passkey: Option<PasskeyFields>) -> Result<Option<Shown>, Error> {
    match (otp, passkey) {
        (None, None) => Ok(None),
        (Some(code), None) => Ok(Some(Shown::Code(code))),
        (None, Some(fields)) => Ok(Some(Shown::Passkey(party(app)?, Arc::new(fields.into())))),
        (Some(_), Some(_)) => {
            let sentence = "Show a code or a passkey, not both.".to_owned();
            Err(vec![WireError::of("passkey", WireProblem::Refused(sentence))].into())
        }
    }
}
