//! Query strings and forms, read strictly. Pairs become an object of texts, which is then read as a body is: what is
//! unknown, missing or given twice is said by name, all at once. Unlike `form_urlencoded` it refuses what it cannot
//! decode, instead of letting a replacement character stand for it.

use crate::body::{MOST_ERRORS, WireError, WireProblem};
use crate::json::Json;

/// Declares the parameters of a query: a struct of plain fields, and `read(Option<&str>)` for the raw query of a URI.
///
/// ```ignore
/// query! {
///     /// The query of `GET /api/v2/user`.
///     pub(crate) struct ListUsers {
///         search: Optional<String>,
///         limit: Optional<Within<1, 1000>>,
///     }
/// }
/// ```
macro_rules! query {
    (
        $(#[$($meta:tt)*])*
        $vis:vis struct $name:ident {
            $( $(#[$($about:tt)*])* $field:ident : $presence:ident<$of:ty> $(as $key:literal)? ),* $(,)?
        }
    ) => {
        $crate::body::fields! {
            $(#[$($meta)*])*
            $vis struct $name { $( $(#[$($about)*])* $field : $presence<$of> $(as $key)? ),* }
            ignored: ;
        }

        impl $name {
            /// Reads the query, or says all that is wrong with it.
            $vis fn read(query: Option<&str>) -> Result<Self, Vec<$crate::body::WireError>> {
                let parameters = $crate::query::parse(query.unwrap_or_default())?;
                Self::read_from($crate::body::Reader::of_query(&parameters)?)
            }

            /// The parameters as the description shows them.
            #[allow(dead_code, unused_variables, reason = "a query may have no parameters")]
            $vis fn parameters(schemas: &mut $crate::openapi::Schemas) -> Vec<serde_json::Value> {
                vec![$( $crate::openapi::query_parameter::<$crate::body::$presence<$of>>(
                    schemas,
                    $crate::body::key!($field $($key)?),
                    $crate::body::about!($(#[$($about)*])*),
                ) ),*]
            }
        }
    };
}
pub(crate) use query;

/// The pairs of a query or a form (`application/x-www-form-urlencoded`) as an object of texts, in the order written,
/// duplicates included. Pairs that cannot be decoded are named, as many as one answer tells.
pub(crate) fn parse(raw: &str) -> Result<Json, Vec<WireError>> {
    let mut pairs = Vec::new();
    let mut errors = Vec::new();
    for pair in raw.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        match (decode(name), decode(value)) {
            (Some(name), Some(value)) => pairs.push((name, Json::Text(value))),
            (name, _) => errors.push(broken(&name.unwrap_or_default())),
        }
        if errors.len() >= MOST_ERRORS {
            break;
        }
    }
    if errors.is_empty() { Ok(Json::Object(pairs)) } else { Err(errors) }
}

/// The address of the same query from another place: with this cursor.
pub(crate) fn from(raw: &str, address: &str, cursor: &str) -> String {
    with(raw, address, "cursor", cursor)
}

/// The address of the same query with this parameter.
pub(crate) fn with(raw: &str, address: &str, parameter: &str, wanted: &str) -> String {
    let mut pairs = form_urlencoded::Serializer::new(String::new());
    if let Ok(Json::Object(given)) = parse(raw) {
        for (name, value) in &given {
            if let (true, Json::Text(value)) = (name != parameter, value) {
                pairs.append_pair(name, value);
            }
        }
    }
    pairs.append_pair(parameter, wanted);
    format!("{address}?{}", pairs.finish())
}

fn broken(name: &str) -> WireError {
    let sentence = "A \"%\" must be followed by two hexadecimal digits, and all of it be UTF-8.";
    WireError::of(name, WireProblem::Refused(sentence.to_owned()))
}

/// One name or value: `+` is a space, `%XX` a byte. `None` when a `%` is broken or the bytes are no UTF-8.
fn decode(encoded: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(encoded.len());
    let mut rest = encoded.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => hexadecimal(rest.next()?)? << 4 | hexadecimal(rest.next()?)?,
            other => other,
        });
    }
    String::from_utf8(bytes).ok()
}

fn hexadecimal(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}

#[cfg(test)]
mod tests {
    use crate::body::{MOST_ERRORS, Within, choice};

    query! {
        /// A query with a parameter of each sort.
        #[derive(Debug, PartialEq)]
        struct List {
            search: Optional<String>,
            is_active: Optional<bool>,
            ordering: Optional<Order>,
            limit: Optional<Within<1, 1000>>,
            environment_id: Required<String> as "environmentId",
        }
    }

    choice! {
        /// An order.
        enum Order {
            /// First come.
            Oldest = "created_at",
        }
    }

    fn list(query: &str) -> List {
        List::read(Some(query)).unwrap_or_else(|errors| panic!("{errors:?}"))
    }

    fn wrong(query: &str) -> Vec<String> {
        let errors = List::read(Some(query)).expect_err("it should be refused");
        errors.iter().map(|error| format!("{}: {}", error.field, error.sentence())).collect()
    }

    #[test]
    fn parameters_are_decoded_and_typed() {
        let list = list("search=a+b%2B%C3%A9=&is_active=true&ordering=created_at&limit=10&&environmentId=x&");
        assert_eq!(list.search.as_deref(), Some("a b+é="));
        assert_eq!(list.is_active, Some(true));
        assert_eq!(list.ordering, Some(Order::Oldest));
        assert_eq!(list.limit.map(Within::get), Some(10));
        assert_eq!(list.environment_id, "x");
    }

    #[test]
    fn an_empty_value_is_a_value() {
        assert_eq!(list("search&environmentId=x").search.as_deref(), Some(""));
        assert_eq!(list("environmentId=x").search, None);
        assert_eq!(wrong("limit=&environmentId=x"), ["limit: This must be an integer."]);
    }

    #[test]
    fn everything_wrong_is_said_at_once() {
        assert_eq!(
            wrong("is_active=1&limit=1001&ordering=x&searh=1&search=1&search=2"),
            [
                "search: This is given more than once.",
                "is_active: This must be true or false.",
                r#"ordering: This must be one of: "created_at"."#,
                "limit: This must be from 1 to 1000.",
                "environmentId: This field is required.",
                "searh: Unknown parameter. Did you mean \"search\"?",
            ]
        );
        assert_eq!(List::read(None).expect_err("required")[0].field, "environmentId");
    }

    #[test]
    fn what_cannot_be_decoded_is_refused_by_name() {
        let sentence = "A \"%\" must be followed by two hexadecimal digits, and all of it be UTF-8.";
        for value in ["%", "%4", "%zz", "%+1", "%ff", "%C3"] {
            assert_eq!(wrong(&format!("search={value}")), [format!("search: {sentence}")], "{value}");
        }
        assert_eq!(wrong("%zz=1"), [format!(": {sentence}")]);
        assert_eq!(wrong(&"a=%&".repeat(5000)).len(), MOST_ERRORS);
    }

    #[test]
    fn an_escaped_name_is_the_same_name() {
        assert_eq!(wrong("environmentId=x&environment%49d=x"), ["environmentId: This is given more than once."]);
    }
}
