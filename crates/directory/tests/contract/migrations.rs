//! The schema grows under data that is there: what an earlier version wrote is found unchanged by this one.

use test_support::{Dump, World, login_of, on_every_engine};

/// Takes back what later versions than the first made; all data stays.
fn to_version_1(world: &World) {
    world.database.execute(
        "DROP INDEX audit_events_by_subject; DROP INDEX user_groups_by_expiry; DROP TABLE group_contains;
         ALTER TABLE user_groups DROP COLUMN expires_at; ALTER TABLE user_groups DROP COLUMN given_by;
         ALTER TABLE user_groups DROP COLUMN since; ALTER TABLE group_permissions DROP COLUMN given_by;
         ALTER TABLE group_permissions DROP COLUMN since;
         DROP TABLE answers; DELETE FROM schema_versions WHERE version > 1",
    );
}

/// The rows of the tables that hold people, each as its columns.
fn people(dump: &Dump) -> Vec<Vec<(String, String)>> {
    let column = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
    let rows =
        |table: &'static str| dump.rows(table).map(|row| row.into_iter().map(column).collect()).collect::<Vec<_>>();
    ["accounts", "environments", "users", "groups", "user_groups", "audit_events"].into_iter().flat_map(rows).collect()
}

on_every_engine! {
    async fn the_schema_before_this_one_is_migrated_with_its_data(world: World) {
        let pizza = world.environment("pizza").await;
        let person = world.holder(&pizza, &["view_user"]).await;
        to_version_1(&world);
        let before = people(&world.dump());
        assert!(before.len() > 10, "{before:?}");

        let upgraded = world.another_node();
        assert_eq!(upgraded.migrations_run() as i64, directory::store::SCHEMA_VERSION - 1);
        let after = people(&world.dump());
        assert_eq!(after.len(), before.len());
        for (before, after) in before.iter().zip(&after) {
            assert!(before.iter().all(|column| after.contains(column)), "{before:?} became {after:?}");
        }
        assert_eq!(world.dump().count("answers"), 0);
        assert!(upgraded.sign_in(login_of(&person.email, &person.password)).await.unwrap().is_ok());
        assert_eq!(world.another_node().migrations_run(), 0);
    }
}
