//! Random groups in groups, memberships that end, time and sweeps, against a model that is as naive as can be. After each
//! step every check, every user's permissions, every explanation and now and then what would be are as the model has them,
//! and on another node a second later too.

mod explained;
mod model;
mod steps;
mod what_if;

use directory::checks::{self, Question, Verdict};
use directory::error::Conflict;
use directory::groups::{self, Group, GroupChanges, GroupRef, GroupWish};
use directory::id::{GroupId, UserId};
use directory::tokens::Ceiling;
use directory::users::UserChanges as Fields;
use directory::{Directory, Error};
use model::{ASKED, DECLARED, Fault, Held, Model, Permissions, User};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestCaseError, TestRunner};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;
use steps::{ChangedGroup, ChangedUser, Ends, Step, step};
use test_support::{Engine, Person, START, Tenant, World, conferring};

/// What the API token among the callers may do at most.
const CEILING: [&str; 2] = ["view_user", "approve"];

fn named(bits: u8) -> Permissions {
    ASKED.iter().enumerate().filter(|(n, _)| bits & (1 << n) != 0).map(|(_, name)| *name).collect()
}

fn reference(id: GroupId) -> GroupRef {
    GroupRef::Id(Some(id), id.to_string())
}

fn references(ids: &BTreeSet<GroupId>) -> Vec<GroupRef> {
    ids.iter().map(|id| reference(*id)).collect()
}

fn nesting(ids: &BTreeSet<GroupId>) -> GroupChanges {
    GroupChanges { contains: Some(references(ids)), ..GroupChanges::default() }
}

struct Game {
    world: World,
    pizza: Tenant,
    /// Another node.
    other: Directory,
    model: Model,
    /// Whom steps are about.
    people: Vec<UserId>,
    sessions: Vec<Person>,
    /// One of them, showing an API token.
    token: Person,
}

impl Game {
    /// `tower`: so many groups stand within each other from the beginning.
    async fn new(engine: Engine, tower: usize) -> Game {
        let world = World::new(engine).await;
        let (pizza, sushi) = (world.environment("pizza").await, world.environment("sushi").await);
        let boss = pizza.administrator.clone();
        for declared in DECLARED {
            world.permission(&boss.caller, declared).await.unwrap();
        }
        let mut model = Model { now: START, groups: BTreeMap::new(), users: BTreeMap::new() };
        let first = world.group(&pizza, &CEILING).await;
        model.groups.insert(first, model::Group::default());
        model.set_permissions(first, &CEILING.into_iter().collect());
        let active = User { active: true, ..User::default() };
        let holder = Fields { groups: Some(vec![reference(first).into()]), ..Fields::default() };
        let token = world.person(&pizza, holder).await;
        let held = BTreeMap::from([(first, Held { ends: None, since: START })]);
        model.users.insert(token.id, User { held, ..active.clone() });
        let mut sessions = vec![token.clone()];
        for _ in 0..3 {
            let person = world.member(&pizza).await;
            model.users.insert(person.id, active.clone());
            sessions.push(person);
        }
        // One who never accepts, one who manages the system, and the administrator, whom nothing happens to.
        let pending = world.member(&sushi).await;
        world.create(&pizza, &pending.email, Fields::default()).await.unwrap();
        model.users.insert(pending.id, User { pending: true, ..active.clone() });
        let operator = &world.operator;
        world.create_as(&operator.in_environment(&pizza), &operator.email, Fields::default()).await.unwrap();
        model.users.insert(operator.id, User { operator: true, ..active.clone() });
        let people = model.users.keys().copied().collect();
        model.users.insert(boss.id, User { administrator: true, ..active });
        let ceiling = Ceiling::Permissions(CEILING.map(str::to_owned).to_vec());
        let token = world.with_token(&token, ceiling).await;
        let other = world.another_node();
        let mut game = Game { world, pizza, other, model, people, sessions, token };
        let mut inner = BTreeSet::new();
        for n in 0..tower {
            let id = game.new_group(named(1 << (n % 8)), inner).await.unwrap();
            inner = BTreeSet::from([id]);
        }
        game
    }

