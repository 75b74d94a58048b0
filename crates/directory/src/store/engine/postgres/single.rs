//! A read of one statement, which sees one state of the database without a transaction around it: two round trips less, and
//! on a busy machine each waits for its turn on a processor. Knows nothing of what is asked.

use super::session::PostgresSession;
use crate::error::{Error, Result};
use crate::store::Session;
use crate::store::columns::{Param, Row};
use crate::store::search::{Found, Seek};
use crate::store::statement::Statement;

/// A session that answers one statement and no other.
pub(super) struct Single<'c> {
    session: PostgresSession<'c>,
    asked: bool,
    /// It was asked for what takes a transaction: the outcome is worth nothing.
    pub(super) too_little: bool,
}

impl<'c> Single<'c> {
    pub(super) fn new(session: PostgresSession<'c>) -> Single<'c> {
        Single { session, asked: false, too_little: false }
    }

    fn refuse<T>(&mut self) -> Result<T> {
        self.too_little = true;
        Err(Error::Unavailable("this takes a transaction".to_owned()))
    }

    fn once(&mut self) -> Result<&mut PostgresSession<'c>> {
        if std::mem::replace(&mut self.asked, true) { self.refuse() } else { Ok(&mut self.session) }
    }
}

impl Session for Single<'_> {
    fn rows(
        &mut self,
        statement: &Statement,
        params: &[Param<'_>],
        each: &mut dyn FnMut(&dyn Row) -> Result<()>,
    ) -> Result<()> {
        self.once()?.rows(statement, params, each)
    }

    /// Only the transaction of a read knows that nothing is to be written.
    fn run(&mut self, _: &Statement, _: &[Param<'_>]) -> Result<u64> {
        self.refuse()
    }

    fn prepare(&mut self, statement: &Statement) -> Result<()> {
        self.session.prepare(statement)
    }

    fn seek(&mut self, seek: &Seek<'_>) -> Result<Found> {
        self.once()?.seek(seek)
    }

    fn seeks_by_age(&self) -> bool {
        self.session.seeks_by_age()
    }
}
