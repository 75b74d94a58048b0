//! What was: rows as they stood until a moment, put beside those that are by whatever changes them, before it does so and in
//! the same transaction. Answers of the past are read in the files below. Knows nothing of who asks.
//!
//! What the past is not asked for is not kept: labels, items of menus, what groups bring of them, policies.
//!
//! Two changes at one time are one: of what stood between them nothing was ever to be seen, so the first row stays.

pub(crate) mod holders;
pub(crate) mod roles;
pub(crate) mod users;

use super::Tx;
use super::columns::{Param, params};
use super::memory::Mark;
use super::statement::{Statement, statements};
use crate::clock::Time;
use crate::error::Result;
use crate::id::{EnvironmentId, GroupId, MenuId, PermissionId, UserId};

/// Users with their accounts; what follows says which. Where a change waited for one that began later, what stood between
/// the two is passed over: it would hide what was before both.
macro_rules! keep_users {
    ($which:literal) => {
        concat!(
            "INSERT INTO users_past (environment_id, account_id, until, email, username, reset_password, \
             reset_second_factor, operator, service, name, first_name, last_name, phone, language, locale, administrator, \
             active, pending, mfa, external_id, created_at, updated_at, administrator_since, administrator_by) \
             SELECT u.environment_id, u.account_id, CAST($1 AS BIGINT), a.email, a.username, a.reset_password, a.reset_second_factor, \
             a.operator, a.service, u.name, u.first_name, u.last_name, u.phone, u.language, u.locale, u.administrator, \
             u.active, u.pending, u.mfa, u.external_id, u.created_at, u.updated_at, u.administrator_since, u.administrator_by \
             FROM users u JOIN accounts a ON a.id = u.account_id WHERE ",
            $which,
            " AND NOT EXISTS (SELECT 1 FROM users_past p WHERE p.environment_id = u.environment_id \
             AND p.account_id = u.account_id AND p.until >= $1)"
        )
    };
}

/// Rows of a table that has the same columns in the past, and beside them `until`. The first columns are its key.
macro_rules! keep {
    ($table:literal, $key:literal, $rest:literal, $which:literal) => {
        concat!(
            "INSERT INTO ",
            $table,
            "_past (",
            $key,
            ", until, ",
            $rest,
            ") SELECT ",
            $key,
            ", CAST($1 AS BIGINT), ",
            $rest,
            " FROM ",
            $table,
            " WHERE ",
            $which,
            " ON CONFLICT (",
            $key,
            ", until) DO NOTHING"
        )
    };
}

macro_rules! keep_user_groups {
    ($which:literal) => {
        keep!(
            "user_groups",
            "environment_id, account_id, group_id",
            "since, given_by, expires_at, user_created_at",
            $which
        )
    };
}

macro_rules! keep_user_menus {
    ($which:literal) => {
        keep!("user_menus", "environment_id, account_id, menu_id", "since, place", $which)
    };
}

macro_rules! keep_group_permissions {
    ($which:literal) => {
        keep!("group_permissions", "environment_id, group_id, permission_id", "since, given_by", $which)
    };
}

macro_rules! keep_group_contains {
    ($which:literal) => {
        keep!("group_contains", "environment_id, group_id, contained_id", "since, given_by", $which)
    };
}

