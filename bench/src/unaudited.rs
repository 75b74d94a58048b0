//! The server built without its audit trail, into a folder of its own: what auditing costs is measured against it.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, bail};

/// Beside the other builds, as all of it is built with another flag.
const FOLDER: &str = "target/unaudited";

/// Builds it, which takes minutes the first time; says where it is. Blocks.
pub(crate) fn build(top: &Path) -> anyhow::Result<PathBuf> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.current_dir(top).args(["build", "--quiet", "--release", "--package", "rolebook", "--target-dir", FOLDER]);
    let status = command.env("RUSTFLAGS", "--cfg unaudited").stdout(Stdio::null()).status();
    if !status.context("cannot start cargo")?.success() {
        bail!("the server cannot be built without its audit trail");
    }
    Ok(top.join(FOLDER).join("release/rolebook").canonicalize()?)
}
