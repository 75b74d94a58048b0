//! `/console/environments/<key>/users/<id>/audit`: what was done to a user, by whom, when, with what before and after; newest
//! first. Knows no rule of the trail.

use super::{Head, May, Named, Tab};
use crate::app::App;
use crate::console::audit::{FIELDS, cut};
use crate::console::error::Error;
use crate::console::layout::{Layout, page};
use crate::console::session::Visit;
use crate::console::words::{UserAuditWords as Words, UserWords, UsersWords};
use crate::query::{self, query};
use askama::Template;
use axum::extract::{RawQuery, State};
use axum::response::Response;
use directory::actor::Actor;
use directory::audit::{self as verbs, AuditFilter, AuditPage, Event, Told};
use directory::error::Error as Refusal;
use directory::id::{GroupId, MenuId, UserId};
use directory::permissions::BuiltIn;
use directory::store::Tx;
use directory::suggestions;
use directory::users::{self, User};
use serde_json::Value;
use std::collections::{BTreeSet, HashMap};

/// Events of a page.
const ROWS: i64 = 50;

query! {
    /// The query of the page.
    struct Asked {
        cursor: Optional<String>,
    }
}

#[derive(Template)]
#[template(path = "console/user_audit.html")]
struct AuditTemplate {
    layout: Layout,
    words: &'static UserWords,
    texts: &'static Words,
    head: Head,
    rows: Vec<Row>,
    next: Option<String>,
    previous: Option<String>,
}

/// An event as the list shows it.
struct Row {
    when: String,
    /// The same for machines.
    machine: String,
    /// What was done: in words where we have them, else as the trail has it.
    what: String,
    who: String,
    /// Where the page of who did it stands; empty: it has none here.
    who_address: String,
    address: String,
    changes: Vec<Change>,
    erased: bool,
}

/// A field, before and after.
struct Change {
    field: String,
    before: String,
    after: String,
}

/// What the directory knows.
struct Found {
    user: User,
    may: May,
    events: Vec<Told>,
    next: Option<String>,
    /// Who did it, as far as they are users here.
    actors: HashMap<UserId, User>,
    names: Names,
}

/// What groups and menus are called that events name by their ids, by field.
#[derive(Default)]
struct Names {
    groups: HashMap<String, String>,
    menus: HashMap<String, String>,
}

impl Names {
    /// As far as whoever looks may know them.
    fn of(tx: &mut Tx<'_>, actor: &Actor, events: &[Told]) -> directory::Result<Names> {
        let known = |codename: BuiltIn| actor.power().holds(codename.id());
        let mut names = Names::default();
        if known(BuiltIn::ViewGroup) {
            let ids: Vec<GroupId> = ids_in(events, "groups").into_iter().map(GroupId).collect();
            let groups = suggestions::groups_of(tx, actor, &ids)?;
            names.groups = groups.iter().map(|group| (group.id.to_string(), group.name.as_str().to_owned())).collect();
        }
        if known(BuiltIn::ViewMenu) {
            let ids: Vec<MenuId> = ids_in(events, "menus").into_iter().map(MenuId).collect();
            let menus = suggestions::menus_of(tx, actor, &ids)?;
            names.menus = menus.iter().map(|menu| (menu.id.to_string(), menu.name.as_str().to_owned())).collect();
        }
        Ok(names)
    }

    /// An item of a list, by name where it has one: `5 until …` begins with an id.
    fn read(&self, field: &str, item: &str) -> String {
        let names = match field {
            "groups" => &self.groups,
            "menus" => &self.menus,
            _ => return item.to_owned(),
        };
        let (id, rest) = item.split_once(' ').unwrap_or((item, ""));
        match names.get(id) {
            Some(name) => format!("{name} {rest}").trim_end().to_owned(),
            None => format!("#{item}"),
        }
    }
}

/// The ids that events name in a field.
fn ids_in(events: &[Told], field: &str) -> BTreeSet<i64> {
    let fields = events.iter().filter_map(|told| serde_json::from_str::<Value>(told.event.changes.text()?).ok());
    let mut ids = BTreeSet::new();
    for change in fields {
        let lists = change.get(field).and_then(Value::as_array).into_iter().flatten();
        let items = lists.filter_map(Value::as_array).flatten().filter_map(Value::as_str);
        ids.extend(items.filter_map(|item| item.split(' ').next()?.parse::<i64>().ok()));
    }
    ids
}

/// `GET /console/environments/<key>/users/<id>/audit`.
pub(in crate::console) async fn audit(
    State(app): State<App>,
    visit: Visit,
    Named(id): Named,
    RawQuery(query): RawQuery,
) -> Result<Response, Error> {
    let query = query.unwrap_or_default();
    let cursor = Asked::read(Some(&query)).map_err(|_| Error::Unreadable)?.cursor;
    let begun = cursor.is_some();
    let read = move |tx: &mut Tx<'_>, actor: &Actor| find(tx, actor, id, cursor.clone());
    let (layout, found) = visit.report(&app, read).await?;
    let (words, texts) = (UserWords::of(layout.language), Words::of(layout.language));
    let head = Head::of(&found.user, &layout, words, found.may, Tab::Audit);
    let here = format!("{}/audit", head.base);
    let next = found.next.map(|cursor| query::from(&query, &here, &cursor));
    let previous = begun.then_some(here);
    let rows =
        found.events.iter().map(|told| Row::of(&told.event, &found.actors, &found.names, &layout, texts)).collect();
    page(&AuditTemplate { layout, words, texts, head, rows, next, previous })
}

