//! A webhook that was off for a while and has much to be told, while another one of the same environment is dead.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context;
use serde_json::json;
use uuid::Uuid;

use crate::http::{Answer, Connection, Target};
use crate::load::{Call, Until, closed, open};
use crate::people::{self, scattered};
use crate::receiver::Receiver;
use crate::report::{Row, Target as Aim, Unit, count};

use super::writes::{CONNECTIONS, creating, modifying};
use super::{FILLING, Run, binary, lock, mixed, say};

const PATH: &str = "/api/v2/webhook";
const USERS: u64 = 1_000;
const EVENTS: u64 = 100_000;
/// Deliveries a second.
const TARGET: f64 = 1_000.0;
/// Reads a second meanwhile: few enough that the delivering is what is measured.
const READS: u64 = 200;
const LOOK: Duration = Duration::from_millis(20);
/// Longer than what misses the target by far.
const PATIENCE: Duration = Duration::from_secs(300);

impl Run<'_> {
    pub(super) async fn webhook_rows(&self, rows: &mut Vec<Row>) -> anyhow::Result<()> {
        say(&format!("making {} events for webhooks that are off", count(EVENTS as f64)));
        let installed = self.another("webhooks", &binary()?)?;
        let server = installed.serve_with(&["--webhook-allow-private"])?;
        let (v1, v2) = (installed.v1(&server), installed.v2(&server));
        people::prepare(&v2).await?;
        let ids = Arc::new(std::sync::Mutex::new(Vec::<Uuid>::new()));
        let kept = ids.clone();
        let keep = move |_, answer: &Answer<'_>| lock(&kept).extend(people::id_of(answer.body));
        let fill = Arc::new(Call { answered: Some(Box::new(keep)), ..creating() });
        closed(&v1, FILLING, Until::Count(USERS), &Arc::default(), &fill).await?;
        self.all_chained(&installed).await?;
        let (fast, dead) = (Receiver::start(false).await?, Receiver::start(true).await?);
        let mut webhooks = Vec::new();
        for receiver in [&dead, &fast] {
            let url = format!("http://{}/hooks", receiver.address);
            let body = json!({ "url": url, "event_types": ["user.updated"], "enabled": false }).to_string();
            let made = Connection::open(v2.address).await?.send(&v2.post(PATH, &body)).await?.json(201)?;
            webhooks.push(made["id"].as_str().context("a webhook without an id")?.to_owned());
        }
        closed(&v1, CONNECTIONS, Until::Count(EVENTS), &Arc::default(), &modifying(USERS)).await?;
        self.all_chained(&installed).await?;

        say("telling them");
        let mut begun = Instant::now();
        for webhook in &webhooks {
            begun = Instant::now();
            let on = v2.patch(&format!("{PATH}/{webhook}"), &json!({ "enabled": true }).to_string());
            Connection::open(v2.address).await?.send(&on).await?.json(200)?;
        }
        let ids = std::mem::take(&mut *lock(&ids));
        let read = move |target: &Target, n: u64| {
            target.get(&format!("/api/v2/user/{}", ids[(scattered(n) % ids.len() as u64) as usize]))
        };
        let read = Arc::new(Call { request: Box::new(read), expected: 200, answered: None });
        let time = Duration::from_secs(self.options.seconds);
        let (took, reads) = tokio::join!(told(&fast, begun), open(v2.clone(), mixed::CONNECTIONS, READS, time, read));
        let (took, reads) = (took?, reads?);
        rows.push(Row {
            name: "webhooks",
            what: format!(
                "{} deliveries that wait, to a receiver on the same machine, beside a dead one of the same environment",
                count(EVENTS as f64)
            ),
            measured: EVENTS as f64 / took.as_secs_f64(),
            unit: Unit::PerSecond,
            ceiling: None,
            target: Some(Aim::AtLeast(TARGET)),
            note: format!("{:.1} s in all", took.as_secs_f64()),
            shows: None,
        });
        rows.push(Row {
            name: "webhooks-read",
            what: format!("p99 of GET /api/v2/user/{{id}}, offered at {}/s during the same", count(READS as f64)),
            measured: reads.permille(990),
            unit: Unit::Milliseconds,
            ceiling: None,
            target: Some(Aim::AtMost(mixed::TARGET)),
            note: format!("p50 {:.1} ms, max {:.0} ms", reads.permille(500), reads.permille(1000)),
            shows: None,
        });
        Ok(())
    }
}

/// How long it takes until all of it was heard.
async fn told(receiver: &Receiver, begun: Instant) -> anyhow::Result<Duration> {
    while receiver.heard() < EVENTS as usize {
        let heard = receiver.heard();
        anyhow::ensure!(begun.elapsed() < PATIENCE, "only {heard} deliveries came within {PATIENCE:?}");
        tokio::time::sleep(LOOK).await;
    }
    Ok(begun.elapsed())
}
