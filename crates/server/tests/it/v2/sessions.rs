//! `/api/v2/user/login`, `/user/logout`, `/token/refresh`.

use super::client::Api;
use serde_json::{Value, json};
use test_support::on_every_engine;

on_every_engine! {
    async fn a_login_answers_who_where_and_two_tokens(api: Api) {
        let member = api.world.holder(&api.pizza, &["view_user"]).await;
        let body = json!({"username": member.email, "password": member.password, "company": "pizza", "otp": "123456"});
        let answer = api.call("", "POST", "/user/login", body).await;
        assert_eq!(answer.header("cache-control"), "no-store");
        let told = answer.expect(200);
        let expected = json!({"id": member.id.to_string(), "username": member.email, "first_name": "", "last_name": "",
            "phone": "", "email": member.email, "access": told["access"], "refresh": told["refresh"],
            "company_id": api.pizza.uuid.to_string(), "groups": told["groups"], "permissions": ["view_user"]});
        assert_eq!(told, expected);
        assert_eq!(told["groups"][0]["permissions"], json!(["view_user"]));
        assert_eq!(told["access"].as_str().map(str::len), Some(43));
        api.get(told["access"].as_str().unwrap(), "/user/me").await.expect(200);
        // A refresh token is no bearer.
        api.get(told["refresh"].as_str().unwrap(), "/user/me").await.refuses(401, "not_authenticated");
    }

    async fn every_kind_of_wrong_is_one_answer(api: Api) {
        let member = api.world.member(&api.pizza).await;
        api.world.environment("pasta").await;
        let mut details = Vec::new();
        for body in [
            json!({"email": member.email, "password": "x"}),
            json!({"email": "nobody@pizza.example", "password": "x"}),
            json!({"username": "\u{0}", "password": "x"}),
            json!({"email": member.email, "password": member.password, "company": "pasta"}),
            json!({"email": member.email, "password": member.password, "company": "nowhere"}),
        ] {
            details.push(api.call("", "POST", "/user/login", body).await.refuses(401, "invalid_credentials").body);
        }
        assert!(details.iter().all(|detail| *detail == details[0]));
    }

    async fn a_login_names_one_account(api: Api) {
        let login = |body| api.call("", "POST", "/user/login", body);
        let wrong = login(json!({"password": "x"})).await.expect(400);
        assert_eq!(wrong, json!({"username": ["This field is required."]}));
        let wrong = login(json!({"password": "x", "username": "a", "email": "b"})).await.expect(400);
        assert_eq!(wrong, json!({"email": ["Give a username or an e-mail address, not both."]}));
        let wrong = login(json!({"username": "a"})).await.expect(400);
        assert_eq!(wrong, json!({"password": ["This field is required."]}));
    }

    async fn failures_are_slowed_down(api: Api) {
        let body = json!({"username": "nobody", "password": "x"});
        for _ in 0..6 {
            api.call("", "POST", "/user/login", body.clone()).await.refuses(401, "invalid_credentials");
        }
        let answer = api.call("", "POST", "/user/login", body).await.refuses(429, "throttled");
        assert_eq!(answer.header("retry-after"), "1");
    }

    async fn a_new_password_is_chosen_with_the_token_for_that(api: Api) {
        let member = api.world.member(&api.pizza).await;
        let path = format!("/user/{}", member.id);
        api.boss("PATCH", &path, json!({"reset_pw": true})).await.expect(200);
        api.get(&member.token, "/user/me").await.refuses(401, "not_authenticated");
        let login = json!({"email": member.email, "password": member.password});
        let step = api.call("", "POST", "/user/login", login).await.refuses(403, "password_change_required");
        let token = step.body["token"].as_str().unwrap();
        api.get(token, "/user/me").await.refuses(403, "password_change_required");
        let new = json!({"password": "another long and quiet one"});
        let changed = api.call(token, "PATCH", "/user/me", new.clone()).await.expect(200);
        assert_eq!(changed["reset_pw"], json!(false));
        api.get(token, "/user/me").await.refuses(401, "not_authenticated");
        let login = json!({"email": member.email, "password": new["password"]});
        api.call("", "POST", "/user/login", login).await.expect(200);
    }

    async fn a_second_factor_is_demanded(api: Api) {
        let member = api.world.member(&api.pizza).await;
        api.boss("PATCH", &format!("/user/{}", member.id), json!({"mfa": true})).await.expect(200);
        api.get(&member.token, "/user/me").await.refuses(403, "second_factor_enrolment_required");
        let login = json!({"email": member.email, "password": member.password});
        let step = api.call("", "POST", "/user/login", login).await.refuses(403, "second_factor_enrolment_required");
        let token = step.body["token"].as_str().unwrap();
        api.call(token, "POST", "/user/logout", Value::Null).await.expect(204);
        api.get(token, "/user/me").await.refuses(401, "not_authenticated");
    }

    async fn a_refresh_token_is_good_once(api: Api) {
        let member = api.world.member(&api.pizza).await;
        let refresh = |token: &str| { let body = json!({"refresh": token}); api.call("", "POST", "/token/refresh", body) };
        let first = member.refresh.clone().unwrap();
        let pair = refresh(&first).await.expect(200);
        assert_eq!(pair.as_object().unwrap().len(), 2);
        api.get(pair["access"].as_str().unwrap(), "/user/me").await.expect(200);
        refresh(&first).await.refuses(401, "not_authenticated");
        api.get(pair["access"].as_str().unwrap(), "/user/me").await.refuses(401, "not_authenticated");
        refresh("x").await.refuses(401, "not_authenticated");
        refresh(&member.token).await.refuses(401, "not_authenticated");
        let wrong = api.call("", "POST", "/token/refresh", json!({})).await.expect(400);
        assert_eq!(wrong, json!({"refresh": ["This field is required."]}));
    }

    async fn signing_out_ends_the_session(api: Api) {
        let member = api.world.member(&api.pizza).await;
        api.call(&member.token, "POST", "/user/logout", Value::Null).await.expect(204);
        api.call(&member.token, "POST", "/user/logout", Value::Null).await.refuses(401, "not_authenticated");
    }

    async fn an_operator_signs_in_where_it_is_no_user(api: Api) {
        let operator = &api.world.operator;
        let body = json!({"email": operator.email, "password": operator.password, "company": api.pizza.uuid.to_string()});
        let told = api.call("", "POST", "/user/login", body).await.expect(200);
        assert_eq!((&told["groups"], &told["permissions"], &told["first_name"]), (&json!([]), &json!([]), &json!("")));
        assert_eq!((&told["email"], &told["company_id"]), (&json!(operator.email), &json!(api.pizza.uuid.to_string())));
    }
}
