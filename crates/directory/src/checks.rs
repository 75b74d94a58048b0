//! May this user do this? One question or many, answered out of what is remembered wherever that is possible. Knows nothing of
//! why: that is `checks/explain.rs`, nor of what would be: that is `whatif.rs`.

mod explain;

use explain::Telling;
pub use explain::{Explanation, Lacking, Path, Step, Within};

use crate::actor::Actor;
use crate::clock::Time;
use crate::error::{Error, Field, FieldError, Noun, Problem, Result};
use crate::history;
use crate::id::{EnvironmentId, GroupId, PermissionId, UserId};
use crate::roles::{self, Roles};
use crate::store::users::{Access, Whole};
use crate::store::{self, Tx, past};
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

/// What is answered from: the present, or a time that is over.
pub(crate) struct Scene {
    environment: EnvironmentId,
    /// What groups confer, or conferred then.
    pub(crate) roles: Arc<Roles>,
    /// Memberships count that have not ended by then.
    pub(crate) now: Time,
    at: Option<Time>,
}

impl Scene {
    /// The present, or that time.
    pub(crate) fn of(tx: &mut Tx<'_>, environment: EnvironmentId, at: Option<Time>) -> Result<Scene> {
        let Some(then) = at else {
            return Ok(Scene { environment, roles: roles::of(tx, environment)?, now: tx.now(), at });
        };
        let changed = past::roles::last_change(tx, environment, then)?;
        Ok(Scene { environment, roles: roles::at(tx, environment, changed)?, now: then, at })
    }

    /// A user with what decides over what it may do.
    fn access(&self, tx: &mut Tx<'_>, user: UserId) -> Result<Option<Access>> {
        match self.at {
            None => store::users::access(tx, self.environment, user),
            Some(_) => Ok(self.user(tx, user)?.as_ref().map(Access::of)),
        }
    }

    /// A user, whole.
    pub(crate) fn user(&self, tx: &mut Tx<'_>, user: UserId) -> Result<Option<Whole>> {
        match self.at {
            None => store::users::find(tx, self.environment, user),
            Some(at) => Ok(past::users::find(tx, self.environment, user, at)?.map(|then| then.user)),
        }
    }

    /// The ways by which a user has a permission: none, if it has not.
    pub(crate) fn ways(
        &self,
        tx: &mut Tx<'_>,
        user: UserId,
        whole: &Whole,
        permission: PermissionId,
    ) -> Result<Vec<Path>> {
        let access = Access::of(whole);
        match Standing::of_access(&access) {
            Stands::Nothing => Ok(Vec::new()),
            Stands::All | Stands::Groups => explain::paths(tx, self, user, &access, permission, Telling::WHOLE),
        }
    }
}

/// Answers each question, in order; as of that time, if one is named: of the caller, too, what it could do itself then,
/// whatever it calls with now.
///
/// # Errors
/// [`Error::Forbidden`] without `view_user`, and for the past without `view_audit`, but for oneself; [`Error::Invalid`] with
/// every user and permission that does not exist here, or did not, and for a time of which nothing is known.
pub fn check(
    tx: &mut Tx<'_>,
    actor: &Actor,
    questions: &[Question],
    explain: bool,
    at: Option<Time>,
) -> Result<Vec<Verdict>> {
    judge(tx, actor, questions, explain.then_some(Telling::WHOLE), at)
}

/// The same about the present, by what is remembered alone: without since when and by whose doing each step is so, which is a
/// look-up for every one of them.
///
/// # Errors
/// As [`check`].
pub fn sketch(tx: &mut Tx<'_>, actor: &Actor, questions: &[Question]) -> Result<Vec<Verdict>> {
    judge(tx, actor, questions, Some(Telling::SKETCH), None)
}

/// The same about the present, with so many ways at most by which each permission comes.
///
/// # Errors
/// As [`check`].
pub fn check_briefly(tx: &mut Tx<'_>, actor: &Actor, questions: &[Question], ways: usize) -> Result<Vec<Verdict>> {
    judge(tx, actor, questions, Some(Telling { ways, ..Telling::WHOLE }), None)
}

