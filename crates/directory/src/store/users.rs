//! Users in the database: an account seen in one environment.

mod access;
mod filter;
mod list;

pub use access::Access;
pub use filter::Wanted;
pub use list::{count, list};

use super::Tx;
use super::accounts;
use super::columns::{FromRow, Param, Row, ToParam, get, params, text};
use super::memory::Mark;
use super::packed::Packed;
use super::past;
use super::statement::{Statement, statements};
use crate::accounts::Account;
use crate::clock::Time;
use crate::error::Result;
use crate::groups::{Given, Holding};
use crate::id::{EnvironmentId, GroupId, MenuId, UserId};
use crate::locale::Locale;
use crate::text::{ExternalId, Phone, ShortName, fold};
use crate::users::Membership;
use std::collections::HashMap;

/// The columns of a membership in the order that [`Membership`]'s `FromRow` reads.
macro_rules! columns {
    () => {
        "u.name, u.first_name, u.last_name, u.phone, u.language, u.locale, u.administrator, u.active, u.pending, u.mfa, \
         u.external_id, u.created_at, u.updated_at"
    };
}

/// How many columns that is.
const COLUMNS: usize = 13;

/// How many columns a whole user has.
pub(super) const WHOLE: usize = accounts::COLUMNS + COLUMNS + 2;

/// A user with its account and the ids of its groups and menus, in one row: one look-up instead of four, and on the
/// networked engine one round trip.
macro_rules! whole {
    () => {
        concat!(
            accounts::columns!(),
            ", ",
            columns!(),
            ", (SELECT string_agg(CAST(ug.group_id AS TEXT) || ':' || CAST(COALESCE(ug.expires_at, 0) AS TEXT), ',') \
               FROM user_groups ug \
               WHERE ug.environment_id = u.environment_id AND ug.account_id = u.account_id), \
             (SELECT string_agg(CAST(um.menu_id AS TEXT), ',' ORDER BY um.place) FROM user_menus um \
               WHERE um.environment_id = u.environment_id AND um.account_id = u.account_id)"
        )
    };
}
statements! {
    FIND = concat!("SELECT ", whole!(), " FROM users u JOIN accounts a ON a.id = u.account_id \
            WHERE u.environment_id = $1 AND u.account_id = $2");
    FIND_ALL = concat!("SELECT ", whole!(), " FROM users u JOIN accounts a ON a.id = u.account_id \
            WHERE u.environment_id = $1 AND u.account_id = ANY($2)");
    FIND_MEMBERSHIP = concat!("SELECT ", columns!(), " FROM users u WHERE u.environment_id = $1 AND u.account_id = $2");
    BY_EXTERNAL_ID = "SELECT account_id FROM users WHERE environment_id = $1 AND external_id = $2";
    /// Accepted in some environment besides this one, inactive or not: the account is shared.
    ACCEPTED_ELSEWHERE = "SELECT environment_id FROM users WHERE account_id = $2 AND environment_id <> $1 AND NOT pending LIMIT 1";
    ACCEPTED_IN = "SELECT environment_id FROM users WHERE account_id = $1 AND NOT pending LIMIT $2";
    ANYWHERE = "SELECT environment_id FROM users WHERE account_id = $1 LIMIT 1";
    /// Another administrator who can really sign in. The oldest, or an engine may take an index that has all users.
    OTHER_ADMINISTRATOR = "SELECT u.account_id FROM users u JOIN accounts a ON a.id = u.account_id \
            WHERE u.environment_id = $1 AND u.account_id <> $2 AND u.administrator AND u.active AND NOT u.pending \
            AND a.password_hash IS NOT NULL ORDER BY u.created_at, u.account_id LIMIT 1";
    INSERT = "INSERT INTO users (environment_id, account_id, name, first_name, last_name, phone, language, locale, \
              administrator, active, pending, mfa, external_id, sought, created_at, updated_at, email_folded, username_folded) \
              VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $15, \
              (SELECT COALESCE(email_folded, '') FROM accounts WHERE id = $2), \
              (SELECT COALESCE(username_folded, '') FROM accounts WHERE id = $2))";
    UPDATE = "UPDATE users SET name = $3, first_name = $4, last_name = $5, phone = $6, language = $7, locale = $8, \
              administrator = $9, active = $10, pending = $11, mfa = $12, external_id = $13, sought = $14, updated_at = $15 \
              WHERE environment_id = $1 AND account_id = $2";
    ADMINISTERS = "UPDATE users SET administrator_since = $3, administrator_by = $4 WHERE environment_id = $1 AND account_id = $2";
    ADMINISTRATOR_SINCE = "SELECT administrator_since, administrator_by FROM users WHERE environment_id = $1 AND account_id = $2";
    CLEAR_GROUPS = "DELETE FROM user_groups WHERE environment_id = $1 AND account_id = $2";
    CLEAR_MENUS = "DELETE FROM user_menus WHERE environment_id = $1 AND account_id = $2";
    CLEAR_LINKS = "DELETE FROM links WHERE environment_id = $1 AND account_id = $2";
    CLEAR_OUTBOX = "DELETE FROM outbox WHERE environment_id = $1 AND account_id = $2";
    IS_SERVICE = "UPDATE users SET service = TRUE WHERE environment_id = $1 AND account_id = $2";
    SERVICES = concat!("SELECT ", whole!(), " FROM users u JOIN accounts a ON a.id = u.account_id \
            WHERE u.environment_id = $1 AND u.service ORDER BY u.created_at, u.account_id LIMIT $2");
    SEEN = "UPDATE users SET last_seen_at = $3 WHERE environment_id = $1 AND account_id = $2";
    DELETE = "DELETE FROM users WHERE environment_id = $1 AND account_id = $2";
}

