//! Who is in which group, in the database.

use crate::clock::Time;
use crate::error::Result;
use crate::groups::{Given, Holding};
use crate::id::{EnvironmentId, GroupId, UserId};
use crate::store::columns::{Param, ToParam, params};
use crate::store::memory::Mark;
use crate::store::statement::{Statement, statements};
use crate::store::{Tx, past};

/// As many groups are asked about at once.
const AT_ONCE: usize = 16;

statements! {
    /// A membership that has ended may still be there.
    GIVE_USER = "INSERT INTO user_groups (environment_id, account_id, group_id, expires_at, since, given_by, user_created_at) \
                VALUES ($1, $2, $3, $4, $5, $6, \
                (SELECT created_at FROM users WHERE environment_id = $1 AND account_id = $2)) ON CONFLICT (environment_id, account_id, group_id) DO UPDATE \
                SET expires_at = excluded.expires_at, since = excluded.since, given_by = excluded.given_by";
    USER_SINCE = "SELECT since, given_by FROM user_groups WHERE environment_id = $1 AND account_id = $2 AND group_id = $3";
    OF_USER = "SELECT group_id, expires_at FROM user_groups WHERE environment_id = $1 AND account_id = $2 ORDER BY group_id";
    ENDED = "SELECT environment_id, account_id, group_id FROM user_groups WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2";
    END = "DELETE FROM user_groups WHERE environment_id = $1 AND account_id = $2 AND group_id = $3 AND expires_at <= $4";
    MEMBERS = "SELECT user_created_at, account_id FROM user_groups WHERE environment_id = $1 AND group_id = $2 \
               AND (user_created_at, account_id) > ($3, $4) ORDER BY user_created_at, account_id LIMIT $5";
    REMOVE_USER = "DELETE FROM user_groups WHERE environment_id = $1 AND account_id = $2 AND group_id = $3";
}

/// Since when a user is in a group itself, and by whose doing.
pub fn user_since(tx: &mut Tx<'_>, environment: EnvironmentId, user: UserId, group: GroupId) -> Result<Option<Given>> {
    tx.find(&USER_SINCE, params![environment, user, group])
}

/// The groups that a user is in itself, in order of their ids; those that have ended too.
pub fn of_user(tx: &mut Tx<'_>, environment: EnvironmentId, user: UserId) -> Result<Vec<Holding>> {
    let rows = tx.list::<(GroupId, Option<Time>)>(&OF_USER, params![environment, user])?;
    Ok(rows.into_iter().map(|(group, expires_at)| Holding { group, expires_at }).collect())
}

/// Some of those who are in a group themselves, who came later than this one, in that order; also where that has ended.
pub fn members(
    tx: &mut Tx<'_>,
    environment: EnvironmentId,
    group: GroupId,
    (age, last): (Time, UserId),
    limit: i64,
) -> Result<Vec<(Time, UserId)>> {
    tx.list(&MEMBERS, params![environment, group, age, last, limit])
}

/// Some of those who are in any of these groups themselves, once for each that they are in; also where that has ended.
///
/// Group by group, several at once: asked for all of them in one list, an engine may go through everybody's groups instead.
pub fn members_of_any(tx: &mut Tx<'_>, environment: EnvironmentId, groups: &[i64], limit: i64) -> Result<Vec<UserId>> {
    let mut members = Vec::new();
    for some in groups.chunks(AT_ONCE) {
        let rest = limit - members.len() as i64;
        if rest <= 0 {
            break;
        }
        let one = |n: usize| {
            format!(
                "SELECT account_id FROM (SELECT account_id FROM user_groups WHERE environment_id = $1 AND group_id = ${} \
                 ORDER BY user_created_at, account_id LIMIT $2) g{n}",
                n + 3
            )
        };
        let all: Vec<String> = (0..some.len()).map(one).collect();
        let sql = format!("SELECT account_id FROM ({}) several LIMIT $2", all.join(" UNION ALL "));
        let mut values = vec![environment.param(), Param::Integer(rest)];
        values.extend(some.iter().map(|group| Param::Integer(*group)));
        let rows: Vec<(UserId,)> = tx.list(&Statement::rendered(sql), &values)?;
        members.extend(rows.into_iter().map(|row| row.0));
    }
    Ok(members)
}

/// Up to `limit` memberships that ended by this time.
pub fn ended(tx: &mut Tx<'_>, by: Time, limit: i64) -> Result<Vec<(EnvironmentId, UserId, GroupId)>> {
    tx.list(&ENDED, params![by, limit])
}

/// Takes a user out of a group if that has ended by this time; whether it had.
pub fn end(tx: &mut Tx<'_>, environment: EnvironmentId, user: UserId, group: GroupId, by: Time) -> Result<bool> {
    past::ended_membership(tx, environment, user, group)?;
    Ok(tx.run(Mark::User(environment, user), &END, params![environment, user, group, by])? == 1)
}

/// Puts a user into a group, or has it be there in another way.
pub fn add_user(
    tx: &mut Tx<'_>,
    environment: EnvironmentId,
    user: UserId,
    holding: Holding,
    given: Given,
) -> Result<()> {
    past::membership(tx, environment, user, holding.group)?;
    give_user(tx, environment, user, holding, given)
}

/// Puts a user into a group who never was in one.
pub fn give_user(
    tx: &mut Tx<'_>,
    environment: EnvironmentId,
    user: UserId,
    Holding { group, expires_at }: Holding,
    given: Given,
) -> Result<()> {
    let values = params![environment, user, group, expires_at, given.since, given.by];
    tx.run(Mark::User(environment, user), &GIVE_USER, values).map(drop)
}

/// Takes a user out of a group.
pub fn remove_user(tx: &mut Tx<'_>, environment: EnvironmentId, user: UserId, group: GroupId) -> Result<()> {
    past::membership(tx, environment, user, group)?;
    tx.run(Mark::User(environment, user), &REMOVE_USER, params![environment, user, group]).map(drop)
}
