//! Routes as a table, which the router is made of, and which tests of the description and of access read: none can be served
//! unseen.

/// Declares the routes of an API: `table()`, a router of them, and `ROUTES`, their methods and paths. The paths stand under
/// `$mount`: nesting one router in another would cut each request's path into a new one.
macro_rules! routes {
    ($mount:literal: $( $path:literal => $($method:ident $handler:path),+ ; )+) => {
        /// The methods and paths, relative to where this API is mounted.
        pub(crate) const ROUTES: &[(&str, &str)] = &[$($( (stringify!($method), $path) ),+),+];

        fn table() -> axum::Router<$crate::app::App> {
            axum::Router::new()$( .route(concat!($mount, $path), axum::routing::MethodRouter::new()$( .$method($handler) )+) )+
        }
    };
}
pub(crate) use routes;
