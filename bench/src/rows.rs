//! A whole run, in order: start, fill, and each row with its ceiling, taken in turns. What a row sends stands in the files
//! below.

mod audit;
mod checks;
mod lists;
mod mixed;
mod pages;
mod passwords;
mod past;
mod reads;
mod start;
mod storm;
mod trail;
mod webhooks;
mod writes;

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use anyhow::Context;
use uuid::Uuid;

use crate::cluster::Cluster;
use crate::load::{Call, Until, closed};
use crate::people::{self, Held};
use crate::process::Listening;
use crate::report::{Ceiling, Row, count};
use crate::server::Installed;
use crate::{Engine, Name, Options};

/// How often server and ceiling take turns.
const ROUNDS: u64 = 3;
/// What one side leaves to do (a checkpoint, a connection that closes) is not the other's to suffer.
const PAUSE: Duration = Duration::from_millis(300);
const FILLING: usize = 64;

/// Numbers of users are kept apart by what makes them: those of the fill come first.
const WITH_PASSWORD: u64 = 50_000_000;
const RAW: u64 = 75_000_000;
/// The most that a fill may make, so that the numbers stay apart.
pub(crate) const MOST_USERS: u64 = 10_000_000;

/// Numbers that are each given out once, over all rounds.
struct Counters {
    modified: Arc<AtomicU64>,
    created: Arc<AtomicU64>,
    with_password: Arc<AtomicU64>,
    signed_in: Arc<AtomicU64>,
    raw_modified: Arc<AtomicU64>,
    raw_created: Arc<AtomicU64>,
}

/// Everything that rows share. Fields are dropped in order: the server before its database.
struct Run<'r> {
    options: &'r Options,
    server: Listening,
    installed: Installed,
    cluster: Option<Cluster>,
    folder: &'r Path,
    held: Held,
    /// By number.
    users: Arc<Vec<Uuid>>,
    /// When they were all there.
    filled_at: SystemTime,
    counters: Counters,
}

/// Measures everything that was asked for. To be called on the main thread, which starts the servers.
pub(crate) async fn measure(options: &Options, folder: &Path) -> anyhow::Result<Vec<Row>> {
    let cluster = match options.engine {
        Engine::Sqlite => None,
        Engine::Postgres => Some(Cluster::start()?),
    };
    let database = match &cluster {
        Some(cluster) => cluster.url(),
        None => format!("sqlite:{}", sqlite_file(folder).display()),
    };
    let installed = Installed::new(&binary()?, folder, database, options.log.clone())?;
    let mut rows = Vec::new();

    say("starting");
    let server = start::rows(&installed, options, &mut rows).await?;
    if options.only.iter().all(|name| matches!(name, Name::Start | Name::Memory)) && !options.only.is_empty() {
        return Ok(rows);
    }
    let held = people::prepare(&installed.v2(&server)).await?;
    let filled = Arc::new(AtomicU64::new(options.users));
    let counters = Counters {
        modified: Arc::default(),
        created: filled,
        with_password: Arc::new(AtomicU64::new(WITH_PASSWORD)),
        signed_in: Arc::default(),
        raw_modified: Arc::default(),
        raw_created: Arc::new(AtomicU64::new(RAW)),
    };
    let filled_at = SystemTime::now();
    let users = Arc::default();
    let mut run = Run { options, server, installed, cluster, folder, held, users, filled_at, counters };
    run.fill(&mut rows).await?;
    if options.wants(Name::Memory) {
        rows.push(start::memory_row("memory of the server, all users made, nothing hashed yet", &run.server, None)?);
    }
    if options.wants(Name::Read) {
        rows.push(run.read().await?);
    }
    if options.wants(Name::Check) {
        run.check_rows(&mut rows).await?;
    }
    if options.wants(Name::Lists) {
        run.lists(&mut rows).await?;
    }
    run.write_rows(&mut rows).await?;
    if options.wants(Name::Past) {
        run.past_rows(&mut rows).await?;
    }
    run.password_rows(&mut rows).await?;
    if options.wants(Name::Mixed) {
        rows.push(run.mixed().await?);
    }
    if options.wants(Name::Storm) {
        run.storm_rows(&mut rows).await?;
    }
    if options.wants(Name::Audit) {
        run.audit_rows(&mut rows).await?;
    }
    if options.wants(Name::Trail) {
        run.trail_rows(&mut rows).await?;
    }
    if options.wants(Name::Webhooks) {
        run.webhook_rows(&mut rows).await?;
    }
    if options.wants(Name::Pages) {
        run.page_rows(&mut rows).await?;
    }
    run.finish(&mut rows).await?;
    Ok(rows)
}