impl FromRow for Membership {
    fn from_row(row: &dyn Row) -> Result<Self> {
        read(row, 0)
    }
}

/// A user with its account and the ids of what hangs on it.
pub struct Whole {
    /// Whose.
    pub account: Account,
    /// What it is here.
    pub membership: Membership,
    /// Its own groups, in no order; those too where that has ended.
    pub groups: Vec<Holding>,
    /// Its menus, in its order.
    pub menus: Vec<MenuId>,
}

impl FromRow for Whole {
    fn from_row(row: &dyn Row) -> Result<Self> {
        let after = accounts::COLUMNS + COLUMNS;
        Ok(Whole {
            account: accounts::read(row, 0)?,
            membership: read(row, accounts::COLUMNS)?,
            groups: holdings(text(row, after)?),
            menus: parts(text(row, after + 1)?).filter_map(|id| id.parse().ok()).map(MenuId).collect(),
        })
    }
}

/// The same row, and what is to be remembered of it.
struct Remembering<T>(T, Option<Packed>);

impl<T: FromRow> FromRow for Remembering<T> {
    fn from_row(row: &dyn Row) -> Result<Self> {
        Ok(Remembering(T::from_row(row)?, Packed::of(row)?))
    }
}

/// The parts of a list that the database put together.
fn parts(list: Option<&str>) -> impl Iterator<Item = &str> {
    list.unwrap_or_default().split(',').filter(|part| !part.is_empty())
}

/// Groups, each with when it ends; 0 for never.
fn holdings(list: Option<&str>) -> Vec<Holding> {
    let holding = |part: &str| {
        let (group, end) = part.split_once(':')?;
        let end = end.parse().ok().filter(|end| *end != 0).map(Time::from_micros);
        Some(Holding { group: GroupId(group.parse().ok()?), expires_at: end })
    };
    parts(list).filter_map(holding).collect()
}

fn read(row: &dyn Row, first: usize) -> Result<Membership> {
    Ok(Membership {
        name: ShortName::from_stored(get(row, first)?),
        first_name: ShortName::from_stored(get(row, first + 1)?),
        last_name: ShortName::from_stored(get(row, first + 2)?),
        phone: Phone::from_stored(get(row, first + 3)?),
        language: unset(get(row, first + 4)?),
        locale: unset(get(row, first + 5)?),
        administrator: get(row, first + 6)?,
        active: get(row, first + 7)?,
        pending: get(row, first + 8)?,
        mfa: get(row, first + 9)?,
        external_id: get::<Option<String>>(row, first + 10)?.map(ExternalId::from_stored),
        created_at: get(row, first + 11)?,
        updated_at: get(row, first + 12)?,
    })
}

fn unset(text: String) -> Option<Locale> {
    (!text.is_empty()).then(|| Locale::from_stored(text))
}

fn spelled(locale: Option<&Locale>) -> &str {
    locale.map_or("", Locale::as_str)
}

