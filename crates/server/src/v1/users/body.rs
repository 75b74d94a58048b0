//! The body of `POST /api/v1/users`, and what it means: the many ways in which the page lets one name menus and groups
//! become the directory's few. Judges no value that the directory judges.

use super::super::error::key;
use crate::body::{IdText, body};
use crate::json::Json;
use directory::email::Email;
use directory::error::{Field, FieldError, Problem};
use directory::groups::{GroupRef, GroupWish};
use directory::id::{GroupId, MenuId};
use directory::locale::Locale;
use directory::menus::MenuRef;
use directory::text::{Name, ShortName};
use directory::users::{MenusChange, NewUser, UserChanges};

body! {
    /// What a user of an environment is to be. The environment was read before, see `environment`.
    pub(in crate::v1) struct UserBody {
        email: Required<Email> as "globalEmailAddress",
        name: Optional<Name>,
        administrator: Optional<bool>,
        active: Optional<bool>,
        language: Optional<Locale>,
        locale: Optional<Locale>,
        menu_name: Optional<String> as "menuName",
        menu_id: Optional<IdText> as "menuId",
        menu_names: Optional<Vec<String>> as "menuNames",
        menu_ids: Optional<Vec<IdText>> as "menuIds",
        add_menu_names: Optional<Vec<String>> as "addMenuNames",
        add_menu_ids: Optional<Vec<IdText>> as "addMenuIds",
        remove_menu_names: Optional<Vec<String>> as "removeMenuNames",
        remove_menu_ids: Optional<Vec<IdText>> as "removeMenuIds",
        member_group_names: Optional<Vec<String>> as "memberGroupNames",
        member_group_ids: Optional<Vec<IdText>> as "memberGroupIds",
    }
    ignored: _environmentId;
}

/// What a user who is not here yet must have, and a body does not give.
pub(super) fn missing(body: &Json) -> Vec<Field> {
    let needed = [Field::Name, Field::Administrator, Field::Active, Field::Language, Field::Locale];
    needed.into_iter().filter(|field| body.get(key(*field)).is_none()).collect()
}

impl UserBody {
    /// As the directory understands it.
    pub(super) fn new_user(&self) -> NewUser {
        let fields = UserChanges {
            name: self.name.as_ref().map(|name| ShortName::from_stored(name.as_str().to_owned())),
            administrator: self.administrator,
            active: self.active,
            language: self.language.clone().map(Some),
            locale: self.locale.clone().map(Some),
            groups: self.groups(),
            menus: self.menus(),
            ..UserChanges::default()
        };
        NewUser { email: self.email.clone(), fields }
    }

    fn menus(&self) -> MenusChange {
        let single = self.menu_name.iter().cloned().map(MenuRef::Name).chain(self.menu_id.iter().map(menu));
        let listed = menus(self.menu_names.as_deref(), self.menu_ids.as_deref());
        let replaces = self.menu_name.is_some() || self.menu_id.is_some() || listed.is_some();
        MenusChange {
            replace: replaces.then(|| single.chain(listed.unwrap_or_default()).collect()),
            add: menus(self.add_menu_names.as_deref(), self.add_menu_ids.as_deref()).unwrap_or_default(),
            remove: menus(self.remove_menu_names.as_deref(), self.remove_menu_ids.as_deref()).unwrap_or_default(),
        }
    }

    fn groups(&self) -> Option<Vec<GroupWish>> {
        let group = |id: &IdText| GroupRef::Id(id.number.map(GroupId), id.text.clone());
        let names = self.member_group_names.as_ref().map(|names| names.iter().cloned().map(GroupRef::Name));
        let ids = self.member_group_ids.as_ref().map(|ids| ids.iter().map(group));
        (names.is_some() || ids.is_some())
            .then(|| names.into_iter().flatten().chain(ids.into_iter().flatten()).map(GroupWish::from).collect())
    }

    /// Under which keys stood what the directory finds wrong.
    pub(super) fn keys(&self, error: &FieldError) -> Vec<&'static str> {
        let keys = match (error.field, &error.problem) {
            (Field::MenuNames, Problem::DoesNotExist(name)) => holding(
                &[
                    ("menuName", self.menu_name.as_slice()),
                    ("menuNames", self.menu_names.as_deref().unwrap_or_default()),
                    ("addMenuNames", self.add_menu_names.as_deref().unwrap_or_default()),
                    ("removeMenuNames", self.remove_menu_names.as_deref().unwrap_or_default()),
                ],
                |given| given == name,
            ),
            (Field::Menus, Problem::DoesNotExist(id)) => holding(
                &[
                    ("menuId", self.menu_id.as_slice()),
                    ("menuIds", self.menu_ids.as_deref().unwrap_or_default()),
                    ("addMenuIds", self.add_menu_ids.as_deref().unwrap_or_default()),
                    ("removeMenuIds", self.remove_menu_ids.as_deref().unwrap_or_default()),
                ],
                |given| given.text == *id,
            ),
            // Menus that are both added and removed: which of the two is meant, only the caller knows; leaving it out of
            // the removed ones is what most will do.
            (Field::Menus | Field::MenuNames, _) => {
                let removing = [
                    ("removeMenuNames", self.remove_menu_names.is_some()),
                    ("removeMenuIds", self.remove_menu_ids.is_some()),
                ];
                removing.into_iter().filter(|(_, given)| *given).map(|(key, _)| key).collect()
            }
            _ => Vec::new(),
        };
        if keys.is_empty() { vec![key(error.field)] } else { keys }
    }
}

fn menu(id: &IdText) -> MenuRef {
    MenuRef::Id(id.number.map(MenuId), id.text.clone())
}

/// Names and ids as one list, names first; `None` when neither was given.
fn menus(names: Option<&[String]>, ids: Option<&[IdText]>) -> Option<Vec<MenuRef>> {
    (names.is_some() || ids.is_some()).then(|| {
        let names = names.unwrap_or_default().iter().cloned().map(MenuRef::Name);
        names.chain(ids.unwrap_or_default().iter().map(menu)).collect()
    })
}

/// The keys whose values hold what is looked for.
fn holding<T>(given: &[(&'static str, &[T])], sought: impl Fn(&T) -> bool) -> Vec<&'static str> {
    given.iter().filter(|(_, values)| values.iter().any(&sought)).map(|(key, _)| *key).collect()
}
