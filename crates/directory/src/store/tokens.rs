//! Sessions, API tokens and the bearers that open them, in the database. Looked up across environments: a bearer says who
//! calls, before anything is known about where.

use super::Tx;
use super::accounts;
use super::columns::{FromRow, Row, get, params};
use super::memory::Mark;
use super::statement::statements;
use crate::accounts::Account;
use crate::clock::Time;
use crate::error::Result;
use crate::id::{EnvironmentId, PermissionId, SessionId, TokenId, UserId};
use crate::secret::TokenHash;
use crate::sessions::{Device, Session};
use crate::text::Name;
use crate::tokens::ApiToken;

statements! {
    FIND = concat!("SELECT b.kind, b.used, b.expires_at, ", accounts::columns!(), ", s.id, s.environment_id, s.second_factor_at, \
            s.step, s.created_at, s.expires_at, s.device, s.address, s.seen_at, s.proven_at, s.password_length, \
            t.id, t.environment_id, t.administrator, t.everywhere, COALESCE(t.used_at, 0) \
            FROM bearers b LEFT JOIN sessions s ON s.id = b.session_id LEFT JOIN api_tokens t ON t.id = b.token_id \
            JOIN accounts a ON a.id = COALESCE(s.account_id, t.account_id) WHERE b.hash = $1");
    INSERT_BEARER = "INSERT INTO bearers (hash, kind, session_id, token_id, used, expires_at) VALUES ($1, $2, $3, $4, FALSE, $5)";
    USE_REFRESH = "UPDATE bearers SET used = TRUE WHERE hash = $1 AND NOT used";
    SHORTEN_ACCESS = "UPDATE bearers SET expires_at = $2 WHERE session_id = $1 AND kind = 'access' AND expires_at > $2";
    INSERT_SESSION = "INSERT INTO sessions (id, account_id, environment_id, second_factor_at, step, created_at, expires_at, \
            device, address, seen_at, proven_at, password_length) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)";
    TOKEN_SEEN = "UPDATE api_tokens SET used_at = $2 WHERE id = $1 AND COALESCE(used_at, 0) < $2";
    EXTEND_SESSION = "UPDATE sessions SET expires_at = $2 WHERE id = $1";
    END_BEARERS_OF_SESSION = "DELETE FROM bearers WHERE session_id = $1";
    END_SESSION = "DELETE FROM sessions WHERE id = $1";
    END_BEARERS_OF_ACCOUNT = "DELETE FROM bearers WHERE session_id IN (SELECT id FROM sessions WHERE account_id = $1 AND id <> $2)";
    END_SESSIONS_OF_ACCOUNT = "DELETE FROM sessions WHERE account_id = $1 AND id <> $2";
    END_BEARERS_HERE = "DELETE FROM bearers WHERE session_id IN (SELECT id FROM sessions WHERE account_id = $2 AND environment_id = $1)";
    END_SESSIONS_HERE = "DELETE FROM sessions WHERE account_id = $2 AND environment_id = $1";
    INSERT_TOKEN = "INSERT INTO api_tokens (id, account_id, environment_id, name, administrator, everywhere, created_at, expires_at) \
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    ADD_PERMISSION = "INSERT INTO api_token_permissions (environment_id, token_id, permission_id) VALUES ($1, $2, $3)";
    TOKENS_HERE = "SELECT id, account_id, environment_id, name, administrator, everywhere, created_at, expires_at, used_at \
            FROM api_tokens WHERE environment_id = $1 ORDER BY account_id, id LIMIT 1000";
    TOKENS_OF_USERS_HERE = "SELECT t.id, t.account_id, t.environment_id, t.name, t.administrator, t.everywhere, t.created_at, t.expires_at, t.used_at \
            FROM api_tokens t JOIN users u ON u.environment_id = t.environment_id AND u.account_id = t.account_id \
            WHERE t.environment_id = $1 ORDER BY t.account_id, t.id LIMIT 1000";
    TOKENS_OF = "SELECT id, account_id, environment_id, name, administrator, everywhere, created_at, expires_at, used_at \
            FROM api_tokens WHERE environment_id = $1 AND account_id = $2 ORDER BY id LIMIT 1000";
    FIND_TOKEN = "SELECT id, account_id, environment_id, name, administrator, everywhere, created_at, expires_at, used_at \
            FROM api_tokens WHERE id = $1";
    END_BEARERS_OF_TOKEN = "DELETE FROM bearers WHERE token_id = $1";
    END_PERMISSIONS_OF_TOKEN = "DELETE FROM api_token_permissions WHERE token_id = $1";
    END_TOKEN = "DELETE FROM api_tokens WHERE id = $1";
    END_TOKEN_BEARERS_OF_ACCOUNT = "DELETE FROM bearers WHERE token_id IN (SELECT id FROM api_tokens WHERE account_id = $1)";
    END_TOKEN_PERMISSIONS_OF_ACCOUNT = "DELETE FROM api_token_permissions WHERE token_id IN (SELECT id FROM api_tokens WHERE account_id = $1)";
    END_TOKENS_OF_ACCOUNT = "DELETE FROM api_tokens WHERE account_id = $1";
    /// An operator's token for everywhere is not its environment's to end.
    END_TOKEN_BEARERS_HERE = "DELETE FROM bearers WHERE token_id IN \
            (SELECT id FROM api_tokens WHERE account_id = $2 AND environment_id = $1 AND NOT everywhere)";
    END_TOKEN_PERMISSIONS_HERE = "DELETE FROM api_token_permissions WHERE token_id IN \
            (SELECT id FROM api_tokens WHERE account_id = $2 AND environment_id = $1 AND NOT everywhere)";
    END_TOKENS_HERE = "DELETE FROM api_tokens WHERE account_id = $2 AND environment_id = $1 AND NOT everywhere";
    EXPIRED_SESSIONS = "SELECT account_id, id FROM sessions WHERE expires_at < $1 ORDER BY expires_at LIMIT $2";
    EXPIRED_BEARERS = "DELETE FROM bearers WHERE hash IN (SELECT hash FROM bearers WHERE expires_at < $1 LIMIT $2)";
}

