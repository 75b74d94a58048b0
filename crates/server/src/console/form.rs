//! What a form holds and what is wrong with it. A page is drawn from the same thing before it is filled in and after it was
//! refused, so nothing that was typed is lost and every error stands beside its field. Knows no form in particular.

use super::error::Error;
use super::house::Noted;
use super::kept::{Kept, Sending};
use super::language::Language;
use super::refused;
use super::session::{Visit, same};
use super::words::Sentence;
use crate::app::App;
use crate::http::body_bytes::{self, MAX_BODY};
use crate::http::media_type::MediaType;
use crate::json::Json;
use crate::query;
use axum::extract::{FromRequest, FromRequestParts, Request};
use directory::error::{Field, Refusal};
use std::collections::HashMap;

/// The field that every form has.
const TOKEN: &str = "csrf";

/// The fields of a form, by name. No `Debug`: there are passwords among them.
#[derive(Default)]
pub(super) struct Form {
    values: Vec<(String, String)>,
    errors: Vec<(&'static str, String)>,
}

impl Form {
    /// A form that nobody has filled in.
    pub(super) const EMPTY: Form = Form { values: Vec::new(), errors: Vec::new() };

    /// A form that is filled in already.
    pub(super) fn of<const N: usize>(values: [(&str, String); N]) -> Form {
        Form { values: values.map(|(name, value)| (name.to_owned(), value)).into(), errors: Vec::new() }
    }

    /// What a field holds; empty where it is not there.
    pub(super) fn text(&self, name: &str) -> &str {
        self.values.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value)
    }

    /// Whether a field holds anything.
    pub(super) fn ticked(&self, name: &str) -> bool {
        !self.text(name).is_empty()
    }

    /// What it holds besides what protects it and these: for a page that asks whether to go on.
    pub(super) fn carried(&self, but: &[&str]) -> Vec<(&str, &str)> {
        let kept = self.values.iter().filter(|(key, _)| key != TOKEN && !but.contains(&key.as_str()));
        kept.map(|(key, value)| (key.as_str(), value.as_str())).collect()
    }

