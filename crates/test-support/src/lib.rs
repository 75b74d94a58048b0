//! What tests of every crate share: a database per test on either engine ([`Database`]), a directory with people in it
//! ([`World`]), and a look at everything that is stored ([`Dump`]). Knows the directory's verbs and no API.
//!
//! A test is written once and runs on both engines:
//!
//! ```text
//! on_every_engine! {
//!     async fn member_sees_no_users(world: World) {
//!         let pizza = world.environment("pizza").await;
//!         let member = world.member(&pizza).await;
//!         …
//!     }
//! }
//! ```
//!
//! `ROLEBOOK_TEST_ENGINES=sqlite` leaves PostgreSQL out. `ROLEBOOK_TEST_POSTGRES` names a server whose role may create
//! databases; without it a throw-away cluster is made and shared by all tests of one run.
#![cfg(feature = "harness")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod authenticator;
mod cluster;
mod database;
mod dump;
mod people;
mod world;

pub use authenticator::Authenticator;
pub use database::{Database, Engine};
pub use dump::{Dump, Event};
pub use people::{Person, Tenant, codename, email, key, name, password, phone, short, username};
pub use world::{START, World, by_id, conferring, effects, hasher, login_of};

/// What a test is given.
pub trait Fixture: Sized {
    /// A fresh one on this engine.
    fn fresh(engine: Engine) -> impl Future<Output = Self>;
}

/// Runs a test on one engine, in a runtime of its own; does nothing where that engine is left out.
pub fn run<T: Fixture, R: Future<Output = ()>>(engine: Engine, test: impl FnOnce(T) -> R) {
    if !engine.wanted() {
        return;
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(Box::pin(async move { test(T::fresh(engine).await).await }));
}

/// Makes of each `async fn` a module with a test on each engine.
#[macro_export]
macro_rules! on_every_engine {
    ($($(#[$meta:meta])* async fn $name:ident($given:ident: $kind:ty) $body:block)*) => {$(
        $(#[$meta])*
        mod $name {
            #[allow(unused_imports)]
            use super::*;

            async fn test($given: $kind) $body

            #[test]
            fn sqlite() {
                $crate::run($crate::Engine::Sqlite, test);
            }

            #[test]
            fn postgres() {
                $crate::run($crate::Engine::Postgres, test);
            }
        }
    )*};
}
