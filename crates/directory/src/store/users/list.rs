//! Pages of users. Whatever is asked, a page is to be found in a few milliseconds among a million users: by walking a stretch
//! of the order, which finds what many users have; by an index, which finds what few have; and only then by walking on.

use super::Whole;
use super::filter::{Query, Terms, Wanted, bytes, rare};
use crate::error::Result;
use crate::id::UserId;
use crate::page::{self, Direction, OrderBy, UserFilter, UserPage};
use crate::store::Tx;
use crate::store::columns::{Param, ToParam};
use crate::store::groups;
use crate::store::search::{Found, Seek};
use crate::store::statement::Statement;

/// A page is walked first where hardly anybody on the way is left out: a group's own users.
const AT_ONCE: i64 = 1;
/// So many times the page else: that is a page of what every fourth user has.
const NEAR: i64 = 4;
/// So many before an index is asked that must gather all that it has, if as many as were met near by would fill the page: one
/// user is passed in less time than looking up one takes, and the walk ends where the page is full.
const FAR: i64 = 100;
/// So many times the page are few enough to be looked at one by one.
const FEW: i64 = 20;
/// `CROSS`: the few operators first.
const OPERATORS: &str =
    "accounts o CROSS JOIN users u WHERE u.account_id = o.id AND u.environment_id = $1 AND o.operator";
/// Lists of more groups than this are walked all at once, not one beside the other.
const ARMS: usize = 16;

/// One page of the users that pass the filter, in order, from just beyond the cursor; one more than the limit, if
/// there is one, so that the caller can tell whether the list goes on.
///
/// First who they are, then what they look like: most of them may be remembered.
pub fn list(tx: &mut Tx<'_>, wanted: &Wanted<'_>, page: &UserPage) -> Result<Vec<Whole>> {
    let list = List { terms: Terms::of(wanted), wanted, page };
    let mut users = list.find(tx)?;
    if page.cursor.as_ref().is_some_and(|cursor| cursor.direction == Direction::Backward) {
        users.reverse();
    }
    super::find_all(tx, wanted.environment, &users)
}

/// How many users pass the filter, as far as `most`.
pub fn count(tx: &mut Tx<'_>, wanted: &Wanted<'_>, most: i64) -> Result<i64> {
    let terms = Terms::of(wanted);
    let few = match many(tx, wanted, &terms)? {
        true => None,
        false => few(tx, wanted, &terms, FEW * page::DEFAULT)?,
    };
    let ids = few.as_ref().map(|few| bytes(few));
    let mut query = Query::new(wanted.environment);
    let mut conditions = query.conditions(wanted, &terms);
    if let Some(ids) = &ids {
        conditions.push(format!("u.account_id = ANY({})", query.value(Param::Ids(ids))));
    }
    let most = query.value(Param::Integer(most));
    let sql = format!(
        "SELECT COUNT(*) FROM (SELECT u.account_id FROM users u LEFT JOIN accounts a ON a.id = u.account_id WHERE {} LIMIT {most}) found",
        conditions.join(" AND ")
    );
    tx.get::<(i64,)>(&Statement::rendered(sql), &query.values).map(|row| row.0)
}

struct List<'l> {
    wanted: &'l Wanted<'l>,
    page: &'l UserPage,
    terms: Terms,
}

/// Where the rows of a page come from.
enum From<'f> {
    /// Wherever the order leads.
    Everywhere,
    /// So many users, from the cursor on.
    Stretch(i64),
    /// These.
    Among(&'f [UserId]),
}

/// Users who are kept together in order of their age.
enum Arm {
    Group(i64),
    Administrators,
    Operators,
}

