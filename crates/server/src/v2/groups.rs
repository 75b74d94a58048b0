//! `/api/v2/group`: the environment's groups, which the users of this API know as roles.

use super::answer;
use super::auth::{Caller, Named, Sent};
use super::error::Error;
use super::wire::{GroupAnswer, Listed, Ref, each};
use crate::app::App;
use crate::body::body;
use axum::extract::State;
use axum::response::Response;
use directory::groups::{self, GroupChanges};
use directory::text::{Name, ShortName};

body! {
    /// A group to make.
    struct NewGroup {
        name: Required<Name>,
        label: Optional<ShortName>,
        permissions: Optional<Listed<String>>,
        menus: Optional<Listed<Ref>>,
    }
    ignored: id;
}

body! {
    /// What to change of a group.
    struct GroupFields {
        name: Optional<Name>,
        label: Optional<ShortName>,
        permissions: Optional<Listed<String>>,
        menus: Optional<Listed<Ref>>,
    }
    ignored: id;
}

/// `GET /group`.
pub(super) async fn list(State(app): State<App>, Caller(caller): Caller) -> Result<Response, Error> {
    let groups = app.directory.report(caller, groups::list).await?;
    Ok(answer::ok(&each::<_, GroupAnswer<'_>>(&groups)))
}

/// `POST /group`.
pub(super) async fn create(State(app): State<App>, sent: Sent) -> Result<Response, Error> {
    let NewGroup { name, label, permissions, menus } = NewGroup::read(&sent.body)?;
    let permissions = permissions.map(|listed| listed.0);
    let change = GroupChanges { name: None, label, permissions, menus: menus.map(Into::into) };
    let group = app.directory.write(sent.caller, move |tx, actor| groups::create(tx, actor, &name, &change)).await?;
    Ok(answer::created(&app, "group", group.id, &GroupAnswer::from(&group)))
}

/// `GET /group/<id>`.
pub(super) async fn get(State(app): State<App>, named: Named, Caller(caller): Caller) -> Result<Response, Error> {
    let group = app.directory.read(caller, move |tx, actor| groups::get(tx, actor, named.group())).await?;
    Ok(answer::ok(&GroupAnswer::from(&group)))
}

/// `PATCH /group/<id>`.
pub(super) async fn update(State(app): State<App>, named: Named, sent: Sent) -> Result<Response, Error> {
    let GroupFields { name, label, permissions, menus } = GroupFields::read(&sent.body)?;
    let permissions = permissions.map(|listed| listed.0);
    let change = GroupChanges { name, label, permissions, menus: menus.map(Into::into) };
    let group =
        app.directory.write(sent.caller, move |tx, actor| groups::update(tx, actor, named.group(), &change)).await?;
    Ok(answer::ok(&GroupAnswer::from(&group)))
}

/// `DELETE /group/<id>`.
pub(super) async fn delete(State(app): State<App>, named: Named, Caller(caller): Caller) -> Result<Response, Error> {
    app.directory.write(caller, move |tx, actor| groups::delete(tx, actor, named.group())).await?;
    Ok(answer::nothing())
}
