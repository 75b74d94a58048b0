//! `/api/v2/check`, `/api/v2/whatif` and `/api/v2/user/<id>/permissions`: who may do what, why, and what would change. How the
//! reasons look stands in `checks/reasons.rs`.

mod reasons;
mod suppose;

pub(super) use reasons::{ExplanationAnswer, PathAnswer};
pub(super) use suppose::{OutcomeAnswer, SuppositionFields, suppose};

use super::answer;
use super::auth::{CallerAt, Named, Sent, user_id};
use super::error::Error;
use super::wire::codenames;
use crate::app::App;
use crate::body::{FieldType, WireError, Within, body, refused};
use crate::json::Json;
use crate::openapi::Schemas;
use axum::extract::State;
use axum::response::Response;
use directory::actor::Actor;
use directory::checks::{self, Question, Verdict};
use directory::clock::Time;
use directory::store::{Revision, Tx};
use serde_json::{Value, json};

body! {
    /// One question.
    pub(super) struct OneQuestion {
        /// Who, by its id; left out: whoever asks.
        user: Optional<String>,
        /// A codename.
        permission: Required<String>,
        /// Say why, or why not.
        explain: Optional<bool>,
        /// Answer from a state that has all that was answered with this revision.
        min_revision: Optional<Within<0, { i64::MAX }>>,
        /// Answer as of this time. For holders of view_audit, but for oneself.
        at: Optional<Time>,
    }
}

body! {
    /// Many questions.
    pub(super) struct ManyQuestions {
        questions: Required<Questions>,
        /// Say why, or why not.
        explain: Optional<bool>,
        /// Answer from a state that has all that was answered with this revision.
        min_revision: Optional<Within<0, { i64::MAX }>>,
        /// Answer as of this time. For holders of view_audit, but for oneself.
        at: Optional<Time>,
    }
}

body! {
    /// A question among others.
    struct QuestionFields {
        /// Who, by its id; left out: whoever asks.
        user: Optional<String>,
        /// A codename.
        permission: Required<String>,
    }
}

/// As many as one call may ask.
pub(super) struct Questions(Vec<QuestionFields>);

impl FieldType for Questions {
    const EXPECTED: &'static str = "a list of questions";

    fn read(value: &Json) -> Result<Questions, Vec<WireError>> {
        match value {
            Json::List(values) if values.len() > checks::MOST => Err(refused("Ask at most 1,000 questions at once.")),
            value => Vec::read(value).map(Questions),
        }
    }

    fn schema(schemas: &mut Schemas) -> Value {
        json!({ "type": "array", "items": <QuestionFields as FieldType>::schema(schemas), "maxItems": checks::MOST })
    }
}

/// What a body asks.
struct Asked {
    questions: Vec<Question>,
    /// It is one, and answered as one.
    one: bool,
    explain: bool,
    revision: Option<Revision>,
    at: Option<Time>,
}

fn read(body: &Json) -> Result<Asked, Vec<WireError>> {
    let question = |user: Option<String>, permission| Question { user: user.map(|id| (user_id(&id), id)), permission };
    if body.get("questions").is_some() {
        let ManyQuestions { questions, explain, min_revision, at } = ManyQuestions::read(body)?;
        let questions = questions.0.into_iter().map(|asked| question(asked.user, asked.permission)).collect();
        let revision = min_revision.map(|least| Revision(least.get()));
        return Ok(Asked { questions, one: false, explain: explain.unwrap_or(false), revision, at });
    }
    let OneQuestion { user, permission, explain, min_revision, at } = OneQuestion::read(body)?;
    let revision = min_revision.map(|least| Revision(least.get()));
    let questions = vec![question(user, permission)];
    Ok(Asked { questions, one: true, explain: explain.unwrap_or(false), revision, at })
}

/// The schema of a check's body.
pub(super) fn schema(schemas: &mut Schemas) -> Value {
    json!({ "anyOf": [<OneQuestion as FieldType>::schema(schemas), <ManyQuestions as FieldType>::schema(schemas)] })
}

/// The answer to one question.
#[derive(serde::Serialize, utoipa::ToSchema)]
#[schema(as = v2::Verdict)]
pub(super) struct VerdictAnswer<'a> {
    allowed: bool,
    /// Where it was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    explanation: Option<ExplanationAnswer<'a>>,
}

/// The answer to a body with one question.
#[derive(serde::Serialize, utoipa::ToSchema)]
#[schema(as = v2::Check)]
pub(super) struct OneAnswer<'a> {
    allowed: bool,
    /// Where it was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    explanation: Option<ExplanationAnswer<'a>>,
    /// All that was answered with this revision or an earlier one counts here.
    revision: i64,
}

/// The answer to a body with many.
#[derive(serde::Serialize, utoipa::ToSchema)]
#[schema(as = v2::Checks)]
pub(super) struct ManyAnswer<'a> {
    /// In the order of the questions.
    results: Vec<VerdictAnswer<'a>>,
    revision: i64,
}

impl<'a> From<&'a Verdict> for VerdictAnswer<'a> {
    fn from(verdict: &'a Verdict) -> VerdictAnswer<'a> {
        VerdictAnswer {
            allowed: verdict.allowed,
            explanation: verdict.explanation.as_ref().map(ExplanationAnswer::from),
        }
    }
}

/// `POST /check`.
pub(super) async fn check(State(app): State<App>, sent: Sent) -> Result<Response, Error> {
    let Asked { questions, one, explain, revision, at } = read(&sent.body)?;
    // The past is not remembered as the present is.
    let short = if at.is_some() { checks::SHORT / 10 } else { checks::SHORT };
    let long = explain || questions.len() > short;
    let ask = move |tx: &mut Tx<'_>, actor: &Actor| checks::check(tx, actor, &questions, explain, at);
    let (verdicts, Revision(revision)) = match long {
        true => app.directory.report_since(revision, sent.caller, ask).await?,
        false => app.directory.read_since(revision, sent.caller, ask).await?,
    };
    let mut results = verdicts.iter().map(VerdictAnswer::from);
    Ok(match results.next() {
        Some(VerdictAnswer { allowed, explanation }) if one => {
            answer::ok(&OneAnswer { allowed, explanation, revision })
        }
        first => answer::ok(&ManyAnswer { results: first.into_iter().chain(results).collect(), revision }),
    })
}

/// All that a user may do.
#[derive(serde::Serialize, utoipa::ToSchema)]
#[schema(as = v2::EffectivePermissions)]
pub(super) struct EffectiveAnswer<'a> {
    /// In order. None, while the user is inactive or pending.
    permissions: Vec<&'a str>,
    revision: i64,
}

/// `GET /user/<id>/permissions`.
pub(super) async fn permissions(
    State(app): State<App>,
    named: Named,
    CallerAt { caller, at }: CallerAt,
) -> Result<Response, Error> {
    let ask = move |tx: &mut Tx<'_>, actor: &Actor| checks::permissions(tx, actor, named.user(), at);
    let (permissions, Revision(revision)) = app.directory.read_since(None, caller, ask).await?;
    Ok(answer::ok(&EffectiveAnswer { permissions: codenames(&permissions), revision }))
}
