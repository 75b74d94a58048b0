//! Second factors in the database, with recovery codes and the challenges that were answered. Looked up across environments: a
//! factor is its owner's everywhere.

use super::Tx;
use super::columns::{FromRow, Row, get, params};
use super::memory::Mark;
use super::statement::statements;
use crate::clock::Time;
use crate::error::Result;
use crate::id::{FactorId, UserId};
use crate::second_factors::{FactorKind, SecondFactor};
use crate::text::Name;

/// What is read of a second factor.
macro_rules! columns {
    () => {
        "id, account_id, kind, name, confirmed, proven, created_at, used_at, sealed, used_step"
    };
}

statements! {
    OF_ACCOUNT = concat!("SELECT ", columns!(), " FROM second_factors WHERE account_id = $1 ORDER BY id");
    BY_CREDENTIAL = concat!("SELECT ", columns!(), " FROM second_factors WHERE credential_id = $1");
    ANY = "SELECT id FROM second_factors WHERE account_id = $1 AND confirmed LIMIT 1";
    INSERT = "INSERT INTO second_factors (id, account_id, kind, name, sealed, credential_id, confirmed, proven, created_at) \
              VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    CONFIRM = "UPDATE second_factors SET confirmed = TRUE, proven = $2 WHERE id = $1";
    RENAME = "UPDATE second_factors SET name = $2 WHERE id = $1";
    /// Of two who show one code, one finds it used.
    USE_STEP = "UPDATE second_factors SET used_step = $2, used_at = $3 WHERE id = $1 AND used_step < $2";
    /// Of two who show a passkey with one count, one finds another.
    USE_PASSKEY = "UPDATE second_factors SET sealed = $3, used_at = $4 WHERE id = $1 AND sealed = $2";
    REMOVE = "DELETE FROM second_factors WHERE id = $1";
    REMOVE_UNCONFIRMED = "DELETE FROM second_factors WHERE account_id = $1 AND NOT confirmed";
    REMOVE_ALL = "DELETE FROM second_factors WHERE account_id = $1";
    CODES = "SELECT hash FROM recovery_codes WHERE account_id = $1";
    ADD_CODE = "INSERT INTO recovery_codes (account_id, hash) VALUES ($1, $2)";
    USE_CODE = "DELETE FROM recovery_codes WHERE account_id = $1 AND hash = $2";
    REMOVE_CODES = "DELETE FROM recovery_codes WHERE account_id = $1";
    /// Of two who show one answer, one finds the row there.
    ANSWER = "INSERT INTO answered_challenges (hash, expires_at) VALUES ($1, $2) ON CONFLICT (hash) DO NOTHING";
    FORGET = "DELETE FROM answered_challenges WHERE hash IN \
              (SELECT hash FROM answered_challenges WHERE expires_at < $1 ORDER BY expires_at LIMIT $2)";
}

/// A second factor with what proves it.
#[derive(Clone)]
pub struct Stored {
    /// What is shown of it.
    pub factor: SecondFactor,
    /// Its seed, or its passkey, sealed.
    pub sealed: Vec<u8>,
    /// The newest step in time of which a code was used.
    pub used_step: i64,
}

impl FromRow for Stored {
    fn from_row(row: &dyn Row) -> Result<Self> {
        Ok(Stored {
            factor: SecondFactor {
                id: get(row, 0)?,
                account: get(row, 1)?,
                kind: FactorKind::from_stored(&get::<String>(row, 2)?),
                name: Name::from_stored(get(row, 3)?),
                confirmed: get(row, 4)?,
                proven: get(row, 5)?,
                created_at: get(row, 6)?,
                used_at: get(row, 7)?,
            },
            sealed: get(row, 8)?,
            used_step: get(row, 9)?,
        })
    }
}

/// An account's, oldest first, those among them that are not confirmed yet.
pub fn of_account(tx: &mut Tx<'_>, account: UserId) -> Result<Vec<Stored>> {
    tx.list(&OF_ACCOUNT, params![account])
}

/// The passkey that names itself so.
pub fn by_credential(tx: &mut Tx<'_>, credential: &[u8]) -> Result<Option<Stored>> {
    tx.find(&BY_CREDENTIAL, params![credential])
}

