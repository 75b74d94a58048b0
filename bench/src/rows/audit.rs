//! What auditing costs: the same changes by the server and by a build of it that writes no audit event, in turns, each on a
//! database of its own. The server's time ends when its events are chained: what is put off is not what is saved.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::{Duration, Instant};

use crate::load::{Call, Counted, Until, closed};
use crate::people;
use crate::process::Listening;
use crate::report::{Row, Target, Unit, count};
use crate::server::Installed;
use crate::{raw, unaudited};

use super::writes::{CONNECTIONS, creating, modifying};
use super::{FILLING, PAUSE, ROUNDS, Rounds, Run, binary, say};

/// At most a quarter is paid for knowing who did what.
const TARGET: f64 = 0.75;
/// How many users each side has; a change costs the same among more of them.
const USERS: u64 = 20_000;
/// How often it is looked whether all is chained, and for how long at most.
const LOOK: Duration = Duration::from_millis(20);
const PATIENCE: Duration = Duration::from_secs(120);

/// One of the two.
struct Side {
    server: Listening,
    installed: Installed,
    modified: Arc<AtomicU64>,
    created: Arc<AtomicU64>,
}

impl Side {
    async fn start(installed: Installed) -> anyhow::Result<Side> {
        let server = installed.serve()?;
        people::prepare(&installed.v2(&server)).await?;
        let side = Side { server, installed, modified: Arc::default(), created: Arc::default() };
        let filling = Until::Count(USERS);
        closed(&side.installed.v1(&side.server), FILLING, filling, &side.created, &Arc::new(creating())).await?;
        Ok(side)
    }

    async fn round(&self, time: Duration, next: &Arc<AtomicU64>, call: &Arc<Call>) -> anyhow::Result<Counted> {
        closed(&self.installed.v1(&self.server), CONNECTIONS, Until::Time(time), next, call).await
    }
}

impl Run<'_> {
    pub(super) async fn audit_rows(&self, rows: &mut Vec<Row>) -> anyhow::Result<()> {
        say("building a server without an audit trail");
        let without = tokio::task::block_in_place(|| unaudited::build(&self.options.top))?;
        say("what auditing costs");
        let audited = Side::start(self.another("audited", &binary()?)?).await?;
        let unaudited = Side::start(self.another("unaudited", &without)?).await?;
        self.all_chained(&audited.installed).await?;
        let what = "POST /api/v1/users, a new name for one of them";
        let of = |side: &Side| side.modified.clone();
        rows.push(self.beside("audit", what, &audited, &unaudited, of, &modifying(USERS)).await?);
        let what = "POST /api/v1/users, a new user with an invitation";
        let of = |side: &Side| side.created.clone();
        rows.push(self.beside("audit", what, &audited, &unaudited, of, &Arc::new(creating())).await?);
        Ok(())
    }

    async fn beside(
        &self,
        name: &'static str,
        what: &str,
        audited: &Side,
        unaudited: &Side,
        numbers: impl Fn(&Side) -> Arc<AtomicU64>,
        call: &Arc<Call>,
    ) -> anyhow::Result<Row> {
        let (mut rounds, mut writing) = (Rounds::default(), Rounds::default());
        let mut late = Duration::ZERO;
        for _ in 0..ROUNDS {
            let ours = audited.round(self.round(), &numbers(audited), call).await?;
            late = self.all_chained(&audited.installed).await?;
            tokio::time::sleep(PAUSE).await;
            let most = unaudited.round(self.round(), &numbers(unaudited), call).await?;
            tokio::time::sleep(PAUSE).await;
            rounds.add(ours.done as f64 / (ours.took + late).as_secs_f64(), most.per_second());
            writing.add(ours.per_second(), most.per_second());
        }
        let ceiling = writing.ceiling("");
        Ok(Row {
            name,
            what: format!("{what}, its event written and chained, {CONNECTIONS} connections"),
            measured: rounds.measured(),
            unit: Unit::PerSecond,
            ceiling: Some(rounds.ceiling("a build without audit")),
            target: Some(Target::Ratio(TARGET)),
            note: format!(
                "written at {}/s ({:.2} of it); chained {:.1} s after the last",
                count(writing.measured()),
                ceiling.ratio,
                late.as_secs_f64()
            ),
            shows: None,
        })
    }

    /// Waits until every event is chained; for how long.
    pub(super) async fn all_chained(&self, installed: &Installed) -> anyhow::Result<Duration> {
        let begun = Instant::now();
        loop {
            let (engine, url) = (self.options.engine, installed.database.clone());
            if !tokio::task::spawn_blocking(move || raw::events::any_waiting(engine, &url)).await?? {
                return Ok(begun.elapsed());
            }
            anyhow::ensure!(begun.elapsed() < PATIENCE, "events wait to be chained, and wait");
            tokio::time::sleep(LOOK).await;
        }
    }
}
