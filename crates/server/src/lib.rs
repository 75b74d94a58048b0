//! Rolebook's server: the APIs over the directory, the command line, and what an operator needs. The binary is a thin shell
//! around this, so that tests run the very same parts in their own process.

pub mod app;
mod body;
mod http;
mod json;
mod query;
mod v1;
mod v2;
