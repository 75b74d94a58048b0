//! The contract: every behaviour of the directory, through its public verbs, on every engine.
#![allow(clippy::large_futures, clippy::async_yields_async, clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod lists;
mod random;
mod rules;
mod sessions;
mod store;
