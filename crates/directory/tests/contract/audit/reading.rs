//! Whoever asks about the past hears all of it that passes the filter, once, newest first, and nothing of others.

use super::{Row, chain, chains, change};
use directory::audit::{self, AuditFilter, AuditPage, Told, VerbFilter};
use directory::clock::Time;
use directory::id::UserId;
use directory::users::UserChanges;
use directory::{Error, Result};
use std::time::Duration;
use test_support::{Person, Tenant, World, on_every_engine};
use uuid::Uuid;

async fn page(world: &World, caller: &directory::actor::Caller, page: AuditPage) -> Result<audit::Found> {
    world.directory.report(caller.clone(), move |tx, actor| audit::list(tx, actor, &page)).await
}

/// All pages of a list, each this long.
async fn all(
    world: &World,
    caller: &directory::actor::Caller,
    system: bool,
    filter: &AuditFilter,
    limit: i64,
) -> Vec<Told> {
    let (mut events, mut cursor) = (Vec::new(), None);
    loop {
        let found = page(world, caller, AuditPage { system, filter: filter.clone(), cursor, limit }).await.unwrap();
        assert!(found.events.len() as i64 <= limit);
        events.extend(found.events);
        match found.next {
            Some(next) => cursor = Some(next),
            None => return events,
        }
    }
}

/// What a filter lets pass, by the plainest of means.
fn model(rows: &[Row], filter: &AuditFilter) -> Vec<i64> {
    let number = |row: &Row, name: &str| row[name].parse::<i64>().unwrap();
    let passes = |row: &&Row| {
        let at = Time::from_micros(number(row, "at"));
        filter.actor.is_none_or(|actor| row["actor"] == actor.0.simple().to_string())
            && filter.subject.as_ref().is_none_or(|subject| row["subject"] == *subject)
            && filter.request.as_ref().is_none_or(|request| row["request"] == *request)
            && filter.after.is_none_or(|after| at > after)
            && filter.before.is_none_or(|before| at < before)
            && match &filter.verb {
                Some(VerbFilter::Is(verb)) => row["verb"] == *verb,
                Some(VerbFilter::Under(family)) => row["verb"].starts_with(family),
                None => true,
            }
    };
    let mut found: Vec<&Row> = rows.iter().filter(passes).collect();
    found.sort_by_key(|row| std::cmp::Reverse((number(row, "at"), number(row, "sequence"))));
    found.into_iter().map(|row| number(row, "sequence")).collect()
}

async fn busy(world: &World) -> (Tenant, Person) {
    let pizza = world.environment("pizza").await;
    let boss = world.administrator(&pizza).await;
    for round in 0..4 {
        change(world, &pizza, 2).await;
        let address = format!("new{round}@example.com");
        let made = world.create_as(&boss.caller, &address, UserChanges::default()).await.unwrap().account.id;
        world.group(&pizza, &[]).await;
        world.remove(&boss.caller, made).await.unwrap();
        match round {
            2 => world.clock.set_back(Duration::from_secs(2)),
            _ => world.wait(Duration::from_secs(1)),
        }
    }
    chain(&world.directory).await;
    (pizza, boss)
}

