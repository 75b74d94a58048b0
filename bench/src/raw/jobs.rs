//! What one call writes, statement by statement. Knows no database.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use uuid::Uuid;

use super::{Sql, Value};
use crate::people::{Held, email, name, scattered};

/// The statements of one transaction with their values, in order.
pub(crate) type Job = Vec<(Sql, Vec<Value>)>;

/// What jobs are about.
#[derive(Clone)]
pub(crate) struct World {
    /// The environment's id in the database.
    pub(crate) environment: i64,
    /// Who acts.
    pub(crate) actor: Uuid,
    pub(crate) held: Held,
    /// The users' ids by number.
    pub(crate) users: Arc<Vec<Uuid>>,
    /// How far the chain has come, where a change's event is chained in its transaction.
    pub(crate) chained: Option<Arc<AtomicI64>>,
}

impl World {
    /// The `n`-th change of a name. Groups and menus are looked up in what is remembered.
    pub(crate) fn modify(&self, n: u64) -> Job {
        let number = scattered(n) % self.users.len() as u64;
        let id = self.users[number as usize];
        let (here, user) = (Value::Integer(self.environment), bytes(id));
        let (address, name) = (text(&email(number)), name(number, n + 1));
        let changes = format!(r#"{{"name":["Person {number} {n}","{name}"]}}"#);
        let mut job = vec![
            (Sql::AccountByEmail, vec![address]),
            (Sql::HoldAccount, vec![user.clone()]),
            (Sql::FindUser, vec![here.clone(), user.clone()]),
            (Sql::KeepUser, vec![Value::Integer(now()), here, user]),
            (Sql::UpdateUser, self.columns(id, &name)),
        ];
        job.extend(self.event("user.updated", id, changes));
        job
    }

    /// The user of this number, made as an unknown address: account, user, groups, menu, event, invitation.
    pub(crate) fn create(&self, number: u64) -> Job {
        let id = Uuid::now_v7();
        let (here, user, now) = (Value::Integer(self.environment), bytes(id), now());
        let (address, name) = (text(&email(number)), name(number, 0));
        let groups = self.held.groups_of(number);
        let changes = format!(
            r#"{{"active":[null,true],"administrator":[null,false],"email":[null,"{}"],"groups":[[],["{}","{}"]],"language":[null,"en"],"locale":[null,"en"],"menus":[[],["{}"]],"name":[null,"{name}"]}}"#,
            email(number),
            groups[0],
            groups[1],
            self.held.menu
        );
        let hash = random(number, 32);
        let lasts = Value::Integer(now + 30 * 24 * 3600 * 1_000_000);
        let mut job = vec![
            (Sql::AccountByEmail, vec![address.clone()]),
            (Sql::InsertAccount, self.account(id, &address, now)),
            (Sql::InsertUser, self.columns(id, &name)),
        ];
        for group in groups {
            let (never, since, by) = (Value::Null, Value::Integer(now), bytes(self.actor));
            job.push((Sql::AddToGroup, vec![here.clone(), user.clone(), Value::Integer(group), never, since, by]));
        }
        job.extend([(
            Sql::AddMenu,
            vec![here.clone(), user.clone(), Value::Integer(self.held.menu), Value::Integer(0), Value::Integer(now)],
        )]);
        job.extend(self.event("user.created", id, changes));
        job.extend([
            (
                Sql::InsertLink,
                vec![hash, text("invite"), user.clone(), here.clone(), Value::Integer(now), lasts, Value::Null],
            ),
            // As long as a sealed mail is.
            (Sql::InsertMail, vec![here, user, random(number, 170), Value::Integer(now)]),
        ]);
        job
    }

    fn account(&self, id: Uuid, address: &Value, now: i64) -> Vec<Value> {
        let mut values =
            vec![bytes(id), address.clone(), address.clone(), address.clone(), address.clone(), Value::Null];
        values.extend(std::iter::repeat_n(Value::Boolean(false), 5));
        values.extend([Value::Integer(self.environment), Value::Integer(now)]);
        values
    }

    /// A user's columns, as inserting and updating both want them.
    fn columns(&self, id: Uuid, name: &str) -> Vec<Value> {
        let (no, yes, empty) = (Value::Boolean(false), Value::Boolean(true), text(""));
        vec![
            Value::Integer(self.environment),
            bytes(id),
            text(name),
            empty.clone(),
            empty.clone(),
            empty,
            text("en"),
            text("en"),
            no.clone(),
            yes,
            no.clone(),
            no,
            Value::Null,
            // What a search looks through.
            Value::Text(format!("{}\n\n\n", name.to_lowercase())),
            Value::Integer(now()),
        ]
    }

    fn event(&self, verb: &str, subject: Uuid, changes: String) -> Job {
        let (request, chain) = (Uuid::now_v7(), Value::Integer(self.environment));
        let mut values = vec![
            Value::Integer(self.environment),
            Value::Integer(now()),
            bytes(self.actor),
            text("token"),
            bytes(self.actor),
            text(&request.to_string()),
            text("127.0.0.1"),
            text(verb),
            text(&subject.to_string()),
            Value::Text(changes),
            // The salts of its personal parts.
            random(now() as u64, 16),
            random(now() as u64 + 1, 16),
        ];
        let Some(chained) = &self.chained else {
            values.extend([Value::Null, Value::Null, Value::Null]);
            return vec![(Sql::InsertEvent, values)];
        };
        let place = chained.fetch_add(1, Ordering::Relaxed);
        let (sequence, hash) = (Value::Integer(place), random(place as u64, 32));
        values.extend([chain.clone(), sequence.clone(), hash.clone()]);
        let head = vec![chain.clone(), sequence, hash, Value::Integer(now())];
        vec![(Sql::FindHead, vec![chain]), (Sql::PutHead, head), (Sql::InsertEvent, values)]
    }
}

fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

fn bytes(id: Uuid) -> Value {
    Value::Bytes(id.as_bytes().to_vec())
}

/// Bytes that fall anywhere in an index, as hashes do.
fn random(number: u64, length: usize) -> Value {
    let words = (0..).map(|n| scattered(number.wrapping_mul(64).wrapping_add(n)));
    Value::Bytes(words.flat_map(u64::to_be_bytes).take(length).collect())
}

fn now() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_micros() as i64)
}

#[cfg(test)]
mod tests {
    use super::super::texts;
    use super::*;

    #[test]
    fn every_statement_gets_as_many_values_as_it_takes() {
        let held = Held { groups: (1..=9).collect(), menu: 1 };
        let texts = texts().unwrap();
        for chained in [None, Some(Arc::default())] {
            let (held, users) = (held.clone(), Arc::new(vec![Uuid::nil()]));
            let world = World { environment: 1, actor: Uuid::nil(), held, users, chained };
            for (sql, values) in world.modify(0).into_iter().chain(world.create(1)) {
                let numbers = texts[sql as usize].split('$').skip(1).map(|rest| {
                    let digits = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
                    rest[..digits].parse::<usize>().unwrap()
                });
                assert_eq!(Some(values.len()), numbers.max(), "{sql:?}: {}", texts[sql as usize]);
            }
        }
    }
}
