//! Mails, from what the directory wrote down to a server that takes them: their words (`words`), how these look (`letter`),
//! the form in which they travel (`message`), what carries them (`carrier`, `smtp`), and the task that does it (`delivery`).
//! Knows neither why a mail is sent nor how often it is tried: the directory does.

mod carrier;
mod delivery;
mod letter;
mod message;
mod server;
mod smtp;
mod words;

pub(crate) use delivery::{Postman, deliver};
pub(crate) use words::letter;
