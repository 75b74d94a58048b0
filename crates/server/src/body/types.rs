//! The types that a field can have: plain values of JSON, ids, and the domain's texts. Knows nothing of which field has
//! which.

use super::error::shown;
use super::{FieldType, MOST_ERRORS, WireError, read_value, refused, wrong_type};
use crate::json::Json;
use crate::openapi::{Schemas, patterns};
use directory::clock::Time;
use serde_json::{Value, json};

impl FieldType for bool {
    const EXPECTED: &'static str = "true or false";

    fn read(value: &Json) -> Result<bool, Vec<WireError>> {
        match value {
            Json::Bool(value) => Ok(*value),
            other => Err(wrong_type::<bool>(other)),
        }
    }

    fn read_text(text: &str) -> Result<bool, Vec<WireError>> {
        match text {
            "true" => Ok(true),
            "false" => Ok(false),
            _ => Err(refused("This must be true or false.")),
        }
    }

    fn schema(_: &mut Schemas) -> Value {
        json!({ "type": "boolean" })
    }
}

impl FieldType for i64 {
    const EXPECTED: &'static str = "an integer";

    fn read(value: &Json) -> Result<i64, Vec<WireError>> {
        match value {
            Json::Number(number) => number.as_i64().ok_or_else(|| refused("This must be an integer of 64 bits.")),
            other => Err(wrong_type::<i64>(other)),
        }
    }

    fn read_text(text: &str) -> Result<i64, Vec<WireError>> {
        text.parse().map_err(|_| refused("This must be an integer."))
    }

    fn schema(_: &mut Schemas) -> Value {
        json!({ "type": "integer", "format": "int64" })
    }
}

impl FieldType for Time {
    const EXPECTED: &'static str = "a time such as 2027-01-31T23:59:59Z";

    fn read(value: &Json) -> Result<Time, Vec<WireError>> {
        match value {
            Json::Text(text) => Self::read_text(text),
            other => Err(wrong_type::<Time>(other)),
        }
    }

    fn read_text(text: &str) -> Result<Time, Vec<WireError>> {
        let time = text.parse::<jiff::Timestamp>();
        time.map(Time::from).map_err(|_| refused("This must be a time with its offset, such as 2027-01-31T23:59:59Z."))
    }

    fn schema(_: &mut Schemas) -> Value {
        json!({ "type": "string", "format": "date-time" })
    }
}

/// An integer from `MIN` to `MAX`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Within<const MIN: i64, const MAX: i64>(i64);

impl<const MIN: i64, const MAX: i64> Within<MIN, MAX> {
    /// The integer.
    pub(crate) fn get(self) -> i64 {
        self.0
    }

    fn check(number: Result<i64, Vec<WireError>>) -> Result<Self, Vec<WireError>> {
        match number? {
            number if (MIN..=MAX).contains(&number) => Ok(Within(number)),
            _ => Err(refused(format!("This must be from {MIN} to {MAX}."))),
        }
    }
}

impl<const MIN: i64, const MAX: i64> FieldType for Within<MIN, MAX> {
    const EXPECTED: &'static str = i64::EXPECTED;

    fn read(value: &Json) -> Result<Self, Vec<WireError>> {
        match value {
            Json::Number(_) => Self::check(i64::read(value)),
            other => Err(wrong_type::<Self>(other)),
        }
    }

    fn read_text(text: &str) -> Result<Self, Vec<WireError>> {
        Self::check(i64::read_text(text))
    }

    fn schema(_: &mut Schemas) -> Value {
        json!({ "type": "integer", "minimum": MIN, "maximum": MAX })
    }
}

impl FieldType for String {
    const EXPECTED: &'static str = "a string";

    fn read(value: &Json) -> Result<String, Vec<WireError>> {
        match value {
            Json::Text(text) => Ok(text.clone()),
            other => Err(wrong_type::<String>(other)),
        }
    }

    fn schema(_: &mut Schemas) -> Value {
        json!({ "type": "string" })
    }
}

impl<T: FieldType> FieldType for Vec<T> {
    const EXPECTED: &'static str = "a list";

    fn read(value: &Json) -> Result<Vec<T>, Vec<WireError>> {
        let Json::List(values) = value else { return Err(wrong_type::<Vec<T>>(value)) };
        let mut items = Vec::with_capacity(values.len());
        let mut errors: Vec<WireError> = Vec::new();
        for (n, value) in values.iter().enumerate() {
            match read_value(value) {
                Ok(item) => items.push(item),
                Err(of_item) => errors.extend(
                    of_item.into_iter().map(|error| WireError { within: format!("[{n}]{}", error.within), ..error }),
                ),
            }
            if errors.len() >= MOST_ERRORS {
                break;
            }
        }
        if errors.is_empty() { Ok(items) } else { Err(errors) }
    }

