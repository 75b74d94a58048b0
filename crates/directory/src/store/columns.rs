//! Values on their way into a statement and out of a row, whichever engine runs it. Also how each type of the domain is
//! kept in a column: the domain itself derives nothing of the kind.

use crate::clock::Time;
use crate::error::{Error, Result};
use crate::id::{EnvironmentId, FactorId, GroupId, MenuId, PermissionId, SessionId, TokenId, UserId, WebhookId};
use uuid::Uuid;

/// A value for `$n`.
#[derive(Clone, Copy, Debug)]
pub(super) enum Param<'p> {
    Null,
    Integer(i64),
    Boolean(bool),
    Text(&'p str),
    Bytes(&'p [u8]),
    /// For `= ANY($n)`.
    Integers(&'p [i64]),
    /// For `= ANY($n)`.
    Texts(&'p [&'p str]),
    /// For `= ANY($n)`.
    Ids(&'p [&'p [u8]]),
}

/// What a row has in one column. A boolean is an integer here: one of the engines knows no other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cell<'r> {
    Null,
    Integer(i64),
    Text(&'r str),
    Bytes(&'r [u8]),
}

/// A row as an engine shows it; columns count from 0.
pub(super) trait Row {
    fn columns(&self) -> usize;
    fn cell(&self, column: usize) -> Result<Cell<'_>>;
}

/// A column that does not hold what it should.
pub(super) fn wrong(column: usize, what: &dyn std::fmt::Display) -> Error {
    Error::Internal(format!("column {column}: {what}"))
}

fn integer(row: &dyn Row, column: usize) -> Result<Option<i64>> {
    match row.cell(column)? {
        Cell::Null => Ok(None),
        Cell::Integer(integer) => Ok(Some(integer)),
        Cell::Text(_) | Cell::Bytes(_) => Err(wrong(column, &"no integer")),
    }
}

/// A text that may be NULL, without a copy.
pub(super) fn text(row: &dyn Row, column: usize) -> Result<Option<&str>> {
    match row.cell(column)? {
        Cell::Null => Ok(None),
        Cell::Text(text) => Ok(Some(text)),
        Cell::Integer(_) | Cell::Bytes(_) => Err(wrong(column, &"no text")),
    }
}

fn bytes(row: &dyn Row, column: usize) -> Result<Option<&[u8]>> {
    match row.cell(column)? {
        Cell::Null => Ok(None),
        Cell::Bytes(bytes) => Ok(Some(bytes)),
        Cell::Integer(_) | Cell::Text(_) => Err(wrong(column, &"no bytes")),
    }
}

/// What can be made of a row.
pub(super) trait FromRow: Sized {
    fn from_row(row: &dyn Row) -> Result<Self>;
}

/// What can stand in one column; `Option<T>` where it may be NULL.
pub(super) trait Column: Sized {
    fn read(row: &dyn Row, column: usize) -> Result<Option<Self>>;
}

/// The value of a column.
pub(super) fn get<T: Value>(row: &dyn Row, column: usize) -> Result<T> {
    T::value(row, column)
}

/// A column's value, where NULL is either an error or `None`.
pub(super) trait Value: Sized {
    fn value(row: &dyn Row, column: usize) -> Result<Self>;
}

impl<T: Column> Value for T {
    fn value(row: &dyn Row, column: usize) -> Result<Self> {
        T::read(row, column)?.ok_or_else(|| Error::Internal(format!("NULL in column {column}")))
    }
}

impl<T: Column> Value for Option<T> {
    fn value(row: &dyn Row, column: usize) -> Result<Self> {
        T::read(row, column)
    }
}

impl Column for i64 {
    fn read(row: &dyn Row, column: usize) -> Result<Option<Self>> {
        integer(row, column)
    }
}

impl Column for bool {
    fn read(row: &dyn Row, column: usize) -> Result<Option<Self>> {
        Ok(integer(row, column)?.map(|integer| integer != 0))
    }
}

impl Column for String {
    fn read(row: &dyn Row, column: usize) -> Result<Option<Self>> {
        Ok(text(row, column)?.map(str::to_owned))
    }
}

impl Column for Vec<u8> {
    fn read(row: &dyn Row, column: usize) -> Result<Option<Self>> {
        Ok(bytes(row, column)?.map(<[u8]>::to_vec))
    }
}

impl Column for Uuid {
    fn read(row: &dyn Row, column: usize) -> Result<Option<Self>> {
        bytes(row, column)?
            .map(|bytes| Uuid::from_slice(bytes).map_err(|_| Error::Internal("an id that is none".to_owned())))
            .transpose()
    }
}

impl Column for Time {
    fn read(row: &dyn Row, column: usize) -> Result<Option<Self>> {
        Ok(integer(row, column)?.map(Time::from_micros))
    }
}

/// Single columns are rows too.
impl<T: Column> FromRow for (T,) {
    fn from_row(row: &dyn Row) -> Result<Self> {
        Ok((get(row, 0)?,))
    }
}

impl<A: Value, B: Value> FromRow for (A, B) {
    fn from_row(row: &dyn Row) -> Result<Self> {
        Ok((get(row, 0)?, get(row, 1)?))
    }
}

impl<A: Value, B: Value, C: Value> FromRow for (A, B, C) {
    fn from_row(row: &dyn Row) -> Result<Self> {
        Ok((get(row, 0)?, get(row, 1)?, get(row, 2)?))
    }
}

/// What can be sent as a parameter.
pub(super) trait ToParam {
    fn param(&self) -> Param<'_>;
}

/// The parameters of a statement, in order.
macro_rules! params {
    ($($value:expr),* $(,)?) => {
        &[$(crate::store::columns::ToParam::param(&$value)),*]
    };
}
pub(super) use params;

impl ToParam for i64 {
    fn param(&self) -> Param<'_> {
        Param::Integer(*self)
    }
}

