//! Chained audit events in the database: along their chain, and newest first for whoever asks about some of them.

use super::chain::{COLUMNS, columns, event};
use crate::audit::{AuditFilter, Told, VerbFilter};
use crate::clock::Time;
use crate::error::Result;
use crate::store::Tx;
use crate::store::columns::{FromRow, Param, Row, ToParam, get, params};
use crate::store::statement::{Statement, statements};

statements! {
    AFTER = concat!("SELECT ", columns!(), ", sequence, hash FROM audit_events \
                     WHERE chain = $1 AND sequence > $2 ORDER BY sequence LIMIT $3");
    CHAINS = "SELECT chain FROM audit_heads WHERE chain > $1 ORDER BY chain LIMIT $2";
    /// For the command line alone: it counts.
    WAITING = "SELECT COUNT(*) FROM audit_events WHERE chain IS NULL";
    /// Jumps from each verb to the next one, of which there are some dozens.
    VERBS = "WITH RECURSIVE verbs (verb) AS (SELECT MIN(verb) FROM audit_events WHERE chain = $1 UNION ALL \
             SELECT (SELECT MIN(e.verb) FROM audit_events e WHERE e.chain = $1 AND e.verb > verbs.verb) \
             FROM verbs WHERE verbs.verb IS NOT NULL) SELECT verb FROM verbs WHERE verb IS NOT NULL";
}

impl FromRow for Told {
    fn from_row(row: &dyn Row) -> Result<Self> {
        Ok(Told { event: event(row)?, sequence: get(row, COLUMNS)?, hash: get(row, COLUMNS + 1)? })
    }
}

/// Up to `most` events of a chain after this one, in its order.
pub fn after(tx: &mut Tx<'_>, chain: i64, sequence: i64, most: i64) -> Result<Vec<Told>> {
    tx.list(&AFTER, params![chain, sequence, most])
}

/// Up to `most` chains after this one; the system's is 0.
pub fn chains(tx: &mut Tx<'_>, after: i64, most: i64) -> Result<Vec<i64>> {
    Ok(tx.list::<(i64,)>(&CHAINS, params![after, most])?.into_iter().map(|(chain,)| chain).collect())
}

/// How many events wait to be chained.
pub fn waiting(tx: &mut Tx<'_>) -> Result<i64> {
    Ok(tx.get::<(i64,)>(&WAITING, params![])?.0)
}

/// Up to `most` of a chain's events that pass the filter, newest first; before this moment and place, if one is given.
pub fn list(
    tx: &mut Tx<'_>,
    chain: i64,
    filter: &AuditFilter,
    before: Option<(Time, i64)>,
    most: i64,
) -> Result<Vec<Told>> {
    let narrowed = filter.actor.is_some() || filter.subject.is_some() || filter.request.is_some();
    let wanted = match &filter.verb {
        // Few events are left by what else is asked: of those it is looked at.
        Some(VerbFilter::Under(_)) if narrowed => vec![None],
        Some(VerbFilter::Under(family)) => {
            verbs(tx, chain)?.into_iter().filter(|verb| verb.starts_with(family)).map(Some).collect()
        }
        Some(VerbFilter::Is(verb)) => vec![Some(verb.clone())],
        None => vec![None],
    };
    // Each verb of a family has its own stretch of the index: the newest of all are among the newest of each.
    let mut found = Vec::new();
    for verb in &wanted {
        found.extend(stretch(tx, chain, filter, verb.as_deref(), before, most)?);
    }
    if wanted.len() > 1 {
        found.sort_by_key(|told: &Told| std::cmp::Reverse((told.event.at, told.sequence)));
        found.truncate(usize::try_from(most).unwrap_or(usize::MAX));
    }
    Ok(found)
}

/// Each verb of a chain once, in the order of the alphabet.
pub fn verbs(tx: &mut Tx<'_>, chain: i64) -> Result<Vec<String>> {
    Ok(tx.list::<(String,)>(&VERBS, params![chain])?.into_iter().map(|(verb,)| verb).collect())
}

/// The events with one verb, or with any.
fn stretch(
    tx: &mut Tx<'_>,
    chain: i64,
    filter: &AuditFilter,
    verb: Option<&str>,
    before: Option<(Time, i64)>,
    most: i64,
) -> Result<Vec<Told>> {
    let mut values: Vec<Param<'_>> = vec![Param::Integer(chain)];
    let mut conditions = vec!["chain = $1".to_owned()];
    let family = match (&filter.verb, verb) {
        (Some(VerbFilter::Under(family)), None) => Some(format!("{}%", family.replace('_', "\\_"))),
        _ => None,
    };
    let given = [
        ("actor = ", filter.actor.as_ref().map(ToParam::param)),
        ("subject = ", filter.subject.as_ref().map(ToParam::param)),
        ("request = ", filter.request.as_ref().map(ToParam::param)),
        ("verb = ", verb.map(Param::Text)),
        ("verb LIKE ", family.as_deref().map(Param::Text)),
        ("at > ", filter.after.as_ref().map(ToParam::param)),
        ("at < ", filter.before.as_ref().map(ToParam::param)),
    ];
    for (condition, value) in given {
        if let Some(value) = value {
            values.push(value);
            let escape = if condition.ends_with("LIKE ") { " ESCAPE '\\'" } else { "" };
            conditions.push(format!("{condition}${}{escape}", values.len()));
        }
    }
    if let Some((at, sequence)) = before {
        values.extend([Param::Integer(at.as_micros()), Param::Integer(sequence)]);
        conditions.push(format!("(at, sequence) < (${}, ${})", values.len() - 1, values.len()));
    }
    values.push(Param::Integer(most));
    let sql = format!(
        concat!(
            "SELECT ",
            columns!(),
            ", sequence, hash FROM audit_events WHERE {} ORDER BY at DESC, sequence DESC LIMIT ${}"
        ),
        conditions.join(" AND "),
        values.len()
    );
    tx.list(&Statement::rendered(sql), &values)
}
