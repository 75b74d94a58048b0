//! `/console/environments/<key>/nesting`: which groups are within which, as a picture and in words.

mod picture;

use super::error::Error;
use super::layout::{Layout, page};
use super::session::Visit;
use super::words::NestingWords;
use crate::app::App;
use askama::Template;
use axum::extract::State;
use axum::response::Response;
use directory::groups::{self, Nested};
use picture::Picture;

/// The most groups of a picture that can still be read.
const MOST: usize = 80;

#[derive(Template)]
#[template(path = "console/nesting.html")]
struct NestingPage {
    layout: Layout,
    words: &'static NestingWords,
    groups_here: String,
    groups: Vec<Nested>,
    complete: bool,
    picture: Picture,
}

impl NestingPage {
    /// The groups that this one contains directly.
    fn contained<'a>(&'a self, outer: &Nested) -> Vec<&'a Nested> {
        self.groups.iter().filter(|inner| inner.within.contains(&outer.id)).collect()
    }
}

/// `GET /console/environments/<key>/nesting`.
pub(super) async fn show(State(app): State<App>, visit: Visit) -> Result<Response, Error> {
    let find =
        |tx: &mut directory::store::Tx<'_>, actor: &directory::actor::Actor| groups::nesting(tx, actor, None, MOST);
    let (layout, (groups, complete)) = visit.report(&app, find).await?;
    let words = NestingWords::of(visit.language);
    let (groups_here, picture) = (layout.address("groups"), Picture::of(&groups));
    page(&NestingPage { layout, words, groups_here, groups, complete, picture })
}
