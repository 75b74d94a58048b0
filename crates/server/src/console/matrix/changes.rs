//! What was ticked otherwise: read from the boxes of a page, or from the page that asks about it; and what comes of it for each
//! group. Knows no page.

use crate::console::form::Form;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use directory::Result;
use directory::actor::Actor;
use directory::groups::{self, Grant, Group, GroupRef};
use directory::id::{GroupId, PermissionId};
use directory::permissions;
use directory::store::Tx;
use directory::whatif::{SupposedGroup, Suppositions};
use sha2::{Digest, Sha256};
use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

/// The most that are changed at once: all boxes of a page, and some.
const MOST: usize = 1000;

/// Where a group meets a permission.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Cell {
    pub(super) group: GroupId,
    pub(super) permission: PermissionId,
}

impl std::fmt::Display for Cell {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}", self.group, self.permission)
    }
}

impl Cell {
    fn parse(text: &str) -> Option<Cell> {
        let (group, permission) = text.split_once('.')?;
        Some(Cell { group: GroupId(group.parse().ok()?), permission: PermissionId(permission.parse().ok()?) })
    }
}

/// The cells that were ticked, and those that no longer are.
#[derive(Clone, Debug, Default)]
pub(super) struct Changes {
    pub(super) added: BTreeSet<Cell>,
    pub(super) removed: BTreeSet<Cell>,
}

impl Changes {
    /// Out of a form; `None`: no page of ours sends that.
    pub(super) fn of(form: &Form) -> Option<Changes> {
        let cells = |name: &str| form.all(name).map(Cell::parse).collect::<Option<BTreeSet<Cell>>>();
        let changes = match form.ticked("shown") {
            true => {
                let before = form.text("before").split(',').filter(|text| !text.is_empty()).map(Cell::parse);
                let before = before.collect::<Option<BTreeSet<Cell>>>()?;
                let ticked = cells("cell")?;
                Changes { added: &ticked - &before, removed: &before - &ticked }
            }
            false => Changes { added: cells("added")?, removed: cells("removed")? },
        };
        (changes.added.len() + changes.removed.len() <= MOST).then_some(changes)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.added.is_empty() && self.removed.is_empty()
    }

    /// Whether it is ticked otherwise than it is saved.
    pub(super) fn toggles(&self, cell: Cell) -> bool {
        self.added.contains(&cell) || self.removed.contains(&cell)
    }
}

/// The groups that change, as they are, each with what changes of it; in order of their ids.
pub(super) struct Planned {
    pub(super) groups: Vec<(Group, Grant)>,
}

impl Planned {
    /// Looks them up. What is ticked already, or is not, by somebody else's doing, is no change.
    pub(super) fn find(tx: &mut Tx<'_>, actor: &Actor, changes: &Changes) -> Result<Planned> {
        let mut codenames: BTreeMap<PermissionId, String> = BTreeMap::new();
        let mut groups: BTreeMap<GroupId, (Group, Grant)> = BTreeMap::new();
        let added = changes.added.iter().map(|cell| (cell, true));
        for (cell, adds) in added.chain(changes.removed.iter().map(|cell| (cell, false))) {
            let codename = match codenames.get(&cell.permission) {
                Some(codename) => codename.clone(),
                None => permissions::get(tx, actor, cell.permission)?.codename.as_str().to_owned(),
            };
            codenames.insert(cell.permission, codename.clone());
            if let Entry::Vacant(vacant) = groups.entry(cell.group) {
                let group = groups::get(tx, actor, cell.group)?;
                vacant.insert((group, Grant { group: cell.group, add: Vec::new(), remove: Vec::new() }));
            }
            if let Some((group, grant)) = groups.get_mut(&cell.group) {
                let has = group.permissions.iter().any(|own| own.as_str() == codename);
                match (adds, has) {
                    (true, false) => grant.add.push(codename),
                    (false, true) => grant.remove.push(codename),
                    _ => {}
                }
            }
        }
        Ok(Planned { groups: groups.into_values().collect() })
    }

    /// What to make of each group.
    pub(super) fn grants(&self) -> Vec<Grant> {
        self.groups.iter().map(|(_, grant)| grant.clone()).collect()
    }

    /// The same, supposed.
    pub(super) fn supposed(&self) -> Suppositions {
        let supposed = self.groups.iter().map(|(group, grant)| SupposedGroup {
            group: GroupRef::Id(Some(group.id), group.id.to_string()),
            deleted: false,
            permissions: Some(grant.applied_to(group)),
            contains: None,
        });
        Suppositions { groups: supposed.collect(), users: Vec::new() }
    }

    /// What whoever confirms has seen: other groups than these are seen once they have changed.
    pub(super) fn seen(&self) -> String {
        let all: Vec<_> =
            self.groups.iter().map(|(group, _)| (group.id, &group.permissions, &group.contains)).collect();
        URL_SAFE_NO_PAD.encode(&Sha256::digest(format!("{all:?}").as_bytes())[..12])
    }
}
