//! The server from the outside: its routes, its wire, its commands. The tree mirrors the routes.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod access;
mod cli;
mod console;
mod faults;
mod random;
mod v1;
mod v2;
