//! May this user do this? One question or many, answered out of what is remembered wherever that is possible. Knows nothing of
//! why: that is `checks/explain.rs`, nor of what would be: that is `whatif.rs`.

mod explain;

pub use explain::{Explanation, Lacking, Path, Step, Within};

use crate::actor::Actor;
use crate::error::{Error, Field, FieldError, Problem, Result};
use crate::id::{GroupId, PermissionId, UserId};
use crate::permissions::BuiltIn;
use crate::roles::{self, Roles};
use crate::store::users::Access;
use crate::store::{self, Tx};
use crate::text::Codename;
use std::sync::Arc;

/// The most questions of one call.
pub const MOST: usize = 1000;
/// The most that are a matter of microseconds, where none of them is to be explained; more are a long read.
pub const SHORT: usize = 100;

/// May this user do this?
#[derive(Clone, Debug)]
pub struct Question {
    /// Who, and as it was written; `None`: whoever asks, through what it asks with.
    pub user: Option<(UserId, String)>,
    /// What: a codename, as it was written.
    pub permission: String,
}

/// The answer.
#[derive(Debug, PartialEq, Eq)]
pub struct Verdict {
    /// It may.
    pub allowed: bool,
    /// Why, or why not, where that was asked.
    pub explanation: Option<Explanation>,
}

/// Answers each question, in order.
///
/// # Errors
/// [`Error::Forbidden`] without `view_user`, but for oneself; [`Error::Invalid`] with every user and permission that does not
/// exist here.
pub fn check(tx: &mut Tx<'_>, actor: &Actor, questions: &[Question], explain: bool) -> Result<Vec<Verdict>> {
    let others = questions.iter().filter_map(|question| question.user.as_ref()).any(|(user, _)| !actor.is(*user));
    if others {
        actor.need(BuiltIn::ViewUser)?;
    }
    let roles = roles::of(tx, actor.environment().id)?;
    let mut errors = Vec::new();
    let mut verdicts = Vec::with_capacity(questions.len());
    for question in questions {
        let permission = roles.permission(&question.permission);
        let standing = standing(tx, actor, question)?;
        if permission.is_none() {
            errors.push(missing(Field::Permission, &question.permission));
        }
        if let (None, Some((_, written))) = (&standing, &question.user) {
            errors.push(missing(Field::User, written));
        }
        if let (Some(permission), Some(standing)) = (permission, standing) {
            let allowed = standing.may(tx, &roles, permission);
            let explanation = match explain {
                true => Some(explain::explain(tx, actor, &roles, &standing, permission)?),
                false => None,
            };
            verdicts.push(Verdict { allowed, explanation });
        }
    }
    match errors.is_empty() {
        true => Ok(verdicts),
        false => Err(Error::Invalid(distinct(errors))),
    }
}

/// All that a user may do now, in order: nothing, where it is inactive or pending.
///
/// # Errors
/// [`Error::Forbidden`] without `view_user`, but for oneself; [`Error::NotFound`].
pub fn permissions(tx: &mut Tx<'_>, actor: &Actor, user: UserId) -> Result<Arc<[Codename]>> {
    if !actor.is(user) {
        actor.need(BuiltIn::ViewUser)?;
    }
    let environment = actor.environment().id;
    let found = store::users::access(tx, environment, user)?;
    let access = found.ok_or(Error::NotFound(crate::error::Noun::User))?;
    let roles = roles::of(tx, environment)?;
    Ok(match Standing::of_access(&access) {
        Stands::All => roles.all(),
        Stands::Groups => roles.spelled(counting(tx, &access)),
        Stands::Nothing => Arc::default(),
    })
}

fn missing(field: Field, written: &str) -> FieldError {
    FieldError { field, problem: Problem::DoesNotExist(written.to_owned()) }
}

/// A thing that is missing in a hundred questions is told once.
fn distinct(errors: Vec<FieldError>) -> Vec<FieldError> {
    let mut seen = std::collections::HashSet::new();
    errors.into_iter().filter(|error| seen.insert(format!("{error:?}"))).collect()
}

/// What decides over an answer.
enum Standing<'a> {
    /// The caller, through what it calls with.
    Caller(&'a Actor, Option<Access>),
    /// A user of the environment.
    User(UserId, Access),
}

/// Through what a user may do things.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stands {
    All,
    Groups,
    Nothing,
}

/// What the question is about; `None`: nobody of this environment.
fn standing<'a>(tx: &mut Tx<'_>, actor: &'a Actor, question: &Question) -> Result<Option<Standing<'a>>> {
    let environment = actor.environment().id;
    match &question.user {
        Some((user, _)) => {
            Ok(store::users::access(tx, environment, *user)?.map(|access| Standing::User(*user, access)))
        }
        None => {
            let own = actor.user().map(|user| store::users::access(tx, environment, user)).transpose()?;
            Ok(Some(Standing::Caller(actor, own.flatten())))
        }
    }
}

impl Standing<'_> {
    fn of_access(access: &Access) -> Stands {
        match access {
            Access { operator: true, .. } => Stands::All,
            Access { active: false, .. } | Access { pending: true, .. } => Stands::Nothing,
            Access { administrator: true, .. } => Stands::All,
            _ => Stands::Groups,
        }
    }

    fn may(&self, tx: &Tx<'_>, roles: &Roles, permission: PermissionId) -> bool {
        match self {
            Standing::Caller(actor, _) => actor.power().holds(permission),
            Standing::User(_, access) => may(tx, roles, access, permission),
        }
    }
}

/// Whether a user may.
pub(crate) fn may(tx: &Tx<'_>, roles: &Roles, access: &Access, permission: PermissionId) -> bool {
    match Standing::of_access(access) {
        Stands::All => true,
        Stands::Groups => roles.confer(counting(tx, access), permission),
        Stands::Nothing => false,
    }
}

/// The groups that a user is in itself, as far as that has not ended.
fn counting<'a>(tx: &Tx<'_>, access: &'a Access) -> impl Iterator<Item = GroupId> + use<'a> {
    let now = tx.now();
    access.groups.iter().filter(move |holding| holding.counts(now)).map(|holding| holding.group)
}

/// A user's power as what it confers, for whoever compares before and after.
pub(crate) fn effective(tx: &Tx<'_>, roles: &Roles, access: &Access) -> Vec<Codename> {
    match Standing::of_access(access) {
        Stands::All => roles.all().to_vec(),
        Stands::Groups => roles.spelled(counting(tx, access)).to_vec(),
        Stands::Nothing => Vec::new(),
    }
}