on_every_engine! {
    async fn filters_say_what_a_model_says_page_by_page(world: World) {
        let (pizza, boss) = busy(&world).await;
        let rows = &chains(&world)[&pizza.id.to_string()];
        let somebody = rows.iter().find(|row| row["verb"] == "user.removed").unwrap()["subject"].clone();
        let at = |n: usize| Some(Time::from_micros(rows[n]["at"].parse().unwrap()));
        let actors = [None, Some(boss.id), Some(UserId(Uuid::nil()))];
        let subjects = [None, Some(somebody), Some("nothing".to_owned())];
        let under = |family: &str| Some(VerbFilter::Under(family.to_owned()));
        let verbs = [
            None, Some(VerbFilter::Is("user.created".into())), Some(VerbFilter::Is("user.".into())), under("user."),
            under("group."), under("us_r."), under("no."),
        ];
        let times = [(None, None), (at(5), None), (None, at(9)), (at(4), at(11))];
        let requests = [None, Some("test".to_owned()), Some("other".to_owned())];
        let mut seen = 0;
        for (n, ((actor, subject), (verb, ((after, before), request)))) in actors
            .iter()
            .flat_map(|actor| subjects.iter().map(move |subject| (actor, subject)))
            .flat_map(|first| verbs.iter().map(move |verb| (first, verb)))
            .flat_map(|(first, verb)| times.iter().map(move |times| (first, (verb, times))))
            .flat_map(|(first, (verb, times))| requests.iter().map(move |request| (first, (verb, (*times, request)))))
            .enumerate()
        {
            let filter = AuditFilter {
                actor: *actor,
                subject: subject.clone(),
                verb: verb.clone(),
                request: request.clone(),
                after,
                before,
            };
            let limit = [1, 3, 7, 1000][n % 4];
            let found = all(&world, &pizza.administrator.caller, false, &filter, limit).await;
            let sequences: Vec<i64> = found.iter().map(|told| told.sequence).collect();
            assert_eq!(sequences, model(rows, &filter), "{filter:?}");
            seen += sequences.len();
        }
        assert!(seen > 300, "{seen}");
    }

    async fn nobody_reads_what_is_not_theirs(world: World) {
        let (pizza, boss) = busy(&world).await;
        let other = world.other_environment_administrator().await;
        let auditor = world.holder(&pizza, &["view_audit"]).await;
        chain(&world.directory).await;
        let filter = AuditFilter::default();
        let asked = |system| AuditPage { system, filter: AuditFilter::default(), cursor: None, limit: 1000 };
        let own: Vec<String> = chains(&world)[&pizza.id.to_string()].iter().map(|row| row["hash"].clone()).collect();
        for reader in [&boss.caller, &auditor.caller, &world.operator.in_environment(&pizza)] {
            let mut heard: Vec<String> = all(&world, reader, false, &filter, 1000).await.iter().map(|told| told.hash.to_string()).collect();
            heard.reverse();
            heard.sort_by_key(|hash| own.iter().position(|known| known == hash));
            assert_eq!(heard, own);
        }
        let theirs = all(&world, &other.caller, false, &filter, 1000).await;
        assert!(theirs.iter().all(|told| !own.contains(&told.hash.to_string())));
        let member = world.member(&pizza).await;
        assert!(matches!(page(&world, &member.caller, asked(false)).await, Err(Error::Forbidden(_))));
        for reader in [&boss.caller, &auditor.caller, &other.caller, &member.caller] {
            assert!(matches!(page(&world, reader, asked(true)).await, Err(Error::Forbidden(_))));
            let export = world.directory.report(reader.clone(), |tx, actor| audit::export(tx, actor, true, None, 10).map(drop));
            assert!(matches!(export.await, Err(Error::Forbidden(_))));
        }
        let system = all(&world, &world.operator.caller, true, &filter, 1000).await;
        assert_eq!(system.len(), chains(&world)["0"].len());
    }

    async fn a_cursor_is_good_for_its_own_list_alone(world: World) {
        let (pizza, boss) = busy(&world).await;
        let first = AuditPage { system: false, filter: AuditFilter::default(), cursor: None, limit: 2 };
        let next = page(&world, &boss.caller, first.clone()).await.unwrap().next;
        assert!(page(&world, &pizza.administrator.caller, AuditPage { cursor: next.clone(), ..first.clone() }).await.is_ok());
        let other = world.other_environment_administrator().await;
        let filter = AuditFilter { subject: Some("x".to_owned()), ..AuditFilter::default() };
        let foreign = AuditPage { cursor: next.clone(), ..first.clone() };
        assert!(matches!(page(&world, &other.caller, foreign).await, Err(Error::Invalid(_))));
        for wrong in [
            AuditPage { cursor: next, filter, ..first.clone() },
            AuditPage { cursor: Some("AAAA".to_owned()), ..first.clone() },
            AuditPage { cursor: Some("%".to_owned()), ..first },
        ] {
            assert!(matches!(page(&world, &boss.caller, wrong).await, Err(Error::Invalid(_))));
        }
    }
}
