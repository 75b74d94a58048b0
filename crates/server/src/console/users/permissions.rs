//! `/console/environments/<key>/users/<id>/permissions`: what a user may do, and through what; and of any permission why it may,
//! or why not.

use super::{Head, May, Named, Tab};
use crate::app::App;
use crate::console::error::Error;
use crate::console::form::Form;
use crate::console::language::Language;
use crate::console::layout::{Layout, page_with};
use crate::console::session::Visit;
use crate::console::words::UserPermissionsWords as Words;
use crate::console::words::UserWords;
use crate::query::query;
use askama::Template;
use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::Response;
use directory::actor::Actor;
use directory::checks::{self, Explanation, Lacking, Path, Question, Verdict, Within};
use directory::error::Error as Refusal;
use directory::id::UserId;
use directory::store::Tx;
use directory::suggestions;
use directory::text::Codename;
use directory::users::{self, User};

/// Permissions of a page: each is explained, which takes some look-ups.
const ROWS: usize = 40;
/// Ways that are told of each.
const WAYS: usize = 3;

query! {
    /// The query of the page.
    struct Asked {
        /// The permission that is asked about.
        permission: Optional<String>,
        /// The last permission of the page before.
        after: Optional<String>,
    }
}

#[derive(Template)]
#[template(path = "console/user_permissions.html")]
struct PermissionsPage {
    layout: Layout,
    words: &'static UserWords,
    texts: &'static Words,
    head: Head,
    form: Form,
    /// To choose from while typing.
    known: Vec<String>,
    /// What is asked about, and why it is so.
    answer: Option<Answer>,
    rows: Vec<Answer>,
    /// One reason for all of them.
    all: &'static str,
    next: Option<String>,
    /// There were pages before.
    begun: bool,
}

/// A permission, and why a user has it, or has not.
struct Answer {
    codename: String,
    allowed: bool,
    reasons: Vec<Reason>,
    /// Ways besides.
    more: usize,
}

/// One reason: a sentence, and the groups on the way.
struct Reason {
    text: &'static str,
    steps: Vec<String>,
    /// Its last day, if being in the first ends.
    until: String,
}

/// What the directory knows.
struct Found {
    user: User,
    may: May,
    known: Vec<Codename>,
    rows: Vec<(Codename, Option<Verdict>)>,
    more: bool,
    answer: Option<(String, Option<Verdict>)>,
}

/// `GET /console/environments/<key>/users/<id>/permissions`.
pub(in crate::console) async fn permissions(
    State(app): State<App>,
    visit: Visit,
    Named(id): Named,
    RawQuery(query): RawQuery,
) -> Result<Response, Error> {
    let Asked { permission, after } = Asked::read(query.as_deref()).map_err(|_| Error::Unreadable)?;
    let permission = permission.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
    let (asked, begun) = (permission.clone(), after.is_some());
    let read = move |tx: &mut Tx<'_>, actor: &Actor| find(tx, actor, id, asked.as_deref(), after.as_deref());
    let (layout, found) = visit.read(&app, read).await?;
    let (words, texts) = (UserWords::of(layout.language), Words::of(layout.language));
    let language = layout.language;
    let head = Head::of(&found.user, &layout, words, found.may, Tab::Permissions);
    let mut form = Form::of([("permission", permission.unwrap_or_default())]);
    let explained = |(codename, verdict): (String, Option<Verdict>)| Answer::of(codename, verdict, texts, language);
    let answer = match found.answer {
        Some((_, None)) => {
            form.refuse("permission", texts.unknown);
            None
        }
        answer => answer.map(explained),
    };
    let next =
        found.rows.last().filter(|_| found.more).map(|(last, _)| format!("{}?after={}", here(&head), last.as_str()));
    let rows = found.rows.into_iter().map(|(codename, verdict)| explained((codename.as_str().to_owned(), verdict)));
    let membership = &found.user.membership;
    let all = match (found.user.account.operator, membership.active, membership.pending, membership.administrator) {
        (true, ..) => texts.because_operator,
        (_, false, ..) => texts.lacks_active,
        (_, _, true, _) => texts.lacks_accepted,
        (_, _, _, true) => texts.because_administrator,
        _ => "",
    };
    let status = if form.error("permission").is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let known = found.known.iter().map(|codename| codename.as_str().to_owned()).collect();
    let rows = rows.collect();
    page_with(status, &PermissionsPage { layout, words, texts, head, form, known, answer, rows, all, next, begun })
}

