//! What happened is chained, at once where one transaction writes at a time, else soon after: once, in one order, whoever does
//! it and whatever comes between.

use super::{chain, chains, change, unchain, wait, whole};
use std::time::Duration;
use test_support::{World, on_every_engine};

on_every_engine! {
    async fn what_one_writer_writes_is_chained_at_once_and_what_many_write_waits(world: World) {
        let pizza = world.environment("pizza").await;
        change(&world, &pizza, 2).await;
        let by_chain = chains(&world);
        if wait(&world) {
            assert_eq!(by_chain.keys().collect::<Vec<_>>(), [""], "nothing is chained by itself");
            return;
        }
        assert!(!by_chain.contains_key(""), "nothing waits: {:?}", by_chain.keys());
        assert!(whole(&world, pizza.id.0, Some(pizza.uuid)) >= 2);
        assert!(!world.unchanged(world.directory.chain_audit()).await.unwrap(), "there is nothing left to do");
    }

    async fn what_is_undone_leaves_no_gap(world: World) {
        let pizza = world.environment("pizza").await;
        change(&world, &pizza, 1).await;
        let undone = |tx: &mut directory::store::Tx<'_>, actor: &directory::actor::Actor| {
            directory::audit::record(tx, actor, "user.updated", &"nobody", directory::audit::Changes::default())?;
            Err::<(), _>(directory::Error::Changed)
        };
        assert!(world.directory.write(pizza.administrator.caller.clone(), undone).await.is_err());
        change(&world, &pizza, 1).await;
        chain(&world.directory).await;
        assert!(whole(&world, pizza.id.0, Some(pizza.uuid)) >= 2);
    }

    async fn events_that_wait_are_chained_and_then_each_covers_the_one_before(world: World) {
        let (pizza, pasta) = (world.environment("pizza").await, world.environment("pasta").await);
        change(&world, &pizza, 3).await;
        change(&world, &pasta, 2).await;
        unchain(&world);
        let waiting = chains(&world);
        let all = waiting[""].len();
        chain(&world.directory).await;
        let chained = whole(&world, 0, None)
            + whole(&world, world.head_office.id.0, Some(world.head_office.uuid))
            + whole(&world, pizza.id.0, Some(pizza.uuid))
            + whole(&world, pasta.id.0, Some(pasta.uuid));
        assert_eq!(chained, all);
        assert!(!world.unchanged(world.directory.chain_audit()).await.unwrap(), "there is nothing more to do");

        let before = chains(&world);
        change(&world, &pizza, 2).await;
        chain(&world.directory).await;
        let after = chains(&world);
        let (old, new) = after[&pizza.id.0.to_string()].split_at(before[&pizza.id.0.to_string()].len());
        assert_eq!((old, new.len()), (&before[&pizza.id.0.to_string()][..], 2));
        whole(&world, pizza.id.0, Some(pizza.uuid));
    }

    async fn many_that_wait_are_chained_some_at_a_time(world: World) {
        let pizza = world.environment("pizza").await;
        change(&world, &pizza, 260).await;
        unchain(&world);
        assert!(world.directory.chain_audit().await.unwrap());
        assert!(!chains(&world)[""].is_empty());
        chain(&world.directory).await;
        assert!(!chains(&world).contains_key(""));
        assert!(whole(&world, pizza.id.0, Some(pizza.uuid)) >= 260);
    }

    async fn nodes_that_chain_at_once_while_others_write_make_one_chain(world: World) {
        let pizza = world.environment("pizza").await;
        let nodes = [world.directory.clone(), world.another_node(), world.another_node()];
        let chaining: Vec<_> = nodes
            .into_iter()
            .map(|node| tokio::spawn(async move {
                for _ in 0..15 {
                    node.chain_audit().await.unwrap();
                }
            }))
            .collect();
        change(&world, &pizza, 30).await;
        for node in chaining {
            node.await.unwrap();
        }
        chain(&world.directory).await;
        assert!(whole(&world, pizza.id.0, Some(pizza.uuid)) >= 30);
        whole(&world, 0, None);
    }

    async fn what_a_node_left_behind_another_one_chains(world: World) {
        let pizza = world.environment("pizza").await;
        change(&world, &pizza, 2).await;
        chain(&world.directory).await;
        change(&world, &pizza, 2).await;
        // The first ends here, between writing and chaining.
        let other = world.another_node();
        chain(&other).await;
        assert!(!chains(&world).contains_key(""));
        assert!(whole(&world, pizza.id.0, Some(pizza.uuid)) >= 4);
    }

    async fn a_clock_that_goes_back_breaks_nothing(world: World) {
        let pizza = world.environment("pizza").await;
        change(&world, &pizza, 2).await;
        chain(&world.directory).await;
        world.clock.set_back(Duration::from_secs(600));
        change(&world, &pizza, 2).await;
        chain(&world.directory).await;
        assert!(whole(&world, pizza.id.0, Some(pizza.uuid)) >= 4);
        let rows = &chains(&world)[&pizza.id.0.to_string()];
        assert!(rows[rows.len() - 1]["at"] < rows[rows.len() - 3]["at"]);
    }

    async fn events_of_an_environment_that_is_gone_are_chained_all_the_same(world: World) {
        let pizza = world.environment("pizza").await;
        change(&world, &pizza, 1).await;
        chain(&world.directory).await;
        let (events, named) = (whole(&world, pizza.id.0, Some(pizza.uuid)), pizza.name());
        change(&world, &pizza, 1).await;
        let delete = move |tx: &mut directory::store::Tx<'_>, actor: &directory::actor::Actor| {
            directory::environments::delete(tx, actor, &named, Some("pizza"))
        };
        world.directory.write(world.operator.caller.clone(), delete).await.unwrap();
        chain(&world.directory).await;
        assert_eq!(whole(&world, pizza.id.0, Some(pizza.uuid)), events + 1);
        whole(&world, 0, None);
    }

    async fn events_from_before_there_were_chains_are_chained_as_they_are(world: World) {
        let pizza = world.environment("pizza").await;
        change(&world, &pizza, 2).await;
        unchain(&world);
        world.database.execute("UPDATE audit_events SET address_salt = NULL, changes_salt = NULL");
        let before = world.events();
        chain(&world.directory).await;
        assert_eq!(world.events(), before);
        assert!(whole(&world, pizza.id.0, Some(pizza.uuid)) >= 2);
    }
}
