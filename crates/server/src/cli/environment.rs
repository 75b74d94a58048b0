//! `rolebook environment`: the tenants of this installation.

use super::open::{self, Opening};
use super::{AsJson, output};
use crate::config::Settings;
use clap::Subcommand;
use directory::environments::{self, EnvironmentName, NewEnvironment};
use directory::text::{EnvironmentKey, Name, Organisation};
use serde::Serialize;

/// List, add and remove environments
#[derive(Subcommand)]
pub(super) enum Environment {
    List(List),
    Add(Add),
    Remove(Remove),
}

/// List all environments, oldest first
#[derive(clap::Args)]
#[command(after_help = "Example:\n  rolebook environment list --json")]
pub(super) struct List {
    #[command(flatten)]
    output: AsJson,
}

/// Add an environment; the first one is made by `rolebook init`
#[derive(clap::Args)]
#[command(after_help = "Example:\n  rolebook environment add roma_pizza --name 'Roma Pizza'")]
pub(super) struct Add {
    /// Its key: a lowercase letter, then lowercase letters, digits, _ and -
    #[arg(value_parser = EnvironmentKey::parse)]
    key: EnvironmentKey,
    /// Its name, for people [default: its key]
    #[arg(long, value_parser = Name::parse)]
    name: Option<Name>,
    /// Whose it is: environments of one organisation trust each other's users
    #[arg(long, value_parser = Organisation::parse)]
    organisation: Option<Organisation>,
    #[command(flatten)]
    output: AsJson,
}

/// Remove an environment with everything in it, and the accounts that belong nowhere else
#[derive(clap::Args)]
#[command(after_help = "Example:\n  rolebook environment remove roma_pizza --confirm roma_pizza")]
pub(super) struct Remove {
    /// Its key or UUID
    environment: String,
    /// Its key, once more
    #[arg(long, value_name = "KEY")]
    confirm: String,
    #[command(flatten)]
    output: AsJson,
}

#[derive(Serialize)]
struct Shown {
    id: String,
    key: String,
    name: String,
    organisation: Option<String>,
}

impl Shown {
    fn of(environment: &environments::Environment) -> Shown {
        Shown {
            id: environment.uuid.to_string(),
            key: environment.key.as_str().to_owned(),
            name: environment.name.as_str().to_owned(),
            organisation: environment.organisation.as_ref().map(|organisation| organisation.as_str().to_owned()),
        }
    }

    fn line(&self) -> String {
        format!("{}  {:<24}  {}", self.id, self.key, self.name)
    }
}

pub(super) fn run(command: Environment, settings: &Settings) -> anyhow::Result<()> {
    let opened = open::for_command(settings, Opening::Present)?;
    let directory = &opened.directory;
    match command {
        Environment::List(List { output }) => {
            let mut list = output::List::begin(output.json);
            let mut last = None;
            // Without any environment there is none to act in, and nothing to list.
            while !opened.ask(directory.is_empty())? {
                let page =
                    opened.ask(directory.system_command(move |tx, actor| environments::list(tx, actor, last)))?;
                for environment in &page {
                    list.push(&Shown::of(environment), Shown::line)?;
                }
                match page.last() {
                    Some(environment) => last = Some(environment.id),
                    None => break,
                }
            }
            list.end("There is no environment yet: `rolebook init` makes the first.")
        }
        Environment::Add(Add { key, name, organisation, output }) => {
            let new = NewEnvironment { key, name, organisation, policy: Default::default() };
            let made = opened.ask(directory.system_command(move |tx, actor| environments::create(tx, actor, &new)))?;
            output::thing(output.json, &Shown::of(&made), Shown::line)
        }
        Environment::Remove(Remove { environment, confirm, output }) => {
            let name = EnvironmentName::parse(&environment);
            let removed = opened.ask(directory.system_command(move |tx, actor| {
                let removed = environments::get(tx, actor, &name)?;
                environments::delete(tx, actor, &name, Some(&confirm))?;
                Ok(removed)
            }))?;
            output::thing(output.json, &Shown::of(&removed), |shown| format!("removed {}", shown.key))
        }
    }
}
