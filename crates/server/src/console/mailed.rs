//! What all mailed links have in common: each carries its token behind the `#`, which browsers keep to themselves, so a script
//! puts it into a form, or its reader does. From then on it travels in bodies alone, and stands in no log. Knows no purpose.

use super::error::Error;
use super::form::Form;
use super::layout::{Layout, page_with};
use super::session::Visit;
use super::words::MailedWords;
use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;
use directory::secret::TokenSecret;

/// The page on which a link is opened.
#[derive(Template)]
#[template(path = "console/mailed.html")]
struct MailedPage {
    layout: Layout,
    words: &'static MailedWords,
    form: Form,
    asked: Asked,
}

/// What is asked of the owner of a link.
pub(super) struct Asked {
    pub(super) title: &'static str,
    pub(super) lead: &'static str,
    /// Where the link is sent.
    pub(super) action: &'static str,
    /// What the button says.
    pub(super) button: &'static str,
    /// Nothing happens yet, so a script need not wait for its reader.
    pub(super) at_once: bool,
}

/// The page.
pub(super) fn page(visit: &Visit, asked: Asked) -> Result<Response, Error> {
    answer(visit, StatusCode::OK, Form::default(), asked)
}

/// The page once more, with what is wrong with the link.
pub(super) fn refused(visit: &Visit, sentence: &str, asked: Asked) -> Result<Response, Error> {
    // What was written is of no more use.
    let mut form = Form::default();
    form.refuse("link", sentence);
    answer(visit, StatusCode::UNPROCESSABLE_ENTITY, form, asked)
}

fn answer(visit: &Visit, status: StatusCode, form: Form, asked: Asked) -> Result<Response, Error> {
    let words = MailedWords::of(visit.language);
    page_with(status, &MailedPage { layout: visit.unsigned(), words, form, asked })
}

/// What a link carries, be it the whole link or its end.
pub(super) fn token(link: &str) -> Option<TokenSecret> {
    let end = link.rsplit_once("token=").map_or(link, |(_, end)| end);
    TokenSecret::parse(end.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_is_read_whole_or_by_its_end() {
        let value = "A".repeat(43);
        for link in
            [value.clone(), format!(" https://id.example/console/reset#token={value}\n"), format!("token={value}")]
        {
            assert_eq!(token(&link).unwrap().expose(), value, "{link}");
        }
        for other in ["", "x", "https://id.example/console/reset", "#token="] {
            assert!(token(other).is_none(), "{other}");
        }
    }
}
