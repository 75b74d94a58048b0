//! `POST /api/v1/users`: what it does.

use super::server::{Server, change, guest, with};
use directory::users::UserChanges;
use serde_json::json;
use test_support::on_every_engine;

on_every_engine! {
    async fn the_pages_example_creates_and_its_repetition_changes_nothing(server: Server) {
        let made = server.upsert(guest()).await;
        assert_eq!(made.status, 201, "{}", made.text);
        let (id, uuid) = (made.json["_id"].as_str().unwrap(), server.pizza.uuid.to_string());
        let expected = json!({
            "_id": id, "globalEmailAddress": "guest@maxedy.com", "_environmentId": "maxedy_pizza",
            "environmentUuid": uuid, "username": "guest@maxedy.com", "name": "Guest", "administrator": false,
            "active": true, "pending": false, "language": "en", "locale": "en",
            "menus": [{"_id": "3", "name": "maxedyPizzaMenu"}],
            "memberGroups": [{"_id": "1", "name": "allusers"}, {"_id": "2", "name": "guest"}],
            "createdAt": made.json["createdAt"], "updatedAt": made.json["updatedAt"],
        });
        assert_eq!(made.json, expected);
        assert!(made.json["createdAt"].as_str().unwrap().starts_with("2026-02-25T"), "{}", made.text);
        assert!(server.world.mailed_link("guest@maxedy.com").await.is_some());
        assert_eq!(made.header("content-type"), "application/json");

        let again = server.world.unchanged(server.upsert(guest())).await;
        assert_eq!((again.status, &again.json), (200, &made.json));
    }

    async fn given_fields_change_and_the_others_stay(server: Server) {
        let id = server.guest().await;
        server.world.wait(std::time::Duration::from_secs(1));
        let body = json!({"globalEmailAddress": "GUEST@maxedy.com", "name": " Ann ", "active": false, "locale": "pt-BR"});
        let path = "/api/v1/users/?environmentId=maxedy_pizza";
        let changed = server.post(path, server.administrator(), body.to_string()).await;
        assert_eq!(changed.status, 200, "{}", changed.text);
        assert_eq!(changed.json["_id"], id.as_str());
        assert_eq!(changed.json["globalEmailAddress"], "guest@maxedy.com");
        assert_eq!((&changed.json["name"], &changed.json["active"]), (&json!("Ann"), &json!(false)));
        assert_eq!((&changed.json["locale"], &changed.json["language"]), (&json!("pt-BR"), &json!("en")));
        assert_eq!(changed.held("menus"), ["maxedyPizzaMenu"]);
        assert_eq!(changed.held("memberGroups"), ["allusers", "guest"]);
        assert!(changed.json["updatedAt"].as_str() > changed.json["createdAt"].as_str());
    }

    async fn menus_are_replaced_then_added_then_removed_in_order(server: Server) {
        server.guest().await;
        let menus = |fields| async { server.upsert(change(fields)).await.held("menus").join(" ") };
        assert_eq!(menus(json!({"addMenuNames": ["first"], "addMenuIds": [2, "1"]})).await, "maxedyPizzaMenu first second");
        assert_eq!(menus(json!({"removeMenuNames": ["first"], "removeMenuIds": ["2"]})).await, "maxedyPizzaMenu");
        let united = json!({"menuIds": [2, "3"], "menuNames": [], "menuId": "1", "menuName": "maxedyPizzaMenu"});
        assert_eq!(menus(united).await, "maxedyPizzaMenu first second");
        assert_eq!(menus(json!({"menuIds": [2], "addMenuIds": [1, 3], "removeMenuIds": [2]})).await, "first maxedyPizzaMenu");
        assert_eq!(menus(json!({"menuId": 2})).await, "second");
        assert_eq!(menus(json!({"menuNames": []})).await, "");
    }

    async fn groups_are_replaced(server: Server) {
        server.guest().await;
        let groups = |fields| async { server.upsert(change(fields)).await.held("memberGroups").join(" ") };
        assert_eq!(groups(json!({"memberGroupIds": ["3", 1, "1"]})).await, "allusers viewers");
        assert_eq!(groups(json!({"memberGroupIds": [2], "memberGroupNames": ["viewers"]})).await, "guest viewers");
        assert_eq!(groups(json!({"name": "Ann"})).await, "guest viewers");
        assert_eq!(groups(json!({"memberGroupIds": []})).await, "");
    }

    async fn an_account_known_elsewhere_becomes_a_pending_user(server: Server) {
        let other = server.world.environment("elsewhere").await;
        let person = server.world.member(&other).await;
        let body = with(guest(), "globalEmailAddress", Some(json!(person.email)));
        let made = server.upsert(body.clone()).await;
        assert_eq!((made.status, &made.json["pending"]), (201, &json!(true)), "{}", made.text);
        assert_eq!(made.json["_id"], person.id.to_string());
        assert!(!made.text.contains("elsewhere\""), "{}", made.text);
        assert_eq!(server.world.unchanged(server.upsert(body)).await.status, 200);
        let entering = server.get("/api/v1/me?environmentId=maxedy_pizza", &person).await;
        assert_eq!(entering.status, 403, "{}", entering.text);
    }

    async fn the_last_administrator_stays(server: Server) {
        let own = &server.administrator().email;
        for field in ["administrator", "active"] {
            let body = json!({"_environmentId": "maxedy_pizza", "globalEmailAddress": own, field: false});
            let refused = server.refuses(server.administrator(), "/api/v1/users", &body.to_string(), 409).await;
            assert_eq!(refused.wrong(), ["conflict"]);
        }
        let fields = UserChanges { administrator: Some(true), ..Default::default() };
        server.world.person(&server.pizza, fields).await;
        let body = json!({"_environmentId": "maxedy_pizza", "globalEmailAddress": own, "administrator": false});
        assert_eq!(server.upsert(body).await.status, 200);
    }

    async fn more_known_accounts_than_an_environment_may_learn_of_wait(server: Server) {
        let other = server.world.environment("elsewhere").await;
        let mut last = None;
        for n in 0..101 {
            let address = format!("known{n}@elsewhere.example");
            server.world.create(&other, &address, UserChanges::default()).await.unwrap();
            last = Some(server.upsert(with(guest(), "globalEmailAddress", Some(json!(address)))).await);
        }
        let last = last.unwrap();
        assert_eq!((last.status, last.wrong()), (429, vec!["too_many_requests".to_owned()]), "{}", last.text);
        let seconds: u64 = last.header("retry-after").parse().unwrap();
        assert!((1..=3600).contains(&seconds));
    }
}
