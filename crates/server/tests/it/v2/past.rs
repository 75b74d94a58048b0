//! `?at=`: what was, who could do it, and by whose doing.

use super::client::Api;
use serde_json::{Value, json};
use std::time::Duration;
use test_support::on_every_engine;

/// Tests begin then.
const BEGUN: &str = "2026-02-25T06:13:20Z";
const A_SECOND_LATER: &str = "2026-02-25T06:13:21Z";
const BEFORE: &str = "2026-02-25T06:13:19.999999Z";
const TO_COME: &str = "2026-02-26T00:00:00+01:00";

async fn group(api: &Api, name: &str, permissions: &[&str]) -> i64 {
    let body = json!({"name": name, "permissions": permissions});
    api.boss("POST", "/group", body).await.expect(201)["id"].as_i64().unwrap()
}

async fn user(api: &Api, name: &str, groups: Value) -> String {
    let email = format!("{name}@pizza.example");
    let body = json!({"email": email, "password": "correct horse battery", "name": name, "groups": groups});
    api.boss("POST", "/user", body).await.expect(201)["id"].as_str().unwrap().to_owned()
}

async fn permission(api: &Api, codename: &str) -> i64 {
    api.boss("POST", "/permission", json!({"codename": codename})).await.expect(201)["id"].as_i64().unwrap()
}

