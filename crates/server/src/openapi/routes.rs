//! Routes as a table, of which both the router and the description's tests know: none can be served unseen.

/// Declares the routes of an API: `table()`, a router of them, and `ROUTES`, their methods and paths.
macro_rules! routes {
    ($( $path:literal => $($method:ident $handler:path),+ ; )+) => {
        /// The methods and paths, relative to where this API is mounted.
        #[cfg(test)]
        pub(crate) const ROUTES: &[(&str, &str)] = &[$($( (stringify!($method), $path) ),+),+];

        fn table() -> axum::Router<$crate::app::App> {
            axum::Router::new()$( .route($path, axum::routing::MethodRouter::new()$( .$method($handler) )+) )+
        }
    };
}
pub(crate) use routes;
