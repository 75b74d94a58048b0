//! What would be: asked, compared with the model, and then made so.

use super::model::Fault;
use super::steps::{ChangedGroup, ChangedUser, Ends};
use super::{Game, apply, named, nesting, reference, references};
use directory::Error;
use directory::error::Conflict;
use directory::id::{GroupId, UserId};
use directory::whatif::{self, SupposedGroup, SupposedUser, Suppositions};
use proptest::prelude::*;
use proptest::test_runner::TestCaseError;
use std::collections::{BTreeMap, BTreeSet};

impl Game {
    /// Asks what would be, compares it with the model, then makes it so.
    pub(super) async fn what_if(
        &mut self,
        groups: &[ChangedGroup],
        users: &[ChangedUser],
    ) -> Result<(), TestCaseError> {
        let mut then = self.model.clone();
        // Each group and each user once, and nothing of a group that would be gone.
        let groups: BTreeMap<GroupId, &ChangedGroup> = groups.iter().map(|c| (self.group(c.group), c)).collect();
        let users: BTreeMap<UserId, &ChangedUser> = users.iter().map(|c| (self.whom(c.whom), c)).collect();
        let left = |several: &[usize]| -> BTreeSet<GroupId> {
            self.groups(several).into_iter().filter(|id| groups.get(id).is_none_or(|change| !change.deleted)).collect()
        };
        let mut what = Suppositions::default();
        let (mut nested, mut joined) = (BTreeMap::new(), BTreeMap::new());
        for (id, change) in &groups {
            let permissions = change.permissions.map(named);
            let contains = change.contains.as_ref().map(|several| left(several));
            what.groups.push(SupposedGroup {
                group: reference(*id),
                deleted: change.deleted,
                permissions: permissions.as_ref().map(|all| all.iter().map(|name| (*name).to_owned()).collect()),
                contains: contains.as_ref().map(references),
            });
            if change.deleted {
                then.delete_group(*id);
                continue;
            }
            permissions.iter().for_each(|permissions| then.set_permissions(*id, permissions));
            if let Some(contains) = contains {
                then.set_contained(*id, &contains);
                nested.insert(*id, contains);
            }
        }
        for (whom, change) in &users {
            let wanted = change.groups.as_ref().map(|several| left(several));
            what.users.push(SupposedUser {
                user: (*whom, whom.to_string()),
                groups: wanted.as_ref().map(references),
                active: change.active,
                administrator: change.administrator,
            });
            apply(&mut then, *whom, change);
            if let Some(wanted) = wanted {
                then.set_groups(*whom, &wanted.iter().map(|id| (*id, None)).collect());
                joined.insert(*whom, wanted);
            }
        }
        let by = self.pizza.administrator.caller.clone();
        let told = self.world.directory.read(by, move |tx, actor| whatif::suppose(tx, actor, &what)).await;
        let outcome = match (told, then.fault()) {
            (Ok(outcome), None) => outcome,
            (Err(Error::Conflict(Conflict::Cycle(_))), Some(Fault::Cycle)) => return Ok(()),
            (Err(Error::Conflict(Conflict::TooDeep)), Some(Fault::TooDeep)) => return Ok(()),
            (told, fault) => return Err(TestCaseError::fail(format!("{told:?}, and the model says {fault:?}"))),
        };
        prop_assert!(outcome.complete);
        let mut expected = Vec::new();
        for whom in self.model.users.keys() {
            let (was, would) = (self.model.may(*whom), then.may(*whom));
            let (gains, loses) = (would.difference(&was).copied().collect(), was.difference(&would).copied().collect());
            let (gains, loses): (Vec<&str>, Vec<&str>) = (gains, loses);
            if !gains.is_empty() || !loses.is_empty() {
                expected.push((*whom, gains, loses));
            }
        }
        let told: Vec<_> = outcome
            .users
            .iter()
            .map(|d| {
                (d.user, d.gains.iter().map(|c| c.as_str()).collect(), d.loses.iter().map(|c| c.as_str()).collect())
            })
            .collect();
        prop_assert_eq!(told, expected);

        // First everything loose, so that nothing stands in its own way.
        for (id, contains) in &nested {
            let both =
                self.model.groups[id].contains.keys().copied().filter(|inner| contains.contains(inner)).collect();
            let done = self.world.update_group(&self.pizza.administrator.caller, *id, nesting(&both)).await;
            prop_assert!(done.is_ok(), "{:?}", done);
            self.model.set_contained(*id, &both);
        }
        for (id, change) in &groups {
            let number = self.model.groups.keys().position(|known| known == id).unwrap();
            let contains = None;
            self.change_group(&ChangedGroup { group: number, contains, ..(*change).clone() }).await?;
        }
        for (id, contains) in &nested {
            let done = self.world.update_group(&self.pizza.administrator.caller, *id, nesting(contains)).await;
            prop_assert!(done.is_ok(), "{:?}", done);
            self.model.set_contained(*id, contains);
        }
        for (whom, change) in &users {
            if let Some(wanted) = joined.get(whom) {
                self.set_groups(*whom, wanted.iter().map(|id| (*id, Ends::NotSaid)).collect()).await?;
            }
            self.change_user(&ChangedUser { groups: None, ..(*change).clone() }).await?;
        }
        let (now, supposed): (Vec<_>, Vec<_>) =
            self.model.users.keys().map(|whom| (self.model.may(*whom), then.may(*whom))).unzip();
        prop_assert_eq!(now, supposed);
        Ok(())
    }
}
