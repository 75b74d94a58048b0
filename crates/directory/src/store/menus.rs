//! Menus in the database, with their items, and who is assigned which.

use super::Tx;
use super::columns::{FromRow, Row, get, params};
use super::memory::Mark;
use super::past;
use super::statement::{Statement, statements};
use crate::error::Result;
use crate::id::{EnvironmentId, MenuId, UserId};
use crate::menus::{Menu, MenuItem};
use crate::text::{Codename, Href, Name, ShortName};

statements! {
    FIND = "SELECT id, name, label FROM menus WHERE environment_id = $1 AND id = $2";
    NAMES = "SELECT id, name FROM menus WHERE environment_id = $1 ORDER BY id";
    FIND_BY_NAME = "SELECT id, name, label FROM menus WHERE environment_id = $1 AND name = $2";
    LIST = "SELECT id, name, label FROM menus WHERE environment_id = $1 ORDER BY id";
    IDS_BY_NAMES = "SELECT id, name FROM menus WHERE environment_id = $1 AND name = ANY($2)";
    IDS_KNOWN = "SELECT id, name FROM menus WHERE environment_id = $1 AND id = ANY($2)";
    FULL = "SELECT id FROM menus WHERE environment_id = $1 LIMIT 1 OFFSET $2";
    INSERT = "INSERT INTO menus (environment_id, id, name, label, since) VALUES ($1, $2, $3, $4, $5)";
    UPDATE = "UPDATE menus SET name = $3, label = $4, since = $5 WHERE environment_id = $1 AND id = $2";
    ITEMS = "SELECT menu_id, place, parent, name, label, href, icon, permission FROM menu_items \
             WHERE environment_id = $1 AND menu_id = $2 ORDER BY place";
    ALL_ITEMS = "SELECT menu_id, place, parent, name, label, href, icon, permission FROM menu_items \
                 WHERE environment_id = $1 ORDER BY menu_id, place";
    SEVERAL = "SELECT id, name, label FROM menus WHERE environment_id = $1 AND id = ANY($2) ORDER BY id";
    SEVERAL_ITEMS = "SELECT menu_id, place, parent, name, label, href, icon, permission FROM menu_items \
                     WHERE environment_id = $1 AND menu_id = ANY($2) ORDER BY menu_id, place";
    CLEAR_ITEMS = "DELETE FROM menu_items WHERE environment_id = $1 AND menu_id = $2";
    ADD_ITEM = "INSERT INTO menu_items (environment_id, menu_id, place, parent, name, label, href, icon, permission) \
                VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    CLEAR_USERS = "DELETE FROM user_menus WHERE environment_id = $1 AND menu_id = $2";
    CLEAR_GROUPS = "DELETE FROM group_menus WHERE environment_id = $1 AND menu_id = $2";
    DELETE = "DELETE FROM menus WHERE environment_id = $1 AND id = $2";
    CLEAR_OF_USER = "DELETE FROM user_menus WHERE environment_id = $1 AND account_id = $2";
    ADD_TO_USER = "INSERT INTO user_menus (environment_id, account_id, menu_id, place, since) VALUES ($1, $2, $3, $4, $5)";
}

struct Bare {
    id: MenuId,
    name: Name,
    label: ShortName,
}

impl FromRow for Bare {
    fn from_row(row: &dyn Row) -> Result<Self> {
        Ok(Bare {
            id: get(row, 0)?,
            name: Name::from_stored(get(row, 1)?),
            label: ShortName::from_stored(get(row, 2)?),
        })
    }
}

/// An item with its place and its parent's.
struct Placed {
    menu: MenuId,
    place: i64,
    parent: Option<i64>,
    item: MenuItem,
}

