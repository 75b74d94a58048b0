//! What the forms about a service account hold. What there is to choose from is shown as long as it can be looked through; of
//! more than that one writes the names, a line each. Knows not which form is sent.

use crate::console::form::Form;
use crate::console::language::Language;
use directory::actor::Actor;
use directory::error::Field;
use directory::groups::{self, GroupRef, GroupWish};
use directory::permissions::{self, BuiltIn};
use directory::store::Tx;
use directory::text::Name;

/// As many as can be looked through.
const SHOWN: usize = 200;

/// The directory's fields, and the form's.
pub(super) const FIELDS: &[(Field, &str)] = &[
    (Field::Name, "name"),
    (Field::Groups, "groups"),
    (Field::GroupNames, "groups"),
    (Field::Permissions, "permissions"),
    (Field::ExpiresAt, "expires_at"),
];

/// What one chooses from.
pub(super) struct Choices {
    /// All that there is; empty: it must be written.
    pub(super) shown: Vec<Choice>,
    /// What was written, a line each.
    pub(super) written: String,
}

/// Something that can be chosen.
pub(super) struct Choice {
    pub(super) value: String,
    pub(super) chosen: bool,
}

impl Choices {
    /// Of all there is, as far as somebody may see it, with what a form holds already.
    pub(super) fn of(all: Option<Vec<String>>, form: &Form, name: &str) -> Choices {
        let held: Vec<String> = lines(form, name).collect();
        let all = all.filter(|all| all.len() <= SHOWN && held.iter().all(|one| all.contains(one)));
        let choice = |value: String| Choice { chosen: held.contains(&value), value };
        match all {
            Some(all) => Choices { shown: all.into_iter().map(choice).collect(), written: String::new() },
            None => Choices { shown: Vec::new(), written: held.join("\n") },
        }
    }
}

/// The names of the groups there are; `None` for who may not see them.
pub(super) fn groups(tx: &mut Tx<'_>, actor: &Actor) -> directory::Result<Option<Vec<String>>> {
    if !actor.power().holds(BuiltIn::ViewGroup.id()) {
        return Ok(None);
    }
    Ok(Some(groups::list(tx, actor)?.into_iter().map(|group| group.name.as_str().to_owned()).collect()))
}

/// The codenames of the permissions there are; `None` for who may not see them.
pub(super) fn permissions(tx: &mut Tx<'_>, actor: &Actor) -> directory::Result<Option<Vec<String>>> {
    if !actor.power().holds(BuiltIn::ViewPermission.id()) {
        return Ok(None);
    }
    Ok(Some(permissions::list(tx, actor)?.into_iter().map(|one| one.codename.as_str().to_owned()).collect()))
}

/// What was sent; `None`: some of it cannot be, and the form says so.
pub(super) fn read(form: &mut Form, language: Language) -> Option<(Name, Vec<GroupWish>)> {
    let name = form.parse("name", language, Name::parse);
    let groups = lines(form, "groups").map(|name| GroupRef::Name(name).into()).collect();
    Some((name?, groups))
}

/// What a field holds that is ticked several times, or written with a line for each.
pub(super) fn lines(form: &Form, name: &str) -> impl Iterator<Item = String> {
    let held: Vec<String> = form.all(name).flat_map(str::lines).map(|line| line.trim().to_owned()).collect();
    held.into_iter().filter(|line| !line.is_empty())
}
