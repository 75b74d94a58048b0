//! `/api/v2/menu`.

use super::client::Api;
use serde_json::{Value, json};
use test_support::on_every_engine;

on_every_engine! {
    async fn menus_come_change_and_go(api: Api) {
        let items = json!([
            {"name": "orders", "label": "Orders", "href": "/orders", "icon": "list", "permission": "view_user", "items": [
                {"name": "new", "label": "New", "href": "https://a.example/new", "icon": "", "permission": "", "items": []},
            ]},
        ]);
        let answer = api.boss("POST", "/menu", json!({"name": "main", "label": "Main", "items": items})).await;
        assert_eq!(answer.header("location"), "https://id.example/api/v2/menu/1");
        let menu = answer.expect(201);
        assert_eq!(menu, json!({"id": 1, "name": "main", "label": "Main", "items": items}));
        assert_eq!(api.boss("GET", "/menu/1", Value::Null).await.expect(200), menu);
        assert_eq!(api.boss("GET", "/menu", Value::Null).await.expect(200), json!([menu]));
        assert_eq!(api.world.unchanged(api.boss("PATCH", "/menu/1", menu.clone())).await.expect(200), menu);
        let changed = api.boss("PATCH", "/menu/1", json!({"items": []})).await.expect(200);
        assert_eq!(changed, json!({"id": 1, "name": "main", "label": "Main", "items": []}));
        api.boss("DELETE", "/menu/1", Value::Null).await.expect(204);
        api.boss("GET", "/menu/1", Value::Null).await.refuses(404, "not_found");
    }

    async fn wrong_menus_are_refused_by_field(api: Api) {
        let post = |items: Value| api.boss("POST", "/menu", json!({"name": "main", "items": items}));
        let deep = json!([{"name": "a", "items": [{"name": "b", "items": [{"name": "c"}]}]}]);
        assert!(post(deep).await.expect(400)["items"].is_array());
        let wrong = post(json!([{"name": "a", "href": "javascript:x", "lable": "A"}])).await.expect(400);
        let sentences = wrong["items"].as_array().unwrap();
        assert!(sentences[0].as_str().unwrap().starts_with("items[0].href: "), "{wrong}");
        assert_eq!(sentences[1], json!("items[0].lable: Unknown field. Did you mean \"label\"?"));
        api.boss("POST", "/menu", json!({"name": "main"})).await.expect(201);
        let taken = api.boss("POST", "/menu", json!({"name": "main"})).await.expect(409);
        assert_eq!(taken, json!({"name": ["This is taken already: choose another."]}));
        let member = api.world.member(&api.pizza).await;
        for path in ["/menu", "/menu/1", "/menu/99"] {
            api.get(&member.token, path).await.refuses(403, "permission_denied");
        }
    }
}
