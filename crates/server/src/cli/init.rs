//! `rolebook init`: an environment and its first administrator.

use super::open::{self, Opened, Opening};
use super::refusal::explain;
use super::{AsJson, output, password};
use crate::config::Settings;
use anyhow::anyhow;
use directory::email::Email;
use directory::environments::NewEnvironment;
use directory::error::{Error, Field};
use directory::secret::Password;
use directory::setup::{FirstAdministrator, Founded};
use directory::text::{EnvironmentKey, Name};
use serde::Serialize;

/// Make an environment and its first administrator, who is an operator too when the database is fresh.
///
/// The password is taken from ROLEBOOK_ADMIN_PASSWORD, or generated and shown once.
#[derive(clap::Args)]
#[command(after_help = "Example:\n  rolebook init --environment maxedy_pizza --email ada@example.com --json")]
pub(super) struct Init {
    /// The environment's key: a lowercase letter, then lowercase letters, digits, _ and -
    #[arg(long, value_name = "KEY", value_parser = EnvironmentKey::parse)]
    environment: EnvironmentKey,
    /// The administrator's e-mail address
    #[arg(long, value_name = "ADDR", value_parser = Email::parse)]
    email: Email,
    /// The environment's name, for people [default: its key]
    #[arg(long, value_parser = Name::parse)]
    name: Option<Name>,
    #[command(flatten)]
    output: AsJson,
}

#[derive(Serialize)]
struct Document<'a> {
    environment: Place<'a>,
    user_id: String,
    email: &'a str,
    password: &'a str,
    token: String,
}

#[derive(Serialize)]
struct Place<'a> {
    id: String,
    key: &'a str,
}

pub(super) fn run(command: &Init, settings: &Settings) -> anyhow::Result<()> {
    let chosen = password::choose()?;
    let opened = open::for_command(settings, Opening::Make)?;
    let environment = NewEnvironment {
        key: command.environment.clone(),
        name: command.name.clone(),
        organisation: None,
        policy: Default::default(),
    };
    let founded = found(&opened, environment, &command.email, &chosen.password)?;
    let document = Document {
        environment: Place { id: founded.environment.uuid.to_string(), key: founded.environment.key.as_str() },
        user_id: founded.user.to_string(),
        email: command.email.as_typed(),
        password: chosen.password.expose(),
        token: founded.token.expose(),
    };
    output::thing(command.output.json, &document, |document| {
        let power = if founded.operator { "administrator and operator" } else { "administrator" };
        // Whoever chose the password knows it.
        let password = if chosen.generated { document.password } else { "(the one in ROLEBOOK_ADMIN_PASSWORD)" };
        format!(
            "Keep these: they are shown this once.\n\n  environment  {} ({})\n  {power}  {}\n  user id      {}\n  \
             password     {password}\n  API token    {}",
            document.environment.key, document.environment.id, document.email, document.user_id, document.token
        )
    })
}

/// Makes an environment and its first administrator; refusals name what was typed.
///
/// # Errors
/// Taken, or a password that will not do.
pub(super) fn found(
    opened: &Opened,
    environment: NewEnvironment,
    email: &Email,
    password: &Password,
) -> anyhow::Result<Founded> {
    let key = environment.key.clone();
    let first = FirstAdministrator { environment, email: email.clone(), password: password.clone() };
    opened.runtime.block_on(opened.directory.found(first)).map_err(|error| match error {
        Error::Taken(fields) if fields.iter().any(|one| one.field == Field::Key) => {
            anyhow!("the environment {} exists already", key.as_str())
        }
        Error::Taken(_) => anyhow!(
            "the address {} belongs to an account already: make the environment with `rolebook environment add`, and add \
             the account with `rolebook user add --administrator`",
            email.as_typed()
        ),
        other => explain(other),
    })
}
