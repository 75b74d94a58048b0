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
//! | `path` `moment` `refused` | what an address names; moments in forms; a refusal beside its fields |
//! | `house` | the layer around every page: who may send forms here, and what a browser must not do |
//! | `assets` | style and scripts, by a name that changes with them |
//! | `password` `prove` `enrol` | what one shows of oneself: another password, the present one again, a second factor more |
//! | `account` | what one may see and change of oneself |
//! | `kept` | a form whose session had ended when it was sent, until its owner is back |
//! | `mailed` `invitation` `recovery` | what mailed links lead to, and asking for one |
//! | `choices` `consequences` `parts` | what pages of several nouns share: things to choose some of, who gains and loses, addresses |
//! | `sign_in` `environments` `home` `users` `audit` `webhooks` `service_accounts` `groups` `matrix` `nesting` `permissions` `menus` `system` `shown_once` | the pages, a file per noun |

mod account;
mod assets;
mod audit;
mod choices;
mod consequences;
mod device;
mod enrol;
mod environments;
mod error;
mod form;
mod groups;
mod home;
mod house;
mod invitation;
mod kept;
mod language;
mod layout;
mod mailed;
mod matrix;
mod menus;
mod moment;
mod nesting;
mod parts;
mod password;
mod path;
mod permissions;
mod prove;
mod recovery;
mod refused;
mod service_accounts;
mod session;
mod shown_once;
mod sign_in;
mod system;
mod users;
mod webhooks;
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
    "/password" => get password::show, post password::change;
    "/prove" => get prove::show, post prove::by_password;
    "/prove/passkey" => post prove::by_passkey;
    "/prove/passkey/challenge" => post prove::challenge;
    "/enrol" => get enrol::show;
    "/enrol/totp" => get enrol::totp::show, post enrol::totp::begin;
    "/enrol/totp/confirm" => post enrol::totp::confirm;
    "/enrol/passkey" => post enrol::passkey::confirm;
    "/enrol/passkey/challenge" => post enrol::passkey::challenge;
    "/kept" => get kept::show;
    "/invitation" => get invitation::show, post invitation::open;
    "/invitation/accept" => post invitation::accept;
    "/forgot" => get recovery::forgot::show, post recovery::forgot::ask;
    "/reset" => get recovery::show, post recovery::open;
    "/reset/choose" => post recovery::choose;
    "/address" => get recovery::address::show, post recovery::address::confirm;
    "/environments/{environment}" => get home::show;
    "/environments/{environment}/account" => get account::show, post account::save;
    "/environments/{environment}/account/security" => get account::security::show;
    "/environments/{environment}/account/email" => post account::security::ask_address;
    "/environments/{environment}/account/recovery-codes" => post account::security::renew_codes;
    "/environments/{environment}/account/factors/{id}" => post account::security::rename;
    "/environments/{environment}/account/factors/{id}/remove" => post account::security::remove;
    "/environments/{environment}/account/sessions" => get account::sessions::show;
    "/environments/{environment}/account/sessions/others/end" => post account::sessions::end_others;
    "/environments/{environment}/account/sessions/{id}/end" => post account::sessions::end;
    "/environments/{environment}/account/tokens" => get account::tokens::show, post account::tokens::create;
    "/environments/{environment}/account/tokens/{id}/revoke" => post account::tokens::revoke;
    "/environments/{environment}/account/permissions" => get account::permissions::show;
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
    "/environments/{environment}/audit" => get audit::list;
    "/environments/{environment}/audit/export" => get audit::export;
    "/environments/{environment}/audit/verify" => post audit::verify::verify;
    "/system/environments" => get system::environments::list, post system::environments::create;
    "/system/environments/new" => get system::environments::new;
    "/system/environments/{key}" => get system::environments::show, post system::environments::update;
    "/system/environments/{key}/delete" => post system::environments::delete;
    "/environments/{environment}/service-accounts" => get service_accounts::list, post service_accounts::create;
    "/environments/{environment}/service-accounts/new" => get service_accounts::new;
    "/environments/{environment}/service-accounts/{id}" => get service_accounts::show, post service_accounts::update;
    "/environments/{environment}/service-accounts/{id}/activate" => post service_accounts::activate;
    "/environments/{environment}/service-accounts/{id}/deactivate" => post service_accounts::deactivate;
    "/environments/{environment}/service-accounts/{id}/delete" => post service_accounts::delete;
    "/environments/{environment}/service-accounts/{id}/tokens" => post service_accounts::create_token;
    "/environments/{environment}/service-accounts/{id}/tokens/{token}/revoke" => post service_accounts::revoke_token;
    "/environments/{environment}/webhooks" => get webhooks::list, post webhooks::create;
    "/environments/{environment}/webhooks/new" => get webhooks::new;
    "/environments/{environment}/webhooks/{id}" => get webhooks::show, post webhooks::update;
    "/environments/{environment}/webhooks/{id}/pause" => post webhooks::pause;
    "/environments/{environment}/webhooks/{id}/resume" => post webhooks::resume;
    "/environments/{environment}/webhooks/{id}/rotate" => post webhooks::rotate;
    "/environments/{environment}/webhooks/{id}/ping" => post webhooks::ping;
    "/environments/{environment}/webhooks/{id}/delete" => post webhooks::delete;
    "/environments/{environment}/webhooks/{id}/deliveries/{number}/redeliver" => post webhooks::redeliver;
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
