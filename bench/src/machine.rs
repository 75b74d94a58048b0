//! What a run stands on: the machine, its disk, the moment and the commit. Knows nothing of what is measured.

use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use serde::Serialize;

/// How many syncs are timed.
const SYNCS: usize = 200;
/// For how long we watch what else goes on.
const LOOKING: Duration = Duration::from_secs(1);

/// What a report says of where its numbers come from.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Machine {
    pub(crate) cores: usize,
    pub(crate) processor: String,
    pub(crate) memory_bytes: u64,
    pub(crate) kernel: String,
    /// The median time of writing 4 KiB and syncing it.
    pub(crate) sync_microseconds: u64,
    /// How much of all cores' time others took just before the run.
    pub(crate) busy_percent: u64,
}

impl Machine {
    /// Looks at this machine, and at the disk under `folder`.
    pub(crate) fn look(folder: &Path) -> anyhow::Result<Machine> {
        let read = |path: &str| std::fs::read_to_string(path).unwrap_or_default();
        let value = |text: &str, name: &str| {
            let line = text.lines().find_map(|line| line.strip_prefix(name)?.trim_start().strip_prefix(':'));
            line.map(|value| value.trim().to_owned())
        };
        let kib = value(&read("/proc/meminfo"), "MemTotal").and_then(|text| text.strip_suffix(" kB")?.parse().ok());
        Ok(Machine {
            cores: cores(),
            processor: value(&read("/proc/cpuinfo"), "model name").unwrap_or_else(|| "unknown".to_owned()),
            memory_bytes: kib.unwrap_or(0_u64) * 1024,
            kernel: read("/proc/sys/kernel/osrelease").trim().to_owned(),
            busy_percent: busy_percent(),
            sync_microseconds: sync_time(folder)?,
        })
    }
}

impl Machine {
    /// In one sentence.
    pub(crate) fn text(&self) -> String {
        let Machine { cores, processor, memory_bytes, kernel, sync_microseconds, busy_percent } = self;
        let gibibytes = (*memory_bytes as f64 / f64::from(1 << 30)).round();
        format!(
            "{cores} cores of {processor}, {gibibytes} GiB of memory, Linux {kernel}, a sync of the disk takes {:.2} ms; \
             others took {busy_percent} % of the processors just before.",
            *sync_microseconds as f64 / 1000.0
        )
    }
}

/// How many threads run at once.
pub(crate) fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// Who measures beside others measures the others too: a report says how many there were.
fn busy_percent() -> u64 {
    // All time and idle time, in the same unit. The fourth number is idleness, the fifth waiting for a disk.
    let times = || {
        let stat = std::fs::read_to_string("/proc/stat").unwrap_or_default();
        let numbers = stat.lines().next().unwrap_or_default().split_whitespace().skip(1);
        let numbers: Vec<u64> = numbers.filter_map(|number| number.parse().ok()).collect();
        (numbers.iter().take(8).sum::<u64>(), numbers.iter().skip(3).take(2).sum::<u64>())
    };
    let before = times();
    std::thread::sleep(LOOKING);
    let after = times();
    let (all, idle) = (after.0.saturating_sub(before.0), after.1.saturating_sub(before.1));
    (100 * all.saturating_sub(idle)).checked_div(all).unwrap_or(0)
}

/// What a durable commit waits for at least.
fn sync_time(folder: &Path) -> anyhow::Result<u64> {
    let path = folder.join("sync");
    let mut file = File::create(&path)?;
    let mut times = Vec::with_capacity(SYNCS);
    for _ in 0..SYNCS {
        let begun = Instant::now();
        file.write_all(&[7; 4096])?;
        file.sync_data()?;
        times.push(begun.elapsed().as_micros() as u64);
    }
    std::fs::remove_file(&path)?;
    times.sort_unstable();
    Ok(times[times.len() / 2])
}

/// The date, in UTC.
pub(crate) fn today() -> String {
    jiff::Timestamp::now().strftime("%Y-%m-%d %H:%M UTC").to_string()
}

/// The commit of the checkout, and whether anything was changed since; outside of one: unknown.
pub(crate) fn commit(top: &Path) -> String {
    let git = |arguments: &[&str]| {
        let output = Command::new("git").arg("-C").arg(top).args(arguments).output().ok()?;
        output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
    };
    let Some(commit) = git(&["rev-parse", "--short", "HEAD"]) else { return "unknown".to_owned() };
    // What the report itself writes changes nothing that it measures.
    match git(&["status", "--porcelain", "--", ":!docs"]).as_deref() {
        Some("") => commit,
        _ => format!("{commit} with changes"),
    }
}
