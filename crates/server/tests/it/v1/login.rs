//! `POST /api/v1/login` and `POST /api/v1/logout`.

use super::server::{Answer, Server, request};
use axum::body::Body;
use directory::users::UserChanges;
use serde_json::{Value, json};
use std::time::Duration;
use test_support::{Person, on_every_engine, username};

const LOGIN: &str = "/api/v1/login";
const ME: &str = "/api/v1/me?environmentId=maxedy_pizza";

async fn login(server: &Server, body: Value) -> Answer {
    login_as(server, "application/json", body.to_string()).await
}

async fn login_as(server: &Server, kind: &str, body: String) -> Answer {
    server.send(request("POST", LOGIN, None).header("content-type", kind).body(Body::from(body)).unwrap()).await
}

/// The same person, showing what a login gave.
fn as_given(person: &Person, answer: &Answer) -> Person {
    assert_eq!(answer.status, 200, "{}", answer.text);
    let data = &answer.json["data"];
    assert_eq!((&answer.json["status"], &data["userId"]), (&json!("success"), &json!(person.id.to_string())));
    Person { token: data["authToken"].as_str().unwrap().to_owned(), ..person.clone() }
}

on_every_engine! {
    async fn every_name_of_the_login_field_works_and_the_token_too(server: Server) {
        let named = UserChanges { username: Some(username("ann")), ..Default::default() };
        let person = server.world.person(&server.pizza, named).await;
        for field in ["user", "username", "email"] {
            for name in ["ANN", &person.email] {
                let answer = login(&server, json!({field: name, "password": person.password, "code": "123456"})).await;
                let signed_in = as_given(&person, &answer);
                assert_eq!(signed_in.token.len(), 43);
                assert_eq!(answer.json.as_object().unwrap().len() + answer.json["data"].as_object().unwrap().len(), 4);
                assert_eq!(server.get(ME, &signed_in).await.status, 200);
            }
        }
        let form = format!("user={}&password={}", person.email.replace('@', "%40"), person.password.replace(' ', "+"));
        as_given(&person, &login_as(&server, "application/x-www-form-urlencoded", form).await);
    }

    async fn a_session_lasts_thirty_days(server: Server) {
        let person = server.world.member(&server.pizza).await;
        let signed_in = as_given(&person, &login(&server, json!({"user": person.email, "password": person.password})).await);
        let day = Duration::from_secs(24 * 3600);
        server.world.wait(29 * day);
        assert_eq!(server.get(ME, &signed_in).await.status, 200);
        server.world.wait(day);
        assert_eq!(server.get(ME, &signed_in).await.status, 401);
    }

    async fn every_no_is_the_same_no(server: Server) {
        let inactive = server.world.member(&server.pizza).await;
        let off = UserChanges { active: Some(false), ..Default::default() };
        server.world.update(&server.administrator().caller, inactive.id, off).await.unwrap();
        let wrong = server.world.member(&server.pizza).await;
        let mut told = Vec::new();
        for (name, password) in [
            (wrong.email.as_str(), "wrong"),
            ("nobody@example.org", "wrong"),
            ("no body\0", "wrong"),
            (&inactive.email, &inactive.password),
        ] {
            let answer = login(&server, json!({"user": name, "password": password})).await;
            assert_eq!((answer.status, answer.wrong()), (401, vec!["unauthorized".to_owned()]));
            told.push(answer.text);
        }
        assert!(told.iter().all(|text| *text == told[0]));
    }

    async fn guessing_must_wait(server: Server) {
        let person = server.world.member(&server.pizza).await;
        // Five failures cost nothing; the sixth does.
        for _ in 0..6 {
            assert_eq!(login(&server, json!({"user": person.email, "password": "wrong"})).await.status, 401);
        }
        let waiting = login(&server, json!({"user": person.email, "password": person.password})).await;
        assert_eq!((waiting.status, waiting.wrong()), (429, vec!["too_many_requests".to_owned()]));
        assert!(waiting.header("retry-after").parse::<u64>().unwrap() >= 1);
    }

    async fn a_pending_step_is_named(server: Server) {
        for (fields, code) in [
            (UserChanges { reset_password: Some(true), ..Default::default() }, "password_change_required"),
            (UserChanges { mfa: Some(true), ..Default::default() }, "forbidden"),
        ] {
            let person = server.world.member(&server.pizza).await;
            server.world.update(&server.administrator().caller, person.id, fields).await.unwrap();
            let answer = login(&server, json!({"user": person.email, "password": person.password})).await;
            assert_eq!((answer.status, answer.wrong()), (403, vec![code.to_owned()]), "{}", answer.text);
            assert!(!answer.text.contains("authToken"));
        }
    }

    async fn wrong_bodies_are_named(server: Server) {
        for (body, wrong) in [
            (json!({}), vec!["user", "password"]),
            (json!({"user": "a"}), vec!["password"]),
            (json!({"password": "a"}), vec!["user"]),
            (json!({"user": "a", "email": "a", "password": "a"}), vec!["email"]),
            (json!({"user": null, "password": 7, "company": "x"}), vec!["user", "password", "company"]),
            (json!([]), vec![]),
        ] {
            let answer = login(&server, body.clone()).await;
            assert_eq!((answer.status, &answer.wrong()[1..]), (400, &wrong.into_iter().map(str::to_owned).collect::<Vec<_>>()[..]), "{body}");
        }
        let form = "application/x-www-form-urlencoded";
        assert_eq!(login_as(&server, form, "user=a&user=b&password=c".to_owned()).await.wrong(), ["validation_error", "user"]);
        assert_eq!(login_as(&server, form, "user=%zz&password=c".to_owned()).await.wrong(), ["validation_error", "user"]);
        assert_eq!(login_as(&server, "text/plain", String::new()).await.status, 415);
        assert_eq!(login_as(&server, "application/json", "{".to_owned()).await.status, 400);
    }

    async fn a_logout_ends_that_token_alone(server: Server) {
        let person = server.world.member(&server.pizza).await;
        let other = as_given(&person, &login(&server, json!({"user": person.email, "password": person.password})).await);
        let out = |person: Person| { let server = &server; async move {
            server.send(request("POST", "/api/v1/logout", Some(&person)).body(Body::empty()).unwrap()).await
        }};
        let gone = out(other.clone()).await;
        assert_eq!(gone.json, json!({"status": "success", "data": {"message": "You've been logged out!"}}));
        assert_eq!(gone.status, 200);
        assert_eq!(server.get(ME, &other).await.status, 401);
        assert_eq!(out(other).await.status, 401);
        assert_eq!(server.get(ME, &person).await.status, 200);
    }
}
