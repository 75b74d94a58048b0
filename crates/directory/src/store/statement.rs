//! A statement: SQL in PostgreSQL's spelling, within what both engines share, and its other spelling once worked out.
//! `statements!` declares those of one file and lists them, so that one test can prepare all of them on every engine.

use std::borrow::Cow;
use std::sync::OnceLock;

/// SQL with `$1`, `$2`, … for what varies. Values never stand in the text.
pub(super) struct Statement {
    text: Cow<'static, str>,
    rewritten: OnceLock<String>,
}

impl Statement {
    pub(super) const fn new(text: &'static str) -> Statement {
        Statement { text: Cow::Borrowed(text), rewritten: OnceLock::new() }
    }

    /// A statement put together by a renderer; every value is still a parameter.
    pub(super) fn rendered(text: String) -> Statement {
        Statement { text: Cow::Owned(text), rewritten: OnceLock::new() }
    }

    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// The text as `rewrite` spells it, worked out at the first use.
    pub(super) fn spelled(&self, rewrite: fn(&str) -> String) -> &str {
        self.rewritten.get_or_init(|| rewrite(&self.text))
    }
}

/// Declares the statements of a file, and `STATEMENTS`, which lists them.
macro_rules! statements {
    ($($(#[$doc:meta])* $name:ident = $text:expr;)*) => {
        $($(#[$doc])* static $name: crate::store::statement::Statement = crate::store::statement::Statement::new($text);)*
        /// Every statement of this file.
        pub(in crate::store) const STATEMENTS: &[(&str, &str)] = &[$((concat!(module_path!(), "::", stringify!($name)), $text)),*];
    };
}
pub(super) use statements;

/// Every statement of the store with its name, for the test that prepares them all.
pub fn every_statement() -> impl Iterator<Item = (&'static str, &'static str)> {
    [
        super::accounts::STATEMENTS,
        super::answers::STATEMENTS,
        super::audit::STATEMENTS,
        super::audit::chain::STATEMENTS,
        super::deliveries::STATEMENTS,
        super::audit::checkpoints::STATEMENTS,
        super::audit::erase::STATEMENTS,
        super::audit::retention::STATEMENTS,
        super::audit::told::STATEMENTS,
        super::environments::STATEMENTS,
        super::events::STATEMENTS,
        super::figures::STATEMENTS,
        super::groups::STATEMENTS,
        super::groups::members::STATEMENTS,
        super::guesses::STATEMENTS,
        super::links::STATEMENTS,
        super::menus::STATEMENTS,
        super::meta::STATEMENTS,
        super::outbox::STATEMENTS,
        super::past::STATEMENTS,
        super::past::FORGETTING,
        super::past::roles::STATEMENTS,
        super::past::users::STATEMENTS,
        super::permissions::STATEMENTS,
        super::sealed::STATEMENTS,
        super::second_factors::STATEMENTS,
        super::sessions::STATEMENTS,
        super::tokens::STATEMENTS,
        super::users::STATEMENTS,
        super::webhooks::STATEMENTS,
    ]
    .into_iter()
    .flatten()
    .copied()
}
