//! The schema grows under data that is there: what an earlier version wrote is found unchanged by this one.

use std::collections::BTreeMap;
use test_support::{Dump, World, login_of, on_every_engine};

/// What later versions added to tables that were there.
const ADDED: [(&str, &str); 5] = [
    ("group_permissions", "since"),
    ("group_permissions", "given_by"),
    ("user_groups", "since"),
    ("user_groups", "given_by"),
    ("user_groups", "expires_at"),
];

/// The rows of the tables that hold people, as text, without what was added.
fn people(dump: &Dump) -> Vec<String> {
    let rows = |table: &'static str| {
        let kept = move |mut row: BTreeMap<&str, &str>| {
            row.retain(|column, _| !ADDED.contains(&(table, *column)));
            format!("{table} {row:?}")
        };
        dump.rows(table).map(kept).collect::<Vec<_>>()
    };
    ["accounts", "environments", "users", "groups", "user_groups", "audit_events"].into_iter().flat_map(rows).collect()
}

on_every_engine! {
    async fn the_schema_before_this_one_is_migrated_with_its_data(world: World) {
        let pizza = world.environment("pizza").await;
        let person = world.holder(&pizza, &["view_user"]).await;
        // Back to version 1: all that later versions made goes, all data stays.
        world.database.execute("DROP TABLE answers; DROP TABLE group_contains");
        world.database.execute("DROP INDEX user_groups_by_expiry; DROP INDEX audit_events_by_subject");
        for (table, column) in ADDED {
            world.database.execute(&format!("ALTER TABLE {table} DROP COLUMN {column}"));
        }
        world.database.execute("DELETE FROM schema_versions WHERE version > 1");
        let before = people(&world.dump());
        assert!(before.len() > 10, "{before:?}");

        let upgraded = world.another_node();
        assert_eq!(upgraded.migrations_run() as i64, directory::store::SCHEMA_VERSION - 1);
        assert_eq!(people(&world.dump()), before);
        assert_eq!((world.dump().count("answers"), world.dump().count("group_contains")), (0, 0));
        // Whoever was in a group is in it still, without an end.
        let user = world.look(&pizza, person.id).await.unwrap();
        assert_eq!((user.groups.len(), user.groups[0].expires_at, user.permissions.len()), (1, None, 1));
        assert!(upgraded.sign_in(login_of(&person.email, &person.password)).await.unwrap().is_ok());
        assert_eq!(world.another_node().migrations_run(), 0);
    }
}
