//! A person is erased from the trail, and the trail stays whole.

use super::{Row, chain, chains, change, whole};
use directory::actor::Actor;
use directory::audit;
use directory::id::UserId;
use directory::store::Tx;
use directory::users::UserChanges;
use test_support::{World, on_every_engine, phone};

fn of(rows: &[Row], column: &str, id: UserId) -> Vec<Row> {
    let (text, hex) = (id.to_string(), id.0.simple().to_string());
    rows.iter().filter(|row| row[column] == text || row[column] == hex).cloned().collect()
}

on_every_engine! {
    async fn whoever_leaves_for_good_is_erased_and_what_it_did_to_others_stays(world: World) {
        let pizza = world.environment("pizza").await;
        let gone = world.administrator(&pizza).await;
        let stays = world.member(&pizza).await;
        let fields = UserChanges { phone: Some(phone("+49 123")), ..UserChanges::default() };
        world.update(&gone.caller, stays.id, fields.clone()).await.unwrap();
        world.update(&gone.caller, gone.id, fields).await.unwrap();
        chain(&world.directory).await;
        let hashes = |world: &World| chains(world).into_values().flatten().map(|row| row["hash"].clone()).collect::<Vec<_>>();
        let before = hashes(&world);
        world.remove(&pizza.administrator.caller, gone.id).await.unwrap();
        chain(&world.directory).await;

        let rows = &chains(&world)[&pizza.id.to_string()];
        let (about, by) = (of(rows, "subject", gone.id), of(rows, "actor", gone.id));
        assert!(about.len() >= 3 && by.len() >= 2);
        assert!(about.iter().all(|row| row["changes"] == "{}" && row["changes_salt"].is_empty()), "{about:?}");
        assert!(by.iter().all(|row| row["address"].is_empty() && row["address_salt"].is_empty()), "{by:?}");
        // Leaving does not hide what one did, nor who did what to whom.
        assert!(by.iter().any(|row| row["subject"] == stays.id.to_string() && row["changes"].contains("+49 123")));
        assert!(about.iter().any(|row| row["verb"] == "user.removed" && !row["actor"].is_empty() && row["address"] == "192.0.2.1"));
        assert!(!world.dump().holds(&gone.email));
        assert!(of(rows, "subject", stays.id).iter().all(|row| !row["changes_salt"].is_empty()));

        assert!(before.iter().all(|hash| hashes(&world).contains(hash)), "no hash has changed");
        whole(&world, pizza.id.0, Some(pizza.uuid));
        let verified = world.directory.verify_audit(&[], |_| ()).await.unwrap();
        assert_eq!((verified.breaks.len(), verified.waiting), (0, 0));
        assert!(verified.erased >= 4);
        assert!(!world.unchanged(world.directory.chain_audit()).await.unwrap(), "that was all");
    }

    async fn an_operator_has_somebody_erased_and_that_is_told(world: World) {
        let pizza = world.environment("pizza").await;
        let person = world.member(&pizza).await;
        change(&world, &pizza, 2).await;
        let before = world.events().len();
        let erase = move |tx: &mut Tx<'_>, actor: &Actor| audit::erase_account(tx, actor, person.id);
        assert!(world.directory.write(pizza.administrator.caller.clone(), erase).await.is_err());
        world.directory.write(world.operator.caller.clone(), erase).await.unwrap();
        chain(&world.directory).await;
        assert_eq!(world.events().split_off(before)[0].verb, "audit.erased");
        let rows = &chains(&world)[&pizza.id.to_string()];
        assert!(of(rows, "subject", person.id).iter().all(|row| row["changes"] == "{}"));
        assert_eq!(world.directory.verify_audit(&[], |_| ()).await.unwrap().breaks, []);
        // The account itself is as it was.
        assert!(world.look(&pizza, person.id).await.is_ok());
    }
}
