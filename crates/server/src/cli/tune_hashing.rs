//! `rolebook tune-hashing`: what a password's hash may cost on this machine. It measures by the same code that serves, and
//! changes nothing.

use super::{AsJson, output};
use crate::config::Settings;
use anyhow::anyhow;
use directory::hashing::{Costs, Hasher, Lane};
use directory::randomness::Randomness;
use directory::secret::Password;
use serde::Serialize;
use std::time::{Duration, Instant};
use tokio::task::JoinSet;

/// Measure what password hashing costs here, and say which costs take a given time.
///
/// Higher costs make a stolen database harder to guess at, and logins slower. They can be raised at any time: each password is
/// hashed again at its owner's next sign-in.
#[derive(clap::Args)]
#[command(after_help = "Example:\n  rolebook tune-hashing --target 100ms")]
pub(super) struct TuneHashing {
    /// How long one hash may take when nothing else runs, such as 50ms or 1s
    #[arg(long, value_name = "SPAN", value_parser = span, default_value = "100ms")]
    target: Duration,
    #[command(flatten)]
    output: AsJson,
}

/// Memory grows up to this (64 MiB, RFC 9106's choice where memory is dear), because it is taken once for each core; beyond
/// it, passes grow.
const MOST_KIB: u32 = 65_536;
/// Alone, the middle one of these counts.
const TRIES: usize = 5;
/// How long all cores are kept busy.
const BUSY: Duration = Duration::from_secs(1);

#[derive(Serialize)]
struct Report {
    target_ms: f64,
    cores: usize,
    now: Measured,
    recommended: Measured,
}

#[derive(Serialize)]
struct Measured {
    memory: u32,
    passes: u32,
    milliseconds: f64,
    logins_per_second: f64,
}

pub(super) fn run(command: &TuneHashing, settings: &Settings) -> anyhow::Result<()> {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let report = runtime.block_on(async {
        let costs = recommend(command.target).await?;
        let now = measure(settings.hashing, cores).await?;
        let recommended = measure(costs, cores).await?;
        anyhow::Ok(Report { target_ms: milliseconds(command.target), cores, now, recommended })
    })?;
    output::thing(command.output.json, &report, Report::text)
}

impl Report {
    fn text(&self) -> String {
        let Report { target_ms, cores, now, recommended } = self;
        let Measured { memory, passes, milliseconds, .. } = recommended;
        let late = if milliseconds > &(target_ms * 1.1) { " (the least that is sane takes longer here)" } else { "" };
        format!(
            "{:<16}{}\n{:<16}{}{late}\nOn {cores} cores; while all of them hash, they hold {} MiB.\n\nTo use that, in the \
             configuration file:\n\n[hashing]\nmemory = {memory}\npasses = {passes}",
            "as set now",
            now.line(),
            format!("for {target_ms:.0} ms"),
            recommended.line(),
            (*cores as u64 * u64::from(*memory)).div_ceil(1024),
        )
    }
}

impl Measured {
    fn line(&self) -> String {
        let Measured { memory, passes, milliseconds, logins_per_second } = self;
        format!("{memory:>6} KiB, {passes:>2} passes: {milliseconds:>5.0} ms, {logins_per_second:>5.0} logins/s")
    }
}

/// The dearest costs that take no longer than this; the least that is sane, if even they do.
async fn recommend(target: Duration) -> anyhow::Result<Costs> {
    let standard = Costs::standard();
    let mut best = standard;
    // The time goes with memory times passes, nearly: the second look mends what the first got wrong.
    for _ in 0..2 {
        let work = f64::from(best.memory()) * f64::from(best.passes());
        let wanted = work * target.as_secs_f64() / alone(best).await?.as_secs_f64();
        best = of_work(wanted).unwrap_or(standard);
    }
    Ok(best)
}

/// Costs of this work, in KiB passed over.
fn of_work(wanted: f64) -> Option<Costs> {
    if !wanted.is_finite() {
        return None;
    }
    let passes = (wanted / f64::from(MOST_KIB)).floor().max(2.0);
    let mib = (wanted / passes / 1024.0).floor().min(f64::from(MOST_KIB / 1024));
    // Both are small by now; what is beyond a u32, or less than nothing, ends where costs are refused.
    Costs::new(mib as u32 * 1024, passes as u32).ok()
}

async fn measure(costs: Costs, cores: usize) -> anyhow::Result<Measured> {
    Ok(Measured {
        memory: costs.memory(),
        passes: costs.passes(),
        milliseconds: milliseconds(alone(costs).await?),
        logins_per_second: (together(costs, cores).await? * 10.0).round() / 10.0,
    })
}

