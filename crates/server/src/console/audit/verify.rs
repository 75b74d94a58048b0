//! `/console/environments/<key>/audit/verify`: whether a trail is whole. A long one is walked piece by piece, each a form of its
//! own: a script sends the next, and without one a button does. Knows nothing of how a break is found.

use crate::app::App;
use crate::console::error::Error;
use crate::console::form::Sent;
use crate::console::layout::{Layout, page};
use crate::console::words::AuditWords;
use askama::Template;
use axum::extract::State;
use axum::response::Response;
use directory::audit::{Break, How, Piece};

/// Events that are walked at once: below a second.
const PIECE: i64 = 20_000;

#[derive(Template)]
#[template(path = "console/audit_verify.html")]
struct VerifyPage {
    layout: Layout,
    words: &'static AuditWords,
    here: String,
    system: bool,
    piece: Piece,
    broken: Option<Broken>,
}

struct Broken {
    sequence: i64,
    /// The last of those that are concerned.
    until: i64,
    how: &'static str,
}

/// `POST /console/environments/<key>/audit/verify`.
pub(in crate::console) async fn verify(State(app): State<App>, Sent { visit, form }: Sent) -> Result<Response, Error> {
    let (system, from) = (form.text("system") == "true", form.text("from").to_owned());
    let from = Some(from).filter(|from| !from.is_empty());
    let piece = app.directory.verify_piece(visit.caller(), system, from, PIECE).await?;
    let (layout, ()) = visit.read(&app, |_, _| Ok(())).await?;
    let words = AuditWords::of(visit.language);
    let broken = piece.verified.breaks.first().map(|at| Broken::of(at, words));
    page(&VerifyPage { here: layout.address("audit"), layout, words, system, piece, broken })
}

impl Broken {
    fn of(at: &Break, words: &AuditWords) -> Broken {
        let (until, how) = match at.how {
            How::Altered => (at.sequence, words.altered),
            How::Removed { until } => (until, words.removed),
            How::Inserted => (at.sequence, words.inserted),
            How::OutOfOrder => (at.sequence, words.out_of_order),
            How::AnotherWasSigned => (at.sequence, words.another_was_signed),
            How::Forged => (at.sequence, words.forged),
        };
        Broken { sequence: at.sequence, until, how }
    }
}