impl Run<'_> {
    /// Makes the users through the first API, and keeps their ids.
    async fn fill(&mut self, rows: &mut Vec<Row>) -> anyhow::Result<()> {
        let users = self.options.users;
        say(&format!("making {} users", count(users as f64)));
        let ids = Arc::new(Mutex::new(vec![Uuid::nil(); users as usize]));
        let kept = ids.clone();
        let call = Arc::new(Call {
            request: Box::new(|target, number| target.post(writes::PATH, &people::upsert(number, 0))),
            expected: 201,
            answered: Some(Box::new(move |number, answer| {
                let id = people::id_of(answer.body).unwrap_or_default();
                if let Some(place) = lock(&kept).get_mut(number as usize) {
                    *place = id;
                }
            })),
        });
        let target = self.installed.v1(&self.server);
        let counted = closed(&target, FILLING, Until::Count(users), &Arc::default(), &call).await?;
        let ids = std::mem::take(&mut *lock(&ids));
        anyhow::ensure!(!ids.contains(&Uuid::nil()), "an answer of the first API has no `_id`");
        (self.users, self.filled_at) = (Arc::new(ids), SystemTime::now());
        rows.push(Row {
            name: "fill",
            what: format!("POST /api/v1/users: the first {} users, {FILLING} connections", count(users as f64)),
            measured: counted.per_second(),
            unit: crate::report::Unit::PerSecond,
            ceiling: None,
            target: None,
            note: format!("p50 {:.1} ms, p99 {:.1} ms", counted.permille(500), counted.permille(990)),
            shows: None,
        });
        Ok(())
    }

    /// A directory of its own beside the others, initialised and not yet served.
    fn another(&self, name: &str, binary: &Path) -> anyhow::Result<Installed> {
        let folder = self.folder.join(name);
        std::fs::create_dir(&folder)?;
        let database = match &self.cluster {
            Some(cluster) => tokio::task::block_in_place(|| cluster.another(name))?,
            None => format!("sqlite:{}", sqlite_file(&folder).display()),
        };
        Installed::new(binary, &folder, database, self.options.log.clone())
    }

    /// How long one round takes.
    fn round(&self) -> Duration {
        Duration::from_secs((self.options.seconds as f64 / ROUNDS as f64).round().max(1.0) as u64)
    }

    /// The n-th user, scattered over all.
    fn any_user(&self) -> impl Fn(u64) -> Uuid + Send + Sync + use<> {
        let users = self.users.clone();
        move |n| users[(people::scattered(n) % users.len() as u64) as usize]
    }
}

/// Rounds of a row: the server's and the ceiling's rates, side by side.
#[derive(Default)]
struct Rounds(Vec<(f64, f64)>);

impl Rounds {
    fn add(&mut self, measured: f64, ceiling: f64) {
        self.0.push((measured, ceiling));
    }

    fn measured(&self) -> f64 {
        median(self.0.iter().map(|round| round.0))
    }

    fn ceiling(&self, what: &'static str) -> Ceiling {
        Ceiling {
            what,
            measured: median(self.0.iter().map(|round| round.1)),
            ratio: median(self.0.iter().map(|round| round.0 / round.1)),
        }
    }
}

pub(crate) fn median(numbers: impl Iterator<Item = f64>) -> f64 {
    let mut sorted: Vec<f64> = numbers.collect();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).copied().unwrap_or(f64::NAN)
}

fn sqlite_file(folder: &Path) -> PathBuf {
    folder.join("rolebook.db")
}

/// The server's binary, which was built beside us.
pub(crate) fn binary() -> anyhow::Result<PathBuf> {
    let own = std::env::current_exe()?;
    let binary = own.with_file_name("rolebook");
    binary.is_file().then_some(binary).context("no `rolebook` beside this program: `cargo build --release -p rolebook`")
}

pub(crate) fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Progress, for whoever waits; the report alone goes to stdout.
fn say(what: &str) {
    eprintln!("    {what}");
}

fn taken(counter: &AtomicU64) -> u64 {
    counter.load(Ordering::Relaxed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ratio_is_the_median_of_the_rounds_ratios() {
        let mut rounds = Rounds::default();
        rounds.add(50.0, 100.0);
        rounds.add(10.0, 100.0);
        rounds.add(80.0, 200.0);
        let ceiling = rounds.ceiling("x");
        assert_eq!((rounds.measured(), ceiling.measured, ceiling.ratio), (50.0, 100.0, 0.4));
    }
}
