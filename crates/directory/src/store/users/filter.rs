//! What a filter of users says in SQL. Knows nothing of pages.

use crate::clock::Time;
use crate::id::{EnvironmentId, GroupId, UserId};
use crate::page::UserFilter;
use crate::store::columns::{Param, ToParam};
use crate::text::{ExternalId, fold};

/// A user is looked up in at most so many groups; most users are in fewer.
const LOOKED_UP: usize = 8;

/// A filter with what it comes to.
pub struct Wanted<'w> {
    /// Where.
    pub environment: EnvironmentId,
    /// Whom.
    pub filter: &'w UserFilter,
    /// Members of any of these; nobody in particular, where there are none.
    pub groups: Vec<GroupId>,
    /// Whoever is in one of these holds the permission, and whoever holds all.
    pub holders: Option<Vec<GroupId>>,
    /// Memberships count that have not ended by then.
    pub now: Time,
}

/// The search as the index and as `LIKE` want it.
pub(super) struct Terms {
    pub(super) folded: Option<String>,
    pub(super) pattern: Option<String>,
    pub(super) holders: Vec<i64>,
    pub(super) groups: Vec<i64>,
}

impl Terms {
    pub(super) fn of(wanted: &Wanted<'_>) -> Terms {
        let folded = wanted.filter.search.as_deref().map(fold);
        let numbers = |groups: &[GroupId]| groups.iter().map(|group| group.0).collect();
        Terms {
            pattern: folded.as_deref().map(|text| format!("%{}%", escape_like(text))),
            folded,
            holders: numbers(wanted.holders.as_deref().unwrap_or_default()),
            groups: numbers(&wanted.groups),
        }
    }
}

/// A query on its way: text with `$n`, and the values for them.
pub(super) struct Query<'q> {
    pub(super) values: Vec<Param<'q>>,
}

impl<'q> Query<'q> {
    pub(super) fn new(environment: EnvironmentId) -> Query<'q> {
        Query { values: vec![Param::Integer(environment.0)] }
    }

    pub(super) fn value(&mut self, value: Param<'q>) -> String {
        self.values.push(value);
        format!("${}", self.values.len())
    }

    /// That a user is in one of these groups. What has ended may not be swept up yet.
    fn member(&mut self, wanted: &Wanted<'_>, groups: &'q [i64]) -> String {
        // In one of a few groups is looked up; of many, it is cheaper to go through the user's own.
        let group = if groups.len() > LOOKED_UP { "ug.group_id + 0" } else { "ug.group_id" };
        let (groups, now) = (self.value(Param::Integers(groups)), self.value(Param::Integer(wanted.now.as_micros())));
        format!(
            "EXISTS (SELECT 1 FROM user_groups ug WHERE ug.environment_id = $1 AND ug.account_id = u.account_id \
             AND {group} = ANY({groups}) AND (ug.expires_at IS NULL OR ug.expires_at > {now}))"
        )
    }

    /// What every user of the list is, `u` with its account `a`.
    pub(super) fn conditions(&mut self, wanted: &'q Wanted<'_>, terms: &'q Terms) -> Vec<String> {
        let UserFilter { email, external_id, created_after, created_before, seen_after, seen_before, .. } =
            wanted.filter;
        let mut conditions = vec!["u.environment_id = $1".to_owned()];
        if let Some(pattern) = &terms.pattern {
            let n = self.value(Param::Text(pattern));
            let columns = ["u.sought", "u.email_folded", "u.username_folded"];
            let any: Vec<String> = columns.iter().map(|column| format!("{column} LIKE {n} ESCAPE '\\'")).collect();
            conditions.push(format!("({})", any.join(" OR ")));
        }
        if let Some(email) = email {
            conditions.push(format!("a.email_folded = {}", self.value(Param::Text(email.folded()))));
        }
        if let Some(id) = external_id.as_ref().map(ExternalId::as_str) {
            conditions.push(format!("u.external_id = {}", self.value(Param::Text(id))));
        }
        if !terms.groups.is_empty() {
            conditions.push(self.member(wanted, &terms.groups));
        }
        if wanted.holders.is_some() {
            let member = self.member(wanted, &terms.holders);
            conditions.push(format!("(u.administrator OR a.operator OR {member})"));
        }
        for (column, sign, bound) in [
            ("u.created_at", ">", created_after),
            ("u.created_at", "<", created_before),
            ("u.last_seen_at", ">", seen_after),
            ("u.last_seen_at", "<", seen_before),
        ] {
            if let Some(bound) = bound {
                conditions.push(format!("{column} {sign} {}", self.value(bound.param())));
            }
        }
        conditions.push(format!("TRUE{}{}", rare(wanted.filter), common(wanted.filter)));
        conditions
    }
}

/// Conditions that few users meet, for which there are indices: as constants, or the engines would not see so.
pub(super) fn rare(filter: &UserFilter) -> String {
    let rare = [(filter.active == Some(false), "NOT u.active"), (filter.pending == Some(true), "u.pending")];
    let rare = rare.into_iter().chain([(filter.administrator == Some(true), "u.administrator")]);
    rare.filter(|(asked, _)| *asked).map(|(_, condition)| format!(" AND {condition}")).collect()
}

/// Their opposites.
fn common(filter: &UserFilter) -> String {
    let common = [(filter.active == Some(true), "u.active"), (filter.pending == Some(false), "NOT u.pending")];
    let common = common.into_iter().chain([(filter.administrator == Some(false), "NOT u.administrator")]);
    common.filter(|(asked, _)| *asked).map(|(_, condition)| format!(" AND {condition}")).collect()
}

pub(super) fn bytes(users: &[UserId]) -> Vec<&[u8]> {
    users.iter().map(|user| user.0.as_bytes().as_slice()).collect()
}

/// `%`, `_` and the escape itself are taken literally.
fn escape_like(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if matches!(c, '%' | '_' | '\\') {
            out.push('\\');
        }
        out.push(c);
    }
    out
}
