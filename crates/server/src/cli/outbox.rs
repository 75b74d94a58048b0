//! `rolebook outbox`: the mails that wait or were given up, whole, with their links.

use super::open::{self, Opening};
use super::{AsJson, output};
use crate::config::{PublicFlag, Settings};
use crate::mails;
use directory::mail::Waiting;
use serde::Serialize;

/// Show the mails that wait or were given up, whole, with their links.
///
/// They are encrypted in the database, so this needs the keys file. What a link carries is also good for POST
/// /api/v2/invitation/accept.
#[derive(clap::Args)]
#[command(after_help = "Example:\n  rolebook outbox --public-url https://id.example.com --json")]
pub(super) struct Outbox {
    #[command(flatten)]
    pub(super) public: PublicFlag,
    #[command(flatten)]
    output: AsJson,
}

/// Mails read at once.
const PAGE: i64 = 500;

#[derive(Serialize)]
struct Shown {
    id: i64,
    to: String,
    subject: String,
    text: String,
    /// Not every mail has one.
    link: Option<String>,
    state: &'static str,
    trouble: String,
    attempts: i64,
    next_try_at: Option<String>,
    created_at: String,
}

impl Shown {
    fn of(waiting: &Waiting, public_url: &str) -> Shown {
        let letter = mails::letter(&waiting.mail, public_url);
        Shown {
            id: waiting.id,
            to: waiting.mail.to.as_typed().to_owned(),
            subject: letter.subject,
            text: letter.text,
            link: letter.link,
            state: if waiting.next_try_at.is_some() { "waiting" } else { "given_up" },
            trouble: waiting.trouble.clone(),
            attempts: waiting.attempts,
            // At once, for one that was never tried.
            next_try_at: waiting.next_try_at.map(|at| output::time(at.max(waiting.created_at))),
            created_at: output::time(waiting.created_at),
        }
    }

    fn whole(&self) -> String {
        let Shown { id, created_at, attempts, to, subject, text, trouble, .. } = self;
        let next = match &self.next_try_at {
            Some(next) => format!("next try {next}"),
            None => "given up".to_owned(),
        };
        let trouble = if trouble.is_empty() { String::new() } else { format!("Trouble: {trouble}\n") };
        format!(
            "--- mail {id}, waits since {created_at}, tried {attempts} times, {next}\n{trouble}To: {to}\n\
             Subject: {subject}\n\n{text}"
        )
    }
}

pub(super) fn run(command: &Outbox, settings: &Settings) -> anyhow::Result<()> {
    let opened = open::for_command(settings, Opening::Present)?;
    let public_url = settings.public_url_at(settings.listen);
    let mut list = output::List::begin(command.output.json);
    let mut last = 0;
    loop {
        let page = opened.ask(opened.directory.outbox(last, PAGE))?;
        for waiting in &page {
            list.push(&Shown::of(waiting, &public_url), Shown::whole)?;
            last = waiting.id;
        }
        if page.is_empty() {
            return list.end("No mail waits.");
        }
    }
}
