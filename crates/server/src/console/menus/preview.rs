//! `/console/environments/<key>/menus/preview`: the menus as a given user sees them.

use super::draft::{Draft, Item};
use super::{SHOWN, rows};
use crate::app::App;
use crate::console::error::Error;
use crate::console::layout::{Layout, page};
use crate::console::session::Visit;
use crate::console::words::MenusWords;
use crate::query::query;
use askama::Template;
use axum::extract::{RawQuery, State};
use axum::response::Response;
use directory::actor::Actor;
use directory::id::UserId;
use directory::menus::Menu;
use directory::page::{UserFilter, UserOrder, UserPage};
use directory::permissions::BuiltIn;
use directory::store::Tx;
use directory::users::{self, User};

/// Users who are offered.
const FOUND: i64 = 10;
/// Menus that are shown of one.
const MENUS: usize = 100;

query! {
    /// Who.
    struct PreviewMenus {
        search: Optional<String>,
        user: Optional<String>,
    }
}

#[derive(Template)]
#[template(path = "console/menu_preview.html")]
struct PreviewPage {
    layout: Layout,
    words: &'static MenusWords,
    here: String,
    search: String,
    /// Who matches.
    found: Vec<Person>,
    /// Who it is, and what they see.
    shown: Option<(Person, Vec<Seen>)>,
}

/// A menu as it is seen.
struct Seen {
    title: String,
    /// The first.
    items: Vec<Item>,
    /// How many there are besides.
    more: usize,
}

impl Seen {
    /// Of a page that has so much room left.
    fn of(menu: &Menu, left: &mut usize) -> Seen {
        let title = if menu.label.as_str().is_empty() { menu.name.as_str() } else { menu.label.as_str() };
        let mut items = Draft::of(menu).items;
        let more = rows::cut(&mut items, left);
        Seen { title: title.to_owned(), items, more }
    }
}

/// A user to choose.
struct Person {
    id: String,
    name: String,
    login: String,
}

impl Person {
    fn of(user: &User, words: &MenusWords) -> Person {
        let name = user.membership.name.as_str();
        Person {
            id: user.account.id.to_string(),
            name: if name.is_empty() { words.nameless.to_owned() } else { name.to_owned() },
            login: user.account.login(),
        }
    }
}

/// `GET /console/environments/<key>/menus/preview`.
pub(in crate::console) async fn preview(
    State(app): State<App>,
    visit: Visit,
    RawQuery(query): RawQuery,
) -> Result<Response, Error> {
    let asked = PreviewMenus::read(query.as_deref()).map_err(|_| Error::Unreadable)?;
    let search: String = asked.search.unwrap_or_default().trim().chars().take(200).collect();
    let user = asked.user.map(|id| uuid::Uuid::try_parse(&id).map(UserId)).transpose().map_err(|_| Error::NoPage)?;
    let wanted = search.clone();
    let find = move |tx: &mut Tx<'_>, actor: &Actor| {
        actor.need(BuiltIn::ViewMenu)?;
        actor.need(BuiltIn::ViewUser)?;
        let shown = user.map(|user| users::menus_shown_to(tx, actor, user)).transpose()?;
        if wanted.is_empty() {
            return Ok((Vec::new(), shown));
        }
        let filter = UserFilter { search: Some(wanted.clone()), ..UserFilter::default() };
        let page = UserPage { filter, order: UserOrder::default(), cursor: None, limit: FOUND };
        Ok((users::list(tx, actor, &page)?.rows, shown))
    };
    let (layout, (found, shown)) = visit.report(&app, find).await?;
    let words = MenusWords::of(visit.language);
    let found = found.iter().map(|user| Person::of(user, words)).collect();
    let mut left = SHOWN;
    let shown = shown.map(|(user, menus)| {
        (Person::of(&user, words), menus.iter().take(MENUS).map(|menu| Seen::of(menu, &mut left)).collect())
    });
    let here = layout.address("menus");
    page(&PreviewPage { layout, words, here, search, found, shown })
}
