//! `/api/v2/environment`: the tenants, for operators. One is named by its key or its UUID.

use super::answer;
use super::auth::{Asked, Caller, Named, Sent};
use super::error::Error;
use super::wire::{DemandWord, EnvironmentAnswer, OrNone, OrUnset, each};
use crate::app::App;
use crate::body::body;
use crate::query::query;
use axum::extract::State;
use axum::response::Response;
use directory::actor::Actor;
use directory::environments::{self, Environment, EnvironmentChanges, NewEnvironment, Policy, PolicyChanges};
use directory::second_factors::Demand;
use directory::store::Tx;
use directory::text::{EnvironmentKey, Name, Organisation};
use std::time::Duration;

/// As many environments as one list shows.
const MOST_LISTED: usize = 10_000;

/// The least length of passwords.
type PasswordMinimum = OrNone<{ *Policy::PASSWORD.start() as u64 }, { *Policy::PASSWORD.end() as u64 }>;
/// A lifetime.
type Seconds = OrNone<{ *Policy::SECONDS.start() }, { *Policy::SECONDS.end() }>;
/// How long audit events are kept.
type Retention = OrNone<{ *Policy::RETENTION.start() }, { *Policy::RETENTION.end() }>;

body! {
    /// An environment to make.
    pub(super) struct NewEnvironmentFields {
        key: Required<EnvironmentKey>,
        name: Optional<Name>,
        organisation: Optional<OrUnset<Organisation>>,
        /// The least length of passwords, 8 to 64; 0: as the server has it.
        password_minimum: Optional<PasswordMinimum>,
        /// Seconds that a session may go unused here; 0: as the server has it.
        session_idle: Optional<Seconds>,
        /// Seconds after its sign-in that a session is good here; 0: as the server has it.
        session_lifetime: Optional<Seconds>,
        second_factor: Optional<DemandWord>,
        /// Seconds for which audit events are kept, from a day on; 0: for ever.
        audit_retention: Optional<Retention>,
    }
    ignored: id;
}

body! {
    /// What to change of an environment.
    pub(super) struct EnvironmentFields {
        key: Optional<EnvironmentKey>,
        name: Optional<Name>,
        organisation: Optional<OrUnset<Organisation>>,
        /// The least length of passwords, 8 to 64; 0: as the server has it.
        password_minimum: Optional<PasswordMinimum>,
        /// Seconds that a session may go unused here; 0: as the server has it.
        session_idle: Optional<Seconds>,
        /// Seconds after its sign-in that a session is good here; 0: as the server has it.
        session_lifetime: Optional<Seconds>,
        second_factor: Optional<DemandWord>,
        /// Seconds for which audit events are kept, from a day on; 0: for ever.
        audit_retention: Optional<Retention>,
    }
    ignored: id;
}

query! {
    /// The query of DELETE.
    pub(super) struct Confirmation {
        /// The environment's key once more.
        confirm: Optional<String>,
    }
}

fn policy(
    minimum: Option<PasswordMinimum>,
    idle: Option<Seconds>,
    lifetime: Option<Seconds>,
    demand: Option<DemandWord>,
    retention: Option<Retention>,
) -> PolicyChanges {
    PolicyChanges {
        password_minimum: minimum.map(|minimum| minimum.0.and_then(|length| u16::try_from(length).ok())),
        session_idle: idle.map(|span| span.0.map(Duration::from_secs)),
        session_lifetime: lifetime.map(|span| span.0.map(Duration::from_secs)),
        second_factor: demand.map(Demand::from),
        audit_retention: retention.map(|span| span.0.map(Duration::from_secs)),
    }
}

/// `GET /environment`.
pub(super) async fn list(State(app): State<App>, Caller(caller): Caller) -> Result<Response, Error> {
    let environments = app.directory.report(caller, all).await?;
    Ok(answer::ok(&each::<_, EnvironmentAnswer<'_>>(&environments)))
}

fn all(tx: &mut Tx<'_>, actor: &Actor) -> directory::Result<Vec<Environment>> {
    let mut all: Vec<Environment> = Vec::new();
    loop {
        let page = environments::list(tx, actor, all.last().map(|environment| environment.id))?;
        if page.is_empty() || all.len() >= MOST_LISTED {
            return Ok(all);
        }
        all.extend(page);
    }
}

/// `POST /environment`.
pub(super) async fn create(State(app): State<App>, sent: Sent) -> Result<Response, Error> {
    let NewEnvironmentFields {
        key,
        name,
        organisation,
        password_minimum,
        session_idle,
        session_lifetime,
        second_factor,
        audit_retention,
    } = NewEnvironmentFields::read(&sent.body)?;
    let policy = policy(password_minimum, session_idle, session_lifetime, second_factor, audit_retention)
        .applied(Policy::default());
    let new = NewEnvironment { key, name, organisation: organisation.and_then(|organisation| organisation.0), policy };
    let create = move |tx: &mut Tx<'_>, actor: &Actor| environments::create(tx, actor, &new);
    let render = |made: &Environment| answer::kept(made.uuid, &EnvironmentAnswer::from(made));
    let kept = app.directory.write_once(sent.caller, sent.repeatable, create, render).await?;
    Ok(answer::created(&app, "environment", &kept, false))
}

/// `GET /environment/<key>`.
pub(super) async fn get(State(app): State<App>, named: Named, Caller(caller): Caller) -> Result<Response, Error> {
    let environment =
        app.directory.read(caller, move |tx, actor| environments::get(tx, actor, &named.environment())).await?;
    Ok(answer::ok(&EnvironmentAnswer::from(&environment)))
}

/// `PATCH /environment/<key>`.
pub(super) async fn update(State(app): State<App>, named: Named, sent: Sent) -> Result<Response, Error> {
    let EnvironmentFields {
        key,
        name,
        organisation,
        password_minimum,
        session_idle,
        session_lifetime,
        second_factor,
        audit_retention,
    } = EnvironmentFields::read(&sent.body)?;
    let policy = policy(password_minimum, session_idle, session_lifetime, second_factor, audit_retention);
    let organisation = organisation.map(|organisation| organisation.0);
    let change = EnvironmentChanges { key, name, organisation, policy };
    let environment = app
        .directory
        .write(sent.caller, move |tx, actor| environments::update(tx, actor, &named.environment(), &change))
        .await?;
    Ok(answer::ok(&EnvironmentAnswer::from(&environment)))
}

/// `DELETE /environment/<key>?confirm=<key>`.
pub(super) async fn delete(State(app): State<App>, named: Named, asked: Asked) -> Result<Response, Error> {
    let Confirmation { confirm } = Confirmation::read(asked.query.as_deref())?;
    app.directory
        .write(asked.caller, move |tx, actor| environments::delete(tx, actor, &named.environment(), confirm.as_deref()))
        .await?;
    Ok(answer::nothing())
}
