//! Deliveries from the change to the receiver: in order, signed, once and again, and nobody waits for another's.

use super::*;
use crate::webhooks::receiver::{Heard, Manner, Receiver};
use directory::actor::Actor;
use directory::events::EventTypes;
use directory::store::Tx;
use directory::users::UserChanges;
use directory::webhooks::{self, Delivery, NewWebhook, WebhookUrl};
use std::collections::HashMap;
use test_support::{Tenant, World, on_every_engine, short};
use tokio::task::JoinHandle;

async fn webhook(world: &World, tenant: &Tenant, url: &str, types: &str) -> (WebhookId, String) {
    // What happened before is nobody's.
    while world.directory.chain_audit().await.unwrap() {}
    let new = NewWebhook {
        url: WebhookUrl::parse(url).unwrap(),
        event_types: vec![EventTypes::parse(types).unwrap()],
        enabled: true,
    };
    let create = move |tx: &mut Tx<'_>, actor: &Actor| webhooks::create(tx, actor, &new);
    let (webhook, secret) = world.directory.write(tenant.administrator.caller.clone(), create).await.unwrap();
    (webhook.id, secret.expose())
}

async fn log(world: &World, tenant: &Tenant, id: WebhookId) -> Vec<Delivery> {
    let read = move |tx: &mut Tx<'_>, actor: &Actor| webhooks::deliveries(tx, actor, id, i64::MAX, 1000);
    world.directory.read(tenant.administrator.caller.clone(), read).await.unwrap()
}

/// Chains and delivers, as a server does.
struct Node(Vec<JoinHandle<()>>);

impl Node {
    fn start(directory: &Directory) -> Node {
        let chain = tokio::spawn(crate::serve::chain_now_and_then(directory.clone()));
        let courier = Arc::new(Courier::new(Reach::Everywhere));
        Node(vec![chain, tokio::spawn(deliver(directory.clone(), courier))])
    }
}

impl Drop for Node {
    /// As if the process were killed.
    fn drop(&mut self) {
        self.0.iter().for_each(JoinHandle::abort);
    }
}

fn sequence(heard: &Heard) -> i64 {
    heard.json()["data"]["sequence"].as_i64().unwrap()
}

async fn phones(world: &World, tenant: &Tenant, users: usize, changes: usize) {
    let mut people = Vec::new();
    for _ in 0..users {
        people.push(world.member(tenant).await.id);
    }
    for n in 0..changes {
        for id in &people {
            let fields = UserChanges { first_name: Some(short(&format!("name {n}"))), ..Default::default() };
            world.update(&tenant.administrator.caller, *id, fields).await.unwrap();
        }
    }
}

