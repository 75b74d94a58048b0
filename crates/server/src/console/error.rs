//! Refusals as pages: each says what happened and what to do, in its reader's language; those that can be mended by signing in
//! lead there, and back. Knows no reason for a refusal beyond what it is told.

use super::house::Asked;
use super::layout::{Layout, page_with};
use super::refused;
use super::session;
use super::words::{ErrorWords, Sentence};
use crate::http::request_id::with_trouble;
use askama::Template;
use axum::http::header::RETRY_AFTER;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use directory::error::Step;
use std::sync::Arc;

/// What a handler here refuses with.
pub(super) enum Error {
    /// The directory said so.
    Directory(directory::Error),
    /// The address or the form is none that a page of ours makes.
    Unreadable,
    /// The form does not come from a page of this session.
    Forged,
    /// The public URL is fit for no passkey.
    NoPasskeys,
    /// Nothing stands at this address.
    NoPage,
    /// A handler ended in a defect of ours, which the log has already.
    Broken,
    /// A template could not be filled: a defect of ours.
    Template(askama::Error),
}

impl From<directory::Error> for Error {
    fn from(error: directory::Error) -> Error {
        Error::Directory(error)
    }
}

impl From<askama::Error> for Error {
    fn from(error: askama::Error) -> Error {
        Error::Template(error)
    }
}

/// A refusal on its way to the layer, which knows for whom it becomes a page.
#[derive(Clone)]
pub(super) struct Refusal(Arc<Error>);

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        let mut response = StatusCode::INTERNAL_SERVER_ERROR.into_response();
        response.extensions_mut().insert(Refusal(Arc::new(self)));
        response
    }
}

#[derive(Template)]
#[template(path = "console/error.html")]
struct ErrorPage {
    layout: Layout,
    words: &'static ErrorWords,
    title: &'static str,
    help: &'static str,
    /// What the directory says of it; empty: no more.
    detail: String,
}

/// The answer to whoever asked this.
pub(super) fn page(refusal: &Refusal, asked: &Asked) -> Response {
    use directory::Error as E;
    let words = ErrorWords::of(asked.language);
    let told = |status, title, help, detail| told(asked, status, [title, help], detail);
    let plain = |status, title, help| told(status, title, help, String::new());
    match &*refusal.0 {
        Error::Directory(error) => match error {
            E::Unauthenticated => elsewhere(asked, "/console/sign-in"),
            E::StepRequired(Step::SecondFactor | Step::StepUp) => elsewhere(asked, "/console/sign-in/second-factor"),
            E::StepRequired(Step::PasswordChange) => elsewhere(asked, "/console/password"),
            E::StepRequired(Step::SecondFactorEnrolment) => elsewhere(asked, "/console/enrol"),
            E::StepRequired(Step::MailedLink) => plain(StatusCode::FORBIDDEN, words.link, words.link_help),
            E::StepRequired(Step::Proof) => elsewhere(asked, "/console/prove"),
            E::FactorRefused => plain(StatusCode::FORBIDDEN, words.factor, words.factor_help),
            E::Forbidden(denial) => {
                let detail = denial.in_language(asked.language);
                told(StatusCode::FORBIDDEN, words.forbidden, words.forbidden_help, detail)
            }
            E::NotFound(_) => plain(StatusCode::NOT_FOUND, words.missing, words.missing_help),
            // Handlers put these beside their fields; what comes here has no field on its page.
            E::Invalid(errors) | E::Taken(errors) => {
                let detail = refused::sentences(errors, asked.language);
                told(StatusCode::UNPROCESSABLE_ENTITY, words.invalid, words.invalid_help, detail)
            }
            E::Conflict(conflict) => {
                let detail = conflict.in_language(asked.language);
                told(StatusCode::CONFLICT, words.conflict, words.conflict_help, detail)
            }
            E::Changed | E::KeyReused | E::InProgress => plain(StatusCode::CONFLICT, words.changed, words.changed_help),
            E::TooMany { retry_after, reason } => {
                let detail = reason.in_language(asked.language);
                let response = told(StatusCode::TOO_MANY_REQUESTS, words.too_many, words.too_many_help, detail);
                after(response, retry_after.as_secs().saturating_add(1))
            }
            E::Unavailable(reason) => {
                let response = plain(StatusCode::SERVICE_UNAVAILABLE, words.unavailable, words.unavailable_help);
                with_trouble(after(response, 1), reason.clone())
            }
            E::Internal(reason) => {
                let response = plain(StatusCode::INTERNAL_SERVER_ERROR, words.broken, words.broken_help);
                with_trouble(response, reason.clone())
            }
        },
        Error::Unreadable => plain(StatusCode::BAD_REQUEST, words.unreadable, words.unreadable_help),
        Error::Forged => plain(StatusCode::FORBIDDEN, words.forged, words.forged_help),
        Error::NoPasskeys => plain(StatusCode::CONFLICT, words.no_passkeys, words.no_passkeys_help),
        Error::NoPage => plain(StatusCode::NOT_FOUND, words.missing, words.missing_help),
        Error::Broken => plain(StatusCode::INTERNAL_SERVER_ERROR, words.broken, words.broken_help),
        Error::Template(error) => {
            let response = plain(StatusCode::INTERNAL_SERVER_ERROR, words.broken, words.broken_help);
            with_trouble(response, error.to_string())
        }
    }
}

fn told(asked: &Asked, status: StatusCode, [title, help]: [&'static str; 2], detail: String) -> Response {
    let layout = Layout::new(asked.language, None, String::new());
    let page = ErrorPage { layout, words: ErrorWords::of(asked.language), title, help, detail };
    // There is no page for a page that cannot be made.
    page_with(status, &page).unwrap_or_else(|_| status.into_response())
}

/// Leads to a page that mends it, and from there back; by way of the form, if one was sent. A script is told in a header: it would put a page into a page.
fn elsewhere(asked: &Asked, page: &str) -> Response {
    let kept = asked.form.as_ref().and_then(|form| Some((form, form.detour(&asked.here)?)));
    let to = kept.as_ref().map_or(&asked.here, |(_, (next, _))| next).after(page);
    let mut response = match HeaderValue::from_str(&to) {
        Ok(to) if asked.by_script => ([("hx-redirect", to)], StatusCode::NO_CONTENT).into_response(),
        _ => Redirect::to(&to).into_response(),
    };
    if let Some((form, (_, sealed))) = &kept {
        session::keep_form(&form.app, sealed, &mut response);
    }
    response
}

fn after(mut response: Response, seconds: u64) -> Response {
    response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
    response
}
