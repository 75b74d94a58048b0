//! `rolebook migrate`: brings the schema up to this program, without serving.

use super::open::{self, Opening};
use super::{AsJson, output};
use crate::config::Settings;
use directory::store::SCHEMA_VERSION;
use serde::Serialize;

/// Bring the database's schema up to this version
#[derive(clap::Args)]
#[command(after_help = "Example:\n  rolebook migrate --database sqlite:/var/lib/rolebook/rolebook.db")]
pub(super) struct Migrate {
    #[command(flatten)]
    output: AsJson,
}

#[derive(Serialize)]
struct Migrated {
    migrations: usize,
    schema: i64,
}

pub(super) fn run(command: &Migrate, settings: &Settings) -> anyhow::Result<()> {
    let opened = open::for_command(settings, Opening::Make)?;
    let migrated = Migrated { migrations: opened.directory.migrations_run(), schema: SCHEMA_VERSION };
    output::thing(command.output.json, &migrated, |migrated| match migrated.migrations {
        0 => format!("nothing to do: the schema is at version {}", migrated.schema),
        1 => format!("1 migration ran: the schema is at version {}", migrated.schema),
        many => format!("{many} migrations ran: the schema is at version {}", migrated.schema),
    })
}
