//! The page of a menu: its tree, an item of it opened, and the buttons that move it. What they do stays in the form until it is saved.

use super::draft::{Draft, Item};
use super::rows::{self, Rows};
use super::{SHOWN, place, titles};
use crate::app::App;
use crate::console::error::Error;
use crate::console::form::{Form, Sent};
use crate::console::layout::{Layout, page_with};
use crate::console::parts::{Id, to};
use crate::console::session::Visit;
use crate::console::words::MenusWords;
use crate::query::query;
use askama::Template;
use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use directory::actor::Actor;
use directory::id::MenuId;
use directory::menus::{self, Menu, MenuChanges};
use directory::permissions::{self, BuiltIn};
use directory::store::Tx;
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;

/// Codenames that are offered as one types.
const OFFERED: usize = 200;

query! {
    /// The query of the page.
    struct ShowMenu {
        saved: Optional<bool>,
    }
}

#[derive(Template)]
#[template(path = "console/menu.html")]
struct MenuPage {
    layout: Layout,
    words: &'static MenusWords,
    here: String,
    menu: Menu,
    form: Form,
    draft: Draft,
    notice: String,
    saved: bool,
    changed: bool,
    /// The button that was pressed: it keeps the focus.
    pressed: String,
    /// `None`: whoever looks may not see permissions.
    codenames: Option<BTreeSet<String>>,
    may_change: bool,
    may_delete: bool,
    may_preview: bool,
}

impl MenuPage {
    fn rows(&self) -> Rows<'_> {
        Rows::of(&self.draft, self.codenames.as_ref())
    }

    /// The first items, for who may only look, and how many there are besides.
    fn first(&self) -> (Vec<Item>, usize) {
        let (mut items, mut left) = (self.draft.items.clone(), SHOWN);
        let more = rows::cut(&mut items, &mut left);
        (items, more)
    }

    fn open_path(&self) -> String {
        self.draft.open.map(|place| place.to_string()).unwrap_or_default()
    }

    fn offered(&self) -> impl Iterator<Item = &str> {
        self.codenames.iter().flatten().take(OFFERED).map(String::as_str)
    }
}

/// What a form shows to have seen of a menu.
fn seen(menu: &Menu) -> String {
    URL_SAFE_NO_PAD.encode(&Sha256::digest(format!("{menu:?}").as_bytes())[..12])
}

/// What there is to draw.
struct Drawn {
    status: StatusCode,
    form: Form,
    draft: Option<Draft>,
    notice: String,
    pressed: String,
    saved: bool,
}

/// `GET /console/environments/<key>/menus/<id>`.
pub(in crate::console) async fn show(
    State(app): State<App>,
    visit: Visit,
    Id(id): Id,
    RawQuery(query): RawQuery,
) -> Result<Response, Error> {
    let asked = ShowMenu::read(query.as_deref()).map_err(|_| Error::Unreadable)?;
    let saved = asked.saved.unwrap_or(false);
    let (notice, pressed) = (String::new(), String::new());
    let drawn = Drawn { status: StatusCode::OK, form: Form::default(), draft: None, notice, pressed, saved };
    draw(&app, &visit, MenuId(id), drawn).await
}

async fn draw(app: &App, visit: &Visit, id: MenuId, drawn: Drawn) -> Result<Response, Error> {
    let find = move |tx: &mut Tx<'_>, actor: &Actor| {
        let may = |permission: BuiltIn| actor.power().holds(permission.id());
        let menu = menus::get(tx, actor, id)?;
        let codenames = match may(BuiltIn::ViewPermission) {
            true => Some(permissions::list(tx, actor)?.iter().map(|own| own.codename.as_str().to_owned()).collect()),
            false => None,
        };
        Ok((menu, codenames, [BuiltIn::ChangeMenu, BuiltIn::DeleteMenu, BuiltIn::ViewUser].map(may)))
    };
    let (layout, (menu, codenames, [may_change, may_delete, may_preview])) = visit.report(app, find).await?;
    let Drawn { status, mut form, draft, notice, pressed, saved } = drawn;
    let as_saved = Draft::of(&menu);
    let draft = draft.unwrap_or_else(|| as_saved.clone());
    let titled = |form: &Form| form.text("name") != menu.name.as_str() || form.text("label") != menu.label.as_str();
    let changed = !form.is_empty() && (draft.items != as_saved.items || titled(&form));
    if form.is_empty() {
        form.set("name", menu.name.as_str().to_owned());
        form.set("label", menu.label.as_str().to_owned());
        form.set("seen", seen(&menu));
    }
    if let Some(item) = draft.open.and_then(|place| draft.item(place)) {
        let fields = [&item.name, &item.label, &item.href, &item.icon, &item.permission];
        FIELDS.iter().zip(fields).for_each(|(name, value)| form.set(name, value.clone()));
    }
    let here = layout.address("menus");
    let words = MenusWords::of(visit.language);
    let shown = MenuPage {
        layout,
        words,
        here,
        menu,
        form,
        draft,
        notice,
        saved,
        changed,
        pressed,
        codenames,
        may_change,
        may_delete,
        may_preview,
    };
    page_with(status, &shown)
}

