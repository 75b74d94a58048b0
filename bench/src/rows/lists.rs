//! Pages of users, each of another list: what many have, what few have, what nobody has, by group, by permission, far in.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::Context;
use serde_json::json;

use crate::http::{Answer, Connection, Target};
use crate::load::{Call, Until, closed};
use crate::people::{self, scattered};
use crate::report::{Row, Target as Aim, Unit, count};

use super::{Run, say};

const PATH: &str = "/api/v2/user";
const CONNECTIONS: usize = 4;
const REQUESTS: u64 = 400;
/// As many users are in the small group, which alone confers a permission.
const FEW: u64 = 50;
const THEIRS: &str = "manage_webhook";
/// At 95 of a hundred, in milliseconds.
const TARGET: f64 = 20.0;
/// Stands once in each user of an answer.
const USER: &[u8] = b"\"company\":";
/// How many pages are turned to get far in.
const TURNED: usize = 100;

/// The n-th query of a kind.
type Query = Box<dyn Fn(u64) -> String + Send + Sync>;

impl Run<'_> {
    pub(super) async fn lists(&self, rows: &mut Vec<Row>) -> anyhow::Result<()> {
        say("listing users");
        let target = self.installed.v2(&self.server);
        let few = self.few(&target).await?;
        let cursors = far_in(&target).await?;
        let users = self.options.users;
        let (half, digits) = (self.held.groups[1], |n: u64, most: u64| scattered(n) % most);
        let kinds: Vec<(&str, Query)> = vec![
            ("the first page", Box::new(|_| String::new())),
            ("a page far in", Box::new(move |n| format!("cursor={}", cursors[n as usize % cursors.len()]))),
            ("the last page", Box::new(|_| "ordering=-created_at".to_owned())),
            ("search: a word that everybody has", Box::new(|_| "search=person".to_owned())),
            ("search: one of a name", Box::new(move |n| format!("search=person+{}+", digits(n, users)))),
            ("search: part of one address", Box::new(move |n| format!("search={:07}@", digits(n, users)))),
            (
                "search: one letter or digit",
                Box::new(|n| format!("search={}", &"personxm0123456789"[n as usize % 18..][..1])),
            ),
            ("search: two digits", Box::new(move |n| format!("search={:02}", digits(n, 100)))),
            ("search: three digits", Box::new(move |n| format!("search={:03}", digits(n, 1000)))),
            ("search: four digits", Box::new(move |n| format!("search={:04}", digits(n, 10_000)))),
            ("search: what nobody has", Box::new(move |n| format!("search=zebra{n}"))),
            ("search: two letters that nobody has", Box::new(|_| "search=zq".to_owned())),
            ("group: half of all", Box::new(move |_| format!("group={half}"))),
            ("group: 50 users", Box::new(move |_| format!("group={few}"))),
            ("permission: everybody's", Box::new(|_| "permission=view_menu".to_owned())),
            ("permission: 50 users'", Box::new(|_| format!("permission={THEIRS}"))),
            ("search in a group", Box::new(move |n| format!("group={half}&search={:05}", digits(n, 100_000)))),
            ("in order of names", Box::new(|_| "ordering=name".to_owned())),
            (
                "search: four digits, by address",
                Box::new(move |n| format!("search={:04}&ordering=email", digits(n, 10_000))),
            ),
            ("inactive ones", Box::new(|_| "is_active=false".to_owned())),
            ("counted to 10,000", Box::new(|_| "search=person&count=bounded".to_owned())),
        ];
        for (what, query) in kinds {
            rows.push(kind(&target, what, query).await?);
        }
        Ok(())
    }

    /// Makes the small group.
    async fn few(&self, target: &Target) -> anyhow::Result<i64> {
        let mut connection = Connection::open(target.address).await?;
        let body = json!({ "name": "few", "permissions": [THEIRS] }).to_string();
        let few = connection.send(&target.post("/api/v2/group", &body)).await?.json(201)?;
        let few = few["id"].as_i64().context("a group without an id")?;
        let v1 = self.installed.v1(&self.server);
        let mut connection = Connection::open(v1.address).await?;
        for n in 0..FEW {
            let body = people::into_group(scattered(n) % self.options.users, "few");
            connection.send(&v1.post(super::writes::PATH, &body)).await?.json(200)?;
        }
        Ok(few)
    }
}

async fn kind(target: &Target, what: &str, query: Query) -> anyhow::Result<Row> {
    let request = Box::new(move |target: &Target, n| target.get(&format!("{PATH}?{}", query(n))));
    let shown = Arc::new(AtomicU64::new(0));
    let counts = shown.clone();
    let answered = Box::new(move |_, answer: &Answer<'_>| {
        // Each user names its environment once.
        let users = answer.body.windows(USER.len()).filter(|bytes| bytes == &USER).count();
        counts.fetch_add(users as u64, Ordering::Relaxed);
    });
    let call = Arc::new(Call { request, expected: 200, answered: Some(answered) });
    // So that every connection of the server's has its statements.
    closed(target, CONNECTIONS, Until::Count(40), &Arc::default(), &call).await?;
    shown.store(0, Ordering::Relaxed);
    let counted = closed(target, CONNECTIONS, Until::Count(REQUESTS), &Arc::default(), &call).await?;
    let users = shown.load(Ordering::Relaxed) as f64 / REQUESTS as f64;
    Ok(Row {
        name: "lists",
        what: format!("p95 of GET {PATH}, {what}"),
        measured: counted.permille(950),
        unit: Unit::Milliseconds,
        ceiling: None,
        target: Some(Aim::AtMost(TARGET)),
        note: format!(
            "p50 {:.1} ms, max {:.1} ms; {}/s by {CONNECTIONS} connections; {users:.0} users a page",
            counted.permille(500),
            counted.permille(1000),
            count(counted.per_second())
        ),
        shows: Some(users),
    })
}

/// Where pages begin that were found by turning pages.
async fn far_in(target: &Target) -> anyhow::Result<Vec<String>> {
    let mut connection = Connection::open(target.address).await?;
    let (mut cursors, mut next) = (Vec::new(), String::new());
    while cursors.len() < TURNED {
        let page = connection.send(&target.get(&format!("{PATH}?limit=1000{next}"))).await?.json(200)?;
        let Some((_, cursor)) = page["next"].as_str().and_then(|next| next.rsplit_once("cursor=")) else { break };
        next = format!("&cursor={cursor}");
        cursors.push(cursor.to_owned());
    }
    anyhow::ensure!(!cursors.is_empty(), "there are no pages to turn");
    Ok(cursors)
}
