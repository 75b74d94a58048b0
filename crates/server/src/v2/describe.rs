//! What the description of the APIs says of this one: what its operations share, and below, a table for each noun.

mod audit;
mod credentials;
mod decisions;
mod examples;
mod own;
mod second_factors;
mod things;
mod users;
mod webhooks;

use super::error::Detail;
use super::wire::Fields;
use crate::openapi::{Dialect, Operation, Schemas, header, header_parameter, reason};
use serde_json::{Value, json};

pub(crate) const DIALECT: Dialect =
    Dialect { name: "v2", base: "/api/v2", security, parameters: environment, refusal, operations };

fn operations() -> Vec<Operation> {
    let all = [
        own::operations(),
        credentials::operations(),
        second_factors::operations(),
        users::operations(),
        decisions::operations(),
        audit::operations(),
        things::operations(),
        webhooks::operations(),
    ];
    all.into_iter().flatten().collect()
}

fn security() -> Value {
    json!([{ "bearer": [] }])
}

fn environment() -> Vec<Value> {
    let about = "The environment to act in, by key or UUID, instead of the session's.";
    vec![header_parameter("X-Environment-Id", json!({ "type": "string" }), about)]
}

/// Headers of a change of something that has tags.
fn if_match(_: &mut Schemas) -> Vec<Value> {
    let pattern = r#"^(\*|(W/)?"[!#-~]*"([ \t]*,[ \t]*(W/)?"[!#-~]*")*)$"#;
    let about = "Change it only if it still has one of these tags.";
    vec![header_parameter("If-Match", json!({ "type": "string", "pattern": pattern, "minLength": 1 }), about)]
}

/// Headers of a question for something that has tags.
fn if_none_match(_: &mut Schemas) -> Vec<Value> {
    vec![header_parameter("If-None-Match", json!({ "type": "string" }), "Answer 304 if it has one of these tags.")]
}

/// Headers of a call that makes something.
fn repeatable(_: &mut Schemas) -> Vec<Value> {
    let schema = json!({ "type": "string", "pattern": "^[!-~]{1,255}$" });
    let about = "A key of one's own: the same call with the same key is made once, and answered alike for 24 hours.";
    vec![header_parameter("Idempotency-Key", schema, about)]
}

const TAG: (&str, &str) = ("ETag", "The tag of what is answered.");
const LOCATION: (&str, &str) = ("Location", "Where the new thing stands.");

fn refusal(schemas: &mut Schemas, status: u16) -> Value {
    let detail = schemas.answer::<Detail<'_>>();
    let fields = schemas.named("WrongFields", |_| Fields::schema());
    let (schema, example) = match status {
        400 => (json!({ "anyOf": [fields, detail] }), json!({ "email": ["This field is required."] })),
        409 => {
            let taken = "A user has this e-mail address already.";
            (json!({ "anyOf": [fields, detail] }), json!({ "email": [taken] }))
        }
        status => {
            let (code, sentence) = example(status);
            (detail, json!({ "detail": sentence, "code": code }))
        }
    };
    let mut refusal = json!({
        "description": reason(status),
        "content": { "application/json": { "schema": schema, "example": example } },
    });
    match status {
        401 => refusal["headers"] = json!({ "WWW-Authenticate": header("Bearer.") }),
        429 | 503 => refusal["headers"] = json!({ "Retry-After": header("Seconds to wait.") }),
        _ => {}
    }
    refusal
}

fn example(status: u16) -> (&'static str, &'static str) {
    match status {
        401 => ("not_authenticated", "Sign in, and send the token: Authorization: Bearer <token>."),
        403 => ("permission_denied", "This takes the permission view_user."),
        404 => ("not_found", "There is no such user here."),
        412 => ("precondition_failed", "It has changed since you saw it: read it again, and change that."),
        413 => ("payload_too_large", "The body is over 1 MiB: send less at once."),
        415 => ("unsupported_media_type", "Send JSON in UTF-8, and say so: Content-Type: application/json."),
        422 => ("idempotency_key_reused", "This key came with another body before: a new call needs a new key."),
        429 => ("throttled", "Too many attempts failed."),
        500 => ("internal_error", "Something went wrong here. It is in the log of the server."),
        _ => ("unavailable", "The server cannot do this at the moment, and nothing was changed: try again."),
    }
}
