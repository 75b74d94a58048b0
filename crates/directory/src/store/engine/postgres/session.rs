//! One open transaction of the networked engine, as the store sees it: prepared statements, parameters, rows, and which
//! of the server's errors mean *try again*.

use super::super::Schema;
use super::search;
use crate::error::{Error, Result};
use crate::id::{EnvironmentId, UserId};
use crate::store::Session;
use crate::store::columns::{Cell, Param, Row, params, wrong};
use crate::store::search::{Found, Seek};
use crate::store::statement::Statement;
use bytes::BytesMut;
use postgres::error::SqlState;
use postgres::types::{IsNull, ToSql, Type, to_sql_checked};
use postgres::{Client, SimpleQueryMessage};
use std::collections::HashMap;

/// Statements prepared on one connection. Rendered ones vary, so their number is bounded.
#[derive(Default)]
pub(super) struct Prepared(HashMap<String, postgres::Statement>);

const PREPARED: usize = 512;

/// A connection with a transaction open on it.
pub(super) struct PostgresSession<'c> {
    client: &'c mut Client,
    prepared: &'c mut Prepared,
    /// A statement failed, so all further ones will.
    broken: bool,
    collided: bool,
}

/// How a transaction that wrote ended.
pub(super) struct Ended {
    /// It collided with another, and running it again makes sense.
    pub(super) collided: bool,
    /// Its number, if it came so far as to get one.
    pub(super) transaction: Option<u64>,
    /// When it was over, in microseconds by the server's clock.
    pub(super) at: Option<i64>,
}

/// Asks for the server's time in microseconds: the clock that all nodes share.
macro_rules! clock {
    () => {
        "SELECT CAST(extract(epoch FROM clock_timestamp()) * 1000000 AS BIGINT)"
    };
}
pub(super) use clock;

impl<'c> PostgresSession<'c> {
    pub(super) fn begin(client: &'c mut Client, prepared: &'c mut Prepared, begin: &str) -> Result<Self> {
        client.batch_execute(begin).map_err(|e| super::unavailable(&e))?;
        Ok(PostgresSession::alone(client, prepared))
    }

    /// Without a transaction: each statement is one by itself.
    pub(super) fn alone(client: &'c mut Client, prepared: &'c mut Prepared) -> Self {
        PostgresSession { client, prepared, broken: false, collided: false }
    }

    /// Commits what succeeded, rolls back what did not.
    pub(super) fn end<T>(mut self, outcome: Result<T>) -> Result<T> {
        let end = if outcome.is_ok() { "COMMIT" } else { "ROLLBACK" };
        let ended = self.client.batch_execute(end).map_err(|e| self.failed(end, &e));
        outcome.and_then(|value| ended.map(|()| value))
    }

    /// The same, of a transaction that wrote.
    pub(super) fn end_noting<T>(mut self, outcome: Result<T>) -> (Result<T>, Ended) {
        let end = match (&outcome, self.broken) {
            (Ok(_), _) => concat!("SELECT pg_current_xact_id_if_assigned(); COMMIT; ", clock!()),
            (Err(_), false) => "SELECT pg_current_xact_id_if_assigned(); ROLLBACK",
            // Nothing can be asked any more.
            (Err(_), true) => "ROLLBACK",
        };
        let ended = self.client.simple_query(end).map_err(|e| self.failed(end, &e));
        let mut numbers = ended.iter().flatten().filter_map(|message| match message {
            SimpleQueryMessage::Row(row) => Some(row.get(0).and_then(|number| number.parse::<i64>().ok())),
            _ => None,
        });
        let transaction = numbers.next().flatten().and_then(|number| u64::try_from(number).ok());
        let at = numbers.next().flatten();
        let outcome = outcome.and_then(|value| ended.map(|_| value));
        let collided = self.collided && outcome.is_err();
        (outcome, Ended { collided, transaction, at })
    }

    fn statement(&mut self, statement: &Statement) -> Result<postgres::Statement> {
        if let Some(prepared) = self.prepared.0.get(statement.text()) {
            return Ok(prepared.clone());
        }
        if self.prepared.0.len() >= PREPARED {
            self.prepared.0.clear();
        }
        let prepared = self.client.prepare(statement.text()).map_err(|e| self.failed(statement.text(), &e))?;
        self.prepared.0.insert(statement.text().to_owned(), prepared.clone());
        Ok(prepared)
    }

