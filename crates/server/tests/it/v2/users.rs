//! `/api/v2/user`.

use super::client::Api;
use serde_json::{Value, json};
use std::time::Duration;
use test_support::on_every_engine;

const PASSWORD: &str = "correct horse battery";

fn id_of(user: &Value) -> String {
    user["id"].as_str().unwrap().to_owned()
}

on_every_engine! {
    async fn the_pages_example_makes_a_user_and_answers_it_whole(api: Api) {
        let group = api.boss("POST", "/group", json!({"name": "Baker", "permissions": ["view_user"]})).await.expect(201);
        let menu = api.boss("POST", "/menu", json!({"name": "main", "label": "Main"})).await.expect(201);
        let body = json!({"email": "Ada@pizza.example", "password": PASSWORD, "first_name": "Ada", "phone": "+31 20 1",
            "last_name": "Lee", "groups": [group["id"]], "menus": [menu["id"].to_string()]});
        let answer = api.boss("POST", "/user/", body).await;
        let location = answer.header("location").to_owned();
        let user = answer.expect(201);
        assert_eq!(location, format!("https://id.example/api/v2/user/{}", id_of(&user)));
        let expected = json!({
            "id": user["id"], "first_name": "Ada", "username": "Ada@pizza.example", "last_name": "Lee",
            "phone": "+31 20 1", "email": "Ada@pizza.example", "company": api.pizza.uuid.to_string(),
            "groups": [{"id": 1, "name": "Baker", "permissions": ["view_user"]}],
            "mfa": false, "reset_pw": false, "reset_2fa": false, "is_active": true, "permissions": ["view_user"],
            "name": "Ada Lee", "language": "", "locale": "", "administrator": false,
            "menus": [{"id": 1, "name": "main"}], "external_id": "", "pending": false,
            "created_at": "2026-02-25T06:13:20.000000Z", "updated_at": "2026-02-25T06:13:20.000000Z",
        });
        assert_eq!(user, expected);
        let same = api.boss("GET", &format!("/user/{}", id_of(&user)), Value::Null).await.expect(200);
        assert_eq!(same, expected);
    }

    async fn what_was_answered_can_be_sent_back_and_changes_nothing(api: Api) {
        let group = api.boss("POST", "/group", json!({"name": "Baker", "permissions": []})).await.expect(201);
        let menu = api.boss("POST", "/menu", json!({"name": "main"})).await.expect(201);
        let body = json!({"email": "ada@pizza.example", "password": PASSWORD, "first_name": "Ada", "name": "The Countess",
            "groups": [group["id"]], "menus": [menu["id"]], "language": "en", "external_id": "7", "is_active": false});
        let user = api.boss("POST", "/user", body).await.expect(201);
        let path = format!("/user/{}", id_of(&user));
        for method in ["PATCH", "PUT"] {
            let call = api.boss(method, &path, user.clone());
            assert_eq!(api.world.unchanged(call).await.expect(200), user);
        }
        // The operator's own user has fields that are unset.
        let boss = api.boss("GET", "/user/me", Value::Null).await.expect(200);
        let path = format!("/user/{}", id_of(&boss));
        let call = api.boss("PUT", &path, boss.clone());
        assert_eq!(api.world.unchanged(call).await.expect(200), boss);
    }

    async fn patch_changes_what_is_given_and_put_returns_the_rest_to_its_default(api: Api) {
        let body = json!({"email": "ada@pizza.example", "password": PASSWORD, "first_name": "Ada", "last_name": "Lee",
            "language": "en", "locale": "en-GB", "external_id": "7", "phone": "1", "mfa": true, "reset_pw": true});
        let user = api.boss("POST", "/user", body).await.expect(201);
        let path = format!("/user/{}", id_of(&user));
        api.world.wait(Duration::from_secs(1));
        let patched = api.boss("PATCH", &path, json!({"locale": "", "phone": "2"})).await.expect(200);
        let mut expected = user.clone();
        expected["locale"] = json!("");
        expected["phone"] = json!("2");
        expected["updated_at"] = json!("2026-02-25T06:13:21.000000Z");
        assert_eq!(patched, expected);
        let put = api.boss("PUT", &path, json!({"email": "ada@pizza.example", "last_name": "Byron"})).await.expect(200);
        let texts: Vec<&Value> = ["first_name", "last_name", "name", "phone", "language", "external_id"]
            .iter().map(|key| &put[key]).collect();
        assert_eq!(texts, ["", "Byron", "Byron", "", "", ""]);
        assert_eq!((&put["mfa"], &put["reset_pw"], &put["is_active"]), (&json!(false), &json!(false), &json!(true)));
        let wrong = api.boss("PUT", &path, json!({"last_name": "x"})).await.expect(400);
        assert_eq!(wrong, json!({"email": ["This field is required."]}));
    }

    async fn everything_wrong_with_a_body_is_said_at_once(api: Api) {
        let wrong = api.boss("POST", "/user", json!({})).await.expect(400);
        assert_eq!(wrong, json!({"email": ["This field is required."], "password": ["This field is required."]}));
        let body = json!({"email": "a@pizza.example", "password": "short", "groups": [99, "x", {"id": 7, "name": "y"}],
            "menus": [5]});
        let wrong = api.boss("POST", "/user", body).await.expect(400);
        let groups = json!(["Invalid pk \"99\" - object does not exist.", "Invalid pk \"x\" - object does not exist.",
            "Invalid pk \"7\" - object does not exist."]);
        assert_eq!(wrong["groups"], groups);
        assert_eq!(wrong["menus"], json!(["Invalid pk \"5\" - object does not exist."]));
        assert_eq!(wrong["password"].as_array().map(Vec::len), Some(1), "{wrong}");
        let body = json!({"email": "x", "phone": null, "firstname": "a", "is_active": "yes", "groups": [null]});
        let wrong = api.boss("POST", "/user", body).await.expect(400);
        assert_eq!(wrong["phone"], json!(["This field may not be null."]));
        assert_eq!(wrong["firstname"], json!(["Unknown field. Did you mean \"first_name\"?"]));
        assert_eq!(wrong["is_active"], json!(["Expected true or false, not a string."]));
        assert_eq!(wrong["groups"], json!(["groups[0]: This field may not be null."]));
        assert_eq!(wrong["password"], json!(["This field is required."]));
        assert!(wrong["email"].is_array());
    }

    async fn a_password_is_needed_for_whom_nobody_knew_and_refused_for_whom_somebody_knows(api: Api) {
        let wrong = api.world.unchanged(api.boss("POST", "/user", json!({"email": "new@pizza.example"}))).await;
        assert_eq!(wrong.expect(400), json!({"password": ["This field is required."]}));
        let elsewhere = api.world.environment("pasta").await;
        let known = api.world.member(&elsewhere).await;
        let with = json!({"email": known.email, "password": PASSWORD});
        api.boss("POST", "/user", with).await.refuses(409, "account_exists");
        let user = api.boss("POST", "/user", json!({"email": known.email})).await.expect(201);
        assert_eq!(user["pending"], json!(true));
        let again = api.boss("POST", "/user", json!({"email": known.email})).await.expect(409);
        assert_eq!(again, json!({"email": ["A user has this e-mail address already."]}));
    }

    async fn users_are_deleted_and_then_are_not_there(api: Api) {
        let user = api.boss("POST", "/user", json!({"email": "a@pizza.example", "password": PASSWORD})).await.expect(201);
        let path = format!("/user/{}", id_of(&user));
        api.boss("DELETE", &path, Value::Null).await.expect(204);
        for (method, body) in [("GET", Value::Null), ("DELETE", Value::Null), ("PATCH", json!({}))] {
            api.boss(method, &path, body).await.refuses(404, "not_found");
        }
        for malformed in ["/user/x", "/user/7", "/user/%ff", "/user/00000000-0000-0000-0000-000000000000"] {
            api.boss("GET", malformed, Value::Null).await.refuses(404, "not_found");
        }
    }

    async fn the_last_administrator_stays(api: Api) {
        let path = format!("/user/{}", api.pizza.administrator.id);
        for (method, body) in [("DELETE", Value::Null), ("PATCH", json!({"administrator": false}))] {
            api.world.unchanged(api.boss(method, &path, body)).await.refuses(409, "last_administrator");
        }
    }

    async fn who_may_not_learns_nothing(api: Api) {
        let member = api.world.member(&api.pizza).await;
        let other = api.world.administrator(&api.pizza).await;
        let unknown = "0199a8f0-0000-7000-8000-000000000001";
        for id in [other.id.to_string(), unknown.to_owned()] {
            let path = format!("/user/{id}");
            for (method, body) in [
                ("GET", Value::Null),
                ("PATCH", json!({"groups": [99]})),
                ("PUT", json!({"email": "x@pizza.example", "groups": [99]})),
                ("DELETE", Value::Null),
            ] {
                api.call(&member.token, method, &path, body).await.refuses(403, "permission_denied");
            }
        }
        let new = json!({"email": other.email, "password": PASSWORD, "groups": [99]});
        api.call(&member.token, "POST", "/user", new).await.refuses(403, "permission_denied");
        api.get(&member.token, "/user").await.refuses(403, "permission_denied");
        let stranger = api.world.other_environment_administrator().await;
        api.get(&stranger.token, &format!("/user/{}", member.id)).await.refuses(404, "not_found");
    }

    async fn lists_are_paged_both_ways_and_keep_their_query(api: Api) {
        for n in 0..5 {
            api.world.wait(Duration::from_secs(1));
            let email = format!("ada{n}@pizza.example");
            api.boss("POST", "/user", json!({"email": email, "password": PASSWORD, "name": "A&B é"})).await.expect(201);
        }
        let path = "/user?search=a%26b+%C3%A9&limit=2&ordering=-created_at&is_active=true";
        let emails = |page: &Value| -> Vec<String> {
            page["results"].as_array().unwrap().iter().map(|user| user["email"].as_str().unwrap()[..4].to_owned()).collect()
        };
        let first = api.boss("GET", path, Value::Null).await.expect(200);
        assert_eq!((emails(&first), &first["previous"]), (vec!["ada4".to_owned(), "ada3".to_owned()], &Value::Null));
        let next = first["next"].as_str().unwrap();
        let start = "https://id.example/api/v2/user?search=a%26b+%C3%A9&limit=2&ordering=-created_at&is_active=true&cursor=";
        assert!(next.starts_with(start), "{next}");
        let follow = |address: &Value| address.as_str().unwrap().strip_prefix("https://id.example/api/v2").unwrap().to_owned();
        let second = api.boss("GET", &follow(&first["next"]), Value::Null).await.expect(200);
        assert_eq!(emails(&second), ["ada2", "ada1"]);
        let third = api.boss("GET", &follow(&second["next"]), Value::Null).await.expect(200);
        assert_eq!((emails(&third), &third["next"]), (vec!["ada0".to_owned()], &Value::Null));
        let back = api.boss("GET", &follow(&third["previous"]), Value::Null).await.expect(200);
        assert_eq!(emails(&back), ["ada2", "ada1"]);
        let back = api.boss("GET", &follow(&back["previous"]), Value::Null).await.expect(200);
        assert_eq!((emails(&back), &back["previous"]), (vec!["ada4".to_owned(), "ada3".to_owned()], &Value::Null));
        // A cursor is good for its own query alone.
        let other = follow(&first["next"]).replace("limit=2&", "").replace("search=a%26b+%C3%A9&", "");
        let wrong = api.boss("GET", &other, Value::Null).await.expect(400);
        assert!(wrong["cursor"].is_array(), "{wrong}");
    }

    async fn lists_are_filtered(api: Api) {
        let group = api.world.group(&api.pizza, &["view_user"]).await;
        let body = json!({"email": "Ada@pizza.example", "password": PASSWORD, "groups": [group.0]});
        let ada = api.boss("POST", "/user", body).await.expect(201);
        let off = json!({"email": "off@pizza.example", "password": PASSWORD, "is_active": false});
        let off = api.boss("POST", "/user", off).await.expect(201);
        for (query, expected) in [
            ("email=ADA@pizza.example".to_owned(), vec![&ada]),
            (format!("group={group}"), vec![&ada]),
            ("group=99".to_owned(), vec![]),
            ("is_active=false".to_owned(), vec![&off]),
            ("search=OFF@".to_owned(), vec![&off]),
            ("search=%25".to_owned(), vec![]),
        ] {
            let page = api.boss("GET", &format!("/user?{query}"), Value::Null).await.expect(200);
            assert_eq!(page, json!({"next": null, "previous": null, "results": expected}), "{query}");
        }
        for (query, expected) in [
            ("external_id=x", 0), ("permission=view_user", 2), ("administrator=true", 1), ("pending=true", 0),
            ("created_after=2020-01-01T00:00:00Z", 3), ("created_before=2020-01-01T01:00:00%2B01:00", 0),
            ("seen_after=2020-01-01T00:00:00Z", 0), ("seen_before=2020-01-01T00:00:00Z&search=pizza", 3),
        ] {
            let page = api.boss("GET", &format!("/user?count=exact&{query}"), Value::Null).await.expect(200);
            assert_eq!((&page["count"], page["results"].as_array().unwrap().len()), (&json!(expected), expected), "{query}");
            let bounded = api.boss("GET", &format!("/user?count=bounded&limit=1&{query}"), Value::Null).await.expect(200);
            assert_eq!(bounded["count"], page["count"], "{query}");
        }
        let unknown = api.boss("GET", "/user?permission=no_such", Value::Null).await.expect(400);
        assert!(unknown["permission"].is_array(), "{unknown}");
        for (query, field) in [
            ("count=all", "count"), ("created_after=yesterday", "created_after"), ("seen_before=2020-01-01", "seen_before"),
            ("permission=X", "permission"), ("pending=1", "pending"),
            ("limit=0", "limit"), ("limit=1001", "limit"), ("ordering=x", "ordering"), ("is_active=1", "is_active"),
            ("cursor=x", "cursor"), ("serch=x", "serch"), ("email=x", "email"), ("group=x", "group"),
            ("limit=1&limit=1", "limit"), ("search=%00", "search"),
        ] {
            let wrong = api.boss("GET", &format!("/user?{query}"), Value::Null).await.expect(400);
            assert_eq!(wrong.as_object().unwrap().keys().collect::<Vec<_>>(), [field], "{query}");
        }
        let long = format!("/user?search={}", "a".repeat(201));
        assert!(api.boss("GET", &long, Value::Null).await.expect(400)["search"].is_array());
    }
}
