//! Second factors as somebody shows them: first judged, where that takes time, then used up in the transaction that lets
//! somebody in. Knows nothing of sessions.

use super::recovery_codes::{self, LENGTH};
use super::{FactorKind, totp};
use crate::accounts::Account;
use crate::error::{Error, Refusal, Result};
use crate::id::{FactorId, UserId};
use crate::mail::{self, Subject};
use crate::passkeys::{Answered, Assertion, Party};
use crate::sessions::Ways;
use crate::store::second_factors::Stored;
use crate::store::{self, Tx};
use std::sync::Arc;
use zeroize::Zeroizing;

/// A code of an app, or a recovery code, as somebody typed it. No `Debug`: it can only be asked for by name.
#[derive(Clone)]
pub struct Code(Zeroizing<String>);

impl Code {
    /// Without the blanks and hyphens that people put between digits. Judges nothing else.
    pub fn parse(text: &str) -> std::result::Result<Code, Refusal> {
        if text.len() > 100 {
            return Err(Refusal::CodeTooLong);
        }
        let kept = text.chars().filter(|c| !c.is_whitespace() && *c != '-').map(|c| c.to_ascii_lowercase());
        match kept.collect::<String>() {
            empty if empty.is_empty() => Err(Refusal::Blank),
            code => Ok(Code(Zeroizing::new(code))),
        }
    }

    /// The code itself, for comparing.
    pub(super) fn expose(&self) -> &str {
        &self.0
    }
}

/// A second factor, as an API heard it.
#[derive(Clone)]
pub enum Shown {
    /// A code.
    Code(Code),
    /// A passkey's answer, to a challenge of this server.
    Passkey(Arc<Party>, Arc<Assertion>),
}

/// The same, as far as it can be judged before it is used up.
#[derive(Clone)]
pub(crate) enum Judged {
    Code(Code),
    Passkey(Box<UsedPasskey>),
}

/// A passkey whose answer is right.
#[derive(Clone)]
pub(crate) struct UsedPasskey {
    /// Whose.
    pub account: UserId,
    /// As [`super::SecondFactor::proven`].
    pub proven: bool,
    factor: FactorId,
    before: Vec<u8>,
    after: Vec<u8>,
    answered: Answered,
}

/// What it was, for the audit trail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Method {
    Totp,
    RecoveryCode,
    Passkey,
}

impl Method {
    /// As the audit trail names the way in, behind a password.
    pub(crate) fn with_password(self) -> &'static str {
        match self {
            Method::Totp => "password+totp",
            Method::RecoveryCode => "password+recovery_code",
            Method::Passkey => "password+passkey",
        }
    }
}

/// What a passkey is kept sealed for.
pub(crate) const PASSKEY: &str = "passkey";

/// Judges what is shown, as far as that can be done before it is used up: a passkey's signature.
///
/// # Errors
/// [`Error::FactorRefused`]
pub(crate) fn judge(tx: &mut Tx<'_>, account: Option<UserId>, shown: &Shown) -> Result<Judged> {
    let (party, assertion) = match shown {
        Shown::Code(code) => return Ok(Judged::Code(code.clone())),
        Shown::Passkey(party, assertion) => (party, assertion),
    };
    let found = store::second_factors::by_credential(tx, &Party::credential_id(assertion))?;
    let Stored { factor, sealed, .. } = found.ok_or(Error::FactorRefused)?;
    if factor.kind != FactorKind::Passkey || account.is_some_and(|account| account != factor.account) {
        return Err(Error::FactorRefused);
    }
    let effects = tx.effects();
    let whose = factor.account.0.as_bytes();
    let stored = effects.keys.open(PASSKEY, whose, &sealed)?;
    let (stored, answered) = party.asserted(effects, factor.account, assertion, &stored)?;
    let after = effects.keys.seal(PASSKEY, whose, &stored, &effects.randomness)?;
    let used = UsedPasskey {
        account: factor.account,
        proven: factor.proven,
        factor: factor.id,
        before: sealed,
        after,
        answered,
    };
    Ok(Judged::Passkey(Box::new(used)))
}

/// With what an account can show a second factor.
pub(crate) fn ways(tx: &mut Tx<'_>, account: UserId) -> Result<Ways> {
    let stored = store::second_factors::of_account(tx, account)?;
    let has = |kind| stored.iter().any(|stored| stored.factor.confirmed && stored.factor.kind == kind);
    Ok(Ways {
        totp: has(FactorKind::Totp),
        passkey: has(FactorKind::Passkey),
        recovery_code: store::second_factors::codes_left(tx, account)? > 0,
    })
}

/// Uses up what is shown; `None`: it is wrong, or was used.
pub(crate) fn accept(tx: &mut Tx<'_>, account: &Account, judged: &Judged) -> Result<Option<Method>> {
    match judged {
        Judged::Code(code) if code.expose().len() == LENGTH => {
            if !recovery_codes::accept(tx, account.id, code.expose())? {
                return Ok(None);
            }
            mail::tell(tx, account, Subject::RecoveryCodeUsed)?;
            Ok(Some(Method::RecoveryCode))
        }
        Judged::Code(code) => Ok(totp::accept(tx, account.id, code.expose())?.then_some(Method::Totp)),
        Judged::Passkey(used) => {
            let right = used.account == account.id
                && store::second_factors::answer(tx, &used.answered.hash, used.answered.expires_at)?
                && keep(tx, used)?;
            Ok(right.then_some(Method::Passkey))
        }
    }
}

/// Keeps a passkey's new count; false: it has another one since, or is gone. Sealed anew meanwhile, it still has the same.
fn keep(tx: &mut Tx<'_>, used: &UsedPasskey) -> Result<bool> {
    let UsedPasskey { account, factor, before, after, .. } = used;
    if store::second_factors::use_passkey(tx, *factor, before, after)? {
        return Ok(true);
    }
    let all = store::second_factors::of_account(tx, *account)?;
    let Some(now) = all.into_iter().find(|stored| stored.factor.id == *factor) else { return Ok(false) };
    let open = |sealed: &[u8]| tx.effects().keys.open(PASSKEY, account.0.as_bytes(), sealed);
    Ok(open(&now.sealed)? == open(before)? && store::second_factors::use_passkey(tx, *factor, &now.sealed, after)?)
}
