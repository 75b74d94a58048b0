//! What an environment holds at most: the one too many is refused, and another environment has room of its own.

use directory::error::{Conflict, Error, Noun};
use directory::menus::MenuChanges;
use test_support::{World, on_every_engine};

/// Rows up to one below the limit, written beside the verbs: making them one by one would take minutes.
const FILLED: &str = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 9999) INSERT INTO";
/// The environment that is filled: the first that is made beside the operator's own.
const HERE: &str = "SELECT (SELECT id FROM environments WHERE key = 'pizza'), 100000 + i";

fn full<T: std::fmt::Debug>(outcome: directory::Result<T>, noun: Noun) {
    assert!(matches!(outcome, Err(Error::Conflict(Conflict::Full(of))) if of == noun), "{outcome:?}");
}

on_every_engine! {
    async fn an_environment_holds_ten_thousand_of_each_and_no_more(world: World) {
        let pizza = world.environment("pizza").await;
        let sushi = world.environment("sushi").await;
        let (here, there) = (&pizza.administrator.caller, &sushi.administrator.caller);
        world.database.execute(&format!(
            "{FILLED} groups (environment_id, id, name, name_folded, created_at, updated_at) \
             {HERE}, 'filled' || i, 'filled' || i, 0, 0 FROM n"
        ));
        world.database.execute(&format!("{FILLED} menus (environment_id, id, name) {HERE}, 'filled' || i FROM n"));
        world.database.execute(&format!(
            "{FILLED} permissions (environment_id, id, codename, name, built_in) \
             {HERE}, 'filled' || i, 'filled', FALSE FROM n"
        ));

        world.group_as(here, "the last one", &[]).await.unwrap();
        full(world.group_as(here, "one too many", &[]).await, Noun::Group);
        world.group_as(there, "elsewhere", &[]).await.unwrap();

        world.menu(here, "the last one", MenuChanges::default()).await.unwrap();
        full(world.menu(here, "one too many", MenuChanges::default()).await, Noun::Menu);
        world.menu(there, "elsewhere", MenuChanges::default()).await.unwrap();

        world.permission(here, "the_last_one").await.unwrap();
        full(world.permission(here, "one_too_many").await, Noun::Permission);
        world.permission(there, "elsewhere").await.unwrap();
    }
}
