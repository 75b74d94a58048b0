//! The contract: every behaviour of the directory, through its public verbs, on every engine.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
#![allow(clippy::large_futures, reason = "a test is one future, however long its story")]

mod audit;
mod browsing;
mod credentials;
mod decisions;
mod figures;
mod hashing;
mod keys;
mod limits;
mod lists;
mod mail;
mod migrations;
mod past;
mod random;
mod recovery;
mod refused;
mod rules;
mod search;
mod second_factors;
mod sessions;
mod store;
mod suggestions;
mod webhooks;