statements! {
    USER = keep_users!("u.environment_id = $2 AND u.account_id = $3");
    USERS_OF_ACCOUNT = keep_users!("u.account_id = $2");
    MEMBERSHIP = keep_user_groups!("environment_id = $2 AND account_id = $3 AND group_id = $4");
    ENDED_MEMBERSHIP = keep_user_groups!("environment_id = $2 AND account_id = $3 AND group_id = $4 AND expires_at <= $1");
    MEMBERSHIPS_OF_USER = keep_user_groups!("environment_id = $2 AND account_id = $3");
    MEMBERSHIPS_OF_GROUP = keep_user_groups!("environment_id = $2 AND group_id = $3");
    MENUS_OF_USER = keep_user_menus!("environment_id = $2 AND account_id = $3");
    USERS_OF_MENU = keep_user_menus!("environment_id = $2 AND menu_id = $3");
    ENVIRONMENT = "INSERT INTO environments_past (environment_id, until, key, name) \
                   SELECT id, CAST($1 AS BIGINT), key, name FROM environments WHERE id = $2 ON CONFLICT (environment_id, until) DO NOTHING";
    PERMISSION = keep!("permissions", "environment_id, id", "since, codename", "environment_id = $2 AND id = $3");
    MENU = keep!("menus", "environment_id, id", "since, name", "environment_id = $2 AND id = $3");
    GROUP = "INSERT INTO groups_past (environment_id, id, until, since, name) \
             SELECT environment_id, id, CAST($1 AS BIGINT), updated_at, name FROM groups \
             WHERE environment_id = $2 AND id = $3 ON CONFLICT (environment_id, id, until) DO NOTHING";
    GROUP_PERMISSION = keep_group_permissions!("environment_id = $2 AND group_id = $3 AND permission_id = $4");
    PERMISSIONS_OF_GROUP = keep_group_permissions!("environment_id = $2 AND group_id = $3");
    GROUPS_OF_PERMISSION = keep_group_permissions!("environment_id = $2 AND permission_id = $3");
    CONTAINED = keep_group_contains!("environment_id = $2 AND group_id = $3 AND contained_id = $4");
    NESTING_OF_GROUP = keep_group_contains!("environment_id = $2 AND (group_id = $3 OR contained_id = $3)");
    ROLES_CHANGE = "INSERT INTO role_changes (environment_id, at) VALUES ($2, $1) ON CONFLICT (environment_id, at) DO NOTHING";

    /// What is a person's, in every environment; what it could do stays.
    BLANK = "UPDATE users_past SET email = NULL, username = NULL, name = '', first_name = '', last_name = '', phone = '', \
             language = '', locale = '', external_id = NULL WHERE account_id = $1";
    FORGET_CHANGES = "DELETE FROM role_changes WHERE environment_id = $1";
    BEGINS = "UPDATE environments SET past_since = $2 WHERE id = $1";
}

/// What an environment no longer keeps of its past, or has no more of; `$2`: what ended by then.
macro_rules! forget {
    ($($name:ident: $table:literal),* $(,)?) => {
        mod forgetting {
            use super::statements;
            statements! { $($name = concat!("DELETE FROM ", $table, " WHERE environment_id = $1 AND until <= $2");)* }
            /// One for each table.
            pub(super) const ALL: &[&super::Statement] = &[$(&$name),*];
        }
    };
}

forget! {
    USERS: "users_past",
    USER_GROUPS: "user_groups_past",
    USER_MENUS: "user_menus_past",
    ENVIRONMENTS: "environments_past",
    PERMISSIONS: "permissions_past",
    GROUPS: "groups_past",
    MENUS: "menus_past",
    GROUP_PERMISSIONS: "group_permissions_past",
    GROUP_CONTAINS: "group_contains_past",
}
pub(super) use forgetting::STATEMENTS as FORGETTING;

