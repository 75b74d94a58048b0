//! `/check`, `/whatif` and `/user/<id>/permissions`, and what decides: groups within groups, memberships that end.

use super::client::Api;
use serde_json::{Value, json};
use std::time::Duration;
use test_support::on_every_engine;

const PASSWORD: &str = "correct horse battery";

async fn group(api: &Api, name: &str, permissions: &[&str], contains: &[i64]) -> i64 {
    let body = json!({"name": name, "permissions": permissions, "contains": contains});
    api.boss("POST", "/group", body).await.expect(201)["id"].as_i64().unwrap()
}

async fn user(api: &Api, name: &str, groups: Value) -> String {
    let email = format!("{name}@pizza.example");
    let body = json!({"email": email, "password": PASSWORD, "name": name, "groups": groups});
    api.boss("POST", "/user", body).await.expect(201)["id"].as_str().unwrap().to_owned()
}

async fn allowed(api: &Api, user: &str, permission: &str) -> bool {
    let answer = api.boss("POST", "/check", json!({"user": user, "permission": permission})).await.expect(200);
    answer["allowed"].as_bool().unwrap()
}

on_every_engine! {
    async fn one_question_has_one_answer_and_many_have_many(api: Api) {
        let viewers = group(&api, "viewers", &["view_user"], &[]).await;
        let ann = user(&api, "ann", json!([viewers])).await;
        let one = api.boss("POST", "/check", json!({"user": ann, "permission": "view_user"})).await.expect(200);
        assert_eq!(one["allowed"], true);
        assert!(one["revision"].as_i64().is_some_and(|revision| revision > 0) && one.get("explanation").is_none(), "{one}");
        let questions = json!([{"user": ann, "permission": "add_user"}, {"permission": "add_user"}]);
        let many = api.boss("POST", "/check", json!({"questions": questions})).await.expect(200);
        assert_eq!(many["results"], json!([{"allowed": false}, {"allowed": true}]));
        let none = api.boss("POST", "/check", json!({"questions": []})).await.expect(200);
        assert_eq!(none["results"], json!([]));
        let all = api.get(&api.pizza.administrator.token, &format!("/user/{ann}/permissions")).await.expect(200);
        assert_eq!(all["permissions"], json!(["view_user"]));
    }

    async fn what_does_not_exist_is_named_at_once(api: Api) {
        let nobody = "0199a8f0-0000-7000-8000-000000000001";
        let questions = json!([{"user": nobody, "permission": "bake"}, {"user": "me", "permission": "view_user"}]);
        let wrong = api.boss("POST", "/check", json!({"questions": questions})).await.expect(400);
        assert_eq!(wrong["permission"], json!(["Object with codename=bake does not exist."]));
        assert_eq!(wrong["user"].as_array().map(Vec::len), Some(2), "{wrong}");
        let both = json!({"permission": "view_user", "questions": []});
        assert!(api.boss("POST", "/check", both).await.expect(400)["permission"].is_array());
        let many: Vec<Value> = (0..1001).map(|_| json!({"permission": "view_user"})).collect();
        let wrong = api.boss("POST", "/check", json!({"questions": many})).await.expect(400);
        assert_eq!(wrong, json!({"questions": ["Ask at most 1,000 questions at once."]}));
        api.boss("GET", &format!("/user/{nobody}/permissions"), Value::Null).await.refuses(404, "not_found");
        for body in [json!({}), json!({"permission": 1}), json!({"permission": null}), json!({"permission": "x", "a": 1})] {
            api.boss("POST", "/check", body).await.expect(400);
        }
    }

    async fn members_ask_about_themselves_and_nobody_else(api: Api) {
        let member = api.world.member(&api.pizza).await;
        let other = user(&api, "ann", json!([])).await;
        let own = api.call(&member.token, "POST", "/check", json!({"permission": "view_user"})).await.expect(200);
        assert_eq!(own["allowed"], false);
        let named = json!({"user": member.id.to_string(), "permission": "view_user"});
        api.call(&member.token, "POST", "/check", named).await.expect(200);
        let others = json!({"user": other, "permission": "view_user"});
        api.call(&member.token, "POST", "/check", others).await.refuses(403, "permission_denied");
        // Whoever may not ask learns nothing of who is there.
        let nobody = json!({"user": "0199a8f0-0000-7000-8000-000000000001", "permission": "view_user"});
        api.call(&member.token, "POST", "/check", nobody).await.refuses(403, "permission_denied");
        api.get(&member.token, &format!("/user/{}/permissions", member.id)).await.expect(200);
        api.get(&member.token, &format!("/user/{other}/permissions")).await.refuses(403, "permission_denied");
        api.call(&member.token, "POST", "/whatif", json!({"users": []})).await.refuses(403, "permission_denied");
    }

    async fn an_explanation_tells_the_way_or_what_is_missing(api: Api) {
        let clerks = group(&api, "clerks", &[], &[]).await;
        let staff = group(&api, "staff", &["view_user"], &[clerks]).await;
        let ann = user(&api, "ann", json!([clerks])).await;
        let ask = json!({"user": ann, "permission": "view_user", "explain": true});
        let answer = api.boss("POST", "/check", ask.clone()).await.expect(200);
        let way = &answer["explanation"]["because"][0];
        assert_eq!((&answer["allowed"], &way["through"]), (&json!(true), &json!("groups")), "{answer}");
        let ids: Vec<_> = way["groups"].as_array().unwrap().iter().map(|step| step["id"].as_i64().unwrap()).collect();
        assert_eq!(ids, [clerks, staff]);
        for given in way["groups"].as_array().unwrap().iter().chain([way]) {
            assert_eq!(given["given_by"], json!(api.pizza.administrator.id.to_string()), "{answer}");
            assert!(given["since"].as_str().is_some_and(|since| since.ends_with('Z')), "{answer}");
        }
        api.boss("PATCH", &format!("/user/{ann}"), json!({"groups": [], "is_active": false})).await.expect(200);
        let answer = api.boss("POST", "/check", ask).await.expect(200);
        assert_eq!(answer["allowed"], false);
        let groups = json!([{"id": clerks, "name": "clerks"}, {"id": staff, "name": "staff"}]);
        let missing = json!([{"what": "inactive"}, {"what": "group", "groups": groups}]);
        assert_eq!(answer["explanation"], json!({"because": [], "missing": missing}));
        let own = json!({"permission": "view_user", "explain": true});
        let own = api.boss("POST", "/check", own).await.expect(200);
        assert_eq!(own["explanation"]["because"][0]["through"], "administrator");
    }

    async fn groups_nest_and_cycles_are_shown(api: Api) {
        let inner = group(&api, "inner", &[], &[]).await;
        let outer = group(&api, "outer", &["add_user"], &[inner]).await;
        let ann = user(&api, "ann", json!([inner])).await;
        assert!(allowed(&api, &ann, "add_user").await);
        let seen = api.boss("GET", &format!("/user/{ann}"), Value::Null).await.expect(200);
        assert_eq!(seen["groups"], json!([{"id": inner, "name": "inner", "permissions": []}]));
        assert_eq!(seen["permissions"], json!(["add_user"]));
        let cycle = api.boss("PATCH", &format!("/group/{inner}"), json!({"contains": [outer]})).await;
        let told = cycle.refuses(409, "cycle").body["detail"].as_str().unwrap().to_owned();
        assert!(told.contains("inner") && told.contains("outer"), "{told}");
        let wrong = api.boss("PATCH", &format!("/group/{inner}"), json!({"contains": [99]})).await.expect(400);
        assert_eq!(wrong, json!({"contains": ["Invalid pk \"99\" - object does not exist."]}));
        api.boss("PATCH", &format!("/group/{outer}"), json!({"contains": []})).await.expect(200);
        assert!(!allowed(&api, &ann, "add_user").await);
        api.boss("PATCH", &format!("/group/{outer}"), json!({"contains": [inner]})).await.expect(200);
        let delete = "/environment/pizza?confirm=pizza";
        api.call(&api.world.operator.token, "DELETE", delete, Value::Null).await.expect(204);
    }

    async fn a_membership_ends_when_it_says(api: Api) {
        let guests = group(&api, "guests", &["view_user"], &[]).await;
        let end = "2099-01-01T00:00:00.000000Z";
        let ann = user(&api, "ann", json!([{"id": guests, "expires_at": end}])).await;
        let path = format!("/user/{ann}");
        let seen = api.boss("GET", &path, Value::Null).await.expect(200);
        assert_eq!(seen["groups"][0]["expires_at"], end);
        // Sent back as it was, or named alone, it stays as it is.
        for groups in [seen["groups"].clone(), json!([guests])] {
            let patch = api.boss("PATCH", &path, json!({"groups": groups}));
            assert_eq!(api.world.unchanged(patch).await.expect(200)["groups"], seen["groups"]);
        }
        let never = json!({"groups": [{"id": guests, "expires_at": ""}]});
        let changed = api.boss("PATCH", &path, never).await.expect(200);
        assert_eq!(changed["groups"][0].get("expires_at"), None);
        for wrong in ["2001-01-01T00:00:00Z", "tomorrow", "2099-01-01"] {
            let patch = json!({"groups": [{"id": guests, "expires_at": wrong}]});
            assert!(api.boss("PATCH", &path, patch).await.expect(400)["groups"].is_array(), "{wrong}");
        }
        let soon = api.world.now_plus(Duration::from_secs(60));
        api.boss("PATCH", &path, json!({"groups": [{"id": guests, "expires_at": soon}]})).await.expect(200);
        assert!(allowed(&api, &ann, "view_user").await);
        api.world.wait(Duration::from_secs(60));
        assert!(!allowed(&api, &ann, "view_user").await);
        assert_eq!(api.boss("GET", &path, Value::Null).await.expect(200)["groups"], json!([]));
    }

    async fn what_if_tells_who_gains_and_loses_and_changes_nothing(api: Api) {
        let inner = group(&api, "inner", &["view_user"], &[]).await;
        let outer = group(&api, "outer", &["add_user"], &[]).await;
        let ann = user(&api, "ann", json!([inner])).await;
        let ben = user(&api, "ben", json!([outer])).await;
        let suppose = |body: Value| api.world.unchanged(api.boss("POST", "/whatif", body));
        let nested = suppose(json!({"groups": [{"id": outer, "contains": [inner]}]})).await.expect(200);
        let gains = json!([{"id": ann, "name": "ann", "gains": ["add_user"], "loses": []}]);
        assert_eq!(nested, json!({"users": gains, "complete": true}));
        let off = suppose(json!({"users": [{"id": ann, "is_active": false}]})).await.expect(200);
        assert_eq!(off["users"], json!([{"id": ann, "name": "ann", "gains": [], "loses": ["view_user"]}]));
        let gone = suppose(json!({"groups": [{"id": outer, "deleted": true}], "users": [{"id": ann, "groups": []}]})).await;
        let mut expected = vec![
            json!({"id": ann, "name": "ann", "gains": [], "loses": ["view_user"]}),
            json!({"id": ben, "name": "ben", "gains": [], "loses": ["add_user"]}),
        ];
        expected.sort_by_key(|user| user["id"].as_str().map(str::to_owned));
        assert_eq!(gone.expect(200)["users"], json!(expected));
        let cycle = suppose(json!({"groups": [{"id": inner, "contains": [inner]}]})).await;
        cycle.refuses(409, "cycle");
        let wrong = json!({"groups": [{"id": 99}], "users": [{"id": "nobody"}]});
        let wrong = suppose(wrong).await.expect(400);
        assert!(wrong["groups"].is_array() && wrong["user"].is_array(), "{wrong}");
    }

    async fn a_change_is_seen_by_who_names_its_revision(api: Api) {
        let viewers = group(&api, "viewers", &["view_user"], &[]).await;
        let ann = user(&api, "ann", json!([viewers])).await;
        let changed = api.boss("PATCH", &format!("/user/{ann}"), json!({"groups": []})).await;
        let revision: i64 = changed.header("rolebook-revision").parse().unwrap();
        let later = api.boss("PATCH", &format!("/user/{ann}"), json!({"phone": "1"})).await;
        assert!(later.header("rolebook-revision").parse::<i64>().unwrap() >= revision);
        let ask = json!({"user": ann, "permission": "view_user", "min_revision": revision});
        let answer = api.boss("POST", "/check", ask).await.expect(200);
        assert_eq!(answer["allowed"], false);
        assert!(answer["revision"].as_i64().unwrap() >= revision, "{answer}");
        let future = json!({"permission": "view_user", "min_revision": revision + 3_600_000_000_i64});
        assert_eq!(api.boss("POST", "/check", future).await.refuses(503, "unavailable").header("retry-after"), "1");
        assert_eq!(api.boss("GET", "/group", Value::Null).await.header("rolebook-revision"), "");
    }
}
