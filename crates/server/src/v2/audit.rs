//! `/api/v2/audit`: who did what, for whoever may know. A page of the events that somebody asks about, and all of them as
//! lines that can be verified elsewhere.

use super::answer;
use super::auth::Asked;
use super::error::Error;
use super::wire::time;
use crate::app::App;
use crate::body::{FieldType, WireError, Within, refused};
use crate::json::Json;
use crate::openapi::Schemas;
use crate::query::{self, query};
use crate::trail;
use axum::extract::State;
use axum::response::Response;
use directory::audit::{self, AuditFilter, AuditPage, Told, VerbFilter};
use directory::clock::Time;
use directory::id::UserId;
use directory::page;
use serde_json::{Value, json};
use uuid::Uuid;

query! {
    /// The query of `GET /audit`.
    pub(super) struct AskAudit {
        /// Done by this account.
        actor: Optional<AccountId>,
        /// Done to this: the id of a user, a group, a session, …
        subject: Optional<Exactly>,
        /// What was done; with a dot at its end, all that begins so, as `user.` does.
        verb: Optional<Exactly>,
        /// In this request.
        request: Optional<Exactly>,
        /// Later than this.
        after: Optional<Time>,
        /// Earlier than this.
        before: Optional<Time>,
        /// The system's events instead of the environment's. For operators.
        system: Optional<bool>,
        limit: Optional<Within<1, { page::MOST }>>,
        /// As `next` has it.
        cursor: Optional<String>,
    }
}

query! {
    /// The query of `GET /audit/export`.
    pub(super) struct ExportAudit {
        /// The system's events instead of the environment's. For operators.
        system: Optional<bool>,
    }
}

/// A text that is what it is.
pub(super) struct Exactly(String);

impl FieldType for Exactly {
    const EXPECTED: &'static str = "a string";

    fn read(value: &Json) -> Result<Exactly, Vec<WireError>> {
        match String::read(value)? {
            text if text.is_empty() || text.chars().count() > 200 => Err(refused("Give 1 to 200 characters.")),
            text if text.contains('\0') => Err(refused("No text holds U+0000: leave it out.")),
            text => Ok(Exactly(text)),
        }
    }

    fn schema(_: &mut Schemas) -> Value {
        json!({ "type": "string", "minLength": 1, "maxLength": 200, "pattern": r"^[^\u0000]*$" })
    }
}

/// An account's id.
pub(super) struct AccountId(Uuid);

impl FieldType for AccountId {
    const EXPECTED: &'static str = "a UUID";

    fn read(value: &Json) -> Result<AccountId, Vec<WireError>> {
        let text = String::read(value)?;
        let usual = (text.len() == 36).then(|| Uuid::try_parse(&text).ok()).flatten();
        usual.map(AccountId).ok_or_else(|| refused("This must be the id of an account, a UUID."))
    }

    fn schema(_: &mut Schemas) -> Value {
        json!({ "type": "string", "format": "uuid" })
    }
}

/// A page's answer.
#[derive(serde::Serialize, utoipa::ToSchema)]
#[schema(as = v2::Audit)]
pub(super) struct AuditAnswer {
    /// The address of the next page.
    #[schema(required)]
    next: Option<String>,
    results: Vec<EventAnswer>,
}

/// An event.
#[derive(serde::Serialize, utoipa::ToSchema)]
#[schema(as = v2::AuditEvent)]
pub(super) struct EventAnswer {
    /// Its place in the chain of the environment, or of the system.
    sequence: i64,
    at: String,
    /// Who did it; null: nobody who was signed in.
    #[schema(required)]
    actor: Option<String>,
    /// Through what: `session`, `token`, `link`, `password`, `command`, `system`.
    credential: String,
    #[schema(required)]
    credential_id: Option<String>,
    request: String,
    /// Where from; empty when it was erased.
    address: String,
    verb: String,
    subject: String,
    /// By field: what it was, what it is. Empty when they were erased.
    #[schema(value_type = Object)]
    changes: Value,
    /// Something of it was erased, because it was a person's.
    erased: bool,
    /// What the next event's hash covers.
    hash: String,
}

impl From<&Told> for EventAnswer {
    fn from(told: &Told) -> EventAnswer {
        let Told { sequence, hash, event } = told;
        let (address, changes) = (event.address.text(), event.changes.text());
        EventAnswer {
            sequence: *sequence,
            at: time(event.at),
            actor: event.actor.map(|id| id.to_string()),
            credential: event.credential.clone(),
            credential_id: event.credential_id.map(|id| id.to_string()),
            request: event.request.clone(),
            address: address.unwrap_or_default().to_owned(),
            verb: event.verb.clone(),
            subject: event.subject.clone(),
            changes: changes.and_then(|json| serde_json::from_str(json).ok()).unwrap_or_else(|| json!({})),
            erased: address.is_none() || changes.is_none(),
            hash: hash.to_string(),
        }
    }
}

/// `GET /audit`.
pub(super) async fn list(State(app): State<App>, asked: Asked) -> Result<Response, Error> {
    let query = asked.query.unwrap_or_default();
    let AskAudit { actor, subject, verb, request, after, before, system, limit, cursor } =
        AskAudit::read(Some(&query))?;
    let filter = AuditFilter {
        actor: actor.map(|AccountId(id)| UserId(id)),
        subject: subject.map(|Exactly(text)| text),
        verb: verb
            .map(|Exactly(verb)| if verb.ends_with('.') { VerbFilter::Under(verb) } else { VerbFilter::Is(verb) }),
        request: request.map(|Exactly(text)| text),
        after,
        before,
    };
    let limit = limit.map_or(page::DEFAULT, Within::get);
    let page = AuditPage { system: system.unwrap_or(false), filter, cursor, limit };
    let found = app.directory.report(asked.caller, move |tx, actor| audit::list(tx, actor, &page)).await?;
    let next = found.next.map(|cursor| query::from(&query, &format!("{}/api/v2/audit", app.public_url), &cursor));
    Ok(answer::ok(&AuditAnswer { next, results: found.events.iter().map(EventAnswer::from).collect() }))
}

/// `GET /audit/export`.
pub(super) async fn export(State(app): State<App>, asked: Asked) -> Result<Response, Error> {
    let system = ExportAudit::read(asked.query.as_deref())?.system.unwrap_or(false);
    Ok(trail::export(&app, asked.caller, system).await?)
}
