//! Every page of the console, as an administrator's browser asks for it, in an environment that has much of everything: when its
//! first byte comes, and how much comes over the wire.

mod asked;
mod furnished;

use std::time::{Duration, Instant};

use anyhow::{Context, ensure};

use crate::http::{Connection, PATIENCE, Target};
use crate::report::{Row, Target as Aim, Unit, count};

use super::{Run, say};

/// How often each is asked, after so many times that are not counted: the server has a connection of its own to the database on
/// each of its threads.
const REQUESTS: usize = 20;
const WARMING: usize = 4;
/// What misses by far is known by then.
const ENOUGH: Duration = Duration::from_secs(2);
const LEAST: usize = 3;
/// Of the first byte at 95 of a hundred, in milliseconds.
const TARGET: f64 = 20.0;
/// The slowest are told one by one, and whatever misses.
const SHOWN: usize = 10;
/// Of a whole page, in kilobytes.
const LARGEST: f64 = 100.0;

/// What a page was like.
struct Seen {
    what: String,
    kilobytes: f64,
    /// In milliseconds, in order.
    begun: Vec<f64>,
}

impl Seen {
    fn permille(&self, of_thousand: usize) -> f64 {
        let last = self.begun.len().saturating_sub(1);
        self.begun.get((self.begun.len() * of_thousand / 1000).min(last)).copied().unwrap_or(f64::NAN)
    }
}

impl Run<'_> {
    pub(super) async fn page_rows(&self, rows: &mut Vec<Row>) -> anyhow::Result<()> {
        say("furnishing an environment");
        let full = furnished::furnish(self).await?;
        self.all_chained(&self.installed).await?;
        say("asking every page of the console");
        let browser = self.installed.console(&self.server).await?;
        let mut connection = Connection::open(browser.address).await?;
        let mut all = Vec::new();
        for (what, page) in asked::pages(&full) {
            let (seen, body) = see(&mut connection, &browser, what, &page).await?;
            let next = asked::turns(&page).then(|| link(&body, "next")).flatten();
            all.push(seen);
            let Some(next) = next else { continue };
            let (seen, body) = see(&mut connection, &browser, format!("{}: the next page", last(&all)), &next).await?;
            all.push(seen);
            if let Some(previous) = link(&body, "prev") {
                let what = format!("{}, and back", last(&all));
                all.push(see(&mut connection, &browser, what, &previous).await?.0);
            }
        }
        let over = |limit: fn(&Seen) -> bool| -> String {
            let found: Vec<&str> = all.iter().filter(|seen| limit(seen)).map(|seen| seen.what.as_str()).collect();
            if found.is_empty() { String::new() } else { format!("; over it: {}", found.join(", ")) }
        };
        let largest = all.iter().max_by(|one, other| one.kilobytes.total_cmp(&other.kilobytes));
        let largest = largest.context("there are no pages")?;
        rows.push(Row {
            name: "pages",
            what: format!("the largest of {} pages of the console, over the wire", all.len()),
            measured: largest.kilobytes,
            unit: Unit::Kilobytes,
            ceiling: None,
            target: Some(Aim::AtMost(LARGEST)),
            note: format!("{}{}", largest.what, over(|seen| seen.kilobytes > LARGEST)),
            shows: None,
        });
        let pages = all.len();
        all.sort_by(|one, other| other.permille(950).total_cmp(&one.permille(950)));
        let told = |(place, seen): &(usize, &Seen)| *place < SHOWN || seen.permille(950) > TARGET;
        rows.extend(all.iter().enumerate().take_while(told).map(|(place, seen)| Row {
            name: "pages",
            what: match place {
                0 => format!("p95 of the first byte of the slowest of {pages} pages: {}", seen.what),
                _ => format!("p95 of the first byte of {}", seen.what),
            },
            measured: seen.permille(950),
            unit: Unit::Milliseconds,
            ceiling: None,
            target: Some(Aim::AtMost(TARGET)),
            note: format!(
                "p50 {:.1} ms, max {:.1} ms, {} KB",
                seen.permille(500),
                seen.permille(1000),
                count(seen.kilobytes)
            ),
            shows: None,
        }));
        Ok(())
    }
}

fn last(all: &[Seen]) -> &str {
    all.last().map_or("", |seen| &seen.what)
}

/// Asks for a page again and again; what it was like, and what it holds.
async fn see(
    connection: &mut Connection,
    browser: &Target,
    what: String,
    page: &str,
) -> anyhow::Result<(Seen, String)> {
    let request = browser.get(page);
    let (mut begun, mut bytes, mut body) = (Vec::new(), 0, String::new());
    let started = Instant::now();
    for n in 0..WARMING + REQUESTS {
        let answer = match connection.send(&request).await {
            Ok(answer) => answer,
            // What is not answered in time is a figure too; whatever comes later is not for the next page.
            Err(_) if started.elapsed() >= PATIENCE => {
                begun.push(started.elapsed().as_secs_f64() * 1000.0);
                *connection = Connection::open(browser.address).await?;
                break;
            }
            Err(error) => return Err(error.context(page.to_owned())),
        };
        ensure!(matches!(answer.status, 200 | 303), "{page} was answered {}: {}", answer.status, answer.text());
        (bytes, body) = (answer.head.len() + answer.body.len(), String::from_utf8_lossy(answer.body).into_owned());
        if n >= WARMING {
            begun.push(answer.begun.as_secs_f64() * 1000.0);
        }
        if begun.len() >= LEAST && started.elapsed() > ENOUGH {
            break;
        }
    }
    begun.sort_by(f64::total_cmp);
    Ok((Seen { what, kilobytes: bytes as f64 / 1000.0, begun }, body))
}

/// Where the page after this one stands, or the one before.
fn link(page: &str, relation: &str) -> Option<String> {
    let rest = page.split_once(&format!("<a rel=\"{relation}\" href=\""))?.1;
    Some(rest.split_once('"')?.0.replace("&#38;", "&"))
}
