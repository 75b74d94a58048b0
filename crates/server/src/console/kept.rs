//! `/console/kept`: a form whose session had ended, or owed a step, when it was sent. It waits in the browser that sent it, in a
//! cookie that only this server opens, until its owner is signed in again, sees what it holds, and sends it once more.
//!
//! A cookie, because it passes by however many pages signing in takes without any of them knowing of it, needs no script, and
//! fills no database at the wish of somebody who is not signed in. It is packed before it is sealed: some ten kilobytes of a form
//! then fit. What is larger than browsers take is not kept, and its owner is told so; nor is any secret. Knows no form, but what
//! the fields are called that people type into.

use super::error::Error;
use super::language::Language;
use super::layout::{Layout, page};
use super::session::{Next, Visit, cookie, kept_cookie_name};
use super::sign_in::next;
use super::words::KeptWords;
use crate::app::App;
use askama::Template;
use axum::extract::{RawQuery, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Redirect, Response};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use directory::clock::Time;
use miniz_oxide::deflate::compress_to_vec_zlib;
use miniz_oxide::inflate::decompress_to_vec_zlib_with_limit;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// What it is sealed for.
const PURPOSE: &str = "kept form";
/// How long it waits: as long as there is to take a step.
pub(super) const LIFETIME: Duration = Duration::from_secs(15 * 60);
/// Browsers take 4,096 bytes, the name and all else included.
const MOST: usize = 3900;
/// As good as it gets without taking milliseconds.
const LEVEL: u8 = 6;
/// What is larger than this hardly fits, packed or not, and packing it would keep others waiting; nor does more come of unpacking.
const UNPACKED: usize = 64 << 10;

/// A form that waits.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Kept {
    /// Whose, as its page said.
    owner: String,
    /// Where it was sent.
    to: String,
    fields: Vec<(String, String)>,
    /// In microseconds.
    until: i64,
    /// It was too large for a cookie, and is gone: its owner is told so.
    #[serde(default)]
    lost: bool,
}

impl Kept {
    /// What there is to keep of a form: nothing of those that sign in, whose page is nobody's yet.
    pub(super) fn of(app: &App, owner: &str, to: &str, fields: &[(String, String)]) -> Option<Kept> {
        if owner.is_empty() || !to.starts_with("/console/environments/") {
            return None;
        }
        let secret = |name: &str| {
            ["password", "secret", "token", "code", "credential", "challenge"].iter().any(|part| name.contains(part))
        };
        let kept = fields.iter().filter(|(name, _)| name != "csrf" && !secret(name)).cloned().collect();
        let until = app.directory.effects().clock.now().plus(LIFETIME).as_micros();
        Some(Kept { owner: owner.to_owned(), to: to.to_owned(), fields: kept, until, lost: false })
    }

    /// What was typed, under the names that people know it by.
    fn typed(&self, language: Language) -> Vec<(&'static str, &str)> {
        let words = KeptWords::of(language);
        let typed = self.fields.iter().filter(|(_, value)| !value.is_empty());
        typed.filter_map(|(name, value)| Some((label(words, name)?, value.as_str()))).collect()
    }

    /// As a cookie holds it; of one that is too large for that, that there was one.
    pub(super) fn seal(&self, app: &App) -> Option<String> {
        self.sealed(app).or_else(|| Kept { fields: Vec::new(), lost: true, ..self.clone() }.sealed(app))
    }

    fn sealed(&self, app: &App) -> Option<String> {
        let (plain, effects) = (serde_json::to_vec(self).ok()?, app.directory.effects());
        let packed = (plain.len() <= UNPACKED).then(|| compress_to_vec_zlib(&plain, LEVEL))?;
        let sealed = effects.keys.seal(PURPOSE, &[], &packed, &effects.randomness).ok()?;
        Some(URL_SAFE_NO_PAD.encode(sealed)).filter(|text| text.len() <= MOST)
    }

    /// The one that waits for this visit's owner.
    fn open(app: &App, headers: &HeaderMap, visit: &Visit) -> Option<Kept> {
        let sealed = URL_SAFE_NO_PAD.decode(cookie(headers, kept_cookie_name(app))?).ok()?;
        let effects = app.directory.effects();
        let packed = effects.keys.open(PURPOSE, &[], &sealed).ok()?;
        let kept: Kept = serde_json::from_slice(&decompress_to_vec_zlib_with_limit(&packed, UNPACKED).ok()?).ok()?;
        let good = Time::from_micros(kept.until) > effects.clock.now() && kept.owner == visit.owner;
        (good && !kept.owner.is_empty()).then_some(kept)
    }
}

#[derive(Template)]
#[template(path = "console/kept.html")]
struct KeptPage {
    layout: Layout,
    words: &'static KeptWords,
    language: Language,
    kept: Kept,
    /// The page that it stood on.
    next: String,
}

/// `GET /console/kept`. Whoever has nothing waiting is led on.
pub(super) async fn show(
    State(app): State<App>,
    visit: Visit,
    headers: HeaderMap,
    query: RawQuery,
) -> Result<Response, Error> {
    let next = next(query)?;
    let (mut layout, ()) = visit.read(&app, |_, _| Ok(())).await?;
    layout.leave_environment();
    match Kept::open(&app, &headers, &visit) {
        Some(kept) => {
            let language = visit.language;
            page(&KeptPage { layout, words: KeptWords::of(language), language, kept, next })
        }
        None => Ok(Redirect::to(&next).into_response()),
    }
}

/// What people call a field; `None`: they never typed into it.
fn label(words: &KeptWords, field: &str) -> Option<&'static str> {
    Some(match field {
        "name" | "item_name" => words.name,
        "label" | "item_label" => words.label,
        "first_name" => words.first_name,
        "last_name" => words.last_name,
        "email" => words.email,
        "username" => words.username,
        "phone" => words.phone,
        "language" => words.language,
        "locale" => words.locale,
        "external_id" => words.external_id,
        "codename" => words.codename,
        "url" | "item_href" => words.address,
        "key" => words.key,
        "organisation" => words.organisation,
        _ => return None,
    })
}

/// A form that was sent, for the layer to keep should it be refused.
#[derive(Clone)]
pub(super) struct Sending {
    pub(super) app: App,
    pub(super) kept: Kept,
}

impl Sending {
    /// Where to go after signing in: to what is kept, and from there to where its page is; and the cookie that keeps it.
    pub(super) fn detour(&self, here: &Next) -> Option<(Next, String)> {
        Some((Next::parse(&here.after("/console/kept")), self.kept.seal(&self.app)?))
    }
}
