//! `/api/v2/invitation/accept`.

use super::client::Api;
use serde_json::{Value, json};
use test_support::on_every_engine;

on_every_engine! {
    async fn a_mailed_link_accepts_once(api: Api) {
        let pasta = api.world.environment("pasta").await;
        let member = api.world.member(&pasta).await;
        api.boss("POST", "/user", json!({"email": member.email})).await.expect(201);
        let token = api.world.mailed_link(&member.email).await.unwrap();
        let accept = |body: Value| api.call("", "POST", "/invitation/accept", body);
        let wrong = accept(json!({"token": token})).await.expect(400);
        assert_eq!(wrong, json!({"password": ["This field is required."]}));
        let body = json!({"token": token, "username": "ada", "password": "another long and quiet one"});
        let user = accept(body.clone()).await.expect(200);
        assert_eq!((&user["username"], &user["pending"]), (&json!("ada"), &json!(false)));
        assert_eq!(user["company"], json!(api.pizza.uuid.to_string()));
        accept(body).await.refuses(404, "not_found");
        accept(json!({"token": "x"})).await.refuses(404, "not_found");
        assert_eq!(accept(json!({})).await.expect(400), json!({"token": ["This field is required."]}));
        let login = json!({"username": "ADA", "password": "another long and quiet one", "company": "pizza"});
        api.call("", "POST", "/user/login", login).await.expect(200);
    }
}
