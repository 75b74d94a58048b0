//! Bodies, read field by field, with all that is wrong said at once. A body is declared with [`body!`]; the declaration
//! is its reader, so what is documented and what is read cannot drift apart. Knows neither dialect: a dialect gives the
//! keys their names in the declaration, and [`WireError`]s their shape in its answer.

mod error;
mod passkeys;
mod types;
mod words;

pub(crate) use error::{WireError, WireProblem};
pub(crate) use passkeys::{NewCredential, PasskeyFields, passkey_without, public_key, without_passkey};
pub(crate) use types::{IdText, Within};
pub(crate) use words::{about, about_line, choice};

use crate::json::Json;
use crate::openapi::Schemas;
use serde_json::Value;

/// Declares a body: a struct of plain fields, and `read(&Json)` for it.
///
/// ```ignore
/// body! {
///     /// The body of `POST /api/v2/user`.
///     pub(crate) struct CreateUser {
///         /// Where the person can be reached.
///         email: Required<Email>,
///         first_name: Optional<ShortName>,
///         /// A key that is no name of ours stands after `as`.
///         external_id: Optional<ExternalId> as "externalId",
///     }
///     ignored: id, company;
/// }
/// ```
///
/// The fields become `email: Email`, `first_name: Option<ShortName>`. Keys after `ignored:` may be sent, with any value.
/// A declared body is a [`FieldType`] too, so bodies nest: `items: Optional<Vec<MenuItem>>`.
macro_rules! body {
    (
        $(#[$($meta:tt)*])*
        $vis:vis struct $name:ident {
            $( $(#[$($about:tt)*])* $field:ident : $presence:ident<$of:ty> $(as $key:literal)? ),* $(,)?
        }
        $( ignored: $($ignored:ident),+ $(,)? ; )?
    ) => {
        $crate::body::fields! {
            $(#[$($meta)*])*
            $vis struct $name { $( $(#[$($about)*])* $field : $presence<$of> $(as $key)? ),* }
            ignored: $( $($ignored),+ )?;
        }

        impl $name {
            /// Reads the body, or says all that is wrong with it.
            #[allow(dead_code, reason = "a body may be read inside others alone")]
            $vis fn read(body: &$crate::json::Json) -> Result<Self, Vec<$crate::body::WireError>> {
                Self::read_from($crate::body::Reader::of_body(body)?)
            }

            /// The fields as the description shows them; references lead to schemas that are named on the way.
            #[allow(unused_variables, reason = "a body may have no fields")]
            $vis fn object(schemas: &mut $crate::openapi::Schemas) -> serde_json::Value {
                #[allow(unused_mut, reason = "a body may have no fields")]
                let mut object = $crate::openapi::Object::about($crate::body::about!($(#[$($meta)*])*));
                $( object.field::<$crate::body::$presence<$of>>(
                    schemas,
                    $crate::body::key!($field $($key)?),
                    $crate::body::about!($(#[$($about)*])*),
                ); )*
                $($( object.ignored(stringify!($ignored)); )+)?
                object.schema()
            }
        }

        impl $crate::body::FieldType for $name {
            const EXPECTED: &'static str = "an object";

            fn read(value: &$crate::json::Json) -> Result<Self, Vec<$crate::body::WireError>> {
                let reader = $crate::body::Reader::of_nested(value)?;
                Self::read_from(reader).map_err($crate::body::WireError::nested)
            }

            fn schema(schemas: &mut $crate::openapi::Schemas) -> serde_json::Value {
                schemas.named(stringify!($name), Self::object)
            }
        }
    };
}
pub(crate) use body;

/// What [`body!`] and `query!` share: the struct, and how it takes its fields from a [`Reader`].
macro_rules! fields {
    (
        $(#[$($meta:tt)*])*
        $vis:vis struct $name:ident {
            $( $(#[$($about:tt)*])* $field:ident : $presence:ident<$of:ty> $(as $key:literal)? ),*
        }
        ignored: $($ignored:ident),*;
    ) => {
        $(#[$($meta)*])*
        $vis struct $name {
            $( $(#[$($about)*])* $vis $field: $crate::body::plain::$presence<$of>, )*
        }

        impl $name {
            #[allow(unused_mut, reason = "a body may have no fields")]
            fn read_from(mut reader: $crate::body::Reader<'_>) -> Result<Self, Vec<$crate::body::WireError>> {
                $( let $field = reader.field::<$crate::body::$presence<$of>>($crate::body::key!($field $($key)?)); )*
                $( reader.ignore(stringify!($ignored)); )*
                let errors = reader.finish();
                match ($($field,)*) {
                    ($(Some($field),)*) if errors.is_empty() => Ok(Self { $($field),* }),
                    _ => Err(errors),
                }
            }
        }
    };
}
pub(crate) use fields;

/// The key of a field: its own name, unless another is given.
macro_rules! key {
    ($field:ident) => {
        stringify!($field)
    };
    ($field:ident $key:literal) => {
        $key
    };
}
pub(crate) use key;

/// A type that a field can have. Errors have no `field` yet: whoever holds the value knows its name.
pub(crate) trait FieldType: Sized {
    /// What is expected, for a sentence: "a string".
    const EXPECTED: &'static str;

    /// Reads it from a body.
    fn read(value: &Json) -> Result<Self, Vec<WireError>>;

    /// Reads it from a query, where everything is text.
    fn read_text(text: &str) -> Result<Self, Vec<WireError>> {
        Self::read(&Json::Text(text.to_owned()))
    }

    /// What is accepted, as the description of the APIs says it (JSON Schema).
    fn schema(schemas: &mut Schemas) -> Value;
}

/// The value is not of the type `T`.
pub(crate) fn wrong_type<T: FieldType>(value: &Json) -> Vec<WireError> {
    vec![WireError::of("", WireProblem::WrongType { expected: T::EXPECTED, found: value.kind() })]
}

/// The value is refused, with this sentence.
pub(crate) fn refused(sentence: impl std::fmt::Display) -> Vec<WireError> {
    vec![WireError::of("", WireProblem::Refused(sentence.to_string()))]
}

/// Whether a field must be there.
pub(crate) trait Presence {
    /// The type of the value when it is there.
    type Of: FieldType;
    /// What the declared struct holds.
    type Value;
    /// Whether it may not be missing.
    const REQUIRED: bool;

    /// The value.
    fn given(value: Self::Of) -> Self::Value;
    /// What stands for a missing one; `None` when it may not be missing.
    fn missing() -> Option<Self::Value>;
}

/// The types of a declared struct's fields. Aliases and not [`Presence::Value`], because a struct may hold itself in a
/// list, and the compiler cannot follow that through a trait.
pub(crate) mod plain {
    /// A field that must be there.
    pub(crate) type Required<T> = T;
    /// A field that may be left out.
    pub(crate) type Optional<T> = Option<T>;
}

/// A field that must be there.
pub(crate) struct Required<T>(std::marker::PhantomData<T>);

/// A field that may be left out; `null` is no way to leave it out.
pub(crate) struct Optional<T>(std::marker::PhantomData<T>);

impl<T: FieldType> Presence for Required<T> {
    type Of = T;
    type Value = T;
    const REQUIRED: bool = true;

    fn given(value: T) -> T {
        value
    }

    fn missing() -> Option<T> {
        None
    }
}

impl<T: FieldType> Presence for Optional<T> {
    type Of = T;
    type Value = Option<T>;
    const REQUIRED: bool = false;

    fn given(value: T) -> Option<T> {
        Some(value)
    }

    fn missing() -> Option<Option<T>> {
        Some(None)
    }
}

/// As many errors as one answer tells; more would let a small body ask for a large answer.
pub(crate) const MOST_ERRORS: usize = 100;

/// Takes an object apart, field by field, and collects what is wrong.
pub(crate) struct Reader<'a> {
    entries: &'a [(String, Json)],
    source: Source,
    known: Vec<&'static str>,
    errors: Vec<WireError>,
}

/// Where values come from.
#[derive(Clone, Copy, PartialEq)]
enum Source {
    /// A body: values have types.
    Body,
    /// A query string: every value is text.
    Query,
}

impl<'a> Reader<'a> {
    /// Of a whole body.
    pub(crate) fn of_body(body: &'a Json) -> Result<Reader<'a>, Vec<WireError>> {
        Self::of(body, "a JSON object", Source::Body)
    }

    /// Of an object inside a body.
    pub(crate) fn of_nested(value: &'a Json) -> Result<Reader<'a>, Vec<WireError>> {
        Self::of(value, "an object", Source::Body)
    }

    /// Of the parameters of a query, each a [`Json::Text`].
    pub(crate) fn of_query(parameters: &'a Json) -> Result<Reader<'a>, Vec<WireError>> {
        Self::of(parameters, "parameters", Source::Query)
    }

    fn of(value: &'a Json, expected: &'static str, source: Source) -> Result<Reader<'a>, Vec<WireError>> {
        match value {
            Json::Object(entries) => Ok(Reader { entries, source, known: Vec::new(), errors: Vec::new() }),
            other => Err(vec![WireError::of("", WireProblem::WrongType { expected, found: other.kind() })]),
        }
    }

    /// Reads one field. `None` only when an error was noted.
    pub(crate) fn field<P: Presence>(&mut self, key: &'static str) -> Option<P::Value> {
        let Some(value) = self.single(key)? else {
            return P::missing().or_else(|| self.note(key, WireProblem::Required));
        };
        let read = match (self.source, value) {
            (Source::Query, Json::Text(text)) => P::Of::read_text(text),
            (_, value) => read_value::<P::Of>(value),
        };
        match read {
            Ok(value) => Some(P::given(value)),
            Err(errors) => {
                self.errors.extend(errors.into_iter().map(|error| WireError { field: key.to_owned(), ..error }));
                None
            }
        }
    }

    /// Accepts a field, whatever it holds.
    pub(crate) fn ignore(&mut self, key: &'static str) {
        self.single(key);
    }

    /// All that is wrong: the fields in the order in which they were read, then unknown keys in the order written.
    pub(crate) fn finish(mut self) -> Vec<WireError> {
        let noun = match self.source {
            Source::Body => "field",
            Source::Query => "parameter",
        };
        for (key, _) in self.entries {
            if self.errors.len() >= MOST_ERRORS {
                break;
            }
            if !self.known.contains(&key.as_str()) {
                let meant = meant(key, &self.known);
                self.errors.push(WireError::of(key, WireProblem::Unknown { noun, meant }));
            }
        }
        self.errors.truncate(MOST_ERRORS);
        self.errors
    }

    /// The value of a key, if any; `None` when a duplicate was noted.
    fn single(&mut self, key: &'static str) -> Option<Option<&'a Json>> {
        self.known.push(key);
        let mut values = self.entries.iter().filter(|(name, _)| name == key).map(|(_, value)| value);
        match (values.next(), values.next()) {
            (value, None) => Some(value),
            (_, Some(_)) => self.note(key, WireProblem::Duplicate),
        }
    }

    fn note<T>(&mut self, key: &str, problem: WireProblem) -> Option<T> {
        self.errors.push(WireError::of(key, problem));
        None
    }
}

/// Reads a value where `null` is none: nowhere in our APIs does `null` mean anything.
fn read_value<T: FieldType>(value: &Json) -> Result<T, Vec<WireError>> {
    match value {
        Json::Null => Err(vec![WireError::of("", WireProblem::Null)]),
        value => T::read(value),
    }
}

/// The known key that somebody probably meant: at most two letters off, and fewer than half of them.
fn meant(key: &str, known: &[&'static str]) -> Option<&'static str> {
    let near = known.iter().filter_map(|candidate| {
        let distance = distance(key, candidate)?;
        (distance <= 2 && distance * 2 < candidate.len()).then_some((distance, *candidate))
    });
    near.min_by_key(|(distance, _)| *distance).map(|(_, candidate)| candidate)
}

/// How many letters must be added, dropped or changed, case aside. `None` when the lengths alone say that it is far.
fn distance(left: &str, right: &str) -> Option<usize> {
    if left.len().abs_diff(right.len()) > 2 {
        return None;
    }
    let (left, right) = (left.as_bytes(), right.as_bytes());
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (n, a) in left.iter().enumerate() {
        let mut corner = n;
        let mut last = n + 1;
        for (cell, b) in row.iter_mut().skip(1).zip(right) {
            let change = corner + usize::from(!a.eq_ignore_ascii_case(b));
            corner = *cell;
            last = change.min(corner + 1).min(last + 1);
            *cell = last;
        }
        if let Some(first) = row.first_mut() {
            *first = n + 1;
        }
    }
    row.last().copied()
}

#[cfg(test)]
#[allow(dead_code, reason = "some bodies are declared only to be refused")]
mod tests {
    use directory::email::Email;
    use directory::secret::Password;
    use directory::text::ShortName;

    use super::error::MOST_SHOWN;
    use super::*;

    body! {
        /// A body with a field of each sort.
        struct Person {
            /// Where the person can be reached.
            email: Required<Email>,
            password: Required<Password>,
            first_name: Optional<ShortName>,
            is_active: Optional<bool>,
            groups: Optional<Vec<GroupRef>>,
            member_group_names: Optional<Vec<String>> as "memberGroupNames",
            items: Optional<Vec<Item>>,
            order: Optional<Order>,
            limit: Optional<Within<1, 1000>>,
        }
        ignored: id, company;
    }

    body! {
        /// A body inside a body.
        #[derive(Debug, PartialEq)]
        struct Item {
            label: Required<String>,
            items: Optional<Vec<Item>>,
        }
    }

    body! {
        /// Nothing may be sent.
        #[derive(Debug, PartialEq)]
        struct Empty {}
    }

    body! {
        /// Our own object, sent back.
        struct GroupObject {
            id: Required<IdText>,
        }
        ignored: name, permissions;
    }

    choice! {
        /// An order.
        enum Order {
            /// First come.
            Oldest = "created_at",
            /// Last come.
            Newest = "-created_at",
        }
    }

    /// An id, or an object that has one.
    #[derive(Debug, PartialEq)]
    struct GroupRef(IdText);

    impl FieldType for GroupRef {
        const EXPECTED: &'static str = "an id, or a group";

        fn read(value: &Json) -> Result<GroupRef, Vec<WireError>> {
            match value {
                Json::Object(_) => <GroupObject as FieldType>::read(value).map(|group| GroupRef(group.id)),
                Json::Number(_) | Json::Text(_) => IdText::read(value).map(GroupRef),
                other => Err(wrong_type::<GroupRef>(other)),
            }
        }

        fn schema(_: &mut Schemas) -> Value {
            Value::Bool(true)
        }
    }

    fn json(text: &str) -> Json {
        Json::parse(text.as_bytes()).unwrap()
    }

    fn person(text: &str) -> Person {
        Person::read(&json(text)).unwrap_or_else(|errors| panic!("{errors:?}"))
    }

    /// What is wrong, a line for each error.
    fn wrong(text: &str) -> Vec<String> {
        let Err(errors) = Person::read(&json(text)) else { panic!("it should be refused") };
        errors.iter().map(|error| format!("{}: {}", error.field, error.sentence())).collect()
    }

    /// What is wrong with a body that has the required fields and these.
    fn wrong_with(fields: &str) -> Vec<String> {
        wrong(&format!(r#"{{"email":"a@b.example","password":"correct horse",{fields}}}"#))
    }

    #[test]
    fn a_body_is_read_into_plain_types() {
        let person = person(
            r#"{"email":"ann@example.com","password":"correct horse","first_name":"Ann","is_active":false,
                "groups":[1,"2",{"id":3,"name":"guest"}],"memberGroupNames":["guest"],"order":"-created_at",
                "items":[{"label":"a","items":[{"label":"b"}]}],"limit":1000}"#,
        );
        assert_eq!(person.email.as_typed(), "ann@example.com");
        assert_eq!(person.is_active, Some(false));
        let ids: Vec<_> = person.groups.unwrap().into_iter().map(|GroupRef(id)| id.number).collect();
        assert_eq!(ids, [Some(1), Some(2), Some(3)]);
        assert_eq!(person.member_group_names.unwrap(), ["guest"]);
        assert_eq!(person.order, Some(Order::Newest));
        assert_eq!(person.limit.map(Within::get), Some(1000));
        assert_eq!(person.items.unwrap()[0].items.as_ref().unwrap()[0].label, "b");
    }

    #[test]
    fn optional_fields_may_be_left_out_and_ignored_ones_sent() {
        let person = person(r#"{"id":null,"company":[],"password":"correct horse","email":"a@b.example"}"#);
        assert_eq!(person.is_active, None);
        assert_eq!(person.groups, None);
        assert!(person.first_name.is_none() && person.items.is_none() && person.order.is_none());
    }

    #[test]
    fn everything_wrong_is_said_at_once_in_the_order_of_the_declaration() {
        let body = r#"{"zzz":1,"memberGroupsNames":[],"is_active":null,"first_name":7,"password":"","id":1,"id":2}"#;
        assert_eq!(
            wrong(body),
            [
                "email: This field is required.",
                "password: This must not be blank.",
                "first_name: Expected a string, not a number.",
                "is_active: This field may not be null.",
                "id: This is given more than once.",
                "zzz: Unknown field.",
                "memberGroupsNames: Unknown field. Did you mean \"memberGroupNames\"?",
            ]
        );
    }

    #[test]
    fn a_field_given_twice_is_refused_whatever_its_values() {
        assert_eq!(wrong_with(r#""is_active":true,"is_active":true"#), ["is_active: This is given more than once."]);
    }

    #[test]
    fn a_body_that_is_no_object_is_refused_as_a_whole() {
        assert_eq!(wrong("[]"), [": Expected a JSON object, not a list."]);
        assert_eq!(wrong("null"), [": Expected a JSON object, not null."]);
    }

    #[test]
    fn a_body_without_fields_takes_only_an_empty_object() {
        assert_eq!(Empty::read(&json("{}")), Ok(Empty {}));
        assert_eq!(Empty::read(&json(r#"{"a":1}"#)).unwrap_err()[0].field, "a");
    }

    #[test]
    fn errors_inside_lists_and_objects_name_their_place() {
        assert_eq!(
            wrong_with(r#""groups":[1,null,true,{"id":1.5},{}],"items":[{"label":"a","items":[{"lable":"b"}]}]"#),
            [
                "groups: groups[1]: This field may not be null.",
                "groups: groups[2]: Expected an id, or a group, not a boolean.",
                "groups: groups[3].id: Expected an integer or a string of digits, not a number.",
                "groups: groups[4].id: This field is required.",
                "items: items[0].items[0].label: This field is required.",
                "items: items[0].items[0].lable: Unknown field. Did you mean \"label\"?",
            ]
        );
    }

    #[test]
    fn wrong_words_and_numbers_hear_what_is_right() {
        assert_eq!(
            wrong_with(r#""order":"x","limit":0"#),
            [r#"order: This must be one of: "created_at" "-created_at"."#, "limit: This must be from 1 to 1000.",]
        );
        assert_eq!(
            wrong_with(r#""order":1,"limit":"1""#),
            ["order: Expected a string, not a number.", "limit: Expected an integer, not a string."]
        );
    }

    #[test]
    fn ids_keep_their_text_and_only_one_spelling_is_a_number() {
        let id = |text: &str| IdText::read(&json(text)).unwrap();
        assert_eq!(id("99"), IdText { text: "99".to_owned(), number: Some(99) });
        assert_eq!(id("\"99\""), id("99"));
        assert_eq!(id("\"0\"").number, Some(0));
        for other in ["\"+1\"", "\"01\"", "\" 1\"", "\"\"", "\"x\"", "-1", "18446744073709551615"] {
            assert_eq!(id(other).number, None, "{other}");
            assert_eq!(id(other).text, other.trim_matches('"'));
        }
        assert!(id(&format!("\"{}\"", "9".repeat(5000))).text.chars().count() <= MOST_SHOWN + 1);
    }

    #[test]
    fn a_small_body_cannot_ask_for_a_large_answer() {
        let many = |item: &str| vec![item; 5000].join(",");
        assert_eq!(wrong_with(&format!("\"memberGroupNames\":[{}]", many("1"))).len(), MOST_ERRORS);
        assert_eq!(wrong_with(&many("\"unknown\":1")).len(), MOST_ERRORS);
        let long = wrong_with(&format!("\"{}\":1", "é".repeat(5000)));
        assert_eq!(long, [format!("{}…: Unknown field.", "é".repeat(MOST_SHOWN))]);
    }

    #[test]
    fn only_a_near_key_is_suggested() {
        let known = ["email", "id", "memberGroupNames", "first_name"];
        assert_eq!(meant("Email", &known), Some("email"));
        assert_eq!(meant("emial", &known), Some("email"));
        assert_eq!(meant("firstName", &known), Some("first_name"));
        assert_eq!(meant("memberGroupsNames", &known), Some("memberGroupNames"));
        assert_eq!(meant("memberGroupsNamess", &known), Some("memberGroupNames"));
        assert_eq!(meant("memberGroupsNamesss", &known), None);
        assert_eq!(meant("ip", &known), None);
        assert_eq!(meant("", &known), None);
    }
}