/// A bearer that we know, and what it opens. Whether it still does is for the domain to judge.
pub struct Bearer {
    /// Access, refresh or API.
    pub kind: BearerKind,
    /// A refresh token that was used already.
    pub used: bool,
    /// When it ends by itself.
    pub expires_at: Time,
    /// Whose it is.
    pub account: Account,
    /// The session that it opens, or the API token that it is.
    pub opens: Opens,
}

impl Bearer {
    /// Where what it opens acts, unless a call names another environment.
    pub fn made_in(&self) -> EnvironmentId {
        match &self.opens {
            Opens::Session(session) => session.environment,
            Opens::Token { environment, .. } => *environment,
        }
    }

    /// When it ends by itself, or what it opens does.
    pub fn ends_at(&self) -> Time {
        match &self.opens {
            Opens::Session(session) => self.expires_at.min(session.expires_at),
            Opens::Token { .. } => self.expires_at,
        }
    }
}

/// What a bearer opens.
pub enum Opens {
    /// A login.
    Session(Session),
    /// An API token: its id, environment, and whether it counts as administrator and everywhere.
    Token {
        /// Its id.
        id: TokenId,
        /// Where it was made.
        environment: EnvironmentId,
        /// Its ceiling is the administrator's.
        administrator: bool,
        /// It is an operator's, for all environments.
        everywhere: bool,
        /// When it was last used, to some minutes.
        used_at: Time,
    },
}

/// The kinds of bearers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "say all")]
pub enum BearerKind {
    Access,
    Refresh,
    Api,
}

impl BearerKind {
    fn as_str(self) -> &'static str {
        match self {
            BearerKind::Access => "access",
            BearerKind::Refresh => "refresh",
            BearerKind::Api => "api",
        }
    }
}

impl FromRow for Bearer {
    fn from_row(row: &dyn Row) -> Result<Self> {
        let account = accounts::read(row, 3)?;
        let after = 3 + accounts::COLUMNS;
        let opens = match get::<Option<SessionId>>(row, after)? {
            Some(id) => Opens::Session(Session {
                id,
                account: account.id,
                environment: get(row, after + 1)?,
                second_factor_at: get(row, after + 2)?,
                step: get::<Option<String>>(row, after + 3)?.as_deref().and_then(crate::sessions::step_from_stored),
                created_at: get(row, after + 4)?,
                expires_at: get(row, after + 5)?,
                device: Device::from_stored(get(row, after + 6)?),
                address: get(row, after + 7)?,
                seen_at: get(row, after + 8)?,
                proven_at: get(row, after + 9)?,
                password_length: get(row, after + 10)?,
            }),
            None => Opens::Token {
                id: get(row, after + 11)?,
                environment: get(row, after + 12)?,
                administrator: get(row, after + 13)?,
                everywhere: get(row, after + 14)?,
                used_at: get(row, after + 15)?,
            },
        };
        let kind = match get::<String>(row, 0)?.as_str() {
            "access" => BearerKind::Access,
            "refresh" => BearerKind::Refresh,
            _ => BearerKind::Api,
        };
        Ok(Bearer { kind, used: get(row, 1)?, expires_at: get(row, 2)?, account, opens })
    }
}