fn here(head: &Head) -> String {
    format!("{}/permissions", head.base)
}

fn find(
    tx: &mut Tx<'_>,
    actor: &Actor,
    id: UserId,
    asked: Option<&str>,
    after: Option<&str>,
) -> directory::Result<Found> {
    let user = users::get(tx, actor, id)?;
    let all = checks::permissions(tx, actor, id, None)?;
    let beyond = all.iter().filter(|codename| after.is_none_or(|after| codename.as_str() > after));
    let mut shown: Vec<Codename> = beyond.take(ROWS + 1).cloned().collect();
    let more = shown.len() > ROWS;
    shown.truncate(ROWS);
    // Administrators have all of them for one reason, which is told once.
    let one_reason = user.membership.administrator || user.account.operator;
    let mut rows = Vec::with_capacity(shown.len());
    for codename in shown {
        let verdict = if one_reason { None } else { explain(tx, actor, id, codename.as_str())? };
        rows.push((codename, verdict));
    }
    let answer = asked.map(|text| Ok((text.to_owned(), explain(tx, actor, id, text)?))).transpose()?;
    let known = match suggestions::permissions(tx, actor, "") {
        Ok(known) => known,
        Err(Refusal::Forbidden(_)) => Vec::new(),
        Err(error) => return Err(error),
    };
    Ok(Found { may: May::of(actor, Some(id)), user, known, rows, more, answer })
}

/// `None`: there is no such permission.
fn explain(tx: &mut Tx<'_>, actor: &Actor, id: UserId, permission: &str) -> directory::Result<Option<Verdict>> {
    let question = Question { user: Some((id, id.to_string())), permission: permission.to_owned() };
    match checks::sketch(tx, actor, &[question]) {
        Ok(mut verdicts) => Ok(verdicts.pop()),
        Err(Refusal::Invalid(_)) => Ok(None),
        Err(error) => Err(error),
    }
}

impl Answer {
    fn of(codename: String, verdict: Option<Verdict>, texts: &Words, language: Language) -> Answer {
        let allowed = verdict.as_ref().is_none_or(|verdict| verdict.allowed);
        let (reasons, all) = match verdict.and_then(|verdict| verdict.explanation) {
            Some(Explanation::Because(paths)) => {
                let reasons = paths.iter().take(WAYS).map(|path| Reason::because(path, texts, language)).collect();
                (reasons, paths.len())
            }
            Some(Explanation::Missing(lacking)) => {
                let reasons: Vec<Reason> = lacking.iter().map(|lacking| Reason::missing(lacking, texts)).collect();
                let all = reasons.len();
                (reasons, all)
            }
            None => (Vec::new(), 0),
        };
        Answer { codename, allowed, more: all.saturating_sub(reasons.len()), reasons }
    }
}

impl Reason {
    fn plain(text: &'static str) -> Reason {
        Reason { text, steps: Vec::new(), until: String::new() }
    }

    fn because(path: &Path, texts: &Words, language: Language) -> Reason {
        match path {
            Path::Operator => Reason::plain(texts.because_operator),
            Path::Administrator(_) => Reason::plain(texts.because_administrator),
            Path::Groups { steps, .. } => {
                let ends = steps.first().and_then(|step| match step.within {
                    Within::Member(end) => end,
                    Within::Contained => None,
                });
                let steps = steps.iter().map(|step| step.group.name.as_str().to_owned()).collect();
                let until = ends.map_or_else(String::new, |end| language.moment(end));
                Reason { text: texts.because_group, steps, until }
            }
        }
    }

    fn missing(lacking: &Lacking, texts: &Words) -> Reason {
        match lacking {
            Lacking::Active => Reason::plain(texts.lacks_active),
            Lacking::Accepted => Reason::plain(texts.lacks_accepted),
            Lacking::Ceiling => Reason::plain(texts.lacks_ceiling),
            Lacking::User => Reason::plain(texts.lacks_user),
            Lacking::Group(groups) if groups.is_empty() => Reason::plain(texts.lacks_any_group),
            Lacking::Group(groups) => {
                let steps = groups.iter().take(10).map(|group| group.name.as_str().to_owned()).collect();
                Reason { text: texts.lacks_group, steps, until: String::new() }
            }
        }
    }
}
