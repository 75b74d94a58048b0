//! Asking the audit trail, by each thing that it can be asked by and by pairs of them: what many events have, what few have,
//! what none has.

use std::sync::Arc;

use crate::http::Target;
use uuid::Uuid;

use crate::load::{Call, Until, closed};
use crate::people::scattered;
use crate::raw::events::{RARE, Trail};
use crate::report::{Row, Target as Aim, Unit, count};

use super::{Run, binary, say};

const PATH: &str = "/api/v2/audit";
const CONNECTIONS: usize = 4;
const REQUESTS: u64 = 400;
const EVENTS: u64 = 1_000_000;
const LARGE: u64 = 10_000_000;
/// In microseconds.
const DAY: i64 = 24 * 3600 * 1_000_000;
/// At 95 of a hundred, in milliseconds.
const TARGET: f64 = 20.0;

/// The n-th query of a kind.
type Query = Box<dyn Fn(u64) -> String + Send + Sync>;

impl Run<'_> {
    pub(super) async fn trail_rows(&self, rows: &mut Vec<Row>) -> anyhow::Result<()> {
        let events = if self.options.large { LARGE } else { EVENTS };
        say(&format!("writing {} audit events", count(events as f64)));
        let installed = self.another("trail", &binary()?)?;
        let trail = Arc::new(Trail { events });
        let (engine, url, writing) = (self.options.engine, installed.database.clone(), trail.clone());
        tokio::task::spawn_blocking(move || writing.write(engine, &url)).await??;
        say("asking the audit trail");
        let server = installed.serve()?;
        let target = installed.v2(&server);
        for (what, query) in kinds(&trail) {
            let request = Box::new(move |target: &Target, n| target.get(&format!("{PATH}?{}", query(n))));
            let call = Arc::new(Call { request, expected: 200, answered: None });
            // So that every connection of the server's has its statements.
            let mut counted = closed(&target, CONNECTIONS, Until::Count(40), &Arc::default(), &call).await?;
            // What misses by far is known by then.
            if counted.permille(950) < 10.0 * TARGET {
                counted = closed(&target, CONNECTIONS, Until::Count(REQUESTS), &Arc::default(), &call).await?;
            }
            rows.push(Row {
                name: "trail",
                what: format!("p95 of GET {PATH} among {} events, {what}", count(events as f64)),
                measured: counted.permille(950),
                unit: Unit::Milliseconds,
                ceiling: None,
                target: Some(Aim::AtMost(TARGET)),
                note: format!("p50 {:.1} ms, max {:.1} ms", counted.permille(500), counted.permille(1000)),
                shows: None,
            });
        }
        Ok(())
    }
}

fn kinds(trail: &Arc<Trail>) -> Vec<(&'static str, Query)> {
    let of = |make: fn(&Trail, u64) -> String| {
        let trail = trail.clone();
        move |n: u64| make(&trail, n)
    };
    let busiest = of(|trail, _| format!("actor={}", trail.busiest()));
    let person = of(|trail, n| format!("actor={}", trail.person(n)));
    let subject = of(|trail, n| format!("subject={}", trail.subject(n)));
    let request = of(|trail, n| format!("request={}", trail.request(scattered(n) % trail.events)));
    let verb = |verb: &'static str| move |_: u64| format!("verb={verb}");
    // A day, somewhere.
    let day = of(|trail, n| {
        let begin = trail.at(scattered(n) % trail.events);
        format!("after={}&before={}", moment(begin), moment(begin + DAY))
    });
    let ever = of(|trail, _| format!("after={}&before={}", moment(trail.at(1)), moment(trail.at(trail.events))));
    let nobody = |_: u64| format!("actor={}", Uuid::nil());
    vec![
        ("no filter", Box::new(|_: u64| String::new())),
        ("actor", Box::new(person.clone())),
        ("actor: one who did half of all", Box::new(busiest.clone())),
        ("actor: nobody", Box::new(nobody)),
        ("subject", Box::new(subject.clone())),
        ("verb: half of all", Box::new(verb("user.updated"))),
        ("verb: a handful", Box::new(verb(RARE.0))),
        ("verb: a family", Box::new(verb("user."))),
        ("time: a day", Box::new(day.clone())),
        ("request", Box::new(request.clone())),
        ("actor and verb", both(&person, verb("group.updated"))),
        ("actor and verb: half of all, and what that one never did", both(&busiest, verb("sign_in.succeeded"))),
        ("actor and verb: half of all, and a handful", both(&busiest, verb(RARE.0))),
        ("actor and a family of verbs", both(&person, verb("group."))),
        ("actor and a family: half of all, and what that one never did", both(&busiest, verb("group."))),
        ("actor and subject", both(&person, subject.clone())),
        ("actor and subject: half of all", both(&busiest, subject.clone())),
        ("actor and time", both(&person, day.clone())),
        ("actor and time: half of all", both(&busiest, day.clone())),
        ("subject and verb", both(&subject, verb("user.updated"))),
        ("subject and time", both(&subject, day.clone())),
        ("verb and time", both(&day, verb("user.updated"))),
        ("verb and time: a handful", both(&day, verb(RARE.0))),
        ("verb and time: a handful of all time", both(&ever, verb(RARE.0))),
        ("request and verb", both(&request, verb("user.updated"))),
    ]
}

fn both<O, A>(one: &O, other: A) -> Query
where
    O: Fn(u64) -> String + Clone + Send + Sync + 'static,
    A: Fn(u64) -> String + Send + Sync + 'static,
{
    let one = one.clone();
    Box::new(move |n| format!("{}&{}", one(n), other(n)))
}

fn moment(microseconds: i64) -> String {
    jiff::Timestamp::from_microsecond(microseconds).map_or_else(|_| String::new(), |at| at.to_string())
}
