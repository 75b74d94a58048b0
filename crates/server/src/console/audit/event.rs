//! One audit event as people read it: what it was before, and what it is after. Knows nothing of which events are shown.

use crate::console::language::Language;
use crate::console::words::AuditWords;
use directory::audit::Told;
use directory::id::UserId;
use serde_json::Value;
use uuid::Uuid;

/// Fields that are shown of one event, and characters of a value.
pub(in crate::console) const FIELDS: usize = 20;
const CHARACTERS: usize = 120;

/// An event.
pub(super) struct Row {
    pub(super) sequence: i64,
    pub(super) at: String,
    /// The same for machines.
    pub(super) at_machine: String,
    pub(super) verb: String,
    pub(super) verb_address: String,
    /// Who did it; `None`: nobody who was signed in.
    pub(super) actor: Option<Named>,
    pub(super) subject: Named,
    pub(super) credential: &'static str,
    /// Where from; empty: from nowhere, or erased.
    pub(super) from: String,
    pub(super) request: String,
    pub(super) request_address: String,
    pub(super) changes: Vec<Change>,
    pub(super) erased: bool,
    pub(super) hash: String,
}

/// Somebody or something, and the way to all that is told of it.
pub(super) struct Named {
    pub(super) name: String,
    pub(super) id: String,
    pub(super) address: String,
}

/// A field.
pub(super) struct Change {
    pub(super) field: String,
    pub(super) before: String,
    pub(super) after: String,
}

impl Row {
    /// Of an event; `names` are those of users, `here` is where the list stands.
    pub(super) fn of(
        told: &Told,
        names: &[(UserId, String)],
        words: &AuditWords,
        language: Language,
        here: &str,
        system: bool,
    ) -> Row {
        let event = &told.event;
        let to = |field: &str, value: &str| {
            let mut query = form_urlencoded::Serializer::new(String::new());
            query.append_pair(field, value);
            if system {
                query.append_pair("system", "true");
            }
            format!("{here}?{}", query.finish())
        };
        let named = |field: &str, id: String| {
            let user = Uuid::try_parse(&id).ok().map(UserId);
            let name = user.and_then(|user| names.iter().find(|(known, _)| *known == user));
            Named { name: name.map_or_else(|| id.clone(), |(_, name)| name.clone()), address: to(field, &id), id }
        };
        Row {
            sequence: told.sequence,
            at: language.instant(event.at),
            at_machine: jiff::Timestamp::from(event.at).to_string(),
            verb_address: to("verb", &event.verb),
            verb: event.verb.clone(),
            actor: event.actor.map(|id| named("actor", id.to_string())),
            subject: named("subject", event.subject.clone()),
            credential: match event.credential.as_str() {
                "session" => words.session,
                "token" => words.token,
                "link" => words.link,
                "password" => words.password,
                "command" => words.command,
                _ => words.system,
            },
            from: event.address.text().unwrap_or_default().to_owned(),
            request_address: to("request", &event.request),
            request: event.request.clone(),
            changes: changes(event.changes.text().unwrap_or_default(), words),
            erased: event.is_erased(),
            hash: told.hash.to_string(),
        }
    }
}

fn changes(json: &str, words: &AuditWords) -> Vec<Change> {
    let Ok(Value::Object(fields)) = serde_json::from_str(json) else { return Vec::new() };
    let change = |(field, pair): (String, Value)| {
        let [before, after] = <[Value; 2]>::try_from(pair.as_array().cloned().unwrap_or_default()).ok()?;
        Some(Change { field, before: cut(read(&before, words)), after: cut(read(&after, words)) })
    };
    fields.into_iter().filter_map(change).take(FIELDS).collect()
}

/// Cut where it is long: the export has all of it.
pub(in crate::console) fn cut(text: String) -> String {
    match text.char_indices().nth(CHARACTERS) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

/// A value as people write it.
fn read(value: &Value, words: &AuditWords) -> String {
    match value {
        Value::Null => words.nothing.to_owned(),
        Value::Bool(true) => words.yes.to_owned(),
        Value::Bool(false) => words.no.to_owned(),
        Value::String(text) if text.is_empty() => words.empty.to_owned(),
        Value::String(text) => text.clone(),
        Value::Array(items) if items.is_empty() => words.none.to_owned(),
        Value::Array(items) => items.iter().map(|item| read(item, words)).collect::<Vec<_>>().join(", "),
        other => other.to_string(),
    }
}
