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
  local headers = arguments[2] .. "\r\n"
  pause = tonumber(arguments[3])
  for line in file:lines() do
    local path, header, body = line:match("^([^\t]*)\t([^\t]*)\t(.*)$")
    if header ~= "" then
      header = header .. "\r\n"
    end
    if body == "" then
      requests[#requests + 1] = "GET " .. path .. " HTTP/1.1\r\n" .. headers .. header .. "\r\n"
    else
      requests[#requests + 1] = "POST " .. path .. " HTTP/1.1\r\n" .. headers .. header
        .. "content-type: application/json\r\ncontent-length: " .. #body .. "\r\n\r\n" .. body
    end
  end
  file:close()
  if pause > 0 then
    delay = function() return pause end
  end
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

/// One request: what is empty it does not have.
pub(crate) struct Asked {
    pub(crate) path: String,
    pub(crate) header: String,
    /// Posted.
    pub(crate) body: String,
}

impl Asked {
    /// A read of this path.
    pub(crate) fn get(path: String) -> Asked {
        Asked { path, header: String::new(), body: String::new() }
    }

    /// This body to this path.
    pub(crate) fn post(path: &str, body: String) -> Asked {
        Asked { path: path.to_owned(), header: String::new(), body }
    }
}

/// A script and a list of paths, ready for many rounds.
pub(crate) struct Wrk {
    program: PathBuf,
    script: PathBuf,
    requests: PathBuf,
    headers: String,
}

impl Wrk {
    /// Writes script and list into `folder`. `headers` are whole lines, which every request carries.
    pub(crate) fn new(folder: &Path, requests: &[Asked], headers: &str) -> anyhow::Result<Wrk> {
        let program = crate::process::on_path("wrk").context("`wrk` is missing: `apt-get install wrk`")?;
        let wrk = Wrk {
            program,
            script: folder.join("random.lua"),
            requests: folder.join("requests"),
            headers: headers.trim_end().to_owned(),
        };
        std::fs::write(&wrk.script, SCRIPT)?;
        let line = |Asked { path, header, body }: &Asked| format!("{path}\t{header}\t{body}\n");
        std::fs::write(&wrk.requests, requests.iter().map(line).collect::<String>())?;
        Ok(wrk)
    }

    /// One round. Any answer but a success ends the run: an error is answered faster than a user.
    pub(crate) fn run(&self, address: SocketAddr, connections: usize, time: Duration) -> anyhow::Result<Counted> {
        self.run_pausing(address, connections, time, 0)
    }

    /// The same, with so many milliseconds between an answer and the next request on its connection.
    pub(crate) fn run_pausing(
        &self,
        address: SocketAddr,
        connections: usize,
        time: Duration,
        pause: u64,
    ) -> anyhow::Result<Counted> {
        let threads = crate::machine::cores().min(connections);
        let mut command = Command::new(&self.program);
        command.args(["-t", &threads.to_string(), "-c", &connections.to_string()]);
        // Whole seconds are all that it knows.
        command.args(["-d", &format!("{}s", time.as_secs_f64().round().max(1.0))]);
        command.arg("-s").arg(&self.script).arg(format!("http://{address}/")).arg("--");
        command.arg(&self.requests).arg(&self.headers).arg(pause.to_string());
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
