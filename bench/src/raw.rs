//! The ceilings for writes: the statements that one call cannot do without, with values like its own, and nothing around
//! them: no HTTP, no rules, no rows made into users. The texts are the store's own, by name; what runs when is repeated
//! here by hand, and follows the verbs.

pub(crate) mod commits;
pub(crate) mod events;
mod grams;
pub(crate) mod group_commit;
pub(crate) mod hashing;
mod index;
mod jobs;

pub(crate) use jobs::{Job, World};

use anyhow::Context;

/// A value for `$n`.
#[derive(Clone, Debug)]
pub(crate) enum Value {
    Null,
    Integer(i64),
    Boolean(bool),
    Text(String),
    Bytes(Vec<u8>),
}

/// The statements that jobs are made of, named as the store names them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sql {
    AccountByEmail,
    HoldAccount,
    FindUser,
    KeepUser,
    UpdateUser,
    InsertAccount,
    InsertUser,
    AddToGroup,
    AddMenu,
    InsertLink,
    InsertMail,
    InsertEvent,
    FindHead,
    PutHead,
}

const NAMES: [(Sql, &str); 14] = [
    (Sql::AccountByEmail, "accounts::FIND_BY_EMAIL"),
    (Sql::HoldAccount, "accounts::HOLD"),
    (Sql::FindUser, "users::FIND"),
    (Sql::KeepUser, "past::USER"),
    (Sql::UpdateUser, "users::UPDATE"),
    (Sql::InsertAccount, "accounts::INSERT"),
    (Sql::InsertUser, "users::INSERT"),
    (Sql::AddToGroup, "groups::members::GIVE_USER"),
    (Sql::AddMenu, "menus::ADD_TO_USER"),
    (Sql::InsertLink, "links::INSERT"),
    (Sql::InsertMail, "outbox::INSERT"),
    (Sql::InsertEvent, "audit::INSERT"),
    (Sql::FindHead, "chain::HEAD"),
    (Sql::PutHead, "chain::PUT_HEAD"),
];

/// The texts of all statements in the order of [`Sql`], in PostgreSQL's spelling.
pub(crate) fn texts() -> anyhow::Result<Vec<&'static str>> {
    NAMES.iter().map(|(_, name)| text(name)).collect()
}

/// The text of one of the store's statements, by its file and name.
pub(crate) fn text(name: &str) -> anyhow::Result<&'static str> {
    let found = directory::store::every_statement()
        .find(|(full, _)| full.strip_suffix(name).is_some_and(|before| before.is_empty() || before.ends_with("::")));
    found.map(|(_, text)| text).with_context(|| format!("the store has no statement {name} any more"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_store_has_every_statement_under_its_name() {
        assert_eq!(texts().unwrap().len(), NAMES.len());
        for (place, (sql, name)) in NAMES.iter().enumerate() {
            assert_eq!(*sql as usize, place, "{name}");
        }
    }
}
