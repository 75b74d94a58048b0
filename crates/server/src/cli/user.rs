//! `rolebook user`: the users of an environment, and who operates the system, which only this command decides.

use super::open::{self, Opened, Opening};
use super::password_hash::HashFile;
use super::refusal::explain;
use super::{AsJson, output};
use crate::config::Settings;
use anyhow::anyhow;
use clap::Subcommand;
use directory::email::Email;
use directory::environments::EnvironmentName;
use directory::error::{Error, Noun};
use directory::groups::GroupRef;
use directory::id::UserId;
use directory::locale::Locale;
use directory::menus::MenuRef;
use directory::page::{MOST, UserFilter, UserOrder, UserPage};
use directory::text::ShortName;
use directory::users::{self, MenusChange, NewUser, UserChanges};
use serde::Serialize;

/// List, add, switch and remove users; make operators
#[derive(Subcommand)]
pub(super) enum User {
    List(List),
    Show(Show),
    Add(Box<Add>),
    Activate(Activate),
    Deactivate(Deactivate),
    Remove(Remove),
    SetPassword(SetPassword),
    Operator(Operator),
}

/// List an environment's users, oldest first
#[derive(clap::Args)]
#[command(after_help = "Example:\n  rolebook user list --environment maxedy_pizza --json")]
pub(super) struct List {
    /// The environment's key or UUID
    #[arg(long, value_name = "KEY")]
    environment: String,
    #[command(flatten)]
    output: AsJson,
}

/// Which user, of which environment.
#[derive(clap::Args)]
pub(super) struct Which {
    /// The environment's key or UUID
    #[arg(long, value_name = "KEY")]
    environment: String,
    /// The user's e-mail address or id
    user: String,
    #[command(flatten)]
    output: AsJson,
}

/// Show one user
#[derive(clap::Args)]
#[command(after_help = "Example:\n  rolebook user show --environment maxedy_pizza guest@maxedy.com")]
pub(super) struct Show {
    #[command(flatten)]
    which: Which,
}

/// Let a user sign in again
#[derive(clap::Args)]
#[command(after_help = "Example:\n  rolebook user activate --environment maxedy_pizza guest@maxedy.com")]
pub(super) struct Activate {
    #[command(flatten)]
    which: Which,
}

/// Lock a user out of an environment, at once
#[derive(clap::Args)]
#[command(after_help = "Example:\n  rolebook user deactivate --environment maxedy_pizza guest@maxedy.com")]
pub(super) struct Deactivate {
    #[command(flatten)]
    which: Which,
}

/// Take a user out of an environment; an account that belongs nowhere else goes too
#[derive(clap::Args)]
#[command(after_help = "Example:\n  rolebook user remove --environment maxedy_pizza guest@maxedy.com")]
pub(super) struct Remove {
    #[command(flatten)]
    which: Which,
}

/// Set a user's password, by the hash that another system has of it.
///
/// The user signs in with the same password as there. It works wherever the account belongs, so it is for operators alone.
#[derive(clap::Args)]
#[command(
    after_help = "Example:\n  rolebook user set-password --environment maxedy_pizza guest@maxedy.com --password-hash-file hash.txt"
)]
pub(super) struct SetPassword {
    #[command(flatten)]
    which: Which,
    #[command(flatten)]
    hash: HashFile,
}

/// Add a user.
///
/// A new account chooses its password by a mailed link: `rolebook outbox` shows it. Or it keeps the one that it had elsewhere,
/// when that system's hash of it comes along.
#[derive(clap::Args)]
#[command(
    after_help = "Example:\n  rolebook user add --environment maxedy_pizza --email ada@example.com --name 'Ada Byron'"
)]
pub(super) struct Add {
    /// The environment's key or UUID
    #[arg(long, value_name = "KEY")]
    environment: String,
    /// The e-mail address, known already or new
    #[arg(long, value_name = "ADDR", value_parser = Email::parse)]
    email: Email,
    /// What people read
    #[arg(long, value_parser = ShortName::parse)]
    name: Option<ShortName>,
    /// May manage the environment
    #[arg(long)]
    administrator: bool,
    /// A group's name; once for each
    #[arg(long = "group", value_name = "NAME")]
    groups: Vec<String>,
    /// A menu's name; once for each, the first is the user's default
    #[arg(long = "menu", value_name = "NAME")]
    menus: Vec<String>,
    /// Of the user interface and of mails, such as en or de
    #[arg(long, value_name = "TAG", value_parser = Locale::parse)]
    language: Option<Locale>,
    /// Of numbers and dates, such as en or de-AT
    #[arg(long, value_name = "TAG", value_parser = Locale::parse)]
    locale: Option<Locale>,
    #[command(flatten)]
    hash: HashFile,
    #[command(flatten)]
    output: AsJson,
}