/// A user, whole.
pub fn find(tx: &mut Tx<'_>, environment: EnvironmentId, user: UserId) -> Result<Option<Whole>> {
    remembered(tx, environment, user)
}

/// Of a user only what decides over what it may do.
pub fn access(tx: &mut Tx<'_>, environment: EnvironmentId, user: UserId) -> Result<Option<Access>> {
    remembered(tx, environment, user)
}

/// A user's row, remembered for those who only read.
fn remembered<T: FromRow>(tx: &mut Tx<'_>, environment: EnvironmentId, user: UserId) -> Result<Option<T>> {
    if !tx.only_reads() {
        return tx.find(&FIND, params![environment, user]);
    }
    if let Some(packed) = tx.recall(|memories| &memories.users, &(environment, user)) {
        return T::from_row(&packed).map(Some);
    }
    let Some(Remembering(row, packed)) = tx.find(&FIND, params![environment, user])? else { return Ok(None) };
    remember(tx, environment, user, packed);
    Ok(Some(row))
}

/// These users, whole, in this order; who is not there is left out.
pub fn find_all(tx: &mut Tx<'_>, environment: EnvironmentId, users: &[UserId]) -> Result<Vec<Whole>> {
    let mut found: HashMap<UserId, Whole> = HashMap::with_capacity(users.len());
    let mut rest: Vec<&[u8]> = Vec::new();
    for user in users {
        match tx.recall(|memories| &memories.users, &(environment, *user)).filter(|_| tx.only_reads()) {
            Some(packed) => drop(found.insert(*user, Whole::from_row(&packed)?)),
            None => rest.push(user.0.as_bytes()),
        }
    }
    if !rest.is_empty() {
        let rows: Vec<Remembering<Whole>> = tx.list(&FIND_ALL, &[environment.param(), Param::Ids(&rest)])?;
        for Remembering(whole, packed) in rows {
            remember(tx, environment, whole.account.id, packed);
            found.insert(whole.account.id, whole);
        }
    }
    Ok(users.iter().filter_map(|user| found.remove(user)).collect())
}

fn remember(tx: &Tx<'_>, environment: EnvironmentId, user: UserId, packed: Option<Packed>) {
    if let Some(packed) = packed {
        let marks = [Mark::User(environment, user), Mark::Account(user), Mark::Environment(environment)];
        tx.remember(|memories| &memories.users, (environment, user), packed, &marks);
    }
}

/// What an account is in an environment.
pub fn find_membership(tx: &mut Tx<'_>, environment: EnvironmentId, user: UserId) -> Result<Option<Membership>> {
    tx.find(&FIND_MEMBERSHIP, params![environment, user])
}

/// The user whom an outside system knows by this id.
pub fn by_external_id(tx: &mut Tx<'_>, environment: EnvironmentId, id: &ExternalId) -> Result<Option<UserId>> {
    Ok(tx.find::<(UserId,)>(&BY_EXTERNAL_ID, params![environment, id.as_str()])?.map(|row| row.0))
}

/// Whether the account is an accepted user of another environment.
pub fn accepted_elsewhere(tx: &mut Tx<'_>, environment: EnvironmentId, user: UserId) -> Result<bool> {
    Ok(tx.find::<(EnvironmentId,)>(&ACCEPTED_ELSEWHERE, params![environment, user])?.is_some())
}

/// Up to `most` environments that the account is an accepted user of, inactive or not.
pub fn accepted_in(tx: &mut Tx<'_>, user: UserId, most: i64) -> Result<Vec<EnvironmentId>> {
    Ok(tx.list::<(EnvironmentId,)>(&ACCEPTED_IN, params![user, most])?.into_iter().map(|row| row.0).collect())
}

/// Whether the account is a user of any environment.
pub fn anywhere(tx: &mut Tx<'_>, user: UserId) -> Result<bool> {
    Ok(tx.find::<(EnvironmentId,)>(&ANYWHERE, params![user])?.is_some())
}

/// Whether somebody else administers the environment and can sign in to do so.
pub fn other_administrator(tx: &mut Tx<'_>, environment: EnvironmentId, than: UserId) -> Result<bool> {
    Ok(tx.find::<(UserId,)>(&OTHER_ADMINISTRATOR, params![environment, than])?.is_some())
}

