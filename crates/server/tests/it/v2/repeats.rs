//! `Idempotency-Key`: a call that is repeated is done once.

use super::client::{Answer, Api};
use axum::body::Body;
use axum::extract::Request;
use rolebook::app::{self, App};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::time::Duration;
use test_support::on_every_engine;
use tower::ServiceExt;

const PASSWORD: &str = "correct horse battery";
const DAY: Duration = Duration::from_secs(24 * 3600);

async fn post(api: &Api, token: &str, key: &str, path: &str, body: Value) -> Answer {
    api.call_with(&[("idempotency-key", key)], token, "POST", path, body).await
}

fn ada() -> Value {
    json!({"email": "ada@pizza.example", "password": PASSWORD})
}

/// Every header but the one that differs each time.
fn told(answer: &Answer) -> (u16, Vec<(String, String)>, &Value) {
    let text = |value: &axum::http::HeaderValue| value.to_str().unwrap().to_owned();
    let mut headers: Vec<_> = answer.headers.iter().map(|(name, value)| (name.to_string(), text(value))).collect();
    // Those two are of the call, not of its answer.
    headers.retain(|(name, _)| name != "x-request-id" && name != "rolebook-revision");
    headers.sort();
    (answer.status.as_u16(), headers, &answer.body)
}

on_every_engine! {
    async fn the_same_call_is_answered_the_same_and_done_once(api: Api) {
        let boss = api.pizza.administrator.token.clone();
        for (path, body) in [
            ("/user", ada()), ("/group", json!({"name": "Baker"})), ("/menu", json!({"name": "main"})),
            ("/permission", json!({"codename": "bake"})),
        ] {
            let first = post(&api, &boss, "k", path, body.clone()).await;
            assert_eq!(first.status.as_u16(), 201, "{path}: {}", first.body);
            assert!(!first.header("location").is_empty());
            // What has happened to it since does not show: it is the first call's answer.
            let at = first.header("location").strip_prefix("https://id.example/api/v2").unwrap().to_owned();
            for again in [path.to_owned(), format!("{path}/")] {
                let again = api.world.unchanged(post(&api, &boss, "k", &again, body.clone())).await;
                assert_eq!(told(&again), told(&first));
            }
            api.boss("DELETE", &at, Value::Null).await.expect(204);
            assert_eq!(told(&post(&api, &boss, "k", path, body).await), told(&first));
        }
        let operator = api.world.operator.token.clone();
        let pasta = json!({"key": "pasta"});
        let first = post(&api, &operator, "k", "/environment", pasta.clone()).await;
        assert_eq!(told(&api.world.unchanged(post(&api, &operator, "k", "/environment", pasta)).await), told(&first));
        first.expect(201);
    }

    async fn another_body_under_the_same_key_is_a_mistake(api: Api) {
        let boss = api.pizza.administrator.token.clone();
        post(&api, &boss, "k", "/user", ada()).await.expect(201);
        for body in [
            json!({"email": "other@pizza.example", "password": PASSWORD}), json!({"email": "ada@pizza.example"}),
        ] {
            let call = post(&api, &boss, "k", "/user", body);
            api.world.unchanged(call).await.refuses(422, "idempotency_key_reused");
        }
        // The keys of others, and of other calls, are others.
        let other = api.world.administrator(&api.pizza).await;
        let user = json!({"email": "other@pizza.example", "password": PASSWORD});
        post(&api, &other.token, "k", "/user", user).await.expect(201);
        post(&api, &boss, "k", "/group", json!({"name": "Baker"})).await.expect(201);
        post(&api, &boss, "K", "/group", json!({"name": "Cook"})).await.expect(201);
    }

    async fn a_key_belongs_to_a_person_in_an_environment(api: Api) {
        let pasta = api.world.environment("pasta").await;
        let operator = &api.world.operator;
        for tenant in [&api.pizza, &pasta] {
            let there = api.world.again(operator, Some(tenant)).await;
            let made = post(&api, &there.token, "k", "/group", json!({"name": "Waiter"})).await;
            let again = api.world.again(operator, Some(tenant)).await;
            let repeated = post(&api, &again.token, "k", "/group", json!({"name": "Waiter"}));
            assert_eq!(told(&api.world.unchanged(repeated).await), told(&made));
            made.expect(201);
            // Named, by key or by id, it is the same environment.
            let uuid = tenant.uuid.to_string();
            for name in [&tenant.key, &uuid] {
                let headers = [("idempotency-key", "k"), ("x-environment-id", name.as_str())];
                let named = api.call_with(&headers, &operator.token, "POST", "/group", json!({"name": "Waiter"}));
                api.world.unchanged(named).await.expect(201);
            }
            let groups = api.get(&there.token, "/group").await.expect(200);
            assert_eq!(groups.as_array().unwrap().len(), 1, "{}", tenant.key);
        }
    }

    async fn an_answer_is_given_again_only_to_who_may_still_act(api: Api) {
        let other = api.world.administrator(&api.pizza).await;
        post(&api, &other.token, "k", "/user", ada()).await.expect(201);
        let path = format!("/user/{}", other.id);
        api.boss("PATCH", &path, json!({"is_active": false})).await.expect(200);
        let call = post(&api, &other.token, "k", "/user", ada());
        api.world.unchanged(call).await.refuses(401, "not_authenticated");
    }

    async fn after_a_day_the_key_is_new(api: Api) {
        let boss = api.pizza.administrator.token.clone();
        let first = post(&api, &boss, "k", "/user", ada()).await;
        api.world.wait(DAY - Duration::from_secs(1));
        assert_eq!(told(&post(&api, &boss, "k", "/user", ada()).await), told(&first));
        api.world.wait(Duration::from_secs(1));
        let taken = post(&api, &boss, "k", "/user", ada());
        assert!(api.world.unchanged(taken).await.expect(409)["email"].is_array());
        let other = json!({"email": "other@pizza.example", "password": PASSWORD});
        let second = post(&api, &boss, "k", "/user", other.clone()).await;
        assert_eq!(told(&post(&api, &boss, "k", "/user", other).await), told(&second));
        assert_ne!(second.expect(201)["id"], first.expect(201)["id"]);
        // And what is old is forgotten.
        post(&api, &boss, "old", "/group", json!({"name": "Baker"})).await.expect(201);
        api.world.wait(DAY + Duration::from_secs(1));
        while api.world.directory.sweep().await.unwrap() {}
        assert_eq!(api.world.dump().count("answers"), 0);
    }

    async fn a_refused_call_is_not_remembered(api: Api) {
        let boss = api.pizza.administrator.token.clone();
        let member = api.world.member(&api.pizza).await;
        for (token, body, status) in [
            (&boss, json!({"email": "ada@pizza.example"}), 400),
            (&boss, json!({"email": "ada@pizza.example", "password": "short"}), 400),
            (&boss, json!({"email": "ada@pizza.example", "password": PASSWORD, "groups": [99]}), 400),
            (&boss, json!({"email": member.email, "password": PASSWORD}), 409),
            (&member.token, ada(), 403),
        ] {
            let call = post(&api, token, "k", "/user", body);
            assert_eq!(api.world.unchanged(call).await.status.as_u16(), status);
        }
        assert_eq!(api.world.dump().count("answers"), 0);
        post(&api, &boss, "k", "/user", ada()).await.expect(201);
        let change = json!({"administrator": true});
        api.boss("PATCH", &format!("/user/{}", member.id), change).await.expect(200);
        let other = json!({"email": "other@pizza.example", "password": PASSWORD});
        post(&api, &member.token, "k", "/user", other).await.expect(201);
    }

    async fn at_the_same_moment_one_is_done_and_the_others_wait_or_are_told_the_same(api: Api) {
        let boss = api.pizza.administrator.token.clone();
        let users = api.world.dump().count("users");
        for round in 0..5 {
            let key = format!("k{round}");
            let body = json!({"email": format!("ada{round}@pizza.example"), "password": PASSWORD});
            let call = || post(&api, &boss, &key, "/user", body.clone());
            let answers = tokio::join!(call(), call(), call(), call());
            let answers = [answers.0, answers.1, answers.2, answers.3];
            let first = answers.iter().find(|answer| answer.status.as_u16() == 201).unwrap();
            for answer in &answers {
                match answer.status.as_u16() {
                    201 => assert_eq!(told(answer), told(first)),
                    _ => assert_eq!((answer.status.as_u16(), &answer.body["code"]), (409, &json!("idempotency_key_in_progress"))),
                }
            }
            assert_eq!(told(&call().await), told(first));
        }
        assert_eq!(api.world.dump().count("users"), users + 5);
    }

    async fn on_two_nodes_at_the_same_moment_it_is_done_once(api: Api) {
        let boss = api.pizza.administrator.token.clone();
        let app = App::new(api.world.another_node(), "https://id.example");
        let other_node = app::service(app);
        let users = api.world.dump().count("users");
        for round in 0..10 {
            let key = format!("k{round}");
            // In every second round the two do not mean the same.
            let body = |node: u32| {
                let who = if round % 2 == 0 { 0 } else { node };
                json!({"email": format!("ada{round}-{who}@pizza.example"), "password": PASSWORD})
            };
            let there = async {
                let request = Request::builder().method("POST").uri("/api/v2/user").header("idempotency-key", &key);
                let request = request.header("authorization", format!("Bearer {boss}"));
                let request = request.header("content-type", "application/json");
                let request = request.body(Body::from(body(1).to_string())).unwrap();
                let answer = Box::pin(other_node.clone().oneshot(request)).await.unwrap();
                let status = answer.status().as_u16();
                let bytes = axum::body::to_bytes(answer.into_body(), usize::MAX).await.unwrap();
                (status, serde_json::from_slice::<Value>(&bytes).unwrap())
            };
            let (here, there) = tokio::join!(post(&api, &boss, &key, "/user", body(0)), there);
            let mut statuses = [here.status.as_u16(), there.0];
            statuses.sort_unstable();
            match round % 2 {
                0 => assert_eq!((statuses, &here.body), ([201, 201], &there.1)),
                _ => assert_eq!(statuses, [201, 422], "{} {}", here.body, there.1),
            }
        }
        assert_eq!(api.world.dump().count("users"), users + 10);
    }

    async fn malformed_keys_are_refused(api: Api) {
        let boss = api.pizza.administrator.token.clone();
        let long = "k".repeat(255);
        post(&api, &boss, &long, "/group", json!({"name": "Baker"})).await.expect(201);
        for key in ["", " ", "a b", "\u{e9}", &format!("{long}k"), "a\tb"] {
            let call = post(&api, &boss, key, "/user", ada());
            api.world.unchanged(call).await.refuses(400, "idempotency_key");
        }
        let headers = [("idempotency-key", "a"), ("idempotency-key", "a")];
        let twice = api.call_with(&headers, &boss, "POST", "/user", ada());
        api.world.unchanged(twice).await.refuses(400, "idempotency_key");
        // Strangers do not even hear that.
        post(&api, "", "", "/user", ada()).await.refuses(401, "not_authenticated");
    }

    async fn where_answers_hold_secrets_it_is_refused(api: Api) {
        let member = api.world.member(&api.pizza).await;
        let login = json!({"email": member.email, "password": member.password});
        let refresh = json!({"refresh": member.refresh});
        for (path, body) in [
            ("/user/login", login.clone()), ("/token/refresh", refresh.clone()),
            ("/invitation/accept", json!({"token": "x", "password": PASSWORD})),
        ] {
            api.world.unchanged(post(&api, "", "k", path, body)).await.refuses(400, "idempotency_key");
        }
        api.call("", "POST", "/token/refresh", refresh).await.expect(200);
        api.call("", "POST", "/user/login", login).await.expect(200);
    }

    async fn what_is_kept_can_be_read_by_nobody(api: Api) {
        let boss = api.pizza.administrator.token.clone();
        let made = post(&api, &boss, "a-key-of-mine", "/user", ada()).await.expect(201);
        let kept = api.world.dump();
        assert_eq!(kept.count("answers"), 1);
        for text in [PASSWORD, "a-key-of-mine", &ada().to_string()] {
            assert!(!kept.holds(text), "{text}");
        }
        // Nor guessed at: a plain digest of a body with a password would tell the password.
        let digits = |text: &str| Sha256::digest(text).iter().map(|byte| format!("{byte:02x}")).collect::<String>();
        for text in [ada().to_string(), PASSWORD.to_owned(), "a-key-of-mine".to_owned()] {
            assert!(!kept.text().contains(&digits(&text)), "{text}");
        }
        let row = kept.rows("answers").next().unwrap();
        let id = made["id"].as_str().unwrap();
        let sealed = row["sealed"];
        let hex = |text: &str| text.bytes().map(|byte| format!("{byte:02x}")).collect::<String>();
        assert!(!sealed.contains(&hex(id)) && !sealed.contains(&hex("ada@pizza.example")));
    }
}
