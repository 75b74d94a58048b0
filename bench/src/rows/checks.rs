//! Asking whether users may do something: one question at a time, beside a bare server that answers the same bytes, and many
//! at once.

use std::time::Duration;

use serde_json::json;

use crate::bare;
use crate::http::Connection;
use crate::people::{OF_A_TEAM, scattered};
use crate::process::Listening;
use crate::report::{Row, Target, Unit, count};
use crate::wrk::{Asked, Wrk};

use super::{PAUSE, ROUNDS, Rounds, Run, median, say};

const PATH: &str = "/api/v2/check";
const CONNECTIONS: usize = 32;
const TARGET: f64 = 0.6;
/// What 99 of 100 answers take at most at a third of the load.
const LATENCY: f64 = 1.0;
const BATCH: usize = 100;
const BATCH_CONNECTIONS: usize = 8;
const BATCH_TARGET: f64 = 500_000.0;
/// Different requests, picked from at random.
const SINGLES: u64 = 50_000;
const BATCHES: u64 = 1_000;
const WARM_UP: Duration = Duration::from_secs(1);

impl Run<'_> {
    pub(super) async fn check_rows(&self, rows: &mut Vec<Row>) -> anyhow::Result<()> {
        say("checking permissions");
        let target = self.installed.v2(&self.server);
        let any = self.any_user();
        let question =
            |n: u64| json!({ "user": any(n), "permission": OF_A_TEAM[scattered(n) as usize % OF_A_TEAM.len()] });
        let mut connection = Connection::open(target.address).await?;
        let answer = connection.send(&target.post(PATH, &question(0).to_string())).await?;
        answer.json(200)?;
        let bare = bare::start(self.folder, answer.head, answer.body)?;
        let singles: Vec<Asked> = (0..SINGLES).map(|n| Asked::post(PATH, question(n).to_string())).collect();
        let wrk = Wrk::new(self.folder, &singles, &target.headers)?;
        for server in [&self.server, &bare] {
            wrk.run(server.address, CONNECTIONS, WARM_UP)?;
        }
        let mut rounds = Rounds::default();
        let mut spent = Vec::new();
        let round = |server: &Listening| -> anyhow::Result<(f64, f64)> {
            let before = server.processor_time()?;
            let counted = wrk.run(server.address, CONNECTIONS, self.round())?;
            let each = (server.processor_time()? - before).as_secs_f64() * 1e6 / counted.requests as f64;
            std::thread::sleep(PAUSE);
            Ok((counted.per_second(), each))
        };
        for _ in 0..ROUNDS {
            let ((ours, own), (most, least)) = (round(&self.server)?, round(&bare)?);
            rounds.add(ours, most);
            spent.push((own, least));
        }
        let (own, least) = (median(spent.iter().map(|s| s.0)), median(spent.iter().map(|s| s.1)));
        let rate = rounds.measured();
        rows.push(Row {
            name: "check",
            what: format!("POST /api/v2/check, one question about any user, {CONNECTIONS} connections"),
            measured: rate,
            unit: Unit::PerSecond,
            ceiling: Some(rounds.ceiling("bare axum")),
            target: Some(Target::Ratio(TARGET)),
            note: format!("{own:.1} µs of processor time a request, {least:.1} µs the bare server"),
            shows: None,
        });
        // A connection that pauses for a millisecond asks a little less than a thousand times a second.
        let few = ((rate / 3.0 / 900.0).round() as usize).max(2);
        let calm = wrk.run_pausing(self.server.address, few, self.round() * ROUNDS as u32, 1)?;
        rows.push(Row {
            name: "check-calm",
            what: "p99 of one question at a third of that load".to_owned(),
            measured: calm.p99 as f64 / 1000.0,
            unit: Unit::Milliseconds,
            ceiling: None,
            target: Some(Target::AtMost(LATENCY)),
            note: format!("{}/s, p50 {:.2} ms", count(calm.per_second()), calm.p50 as f64 / 1000.0),
            shows: None,
        });
        let batch = |n: u64| {
            let questions: Vec<_> = (0..BATCH as u64).map(|place| question(n * BATCH as u64 + place)).collect();
            Asked::post(PATH, json!({ "questions": questions }).to_string())
        };
        let batches: Vec<Asked> = (0..BATCHES).map(batch).collect();
        let wrk = Wrk::new(self.folder, &batches, &target.headers)?;
        wrk.run(self.server.address, BATCH_CONNECTIONS, WARM_UP)?;
        let counted = wrk.run(self.server.address, BATCH_CONNECTIONS, self.round() * ROUNDS as u32)?;
        rows.push(Row {
            name: "check-batch",
            what: format!("checks a second, {BATCH} in a request, {BATCH_CONNECTIONS} connections"),
            measured: counted.per_second() * BATCH as f64,
            unit: Unit::PerSecond,
            ceiling: None,
            target: Some(Target::AtLeast(BATCH_TARGET)),
            note: format!(
                "p50 {:.2} ms, p99 {:.2} ms a request",
                counted.p50 as f64 / 1000.0,
                counted.p99 as f64 / 1000.0
            ),
            shows: None,
        });
        Ok(())
    }
}
