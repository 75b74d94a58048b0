//! Webhooks, from what the directory says is next to a receiver that takes it: which addresses may be reached (`reach`), one
//! call (`client`), what is said in it (`message`), and the task that does it for all of them (`courier`). Knows neither what
//! is told to whom nor how often it is tried: the directory does.

mod client;
mod courier;
mod message;
mod reach;
mod receiver;

pub(crate) use courier::{Courier, deliver};
pub(crate) use reach::Reach;
