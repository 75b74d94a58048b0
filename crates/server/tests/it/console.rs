//! The console as a browser sees it, without its scripts: pages, forms, and each attack that applies.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod account;
mod attacks;
mod browser;
mod credentials;
mod mailed;
mod sign_in;
mod user;
mod users;
