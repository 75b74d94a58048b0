//! Permissions: the names of actions. Rolebook's own are built in, the same in every environment; an environment declares
//! its applications' own. Knows nothing of who holds them.

use crate::actor::Actor;
use crate::audit::{self, Changes};
use crate::error::{Conflict, Error, Field, Noun, Result};
use crate::groups::HeldGroup;
use crate::id::{EnvironmentId, PermissionId};
use crate::page::{Browse, Browsed};
use crate::roles;
use crate::store::{self, Tx};
use crate::text::{Codename, Name};
use std::sync::{Arc, LazyLock};

/// The name of an action in an environment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Permission {
    /// Counts up within the environment; the first [`RESERVED`] are for built-in ones.
    pub id: PermissionId,
    /// What applications ask for.
    pub codename: Codename,
    /// What people read.
    pub name: Name,
    /// Rolebook's own.
    pub built_in: bool,
}

/// Ids that belong to built-in permissions, present and future; an environment's own count up from beyond.
pub const RESERVED: PermissionId = PermissionId(100);
/// The most that an environment may declare.
pub const MOST: i64 = 10_000;

macro_rules! built_in {
    ($($name:ident = $id:literal, $codename:literal, $text:literal;)*) => {
        /// Rolebook's own permissions. Their ids are the same in every environment, so that asking for one costs no
        /// look-up; they are never renumbered.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[allow(missing_docs, reason = "each is its codename")]
        pub enum BuiltIn { $($name = $id),* }

        impl BuiltIn {
            /// All of them, in order of their ids.
            pub const ALL: &[BuiltIn] = &[$(BuiltIn::$name),*];

            /// What applications call it.
            pub fn codename(self) -> &'static str {
                match self { $(BuiltIn::$name => $codename),* }
            }

            /// What people read.
            pub fn text(self) -> &'static str {
                match self { $(BuiltIn::$name => $text),* }
            }
        }
    };
}

built_in! {
    ViewUser = 1, "view_user", "View users";
    AddUser = 2, "add_user", "Add users";
    ChangeUser = 3, "change_user", "Change users";
    DeleteUser = 4, "delete_user", "Remove users";
    ViewGroup = 5, "view_group", "View groups";
    AddGroup = 6, "add_group", "Add groups";
    ChangeGroup = 7, "change_group", "Change groups";
    DeleteGroup = 8, "delete_group", "Delete groups";
    ViewPermission = 9, "view_permission", "View permissions";
    AddPermission = 10, "add_permission", "Declare permissions";
    ChangePermission = 11, "change_permission", "Rename permissions";
    DeletePermission = 12, "delete_permission", "Delete permissions";
    ViewMenu = 13, "view_menu", "View menus";
    AddMenu = 14, "add_menu", "Add menus";
    ChangeMenu = 15, "change_menu", "Change menus";
    DeleteMenu = 16, "delete_menu", "Delete menus";
    ViewAudit = 17, "view_audit", "View the audit trail";
    ManageToken = 18, "manage_token", "Manage tokens and service accounts";
    ManageWebhook = 19, "manage_webhook", "Manage webhooks";
    ManageProvisioning = 20, "manage_provisioning", "Manage provisioning";
}

impl BuiltIn {
    /// Its id, in every environment.
    pub fn id(self) -> PermissionId {
        PermissionId(self as i64)
    }
}

/// Rolebook's own, with the one text of each codename that all environments share.
pub(crate) fn own() -> &'static [(PermissionId, Codename)] {
    static OWN: LazyLock<Vec<(PermissionId, Codename)>> =
        LazyLock::new(|| BuiltIn::ALL.iter().map(|own| (own.id(), Codename::built_in(own.codename()))).collect());
    &OWN
}

/// A permission's codename; of a built-in one, the one text that all environments share.
pub(crate) fn shared(permission: &Permission) -> Codename {
    let own = own().iter().find(|(_, codename)| permission.built_in && *codename == permission.codename);
    own.map_or(&permission.codename, |(_, codename)| codename).clone()
}

/// Gives a new environment Rolebook's own permissions.
pub(crate) fn declare_built_in(tx: &mut Tx<'_>, environment: EnvironmentId) -> Result<()> {
    for built_in in BuiltIn::ALL {
        let permission = Permission {
            id: built_in.id(),
            codename: Codename::built_in(built_in.codename()),
            name: Name::from_stored(built_in.text().to_owned()),
            built_in: true,
        };
        store::permissions::insert(tx, environment, &permission)?;
    }
    Ok(())
}

/// All of the environment's.
///
/// # Errors
/// [`Error::Forbidden`] without `view_permission`.
pub fn list(tx: &mut Tx<'_>, actor: &Actor) -> Result<Vec<Permission>> {
    actor.need(BuiltIn::ViewPermission)?;
    store::permissions::list(tx, actor.environment().id)
}

/// Some of the environment's, in order of their codenames.
///
/// # Errors
/// [`Error::Forbidden`] without `view_permission`.
pub fn browse(tx: &mut Tx<'_>, actor: &Actor, part: &Browse) -> Result<Browsed<Permission>> {
    let all = list(tx, actor)?;
    Ok(part.pick(all, |permission| [permission.codename.as_str(), permission.name.as_str()]))
}

