//! What was found of an audit trail, for people and programs.

use crate::cli::output;
use anyhow::bail;
use directory::audit::{Break, Verified};
use serde::Serialize;

#[derive(Serialize)]
struct Shown {
    whole: bool,
    chains: u64,
    events: u64,
    erased: u64,
    pruned: u64,
    waiting: u64,
    checkpoints: u64,
    breaks: Vec<ShownBreak>,
}

#[derive(Serialize)]
struct ShownBreak {
    environment: Option<String>,
    sequence: i64,
    how: &'static str,
    says: String,
}

impl ShownBreak {
    fn of(at: &Break) -> ShownBreak {
        let environment = at.environment.map(|uuid| uuid.to_string());
        let whose = environment.as_ref().map_or("the system".to_owned(), |uuid| format!("environment {uuid}"));
        let says = format!("{whose}: {at}");
        ShownBreak { environment, sequence: at.sequence, how: at.how.word(), says }
    }
}

/// Says what was found; a break is a failure.
///
/// # Errors
/// The first break, in a sentence; stdout's.
pub(super) fn tell(found: &Verified, json: bool) -> anyhow::Result<()> {
    let breaks: Vec<ShownBreak> = found.breaks.iter().map(ShownBreak::of).collect();
    let Verified { chains, events, erased, pruned, waiting, checkpoints, .. } = *found;
    let shown = Shown { whole: breaks.is_empty(), chains, events, erased, pruned, waiting, checkpoints, breaks };
    output::thing(json, &shown, |shown| {
        let mut text = format!(
            "{} events in {} chains verified, {} of them with something erased; {} removed by retention; {} checkpoints; \
             {} events wait to be chained",
            shown.events, shown.chains, shown.erased, shown.pruned, shown.checkpoints, shown.waiting
        );
        for at in &shown.breaks {
            text.push_str(&format!("\nBROKEN: {}", at.says));
        }
        text
    })?;
    match shown.breaks.first() {
        Some(first) => bail!("the audit trail is broken: {}", first.says),
        None => Ok(()),
    }
}