    fn failed(&mut self, what: &str, error: &postgres::Error) -> Error {
        self.broken = true;
        match error.code() {
            Some(code) => {
                let again = [
                    SqlState::T_R_SERIALIZATION_FAILURE,
                    SqlState::T_R_DEADLOCK_DETECTED,
                    SqlState::UNIQUE_VIOLATION,
                    SqlState::FOREIGN_KEY_VIOLATION,
                    SqlState::LOCK_NOT_AVAILABLE,
                ];
                self.collided |= again.contains(code);
                let message = error.as_db_error().map_or_else(String::new, |e| e.message().to_owned());
                Error::Internal(format!("{} {message} in: {what}", code.code()))
            }
            // No answer of the server's at all: the connection broke.
            None => super::unavailable(error),
        }
    }
}

impl Session for PostgresSession<'_> {
    fn rows(
        &mut self,
        statement: &Statement,
        params: &[Param<'_>],
        each: &mut dyn FnMut(&dyn Row) -> Result<()>,
    ) -> Result<()> {
        let prepared = self.statement(statement)?;
        let params: Vec<&(dyn ToSql + Sync)> = params.iter().map(|p| p as &(dyn ToSql + Sync)).collect();
        let rows = self.client.query(&prepared, &params).map_err(|e| self.failed(statement.text(), &e))?;
        rows.iter().try_for_each(|row| each(row))
    }

    fn run(&mut self, statement: &Statement, params: &[Param<'_>]) -> Result<u64> {
        let prepared = self.statement(statement)?;
        let params: Vec<&(dyn ToSql + Sync)> = params.iter().map(|p| p as &(dyn ToSql + Sync)).collect();
        self.client.execute(&prepared, &params).map_err(|e| self.failed(statement.text(), &e))
    }

    fn prepare(&mut self, statement: &Statement) -> Result<()> {
        self.statement(statement).map(drop)
    }

    fn seek(&mut self, seek: &Seek<'_>) -> Result<Found> {
        search::seek(self, seek)
    }

    fn seeks_by_age(&self) -> bool {
        false
    }

    fn learn(&mut self, environment: EnvironmentId, user: UserId, texts: &[&str]) -> Result<()> {
        let grams = search::numbers(environment, texts);
        self.run(&search::LEARN, params![environment, user, grams]).map(drop)
    }
}

impl Schema for PostgresSession<'_> {
    /// Texts compare by their bytes, as in the other engine, whatever the database's own locale is.
    fn batch(&mut self, sql: &str) -> Result<()> {
        const SEARCH_INDEX: &str = "/* SEARCH INDEX */";
        let spelled = sql.replace(" TEXT", " TEXT COLLATE \"C\"").replace(SEARCH_INDEX, search::SCHEMA);
        self.client.batch_execute(&spelled).map_err(|e| self.failed("a migration", &e))?;
        if sql.contains(SEARCH_INDEX) {
            search::learn_all(self)?;
            self.client.batch_execute(search::INDEX).map_err(|e| self.failed("a migration", &e))?;
        }
        Ok(())
    }
}

impl ToSql for Param<'_> {
    fn to_sql(
        &self,
        ty: &Type,
        out: &mut BytesMut,
    ) -> std::result::Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        match self {
            Param::Null => Ok(IsNull::Yes),
            Param::Integer(i) if *ty == Type::INT4 => i32::try_from(*i)?.to_sql(ty, out),
            Param::Integer(i) => i.to_sql(ty, out),
            Param::Boolean(b) => b.to_sql(ty, out),
            Param::Text(text) => text.to_sql(ty, out),
            Param::Bytes(bytes) => bytes.to_sql(ty, out),
            Param::Integers(all) => all.to_sql(ty, out),
            Param::Ids(all) => all.to_sql(ty, out),
            Param::Texts(all) => all.to_sql(ty, out),
        }
    }

    /// Every type: a mismatch is a defect that the test of all statements finds, not something to hide here.
    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

impl Row for postgres::Row {
    fn columns(&self) -> usize {
        self.len()
    }

    fn cell(&self, column: usize) -> Result<Cell<'_>> {
        let read = || {
            Ok(match *self.columns().get(column).map_or(&Type::UNKNOWN, postgres::Column::type_) {
                Type::BOOL => self.try_get::<_, Option<bool>>(column)?.map(|yes| Cell::Integer(i64::from(yes))),
                Type::INT4 => self.try_get::<_, Option<i32>>(column)?.map(|integer| Cell::Integer(i64::from(integer))),
                Type::INT8 => self.try_get::<_, Option<i64>>(column)?.map(Cell::Integer),
                Type::BYTEA => self.try_get::<_, Option<&[u8]>>(column)?.map(Cell::Bytes),
                _ => self.try_get::<_, Option<&str>>(column)?.map(Cell::Text),
            })
        };
        let cell: std::result::Result<_, postgres::Error> = read();
        Ok(cell.map_err(|e| wrong(column, &e))?.unwrap_or(Cell::Null))
    }
}