    fn group(&self, n: usize) -> GroupId {
        let ids: Vec<GroupId> = self.model.groups.keys().copied().collect();
        ids[n % ids.len()]
    }

    fn groups(&self, several: &[usize]) -> BTreeSet<GroupId> {
        if self.model.groups.is_empty() { BTreeSet::new() } else { several.iter().map(|n| self.group(*n)).collect() }
    }

    fn whom(&self, n: usize) -> UserId {
        self.people[n % self.people.len()]
    }

    fn wait(&mut self, span: Duration) {
        self.world.wait(span);
        self.model.now = self.model.now.plus(span);
    }

    // What is done, to the directory and to the model.

    async fn new_group(
        &mut self,
        permissions: Permissions,
        contains: BTreeSet<GroupId>,
    ) -> Result<GroupId, TestCaseError> {
        let mut then = self.model.clone();
        let by = self.pizza.administrator.caller.clone();
        let name = test_support::name(&format!("group {}", self.world.number()));
        let codenames: Vec<&str> = permissions.iter().copied().collect();
        let change = GroupChanges { contains: Some(references(&contains)), ..conferring(&codenames) };
        let made = self.world.directory.write(by, move |tx, actor| groups::create(tx, actor, &name, &change)).await;
        let id = made.as_ref().map_or(GroupId(i64::MAX), |group| group.id);
        then.groups.insert(id, model::Group::default());
        then.set_permissions(id, &permissions);
        then.set_contained(id, &contains);
        self.settle(made.map(drop), then)?;
        Ok(id)
    }

    /// Takes the change into the model where it can be, and makes sure that it was refused where not.
    fn settle(&mut self, done: directory::Result<()>, then: Model) -> Result<(), TestCaseError> {
        match (done, then.fault()) {
            (Ok(()), None) => self.model = then,
            (Err(Error::Conflict(Conflict::Cycle(_))), Some(Fault::Cycle)) => {}
            (Err(Error::Conflict(Conflict::TooDeep)), Some(Fault::TooDeep)) => {}
            (done, fault) => return Err(TestCaseError::fail(format!("{done:?}, and the model says {fault:?}"))),
        }
        Ok(())
    }

    async fn change_group(&mut self, change: &ChangedGroup) -> Result<(), TestCaseError> {
        let by = &self.pizza.administrator.caller;
        let (id, mut then) = (self.group(change.group), self.model.clone());
        if change.deleted {
            then.delete_group(id);
            let done = self.world.delete_group(by, id).await;
            return self.settle(done, then);
        }
        let (permissions, contains) = (change.permissions.map(named), change.contains.as_ref().map(|c| self.groups(c)));
        let spelled = permissions.as_ref().map(|all| all.iter().map(|name| (*name).to_owned()).collect());
        let wanted = GroupChanges {
            permissions: spelled,
            contains: contains.as_ref().map(references),
            ..GroupChanges::default()
        };
        let done = self.world.update_group(by, id, wanted).await;
        permissions.iter().for_each(|permissions| then.set_permissions(id, permissions));
        contains.iter().for_each(|contains| then.set_contained(id, contains));
        self.settle(done.map(drop), then)
    }

    async fn set_groups(&mut self, whom: UserId, wanted: BTreeMap<GroupId, Ends>) -> Result<(), TestCaseError> {
        let end = |ends: Ends| match ends {
            Ends::NotSaid => None,
            Ends::Never => Some(None),
            Ends::After { seconds } => Some(Some(self.model.now.plus(Duration::from_secs(seconds)))),
        };
        let wanted: BTreeMap<GroupId, _> = wanted.into_iter().map(|(id, ends)| (id, end(ends))).collect();
        let wishes = wanted.iter().map(|(id, ends)| GroupWish { group: reference(*id), ends: *ends }).collect();
        let fields = Fields { groups: Some(wishes), ..Fields::default() };
        let mut then = self.model.clone();
        then.set_groups(whom, &wanted);
        let done = self.world.update(&self.pizza.administrator.caller, whom, fields).await;
        self.settle(done.map(drop), then)
    }

