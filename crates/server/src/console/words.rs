//! Every text of the console in every language, a file per noun. A text that lacks one of them does not compile. Knows nothing of
//! what is shown where.

mod account;
mod audit;
mod credentials;
mod environments;
mod error;
mod frame;
mod groups;
mod home;
mod kept;
mod mailed;
mod matrix;
mod menus;
mod nesting;
mod permissions;
mod refused;
mod selected;
mod sentences;
mod service_accounts;
mod shown_once;
mod sign_in;
mod system;
mod user;
mod user_audit;
mod user_permissions;
mod user_sessions;
mod users;
mod webhooks;

pub(super) use account::AccountWords;
pub(super) use audit::AuditWords;
pub(super) use credentials::CredentialsWords;
pub(super) use environments::EnvironmentsWords;
pub(super) use error::ErrorWords;
pub(super) use frame::FrameWords;
pub(super) use groups::{ConsequencesWords, GroupsWords};
pub(super) use home::HomeWords;
pub(super) use kept::KeptWords;
pub(super) use mailed::MailedWords;
pub(super) use matrix::MatrixWords;
pub(super) use menus::MenusWords;
pub(super) use nesting::NestingWords;
pub(super) use permissions::PermissionsWords;
pub(super) use refused::RefusedWords;
pub(super) use selected::SelectedWords;
pub(super) use sentences::Sentence;
pub(super) use service_accounts::ServiceAccountsWords;
pub(super) use shown_once::ShownOnceWords;
pub(super) use sign_in::SignInWords;
pub(super) use system::SystemWords;
pub(super) use user::UserWords;
pub(super) use user_audit::UserAuditWords;
pub(super) use user_permissions::UserPermissionsWords;
pub(super) use user_sessions::UserSessionsWords;
pub(super) use users::UsersWords;
pub(super) use webhooks::WebhooksWords;

/// Declares texts: a struct with a field for each, and `of(Language)` for it. First English, then German.
///
/// ```ignore
/// words! {
///     /// Of the pages about users.
///     struct UsersWords {
///         title: "Users", "Benutzer";
///     }
/// }
/// ```
macro_rules! words {
    ($(#[$meta:meta])* struct $name:ident { $( $field:ident: $english:literal, $german:literal; )+ }) => {
        $(#[$meta])*
        pub(in crate::console) struct $name {
            $( pub(in crate::console) $field: &'static str, )+
        }

        impl $name {
            /// In this language.
            pub(in crate::console) fn of(language: $crate::console::language::Language) -> &'static $name {
                use $crate::console::language::Language;
                match language {
                    Language::English => &$name { $( $field: $english, )+ },
                    Language::German => &$name { $( $field: $german, )+ },
                }
            }
        }
    };
}
use words;
