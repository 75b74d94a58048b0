//! `/second-factor`, and signing in with one, over both APIs that sign in.

use super::client::Api;
use axum::body::Body;
use axum::http::Request;
use serde_json::{Value, json};
use std::time::Duration;
use test_support::{Authenticator, Person, on_every_engine};
use totp_rs::{Algorithm, Builder, Secret, Totp};

const STEP: Duration = Duration::from_secs(30);

struct App(Totp);

impl App {
    fn with(seed: &Value) -> App {
        let secret = Secret::try_from_base32(seed.as_str().unwrap()).unwrap();
        let codes = Builder::new().with_algorithm(Algorithm::SHA1).with_digits(6).with_step_duration(30);
        App(codes.with_secret(secret).build().unwrap())
    }

    /// The present code, the first time that it is asked for in its step.
    fn code(&self, api: &Api) -> String {
        api.world.wait(STEP);
        let now = jiff::Timestamp::from(directory::clock::Clock::from(api.world.clock.clone()).now());
        self.0.generate(u64::try_from(now.as_second()).unwrap()).to_string()
    }
}

async fn enrol(api: &Api, token: &str) -> (App, Value) {
    let begun = api.call(token, "POST", "/second-factor/totp", json!({"name": "Phone"})).await.expect(200);
    let app = App::with(&begun["secret"]);
    let enrolled = api.call(token, "POST", "/second-factor/totp/confirm", json!({"otp": app.code(api)})).await;
    (app, enrolled.expect(201))
}

async fn login(api: &Api, person: &Person, otp: Option<&str>) -> super::client::Answer {
    let mut body = json!({"email": person.email, "password": person.password});
    if let Some(otp) = otp {
        body["otp"] = json!(otp);
    }
    api.call("", "POST", "/user/login", body).await
}

async fn v1(api: &Api, body: Value, header: Option<&str>) -> super::client::Answer {
    let mut request = Request::builder().method("POST").uri("/api/v1/login").header("Content-Type", "application/json");
    if let Some(code) = header {
        request = request.header("X-2fa-code", code);
    }
    api.send(request.body(Body::from(body.to_string())).unwrap()).await
}

