//! Random people, through sessions and tokens, call random routes about random things in three environments, as the network
//! would. After each call a small model, read from the store, says whether the rules still hold. A route that has no
//! random calls fails the test.

mod calls;
mod factors;
mod model;
mod rules;

use axum::Router;
use axum::body::Body;
use axum::extract::{ConnectInfo, Request};
use calls::{CHOSEN, Call, Dice, PERMISSIONS, ROUTES, Table};
use directory::clock::Clock;
use directory::mail::Subject;
use directory::menus::MenuChanges;
use directory::secret::TokenSecret;
use directory::tokens::Ceiling;
use directory::users::UserChanges as Fields;
use factors::Pocket;
use model::{Model, dashed};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestCaseError, TestRunner};
use rolebook::app::{self, App};
use rules::Played;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use test_support::{Engine, Tenant, World};
use tower::ServiceExt;
use tower_http::normalize_path::NormalizePath;

/// What the things of each environment are called by, and nothing else is.
const WORDS: [&str; 3] = ["quagmire", "xylophone", "walnut"];

struct Game {
    world: World,
    service: NormalizePath<Router>,
    words: Vec<(String, String)>,
    kept: Vec<String>,
    /// What can be shown, ended or not.
    bearers: Vec<String>,
    refreshes: Vec<String>,
    passwords: Vec<(String, String)>,
    pocket: Pocket,
    model: Arc<Model>,
    told: Vec<String>,
}

impl Game {
    async fn new(engine: Engine) -> Game {
        let world = World::new(engine).await;
        let tenants =
            [world.environment(WORDS[0]).await, world.environment(WORDS[1]).await, world.environment(WORDS[2]).await];
        let directory = world.directory.clone();
        let service = app::service(App::new(directory, "https://id.example"));
        let model = Arc::new(Model::of(world.snapshot()));
        let mut words: Vec<(String, String)> =
            tenants.iter().map(|tenant| (tenant.id.to_string(), tenant.key.clone())).collect();
        words.push((world.head_office.id.to_string(), world.head_office.key.clone()));
        let kept = words.iter().map(|(id, _)| id.clone()).collect();
        let (bearers, refreshes, passwords, told) = (vec![], vec![], vec![], vec![]);
        let pocket = Pocket::default();
        let mut game = Game { world, service, words, kept, bearers, refreshes, passwords, pocket, model, told };
        game.people(&tenants).await;
        game.model = Arc::new(Model::of(game.world.snapshot()));
        game
    }

    async fn people(&mut self, tenants: &[Tenant; 3]) {
        let world = &self.world;
        let mut cast = vec![world.operator.clone(), world.again(&world.operator, None).await];
        let low = Ceiling::Permissions(vec!["view_user".into(), "change_user".into()]);
        cast.push(world.with_token(&world.operator, low.clone()).await);
        for tenant in tenants {
            world.permission(&tenant.administrator.caller, "approve").await.unwrap();
            let menu = format!("{} menu", tenant.key);
            world.menu(&tenant.administrator.caller, &menu, MenuChanges::default()).await.unwrap();
            let administrator = world.administrator(tenant).await;
            cast.push(world.with_token(&administrator, low.clone()).await);
            let manager =
                world.holder(tenant, &["view_user", "add_user", "change_user", "view_group", "change_group"]).await;
            cast.push(world.with_token(&manager, Ceiling::Permissions(vec!["view_user".into()])).await);
            let all = world.holder(tenant, &PERMISSIONS).await;
            cast.extend([world.member(tenant).await, tenant.administrator.clone(), administrator, manager, all]);
        }
        // One account of two environments, and one that the second waits for.
        let shared = world.person(&tenants[0], Fields::default()).await;
        for (with, accepted) in [(shared, true), (cast[3].clone(), false)] {
            world.create(&tenants[1], &with.email, Fields::default()).await.unwrap();
            let mut now = with.clone();
            if accepted {
                let token = world.mailed_link(&with.email).await.unwrap();
                let body = json!({"token": token, "password": CHOSEN});
                let (status, text) = self.send(&Call::plain("POST", "/api/v2/invitation/accept", body)).await;
                assert_eq!(status, 200, "{text}");
                now.password = CHOSEN.to_owned();
                for tenant in &tenants[..2] {
                    cast.push(world.again(&now, Some(tenant)).await);
                }
            }
        }
        for person in cast {
            let id = person.id.to_string().replace('-', "");
            if !self.passwords.iter().any(|(known, _)| *known == id) {
                self.passwords.push((id, person.password));
            }
            self.refreshes.extend(person.refresh);
            self.bearers.push(person.token);
        }
    }

