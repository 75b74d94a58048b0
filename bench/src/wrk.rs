//! Reads under load by `wrk`, which costs the machine less than any client of ours. Each of its threads picks requests at
//! random from a list made beforehand. Knows nothing of who answers.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context, bail};
use serde::Deserialize;

const SCRIPT: &str = r#"
local threads = 0
local requests = {}

function setup(thread)
  threads = threads + 1
  thread:set("number", threads)
end

function init(arguments)
  math.randomseed(number)
  local file = assert(io.open(arguments[1], "rb"))
  local headers = arguments[2] .. "\r\n\r\n"
  for path in file:lines() do
    requests[#requests + 1] = "GET " .. path .. " HTTP/1.1\r\n" .. headers
  end
  file:close()
end

function request()
  return requests[math.random(#requests)]
end

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format(
    '\nRESULT {"requests":%d,"microseconds":%d,"failed":%d,"p50":%d,"p99":%d}\n',
    summary.requests, summary.duration, errors.connect + errors.read + errors.write + errors.status + errors.timeout,
    latency:percentile(50), latency:percentile(99)))
end
"#;

/// What `wrk` counted; latencies in microseconds.
#[derive(Clone, Copy, Debug, Deserialize)]
pub(crate) struct Counted {
    pub(crate) requests: u64,
    microseconds: u64,
    failed: u64,
    pub(crate) p50: u64,
    pub(crate) p99: u64,
}

impl Counted {
    pub(crate) fn per_second(&self) -> f64 {
        self.requests as f64 * 1e6 / self.microseconds as f64
    }
}

/// A script and a list of paths, ready for many rounds.
pub(crate) struct Wrk {
    program: PathBuf,
    script: PathBuf,
    paths: PathBuf,
    headers: String,
}

impl Wrk {
    /// Writes script and list into `folder`. `headers` are whole lines, as a request carries them.
    pub(crate) fn new(folder: &Path, paths: &[String], headers: &str) -> anyhow::Result<Wrk> {
        let program = crate::process::on_path("wrk").context("`wrk` is missing: `apt-get install wrk`")?;
        let wrk = Wrk {
            program,
            script: folder.join("random.lua"),
            paths: folder.join("paths"),
            headers: headers.trim_end().to_owned(),
        };
        std::fs::write(&wrk.script, SCRIPT)?;
        std::fs::write(&wrk.paths, paths.join("\n"))?;
        Ok(wrk)
    }

    /// One round. Any answer but a success ends the run: an error is answered faster than a user.
    pub(crate) fn run(&self, address: SocketAddr, connections: usize, time: Duration) -> anyhow::Result<Counted> {
        let threads = crate::machine::cores().min(connections);
        let mut command = Command::new(&self.program);
        command.args(["-t", &threads.to_string(), "-c", &connections.to_string()]);
        // Whole seconds are all that it knows.
        command.args(["-d", &format!("{}s", time.as_secs_f64().round().max(1.0))]);
        command.arg("-s").arg(&self.script).arg(format!("http://{address}/")).arg("--");
        command.arg(&self.paths).arg(&self.headers);
        let output = command.stdin(Stdio::null()).output().context("cannot start `wrk`")?;
        let said = String::from_utf8_lossy(&output.stdout);
        let result = said.lines().find_map(|line| line.strip_prefix("RESULT "));
        let counted: Counted = result
            .and_then(|result| serde_json::from_str(result).ok())
            .with_context(|| format!("`wrk` failed:\n{said}{}", String::from_utf8_lossy(&output.stderr)))?;
        if counted.failed > 0 || counted.requests == 0 {
            bail!("{} of {} reads failed", counted.failed, counted.requests);
        }
        Ok(counted)
    }
}