/// Make an account an operator, who manages the system, or no longer one
#[derive(clap::Args)]
#[command(after_help = "Example:\n  rolebook user operator ada@example.com --grant")]
pub(super) struct Operator {
    /// The account's e-mail address
    #[arg(value_parser = Email::parse)]
    email: Email,
    /// Make it one (the default)
    #[arg(long, conflicts_with = "revoke")]
    grant: bool,
    /// Make it no longer one
    #[arg(long)]
    revoke: bool,
    #[command(flatten)]
    output: AsJson,
}

#[derive(Serialize)]
struct Shown {
    id: String,
    email: Option<String>,
    username: Option<String>,
    name: String,
    administrator: bool,
    active: bool,
    pending: bool,
    operator: bool,
    groups: Vec<String>,
    menus: Vec<String>,
    created_at: String,
    updated_at: String,
}

impl Shown {
    fn of(user: &users::User) -> Shown {
        let (account, membership) = (&user.account, &user.membership);
        Shown {
            id: account.id.to_string(),
            email: account.email.as_ref().map(|email| email.as_typed().to_owned()),
            username: account.username.as_ref().map(|username| username.as_typed().to_owned()),
            name: membership.name.as_str().to_owned(),
            administrator: membership.administrator,
            active: membership.active,
            pending: membership.pending,
            operator: account.operator,
            groups: user.groups.iter().map(|own| own.group.name.as_str().to_owned()).collect(),
            menus: user.menus.iter().map(|menu| menu.name.as_str().to_owned()).collect(),
            created_at: output::time(membership.created_at),
            updated_at: output::time(membership.updated_at),
        }
    }

    fn line(&self) -> String {
        let marks = [
            (self.operator, "operator"),
            (self.administrator, "administrator"),
            (!self.active, "inactive"),
            (self.pending, "pending"),
        ];
        let marks: Vec<_> = marks.iter().filter(|(is, _)| *is).map(|(_, mark)| *mark).collect();
        let email = self.email.as_deref().unwrap_or("(no address)");
        let line = format!("{}  {email:<32}  {:<24}  {}", self.id, self.name, marks.join(", "));
        line.trim_end().to_owned()
    }

    fn whole(&self) -> String {
        format!(
            "{}\n  username  {}\n  groups    {}\n  menus     {}\n  created   {}\n  changed   {}",
            self.line(),
            self.username.as_deref().unwrap_or_default(),
            self.groups.join(", "),
            self.menus.join(", "),
            self.created_at,
            self.updated_at
        )
    }
}

pub(super) fn run(command: User, settings: &Settings) -> anyhow::Result<()> {
    let opened = open::for_command(settings, Opening::Present)?;
    match command {
        User::List(command) => list(&command, &opened),
        User::Show(Show { which }) => {
            let id = which.find(&opened)?;
            let user =
                opened.ask(opened.directory.command(which.name(), move |tx, actor| users::get(tx, actor, id)))?;
            output::thing(which.output.json, &Shown::of(&user), Shown::whole)
        }
        User::Add(command) => add(*command, &opened),
        User::Activate(Activate { which }) => switch(&which, true, &opened),
        User::Deactivate(Deactivate { which }) => switch(&which, false, &opened),
        User::Remove(Remove { which }) => {
            let id = which.find(&opened)?;
            let removed = opened.ask(opened.directory.command(which.name(), move |tx, actor| {
                let user = users::get(tx, actor, id)?;
                users::remove(tx, actor, id, None)?;
                Ok(user)
            }))?;
            output::thing(which.output.json, &Shown::of(&removed), |shown| format!("removed {}", shown.id))
        }
        User::SetPassword(SetPassword { which, hash }) => {
            let (id, hash) = (which.find(&opened)?, hash.need()?);
            let user = opened.ask(opened.directory.set_password_hash_by_command(which.name(), id, &hash))?;
            output::thing(which.output.json, &Shown::of(&user), Shown::line)
        }
        User::Operator(command) => operator(&command, &opened),
    }
}

