//! What only a real browser can show: passkeys, with Chromium's virtual authenticator, against the dev build. The script is
//! `e2e/passkeys.mjs`; this gives it a server and a browser, and knows nothing of what it does with them.

use std::net::TcpListener;
use std::path::Path;
use std::process::Command;

use crate::run::{run, run_quietly};
use crate::server::Site;
use crate::tools;

/// Runs the script; whatever it finds is a failure.
pub(crate) fn e2e(cargo: &Path, top: &Path) -> anyhow::Result<()> {
    let browser = tools::browser()?;
    let scripts = top.join("e2e");
    run_quietly(Command::new(browser.npm).current_dir(&scripts).args(["ci", "--no-audit", "--no-fund"]))?;
    run(Command::new(cargo).current_dir(top).args(["build", "--package", "rolebook"]))?;
    let site = Site::new(top.join("target/debug/rolebook"), "e2e")?;
    let administrator = site.init("browser")?;
    // Passkeys belong to an origin, so the port must be known before the server starts; nobody holds it until then.
    let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
    // Browsers trust `localhost` without https, and no address.
    let origin = format!("http://localhost:{port}");
    let _server = site.serve(port, &["--public-url", &origin])?;
    run(Command::new(browser.node)
        .arg(scripts.join("passkeys.mjs"))
        .env("CHROMIUM", browser.chromium)
        .env("ROLEBOOK", origin)
        .env("EMAIL", administrator.email)
        .env("PASSWORD", administrator.password))
}
