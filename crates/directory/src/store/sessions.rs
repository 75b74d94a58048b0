//! Sessions in the database, one by one: where they are, when they were used, what was shown in them. Their bearers, and what
//! ends them, stand in `tokens.rs`. Looked up across environments: a session is its owner's everywhere.

use super::Tx;
use super::columns::{FromRow, Row, get, params};
use super::memory::Mark;
use super::statement::statements;
use crate::clock::Time;
use crate::error::Result;
use crate::id::{EnvironmentId, SessionId, UserId};
use crate::sessions::{Device, Session};

/// The columns of a session in the order that [`Session`]'s `FromRow` reads.
macro_rules! columns {
    () => {
        "id, account_id, environment_id, second_factor_at, step, created_at, expires_at, device, address, seen_at, proven_at, \
         password_length"
    };
}

statements! {
    FIND = concat!("SELECT ", columns!(), " FROM sessions WHERE id = $1");
    OF_ACCOUNT = concat!("SELECT ", columns!(), " FROM sessions WHERE account_id = $1 AND step IS NULL AND expires_at > $2 \
            ORDER BY seen_at DESC, id LIMIT 1000");
    HERE = concat!("SELECT ", columns!(), " FROM sessions WHERE environment_id = $1 AND account_id = $2 AND step IS NULL \
            AND expires_at > $3 ORDER BY seen_at DESC, id LIMIT 1000");
    DEVICES = "SELECT DISTINCT device FROM sessions WHERE account_id = $1 AND id <> $2 LIMIT 100";
    SEEN = "UPDATE sessions SET seen_at = $2, address = $3 WHERE id = $1 AND seen_at < $2";
    PROVEN = "UPDATE sessions SET proven_at = $2 WHERE id = $1";
    FACTOR_SHOWN = "UPDATE sessions SET second_factor_at = $2 WHERE id = $1";
    FACTOR_PROVEN = "UPDATE sessions SET second_factor_at = $2, proven_at = $2 WHERE id = $1";
    GO_ON = "UPDATE sessions SET step = $2, expires_at = $3 WHERE id = $1";
    NEW_PASSWORD = "UPDATE sessions SET proven_at = $2, password_length = $3 WHERE id = $1";
}

impl FromRow for Session {
    fn from_row(row: &dyn Row) -> Result<Self> {
        Ok(Session {
            id: get(row, 0)?,
            account: get(row, 1)?,
            environment: get(row, 2)?,
            second_factor_at: get(row, 3)?,
            step: get::<Option<String>>(row, 4)?.as_deref().and_then(crate::sessions::step_from_stored),
            created_at: get(row, 5)?,
            expires_at: get(row, 6)?,
            device: Device::from_stored(get(row, 7)?),
            address: get(row, 8)?,
            seen_at: get(row, 9)?,
            proven_at: get(row, 10)?,
            password_length: get(row, 11)?,
        })
    }
}

/// The session with this id.
pub fn find(tx: &mut Tx<'_>, id: SessionId) -> Result<Option<Session>> {
    tx.find(&FIND, params![id])
}

/// An account's whole sessions, in all environments, the one last used first.
pub fn of_account(tx: &mut Tx<'_>, account: UserId) -> Result<Vec<Session>> {
    let now = tx.now();
    tx.list(&OF_ACCOUNT, params![account, now])
}

/// A user's whole sessions in this environment, the one last used first.
pub fn here(tx: &mut Tx<'_>, environment: EnvironmentId, account: UserId) -> Result<Vec<Session>> {
    let now = tx.now();
    tx.list(&HERE, params![environment, account, now])
}

/// The devices of an account's other sessions, at most 100 of them.
pub fn other_devices(tx: &mut Tx<'_>, account: UserId, but: SessionId) -> Result<Vec<Device>> {
    let devices = tx.list::<(String,)>(&DEVICES, params![account, but])?;
    Ok(devices.into_iter().map(|row| Device::from_stored(row.0)).collect())
}

/// Notes that a session's owner showed a second factor now; `proof`: one that is as good as the password.
pub fn factor_shown(tx: &mut Tx<'_>, account: UserId, id: SessionId, proof: bool) -> Result<()> {
    let (statement, now) = (if proof { &FACTOR_PROVEN } else { &FACTOR_SHOWN }, tx.now());
    tx.run(Mark::Account(account), statement, params![id, now]).map(drop)
}

/// Writes how a session goes on: which step it is good for, and how long it lasts.
pub fn go_on(tx: &mut Tx<'_>, session: &Session) -> Result<()> {
    let step = session.step.and_then(crate::sessions::step_to_stored);
    tx.run(Mark::Account(session.account), &GO_ON, params![session.id, step, session.expires_at]).map(drop)
}

/// Notes when and where a session was last used.
pub fn seen(tx: &mut Tx<'_>, account: UserId, id: SessionId, at: Time, address: &str) -> Result<()> {
    tx.run(Mark::Account(account), &SEEN, params![id, at, address]).map(drop)
}

/// Notes that a session's owner showed the password now.
pub fn proven(tx: &mut Tx<'_>, account: UserId, id: SessionId) -> Result<()> {
    let now = tx.now();
    tx.run(Mark::Account(account), &PROVEN, params![id, now]).map(drop)
}

/// Notes that a session's owner has another password now, which is so long.
pub fn new_password(tx: &mut Tx<'_>, account: UserId, id: SessionId, length: i64) -> Result<()> {
    let now = tx.now();
    tx.run(Mark::Account(account), &NEW_PASSWORD, params![id, now, length]).map(drop)
}
