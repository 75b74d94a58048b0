//! How long a start takes, and how much memory the server holds, before and after its work.

use crate::process::Listening;
use crate::report::{Row, Target, Unit};
use crate::server::Installed;
use crate::{Name, Options};

use super::{Run, median, say};

const STARTS: usize = 5;
const START_TARGET: f64 = 100.0;
const MEMORY_TARGET: f64 = 30.0;

/// Starts a few times, the last time to stay.
pub(super) async fn rows(installed: &Installed, options: &Options, rows: &mut Vec<Row>) -> anyhow::Result<Listening> {
    let (server, row) = starts(installed, "an empty database").await?;
    if options.wants(Name::Start) {
        rows.push(row);
    }
    if options.wants(Name::Memory) {
        rows.push(memory_row("memory of the server, just started, nothing hashed yet", &server, Some(MEMORY_TARGET))?);
    }
    Ok(server)
}

async fn starts(installed: &Installed, database: &str) -> anyhow::Result<(Listening, Row)> {
    let mut times = Vec::new();
    let mut last: Option<Listening> = None;
    for _ in 0..STARTS {
        if let Some(before) = last.take() {
            before.stop()?;
        }
        let (server, started) = installed.serve_timed().await?;
        times.push((started.health.as_secs_f64() * 1000.0, started.api.as_secs_f64() * 1000.0));
        last = Some(server);
    }
    let health = median(times.iter().map(|time| time.0));
    let row = Row {
        name: "start",
        what: format!("from the start to the first user read through the API, {database}"),
        measured: median(times.iter().map(|time| time.1)),
        unit: Unit::Milliseconds,
        ceiling: None,
        target: Some(Target::AtMost(START_TARGET)),
        note: format!("/healthz after {health:.1} ms; medians of {STARTS} starts"),
        shows: None,
    };
    Ok((last.ok_or_else(|| anyhow::anyhow!("no start at all"))?, row))
}

/// What the server holds now.
pub(super) fn memory_row(what: &str, server: &Listening, target: Option<f64>) -> anyhow::Result<Row> {
    let (now, most) = server.memory()?;
    let megabytes = |bytes: u64| bytes as f64 / 1e6;
    Ok(Row {
        name: "memory",
        what: what.to_owned(),
        measured: megabytes(now),
        unit: Unit::Megabytes,
        ceiling: None,
        target: target.map(Target::AtMost),
        note: format!("{:.1} MB at most so far", megabytes(most)),
        shows: None,
    })
}

impl Run<'_> {
    /// Memory after all of it, and how long a start takes now.
    pub(super) async fn finish(self, rows: &mut Vec<Row>) -> anyhow::Result<()> {
        let Run { options, server, installed, cluster: _cluster, .. } = self;
        if options.wants(Name::Memory) {
            rows.push(memory_row("memory of the server, after all of this", &server, None)?);
        }
        server.stop()?;
        if options.wants(Name::Start) {
            say("starting again");
            let (server, row) = starts(&installed, "all users in it").await?;
            rows.push(row);
            if options.wants(Name::Memory) {
                let what = "memory of the server, started with all users, nothing hashed yet";
                rows.push(memory_row(what, &server, Some(MEMORY_TARGET))?);
            }
            server.stop()?;
        }
        Ok(())
    }
}
