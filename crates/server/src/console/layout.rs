//! The frame around every page: what it is called, who looks at it, where else there is to go; and how a template becomes an
//! answer. Knows no page.

use super::assets;
use super::error::Error;
use super::language::Language;
use super::words::FrameWords;
use askama::Template;
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};
use directory::accounts;
use directory::actor::Actor;
use directory::permissions::BuiltIn;
use directory::store::Tx;

/// What the frame of a page shows. A template finds it as `layout`.
pub(super) struct Layout {
    pub(super) language: Language,
    pub(super) words: &'static FrameWords,
    /// Nobody: not signed in.
    pub(super) who: Option<Who>,
    /// What forms hold.
    pub(super) token: String,
}

/// Who looks at a page, and where.
pub(super) struct Who {
    /// What its owner knows the account by.
    pub(super) login: String,
    /// What people call the environment; empty: the page is in none.
    pub(super) environment: String,
    /// Where the pages of the environment begin.
    pub(super) base: String,
    pub(super) may_view_users: bool,
    pub(super) may_view_audit: bool,
    pub(super) may_manage_webhooks: bool,
    pub(super) may_manage_tokens: bool,
    pub(super) may_view_groups: bool,
    pub(super) may_view_permissions: bool,
    pub(super) may_view_menus: bool,
    pub(super) operator: bool,
}

impl Who {
    /// Of an actor, where it acts.
    pub(super) fn of(tx: &mut Tx<'_>, actor: &Actor) -> directory::Result<Who> {
        let environment = actor.environment();
        let may = |permission: BuiltIn| actor.power().holds(permission.id());
        Ok(Who {
            login: accounts::own(tx, actor)?.login(),
            environment: environment.name.as_str().to_owned(),
            base: format!("/console/environments/{}", environment.key.as_str()),
            may_view_users: may(BuiltIn::ViewUser),
            may_view_audit: may(BuiltIn::ViewAudit),
            may_manage_tokens: may(BuiltIn::ManageToken),
            may_manage_webhooks: may(BuiltIn::ManageWebhook),
            may_view_groups: may(BuiltIn::ViewGroup),
            may_view_permissions: may(BuiltIn::ViewPermission),
            may_view_menus: may(BuiltIn::ViewMenu),
            operator: actor.is_operator(),
        })
    }
}

impl Layout {
    /// A frame.
    pub(super) fn new(language: Language, who: Option<Who>, token: String) -> Layout {
        Layout { language, words: FrameWords::of(language), who, token }
    }

    /// Where a page of the environment stands.
    pub(super) fn address(&self, page: &str) -> String {
        self.who.as_ref().map_or_else(String::new, |who| format!("{}/{page}", who.base))
    }

    /// The frame of a page that is in no environment.
    pub(super) fn leave_environment(&mut self) {
        if let Some(who) = &mut self.who {
            who.environment.clear();
        }
    }

    /// Where a file of ours stands.
    pub(super) fn asset(&self, name: &str) -> String {
        assets::address(name)
    }
}

/// The answer with a page.
///
/// # Errors
/// [`Error::Template`]
pub(super) fn page(template: &impl Template) -> Result<Response, Error> {
    page_with(StatusCode::OK, template)
}

/// The same with another status: a form that was refused is 422.
///
/// # Errors
/// [`Error::Template`]
pub(super) fn page_with(status: StatusCode, template: &impl Template) -> Result<Response, Error> {
    Ok((status, Html(template.render()?)).into_response())
}
