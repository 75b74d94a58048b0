//! A chain is verified piece by piece by whoever may read it, and a break is found in whichever piece it is.

use super::{chain, change};
use directory::Error;
use directory::actor::Caller;
use directory::audit::{How, Verified};
use std::time::Duration;
use test_support::{Tenant, World, on_every_engine};

/// Walks to the end, so many events at a time; what the last piece says, and how many there were.
async fn walk(world: &World, caller: &Caller, most: i64) -> (Verified, usize) {
    let (mut from, mut pieces) = (None, 0);
    loop {
        pieces += 1;
        let piece = world.unchanged(world.directory.verify_piece(caller.clone(), false, from, most)).await.unwrap();
        match piece.next {
            Some(next) => from = Some(next),
            None => return (piece.verified, pieces),
        }
    }
}

async fn chained(world: &World) -> Tenant {
    let pizza = world.environment("pizza").await;
    change(world, &pizza, 8).await;
    chain(&world.directory).await;
    world.wait(Duration::from_secs(601));
    while world.directory.sign_audit().await.unwrap() {}
    change(world, &pizza, 4).await;
    chain(&world.directory).await;
    pizza
}

on_every_engine! {
    async fn pieces_find_together_what_one_walk_finds(world: World) {
        let pizza = chained(&world).await;
        let all = world.events().iter().filter(|event| event.environment == pizza.id.to_string()).count() as u64;
        let boss = &pizza.administrator.caller;
        let (whole, one) = walk(&world, boss, 1_000_000).await;
        assert_eq!((whole.events, whole.checkpoints, whole.breaks.as_slice(), one), (all, 1, &[][..], 1));
        let later = world.directory.verify_piece(boss.clone(), false, None, 1).await.unwrap();
        assert!(later.next.is_none() && later.verified == whole, "a page of events is the least piece");
    }

    async fn a_break_is_told_with_its_place(world: World) {
        let pizza = chained(&world).await;
        let alter = format!("UPDATE audit_events SET verb = 'x' WHERE chain = {} AND sequence = 6", pizza.id);
        world.database.execute(&alter);
        let (found, _) = walk(&world, &pizza.administrator.caller, 1000).await;
        assert_eq!(found.events, 5);
        assert_eq!(found.breaks.iter().map(|at| (at.sequence, at.how.clone())).collect::<Vec<_>>(), [(6, How::Altered)]);
    }

    async fn the_newest_being_gone_is_found(world: World) {
        let pizza = chained(&world).await;
        world.database.execute(&format!("DELETE FROM audit_events WHERE chain = {} AND sequence > 11", pizza.id));
        let (found, _) = walk(&world, &pizza.administrator.caller, 1000).await;
        assert!(matches!(found.breaks[0].how, How::Removed { .. }) && found.breaks[0].sequence == 12);
    }

    async fn a_long_chain_takes_several_pieces(world: World) {
        let pizza = chained(&world).await;
        // As if events had been chained a page at a time.
        change(&world, &pizza, 1100).await;
        chain(&world.directory).await;
        let boss = &pizza.administrator.caller;
        let (whole, one) = walk(&world, boss, 1_000_000).await;
        let (found, pieces) = walk(&world, boss, 900).await;
        assert_eq!((&found, one, pieces), (&Verified { checkpoints: found.checkpoints, ..whole }, 1, 2));
        let place = world.directory.verify_piece(boss.clone(), false, None, 900).await.unwrap().next.unwrap();
        let alter = format!("UPDATE audit_events SET subject = 'x' WHERE chain = {} AND sequence = 1050", pizza.id);
        world.database.execute(&alter);
        let rest = world.directory.verify_piece(boss.clone(), false, Some(place.clone()), 900).await.unwrap();
        assert_eq!((rest.verified.breaks[0].sequence, rest.next), (1050, None));
        // A place is good in its own chain alone, as it is.
        let operator = world.operator.caller.clone();
        for (system, place) in [(true, place.clone()), (false, format!("A{place}")), (false, String::new())] {
            let refused = world.directory.verify_piece(operator.in_environment(pizza.name()), system, Some(place), 900).await;
            assert!(matches!(refused, Err(Error::Invalid(_))), "{refused:?}");
        }
    }

    async fn only_who_may_read_a_chain_verifies_it(world: World) {
        let pizza = chained(&world).await;
        let member = world.member(&pizza).await;
        for (caller, system) in [(&member.caller, false), (&pizza.administrator.caller, true)] {
            let refused = world.directory.verify_piece(caller.clone(), system, None, 900).await;
            assert!(matches!(refused, Err(Error::Forbidden(_))));
        }
        assert_eq!(world.directory.verify_piece(world.operator.caller.clone(), true, None, 900).await.unwrap().verified.breaks, []);
    }
}
