//! Sessions, tokens, service accounts and mailed links as this API spells them.

use super::client::Api;
use serde_json::{Value, json};
use test_support::on_every_engine;

on_every_engine! {
    async fn a_session_is_shown_with_its_device_and_ended(api: Api) {
        let member = api.world.member(&api.pizza).await;
        let sessions = api.call(&member.token, "GET", "/session", Value::Null).await.expect(200);
        assert_eq!(sessions.as_array().unwrap().len(), 1);
        assert_eq!((&sessions[0]["current"], &sessions[0]["address"]), (&json!(true), &json!("192.0.2.1")));
        let id = sessions[0]["id"].as_str().unwrap();
        let wrong = api.call(&member.token, "DELETE", "/session", Value::Null).await.expect(400);
        assert!(wrong["others"].is_array());
        api.call(&member.token, "DELETE", &format!("/session/{id}"), Value::Null).await.expect(204);
        api.call(&member.token, "GET", "/session", Value::Null).await.refuses(401, "not_authenticated");
    }

    async fn a_token_shows_its_secret_once(api: Api) {
        let member = api.world.member(&api.pizza).await;
        let body = json!({"name": "night sync", "permissions": []});
        let made = api.call(&member.token, "POST", "/token", body.clone()).await.expect(201);
        let secret = made["token"].as_str().unwrap().to_owned();
        assert!(secret.starts_with("rb_") && made["user"] == json!(member.id.to_string()));
        let listed = api.call(&member.token, "GET", "/token", Value::Null).await.expect(200);
        assert!(listed[0].get("token").is_none() && listed[0]["id"] == made["id"]);
        api.call(&secret, "GET", "/user/me", Value::Null).await.expect(200);
        for (wrong, field) in [
            (json!({"name": "x"}), "permissions"),
            (json!({"name": "x", "permissions": [], "administrator": true}), "permissions"),
            (json!({"name": "x", "permissions": ["no_such"]}), "permissions"),
            (json!({"permissions": []}), "name"),
            (json!({"name": "x", "permissions": [], "expires_at": "2001-01-01T00:00:00Z"}), "expires_at"),
        ] {
            let refused = api.call(&member.token, "POST", "/token", wrong.clone()).await.expect(400);
            assert!(refused[field].is_array(), "{wrong}: {refused}");
        }
        api.world.wait(std::time::Duration::from_secs(300));
        api.call(&member.token, "POST", "/token", body.clone()).await.refuses(403, "proof_required");
        let wrong = json!({"current_password": "not this one"});
        let refused = api.call(&member.token, "POST", "/session/prove", wrong).await.expect(400);
        assert!(refused["current_password"].is_array());
        let right = json!({"current_password": member.password});
        api.call(&member.token, "POST", "/session/prove", right).await.expect(204);
        api.call(&member.token, "POST", "/token", body).await.expect(201);
        let id = made["id"].as_str().unwrap();
        api.call(&member.token, "DELETE", &format!("/token/{id}"), Value::Null).await.expect(204);
        api.call(&secret, "GET", "/user/me", Value::Null).await.refuses(401, "not_authenticated");
    }

    async fn a_service_account_comes_and_works_and_goes(api: Api) {
        let group = api.boss("POST", "/group", json!({"name": "readers", "permissions": ["view_user"]})).await.expect(201);
        let body = json!({"name": "night sync", "groups": [group["id"]]});
        let made = api.boss("POST", "/service-account", body).await.expect(201);
        assert_eq!(made["permissions"], json!(["view_user"]));
        let path = format!("/service-account/{}", made["id"].as_str().unwrap());
        assert_eq!(api.boss("GET", &path, Value::Null).await.expect(200), made);
        let token = json!({"name": "a", "permissions": ["view_user"]});
        let token = api.boss("POST", &format!("{path}/token"), token).await.expect(201)["token"].as_str().unwrap().to_owned();
        api.call(&token, "GET", "/user", Value::Null).await.expect(200);
        api.boss("PATCH", &path, json!({"is_active": false})).await.expect(200);
        api.call(&token, "GET", "/user", Value::Null).await.refuses(401, "not_authenticated");
        api.boss("DELETE", &path, Value::Null).await.expect(204);
        api.boss("GET", &path, Value::Null).await.refuses(404, "not_found");
    }

    async fn a_forgotten_password_comes_back_by_mail(api: Api) {
        let member = api.world.member(&api.pizza).await;
        for body in [json!({"email": member.email}), json!({"email": "nobody@pizza.example"}), json!({"username": "nobody"})] {
            api.call("", "POST", "/password/forgot", body).await.expect(204);
        }
        let link = api.world.mailed_link(&member.email).await.unwrap();
        let chosen = "another quiet and long one";
        let common = json!({"token": link, "password": "password1"});
        assert!(api.call("", "POST", "/password/reset", common).await.expect(400)["password"].is_array());
        api.call("", "POST", "/password/reset", json!({"token": link, "password": chosen})).await.expect(204);
        api.call("", "POST", "/password/reset", json!({"token": link, "password": chosen})).await.refuses(404, "not_found");
        api.call("", "POST", "/password/reset", json!({"token": "x", "password": chosen})).await.refuses(404, "not_found");
        api.call("", "POST", "/user/login", json!({"email": member.email, "password": chosen})).await.expect(200);
    }

    async fn an_invitation_is_shown_to_who_has_its_link(api: Api) {
        let made = api.boss("POST", "/user", json!({"email": "new@pizza.example", "password": "a long and quiet one"})).await;
        let made = made.expect(201);
        let path = format!("/user/{}/invite", made["id"].as_str().unwrap());
        api.boss("POST", &path, Value::Null).await.refuses(409, "already_accepted");
        api.world.create(&api.pizza, "guest@pizza.example", Default::default()).await.unwrap();
        let link = api.world.mailed_link("guest@pizza.example").await.unwrap();
        let shown = api.call("", "GET", &format!("/invitation/{link}"), Value::Null).await.expect(200);
        assert_eq!((&shown["email"], &shown["needs_password"]), (&json!("guest@pizza.example"), &json!(true)));
        assert_eq!(shown["company"]["key"], json!("pizza"));
        api.call("", "GET", "/invitation/unknown", Value::Null).await.refuses(404, "not_found");
    }
}
