//! `POST /api/v1/users`: in which order it judges, and how it learns the environment.

use super::server::{Server, guest, request, with};
use axum::body::Body;
use directory::tokens::Ceiling;
use directory::users::UserChanges;
use serde_json::{Value, json};
use test_support::on_every_engine;

const USERS: &str = "/api/v1/users";

/// Wrong in every way after the environment.
const WRONG: &str = r#"{"_environmentId":"maxedy_pizza","locale":"!"}"#;

on_every_engine! {
    async fn credentials_come_first(server: Server) {
        let (administrator, other) = (server.administrator(), server.world.member(&server.pizza).await);
        let (token, id, foreign) = (&administrator.token, administrator.id.to_string(), other.id.to_string());
        let callers: [&[(&str, &str)]; 8] = [
            &[],
            &[("X-Auth-Token", token)],
            &[("X-User-Id", &id)],
            &[("X-Auth-Token", token), ("X-User-Id", &foreign)],
            &[("X-Auth-Token", token), ("X-User-Id", "me")],
            &[("X-Auth-Token", "a6gA9rYaGTFKPrT5P"), ("X-User-Id", &id)],
            &[("X-Auth-Token", token), ("X-User-Id", &id), ("X-User-Id", &id)],
            &[("X-Auth-Token", ""), ("X-User-Id", &id)],
        ];
        for headers in callers {
            let start = request("POST", USERS, None).header("content-type", "text/plain");
            let request = headers.iter().fold(start, |request, (name, value)| request.header(*name, *value));
            let refused = server.send(request.body(Body::from("{")).unwrap()).await;
            assert_eq!((refused.status, refused.wrong()), (401, vec!["unauthorized".to_owned()]), "{headers:?}");
        }
    }

    async fn then_media_type_and_json(server: Server) {
        let member = server.world.member(&server.pizza).await;
        for kind in ["text/plain", "application/x-www-form-urlencoded", ""] {
            let start = request("POST", USERS, Some(&member));
            let request = if kind.is_empty() { start } else { start.header("content-type", kind) };
            let refused = server.send(request.body(Body::from("{")).unwrap()).await;
            assert_eq!((refused.status, refused.wrong()), (415, vec!["unsupported_media_type".to_owned()]), "{kind}");
        }
        for body in ["{", "", "[]", "null", "{} // no", "{\"a\":1,}"] {
            let refused = server.refuses(&member, USERS, body, 400).await;
            assert_eq!((refused.wrong(), &refused.json["errors"]), (vec!["validation_error".to_owned()], &json!([])));
        }
        let refused = server.refuses(&member, USERS, &" ".repeat(1024 * 1024 + 1), 413).await;
        assert_eq!(refused.wrong(), ["payload_too_large"]);
    }

    async fn then_the_environment(server: Server) {
        let (other, uuid) = (server.world.environment("elsewhere").await, server.pizza.uuid.to_string());
        let person = server.administrator();
        // None, a malformed one, or two that do not mean the same.
        for (query, body) in [
            ("", json!({})),
            ("", json!({"_environmentId": null})),
            ("", json!({"_environmentId": 7})),
            ("?environmentId=maxedy_pizza", json!({"_environmentId": "elsewhere"})),
            ("?environmentId=elsewhere", json!({"_environmentId": "maxedy_pizza"})),
            ("?environmentId=elsewhere", json!({"_environmentId": other.uuid.to_string()})),
            ("?environmentId=nowhere", json!({"_environmentId": "neverland"})),
        ] {
            let refused = server.refuses(person, &format!("{USERS}{query}"), &body.to_string(), 400).await;
            assert_eq!(refused.wrong(), ["validation_error", "_environmentId"], "{query} {body}");
        }
        let twice = r#"{"_environmentId":"maxedy_pizza","_environmentId":"maxedy_pizza"}"#;
        assert_eq!(server.refuses(person, USERS, twice, 400).await.wrong(), ["validation_error", "_environmentId"]);
        let refused = server.refuses(person, "/api/v1/users?environment=maxedy_pizza", WRONG, 400).await;
        assert_eq!(refused.wrong(), ["validation_error", "environment"]);
        // Unknown, or somebody else's: alike, whatever else is wrong.
        let mut told: Vec<Value> = Vec::new();
        for named in ["elsewhere", &other.uuid.to_string(), "nowhere", "", "Not A Key", "a\0b"] {
            let body = json!({"_environmentId": named, "locale": "!"}).to_string();
            told.push(server.refuses(person, USERS, &body, 403).await.json);
            let percent: String = named.bytes().map(|byte| format!("%{byte:02X}")).collect();
            told.push(server.refuses(person, &format!("{USERS}?environmentId={percent}"), &body, 403).await.json);
        }
        assert!(told.iter().all(|one| one["error"] == "forbidden" && *one == told[0]), "{told:?}");
        // By key or UUID, here or there or both.
        for (query, body) in [
            ("?environmentId=maxedy_pizza", None),
            ("", Some("maxedy_pizza")),
            ("", Some(uuid.as_str())),
            (&format!("?environmentId={uuid}"), Some("maxedy_pizza")),
            (&format!("?environmentId={}", uuid.to_uppercase()), Some(uuid.as_str())),
            ("?environmentId=maxedy_pizza", Some(uuid.as_str())),
        ] {
            let body = with(guest(), "_environmentId", body.map(|body| json!(body)));
            let done = server.post(&format!("{USERS}{query}"), person, body.to_string()).await;
            assert!([200, 201].contains(&done.status), "{query} {body}: {}", done.text);
        }
    }

    async fn then_the_administrator_then_the_fields(server: Server) {
        let managing = ["add_user", "change_user", "view_user"];
        let holder = server.world.holder(&server.pizza, &managing).await;
        let colleague = server.world.administrator(&server.pizza).await;
        let ceiling = Ceiling::Permissions(managing.iter().map(|p| (*p).to_owned()).collect());
        let restrained = server.world.with_token(&colleague, ceiling).await;
        let whole = server.world.with_token(&colleague, Ceiling::Administrator).await;
        for person in [&holder, &restrained] {
            for body in [WRONG.to_owned(), guest().to_string()] {
                assert_eq!(server.refuses(person, USERS, &body, 403).await.wrong(), ["forbidden"]);
            }
        }
        for person in [&colleague, &whole, &server.world.operator] {
            let refused = server.refuses(person, USERS, WRONG, 400).await;
            assert_eq!(refused.wrong(), ["validation_error", "globalEmailAddress", "locale"]);
        }
        assert_eq!(server.post(USERS, &whole, guest().to_string()).await.status, 201);
    }

    async fn a_token_is_bound_to_its_environment(server: Server) {
        let other = server.world.environment("elsewhere").await;
        let body = with(guest(), "_environmentId", Some(json!(other.key))).to_string();
        assert_eq!(server.refuses(server.administrator(), USERS, &body, 403).await.wrong(), ["forbidden"]);
        let body = json!({
            "_environmentId": "elsewhere", "globalEmailAddress": "x@example.org", "name": "X", "administrator": false,
            "active": true, "language": "en", "locale": "en",
        });
        assert_eq!(server.post(USERS, &server.world.operator, body.to_string()).await.status, 201);
    }

    async fn what_is_off_is_off_on_the_next_request(server: Server) {
        let colleague = server.world.administrator(&server.pizza).await;
        assert_eq!(server.post(USERS, &colleague, guest().to_string()).await.status, 201);
        let off = UserChanges { active: Some(false), ..Default::default() };
        server.world.update(&server.administrator().caller, colleague.id, off).await.unwrap();
        assert_eq!(server.refuses(&colleague, USERS, &guest().to_string(), 401).await.wrong(), ["unauthorized"]);
    }
}
