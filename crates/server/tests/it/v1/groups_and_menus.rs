//! `GET /api/v1/groups` and `GET /api/v1/menus`.

use super::server::Server;
use directory::menus::{MenuChanges, MenuItem};
use directory::text::Href;
use serde_json::json;
use test_support::{codename, name, on_every_engine, short};

on_every_engine! {
    async fn groups_are_shown_whole(server: Server) {
        let shown = server.get("/api/v1/groups?environmentId=maxedy_pizza", server.administrator()).await;
        assert_eq!(shown.status, 200);
        assert_eq!(
            shown.json,
            json!([
                {"_id": "1", "name": "allusers", "label": "", "permissions": [], "menus": []},
                {"_id": "2", "name": "guest", "label": "", "permissions": [], "menus": []},
                {"_id": "3", "name": "viewers", "label": "", "permissions": ["view_user"], "menus": ["2"]},
            ])
        );
    }

    async fn menus_are_shown_with_their_items(server: Server) {
        let item = |label: &str, items| MenuItem {
            name: name("orders"), label: short(label), href: Some(Href::parse("/orders").unwrap()), icon: None,
            permission: Some(codename("view_user")), items,
        };
        let items = Some(vec![item("Orders", vec![item("Old", Vec::new())])]);
        let administrator = server.administrator();
        server.world.menu(&administrator.caller, "tree", MenuChanges { items, ..Default::default() }).await.unwrap();
        let shown = server.get("/api/v1/menus/?environmentId=maxedy_pizza", administrator).await;
        assert_eq!(shown.json[0], json!({"_id": "1", "name": "first", "label": "", "items": []}));
        let below = json!({"name": "orders", "label": "Old", "href": "/orders", "icon": "", "permission": "view_user", "items": []});
        let mut above = below.clone();
        above["label"] = json!("Orders");
        above["items"] = json!([below]);
        assert_eq!(shown.json[3], json!({"_id": "4", "name": "tree", "label": "", "items": [above]}));
    }

    async fn both_need_their_permission_and_an_environment(server: Server) {
        let member = server.world.member(&server.pizza).await;
        for (path, permission) in [("/api/v1/groups", "view_group"), ("/api/v1/menus", "view_menu")] {
            let here = format!("{path}?environmentId=maxedy_pizza");
            let refused = server.get(&here, &member).await;
            assert_eq!((refused.status, refused.wrong()), (403, vec!["forbidden".to_owned()]));
            let holder = server.world.holder(&server.pizza, &[permission]).await;
            assert_eq!(server.get(&here, &holder).await.status, 200);
            assert_eq!(server.get(&format!("{path}?environmentId=head_office"), &holder).await.status, 403);
            assert_eq!(server.get(path, &holder).await.wrong(), ["validation_error", "environmentId"]);
            assert_eq!(server.get(&format!("{here}&limit=1"), &holder).await.wrong(), ["validation_error", "limit"]);
        }
    }
}
