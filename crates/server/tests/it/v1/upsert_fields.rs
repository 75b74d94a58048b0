//! `POST /api/v1/users`: what it says of fields.

use super::server::{Server, change, guest, with};
use serde_json::{Value, json};
use test_support::on_every_engine;

const USERS: &str = "/api/v1/users";

/// What is wrong with a body, a line for each.
async fn told(server: &Server, body: Value) -> Vec<String> {
    let refused = server.refuses(server.administrator(), USERS, &body.to_string(), 400).await;
    assert_eq!((&refused.json["status"], &refused.json["error"]), (&json!("error"), &json!("validation_error")));
    let fields = refused.json["errors"].as_array().unwrap().iter();
    fields
        .map(|wrong| format!("{}: {}", wrong["field"].as_str().unwrap(), wrong["message"].as_str().unwrap()))
        .collect()
}

on_every_engine! {
    async fn a_new_user_misses_all_that_it_misses_at_once(server: Server) {
        let required = ["name", "administrator", "active", "language", "locale"];
        let body = change(json!({}));
        let expected: Vec<String> = required.iter().map(|field| format!("{field}: This field is required.")).collect();
        assert_eq!(told(&server, body.clone()).await, expected);
        for field in required {
            let body = with(guest(), field, None);
            assert_eq!(told(&server, body).await, [format!("{field}: This field is required.")]);
        }
        // Together with what is wrong otherwise.
        assert_eq!(
            told(&server, with(body, "locale", Some(json!(7)))).await,
            [
                "locale: Expected a string, not a number.",
                "name: This field is required.",
                "administrator: This field is required.",
                "active: This field is required.",
                "language: This field is required.",
            ]
        );
        assert_eq!(server.upsert(guest()).await.status, 201);
        assert_eq!(server.upsert(change(json!({}))).await.status, 200);
        assert_eq!(told(&server, change(json!({"locale": 7}))).await, ["locale: Expected a string, not a number."]);
    }

    async fn null_wrong_types_and_unknown_fields_are_named(server: Server) {
        server.guest().await;
        let fields = [
            "name", "administrator", "active", "language", "locale", "menuName", "menuId", "menuNames", "menuIds",
            "addMenuNames", "addMenuIds", "removeMenuNames", "removeMenuIds", "memberGroupNames", "memberGroupIds",
        ];
        for field in fields {
            assert_eq!(told(&server, change(json!({field: null}))).await, [format!("{field}: This field may not be null.")]);
            let wrong = told(&server, change(json!({field: {}}))).await;
            assert!(wrong.len() == 1 && wrong[0].starts_with(&format!("{field}: Expected ")), "{wrong:?}");
        }
        assert_eq!(
            told(&server, change(json!({"memberGroupsNames": [], "username": "x", "menuIds": [1.5, null]}))).await,
            [
                "menuIds: menuIds[0]: Expected an integer or a string of digits, not a number.",
                "menuIds: menuIds[1]: This field may not be null.",
                "memberGroupsNames: Unknown field. Did you mean \"memberGroupNames\"?",
                "username: Unknown field.",
            ]
        );
        let twice = r#"{"_environmentId":"maxedy_pizza","globalEmailAddress":"guest@maxedy.com","name":"a","name":"a"}"#;
        let refused = server.refuses(server.administrator(), USERS, twice, 400).await;
        assert_eq!(refused.wrong(), ["validation_error", "name"]);
    }

    async fn values_are_judged(server: Server) {
        let long = format!("{}@example.org", "a".repeat(300));
        for (field, value) in [
            ("globalEmailAddress", json!("guest")),
            ("globalEmailAddress", json!("")),
            ("globalEmailAddress", json!(long)),
            ("name", json!(" ")),
            ("name", json!("é".repeat(201))),
            ("name", json!("a\nb")),
            ("name", json!("a\0b")),
            ("language", json!("en_US")),
            ("locale", json!("")),
        ] {
            let wrong = told(&server, with(guest(), field, Some(value.clone()))).await;
            assert!(wrong.len() == 1 && wrong[0].starts_with(&format!("{field}: ")), "{value}: {wrong:?}");
        }
        let body = with(with(guest(), "name", Some(json!("é".repeat(200)))), "language", Some(json!("sp")));
        assert_eq!(server.upsert(body).await.status, 201);
    }

    async fn every_unknown_menu_and_group_is_named_under_the_key_that_held_it(server: Server) {
        let body = json!({
            "menuName": "First", "menuId": 99, "menuNames": ["first", "x"], "menuIds": ["01", 2, "x", "x"],
            "addMenuNames": ["x"], "addMenuIds": [-1], "removeMenuNames": ["y"], "removeMenuIds": ["98"],
            "memberGroupNames": ["GUEST", "guest", "n\0l"], "memberGroupIds": ["7"],
        });
        let mut expected = vec![
            "memberGroupNames: There is no group \"GUEST\" here.",
            "memberGroupNames: There is no group \"n\0l\" here.",
            "memberGroupIds: There is no group \"7\" here.",
            "menuName: There is no menu \"First\" here.",
            "menuId: There is no menu \"99\" here.",
            "menuNames: There is no menu \"x\" here.",
            "addMenuNames: There is no menu \"x\" here.",
            "menuIds: There is no menu \"01\" here.",
            "menuIds: There is no menu \"x\" here.",
            "addMenuIds: There is no menu \"-1\" here.",
            "removeMenuNames: There is no menu \"y\" here.",
            "removeMenuIds: There is no menu \"98\" here.",
        ];
        expected.sort_unstable();
        let mut new = guest();
        new.as_object_mut().unwrap().extend(body.as_object().unwrap().clone());
        let mut wrong = told(&server, new).await;
        wrong.sort_unstable();
        assert_eq!(wrong, expected);
        server.guest().await;
        let mut wrong = told(&server, change(body)).await;
        wrong.sort_unstable();
        assert_eq!(wrong, expected);
        assert_eq!(
            told(&server, change(json!({"removeMenuNames": ["n\0l"]}))).await,
            ["removeMenuNames: There is no menu \"n\0l\" here."]
        );
    }

    async fn the_same_menu_is_not_added_and_removed(server: Server) {
        server.guest().await;
        let body = change(json!({"addMenuNames": ["first"], "removeMenuIds": [1]}));
        assert_eq!(told(&server, body).await, ["removeMenuIds: The same menu cannot be added and removed in one call."]);
    }

    async fn another_environments_menus_and_groups_do_not_exist(server: Server) {
        let other = server.world.environment("elsewhere").await;
        for n in 0..4 {
            server.world.group(&other, &[]).await;
            let named = format!("theirs {n}");
            server.world.menu(&other.administrator.caller, &named, Default::default()).await.unwrap();
        }
        server.guest().await;
        let body = change(json!({"menuIds": [4], "addMenuNames": ["theirs 0"], "memberGroupIds": [4]}));
        assert_eq!(told(&server, body).await.len(), 3);
    }

    async fn a_small_body_cannot_ask_for_a_large_answer(server: Server) {
        server.guest().await;
        let names: Vec<String> = (0..50_000).map(|n| format!("n{n}")).collect();
        assert_eq!(told(&server, change(json!({"menuNames": names, "removeMenuIds": vec!["x"; 50_000]}))).await.len(), 100);
        let wrong = told(&server, change(json!({"memberGroupNames": ["x".repeat(100_000)]}))).await;
        assert!(wrong.len() == 1 && wrong[0].len() < 300);
    }
}
