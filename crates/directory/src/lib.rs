//! The directory: who the users are, where they belong, and what they may do. Everything that every API, the console and the
//! command line share: the things, the rules, and their keeping. No HTTP, no JSON, no rendering, no ambient clock or
//! randomness.
//!
//! Start at [`directory::Directory`], the handle that everyone holds. A call goes three functions deep: a dialect's handler,
//! a verb here (`users::create`, `groups::update`, …) that authorises, checks, writes and accounts for it in one
//! transaction, and the functions of [`store`], which hold all the SQL.
//!
//! | files | what they are |
//! | --- | --- |
//! | `actor` | who asks and what it may do: the only place that says yes or no |
//! | `accounts` `users` `groups` `permissions` `menus` `environments` | the nouns and their verbs |
//! | `roles` | what an environment's groups confer, all at once |
//! | `checks` `whatif` | who may do what, why, and what would change |
//! | `credentials` `sessions` `passkeys` `tokens` `invitations` `guessing` `disclosures` | what opens doors, and what guards them |
//! | `suggestions` | what somebody may mean who types a part of a name |
//! | `events` `webhooks` | who is told what happens |
//! | `audit` `mail` `repeats` `sealed` `housekeeping` `setup` | what happens besides |
//! | `id` `email` `username` `text` `locale` `secret` `page` `error` | the types |
//! | `clock` `randomness` `keys` `effects` `hashing` `password_policy` | the effects, and the slow part |
//! | `store` | the database, on either engine |

pub mod accounts;
pub mod actor;
pub mod addresses;
pub mod audit;
pub mod checks;
pub mod clock;
mod credentials;
pub mod directory;
mod disclosures;
pub mod effects;
pub mod email;
pub mod environments;
pub mod error;
pub mod events;
pub mod groups;
mod guessing;
pub mod hashing;
mod history;
pub mod holders;
mod housekeeping;
pub mod id;
pub mod invitations;
pub mod keys;
pub mod links;
pub mod locale;
pub mod mail;
pub mod menus;
pub mod page;
pub mod passkeys;
pub mod password_policy;
pub mod permissions;
mod priority;
pub mod randomness;
pub mod recovery;
pub mod repeats;
mod roles;
pub mod sealed;
pub mod second_factors;
pub mod secret;
pub mod service_accounts;
pub mod sessions;
pub mod setup;
pub mod store;
pub mod suggestions;
pub mod text;
pub mod tokens;
pub mod username;
pub mod users;
pub mod webhooks;
pub mod whatif;

pub use directory::Directory;
pub use error::{Error, Result};
