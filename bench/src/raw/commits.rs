//! Raw commits on PostgreSQL: as many connections as the networked engine writes with, each running jobs between `BEGIN` and
//! `COMMIT`, as fast as the server takes them.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::bail;
use bytes::BytesMut;
use postgres::types::{IsNull, ToSql, Type, to_sql_checked};
use postgres::{Client, NoTls};

use super::{Job, Sql, Value, grams, text, texts};

/// As many as the networked engine writes with.
const CONNECTIONS: usize = 16;

/// The id of the environment with this key. Blocks: not for threads that serve.
pub(crate) fn environment(url: &str, key: &str) -> anyhow::Result<i64> {
    let mut client = Client::connect(url, NoTls)?;
    Ok(client.query_one(text("environments::FIND_BY_KEY")?, &[&key])?.try_get(0)?)
}

/// Jobs a second. Blocks.
pub(crate) fn per_second(
    url: &str,
    time: Duration,
    next: &AtomicU64,
    job: &Arc<dyn Fn(u64) -> Job + Send + Sync>,
) -> anyhow::Result<f64> {
    let begun = Instant::now();
    let done = std::thread::scope(|scope| {
        let threads: Vec<_> =
            (0..CONNECTIONS).map(|_| scope.spawn(move || work(url, begun, time, next, job.as_ref()))).collect();
        let mut done = 0;
        for thread in threads {
            match thread.join() {
                Ok(own) => done += own?,
                Err(_) => bail!("a raw writer panicked"),
            }
        }
        Ok(done)
    })?;
    Ok(done as f64 / begun.elapsed().as_secs_f64())
}

fn work(
    url: &str,
    begun: Instant,
    time: Duration,
    next: &AtomicU64,
    job: &(dyn Fn(u64) -> Job + Send + Sync),
) -> anyhow::Result<u64> {
    let mut client = Client::connect(url, NoTls)?;
    let statements = texts()?.into_iter().map(|text| client.prepare(text)).collect::<Result<Vec<_>, _>>()?;
    let learn = client.prepare(grams::LEARN)?;
    let mut done = 0;
    while begun.elapsed() < time {
        client.batch_execute("BEGIN")?;
        let job = job(next.fetch_add(1, Ordering::Relaxed));
        let address = job.iter().find(|(sql, _)| *sql == Sql::AccountByEmail).map_or(&Value::Null, |(_, v)| &v[0]);
        for (sql, columns) in &job {
            let values: Vec<&(dyn ToSql + Sync)> = columns.iter().map(|value| value as &(dyn ToSql + Sync)).collect();
            client.query(&statements[*sql as usize], &values)?;
            if grams::follow(*sql) {
                client.execute(&learn, &[&columns[0], &columns[1], &grams::of(address, columns)])?;
            }
        }
        client.batch_execute("COMMIT")?;
        done += 1;
    }
    Ok(done)
}

impl ToSql for Value {
    fn to_sql(&self, ty: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        match self {
            Value::Null => Ok(IsNull::Yes),
            Value::Integer(integer) => integer.to_sql(ty, out),
            Value::Boolean(flag) => flag.to_sql(ty, out),
            Value::Text(text) => text.to_sql(ty, out),
            Value::Bytes(bytes) => bytes.to_sql(ty, out),
        }
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}
