//! `/console/environments/<key>/users/<id>`: a user, what can be done with it, and what it was at the end of a day.

use super::choices::end_of_day;
use super::{Head, May, Named, Tab};
use crate::app::App;
use crate::body::choice;
use crate::console::error::Error;
use crate::console::form::Form;
use crate::console::language::Language;
use crate::console::layout::{Layout, page_with};
use crate::console::session::Visit;
use crate::console::words::{Sentence, UserWords};
use crate::query::query;
use askama::Template;
use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::Response;
use directory::actor::Actor;
use directory::checks;
use directory::clock::Time;
use directory::error::{Error as Refusal, FieldError, Problem};
use directory::id::UserId;
use directory::store::Tx;
use directory::users::{self, User};
use std::sync::Arc;

/// The most codenames that are shown of what a user could do then.
const MOST_PERMISSIONS: usize = 200;

query! {
    /// The query of the page.
    struct Show {
        /// What has just been done.
        done: Optional<Done>,
        /// The day at whose end it is shown.
        at: Optional<String>,
    }
}

choice! {
    /// What has just been done.
    pub(super) enum Done {
        Added = "added",
        Saved = "saved",
        Activated = "activated",
        Deactivated = "deactivated",
        PasswordReset = "password-reset",
        PasswordKept = "password-kept",
        FactorReset = "second-factor-reset",
        FactorKept = "second-factor-kept",
        Invited = "invited",
    }
}

impl Done {
    fn text(self, words: &UserWords) -> &'static str {
        match self {
            Done::Added => words.done_added,
            Done::Saved => words.done_saved,
            Done::Activated => words.done_activated,
            Done::Deactivated => words.done_deactivated,
            Done::PasswordReset => words.done_password_reset,
            Done::PasswordKept => words.done_password_kept,
            Done::FactorReset => words.done_factor_reset,
            Done::FactorKept => words.done_factor_kept,
            Done::Invited => words.done_invited,
        }
    }
}

#[derive(Template)]
#[template(path = "console/user.html")]
struct UserPage {
    layout: Layout,
    words: &'static UserWords,
    head: Head,
    user: User,
    may: May,
    /// Its own groups, and when being in them ends.
    groups: Vec<(String, String)>,
    since: String,
    changed: String,
    /// What has just been done.
    done: &'static str,
    /// What has just been done can be taken back.
    undo: bool,
    notice: String,
    /// It has yet to choose a password, or to accept.
    invited: bool,
    /// As it was at the end of this day; empty: as it is.
    then: String,
    /// What it could do then.
    could: Vec<String>,
    /// How much besides.
    more: usize,
    form: Form,
}

/// `GET /console/environments/<key>/users/<id>`.
pub(in crate::console) async fn show(
    State(app): State<App>,
    visit: Visit,
    Named(id): Named,
    RawQuery(query): RawQuery,
) -> Result<Response, Error> {
    let Show { done, at } = Show::read(query.as_deref()).map_err(|_| Error::Unreadable)?;
    let words = UserWords::of(visit.language);
    let Some(day) = at else {
        return draw(&app, &visit, id, StatusCode::OK, done, String::new(), Form::default()).await;
    };
    let mut form = Form::of([("at", day.clone())]);
    let Some(end) = end_of_day(&day) else {
        form.refuse("at", words.no_date);
        return draw(&app, &visit, id, StatusCode::UNPROCESSABLE_ENTITY, None, String::new(), form).await;
    };
    let then = visit.read(&app, move |tx, actor| past(tx, actor, id, end)).await;
    let sentence = match then {
        Ok((layout, then)) => return draw_past(layout, words, then, form),
        Err(Error::Directory(Refusal::NotFound(_))) => words.nobody_then.to_owned(),
        Err(Error::Directory(Refusal::Invalid(errors))) => match errors.as_slice() {
            [FieldError { problem: Problem::Refused(refusal), .. }] => refusal.in_language(visit.language),
            _ => words.no_date.to_owned(),
        },
        Err(error) => return Err(error),
    };
    form.refuse("at", sentence);
    draw(&app, &visit, id, StatusCode::UNPROCESSABLE_ENTITY, None, String::new(), form).await
}

/// A user as it was.
struct Past {
    user: User,
    may: May,
    at: Time,
    could: Arc<[directory::text::Codename]>,
}

/// At the end of a day; of today, as it is by now.
fn past(tx: &mut Tx<'_>, actor: &Actor, id: UserId, end: Time) -> directory::Result<Past> {
    let last = Time::from_micros(end.as_micros() - 1);
    let now = tx.now();
    let at = if end.as_micros() - now.as_micros() < DAY { last.min(now) } else { last };
    let user = users::get_at(tx, actor, id, at)?;
    let could = checks::permissions(tx, actor, id, Some(at))?;
    Ok(Past { user, may: May::of(actor, Some(id)), at, could })
}

/// Microseconds of a day.
const DAY: i64 = 24 * 3600 * 1_000_000;

fn draw_past(layout: Layout, words: &'static UserWords, past: Past, form: Form) -> Result<Response, Error> {
    let Past { user, may, at, could } = past;
    let then = layout.language.moment(at);
    let shown = could.iter().take(MOST_PERMISSIONS).map(|codename| codename.as_str().to_owned()).collect();
    let more = could.len().saturating_sub(MOST_PERMISSIONS);
    page_with(StatusCode::OK, &UserPage { then, could: shown, more, ..UserPage::of(layout, words, user, may, form) })
}

impl UserPage {
    fn of(layout: Layout, words: &'static UserWords, user: User, may: May, form: Form) -> UserPage {
        let language = layout.language;
        let membership = &user.membership;
        UserPage {
            head: Head::of(&user, &layout, words, may, Tab::Overview),
            groups: user.groups.iter().map(|own| in_group(own, language)).collect(),
            since: language.day(membership.created_at),
            changed: language.moment(membership.updated_at),
            invited: membership.pending || (user.account.password_hash.is_none() && !user.account.service),
            done: "",
            undo: false,
            notice: String::new(),
            then: String::new(),
            could: Vec::new(),
            more: 0,
            layout,
            words,
            user,
            may,
            form,
        }
    }
}

fn in_group(own: &users::InGroup, language: Language) -> (String, String) {
    let last = own.expires_at.map(|end| Time::from_micros(end.as_micros() - 1));
    (own.group.name.as_str().to_owned(), last.map_or_else(String::new, |last| language.day(last)))
}

/// Draws a user as it is.
pub(super) async fn draw(
    app: &App,
    visit: &Visit,
    id: UserId,
    status: StatusCode,
    done: Option<Done>,
    notice: String,
    form: Form,
) -> Result<Response, Error> {
    let read = move |tx: &mut Tx<'_>, actor: &Actor| Ok((users::get(tx, actor, id)?, May::of(actor, Some(id))));
    let (layout, (user, may)) = visit.read(app, read).await?;
    let words = UserWords::of(layout.language);
    let undo = done == Some(Done::Deactivated) && !user.membership.active && may.change;
    let done = done.map_or("", |done| done.text(words));
    page_with(status, &UserPage { done, undo, notice, ..UserPage::of(layout, words, user, may, form) })
}
