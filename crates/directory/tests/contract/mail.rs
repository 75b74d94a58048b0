//! The outbox: whose a mail is, when it is tried, and when it is gone.

use directory::Directory;
use directory::mail::{Fate, Subject, Waiting, tell};
use directory::users::UserChanges;
use std::time::Duration;
use test_support::{Tenant, World, on_every_engine};

const MINUTE: Duration = Duration::from_secs(60);
const DAY: Duration = Duration::from_secs(24 * 3600);

/// Mails with links: invitations of so many people.
async fn invited(world: &World, pizza: &Tenant, many: usize) {
    for n in 0..many {
        let address = format!("guest{n}@example.com");
        world.create(pizza, &address, UserChanges::default()).await.unwrap();
    }
}

/// A mail without a link.
async fn told(world: &World, pizza: &Tenant) {
    let account = world.look(pizza, pizza.administrator.id).await.unwrap().account;
    let write = world.directory.command(pizza.name(), move |tx, _| tell(tx, &account, Subject::PasswordChanged));
    write.await.unwrap();
}

async fn claimed(directory: &Directory, most: usize) -> Vec<Waiting> {
    directory.claim_mails(most).await.unwrap()
}

async fn waiting(world: &World) -> Vec<Waiting> {
    world.directory.outbox(0, 1000).await.unwrap()
}

