//! `GET /api/v1/users` and `GET /api/v1/users/<id>`.

use super::server::{Server, guest};
use directory::users::UserChanges;
use std::collections::BTreeSet;
use test_support::on_every_engine;

const HERE: &str = "environmentId=maxedy_pizza";

on_every_engine! {
    async fn pages_go_on_to_the_end_and_repeat_nobody(server: Server) {
        for n in 0..7 {
            let address = format!("user{n}@maxedy.com");
            server.world.create(&server.pizza, &address, UserChanges::default()).await.unwrap();
        }
        let mut seen = BTreeSet::new();
        let mut path = format!("/api/v1/users?{HERE}&limit=3");
        let mut pages = 0;
        loop {
            let page = server.get(&path, server.administrator()).await;
            assert_eq!(page.status, 200, "{}", page.text);
            pages += 1;
            for user in page.json["users"].as_array().unwrap() {
                assert!(seen.insert(user["_id"].as_str().unwrap().to_owned()));
                assert_eq!(user["_environmentId"], "maxedy_pizza");
            }
            let Some(cursor) = page.json["nextCursor"].as_str() else { break };
            path = format!("/api/v1/users?{HERE}&limit=3&cursor={cursor}");
        }
        assert_eq!((seen.len(), pages), (8, 3));
        let whole = server.get(&format!("/api/v1/users/?{HERE}"), server.administrator()).await;
        assert_eq!((whole.json["users"].as_array().unwrap().len(), &whole.json["nextCursor"]), (8, &serde_json::Value::Null));
    }

    async fn an_address_finds_its_user(server: Server) {
        let id = server.guest().await;
        let found = server.get(&format!("/api/v1/users?{HERE}&email=GUEST%40maxedy.com"), server.administrator()).await;
        let users = found.json["users"].as_array().unwrap();
        assert_eq!((users.len(), users[0]["_id"].as_str()), (1, Some(id.as_str())));
        let operator = format!("/api/v1/users?{HERE}&email={}", server.world.operator.email);
        assert_eq!(server.get(&operator, server.administrator()).await.json["users"].as_array().unwrap().len(), 0);
    }

    async fn one_user_is_shown_as_the_upsert_shows_it(server: Server) {
        let made = server.upsert(guest()).await;
        let id = made.json["_id"].as_str().unwrap();
        let shown = server.get(&format!("/api/v1/users/{id}/?{HERE}"), server.administrator()).await;
        assert_eq!((shown.status, &shown.json), (200, &made.json));
        for id in ["xyz", "%ff", "1", &"0".repeat(36), &server.world.operator.id.to_string()] {
            let missing = server.get(&format!("/api/v1/users/{id}?{HERE}"), server.administrator()).await;
            assert_eq!((missing.status, missing.wrong()), (404, vec!["not_found".to_owned()]), "{id}");
        }
    }

    async fn wrong_parameters_are_named(server: Server) {
        let refused = server.get("/api/v1/users?limit=0&email=x&sort=a&cursor=a&cursor=b", server.administrator()).await;
        let wrong = ["validation_error", "environmentId", "email", "limit", "cursor", "sort"];
        assert_eq!((refused.status, refused.wrong()), (400, wrong.map(str::to_owned).to_vec()));
        for query in ["limit=1001", "limit=x", "limit=-1"] {
            let refused = server.get(&format!("/api/v1/users?{HERE}&{query}"), server.administrator()).await;
            assert_eq!(refused.wrong(), ["validation_error", "limit"]);
        }
        let foreign = server.get(&format!("/api/v1/users?{HERE}&cursor=ZgGi"), server.administrator()).await;
        assert_eq!(foreign.wrong(), ["validation_error", "cursor"]);
    }

    async fn a_cursor_is_of_one_list(server: Server) {
        server.guest().await;
        let page = server.get(&format!("/api/v1/users?{HERE}&limit=1"), server.administrator()).await;
        let cursor = page.json["nextCursor"].as_str().unwrap();
        let refused = server.get(&format!("/api/v1/users?environmentId=head_office&cursor={cursor}"), &server.world.operator).await;
        assert_eq!((refused.status, refused.wrong()[1].as_str()), (400, "cursor"));
    }

    async fn looking_needs_view_user_but_for_oneself(server: Server) {
        let id = server.guest().await;
        let member = server.world.member(&server.pizza).await;
        let viewer = server.world.holder(&server.pizza, &["view_user"]).await;
        let stranger = server.world.other_environment_administrator().await;
        for (person, list, other) in [(&member, 403, 403), (&viewer, 200, 200), (&stranger, 403, 403)] {
            assert_eq!(server.get(&format!("/api/v1/users?{HERE}"), person).await.status, list);
            assert_eq!(server.get(&format!("/api/v1/users/{id}?{HERE}"), person).await.status, other);
        }
        assert_eq!(server.get(&format!("/api/v1/users/{}?{HERE}", member.id), &member).await.status, 200);
    }
}
