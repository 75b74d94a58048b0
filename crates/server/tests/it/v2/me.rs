//! `/api/v2/user/me`.

use super::client::Api;
use serde_json::{Value, json};
use test_support::on_every_engine;

on_every_engine! {
    async fn whoever_signed_in_sees_and_changes_itself(api: Api) {
        let member = api.world.member(&api.pizza).await;
        let me = api.get(&member.token, "/user/me").await.expect(200);
        assert_eq!((&me["id"], &me["permissions"]), (&json!(member.id.to_string()), &json!([])));
        for path in ["/user/me".to_owned(), format!("/user/{}", member.id)] {
            let body = json!({"first_name": path, "language": "nl", "id": "ignored"});
            let changed = api.call(&member.token, "PATCH", &path, body).await.expect(200);
            assert_eq!((&changed["first_name"], &changed["language"]), (&json!(path), &json!("nl")));
        }
    }

    async fn nobody_raises_itself(api: Api) {
        let member = api.world.member(&api.pizza).await;
        let group = api.world.group(&api.pizza, &["view_user"]).await;
        for body in [
            json!({"administrator": true}), json!({"groups": [group.0]}), json!({"groups": [99]}), json!({"mfa": true}),
            json!({"email": "other@pizza.example"}), json!({"username": "other"}), json!({"external_id": "1"}),
            json!({"is_active": false}), json!({"reset_pw": true}), json!({"menus": []}),
        ] {
            for path in ["/user/me".to_owned(), format!("/user/{}", member.id)] {
                let call = api.call(&member.token, "PATCH", &path, body.clone());
                api.world.unchanged(call).await.refuses(403, "permission_denied");
            }
        }
    }

    async fn the_present_password_is_shown_for_a_new_one(api: Api) {
        let member = api.world.member(&api.pizza).await;
        let new = "another long and quiet one";
        for path in ["/user/me".to_owned(), format!("/user/{}", member.id)] {
            let patch = |body| api.call(&member.token, "PATCH", &path, body);
            let wrong = patch(json!({"password": new})).await.expect(400);
            assert_eq!(wrong, json!({"current_password": ["This field is required."]}));
            let wrong = patch(json!({"password": new, "current_password": "x"})).await.expect(400);
            assert_eq!(wrong, json!({"current_password": ["This is not your present password."]}));
        }
        let body = json!({"password": new, "current_password": member.password});
        api.call(&member.token, "PATCH", "/user/me", body).await.expect(200);
        let login = json!({"email": member.email, "password": new});
        api.call("", "POST", "/user/login", login).await.expect(200);
    }

    async fn guessing_the_present_password_is_slowed_down(api: Api) {
        let member = api.world.member(&api.pizza).await;
        let body = json!({"password": "another long and quiet one", "current_password": "x"});
        for _ in 0..6 {
            api.call(&member.token, "PATCH", "/user/me", body.clone()).await.expect(400);
        }
        let answer = api.call(&member.token, "PATCH", "/user/me", body).await.refuses(429, "throttled");
        assert_eq!(answer.header("retry-after"), "1");
    }

    async fn own_menus_are_shown_merged_and_without_what_one_may_not_see(api: Api) {
        let items = json!([{"name": "a", "label": "A", "href": "/a"}, {"name": "b", "permission": "view_audit"},
            {"name": "c", "items": [{"name": "d"}, {"name": "e", "permission": "view_audit"}]}]);
        let menu = api.boss("POST", "/menu", json!({"name": "main", "label": "Main", "items": items})).await.expect(201);
        let member = api.world.member(&api.pizza).await;
        assert_eq!(api.get(&member.token, "/user/me/menus").await.expect(200), json!([]));
        let path = format!("/user/{}", member.id);
        api.boss("PATCH", &path, json!({"menus": [menu]})).await.expect(200);
        let item = |name: &str, label: &str, href: &str, items: Value| json!({"name": name, "label": label, "href": href,
            "icon": "", "permission": "", "items": items});
        let shown = json!([{"id": 1, "name": "main", "label": "Main", "items": [
            item("a", "A", "/a", json!([])), item("c", "", "", json!([item("d", "", "", json!([]))]))]}]);
        assert_eq!(api.get(&member.token, "/user/me/menus").await.expect(200), shown);
    }

    async fn an_environment_is_accepted_in_a_session_or_by_the_mailed_link_alone(api: Api) {
        let pasta = api.world.environment("pasta").await;
        let member = api.world.member(&api.pizza).await;
        let added = api.call(&pasta.administrator.token, "POST", "/user", json!({"email": member.email})).await.expect(201);
        assert_eq!(added["pending"], json!(true));
        let own = api.get(&member.token, "/user/me/environments").await.expect(200);
        let environment = |tenant: &test_support::Tenant, pending: bool| json!({"id": tenant.uuid.to_string(),
            "key": tenant.key, "name": tenant.key, "pending": pending});
        assert_eq!(own, json!([environment(&api.pizza, false), environment(&pasta, true)]));
        let accept = |key: &str| format!("/user/me/environments/{key}/accept");
        // A tenant chose this password.
        let refused = api.call(&member.token, "POST", &accept("pasta"), Value::Null).await;
        refused.refuses(403, "mailed_link_required");
        api.call(&member.token, "POST", &accept("nowhere"), Value::Null).await.refuses(404, "not_found");
        api.call(&member.token, "POST", &accept("pizza"), Value::Null).await.expect(204);
        api.call("", "POST", &accept("pizza"), Value::Null).await.refuses(401, "not_authenticated");
    }

    async fn an_operator_who_is_no_user_there_is_not_found(api: Api) {
        let request = axum::extract::Request::builder().uri("/api/v2/user/me").header("x-environment-id", "pizza")
            .header("authorization", format!("bearer {}", api.world.operator.token));
        api.send(request.body(axum::body::Body::empty()).unwrap()).await.refuses(404, "not_found");
    }
}
