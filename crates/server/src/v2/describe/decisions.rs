//! Who may do what, why, and what would change.

use super::examples::user;
use crate::body::FieldType;
use crate::openapi::{Operation, Schemas, operation};
use crate::v2::auth::AsOf;
use crate::v2::checks::{self, EffectiveAnswer, ManyAnswer, OneAnswer, OutcomeAnswer, SuppositionFields};
use crate::v2::holders::{HoldersAnswer, ListHolders};
use serde_json::{Value, json};

/// A revision as answers have it.
const REVISION: i64 = 1_767_323_045_678_901;

/// What it takes to ask about others.
const ABOUT_OTHERS: &str = "About others it takes the permission view_user; as of a time that is over, view_audit too.";

pub(super) fn operations() -> Vec<Operation> {
    let of_user = json!({ "permissions": ["approve_invoice", "view_user"], "revision": REVISION });
    vec![
        operation("post", "/check", "check", "Decisions", "May this user do this?")
            .about(
                "One question, or up to 1,000 as `questions`. About others it takes the permission view_user; as of a time that \
                 is over, as `at` names one, view_audit too.",
            )
            .body(checks::schema, json!({ "user": user()["id"], "permission": "view_user", "explain": true }))
            .gives(200, "The answer, or one for each question in their order.", answer, explained())
            .fails(&[]),
        operation("post", "/whatif", "whatIf", "Decisions", "Who would gain and lose what?")
            .about("Nothing is changed. Takes the permissions view_user and view_group.")
            .body(SuppositionFields::schema, json!({ "groups": [{ "id": 2, "permissions": [] }] }))
            .gives(200, "Whoever would gain or lose something.", outcome_schema, outcome())
            .fails(&[409]),
        operation("get", "/user/{id}/permissions", "getUserPermissions", "Decisions", "All that a user may do now, or could do")
            .about(ABOUT_OTHERS)
            .with(AsOf::parameters)
            .gives(200, "The permissions.", |schemas| schemas.answer::<EffectiveAnswer<'_>>(), of_user)
            .fails(&[404]),
        operation("get", "/permission/{id}/holders", "listHolders", "Decisions", "Who holds a permission, or held it")
            .about(
                "With each, who gave it to them, and when. Takes the permission view_user; as of a time that is over, \
                 view_audit too.",
            )
            .with(ListHolders::parameters)
            .gives(200, "A page; next is an address.", |schemas| schemas.answer::<HoldersAnswer<'_>>(), holders())
            .fails(&[404]),
    ]
}

fn answer(schemas: &mut Schemas) -> Value {
    json!({ "anyOf": [schemas.answer::<OneAnswer<'_>>(), schemas.answer::<ManyAnswer<'_>>()] })
}

fn outcome_schema(schemas: &mut Schemas) -> Value {
    schemas.answer::<OutcomeAnswer<'_>>()
}

fn explained() -> Value {
    let since = "2026-01-02T03:04:05.678901Z";
    let step = json!({ "id": 2, "name": "editors", "since": since, "given_by": user()["id"] });
    let path = json!({ "through": "groups", "since": since, "given_by": "", "groups": [step] });
    json!({ "allowed": true, "explanation": { "because": [path], "missing": [] }, "revision": REVISION })
}

fn holders() -> Value {
    let given = json!({ "through": "administrator", "since": "2026-01-02T03:04:05.678901Z", "given_by": "" });
    json!({ "next": null, "results": [{ "user": user(), "because": [given] }] })
}

fn outcome() -> Value {
    let loses = json!({ "id": user()["id"], "name": "Ada Lovelace", "gains": [], "loses": ["view_user"] });
    json!({ "users": [loses], "complete": true })
}
