//! Who may have held something at a time: whoever was in certain groups, administered the environment, or managed the system.
//! In order of when they came to be here. Whether one did then is for the caller to see.

use crate::clock::Time;
use crate::error::Result;
use crate::id::{EnvironmentId, GroupId, UserId};
use crate::store::Tx;
use crate::store::columns::{Param, ToParam};
use crate::store::statement::Statement;

/// More groups than this are read at once, not one beside the other.
const ARMS: usize = 16;

/// Whom to look for.
pub(crate) struct Sought<'s> {
    pub(crate) environment: EnvironmentId,
    /// Whose members.
    pub(crate) groups: &'s [GroupId],
    /// As of when.
    pub(crate) at: Time,
    /// Beyond whom: when they came to be here, and who they are.
    pub(crate) after: Option<(Time, UserId)>,
    pub(crate) most: i64,
}

/// Up to so many of them, each once for each time it came to be here.
pub(crate) fn list(tx: &mut Tx<'_>, sought: &Sought<'_>) -> Result<Vec<(UserId, Time)>> {
    let groups: Vec<i64> = sought.groups.iter().map(|group| group.0).collect();
    let mut values = vec![sought.environment.param(), sought.at.param(), Param::Integer(sought.most)];
    let mut value = |value| {
        values.push(value);
        format!("${}", values.len())
    };
    let beyond = sought.after.as_ref().map(|(age, id)| (value(age.param()), value(id.param())));
    // Distinct before it is limited: somebody who has changed often is there as often, and would hide all others.
    let arm = |n: usize, table: &str, age: &str, which: &str| {
        let beyond = beyond.as_ref().map(|(last, id)| format!(" AND ({age}, x.account_id) > ({last}, {id})"));
        format!(
            "SELECT id, age FROM (SELECT DISTINCT {age} AS age, x.account_id AS id FROM {table} x \
             WHERE x.environment_id = $1 AND {which}{} ORDER BY age, id LIMIT $3) a{n}",
            beyond.unwrap_or_default()
        )
    };
    let mut arms = Vec::new();
    let of_groups: Vec<String> = match groups.len() > ARMS {
        true => vec![format!("= ANY({})", value(Param::Integers(&groups)))],
        false => groups.iter().map(|group| format!("= {}", value(Param::Integer(*group)))).collect(),
    };
    for which in of_groups {
        let held = format!("x.group_id {which} AND COALESCE(x.since, 0) <= $2");
        arms.push(arm(arms.len(), "user_groups", "x.user_created_at", &held));
        arms.push(arm(arms.len(), "user_groups_past", "x.user_created_at", &format!("{held} AND x.until > $2")));
    }
    for flag in ["administrator", "operator"] {
        let past = format!("x.{flag} AND x.created_at <= $2 AND x.until > $2");
        arms.push(arm(arms.len(), "users_past", "x.created_at", &past));
    }
    arms.push(arm(arms.len(), "users", "x.created_at", "x.administrator AND x.created_at <= $2"));
    let operators = "(SELECT u.environment_id, u.account_id, u.created_at FROM accounts o CROSS JOIN users u \
                     WHERE u.account_id = o.id AND o.operator)";
    arms.push(arm(arms.len(), operators, "x.created_at", "x.created_at <= $2"));
    let sql = format!("SELECT id, age FROM ({}) x ORDER BY age, id LIMIT $3", arms.join(" UNION "));
    tx.list(&Statement::rendered(sql), &values)
}
