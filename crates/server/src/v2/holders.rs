//! `GET /api/v2/permission/<id>/holders`: who can do something, or could at a time, and who gave it to them. Knows nothing of
//! how that is found.

use super::answer;
use super::auth::{Asked, Named};
use super::checks::PathAnswer;
use super::error::Error;
use super::wire::UserAnswer;
use crate::app::App;
use crate::body::Within;
use crate::query::{self, query};
use axum::extract::State;
use axum::response::Response;
use directory::actor::Actor;
use directory::clock::Time;
use directory::holders::{self, Holder};
use directory::page::{self, Cursor};
use directory::store::Tx;

query! {
    /// The query of `GET /permission/<id>/holders`.
    pub(super) struct ListHolders {
        /// As it was at this time. For holders of view_audit.
        at: Optional<Time>,
        limit: Optional<Within<1, { page::MOST }>>,
        /// As `next` has it.
        cursor: Optional<String>,
    }
}

/// A page's answer.
#[derive(serde::Serialize, utoipa::ToSchema)]
#[schema(as = v2::Holders)]
pub(super) struct HoldersAnswer<'a> {
    /// The address of the next page. A page may have fewer results than asked for, or none, and go on all the same.
    #[schema(required)]
    next: Option<String>,
    /// In order of when they came to be here.
    results: Vec<HolderAnswer<'a>>,
}

/// Somebody who holds the permission.
#[derive(serde::Serialize, utoipa::ToSchema)]
#[schema(as = v2::Holder)]
struct HolderAnswer<'a> {
    user: UserAnswer<'a>,
    /// Each way by which it comes to the user, at most 100.
    because: Vec<PathAnswer<'a>>,
}

impl<'a> From<&'a Holder> for HolderAnswer<'a> {
    fn from(holder: &'a Holder) -> HolderAnswer<'a> {
        let because = holder.paths.iter().map(PathAnswer::from).collect();
        HolderAnswer { user: UserAnswer::from(&holder.user), because }
    }
}

/// `GET /permission/<id>/holders`.
pub(super) async fn list(State(app): State<App>, named: Named, asked: Asked) -> Result<Response, Error> {
    let query = asked.query.unwrap_or_default();
    let ListHolders { at, limit, cursor } = ListHolders::read(Some(&query))?;
    let (permission, limit) = (named.permission(), limit.map_or(page::DEFAULT, Within::get));
    let find = move |tx: &mut Tx<'_>, actor: &Actor| {
        // A cursor is sealed for its environment, which is known once the caller is believed.
        let (keys, here, of) = (tx.effects().keys.clone(), actor.environment().id, ("holders", permission, at));
        let cursor = cursor.as_deref().map(|text| Cursor::open(text, &keys, here, &of)).transpose()?;
        let page = holders::list(tx, actor, permission, at, (cursor.as_ref(), limit))?;
        Ok((page.rows, page.next.map(|next| next.seal(&keys, here, &of))))
    };
    let (rows, next) = app.directory.report(asked.caller, find).await?;
    let here = format!("{}/api/v2/permission/{permission}/holders", app.public_url);
    let next = next.map(|cursor| query::from(&query, &here, &cursor));
    Ok(answer::ok(&HoldersAnswer { next, results: rows.iter().map(HolderAnswer::from).collect() }))
}
