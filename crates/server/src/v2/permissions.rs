//! `/api/v2/permission`: the names of actions, Rolebook's own and those that the environment declares.

use super::answer;
use super::auth::{Caller, Named, Sent};
use super::error::Error;
use super::wire::{PermissionAnswer, each};
use crate::app::App;
use crate::body::body;
use axum::extract::State;
use axum::response::Response;
use directory::actor::Actor;
use directory::permissions::{self, NewPermission, Permission, PermissionChanges};
use directory::store::Tx;
use directory::text::{Codename, Name};

body! {
    /// A permission to declare.
    pub(super) struct NewPermissionFields {
        codename: Required<Codename>,
        name: Optional<Name>,
    }
    ignored: id, built_in;
}

body! {
    /// What to change of a permission.
    pub(super) struct PermissionFields {
        codename: Optional<Codename>,
        name: Optional<Name>,
    }
    ignored: id, built_in;
}

/// `GET /permission`.
pub(super) async fn list(State(app): State<App>, Caller(caller): Caller) -> Result<Response, Error> {
    let permissions = app.directory.report(caller, permissions::list).await?;
    Ok(answer::ok(&each::<_, PermissionAnswer<'_>>(&permissions)))
}

/// `POST /permission`.
pub(super) async fn create(State(app): State<App>, sent: Sent) -> Result<Response, Error> {
    let NewPermissionFields { codename, name } = NewPermissionFields::read(&sent.body)?;
    let new = NewPermission { codename, name };
    let create = move |tx: &mut Tx<'_>, actor: &Actor| permissions::create(tx, actor, &new);
    let render = |permission: &Permission| answer::kept(permission.id, &PermissionAnswer::from(permission));
    let kept = app.directory.write_once(sent.caller, sent.repeatable, create, render).await?;
    Ok(answer::created(&app, "permission", &kept, false))
}

/// `GET /permission/<id>`.
pub(super) async fn get(State(app): State<App>, named: Named, Caller(caller): Caller) -> Result<Response, Error> {
    let permission =
        app.directory.read(caller, move |tx, actor| permissions::get(tx, actor, named.permission())).await?;
    Ok(answer::ok(&PermissionAnswer::from(&permission)))
}

/// `PATCH /permission/<id>`.
pub(super) async fn update(State(app): State<App>, named: Named, sent: Sent) -> Result<Response, Error> {
    let PermissionFields { codename, name } = PermissionFields::read(&sent.body)?;
    let change = PermissionChanges { codename, name };
    let permission = app
        .directory
        .write(sent.caller, move |tx, actor| permissions::update(tx, actor, named.permission(), &change))
        .await?;
    Ok(answer::ok(&PermissionAnswer::from(&permission)))
}

/// `DELETE /permission/<id>`.
pub(super) async fn delete(State(app): State<App>, named: Named, Caller(caller): Caller) -> Result<Response, Error> {
    app.directory.write(caller, move |tx, actor| permissions::delete(tx, actor, named.permission())).await?;
    Ok(answer::nothing())
}