impl ToParam for bool {
    fn param(&self) -> Param<'_> {
        Param::Boolean(*self)
    }
}

impl ToParam for str {
    fn param(&self) -> Param<'_> {
        Param::Text(self)
    }
}

impl ToParam for String {
    fn param(&self) -> Param<'_> {
        Param::Text(self)
    }
}

impl ToParam for [u8] {
    fn param(&self) -> Param<'_> {
        Param::Bytes(self)
    }
}

impl<const N: usize> ToParam for [u8; N] {
    fn param(&self) -> Param<'_> {
        Param::Bytes(self)
    }
}

impl ToParam for Vec<u8> {
    fn param(&self) -> Param<'_> {
        Param::Bytes(self)
    }
}

impl ToParam for [i64] {
    fn param(&self) -> Param<'_> {
        Param::Integers(self)
    }
}

impl ToParam for Vec<i64> {
    fn param(&self) -> Param<'_> {
        Param::Integers(self)
    }
}

impl ToParam for Vec<&str> {
    fn param(&self) -> Param<'_> {
        Param::Texts(self)
    }
}

impl ToParam for Time {
    fn param(&self) -> Param<'_> {
        Param::Integer(self.as_micros())
    }
}

impl ToParam for Uuid {
    fn param(&self) -> Param<'_> {
        Param::Bytes(self.as_bytes())
    }
}

impl<T: ToParam + ?Sized> ToParam for &T {
    fn param(&self) -> Param<'_> {
        (**self).param()
    }
}

impl<T: ToParam> ToParam for Option<T> {
    fn param(&self) -> Param<'_> {
        self.as_ref().map_or(Param::Null, ToParam::param)
    }
}

/// Ids are kept as what they wrap.
macro_rules! id_columns {
    ($($name:ident($inner:ty)),*) => {$(
        impl Column for $name {
            fn read(row: &dyn Row, column: usize) -> Result<Option<Self>> {
                Ok(<$inner>::read(row, column)?.map($name))
            }
        }

        impl ToParam for $name {
            fn param(&self) -> Param<'_> {
                self.0.param()
            }
        }
    )*};
}

id_columns!(
    EnvironmentId(i64),
    GroupId(i64),
    MenuId(i64),
    PermissionId(i64),
    UserId(Uuid),
    SessionId(Uuid),
    TokenId(Uuid),
    FactorId(Uuid),
    WebhookId(Uuid)
);

impl ToParam for crate::page::CursorValue {
    fn param(&self) -> Param<'_> {
        match self {
            crate::page::CursorValue::Time(time) => time.param(),
            crate::page::CursorValue::Text(text) => text.param(),
        }
    }
}
