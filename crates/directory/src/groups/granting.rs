//! Giving permissions to several groups and taking others from them, all at once or not at all. Knows nothing of who gains by it:
//! that is `whatif.rs`.

use super::{Group, GroupChanges, find, update};
use crate::actor::Actor;
use crate::directory::When;
use crate::error::Result;
use crate::id::GroupId;
use crate::permissions::BuiltIn;
use crate::store::Tx;
use std::collections::BTreeSet;

/// What to change of what a group confers. What it confers besides stays, whoever gave it meanwhile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    /// Which.
    pub group: GroupId,
    /// These too, by their codenames.
    pub add: Vec<String>,
    /// These no longer.
    pub remove: Vec<String>,
}

impl Grant {
    /// What the group would confer, in order.
    pub fn applied_to(&self, group: &Group) -> Vec<String> {
        let mut after: BTreeSet<&str> = group.permissions.iter().map(|codename| codename.as_str()).collect();
        after.extend(self.add.iter().map(String::as_str));
        after.retain(|codename| !self.remove.iter().any(|gone| gone == codename));
        after.into_iter().map(str::to_owned).collect()
    }
}

/// Makes the changes, in order; `when` judges each group before.
///
/// # Errors
/// As [`update`].
pub fn grant(tx: &mut Tx<'_>, actor: &Actor, grants: &[Grant], when: Option<&When<Group>>) -> Result<()> {
    actor.need(BuiltIn::ChangeGroup)?;
    for grant in grants {
        let before = find(tx, actor, grant.group)?;
        let change = GroupChanges { permissions: Some(grant.applied_to(&before)), ..GroupChanges::default() };
        update(tx, actor, grant.group, &change, when)?;
    }
    Ok(())
}
