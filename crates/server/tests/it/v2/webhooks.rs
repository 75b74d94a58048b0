//! `/webhook` and `/events`: what is told of webhooks, and what of that which happens.

use super::client::Api;
use axum::body::Body;
use axum::extract::Request;
use http_body_util::BodyExt;
use serde_json::{Value, json};
use std::time::Duration;
use test_support::on_every_engine;

const URL: &str = "https://app.example/hooks";

async fn made(api: &Api) -> Value {
    api.boss("POST", "/webhook", json!({"url": URL, "event_types": ["user.*"]})).await.expect(201)
}

async fn chain(api: &Api) {
    while api.world.directory.chain_audit().await.unwrap() {}
}

/// What a stream says up to its end, by the administrator of `pizza`.
async fn stream(api: &Api, last: Option<&str>) -> String {
    let mut request = Request::builder()
        .uri("/api/v2/events?follow=false")
        .header("authorization", format!("Bearer {}", api.pizza.administrator.token));
    if let Some(last) = last {
        request = request.header("last-event-id", last);
    }
    let response = api.raw(request.body(Body::empty()).unwrap()).await;
    assert_eq!(response.status(), 200);
    assert_eq!(response.headers()["content-type"], "text/event-stream");
    assert_eq!(response.headers()["cache-control"], "no-store");
    let bytes = axum::body::to_bytes(response.into_body(), usize::MAX).await.unwrap();
    String::from_utf8(bytes.to_vec()).unwrap()
}

on_every_engine! {
    async fn a_webhook_is_made_changed_and_deleted_and_its_secret_shown_once(api: Api) {
        let new = made(&api).await;
        let id = new["id"].as_str().unwrap().to_owned();
        let secret = new["secret"].as_str().unwrap().to_owned();
        assert!(secret.starts_with("whsec_") && secret.len() == 50, "{secret}");
        let path = format!("/webhook/{id}");
        let shown = api.boss("GET", &path, Value::Null).await.expect(200);
        let mut known = new.clone();
        known.as_object_mut().unwrap().remove("secret");
        assert_eq!(shown, known);
        assert_eq!(api.boss("GET", "/webhook", Value::Null).await.expect(200), json!([shown]));
        let off = api.boss("PATCH", &path, json!({"enabled": false, "event_types": ["*"]})).await.expect(200);
        assert_eq!((&off["enabled"], &off["event_types"]), (&json!(false), &json!(["*"])));
        let other = api.boss("POST", &format!("{path}/rotate"), Value::Null).await.expect(200);
        assert!(other["secret"].as_str().unwrap() != secret && other["old_secret_until"] != "");
        api.boss("DELETE", &path, Value::Null).await.expect(204);
        api.boss("GET", &path, Value::Null).await.refuses(404, "not_found");
    }

    async fn what_cannot_be_is_refused_by_name_at_once(api: Api) {
        let wrong = api.boss("POST", "/webhook", json!({"url": "ftp://x", "event_types": ["user.*", "us.er"]})).await.expect(400);
        assert!(wrong["url"].is_array(), "{wrong}");
        assert!(wrong.as_object().unwrap().keys().any(|key| key.starts_with("event_types")), "{wrong}");
        let none = api.boss("POST", "/webhook", json!({"url": URL, "event_types": []})).await.expect(400);
        assert!(none["event_types"].is_array(), "{none}");
        let body = json!({"url": URL, "event_types": ["*"]});
        let key = [("idempotency-key", "one")];
        let token = &api.pizza.administrator.token;
        api.call_with(&key, token, "POST", "/webhook", body).await.refuses(400, "idempotency_key");
        for malformed in ["x", "0199a8f0-0000-7000-8000-000000000001"] {
            api.boss("GET", &format!("/webhook/{malformed}"), Value::Null).await.refuses(404, "not_found");
        }
    }

    async fn deliveries_are_listed_page_by_page_and_delivered_again(api: Api) {
        let path = format!("/webhook/{}", made(&api).await["id"].as_str().unwrap());
        let ping = api.boss("POST", &format!("{path}/ping"), Value::Null).await.expect(202);
        assert_eq!((&ping["number"], &ping["state"], &ping["event_type"]), (&json!(1), &json!("waiting"), &json!("ping")));
        let page = api.boss("GET", &format!("{path}/delivery?limit=1"), Value::Null).await.expect(200);
        assert_eq!(page, json!({"next": null, "results": [ping]}));
        api.boss("POST", &format!("{path}/delivery/1/redeliver"), Value::Null).await.expect(202);
        for number in ["2", "01", "x", "-1"] {
            let again = format!("{path}/delivery/{number}/redeliver");
            api.boss("POST", &again, Value::Null).await.refuses(404, "not_found");
        }
        let refused = api.boss("GET", &format!("{path}/delivery?limit=0&before=0"), Value::Null).await.expect(400);
        assert!(refused["limit"].is_array() && refused["before"].is_array(), "{refused}");
    }

    async fn events_are_streamed_from_where_they_were_last_heard(api: Api) {
        let email = json!({"email": "ann@pizza.example", "password": "correct horse battery"});
        let ann = api.boss("POST", "/user", email).await.expect(201)["id"].as_str().unwrap().to_owned();
        chain(&api).await;
        assert_eq!(stream(&api, None).await, "");
        let all = stream(&api, Some("0")).await;
        let last = all.trim_end().rsplit("\n\n").next().unwrap();
        let mut lines = last.lines();
        let id = lines.next().unwrap().strip_prefix("id: ").unwrap();
        assert_eq!(lines.next(), Some("event: user.created"));
        let told: Value = serde_json::from_str(lines.next().unwrap().strip_prefix("data: ").unwrap()).unwrap();
        assert_eq!((&told["type"], &told["data"]["subject"]), (&json!("user.created"), &json!(ann)));
        assert_eq!(told["data"]["sequence"].to_string(), id);
        assert_eq!(told["data"]["changes"]["password"], json!([null, "changed"]));
        assert_eq!(stream(&api, Some(id)).await, "");
        assert_eq!(stream(&api, Some("999999999")).await, "");
        api.call_with(&[("last-event-id", "x")], &api.pizza.administrator.token, "GET", "/events", Value::Null)
            .await
            .refuses(400, "last_event_id");
    }

    async fn a_stream_tells_what_happens_and_ends_with_the_right_to_hear_it(api: Api) {
        let auditor = api.world.holder(&api.pizza, &["view_audit"]).await;
        chain(&api).await;
        let request = Request::builder()
            .uri("/api/v2/events")
            .header("authorization", format!("Bearer {}", auditor.token))
            .body(Body::empty());
        let mut body = api.raw(request.unwrap()).await.into_body();
        let group = json!({"name": "editors"});
        api.boss("POST", "/group", group).await.expect(201);
        chain(&api).await;
        let piece = next(&mut body).await.unwrap();
        assert!(piece.contains("event: group.created\n"), "{piece}");
        let path = format!("/user/{}", auditor.id);
        api.boss("PATCH", &path, json!({"groups": []})).await.expect(200);
        assert_eq!(next(&mut body).await, None);
    }
}

/// The next piece of a stream.
async fn next(body: &mut Body) -> Option<String> {
    let piece = tokio::time::timeout(Duration::from_secs(20), body.frame()).await.unwrap()?;
    Some(String::from_utf8(piece.unwrap().into_data().unwrap().to_vec()).unwrap())
}