    async fn change_user(&mut self, change: &ChangedUser) -> Result<(), TestCaseError> {
        let whom = self.whom(change.whom);
        if let Some(several) = &change.groups {
            let wanted = self.groups(several).into_iter().map(|id| (id, Ends::NotSaid)).collect();
            self.set_groups(whom, wanted).await?;
        }
        let (active, administrator) = (change.active, change.administrator);
        let fields = Fields { active, administrator, ..Fields::default() };
        let done = self.world.update(&self.pizza.administrator.caller, whom, fields).await;
        let was_active = self.model.users[&whom].active;
        let mut then = self.model.clone();
        apply(&mut then, whom, change);
        self.settle(done.map(drop), then)?;
        if !was_active && self.model.users[&whom].active {
            // Whoever was inactive has no session any more.
            if let Some(person) = self.sessions.iter_mut().find(|person| person.id == whom) {
                *person = self.world.again(person, Some(&self.pizza)).await;
            }
        }
        Ok(())
    }

    async fn sweep(&mut self) -> Result<(), TestCaseError> {
        let ended = |world: &World| world.events().iter().filter(|e| e.verb == "user.membership_ended").count();
        let before = ended(&self.world);
        prop_assert!(!self.world.directory.sweep().await.unwrap());
        prop_assert_eq!(ended(&self.world) - before, self.model.sweep());
        let held: usize = self.model.users.values().map(|user| user.held.len()).sum();
        prop_assert_eq!(self.world.dump().count("user_groups"), held);
        Ok(())
    }

    async fn play(&mut self, step: &Step) -> Result<(), TestCaseError> {
        let none = self.model.groups.is_empty();
        match step {
            Step::NewGroup { permissions, contains } => {
                let contains = self.groups(contains);
                self.new_group(named(*permissions), contains).await?;
            }
            Step::Change(_) | Step::Join { .. } | Step::WhatIf { .. } if none => {}
            Step::Change(change) => self.change_group(change).await?,
            Step::Groups { whom, groups } => {
                let wanted = match none {
                    true => BTreeMap::new(),
                    false => groups.iter().map(|(n, ends)| (self.group(*n), *ends)).collect(),
                };
                self.set_groups(self.whom(*whom), wanted).await?;
            }
            Step::Join { whom, group, ends } => {
                let whom = self.whom(*whom);
                let held = self.model.counting(whom).into_iter().map(|id| (id, Ends::NotSaid));
                let wanted = held.chain([(self.group(*group), *ends)]).collect();
                self.set_groups(whom, wanted).await?;
            }
            Step::User(change) => self.change_user(change).await?,
            Step::Wait { milliseconds } => self.wait(Duration::from_millis(*milliseconds)),
            Step::ToTheNextEnd => {
                if let Some(end) = self.model.next_end() {
                    self.wait(end.since(self.model.now) - Duration::from_micros(1));
                    self.compare(&self.world.directory).await?;
                    self.wait(Duration::from_micros(1));
                }
            }
            Step::Sweep => self.sweep().await?,
            Step::WhatIf { groups, users } => self.what_if(groups, users).await?,
            Step::Elsewhere => {
                self.wait(Duration::from_secs(1));
                self.compare(&self.other).await?;
            }
        }
        self.compare(&self.world.directory).await
    }

    // What is compared.

