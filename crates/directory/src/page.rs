//! Pages of long lists: what to list, in which order, and where a page begins. Paging is by key: a page begins just
//! beyond a row, so that rows that come or go elsewhere are neither repeated nor skipped. Knows no SQL and no wire
//! format: a dialect spells cursors, sealed by [`Cursor::seal`] so that a forged one is told from a good one.

use crate::clock::Time;
use crate::email::Email;
use crate::error::{Error, Field, Refusal, Result};
use crate::id::{EnvironmentId, GroupId, UserId};
use crate::keys::Keys;
use crate::text::{Codename, ExternalId, fold};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use std::fmt::Debug;
use uuid::Uuid;

/// The most users that one page shows.
pub const MOST: i64 = 1000;
/// What a page shows unless asked otherwise.
pub const DEFAULT: i64 = 100;
/// How far users are counted for whoever does not need to know exactly.
pub const COUNTED: i64 = 10_000;

/// Which users.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UserFilter {
    /// A part of the e-mail, username, names or phone, in any case.
    pub search: Option<String>,
    /// Exactly this address, in any case.
    pub email: Option<Email>,
    /// What an outside system knows the user by.
    pub external_id: Option<ExternalId>,
    /// Members of any of these; empty: of any or none.
    pub groups: Vec<GroupId>,
    /// Also members of groups that those contain.
    pub nested: bool,
    /// Those who hold this permission, through whatever.
    pub permission: Option<Codename>,
    /// Active ones, or inactive ones.
    pub active: Option<bool>,
    /// Those who have not accepted yet, or those who have.
    pub pending: Option<bool>,
    /// Administrators, or all others.
    pub administrator: Option<bool>,
    /// Here since a later moment.
    pub created_after: Option<Time>,
    /// Here since an earlier moment.
    pub created_before: Option<Time>,
    /// Signed in, or refreshed a session, later.
    pub seen_after: Option<Time>,
    /// Not since: earlier, or never.
    pub seen_before: Option<Time>,
}

/// What users are ordered by; the id decides between equals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the fields of a user")]
pub enum OrderBy {
    CreatedAt,
    UpdatedAt,
    Name,
    FirstName,
    LastName,
    Email,
}

impl OrderBy {
    /// The column that holds it. Constant text, never from a caller.
    pub(crate) fn column(self) -> &'static str {
        match self {
            OrderBy::CreatedAt => "u.created_at",
            OrderBy::UpdatedAt => "u.updated_at",
            OrderBy::Name => "u.name",
            OrderBy::FirstName => "u.first_name",
            OrderBy::LastName => "u.last_name",
            OrderBy::Email => "u.email_folded",
        }
    }
}

/// An order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UserOrder {
    /// By what.
    pub by: OrderBy,
    /// Last first.
    pub descending: bool,
}

impl Default for UserOrder {
    fn default() -> Self {
        UserOrder { by: OrderBy::CreatedAt, descending: false }
    }
}

/// Which way a page lies from its cursor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "say all")]
pub enum Direction {
    Forward,
    Backward,
}

/// The value of the ordering column at the row that a page begins beyond.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "say all")]
pub enum CursorValue {
    Time(Time),
    Text(String),
}

impl CursorValue {
    /// The moment, if it is one.
    pub(crate) fn time(&self) -> Option<Time> {
        match self {
            CursorValue::Time(time) => Some(*time),
            CursorValue::Text(_) => None,
        }
    }
}

/// The row that a page begins beyond.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cursor {
    /// Which way the page lies.
    pub direction: Direction,
    /// The row's value in the ordering column.
    pub value: CursorValue,
    /// The row's id.
    pub id: UserId,
}

/// One page of users.
#[derive(Clone, Debug)]
pub struct UserPage {
    /// Which.
    pub filter: UserFilter,
    /// In which order.
    pub order: UserOrder,
    /// From where; `None`: from the beginning.
    pub cursor: Option<Cursor>,
    /// How many at most: 1 to [`MOST`].
    pub limit: i64,
}

/// A page as it was found, with where the next and the previous one begin.
#[derive(Debug)]
pub struct Page<T> {
    /// The rows.
    pub rows: Vec<T>,
    /// Where the next page begins, if there is one.
    pub next: Option<Cursor>,
    /// Where the previous page begins, if there is one.
    pub previous: Option<Cursor>,
}

/// A part of a list of which an environment has 10,000 at most: groups, permissions, menus. Of so few, places are counted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Browse {
    /// A part of the name or of what people read, in any case; empty: all.
    pub search: String,
    /// How many to pass by.
    pub skip: usize,
    /// How many to have: [`MOST`] at most.
    pub limit: usize,
}

/// That part, in order of the names.
#[derive(Debug, PartialEq, Eq)]
pub struct Browsed<T> {
    /// The rows.
    pub rows: Vec<T>,
    /// How many match.
    pub total: usize,
}

