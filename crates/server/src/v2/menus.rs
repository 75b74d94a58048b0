//! `/api/v2/menu`: what applications show to whom.

use super::answer;
use super::auth::{Caller, Named, Sent};
use super::error::Error;
use super::wire::{MenuAnswer, OrUnset, each};
use crate::app::App;
use crate::body::{FieldType, WireError, body};
use crate::json::Json;
use crate::openapi::Schemas;
use axum::extract::State;
use axum::response::Response;
use directory::actor::Actor;
use directory::menus::{self, Menu, MenuChanges, MenuItem};
use directory::store::Tx;
use directory::text::{Codename, Href, Name, ShortName};
use serde_json::{Value, json};

body! {
    /// A menu to make.
    pub(super) struct NewMenu {
        name: Required<Name>,
        label: Optional<ShortName>,
        items: Optional<Vec<Item>>,
    }
    ignored: id;
}

body! {
    /// What to change of a menu.
    pub(super) struct MenuFields {
        name: Optional<Name>,
        label: Optional<ShortName>,
        /// Replaces all items.
        items: Optional<Vec<Item>>,
    }
    ignored: id;
}

body! {
    /// An item, with those below it.
    pub(super) struct Item {
        name: Required<Name>,
        label: Optional<ShortName>,
        href: Optional<OrUnset<Href>>,
        icon: Optional<OrUnset<ShortName>>,
        permission: Optional<OrUnset<Codename>>,
        items: Optional<Below>,
    }
}

/// The items below an item. How deep they may stand is the directory's to say.
pub(super) struct Below(Vec<Item>);

impl FieldType for Below {
    const EXPECTED: &'static str = Vec::<Item>::EXPECTED;

    fn read(value: &Json) -> Result<Below, Vec<WireError>> {
        Vec::read(value).map(Below)
    }

    fn schema(schemas: &mut Schemas) -> Value {
        let lowest = schemas.named("ItemBelow", |schemas| {
            let mut item = Item::object(schemas);
            item["description"] = "An item below another one: it has none below itself.".into();
            item["properties"]["items"] = json!({ "type": "array", "maxItems": 0 });
            item
        });
        json!({ "type": "array", "items": lowest })
    }
}

impl From<Item> for MenuItem {
    fn from(item: Item) -> MenuItem {
        MenuItem {
            name: item.name,
            label: item.label.unwrap_or_else(|| ShortName::from_stored(String::new())),
            href: item.href.and_then(|href| href.0),
            icon: item.icon.and_then(|icon| icon.0),
            permission: item.permission.and_then(|permission| permission.0),
            items: item.items.map(|below| items(below.0)).unwrap_or_default(),
        }
    }
}

fn items(items: Vec<Item>) -> Vec<MenuItem> {
    items.into_iter().map(MenuItem::from).collect()
}

/// `GET /menu`.
pub(super) async fn list(State(app): State<App>, Caller(caller): Caller) -> Result<Response, Error> {
    let menus = app.directory.report(caller, menus::list).await?;
    Ok(answer::ok(&each::<_, MenuAnswer<'_>>(&menus)))
}

/// `POST /menu`.
pub(super) async fn create(State(app): State<App>, sent: Sent) -> Result<Response, Error> {
    let new = NewMenu::read(&sent.body)?;
    let name = new.name;
    let change = MenuChanges { name: None, label: new.label, items: new.items.map(items) };
    let create = move |tx: &mut Tx<'_>, actor: &Actor| menus::create(tx, actor, &name, &change);
    let render = |menu: &Menu| answer::kept(menu.id, &MenuAnswer::from(menu));
    let kept = app.directory.write_once(sent.caller, sent.repeatable, create, render).await?;
    Ok(answer::created(&app, "menu", &kept, false))
}

/// `GET /menu/<id>`.
pub(super) async fn get(State(app): State<App>, named: Named, Caller(caller): Caller) -> Result<Response, Error> {
    let menu = app.directory.read(caller, move |tx, actor| menus::get(tx, actor, named.menu())).await?;
    Ok(answer::ok(&MenuAnswer::from(&menu)))
}

/// `PATCH /menu/<id>`.
pub(super) async fn update(State(app): State<App>, named: Named, sent: Sent) -> Result<Response, Error> {
    let fields = MenuFields::read(&sent.body)?;
    let change = MenuChanges { name: fields.name, label: fields.label, items: fields.items.map(items) };
    let menu =
        app.directory.write(sent.caller, move |tx, actor| menus::update(tx, actor, named.menu(), &change)).await?;
    Ok(answer::ok(&MenuAnswer::from(&menu)))
}

/// `DELETE /menu/<id>`.
pub(super) async fn delete(State(app): State<App>, named: Named, Caller(caller): Caller) -> Result<Response, Error> {
    app.directory.write(caller, move |tx, actor| menus::delete(tx, actor, named.menu())).await?;
    Ok(answer::nothing())
}
