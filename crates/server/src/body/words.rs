//! Macros around fields: values that are one of a few words, and what doc comments say.

/// What the doc comments among these attributes say, as one text.
macro_rules! about {
    ($(#[$($attribute:tt)*])*) => {
        &[$($crate::body::about_line!($($attribute)*)),*]
    };
}
pub(crate) use about;

/// A line of a doc comment, or nothing.
macro_rules! about_line {
    (doc = $line:expr) => {
        $line
    };
    ($($other:tt)*) => {
        ""
    };
}
pub(crate) use about_line;

/// Declares a value that is one of a few words, in bodies and in queries:
/// `choice! { /// The order of a list. pub(crate) enum Ordering { Oldest = "created_at", Newest = "-created_at" } }`.
macro_rules! choice {
    (
        $(#[$($meta:tt)*])*
        $vis:vis enum $name:ident { $( $(#[$about:meta])* $variant:ident = $word:literal ),+ $(,)? }
    ) => {
        $(#[$($meta)*])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        $vis enum $name { $( $(#[$about])* $variant, )+ }

        impl $name {
            /// The word.
            #[allow(dead_code, reason = "most are read alone")]
            $vis fn word(self) -> &'static str {
                match self {
                    $( Self::$variant => $word, )+
                }
            }
        }

        impl $crate::body::FieldType for $name {
            const EXPECTED: &'static str = "a string";

            fn read(value: &$crate::json::Json) -> Result<Self, Vec<$crate::body::WireError>> {
                let $crate::json::Json::Text(text) = value else {
                    return Err($crate::body::wrong_type::<Self>(value));
                };
                match text.as_str() {
                    $( $word => Ok(Self::$variant), )+
                    _ => Err($crate::body::refused(concat!("This must be one of:" $(, " \"", $word, "\"")+, "."))),
                }
            }

            fn schema(_: &mut $crate::openapi::Schemas) -> serde_json::Value {
                let about = $crate::openapi::joined($crate::body::about!($(#[$($meta)*])*));
                serde_json::json!({ "type": "string", "enum": [$($word),+], "description": about })
            }
        }
    };
}
pub(crate) use choice;
