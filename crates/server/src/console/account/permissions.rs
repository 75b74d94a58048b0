//! What one may do in the environment, and why: through which groups it comes, and since when. Knows nothing of how that is found.

use crate::app::App;
use crate::console::error::Error;
use crate::console::language::Language;
use crate::console::layout::{Layout, page};
use crate::console::session::Visit;
use crate::console::words::AccountWords;
use crate::query::query;
use askama::Template;
use axum::extract::{RawQuery, State};
use axum::response::Response;
use directory::Error as Refusal;
use directory::actor::Actor;
use directory::checks::{self, Explanation, Path, Question, Verdict, Within};
use directory::store::Tx;

/// Rows of a page: each asks the database why.
const ROWS: usize = 25;
/// Ways that are shown of each.
const WAYS: usize = 3;

query! {
    /// The query of the page.
    struct Asked {
        /// Behind how many the page begins.
        behind: Optional<String>,
    }
}

#[derive(Template)]
#[template(path = "console/account_permissions.html")]
struct PermissionsPage {
    layout: Layout,
    words: &'static AccountWords,
    /// Why it may all; empty: it may what the rows say.
    all: &'static str,
    rows: Vec<Row>,
    previous: Option<String>,
    next: Option<String>,
}

/// A permission, and each way by which it comes.
struct Row {
    permission: String,
    ways: Vec<String>,
}

/// What was found.
struct Found {
    operator: bool,
    administrator: bool,
    named: Vec<String>,
    verdicts: Vec<Verdict>,
    more: bool,
}

/// `GET /console/environments/<key>/account/permissions`.
pub(in crate::console) async fn show(
    State(app): State<App>,
    visit: Visit,
    RawQuery(query): RawQuery,
) -> Result<Response, Error> {
    let Asked { behind } = Asked::read(query.as_deref()).map_err(|_| Error::Unreadable)?;
    let behind: usize = behind.map_or(Ok(0), |text| text.parse()).map_err(|_| Error::Unreadable)?;
    let (layout, found) = visit.report(&app, move |tx, actor| find(tx, actor, behind)).await?;
    let words = AccountWords::of(visit.language);
    let all = match (found.operator, found.administrator) {
        (true, _) => words.as_operator,
        (false, true) => words.as_administrator,
        (false, false) => "",
    };
    let row = |(permission, verdict): (String, &Verdict)| {
        let ways = match &verdict.explanation {
            Some(Explanation::Because(paths)) => {
                paths.iter().take(WAYS).map(|path| why(path, words, visit.language)).collect()
            }
            _ => Vec::new(),
        };
        Row { permission, ways }
    };
    let at = |behind: usize| format!("{}?behind={behind}", layout.address("account/permissions"));
    page(&PermissionsPage {
        words,
        all,
        previous: (behind > 0).then(|| at(behind.saturating_sub(ROWS))),
        next: found.more.then(|| at(behind + ROWS)),
        rows: found.named.into_iter().zip(&found.verdicts).map(row).collect(),
        layout,
    })
}

fn find(tx: &mut Tx<'_>, actor: &Actor, behind: usize) -> directory::Result<Found> {
    let (operator, administrator) = (actor.is_operator(), actor.power().administrator);
    let own = match actor.user() {
        Some(own) if !operator && !administrator => checks::permissions(tx, actor, own, None)?,
        Some(_) => return Ok(Found { operator, administrator, named: Vec::new(), verdicts: Vec::new(), more: false }),
        None => return Err(Refusal::NotFound(directory::error::Noun::User)),
    };
    let named: Vec<String> = own.iter().skip(behind).take(ROWS).map(|held| held.as_str().to_owned()).collect();
    let question = |permission: &String| Question { user: None, permission: permission.clone() };
    let questions: Vec<Question> = named.iter().map(question).collect();
    let verdicts = checks::check_briefly(tx, actor, &questions, WAYS)?;
    Ok(Found { operator, administrator, more: own.len() > behind.saturating_add(ROWS), named, verdicts })
}

/// A way as a sentence's end: `you are in "Accounting" since 5 Mar 2026, which is within "Finance"`.
fn why(path: &Path, words: &AccountWords, language: Language) -> String {
    match path {
        Path::Operator => words.as_operator.to_owned(),
        Path::Administrator(_) => words.as_administrator.to_owned(),
        Path::Groups { steps, .. } => {
            let step = |step: &checks::Step| {
                let (verb, until) = match step.within {
                    Within::Member(until) => (words.member_of, until),
                    Within::Contained => (words.within, None),
                };
                let since = step.given.since.map(|since| format!(" {} {}", words.since, language.day(since)));
                let until = until.map(|until| format!(" {} {}", words.until, language.day(until)));
                let name = step.group.name.as_str();
                format!("{verb} “{name}”{}{}", since.unwrap_or_default(), until.unwrap_or_default())
            };
            steps.iter().map(step).collect::<Vec<_>>().join(", ")
        }
    }
}
