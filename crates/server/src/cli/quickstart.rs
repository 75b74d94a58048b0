//! `rolebook quickstart`: from nothing to a running server with something in it, and the lines to try it with. Opens nothing
//! to the network.

mod guide;

use super::database::Database;
use super::init;
use super::open::Opened;
use super::output;
use super::password;
use super::serve::Ready;
use crate::config::{FOLDER, MailFlags, Mailing, Settings};
use anyhow::{anyhow, bail};
use directory::email::Email;
use directory::environments::NewEnvironment;
use directory::error::Refusal;
use directory::groups::{self, GroupChanges};
use directory::menus::{self, MenuChanges, MenuItem};
use directory::text::{EnvironmentKey, Href, Name, ShortName};
use guide::{Credentials, Guide};
use std::net::SocketAddr;
use std::path::Path;

/// Try it: set up an example in ./rolebook-data, serve it to this machine alone, and print lines to paste.
///
/// Run again, it serves what is there.
#[derive(clap::Args)]
#[command(after_help = "Example:\n  rolebook quickstart --listen 127.0.0.1:8081")]
pub(super) struct Quickstart {
    /// Where to listen, on this machine alone; port 0: any free one [default: 127.0.0.1:8080]
    #[arg(long, value_name = "ADDR:PORT", env = "ROLEBOOK_LISTEN", hide_env_values = true)]
    pub(super) listen: Option<SocketAddr>,
    #[command(flatten)]
    pub(super) mail: MailFlags,
}

/// The example of v1's documented call.
const ENVIRONMENT: &str = "maxedy_pizza";
const MENU: &str = "maxedyPizzaMenu";
const GROUPS: [&str; 2] = ["allusers", "guest"];
/// A domain that belongs to nobody (RFC 2606).
const ADMINISTRATOR: &str = "admin@example.com";

pub(super) fn run(settings: &Settings) -> anyhow::Result<()> {
    if !settings.listen.ip().is_loopback() {
        bail!(
            "quickstart serves this machine alone: use `rolebook serve --listen {}` for the network",
            settings.listen
        );
    }
    let ready = Ready::prepare(settings)?;
    let fresh = ready.opened.ask(ready.opened.directory.is_empty())?;
    let credentials = if fresh { Some(set_up(&ready.opened)?) } else { None };
    let place = Database::parse(&settings.database)?.shown();
    let (mail, mails) = match settings.mail.clone() {
        Some(mail) => (mail, "sent as configured".to_owned()),
        None => {
            let folder = Path::new(FOLDER).join("mail");
            let mails = format!("written to ./{}, a file each", folder.display());
            (Mailing::into_folder(folder)?, mails)
        }
    };
    let guide = Guide { place, address: ready.address, mails, credentials };
    output::line(&guide.text())?;
    let public_url = settings.public_url.clone().unwrap_or_else(|| guide.public_url());
    ready.serve(&public_url, Some(mail), None, settings.webhooks)
}

fn set_up(opened: &Opened) -> anyhow::Result<Credentials> {
    let email = fixed(Email::parse(ADMINISTRATOR))?;
    let password = password::generate()?;
    let key = fixed(EnvironmentKey::parse(ENVIRONMENT))?;
    let name = Some(fixed(Name::parse("Maxedy Pizza"))?);
    let founded = init::found(
        opened,
        NewEnvironment { key, name, organisation: None, policy: Default::default() },
        &email,
        &password,
    )?;
    fill(opened, &founded.environment.key)?;
    Ok(Credentials {
        email: ADMINISTRATOR.to_owned(),
        password: password.expose().to_owned(),
        user: founded.user.to_string(),
        token: founded.token.expose(),
        example_password: password::generate()?.expose().to_owned(),
    })
}

/// The menu and the groups, all or nothing.
fn fill(opened: &Opened, environment: &EnvironmentKey) -> anyhow::Result<()> {
    let menu = fixed(Name::parse(MENU))?;
    let items = MenuChanges {
        label: Some(fixed(ShortName::parse("Maxedy Pizza"))?),
        items: Some(vec![item("orders", "Orders")?, item("pizzas", "Pizzas")?]),
        ..MenuChanges::default()
    };
    let names = GROUPS.iter().map(|name| fixed(Name::parse(name))).collect::<anyhow::Result<Vec<_>>>()?;
    let environment = directory::environments::EnvironmentName::parse(environment.as_str());
    opened.ask(opened.directory.command(environment, move |tx, actor| {
        menus::create(tx, actor, &menu, &items)?;
        for name in &names {
            groups::create(tx, actor, name, &GroupChanges::default())?;
        }
        Ok(())
    }))
}

fn item(name: &str, label: &str) -> anyhow::Result<MenuItem> {
    Ok(MenuItem {
        name: fixed(Name::parse(name))?,
        label: fixed(ShortName::parse(label))?,
        href: Some(fixed(Href::parse(&format!("/{name}")))?),
        icon: None,
        permission: None,
        items: Vec::new(),
    })
}

/// What we wrote ourselves parses; if ever not, that is said rather than died of.
fn fixed<T>(parsed: Result<T, Refusal>) -> anyhow::Result<T> {
    parsed.map_err(|why| anyhow!("the example is broken: {why}"))
}
