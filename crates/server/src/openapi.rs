//! The description of the APIs (OpenAPI 3.1): made once, from the declarations that also read bodies and queries, from the
//! structs that are written as answers, and from a table of operations beside each API's routes.

mod operation;
mod page;
pub(crate) mod patterns;
mod routes;
mod schemas;

pub(crate) use operation::{Dialect, Operation, header, header_parameter, operation, reason};
pub(crate) use page::{page, style};
pub(crate) use routes::routes;
pub(crate) use schemas::{Object, Schemas, joined, query_parameter};

use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;
use std::sync::OnceLock;

const ABOUT: &str = "Who your users are, where they belong, and what they may do. v1 creates or modifies a user in one \
    call; v2 has users, groups, permissions, menus and environments as resources.";

const TAGS: [(&str, &str); 8] = [
    ("Sessions", "Signing in, staying in, and out."),
    ("Own user", "What callers see and change of themselves."),
    ("Second factors", "What proves oneself besides the password."),
    ("Users", "The users of an environment."),
    ("Groups", "Groups, which users of an API may know as roles."),
    ("Permissions", "The names of actions."),
    ("Menus", "What applications show to whom."),
    ("Environments", "The tenants, for operators."),
];

/// The description as text, as it is served and printed.
pub fn text() -> &'static str {
    static TEXT: OnceLock<String> = OnceLock::new();
    TEXT.get_or_init(|| {
        let mut text = serde_json::to_string_pretty(&document()).unwrap_or_default();
        text.push('\n');
        text
    })
}

/// `GET /openapi.json`: the same for everybody, so anybody may keep it for a while.
pub(crate) async fn json() -> Response {
    ([(CONTENT_TYPE, "application/json"), (CACHE_CONTROL, "public, max-age=300")], text()).into_response()
}

/// The description.
pub(crate) fn document() -> Value {
    let (mut paths, mut schemas, mut responses) = (Map::new(), Map::new(), Map::new());
    for dialect in [crate::v1::DIALECT, crate::v2::DIALECT] {
        let mut named = Schemas::of(dialect.name);
        let mut refusals = BTreeSet::new();
        for operation in (dialect.operations)() {
            let path = paths.entry(format!("{}{}", dialect.base, operation.path)).or_insert_with(|| json!({}));
            path[operation.method] = operation.describe(&dialect, &mut named);
            refusals.extend(operation.refusals().iter().copied());
        }
        for status in refusals {
            responses.insert(format!("{}.{status}", dialect.name), (dialect.refusal)(&mut named, status));
        }
        schemas.extend(named.take());
    }
    let tags: Vec<Value> = TAGS.iter().map(|(name, about)| json!({ "name": name, "description": about })).collect();
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Rolebook",
            "version": env!("CARGO_PKG_VERSION"),
            "description": ABOUT,
            "license": { "name": "Apache-2.0", "identifier": "Apache-2.0" },
        },
        "servers": [{ "url": "/" }],
        "tags": tags,
        "paths": paths,
        "components": {
            "schemas": schemas,
            "responses": responses,
            "securitySchemes": {
                "bearer": { "type": "http", "scheme": "bearer", "description": "A session's token, or an API token." },
                "userId": { "type": "apiKey", "in": "header", "name": "X-User-Id", "description": "Whose token it is." },
                "authToken": { "type": "apiKey", "in": "header", "name": "X-Auth-Token",
                    "description": "A session's token, or an API token." },
            },
        },
    })
}

#[cfg(test)]
mod tests;
