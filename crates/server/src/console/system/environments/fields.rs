//! What the forms about an environment hold: what it is called, and what it asks of those who sign in. Knows not which is sent.

use crate::console::form::Form;
use crate::console::language::Language;
use crate::console::moment;
use crate::console::words::SystemWords;
use directory::environments::{Environment, Policy, PolicyChanges};
use directory::error::Field;
use directory::second_factors::Demand;
use directory::text::{EnvironmentKey, Name, Organisation};
use std::ops::RangeInclusive;
use std::time::Duration;

/// The directory's fields, and the form's.
pub(super) const FIELDS: &[(Field, &str)] =
    &[(Field::Key, "key"), (Field::Name, "name"), (Field::Organisation, "organisation"), (Field::Confirm, "confirm")];

/// What was sent.
pub(super) struct Fields {
    pub(super) key: EnvironmentKey,
    pub(super) name: Option<Name>,
    pub(super) organisation: Option<Organisation>,
    pub(super) policy: PolicyChanges,
}

/// A form that holds what the environment is.
pub(super) fn of(environment: &Environment) -> Form {
    let Environment { key, name, organisation, policy, .. } = environment;
    let span = |span: Option<Duration>| span.map(moment::span).unwrap_or_default();
    let demand = match policy.second_factor {
        Demand::Nobody => "",
        Demand::Administrators => "administrators",
        Demand::Everybody => "everybody",
    };
    Form::of([
        ("key", key.as_str().to_owned()),
        ("name", name.as_str().to_owned()),
        ("organisation", organisation.as_ref().map(|text| text.as_str().to_owned()).unwrap_or_default()),
        ("password_minimum", policy.password_minimum.map(|length| length.to_string()).unwrap_or_default()),
        ("session_idle", span(policy.session_idle)),
        ("session_lifetime", span(policy.session_lifetime)),
        ("audit_retention", span(policy.audit_retention)),
        ("second_factor", demand.to_owned()),
    ])
}

/// What was sent; `None`: some of it cannot be, and the form says so.
pub(super) fn read(form: &mut Form, language: Language) -> Option<Fields> {
    let words = SystemWords::of(language);
    let key = form.parse("key", language, |text| EnvironmentKey::parse(text.trim()));
    let name = form.parse("name", language, |text| optional(text, Name::parse));
    let organisation = form.parse("organisation", language, |text| optional(text, Organisation::parse));
    let minimum = form.read("password_minimum", |text| optional(text, |text| length(text, words)));
    let idle = form.read("session_idle", |text| optional(text, |text| span(text, &Policy::SECONDS, words)));
    let lifetime = form.read("session_lifetime", |text| optional(text, |text| span(text, &Policy::SECONDS, words)));
    let retention = form.read("audit_retention", |text| optional(text, |text| span(text, &Policy::RETENTION, words)));
    let demand = form.read("second_factor", |text| match text {
        "" => Ok(Demand::Nobody),
        "administrators" => Ok(Demand::Administrators),
        "everybody" => Ok(Demand::Everybody),
        _ => Err(words.choose),
    });
    let policy = PolicyChanges {
        password_minimum: Some(minimum?),
        session_idle: Some(idle?),
        session_lifetime: Some(lifetime?),
        second_factor: Some(demand?),
        audit_retention: Some(retention?),
    };
    Some(Fields { key: key?, name: name?, organisation: organisation?, policy })
}

fn optional<T, E>(text: &str, parse: impl FnOnce(&str) -> Result<T, E>) -> Result<Option<T>, E> {
    if text.trim().is_empty() { Ok(None) } else { parse(text.trim()).map(Some) }
}

fn length(text: &str, words: &SystemWords) -> Result<u16, String> {
    let within = |length: &u16| Policy::PASSWORD.contains(length);
    let (least, most) = (Policy::PASSWORD.start(), Policy::PASSWORD.end());
    text.parse().ok().filter(within).ok_or_else(|| format!("{} {least} – {most}.", words.between))
}

fn span(text: &str, range: &RangeInclusive<u64>, words: &SystemWords) -> Result<Duration, String> {
    let span = moment::parse_span(text).ok_or(words.no_span)?;
    let told = |seconds: &u64| moment::span(Duration::from_secs(*seconds));
    match range.contains(&span.as_secs()) {
        true => Ok(span),
        false => Err(format!("{} {} – {}.", words.between, told(range.start()), told(range.end()))),
    }
}
