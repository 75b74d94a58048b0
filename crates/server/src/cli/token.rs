//! `rolebook token`: API tokens, which are shown once.

use super::open::{self, Opened, Opening};
use super::{AsJson, output, user};
use crate::config::Settings;
use anyhow::anyhow;
use clap::Subcommand;
use directory::environments::EnvironmentName;
use directory::id::TokenId;
use directory::text::Name;
use directory::tokens::{self, ApiToken, Ceiling, NewToken};
use directory::users;
use serde::Serialize;
use std::time::Duration;

/// Create, list and revoke API tokens
#[derive(Subcommand)]
pub(super) enum Token {
    Create(Create),
    List(List),
    Revoke(Revoke),
}

/// Create an API token for a user.
///
/// It can do what its ceiling says and its owner may, whichever is less. Shown once.
#[derive(clap::Args)]
#[command(
    after_help = "Example:\n  rolebook token create --environment maxedy_pizza --email ada@example.com --name payroll --permission view_user"
)]
pub(super) struct Create {
    /// The environment's key or UUID
    #[arg(long, value_name = "KEY")]
    environment: String,
    /// Whose token it is to be
    #[arg(long, value_name = "ADDR")]
    email: String,
    /// What to call it
    #[arg(long, value_parser = Name::parse)]
    name: Name,
    /// What it may do at most; once for each permission
    #[arg(long = "permission", value_name = "CODENAME")]
    permissions: Vec<String>,
    /// It may do all that its owner may in this environment
    #[arg(long, conflicts_with_all = ["permissions", "everywhere"])]
    administrator: bool,
    /// It may do all that its owner, an operator, may in every environment
    #[arg(long, conflicts_with = "permissions")]
    everywhere: bool,
    /// How long it lasts
    #[arg(long, default_value_t = 365, value_parser = clap::value_parser!(u32).range(1..=3650))]
    days: u32,
    #[command(flatten)]
    output: AsJson,
}

/// List the API tokens that were made in an environment, without their secrets
#[derive(clap::Args)]
#[command(after_help = "Example:\n  rolebook token list --environment maxedy_pizza")]
pub(super) struct List {
    /// The environment's key or UUID
    #[arg(long, value_name = "KEY")]
    environment: String,
    #[command(flatten)]
    output: AsJson,
}

/// Revoke an API token, at once
#[derive(clap::Args)]
#[command(after_help = "Example:\n  rolebook token revoke 0199c5a0-6c1e-7c11-8f0e-2f2f6a3b9d10")]
pub(super) struct Revoke {
    /// Its id, as the list shows it
    id: uuid::Uuid,
    #[command(flatten)]
    output: AsJson,
}

#[derive(Serialize)]
struct Shown {
    id: String,
    name: String,
    user_id: String,
    email: Option<String>,
    administrator: bool,
    everywhere: bool,
    created_at: String,
    expires_at: String,
}

impl Shown {
    fn of(token: &ApiToken, owner: Option<&users::User>) -> Shown {
        let email = owner.and_then(|owner| owner.account.email.as_ref());
        Shown {
            id: token.id.to_string(),
            name: token.name.as_str().to_owned(),
            user_id: token.account.to_string(),
            email: email.map(|email| email.as_typed().to_owned()),
            administrator: token.administrator,
            everywhere: token.everywhere,
            created_at: output::time(token.created_at),
            expires_at: output::time(token.expires_at),
        }
    }

    fn line(&self) -> String {
        let reach = match (self.everywhere, self.administrator) {
            (true, _) => "everywhere",
            (false, true) => "administrator",
            (false, false) => "permissions",
        };
        let owner = self.email.as_ref().unwrap_or(&self.user_id);
        format!("{}  {owner:<32}  {:<16}  {reach:<13}  until {}", self.id, self.name, self.expires_at)
    }
}

#[derive(Serialize)]
struct Created {
    token: String,
    #[serde(flatten)]
    shown: Shown,
}

pub(super) fn run(command: Token, settings: &Settings) -> anyhow::Result<()> {
    let opened = open::for_command(settings, Opening::Present)?;
    match command {
        Token::Create(command) => create(command, &opened),
        Token::List(List { environment, output }) => {
            let name = EnvironmentName::parse(&environment);
            let all: Vec<Shown> = opened.ask(opened.directory.command(name, |tx, actor| {
                let tokens = tokens::list(tx, actor)?;
                // An operator may own one where it is no user.
                Ok(tokens.iter().map(|one| Shown::of(one, users::get(tx, actor, one.account).ok().as_ref())).collect())
            }))?;
            let mut list = output::List::begin(output.json);
            for shown in &all {
                list.push(shown, Shown::line)?;
            }
            list.end("There are no API tokens.")
        }
        Token::Revoke(Revoke { id, output }) => {
            opened.ask(opened.directory.revoke_token_by_command(TokenId(id)))?;
            output::thing(output.json, &serde_json::json!({ "id": id.to_string(), "revoked": true }), |_| {
                format!("revoked {id}")
            })
        }
    }
}

fn create(command: Create, opened: &Opened) -> anyhow::Result<()> {
    let ceiling = match (command.everywhere, command.administrator) {
        (true, _) => Ceiling::Everywhere,
        (false, true) => Ceiling::Administrator,
        (false, false) if command.permissions.is_empty() => {
            return Err(anyhow!("say what it may do: --permission (once for each), --administrator or --everywhere"));
        }
        (false, false) => Ceiling::Permissions(command.permissions),
    };
    let environment = EnvironmentName::parse(&command.environment);
    let account = user::find(opened, environment.clone(), &command.email)?;
    let lifetime = Duration::from_secs(u64::from(command.days) * 24 * 3600);
    let ends = Some(opened.directory.effects().clock.now().plus(lifetime));
    let new = NewToken { account, name: command.name, ceiling, ends };
    let (shown, secret) = opened.ask(opened.directory.command(environment, move |tx, actor| {
        let (token, secret) = tokens::create(tx, actor, &new)?;
        Ok((Shown::of(&token, users::get(tx, actor, new.account).ok().as_ref()), secret))
    }))?;
    output::thing(command.output.json, &Created { token: secret.expose(), shown }, |created| {
        format!("{}\n  {}\nKeep it: it is shown this once.", created.shown.line(), created.token)
    })
}
