//! `/api/v2/permission`.

use super::client::Api;
use serde_json::{Value, json};
use test_support::on_every_engine;

on_every_engine! {
    async fn permissions_are_declared_renamed_and_deleted(api: Api) {
        let answer = api.boss("POST", "/permission", json!({"codename": "bake", "built_in": true})).await;
        assert_eq!(answer.header("location"), "https://id.example/api/v2/permission/101");
        let permission = answer.expect(201);
        assert_eq!(permission, json!({"id": 101, "codename": "bake", "name": "bake", "built_in": false}));
        let all = api.boss("GET", "/permission", Value::Null).await.expect(200);
        let all = all.as_array().unwrap();
        assert_eq!(all.len(), 21);
        assert!(all.contains(&permission));
        assert!(all.contains(&json!({"id": 1, "codename": "view_user", "name": "View users", "built_in": true})));
        let renamed = api.boss("PATCH", "/permission/101", json!({"name": "Bake"})).await.expect(200);
        assert_eq!(renamed, json!({"id": 101, "codename": "bake", "name": "Bake", "built_in": false}));
        assert_eq!(api.boss("GET", "/permission/101", Value::Null).await.expect(200), renamed);
        api.boss("DELETE", "/permission/101", Value::Null).await.expect(204);
        api.boss("GET", "/permission/101", Value::Null).await.refuses(404, "not_found");
    }

    async fn what_is_built_in_stays(api: Api) {
        api.boss("PATCH", "/permission/1", json!({"name": "x"})).await.refuses(409, "conflict");
        api.boss("DELETE", "/permission/1", Value::Null).await.refuses(409, "conflict");
        let taken = api.boss("POST", "/permission", json!({"codename": "view_user"})).await.expect(409);
        assert_eq!(taken, json!({"codename": ["This is taken already: choose another."]}));
        for codename in ["Bake", "rolebook_x", "b"] {
            let wrong = api.boss("POST", "/permission", json!({"codename": codename})).await.expect(400);
            assert!(wrong["codename"].is_array());
        }
    }

    async fn members_may_not(api: Api) {
        let member = api.world.member(&api.pizza).await;
        for (method, path, body) in [
            ("GET", "/permission", Value::Null), ("GET", "/permission/1", Value::Null), ("GET", "/permission/999", Value::Null),
            ("POST", "/permission", json!({"codename": "view_user"})), ("PATCH", "/permission/999", json!({})),
            ("DELETE", "/permission/1", Value::Null),
        ] {
            api.call(&member.token, method, path, body).await.refuses(403, "permission_denied");
        }
    }
}
