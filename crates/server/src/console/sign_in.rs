//! `/console/sign-in` and `/console/sign-out`: by password, and in the files below by passkey and with a second factor. Knows
//! nothing of how any of them is judged.

pub(super) mod passkey;
pub(super) mod second_factor;

use super::error::Error;
use super::form::{Form, Sent};
use super::layout::{Layout, page, page_with};
use super::session::{self, Next, Visit};
use super::words::SignInWords;
use crate::app::App;
use crate::body::choice;
use crate::query::query;
use askama::Template;
use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use directory::secret::Password;
use directory::sessions::{Shows, SignIn, SignedIn, StepToken};

/// The page's own address.
const HERE: &str = "/console/sign-in";

query! {
    /// The query of the pages for signing in.
    struct Asked {
        /// Where to go then.
        next: Optional<String>,
        /// What its reader just did.
        told: Optional<Told>,
    }
}

choice! {
    /// What somebody did who is now to sign in.
    pub(super) enum Told {
        Accepted = "accepted",
        Password = "password",
        Address = "address",
        Again = "again",
    }
}

impl Told {
    /// Leads to signing in, where it is told, and from there on.
    pub(super) fn at_sign_in(self, next: &Next) -> Response {
        let to = next.after(HERE);
        let sign = if to.contains('?') { '&' } else { '?' };
        Redirect::to(&format!("{to}{sign}told={}", self.word())).into_response()
    }

    fn text(self, words: &SignInWords) -> &'static str {
        match self {
            Told::Accepted => words.told_accepted,
            Told::Password => words.told_password,
            Told::Address => words.told_address,
            Told::Again => words.told_again,
        }
    }
}

#[derive(Template)]
#[template(path = "console/sign_in.html")]
struct SignInPage {
    layout: Layout,
    words: &'static SignInWords,
    form: Form,
    /// What was done before; empty: nothing.
    told: &'static str,
    /// What was wrong with the last attempt; empty: there was none.
    notice: &'static str,
    passkeys: bool,
}

/// `GET /console/sign-in`.
pub(super) async fn show(State(app): State<App>, visit: Visit, RawQuery(query): RawQuery) -> Result<Response, Error> {
    let Asked { next, told } = Asked::read(query.as_deref()).map_err(|_| Error::Unreadable)?;
    let (words, passkeys) = (SignInWords::of(visit.language), app.party.is_some());
    let form = Form::of([("next", Next::parse(&next.unwrap_or_default()).as_str().to_owned())]);
    let told = told.map_or("", |told| told.text(words));
    page(&SignInPage { layout: visit.unsigned(), words, form, told, notice: "", passkeys })
}

/// `POST /console/sign-in`.
pub(super) async fn sign_in(State(app): State<App>, sent: Sent) -> Result<Response, Error> {
    let Sent { visit, mut form } = sent;
    let words = SignInWords::of(visit.language);
    let login = form.text("login").trim().to_owned();
    if login.is_empty() {
        form.refuse("login", words.required);
    }
    let Some(password) = form.parse("password", visit.language, Password::parse) else {
        return answer(&app, &visit, StatusCode::UNPROCESSABLE_ENTITY, form, "");
    };
    if login.is_empty() {
        return answer(&app, &visit, StatusCode::UNPROCESSABLE_ENTITY, form, "");
    }
    let shows = Shows::Password { login, password, factor: None };
    match app.directory.sign_in(request(&visit, shows)).await {
        Ok(entered) => Ok(come_in(&app, &entered, &Next::parse(form.text("next")))),
        Err(directory::Error::Unauthenticated) => {
            answer(&app, &visit, StatusCode::UNPROCESSABLE_ENTITY, form, words.wrong)
        }
        Err(directory::Error::TooMany { .. }) => {
            answer(&app, &visit, StatusCode::TOO_MANY_REQUESTS, form, words.too_many)
        }
        Err(error) => Err(error.into()),
    }
}

/// `POST /console/sign-out`. Whoever is signed in no more is where it wanted to be.
pub(super) async fn sign_out(State(app): State<App>, sent: Sent) -> Result<Response, Error> {
    match app.directory.sign_out(sent.visit.caller()).await {
        Ok(()) | Err(directory::Error::Unauthenticated) => Ok(session::end(&app, HERE)),
        Err(error) => Err(error.into()),
    }
}

/// Where to go after signing in, as a query has it.
pub(super) fn next(RawQuery(query): RawQuery) -> Result<String, Error> {
    let Asked { next, .. } = Asked::read(query.as_deref()).map_err(|_| Error::Unreadable)?;
    Ok(Next::parse(&next.unwrap_or_default()).as_str().to_owned())
}

/// A login for one token that lasts: a browser has nowhere to keep a second one.
fn request(visit: &Visit, shows: Shows) -> SignIn {
    let (origin, device) = (visit.origin.clone(), visit.device.clone());
    SignIn { shows, environment: None, pair: false, origin, device }
}

/// Lets a browser in, or to the step that is owed: every page but the one for that step leads there.
fn come_in(app: &App, entered: &Result<SignedIn, StepToken>, next: &Next) -> Response {
    match entered {
        Ok(signed_in) => session::begin(app, &signed_in.tokens.access, next.as_str()),
        Err(owed) => session::begin(app, &owed.token, next.as_str()),
    }
}

fn answer(app: &App, visit: &Visit, status: StatusCode, form: Form, notice: &'static str) -> Result<Response, Error> {
    let words = SignInWords::of(visit.language);
    let passkeys = app.party.is_some();
    page_with(status, &SignInPage { layout: visit.unsigned(), words, form, told: "", notice, passkeys })
}
