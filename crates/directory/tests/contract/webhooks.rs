//! Webhooks: who may have what told, and what becomes of what is told.

use directory::actor::{Actor, Caller};
use directory::audit::{self, Changes};
use directory::error::{Conflict, Noun};
use directory::events::{self, EventTypes};
use directory::id::WebhookId;
use directory::store::Tx;
use directory::users::UserChanges;
use directory::webhooks::{self, Delivery, NewWebhook, Outcome, Settled, Webhook, WebhookChanges, WebhookUrl, Window};
use directory::{Error, Result};
use std::time::Duration;
use test_support::{Tenant, World, on_every_engine, short};
use uuid::Uuid;

const NODE: Uuid = Uuid::from_u128(1);
const OTHER: Uuid = Uuid::from_u128(2);
const DAY: Duration = Duration::from_secs(24 * 3600);

fn types(all: &[&str]) -> Vec<EventTypes> {
    all.iter().map(|one| EventTypes::parse(one).unwrap()).collect()
}

async fn create(world: &World, caller: &Caller, told: &[&str]) -> Result<Webhook> {
    chain(world).await;
    let url = WebhookUrl::parse("https://a.example/hooks").unwrap();
    let new = NewWebhook { url, event_types: types(told), enabled: true };
    let create = move |tx: &mut Tx<'_>, actor: &Actor| webhooks::create(tx, actor, &new);
    Ok(world.directory.write(caller.clone(), create).await?.0)
}

async fn update(world: &World, caller: &Caller, id: WebhookId, changes: WebhookChanges) -> Result<Webhook> {
    let update = move |tx: &mut Tx<'_>, actor: &Actor| webhooks::update(tx, actor, id, &changes);
    world.directory.write(caller.clone(), update).await
}

async fn get(world: &World, caller: &Caller, id: WebhookId) -> Result<Webhook> {
    world.directory.read(caller.clone(), move |tx, actor| webhooks::get(tx, actor, id)).await
}

async fn log(world: &World, caller: &Caller, id: WebhookId) -> Vec<Delivery> {
    let read = move |tx: &mut Tx<'_>, actor: &Actor| webhooks::deliveries(tx, actor, id, i64::MAX, 1000);
    world.directory.read(caller.clone(), read).await.unwrap()
}

async fn chain(world: &World) {
    while world.directory.chain_audit().await.unwrap() {}
}

/// Chains, takes the webhook and gives what is next for it.
async fn next(world: &World, node: Uuid, id: WebhookId) -> Option<Window> {
    chain(world).await;
    world.directory.take_webhooks(node, 10).await.unwrap();
    world.directory.next_deliveries(node, id).await.unwrap()
}

async fn settle(world: &World, id: WebhookId, window: &Window, status: Option<u16>, trouble: &str) {
    let outcome = Outcome { status, trouble: trouble.to_owned() };
    let settled = window.jobs.iter().map(|job| Settled { number: job.number, outcome: outcome.clone() }).collect();
    world.directory.settle_deliveries(NODE, id, settled).await.unwrap();
}

fn told(window: &Window) -> Vec<&'static str> {
    window.jobs.iter().map(|job| job.event.as_ref().map_or("ping", |event| event.name)).collect()
}

async fn change(world: &World, tenant: &Tenant, text: &str) {
    let boss = &tenant.administrator;
    let fields = UserChanges { first_name: Some(short(text)), ..Default::default() };
    world.update(&boss.caller, boss.id, fields).await.unwrap();
}

