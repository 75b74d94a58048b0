//! One environment's logins saturate hashing: what the sign-ins of another one, and those who only read, notice of it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use serde_json::json;

use crate::http::Target;
use crate::load::{Call, Counted, Until, closed, open};
use crate::people;
use crate::report::{Row, Target as Bound, Unit, count};

use super::{Run, mixed, say};

/// The environment whose people all come at once, and the one where they come one after the other.
const STORM: &str = "storm";
const QUIET: &str = "quiet";
/// More than the server lets wait for a hashing thread, so that some are refused.
const CONNECTIONS: usize = 96;
/// Never one at two places at once.
const PEOPLE: u64 = 2 * CONNECTIONS as u64;
/// Numbers of their own, in each environment.
const FIRST: [(&str, u64); 2] = [(STORM, 90_000_000), (QUIET, 91_000_000)];
/// What a sign-in elsewhere takes at most.
const SIGN_IN: f64 = 1000.0;

impl Run<'_> {
    /// Both at once, and the storm for as long.
    pub(super) async fn storm_rows(&self, rows: &mut Vec<Row>) -> anyhow::Result<()> {
        say("signing in while another environment's logins saturate hashing");
        let v2 = self.installed.v2(&self.server);
        for (environment, first) in FIRST {
            self.settle(environment, first).await?;
        }
        let [storm, quiet] = FIRST.map(|(environment, first)| sign_in(environment, first));
        let over = Arc::new(AtomicBool::new(false));
        let until = || Until::Told(over.clone());
        let reads = async {
            tokio::time::sleep(mixed::RUN_UP).await;
            let time = Duration::from_secs(self.options.seconds);
            open(v2.clone(), mixed::CONNECTIONS, mixed::PER_SECOND, time, self.read_any()).await
        };
        let calm = async {
            tokio::time::sleep(mixed::RUN_UP).await;
            let time = Duration::from_secs(self.options.seconds);
            let counted = closed(&v2, 1, Until::Time(time), &Arc::default(), &quiet).await;
            over.store(true, Ordering::Relaxed);
            counted
        };
        let next = Arc::default();
        let (reads, calm, stormed) = tokio::join!(reads, calm, closed(&v2, CONNECTIONS, until(), &next, &storm));
        let (reads, calm, stormed) = (reads?, calm?, stormed?);
        rows.push(Row {
            name: "storm-sign-in",
            what: format!(
                "the slowest POST /api/v2/user/login of one environment, one after the other, while {CONNECTIONS} connections \
                 sign in to another"
            ),
            measured: calm.permille(1000),
            unit: Unit::Milliseconds,
            ceiling: None,
            target: Some(Bound::AtMost(SIGN_IN)),
            note: format!(
                "p50 {:.0} ms, p99 {:.0} ms, {} sign-ins, {} refused; the storm got {} sign-ins/s, p99 {:.0} ms, {}/s refused",
                calm.permille(500),
                calm.permille(990),
                calm.done,
                calm.refused,
                count(stormed.per_second()),
                stormed.permille(990),
                count(refused_per_second(&stormed))
            ), shows: None });
        rows.push(Row {
            name: "storm-read",
            what: format!(
                "p99 of GET /api/v2/user/{{id}}, offered at {}/s during the same",
                count(mixed::PER_SECOND as f64)
            ),
            measured: reads.permille(990),
            unit: Unit::Milliseconds,
            ceiling: None,
            target: Some(Bound::AtMost(mixed::TARGET)),
            note: format!(
                "p50 {:.1} ms, max {:.0} ms; answered {}/s",
                reads.permille(500),
                reads.permille(1000),
                count(reads.per_second())
            ),
            shows: None,
        });
        Ok(())
    }

    /// Makes an environment and its people, who have passwords and no group.
    async fn settle(&self, environment: &'static str, first: u64) -> anyhow::Result<()> {
        let v2 = self.installed.v2(&self.server);
        let make =
            move |target: &Target, _| target.post("/api/v2/environment", &json!({ "key": environment }).to_string());
        let make = Arc::new(Call { request: Box::new(make), expected: 201, answered: None });
        closed(&v2, 1, Until::Count(1), &Arc::default(), &make).await?;
        let inside = v2.with(&[("x-environment-id", environment)]);
        let add = |target: &Target, number| target.post("/api/v2/user", &people::create_alone(number));
        let add = Arc::new(Call { request: Box::new(add), expected: 201, answered: None });
        closed(&inside, 8, Until::Count(PEOPLE), &Arc::new(AtomicU64::new(first)), &add).await?;
        Ok(())
    }
}

/// What signs in one after another of an environment's people, who name it.
fn sign_in(environment: &'static str, first: u64) -> Arc<Call> {
    let request = move |target: &Target, n: u64| {
        target.post("/api/v2/user/login", &people::sign_in_to(environment, first + n % PEOPLE))
    };
    Arc::new(Call { request: Box::new(request), expected: 200, answered: None })
}

fn refused_per_second(counted: &Counted) -> f64 {
    counted.refused as f64 / counted.took.as_secs_f64()
}
