//! The description held against the server: schemathesis makes requests of it, good and bad, single and in sequences, and
//! compares what comes back. Knows nothing of what the operations mean, but for the few that would end its own credentials.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, bail};

use crate::run::{run, run_quietly};
use crate::server::{Founded, Server, Site};
use crate::tools::on_path;

/// A version that is known to work; another may find other things, and a check must not change by itself.
const PACKAGE: &str = "schemathesis==4.32.5";

/// Which checks and statuses, for all parts; each exception says why.
const CONFIGURATION: &str = include_str!("schemathesis.toml");

/// A part of the description, and who calls.
struct Part {
    name: &'static str,
    /// What of the description is called.
    selection: &'static [&'static str],
    /// Sequences need operations that lead to one another.
    phases: &'static str,
}

/// Requests for each operation, phase and kind of data: so many that all parts take a minute or two.
const EXAMPLES: &str = "20";
const SINGLE: &str = "examples,coverage,fuzzing";
const SEQUENCES: &str = "examples,coverage,fuzzing,stateful";

/// The stream of events, which has no end, is called by the tests of v2.
/// Who calls acts in an environment where it is no user itself, so that no list shows it and nothing can take it away.
const PARTS: [Part; 3] = [
    Part {
        name: "v2",
        selection: &[
            "--include-path-regex",
            "^/api/v2/",
            "--exclude-path-regex",
            "^/api/v2/(user/me|user/log|token|invitation|events)",
        ],
        phases: SEQUENCES,
    },
    // v1's logout ends the token that it is called with: the tests of v1 call it.
    Part {
        name: "v1",
        selection: &["--include-path-regex", "^/api/v1/", "--exclude-path-regex", "^/api/v1/log"],
        phases: SEQUENCES,
    },
    // Signing in, accepting, and one's own user; logout ends the token that it is called with: the tests of v2 call it.
    Part {
        name: "own",
        selection: &["--include-path-regex", "^/api/v2/(user/me|user/login|token|invitation)|^/api/v1/login"],
        phases: SINGLE,
    },
];

/// Runs all parts against the dev build; anything that is found is a failure.
pub(crate) fn schemathesis(cargo: &Path, top: &Path) -> anyhow::Result<()> {
    let program = prepare(top)?;
    run(Command::new(cargo).current_dir(top).args(["build", "--package", "rolebook"]))?;
    let stage = Stage::set(top.join("target/debug/rolebook"))?;
    for part in &PARTS {
        let place = stage.site.path().join(part.name);
        std::fs::create_dir(&place)?;
        std::fs::write(place.join("schemathesis.toml"), stage.configuration(part)?)?;
        let mut command = Command::new(&program);
        // What it remembers of earlier runs stays in the temporary folder: each run is the first.
        command.current_dir(&place).args(["--config-file", "schemathesis.toml", "run", "--no-color"]);
        command.arg(format!("{}/openapi.json", stage.server.address));
        command.args(["--checks", "all", "--phases", part.phases, "--continue-on-failure"]);
        // The same requests each time: what fails, a change broke, not luck.
        command.args(["--max-examples", EXAMPLES, "--generation-deterministic"]).args(part.selection);
        run(&mut command)?;
    }
    Ok(())
}

/// The program: the one on the PATH, else one of our own under `target`.
fn prepare(top: &Path) -> anyhow::Result<PathBuf> {
    let place = top.join("target/schemathesis-venv");
    let program = place.join("bin/schemathesis");
    if program.is_file() {
        return Ok(program);
    }
    let by_hand = format!(
        "install it with `python3 -m venv target/schemathesis-venv && \
         target/schemathesis-venv/bin/pip install {PACKAGE}`"
    );
    let Some(python) = on_path("python3") else { bail!("schemathesis needs python3; with it, {by_hand}") };
    run_quietly(Command::new(python).args(["-m", "venv"]).arg(&place)).context(by_hand.clone())?;
    run_quietly(Command::new(place.join("bin/pip")).args(["install", "--quiet", PACKAGE])).context(by_hand)?;
    Ok(program)
}

/// A server with three environments.
struct Stage {
    server: Server,
    site: Site,
    operator: Founded,
    other: Founded,
    own: Founded,
}

impl Stage {
    fn set(binary: PathBuf) -> anyhow::Result<Stage> {
        let site = Site::new(binary, "schemathesis")?;
        let (operator, other, own) = (site.init("operators")?, site.init("others")?, site.init("own")?);
        Ok(Stage { server: site.serve(0, &[])?, site, operator, other, own })
    }

    /// The configuration of a part: who calls, in which environment.
    fn configuration(&self, part: &Part) -> anyhow::Result<String> {
        let Founded { user, token, .. } = &self.operator;
        let environment = if part.name == "own" { &self.own.environment } else { &self.other.environment };
        let caller = match part.name {
            "v1" => format!("headers = {{ X-User-Id = \"{user}\", X-Auth-Token = \"{token}\" }}"),
            "v2" => format!("headers = {{ Authorization = \"Bearer {token}\" }}"),
            _ => format!("headers = {{ Authorization = \"Bearer {}\" }}", self.session()?),
        };
        Ok(format!(
            "{caller}\n[parameters]\n\"header.X-Environment-Id\" = \"{environment}\"\n\
             \"query.environmentId\" = \"{environment}\"\n{CONFIGURATION}"
        ))
    }

    /// A session of somebody of whom the other parts know nothing: some of what one does for oneself takes more than an API token.
    fn session(&self) -> anyhow::Result<String> {
        let host = self.server.address.trim_start_matches("http://");
        let Founded { email, password, .. } = &self.own;
        let body = format!("{{\"email\":\"{email}\",\"password\":\"{password}\"}}");
        let mut connection = TcpStream::connect(host)?;
        write!(
            connection,
            "POST /api/v2/user/login HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        )?;
        let mut answer = String::new();
        connection.read_to_string(&mut answer)?;
        let token = answer.split("\"access\":\"").nth(1).and_then(|rest| rest.split('"').next());
        token.map(str::to_owned).with_context(|| format!("cannot sign in: {answer}"))
    }
}
