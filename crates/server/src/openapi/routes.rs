//! Routes as a table, which the router is made of, and which tests of the description and of access read: none can be served
//! unseen.

/// Declares the routes of an API: `table()`, a router of them, and `ROUTES`, their methods and paths.
macro_rules! routes {
    ($( $path:literal => $($method:ident $handler:path),+ ; )+) => {
        /// The methods and paths, relative to where this API is mounted.
        pub(crate) const ROUTES: &[(&str, &str)] = &[$($( (stringify!($method), $path) ),+),+];

        fn table() -> axum::Router<$crate::app::App> {
            axum::Router::new()$( .route($path, axum::routing::MethodRouter::new()$( .$method($handler) )+) )+
        }
    };
}
pub(crate) use routes;