impl FromRow for ApiToken {
    fn from_row(row: &dyn Row) -> Result<Self> {
        Ok(ApiToken {
            id: get(row, 0)?,
            account: get(row, 1)?,
            environment: get(row, 2)?,
            name: Name::from_stored(get(row, 3)?),
            administrator: get(row, 4)?,
            everywhere: get(row, 5)?,
            created_at: get(row, 6)?,
            expires_at: get(row, 7)?,
            used_at: get(row, 8)?,
        })
    }
}

/// The bearer with this hash.
pub fn find(tx: &mut Tx<'_>, hash: &TokenHash) -> Result<Option<Bearer>> {
    tx.find(&FIND, params![hash.as_bytes()])
}

/// Writes a bearer of a session.
pub fn insert_session_bearer(
    tx: &mut Tx<'_>,
    hash: &TokenHash,
    kind: BearerKind,
    session: SessionId,
    expires_at: Time,
) -> Result<()> {
    tx.run(Mark::Nothing, &INSERT_BEARER, params![hash.as_bytes(), kind.as_str(), session, None::<TokenId>, expires_at])
        .map(drop)
}

/// Marks a refresh token as used; false: it was already.
pub fn use_refresh(tx: &mut Tx<'_>, hash: &TokenHash) -> Result<bool> {
    Ok(tx.run(Mark::Nothing, &USE_REFRESH, params![hash.as_bytes()])? == 1)
}

/// Lets a session's access tokens end at this time, those that would last longer.
pub fn shorten_access(tx: &mut Tx<'_>, account: UserId, session: SessionId, until: Time) -> Result<()> {
    tx.run(Mark::Account(account), &SHORTEN_ACCESS, params![session, until]).map(drop)
}

/// Writes a new session.
pub fn insert_session(tx: &mut Tx<'_>, session: &Session) -> Result<()> {
    let step = session.step.and_then(crate::sessions::step_to_stored);
    let Session { id, account, environment, second_factor_at, created_at, expires_at, .. } = session;
    let Session { device, address, seen_at, proven_at, password_length, .. } = session;
    tx.run(
        Mark::Nothing,
        &INSERT_SESSION,
        params![
            id,
            account,
            environment,
            second_factor_at,
            step,
            created_at,
            expires_at,
            device.as_str(),
            address,
            seen_at,
            proven_at,
            password_length
        ],
    )
    .map(drop)
}

/// Notes when an API token was last used.
pub fn token_seen(tx: &mut Tx<'_>, account: UserId, id: TokenId, at: Time) -> Result<()> {
    tx.run(Mark::Account(account), &TOKEN_SEEN, params![id, at]).map(drop)
}

/// Lets a session end later.
pub fn extend_session(tx: &mut Tx<'_>, account: UserId, session: SessionId, until: Time) -> Result<()> {
    tx.run(Mark::Account(account), &EXTEND_SESSION, params![session, until]).map(drop)
}

/// Ends what opens a session.
pub fn end_bearers(tx: &mut Tx<'_>, account: UserId, session: SessionId) -> Result<()> {
    tx.run(Mark::Account(account), &END_BEARERS_OF_SESSION, params![session]).map(drop)
}

/// Ends one session with its bearers.
pub fn end_session(tx: &mut Tx<'_>, account: UserId, session: SessionId) -> Result<()> {
    tx.run(Mark::Account(account), &END_BEARERS_OF_SESSION, params![session])?;
    tx.run(Mark::Account(account), &END_SESSION, params![session]).map(drop)
}

