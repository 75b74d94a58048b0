//! Asking the past, beside the same questions about the present: as of times all over what was since written, so that what
//! answers is partly what is and partly what was.

use std::time::SystemTime;

use serde_json::json;

use crate::http::Connection;
use crate::people::{OF_A_TEAM, scattered};
use crate::report::{Row, Target, Unit};
use crate::wrk::{Asked, Wrk};

use super::{PAUSE, ROUNDS, Rounds, Run, say};

const CONNECTIONS: usize = 32;
/// A question about the past takes at most three times as long.
const TARGET: f64 = 0.334;
/// Different requests, picked from at random.
const QUESTIONS: u64 = 50_000;

impl Run<'_> {
    pub(super) async fn past_rows(&self, rows: &mut Vec<Row>) -> anyhow::Result<()> {
        say("asking the past");
        let any = self.any_user();
        let (from, span) = (self.filled_at, self.filled_at.elapsed()?);
        let time = |n: u64| {
            let at = from + span.mul_f64((scattered(n) % 1000) as f64 / 1000.0);
            let micros = at.duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.as_micros() as i64);
            jiff::Timestamp::from_microsecond(micros).map(|time| time.to_string()).unwrap_or_default()
        };
        let permission = |n: u64| OF_A_TEAM[scattered(n) as usize % OF_A_TEAM.len()];
        let target = self.installed.v2(&self.server);
        let answer =
            Connection::open(target.address).await?.send(&target.get("/api/v2/permission")).await?.json(200)?;
        let known = answer.as_array().into_iter().flatten();
        let id = known.filter(|known| known["codename"] == OF_A_TEAM[0]).find_map(|known| known["id"].as_i64());
        let id = id.unwrap_or(1);
        type Question<'q> = Box<dyn Fn(u64, bool) -> Asked + 'q>;
        let asks = |path: String, n: u64, past: bool| {
            let sign = if path.contains('?') { '&' } else { '?' };
            Asked::get(if past { format!("{path}{sign}at={}", time(n)) } else { path })
        };
        let questions: [(&'static str, &str, u64, Question<'_>); 4] = [
            (
                "past-user",
                "GET /api/v2/user/{id}?at=",
                QUESTIONS,
                Box::new(|n, past| asks(format!("/api/v2/user/{}", any(n)), n, past)),
            ),
            (
                "past-permissions",
                "GET /api/v2/user/{id}/permissions?at=",
                QUESTIONS,
                Box::new(|n, past| asks(format!("/api/v2/user/{}/permissions", any(n)), n, past)),
            ),
            (
                "past-check",
                "POST /api/v2/check, one question with `at`",
                QUESTIONS,
                Box::new(|n, past| {
                    let mut question = json!({ "user": any(n), "permission": permission(n) });
                    if past {
                        question["at"] = json!(time(n));
                    }
                    Asked::post("/api/v2/check", question.to_string())
                }),
            ),
            (
                "past-holders",
                "GET /api/v2/permission/{id}/holders?at=, ten",
                1_000,
                Box::new(|n, past| asks(format!("/api/v2/permission/{id}/holders?limit=10"), n, past)),
            ),
        ];
        for (name, what, many, question) in &questions {
            let made = |past: bool| -> anyhow::Result<Wrk> {
                let asked: Vec<Asked> = (0..*many).map(|n| question(n, past)).collect();
                Wrk::new(self.folder, &asked, &target.headers)
            };
            let (then, now) = (made(true)?, made(false)?);
            let (mut rounds, mut notes) = (Rounds::default(), Vec::new());
            for _ in 0..ROUNDS {
                let past = then.run(self.server.address, CONNECTIONS, self.round())?;
                std::thread::sleep(PAUSE);
                let present = now.run(self.server.address, CONNECTIONS, self.round())?;
                std::thread::sleep(PAUSE);
                rounds.add(past.per_second(), present.per_second());
                notes.push((past.p50, past.p99));
            }
            let middle = |of: fn(&(u64, u64)) -> u64| super::median(notes.iter().map(|n| of(n) as f64)) / 1000.0;
            rows.push(Row {
                name,
                what: format!("{what}, {CONNECTIONS} connections"),
                measured: rounds.measured(),
                unit: Unit::PerSecond,
                ceiling: Some(rounds.ceiling("the same about the present")),
                target: Some(Target::Ratio(TARGET)),
                note: format!("p50 {:.2} ms, p99 {:.2} ms", middle(|n| n.0), middle(|n| n.1)),
                shows: None,
            });
        }
        Ok(())
    }
}
