//! The schema grows under data that is there: what an earlier version wrote is found unchanged by this one.

use std::collections::BTreeMap;
use test_support::{Dump, World, login_of, on_every_engine};

/// The rows of the tables that hold people, as text.
fn people(dump: &Dump) -> Vec<String> {
    let rows = |table: &'static str| {
        dump.rows(table).map(move |row: BTreeMap<&str, &str>| format!("{table} {row:?}")).collect::<Vec<_>>()
    };
    ["accounts", "environments", "users", "groups", "user_groups", "audit_events"].into_iter().flat_map(rows).collect()
}

on_every_engine! {
    async fn the_schema_before_this_one_is_migrated_with_its_data(world: World) {
        let pizza = world.environment("pizza").await;
        let person = world.holder(&pizza, &["view_user"]).await;
        // Back to version 1: all that later versions made goes, all data stays.
        world.database.execute("DROP TABLE answers");
        world.database.execute("DELETE FROM schema_versions WHERE version > 1");
        let before = people(&world.dump());
        assert!(before.len() > 10, "{before:?}");

        let upgraded = world.another_node();
        assert_eq!(upgraded.migrations_run() as i64, directory::store::SCHEMA_VERSION - 1);
        assert_eq!(people(&world.dump()), before);
        assert_eq!(world.dump().count("answers"), 0);
        assert!(upgraded.sign_in(login_of(&person.email, &person.password)).await.unwrap().is_ok());
        assert_eq!(world.another_node().migrations_run(), 0);
    }
}
