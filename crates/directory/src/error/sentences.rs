//! How a kind of refusal is declared: each with its English sentence, once. Knows no refusal, and no other language.

/// Declares an enum whose variants are sentences, in which the fields stand by their names: `Display` writes them, `each`
/// gives one of every kind.
///
/// ```ignore
/// sentences! {
///     /// Why a text cannot be.
///     Refusal {
///         Blank: "This must not be blank.";
///         TooLong { most: usize }: "Use at most {most} characters.";
///     }
/// }
/// ```
macro_rules! sentences {
    ($(#[$meta:meta])* $name:ident {
        $( $variant:ident $({ $($field:ident: $type:ty),+ })?: $sentence:literal; )+
    }) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq, Eq)]
        #[allow(missing_docs, reason = "the fields are named in the sentences")]
        pub enum $name {
            $( #[doc = concat!("`", $sentence, "`")] $variant $({ $($field: $type),+ })?, )+
        }

        impl $name {
            /// One of every kind, its values empty: for whoever must have words for all of them.
            pub fn each() -> Vec<$name> {
                vec![$( $name::$variant $({ $($field: Default::default()),+ })? ),+]
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                match self {
                    $( $name::$variant $({ $($field),+ })? => write!(f, $sentence), )+
                }
            }
        }

        impl std::error::Error for $name {}
    };
}
pub(super) use sentences;
