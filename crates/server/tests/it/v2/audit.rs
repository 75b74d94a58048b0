//! `/api/v2/audit`.

use super::client::Api;
use serde_json::{Value, json};
use test_support::on_every_engine;

/// As `call`, once everything is chained.
async fn asked(api: &Api, token: &str, path: &str) -> Value {
    while api.world.directory.chain_audit().await.unwrap() {}
    api.call(token, "GET", path, Value::Null).await.expect(200)
}

on_every_engine! {
    async fn an_administrator_reads_what_was_done(api: Api) {
        let boss = api.pizza.administrator.clone();
        let made = api.boss("POST", "/user", json!({"email": "ada@example.com", "phone": "1", "password": "a long and quiet one"})).await.expect(201);
        let id = made["id"].as_str().unwrap();
        api.boss("PATCH", &format!("/user/{id}"), json!({"phone": "2"})).await.expect(200);
        let found = asked(&api, &boss.token, &format!("/audit?subject={id}")).await;
        assert_eq!(found["next"], Value::Null);
        let event = &found["results"][0];
        assert_eq!(event["changes"], json!({"phone": ["1", "2"]}));
        assert_eq!((&event["verb"], &event["actor"]), (&json!("user.updated"), &json!(boss.id.to_string())));
        assert_eq!((&event["erased"], &event["subject"]), (&json!(false), &json!(id)));
        assert_eq!(event["hash"].as_str().unwrap().len(), 64);
        assert_eq!(found["results"].as_array().unwrap().len(), 2);

        let first = asked(&api, &boss.token, "/audit?limit=1&verb=user.").await;
        assert_eq!(first["results"][0], *event);
        let next = first["next"].as_str().unwrap().strip_prefix("https://id.example/api/v2").unwrap();
        assert!(next.contains("verb=user."), "{next}");
        assert_eq!(asked(&api, &boss.token, next).await["results"][0], found["results"][1]);
        let none = asked(&api, &boss.token, "/audit?after=2100-01-01T00:00:00Z").await;
        assert_eq!(none, json!({"next": null, "results": []}));

        let system = asked(&api, &api.world.operator.token, "/audit?system=true&limit=1000").await;
        let told = system["results"].as_array().unwrap();
        assert!(told.iter().any(|event| event["verb"] == "environment.created") && told.iter().all(|event| *event != found["results"][0]));
    }

    async fn what_is_wrong_with_a_question_is_said(api: Api) {
        for (query, field) in [
            ("actor=ada", "actor"), ("subject=", "subject"), ("after=yesterday", "after"), ("limit=0", "limit"),
            ("limit=1001", "limit"), ("cursor=AAAA", "cursor"), ("system=maybe", "system"), ("who=me", "who"),
        ] {
            let refused = api.boss("GET", &format!("/audit?{query}"), Value::Null).await.expect(400);
            assert!(refused[field].is_array(), "{query}: {refused}");
        }
        api.boss("GET", "/audit?system=true", Value::Null).await.refuses(403, "permission_denied");
        api.boss("GET", "/audit/export?system=true", Value::Null).await.refuses(403, "permission_denied");
    }

    async fn an_export_is_all_that_is_chained_line_by_line(api: Api) {
        let token = &api.pizza.administrator.token;
        // More than one page of lines.
        for n in 0..505 {
            api.world.create(&api.pizza, &format!("guest{n}@example.com"), Default::default()).await.unwrap();
        }
        while api.world.directory.chain_audit().await.unwrap() {}
        let stored = api.world.dump();
        let own = api.pizza.id.to_string();
        let mut rows: Vec<_> = stored.rows("audit_events").filter(|row| row["chain"] == own).collect();
        rows.sort_by_key(|row| row["sequence"].parse::<i64>().unwrap());
        let text = api.text(token, "/audit/export").await;
        let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(lines.len(), rows.len());
        let mut previous = json!("0".repeat(64));
        for (line, row) in lines.iter().zip(rows) {
            assert_eq!(line["environment"], json!(api.pizza.uuid.to_string()));
            assert_eq!((line["hash"].as_str(), line["subject"].as_str()), (Some(row["hash"]), Some(row["subject"])));
            assert_eq!(serde_json::to_string(&line["changes"]).unwrap(), row["changes"]);
            assert_eq!(line["previous"], previous);
            previous = line["hash"].clone();
        }
    }
}
