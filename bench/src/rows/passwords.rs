//! Making users with a password, and signing in; beside raw hashing on all cores.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use crate::load::{Call, Counted, Until, closed};
use crate::report::{Row, Target, Unit};
use crate::{Name, people, raw};

use super::{PAUSE, ROUNDS, Rounds, Run, WITH_PASSWORD, say, taken};

/// Fewer than the server lets wait for a hashing thread.
const CONNECTIONS: usize = 16;
const TARGET: f64 = 0.95;
/// So many people sign in by turns at least: never one at two places at once.
const PEOPLE: u64 = 64;

impl Run<'_> {
    pub(super) async fn password_rows(&self, rows: &mut Vec<Row>) -> anyhow::Result<()> {
        if self.options.wants(Name::Password) {
            say("creating users with passwords");
            let what = "POST /api/v2/user with a password";
            rows.push(self.hashing(Name::Password, what, self.create(), &self.counters.with_password).await?);
        }
        if self.options.wants(Name::SignIn) {
            say("signing in");
            let sign_in = self.sign_in().await?;
            let what = "POST /api/v2/user/login";
            rows.push(self.hashing(Name::SignIn, what, sign_in, &self.counters.signed_in).await?);
        }
        Ok(())
    }

    /// What makes one user with a password after another.
    pub(super) fn create(&self) -> Arc<Call> {
        let held = self.held.clone();
        let body = move |number| people::create(number, &held);
        let request = move |target: &crate::http::Target, number| target.post("/api/v2/user", &body(number));
        Arc::new(Call { request: Box::new(request), expected: 201, answered: None })
    }

    /// What signs in one after another of those who have a password; makes some if there are too few.
    pub(super) async fn sign_in(&self) -> anyhow::Result<Arc<Call>> {
        let next = &self.counters.with_password;
        let there = taken(next) - WITH_PASSWORD;
        if there < PEOPLE {
            let first = Arc::new(AtomicU64::new(taken(next)));
            let target = self.installed.v2(&self.server);
            closed(&target, CONNECTIONS, Until::Count(PEOPLE - there), &first, &self.create()).await?;
            next.store(WITH_PASSWORD + PEOPLE, std::sync::atomic::Ordering::Relaxed);
        }
        let people = taken(next) - WITH_PASSWORD;
        let body = move |n| people::sign_in(WITH_PASSWORD + n % people);
        let request = move |target: &crate::http::Target, n| target.post("/api/v2/user/login", &body(n));
        Ok(Arc::new(Call { request: Box::new(request), expected: 200, answered: None }))
    }

    async fn hashing(&self, name: Name, what: &str, call: Arc<Call>, next: &Arc<AtomicU64>) -> anyhow::Result<Row> {
        let target = self.installed.v2(&self.server);
        let mut rounds = Rounds::default();
        let (mut last, mut refused) = (Counted::default(), 0);
        for _ in 0..ROUNDS {
            let ours = closed(&target, CONNECTIONS, Until::Time(self.round()), next, &call).await?;
            tokio::time::sleep(PAUSE).await;
            let time = self.round();
            let most = tokio::task::spawn_blocking(move || raw::hashing::per_second(time)).await??;
            tokio::time::sleep(PAUSE).await;
            rounds.add(ours.per_second(), most);
            refused += ours.refused;
            last = ours;
        }
        Ok(Row {
            name: name.text(),
            what: format!("{what}, {CONNECTIONS} connections"),
            measured: rounds.measured(),
            unit: Unit::PerSecond,
            ceiling: Some(rounds.ceiling("raw Argon2id")),
            target: Some(Target::Ratio(TARGET)),
            note: format!("p50 {:.0} ms, p99 {:.0} ms, {refused} refused", last.permille(500), last.permille(990)),
            shows: None,
        })
    }
}