on_every_engine! {
    async fn what_happens_is_told_signed_and_in_order_for_each_user(world: World) {
        let pizza = world.environment("pizza").await;
        let receiver = Receiver::start(Manner::Takes).await;
        let (id, secret) = webhook(&world, &pizza, &receiver.url, "user.*").await;
        let _node = Node::start(&world.directory);
        phones(&world, &pizza, 4, 10).await;
        let heard = receiver.hears(44).await;
        let mut latest: HashMap<String, i64> = HashMap::new();
        for message in &heard {
            assert!(message.is_signed_with(&secret));
            let told = message.json();
            assert!(told["type"].as_str().unwrap().starts_with("user."), "{told}");
            assert_eq!(told["data"]["environment"], "pizza");
            let before = latest.insert(told["data"]["subject"].as_str().unwrap().to_owned(), sequence(message));
            assert!(before.is_none_or(|before| before < sequence(message)));
        }
        assert!(!heard.iter().any(|message| message.body.windows(4).any(|four| four == b"long")), "a password");
        let mut ids: Vec<String> = heard.iter().map(|message| message.header("webhook-id")).collect();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!((ids.len(), ids[0].as_str()), (44, format!("{id}-1").as_str()));
    }

    async fn nothing_of_another_environment_is_told(world: World) {
        let (pizza, pasta) = (world.environment("pizza").await, world.environment("pasta").await);
        let receiver = Receiver::start(Manner::Takes).await;
        webhook(&world, &pizza, &receiver.url, "*").await;
        let _node = Node::start(&world.directory);
        phones(&world, &pasta, 2, 2).await;
        phones(&world, &pizza, 1, 1).await;
        for message in receiver.hears(3).await {
            assert_eq!(message.json()["data"]["environment"], "pizza");
        }
    }

    async fn a_receiver_that_is_dead_slows_no_other(world: World) {
        let pizza = world.environment("pizza").await;
        let (dead, fast) = (Receiver::start(Manner::Hangs).await, Receiver::start(Manner::Takes).await);
        for _ in 0..3 {
            webhook(&world, &pizza, &dead.url, "user.*").await;
        }
        webhook(&world, &pizza, &fast.url, "user.*").await;
        let _node = Node::start(&world.directory);
        let started = Instant::now();
        phones(&world, &pizza, 10, 10).await;
        fast.hears(110).await;
        assert!(started.elapsed() < Duration::from_secs(12), "{:?}", started.elapsed());
        // Each holds its own few calls.
        assert!(dead.heard().len() <= 3 * CALLS_OF_LANE);
    }

    async fn what_was_on_its_way_when_the_process_was_killed_is_delivered_by_the_next(world: World) {
        let pizza = world.environment("pizza").await;
        let receiver = Receiver::start(Manner::Hangs).await;
        let (id, _) = webhook(&world, &pizza, &receiver.url, "user.*").await;
        let node = Node::start(&world.directory);
        phones(&world, &pizza, 5, 5).await;
        receiver.hears(1).await;
        drop(node);
        receiver.becomes(Manner::Takes);
        let before = receiver.heard().len();
        // The lease of the one that died ends.
        world.wait(Duration::from_secs(16));
        let next = world.another_node();
        let _node = Node::start(&next);
        let heard = receiver.hears(before + 30).await;
        let mut told: Vec<i64> = heard[before..].iter().map(sequence).collect();
        told.sort_unstable();
        told.dedup();
        assert_eq!(told.len(), 30);
        while log(&world, &pizza, id).await.iter().any(|delivery| delivery.done_at.is_none()) {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    async fn what_failed_comes_again_with_the_same_id(world: World) {
        let pizza = world.environment("pizza").await;
        let receiver = Receiver::start(Manner::Answers(500)).await;
        let (id, _) = webhook(&world, &pizza, &receiver.url, "user.created").await;
        let _node = Node::start(&world.directory);
        world.member(&pizza).await;
        receiver.hears(1).await;
        while log(&world, &pizza, id).await.iter().all(|delivery| delivery.trouble.is_empty()) {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        assert_eq!(log(&world, &pizza, id).await[0].trouble, "it answered 500");
        receiver.becomes(Manner::Takes);
        world.wait(Duration::from_secs(6));
        let heard = receiver.hears(2).await;
        assert_eq!(heard[0].header("webhook-id"), heard[1].header("webhook-id"));
    }

    async fn whatever_a_receiver_answers_it_is_noted_and_tried_again_or_done(world: World) {
        let pizza = world.environment("pizza").await;
        let leads = Receiver::start(Manner::Answers(307)).await;
        let manners = [Manner::Answers(500), Manner::Babbles, Manner::Closes, Manner::Endless];
        let (mut receivers, mut ids) = (vec![leads], Vec::new());
        for manner in manners {
            receivers.push(Receiver::start(manner).await);
        }
        for receiver in &receivers {
            ids.push(webhook(&world, &pizza, &receiver.url, "user.created").await.0);
        }
        let _node = Node::start(&world.directory);
        world.member(&pizza).await;
        let mut found = Vec::new();
        for id in ids {
            let delivery = loop {
                let tried = log(&world, &pizza, id).await.into_iter().find(|delivery| delivery.tried_at.is_some());
                match tried {
                    Some(delivery) => break delivery,
                    None => tokio::time::sleep(Duration::from_millis(10)).await,
                }
            };
            // What failed waits for its next try; what was taken is over.
            assert_eq!(delivery.done_at.is_some(), delivery.trouble.is_empty());
            assert_eq!(delivery.next_try_at.is_none(), delivery.trouble.is_empty());
            found.push((delivery.status, delivery.trouble));
        }
        let said = |status: Option<i64>, trouble: &str| (status, trouble.to_owned());
        assert_eq!(found, [
            said(Some(307), "it leads elsewhere, which is not followed"),
            said(Some(500), "it answered 500"),
            said(None, "the answer is none of HTTP"),
            said(Some(204), ""),
            said(Some(200), ""),
        ]);
        // A redirect leads nowhere: nobody was called but at the address of the webhook, which the receiver looks at.
        assert!(receivers.iter().all(|receiver| receiver.heard().len() == 1));
    }

    async fn the_secret_before_signs_too_for_a_day(world: World) {
        let pizza = world.environment("pizza").await;
        let receiver = Receiver::start(Manner::Takes).await;
        let (id, old) = webhook(&world, &pizza, &receiver.url, "user.created").await;
        let boss = pizza.administrator.caller.clone();
        let rotate = move |tx: &mut Tx<'_>, actor: &Actor| webhooks::rotate(tx, actor, id);
        let new = world.directory.write(boss, rotate).await.unwrap().1.expose();
        let _node = Node::start(&world.directory);
        world.member(&pizza).await;
        let both = receiver.hears(1).await.remove(0);
        assert!(both.is_signed_with(&old) && both.is_signed_with(&new));
        world.wait(webhooks::OLD_SECRET);
        world.create(&pizza, "late@pizza.example", UserChanges::default()).await.unwrap();
        let late = receiver.hears(2).await.remove(1);
        assert!(!late.is_signed_with(&old) && late.is_signed_with(&new));
    }
}
