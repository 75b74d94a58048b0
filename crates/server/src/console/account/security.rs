//! What one signs in with: the address, the password, second factors and recovery codes. Knows nothing of who may change them,
//! nor for how long after which proof.

use super::{Done, done, lead};
use crate::app::App;
use crate::console::enrol;
use crate::console::error::Error;
use crate::console::form::{Form, Sent};
use crate::console::layout::{Layout, page_with};
use crate::console::session::{Next, Visit, id};
use crate::console::words::{AccountWords, Sentence};
use askama::Template;
use axum::extract::{RawPathParams, RawQuery, State};
use axum::http::StatusCode;
use axum::response::Response;
use directory::actor::Actor;
use directory::email::Email;
use directory::error::Field;
use directory::id::FactorId;
use directory::second_factors::{self, FactorKind, SecondFactor, recovery_codes};
use directory::store::Tx;
use directory::text::Name;
use directory::{accounts, addresses};

const HERE: &str = "account/security";

#[derive(Template)]
#[template(path = "console/account_security.html")]
struct SecurityPage {
    layout: Layout,
    words: &'static AccountWords,
    done: &'static str,
    notice: String,
    form: Form,
    /// Where these pages are, as a query has it.
    next: String,
    email: String,
    factors: Vec<Factor>,
    codes_left: usize,
}

/// A second factor as the page shows it.
struct Factor {
    id: String,
    kind: &'static str,
    since: String,
    /// Empty: never.
    used: String,
    /// As it is, or as somebody wants it.
    name: String,
    /// What is wrong with that; empty: nothing.
    error: String,
}

impl Factor {
    fn of(factor: &SecondFactor, visit: &Visit, renaming: Option<&(FactorId, Form)>) -> Factor {
        let words = AccountWords::of(visit.language);
        let wanted = renaming.filter(|(id, _)| *id == factor.id).map(|(_, form)| form);
        Factor {
            id: factor.id.to_string(),
            kind: match factor.kind {
                FactorKind::Totp => words.totp,
                FactorKind::Passkey => words.passkey,
            },
            since: visit.language.day(factor.created_at),
            used: factor.used_at.map_or_else(String::new, |at| visit.language.day(at)),
            name: wanted.map_or(factor.name.as_str(), |form| form.text("name")).to_owned(),
            error: wanted.map_or("", |form| form.error("name")).to_owned(),
        }
    }
}

/// `GET /console/environments/<key>/account/security`.
pub(in crate::console) async fn show(State(app): State<App>, visit: Visit, query: RawQuery) -> Result<Response, Error> {
    let done = done(query, AccountWords::of(visit.language))?;
    answer(&app, &visit, Shown { done, ..Shown::default() }).await
}

/// `POST /console/environments/<key>/account/email`.
pub(in crate::console) async fn ask_address(State(app): State<App>, sent: Sent) -> Result<Response, Error> {
    let Sent { visit, mut form } = sent;
    let Some(email) = form.parse("email", visit.language, |text| Email::parse(text.trim())) else {
        return answer(&app, &visit, Shown { form, ..Shown::REFUSED }).await;
    };
    let ask = move |tx: &mut Tx<'_>, actor: &Actor| addresses::ask(tx, actor, &email);
    match app.directory.write(visit.caller(), ask).await {
        Ok(()) => lead(&app, &visit, HERE, Done::Asked).await,
        Err(error) => {
            form.keep(error, visit.language, &[(Field::Email, "email")])?;
            answer(&app, &visit, Shown { form, ..Shown::REFUSED }).await
        }
    }
}

/// `POST /console/environments/<key>/account/factors/<id>`.
pub(in crate::console) async fn rename(
    State(app): State<App>,
    path: RawPathParams,
    sent: Sent,
) -> Result<Response, Error> {
    let Sent { visit, mut form } = sent;
    let factor = FactorId(id(&path)?);
    let Some(name) = form.parse("name", visit.language, |text| Name::parse(text.trim())) else {
        return answer(&app, &visit, Shown { renaming: Some((factor, form)), ..Shown::REFUSED }).await;
    };
    let rename = move |tx: &mut Tx<'_>, actor: &Actor| second_factors::rename(tx, actor, factor, &name);
    app.directory.write(visit.caller(), rename).await?;
    lead(&app, &visit, HERE, Done::Saved).await
}

/// `POST /console/environments/<key>/account/factors/<id>/remove`.
pub(in crate::console) async fn remove(
    State(app): State<App>,
    path: RawPathParams,
    sent: Sent,
) -> Result<Response, Error> {
    let (visit, factor) = (sent.visit, FactorId(id(&path)?));
    match app.directory.write(visit.caller(), move |tx, actor| second_factors::remove(tx, actor, factor)).await {
        Ok(()) => lead(&app, &visit, HERE, Done::Removed).await,
        Err(directory::Error::Conflict(conflict)) => {
            let notice = conflict.in_language(visit.language);
            answer(&app, &visit, Shown { notice, ..Shown::REFUSED }).await
        }
        Err(error) => Err(error.into()),
    }
}

/// `POST /console/environments/<key>/account/recovery-codes`.
pub(in crate::console) async fn renew_codes(State(app): State<App>, sent: Sent) -> Result<Response, Error> {
    let visit = sent.visit;
    let codes = app.directory.write(visit.caller(), recovery_codes::renew).await?;
    let (layout, ()) = visit.read(&app, |_, _| Ok(())).await?;
    enrol::codes(&visit, codes, Next::parse(&layout.address(HERE)))
}

/// What the page shows besides what is stored.
#[derive(Default)]
struct Shown {
    status: StatusCode,
    done: &'static str,
    notice: String,
    /// The other address that somebody asks for.
    form: Form,
    /// The factor that somebody renames, and how.
    renaming: Option<(FactorId, Form)>,
}

impl Shown {
    /// A form was refused.
    const REFUSED: Shown = Shown {
        status: StatusCode::UNPROCESSABLE_ENTITY,
        done: "",
        notice: String::new(),
        form: Form::EMPTY,
        renaming: None,
    };
}

async fn answer(app: &App, visit: &Visit, shown: Shown) -> Result<Response, Error> {
    let (layout, (account, own)) =
        visit.read(app, |tx, actor| Ok((accounts::own(tx, actor)?, second_factors::list(tx, actor)?))).await?;
    let Shown { status, done, notice, form, renaming } = shown;
    let factor = |factor| Factor::of(factor, visit, renaming.as_ref());
    page_with(
        status,
        &SecurityPage {
            words: AccountWords::of(visit.language),
            done,
            notice,
            form,
            next: form_urlencoded::byte_serialize(layout.address(HERE).as_bytes()).collect(),
            email: account.email.map_or_else(String::new, |email| email.as_typed().to_owned()),
            factors: own.factors.iter().map(factor).collect(),
            codes_left: own.recovery_codes,
            layout,
        },
    )
}
