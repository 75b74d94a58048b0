//! v2: users, groups and all that belongs to them as resources, under `/api/v2`. Each handler converts what it heard into
//! the directory's words, asks, and converts the answer back. Knows no rule, and nothing of the other APIs.

mod answer;
mod audit;
mod auth;
mod checks;
mod describe;
mod environments;
mod error;
pub(crate) mod events;
mod groups;
mod holders;
mod invitations;
mod me;
mod menus;
mod permissions;
mod recovery;
mod second_factors;
mod service_accounts;
mod sessions;
mod tokens;
mod users;
mod webhooks;
mod wire;

use crate::app::App;
use crate::openapi::routes;
use axum::Router;
use axum::response::{IntoResponse, Response};
use error::Error;

pub(crate) use describe::DIALECT;

routes! {
    "/api/v2":
    "/user/login" => post sessions::login;
    "/user/login/passkey" => post second_factors::ask;
    "/user/logout" => post sessions::logout;
    "/token/refresh" => post sessions::refresh;
    "/user/me" => get me::get, patch me::update;
    "/user/me/menus" => get me::menus;
    "/user/me/environments" => get me::environments;
    "/user/me/environments/{key}/accept" => post me::accept_environment;
    "/session" => get sessions::list, delete sessions::end_several;
    "/session/prove" => post sessions::prove;
    "/session/second-factor" => post second_factors::show;
    "/second-factor" => get second_factors::list;
    "/second-factor/totp" => post second_factors::begin_totp;
    "/second-factor/totp/confirm" => post second_factors::confirm_totp;
    "/second-factor/passkey" => post second_factors::begin_passkey;
    "/second-factor/passkey/confirm" => post second_factors::confirm_passkey;
    "/second-factor/recovery-codes" => post second_factors::renew_codes;
    "/second-factor/{id}" => patch second_factors::rename, delete second_factors::remove;
    "/session/{id}" => delete sessions::end;
    "/token" => get tokens::list, post tokens::create;
    "/token/{id}" => delete tokens::revoke;
    "/service-account" => get service_accounts::list, post service_accounts::create;
    "/service-account/{id}" => get service_accounts::get, patch service_accounts::update, delete service_accounts::delete;
    "/service-account/{id}/token" => get tokens::list_of_service, post tokens::create_for_service;
    "/password/forgot" => post recovery::forgot;
    "/password/reset" => post recovery::reset;
    "/user/me/email" => post recovery::ask_address;
    "/user/me/email/confirm" => post recovery::confirm_address;
    "/user/{id}/invite" => post invitations::again;
    "/invitation/{token}" => get invitations::get;
    "/invitation/accept" => post invitations::accept;
    "/user" => get users::list, post users::create;
    "/user/{id}/permissions" => get checks::permissions;
    "/check" => post checks::check;
    "/whatif" => post checks::suppose;
    "/user/{id}" => get users::get, patch users::update, put users::replace, delete users::delete;
    "/group" => get groups::list, post groups::create;
    "/group/{id}" => get groups::get, patch groups::update, delete groups::delete;
    "/permission" => get permissions::list, post permissions::create;
    "/permission/{id}/holders" => get holders::list;
    "/permission/{id}" => get permissions::get, patch permissions::update, delete permissions::delete;
    "/menu" => get menus::list, post menus::create;
    "/menu/{id}" => get menus::get, patch menus::update, delete menus::delete;
    "/webhook" => get webhooks::list, post webhooks::create;
    "/webhook/{id}" => get webhooks::get, patch webhooks::update, delete webhooks::delete;
    "/webhook/{id}/rotate" => post webhooks::rotate;
    "/webhook/{id}/ping" => post webhooks::ping;
    "/webhook/{id}/delivery" => get webhooks::deliveries;
    "/webhook/{id}/delivery/{number}/redeliver" => post webhooks::redeliver;
    "/events" => get events::stream;
    "/audit" => get audit::list;
    "/audit/export" => get audit::export;
    "/environment" => get environments::list, post environments::create;
    "/environment/{key}" => get environments::get, patch environments::update, delete environments::delete;
}

/// The routes, with the answer to methods that they do not have.
pub(crate) fn routes() -> Router<App> {
    table().method_not_allowed_fallback(method_not_allowed)
}

/// The answer to an address that nothing stands at.
pub(crate) fn not_found() -> Response {
    Error::NoRoute.into_response()
}

async fn method_not_allowed() -> Response {
    Error::NoMethod.into_response()
}

/// The answer to a defect of ours.
pub(crate) fn internal_error() -> Response {
    // What happened is in the log already: whoever caught it wrote it there.
    error::internal()
}
