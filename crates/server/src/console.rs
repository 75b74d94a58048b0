//! The console: pages for people, under `/console`, over the same verbs as the APIs. A handler reads a request, asks the
//! directory, and gives a template what it heard. Knows no rule, and nothing of the APIs.
//!
//! | files | what they are |
//! | --- | --- |
//! | `session` | who visits: the cookie, and what a form must show to be believed |
//! | `form` | what a form holds, and what is wrong with it, beside each field |
//! | `layout` | the frame around every page, and how a template becomes an answer |
//! | `language` `words` | in which language, and every text in both |
//! | `error` | each refusal as a page, or as a way to where it can be mended |
//! | `house` | the layer around every page: who may send forms here, and what a browser must not do |
//! | `assets` | style and scripts, by a name that changes with them |
//! | `choices` `consequences` `parts` | what pages of several nouns share: things to choose some of, who gains and loses, addresses |
//! | `sign_in` `environments` `home` `users` `groups` `matrix` `nesting` `permissions` `menus` | the pages, a file per noun |

mod assets;
mod choices;
mod consequences;
mod environments;
mod error;
mod form;
mod groups;
mod home;
mod house;
mod language;
mod layout;
mod matrix;
mod menus;
mod nesting;
mod parts;
mod permissions;
mod session;
mod sign_in;
mod users;
mod words;

use crate::app::App;
use crate::openapi::routes;
use axum::Router;
use axum::response::{IntoResponse, Response};
use error::Error;

routes! {
    "/console":
    "" => get environments::choose;
    "/assets/{name}" => get assets::get;
    "/sign-in" => get sign_in::show, post sign_in::sign_in;
    "/sign-in/challenge" => post sign_in::passkey::challenge;
    "/sign-in/passkey" => post sign_in::passkey::sign_in;
    "/sign-in/second-factor" => get sign_in::second_factor::show, post sign_in::second_factor::sign_in;
    "/sign-in/second-factor/challenge" => post sign_in::second_factor::challenge;
    "/sign-out" => post sign_in::sign_out;
    "/environments/{environment}" => get home::show;
    "/environments/{environment}/users" => get users::list;
    "/environments/{environment}/users/new" => get users::new, post users::create;
    "/environments/{environment}/users/suggest" => get users::suggest;
    "/environments/{environment}/users/selected" => post users::change_selected;
    "/environments/{environment}/users/{id}" => get users::show;
    "/environments/{environment}/users/{id}/edit" => get users::edit, post users::save;
    "/environments/{environment}/users/{id}/actions" => post users::act;
    "/environments/{environment}/users/{id}/permissions" => get users::permissions;
    "/environments/{environment}/users/{id}/sessions" => get users::sessions, post users::end_sessions;
    "/environments/{environment}/users/{id}/audit" => get users::audit;
    "/environments/{environment}/groups" => get groups::list, post groups::create;
    "/environments/{environment}/groups/new" => get groups::new;
    "/environments/{environment}/groups/{id}" => get groups::show, post groups::update;
    "/environments/{environment}/groups/{id}/delete" => get groups::ask_delete, post groups::delete;
    "/environments/{environment}/matrix" => get matrix::show, post matrix::change;
    "/environments/{environment}/nesting" => get nesting::show;
    "/environments/{environment}/permissions" => get permissions::list, post permissions::create;
    "/environments/{environment}/permissions/new" => get permissions::new;
    "/environments/{environment}/permissions/{id}" => get permissions::show, post permissions::update;
    "/environments/{environment}/permissions/{id}/delete" => get permissions::ask_delete, post permissions::delete;
    "/environments/{environment}/menus" => get menus::list, post menus::create;
    "/environments/{environment}/menus/new" => get menus::new;
    "/environments/{environment}/menus/preview" => get menus::preview;
    "/environments/{environment}/menus/{id}" => get menus::show, post menus::change;
    "/environments/{environment}/menus/{id}/delete" => get menus::ask_delete, post menus::delete;
}

/// The routes, with what every page has.
pub(crate) fn routes() -> Router<App> {
    table().method_not_allowed_fallback(not_found).layer(axum::middleware::from_fn(house::around))
}

/// Whether a path is the console's.
pub(crate) fn is_here(path: &str) -> bool {
    path.strip_prefix("/console").is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

async fn not_found() -> Response {
    Error::NoPage.into_response()
}

/// The page for an address that nothing stands at.
pub(crate) fn no_page(headers: &axum::http::HeaderMap) -> Response {
    house::dressed(house::Asked::of_headers(headers), Error::NoPage.into_response())
}

/// The page for a defect of ours. What happened is in the log already: whoever caught it wrote it there.
pub(crate) fn internal_error() -> Response {
    house::dressed(house::Asked::default(), Error::Broken.into_response())
}
