//! Audit events by the million, as years of work leave them: written past the server, which is not running meanwhile. Their
//! hashes are none: nobody verifies here. Knows what they tell, and nothing of who asks for it.

use std::io::Write;

use postgres::{Client, NoTls};
use rusqlite::{Connection, OpenFlags, params_from_iter};
use uuid::Uuid;

use crate::people::scattered;
use crate::server::ENVIRONMENT;
use crate::{Engine, machine};

use super::{Value, text};

const COLUMNS: [&str; 15] = [
    "environment_id",
    "at",
    "actor",
    "credential",
    "credential_id",
    "request",
    "address",
    "verb",
    "subject",
    "changes",
    "address_salt",
    "changes_salt",
    "chain",
    "sequence",
    "hash",
];
/// One event a few seconds, for a year when there are ten million of them.
const STEP: i64 = 3_000_000;
const BEGIN: i64 = 1_735_689_600_000_000;
/// So many people do what the nightly synchronisation does not, which does half of all; and so many are done to.
const PEOPLE: u64 = 1_000;
const SUBJECTS: u64 = 100_000;
/// What people do beside signing in, each as often as the others.
const VERBS: [&str; 12] = [
    "user.created",
    "user.invited",
    "user.accepted",
    "user.activated",
    "user.deactivated",
    "user.removed",
    "group.created",
    "group.updated",
    "menu.updated",
    "token.created",
    "token.revoked",
    "session.ended",
];
/// What hardly ever happens: one in so many.
pub(crate) const RARE: (&str, u64) = ("webhook.rotated", 200_000);

/// What events tell.
pub(crate) struct Trail {
    pub(crate) events: u64,
}

impl Trail {
    /// When the `n`-th happened, in microseconds since 1970.
    pub(crate) fn at(&self, n: u64) -> i64 {
        BEGIN + n as i64 * STEP
    }

    /// In which request.
    pub(crate) fn request(&self, n: u64) -> Uuid {
        // As the server makes them: ordered by time, and random behind it.
        let milliseconds = (self.at(n) / 1000) as u64;
        uuid::Builder::from_unix_timestamp_millis(
            milliseconds,
            &scattered(n).to_be_bytes().repeat(2)[..10].try_into().unwrap_or_default(),
        )
        .into_uuid()
    }

    /// The synchronisation.
    pub(crate) fn busiest(&self) -> Uuid {
        numbered(0)
    }

    /// Anybody else.
    pub(crate) fn person(&self, n: u64) -> Uuid {
        numbered(1 + scattered(n) % PEOPLE)
    }

    /// Anybody who is done to.
    pub(crate) fn subject(&self, n: u64) -> Uuid {
        numbered(1_000_000 + scattered(n) % SUBJECTS)
    }

