//! `/console/environments/<key>/audit`: who did what, newest first, by whatever one asks for; all of it as lines to take away;
//! and whether the trail is whole. Knows nothing of how events are chained.

mod event;
pub(super) mod verify;

use super::error::Error;
use super::form::Form;
use super::layout::{Layout, page_with};
use super::moment;
use super::session::Visit;
use super::words::AuditWords;
use crate::app::App;
use crate::query::{self, query};
use crate::trail;
use askama::Template;
use axum::extract::{RawQuery, State};
use axum::http::header::CONTENT_DISPOSITION;
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;
use directory::Error as Refusal;
use directory::actor::Actor;
use directory::audit::{self, AuditFilter, AuditPage, Told, VerbFilter};
use directory::clock::Time;
use directory::email::Email;
use directory::error::{Field, Problem};
use directory::id::UserId;
use directory::page::{UserFilter, UserOrder, UserPage};
use directory::permissions::BuiltIn;
use directory::store::Tx;
use directory::users;
use event::Row;
pub(in crate::console) use event::{FIELDS, cut};
use std::time::Duration;
use uuid::Uuid;

/// Events of a page: each may tell of many fields.
const ROWS: i64 = 30;
/// The longest text that one can ask for.
const LONGEST: usize = 200;

query! {
    /// The query of the list.
    struct ListEvents {
        actor: Optional<String>,
        subject: Optional<String>,
        verb: Optional<String>,
        request: Optional<String>,
        from: Optional<String>,
        to: Optional<String>,
        /// The system's events instead of the environment's.
        system: Optional<bool>,
        cursor: Optional<String>,
    }
}

query! {
    /// The query of an export.
    struct ExportEvents {
        system: Optional<bool>,
    }
}

#[derive(Template)]
#[template(path = "console/audit.html")]
struct AuditTrailPage {
    layout: Layout,
    words: &'static AuditWords,
    form: Form,
    here: String,
    system: bool,
    verbs: Verbs,
    rows: Vec<Row>,
    /// Something is asked for: an empty list says so.
    narrowed: bool,
    /// The page is not the first.
    later: bool,
    next: Option<String>,
}

/// The verbs to choose from: each family, and what is in it.
struct Verbs(Vec<(String, Vec<String>)>);

impl Verbs {
    fn of(all: Vec<String>) -> Verbs {
        let mut families: Vec<(String, Vec<String>)> = Vec::new();
        for verb in all {
            let family = verb.split_inclusive('.').next().unwrap_or_default().to_owned();
            match families.last_mut().filter(|(last, _)| *last == family) {
                Some((_, within)) => within.push(verb),
                None => families.push((family, vec![verb])),
            }
        }
        Verbs(families)
    }
}

/// Whose doings.
#[derive(Clone)]
enum Who {
    Id(UserId),
    Email(Email),
}

/// What is asked for, once it is read.
#[derive(Clone)]
struct Wanted {
    who: Option<Who>,
    page: AuditPage,
}

/// `GET /console/environments/<key>/audit`.
pub(super) async fn list(State(app): State<App>, visit: Visit, RawQuery(query): RawQuery) -> Result<Response, Error> {
    let query = query.unwrap_or_default();
    let ListEvents { actor, subject, verb, request, from, to, system, cursor } =
        ListEvents::read(Some(&query)).map_err(|_| Error::Unreadable)?;
    let words = AuditWords::of(visit.language);
    let text = |field: Option<String>| field.unwrap_or_default().trim().to_owned();
    let mut form = Form::of([
        ("actor", text(actor)),
        ("subject", text(subject)),
        ("verb", text(verb)),
        ("request", text(request)),
        ("from", text(from)),
        ("to", text(to)),
    ]);
    let (system, later) = (system.unwrap_or(false), cursor.is_some());
    let wanted = wanted(&mut form, words, system, cursor);
    let narrowed =
        wanted.as_ref().is_none_or(|wanted| wanted.who.is_some() || wanted.page.filter != AuditFilter::default());
    let (layout, found) = match wanted {
        Some(wanted) => match visit.report(&app, move |tx, actor| find(tx, actor, wanted.clone())).await {
            Ok((layout, found)) => (layout, Some(found)),
            Err(Error::Directory(Refusal::Invalid(errors)))
                if errors.iter().any(|error| error.field == Field::User) =>
            {
                form.refuse("actor", words.nobody);
                (visit.report(&app, |_, _| Ok(())).await?.0, None)
            }
            Err(error) => return Err(error),
        },
        None => (visit.report(&app, |_, actor| actor.need(BuiltIn::ViewAudit)).await?.0, None),
    };
    let here = layout.address("audit");
    let status = if found.is_some() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let Found { events, next, names, verbs } = found.unwrap_or_default();
    let row = |told: &Told| Row::of(told, &names, words, visit.language, &here, system);
    page_with(
        status,
        &AuditTrailPage {
            rows: events.iter().map(row).collect(),
            next: next.map(|cursor| query::from(&query, &here, &cursor)),
            verbs: Verbs::of(verbs),
            layout,
            words,
            form,
            here,
            system,
            narrowed,
            later,
        },
    )
}

