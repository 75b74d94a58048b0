//! Users as they were at a time.

use crate::clock::Time;
use crate::error::Result;
use crate::groups::Given;
use crate::id::{EnvironmentId, GroupId, UserId};
use crate::store::Tx;
use crate::store::columns::{FromRow, Row, get, params};
use crate::store::statement::statements;
use crate::store::users::{self, Whole};

statements! {
    /// The user's row that ended first after that time; else the one that is. Its groups and menus are those that had begun
    /// and not ended, kept together as the present's are, so that this is one look-up too.
    AT = "SELECT u.account_id, u.email, u.username, NULL, u.reset_password, u.reset_second_factor, FALSE, u.operator, \
          u.service, NULL, u.name, u.first_name, u.last_name, u.phone, u.language, u.locale, u.administrator, u.active, \
          u.pending, u.mfa, u.external_id, u.created_at, u.updated_at, \
          (SELECT string_agg(CAST(g.group_id AS TEXT) || ':' || CAST(COALESCE(g.expires_at, 0) AS TEXT), ',') FROM \
            (SELECT group_id, expires_at FROM user_groups \
               WHERE environment_id = $1 AND account_id = $2 AND (since IS NULL OR since <= $3) \
             UNION ALL SELECT group_id, expires_at FROM user_groups_past \
               WHERE environment_id = $1 AND account_id = $2 AND (since IS NULL OR since <= $3) AND until > $3) g), \
          (SELECT string_agg(CAST(m.menu_id AS TEXT), ',' ORDER BY m.place) FROM \
            (SELECT menu_id, place FROM user_menus WHERE environment_id = $1 AND account_id = $2 AND since <= $3 \
             UNION ALL SELECT menu_id, place FROM user_menus_past \
               WHERE environment_id = $1 AND account_id = $2 AND since <= $3 AND until > $3) m), \
          (SELECT COALESCE(MAX(at), 0) FROM role_changes WHERE environment_id = $1 AND at <= $3) \
          FROM (SELECT * FROM \
            (SELECT account_id, email, username, reset_password, reset_second_factor, operator, service, name, first_name, \
               last_name, phone, language, locale, administrator, active, pending, mfa, external_id, created_at, \
               updated_at, until FROM users_past WHERE environment_id = $1 AND account_id = $2 AND until > $3 \
               ORDER BY until LIMIT 1) p \
            UNION ALL SELECT u.account_id, a.email, a.username, a.reset_password, a.reset_second_factor, a.operator, \
               a.service, u.name, u.first_name, u.last_name, u.phone, u.language, u.locale, u.administrator, u.active, \
               u.pending, u.mfa, u.external_id, u.created_at, u.updated_at, 9223372036854775807 \
               FROM users u JOIN accounts a ON a.id = u.account_id WHERE u.environment_id = $1 AND u.account_id = $2) u \
          WHERE u.created_at <= $3 ORDER BY u.until LIMIT 1";
    ADMINISTRATOR_SINCE = "SELECT administrator_since, administrator_by FROM \
          (SELECT * FROM (SELECT administrator_since, administrator_by, until FROM users_past \
             WHERE environment_id = $1 AND account_id = $2 AND until > $3 ORDER BY until LIMIT 1) p \
           UNION ALL SELECT administrator_since, administrator_by, 9223372036854775807 FROM users \
             WHERE environment_id = $1 AND account_id = $2) u ORDER BY until LIMIT 1";
    IN_GROUP_SINCE = "SELECT since, given_by FROM \
          (SELECT since, given_by FROM user_groups \
             WHERE environment_id = $1 AND account_id = $2 AND group_id = $3 AND (since IS NULL OR since <= $4) \
           UNION ALL SELECT since, given_by FROM user_groups_past WHERE environment_id = $1 AND account_id = $2 \
             AND group_id = $3 AND (since IS NULL OR since <= $4) AND until > $4) g LIMIT 1";
}

/// A user as it was, and when its environment's groups had last changed by then.
pub(crate) struct Then {
    /// The user; of its account no hash, and not whether its address was proven.
    pub(crate) user: Whole,
    /// As of when the groups are to be read.
    pub(crate) roles: Time,
}

impl FromRow for Then {
    fn from_row(row: &dyn Row) -> Result<Self> {
        let mut user = Whole::from_row(row)?;
        // Where the clock of one node was behind that of another, a row may have begun before the one before it ended.
        user.groups.sort_unstable();
        user.groups.dedup_by_key(|holding| holding.group);
        Ok(Then { user, roles: get(row, users::WHOLE)? })
    }
}

/// A user as it was at a time.
pub(crate) fn find(tx: &mut Tx<'_>, environment: EnvironmentId, user: UserId, at: Time) -> Result<Option<Then>> {
    tx.find(&AT, params![environment, user, at])
}

/// Since when a user administered the environment at a time, and by whose doing.
pub(crate) fn administrator_since(
    tx: &mut Tx<'_>,
    environment: EnvironmentId,
    user: UserId,
    at: Time,
) -> Result<Option<Given>> {
    tx.find(&ADMINISTRATOR_SINCE, params![environment, user, at])
}

/// Since when a user was in a group itself at a time, and by whose doing.
pub(crate) fn in_group_since(
    tx: &mut Tx<'_>,
    environment: EnvironmentId,
    (user, group): (UserId, GroupId),
    at: Time,
) -> Result<Option<Given>> {
    tx.find(&IN_GROUP_SINCE, params![environment, user, group, at])
}
