//! `/console/address`: confirming another address with the link that was mailed there. Waits for its reader to say so: mail
//! programs open links too.

use crate::app::App;
use crate::console::error::Error;
use crate::console::form::Sent;
use crate::console::mailed::{self, Asked};
use crate::console::session::{Next, Visit};
use crate::console::sign_in::Told;
use crate::console::words::MailedWords;
use axum::extract::State;
use axum::response::Response;

fn asked(words: &MailedWords) -> Asked {
    Asked {
        title: words.address,
        lead: words.address_lead,
        action: "/console/address",
        button: words.confirm,
        at_once: false,
    }
}

/// `GET /console/address`.
pub(in crate::console) async fn show(visit: Visit) -> Result<Response, Error> {
    mailed::page(&visit, asked(MailedWords::of(visit.language)))
}

/// `POST /console/address`.
pub(in crate::console) async fn confirm(State(app): State<App>, sent: Sent) -> Result<Response, Error> {
    let Sent { visit, form } = sent;
    let words = MailedWords::of(visit.language);
    let Some(token) = mailed::token(form.text("link")) else {
        return mailed::refused(&visit, words.gone, asked(words));
    };
    match app.directory.confirm_address(token, visit.origin.clone()).await {
        Ok(()) => Ok(Told::Address.at_sign_in(&Next::default())),
        Err(directory::Error::NotFound(_)) => mailed::refused(&visit, words.gone, asked(words)),
        Err(directory::Error::Taken(_)) => mailed::refused(&visit, words.address_taken, asked(words)),
        Err(error) => Err(error.into()),
    }
}
