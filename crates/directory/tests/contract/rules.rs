//! The rules that hold everywhere, each with tests that try to break it.

mod deciding;
mod ending;
mod last_administrator;
mod nesting;
mod no_more_than_one_has;
mod off_is_off;
mod pending;
mod revisions;
mod takeover;
mod tenants;
mod written_once;

/// All that there is to administer with, but `approve_invoice` and being an administrator.
const CLERK: [&str; 17] = [
    "view_user",
    "add_user",
    "change_user",
    "delete_user",
    "view_group",
    "add_group",
    "change_group",
    "delete_group",
    "view_permission",
    "add_permission",
    "change_permission",
    "delete_permission",
    "view_menu",
    "add_menu",
    "change_menu",
    "delete_menu",
    "manage_token",
];
