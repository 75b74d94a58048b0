//! `/api/v2/environment`.

use super::client::Api;
use serde_json::{Value, json};
use test_support::on_every_engine;

on_every_engine! {
    async fn operators_make_change_and_delete_environments(api: Api) {
        let operator = |method: &'static str, path: String, body| {
            let token = api.world.operator.token.clone();
            let api = &api;
            async move { api.call(&token, method, &path, body).await }
        };
        let answer = operator("POST", "/environment".into(), json!({"key": "pasta"})).await;
        let location = answer.header("location").to_owned();
        let made = answer.expect(201);
        let uuid = made["id"].as_str().unwrap().to_owned();
        assert_eq!(location, format!("https://id.example/api/v2/environment/{uuid}"));
        assert_eq!(made, json!({
            "id": uuid, "key": "pasta", "name": "pasta", "organisation": "",
            "password_minimum": 0, "session_idle": 0, "session_lifetime": 0, "second_factor": "nobody", "audit_retention": 0,
        }));
        for path in ["/environment/pasta".to_owned(), format!("/environment/{uuid}")] {
            assert_eq!(operator("GET", path, Value::Null).await.expect(200), made);
        }
        let list = operator("GET", "/environment".into(), Value::Null).await.expect(200);
        assert_eq!(list.as_array().unwrap().last(), Some(&made));
        assert_eq!(list.as_array().unwrap().len(), 3);
        let body = json!({"name": "Pasta", "organisation": "Food"});
        let changed = operator("PATCH", "/environment/pasta".into(), body).await.expect(200);
        assert_eq!(changed, json!({
            "id": uuid, "key": "pasta", "name": "Pasta", "organisation": "Food",
            "password_minimum": 0, "session_idle": 0, "session_lifetime": 0, "second_factor": "nobody", "audit_retention": 0,
        }));
        let policy = json!({"password_minimum": 12, "session_idle": 1800, "session_lifetime": 86400, "audit_retention": 86400});
        let changed = operator("PATCH", "/environment/pasta".into(), policy.clone()).await.expect(200);
        assert!(policy.as_object().unwrap().iter().all(|(key, value)| changed[key] == *value), "{changed}");
        for (key, wrong) in [("password_minimum", 7), ("password_minimum", 65), ("session_idle", 299), ("session_lifetime", -1), ("audit_retention", 86399)] {
            let refused = operator("PATCH", "/environment/pasta".into(), json!({key: wrong})).await.expect(400);
            assert!(refused[key].is_array(), "{refused}");
        }
        let changed = operator("PATCH", "/environment/pasta".into(), json!({"organisation": ""})).await.expect(200);
        assert_eq!(changed["organisation"], json!(""));
        let missing = operator("DELETE", "/environment/pasta".into(), Value::Null).await.expect(400);
        assert_eq!(missing, json!({"confirm": ["This field is required."]}));
        let wrong = operator("DELETE", "/environment/pasta?confirm=pizza".into(), Value::Null).await.expect(400);
        assert!(wrong["confirm"].is_array());
        operator("DELETE", "/environment/pasta?confirm=pasta".into(), Value::Null).await.expect(204);
        operator("GET", "/environment/pasta".into(), Value::Null).await.refuses(404, "not_found");
        let taken = operator("POST", "/environment".into(), json!({"key": "pizza"})).await.expect(409);
        assert_eq!(taken, json!({"key": ["This is taken already: choose another."]}));
        operator("GET", "/environment/%00".into(), Value::Null).await.refuses(404, "not_found");
    }

    async fn administrators_may_not(api: Api) {
        for (method, path, body) in [
            ("GET", "/environment", Value::Null), ("GET", "/environment/pizza", Value::Null),
            ("GET", "/environment/nowhere", Value::Null), ("POST", "/environment", json!({"key": "pizza"})),
            ("PATCH", "/environment/pizza", json!({"name": "x"})), ("DELETE", "/environment/pizza?confirm=pizza", Value::Null),
        ] {
            api.world.unchanged(api.boss(method, path, body)).await.refuses(403, "permission_denied");
        }
    }
}
