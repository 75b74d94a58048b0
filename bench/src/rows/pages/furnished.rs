//! Much of everything that pages show: groups within groups, permissions, menus as large as they may be, webhooks that were told
//! much, service accounts, tokens, sessions, environments. Made through the APIs.

use anyhow::Context;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::http::{Connection, Target};
use crate::people;
use crate::rows::{Run, writes};

const GROUPS: usize = 300;
const PERMISSIONS: usize = 400;
const MENUS: usize = 60;
/// As many have a thousand items.
const LARGE_MENUS: usize = 3;
const SERVICES: usize = 60;
const TOKENS: usize = 60;
const WEBHOOKS: usize = 15;
const DELIVERIES: u64 = 300;
const SESSIONS: usize = 40;
const ENVIRONMENTS: usize = 150;

/// Real ids for the addresses of pages.
pub(super) struct Furnished {
    pub(super) person: Uuid,
    /// In a hundred groups.
    pub(super) busy: Uuid,
    pub(super) administrator: Uuid,
    /// Contains many and confers much.
    pub(super) group: i64,
    pub(super) team: i64,
    pub(super) permission: i64,
    pub(super) common: i64,
    pub(super) menu: i64,
    pub(super) service: String,
    pub(super) webhook: String,
    pub(super) users: u64,
}

/// The second API on one connection.
struct Hands {
    target: Target,
    connection: Connection,
}

impl Hands {
    async fn make(&mut self, path: &str, body: &Value) -> anyhow::Result<Value> {
        let request = self.target.post(&format!("/api/v2/{path}"), &body.to_string());
        self.connection.send(&request).await?.json(201)
    }
}

fn number(made: &Value) -> anyhow::Result<i64> {
    made["id"].as_i64().context("something without a number")
}

fn text(made: &Value) -> anyhow::Result<String> {
    Ok(made["id"].as_str().context("something without an id")?.to_owned())
}

/// Makes it.
pub(super) async fn furnish(run: &Run<'_>) -> anyhow::Result<Furnished> {
    let target = run.installed.v2(&run.server);
    let mut hands = Hands { connection: Connection::open(target.address).await?, target };
    let webhook = webhooks(&mut hands).await?;
    let (permission, common) = permissions(&mut hands).await?;
    let menus = menus(&mut hands).await?;
    let menu = *menus.last().context("no menu")?;
    let groups = groups(&mut hands, &menus).await?;
    let group = *groups.last().context("no group")?;
    let mut service = String::new();
    for (n, group) in groups.iter().enumerate().take(SERVICES) {
        let body = json!({ "name": format!("robot {n:03}"), "groups": [group] });
        service = text(&hands.make("service-account", &body).await?)?;
    }
    for n in 0..TOKENS {
        let body = json!({ "name": format!("token {n:03}"), "permissions": ["view_user", "view_group"] });
        hands.make("token", &body).await?;
        hands.make(&format!("service-account/{service}/token"), &body).await?;
    }
    for n in 0..ENVIRONMENTS {
        hands.make("environment", &json!({ "key": format!("branch_{n:03}"), "name": format!("Branch {n}") })).await?;
    }
    let (person, busy) = (run.users[run.users.len() / 3], run.users[run.users.len() / 2]);
    let within = json!({ "groups": &groups[..100] }).to_string();
    hands.connection.send(&hands.target.patch(&format!("/api/v2/user/{busy}"), &within)).await?.json(200)?;
    for _ in 0..SESSIONS {
        run.installed.console(&run.server).await?;
    }
    let v1 = run.installed.v1(&run.server);
    for n in 0..DELIVERIES {
        hands.connection.send(&v1.post(writes::PATH, &people::upsert(n, 1_000_000))).await?.json(200)?;
    }
    Ok(Furnished {
        person,
        busy,
        administrator: run.installed.administrator.user_id,
        group,
        team: run.held.groups[1],
        permission,
        common,
        menu,
        service,
        webhook,
        users: run.options.users,
    })
}

/// The one that is told of every change; nobody hears it.
async fn webhooks(hands: &mut Hands) -> anyhow::Result<String> {
    let mut first = None;
    for n in 0..WEBHOOKS {
        let kinds = if n == 0 { json!(["*"]) } else { json!(["menu.deleted"]) };
        let body = json!({ "url": format!("https://hooks-{n}.invalid/rolebook"), "event_types": kinds });
        let made = text(&hands.make("webhook", &body).await?)?;
        first.get_or_insert(made);
    }
    first.context("no webhook")
}

/// The last, and one that everybody holds.
async fn permissions(hands: &mut Hands) -> anyhow::Result<(i64, i64)> {
    let mut last = 0;
    for n in 0..PERMISSIONS {
        let body =
            json!({ "codename": format!("approve_invoices_{n:03}"), "name": format!("Approve invoices of kind {n}") });
        last = number(&hands.make("permission", &body).await?)?;
    }
    let known = hands.connection.send(&hands.target.get("/api/v2/permission")).await?.json(200)?;
    let mut known = known.as_array().into_iter().flatten();
    let common = known.find(|one| one["codename"] == "view_user").context("no view_user")?;
    Ok((last, number(common)?))
}

/// The last are the large ones.
async fn menus(hands: &mut Hands) -> anyhow::Result<Vec<i64>> {
    let mut made = Vec::new();
    for n in 0..MENUS {
        let within = if n + LARGE_MENUS < MENUS { 2 } else { 40 };
        let item = |top: usize, below: usize| {
            json!({
                "name": format!("item-{top}-{below}"),
                "label": format!("Department {top}, page {below}"),
                "href": format!("/department/{top}/page/{below}"),
                "permission": format!("approve_invoices_{:03}", (top * 40 + below) % PERMISSIONS),
            })
        };
        // Twenty-five with thirty-nine below each are a thousand.
        let tops = (0..within.min(25)).map(|top| {
            let mut own = item(top, 0);
            own["items"] = (1..within).map(|below| item(top, below)).collect();
            own
        });
        let body =
            json!({ "name": format!("menu-{n:02}"), "label": format!("Menu {n}"), "items": tops.collect::<Vec<_>>() });
        made.push(number(&hands.make("menu", &body).await?)?);
    }
    Ok(made)
}

/// Each tenth contains the nine before it; the last one all those.
async fn groups(hands: &mut Hands, menus: &[i64]) -> anyhow::Result<Vec<i64>> {
    let mut made = Vec::new();
    for n in 0..GROUPS {
        let confers: Vec<String> = match n {
            _ if n + 1 == GROUPS => (0..200).map(|k| format!("approve_invoices_{k:03}")).collect(),
            _ => (0..8).map(|k| format!("approve_invoices_{:03}", (n * 7 + k * 13) % PERMISSIONS)).collect(),
        };
        let contains: Vec<i64> = match n {
            _ if n + 1 == GROUPS => made.iter().skip(9).step_by(10).copied().collect(),
            _ if n % 10 == 9 => made[n - 9..].to_vec(),
            _ => Vec::new(),
        };
        let name = format!("department-{n:03}");
        let menus = [menus[n % menus.len()]];
        let body = json!({ "name": name, "label": format!("Department {n} of the company"), "permissions": confers, "contains": contains, "menus": menus });
        made.push(number(&hands.make("group", &body).await?)?);
    }
    Ok(made)
}
