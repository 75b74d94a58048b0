//! The tokens of a service account: made, shown once, and revoked.

use super::fields::{self, FIELDS};
use super::one::{self, Refused};
use crate::app::App;
use crate::console::error::Error;
use crate::console::form::{Form, Sent};
use crate::console::language::Language;
use crate::console::moment;
use crate::console::path::{Id, Token};
use crate::console::refused;
use crate::console::session::Visit;
use crate::console::shown_once::{self, ShownOnce};
use crate::console::words::ServiceAccountsWords;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use directory::actor::Actor;
use directory::clock::Time;
use directory::id::{TokenId, UserId};
use directory::store::Tx;
use directory::text::{Codename, Name};
use directory::tokens::{self, ApiToken, Ceiling, NewToken};

/// A token of the list.
pub(super) struct Row {
    pub(super) name: String,
    /// What it may do at most.
    pub(super) ceiling: String,
    pub(super) expires_at: String,
    pub(super) used_at: String,
    pub(super) revoke: String,
}

impl Row {
    pub(super) fn of(
        (token, ceiling): &(ApiToken, Vec<Codename>),
        here: &str,
        words: &ServiceAccountsWords,
        language: Language,
    ) -> Row {
        let codenames: Vec<&str> = ceiling.iter().map(Codename::as_str).collect();
        Row {
            name: token.name.as_str().to_owned(),
            ceiling: match (token.administrator, codenames.is_empty()) {
                (true, _) => words.all_permissions.to_owned(),
                (false, true) => words.no_permissions.to_owned(),
                (false, false) => codenames.join(", "),
            },
            expires_at: language.day(token.expires_at),
            used_at: token.used_at.map_or_else(|| words.never.to_owned(), |time| language.day(time)),
            revoke: format!("{here}/tokens/{}/revoke", token.id),
        }
    }
}

pub(super) fn find(tx: &mut Tx<'_>, actor: &Actor, id: UserId) -> directory::Result<Vec<(ApiToken, Vec<Codename>)>> {
    let tokens = tokens::list_of_service(tx, actor, id)?;
    tokens::with_ceilings(tx, actor, tokens)
}

/// `POST /console/environments/<key>/service-accounts/<id>/tokens`.
pub(in crate::console) async fn create(State(app): State<App>, Id(id): Id, sent: Sent) -> Result<Response, Error> {
    let Sent { visit, mut form } = sent;
    let (id, words) = (UserId(id), ServiceAccountsWords::of(visit.language));
    let notice = match read(&mut form, id, visit.language) {
        Some(new) => {
            let create = move |tx: &mut Tx<'_>, actor: &Actor| tokens::create_for_service(tx, actor, &new);
            match app.directory.write(visit.caller(), create).await {
                Ok((_, secret)) => {
                    let (layout, ()) = visit.read(&app, |_, _| Ok(())).await?;
                    let back = layout.address(&format!("service-accounts/{id}"));
                    let (title, help, label) = (words.made, words.made_help, words.token);
                    let secret = secret.expose();
                    return shown_once::show(layout, ShownOnce { title, help, label, secret: &secret, back: &back });
                }
                Err(refusal) => refused::into_form(&mut form, visit.language, refusal, FIELDS)?,
            }
        }
        None => String::new(),
    };
    let refused = Refused { token: Some(form), notice, ..Refused::default() };
    one::answer(&app, &visit, StatusCode::UNPROCESSABLE_ENTITY, id, refused).await
}

/// `POST /console/environments/<key>/service-accounts/<id>/tokens/<token>/revoke`.
pub(in crate::console) async fn revoke(
    State(app): State<App>,
    Id(id): Id,
    Token(token): Token,
    sent: Sent,
) -> Result<Response, Error> {
    let revoke = move |tx: &mut Tx<'_>, actor: &Actor| tokens::revoke(tx, actor, TokenId(token));
    app.directory.write(sent.visit.caller(), revoke).await?;
    Ok(Redirect::to(&back(&sent.visit, id)).into_response())
}

fn back(visit: &Visit, id: uuid::Uuid) -> String {
    visit.address(&format!("service-accounts/{id}#tokens"))
}

/// What was sent; `None`: some of it cannot be, and the form says so.
fn read(form: &mut Form, account: UserId, language: Language) -> Option<NewToken> {
    let words = ServiceAccountsWords::of(language);
    let name = form.parse("token_name", language, Name::parse);
    let ends = form.read("expires_at", |text| match text.trim() {
        "" => Ok(None),
        text => moment::parse(text).map(Some::<Time>).ok_or(words.no_day),
    });
    let ceiling = match form.text("ceiling") {
        "administrator" => Ceiling::Administrator,
        _ => Ceiling::Permissions(fields::lines(form, "permissions").collect()),
    };
    Some(NewToken { account, name: name?, ceiling, ends: ends? })
}
