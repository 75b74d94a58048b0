//! Menus: what an application shows to whom. A tree of two levels, assigned to users and to groups. Knows nothing of how an
//! application draws it.

use crate::actor::Actor;
use crate::audit::{self, Changes};
use crate::error::{Conflict, Error, Field, FieldError, Noun, Problem, Refusal, Result};
use crate::id::{EnvironmentId, MenuId};
use crate::page::{Browse, Browsed};
use crate::permissions::BuiltIn;
use crate::roles;
use crate::store::{self, Tx};
use crate::text::{Codename, Href, Name, ShortName};
use std::collections::{BTreeSet, HashMap, HashSet};

/// A menu with its items.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Menu {
    /// Counts up within the environment.
    pub id: MenuId,
    /// Unique in the environment; applications ask by it.
    pub name: Name,
    /// What people read.
    pub label: ShortName,
    /// In the order in which they show.
    pub items: Vec<MenuItem>,
}

/// An item, perhaps with items below it, which have none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MenuItem {
    /// For the application.
    pub name: Name,
    /// What people read.
    pub label: ShortName,
    /// Where it leads.
    pub href: Option<Href>,
    /// The application's name of a picture.
    pub icon: Option<ShortName>,
    /// Shown to holders of this alone.
    pub permission: Option<Codename>,
    /// The second level.
    pub items: Vec<MenuItem>,
}

/// A menu as a user holds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldMenu {
    /// Which.
    pub id: MenuId,
    /// Its name.
    pub name: Name,
}

/// The most that an environment holds.
pub const MOST: i64 = 10_000;
/// The most items of a menu, on both levels together.
pub const MOST_ITEMS: usize = 1000;

/// All of the environment's.
///
/// # Errors
/// [`Error::Forbidden`] without `view_menu`.
pub fn list(tx: &mut Tx<'_>, actor: &Actor) -> Result<Vec<Menu>> {
    actor.need(BuiltIn::ViewMenu)?;
    store::menus::list(tx, actor.environment().id)
}

/// Some of the environment's, whole, in order of their names.
///
/// # Errors
/// [`Error::Forbidden`] without `view_menu`.
pub fn browse(tx: &mut Tx<'_>, actor: &Actor, part: &Browse) -> Result<Browsed<Menu>> {
    actor.need(BuiltIn::ViewMenu)?;
    let environment = actor.environment().id;
    let all = store::menus::titles(tx, environment)?;
    let picked = part.pick(all, |(_, name, label): &(MenuId, Name, ShortName)| [name.as_str(), label.as_str()]);
    let ids: Vec<MenuId> = picked.rows.iter().map(|row| row.0).collect();
    let found = store::menus::several(tx, environment, &ids)?;
    let mut found: HashMap<MenuId, Menu> = found.into_iter().map(|menu| (menu.id, menu)).collect();
    let rows = ids.iter().filter_map(|id| found.remove(id)).collect();
    Ok(picked.of(rows))
}

/// One of them.
///
/// # Errors
/// [`Error::Forbidden`] without `view_menu`; [`Error::NotFound`].
pub fn get(tx: &mut Tx<'_>, actor: &Actor, id: MenuId) -> Result<Menu> {
    actor.need(BuiltIn::ViewMenu)?;
    find(tx, actor, id)
}

fn find(tx: &mut Tx<'_>, actor: &Actor, id: MenuId) -> Result<Menu> {
    store::menus::find(tx, actor.environment().id, id)?.ok_or(Error::NotFound(Noun::Menu))
}

/// What a menu is to be; on creation all that is left out is empty.
#[derive(Clone, Debug, Default)]
pub struct MenuChanges {
    /// Unique in the environment.
    pub name: Option<Name>,
    /// What people read.
    pub label: Option<ShortName>,
    /// Replaces all items.
    pub items: Option<Vec<MenuItem>>,
}

