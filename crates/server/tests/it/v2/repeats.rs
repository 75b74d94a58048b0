//! `Idempotency-Key`, `ETag` and `If-Match`.

use super::client::{Answer, Api};
use axum::body::Body;
use axum::extract::Request;
use serde_json::{Value, json};
use test_support::on_every_engine;

async fn sent(api: &Api, token: &str, method: &str, path: &str, headers: &[(&str, &str)], body: Value) -> Answer {
    let mut request = Request::builder().method(method).uri(format!("/api/v2{path}"));
    for (name, value) in headers.iter().chain(&[("content-type", "application/json")]) {
        request = request.header(*name, *value);
    }
    let body = if body.is_null() { Body::empty() } else { Body::from(body.to_string()) };
    let request = request.header("authorization", format!("Bearer {token}")).body(body).unwrap();
    Box::pin(api.send(request)).await
}

on_every_engine! {
    async fn a_call_with_a_key_is_done_once_and_in_its_own_environment(api: Api) {
        let boss = api.pizza.administrator.token.clone();
        let key = [("idempotency-key", "k1")];
        let body = json!({"name": "Baker"});
        let first = sent(&api, &boss, "POST", "/group", &key, body.clone()).await;
        let again = sent(&api, &boss, "POST", "/group", &key, body.clone()).await;
        assert_eq!(first.header("location"), again.header("location"));
        assert_eq!(first.expect(201), again.expect(201));
        let other = json!({"name": "Cook"});
        sent(&api, &boss, "POST", "/group", &key, other).await.refuses(422, "idempotency_key_reused");
        // Two sessions of one person, each in its environment: a key belongs to one of them.
        let operator = &api.world.operator;
        let pasta = api.world.environment("pasta").await;
        for tenant in [&api.pizza, &pasta] {
            let there = api.world.again(operator, Some(tenant)).await;
            let key = [("idempotency-key", "k2")];
            sent(&api, &there.token, "POST", "/group", &key, json!({"name": "Waiter"})).await.expect(201);
            let groups = api.get(&there.token, "/group").await.expect(200);
            assert_eq!(groups.as_array().unwrap().last().unwrap()["name"], json!("Waiter"), "{}", tenant.key);
        }
        let login = json!({"username": "a", "password": "b"});
        assert_eq!(sent(&api, "", "POST", "/user/login", &key, login).await.status.as_u16(), 400);
    }

    async fn a_change_of_what_has_changed_meanwhile_is_refused(api: Api) {
        let body = json!({"email": "a@pizza.example", "password": "correct horse battery"});
        let made = api.boss("POST", "/user", body).await;
        let tag = made.header("etag").to_owned();
        let path = format!("/user/{}", made.expect(201)["id"].as_str().unwrap());
        let boss = api.pizza.administrator.token.clone();
        assert_eq!(api.boss("GET", &path, Value::Null).await.header("etag"), tag);
        let seen = [("if-none-match", tag.as_str())];
        assert_eq!(sent(&api, &boss, "GET", &path, &seen, Value::Null).await.status.as_u16(), 304);
        // Only reading is spared by it: a change is answered whole.
        let answer = sent(&api, &boss, "PATCH", &path, &seen, json!({})).await;
        assert_eq!(answer.status.as_u16(), 200);
        let seen = [("if-match", tag.as_str())];
        let changed = sent(&api, &boss, "PATCH", &path, &seen, json!({"phone": "1"})).await;
        assert_ne!(changed.header("etag"), tag);
        changed.expect(200);
        for (method, body) in [
            ("PATCH", json!({"phone": "2"})), ("PUT", json!({"email": "a@pizza.example"})), ("DELETE", Value::Null),
        ] {
            let call = sent(&api, &boss, method, &path, &seen, body);
            api.world.unchanged(call).await.refuses(412, "precondition_failed");
        }
        sent(&api, &boss, "DELETE", &path, &[("if-match", "*")], Value::Null).await.expect(204);
    }
}