impl Browse {
    /// The part of all of them, by their two texts.
    pub(crate) fn pick<T>(&self, all: Vec<T>, texts: impl Fn(&T) -> [&str; 2]) -> Browsed<T> {
        let sought = fold(self.search.trim());
        let matches = |row: &T| texts(row).iter().any(|text| fold(text).contains(&sought));
        let mut found: Vec<T> = all.into_iter().filter(|row| sought.is_empty() || matches(row)).collect();
        found.sort_by_cached_key(|row| fold(texts(row)[0]));
        let total = found.len();
        let limit = self.limit.min(usize::try_from(MOST).unwrap_or(usize::MAX));
        Browsed { rows: found.into_iter().skip(self.skip).take(limit).collect(), total }
    }
}

impl<T> Browsed<T> {
    /// The same part, of what stands behind each row.
    pub(crate) fn of<U>(self, rows: Vec<U>) -> Browsed<U> {
        Browsed { rows, total: self.total }
    }
}

const PURPOSE: &str = "cursor";
/// Bytes of the digest that a cursor carries: forging one is not worth 2^64 tries.
const TAG: usize = 8;

impl Cursor {
    /// The cursor as opaque text, good only for this list of the environment: whatever makes it another one is in `of`.
    pub fn seal(&self, keys: &Keys, environment: EnvironmentId, of: &impl Debug) -> String {
        let mut bytes = vec![match self.direction {
            Direction::Forward => b'f',
            Direction::Backward => b'b',
        }];
        bytes.extend_from_slice(self.id.0.as_bytes());
        match &self.value {
            CursorValue::Time(time) => {
                bytes.push(b't');
                bytes.extend_from_slice(&time.as_micros().to_be_bytes());
            }
            CursorValue::Text(text) => {
                bytes.push(b's');
                bytes.extend_from_slice(text.as_bytes());
            }
        }
        let tag = tag(keys, environment, of, &bytes);
        bytes.extend_from_slice(&tag);
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// Reads what [`Cursor::seal`] wrote.
    ///
    /// # Errors
    /// [`Error::Invalid`] when it is of another list, or was never ours.
    pub fn open(text: &str, keys: &Keys, environment: EnvironmentId, of: &impl Debug) -> Result<Cursor> {
        let foreign = || Error::invalid(Field::Cursor, Refusal::Cursor);
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| foreign())?;
        let (body, sealed) = bytes.split_at_checked(bytes.len().saturating_sub(TAG)).ok_or_else(foreign)?;
        if tag(keys, environment, of, body) != sealed {
            return Err(foreign());
        }
        let (direction, rest) = body.split_first().ok_or_else(foreign)?;
        let (id, rest) = rest.split_at_checked(16).ok_or_else(foreign)?;
        let (kind, value) = rest.split_first().ok_or_else(foreign)?;
        let value = match kind {
            b't' => CursorValue::Time(Time::from_micros(i64::from_be_bytes(value.try_into().map_err(|_| foreign())?))),
            _ => CursorValue::Text(String::from_utf8(value.to_vec()).map_err(|_| foreign())?),
        };
        Ok(Cursor {
            direction: if *direction == b'b' { Direction::Backward } else { Direction::Forward },
            value,
            id: UserId(Uuid::from_slice(id).map_err(|_| foreign())?),
        })
    }
}

fn tag(keys: &Keys, environment: EnvironmentId, of: &impl Debug, body: &[u8]) -> Vec<u8> {
    let mut text = format!("{environment} {of:?} ").into_bytes();
    text.extend_from_slice(body);
    keys.digest(PURPOSE, &text)[..TAG].to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::randomness::Randomness;

    #[test]
    fn a_cursor_is_good_for_its_own_list_alone() {
        let keys = Keys::generate(&Randomness::seeded(1)).unwrap();
        let cursor = Cursor {
            direction: Direction::Backward,
            value: CursorValue::Text("Ada".to_owned()),
            id: UserId(Uuid::from_u128(7)),
        };
        let of = (UserFilter::default(), UserOrder::default());
        let sealed = cursor.seal(&keys, EnvironmentId(1), &of);
        assert_eq!(Cursor::open(&sealed, &keys, EnvironmentId(1), &of).unwrap(), cursor);
        assert!(Cursor::open(&sealed, &keys, EnvironmentId(2), &of).is_err());
        let other = (UserFilter { active: Some(true), ..UserFilter::default() }, of.1);
        assert!(Cursor::open(&sealed, &keys, EnvironmentId(1), &other).is_err());
        for forged in ["", "AAAA", "%%%", &sealed[..sealed.len() - 2]] {
            assert!(Cursor::open(forged, &keys, EnvironmentId(1), &of).is_err());
        }
    }
}
