//! What the forms about a webhook hold: its address, and what it is told. Knows not which of them is sent.

use crate::console::form::Form;
use crate::console::language::Language;
use crate::console::words::{Sentence, WebhooksWords};
use directory::error::{Field, Refusal};
use directory::events::{self, EventTypes};
use directory::webhooks::{MOST_TYPES, WebhookUrl};

/// The directory's fields, and the form's.
pub(super) const FIELDS: &[(Field, &str)] = &[(Field::Url, "url"), (Field::EventTypes, "event_types")];

/// A kind of events, and what is of it.
pub(super) struct Kinds {
    /// As in `user.*`.
    pub(super) all: Choice,
    pub(super) each: Vec<Choice>,
}

/// Something that can be chosen.
pub(super) struct Choice {
    pub(super) value: String,
    pub(super) chosen: bool,
}

/// All that can be chosen, kind by kind.
pub(super) fn kinds(form: &Form) -> Vec<Kinds> {
    let choice = |value: String| Choice { chosen: form.all("event_types").any(|chosen| chosen == value), value };
    let mut kinds: Vec<Kinds> = Vec::new();
    for name in events::every_type() {
        let all = format!("{}.*", name.split('.').next().unwrap_or_default());
        match kinds.iter_mut().find(|kind| kind.all.value == all) {
            Some(kind) => kind.each.push(choice(name.to_owned())),
            None => kinds.push(Kinds { all: choice(all), each: vec![choice(name.to_owned())] }),
        }
    }
    kinds
}

/// What was sent; `None`: some of it cannot be, and the form says so.
pub(super) fn read(form: &mut Form, language: Language) -> Option<(WebhookUrl, Vec<EventTypes>)> {
    let url = form.parse("url", language, |text| WebhookUrl::parse(text.trim()));
    let chosen: Result<Vec<EventTypes>, Refusal> =
        form.all("event_types").take(2 * MOST_TYPES).map(EventTypes::parse).collect();
    let types = match chosen {
        Ok(types) if !types.is_empty() => Some(types),
        Ok(_) => {
            form.refuse("event_types", WebhooksWords::of(language).choose);
            None
        }
        Err(refusal) => {
            form.refuse("event_types", refusal.in_language(language));
            None
        }
    };
    Some((url?, types?))
}
