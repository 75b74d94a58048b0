//! Groups as a call names them, looked up: every one that does not exist is an error of its own. Knows nothing of whether the
//! caller may do anything with them.

use super::Holding;
use crate::clock::Time;
use crate::error::{Field, FieldError, Problem, Refusal, Result};
use crate::id::{EnvironmentId, GroupId};
use crate::roles;
use crate::store::{self, Tx};
use crate::text::fold;
use std::collections::{HashMap, HashSet};

/// A group that a user is to be in, as a call asks for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupWish {
    /// Which.
    pub group: GroupRef,
    /// When it is to end, or that it is not to; `None`: not said, so it stays as it is.
    pub ends: Option<Option<Time>>,
}

impl From<GroupRef> for GroupWish {
    fn from(group: GroupRef) -> GroupWish {
        GroupWish { group, ends: None }
    }
}

/// The groups that a user is to be in, in order of their ids: each as asked for, or as it is held.
pub(crate) fn resolve_wishes(
    tx: &mut Tx<'_>,
    environment: EnvironmentId,
    wishes: &[GroupWish],
    held: &[Holding],
    errors: &mut Vec<FieldError>,
) -> Result<Vec<Holding>> {
    let (now, known) = (tx.now(), errors.len());
    let roles = roles::of(tx, environment)?;
    let mut wanted = Vec::with_capacity(wishes.len());
    for wish in wishes {
        let Some(ends) = wish.ends else { continue };
        if ends.is_some_and(|end| end <= now) {
            errors.push(FieldError { field: Field::Groups, problem: Refusal::MembershipEnded.into() });
        }
        let found = match roles.group(&wish.group) {
            Some(group) => vec![group],
            None => resolve_refs(tx, environment, std::slice::from_ref(&wish.group), errors)?,
        };
        wanted.extend(found.into_iter().map(|group| Holding { group, expires_at: ends }));
    }
    let named: Vec<GroupRef> =
        wishes.iter().filter(|wish| wish.ends.is_none()).map(|wish| wish.group.clone()).collect();
    for group in resolve_refs(tx, environment, &named, errors)? {
        let expires_at = held.iter().find(|holding| holding.group == group).and_then(|holding| holding.expires_at);
        wanted.push(Holding { group, expires_at });
    }
    wanted.sort_by_key(|holding| holding.group);
    if errors.len() == known && wanted.windows(2).any(|two| two[0].group == two[1].group && two[0] != two[1]) {
        errors.push(FieldError { field: Field::Groups, problem: Refusal::GroupTwice.into() });
    }
    wanted.dedup_by_key(|holding| holding.group);
    Ok(wanted)
}

/// A group as a call names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GroupRef {
    /// By its id, if it can be one, and as it was written.
    Id(Option<GroupId>, String),
    /// By its exact name.
    Name(String),
}

impl GroupRef {
    fn text(&self) -> &str {
        match self {
            GroupRef::Id(_, text) | GroupRef::Name(text) => text,
        }
    }
}

/// The ids of groups as a call named them, each once, in order; every unknown one is an error of its own.
pub(crate) fn resolve_refs(
    tx: &mut Tx<'_>,
    environment: EnvironmentId,
    named: &[GroupRef],
    errors: &mut Vec<FieldError>,
) -> Result<Vec<GroupId>> {
    let remembered = roles::remembered(tx, environment);
    if let Some(mut all) =
        remembered.and_then(|roles| named.iter().map(|group| roles.group(group)).collect::<Option<Vec<_>>>())
    {
        all.sort_unstable();
        all.dedup();
        return Ok(all);
    }
    let ids: Vec<GroupId> =
        named.iter().filter_map(|r| if let GroupRef::Id(Some(id), _) = r { Some(*id) } else { None }).collect();
    let folded: Vec<String> =
        named.iter().filter_map(|r| if let GroupRef::Name(name) = r { Some(fold(name)) } else { None }).collect();
    let folded: Vec<&str> = folded.iter().map(String::as_str).filter(|name| !name.contains('\0')).collect();
    let by_id = if ids.is_empty() { Vec::new() } else { store::groups::known(tx, environment, &ids)? };
    let by_name =
        if folded.is_empty() { Vec::new() } else { store::groups::by_folded_names(tx, environment, &folded)? };
    // Looked up, not searched: a body may name a hundred thousand, and with the embedded engine all other writes wait.
    let by_id: HashSet<GroupId> = by_id.into_iter().map(|(id, _)| id).collect();
    let by_name: HashMap<String, GroupId> = by_name.into_iter().map(|(id, name)| (name, id)).collect();
    let mut found = Vec::new();
    for reference in named {
        let id = match reference {
            GroupRef::Id(id, _) => id.filter(|id| by_id.contains(id)),
            GroupRef::Name(name) => by_name.get(name).copied(),
        };
        match id {
            Some(id) => found.push(id),
            None => errors.push(FieldError {
                field: if matches!(reference, GroupRef::Name(_)) { Field::GroupNames } else { Field::Groups },
                problem: Problem::DoesNotExist(reference.text().to_owned()),
            }),
        }
    }
    found.sort_unstable();
    found.dedup();
    Ok(found)
}

/// The same of groups within a group, whose errors are of that field.
pub(crate) fn resolve_contained(
    tx: &mut Tx<'_>,
    environment: EnvironmentId,
    named: &[GroupRef],
    errors: &mut Vec<FieldError>,
) -> Result<Vec<GroupId>> {
    let known = errors.len();
    let found = resolve_refs(tx, environment, named, errors)?;
    errors.iter_mut().skip(known).for_each(|error| error.field = Field::Contains);
    Ok(found)
}
