//! `/api/v2/group`: the environment's groups, which the users of this API know as roles.

use super::answer;
use super::auth::{Caller, Conditions, Named, Sent};
use super::error::Error;
use super::wire::{GroupAnswer, Listed, Ref, each};
use crate::app::App;
use crate::body::body;
use axum::extract::State;
use axum::response::Response;
use directory::actor::Actor;
use directory::groups::{self, Group, GroupChanges};
use directory::store::Tx;
use directory::text::{Name, ShortName};

body! {
    /// A group to make.
    pub(super) struct NewGroup {
        name: Required<Name>,
        label: Optional<ShortName>,
        permissions: Optional<Listed<String>>,
        menus: Optional<Listed<Ref>>,
        /// Groups whose members are members of this one too.
        contains: Optional<Listed<Ref>>,
        /// Whether a second factor is demanded of its members. Changing that takes an administrator.
        second_factor: Optional<bool>,
    }
    ignored: id;
}

body! {
    /// What to change of a group.
    pub(super) struct GroupFields {
        name: Optional<Name>,
        label: Optional<ShortName>,
        permissions: Optional<Listed<String>>,
        menus: Optional<Listed<Ref>>,
        /// Groups whose members are members of this one too.
        contains: Optional<Listed<Ref>>,
        /// Whether a second factor is demanded of its members. Changing that takes an administrator.
        second_factor: Optional<bool>,
    }
    ignored: id;
}

fn changes(
    name: Option<Name>,
    label: Option<ShortName>,
    permissions: Option<Listed<String>>,
    menus: Option<Listed<Ref>>,
    contains: Option<Listed<Ref>>,
    second_factor: Option<bool>,
) -> GroupChanges {
    GroupChanges {
        name,
        label,
        permissions: permissions.map(|listed| listed.0),
        menus: menus.map(Into::into),
        contains: contains.map(Into::into),
        second_factor,
    }
}

/// `GET /group`.
pub(super) async fn list(State(app): State<App>, Caller(caller): Caller) -> Result<Response, Error> {
    let groups = app.directory.report(caller, groups::list).await?;
    Ok(answer::ok(&each::<_, GroupAnswer<'_>>(&groups)))
}

/// `POST /group`.
pub(super) async fn create(State(app): State<App>, sent: Sent) -> Result<Response, Error> {
    let NewGroup { name, label, permissions, menus, contains, second_factor } = NewGroup::read(&sent.body)?;
    let change = changes(None, label, permissions, menus, contains, second_factor);
    let create = move |tx: &mut Tx<'_>, actor: &Actor| groups::create(tx, actor, &name, &change);
    let render = |group: &Group| answer::kept(group.id, &GroupAnswer::from(group));
    let kept = app.directory.write_once(sent.caller, sent.repeatable, create, render).await?;
    Ok(answer::created(&app, "group", &kept, true))
}

/// `GET /group/<id>`.
pub(super) async fn get(
    State(app): State<App>,
    named: Named,
    conditions: Conditions,
    Caller(caller): Caller,
) -> Result<Response, Error> {
    let group = app.directory.read(caller, move |tx, actor| groups::get(tx, actor, named.group())).await?;
    Ok(answer::tagged(&conditions, &GroupAnswer::from(&group)))
}

/// `PATCH /group/<id>`.
pub(super) async fn update(State(app): State<App>, named: Named, sent: Sent) -> Result<Response, Error> {
    let GroupFields { name, label, permissions, menus, contains, second_factor } = GroupFields::read(&sent.body)?;
    let change = changes(name, label, permissions, menus, contains, second_factor);
    let when = sent.conditions.when(tag);
    let group = app
        .directory
        .write(sent.caller, move |tx, actor| groups::update(tx, actor, named.group(), &change, when.as_ref()))
        .await?;
    Ok(answer::tagged(&sent.conditions, &GroupAnswer::from(&group)))
}

/// `DELETE /group/<id>`.
pub(super) async fn delete(
    State(app): State<App>,
    named: Named,
    conditions: Conditions,
    Caller(caller): Caller,
) -> Result<Response, Error> {
    let when = conditions.when(tag);
    app.directory.write(caller, move |tx, actor| groups::delete(tx, actor, named.group(), when.as_ref())).await?;
    Ok(answer::nothing())
}

/// The tag of a group as it is answered.
fn tag(group: &Group) -> Option<String> {
    answer::tag(&GroupAnswer::from(group))
}