/// `GET /console/environments/<key>/audit/export`.
pub(super) async fn export(State(app): State<App>, visit: Visit, RawQuery(query): RawQuery) -> Result<Response, Error> {
    let asked = ExportEvents::read(query.as_deref()).map_err(|_| Error::Unreadable)?;
    let mut response = trail::export(&app, visit.caller(), asked.system.unwrap_or(false)).await?;
    let name = HeaderValue::from_static("attachment; filename=\"audit.ndjson\"");
    response.headers_mut().insert(CONTENT_DISPOSITION, name);
    Ok(response)
}

/// What the form asks for; `None`: some of it cannot be, and the form says so.
fn wanted(form: &mut Form, words: &AuditWords, system: bool, cursor: Option<String>) -> Option<Wanted> {
    let who = form.read("actor", |text| optional(text, |text| who(text).ok_or(words.unknown_actor)));
    let subject = form.read("subject", |text| optional(text, |text| exactly(text, words)));
    let verb = form.read("verb", |text| optional(text, |text| exactly(text, words)));
    let request = form.read("request", |text| optional(text, |text| exactly(text, words)));
    let after = form.read("from", |text| optional(text, |text| moment::parse(text).ok_or(words.no_time)));
    let before = form.read("to", |text| optional(text, |text| moment::parse(text).ok_or(words.no_time)));
    let verb = verb?.map(|verb| if verb.ends_with('.') { VerbFilter::Under(verb) } else { VerbFilter::Is(verb) });
    // From this moment on, and up to that one: the directory asks for later ones, and for earlier ones.
    let after = after?.map(|time: Time| time.minus(Duration::from_micros(1)));
    let filter = AuditFilter { actor: None, subject: subject?, verb, request: request?, after, before: before? };
    Some(Wanted { who: who?, page: AuditPage { system, filter, cursor, limit: ROWS } })
}

fn optional<T, E>(text: &str, parse: impl FnOnce(&str) -> Result<T, E>) -> Result<Option<T>, E> {
    if text.is_empty() { Ok(None) } else { parse(text).map(Some) }
}

fn exactly(text: &str, words: &AuditWords) -> Result<String, &'static str> {
    match text.chars().count() <= LONGEST && !text.contains('\0') {
        true => Ok(text.to_owned()),
        false => Err(words.too_long),
    }
}

fn who(text: &str) -> Option<Who> {
    let id = (text.len() == 36).then(|| Uuid::try_parse(text).ok()).flatten();
    id.map(|id| Who::Id(UserId(id))).or_else(|| Email::parse(text).ok().map(Who::Email))
}

/// Events, and what is told beside them.
#[derive(Default)]
struct Found {
    events: Vec<Told>,
    next: Option<String>,
    names: Vec<(UserId, String)>,
    verbs: Vec<String>,
}

fn find(tx: &mut Tx<'_>, actor: &Actor, wanted: Wanted) -> directory::Result<Found> {
    let Wanted { who, mut page } = wanted;
    // Who may not look is refused before anything is looked up.
    let verbs = audit::verbs(tx, actor, page.system)?;
    page.filter.actor = match who {
        None => None,
        Some(Who::Id(id)) => Some(id),
        Some(Who::Email(email)) => Some(of_address(tx, actor, email)?),
    };
    let audit::Found { events, next } = audit::list(tx, actor, &page)?;
    let mut ids: Vec<UserId> = events.iter().filter_map(|told| told.event.actor).collect();
    ids.extend(events.iter().filter_map(|told| Uuid::try_parse(&told.event.subject).ok().map(UserId)));
    ids.sort_unstable();
    ids.dedup();
    let names = if actor.power().holds(BuiltIn::ViewUser.id()) { users::names(tx, actor, &ids)? } else { Vec::new() };
    Ok(Found { events, next, names, verbs })
}

/// The user with this address.
fn of_address(tx: &mut Tx<'_>, actor: &Actor, email: Email) -> directory::Result<UserId> {
    let nobody = || Refusal::invalid(Field::User, Problem::DoesNotExist(email.as_typed().to_owned()));
    let filter = UserFilter { email: Some(email.clone()), ..UserFilter::default() };
    let order = UserOrder { by: directory::page::OrderBy::CreatedAt, descending: false };
    let found = users::list(tx, actor, &UserPage { filter, order, cursor: None, limit: 1 })?;
    found.rows.first().map(|user| user.account.id).ok_or_else(nobody)
}