/// Puts rows aside as they stand.
fn keep(tx: &mut Tx<'_>, statement: &'static Statement, which: &[Param<'_>]) -> Result<()> {
    let now = tx.now();
    let mut values = vec![Param::Integer(now.as_micros())];
    values.extend_from_slice(which);
    // Nothing that is remembered shows it.
    tx.run(Mark::Nothing, statement, &values).map(drop)
}

/// A user's columns are about to change, or to go.
pub(super) fn user(tx: &mut Tx<'_>, environment: EnvironmentId, user: UserId) -> Result<()> {
    keep(tx, &USER, params![environment, user])
}

/// What users show of their account is about to change.
pub(super) fn users_of_account(tx: &mut Tx<'_>, account: UserId) -> Result<()> {
    keep(tx, &USERS_OF_ACCOUNT, params![account])
}

/// A user's membership of a group, if there is one, is about to end, or to be another.
pub(super) fn membership(tx: &mut Tx<'_>, environment: EnvironmentId, user: UserId, group: GroupId) -> Result<()> {
    keep(tx, &MEMBERSHIP, params![environment, user, group])
}

/// A user's membership of a group is about to go, if it has ended.
pub(super) fn ended_membership(
    tx: &mut Tx<'_>,
    environment: EnvironmentId,
    user: UserId,
    group: GroupId,
) -> Result<()> {
    keep(tx, &ENDED_MEMBERSHIP, params![environment, user, group])
}

/// A user is about to go, with all that hangs on it.
pub(super) fn whole_user(tx: &mut Tx<'_>, environment: EnvironmentId, id: UserId) -> Result<()> {
    for statement in [&USER, &MEMBERSHIPS_OF_USER, &MENUS_OF_USER] {
        keep(tx, statement, params![environment, id])?;
    }
    Ok(())
}

/// A user's own menus are about to change.
pub(super) fn menus_of_user(tx: &mut Tx<'_>, environment: EnvironmentId, user: UserId) -> Result<()> {
    keep(tx, &MENUS_OF_USER, params![environment, user])
}

/// An environment's key or name is about to change.
pub(super) fn environment(tx: &mut Tx<'_>, environment: EnvironmentId) -> Result<()> {
    keep(tx, &ENVIRONMENT, params![environment])?;
    roles_change(tx, environment)
}

/// A permission's codename is about to change.
pub(super) fn permission(tx: &mut Tx<'_>, environment: EnvironmentId, id: PermissionId) -> Result<()> {
    keep(tx, &PERMISSION, params![environment, id])?;
    roles_change(tx, environment)
}

/// A permission is about to go, from groups too.
pub(super) fn whole_permission(tx: &mut Tx<'_>, environment: EnvironmentId, id: PermissionId) -> Result<()> {
    keep(tx, &GROUPS_OF_PERMISSION, params![environment, id])?;
    permission(tx, environment, id)
}

/// A menu's name is about to change.
pub(super) fn menu(tx: &mut Tx<'_>, environment: EnvironmentId, id: MenuId) -> Result<()> {
    keep(tx, &MENU, params![environment, id])?;
    roles_change(tx, environment)
}

/// A menu is about to go, from users too.
pub(super) fn whole_menu(tx: &mut Tx<'_>, environment: EnvironmentId, id: MenuId) -> Result<()> {
    keep(tx, &USERS_OF_MENU, params![environment, id])?;
    menu(tx, environment, id)
}

/// A group's own columns are about to change.
pub(super) fn group(tx: &mut Tx<'_>, environment: EnvironmentId, id: GroupId) -> Result<()> {
    keep(tx, &GROUP, params![environment, id])?;
    roles_change(tx, environment)
}

/// A group is about to lose a permission.
pub(super) fn group_permission(
    tx: &mut Tx<'_>,
    environment: EnvironmentId,
    group: GroupId,
    permission: PermissionId,
) -> Result<()> {
    keep(tx, &GROUP_PERMISSION, params![environment, group, permission])
}

/// A group is about to no longer contain another.
pub(super) fn contained(tx: &mut Tx<'_>, environment: EnvironmentId, group: GroupId, contained: GroupId) -> Result<()> {
    keep(tx, &CONTAINED, params![environment, group, contained])
}

/// A group is about to go, with all that hangs on it.
pub(super) fn whole_group(tx: &mut Tx<'_>, environment: EnvironmentId, id: GroupId) -> Result<()> {
    for statement in [&MEMBERSHIPS_OF_GROUP, &PERMISSIONS_OF_GROUP, &NESTING_OF_GROUP] {
        keep(tx, statement, params![environment, id])?;
    }
    group(tx, environment, id)
}

/// What groups are and confer is another from now on.
pub(super) fn roles_change(tx: &mut Tx<'_>, environment: EnvironmentId) -> Result<()> {
    keep(tx, &ROLES_CHANGE, params![environment])
}

/// Takes what is a person's out of the past.
pub(crate) fn erase(tx: &mut Tx<'_>, account: UserId) -> Result<()> {
    tx.run(Mark::Nothing, &BLANK, params![account]).map(drop)
}

/// Forgets what ended by then: from then on the past is known.
pub(crate) fn forget(tx: &mut Tx<'_>, environment: EnvironmentId, until: Time) -> Result<()> {
    for statement in forgetting::ALL {
        tx.run(Mark::Nothing, statement, params![environment, until])?;
    }
    tx.run(Mark::Environment(environment), &BEGINS, params![environment, until]).map(drop)
}

/// The environment is about to go.
pub(super) fn forget_all(tx: &mut Tx<'_>, environment: EnvironmentId) -> Result<()> {
    for statement in forgetting::ALL {
        tx.run(Mark::Nothing, statement, params![environment, Time::from_micros(i64::MAX)])?;
    }
    tx.run(Mark::Nothing, &FORGET_CHANGES, params![environment]).map(drop)
}