/// Ends every session of an account, in all environments, but this one; says how many.
pub fn end_sessions_of_account(tx: &mut Tx<'_>, account: UserId, but: Option<SessionId>) -> Result<u64> {
    let but = but.map_or(uuid::Uuid::nil(), |id| id.0);
    tx.run(Mark::Account(account), &END_BEARERS_OF_ACCOUNT, params![account, but])?;
    tx.run(Mark::Account(account), &END_SESSIONS_OF_ACCOUNT, params![account, but])
}

/// Ends every session of a user in this environment; says how many.
pub fn end_sessions_here(tx: &mut Tx<'_>, environment: EnvironmentId, account: UserId) -> Result<u64> {
    tx.run(Mark::Account(account), &END_BEARERS_HERE, params![environment, account])?;
    tx.run(Mark::Account(account), &END_SESSIONS_HERE, params![environment, account])
}

/// Writes a new API token with its bearer and its ceiling.
pub fn insert_token(tx: &mut Tx<'_>, token: &ApiToken, ceiling: &[PermissionId], hash: &TokenHash) -> Result<()> {
    let ApiToken { id, account, environment, name, administrator, everywhere, created_at, expires_at, .. } = token;
    tx.run(
        Mark::Nothing,
        &INSERT_TOKEN,
        params![id, account, environment, name.as_str(), administrator, everywhere, created_at, expires_at],
    )?;
    for permission in ceiling {
        tx.run(Mark::Nothing, &ADD_PERMISSION, params![environment, id, permission])?;
    }
    tx.run(
        Mark::Nothing,
        &INSERT_BEARER,
        params![hash.as_bytes(), BearerKind::Api.as_str(), None::<SessionId>, id, expires_at],
    )
    .map(drop)
}

/// Ends every API token of an account, in all environments.
pub fn end_tokens_of_account(tx: &mut Tx<'_>, account: UserId) -> Result<()> {
    for statement in [&END_TOKEN_BEARERS_OF_ACCOUNT, &END_TOKEN_PERMISSIONS_OF_ACCOUNT, &END_TOKENS_OF_ACCOUNT] {
        tx.run(Mark::Account(account), statement, params![account])?;
    }
    Ok(())
}

/// Ends every API token of a user in this environment.
pub fn end_tokens_here(tx: &mut Tx<'_>, environment: EnvironmentId, account: UserId) -> Result<()> {
    for statement in [&END_TOKEN_BEARERS_HERE, &END_TOKEN_PERMISSIONS_HERE, &END_TOKENS_HERE] {
        tx.run(Mark::Account(account), statement, params![environment, account])?;
    }
    Ok(())
}

/// The API tokens that were made in an environment, at most 1,000.
pub fn tokens_here(tx: &mut Tx<'_>, environment: EnvironmentId) -> Result<Vec<ApiToken>> {
    tx.list(&TOKENS_HERE, params![environment])
}

/// The same of those accounts alone that are users there.
pub fn tokens_of_users_here(tx: &mut Tx<'_>, environment: EnvironmentId) -> Result<Vec<ApiToken>> {
    tx.list(&TOKENS_OF_USERS_HERE, params![environment])
}

/// An account's API tokens that were made in an environment, oldest first.
pub fn tokens_of(tx: &mut Tx<'_>, environment: EnvironmentId, account: UserId) -> Result<Vec<ApiToken>> {
    tx.list(&TOKENS_OF, params![environment, account])
}

/// The API token with this id.
pub fn find_token(tx: &mut Tx<'_>, id: TokenId) -> Result<Option<ApiToken>> {
    tx.find(&FIND_TOKEN, params![id])
}

/// Ends an API token.
pub fn end_token(tx: &mut Tx<'_>, account: UserId, id: TokenId) -> Result<()> {
    for statement in [&END_BEARERS_OF_TOKEN, &END_PERMISSIONS_OF_TOKEN, &END_TOKEN] {
        tx.run(Mark::Account(account), statement, params![id])?;
    }
    Ok(())
}

/// Forgets up to `most` sessions and access tokens that ended by themselves; says how many sessions that were.
pub fn forget_expired(tx: &mut Tx<'_>, before: Time, most: i64) -> Result<usize> {
    tx.run(Mark::Nothing, &EXPIRED_BEARERS, params![before, most])?;
    let sessions = tx.list::<(UserId, SessionId)>(&EXPIRED_SESSIONS, params![before, most])?;
    for (account, session) in &sessions {
        end_session(tx, *account, *session)?;
    }
    Ok(sessions.len())
}