fn find(tx: &mut Tx<'_>, actor: &Actor, id: UserId, cursor: Option<String>) -> directory::Result<Found> {
    let user = users::get(tx, actor, id)?;
    let filter = AuditFilter { subject: Some(id.to_string()), ..AuditFilter::default() };
    let found = verbs::list(tx, actor, &AuditPage { system: false, filter, cursor, limit: ROWS })?;
    let mut actors = HashMap::new();
    for by in found.events.iter().filter_map(|told| told.event.actor) {
        if actors.contains_key(&by) {
            continue;
        }
        match users::get(tx, actor, by) {
            Ok(user) => drop(actors.insert(by, user)),
            // An operator, or somebody who has left: no environment tells of others.
            Err(Refusal::NotFound(_) | Refusal::Forbidden(_)) => {}
            Err(error) => return Err(error),
        }
    }
    let names = Names::of(tx, actor, &found.events)?;
    Ok(Found { may: May::of(actor, Some(id)), user, events: found.events, next: found.next, actors, names })
}

impl Row {
    fn of(event: &Event, actors: &HashMap<UserId, User>, names: &Names, layout: &Layout, texts: &Words) -> Row {
        let by = event.actor.and_then(|id| actors.get(&id));
        let who = match (by, event.actor, event.credential.as_str()) {
            (Some(user), ..) => super::name(user, UsersWords::of(layout.language)),
            (None, Some(_), _) => texts.elsewhere.to_owned(),
            (None, None, "command") => texts.command.to_owned(),
            (None, None, "link") => texts.link.to_owned(),
            (None, None, _) => texts.rolebook.to_owned(),
        };
        let changes = event.changes.text();
        Row {
            when: layout.language.moment(event.at),
            machine: jiff::Timestamp::from(event.at).to_string(),
            what: what(&event.verb, texts).map_or_else(|| event.verb.clone(), str::to_owned),
            who,
            who_address: by.map_or_else(String::new, |user| layout.address(&format!("users/{}", user.account.id))),
            address: event.address.text().unwrap_or_default().to_owned(),
            erased: changes.is_none(),
            changes: changes.map(|json| changed(json, names, texts)).unwrap_or_default(),
        }
    }
}

/// What is said of a verb; `None`: nothing, so that a new one is still shown.
fn what(verb: &str, texts: &Words) -> Option<&'static str> {
    Some(match verb {
        "user.created" => texts.created,
        "user.added" => texts.added,
        "user.updated" => texts.updated,
        "user.activated" => texts.activated,
        "user.deactivated" => texts.deactivated,
        "user.invited" => texts.invited,
        "user.accepted" => texts.accepted,
        "user.removed" => texts.removed,
        "user.membership_ended" => texts.membership_ended,
        "sign_in.succeeded" | "sign_in.step_required" => texts.signed_in,
        "session.ended" => texts.session_ended,
        "session.proven" => texts.proven,
        "session.reuse_detected" => texts.reuse_detected,
        "password.reset" => texts.password_reset,
        "password.reset_asked" => texts.password_asked,
        "email.changed" => texts.email_changed,
        "email.change_asked" => texts.email_asked,
        "second_factor.enrolled" => texts.factor_enrolled,
        "second_factor.removed" => texts.factor_removed,
        "second_factor.renamed" => texts.factor_renamed,
        "recovery_codes.made" => texts.codes_made,
        "token.created" => texts.token_created,
        "token.revoked" => texts.token_revoked,
        _ => return None,
    })
}

/// The fields of an event: of each what it was, and what it is.
fn changed(json: &str, names: &Names, texts: &Words) -> Vec<Change> {
    let Ok(Value::Object(fields)) = serde_json::from_str(json) else { return Vec::new() };
    let change = |(field, value): (String, Value)| {
        let text = |place| cut(value.get(place).map_or_else(String::new, |value| text(&field, value, names, texts)));
        let (before, after) = (text(0), text(1));
        Change { field, before, after }
    };
    let told = |change: &Change| !(change.before.is_empty() && change.after.is_empty());
    fields.into_iter().map(change).filter(told).take(FIELDS).collect()
}

/// A value as people read it.
fn text(field: &str, value: &Value, names: &Names, texts: &Words) -> String {
    match value {
        Value::Null => String::new(),
        Value::Bool(true) => texts.yes.to_owned(),
        Value::Bool(false) => texts.no.to_owned(),
        Value::String(text) => text.clone(),
        Value::Array(all) => {
            let items = all.iter().filter_map(Value::as_str).map(|item| names.read(field, item));
            items.collect::<Vec<_>>().join(", ")
        }
        other => other.to_string(),
    }
}
