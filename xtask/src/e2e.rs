//! What only programs of others can show, against the dev build: the console and passkeys in Chromium, with its virtual
//! authenticator, codes with oathtool. The scripts are in `e2e/`; this gives them a server and the programs, and knows nothing of what they do with them.

use std::net::TcpListener;
use std::path::Path;
use std::process::Command;

use crate::run::{run, run_quietly};
use crate::server::{Founded, Site};
use crate::tools;

/// Runs the scripts; whatever they find is a failure.
pub(crate) fn e2e(cargo: &Path, top: &Path) -> anyhow::Result<()> {
    let browser = tools::browser()?;
    let scripts = top.join("e2e");
    run_quietly(Command::new(&browser.npm).current_dir(&scripts).args(["ci", "--no-audit", "--no-fund"]))?;
    run(Command::new(cargo).current_dir(top).args(["build", "--package", "rolebook"]))?;
    let site = Site::new(top.join("target/debug/rolebook"), "e2e")?;
    // The first administrator of a fresh database is an operator.
    let operating = site.init("operator")?;
    let (browsing, typing, looking) = (site.init("browser")?, site.init("codes")?, site.init("console")?);
    // Passkeys belong to an origin, so the port must be known before the server starts; nobody holds it until then.
    let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
    // Browsers trust `localhost` without https, and no address.
    let origin = format!("http://localhost:{port}");
    let _server = site.serve(port, &["--public-url", &origin])?;
    let script = |name: &str, administrator: &Founded| {
        let mut node = Command::new(&browser.node);
        node.arg(scripts.join(name)).env("ROLEBOOK", &origin);
        node.env("EMAIL", &administrator.email).env("PASSWORD", &administrator.password);
        node
    };
    run(script("codes.mjs", &typing).env("OATHTOOL", &browser.oathtool))?;
    run(script("passkeys.mjs", &browsing).env("CHROMIUM", &browser.chromium))?;
    let mut console = script("console.mjs", &looking);
    console.env("CHROMIUM", &browser.chromium).env("OATHTOOL", &browser.oathtool).env("ENVIRONMENT", "console");
    console.env("OPERATOR_EMAIL", &operating.email).env("OPERATOR_PASSWORD", &operating.password);
    run(console.env("SHOTS", top.join("target/screenshots")))
}