/// Makes a menu.
///
/// # Errors
/// [`Error::Forbidden`] without `add_menu`; [`Error::Invalid`]; [`Error::Taken`]; [`Error::Conflict`] when the environment
/// is full.
pub fn create(tx: &mut Tx<'_>, actor: &Actor, name: &Name, change: &MenuChanges) -> Result<Menu> {
    actor.need(BuiltIn::AddMenu)?;
    let environment = actor.environment().id;
    let menu = Menu {
        id: MenuId(0),
        name: name.clone(),
        label: change.label.clone().unwrap_or_else(|| ShortName::from_stored(String::new())),
        items: change.items.clone().unwrap_or_default(),
    };
    judge(&menu)?;
    if store::menus::find_by_name(tx, environment, name)?.is_some() {
        return Err(Error::taken(Field::Name));
    }
    if store::menus::full(tx, environment, MOST)? {
        return Err(Error::Conflict(Conflict::Full(Noun::Menu)));
    }
    let menu = Menu { id: store::environments::next_menu(tx, environment)?, ..menu };
    store::menus::insert(tx, environment, &menu)?;
    audit::record(tx, actor, "menu.created", &menu.id, difference(None, Some(&menu)))?;
    Ok(menu)
}

/// Changes a menu.
///
/// # Errors
/// As [`create`], with `change_menu`; [`Error::NotFound`].
pub fn update(tx: &mut Tx<'_>, actor: &Actor, id: MenuId, change: &MenuChanges) -> Result<Menu> {
    actor.need(BuiltIn::ChangeMenu)?;
    let environment = actor.environment().id;
    store::environments::hold(tx, environment)?;
    let before = find(tx, actor, id)?;
    let mut after = before.clone();
    after.name = change.name.clone().unwrap_or(after.name);
    after.label = change.label.clone().unwrap_or(after.label);
    after.items = change.items.clone().unwrap_or(after.items);
    judge(&after)?;
    if after == before {
        return Ok(before);
    }
    if after.name != before.name && store::menus::find_by_name(tx, environment, &after.name)?.is_some() {
        return Err(Error::taken(Field::Name));
    }
    store::menus::update(tx, environment, &after)?;
    audit::record(tx, actor, "menu.updated", &id, difference(Some(&before), Some(&after)))?;
    Ok(after)
}

/// Deletes a menu, from its users and groups too.
///
/// # Errors
/// [`Error::Forbidden`] without `delete_menu`; [`Error::NotFound`].
pub fn delete(tx: &mut Tx<'_>, actor: &Actor, id: MenuId) -> Result<()> {
    actor.need(BuiltIn::DeleteMenu)?;
    let before = find(tx, actor, id)?;
    store::menus::delete(tx, actor.environment().id, id)?;
    audit::record(tx, actor, "menu.deleted", &id, difference(Some(&before), None))
}

fn judge(menu: &Menu) -> Result<()> {
    let refuse = |refusal| Err(Error::invalid(Field::Items, Problem::Refused(refusal)));
    if menu.items.iter().flat_map(|item| &item.items).any(|item| !item.items.is_empty()) {
        return refuse(Refusal::MenuTooDeep);
    }
    if menu.items.iter().map(|item| 1 + item.items.len()).sum::<usize>() > MOST_ITEMS {
        return refuse(Refusal::MenuTooLarge);
    }
    Ok(())
}

fn difference(before: Option<&Menu>, after: Option<&Menu>) -> Changes {
    let mut changes = Changes::default();
    changes.text("name", before.map(|m| m.name.as_str()), after.map(|m| m.name.as_str()));
    changes.text("label", before.map(|m| m.label.as_str()), after.map(|m| m.label.as_str()));
    let outline = |menu: Option<&Menu>| menu.map_or_else(Vec::new, |menu| menu.items.iter().map(outline).collect());
    changes.list("items", &outline(before), &outline(after));
    changes
}

/// An item in one line, for the audit trail.
fn outline(item: &MenuItem) -> String {
    let below: Vec<String> = item.items.iter().map(outline).collect();
    let part = |text: Option<&str>| text.unwrap_or_default().to_owned();
    format!(
        "{}|{}|{}|{}|{}({})",
        item.name.as_str(),
        item.label.as_str(),
        part(item.href.as_ref().map(Href::as_str)),
        part(item.icon.as_ref().map(ShortName::as_str)),
        part(item.permission.as_ref().map(Codename::as_str)),
        below.join(",")
    )
}

