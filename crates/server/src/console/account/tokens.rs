//! One's own API tokens in the environment: made, shown once, revoked. Knows nothing of what one may do at most.

use super::{Done, done, lead};
use crate::app::App;
use crate::console::error::Error;
use crate::console::form::{Form, Sent};
use crate::console::layout::{Layout, page, page_with};
use crate::console::session::{Visit, id};
use crate::console::words::AccountWords;
use askama::Template;
use axum::extract::{RawPathParams, RawQuery, State};
use axum::http::StatusCode;
use axum::response::Response;
use directory::Error as Refusal;
use directory::actor::Actor;
use directory::error::{Field, Noun};
use directory::id::TokenId;
use directory::store::Tx;
use directory::text::{Codename, Name};
use directory::tokens::{self, ApiToken, Ceiling, NewToken};
use directory::users;
use std::time::Duration;

const HERE: &str = "account/tokens";
/// Permissions to choose from.
const MOST: usize = 100;
const DAY: Duration = Duration::from_secs(24 * 3600);

#[derive(Template)]
#[template(path = "console/account_tokens.html")]
struct TokensPage {
    layout: Layout,
    words: &'static AccountWords,
    done: &'static str,
    rows: Vec<Row>,
    form: Form,
    /// May make one that may all that it may itself.
    administrator: bool,
    /// What it holds, and whether it is ticked.
    permissions: Vec<(String, bool)>,
    /// There are more.
    more: bool,
    lifetimes: [(&'static str, &'static str); 3],
}

/// A token, this once.
#[derive(Template)]
#[template(path = "console/account_token.html")]
struct TokenPage {
    layout: Layout,
    words: &'static AccountWords,
    name: String,
    secret: String,
}

/// A token as the page shows it.
struct Row {
    id: String,
    name: String,
    /// What it may do at most, in words; empty: these permissions.
    all: &'static str,
    permissions: Vec<Codename>,
    ends: String,
    used: String,
}

/// `GET /console/environments/<key>/account/tokens`.
pub(in crate::console) async fn show(State(app): State<App>, visit: Visit, query: RawQuery) -> Result<Response, Error> {
    let done = done(query, AccountWords::of(visit.language))?;
    answer(&app, &visit, StatusCode::OK, Form::of([("lasts", "90".to_owned())]), done).await
}

/// `POST /console/environments/<key>/account/tokens`.
pub(in crate::console) async fn create(State(app): State<App>, sent: Sent) -> Result<Response, Error> {
    let Sent { visit, mut form } = sent;
    let name = form.parse("name", visit.language, |text| Name::parse(text.trim()));
    let days: Option<u32> = match form.text("lasts") {
        "30" => Some(30),
        "90" => Some(90),
        "365" => Some(365),
        _ => return Err(Error::Unreadable),
    };
    let Some((name, days)) = name.zip(days) else {
        return answer(&app, &visit, StatusCode::UNPROCESSABLE_ENTITY, form, "").await;
    };
    let ceiling = match form.text("ceiling") {
        "everywhere" => Ceiling::Everywhere,
        "administrator" => Ceiling::Administrator,
        _ => Ceiling::Permissions(form.all("permissions").map(str::to_owned).collect()),
    };
    let make = move |tx: &mut Tx<'_>, actor: &Actor| {
        let account = actor.user().ok_or(Refusal::NotFound(Noun::User))?;
        let ends = Some(tx.now().plus(DAY * days));
        tokens::create(tx, actor, &NewToken { account, name: name.clone(), ceiling: ceiling.clone(), ends })
    };
    match app.directory.write(visit.caller(), make).await {
        Ok((token, secret)) => {
            let (layout, ()) = visit.read(&app, |_, _| Ok(())).await?;
            let (words, name) = (AccountWords::of(visit.language), token.name.as_str().to_owned());
            page(&TokenPage { layout, words, name, secret: secret.expose() })
        }
        Err(error) => {
            form.keep(error, visit.language, &[(Field::Permissions, "permissions")])?;
            answer(&app, &visit, StatusCode::UNPROCESSABLE_ENTITY, form, "").await
        }
    }
}

/// `POST /console/environments/<key>/account/tokens/<id>/revoke`.
pub(in crate::console) async fn revoke(
    State(app): State<App>,
    path: RawPathParams,
    sent: Sent,
) -> Result<Response, Error> {
    let (visit, token) = (sent.visit, TokenId(id(&path)?));
    // A colleague's is revoked where that colleague is shown.
    let revoke =
        move |tx: &mut Tx<'_>, actor: &Actor| match tokens::list_own(tx, actor)?.iter().any(|own| own.id == token) {
            true => tokens::revoke(tx, actor, token),
            false => Err(Refusal::NotFound(Noun::Token)),
        };
    app.directory.write(visit.caller(), revoke).await?;
    lead(&app, &visit, HERE, Done::Revoked).await
}

/// What one has: tokens with what each may, and what may be given to another.
struct Own {
    tokens: Vec<(ApiToken, Vec<Codename>)>,
    administrator: bool,
    held: Vec<Codename>,
}

fn own(tx: &mut Tx<'_>, actor: &Actor) -> directory::Result<Own> {
    let tokens = tokens::list_own(tx, actor)?;
    let tokens = tokens::with_ceilings(tx, actor, tokens)?;
    let held = match users::get_own(tx, actor) {
        Ok(user) => user.permissions.to_vec(),
        Err(Refusal::NotFound(_)) => Vec::new(),
        Err(error) => return Err(error),
    };
    Ok(Own { tokens, administrator: actor.power().administrator || actor.is_operator(), held })
}

async fn answer(
    app: &App,
    visit: &Visit,
    status: StatusCode,
    form: Form,
    done: &'static str,
) -> Result<Response, Error> {
    let words = AccountWords::of(visit.language);
    let (layout, own) = visit.read(app, own).await?;
    let row = |(token, permissions): (ApiToken, Vec<Codename>)| Row {
        id: token.id.to_string(),
        name: token.name.as_str().to_owned(),
        all: match (token.everywhere, token.administrator) {
            (true, _) => words.everywhere,
            (false, true) => words.all_of_mine,
            (false, false) if permissions.is_empty() => words.nothing,
            (false, false) => "",
        },
        permissions,
        ends: visit.language.day(token.expires_at),
        used: token.used_at.map_or_else(|| words.never_used.to_owned(), |at| visit.language.day(at)),
    };
    let ticked = |name: &str| form.all("permissions").any(|ticked| ticked == name);
    let permissions =
        own.held.iter().take(MOST).map(|held| (held.as_str().to_owned(), ticked(held.as_str()))).collect();
    page_with(
        status,
        &TokensPage {
            layout,
            words,
            done,
            rows: own.tokens.into_iter().map(row).collect(),
            administrator: own.administrator,
            permissions,
            more: own.held.len() > MOST,
            form,
            lifetimes: [("30", words.month), ("90", words.quarter), ("365", words.year)],
        },
    )
}