fn judge(
    tx: &mut Tx<'_>,
    actor: &Actor,
    questions: &[Question],
    telling: Option<Telling>,
    at: Option<Time>,
) -> Result<Vec<Verdict>> {
    let others = questions.iter().filter_map(|question| question.user.as_ref()).any(|(user, _)| !actor.is(*user));
    if others {
        history::need_to_see_all(actor, at)?;
    }
    if let Some(at) = at {
        history::need_known(tx, actor, at)?;
    }
    let scene = Scene::of(tx, actor.environment().id, at)?;
    let mut errors = Vec::new();
    let mut verdicts = Vec::with_capacity(questions.len());
    for question in questions {
        let permission = scene.roles.permission(&question.permission);
        let standing = standing(tx, &scene, actor, question)?;
        if permission.is_none() {
            errors.push(missing(Field::Permission, &question.permission));
        }
        if let (None, Some((_, written))) = (&standing, &question.user) {
            errors.push(missing(Field::User, written));
        }
        if let (Some(permission), Some(standing)) = (permission, standing) {
            let allowed = standing.may(&scene, permission);
            let explain = |telling| explain::explain(tx, actor, &scene, &standing, permission, telling);
            let explanation = telling.map(explain).transpose()?;
            verdicts.push(Verdict { allowed, explanation });
        }
    }
    match errors.is_empty() {
        true => Ok(verdicts),
        false => Err(Error::Invalid(distinct(errors))),
    }
}

/// All that a user may do now, or could do at a time, in order: nothing, where it is inactive or pending.
///
/// # Errors
/// [`Error::Forbidden`] without `view_user`, and for the past without `view_audit`, but for oneself; [`Error::NotFound`];
/// [`Error::Invalid`] for a time of which nothing is known.
pub fn permissions(tx: &mut Tx<'_>, actor: &Actor, user: UserId, at: Option<Time>) -> Result<Arc<[Codename]>> {
    history::need_to_see(actor, user, at)?;
    if let Some(at) = at {
        history::need_known(tx, actor, at)?;
    }
    let scene = Scene::of(tx, actor.environment().id, at)?;
    let access = scene.access(tx, user)?.ok_or(Error::NotFound(Noun::User))?;
    Ok(match Standing::of_access(&access) {
        Stands::All => scene.roles.all(),
        Stands::Groups => scene.roles.spelled(counting(scene.now, &access)),
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
    /// The caller, when it was no user yet, or no more.
    Nobody,
}

/// Through what a user may do things.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stands {
    All,
    Groups,
    Nothing,
}

/// What the question is about; `None`: nobody of this environment.
fn standing<'a>(tx: &mut Tx<'_>, scene: &Scene, actor: &'a Actor, question: &Question) -> Result<Option<Standing<'a>>> {
    if let Some((user, _)) = &question.user {
        return Ok(scene.access(tx, *user)?.map(|access| Standing::User(*user, access)));
    }
    let own = actor.user().map(|user| Ok((user, scene.access(tx, user)?))).transpose()?;
    Ok(Some(match (scene.at, own) {
        (None, own) => Standing::Caller(actor, own.and_then(|(_, access)| access)),
        (Some(_), Some((user, Some(access)))) => Standing::User(user, access),
        (Some(_), _) => Standing::Nobody,
    }))
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

    fn may(&self, scene: &Scene, permission: PermissionId) -> bool {
        match self {
            Standing::Caller(actor, _) => actor.power().holds(permission),
            Standing::User(_, access) => may(scene.now, &scene.roles, access, permission),
            Standing::Nobody => false,
        }
    }
}

/// Whether a user may.
fn may(now: Time, roles: &Roles, access: &Access, permission: PermissionId) -> bool {
    match Standing::of_access(access) {
        Stands::All => true,
        Stands::Groups => roles.confer(counting(now, access), permission),
        Stands::Nothing => false,
    }
}

/// The groups that a user is in itself, as far as that has not ended.
fn counting(now: Time, access: &Access) -> impl Iterator<Item = GroupId> + use<'_> {
    access.groups.iter().filter(move |holding| holding.counts(now)).map(|holding| holding.group)
}

/// A user's power as what it confers, for whoever compares before and after.
pub(crate) fn effective(tx: &Tx<'_>, roles: &Roles, access: &Access) -> Vec<Codename> {
    match Standing::of_access(access) {
        Stands::All => roles.all().to_vec(),
        Stands::Groups => roles.spelled(counting(tx.now(), access)).to_vec(),
        Stands::Nothing => Vec::new(),
    }
}
