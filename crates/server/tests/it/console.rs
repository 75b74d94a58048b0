//! The console as a browser sees it, without its scripts: pages, forms, and each attack that applies.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod attacks;
mod browser;
mod groups;
mod matrix;
mod menus;
mod permissions;
mod sign_in;
mod user;
mod users;