on_every_engine! {
    async fn a_mail_is_one_nodes_alone_until_that_has_surely_died(world: World) {
        let (pizza, other) = (world.environment("pizza").await, world.another_node());
        invited(&world, &pizza, 3).await;
        assert!(world.directory.next_mail_at().await.unwrap().is_some());
        let first = claimed(&world.directory, 2).await;
        assert_eq!(first.iter().map(|mail| (mail.id, mail.attempts)).collect::<Vec<_>>(), [(1, 1), (2, 1)]);
        assert_eq!(claimed(&other, 10).await.iter().map(|mail| mail.id).collect::<Vec<_>>(), [3]);
        world.wait(4 * MINUTE);
        assert!(claimed(&other, 10).await.is_empty());
        world.wait(MINUTE);
        assert_eq!(claimed(&other, 10).await.iter().map(|mail| mail.attempts).collect::<Vec<_>>(), [2, 2, 2]);
        // What the first one says now is too late, but what it sent was sent.
        let failed = Fate::Failed("late".to_owned());
        world.directory.settle_mail(1, 1, failed).await.unwrap();
        world.directory.settle_mail(2, 1, Fate::Sent).await.unwrap();
        let left = waiting(&world).await;
        assert_eq!(left.iter().map(|mail| (mail.id, &*mail.trouble)).collect::<Vec<_>>(), [(1, ""), (3, "")]);
    }

    async fn no_two_of_many_who_take_at_once_get_the_same(world: World) {
        let pizza = world.environment("pizza").await;
        invited(&world, &pizza, 40).await;
        let nodes = [world.directory.clone(), world.another_node()];
        let takers: Vec<_> = (0..8).map(|n| {
            let node = nodes[n % 2].clone();
            tokio::spawn(async move {
                let mut taken = Vec::new();
                loop {
                    match claimed(&node, 3).await {
                        mails if mails.is_empty() => return taken,
                        mails => taken.extend(mails.into_iter().map(|mail| mail.id)),
                    }
                }
            })
        }).collect();
        let mut all = Vec::new();
        for taker in takers {
            all.extend(taker.await.unwrap());
        }
        all.sort_unstable();
        assert_eq!(all, (1..=40).collect::<Vec<i64>>());
    }

    async fn what_failed_is_tried_again_later_and_given_up_after_three_days(world: World) {
        let pizza = world.environment("pizza").await;
        invited(&world, &pizza, 1).await;
        let start = world.clock.clone();
        let mut tries = 0;
        while let Some(next) = world.directory.next_mail_at().await.unwrap() {
            let now = world.directory.effects().clock.now();
            assert!(next.since(now) <= Duration::from_secs(6 * 3600));
            start.advance(next.since(now));
            let mails = claimed(&world.directory, 5).await;
            tries += 1;
            assert_eq!((mails.len(), mails[0].attempts), (1, tries));
            world.directory.settle_mail(mails[0].id, tries, Fate::Failed("no".to_owned())).await.unwrap();
        }
        assert_eq!(tries, 21);
        let given_up = waiting(&world).await.remove(0);
        assert_eq!((given_up.next_try_at, &*given_up.trouble), (None, "no"));
        assert!(claimed(&world.directory, 5).await.is_empty());
        // Nothing in it is good after a month.
        world.wait(20 * DAY);
        world.directory.sweep().await.unwrap();
        assert_eq!(waiting(&world).await.len(), 1);
        world.wait(10 * DAY);
        world.directory.sweep().await.unwrap();
        assert!(waiting(&world).await.is_empty());
    }

    async fn what_was_refused_stays_to_be_seen_and_what_was_sent_is_gone(world: World) {
        let pizza = world.environment("pizza").await;
        invited(&world, &pizza, 2).await;
        let mails = claimed(&world.directory, 2).await;
        world.directory.settle_mail(mails[0].id, 1, Fate::Refused("unknown".to_owned())).await.unwrap();
        world.directory.settle_mail(mails[1].id, 1, Fate::Sent).await.unwrap();
        let left = waiting(&world).await;
        assert_eq!((left.len(), left[0].next_try_at, &*left[0].trouble), (1, None, "unknown"));
        assert!(world.directory.next_mail_at().await.unwrap().is_none());
    }

    async fn a_link_that_was_used_or_has_ended_is_not_sent(world: World) {
        let pizza = world.environment("pizza").await;
        invited(&world, &pizza, 30).await;
        world.database.execute("DELETE FROM links WHERE account_id IN (SELECT account_id FROM outbox WHERE id <= 28)");
        assert_eq!(claimed(&world.directory, 1).await.iter().map(|mail| mail.id).collect::<Vec<_>>(), [29]);
        assert_eq!(waiting(&world).await.len(), 2);
        world.wait(30 * DAY);
        assert!(claimed(&world.directory, 5).await.is_empty());
        assert!(waiting(&world).await.is_empty());
    }

    async fn news_that_waited_for_a_week_is_not_sent(world: World) {
        let pizza = world.environment("pizza").await;
        told(&world, &pizza).await;
        world.wait(6 * DAY);
        assert_eq!(claimed(&world.directory, 5).await.len(), 1);
        world.wait(DAY);
        assert!(claimed(&world.directory, 5).await.is_empty() && waiting(&world).await.is_empty());
    }

    async fn one_that_cannot_be_read_does_not_stand_in_the_way(world: World) {
        let pizza = world.environment("pizza").await;
        told(&world, &pizza).await;
        told(&world, &pizza).await;
        world.database.execute("UPDATE outbox SET account_id = (SELECT id FROM accounts WHERE operator) WHERE id = 1");
        assert_eq!(claimed(&world.directory, 5).await.iter().map(|mail| mail.id).collect::<Vec<_>>(), [2]);
        world.directory.settle_mail(2, 1, Fate::Sent).await.unwrap();
        assert!(world.directory.next_mail_at().await.unwrap().is_none());
    }

    async fn a_mail_is_heard_of_once_it_is_durable_and_only_then(world: World) {
        let pizza = world.environment("pizza").await;
        let heard = || tokio::time::timeout(Duration::from_millis(1), world.directory.mail_posted());
        assert!(heard().await.is_err());
        invited(&world, &pizza, 1).await;
        assert!(heard().await.is_ok());
        assert!(heard().await.is_err());
        // One that is undone is none.
        let refused = world.create(&pizza, "guest0@example.com", UserChanges::default()).await;
        assert!(refused.is_err() && heard().await.is_err());
    }
}