/// Writes a new user; `by`: whoever makes it.
pub fn insert(
    tx: &mut Tx<'_>,
    environment: EnvironmentId,
    account: &Account,
    m: &Membership,
    by: Option<UserId>,
) -> Result<()> {
    let sought = sought(m);
    write(tx, &INSERT, environment, account.id, m, &sought)?;
    if m.administrator {
        administers(tx, environment, account.id, Some(Given { since: Some(tx.now()), by }))?;
    }
    learn(tx, environment, account, &sought)
}

/// Writes a user as it is now, beside what it was; `by`: whoever changes it.
pub fn update(
    tx: &mut Tx<'_>,
    environment: EnvironmentId,
    account: &Account,
    (was, is): (&Membership, &Membership),
    by: Option<UserId>,
) -> Result<()> {
    past::user(tx, environment, account.id)?;
    let now = sought(is);
    write(tx, &UPDATE, environment, account.id, is, &now)?;
    if was.administrator != is.administrator {
        let given = is.administrator.then(|| Given { since: Some(tx.now()), by });
        administers(tx, environment, account.id, given)?;
    }
    if now != sought(was) { learn(tx, environment, account, &now) } else { Ok(()) }
}

/// Notes since when a user administers the environment, if it does.
fn administers(tx: &mut Tx<'_>, environment: EnvironmentId, user: UserId, given: Option<Given>) -> Result<()> {
    let (since, by) = given.map_or((None, None), |given| (given.since, given.by));
    tx.run(Mark::User(environment, user), &ADMINISTERS, params![environment, user, since, by]).map(drop)
}

/// Since when a user administers the environment, and by whose doing.
pub fn administrator_since(tx: &mut Tx<'_>, environment: EnvironmentId, user: UserId) -> Result<Option<Given>> {
    tx.find(&ADMINISTRATOR_SINCE, params![environment, user])
}

/// Has searches find a user by its account's texts and its own.
pub(super) fn learn(tx: &mut Tx<'_>, environment: EnvironmentId, account: &Account, sought: &str) -> Result<()> {
    let (email, username) = accounts::texts(account);
    let texts: Vec<&str> = sought.lines().chain(email).chain(username).collect();
    tx.session.learn(environment, account.id, &texts)
}

fn write(
    tx: &mut Tx<'_>,
    statement: &Statement,
    environment: EnvironmentId,
    user: UserId,
    m: &Membership,
    sought: &str,
) -> Result<()> {
    let now = tx.now();
    tx.run(
        Mark::User(environment, user),
        statement,
        params![
            environment,
            user,
            m.name.as_str(),
            m.first_name.as_str(),
            m.last_name.as_str(),
            m.phone.as_str(),
            spelled(m.language.as_ref()),
            spelled(m.locale.as_ref()),
            m.administrator,
            m.active,
            m.pending,
            m.mfa,
            m.external_id.as_ref().map(ExternalId::as_str),
            sought,
            now,
        ],
    )
    .map(drop)
}

/// Notes that a user is a program.
pub fn is_service(tx: &mut Tx<'_>, environment: EnvironmentId, user: UserId) -> Result<()> {
    tx.run(Mark::User(environment, user), &IS_SERVICE, params![environment, user]).map(drop)
}

/// The users who are programs, oldest first.
pub fn services(tx: &mut Tx<'_>, environment: EnvironmentId, most: i64) -> Result<Vec<Whole>> {
    tx.list(&SERVICES, params![environment, most])
}

/// Notes that its owner is here now.
pub fn seen(tx: &mut Tx<'_>, environment: EnvironmentId, user: UserId) -> Result<()> {
    let now = tx.now();
    // Nothing that is remembered shows it.
    tx.run(Mark::Nothing, &SEEN, params![environment, user, now]).map(drop)
}

/// What a search looks through. None of these texts can hold a line break.
fn sought(m: &Membership) -> String {
    fold(&[m.name.as_str(), m.first_name.as_str(), m.last_name.as_str(), m.phone.as_str()].join("\n"))
}

/// Removes a user with what hangs on it; sessions and tokens are ended before.
pub fn delete(tx: &mut Tx<'_>, environment: EnvironmentId, user: UserId) -> Result<()> {
    past::whole_user(tx, environment, user)?;
    for statement in [&CLEAR_GROUPS, &CLEAR_MENUS, &CLEAR_LINKS, &CLEAR_OUTBOX, &DELETE] {
        tx.run(Mark::User(environment, user), statement, params![environment, user])?;
    }
    Ok(())
}