    async fn compare(&self, node: &Directory) -> Result<(), TestCaseError> {
        let by = &self.pizza.administrator;
        let users: Vec<UserId> = self.model.users.keys().copied().collect();
        let asked: Vec<_> = users.iter().flat_map(|user| ASKED.map(|permission| (*user, permission))).collect();
        let questions: Vec<Question> = asked.iter().map(|(user, what)| question(Some(*user), what)).collect();
        let who = users.clone();
        let (verdicts, plain, effective, groups) = node
            .read(by.caller.clone(), move |tx, actor| {
                let verdicts = checks::check(tx, actor, &questions, true, None)?;
                let plain = checks::check(tx, actor, &questions, false, None)?;
                let effective: directory::Result<Vec<_>> =
                    who.iter().map(|user| checks::permissions(tx, actor, *user, None)).collect();
                Ok((verdicts, plain, effective?, groups::list(tx, actor)?))
            })
            .await
            .unwrap();
        for (user, told) in users.iter().zip(effective) {
            let told: Vec<&str> = told.iter().map(|codename| codename.as_str()).collect();
            prop_assert_eq!(told, self.model.may(*user).into_iter().collect::<Vec<_>>());
        }
        prop_assert_eq!((verdicts.len(), plain.len()), (asked.len(), asked.len()));
        for (((user, permission), verdict), plain) in asked.into_iter().zip(&verdicts).zip(&plain) {
            let allowed = self.model.may(user).contains(permission);
            prop_assert_eq!((verdict.allowed, plain.allowed), (allowed, allowed), "{} of {}", permission, user);
            prop_assert!(plain.explanation.is_none());
            self.model.judge(user, permission, verdict.explanation.as_ref().unwrap(), by.id)?;
        }
        self.compare_groups(&groups)?;
        for person in &self.sessions {
            self.compare_caller(node, person, &ASKED).await?;
        }
        self.compare_caller(node, &self.token, &CEILING).await
    }

    fn compare_groups(&self, told: &[Group]) -> Result<(), TestCaseError> {
        let told = told.iter().map(|group| {
            let permissions: Vec<&str> = group.permissions.iter().map(|codename| codename.as_str()).collect();
            (group.id, permissions, group.contains.clone())
        });
        let known = self.model.groups.iter().map(|(id, group)| {
            let permissions: Vec<&str> = group.permissions.keys().copied().collect();
            (*id, permissions, group.contains.keys().copied().collect())
        });
        prop_assert_eq!(told.collect::<Vec<_>>(), known.collect::<Vec<_>>());
        Ok(())
    }

    /// What somebody may do by its own account of it, with a bearer that is good for these at most.
    async fn compare_caller(&self, node: &Directory, person: &Person, most: &[&str]) -> Result<(), TestCaseError> {
        let questions = ASKED.map(|permission| question(None, permission)).to_vec();
        let call = node.read(person.caller.clone(), move |tx, actor| checks::check(tx, actor, &questions, true, None));
        let told: directory::Result<Vec<Verdict>> = call.await;
        if !self.model.users[&person.id].active {
            prop_assert!(matches!(told, Err(Error::Unauthenticated)), "{:?}", told);
            return Ok(());
        }
        let may = self.model.may(person.id);
        let told: Vec<bool> = told.unwrap().iter().map(|verdict| verdict.allowed).collect();
        let known: Vec<bool> = ASKED.iter().map(|asked| may.contains(asked) && most.contains(asked)).collect();
        prop_assert_eq!(told, known, "as {} says itself", person.id);
        Ok(())
    }
}

fn question(user: Option<UserId>, permission: &str) -> Question {
    Question { user: user.map(|user| (user, user.to_string())), permission: permission.to_owned() }
}

fn apply(model: &mut Model, whom: UserId, change: &ChangedUser) {
    let user = model.users.get_mut(&whom).unwrap();
    user.active = change.active.unwrap_or(user.active);
    user.administrator = change.administrator.unwrap_or(user.administrator);
}

fn play(engine: Engine, cases: u32, steps: usize) {
    if !engine.wanted() {
        return;
    }
    let config = Config { cases, max_shrink_iters: 200, failure_persistence: None, ..Config::default() };
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let tower = prop_oneof![3 => Just(2_usize), 1 => Just(15_usize)];
    let given = (tower, prop::collection::vec(step(), steps / 2..=steps));
    let outcome = TestRunner::new(config).run(&given, |(tower, steps)| {
        runtime.block_on(Box::pin(async {
            let mut game = Game::new(engine, tower).await;
            for step in &steps {
                Box::pin(game.play(step)).await?;
            }
            Ok(())
        }))
    });
    if let Err(found) = outcome {
        panic!("{found}");
    }
}

#[test]
fn every_decision_is_as_the_model_has_it_sqlite() {
    play(Engine::Sqlite, 24, 40);
}

#[test]
fn every_decision_is_as_the_model_has_it_postgres() {
    play(Engine::Postgres, 4, 30);
}
