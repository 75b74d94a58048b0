//! `ETag`, `If-Match` and `If-None-Match` on users and groups: nobody overwrites what it has not seen.

use super::client::{Answer, Api};
use serde_json::{Value, json};
use test_support::{Person, on_every_engine};

const PASSWORD: &str = "correct horse battery";

async fn matching(api: &Api, tag: &str, method: &str, path: &str, body: Value) -> Answer {
    api.call_with(&[("if-match", tag)], &api.pizza.administrator.token, method, path, body).await
}

async fn unless(api: &Api, tag: &str, method: &str, path: &str) -> Answer {
    api.call_with(&[("if-none-match", tag)], &api.pizza.administrator.token, method, path, Value::Null).await
}

fn tag_of(answer: &Answer) -> String {
    let tag = answer.header("etag").to_owned();
    assert!(tag.starts_with('"') && tag.ends_with('"') && tag.len() > 10, "{tag}");
    tag
}

/// A user and a group that exist, with a body that each may be sent.
async fn things(api: &Api) -> [(String, Value); 2] {
    let body = json!({"email": "ada@pizza.example", "password": PASSWORD});
    let user = api.boss("POST", "/user", body).await.expect(201);
    let group = api.boss("POST", "/group", json!({"name": "Baker"})).await.expect(201);
    let (user, group) = (format!("/user/{}", user["id"].as_str().unwrap()), format!("/group/{}", group["id"]));
    [(user, json!({"first_name": "Ada"})), (group, json!({"label": "Bakers"}))]
}