    async fn send(&self, call: &Call) -> (u16, String) {
        let v1 = call.route.starts_with("/api/v1");
        let mut request = Request::builder().method(call.method).uri(&call.target);
        if let Some(token) = &call.token {
            request = match v1 {
                true => request.header("X-Auth-Token", token),
                false => request.header("Authorization", format!("Bearer {token}")),
            };
        }
        if let Some(claims) = call.claims.as_ref().filter(|_| v1) {
            request = request.header("X-User-Id", dashed(claims));
        }
        if let Some(environment) = call.environment.as_ref().filter(|_| !v1) {
            request = request.header("X-Environment-Id", environment);
        }
        if let Some(key) = &call.repeat {
            request = request.header("Idempotency-Key", key);
        }
        let body = match &call.body {
            Value::Null => Body::empty(),
            body => {
                request = request.header("Content-Type", "application/json");
                Body::from(body.to_string())
            }
        };
        let mut request = request.body(body).unwrap();
        let address: SocketAddr = "192.0.2.1:5000".parse().unwrap();
        request.extensions_mut().insert(ConnectInfo(address));
        let response = self.service.clone().oneshot(request).await.unwrap();
        let status = response.status().as_u16();
        let bytes = axum::body::to_bytes(response.into_body(), usize::MAX).await.unwrap();
        (status, String::from_utf8(bytes.to_vec()).unwrap())
    }

