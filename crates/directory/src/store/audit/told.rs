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
    /// The same of an actor's.
    VERBS_OF = "WITH RECURSIVE verbs (verb) AS (SELECT MIN(verb) FROM audit_events WHERE chain = $1 AND actor = $2 UNION ALL \
                SELECT (SELECT MIN(e.verb) FROM audit_events e WHERE e.chain = $1 AND e.actor = $2 AND e.verb > verbs.verb) \
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
    // Each verb has its own stretch of the index: the newest of all are among the newest of each.
    let mut found: Vec<Told> = Vec::new();
    for verb in verbs(tx, chain, filter)? {
        let full = usize::try_from(most).ok().and_then(|most| most.checked_sub(1)).and_then(|last| found.get(last));
        let behind = full.map(|last| (last.event.at, last.sequence));
        found.extend(stretch(tx, chain, filter, verb.as_deref(), Between { behind, before }, most)?);
        found.sort_by_key(|told| std::cmp::Reverse((told.event.at, told.sequence)));
        found.truncate(usize::try_from(most).unwrap_or(usize::MAX));
    }
    Ok(found)
}

/// The verbs to look for one by one; one that is none: at all of them at once.
fn verbs(tx: &mut Tx<'_>, chain: i64, filter: &AuditFilter) -> Result<Vec<Option<String>>> {
    // Few events are left by these: of those it is looked at.
    let narrowed = filter.subject.is_some() || filter.request.is_some();
    let verbs: Vec<(String,)> = match (&filter.verb, &filter.actor) {
        (Some(VerbFilter::Is(verb)), _) => return Ok(vec![Some(verb.clone())]),
        _ if narrowed => return Ok(vec![None]),
        (_, Some(actor)) => tx.list(&VERBS_OF, params![chain, actor])?,
        (Some(VerbFilter::Under(_)), None) => tx.list(&VERBS, params![chain])?,
        (None, None) => return Ok(vec![None]),
    };
    let wanted = |verb: &String| match &filter.verb {
        Some(VerbFilter::Under(family)) => verb.starts_with(family),
        _ => true,
    };
    Ok(verbs.into_iter().map(|(verb,)| verb).filter(wanted).map(Some).collect())
}

/// Moments and places, without these themselves.
struct Between {
    behind: Option<(Time, i64)>,
    before: Option<(Time, i64)>,
}

/// The events with one verb, or with any.
fn stretch(
    tx: &mut Tx<'_>,
    chain: i64,
    filter: &AuditFilter,
    verb: Option<&str>,
    between: Between,
    most: i64,
) -> Result<Vec<Told>> {
    let mut values: Vec<Param<'_>> = vec![Param::Integer(chain)];
    let mut conditions = vec!["chain = $1".to_owned()];
    let family = match (&filter.verb, verb) {
        (Some(VerbFilter::Under(family)), None) => Some(format!("{}%", family.replace('_', "\\_"))),
        _ => None,
    };
    // The request leaves fewest, then the subject: no index is to be chosen for what else is asked. Within an expression a
    // column has none.
    let (by_request, by_subject) = (filter.request.is_some(), filter.subject.is_some());
    let subject = if by_request { "COALESCE(subject, subject) = " } else { "subject = " };
    let hidden = by_request || by_subject;
    let actor = if hidden { "COALESCE(actor, actor) = " } else { "actor = " };
    let exactly = if hidden { "COALESCE(verb, verb) = " } else { "verb = " };
    let given = [
        (actor, filter.actor.as_ref().map(ToParam::param)),
        (subject, filter.subject.as_ref().map(ToParam::param)),
        ("request = ", filter.request.as_ref().map(ToParam::param)),
        (exactly, verb.map(Param::Text)),
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
    if values.len() == 1 + usize::from(filter.after.is_some()) + usize::from(filter.before.is_some()) {
        // Opens the index by time, which is no help to whoever asks for more.
        conditions.push("sequence IS NOT NULL".to_owned());
    }
    for (than, end) in [("<", between.before), (">", between.behind)] {
        if let Some((at, sequence)) = end {
            values.extend([Param::Integer(at.as_micros()), Param::Integer(sequence)]);
            conditions.push(format!("(at, sequence) {than} (${}, ${})", values.len() - 1, values.len()));
        }
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
