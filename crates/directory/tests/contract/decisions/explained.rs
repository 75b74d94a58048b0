//! Whether an explanation is true, and all of the truth, by the model.

use super::model::{Model, User};
use directory::checks::{Explanation, Lacking, Path, Step, Within};
use directory::groups::Given;
use directory::id::{GroupId, UserId};
use proptest::prelude::*;
use proptest::test_runner::TestCaseError;

impl Model {
    /// Compares what was told of a user and a permission with the model. `by`: who made all of it.
    pub(super) fn judge(
        &self,
        user: UserId,
        permission: &'static str,
        told: &Explanation,
        by: UserId,
    ) -> Result<(), TestCaseError> {
        let allowed = self.may(user).contains(permission);
        let User { operator, administrator, active, pending, .. } = self.users[&user];
        let ways: Vec<GroupId> =
            self.counting(user).into_iter().filter(|id| self.confers(*id).contains(permission)).collect();
        match told {
            Explanation::Because(paths) => {
                prop_assert!(allowed && !paths.is_empty());
                let mut starts = Vec::new();
                for path in paths {
                    match path {
                        Path::Operator => prop_assert!(operator),
                        Path::Administrator(given) => {
                            prop_assert!(administrator && given.since.is_none_or(|since| since <= self.now));
                        }
                        Path::Groups { steps, conferred } => {
                            starts.extend(steps.first().map(|step| step.group.id));
                            self.walk(user, permission, (steps, *conferred), by)?;
                        }
                    }
                }
                // Each way once, and none left out.
                prop_assert_eq!(&starts, &ways);
                prop_assert_eq!(
                    paths.len(),
                    ways.len() + usize::from(operator) + usize::from(administrator),
                    "{:?}",
                    paths
                );
            }
            Explanation::Missing(missing) => {
                prop_assert!(!allowed);
                let mut expected = Vec::new();
                if !active {
                    expected.push("active".to_owned());
                }
                if pending {
                    expected.push("accepted".to_owned());
                }
                if ways.is_empty() && !administrator {
                    let would = self.groups.keys().filter(|id| self.confers(**id).contains(permission));
                    expected.push(format!("{:?}", would.map(|id| id.0).collect::<Vec<_>>()));
                }
                let spelled = |lacking: &Lacking| match lacking {
                    Lacking::Active => "active".to_owned(),
                    Lacking::Accepted => "accepted".to_owned(),
                    Lacking::Group(groups) => format!("{:?}", groups.iter().map(|g| g.id.0).collect::<Vec<_>>()),
                    other => format!("{other:?}"),
                };
                prop_assert_eq!(missing.iter().map(spelled).collect::<Vec<_>>(), expected);
            }
        }
        Ok(())
    }

    /// Goes one way, step by step.
    fn walk(
        &self,
        user: UserId,
        permission: &'static str,
        (steps, conferred): (&[Step], Given),
        by: UserId,
    ) -> Result<(), TestCaseError> {
        let given = |since| Given { since: Some(since), by: Some(by) };
        let mut inner = None;
        for step in steps {
            let id = step.group.id;
            let Some(group) = self.groups.get(&id) else {
                return Err(TestCaseError::fail(format!("a way through {id}, which is no group")));
            };
            let own: Vec<&str> = step.group.permissions.iter().map(|codename| codename.as_str()).collect();
            let mut known: Vec<&str> = group.permissions.keys().copied().collect();
            known.sort_unstable();
            prop_assert_eq!(own, known);
            match inner.replace(id) {
                None => {
                    let held = self.users[&user].held.get(&id).copied().filter(|held| self.counts(*held));
                    let Some(held) = held else {
                        return Err(TestCaseError::fail(format!("a way from {id}, where {user} is no member")));
                    };
                    prop_assert_eq!(step.within, Within::Member(held.ends));
                    prop_assert_eq!(step.given, given(held.since));
                }
                Some(inner) => {
                    prop_assert_eq!(step.within, Within::Contained);
                    prop_assert_eq!(Some(step.given), group.contains.get(&inner).map(|since| given(*since)));
                }
            }
        }
        let last = inner.map(|id| &self.groups[&id]);
        let since = last.and_then(|group| group.permissions.get(permission)).copied();
        prop_assert_eq!(Some(conferred), since.map(given));
        // No way is told that is longer than it need be.
        let shorter = steps[..steps.len() - 1]
            .iter()
            .any(|step| self.groups[&step.group.id].permissions.contains_key(permission));
        prop_assert!(!shorter);
        Ok(())
    }
}