    /// A random call, by somebody who may be anybody.
    async fn call(&mut self, dice: &mut Dice, never: &[(&'static str, &'static str)]) -> Call {
        let of: usize = ROUTES.iter().map(|(.., weight)| weight).sum();
        let mut at = dice.roll(of);
        let by_weight = ROUTES.iter().find(|(.., weight)| match at.checked_sub(*weight) {
            Some(left) => {
                at = left;
                false
            }
            None => true,
        });
        // What was never served yet is tried more often: it takes somebody who may, and what it is about.
        let (method, route) = match never.is_empty() || !dice.one_in(3) {
            true => by_weight.map(|(method, route, _)| (*method, *route)).unwrap(),
            false => self.model.first(dice.pick(never)),
        };
        if route.starts_with("/api/v2/audit") {
            // What happened a moment ago is there to be read.
            while self.world.directory.chain_audit().await.unwrap() {}
            self.model = Arc::new(Model::of(self.world.snapshot()));
        }
        let mut call = Call::plain(method, route, Value::Null);
        call.token = match dice.roll(20) {
            0 => None,
            1..=3 => Some(dice.pick(&self.bearers[..2])),
            _ => Some(dice.pick(&self.bearers)),
        };
        // Mostly by who has what it takes.
        let able = |token: &&String| {
            self.model.owner(token).is_some_and(|owner| self.pocket.can(route, &owner))
                || self.model.minds_one(token, route)
        };
        let able: Vec<String> = self.bearers.iter().filter(able).cloned().collect();
        if !able.is_empty() && !dice.one_in(4) {
            call.token = Some(dice.pick(&able));
        }
        let owner = call.token.as_ref().and_then(|token| self.model.owner(token));
        let home = call.token.as_ref().and_then(|token| self.model.home(token));
        let v1 = route.starts_with("/api/v1");
        let named = match dice.roll(6) {
            0 => Some(dice.pick(&self.kept)),
            1 => home.clone(),
            _ if v1 => home.clone(),
            _ => None,
        };
        let here = named.clone().or(home).unwrap_or_else(|| self.kept[0].clone());
        call.environment =
            named.and_then(|id| self.model.environments.get(&id)).map(|environment| match dice.one_in(2) {
                true => environment.key.clone(),
                false => environment.uuid.clone(),
            });
        let word = self.words.iter().find(|(id, _)| *id == here).map_or("made", |(_, word)| word).to_owned();
        let mut link = None;
        let wanted: Option<fn(&Subject) -> bool> = match route {
            "/api/v2/invitation/accept" | "/api/v2/invitation/{token}" => {
                Some(|subject| matches!(subject, Subject::Invitation { .. } | Subject::Join { .. }))
            }
            "/api/v2/password/reset" => Some(|subject| matches!(subject, Subject::Reset { .. })),
            "/api/v2/user/me/email/confirm" => Some(|subject| matches!(subject, Subject::Address { .. })),
            _ => None,
        };
        if let Some(wanted) = wanted {
            let waiting = self.world.directory.outbox(0, 10_000).await.unwrap();
            let fitting = waiting.iter().filter(|waiting| wanted(&waiting.mail.subject));
            let links: Vec<String> =
                fitting.filter_map(|waiting| waiting.mail.subject.token().map(TokenSecret::expose)).collect();
            // Mostly a new one: older ones are often void.
            let new = links.len().saturating_sub(1 + dice.roll(4));
            link = links.get(new).cloned();
        }
        let refresh = Some(dice.pick(&self.refreshes));
        let (fresh, model) = (self.world.number(), &self.model);
        let (kept, passwords) = (&self.kept[..], &self.passwords[..]);
        let table = Table { model, here, word, fresh, kept, refresh, link, passwords };
        call.claims = match dice.roll(12) {
            0 => Some(table.somebody(dice)),
            _ => owner,
        };
        if method == "POST" && route.starts_with("/api/v2") && !table.opening(route) && dice.one_in(5) {
            call.repeat = Some(format!("again{}", dice.roll(3)));
        }
        table.fill(dice, &mut call);
        let now = jiff::Timestamp::from(Clock::from(self.world.clock.clone()).now()).as_second();
        self.pocket.show(dice, &self.model, now, &mut call);
        call
    }

    async fn play(&mut self, seed: u64, served: &Mutex<BTreeSet<(&'static str, &'static str)>>) -> Result<(), String> {
        let mut dice = Dice(seed);
        let known = served.lock().unwrap().clone();
        let never: Vec<_> =
            ROUTES.iter().map(|(method, route, _)| (*method, *route)).filter(|route| !known.contains(route)).collect();
        let call = self.call(&mut dice, &never).await;
        self.world.wait(Duration::from_millis(10));
        let claimed = call.route.starts_with("/api/v1").then_some(call.claims.as_ref()).flatten();
        let power = call.token.as_ref().and_then(|token| self.model.power(token, call.environment.as_deref()));
        let power = power.filter(|power| claimed.is_none_or(|claimed| *claimed == power.account));
        let (status, body) = self.send(&call).await;
        let stored = self.world.snapshot();
        let after = match stored == self.model.dump {
            true => self.model.clone(),
            false => Arc::new(Model::of(stored)),
        };
        let told = format!("{status} to {call:?} by {power:?}: {body}");
        let (before, words) = (&self.model, &self.words[..]);
        let played = Played { call: &call, status, body: &body, before, after: &after, power: power.as_ref(), words };
        played.judge().map_err(|wrong| format!("{wrong}\n{told}"))?;
        if status < 300 {
            served.lock().unwrap().insert((call.method, call.route));
            if call.method != "GET" {
                self.told.push(told.clone());
            }
        }
        // What was good a moment ago and is no more is refused now, whatever the server remembers.
        let ended: Vec<_> = self
            .bearers
            .iter()
            .filter(|t| self.model.power(t, None).is_some() && after.power(t, None).is_none())
            .collect();
        for token in ended {
            let mut probe = Call::plain("GET", "/api/v2/user/me/menus", Value::Null);
            probe.token = Some(token.clone());
            let (status, body) = self.send(&probe).await;
            if !matches!(status, 401 | 403) {
                return Err(format!("still served: {status} {body}\nafter {told}"));
            }
        }
        let answer: Value = serde_json::from_str(&body).unwrap_or_default();
        for token in [&answer["access"], &answer["data"]["authToken"]] {
            self.bearers.extend(token.as_str().map(str::to_owned));
        }
        self.refreshes.extend(answer["refresh"].as_str().map(str::to_owned));
        if status < 300 {
            self.pocket.take(&self.model, &call, &answer);
        }
        // Of a login that must take a step first: good for that alone.
        self.bearers.extend(answer["token"].as_str().filter(|_| status >= 400).map(str::to_owned));
        self.model = after;
        Ok(())
    }
}