    fn row(&self, environment: i64, n: u64) -> [Value; 15] {
        let luck = scattered(n.wrapping_add(1 << 40));
        let (actor, verb, subject) = match luck % 10 {
            _ if n % RARE.1 == RARE.1 / 2 => (self.person(n), RARE.0, self.subject(n)),
            0..5 => (self.busiest(), "user.updated", self.subject(n)),
            5..8 => (self.person(n), "sign_in.succeeded", self.person(n)),
            _ => (self.person(n), VERBS[(luck / 10) as usize % VERBS.len()], self.subject(n)),
        };
        let string = |text: &str| Value::Text(text.to_owned());
        let bytes = |id: Uuid| Value::Bytes(id.as_bytes().to_vec());
        let digest = |n: u64| (0..4).flat_map(|k| scattered(n * 4 + k).to_be_bytes()).collect::<Vec<u8>>();
        [
            Value::Integer(environment),
            Value::Integer(self.at(n)),
            bytes(actor),
            string("token"),
            bytes(actor),
            string(&self.request(n).to_string()),
            string("192.0.2.17"),
            string(verb),
            string(&subject.to_string()),
            Value::Text(format!(r#"{{"name":["Person {n}","Person {}"]}}"#, n + 1)),
            Value::Bytes(digest(n)[..16].to_vec()),
            Value::Bytes(digest(n)[16..].to_vec()),
            Value::Integer(environment),
            Value::Integer(n as i64 + 1),
            Value::Bytes(digest(n + 1)),
        ]
    }

    /// Writes them, indexes last, in place of all that there are. Blocks.
    pub(crate) fn write(&self, engine: Engine, url: &str) -> anyhow::Result<()> {
        match engine {
            Engine::Sqlite => self.write_sqlite(url),
            Engine::Postgres => self.write_postgres(url),
        }
    }

    fn write_sqlite(&self, url: &str) -> anyhow::Result<()> {
        let mut connection = Connection::open(Engine::file(url))?;
        connection.execute_batch("PRAGMA synchronous = OFF; PRAGMA cache_size = -524288;")?;
        connection.pragma_update(None, "threads", machine::cores() as i64)?;
        let environment: i64 =
            connection.query_row(&spelled("environments::FIND_BY_KEY")?, [ENVIRONMENT], |row| row.get(0))?;
        let transaction = connection.transaction()?;
        let indexes = "SELECT name, sql FROM sqlite_master WHERE tbl_name = 'audit_events' AND type = 'index' AND sql IS NOT NULL";
        let indexes: Vec<(String, String)> = transaction
            .prepare(indexes)?
            .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
            .collect::<Result<_, _>>()?;
        indexes.iter().try_for_each(|(name, _)| transaction.execute_batch(&format!("DROP INDEX {name}")))?;
        transaction.execute_batch("DELETE FROM audit_events")?;
        {
            let places: Vec<String> = (1..=COLUMNS.len()).map(|place| format!("?{place}")).collect();
            let sql = format!("INSERT INTO audit_events ({}) VALUES ({})", COLUMNS.join(", "), places.join(", "));
            let mut insert = transaction.prepare(&sql)?;
            for n in 0..self.events {
                insert.execute(params_from_iter(self.row(environment, n)))?;
            }
        }
        indexes.iter().try_for_each(|(_, sql)| transaction.execute_batch(sql))?;
        transaction.execute_batch(&self.head(environment))?;
        transaction.commit()?;
        connection.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)")?;
        Ok(())
    }

    fn write_postgres(&self, url: &str) -> anyhow::Result<()> {
        let mut client = Client::connect(url, NoTls)?;
        client.batch_execute("SET synchronous_commit = off; SET maintenance_work_mem = '512MB'")?;
        let environment: i64 = client.query_one(text("environments::FIND_BY_KEY")?, &[&ENVIRONMENT])?.try_get(0)?;
        let indexes = "SELECT indexname::text, indexdef FROM pg_indexes WHERE tablename = 'audit_events' AND indexname <> 'audit_events_pkey'";
        let indexes: Vec<(String, String)> =
            client.query(indexes, &[])?.iter().map(|row| (row.get(0), row.get(1))).collect();
        for (name, _) in &indexes {
            client.batch_execute(&format!("DROP INDEX {name}"))?;
        }
        client.batch_execute("TRUNCATE audit_events")?;
        let mut copy = client.copy_in(&format!("COPY audit_events ({}) FROM STDIN", COLUMNS.join(", ")))?;
        for n in 0..self.events {
            let fields = self.row(environment, n).map(|value| field(&value));
            writeln!(copy, "{}", fields.join("\t"))?;
        }
        copy.finish()?;
        for (_, definition) in &indexes {
            client.batch_execute(definition)?;
        }
        client.batch_execute(&self.head(environment))?;
        // Autovacuum has done it long before there are so many.
        client.batch_execute("VACUUM ANALYZE audit_events")?;
        Ok(())
    }

    fn head(&self, environment: i64) -> String {
        let newest = self.events;
        format!(
            "INSERT INTO audit_heads (chain, environment, sequence, hash, checkpointed) SELECT id, uuid, {newest}, uuid, {newest} \
             FROM environments WHERE id = {environment} ON CONFLICT (chain) DO UPDATE SET sequence = {newest}, checkpointed = {newest}"
        )
    }
}

/// One for each number.
fn numbered(n: u64) -> Uuid {
    uuid::Builder::from_random_bytes(
        [scattered(n).to_be_bytes(), scattered(n + (1 << 41)).to_be_bytes()].concat().try_into().unwrap_or_default(),
    )
    .into_uuid()
}

/// As `COPY` reads a field. What is told holds no tab and no line break.
fn field(value: &Value) -> String {
    match value {
        Value::Null => "\\N".to_owned(),
        Value::Integer(integer) => integer.to_string(),
        Value::Boolean(flag) => flag.to_string(),
        Value::Text(text) => text.replace('\\', "\\\\"),
        Value::Bytes(bytes) => format!("\\\\x{}", bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>()),
    }
}

fn spelled(name: &str) -> anyhow::Result<String> {
    Ok(text(name)?.replace('$', "?"))
}

/// Whether an event waits to be chained. Blocks.
pub(crate) fn any_waiting(engine: Engine, url: &str) -> anyhow::Result<bool> {
    let name = "chain::ANY_WAITING";
    Ok(match engine {
        Engine::Sqlite => Connection::open_with_flags(Engine::file(url), OpenFlags::SQLITE_OPEN_READ_ONLY)?
            .prepare(&spelled(name)?)?
            .exists([])?,
        Engine::Postgres => !Client::connect(url, NoTls)?.query(text(name)?, &[])?.is_empty(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_of_all_is_done_by_one_and_what_is_rare_happens() {
        let trail = Trail { events: 1_000_000 };
        let rows: Vec<_> = (0..10_000).map(|n| trail.row(1, n)).collect();
        let busiest =
            rows.iter().filter(|row| matches!(&row[2], Value::Bytes(id) if id == trail.busiest().as_bytes())).count();
        assert!((4_500..5_500).contains(&busiest), "{busiest}");
        assert!(matches!(&trail.row(1, RARE.1 / 2)[7], Value::Text(verb) if verb == RARE.0));
    }

    #[test]
    fn a_field_is_spelled_as_copy_reads_it() {
        assert_eq!(field(&Value::Bytes(vec![1, 255])), "\\\\x01ff");
        assert_eq!(field(&Value::Text("a\\b".to_owned())), "a\\\\b");
    }
}
