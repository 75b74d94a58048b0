//! Our things as this API shows them. Ids are strings, times RFC 3339, and text that is unset is `""`. Knows nothing of
//! who may see what.

use super::error::Refusal;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use directory::clock::Time;
use directory::email::Email;
use directory::locale::Locale;
use directory::text::{Codename, Href, ShortName};
use directory::username::Username;
use serde::Serialize;

/// An answer.
pub(super) fn json(status: StatusCode, body: &impl Serialize) -> Response {
    match serde_json::to_vec(body) {
        Ok(bytes) => (status, [(CONTENT_TYPE, "application/json")], bytes).into_response(),
        Err(error) => {
            // Its body is four plain texts, so this comes back here at most once.
            Refusal::troubled(format!("an answer cannot be written: {error}")).into_response()
        }
    }
}

/// A success that is no thing itself.
#[derive(Serialize)]
pub(super) struct Success<T> {
    status: &'static str,
    data: T,
}

impl<T> Success<T> {
    /// With what it gives.
    pub(super) fn of(data: T) -> Success<T> {
        Success { status: "success", data }
    }
}

/// A user.
#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = v1::User)]
#[serde(rename_all = "camelCase")]
pub(super) struct User {
    #[serde(rename = "_id")]
    id: String,
    global_email_address: String,
    #[serde(rename = "_environmentId")]
    environment_id: String,
    environment_uuid: String,
    username: String,
    name: String,
    administrator: bool,
    active: bool,
    pending: bool,
    language: String,
    locale: String,
    menus: Vec<Held>,
    member_groups: Vec<Held>,
    created_at: String,
    updated_at: String,
}

/// A menu or a group as a user holds it.
#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = v1::Held)]
struct Held {
    #[serde(rename = "_id")]
    id: String,
    name: String,
}

impl From<&directory::users::User> for User {
    fn from(user: &directory::users::User) -> User {
        let (account, here) = (&user.account, &user.membership);
        let language = |locale: &Option<Locale>| locale.as_ref().map_or("", Locale::as_str).to_owned();
        let held = |id: i64, name: &str| Held { id: id.to_string(), name: name.to_owned() };
        User {
            id: account.id.to_string(),
            global_email_address: account.email.as_ref().map_or("", Email::as_typed).to_owned(),
            environment_id: user.environment.key.as_str().to_owned(),
            environment_uuid: user.environment.uuid.to_string(),
            username: account.username.as_ref().map_or("", Username::as_typed).to_owned(),
            name: here.name.as_str().to_owned(),
            administrator: here.administrator,
            active: here.active,
            pending: here.pending,
            language: language(&here.language),
            locale: language(&here.locale),
            menus: user.menus.iter().map(|menu| held(menu.id.0, menu.name.as_str())).collect(),
            member_groups: user.groups.iter().map(|own| held(own.group.id.0, own.group.name.as_str())).collect(),
            created_at: time(here.created_at),
            updated_at: time(here.updated_at),
        }
    }
}

/// A menu, whole.
#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = v1::Menu)]
pub(super) struct Menu {
    #[serde(rename = "_id")]
    id: String,
    name: String,
    label: String,
    items: Vec<MenuItem>,
}

/// An item of a menu.
#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = v1::MenuItem)]
struct MenuItem {
    name: String,
    label: String,
    href: String,
    icon: String,
    permission: String,
    #[schema(no_recursion)]
    items: Vec<MenuItem>,
}

impl From<&directory::menus::Menu> for Menu {
    fn from(menu: &directory::menus::Menu) -> Menu {
        Menu {
            id: menu.id.to_string(),
            name: menu.name.as_str().to_owned(),
            label: menu.label.as_str().to_owned(),
            items: menu.items.iter().map(MenuItem::from).collect(),
        }
    }
}

impl From<&directory::menus::MenuItem> for MenuItem {
    fn from(item: &directory::menus::MenuItem) -> MenuItem {
        MenuItem {
            name: item.name.as_str().to_owned(),
            label: item.label.as_str().to_owned(),
            href: item.href.as_ref().map_or("", Href::as_str).to_owned(),
            icon: item.icon.as_ref().map_or("", ShortName::as_str).to_owned(),
            permission: item.permission.as_ref().map_or("", Codename::as_str).to_owned(),
            items: item.items.iter().map(MenuItem::from).collect(),
        }
    }
}

/// A group, whole.
#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = v1::Group)]
pub(super) struct Group {
    #[serde(rename = "_id")]
    id: String,
    name: String,
    label: String,
    permissions: Vec<String>,
    menus: Vec<String>,
}

impl From<&directory::groups::Group> for Group {
    fn from(group: &directory::groups::Group) -> Group {
        Group {
            id: group.id.to_string(),
            name: group.name.as_str().to_owned(),
            label: group.label.as_str().to_owned(),
            permissions: group.permissions.iter().map(|codename| codename.as_str().to_owned()).collect(),
            menus: group.menus.iter().map(ToString::to_string).collect(),
        }
    }
}

fn time(time: Time) -> String {
    jiff::Timestamp::from(time).to_string()
}