/// Whether an account has one that counts.
pub fn any(tx: &mut Tx<'_>, account: UserId) -> Result<bool> {
    Ok(tx.find::<(FactorId,)>(&ANY, params![account])?.is_some())
}

/// Writes a new one.
pub fn insert(tx: &mut Tx<'_>, factor: &SecondFactor, sealed: &[u8], credential: Option<&[u8]>) -> Result<()> {
    let SecondFactor { id, account, kind, name, confirmed, proven, created_at, .. } = factor;
    let (kind, name) = (kind.as_str(), name.as_str());
    tx.run(Mark::Nothing, &INSERT, params![id, account, kind, name, sealed, credential, confirmed, proven, created_at])
        .map(drop)
}

/// From now on it counts.
pub fn confirm(tx: &mut Tx<'_>, id: FactorId, proven: bool) -> Result<()> {
    tx.run(Mark::Nothing, &CONFIRM, params![id, proven]).map(drop)
}

/// Gives it another name.
pub fn rename(tx: &mut Tx<'_>, id: FactorId, name: &Name) -> Result<()> {
    tx.run(Mark::Nothing, &RENAME, params![id, name.as_str()]).map(drop)
}

/// Uses the code of a step up; false: that one, or a newer one, was used.
pub fn use_step(tx: &mut Tx<'_>, id: FactorId, step: i64) -> Result<bool> {
    let now = tx.now();
    Ok(tx.run(Mark::Nothing, &USE_STEP, params![id, step, now])? == 1)
}

/// Keeps a passkey's new count; false: it is no longer as it was.
pub fn use_passkey(tx: &mut Tx<'_>, id: FactorId, before: &[u8], after: &[u8]) -> Result<bool> {
    let now = tx.now();
    Ok(tx.run(Mark::Nothing, &USE_PASSKEY, params![id, before, after, now])? == 1)
}

/// Removes one.
pub fn remove(tx: &mut Tx<'_>, id: FactorId) -> Result<()> {
    tx.run(Mark::Nothing, &REMOVE, params![id]).map(drop)
}

/// Removes those of an account that never counted.
pub fn remove_unconfirmed(tx: &mut Tx<'_>, account: UserId) -> Result<()> {
    tx.run(Mark::Nothing, &REMOVE_UNCONFIRMED, params![account]).map(drop)
}

/// Removes all of an account, and its recovery codes; says how many factors.
pub fn remove_all(tx: &mut Tx<'_>, account: UserId) -> Result<u64> {
    tx.run(Mark::Nothing, &REMOVE_CODES, params![account])?;
    tx.run(Mark::Nothing, &REMOVE_ALL, params![account])
}

/// How many recovery codes an account has left.
pub fn codes_left(tx: &mut Tx<'_>, account: UserId) -> Result<usize> {
    Ok(tx.list::<(Vec<u8>,)>(&CODES, params![account])?.len())
}

/// Replaces an account's recovery codes.
pub fn set_codes(tx: &mut Tx<'_>, account: UserId, hashes: &[[u8; 32]]) -> Result<()> {
    tx.run(Mark::Nothing, &REMOVE_CODES, params![account])?;
    for hash in hashes {
        tx.run(Mark::Nothing, &ADD_CODE, params![account, hash])?;
    }
    Ok(())
}

/// Uses a recovery code up; false: there is none such.
pub fn use_code(tx: &mut Tx<'_>, account: UserId, hash: &[u8; 32]) -> Result<bool> {
    Ok(tx.run(Mark::Nothing, &USE_CODE, params![account, hash])? == 1)
}

/// Notes that a challenge was answered; false: it was already.
pub fn answer(tx: &mut Tx<'_>, challenge: &[u8; 32], expires_at: Time) -> Result<bool> {
    Ok(tx.run(Mark::Nothing, &ANSWER, params![challenge, expires_at])? == 1)
}

/// Forgets up to `most` answered challenges that have ended.
pub fn forget_answered(tx: &mut Tx<'_>, before: Time, most: i64) -> Result<u64> {
    tx.run(Mark::Nothing, &FORGET, params![before, most])
}
