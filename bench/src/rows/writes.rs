//! Creating and changing users through the first API, each durable with its audit event when it is answered; beside the
//! same statements without anything around them.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64};

use crate::load::{Call, Counted, Until, closed};
use crate::people;
use crate::raw::{self, Job, World};
use crate::report::{Row, Target, Unit};
use crate::server::ENVIRONMENT;
use crate::{Engine, Name};

use super::{PAUSE, ROUNDS, Rounds, Run, say, sqlite_file};

pub(super) const PATH: &str = "/api/v1/users?environmentId=bench";
pub(super) const CONNECTIONS: usize = 64;
const TARGET: f64 = 0.5;

/// What makes the n-th job of a ceiling.
type Make = Arc<dyn Fn(u64) -> Job + Send + Sync>;

/// The ceiling's side.
enum Raw {
    Sqlite(raw::group_commit::Writer),
    Postgres(String),
}

impl Raw {
    async fn per_second(&self, time: std::time::Duration, next: &Arc<AtomicU64>, make: &Make) -> anyhow::Result<f64> {
        match self {
            Raw::Sqlite(writer) => writer.per_second(CONNECTIONS, time, next, make.clone()).await,
            Raw::Postgres(url) => {
                let (url, next, make) = (url.clone(), next.clone(), make.clone());
                tokio::task::spawn_blocking(move || raw::commits::per_second(&url, time, &next, &make)).await?
            }
        }
    }

    fn what(&self) -> &'static str {
        match self {
            Raw::Sqlite(_) => "raw group commit",
            Raw::Postgres(_) => "raw commits, 16 connections",
        }
    }
}

impl Run<'_> {
    pub(super) async fn write_rows(&self, rows: &mut Vec<Row>) -> anyhow::Result<()> {
        if !self.options.wants(Name::Modify) && !self.options.wants(Name::Create) {
            return Ok(());
        }
        let (raw, environment) = self.raw().await?;
        let world = World {
            environment,
            actor: self.installed.administrator.user_id,
            held: self.held.clone(),
            users: self.users.clone(),
            chained: match &raw {
                // Far behind whatever is chained there already.
                Raw::Sqlite(_) => Some(Arc::new(AtomicI64::new(1 << 40))),
                Raw::Postgres(_) => None,
            },
        };
        if self.options.wants(Name::Modify) {
            say("changing users");
            let own = world.clone();
            let make: Make = Arc::new(move |n| own.modify(n));
            let ours = (self.modify(), &self.counters.modified);
            let what = "POST /api/v1/users, a new name for one of them";
            rows.push(self.row(Name::Modify, what, ours, &raw, (make, &self.counters.raw_modified)).await?);
        }
        if self.options.wants(Name::Create) {
            say("creating users");
            let make: Make = Arc::new(move |n| world.create(n));
            let ours = (Arc::new(creating()), &self.counters.created);
            let what = "POST /api/v1/users, a new user with an invitation";
            rows.push(self.row(Name::Create, what, ours, &raw, (make, &self.counters.raw_created)).await?);
        }
        Ok(())
    }

    /// What changes the name of one user after another.
    pub(super) fn modify(&self) -> Arc<Call> {
        modifying(self.options.users)
    }

    async fn row(
        &self,
        name: Name,
        what: &str,
        (call, next): (Arc<Call>, &Arc<AtomicU64>),
        raw: &Raw,
        (make, raw_next): (Make, &Arc<AtomicU64>),
    ) -> anyhow::Result<Row> {
        let target = self.installed.v1(&self.server);
        let mut rounds = Rounds::default();
        let (mut last, mut refused) = (Counted::default(), 0);
        for _ in 0..ROUNDS {
            let ours = closed(&target, CONNECTIONS, Until::Time(self.round()), next, &call).await?;
            tokio::time::sleep(PAUSE).await;
            let most = raw.per_second(self.round(), raw_next, &make).await?;
            tokio::time::sleep(PAUSE).await;
            rounds.add(ours.per_second(), most);
            refused += ours.refused;
            last = ours;
        }
        let refused = if refused > 0 { format!(", {refused} refused") } else { String::new() };
        Ok(Row {
            name: name.text(),
            what: format!("{what}, durable with its event, {CONNECTIONS} connections"),
            measured: rounds.measured(),
            unit: Unit::PerSecond,
            ceiling: Some(rounds.ceiling(raw.what())),
            target: Some(Target::Ratio(TARGET)),
            note: format!("p50 {:.1} ms, p99 {:.1} ms{refused}", last.permille(500), last.permille(990)),
            shows: None,
        })
    }

    /// The ceiling's database: a copy of the filled one, or on PostgreSQL the same, where nobody else writes meanwhile.
    async fn raw(&self) -> anyhow::Result<(Raw, i64)> {
        let (file, copy) = (sqlite_file(self.folder), self.folder.join("raw.db"));
        let (engine, url) = (self.options.engine, self.installed.database.clone());
        tokio::task::spawn_blocking(move || open_raw(engine, &file, &copy, url)).await?
    }
}

/// What changes the name of one of so many users after another.
pub(super) fn modifying(users: u64) -> Arc<Call> {
    let body = move |n| people::upsert(people::scattered(n) % users, n + 1);
    let request = move |target: &crate::http::Target, n| target.post(PATH, &body(n));
    Arc::new(Call { request: Box::new(request), expected: 200, answered: None })
}

/// What makes one user after another.
pub(super) fn creating() -> Call {
    let request = |target: &crate::http::Target, number| target.post(PATH, &people::upsert(number, 0));
    Call { request: Box::new(request), expected: 201, answered: None }
}

fn open_raw(engine: Engine, file: &Path, copy: &Path, url: String) -> anyhow::Result<(Raw, i64)> {
    match engine {
        Engine::Sqlite => {
            raw::group_commit::copy(file, copy)?;
            let environment = raw::group_commit::environment(copy, ENVIRONMENT)?;
            Ok((Raw::Sqlite(raw::group_commit::Writer::start(copy)?), environment))
        }
        Engine::Postgres => {
            let environment = raw::commits::environment(&url, ENVIRONMENT)?;
            Ok((Raw::Postgres(url), environment))
        }
    }
}
