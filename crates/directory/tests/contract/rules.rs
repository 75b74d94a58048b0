//! The rules that hold everywhere, each with tests that try to break it.

mod last_administrator;
mod no_more_than_one_has;
mod off_is_off;
mod pending;
mod takeover;
mod tenants;
mod written_once;
