//! What every route refuses alike: who calls, what a body is, where it acts, addresses and methods.

use super::client::{Answer, Api};
use axum::body::Body;
use axum::extract::Request;
use serde_json::{Value, json};
use test_support::on_every_engine;

const ROUTES: &[(&str, &str)] = &[
    ("POST", "/user/logout"),
    ("GET", "/user/me"),
    ("PATCH", "/user/me"),
    ("GET", "/user/me/menus"),
    ("GET", "/user/me/environments"),
    ("POST", "/user/me/environments/pizza/accept"),
    ("GET", "/user"),
    ("POST", "/user"),
    ("GET", "/user/x"),
    ("PATCH", "/user/x"),
    ("PUT", "/user/x"),
    ("DELETE", "/user/x"),
    ("GET", "/group"),
    ("POST", "/group"),
    ("GET", "/group/1"),
    ("PATCH", "/group/1"),
    ("DELETE", "/group/1"),
    ("GET", "/permission"),
    ("POST", "/permission"),
    ("GET", "/permission/1"),
    ("PATCH", "/permission/1"),
    ("DELETE", "/permission/1"),
    ("GET", "/menu"),
    ("POST", "/menu"),
    ("GET", "/menu/1"),
    ("PATCH", "/menu/1"),
    ("DELETE", "/menu/1"),
    ("GET", "/environment"),
    ("POST", "/environment"),
    ("GET", "/environment/pizza"),
    ("PATCH", "/environment/pizza"),
    ("DELETE", "/environment/pizza?confirm=pizza"),
];

async fn sent(api: &Api, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
    let mut request = Request::builder().method(method).uri(format!("/api/v2{path}"));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    Box::pin(api.send(request.body(Body::from(body.to_owned())).unwrap())).await
}

on_every_engine! {
    async fn without_a_good_token_nothing_else_is_judged(api: Api) {
        let unknown = "A".repeat(43);
        for (method, path) in ROUTES {
            for token in ["", "nonsense", unknown.as_str()] {
                api.call(token, method, path, Value::Null).await.refuses(401, "not_authenticated");
            }
            let headers = [("authorization", "Bearer x"), ("x-environment-id", "nowhere")];
            sent(&api, method, path, &headers, "{broken").await.refuses(401, "not_authenticated");
            let mark = if path.contains('?') { '&' } else { '?' };
            let asked = format!("{path}{mark}unknown=1");
            sent(&api, method, &asked, &headers[..1], "").await.refuses(401, "not_authenticated");
        }
    }

    async fn unknown_parameters_are_refused_everywhere(api: Api) {
        let token = api.world.operator.token.as_str();
        for (method, path) in ROUTES {
            let mark = if path.contains('?') { '&' } else { '?' };
            let body = if matches!(*method, "GET" | "DELETE") { Value::Null } else { json!({}) };
            let wrong = api.call(token, method, &format!("{path}{mark}unknown=1"), body).await.expect(400);
            assert_eq!(wrong, json!({"unknown": ["Unknown parameter."]}), "{method} {path}");
        }
    }

    async fn a_body_is_json_and_says_so(api: Api) {
        let bearer = format!("Bearer {}", api.pizza.administrator.token);
        let bearer = ("authorization", bearer.as_str());
        let json_type = ("content-type", "application/json");
        for (method, path) in ROUTES.iter().filter(|(method, path)| {
            matches!(*method, "PATCH" | "PUT") || (*method == "POST" && !path.contains("/me/") && !path.contains("logout"))
        }) {
            sent(&api, method, path, &[bearer], "{}").await.refuses(415, "unsupported_media_type");
            let form = ("content-type", "application/x-www-form-urlencoded");
            sent(&api, method, path, &[bearer, form], "a=b").await.refuses(415, "unsupported_media_type");
            for broken in ["", "{", "[]", "null", "{} x"] {
                sent(&api, method, path, &[bearer, json_type], broken).await.refuses(400, "parse_error");
            }
            let large = format!("{{\"a\":\"{}\"}}", "a".repeat(1024 * 1024));
            sent(&api, method, path, &[bearer, json_type], &large).await.refuses(413, "payload_too_large");
            let twice = sent(&api, method, path, &[bearer, json_type], r#"{"name":"a","name":"b"}"#).await.expect(400);
            assert_eq!(twice["name"], json!(["This is given more than once."]), "{method} {path}");
        }
    }

    async fn an_environment_that_is_unknown_or_anothers_is_one_answer(api: Api) {
        api.world.environment("pasta").await;
        let member = api.world.member(&api.pizza).await;
        let bearer = format!("Bearer {}", member.token);
        let mut bodies = Vec::new();
        for name in ["pasta", "nowhere", "", "0199a8f0-0000-7000-8000-000000000001"] {
            let headers = [("authorization", bearer.as_str()), ("x-environment-id", name)];
            bodies.push(sent(&api, "GET", "/user/me", &headers, "").await.refuses(403, "permission_denied").body);
        }
        assert!(bodies.iter().all(|body| *body == bodies[0]));
        let uuid = api.pizza.uuid.to_string();
        for name in ["pizza", uuid.as_str()] {
            let headers = [("authorization", bearer.as_str()), ("x-environment-id", name)];
            sent(&api, "GET", "/user/me", &headers, "").await.expect(200);
        }
        let twice = [("authorization", bearer.as_str()), ("x-environment-id", "pizza"), ("x-environment-id", "pizza")];
        sent(&api, "GET", "/user/me", &twice, "").await.refuses(403, "permission_denied");
    }

    async fn unknown_addresses_and_methods_are_answered_as_json(api: Api) {
        for path in ["", "/", "/nothing", "/user/x/y", "/group/1/2"] {
            api.get("", path).await.refuses(404, "not_found");
        }
        for (method, path, allow) in [
            ("DELETE", "/user", "GET,HEAD,POST"),
            ("GET", "/user/login", "POST"),
            ("POST", "/user/me", "GET,HEAD,PATCH"),
            ("PUT", "/group/1", "GET,HEAD,PATCH,DELETE"),
            ("POST", "/user/x", "GET,HEAD,PATCH,PUT,DELETE"),
        ] {
            let answer = api.call("", method, path, Value::Null).await.refuses(405, "method_not_allowed");
            assert_eq!(answer.header("allow"), allow, "{method} {path}");
        }
    }
}
