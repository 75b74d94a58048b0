//! `/api/v2/group`.

use super::client::Api;
use serde_json::{Value, json};
use test_support::on_every_engine;

on_every_engine! {
    async fn groups_come_change_and_go(api: Api) {
        assert_eq!(api.boss("GET", "/group", Value::Null).await.expect(200), json!([]));
        let menu = api.boss("POST", "/menu", json!({"name": "main"})).await.expect(201);
        let body = json!({"id": 77, "name": "Baker", "permissions": ["view_user", "add_user"], "menus": [menu["id"]]});
        let answer = api.boss("POST", "/group", body).await;
        assert_eq!(answer.header("location"), "https://id.example/api/v2/group/1");
        let group = answer.expect(201);
        let expected = json!({"id": 1, "name": "Baker", "label": "", "permissions": ["add_user", "view_user"], "menus": [1], "contains": [], "second_factor": false});
        assert_eq!(group, expected);
        assert_eq!(api.boss("GET", "/group/1", Value::Null).await.expect(200), expected);
        assert_eq!(api.boss("GET", "/group", Value::Null).await.expect(200), json!([expected]));
        assert_eq!(api.world.unchanged(api.boss("PATCH", "/group/1", group)).await.expect(200), expected);
        let changed = api.boss("PATCH", "/group/1/", json!({"label": "Bakers", "permissions": []})).await.expect(200);
        assert_eq!(changed, json!({"id": 1, "name": "Baker", "label": "Bakers", "permissions": [], "menus": [1], "contains": [], "second_factor": false}));
        api.boss("DELETE", "/group/1", Value::Null).await.expect(204);
        api.boss("GET", "/group/1", Value::Null).await.refuses(404, "not_found");
    }

    async fn wrong_groups_are_refused_by_field(api: Api) {
        let post = |body| api.boss("POST", "/group", body);
        assert_eq!(post(json!({})).await.expect(400), json!({"name": ["This field is required."]}));
        let wrong = post(json!({"name": "a", "permissions": ["view_user", "bake"], "menus": [9]})).await.expect(400);
        assert_eq!(wrong, json!({"permissions": ["Object with codename=bake does not exist."],
            "menus": ["Invalid pk \"9\" - object does not exist."]}));
        post(json!({"name": "Baker"})).await.expect(201);
        let taken = post(json!({"name": "BAKER"})).await.expect(409);
        assert_eq!(taken, json!({"name": ["This is taken already: choose another."]}));
        let many = json!({"name": "b", "permissions": vec!["x"; 10_001]});
        assert_eq!(post(many).await.expect(400), json!({"permissions": ["Name at most 10,000."]}));
        for id in ["x", "01", "0", "99", "-1", "99999999999999999999"] {
            api.boss("GET", &format!("/group/{id}"), Value::Null).await.refuses(404, "not_found");
        }
    }

    async fn nobody_gives_what_it_does_not_have(api: Api) {
        let group = api.world.group(&api.pizza, &["view_audit"]).await;
        let holder = api.world.holder(&api.pizza, &["add_group", "change_group", "delete_group"]).await;
        let path = format!("/group/{group}");
        for (method, path, body) in [
            ("POST", "/group", json!({"name": "x", "permissions": ["view_audit"]})),
            ("PATCH", &path, json!({"label": "x"})),
            ("DELETE", &path, Value::Null),
        ] {
            let call = api.call(&holder.token, method, path, body);
            api.world.unchanged(call).await.refuses(403, "permission_denied");
        }
        api.get(&holder.token, &path).await.refuses(403, "permission_denied");
    }
}
