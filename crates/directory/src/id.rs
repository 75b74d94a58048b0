//! The ids of things: typed, so that a group's cannot stand where a menu's belongs. How they are drawn stands in
//! `effects.rs`; how they look in an API is the dialect's affair.

use uuid::Uuid;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident($inner:ty);)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub $inner);

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }
    )*};
}

ids! {
    /// An account, and each user that it is: a person has one id in every environment (UUID version 7).
    UserId(Uuid);
    /// An environment inside this database. Never shown: the outside knows its key and its UUID.
    EnvironmentId(i64);
    /// A group of one environment, counting up from 1 within it.
    GroupId(i64);
    /// A menu of one environment, counting up from 1 within it.
    MenuId(i64);
    /// A permission of one environment, counting up from 1 within it; the first ones are Rolebook's own.
    PermissionId(i64);
    /// A login on one device (UUID version 7).
    SessionId(Uuid);
    /// An API token, not its secret (UUID version 7).
    TokenId(Uuid);
    /// A second factor (UUID version 7).
    FactorId(Uuid);
    /// A webhook (UUID version 7).
    WebhookId(Uuid);
}