impl Call {
    fn plain(method: &'static str, route: &'static str, body: Value) -> Call {
        let target = route.to_owned();
        Call { method, route, target, token: None, claims: None, environment: None, body, repeat: None }
    }
}

/// Plays random sequences of calls; one that breaks a rule is made as short as it still does.
fn play(engine: Engine, cases: u32, steps: usize, every: bool) {
    if !engine.wanted() {
        return;
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let served = Mutex::new(BTreeSet::new());
    let games = |cases: u32| {
        let config = Config { cases, max_shrink_iters: 150, failure_persistence: None, ..Config::default() };
        let seeds = prop::collection::vec(any::<u64>().no_shrink(), 1..=2 * steps);
        let outcome = TestRunner::new(config).run(&seeds, |seeds| {
            runtime.block_on(Box::pin(async {
                let mut game = Game::new(engine).await;
                for seed in &seeds {
                    let played = Box::pin(game.play(*seed, &served)).await;
                    let before = |wrong| format!("{wrong}\nafter:\n{}", game.told.join("\n"));
                    played.map_err(|wrong| TestCaseError::fail(before(wrong)))?;
                }
                Ok(())
            }))
        });
        if let Err(found) = outcome {
            panic!("{found}");
        }
    };
    let never = || -> Vec<(&str, &str)> {
        let served = served.lock().unwrap();
        let all = ROUTES.iter().map(|(method, route, _)| (*method, *route));
        all.filter(|route| !served.contains(route) && !NEVER.iter().any(|(never, _)| never == route)).collect()
    };
    games(cases);
    // Who was unlucky is given some games more.
    for _ in 0..if every { 6 } else { 0 } {
        if !never().is_empty() {
            games(cases / 6);
        }
    }
    assert!(!every || never().is_empty(), "never once served, so never tried: {:?}", never());
}

/// Routes that the game need not get an answer from, and why. May only shrink.
const NEVER: [((&str, &str), &str); 0] = [];

#[test]
fn nobody_gets_further_than_they_may_sqlite() {
    play(Engine::Sqlite, 120, 40, true);
}

#[test]
fn nobody_gets_further_than_they_may_postgres() {
    play(Engine::Postgres, 3, 30, false);
}

#[test]
fn every_route_is_played() {
    let declared = rolebook::app::every_route();
    // The console asks the same verbs by other addresses, and has tests of its own.
    let declared: BTreeSet<(&str, &str)> = declared
        .iter()
        .map(|(method, path)| (method.as_str(), path.as_str()))
        .filter(|(_, path)| path.starts_with("/api/"))
        .collect();
    let played: BTreeSet<(&str, &str)> = ROUTES.iter().map(|(method, route, _)| (*method, *route)).collect();
    assert_eq!(declared, played, "declared, and played");
}
