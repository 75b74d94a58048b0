//! Examples of what is sent and answered; a test holds them against the schemas.

use serde_json::{Value, json};

pub(super) fn user() -> Value {
    json!({
        "id": "0199f1a0-7c3e-7d4b-9a31-5f0c2b6de111",
        "first_name": "Ada",
        "username": "ada@example.com",
        "last_name": "Lovelace",
        "phone": "+31 20 123 4567",
        "email": "ada@example.com",
        "company": environment()["id"],
        "groups": [{ "id": 2, "name": "editors", "permissions": ["view_user"] }],
        "mfa": false,
        "reset_pw": false,
        "reset_2fa": false,
        "is_active": true,
        "permissions": ["view_user"],
        "name": "Ada Lovelace",
        "language": "en",
        "locale": "en-GB",
        "administrator": false,
        "menus": [{ "id": 1, "name": "maxedyPizzaMenu" }],
        "external_id": "",
        "pending": false,
        "created_at": "2026-01-02T03:04:05.678901Z",
        "updated_at": "2026-01-02T03:04:05.678901Z",
    })
}

pub(super) fn user_body() -> Value {
    json!({
        "email": "grace@example.com",
        "password": "correct horse battery",
        "first_name": "Grace",
        "last_name": "Hopper",
        "phone": "+31 20 123 4567",
        "groups": [],
    })
}

pub(super) fn group() -> Value {
    json!({
        "id": 2,
        "name": "editors",
        "label": "Editors",
        "permissions": ["view_user"],
        "menus": [1],
        "contains": [],
        "second_factor": false,
    })
}

pub(super) fn permission() -> Value {
    json!({ "id": 21, "codename": "approve_invoice", "name": "Approve invoices", "built_in": false })
}

pub(super) fn menu() -> Value {
    let below =
        json!({ "name": "open", "label": "Open", "href": "/orders?open", "icon": "", "permission": "", "items": [] });
    let item = json!({
        "name": "orders", "label": "Orders", "href": "/orders", "icon": "cart", "permission": "", "items": [below],
    });
    json!({ "id": 1, "name": "maxedyPizzaMenu", "label": "Pizza", "items": [item] })
}

pub(super) fn menu_body() -> Value {
    let mut body = menu();
    body.as_object_mut().into_iter().for_each(|body| drop(body.remove("id")));
    body
}

pub(super) fn environment() -> Value {
    json!({
        "id": "0199f1a0-7c00-7b1e-8c11-2f6f5a8de222",
        "key": "maxedy_pizza",
        "name": "Maxedy Pizza",
        "organisation": "",
        "password_minimum": 0,
        "session_idle": 0,
        "session_lifetime": 0,
        "second_factor": "administrators",
        "audit_retention": 0,
    })
}
