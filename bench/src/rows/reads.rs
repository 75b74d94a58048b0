//! Reading one user, authenticated and authorised; beside a bare server that answers the same bytes.

use std::time::Duration;

use crate::bare;
use crate::http::Connection;
use crate::process::Listening;
use crate::report::{Row, Target, Unit};
use crate::wrk::{Asked, Counted, Wrk};

use super::{PAUSE, ROUNDS, Rounds, Run, median, say};

const CONNECTIONS: usize = 32;
const TARGET: f64 = 0.6;
/// Users who are asked for, all over the environment: `wrk` needs a second to read ten times as many, in which it measures.
const MOST_ASKED: usize = 100_000;
const WARM_UP: Duration = Duration::from_secs(1);

impl Run<'_> {
    pub(super) async fn read(&self) -> anyhow::Result<Row> {
        say("reading users");
        let target = self.installed.v2(&self.server);
        let path = |id: &uuid::Uuid| format!("/api/v2/user/{id}");
        let mut connection = Connection::open(target.address).await?;
        let answer = connection.send(&target.get(&path(&self.users[self.users.len() / 2]))).await?;
        answer.json(200)?;
        let bytes = answer.body.len();
        let bare = bare::start(self.folder, answer.head, answer.body)?;
        let step = self.users.len().div_ceil(MOST_ASKED);
        let asked: Vec<Asked> = self.users.iter().step_by(step).map(|id| Asked::get(path(id))).collect();
        let wrk = Wrk::new(self.folder, &asked, &target.headers)?;
        for server in [&self.server, &bare] {
            wrk.run(server.address, CONNECTIONS, WARM_UP)?;
        }
        let round = |server: &Listening| -> anyhow::Result<(Counted, f64)> {
            let before = server.processor_time()?;
            let counted = wrk.run(server.address, CONNECTIONS, self.round())?;
            let each = (server.processor_time()? - before).as_secs_f64() * 1e6 / counted.requests as f64;
            std::thread::sleep(PAUSE);
            Ok((counted, each))
        };
        let mut rounds = Rounds::default();
        let mut notes = Vec::new();
        for _ in 0..ROUNDS {
            let (ours, own) = round(&self.server)?;
            let (most, least) = round(&bare)?;
            rounds.add(ours.per_second(), most.per_second());
            notes.push((ours.p50 as f64 / 1000.0, ours.p99 as f64 / 1000.0, own, least));
        }
        let middle = |of: fn(&(f64, f64, f64, f64)) -> f64| median(notes.iter().map(of));
        let (p50, p99, own, least) = (middle(|n| n.0), middle(|n| n.1), middle(|n| n.2), middle(|n| n.3));
        Ok(Row {
            name: "read",
            what: format!("GET /api/v2/user/{{id}}, any of them, {CONNECTIONS} connections"),
            measured: rounds.measured(),
            unit: Unit::PerSecond,
            ceiling: Some(rounds.ceiling("bare axum")),
            target: Some(Target::Ratio(TARGET)),
            // Processor time hardly changes with what else the machine does, where rates do.
            note: format!(
                "p50 {p50:.2} ms, p99 {p99:.2} ms; {own:.1} µs of processor time a request, {least:.1} µs the bare \
                 server; {bytes} bytes"
            ),
            shows: None,
        })
    }
}
