//! `/api/v1`, through the whole service and on both engines: a file per route, and what all routes share.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod every_route;
mod groups_and_menus;
mod login;
mod me;
mod server;
mod upsert;
mod upsert_fields;
mod upsert_order;
mod users;