on_every_engine! {
    async fn an_auditor_asks_who_could_approve_and_who_gave_it_to_them(api: Api) {
        let approve = permission(&api, "approve_invoice").await;
        let clerks = group(&api, "clerks", &["approve_invoice"]).await;
        let ann = user(&api, "ann", json!([clerks])).await;
        let bob = user(&api, "bob", json!([])).await;
        api.world.wait(Duration::from_secs(1));
        let boss = api.pizza.administrator.clone();
        api.boss("PATCH", &format!("/user/{ann}"), json!({"groups": [], "name": "Ann Other"})).await.expect(200);
        api.boss("PATCH", &format!("/user/{bob}"), json!({"groups": [clerks]})).await.expect(200);
        api.boss("PATCH", &format!("/group/{clerks}"), json!({"name": "accountants"})).await.expect(200);
        api.world.wait(Duration::from_secs(1));
        let get = async |path: String| api.boss("GET", &path, Value::Null).await.expect(200);

        for (at, holder, name, groups) in
            [(BEGUN, &ann, "ann", "clerks"), (A_SECOND_LATER, &bob, "bob", "accountants")]
        {
            let holders = get(format!("/permission/{approve}/holders?at={at}")).await;
            let holders = holders["results"].as_array().unwrap();
            let who: Vec<&str> = holders.iter().map(|holder| holder["user"]["id"].as_str().unwrap()).collect();
            assert_eq!(who, [&boss.id.to_string(), holder], "at {at}");
            let (shown, way) = (&holders[1]["user"], &holders[1]["because"][0]);
            assert_eq!((&shown["name"], &shown["groups"][0]["name"]), (&json!(name), &json!(groups)), "{shown}");
            assert_eq!((&way["through"], &way["groups"][0]["name"]), (&json!("groups"), &json!(groups)));
            assert_eq!(way["groups"][0]["given_by"], json!(boss.id.to_string()));
            let question = json!({"user": holder, "permission": "approve_invoice", "at": at, "explain": true});
            let verdict = api.boss("POST", "/check", question).await.expect(200);
            assert_eq!((&verdict["allowed"], &verdict["explanation"]["because"][0]), (&json!(true), way));
            let may = get(format!("/user/{holder}/permissions?at={at}")).await;
            assert_eq!(may["permissions"], json!(["approve_invoice"]));
        }
        let then = get(format!("/user/{ann}?at={BEGUN}")).await;
        assert_eq!((&then["name"], &then["groups"][0]["name"]), (&json!("ann"), &json!("clerks")));
        let now = get(format!("/user/{ann}")).await;
        assert_eq!((&now["name"], &now["groups"]), (&json!("Ann Other"), &json!([])));
        // The same fields, whether it is or was.
        let fields = |user: &Value| user.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
        assert_eq!(fields(&then), fields(&now));
        let many = json!({"questions": [{"user": ann, "permission": "approve_invoice"}, {"user": bob, "permission": "approve_invoice"}], "at": BEGUN});
        let verdicts = api.boss("POST", "/check", many).await.expect(200);
        assert_eq!(verdicts["results"], json!([{"allowed": true}, {"allowed": false}]));
        // Whoever has left is found all the same.
        api.boss("DELETE", &format!("/user/{ann}"), Value::Null).await.expect(204);
        let gone = get(format!("/permission/{approve}/holders?at={BEGUN}")).await;
        assert_eq!(gone["results"][1]["user"]["id"], json!(ann));
        api.boss("GET", &format!("/user/{ann}"), Value::Null).await.refuses(404, "not_found");
        // And what is no more, too.
        api.boss("DELETE", &format!("/permission/{approve}"), Value::Null).await.expect(204);
        api.boss("GET", &format!("/permission/{approve}/holders"), Value::Null).await.refuses(404, "not_found");
        assert_eq!(get(format!("/permission/{approve}/holders?at={BEGUN}")).await, gone);
    }

    async fn holders_come_in_pages_whose_cursors_are_good_for_their_own_list_alone(api: Api) {
        let approve = permission(&api, "approve_invoice").await;
        let clerks = group(&api, "clerks", &["approve_invoice"]).await;
        let mut made = vec![api.pizza.administrator.id.to_string()];
        for n in 0..7 {
            let groups = if n == 3 { json!([]) } else { json!([clerks]) };
            let id = user(&api, &format!("user{n}"), groups).await;
            if n != 3 { made.push(id) }
            api.world.wait(Duration::from_millis(1));
        }
        api.world.wait(Duration::from_secs(1));
        for at in ["", "&at=2026-02-25T06:13:20.5Z"] {
            let (mut path, mut met) = (format!("/permission/{approve}/holders?limit=3{at}"), Vec::new());
            loop {
                let page = api.boss("GET", &path, Value::Null).await.expect(200);
                let results = page["results"].as_array().unwrap();
                assert!(results.len() <= 3);
                met.extend(results.iter().map(|holder| holder["user"]["id"].as_str().unwrap().to_owned()));
                let Some(next) = page["next"].as_str() else { break };
                path = next.split_once("/api/v2").unwrap().1.to_owned();
            }
            assert_eq!(met, made, "{at:?}");
            let cursor = api.boss("GET", &format!("/permission/{approve}/holders?limit=3{at}"), Value::Null).await.expect(200);
            let cursor = cursor["next"].as_str().unwrap().split("cursor=").nth(1).unwrap().split('&').next().unwrap().to_owned();
            for elsewhere in [format!("/permission/1/holders?cursor={cursor}{at}"), format!("/permission/{approve}/holders?cursor={cursor}&at={A_SECOND_LATER}"), format!("/user?cursor={cursor}"), format!("/permission/{approve}/holders?cursor=x{at}")] {
                assert!(api.boss("GET", &elsewhere, Value::Null).await.expect(400)["cursor"].is_array(), "{elsewhere}");
            }
        }
    }

    async fn times_of_which_nothing_is_known_are_refused_by_name(api: Api) {
        let ann = user(&api, "ann", json!([])).await;
        for at in [BEFORE, TO_COME, "yesterday", "", "2026-02-25", "2026-02-25T06:13:20"] {
            for path in [format!("/user/{ann}?at={at}"), format!("/user/{ann}/permissions?at={at}"), format!("/permission/1/holders?at={at}")] {
                let refused = api.boss("GET", &path.replace('+', "%2B"), Value::Null).await.expect(400);
                assert!(refused["at"].is_array(), "{path}: {refused}");
            }
            let question = json!({"permission": "view_user", "at": at});
            assert!(api.boss("POST", "/check", question).await.expect(400)["at"].is_array());
        }
        let twice = api.boss("GET", &format!("/user/{ann}?at={BEGUN}&at={BEGUN}"), Value::Null).await.expect(400);
        assert!(twice["at"].is_array());
        // What is asked of the present alone takes no time.
        for path in [format!("/user?at={BEGUN}"), format!("/group/1?at={BEGUN}"), format!("/user/me?at={BEGUN}")] {
            assert!(api.boss("GET", &path, Value::Null).await.expect(400)["at"].is_array(), "{path}");
        }
    }
}
