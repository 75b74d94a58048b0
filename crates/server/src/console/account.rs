//! `/console/environments/<key>/account`: what one may see and change of oneself: the profile, and in the files below what one
//! signs in with, sessions, API tokens, and what one may do. Knows no rule.

pub(super) mod permissions;
pub(super) mod security;
pub(super) mod sessions;
pub(super) mod tokens;

use super::error::Error;
use super::form::{Form, Sent};
use super::layout::{Layout, page_with};
use super::session::Visit;
use super::words::AccountWords;
use crate::app::App;
use crate::body::choice;
use crate::query::query;
use askama::Template;
use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use directory::Error as Refusal;
use directory::error::Field;
use directory::locale::Locale;
use directory::text::{Phone, ShortName};
use directory::users::{self, User, UserChanges};

query! {
    /// The query of these pages.
    struct Asked {
        /// What its reader just did.
        done: Optional<Done>,
    }
}

choice! {
    /// What somebody just did on these pages.
    enum Done {
        Saved = "saved",
        Asked = "asked",
        Removed = "removed",
        Ended = "ended",
        Revoked = "revoked",
    }
}

impl Done {
    fn text(self, words: &AccountWords) -> &'static str {
        match self {
            Done::Saved => words.saved,
            Done::Asked => words.asked,
            Done::Removed => words.removed,
            Done::Ended => words.ended,
            Done::Revoked => words.revoked,
        }
    }
}

/// What was done, as a query has it.
fn done(RawQuery(query): RawQuery, words: &AccountWords) -> Result<&'static str, Error> {
    let Asked { done } = Asked::read(query.as_deref()).map_err(|_| Error::Unreadable)?;
    Ok(done.map_or("", |done| done.text(words)))
}

/// Leads to a page of these, which says what was done.
async fn lead(app: &App, visit: &Visit, page: &str, done: Done) -> Result<Response, Error> {
    let (layout, ()) = visit.read(app, |_, _| Ok(())).await?;
    Ok(Redirect::to(&format!("{}?done={}", layout.address(page), done.word())).into_response())
}

#[derive(Template)]
#[template(path = "console/account.html")]
struct ProfilePage {
    layout: Layout,
    words: &'static AccountWords,
    done: &'static str,
    form: Form,
    /// An operator need not be a user here.
    user: bool,
    /// Tags with what they are called.
    languages: Vec<(String, &'static str)>,
}

/// `GET /console/environments/<key>/account`.
pub(super) async fn show(State(app): State<App>, visit: Visit, query: RawQuery) -> Result<Response, Error> {
    let done = done(query, AccountWords::of(visit.language))?;
    answer(&app, &visit, StatusCode::OK, None, done).await
}

/// `POST /console/environments/<key>/account`.
pub(super) async fn save(State(app): State<App>, sent: Sent) -> Result<Response, Error> {
    let Sent { visit, mut form } = sent;
    let short = |text: &str| ShortName::parse(text.trim());
    let locale = |text: &str| match text.trim() {
        "" => Ok(None),
        tag => Locale::parse(tag).map(Some),
    };
    let changes = UserChanges {
        name: form.parse("name", visit.language, short),
        first_name: form.parse("first_name", visit.language, short),
        last_name: form.parse("last_name", visit.language, short),
        phone: form.parse("phone", visit.language, |text| Phone::parse(text.trim())),
        language: form.parse("language", visit.language, locale),
        locale: form.parse("locale", visit.language, locale),
        ..UserChanges::default()
    };
    if form.is_refused() {
        return answer(&app, &visit, StatusCode::UNPROCESSABLE_ENTITY, Some(form), "").await;
    }
    match app.directory.update_own_user(visit.caller(), changes, None).await {
        Ok(_) => lead(&app, &visit, "account", Done::Saved).await,
        Err(error) => {
            let names = [
                (Field::Name, "name"),
                (Field::FirstName, "first_name"),
                (Field::LastName, "last_name"),
                (Field::Phone, "phone"),
                (Field::Language, "language"),
                (Field::Locale, "locale"),
            ];
            form.keep(error, visit.language, &names)?;
            answer(&app, &visit, StatusCode::UNPROCESSABLE_ENTITY, Some(form), "").await
        }
    }
}

async fn answer(
    app: &App,
    visit: &Visit,
    status: StatusCode,
    form: Option<Form>,
    done: &'static str,
) -> Result<Response, Error> {
    let own = |tx: &mut directory::store::Tx<'_>, actor: &directory::actor::Actor| match users::get_own(tx, actor) {
        Ok(user) => Ok(Some(user)),
        Err(Refusal::NotFound(_)) => Ok(None),
        Err(error) => Err(error),
    };
    let (layout, user) = visit.read(app, own).await?;
    let words = AccountWords::of(visit.language);
    let form = form.unwrap_or_else(|| user.as_ref().map(filled).unwrap_or_default());
    let mut languages =
        vec![(String::new(), words.by_browser), ("en".to_owned(), "English"), ("de".to_owned(), "Deutsch")];
    // What another system chose stays as it is.
    let present = form.text("language");
    if !languages.iter().any(|(tag, _)| tag == present) {
        languages.push((present.to_owned(), ""));
    }
    page_with(status, &ProfilePage { layout, words, done, form, user: user.is_some(), languages })
}

/// The form as the profile stands.
fn filled(user: &User) -> Form {
    let own = &user.membership;
    let tag = |locale: &Option<Locale>| locale.as_ref().map_or_else(String::new, |tag| tag.as_str().to_owned());
    Form::of([
        ("name", own.name.as_str().to_owned()),
        ("first_name", own.first_name.as_str().to_owned()),
        ("last_name", own.last_name.as_str().to_owned()),
        ("phone", own.phone.as_str().to_owned()),
        ("language", tag(&own.language)),
        ("locale", tag(&own.locale)),
    ])
}
