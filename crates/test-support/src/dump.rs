//! All that a database holds, as text: to show that a refused call changed nothing, that a change was accounted for, and
//! that no secret is stored.

use postgres::{Client, SimpleQueryMessage};
use rusqlite::Connection;
use rusqlite::types::ValueRef;
use std::collections::BTreeMap;

/// Every table with its rows in order, each row as `column=value` parts. Bytes that are text are shown as text, others
/// in hexadecimal digits.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Dump(BTreeMap<String, Vec<Vec<(String, String)>>>);

/// An audit event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    pub id: i64,
    /// Empty: the system's.
    pub environment: String,
    /// In hexadecimal digits; empty: nobody.
    pub actor: String,
    pub verb: String,
    pub subject: String,
    pub changes: String,
}

impl Dump {
    pub(crate) fn of_sqlite(connection: &Connection) -> Dump {
        // The index of texts follows what it is an index of, in its own time: it holds nothing of its own.
        let tables = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' \
                      AND name NOT LIKE 'user\\_search%' ESCAPE '\\' AND name <> 'user_unsought'";
        let mut tables = connection.prepare(tables).unwrap();
        let names: Vec<String> =
            tables.query_map([], |row| row.get(0)).unwrap().collect::<rusqlite::Result<_>>().unwrap();
        let read = |name: &String| {
            let mut statement = connection.prepare(&format!("SELECT * FROM {name}")).unwrap();
            let columns: Vec<String> = statement.column_names().map(str::to_owned).collect();
            let mut found = statement.query([]).unwrap();
            let mut rows = Vec::new();
            while let Some(row) = found.next().unwrap() {
                let value = |n: usize| match row.get_ref(n).unwrap() {
                    ValueRef::Null => String::new(),
                    ValueRef::Integer(i) => i.to_string(),
                    ValueRef::Real(r) => r.to_string(),
                    ValueRef::Text(text) => String::from_utf8_lossy(text).into_owned(),
                    ValueRef::Blob(bytes) => hex(bytes),
                };
                rows.push(columns.iter().enumerate().map(|(n, column)| (column.clone(), value(n))).collect());
            }
            rows.sort();
            (name.clone(), rows)
        };
        Dump(names.iter().map(read).collect())
    }

    pub(crate) fn of_postgres(client: &mut Client) -> Dump {
        let tables = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'";
        let mut one_snapshot = client.build_transaction().isolation_level(postgres::IsolationLevel::RepeatableRead);
        one_snapshot = one_snapshot.read_only(true);
        let mut snapshot = one_snapshot.start().unwrap();
        let names: Vec<String> = snapshot.query(tables, &[]).unwrap().iter().map(|row| row.get(0)).collect();
        let mut read = |name: &String| {
            let mut rows = Vec::new();
            for message in snapshot.simple_query(&format!("SELECT * FROM {name}")).unwrap() {
                let SimpleQueryMessage::Row(row) = message else { continue };
                let value = |n: usize| row.get(n).unwrap_or_default().trim_start_matches("\\x").to_owned();
                rows.push(row.columns().iter().enumerate().map(|(n, c)| (c.name().to_owned(), value(n))).collect());
            }
            rows.sort();
            (name.clone(), rows)
        };
        Dump(names.iter().map(&mut read).collect())
    }

    /// Everything as text.
    pub fn text(&self) -> String {
        let mut out = String::new();
        for (table, rows) in &self.0 {
            for row in rows {
                let parts: Vec<String> = row.iter().map(|(column, value)| format!("{column}={value}")).collect();
                out.push_str(&format!("{table}: {}\n", parts.join(" ")));
            }
        }
        out
    }

    /// Whether these bytes stand anywhere, as text or as digits.
    pub fn holds(&self, text: &str) -> bool {
        let digits = hex(text.as_bytes());
        self.0.values().flatten().flatten().any(|(_, value)| value.contains(text) || value.contains(&digits))
    }

    /// How many rows a table has.
    pub fn count(&self, table: &str) -> usize {
        self.0[table].len()
    }

    /// The rows of a table.
    pub fn rows(&self, table: &str) -> impl Iterator<Item = BTreeMap<&str, &str>> {
        self.0[table].iter().map(|row| row.iter().map(|(column, value)| (column.as_str(), value.as_str())).collect())
    }

    /// The audit trail in its order.
    pub fn events(&self) -> Vec<Event> {
        let mut events: Vec<Event> = self
            .rows("audit_events")
            .map(|row| Event {
                id: row["id"].parse().unwrap(),
                environment: row["environment_id"].to_owned(),
                actor: row["actor"].to_owned(),
                verb: row["verb"].to_owned(),
                subject: row["subject"].to_owned(),
                changes: row["changes"].to_owned(),
            })
            .collect();
        events.sort_by_key(|event| event.id);
        events
    }

    /// The same without what counts refusals and disclosures, which a refused call may write, and without how far the chains
    /// have come, in which those stand too.
    pub fn without_refusals(mut self) -> Dump {
        self.0.remove("guesses");
        self.0.remove("audit_heads");
        let told = ["sign_in.refused", "account.disclosed", "session.reuse_detected"];
        if let Some(events) = self.0.get_mut("audit_events") {
            events.retain(|row| !row.iter().any(|(column, value)| column == "verb" && told.contains(&value.as_str())));
        }
        self
    }

    /// The lines that only one of the two has, for a message.
    pub fn difference(&self, after: &Dump) -> String {
        let (before, after) = (self.text(), after.text());
        let gone = before.lines().filter(|line| !after.lines().any(|other| other == *line)).map(|l| format!("- {l}\n"));
        let come = after.lines().filter(|line| !before.lines().any(|other| other == *line)).map(|l| format!("+ {l}\n"));
        gone.chain(come).collect()
    }
}

impl std::fmt::Debug for Dump {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.text())
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