/// The groups that confer one by themselves, in order of their names.
///
/// # Errors
/// [`Error::Forbidden`] without `view_group`.
pub fn conferred_by(tx: &mut Tx<'_>, actor: &Actor, id: PermissionId) -> Result<Vec<Arc<HeldGroup>>> {
    actor.need(BuiltIn::ViewGroup)?;
    let roles = roles::of(tx, actor.environment().id)?;
    let Some(codename) = roles.codename(id) else { return Ok(Vec::new()) };
    let confers = |held: &&Arc<HeldGroup>| held.permissions.binary_search(codename).is_ok();
    let mut groups: Vec<Arc<HeldGroup>> = roles.roles().map(|role| &role.held).filter(confers).cloned().collect();
    groups.sort_by_cached_key(|held| held.name.folded());
    Ok(groups)
}

/// One of them.
///
/// # Errors
/// [`Error::Forbidden`] without `view_permission`; [`Error::NotFound`].
pub fn get(tx: &mut Tx<'_>, actor: &Actor, id: PermissionId) -> Result<Permission> {
    actor.need(BuiltIn::ViewPermission)?;
    find(tx, actor, id)
}

fn find(tx: &mut Tx<'_>, actor: &Actor, id: PermissionId) -> Result<Permission> {
    store::permissions::find(tx, actor.environment().id, id)?.ok_or(Error::NotFound(Noun::Permission))
}

/// A permission to declare.
#[derive(Clone, Debug)]
pub struct NewPermission {
    /// What applications will ask for.
    pub codename: Codename,
    /// What people read; the codename unless given.
    pub name: Option<Name>,
}

/// Declares a permission.
///
/// # Errors
/// [`Error::Forbidden`] without `add_permission`; [`Error::Taken`]; [`Error::Conflict`] when the environment is full.
pub fn create(tx: &mut Tx<'_>, actor: &Actor, new: &NewPermission) -> Result<Permission> {
    actor.need(BuiltIn::AddPermission)?;
    let environment = actor.environment().id;
    if store::permissions::find_by_codename(tx, environment, new.codename.as_str())?.is_some() {
        return Err(Error::taken(Field::Codename));
    }
    if store::permissions::full(tx, environment, MOST + BuiltIn::ALL.len() as i64)? {
        return Err(Error::Conflict(Conflict::Full(Noun::Permission)));
    }
    let permission = Permission {
        id: store::environments::next_permission(tx, environment)?,
        codename: new.codename.clone(),
        name: new.name.clone().unwrap_or_else(|| Name::from_stored(new.codename.as_str().to_owned())),
        built_in: false,
    };
    store::permissions::insert(tx, environment, &permission)?;
    let mut changes = Changes::default();
    changes.text("codename", None, Some(permission.codename.as_str()));
    changes.text("name", None, Some(permission.name.as_str()));
    audit::record(tx, actor, "permission.created", &permission.id, changes)?;
    Ok(permission)
}

/// What to change of a permission.
#[derive(Clone, Debug, Default)]
pub struct PermissionChanges {
    /// What applications ask for.
    pub codename: Option<Codename>,
    /// What people read.
    pub name: Option<Name>,
}

/// Renames a permission. Another codename takes an administrator: whoever holds a harmless permission could otherwise
/// rename it to the name of a powerful one and hold that.
///
/// # Errors
/// [`Error::Forbidden`] without `change_permission`; [`Error::NotFound`]; [`Error::Conflict`] for a built-in one;
/// [`Error::Taken`].
pub fn update(tx: &mut Tx<'_>, actor: &Actor, id: PermissionId, change: &PermissionChanges) -> Result<Permission> {
    actor.need(BuiltIn::ChangePermission)?;
    let before = find(tx, actor, id)?;
    let mut after = before.clone();
    after.codename = change.codename.clone().unwrap_or(after.codename);
    after.name = change.name.clone().unwrap_or(after.name);
    if after == before {
        return Ok(before);
    }
    if before.built_in {
        return Err(Error::Conflict(Conflict::BuiltIn));
    }
    let environment = actor.environment().id;
    if after.codename != before.codename {
        actor.need_administrator()?;
        if store::permissions::find_by_codename(tx, environment, after.codename.as_str())?.is_some() {
            return Err(Error::taken(Field::Codename));
        }
    }
    store::permissions::update(tx, environment, &after)?;
    let mut changes = Changes::default();
    changes.text("codename", Some(before.codename.as_str()), Some(after.codename.as_str()));
    changes.text("name", Some(before.name.as_str()), Some(after.name.as_str()));
    audit::record(tx, actor, "permission.updated", &id, changes)?;
    Ok(after)
}

/// Deletes a permission, from groups and tokens too. Only who holds it may: see [`update`] for why.
///
/// # Errors
/// [`Error::Forbidden`] without `delete_permission` or without the permission itself; [`Error::NotFound`];
/// [`Error::Conflict`] for a built-in one.
pub fn delete(tx: &mut Tx<'_>, actor: &Actor, id: PermissionId) -> Result<()> {
    actor.need(BuiltIn::DeletePermission)?;
    let before = find(tx, actor, id)?;
    if before.built_in {
        return Err(Error::Conflict(Conflict::BuiltIn));
    }
    actor.need_to_hold(&[id])?;
    store::permissions::delete(tx, actor.environment().id, id)?;
    let mut changes = Changes::default();
    changes.text("codename", Some(before.codename.as_str()), None);
    changes.text("name", Some(before.name.as_str()), None);
    audit::record(tx, actor, "permission.deleted", &id, changes)
}