const FIELDS: [&str; 5] = ["item_name", "item_label", "item_href", "item_icon", "item_permission"];

/// `POST /console/environments/<key>/menus/<id>`: a button of the tree, or, without one, to save.
pub(in crate::console) async fn change(State(app): State<App>, Id(id): Id, sent: Sent) -> Result<Response, Error> {
    let Sent { visit, mut form } = sent;
    let words = MenusWords::of(visit.language);
    let mut draft = Draft::read(form.text("tree"), form.text("open")).ok_or(Error::Unreadable)?;
    draft.from = form.text("from").parse().unwrap_or(0);
    if let Some(item) = draft.open.and_then(|open| draft.item_mut(open)) {
        let [name, label, href, icon, permission] = FIELDS.map(|name| form.text(name).trim().to_owned());
        *item = Item { name, label, href, icon, permission, items: std::mem::take(&mut item.items) };
    }
    let drawn = |status, form, draft, notice: &str, pressed| {
        let notice = notice.to_owned();
        Drawn { status, form, draft: Some(draft), notice, pressed, saved: false }
    };
    let action = form.text("do").to_owned();
    if !action.is_empty() {
        draft.act(&action).ok_or(Error::Unreadable)?;
        return draw(&app, &visit, MenuId(id), drawn(StatusCode::OK, form, draft, "", action)).await;
    }
    let refused = StatusCode::UNPROCESSABLE_ENTITY;
    let titles = titles(&mut form, words);
    let items = match draft.parse(words) {
        Ok(items) => items,
        Err((place, wrong)) => {
            draft.open = Some(place);
            wrong.into_iter().for_each(|(field, sentence)| form.refuse(field, sentence));
            return draw(&app, &visit, MenuId(id), drawn(refused, form, draft, words.item_wrong, String::new())).await;
        }
    };
    let Some((name, label)) = titles else {
        return draw(&app, &visit, MenuId(id), drawn(refused, form, draft, "", String::new())).await;
    };
    let (as_seen, change) =
        (form.text("seen").to_owned(), MenuChanges { name: Some(name), label: Some(label), items: Some(items) });
    let save = move |tx: &mut Tx<'_>, actor: &Actor| {
        actor.need(BuiltIn::ChangeMenu)?;
        let before = menus::get(tx, actor, MenuId(id))?;
        if seen(&before) != as_seen {
            return Err(directory::Error::Changed);
        }
        menus::update(tx, actor, MenuId(id), &change)?;
        Ok(actor.environment().key.clone())
    };
    match app.directory.write(visit.caller(), save).await {
        Ok(key) => Ok(to(&key, &format!("menus/{id}?saved=true"))),
        Err(directory::Error::Changed) => {
            let (_, now) = visit.read(&app, move |tx, actor| menus::get(tx, actor, MenuId(id))).await?;
            form.set("seen", seen(&now));
            draw(&app, &visit, MenuId(id), drawn(StatusCode::CONFLICT, form, draft, words.changed, String::new())).await
        }
        Err(refusal) => {
            form.refused_by(refusal, visit.language, place)?;
            let notice = form.error("tree").to_owned();
            draw(&app, &visit, MenuId(id), drawn(refused, form, draft, &notice, String::new())).await
        }
    }
}