on_every_engine! {
    async fn the_same_state_has_the_same_tag_however_it_is_answered(api: Api) {
        let body = json!({"email": "ada@pizza.example", "password": PASSWORD});
        let made = api.boss("POST", "/user", body).await;
        let (first, path) = (tag_of(&made), format!("/user/{}", made.expect(201)["id"].as_str().unwrap()));
        assert_eq!(tag_of(&api.boss("GET", &path, Value::Null).await), first);
        assert_eq!(tag_of(&api.boss("HEAD", &path, Value::Null).await), first);
        // A change that changes nothing.
        assert_eq!(tag_of(&api.boss("PATCH", &path, json!({})).await), first);
        let put = json!({"email": "ada@pizza.example"});
        assert_eq!(tag_of(&api.boss("PUT", &path, put).await), first);
        let changed = api.boss("PATCH", &path, json!({"phone": "1"})).await;
        assert_ne!(tag_of(&changed), first);
        assert_eq!(tag_of(&api.boss("GET", &path, Value::Null).await), tag_of(&changed));
        let group = api.boss("POST", "/group", json!({"name": "Baker"})).await;
        assert_eq!(tag_of(&api.boss("GET", "/group/1", Value::Null).await), tag_of(&group));
        let renamed = api.boss("PATCH", "/group/1", json!({"name": "Cook"})).await;
        assert_ne!(tag_of(&renamed), tag_of(&group));
        assert_eq!(tag_of(&api.boss("GET", "/group/1", Value::Null).await), tag_of(&renamed));
    }

    async fn a_tag_is_over_the_whole_answer(api: Api) {
        let group = api.boss("POST", "/group", json!({"name": "Baker"})).await.expect(201);
        let body = json!({"email": "ada@pizza.example", "password": PASSWORD, "groups": [group["id"]]});
        let made = api.boss("POST", "/user", body).await;
        let (tag, path) = (tag_of(&made), format!("/user/{}", made.expect(201)["id"].as_str().unwrap()));
        // The user itself is as it was, but not what is told of it.
        api.boss("PATCH", "/group/1", json!({"name": "Cook"})).await.expect(200);
        assert_ne!(tag_of(&api.boss("GET", &path, Value::Null).await), tag);
        let stale = matching(&api, &tag, "PATCH", &path, json!({"phone": "1"}));
        api.world.unchanged(stale).await.refuses(412, "precondition_failed");
    }

    async fn a_change_of_what_has_changed_since_is_refused_and_changes_nothing(api: Api) {
        for (path, change) in things(&api).await {
            let seen = tag_of(&api.boss("GET", &path, Value::Null).await);
            let now = matching(&api, &seen, "PATCH", &path, change.clone()).await;
            let now = (tag_of(&now), now.expect(200)).0;
            let mut methods = vec![("PATCH", change), ("DELETE", Value::Null)];
            if path.starts_with("/user") {
                methods.push(("PUT", json!({"email": "ada@pizza.example"})));
                methods.push(("PATCH", json!({"password": "another long and quiet one"})));
            }
            let weak = format!("W/{now}");
            for (method, body) in methods {
                for tag in [seen.as_str(), weak.as_str(), "\"\"", "\"a\", \"b\"", &format!("\"a\", W/{now}, {seen}")] {
                    let call = matching(&api, tag, method, &path, body.clone());
                    let answer = api.world.unchanged(call).await.refuses(412, "precondition_failed");
                    assert_eq!(answer.header("etag"), "");
                }
                for tag in ["", "x", &now[1..], "*, *", "\"a\" \"b\"", &format!("*, {now}"), "w/\"a\""] {
                    let call = matching(&api, tag, method, &path, body.clone());
                    api.world.unchanged(call).await.refuses(400, "if_match");
                }
            }
        }
    }

    async fn a_change_of_what_is_as_it_was_seen_is_made(api: Api) {
        for (path, change) in things(&api).await {
            let seen = tag_of(&api.boss("GET", &path, Value::Null).await);
            let list = format!("\"a\", {seen} ,\"b\"");
            let changed = matching(&api, &list, "PATCH", &path, change).await;
            let seen = (tag_of(&changed), changed.expect(200)).0;
            if path.starts_with("/user") {
                let put = matching(&api, &seen, "PUT", &path, json!({"email": "ada@pizza.example"})).await;
                assert_ne!(tag_of(&put), seen);
                put.expect(200);
            }
            matching(&api, "*", "PATCH", &path, json!({})).await.expect(200);
            matching(&api, "*", "DELETE", &path, Value::Null).await.expect(204);
            // What is no more does not match, and is not spoken of either.
            matching(&api, "*", "DELETE", &path, Value::Null).await.refuses(404, "not_found");
        }
    }

    async fn ones_own_user_is_changed_on_condition_too(api: Api) {
        let member = api.world.member(&api.pizza).await;
        let of = |member: &Person, headers: &[(&str, &str)], body: Value| {
            let (token, headers): (_, Vec<_>) = (member.token.clone(), headers.iter().map(|(n, v)| (n.to_string(), v.to_string())).collect());
            let api = &api;
            async move {
                let headers: Vec<(&str, &str)> = headers.iter().map(|(name, value)| (&**name, &**value)).collect();
                let method = if body.is_null() { "GET" } else { "PATCH" };
                api.call_with(&headers, &token, method, "/user/me", body).await
            }
        };
        let seen = tag_of(&of(&member, &[], Value::Null).await);
        let known = of(&member, &[("if-none-match", &seen)], Value::Null).await;
        assert_eq!((known.status.as_u16(), &known.body, tag_of(&known)), (304, &Value::Null, seen.clone()));
        of(&member, &[("if-match", &seen)], json!({"phone": "1"})).await.expect(200);
        let stale = of(&member, &[("if-match", &seen)], json!({"phone": "2"}));
        api.world.unchanged(stale).await.refuses(412, "precondition_failed");
        let malformed = of(&member, &[("if-match", "x")], json!({"phone": "2"}));
        api.world.unchanged(malformed).await.refuses(400, "if_match");
        let path = format!("/user/{}", member.id);
        let headers = [("if-match", seen.as_str())];
        let stale = api.call_with(&headers, &member.token, "PATCH", &path, json!({"phone": "2"}));
        api.world.unchanged(stale).await.refuses(412, "precondition_failed");
    }

    async fn of_two_who_change_the_same_state_one_is_told_to_look_again(api: Api) {
        for (path, _) in things(&api).await {
            for round in 0..5 {
                let seen = tag_of(&api.boss("GET", &path, Value::Null).await);
                let field = if path.starts_with("/user") { "phone" } else { "label" };
                let change = |text: String| matching(&api, &seen, "PATCH", &path, json!({field: text}));
                let (one, other) = tokio::join!(change(format!("{round} one")), change(format!("{round} other")));
                let mut statuses = [one.status.as_u16(), other.status.as_u16()];
                let winner = if statuses[0] == 200 { &one } else { &other };
                assert_eq!(api.boss("GET", &path, Value::Null).await.body[field], winner.body[field]);
                statuses.sort_unstable();
                assert_eq!(statuses, [200, 412]);
            }
        }
    }

    async fn who_may_not_change_it_learns_nothing_by_a_tag(api: Api) {
        let member = api.world.member(&api.pizza).await;
        let stranger = api.world.other_environment_administrator().await;
        for (path, change) in things(&api).await {
            let seen = tag_of(&api.boss("GET", &path, Value::Null).await);
            for tag in [seen.as_str(), "\"other\"", "*"] {
                let headers = [("if-match", tag)];
                let call = api.call_with(&headers, &member.token, "PATCH", &path, change.clone());
                api.world.unchanged(call).await.refuses(403, "permission_denied");
                let call = api.call_with(&headers, &stranger.token, "DELETE", &path, Value::Null);
                api.world.unchanged(call).await.refuses(404, "not_found");
                let call = api.call_with(&headers, "", "DELETE", &path, Value::Null);
                api.world.unchanged(call).await.refuses(401, "not_authenticated");
            }
            let headers = [("if-none-match", seen.as_str())];
            api.call_with(&headers, &member.token, "GET", &path, Value::Null).await.refuses(403, "permission_denied");
        }
    }

    async fn what_the_caller_has_already_is_not_sent_again(api: Api) {
        for (path, change) in things(&api).await {
            let seen = tag_of(&api.boss("GET", &path, Value::Null).await);
            for known in [seen.clone(), format!("W/{seen}"), format!("\"a\", {seen}"), "*".to_owned()] {
                for method in ["GET", "HEAD"] {
                    let answer = unless(&api, &known, method, &path).await;
                    assert_eq!((answer.status.as_u16(), &answer.body), (304, &Value::Null), "{method} {known}");
                    assert_eq!((tag_of(&answer), answer.header("cache-control")), (seen.clone(), "no-store"));
                }
            }
            for other in ["\"a\"", "", "nonsense"] {
                unless(&api, other, "GET", &path).await.expect(200);
            }
            // Only reading is spared by it: a change is answered whole.
            let headers = [("if-none-match", "*")];
            let token = &api.pizza.administrator.token;
            let changed = api.call_with(&headers, token, "PATCH", &path, change).await;
            assert_ne!(tag_of(&changed), seen);
            assert!(changed.expect(200).is_object());
            unless(&api, &seen, "GET", &path).await.expect(200);
        }
    }
}
