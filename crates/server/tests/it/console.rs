//! The console as a browser sees it, without its scripts: pages, forms, and each attack that applies.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod all_pages;
mod attacks;
mod audit;
mod browser;
mod service_accounts;
mod sign_in;
mod system;
mod users;
mod webhooks;
