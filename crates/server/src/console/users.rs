//! `/console/environments/<key>/users`: the users of an environment. What the pages about one user share stands here; each page
//! in a file below.

mod actions;
mod audit;
mod choices;
mod create;
mod edit;
mod fields;
mod list;
mod permissions;
mod refused;
mod selected;
mod sessions;
mod show;

pub(super) use actions::act;
pub(super) use audit::audit;
pub(super) use create::{create, new};
pub(super) use edit::{edit, save};
pub(super) use list::{list, suggest};
pub(super) use permissions::permissions;
pub(super) use selected::change as change_selected;
pub(super) use sessions::{end as end_sessions, sessions};
pub(super) use show::show;

use super::error::Error;
use super::layout::Layout;
use super::words::{UserWords, UsersWords};
use crate::app::App;
use axum::extract::{FromRequestParts, RawPathParams};
use axum::http::request::Parts;
use directory::actor::Actor;
use directory::id::UserId;
use directory::permissions::BuiltIn;
use directory::users::{Membership, User};
use uuid::Uuid;

/// The user that an address names. Whether there is one, the directory says.
pub(super) struct Named(UserId);

impl FromRequestParts<App> for Named {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Named, Error> {
        let params = RawPathParams::from_request_parts(parts, app).await.map_err(|_| Error::NoPage)?;
        let id = params.iter().find(|(name, _)| *name == "id").and_then(|(_, text)| Uuid::try_parse(text).ok());
        id.map(|id| Named(UserId(id))).ok_or(Error::NoPage)
    }
}

/// What whoever looks at a user may do besides. Only for what a page offers: each verb judges again.
#[derive(Clone, Copy)]
struct May {
    change: bool,
    /// Make administrators.
    administer: bool,
    invite: bool,
    /// Look at what was, and at who did it.
    audit: bool,
    /// It looks at itself.
    own: bool,
}

impl May {
    fn of(actor: &Actor, id: Option<UserId>) -> May {
        let holds = |permission: BuiltIn| actor.power().holds(permission.id());
        May {
            change: holds(BuiltIn::ChangeUser),
            administer: actor.need_administrator().is_ok(),
            invite: holds(BuiltIn::AddUser),
            audit: holds(BuiltIn::ViewAudit),
            own: id.is_some_and(|id| actor.is(id)),
        }
    }
}

/// The pages about one user.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Tab {
    Overview,
    Permissions,
    Sessions,
    Audit,
}

/// What stands above every page about one user.
struct Head {
    /// Where its page stands.
    base: String,
    name: String,
    login: String,
    administrator: bool,
    service: bool,
    state: &'static str,
    state_text: &'static str,
    tabs: Vec<Way>,
}

/// A way to one of them.
struct Way {
    title: &'static str,
    address: String,
    current: bool,
}

impl Head {
    fn of(user: &User, layout: &Layout, words: &UserWords, may: May, here: Tab) -> Head {
        let texts = UsersWords::of(layout.language);
        let base = layout.address(&format!("users/{}", user.account.id));
        let way = |tab, title, page: &str| Way { title, address: format!("{base}{page}"), current: tab == here };
        let mut tabs = vec![
            way(Tab::Overview, words.overview, ""),
            way(Tab::Permissions, words.permissions, "/permissions"),
            way(Tab::Sessions, words.sessions, "/sessions"),
        ];
        if may.audit {
            tabs.push(way(Tab::Audit, words.audit, "/audit"));
        }
        let (state, state_text) = state(&user.membership, texts);
        Head {
            name: name(user, texts),
            login: user.account.login(),
            administrator: user.membership.administrator,
            service: user.account.service,
            state,
            state_text,
            tabs,
            base,
        }
    }
}

/// What people read of a user first.
fn name(user: &User, words: &UsersWords) -> String {
    let membership = &user.membership;
    let named = [membership.first_name.as_str(), membership.last_name.as_str()].join(" ");
    let names = [membership.name.as_str(), named.trim(), words.nameless];
    names.into_iter().find(|name| !name.is_empty()).unwrap_or_default().to_owned()
}

/// Whether it may sign in, for machines and for people.
fn state(membership: &Membership, words: &UsersWords) -> (&'static str, &'static str) {
    match (membership.active, membership.pending) {
        (false, _) => ("inactive", words.inactive),
        (true, true) => ("pending", words.pending),
        (true, false) => ("active", words.active),
    }
}
