//! Facts about the database as a whole.

use super::Tx;
use super::columns::params;
use super::memory::Mark;
use super::statement::statements;
use crate::error::Result;

statements! {
    FIND = "SELECT value FROM facts WHERE name = $1";
    INSERT = "INSERT INTO facts (name, value) VALUES ($1, $2)";
    /// Of two who replace one value, one finds another.
    REPLACE = "INSERT INTO facts (name, value) VALUES ($1, $2) \
               ON CONFLICT (name) DO UPDATE SET value = excluded.value WHERE facts.value = $3";
    PING = "SELECT MAX(version) FROM schema_versions";
}

/// The fact of this name.
pub fn find(tx: &mut Tx<'_>, name: &str) -> Result<Option<String>> {
    Ok(tx.find::<(String,)>(&FIND, params![name])?.map(|row| row.0))
}

/// Writes a new fact.
pub fn insert(tx: &mut Tx<'_>, name: &str, value: &str) -> Result<()> {
    tx.run(Mark::Nothing, &INSERT, params![name, value]).map(drop)
}

/// Writes a fact in the place of what it was, if it was anything; false: it is no longer that.
pub fn replace(tx: &mut Tx<'_>, name: &str, before: Option<&str>, value: &str) -> Result<bool> {
    Ok(tx.run(Mark::Nothing, &REPLACE, params![name, value, before])? == 1)
}

/// The version of the schema: the shortest question that shows the database to be there.
pub fn schema_version(tx: &mut Tx<'_>) -> Result<i64> {
    Ok(tx.get::<(i64,)>(&PING, &[])?.0)
}
