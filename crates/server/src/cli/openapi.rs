//! `rolebook openapi`: the description of the APIs, for whoever makes clients without a running server.

use super::output;
use crate::openapi;

/// Print the description of the APIs (OpenAPI 3.1, JSON).
#[derive(clap::Args)]
#[command(after_help = "Example:\n  rolebook openapi > openapi.json")]
pub(super) struct Openapi {
    /// Print one JSON document: what it does anyway
    #[arg(long)]
    json: bool,
}

pub(super) fn run() -> anyhow::Result<()> {
    output::line(openapi::text().trim_end())
}
