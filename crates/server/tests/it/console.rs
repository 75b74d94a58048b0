//! The console as a browser sees it, without its scripts: pages, forms, and each attack that applies.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod account;
mod all_pages;
mod attacks;
mod audit;
mod browser;
mod credentials;
mod crowded;
mod groups;
mod kept;
mod mailed;
mod matrix;
mod menus;
mod permissions;
mod service_accounts;
mod sign_in;
mod system;
mod user;
mod users;
mod webhooks;
mod words;
