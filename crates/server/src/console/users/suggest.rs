//! `/console/environments/<key>/users/suggest`: names of groups and permissions to go on typing with, of this environment alone.

use crate::app::App;
use crate::console::error::Error;
use crate::console::layout::page;
use crate::console::session::Visit;
use crate::query::query;
use askama::Template;
use axum::extract::{RawQuery, State};
use axum::response::Response;
use directory::actor::Actor;
use directory::store::Tx;
use directory::suggestions;

query! {
    /// What somebody is typing: one of them.
    struct Typed {
        group: Optional<String>,
        permission: Optional<String>,
    }
}

#[derive(Template)]
#[template(source = "{% for name in names %}<option value=\"{{ name }}\"></option>{% endfor %}", ext = "html")]
struct Options {
    names: Vec<String>,
}

/// `GET /console/environments/<key>/users/suggest`: names to go on typing with.
pub(in crate::console) async fn suggest(
    State(app): State<App>,
    visit: Visit,
    RawQuery(query): RawQuery,
) -> Result<Response, Error> {
    let Typed { group, permission } = Typed::read(query.as_deref()).map_err(|_| Error::Unreadable)?;
    let read = move |tx: &mut Tx<'_>, actor: &Actor| match (&group, &permission) {
        (None, Some(part)) => codenames(tx, actor, part),
        (part, _) => group_names(tx, actor, part.as_deref().unwrap_or_default()),
    };
    let (_, names) = visit.read(&app, read).await?;
    page(&Options { names })
}

/// The names of some groups.
pub(super) fn group_names(tx: &mut Tx<'_>, actor: &Actor, part: &str) -> directory::Result<Vec<String>> {
    Ok(suggestions::groups(tx, actor, part)?.iter().map(|group| group.name.as_str().to_owned()).collect())
}

/// The codenames of some permissions.
pub(super) fn codenames(tx: &mut Tx<'_>, actor: &Actor, part: &str) -> directory::Result<Vec<String>> {
    Ok(suggestions::permissions(tx, actor, part)?.iter().map(|codename| codename.as_str().to_owned()).collect())
}
