//! What the page of a group shows: the group, and what there is to choose from. Knows no form.

use crate::console::choices::{BOXES, Choice, Fields};
use directory::Result;
use directory::actor::Actor;
use directory::groups::{self, Confers, Group, GroupRef};
use directory::id::{GroupId, MenuId};
use directory::menus::{self, Menu};
use directory::page::{Browse, Browsed};
use directory::permissions::{self, BuiltIn};
use directory::store::Tx;
use std::collections::BTreeSet;

pub(super) const PERMISSIONS: Fields =
    Fields { name: "permissions", shown: "permissions_shown", more: "permissions_more" };
/// Not `contains`: a field of that name would stand in the place of a method that every form has for scripts.
pub(super) const CONTAINS: Fields = Fields { name: "inner", shown: "inner_shown", more: "inner_more" };
pub(super) const MENUS: Fields = Fields { name: "menus", shown: "menus_shown", more: "menus_more" };

/// A group and its surroundings.
pub(super) struct Facts {
    pub(super) group: Option<Group>,
    /// The first of those that there are, the group's own among them, and how many there are.
    pub(super) permissions: (Vec<Choice>, usize),
    pub(super) contains: (Vec<Choice>, usize),
    pub(super) menus: (Vec<Choice>, usize),
    pub(super) inherited: Vec<(String, String)>,
    pub(super) may_add: bool,
    pub(super) may_change: bool,
    pub(super) may_delete: bool,
    pub(super) administrator: bool,
}

impl Facts {
    pub(super) fn find(tx: &mut Tx<'_>, actor: &Actor, id: Option<GroupId>) -> Result<Facts> {
        actor.need(BuiltIn::ViewGroup)?;
        let may = |permission: BuiltIn| actor.power().holds(permission.id());
        let group = id.map(|id| groups::get(tx, actor, id)).transpose()?;
        let confers = groups::confers(tx, actor, id.as_slice())?;
        Ok(Facts {
            permissions: permission_choices(tx, actor, group.as_ref())?,
            contains: group_choices(tx, actor, group.as_ref())?,
            menus: menu_choices(tx, actor, group.as_ref())?,
            inherited: confers.first().map(inherited).unwrap_or_default(),
            may_add: may(BuiltIn::AddGroup),
            may_change: may(BuiltIn::ChangeGroup),
            may_delete: may(BuiltIn::DeleteGroup),
            administrator: actor.need_administrator().is_ok(),
            group,
        })
    }
}

/// A group's permissions as a form sends them, and so on.
pub(super) fn permissions(group: &Group) -> Vec<String> {
    group.permissions.iter().map(|codename| codename.as_str().to_owned()).collect()
}

pub(super) fn contains(group: &Group) -> Vec<String> {
    group.contains.iter().map(GroupId::to_string).collect()
}

pub(super) fn menus(group: &Group) -> Vec<String> {
    group.menus.iter().map(MenuId::to_string).collect()
}

pub(super) fn by_id(id: i64) -> GroupRef {
    GroupRef::Id(Some(GroupId(id)), id.to_string())
}

/// The first ones by name.
fn first() -> Browse {
    Browse { search: String::new(), skip: 0, limit: BOXES + 1 }
}

fn inherited(confers: &Confers) -> Vec<(String, String)> {
    let through = |codename| confers.above.iter().find(|outer| outer.permissions.binary_search(codename).is_ok());
    let beyond = confers.all.iter().filter(|codename| confers.own.binary_search(codename).is_err());
    let told =
        beyond.filter_map(|codename| Some((codename.as_str().to_owned(), through(codename)?.name.as_str().to_owned())));
    told.take(BOXES).collect()
}

/// Own ones first, each once.
fn united(own: Vec<Choice>, others: Vec<Choice>) -> Vec<Choice> {
    let known: BTreeSet<String> = own.iter().map(|choice| choice.value.clone()).collect();
    let others = others.into_iter().filter(|choice| !known.contains(&choice.value));
    let mut all: Vec<Choice> = own.into_iter().chain(others).collect();
    all.sort_by_cached_key(|choice| choice.text.to_lowercase());
    all
}

fn permission_choices(tx: &mut Tx<'_>, actor: &Actor, group: Option<&Group>) -> Result<(Vec<Choice>, usize)> {
    let found = match actor.power().holds(BuiltIn::ViewPermission.id()) {
        true => permissions::browse(tx, actor, &first())?,
        false => Browsed { rows: Vec::new(), total: 0 },
    };
    let named = |codename: &str, name: &str| Choice {
        value: codename.to_owned(),
        text: codename.to_owned(),
        detail: if name == codename { String::new() } else { name.to_owned() },
    };
    let known: BTreeSet<&str> = found.rows.iter().map(|permission| permission.codename.as_str()).collect();
    let own = group.iter().flat_map(|group| &group.permissions).map(|codename| codename.as_str());
    let own =
        own.filter(|codename| !known.contains(codename)).take(BOXES).map(|codename| named(codename, "")).collect();
    let others = found.rows.iter().map(|permission| named(permission.codename.as_str(), permission.name.as_str()));
    Ok((united(own, others.collect()), found.total))
}

fn group_choices(tx: &mut Tx<'_>, actor: &Actor, group: Option<&Group>) -> Result<(Vec<Choice>, usize)> {
    let named = |id: GroupId, name: &str, label: &str| Choice {
        value: id.to_string(),
        text: name.to_owned(),
        detail: label.to_owned(),
    };
    let itself = group.map(|group| group.id);
    let found = groups::browse(tx, actor, &first())?;
    let known: BTreeSet<GroupId> = found.rows.iter().map(|group| group.id).collect();
    let own = group.iter().flat_map(|group| &group.contains).copied().filter(|id| !known.contains(id));
    let own: Vec<GroupId> = own.take(BOXES).collect();
    let own = groups::confers(tx, actor, &own)?.iter().map(|one| named(one.id, one.name.as_str(), "")).collect();
    let others = found.rows.iter().filter(|one| Some(one.id) != itself);
    let others = others.map(|one| named(one.id, one.name.as_str(), one.label.as_str())).collect();
    Ok((united(own, others), found.total.saturating_sub(itself.iter().len())))
}

fn menu_choices(tx: &mut Tx<'_>, actor: &Actor, group: Option<&Group>) -> Result<(Vec<Choice>, usize)> {
    if !actor.power().holds(BuiltIn::ViewMenu.id()) {
        return Ok((Vec::new(), 0));
    }
    let named = |menu: &Menu| Choice {
        value: menu.id.to_string(),
        text: menu.name.as_str().to_owned(),
        detail: menu.label.as_str().to_owned(),
    };
    let found = menus::browse(tx, actor, &first())?;
    let mut own = Vec::new();
    for id in group.iter().flat_map(|group| &group.menus).take(BOXES) {
        if !found.rows.iter().any(|menu| menu.id == *id) {
            own.push(named(&menus::get(tx, actor, *id)?));
        }
    }
    Ok((united(own, found.rows.iter().map(named).collect()), found.total))
}
