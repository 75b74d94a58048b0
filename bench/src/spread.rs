//! The same users in few environments and in many: what an operator with 10,000 tenants pays for the others.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use anyhow::Context;
use serde_json::json;

use crate::http::Target;
use crate::load::{Call, Until, closed};
use crate::people::scattered;
use crate::report::{Unit, count};
use crate::server::Installed;
use crate::wrk::{Asked, Wrk};
use crate::{Engine, Options, machine, people, rows};

const FEW: u64 = 10;
const MANY: u64 = 10_000;
const CONNECTIONS: usize = 32;
const WRITERS: usize = 64;
const WARM_UP: Duration = Duration::from_secs(3);
/// Different requests, picked from at random.
const REQUESTS: u64 = 50_000;
const STARTS: usize = 5;

/// One figure with few environments and with many.
struct Figure {
    what: &'static str,
    unit: Unit,
    measured: Vec<f64>,
}

/// Measures both, and writes the table into `docs/performance/`.
pub(crate) async fn run(options: &Options, folder: &Path) -> anyhow::Result<std::path::PathBuf> {
    anyhow::ensure!(options.engine == Engine::Sqlite, "only the embedded engine is compared so");
    let machine = machine::Machine::look(folder)?;
    let mut figures: Vec<Figure> = Vec::new();
    for environments in [FEW, MANY] {
        eprintln!("    {} environments", count(environments as f64));
        let own = folder.join(environments.to_string());
        std::fs::create_dir(&own)?;
        for (place, (what, unit, measured)) in measure(options, &own, environments).await?.into_iter().enumerate() {
            match figures.get_mut(place) {
                Some(figure) => figure.measured.push(measured),
                None => figures.push(Figure { what, unit, measured: vec![measured] }),
            }
        }
        std::fs::remove_dir_all(&own)?;
    }
    let mut table =
        format!("| what | {} environments | {} | ratio |\n| --- | --- | --- | --- |\n", FEW, count(MANY as f64));
    for Figure { what, unit, measured } in &figures {
        let [few, many] = measured.as_slice() else { continue };
        table.push_str(&format!("| {what} | {} | {} | {:.2} |\n", unit.show(*few), unit.show(*many), many / few));
    }
    let page = format!(
        "# The same users in few environments and in many\n\n{}, commit {}: {} users in all, {} s for each rate.\n{}\n\n{table}\n\
         Made by `cargo xtask bench --environments`.\n",
        machine::today(),
        machine::commit(&options.top),
        count(options.users as f64),
        options.seconds,
        machine.text()
    );
    let file = options.top.join("docs/performance/environments.md");
    std::fs::write(&file, page).context("cannot write the table")?;
    Ok(file)
}

fn key(number: u64, environments: u64) -> String {
    format!("tenant_{}", number % environments)
}

async fn measure(
    options: &Options,
    folder: &Path,
    environments: u64,
) -> anyhow::Result<Vec<(&'static str, Unit, f64)>> {
    let database = format!("sqlite:{}", folder.join("rolebook.db").display());
    let installed = Installed::new(&rows::binary()?, folder, database, options.log.clone())?;
    let server = installed.serve()?;
    let (v1, v2) = (installed.v1(&server), installed.v2(&server));
    let make = |request: fn(&Target, u64, u64) -> String| {
        let request = Box::new(move |target: &Target, n| request(target, n, environments));
        Arc::new(Call { request, expected: 201, answered: None })
    };
    let environment = |target: &Target, n: u64, environments: u64| {
        target.post("/api/v2/environment", &json!({ "key": key(n, environments) }).to_string())
    };
    closed(&v2, WRITERS, Until::Count(environments), &Arc::default(), &make(environment)).await?;
    let group = |target: &Target, n: u64, environments: u64| {
        let target = target.with(&[("x-environment-id", &key(n, environments))]);
        target.post(
            "/api/v2/group",
            &json!({ "name": people::EVERYBODY.0, "permissions": people::EVERYBODY.1 }).to_string(),
        )
    };
    closed(&v2, WRITERS, Until::Count(environments), &Arc::default(), &make(group)).await?;
    let ids = Arc::new(std::sync::Mutex::new(vec![uuid::Uuid::nil(); options.users as usize]));
    let kept = ids.clone();
    let next = Arc::new(AtomicU64::new(0));
    let fill = Arc::new(Call {
        request: Box::new(move |target: &Target, n| upsert(target, n, environments, 0)),
        expected: 201,
        answered: Some(Box::new(move |number, answer| {
            if let Some(place) = rows::lock(&kept).get_mut(number as usize) {
                *place = people::id_of(answer.body).unwrap_or_default();
            }
        })),
    });
    let filled = closed(&v1, WRITERS, Until::Count(options.users), &next, &fill).await?;
    let ids = std::mem::take(&mut *rows::lock(&ids));
    let any = |n: u64| scattered(n) % options.users;
    let time = Duration::from_secs(options.seconds);
    let reading = |path: &dyn Fn(u64) -> (String, Option<String>)| -> anyhow::Result<f64> {
        let asked = |n: u64| {
            let user = any(n);
            let (path, body) = path(user);
            Asked {
                path,
                header: format!("x-environment-id: {}", key(user, environments)),
                body: body.unwrap_or_default(),
            }
        };
        let wrk = Wrk::new(folder, &(0..REQUESTS).map(asked).collect::<Vec<_>>(), &v2.headers)?;
        wrk.run(server.address, CONNECTIONS, WARM_UP)?;
        Ok(wrk.run(server.address, CONNECTIONS, time)?.per_second())
    };
    let read = reading(&|user| (format!("/api/v2/user/{}", ids[user as usize]), None))?;
    let check = reading(&|user| {
        let question = json!({ "user": ids[user as usize], "permission": people::EVERYBODY.1[0] });
        ("/api/v2/check".to_owned(), Some(question.to_string()))
    })?;
    let page = reading(&|_| ("/api/v2/user?limit=10".to_owned(), None))?;
    let search = reading(&|user| (format!("/api/v2/user?limit=10&search={user:07}"), None))?;
    let users = options.users;
    let change = Arc::new(Call {
        request: Box::new(move |target: &Target, n| upsert(target, scattered(n) % users, environments, n + 1)),
        expected: 200,
        answered: None,
    });
    let changed = closed(&v1, WRITERS, Until::Time(time), &Arc::default(), &change).await?;
    drop(server);
    let mut starts = Vec::new();
    for _ in 0..STARTS {
        let (_server, started) = installed.serve_timed().await?;
        starts.push(started.api.as_secs_f64() * 1000.0);
    }
    Ok(vec![
        ("new users through the first API", Unit::PerSecond, filled.per_second()),
        ("reads of a user", Unit::PerSecond, read),
        ("checks, one in a request", Unit::PerSecond, check),
        ("pages of 10 users", Unit::PerSecond, page),
        ("searches for one user", Unit::PerSecond, search),
        ("changes of a user", Unit::PerSecond, changed.per_second()),
        ("from the start to the first user read", Unit::Milliseconds, rows::median(starts.into_iter())),
    ])
}

fn upsert(target: &Target, number: u64, environments: u64, turn: u64) -> String {
    let body = json!({
        "globalEmailAddress": people::email(number),
        "name": people::name(number, turn),
        "administrator": false,
        "active": true,
        "locale": "en",
        "language": "en",
        "memberGroupNames": [people::EVERYBODY.0],
    });
    target.post(&format!("/api/v1/users?environmentId={}", key(number, environments)), &body.to_string())
}