    /// Nothing was sent, and nothing filled in.
    pub(super) fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// All that a field holds which may be given more than once: boxes that are ticked.
    pub(super) fn all<'f>(&'f self, name: &'f str) -> impl Iterator<Item = &'f str> {
        self.values.iter().filter(move |(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// Every field's first value, by name: for whoever looks up as many as a form may hold.
    pub(super) fn by_name(&self) -> HashMap<&str, &str> {
        // What comes later gives way to what came before.
        self.values.iter().rev().map(|(name, value)| (name.as_str(), value.as_str())).collect()
    }

    /// Whether a field that may be given more than once holds this.
    pub(super) fn holds(&self, name: &str, value: &str) -> bool {
        self.all(name).any(|held| held == value)
    }

    /// Whether a box is ticked, a button was used.
    pub(super) fn has(&self, name: &str) -> bool {
        self.all(name).next().is_some()
    }

    /// Fills in one more value.
    pub(super) fn fill(&mut self, name: impl Into<String>, value: impl Into<String>) {
        self.values.push((name.into(), value.into()));
    }

    /// Gives a field another value.
    pub(super) fn set(&mut self, name: &str, value: impl Into<String>) {
        self.values.retain(|(key, _)| key != name);
        self.fill(name, value);
    }

    /// What is wrong with a field; empty: nothing.
    pub(super) fn error(&self, name: &str) -> &str {
        self.errors.iter().find(|(field, _)| *field == name).map_or("", |(_, sentence)| sentence)
    }

    /// Whether this field is the first with which something is wrong: where its reader goes on.
    pub(super) fn fails_first(&self, name: &str) -> bool {
        self.errors.first().is_some_and(|(field, _)| *field == name)
    }

    /// Says what is wrong with a field.
    pub(super) fn refuse(&mut self, name: &'static str, sentence: impl Into<String>) {
        self.errors.push((name, sentence.into()));
    }

    /// Whether anything is wrong.
    pub(super) fn is_refused(&self) -> bool {
        !self.errors.is_empty()
    }

    /// Keeps what the directory finds wrong with fields, each by its name in this form.
    ///
    /// # Errors
    /// What is about nothing in this form.
    pub(super) fn keep(
        &mut self,
        error: directory::Error,
        language: Language,
        names: &[(Field, &'static str)],
    ) -> Result<(), Error> {
        self.refused_by(error, language, |field| names.iter().find(|(known, _)| *known == field).map(|(_, name)| *name))
    }

    /// Puts what the directory found wrong beside the fields that it is about, as `place` finds them.
    ///
    /// # Errors
    /// What is about none of them.
    pub(super) fn refused_by(
        &mut self,
        refusal: directory::Error,
        language: Language,
        place: impl Fn(Field) -> Option<&'static str>,
    ) -> Result<(), Error> {
        let wrong = match &refusal {
            directory::Error::Invalid(wrong) | directory::Error::Taken(wrong) => wrong,
            _ => return Err(refusal.into()),
        };
        let placed: Option<Vec<_>> = wrong.iter().map(|error| Some((place(error.field)?, &error.problem))).collect();
        let Some(placed) = placed else { return Err(refusal.into()) };
        for (field, problem) in placed {
            self.refuse(field, refused::sentence(problem, language));
        }
        Ok(())
    }

    /// A field as what the directory makes of it; `None`, with its sentence kept, where it refuses.
    pub(super) fn parse<T>(
        &mut self,
        name: &'static str,
        language: Language,
        parse: impl FnOnce(&str) -> Result<T, Refusal>,
    ) -> Option<T> {
        self.read(name, |text| parse(text).map_err(|refusal| refusal.in_language(language)))
    }

    /// The same with a page's own sentence.
    pub(super) fn read<T, E: Into<String>>(
        &mut self,
        name: &'static str,
        read: impl FnOnce(&str) -> Result<T, E>,
    ) -> Option<T> {
        match read(self.text(name)) {
            Ok(value) => Some(value),
            Err(sentence) => {
                self.refuse(name, sentence);
                None
            }
        }
    }
}

/// A form that was sent, by a page of this very session.
pub(super) struct Sent {
    pub(super) visit: Visit,
    pub(super) form: Form,
}

impl FromRequest<App> for Sent {
    type Rejection = Error;

    async fn from_request(request: Request, app: &App) -> Result<Sent, Error> {
        let (mut parts, body) = request.into_parts();
        let visit = Visit::from_request_parts(&mut parts, app).await?;
        if MediaType::of(&parts.headers) != MediaType::Form {
            return Err(Error::Unreadable);
        }
        let bytes = body_bytes::read(body, MAX_BODY).await.map_err(|_| Error::Unreadable)?;
        let text = std::str::from_utf8(&bytes).map_err(|_| Error::Unreadable)?;
        let Ok(Json::Object(pairs)) = query::parse(text) else { return Err(Error::Unreadable) };
        let texts = pairs.into_iter().filter_map(|(name, value)| match value {
            Json::Text(value) => Some((name, value)),
            _ => None,
        });
        let form = Form { values: texts.collect(), errors: Vec::new() };
        // Before there is a session there is nothing to bind it to: where the form comes from was judged for all.
        let (sent, owner) = form.text(TOKEN).split_once('.').unwrap_or((form.text(TOKEN), ""));
        let ours = visit.token.split('.').next().unwrap_or_default();
        if visit.has_session() && !same(sent, ours) {
            return Err(Error::Forged);
        }
        if let Some(noted) = parts.extensions.get::<Noted>()
            && let Some(kept) = Kept::of(app, owner, parts.uri.path(), &form.values)
        {
            let _ = noted.form.set(Sending { app: app.clone(), kept });
        }
        Ok(Sent { visit, form })
    }
}