impl FromRow for Placed {
    fn from_row(row: &dyn Row) -> Result<Self> {
        Ok(Placed {
            menu: get(row, 0)?,
            place: get(row, 1)?,
            parent: get(row, 2)?,
            item: MenuItem {
                name: Name::from_stored(get(row, 3)?),
                label: ShortName::from_stored(get(row, 4)?),
                href: get::<Option<String>>(row, 5)?.map(Href::from_stored),
                icon: get::<Option<String>>(row, 6)?.map(ShortName::from_stored),
                permission: get::<Option<String>>(row, 7)?.map(Codename::from_stored),
                items: Vec::new(),
            },
        })
    }
}

/// Puts items of the second level under their parents, which stand before them.
fn tree(placed: impl Iterator<Item = Placed>) -> Vec<MenuItem> {
    let mut items: Vec<(i64, MenuItem)> = Vec::new();
    for next in placed {
        match next.parent {
            Some(parent) => {
                if let Some((_, above)) = items.iter_mut().find(|(place, _)| *place == parent) {
                    above.items.push(next.item);
                }
            }
            None => items.push((next.place, next.item)),
        }
    }
    items.into_iter().map(|(_, item)| item).collect()
}

/// The menu with this id, whole.
pub fn find(tx: &mut Tx<'_>, environment: EnvironmentId, id: MenuId) -> Result<Option<Menu>> {
    let Some(Bare { id, name, label }) = tx.find(&FIND, params![environment, id])? else { return Ok(None) };
    let items = tx.list::<Placed>(&ITEMS, params![environment, id])?;
    Ok(Some(Menu { id, name, label, items: tree(items.into_iter()) }))
}

/// The menu with this name.
pub fn find_by_name(tx: &mut Tx<'_>, environment: EnvironmentId, name: &Name) -> Result<Option<MenuId>> {
    let bare: Option<Bare> = tx.find(&FIND_BY_NAME, params![environment, name.as_str()])?;
    Ok(bare.map(|bare| bare.id))
}

/// All of the environment's, whole, in order of their ids; at most 10,000.
pub fn list(tx: &mut Tx<'_>, environment: EnvironmentId) -> Result<Vec<Menu>> {
    let bare = tx.list(&LIST, params![environment])?;
    let items = tx.list(&ALL_ITEMS, params![environment])?;
    Ok(whole(bare, items))
}

/// Those of these ids that exist, whole, in order of their ids.
pub fn several(tx: &mut Tx<'_>, environment: EnvironmentId, ids: &[MenuId]) -> Result<Vec<Menu>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<i64> = ids.iter().map(|id| id.0).collect();
    let bare = tx.list(&SEVERAL, params![environment, ids])?;
    let items = tx.list(&SEVERAL_ITEMS, params![environment, ids])?;
    Ok(whole(bare, items))
}

/// Gives each menu its items; both are in order of the menus' ids.
fn whole(bare: Vec<Bare>, items: Vec<Placed>) -> Vec<Menu> {
    let mut items = items.into_iter().peekable();
    let with_items = |Bare { id, name, label }| {
        let own = std::iter::from_fn(|| items.next_if(|placed| placed.menu == id));
        Menu { id, name, label, items: tree(own) }
    };
    bare.into_iter().map(with_items).collect()
}

/// What all of the environment's are called, in order of their ids; at most 10,000.
pub fn titles(tx: &mut Tx<'_>, environment: EnvironmentId) -> Result<Vec<(MenuId, Name, ShortName)>> {
    let bare: Vec<Bare> = tx.list(&LIST, params![environment])?;
    Ok(bare.into_iter().map(|bare| (bare.id, bare.name, bare.label)).collect())
}

/// The names of all of the environment's.
pub fn names(tx: &mut Tx<'_>, environment: EnvironmentId) -> Result<Vec<(MenuId, Name)>> {
    let rows = tx.list::<(MenuId, String)>(&NAMES, params![environment])?;
    Ok(rows.into_iter().map(|(id, name)| (id, Name::from_stored(name))).collect())
}

/// Those of these ids that exist, with their names.
pub fn known(tx: &mut Tx<'_>, environment: EnvironmentId, ids: &[MenuId]) -> Result<Vec<(MenuId, String)>> {
    let ids: Vec<i64> = ids.iter().map(|id| id.0).collect();
    tx.list(&IDS_KNOWN, params![environment, ids])
}

