//! A secret that was just made, on a page of its own: shown this once, and kept nowhere in the clear. Knows not what it opens.

use super::error::Error;
use super::layout::{Layout, page};
use super::words::ShownOnceWords;
use askama::Template;
use axum::response::Response;

#[derive(Template)]
#[template(path = "console/shown_once.html")]
struct ShownOncePage<'a> {
    layout: Layout,
    words: &'static ShownOnceWords,
    what: ShownOnce<'a>,
}

/// What is shown.
pub(super) struct ShownOnce<'a> {
    /// The page's title.
    pub(super) title: &'a str,
    /// What it is for, and what to do with it.
    pub(super) help: &'a str,
    pub(super) label: &'a str,
    pub(super) secret: &'a str,
    /// Where one goes then.
    pub(super) back: &'a str,
}

/// The answer. Nothing of it is kept by a browser, as with every page.
pub(super) fn show(layout: Layout, what: ShownOnce<'_>) -> Result<Response, Error> {
    let words = ShownOnceWords::of(layout.language);
    page(&ShownOncePage { layout, words, what })
}