impl List<'_> {
    fn find(&self, tx: &mut Tx<'_>) -> Result<Vec<UserId>> {
        let Wanted { filter, groups, holders, .. } = self.wanted;
        // What few users are has an index by age alone.
        let anyone = self.by_age() || rare(filter).is_empty();
        if filter.search.is_none() && groups.is_empty() && holders.is_none() && anyone {
            return self.rows(tx, &From::Everywhere);
        }
        let mut stretch = match filter.search {
            _ if !self.by_age() => None,
            None if !self.arms().is_empty() => Some(AT_ONCE),
            _ => Some(NEAR),
        };
        while let Some(times) = stretch {
            let most = times * (self.page.limit + 1);
            let rows = self.rows(tx, &From::Stretch(most))?;
            let met = rows.len() as i64;
            if met > self.page.limit || !self.reaches_beyond(tx, most)? {
                return Ok(rows);
            }
            stretch = match times {
                AT_ONCE => Some(NEAR),
                NEAR if !tx.session.seeks_by_age() && met * FAR >= self.page.limit * NEAR => Some(FAR),
                _ => None,
            };
        }
        let most = FEW * (self.page.limit + 1);
        if let (true, true, Some(term)) = (self.by_age(), self.arms().is_empty(), &self.terms.folded) {
            return match few_kept(tx, self.wanted, &self.terms, most)? {
                Some(few) => self.rows(tx, &From::Among(&few)),
                None => self.stream(tx, term),
            };
        }
        match few(tx, self.wanted, &self.terms, most)? {
            Some(few) => self.rows(tx, &From::Among(&few)),
            None => self.rows(tx, &From::Everywhere),
        }
    }

    /// By an index that gives the oldest or the newest first, until the page is full.
    fn stream(&self, tx: &mut Tx<'_>, term: &str) -> Result<Vec<UserId>> {
        let mut seek = Seek {
            environment: self.wanted.environment,
            term,
            ordered: true,
            most: 2 * self.page.limit,
            from: self.page.cursor.as_ref().and_then(|cursor| cursor.value.time()),
            descending: self.sense() == "DESC",
        };
        let mut rows = Vec::new();
        loop {
            let Found { users, goes_on } = tx.session.seek(&seek)?;
            rows.extend(self.rows(tx, &From::Among(&users))?);
            rows.truncate(self.page.limit as usize + 1);
            if rows.len() as i64 > self.page.limit || goes_on.is_none() {
                return Ok(rows);
            }
            (seek.from, seek.most) = (goes_on, FEW * self.page.limit);
        }
    }

    fn by_age(&self) -> bool {
        self.page.order.by == OrderBy::CreatedAt
    }

    /// The way in which the page is read.
    fn sense(&self) -> &'static str {
        let backward = self.page.cursor.as_ref().is_some_and(|cursor| cursor.direction == Direction::Backward);
        if self.page.order.descending != backward { "DESC" } else { "ASC" }
    }

    /// Whom the page lists at most; nobody in particular: everybody.
    fn arms(&self) -> Vec<Arm> {
        let (groups, holders) = (&self.terms.groups, &self.terms.holders);
        let arms: Vec<Arm> = match (groups.is_empty(), &self.wanted.holders) {
            (false, _) => groups.iter().copied().map(Arm::Group).collect(),
            (true, Some(_)) => {
                let all = [Arm::Administrators, Arm::Operators];
                holders.iter().copied().map(Arm::Group).chain(all).collect()
            }
            (true, None) => Vec::new(),
        };
        if arms.len() > ARMS || !self.by_age() { Vec::new() } else { arms }
    }

    /// What narrows the walk itself. The other conditions are for those whom it meets.
    fn bounds<'q>(&'q self, query: &mut Query<'q>, column: &str, id: &str) -> String {
        let mut bounds = String::new();
        if let Some(cursor) = &self.page.cursor {
            let (value, last) = (query.value(cursor.value.param()), query.value(cursor.id.param()));
            let beyond = if self.sense() == "DESC" { "<" } else { ">" };
            bounds.push_str(&format!(" AND ({column}, {id}) {beyond} ({value}, {last})"));
        }
        if self.by_age() {
            let UserFilter { created_after, created_before, .. } = self.wanted.filter;
            for (bound, sign) in [(created_after, ">"), (created_before, "<")] {
                if let Some(bound) = bound {
                    bounds.push_str(&format!(" AND {column} {sign} {}", query.value(bound.param())));
                }
            }
        }
        bounds
    }

    /// The users that a walk meets, as a table `u`.
    fn walk<'q>(&'q self, query: &mut Query<'q>, most: &str) -> String {
        let sense = self.sense();
        let arms = self.arms();
        if arms.is_empty() {
            let column = self.page.order.by.column();
            let bounds = self.bounds(query, column, "u.account_id");
            let few = rare(self.wanted.filter);
            return format!(
                "(SELECT u.* FROM users u WHERE u.environment_id = $1{few}{bounds} \
                 ORDER BY {column} {sense}, u.account_id {sense} LIMIT {most}) u"
            );
        }
        let mut several = Vec::with_capacity(arms.len());
        for (n, arm) in arms.iter().enumerate() {
            let (from, age, id) = match arm {
                Arm::Group(group) => {
                    let group = query.value(Param::Integer(*group));
                    let from = format!("user_groups g WHERE g.environment_id = $1 AND g.group_id = {group}");
                    (from, "g.user_created_at", "g.account_id")
                }
                Arm::Administrators => (
                    "users u WHERE u.environment_id = $1 AND u.administrator".to_owned(),
                    "u.created_at",
                    "u.account_id",
                ),
                Arm::Operators => (OPERATORS.to_owned(), "u.created_at", "u.account_id"),
            };
            let bounds = self.bounds(query, age, id);
            several.push(format!(
                "SELECT id, age FROM (SELECT {id} AS id, {age} AS age FROM {from}{bounds} \
                 ORDER BY {age} {sense}, {id} {sense} LIMIT {most}) a{n}"
            ));
        }
        format!(
            "(SELECT u.* FROM (SELECT id, age FROM ({}) several ORDER BY age {sense}, id {sense} LIMIT {most}) m \
             CROSS JOIN users u WHERE u.environment_id = $1 AND u.account_id = m.id \
             ORDER BY m.age {sense}, m.id {sense} LIMIT {most}) u",
            several.join(" UNION ")
        )
    }

    fn rows(&self, tx: &mut Tx<'_>, from: &From<'_>) -> Result<Vec<UserId>> {
        let mut query = Query::new(self.wanted.environment);
        let ids = match from {
            From::Among(few) => bytes(few),
            From::Everywhere | From::Stretch(_) => Vec::new(),
        };
        let (mut column, mut id, sense) = (self.page.order.by.column(), "u.account_id", self.sense());
        let mut conditions = query.conditions(self.wanted, &self.terms);
        let users = match from {
            From::Stretch(most) => {
                let most = query.value(Param::Integer(*most));
                self.walk(&mut query, &most)
            }
            From::Among(_) => {
                // The limit is no limit: it keeps the engines from walking the order to look for these.
                let (these, all) = (query.value(Param::Ids(&ids)), query.value(Param::Integer(ids.len() as i64)));
                format!(
                    "(SELECT u.* FROM users u WHERE u.environment_id = $1 AND u.account_id = ANY({these}) LIMIT {all}) u"
                )
            }
            From::Everywhere => match self.arms().as_slice() {
                // A group's users are read in order, however many pass by.
                [Arm::Group(group)] => {
                    (column, id) = ("g.user_created_at", "g.account_id");
                    let group = query.value(Param::Integer(*group));
                    conditions.push(format!(
                        "g.environment_id = $1 AND g.group_id = {group} AND u.account_id = g.account_id"
                    ));
                    "user_groups g CROSS JOIN users u".to_owned()
                }
                _ => "users u".to_owned(),
            },
        };
        let bounds = match from {
            From::Stretch(_) => String::new(),
            From::Among(_) | From::Everywhere => self.bounds(&mut query, column, id),
        };
        let most = query.value(Param::Integer(self.page.limit + 1));
        // Outer: most conditions ask nothing of accounts, and then nothing of them is read.
        let sql = format!(
            "SELECT u.account_id FROM {users} LEFT JOIN accounts a ON a.id = u.account_id WHERE {}{bounds} \
             ORDER BY {column} {sense}, {id} {sense} LIMIT {most}",
            conditions.join(" AND "),
        );
        let users: Vec<(UserId,)> = tx.list(&Statement::rendered(sql), &query.values)?;
        Ok(users.into_iter().map(|row| row.0).collect())
    }

    /// Whether a walk meets more users than a stretch.
    fn reaches_beyond(&self, tx: &mut Tx<'_>, stretch: i64) -> Result<bool> {
        let mut query = Query::new(self.wanted.environment);
        let most = query.value(Param::Integer(stretch + 1));
        let walk = self.walk(&mut query, &most);
        let met = format!("SELECT COUNT(*) FROM {walk}");
        Ok(tx.get::<(i64,)>(&Statement::rendered(met), &query.values)?.0 > stretch)
    }
}

