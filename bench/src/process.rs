//! Child processes of a run: started, waited for until they listen, and ended with us. Knows nothing of what they serve.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};

/// What a server says when it is ready, before its address.
const READY: &str = "listening on http://";
/// How long a server may take to end once it was asked.
const PATIENCE: Duration = Duration::from_secs(20);

/// A server of ours. Dropped, it is ended.
pub(crate) struct Listening {
    child: Child,
    pub(crate) address: SocketAddr,
    /// When it was started.
    pub(crate) begun: Instant,
}

impl Listening {
    /// Starts `command` and waits for the line that says where it listens. What it logs goes to the file `log`.
    pub(crate) fn start(command: &mut Command, log: &Path) -> anyhow::Result<Listening> {
        let program = Path::new(command.get_program()).display().to_string();
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(File::create(log)?);
        let begun = Instant::now();
        let mut child = command.spawn().with_context(|| format!("cannot start {program}"))?;
        let first = child.stdout.take().map(|stdout| BufReader::new(stdout).lines().next());
        let address = match first {
            Some(Some(Ok(line))) => line.strip_prefix(READY).and_then(|address| address.parse().ok()),
            _ => None,
        };
        match address {
            Some(address) => Ok(Listening { child, address, begun }),
            None => {
                end(&mut child);
                let said = std::fs::read_to_string(log).unwrap_or_default();
                bail!("{program} does not say where it listens\n{}", last_lines(&said));
            }
        }
    }

    /// How much memory it holds, and the most that it held: both in bytes.
    pub(crate) fn memory(&self) -> anyhow::Result<(u64, u64)> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let kib = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
            line.and_then(|value| value.trim().strip_suffix(" kB")?.parse::<u64>().ok()).context("no memory in /proc")
        };
        Ok((kib("VmRSS")? * 1024, kib("VmHWM")? * 1024))
    }

    /// How much processor time it has taken so far, its threads together.
    pub(crate) fn processor_time(&self) -> anyhow::Result<Duration> {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id()))?;
        // The name, in brackets, may hold anything. User and system time are the 14th and 15th field of all, in
        // hundredths of a second, whatever the kernel itself counts in.
        let after_name = stat.rsplit(')').next().unwrap_or_default();
        let fields: Vec<u64> = after_name.split_whitespace().skip(11).take(2).filter_map(|n| n.parse().ok()).collect();
        Ok(Duration::from_millis(fields.iter().sum::<u64>() * 10))
    }

    /// Asks it to end and waits: what it has written is whole then.
    pub(crate) fn stop(mut self) -> anyhow::Result<()> {
        // The shell's own `kill`: a signal by number takes unsafe code or one more crate.
        let asked = Command::new("sh").args(["-c", "kill -TERM \"$0\"", &self.child.id().to_string()]).status()?;
        let begun = Instant::now();
        while asked.success() && begun.elapsed() < PATIENCE {
            if self.child.try_wait()?.is_some() {
                return Ok(());
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        bail!("the server does not end when asked");
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        end(&mut self.child);
    }
}

fn end(child: &mut Child) {
    // It may have ended by itself.
    let _ = child.kill();
    let _ = child.wait();
}

/// A command that ends with us even if we are killed, where util-linux is at hand. To be started from the main thread:
/// it is the starting thread whose end counts.
pub(crate) fn bound_to_us(program: &Path, signal: &str) -> Command {
    match on_path("setpriv") {
        Some(setpriv) => {
            let mut command = Command::new(setpriv);
            command.args(["--pdeathsig", signal, "--"]).arg(program);
            command
        }
        None => Command::new(program),
    }
}

/// The first file of that name on the PATH.
pub(crate) fn on_path(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(name)).find(|file| file.is_file())
}

/// The end of a log.
pub(crate) fn last_lines(text: &str) -> String {
    let lines: Vec<&str> = text.trim_end().lines().collect();
    lines[lines.len().saturating_sub(20)..].join("\n")
}
