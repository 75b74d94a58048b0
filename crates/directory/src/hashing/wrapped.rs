//! What is stored in place of a weak digest: Argon2id over it, so that whoever takes the database gets nothing weaker than
//! from the others. It is read back to a plain Argon2id hash at the next sign-in.

use super::argon::{Argon, Memory};
use super::digest::Recipe;
use crate::error::Result;

const PREFIX: &str = "$rolebook-wrapped$";

/// A weak digest within an Argon2id hash.
#[derive(Clone)]
pub(super) struct Wrapped {
    recipe: Recipe,
    argon: Argon,
}

impl Wrapped {
    /// `argon` is of what `recipe` makes of the password.
    pub(super) fn new(recipe: Recipe, argon: Argon) -> Wrapped {
        Wrapped { recipe, argon }
    }

    /// `$rolebook-wrapped$sha1-before$c2FsdA==$argon2id$v=19$…`
    pub(super) fn encode(&self) -> String {
        format!("{PREFIX}{}{}", self.recipe.encode(), self.argon.encode())
    }

    pub(super) fn decode(text: &str) -> Option<Wrapped> {
        let rest = text.strip_prefix(PREFIX)?;
        let (name, rest) = rest.split_once('$')?;
        let at = rest.find('$')?;
        Some(Wrapped { recipe: Recipe::decode(name, &rest[..at])?, argon: Argon::decode(&rest[at..])? })
    }

    pub(super) fn matches(&self, password: &[u8], memory: &mut Memory) -> Result<bool> {
        self.argon.matches(&self.recipe.of(password), memory)
    }
}