/// Whether so many pass that an index which must gather them all is better left alone: one in four of those who came first.
fn many(tx: &mut Tx<'_>, wanted: &Wanted<'_>, terms: &Terms) -> Result<bool> {
    if terms.folded.is_none() || tx.session.seeks_by_age() {
        return Ok(false);
    }
    let mut query = Query::new(wanted.environment);
    let conditions = query.conditions(wanted, terms);
    let stretch = query.value(Param::Integer(NEAR * page::DEFAULT));
    let sql = format!(
        "SELECT COUNT(*) FROM (SELECT u.* FROM users u WHERE u.environment_id = $1 \
         ORDER BY u.created_at, u.account_id LIMIT {stretch}) u LEFT JOIN accounts a ON a.id = u.account_id WHERE {}",
        conditions.join(" AND ")
    );
    Ok(tx.get::<(i64,)>(&Statement::rendered(sql), &query.values)?.0 >= page::DEFAULT)
}

/// All that may pass the filter, if an index says that they are few.
fn few(tx: &mut Tx<'_>, wanted: &Wanted<'_>, terms: &Terms, most: i64) -> Result<Option<Vec<UserId>>> {
    if let Some(term) = &terms.folded {
        let seek = Seek { environment: wanted.environment, term, ordered: false, most, from: None, descending: false };
        let found = tx.session.seek(&seek)?;
        if found.goes_on.is_none() {
            return Ok(Some(found.users));
        }
    }
    few_kept(tx, wanted, terms, most)
}