/// How long one hash takes.
async fn alone(costs: Costs) -> anyhow::Result<Duration> {
    let (hasher, password) = (hasher(costs, 1)?, password()?);
    let mut times = Vec::with_capacity(TRIES);
    // The first one waits for its thread and its memory.
    for _ in 0..=TRIES {
        let begun = Instant::now();
        hasher.hash(Lane::command(), &password).await?;
        times.push(begun.elapsed());
    }
    times.remove(0);
    times.sort_unstable();
    Ok(times[TRIES / 2])
}

/// How many a second all cores do.
async fn together(costs: Costs, cores: usize) -> anyhow::Result<f64> {
    let hasher = hasher(costs, cores)?;
    let begun = Instant::now();
    let mut busy = JoinSet::new();
    for _ in 0..cores {
        let (hasher, password) = (hasher.clone(), password()?);
        busy.spawn(async move {
            let mut done = 0_u32;
            while begun.elapsed() < BUSY {
                hasher.hash(Lane::command(), &password).await?;
                done += 1;
            }
            directory::Result::Ok(done)
        });
    }
    let mut done = 0;
    while let Some(own) = busy.join_next().await {
        done += own??;
    }
    Ok(f64::from(done) / begun.elapsed().as_secs_f64())
}

fn hasher(costs: Costs, threads: usize) -> anyhow::Result<Hasher> {
    Ok(Hasher::new(costs, threads, threads, Randomness::operating_system())?)
}

fn password() -> anyhow::Result<Password> {
    Password::parse("one that takes as long as every other").map_err(|why| anyhow!(why))
}

fn milliseconds(time: Duration) -> f64 {
    (time.as_secs_f64() * 10_000.0).round() / 10.0
}

/// A time such as `100ms` or `1s`; from ten milliseconds to ten seconds.
fn span(text: &str) -> Result<Duration, String> {
    let expected = || "expected a number and ms or s, such as 100ms, from 10ms to 10s".to_owned();
    let (number, unit) = match (text.strip_suffix("ms"), text.strip_suffix('s')) {
        (Some(number), _) => (number, 1),
        (None, Some(number)) => (number, 1000),
        (None, None) => return Err(expected()),
    };
    let number: u64 = number.parse().map_err(|_| expected())?;
    match number.checked_mul(unit) {
        Some(milliseconds @ 10..=10_000) => Ok(Duration::from_millis(milliseconds)),
        _ => Err(expected()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_grows_first_and_then_passes() {
        let costs = |kib: f64| of_work(kib).map(|costs| (costs.memory(), costs.passes()));
        assert_eq!(costs(2.0 * 19_456.0), Some((19_456, 2)));
        assert_eq!(costs(2.0 * 19_455.0), None);
        assert_eq!(costs(2.0 * 40_000.0), Some((39_936, 2)));
        assert_eq!(costs(2.0 * 65_536.0), Some((65_536, 2)));
        assert_eq!(costs(3.5 * 65_536.0), Some((65_536, 3)));
        for wrong in [0.0, -1.0, f64::NAN] {
            assert_eq!(costs(wrong), None);
        }
        assert_eq!(costs(f64::INFINITY), None);
    }

    #[test]
    fn the_report_says_what_to_write_and_when_the_target_is_out_of_reach() {
        let measured =
            |memory, passes, milliseconds| Measured { memory, passes, milliseconds, logins_per_second: 21.5 };
        let report = |now, recommended| Report { target_ms: 100.0, cores: 2, now, recommended }.text();
        let told = report(measured(19_456, 2, 18.0), measured(65_536, 3, 97.4));
        assert!(
            told.starts_with("as set now       19456 KiB,  2 passes:    18 ms,    22 logins/s\nfor 100 ms"),
            "{told}"
        );
        assert!(
            told.contains("they hold 128 MiB") && told.ends_with("[hashing]\nmemory = 65536\npasses = 3"),
            "{told}"
        );
        assert!(!told.contains("takes longer"));
        assert!(report(measured(19_456, 2, 180.0), measured(19_456, 2, 180.0)).contains("takes longer"));
    }

    #[test]
    fn targets_are_numbers_with_a_unit() {
        assert_eq!(span("100ms"), Ok(Duration::from_millis(100)));
        assert_eq!(span("2s"), Ok(Duration::from_secs(2)));
        for wrong in ["", "100", "ms", "9ms", "11s", "-1s", "1m", "99999999999999999999s"] {
            assert!(span(wrong).is_err(), "{wrong}");
        }
    }
}
