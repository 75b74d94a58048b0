//! Rolebook's server: the APIs over the directory, the command line, and what an operator needs. The binary is a thin shell
//! around this, so that tests run the very same parts in their own process.

pub mod app;
mod body;
mod checkpoints;
pub mod cli;
mod config;
mod console;
mod http;
mod json;
mod keys;
mod logs;
mod mails;
pub mod openapi;
mod otpauth;
mod qr;
mod query;
pub mod serve;
mod trail;
mod v1;
mod v2;
mod webhooks;