/// The same by what users are, and by the groups that they are in.
fn few_kept(tx: &mut Tx<'_>, wanted: &Wanted<'_>, terms: &Terms, most: i64) -> Result<Option<Vec<UserId>>> {
    let few = |users: Vec<UserId>| ((users.len() as i64) < most).then_some(users);
    let rare = rare(wanted.filter);
    if !rare.is_empty()
        && let Some(users) = few(such(tx, wanted, &rare, most)?)
    {
        return Ok(Some(users));
    }
    if !terms.groups.is_empty()
        && let Some(users) = few(groups::members_of_any(tx, wanted.environment, &terms.groups, most)?)
    {
        return Ok(Some(users));
    }
    if wanted.holders.is_none() {
        return Ok(None);
    }
    let mut holders = groups::members_of_any(tx, wanted.environment, &terms.holders, most)?;
    if (holders.len() as i64) < most {
        holders.extend(such(tx, wanted, " AND u.administrator", most)?);
        let operators = format!("SELECT u.account_id FROM {OPERATORS} LIMIT $2");
        let values = [Param::Integer(wanted.environment.0), Param::Integer(most)];
        let operators: Vec<(UserId,)> = tx.list(&Statement::rendered(operators), &values)?;
        holders.extend(operators.into_iter().map(|row| row.0));
    }
    Ok(few(holders))
}

/// Users who are something that few are; in order, or an engine may take an index that has everybody.
fn such(tx: &mut Tx<'_>, wanted: &Wanted<'_>, rare: &str, most: i64) -> Result<Vec<UserId>> {
    let sql = format!(
        "SELECT u.account_id FROM users u WHERE u.environment_id = $1{rare} ORDER BY u.created_at, u.account_id LIMIT $2"
    );
    let values = [Param::Integer(wanted.environment.0), Param::Integer(most)];
    let users: Vec<(UserId,)> = tx.list(&Statement::rendered(sql), &values)?;
    Ok(users.into_iter().map(|row| row.0).collect())
}