on_every_engine! {
    async fn only_who_manages_webhooks_and_sees_users_and_groups_has_anything_told(world: World) {
        let pizza = world.environment("pizza").await;
        let boss = &pizza.administrator.caller;
        let webhook = create(&world, boss, &["*"]).await.unwrap();
        let manager = world.holder(&pizza, &["manage_webhook"]).await.caller;
        let seeing = world.holder(&pizza, &["manage_webhook", "view_user", "view_group"]).await.caller;
        let stranger = world.holder(&pizza, &["view_user", "view_group", "view_audit", "change_group"]).await.caller;
        chain(&world).await;
        let off = || WebhookChanges { enabled: Some(false), ..Default::default() };
        for caller in [&stranger, &world.other_environment_administrator().await.in_environment(&pizza)] {
            assert!(matches!(world.refused(get(&world, caller, webhook.id)).await, Error::Forbidden(_)));
            assert!(matches!(world.refused(update(&world, caller, webhook.id, off())).await, Error::Forbidden(_)));
        }
        chain(&world).await;
        assert!(matches!(world.refused(create(&world, &manager, &["*"])).await, Error::Forbidden(_)));
        let all = || WebhookChanges { event_types: Some(types(&["user.*"])), ..Default::default() };
        assert!(matches!(world.refused(update(&world, &manager, webhook.id, all())).await, Error::Forbidden(_)));
        let rotate = |caller: &Caller| {
            let id = webhook.id;
            world.directory.write(caller.clone(), move |tx, actor| webhooks::rotate(tx, actor, id))
        };
        assert!(matches!(world.refused(rotate(&manager)).await, Error::Forbidden(_)));
        assert!(!update(&world, &manager, webhook.id, off()).await.unwrap().enabled);
        update(&world, &seeing, webhook.id, all()).await.unwrap();
        rotate(&seeing).await.unwrap();
        // Another environment's is none.
        let other = world.environment("pasta").await.administrator.caller;
        assert!(matches!(get(&world, &other, webhook.id).await, Err(Error::NotFound(Noun::Webhook))));
    }

    async fn each_change_is_accounted_for_and_none_writes_nothing(world: World) {
        let pizza = world.environment("pizza").await;
        let boss = &pizza.administrator.caller;
        chain(&world).await;
        let (webhook, event) = world.accounted(create(&world, boss, &["user.*", "user.*", "group.created"])).await;
        assert_eq!(event.verb, "webhook.created");
        assert_eq!(webhook.event_types, types(&["group.created", "user.*"]));
        let same = WebhookChanges { enabled: Some(true), url: Some(webhook.url.clone()), ..Default::default() };
        world.unchanged(update(&world, boss, webhook.id, same)).await.unwrap();
        let off = WebhookChanges { enabled: Some(false), ..Default::default() };
        assert_eq!(world.accounted(update(&world, boss, webhook.id, off)).await.1.verb, "webhook.updated");
        let id = webhook.id;
        let rotate = world.directory.write(boss.clone(), move |tx, actor| webhooks::rotate(tx, actor, id));
        let ((_, secret), event) = world.accounted(rotate).await;
        assert_eq!((event.verb.as_str(), event.changes.contains(&secret.expose())), ("webhook.rotated", false));
        let delete = world.directory.write(boss.clone(), move |tx, actor| webhooks::delete(tx, actor, id));
        assert_eq!(world.accounted(delete).await.1.verb, "webhook.deleted");
        assert!(matches!(get(&world, boss, id).await, Err(Error::NotFound(Noun::Webhook))));
    }

    async fn an_environment_has_twenty_webhooks_and_no_more(world: World) {
        let pizza = world.environment("pizza").await;
        for _ in 0..webhooks::MOST {
            create(&world, &pizza.administrator.caller, &["*"]).await.unwrap();
        }
        let one_more = create(&world, &pizza.administrator.caller, &["*"]).await;
        assert!(matches!(one_more, Err(Error::Conflict(Conflict::Full(Noun::Webhook)))));
    }

    async fn what_happens_is_told_in_order_from_when_the_webhook_was_made(world: World) {
        let pizza = world.environment("pizza").await;
        change(&world, &pizza, "before").await;
        let id = create(&world, &pizza.administrator.caller, &["user.*"]).await.unwrap().id;
        assert!(next(&world, NODE, id).await.is_none_or(|window| window.jobs.is_empty()));
        world.group(&pizza, &[]).await;
        change(&world, &pizza, "one").await;
        let member = world.member(&pizza).await;
        world.remove(&pizza.administrator.caller, member.id).await.unwrap();
        let window = next(&world, NODE, id).await.unwrap();
        assert_eq!(told(&window), ["user.updated", "user.created", "user.removed"]);
        let sequences: Vec<i64> = window.jobs.iter().map(|job| job.event.as_ref().unwrap().sequence).collect();
        assert!(sequences.is_sorted());
        settle(&world, id, &window, Some(204), "").await;
        let log = log(&world, &pizza.administrator.caller, id).await;
        assert_eq!(log.iter().map(|delivery| delivery.number).collect::<Vec<_>>(), [3, 2, 1]);
        assert!(log.iter().all(|delivery| delivery.done_at.is_some() && delivery.status == Some(204)));
        assert!(next(&world, NODE, id).await.is_none());
    }

    async fn a_webhook_is_one_nodes_until_that_has_died(world: World) {
        let pizza = world.environment("pizza").await;
        let id = create(&world, &pizza.administrator.caller, &["user.*"]).await.unwrap().id;
        change(&world, &pizza, "one").await;
        let window = next(&world, NODE, id).await.unwrap();
        assert!(next(&world, OTHER, id).await.is_none());
        world.wait(Duration::from_secs(10));
        world.directory.keep_webhooks(NODE, vec![id]).await.unwrap();
        world.wait(Duration::from_secs(10));
        assert!(next(&world, OTHER, id).await.is_none());
        world.wait(Duration::from_secs(10));
        let again = next(&world, OTHER, id).await.unwrap();
        assert_eq!(again.jobs[0].number, window.jobs[0].number);
        // The first one lives after all: what it says counts no more.
        settle(&world, id, &window, Some(204), "").await;
        assert!(log(&world, &pizza.administrator.caller, id).await[0].done_at.is_none());
    }

    async fn what_fails_is_tried_for_three_days_and_then_given_up_and_the_webhook_paused(world: World) {
        let pizza = world.environment("pizza").await;
        let boss = &pizza.administrator.caller;
        let id = create(&world, boss, &["user.updated"]).await.unwrap().id;
        change(&world, &pizza, "one").await;
        let mut tries = 0;
        loop {
            if let Some(window) = next(&world, NODE, id).await {
                assert_eq!(window.jobs.len(), 1);
                settle(&world, id, &window, Some(500), "it answered 500").await;
                tries += 1;
                continue;
            }
            let waits = log(&world, boss, id).await.remove(0).next_try_at;
            if waits.is_none() || !get(&world, boss, id).await.unwrap().enabled {
                break;
            }
            assert!(get(&world, boss, id).await.unwrap().failing_since.is_some());
            world.wait(Duration::from_secs(600));
        }
        assert!((12..30).contains(&tries), "{tries}");
        // Nothing but failures, still: switched off with the next.
        world.wait(DAY);
        change(&world, &pizza, "two").await;
        let mut paused = get(&world, boss, id).await.unwrap();
        while paused.enabled {
            if let Some(window) = next(&world, NODE, id).await {
                settle(&world, id, &window, None, "no answer within 15 seconds").await;
            }
            world.wait(Duration::from_secs(600));
            paused = get(&world, boss, id).await.unwrap();
        }
        assert!(paused.paused_at.is_some());
        assert!(world.events().iter().any(|event| event.verb == "webhook.paused"));
        // What happens meanwhile is told once it is on again.
        change(&world, &pizza, "three").await;
        assert!(next(&world, NODE, id).await.is_none());
        let on = WebhookChanges { enabled: Some(true), ..Default::default() };
        let on = update(&world, boss, id, on).await.unwrap();
        assert!(on.paused_at.is_none() && on.failing_since.is_none());
        world.wait(DAY);
        let window = next(&world, NODE, id).await.unwrap();
        assert!(window.jobs.iter().any(|job| job.event.as_ref().unwrap().changes.contains("three")));
    }

    async fn a_webhook_that_is_tired_is_tried_with_one_delivery_at_a_time(world: World) {
        let pizza = world.environment("pizza").await;
        let boss = &pizza.administrator.caller;
        let id = create(&world, boss, &["user.updated"]).await.unwrap().id;
        for n in 0..20 {
            change(&world, &pizza, &format!("change {n}")).await;
        }
        let window = next(&world, NODE, id).await.unwrap();
        assert_eq!(window.jobs.len(), 20);
        settle(&world, id, &window, None, "connecting: connection refused").await;
        assert!(next(&world, NODE, id).await.is_none());
        world.wait(Duration::from_secs(301));
        let probe = next(&world, NODE, id).await.unwrap();
        assert_eq!(probe.jobs.len(), 1);
        settle(&world, id, &probe, Some(200), "").await;
        assert_eq!(next(&world, NODE, id).await.unwrap().jobs.len(), 19);
    }

    async fn pings_and_redeliveries_are_delivered_at_once(world: World) {
        let pizza = world.environment("pizza").await;
        let boss = &pizza.administrator.caller;
        let id = create(&world, boss, &["group.*"]).await.unwrap().id;
        let ping = || world.directory.write(boss.clone(), move |tx, actor| webhooks::ping(tx, actor, id));
        let (first, event) = world.accounted(ping()).await;
        assert_eq!((event.verb.as_str(), first.number), ("webhook.pinged", 1));
        // One that waits is the one.
        assert_eq!(world.unchanged(ping()).await.unwrap().number, 1);
        let window = next(&world, NODE, id).await.unwrap();
        assert_eq!(told(&window), ["ping"]);
        settle(&world, id, &window, Some(200), "").await;
        assert!(next(&world, NODE, id).await.is_none());
        let again = |n| world.directory.write(boss.clone(), move |tx, actor| webhooks::redeliver(tx, actor, id, n));
        world.accounted(again(1)).await;
        assert_eq!(next(&world, NODE, id).await.unwrap().jobs[0].number, 1);
        assert!(matches!(again(7).await, Err(Error::NotFound(Noun::Delivery))));
    }

    async fn the_log_is_kept_for_a_week(world: World) {
        let pizza = world.environment("pizza").await;
        let boss = &pizza.administrator.caller;
        let id = create(&world, boss, &["user.updated"]).await.unwrap().id;
        change(&world, &pizza, "one").await;
        let window = next(&world, NODE, id).await.unwrap();
        settle(&world, id, &window, Some(200), "").await;
        world.wait(DAY * 6);
        while world.directory.sweep().await.unwrap() {}
        assert_eq!(log(&world, boss, id).await.len(), 1);
        world.wait(DAY * 2);
        while world.directory.sweep().await.unwrap() {}
        assert!(log(&world, boss, id).await.is_empty());
    }

    async fn secrets_are_sealed_and_go_with_another_key(world: World) {
        let pizza = world.environment("pizza").await;
        let boss = &pizza.administrator.caller;
        let id = create(&world, boss, &["user.updated"]).await.unwrap().id;
        let rotate = world.directory.write(boss.clone(), move |tx, actor| webhooks::rotate(tx, actor, id));
        let secret = rotate.await.unwrap().1;
        assert!(!format!("{:?}", world.dump()).contains(&secret.expose()));
        let effects = world.directory.effects();
        let ring = effects.keys.ring().prepare(&effects.randomness).unwrap().promote();
        effects.keys.take_up(ring).unwrap();
        let anew = world.directory.reseal(|_| ()).await.unwrap();
        assert_eq!((anew.rows["webhooks"], anew.rows["old webhook secrets"], anew.left), (1, 1, 0));
        change(&world, &pizza, "one").await;
        let window = next(&world, NODE, id).await.unwrap();
        assert_eq!(window.secrets.len(), 2);
        assert_eq!(window.secrets[0].expose(), secret.expose());
    }

    async fn an_environment_goes_with_its_webhooks(world: World) {
        let pizza = world.environment("pizza").await;
        let id = create(&world, &pizza.administrator.caller, &["*"]).await.unwrap().id;
        change(&world, &pizza, "one").await;
        assert!(next(&world, NODE, id).await.is_some());
        let named = pizza.name();
        let delete = move |tx: &mut Tx<'_>, actor: &Actor| {
            directory::environments::delete(tx, actor, &named, Some("pizza"))
        };
        world.directory.write(world.operator.caller.clone(), delete).await.unwrap();
        assert!(world.directory.next_deliveries(NODE, id).await.unwrap().is_none());
    }

    async fn the_stream_takes_the_right_to_see_the_audit_trail(world: World) {
        let pizza = world.environment("pizza").await;
        let auditor = world.holder(&pizza, &["view_audit"]).await.caller;
        let manager = world.holder(&pizza, &["manage_webhook", "view_user"]).await.caller;
        change(&world, &pizza, "one").await;
        chain(&world).await;
        let latest = world.directory.read(auditor.clone(), events::latest).await.unwrap();
        let read = |tx: &mut Tx<'_>, actor: &Actor| events::after(tx, actor, 0, 1000);
        let all = world.directory.read(auditor.clone(), read).await.unwrap();
        assert_eq!((all.up_to, all.more), (latest, false));
        assert!(all.events.iter().any(|event| event.name == "user.updated"));
        assert!(matches!(world.directory.read(manager, read).await, Err(Error::Forbidden(_))));
        let elsewhere = world.environment("pasta").await.administrator.caller;
        let theirs = world.directory.read(elsewhere, read).await.unwrap();
        assert!(theirs.events.iter().all(|event| !event.changes.contains("one")));
    }

    async fn of_what_is_over_the_last_ten_thousand_are_kept_and_what_waits_is(world: World) {
        let pizza = world.environment("pizza").await;
        let boss = &pizza.administrator.caller;
        let webhook = create(&world, boss, &["user.updated"]).await.unwrap();
        let many = |tx: &mut Tx<'_>, actor: &Actor| {
            (0..10_600).try_for_each(|n| audit::record(tx, actor, "user.updated", &n, Changes::default()))
        };
        world.directory.write(boss.clone(), many).await.unwrap();
        while let Some(window) = next(&world, NODE, webhook.id).await {
            let settled = window.jobs.iter().map(|job| {
                // The very first is not taken, and waits.
                let taken = job.number != 1;
                let trouble = if taken { "" } else { "it answered 500" }.to_owned();
                Settled { number: job.number, outcome: Outcome { status: Some(if taken { 204 } else { 500 }), trouble } }
            });
            world.directory.settle_deliveries(NODE, webhook.id, settled.collect()).await.unwrap();
        }
        let read = move |tx: &mut Tx<'_>, actor: &Actor| webhooks::deliveries(tx, actor, webhook.id, 1001, 1000);
        let old = world.directory.read(boss.clone(), read).await.unwrap();
        let numbers: Vec<i64> = old.iter().rev().map(|delivery| delivery.number).collect();
        assert_eq!((numbers[0], numbers[1], numbers.len()), (1, 601, 401));
    }
}
