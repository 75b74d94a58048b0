//! v2 as its callers see it: every route, and each way in which it refuses.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod audit;
mod client;
mod conditions;
mod credentials;
mod decisions;
mod environments;
mod errors;
mod groups;
mod invitations;
mod me;
mod menus;
mod past;
mod permissions;
mod repeats;
mod second_factors;
mod sessions;
mod users;
mod webhooks;
