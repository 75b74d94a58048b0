//! Who holds a permission, through which groups, since when and by whose doing, in words. Knows nothing of how that is found.

use crate::console::language::Language;
use crate::console::words::PermissionsWords;
use directory::Result;
use directory::actor::Actor;
use directory::checks::{Path, Step};
use directory::clock::Time;
use directory::error::{Error, Field};
use directory::groups::Given;
use directory::holders::{self, Holder};
use directory::id::{PermissionId, UserId};
use directory::page::Cursor;
use directory::store::Tx;
use directory::users;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

/// Holders of a page.
const ROWS: i64 = 25;
/// Ways that are told of each.
const WAYS: usize = 3;

/// A day, as a field of a form has it.
#[derive(Clone, Copy)]
pub(super) struct Day(jiff::civil::Date);

impl Day {
    /// `2026-03-05`.
    pub(super) fn parse(text: &str) -> Option<Day> {
        text.parse().ok().map(Day)
    }

    /// Its last moment, in UTC; of today and later: the present.
    fn end(self, now: Time) -> Option<Time> {
        let end = self.0.tomorrow().ok()?.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp();
        let end = Time::from_micros(end.as_microsecond() - 1);
        (end < now).then_some(end)
    }
}

/// A page of them.
#[derive(Default)]
pub(super) struct Held {
    pub(super) rows: Vec<Row>,
    pub(super) next: Option<String>,
    /// Nothing is known of that day.
    pub(super) unknown: bool,
}

/// Somebody who holds it.
pub(super) struct Row {
    pub(super) id: UserId,
    pub(super) name: String,
    pub(super) login: String,
    pub(super) ways: Vec<Way>,
    /// How many there are besides.
    pub(super) more: usize,
}

/// A way by which it comes to somebody.
pub(super) struct Way {
    pub(super) through: String,
    /// Since when and by whom; empty: from before that was noted.
    pub(super) given: String,
}

impl Held {
    /// Those who hold it now, or held it at the end of that day.
    pub(super) fn find(
        tx: &mut Tx<'_>,
        actor: &Actor,
        permission: PermissionId,
        day: Option<Day>,
        cursor: Option<&str>,
        language: Language,
    ) -> Result<Held> {
        let at = day.and_then(|day| day.end(tx.now()));
        let (keys, here, of) = (tx.effects().keys.clone(), actor.environment().id, ("holders page", permission, at));
        let cursor = cursor.map(|text| Cursor::open(text, &keys, here, &of)).transpose()?;
        let found = match holders::list(tx, actor, permission, at, (cursor.as_ref(), ROWS)) {
            Ok(found) => found,
            Err(Error::Invalid(wrong)) if wrong.iter().all(|error| error.field == Field::At) => {
                return Ok(Held { unknown: true, ..Held::default() });
            }
            // It was not there yet, so nobody had it.
            Err(Error::NotFound(_)) if at.is_some() => return Ok(Held::default()),
            Err(error) => return Err(error),
        };
        let mut names = Names::default();
        let words = PermissionsWords::of(language);
        let mut rows = Vec::new();
        for Holder { user, paths } in &found.rows {
            let mut ways = Vec::new();
            for path in paths.iter().take(WAYS) {
                ways.push(Way { through: through(path, words), given: names.given(tx, actor, path, words, language)? });
            }
            rows.push(Row {
                id: user.account.id,
                name: Some(user.membership.name.as_str())
                    .filter(|name| !name.is_empty())
                    .unwrap_or(words.nameless)
                    .to_owned(),
                login: user.account.login(),
                ways,
                more: paths.len().saturating_sub(WAYS),
            });
        }
        let next = found.next.map(|next| next.seal(&keys, here, &of));
        Ok(Held { rows, next, unknown: false })
    }
}

fn through(path: &Path, words: &PermissionsWords) -> String {
    match path {
        Path::Operator => words.operator.to_owned(),
        Path::Administrator(_) => words.administrator.to_owned(),
        Path::Groups { steps, .. } => {
            let names: Vec<&str> = steps.iter().map(|step| step.group.name.as_str()).collect();
            names.join(" \u{203a} ")
        }
    }
}

/// What people are called who gave something: few, and the same ones again and again.
#[derive(Default)]
struct Names(BTreeMap<UserId, String>);

impl Names {
    /// When the membership on this way was given, and by whom.
    fn given(
        &mut self,
        tx: &mut Tx<'_>,
        actor: &Actor,
        path: &Path,
        words: &PermissionsWords,
        language: Language,
    ) -> Result<String> {
        let given = match path {
            Path::Operator => Given { since: None, by: None },
            Path::Administrator(given) => *given,
            Path::Groups { steps, conferred } => steps.first().map_or(*conferred, |Step { given, .. }| *given),
        };
        let Some(since) = given.since else { return Ok(String::new()) };
        let since = format!("{} {}", words.since, language.day(since));
        let Some(by) = given.by else { return Ok(since) };
        if let Entry::Vacant(vacant) = self.0.entry(by) {
            let name = match users::get(tx, actor, by) {
                Ok(user) => user.account.login(),
                // Gone, or never a user here.
                Err(Error::NotFound(_)) => String::new(),
                Err(error) => return Err(error),
            };
            vacant.insert(name);
        }
        match self.0.get(&by).map(String::as_str) {
            None | Some("") => Ok(since),
            Some(name) => Ok(format!("{since}, {} {name}", words.by)),
        }
    }
}
