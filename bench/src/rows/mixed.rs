//! Reads at a fixed rate while everything else is saturated: writers and hashing at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crate::load::{Call, Until, closed, open};
use crate::report::{Row, Target, Unit, count};

use super::{Run, say, writes};

pub(super) const PER_SECOND: u64 = 1000;
/// As many may wait at once.
pub(super) const CONNECTIONS: usize = 64;
const HASHING: usize = 8;
pub(super) const TARGET: f64 = 20.0;
/// Until the others are at full speed.
pub(super) const RUN_UP: Duration = Duration::from_secs(1);

impl Run<'_> {
    /// What reads one user here and one there.
    pub(super) fn read_any(&self) -> Arc<Call> {
        let any = self.any_user();
        let request = move |target: &crate::http::Target, n| target.get(&format!("/api/v2/user/{}", any(n)));
        Arc::new(Call { request: Box::new(request), expected: 200, answered: None })
    }

    pub(super) async fn mixed(&self) -> anyhow::Result<Row> {
        say("reading while everything else is saturated");
        let (v1, v2) = (self.installed.v1(&self.server), self.installed.v2(&self.server));
        let sign_in = self.sign_in().await?;
        let over = Arc::new(AtomicBool::new(false));
        let until = || Until::Told(over.clone());
        let (modify, create) = (self.modify(), self.create());
        let reads = async {
            tokio::time::sleep(RUN_UP).await;
            let time = Duration::from_secs(self.options.seconds);
            let counted = open(v2.clone(), CONNECTIONS, PER_SECOND, time, self.read_any()).await;
            over.store(true, Ordering::Relaxed);
            counted
        };
        let counters = &self.counters;
        let (reads, modified, created, signed_in) = tokio::join!(
            reads,
            closed(&v1, writes::CONNECTIONS, until(), &counters.modified, &modify),
            closed(&v2, HASHING, until(), &counters.with_password, &create),
            closed(&v2, HASHING, until(), &counters.signed_in, &sign_in),
        );
        let (reads, modified, created, signed_in) = (reads?, modified?, created?, signed_in?);
        Ok(Row {
            name: "mixed",
            what: format!(
                "p99 of GET /api/v2/user/{{id}}, offered at {}/s while writing and hashing are saturated",
                count(PER_SECOND as f64)
            ),
            measured: reads.permille(990),
            unit: Unit::Milliseconds,
            ceiling: None,
            target: Some(Target::AtMost(TARGET)),
            note: format!(
                "p50 {:.1} ms, max {:.0} ms; answered {}/s; beside {} changes/s, {} users with passwords/s, {} sign-ins/s",
                reads.permille(500),
                reads.permille(1000),
                count(reads.per_second()),
                count(modified.per_second()),
                count(created.per_second()),
                count(signed_in.per_second())
            ),
            shows: None,
        })
    }
}
