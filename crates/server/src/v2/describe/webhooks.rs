//! Webhooks, their deliveries, and the stream of events.

use super::LOCATION;
use crate::body::FieldType;
use crate::openapi::{Operation, Schemas, header_parameter, operation};
use crate::v2::events::{EventAnswer, StreamEvents};
use crate::v2::webhooks::{
    DeliveriesAnswer, DeliveryAnswer, ListDeliveries, NewWebhookFields, WebhookAnswer, WebhookFields,
};
use serde_json::{Value, json};

const ID: &str = "0199f1a0-7c3e-7d4b-9a31-5f0c2b6de111";
const TIME: &str = "2026-01-02T03:04:05.678901Z";

pub(super) fn operations() -> Vec<Operation> {
    [webhooks(), deliveries(), events()].into_iter().flatten().collect()
}

fn webhooks() -> Vec<Operation> {
    let answer = |schemas: &mut Schemas| schemas.answer::<WebhookAnswer>();
    let body = json!({ "url": "https://app.example.com/hooks", "event_types": ["user.*", "group.deleted"] });
    let next = &[
        ("getWebhook", &[("id", "$response.body#/id")] as &[_]),
        ("updateWebhook", &[("id", "$response.body#/id")]),
        ("deleteWebhook", &[("id", "$response.body#/id")]),
        ("rotateWebhookSecret", &[("id", "$response.body#/id")]),
        ("pingWebhook", &[("id", "$response.body#/id")]),
        ("listDeliveries", &[("id", "$response.body#/id")]),
    ];
    vec![
        operation("get", "/webhook", "listWebhooks", "Webhooks", "All webhooks of the environment")
            .about("Takes the permission manage_webhook.")
            .gives(200, "The webhooks, oldest first.", |schemas| schemas.list::<WebhookAnswer>(), json!([webhook(false)])),
        operation("post", "/webhook", "createWebhook", "Webhooks", "Make a webhook")
            .about("It is told what happens in the environment from now on, signed after the Standard Webhooks specification. Takes the permissions manage_webhook, view_user and view_group.")
            .body(NewWebhookFields::schema, body)
            .gives(201, "The webhook, with its secret, which is shown this once.", answer, webhook(true))
            .headers(&[LOCATION])
            .leads_to(next)
            .fails(&[409]),
        operation("get", "/webhook/{id}", "getWebhook", "Webhooks", "A webhook")
            .about("Takes the permission manage_webhook.")
            .gives(200, "The webhook.", answer, webhook(false))
            .fails(&[404]),
        operation("patch", "/webhook/{id}", "updateWebhook", "Webhooks", "Change a webhook")
            .about("Takes the permissions manage_webhook, view_user and view_group; to switch it off, the first alone.")
            .body(WebhookFields::schema, json!({ "enabled": false }))
            .gives(200, "The webhook, as it is now.", answer, webhook(false))
            .fails(&[404]),
        operation("delete", "/webhook/{id}", "deleteWebhook", "Webhooks", "Delete a webhook, with its deliveries")
            .about("Takes the permission manage_webhook.")
            .gives_nothing(204, "The webhook is gone.")
            .fails(&[404]),
        operation("post", "/webhook/{id}/rotate", "rotateWebhookSecret", "Webhooks", "Give a webhook another secret")
            .about("The one before signs too for 24 hours. Takes the permissions manage_webhook, view_user and view_group.")
            .gives(200, "The webhook, with its new secret, which is shown this once.", answer, webhook(true))
            .fails(&[404]),
    ]
}

fn deliveries() -> Vec<Operation> {
    let answer = |schemas: &mut Schemas| schemas.answer::<DeliveryAnswer>();
    vec![
        operation("post", "/webhook/{id}/ping", "pingWebhook", "Webhooks", "Try a webhook out")
            .about("It is sent an event `ping`, which tells nothing. Takes the permission manage_webhook.")
            .gives(202, "The delivery, which is on its way.", answer, delivery())
            .fails(&[404]),
        operation("get", "/webhook/{id}/delivery", "listDeliveries", "Webhooks", "What became of what a webhook was told")
            .about("What is over is kept for 7 days, and of each webhook the last 10,000. Takes the permission manage_webhook.")
            .with(ListDeliveries::parameters)
            .gives(
                200,
                "A page of deliveries, newest first.",
                |schemas| schemas.answer::<DeliveriesAnswer>(),
                json!({ "next": null, "results": [delivery()] }),
            )
            .fails(&[404]),
        operation("post", "/webhook/{id}/delivery/{number}/redeliver", "redeliver", "Webhooks", "Deliver once more")
            .about("Takes the permission manage_webhook.")
            .gives(202, "The delivery, which is on its way again.", answer, delivery())
            .fails(&[404]),
    ]
}

fn events() -> Vec<Operation> {
    let event = json!({
        "type": "user.deactivated", "timestamp": TIME,
        "data": {
            "environment": "maxedy_pizza", "subject": ID, "actor": ID, "changes": { "active": [true, false] },
            "sequence": 4711, "revision": 1767323045678901_i64,
        },
    });
    vec![
        operation("get", "/events", "streamEvents", "Webhooks", "What happens in the environment, as it happens")
            .about("Server-sent events: each has the event's sequence as its id and its type as its name. A stream begins with what happens next, or behind the `Last-Event-ID`. Takes the permission view_audit.")
            .with(StreamEvents::parameters)
            .with(last_event_id)
            .gives(200, "Events, each as the `data` of a server-sent event.", |schemas| schemas.answer::<EventAnswer<'_>>(), event)
            .media_type("text/event-stream"),
    ]
}

fn last_event_id(_: &mut Schemas) -> Vec<Value> {
    let schema = json!({ "type": "integer", "format": "int64", "minimum": 0 });
    vec![header_parameter("Last-Event-ID", schema, "The last event that was heard: begin behind it.")]
}

fn webhook(new: bool) -> Value {
    let mut webhook = json!({
        "id": ID, "url": "https://app.example.com/hooks", "event_types": ["group.deleted", "user.*"], "enabled": true,
        "paused_at": "", "failing_since": "", "old_secret_until": "", "created_at": TIME, "updated_at": TIME,
    });
    if new {
        webhook["secret"] = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oDazfUh5vO6pw=".into();
    }
    webhook
}

fn delivery() -> Value {
    json!({
        "number": 17, "sequence": 4711, "event_type": "user.deactivated", "state": "waiting", "attempts": 1,
        "created_at": TIME, "tried_at": TIME, "next_try_at": "2026-01-02T03:04:10.678901Z", "status": 503,
        "trouble": "it answered 503",
    })
}