fn list(command: &List, opened: &Opened) -> anyhow::Result<()> {
    let mut list = output::List::begin(command.output.json);
    let mut page = UserPage { filter: UserFilter::default(), order: UserOrder::default(), cursor: None, limit: MOST };
    loop {
        let (name, asked) = (EnvironmentName::parse(&command.environment), page.clone());
        let found = opened.ask(opened.directory.command(name, move |tx, actor| users::list(tx, actor, &asked)))?;
        for user in &found.rows {
            list.push(&Shown::of(user), Shown::line)?;
        }
        page.cursor = found.next;
        if page.cursor.is_none() {
            return list.end("There are no users.");
        }
    }
}

fn add(command: Add, opened: &Opened) -> anyhow::Result<()> {
    let hash = command.hash.read()?;
    let fields = UserChanges {
        name: command.name,
        administrator: Some(command.administrator),
        language: command.language.map(Some),
        locale: command.locale.map(Some),
        groups: Some(command.groups.into_iter().map(|name| GroupRef::Name(name).into()).collect()),
        menus: MenusChange {
            replace: Some(command.menus.into_iter().map(MenuRef::Name).collect()),
            ..MenusChange::default()
        },
        ..UserChanges::default()
    };
    let name = EnvironmentName::parse(&command.environment);
    let new = NewUser { email: command.email, fields };
    let made = opened.ask(opened.directory.add_user_by_command(name, new, hash.as_deref()))?;
    let waits = made.account.password_hash.is_none();
    output::thing(command.output.json, &Shown::of(&made), |shown| match waits {
        true => {
            let mail = "A mail with a link for choosing a password waits: `rolebook outbox` shows it until it is sent.";
            format!("{}\n{mail}", shown.line())
        }
        false => shown.line(),
    })
}

fn switch(which: &Which, active: bool, opened: &Opened) -> anyhow::Result<()> {
    let id = which.find(opened)?;
    let fields = UserChanges { active: Some(active), ..UserChanges::default() };
    let user = opened.ask(opened.directory.update_user_by_command(which.name(), id, fields))?;
    output::thing(which.output.json, &Shown::of(&user), Shown::line)
}

#[derive(Serialize)]
struct Operates<'a> {
    email: &'a str,
    operator: bool,
}

fn operator(command: &Operator, opened: &Opened) -> anyhow::Result<()> {
    let operator = !command.revoke;
    let email = command.email.as_typed();
    opened.runtime.block_on(opened.directory.set_operator(command.email.clone(), operator)).map_err(
        |error| match error {
            Error::NotFound(Noun::User) => anyhow!("there is no account with the address {email}"),
            other => explain(other),
        },
    )?;
    output::thing(command.output.json, &Operates { email, operator }, |shown| match shown.operator {
        true => format!("{email} is an operator"),
        false => format!("{email} is no operator"),
    })
}

impl Which {
    fn name(&self) -> EnvironmentName {
        EnvironmentName::parse(&self.environment)
    }

    fn find(&self, opened: &Opened) -> anyhow::Result<UserId> {
        find(opened, self.name(), &self.user)
    }
}

/// The id of a user by its address or id.
///
/// # Errors
/// There is none.
pub(super) fn find(opened: &Opened, environment: EnvironmentName, user: &str) -> anyhow::Result<UserId> {
    if let Ok(id) = uuid::Uuid::try_parse(user) {
        return Ok(UserId(id));
    }
    let email = Email::parse(user).map_err(|why| anyhow!("{user}: {}", why.to_string().trim_end_matches('.')))?;
    let filter = UserFilter { email: Some(email), ..UserFilter::default() };
    let page = UserPage { filter, order: UserOrder::default(), cursor: None, limit: 1 };
    let found = opened.ask(opened.directory.command(environment, move |tx, actor| users::list(tx, actor, &page)))?;
    let user = found.rows.first().ok_or_else(|| anyhow!("there is no user {user} in this environment"))?;
    Ok(user.account.id)
}