/// The ids of menus as a call named them, each once, in order; every unknown one is an error of its own.
pub(crate) fn resolve_refs(
    tx: &mut Tx<'_>,
    environment: EnvironmentId,
    named: &[MenuRef],
    errors: &mut Vec<FieldError>,
) -> Result<Vec<MenuId>> {
    let mut seen = HashSet::new();
    let remembered = roles::remembered(tx, environment);
    if let Some(mut all) =
        remembered.and_then(|roles| named.iter().map(|menu| roles.menu(menu)).collect::<Option<Vec<_>>>())
    {
        all.retain(|menu| seen.insert(*menu));
        return Ok(all);
    }
    let ids: Vec<MenuId> =
        named.iter().filter_map(|r| if let MenuRef::Id(Some(id), _) = r { Some(*id) } else { None }).collect();
    // A NUL cannot stand in a text of every engine, and no name has one.
    let names: Vec<&str> = named
        .iter()
        .filter_map(|r| if let MenuRef::Name(name) = r { Some(name.as_str()) } else { None })
        .filter(|name| !name.contains('\0'))
        .collect();
    let by_id = if ids.is_empty() { Vec::new() } else { store::menus::known(tx, environment, &ids)? };
    let by_name = if names.is_empty() { Vec::new() } else { store::menus::by_names(tx, environment, &names)? };
    // Looked up, not searched: a body may name a hundred thousand, and with the embedded engine all other writes wait.
    let by_id: HashSet<MenuId> = by_id.into_iter().map(|(id, _)| id).collect();
    let by_name: HashMap<String, MenuId> = by_name.into_iter().map(|(id, name)| (name, id)).collect();
    let mut found = Vec::new();
    for reference in named {
        let id = match reference {
            MenuRef::Id(id, _) => id.filter(|id| by_id.contains(id)),
            MenuRef::Name(name) => by_name.get(name).copied(),
        };
        match id {
            Some(id) if seen.insert(id) => found.push(id),
            Some(_) => {}
            None => errors.push(FieldError {
                field: if matches!(reference, MenuRef::Name(_)) { Field::MenuNames } else { Field::Menus },
                problem: Problem::DoesNotExist(reference.text().to_owned()),
            }),
        }
    }
    Ok(found)
}

/// A menu as a call names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MenuRef {
    /// By its id, if it can be one, and as it was written.
    Id(Option<MenuId>, String),
    /// By its exact name.
    Name(String),
}

impl MenuRef {
    fn text(&self) -> &str {
        match self {
            MenuRef::Id(_, text) | MenuRef::Name(text) => text,
        }
    }
}

/// The menus that a user is to see: its own in its order, then its groups', each once, without the items that it may
/// not see.
///
/// # Errors
/// The store's.
pub fn to_show(
    tx: &mut Tx<'_>,
    environment: EnvironmentId,
    own: &[HeldMenu],
    groups: &[crate::users::InGroup],
    may: &dyn Fn(&Codename) -> bool,
) -> Result<Vec<Menu>> {
    let mut order: Vec<MenuId> = own.iter().map(|held| held.id).collect();
    let mut seen: BTreeSet<MenuId> = order.iter().copied().collect();
    let roles = roles::of(tx, environment)?;
    let through = roles.menus_of(groups.iter().map(|own| own.group.id));
    order.extend(through.into_iter().filter(|id| seen.insert(*id)));
    let mut menus: HashMap<MenuId, Menu> =
        store::menus::several(tx, environment, &order)?.into_iter().map(|menu| (menu.id, menu)).collect();
    Ok(order.iter().filter_map(|id| menus.remove(id)).map(|menu| filtered(menu, may)).collect())
}

fn filtered(mut menu: Menu, may: &dyn Fn(&Codename) -> bool) -> Menu {
    let shown = |item: &MenuItem| item.permission.as_ref().is_none_or(may);
    menu.items.retain(shown);
    for item in &mut menu.items {
        item.items.retain(shown);
    }
    menu
}