    fn schema(schemas: &mut Schemas) -> Value {
        json!({ "type": "array", "items": T::schema(schemas) })
    }
}

/// An id that counts up, as a caller names a thing: an integer or a string. The text is kept as given, so that an
/// answer can name what does not exist.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct IdText {
    /// As it was given.
    pub(crate) text: String,
    /// The id, unless the text is none: such a text names a thing that does not exist, which is not ours to say.
    pub(crate) number: Option<i64>,
}

impl FieldType for IdText {
    const EXPECTED: &'static str = "an integer or a string of digits";

    fn read(value: &Json) -> Result<IdText, Vec<WireError>> {
        let text = match value {
            Json::Number(number) if !number.is_f64() => number.to_string(),
            Json::Text(text) => shown(text),
            other => return Err(wrong_type::<IdText>(other)),
        };
        // Only the one way to write a number: "+1", "01" and " 1" are no ids.
        let number = text.parse().ok().filter(|number: &i64| *number >= 0 && number.to_string() == text);
        Ok(IdText { text, number })
    }

    fn schema(_: &mut Schemas) -> Value {
        json!({ "type": ["integer", "string"], "description": "An id that counts up." })
    }
}

/// Types of the domain that are parsed from text.
macro_rules! texts {
    ($($type:path: $schema:expr),+ $(,)?) => {$(
        impl FieldType for $type {
            const EXPECTED: &'static str = "a string";

            fn read(value: &Json) -> Result<Self, Vec<WireError>> {
                match value {
                    Json::Text(text) => Self::read_text(text),
                    other => Err(wrong_type::<Self>(other)),
                }
            }

            fn read_text(text: &str) -> Result<Self, Vec<WireError>> {
                Self::parse(text).map_err(refused)
            }

            fn schema(_: &mut Schemas) -> Value {
                $schema
            }
        }
    )+};
}

texts! {
    directory::email::Email: json!({ "type": "string", "format": "email", "maxLength": 254 }),
    directory::username::Username: json!({
        "description": "A name to sign in with; one that holds an @ must be the account's own e-mail address.",
        "anyOf": [
            { "type": "string", "pattern": patterns::username(), "maxLength": 100 },
            { "type": "string", "format": "email", "maxLength": 254 },
        ],
    }),
    directory::locale::Locale: json!({
        "type": "string",
        "pattern": patterns::LANGUAGE_TAG,
        "maxLength": 64,
        "description": "A language tag (BCP 47), such as en or pt-BR.",
    }),
    directory::secret::Password: json!({ "type": "string", "format": "password", "minLength": 1, "maxLength": 256 }),
    directory::second_factors::Code: json!({
        "type": "string", "format": "password", "pattern": "^[0-9A-Za-z]([ -]?[0-9A-Za-z])*$", "maxLength": 100,
    }),
    directory::text::Name: patterns::name(200),
    directory::text::ShortName: patterns::text(200),
    directory::text::Phone: patterns::text(64),
    directory::text::ExternalId: json!({
        "type": "string", "pattern": patterns::visible(), "minLength": 1, "maxLength": 255,
    }),
    directory::text::Codename: json!({
        "type": "string",
        "pattern": "^[a-z][a-z0-9_]{1,63}$",
        "description": "What programs call a permission. Those that begin with rolebook_ are Rolebook's own.",
    }),
    directory::text::EnvironmentKey: json!({
        "type": "string",
        "pattern": "^[a-z][a-z0-9_-]{1,62}$",
        "description": "What programs call an environment; never in the form of a UUID.",
    }),
    directory::events::EventTypes: json!({
        "type": "string",
        "enum": directory::events::every_type().map(str::to_owned).chain(kinds()).collect::<Vec<_>>(),
        "description": "A type of events, those of a kind (user.*), or all (*).",
    }),
    directory::webhooks::WebhookUrl: json!({
        "type": "string",
        // Its length stands in words: who tries out the longest text makes one that the pattern forbids.
        "pattern": patterns::web_address(),
        "description": "An address with http or https, a host, no user and no fragment, in ASCII (a host of other letters as xn--…, in a path as %XX), of at most 2048 characters. What is not of the public internet is reached only where the operator allows it.",
    }),
    directory::text::Organisation: patterns::name(200),
    directory::text::Href: json!({
        "type": "string",
        "pattern": patterns::href(),
        "maxLength": 2048,
        "description": "A relative address, or one with http, https or mailto.",
    }),
}

/// The kinds of events, as they are asked for.
fn kinds() -> impl Iterator<Item = String> {
    let mut kinds: Vec<&str> = directory::events::every_type().filter_map(|name| name.split('.').next()).collect();
    kinds.dedup();
    kinds.into_iter().map(|kind| format!("{kind}.*")).chain(["*".to_owned()])
}