/// The menus with these names.
pub fn by_names(tx: &mut Tx<'_>, environment: EnvironmentId, names: &[&str]) -> Result<Vec<(MenuId, String)>> {
    tx.list(&IDS_BY_NAMES, params![environment, names.to_vec()])
}

/// Whether the environment holds `most` already.
pub fn full(tx: &mut Tx<'_>, environment: EnvironmentId, most: i64) -> Result<bool> {
    Ok(tx.find::<(MenuId,)>(&FULL, params![environment, most - 1])?.is_some())
}

/// Writes a new menu with its items.
pub fn insert(tx: &mut Tx<'_>, environment: EnvironmentId, menu: &Menu) -> Result<()> {
    past::roles_change(tx, environment)?;
    write(tx, &INSERT, environment, menu)?;
    add_items(tx, environment, menu)
}

/// Writes a menu as it is now, items too.
pub fn update(tx: &mut Tx<'_>, environment: EnvironmentId, menu: &Menu) -> Result<()> {
    past::menu(tx, environment, menu.id)?;
    write(tx, &UPDATE, environment, menu)?;
    tx.run(Mark::Environment(environment), &CLEAR_ITEMS, params![environment, menu.id])?;
    add_items(tx, environment, menu)
}

fn write(tx: &mut Tx<'_>, statement: &'static Statement, environment: EnvironmentId, menu: &Menu) -> Result<()> {
    let now = tx.now();
    let (name, label) = (menu.name.as_str(), menu.label.as_str());
    tx.run(Mark::Environment(environment), statement, params![environment, menu.id, name, label, now]).map(drop)
}

fn add_items(tx: &mut Tx<'_>, environment: EnvironmentId, menu: &Menu) -> Result<()> {
    let mut place = 0;
    for item in &menu.items {
        let parent = place;
        add_item(tx, environment, menu.id, place, None, item)?;
        place += 1;
        for below in &item.items {
            add_item(tx, environment, menu.id, place, Some(parent), below)?;
            place += 1;
        }
    }
    Ok(())
}

fn add_item(
    tx: &mut Tx<'_>,
    environment: EnvironmentId,
    menu: MenuId,
    place: i64,
    parent: Option<i64>,
    item: &MenuItem,
) -> Result<()> {
    let (href, icon) = (item.href.as_ref().map(Href::as_str), item.icon.as_ref().map(ShortName::as_str));
    let permission = item.permission.as_ref().map(Codename::as_str);
    let (name, label) = (item.name.as_str(), item.label.as_str());
    tx.run(
        Mark::Environment(environment),
        &ADD_ITEM,
        params![environment, menu, place, parent, name, label, href, icon, permission],
    )
    .map(drop)
}

/// Removes a menu, from users and groups too.
pub fn delete(tx: &mut Tx<'_>, environment: EnvironmentId, id: MenuId) -> Result<()> {
    past::whole_menu(tx, environment, id)?;
    for statement in [&CLEAR_USERS, &CLEAR_GROUPS, &CLEAR_ITEMS, &DELETE] {
        tx.run(Mark::Environment(environment), statement, params![environment, id])?;
    }
    Ok(())
}

/// Replaces the menus assigned to a user itself.
pub fn set_of_user(tx: &mut Tx<'_>, environment: EnvironmentId, user: UserId, menus: &[MenuId]) -> Result<()> {
    past::menus_of_user(tx, environment, user)?;
    tx.run(Mark::User(environment, user), &CLEAR_OF_USER, params![environment, user])?;
    give(tx, environment, user, menus)
}

/// Assigns menus to a user who has none.
pub fn give(tx: &mut Tx<'_>, environment: EnvironmentId, user: UserId, menus: &[MenuId]) -> Result<()> {
    let now = tx.now();
    for (place, menu) in (0i64..).zip(menus) {
        tx.run(Mark::User(environment, user), &ADD_TO_USER, params![environment, user, menu, place, now])?;
    }
    Ok(())
}