on_every_engine! {
    async fn an_app_is_enrolled_and_asked_for(api: Api) {
        let ada = api.world.member(&api.pizza).await;
        let none = api.get(&ada.token, "/second-factor").await.expect(200);
        assert_eq!(none, json!({"factors": [], "recovery_codes": 0, "demanded": false}));
        let begun = api.call(&ada.token, "POST", "/second-factor/totp", json!({})).await.expect(200);
        let uri = begun["uri"].as_str().unwrap();
        let (secret, address) = (begun["secret"].as_str().unwrap(), ada.email.replace('@', "%40").replace('.', "%2E"));
        let expected = format!("otpauth://totp/Rolebook:{address}?secret={secret}&issuer=Rolebook&algorithm=SHA1&digits=6&period=30");
        assert_eq!((uri, secret.len()), (expected.as_str(), 32));
        assert!(begun["qr"].as_str().unwrap().starts_with("<svg "));
        login(&api, &ada, None).await.expect(200);
        let (app, enrolled) = enrol(&api, &ada.token).await;
        assert_eq!(enrolled["recovery_codes"].as_array().unwrap().len(), 10);
        assert_eq!(enrolled["factor"]["kind"], json!("totp"));
        assert!(enrolled.get("access").is_none());

        let asked = login(&api, &ada, None).await.refuses(401, "otp_required");
        assert_eq!(asked.header("www-authenticate"), "Bearer");
        assert_eq!(asked.body["methods"], json!(["totp", "recovery_code"]));
        login(&api, &ada, Some("000000")).await.refuses(401, "invalid_otp");
        let code = app.code(&api);
        let signed_in = login(&api, &ada, Some(&format!("{} {}", &code[..3], &code[3..]))).await.expect(200);
        api.get(signed_in["access"].as_str().unwrap(), "/user/me").await.expect(200);
        login(&api, &ada, Some(&code)).await.refuses(401, "invalid_otp");
        login(&api, &ada, enrolled["recovery_codes"][0].as_str()).await.expect(200);
        let token = asked.body["token"].as_str().unwrap();
        let on = api.call(token, "POST", "/session/second-factor", json!({"otp": app.code(&api)})).await.expect(200);
        assert_eq!(on["id"], json!(ada.id.to_string()));
        api.get(on["access"].as_str().unwrap(), "/user/me").await.expect(200);
        api.get(token, "/user/me").await.refuses(401, "not_authenticated");

        let shown = api.get(&ada.token, "/second-factor").await.expect(200);
        assert_eq!((&shown["factors"][0]["name"], &shown["recovery_codes"]), (&json!("Phone"), &json!(9)));
        let path = format!("/second-factor/{}", shown["factors"][0]["id"].as_str().unwrap());
        let renamed = api.call(&ada.token, "PATCH", &path, json!({"name": "Old phone"})).await.expect(200);
        assert_eq!(renamed["name"], json!("Old phone"));
        let codes = api.call(&ada.token, "POST", "/second-factor/recovery-codes", json!({})).await.expect(201);
        assert_eq!(codes["recovery_codes"].as_array().unwrap().len(), 10);
        api.boss("PATCH", &format!("/user/{}", ada.id), json!({"mfa": true})).await.expect(200);
        api.call(&ada.token, "DELETE", &path, Value::Null).await.refuses(409, "last_second_factor");
        api.boss("PATCH", &format!("/user/{}", ada.id), json!({"mfa": false})).await.expect(200);
        api.call(&ada.token, "DELETE", &path, Value::Null).await.expect(204);
        login(&api, &ada, None).await.expect(200);
    }

    async fn the_first_api_takes_the_code_in_the_body_or_the_header(api: Api) {
        let ada = api.world.member(&api.pizza).await;
        let (app, enrolled) = enrol(&api, &ada.token).await;
        let right = json!({"user": ada.email, "password": ada.password});
        let with = |code: &str| json!({"user": ada.email, "password": ada.password, "code": code});
        for asked in [v1(&api, right.clone(), None).await, v1(&api, with("000000"), None).await] {
            assert_eq!((asked.status.as_u16(), &asked.body["error"]), (401, &json!("totp_required")));
        }
        let in_body = v1(&api, with(&app.code(&api)), None).await.expect(200);
        assert_eq!(in_body["data"]["userId"], json!(ada.id.to_string()));
        v1(&api, right.clone(), Some(&app.code(&api))).await.expect(200);
        v1(&api, right, enrolled["recovery_codes"][0].as_str()).await.expect(200);
    }

    async fn an_environment_that_demands_one_says_how_to_step_up(api: Api) {
        let (ada, bob) = (api.world.member(&api.pizza).await, api.world.member(&api.pizza).await);
        let old = api.world.again(&ada, None).await;
        let (app, _) = enrol(&api, &ada.token).await;
        let operator = &api.world.operator.token;
        let all = json!({"second_factor": "everybody"});
        let changed = api.call(operator, "PATCH", "/environment/pizza", all).await;
        assert_eq!(changed.expect(200)["second_factor"], json!("everybody"));
        api.get(&old.token, "/user/me").await.refuses(403, "second_factor_required");
        api.get(&bob.token, "/user/me").await.refuses(403, "second_factor_enrolment_required");
        let refused = api.call("", "POST", "/token/refresh", json!({"refresh": old.refresh})).await;
        refused.refuses(403, "second_factor_required");
        let request = Request::builder().uri("/api/v1/me?environmentId=pizza").header("X-Auth-Token", &old.token);
        let request = request.header("X-User-Id", old.id.to_string()).body(Body::empty()).unwrap();
        assert_eq!(api.send(request).await.status.as_u16(), 403);
        let named = [("X-Environment-Id", "pizza")];
        let session = api.world.again(&api.world.operator, None).await.token;
        let there = api.call_with(&named, &session, "GET", "/user", Value::Null).await;
        there.refuses(403, "second_factor_enrolment_required");
        let on = api.call(&old.token, "POST", "/session/second-factor", json!({"otp": app.code(&api)})).await.expect(200);
        api.get(on["access"].as_str().unwrap(), "/user/me").await.expect(200);

        let step = login(&api, &bob, None).await.refuses(403, "second_factor_enrolment_required");
        let (_, enrolled) = enrol(&api, step.body["token"].as_str().unwrap()).await;
        api.get(enrolled["access"].as_str().unwrap(), "/user/me").await.expect(200);
        let none = json!({"second_factor": "nobody"});
        api.call(operator, "PATCH", "/environment/pizza", none).await.expect(200);
        api.call_with(&named, &session, "GET", "/user", Value::Null).await.expect(200);
    }

    async fn a_passkey_signs_in(api: Api) {
        let ada = api.world.member(&api.pizza).await;
        let mut browser = Authenticator::at("https://id.example");
        let asked = api.call(&ada.token, "POST", "/second-factor/passkey", json!({})).await.expect(200);
        assert_eq!(asked["public_key"]["rp"]["id"], json!("id.example"));
        let made = browser.create(&serde_json::from_value(json!({"publicKey": asked["public_key"]})).unwrap());
        let body = json!({"challenge": asked["challenge"], "credential": made, "name": "Laptop"});
        let enrolled = api.call(&ada.token, "POST", "/second-factor/passkey/confirm", body.clone()).await.expect(201);
        assert_eq!((&enrolled["factor"]["kind"], &enrolled["factor"]["name"]), (&json!("passkey"), &json!("Laptop")));
        api.call(&ada.token, "POST", "/second-factor/passkey/confirm", body).await.refuses(401, "invalid_otp");

        let asked = api.call("", "POST", "/user/login/passkey", json!({})).await.expect(200);
        let signed = browser.get(&serde_json::from_value(json!({"publicKey": asked["public_key"]})).unwrap());
        let answer = json!({"passkey": {"challenge": asked["challenge"], "credential": signed}});
        let signed_in = api.call("", "POST", "/user/login", answer.clone()).await.expect(200);
        assert_eq!(signed_in["id"], json!(ada.id.to_string()));
        api.call("", "POST", "/user/login", answer.clone()).await.refuses(401, "invalid_credentials");
        let mut both = answer;
        both["password"] = json!("x");
        assert!(api.call("", "POST", "/user/login", both).await.expect(400)["passkey"].is_array());

        let request = Request::builder().method("POST").uri("/api/v1/login/passkey").body(Body::empty()).unwrap();
        let asked = api.send(request).await.expect(200);
        let signed = browser.get(&serde_json::from_value(json!({"publicKey": asked["data"]["publicKey"]})).unwrap());
        let body = json!({"passkey": {"challenge": asked["data"]["challenge"], "credential": signed}});
        assert_eq!(v1(&api, body, None).await.expect(200)["data"]["userId"], json!(ada.id.to_string()));

        let step = login(&api, &ada, None).await.refuses(401, "otp_required");
        assert_eq!(step.body["methods"], json!(["passkey", "recovery_code"]));
        let token = step.body["token"].as_str().unwrap();
        let asked = api.call(token, "POST", "/user/login/passkey", json!({})).await.expect(200);
        assert_eq!(asked["public_key"]["allowCredentials"].as_array().unwrap().len(), 1);
        let signed = browser.get(&serde_json::from_value(json!({"publicKey": asked["public_key"]})).unwrap());
        let shown = json!({"passkey": {"challenge": asked["challenge"], "credential": signed}});
        let on = api.call(token, "POST", "/session/second-factor", shown).await.expect(200);
        api.get(on["access"].as_str().unwrap(), "/user/me").await.expect(200);
    }

    async fn what_is_shown_wrongly_is_said_by_field(api: Api) {
        let ada = api.world.member(&api.pizza).await;
        for (path, body, field) in [
            ("/session/second-factor", json!({}), "otp"),
            ("/second-factor/totp/confirm", json!({}), "otp"),
            ("/second-factor/totp/confirm", json!({"otp": " "}), "otp"),
            ("/second-factor/totp", json!({"name": ""}), "name"),
            ("/second-factor/passkey", json!({"x": 1}), "x"),
            ("/second-factor/passkey/confirm", json!({"challenge": "AA", "credential": {"id": 1}}), "credential"),
            ("/session/prove", json!({}), "current_password"),
        ] {
            let wrong = api.call(&ada.token, "POST", path, body).await.expect(400);
            assert!(wrong[field].is_array(), "{path}: {wrong}");
        }
        let kept = [("Idempotency-Key", "one")];
        api.call_with(&kept, &ada.token, "POST", "/second-factor/totp", json!({})).await.refuses(400, "idempotency_key");
    }
}
