//! `/api/v2/service-account`: users who are programs. Their tokens stand in `tokens.rs`.

use super::answer;
use super::auth::{Caller, Named, Sent};
use super::error::Error;
use super::wire::{GroupEntry, HeldGroupAnswer, Listed, codenames, each, time};
use crate::app::App;
use crate::body::body;
use axum::extract::State;
use axum::response::Response;
use directory::actor::Actor;
use directory::service_accounts::{self, NewService, ServiceChanges};
use directory::store::Tx;
use directory::text::Name;
use directory::users::User;

body! {
    /// A service account to make.
    pub(super) struct NewServiceFields {
        name: Required<Name>,
        groups: Optional<Listed<GroupEntry>>,
    }
    ignored: id;
}

body! {
    /// What to change of a service account.
    pub(super) struct ServiceFields {
        name: Optional<Name>,
        groups: Optional<Listed<GroupEntry>>,
        is_active: Optional<bool>,
    }
    ignored: id, permissions, created_at, updated_at;
}

/// A service account.
#[derive(serde::Serialize, utoipa::ToSchema)]
#[schema(as = v2::ServiceAccount)]
pub(super) struct ServiceAnswer<'a> {
    id: String,
    name: &'a str,
    groups: Vec<HeldGroupAnswer<'a>>,
    is_active: bool,
    permissions: Vec<&'a str>,
    created_at: String,
    updated_at: String,
}

impl<'a> From<&'a User> for ServiceAnswer<'a> {
    fn from(user: &'a User) -> ServiceAnswer<'a> {
        let membership = &user.membership;
        ServiceAnswer {
            id: user.account.id.to_string(),
            name: membership.name.as_str(),
            groups: each(&user.groups),
            is_active: membership.active,
            permissions: codenames(&user.permissions),
            created_at: time(membership.created_at),
            updated_at: time(membership.updated_at),
        }
    }
}

/// `GET /service-account`.
pub(super) async fn list(State(app): State<App>, Caller(caller): Caller) -> Result<Response, Error> {
    let services = app.directory.report(caller, service_accounts::list).await?;
    Ok(answer::ok(&each::<_, ServiceAnswer<'_>>(&services)))
}

/// `POST /service-account`.
pub(super) async fn create(State(app): State<App>, sent: Sent) -> Result<Response, Error> {
    let NewServiceFields { name, groups } = NewServiceFields::read(&sent.body)?;
    let new = NewService { name, groups: groups.map(Into::into).unwrap_or_default() };
    let create = move |tx: &mut Tx<'_>, actor: &Actor| service_accounts::create(tx, actor, &new);
    let render = |made: &User| answer::kept(made.account.id, &ServiceAnswer::from(made));
    let kept = app.directory.write_once(sent.caller, sent.repeatable, create, render).await?;
    Ok(answer::created(&app, "service-account", &kept, false))
}

/// `GET /service-account/<id>`.
pub(super) async fn get(State(app): State<App>, named: Named, Caller(caller): Caller) -> Result<Response, Error> {
    let service = app.directory.read(caller, move |tx, actor| service_accounts::get(tx, actor, named.user())).await?;
    Ok(answer::ok(&ServiceAnswer::from(&service)))
}

/// `PATCH /service-account/<id>`.
pub(super) async fn update(State(app): State<App>, named: Named, sent: Sent) -> Result<Response, Error> {
    let ServiceFields { name, groups, is_active } = ServiceFields::read(&sent.body)?;
    let changes = ServiceChanges { name, groups: groups.map(Into::into), active: is_active };
    let update = move |tx: &mut Tx<'_>, actor: &Actor| service_accounts::update(tx, actor, named.user(), &changes);
    let service = app.directory.write(sent.caller, update).await?;
    Ok(answer::ok(&ServiceAnswer::from(&service)))
}

/// `DELETE /service-account/<id>`.
pub(super) async fn delete(State(app): State<App>, named: Named, Caller(caller): Caller) -> Result<Response, Error> {
    app.directory.write(caller, move |tx, actor| service_accounts::remove(tx, actor, named.user())).await?;
    Ok(answer::nothing())
}
