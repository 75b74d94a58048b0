//! The schema grows under data that is there: what an earlier version wrote is found unchanged by this one.

use directory::page::{OrderBy, UserFilter, UserOrder, UserPage};
use directory::text::Codename;
use directory::users;
use test_support::{Dump, Engine, World, login_of, on_every_engine};

/// Takes back what later versions than the first made; all data stays.
fn to_version_1(world: &World) {
    let search = match world.database.engine() {
        Engine::Sqlite => {
            "DROP TRIGGER user_places_begin; DROP TRIGGER user_places_change; DROP TRIGGER user_places_end;
             DROP TABLE user_places; DROP TABLE user_unsought; DROP TABLE user_search;"
        }
        Engine::Postgres => "DROP TABLE user_grams;",
    };
    world.database.execute(search);
    world.database.execute(
        "DROP TABLE users_past; DROP TABLE user_groups_past; DROP TABLE user_menus_past; DROP TABLE environments_past;
         DROP TABLE permissions_past; DROP TABLE groups_past; DROP TABLE menus_past; DROP TABLE group_permissions_past;
         DROP TABLE group_contains_past; DROP TABLE role_changes;
         ALTER TABLE permissions DROP COLUMN since; ALTER TABLE menus DROP COLUMN since;
         ALTER TABLE user_menus DROP COLUMN since;
         ALTER TABLE environments DROP COLUMN past_since; ALTER TABLE users DROP COLUMN administrator_since;
         ALTER TABLE users DROP COLUMN administrator_by;
         DROP TABLE deliveries; DROP TABLE webhooks;
         DROP INDEX audit_events_waiting; DROP INDEX audit_events_chain;
         DROP INDEX audit_events_by_time; DROP INDEX audit_events_by_actor; DROP INDEX audit_events_by_subject;
         DROP INDEX audit_events_by_verb; DROP INDEX audit_events_by_request;
         CREATE INDEX audit_events_by_environment ON audit_events (environment_id, id);
         ALTER TABLE audit_events DROP COLUMN chain; ALTER TABLE audit_events DROP COLUMN sequence;
         ALTER TABLE audit_events DROP COLUMN hash; ALTER TABLE audit_events DROP COLUMN address_salt;
         ALTER TABLE audit_events DROP COLUMN address_digest; ALTER TABLE audit_events DROP COLUMN changes_salt;
         ALTER TABLE audit_events DROP COLUMN changes_digest; DROP TABLE audit_heads; DROP TABLE audit_checkpoints;
         DROP TABLE audit_erasures; DROP INDEX environments_with_retention;
         ALTER TABLE environments DROP COLUMN audit_retention;
         DROP TABLE second_factors; DROP TABLE recovery_codes; DROP TABLE answered_challenges;
         ALTER TABLE environments DROP COLUMN second_factor; ALTER TABLE groups DROP COLUMN second_factor;
         DROP INDEX users_services; ALTER TABLE users DROP COLUMN service; ALTER TABLE environments DROP COLUMN password_minimum; ALTER TABLE environments DROP COLUMN session_idle;
         ALTER TABLE environments DROP COLUMN session_lifetime; ALTER TABLE sessions DROP COLUMN device;
         ALTER TABLE sessions DROP COLUMN address; ALTER TABLE sessions DROP COLUMN seen_at;
         ALTER TABLE sessions DROP COLUMN proven_at; ALTER TABLE sessions DROP COLUMN password_length; ALTER TABLE api_tokens DROP COLUMN used_at;
         ALTER TABLE links DROP COLUMN email; DROP INDEX outbox_by_next_try;
         ALTER TABLE outbox DROP COLUMN next_try_at; ALTER TABLE outbox DROP COLUMN trouble;
         DROP INDEX bearers_by_session; CREATE INDEX bearers_by_session ON bearers (session_id);
         DROP INDEX bearers_by_token; CREATE INDEX bearers_by_token ON bearers (token_id);
         DROP INDEX users_by_name; DROP INDEX users_by_last_name; DROP INDEX users_by_email; DROP INDEX users_administrators_by_age; DROP INDEX users_inactive_by_age; DROP INDEX users_pending_by_age;
         DROP INDEX user_groups_by_group; CREATE INDEX user_groups_by_group ON user_groups (environment_id, group_id, account_id);
         ALTER TABLE user_groups DROP COLUMN user_created_at; ALTER TABLE users DROP COLUMN last_seen_at;
         ALTER TABLE users DROP COLUMN email_folded; ALTER TABLE users DROP COLUMN username_folded;
         DROP INDEX user_groups_by_expiry; DROP TABLE group_contains;
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
        assert_eq!((world.dump().count("answers"), world.dump().count("group_contains")), (0, 0));
        // Whoever was in a group is in it still, without an end.
        let user = world.look(&pizza, person.id).await.unwrap();
        assert_eq!((user.groups.len(), user.groups[0].expires_at, user.permissions.len()), (1, None, 1));
        assert!(upgraded.sign_in(login_of(&person.email, &person.password)).await.unwrap().is_ok());
        assert_eq!(world.another_node().migrations_run(), 0);

        // What lists and searches stand on was made for those who were there.
        let group = world.look(&pizza, person.id).await.unwrap().groups[0].group.id;
        let filters = [
            UserFilter { search: Some(person.email[1..4].to_owned()), ..UserFilter::default() },
            UserFilter { groups: vec![group], ..UserFilter::default() },
            UserFilter { permission: Some(Codename::parse("view_user").unwrap()), ..UserFilter::default() },
        ];
        // By age they are met on the way; by name a search asks the index.
        for by in [OrderBy::CreatedAt, OrderBy::Name] {
            for filter in filters.clone() {
                let order = UserOrder { by, descending: false };
                let page = UserPage { filter, order, cursor: None, limit: 100 };
                let caller = pizza.administrator.caller.clone();
                let found = upgraded.report(caller, move |tx, actor| users::list(tx, actor, &page)).await.unwrap();
                assert!(found.rows.iter().any(|user| user.account.id == person.id));
            }
        }
    }
}
