//! The schema, as a list of files that only grows: each runs once, in order, in the one transaction that also notes it.
//! Knows nothing of what the tables mean.

use super::columns::{get, params};
use super::engine::{Engine, Schema};
use super::statement::Statement;
use crate::clock::Time;
use crate::error::{Error, Result};

/// The migrations, oldest first; the first is version 1.
const MIGRATIONS: &[&str] = &[
    include_str!("../../migrations/0001_directory.sql"),
    include_str!("../../migrations/0002_answers.sql"),
    include_str!("../../migrations/0003_nesting.sql"),
    include_str!("../../migrations/0004_lists.sql"),
    include_str!("../../migrations/0005_credentials.sql"),
    include_str!("../../migrations/0006_second_factors.sql"),
    include_str!("../../migrations/0007_audit.sql"),
    include_str!("../../migrations/0008_webhooks.sql"),
    include_str!("../../migrations/0009_past.sql"),
    include_str!("../../migrations/0010_audit_lists.sql"),
];

/// The schema that this binary needs: the number of its migrations.
pub const SCHEMA_VERSION: i64 = MIGRATIONS.len() as i64;

const NOTES: &str =
    "CREATE TABLE IF NOT EXISTS schema_versions (version BIGINT PRIMARY KEY, applied_at BIGINT NOT NULL)";
static PRESENT: Statement = Statement::new("SELECT MAX(version) FROM schema_versions");
static NOTE: Statement = Statement::new("INSERT INTO schema_versions (version, applied_at) VALUES ($1, $2)");

/// Runs what has not run yet, and says how many that were.
pub(super) fn run(engine: &Engine, now: Time) -> Result<usize> {
    engine.migrate(|schema| {
        schema.batch(NOTES)?;
        let present = present(schema)?;
        if present > SCHEMA_VERSION {
            return Err(newer(present));
        }
        let mut ran = 0;
        for (version, sql) in (1..).zip(MIGRATIONS).filter(|(version, _)| *version > present) {
            schema.batch(sql)?;
            schema.run(&NOTE, params![version, now])?;
            ran += 1;
        }
        Ok(ran)
    })
}

/// Refuses a schema that is older or newer than this binary's.
pub(super) fn need_current(engine: &Engine) -> Result<()> {
    let mut found = None;
    let looked: Result<()> = engine.migrate(|schema| {
        schema.batch(NOTES)?;
        found = Some(present(schema)?);
        // An error rolls back: a look at a database that is none of ours must leave nothing there.
        Err(Error::Internal("only looked".to_owned()))
    });
    match found {
        Some(SCHEMA_VERSION) => Ok(()),
        Some(present) if present > SCHEMA_VERSION => Err(newer(present)),
        Some(present) => Err(Error::Unavailable(format!(
            "the database has schema {present}, older than this binary's {SCHEMA_VERSION}: run `rolebook migrate`"
        ))),
        None => looked,
    }
}

fn newer(present: i64) -> Error {
    Error::Unavailable(format!(
        "the database has schema {present}, newer than this binary's {SCHEMA_VERSION}: use a newer rolebook"
    ))
}

fn present(schema: &mut dyn Schema) -> Result<i64> {
    let mut present = 0;
    schema.rows(&PRESENT, &[], &mut |row| {
        present = get::<Option<i64>>(row, 0)?.unwrap_or(0);
        Ok(())
    })?;
    Ok(present)
}
