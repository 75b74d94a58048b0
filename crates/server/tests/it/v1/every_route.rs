//! What all routes of this API share.

use super::server::{Server, request};
use axum::body::Body;
use serde_json::json;
use test_support::on_every_engine;

const READS: [&str; 5] = ["users", "users/0199", "menus", "groups", "me"];

on_every_engine! {
    async fn nobody_reads_anything(server: Server) {
        for path in READS {
            for query in ["", "?environmentId=maxedy_pizza", "?x=1"] {
                let path = format!("/api/v1/{path}{query}");
                let refused = server.send(request("GET", &path, None).body(Body::empty()).unwrap()).await;
                let message = "You are not signed in: send X-Auth-Token and X-User-Id as the login gave them.";
                assert_eq!(refused.status, 401, "{path}");
                assert_eq!(refused.json, json!({"status": "error", "error": "unauthorized", "message": message}));
            }
        }
        let out = server.send(request("POST", "/api/v1/logout", None).body(Body::empty()).unwrap()).await;
        assert_eq!(out.status, 401);
    }

    async fn unknown_and_foreign_environments_are_refused_alike(server: Server) {
        let other = server.world.environment("elsewhere").await;
        let member = server.world.member(&server.pizza).await;
        for path in READS {
            let mut told = Vec::new();
            for named in ["elsewhere", &other.uuid.to_string(), "nowhere", "%00"] {
                let refused = server.get(&format!("/api/v1/{path}?environmentId={named}"), &member).await;
                assert_eq!(refused.status, 403, "{path} {named}");
                told.push(refused.text);
            }
            assert!(told.iter().all(|text| *text == told[0]));
        }
    }

    async fn a_path_that_leads_nowhere_is_not_found(server: Server) {
        for path in ["/api/v1", "/api/v1/", "/api/v1/user", "/api/v1/users/1/2"] {
            let missing = server.send(request("GET", path, None).body(Body::empty()).unwrap()).await;
            let message = "There is nothing at this path.";
            assert_eq!(missing.status, 404, "{path}");
            assert_eq!(missing.json, json!({"status": "error", "error": "not_found", "message": message}));
        }
    }

    async fn a_method_that_a_path_does_not_have_hears_which_it_has(server: Server) {
        for (path, allowed) in [
            ("login", "POST"), ("logout", "POST"), ("users", "GET,HEAD,POST"), ("users/1", "GET,HEAD"), ("menus", "GET,HEAD"),
            ("groups", "GET,HEAD"), ("me", "GET,HEAD"),
        ] {
            for end in ["", "/"] {
                let path = format!("/api/v1/{path}{end}");
                let refused = server.send(request("DELETE", &path, None).body(Body::empty()).unwrap()).await;
                assert_eq!((refused.status, refused.wrong()), (405, vec!["method_not_allowed".to_owned()]), "{path}");
                assert_eq!(refused.header("allow"), allowed, "{path}");
            }
        }
    }

    async fn answers_are_kept_by_nobody(server: Server) {
        let shown = server.get("/api/v1/me?environmentId=maxedy_pizza", server.administrator()).await;
        assert_eq!((shown.header("cache-control"), shown.header("content-type")), ("no-store", "application/json"));
    }
}
