//! The audit trail.

use crate::openapi::{Operation, operation};
use crate::v2::audit::{AskAudit, AuditAnswer, ExportAudit};
use serde_json::{Value, json};

pub(super) fn operations() -> Vec<Operation> {
    let page = json!({ "next": null, "results": [event()] });
    vec![
        operation("get", "/audit", "listAuditEvents", "Audit", "Who did what, newest first")
            .about("Takes the permission view_audit. A change is here a moment after it was answered.")
            .with(AskAudit::parameters)
            .gives(200, "A page; next is an address.", |schemas| schemas.answer::<AuditAnswer>(), page),
        operation("get", "/audit/export", "exportAudit", "Audit", "The whole audit trail, oldest first")
            .about(
                "Takes the permission view_audit. A line of JSON for each event, with all that its hash is made of: what \
                 `rolebook audit verify --file` reads.",
            )
            .with(ExportAudit::parameters)
            .gives(200, "Lines.", |_| json!({ "type": "string" }), json!(""))
            .media_type("application/x-ndjson"),
    ]
}

fn event() -> Value {
    json!({
        "sequence": 7,
        "at": "2027-01-31T23:59:59.000000Z",
        "actor": "0199f1a0-7c00-7b1e-8c11-2f6f5a8de111",
        "credential": "session",
        "credential_id": "0199f1a0-7c00-7b1e-8c11-2f6f5a8de333",
        "request": "0199f1a0-7c00-7b1e-8c11-2f6f5a8de444",
        "address": "192.0.2.1",
        "verb": "user.updated",
        "subject": "0199f1a0-7c00-7b1e-8c11-2f6f5a8de555",
        "changes": { "administrator": [false, true] },
        "erased": false,
        "hash": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    })
}
