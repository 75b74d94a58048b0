//! `rolebook group`: the groups of an environment.

use super::open::{self, Opening};
use super::{AsJson, output};
use crate::config::Settings;
use clap::Subcommand;
use directory::environments::EnvironmentName;
use directory::groups::{self, GroupChanges};
use directory::text::{Name, ShortName};
use serde::Serialize;

/// List and add groups
#[derive(Subcommand)]
pub(super) enum Group {
    List(List),
    Add(Add),
}

/// List an environment's groups
#[derive(clap::Args)]
#[command(after_help = "Example:\n  rolebook group list --environment maxedy_pizza")]
pub(super) struct List {
    /// The environment's key or UUID
    #[arg(long, value_name = "KEY")]
    environment: String,
    #[command(flatten)]
    output: AsJson,
}

/// Add a group
#[derive(clap::Args)]
#[command(after_help = "Example:\n  rolebook group add --environment maxedy_pizza managers --permission change_user")]
pub(super) struct Add {
    /// The environment's key or UUID
    #[arg(long, value_name = "KEY")]
    environment: String,
    /// Its name, unique in the environment
    #[arg(value_parser = Name::parse)]
    name: Name,
    /// What people read
    #[arg(long, value_parser = ShortName::parse)]
    label: Option<ShortName>,
    /// What it confers; once for each permission
    #[arg(long = "permission", value_name = "CODENAME")]
    permissions: Vec<String>,
    #[command(flatten)]
    output: AsJson,
}

#[derive(Serialize)]
struct Shown {
    id: i64,
    name: String,
    label: String,
    permissions: Vec<String>,
}

impl Shown {
    fn of(group: &groups::Group) -> Shown {
        Shown {
            id: group.id.0,
            name: group.name.as_str().to_owned(),
            label: group.label.as_str().to_owned(),
            permissions: group.permissions.iter().map(|permission| permission.as_str().to_owned()).collect(),
        }
    }

    fn line(&self) -> String {
        let line = format!("{:>5}  {:<24}  {}", self.id, self.name, self.permissions.join(", "));
        line.trim_end().to_owned()
    }
}

pub(super) fn run(command: Group, settings: &Settings) -> anyhow::Result<()> {
    let opened = open::for_command(settings, Opening::Present)?;
    match command {
        Group::List(List { environment, output }) => {
            let name = EnvironmentName::parse(&environment);
            let all = opened.ask(opened.directory.command(name, groups::list))?;
            let mut list = output::List::begin(output.json);
            for group in &all {
                list.push(&Shown::of(group), Shown::line)?;
            }
            list.end("There are no groups.")
        }
        Group::Add(Add { environment, name, label, permissions, output }) => {
            let changes = GroupChanges { label, permissions: Some(permissions), ..GroupChanges::default() };
            let environment = EnvironmentName::parse(&environment);
            let made = opened.ask(
                opened.directory.command(environment, move |tx, actor| groups::create(tx, actor, &name, &changes)),
            )?;
            output::thing(output.json, &Shown::of(&made), Shown::line)
        }
    }
}
