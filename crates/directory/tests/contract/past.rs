//! Asking the past. After each of many random changes all that can be asked is asked of the present and kept; in the end the
//! same is asked of each of those times, and of the microsecond before each change, and is answered as it was.

mod bounds;

use directory::actor::{Actor, Caller};
use directory::checks::{self, Explanation, Path, Question};
use directory::clock::Time;
use directory::environments::{self, EnvironmentChanges, EnvironmentName};
use directory::groups::{self, GroupChanges, GroupRef, GroupWish};
use directory::holders;
use directory::id::{GroupId, MenuId, PermissionId, UserId};
use directory::locale::Locale;
use directory::menus::{self, MenuChanges, MenuRef};
use directory::page::Cursor;
use directory::permissions::{self, PermissionChanges};
use directory::store::Tx;
use directory::users::{self, MenusChange, User, UserChanges};
use directory::{Directory, Error, Result};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestCaseError, TestRunner};
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;
use test_support::{Engine, START, Tenant, World, codename, email, name, phone, short};

/// Applications' permissions to begin with.
const DECLARED: [&str; 3] = ["approve", "pay", "ship"];
/// How many holders a page has: few, so that there are pages.
const PAGE: i64 = 2;

/// All that can be asked of the past, as it was answered.
#[derive(Debug, PartialEq)]
struct Snapshot {
    users: Vec<Option<Seen>>,
    holders: Vec<Option<Vec<Held>>>,
}

/// Somebody who holds a permission, what is shown of it, and why.
type Held = (UserId, String, Vec<Path>);

/// What is asked about one user.
#[derive(Debug, PartialEq)]
struct Seen {
    /// All that is shown of it.
    shown: String,
    permissions: Vec<String>,
    explained: Vec<(bool, Option<Explanation>)>,
}

fn shown(user: &User) -> String {
    let User { environment, account, membership, groups, menus, permissions } = user;
    let account = (
        account.id,
        account.email.as_ref().map(|email| email.as_typed().to_owned()),
        account.username.as_ref().map(|username| username.as_typed().to_owned()),
        (account.reset_password, account.reset_second_factor, account.operator, account.service),
    );
    format!("{:?}", ((&environment.key, &environment.name), account, membership, groups, menus, permissions))
}

/// What somebody who was not there is answered with; any other refusal is a mistake.
fn there<T>(answer: Result<T>) -> Option<T> {
    match answer {
        Ok(answer) => Some(answer),
        Err(Error::NotFound(_) | Error::Invalid(_)) => None,
        // Looked up where nothing is remembered: it is asked again.
        Err(Error::Unavailable(_)) => None,
        Err(error) => panic!("{error:?}"),
    }
}

struct Game {
    world: World,
    pizza: Tenant,
    /// Whoever was ever made, and whatever: also those who are gone.
    people: Vec<(UserId, String)>,
    groups: Vec<GroupId>,
    permissions: Vec<PermissionId>,
    menus: Vec<MenuId>,
    /// When all was asked, and what was answered.
    seen: Vec<(Time, Snapshot)>,
    number: usize,
    now: Time,
}

/// A change, drawn at random: numbers stand for whatever there then is.
#[derive(Clone, Debug)]
struct Step {
    what: u8,
    whom: usize,
    which: usize,
    flag: bool,
    microseconds: u64,
}

fn step() -> impl Strategy<Value = Step> {
    (0..24_u8, 0..6_usize, 0..8_usize, any::<bool>(), 1..3_000_000_u64)
        .prop_map(|(what, whom, which, flag, microseconds)| Step { what, whom, which, flag, microseconds })
}

impl Game {
    async fn new(engine: Engine) -> Game {
        let world = World::new(engine).await;
        let (pizza, sushi) = (world.environment("pizza").await, world.environment("sushi").await);
        let mut people = Vec::new();
        for _ in 0..4 {
            // They stay known in the other environment when they go from this one.
            let person = world.member(&sushi).await;
            people.push((person.id, person.email));
        }
        for (_, address) in people.iter().take(3) {
            world.create_as(&world.operator.in_environment(&pizza), address, UserChanges::default()).await.unwrap();
        }
        let (boss, there) = (&pizza.administrator.email, world.operator.in_environment(&sushi));
        world.create_as(&there, boss, UserChanges::default()).await.unwrap();
        people.push((pizza.administrator.id, pizza.administrator.email.clone()));
        let menu = world.menu(&pizza.administrator.caller, "first", MenuChanges::default()).await.unwrap().id;
        let mut permissions = Vec::new();
        for declared in DECLARED {
            permissions.push(world.permission(&pizza.administrator.caller, declared).await.unwrap().id);
        }
        let group = world.group(&pizza, &DECLARED).await;
        let (groups, menus) = (vec![group], vec![menu]);
        Game { world, pizza, people, groups, permissions, menus, seen: Vec::new(), number: 0, now: START }
    }

    fn operator(&self) -> Caller {
        self.world.operator.caller.in_environment(EnvironmentName::Uuid(self.pizza.uuid))
    }

    async fn write<T, F>(&self, job: F) -> Result<T>
    where
        T: Send + 'static,
        F: Fn(&mut Tx<'_>, &Actor) -> Result<T> + Send + 'static,
    {
        self.world.directory.write(self.operator(), job).await
    }

    fn group(&self, which: usize) -> GroupId {
        self.groups[which % self.groups.len()]
    }

    fn reference(&self, which: usize) -> GroupRef {
        let id = self.group(which);
        GroupRef::Id(Some(id), id.to_string())
    }

    fn menu(&self, which: usize) -> MenuRef {
        let id = self.menus[which % self.menus.len()];
        MenuRef::Id(Some(id), id.to_string())
    }

    /// One change, or a try at one: what is refused has changed nothing.
    async fn change(&mut self, step: &Step) -> bool {
        self.number += 1;
        let (new, which, flag) = (format!("number {}", self.number), step.which, step.flag);
        let (id, address) = self.people[step.whom % self.people.len()].clone();
        let (group, permission) = (self.group(which), self.permissions[which % self.permissions.len()]);
        let ends = flag.then(|| self.now.plus(Duration::from_secs(2)));
        let nothing = UserChanges::default;
        let fields = match step.what {
            0 => UserChanges { name: Some(short(&new)), ..nothing() },
            1 => UserChanges { phone: Some(phone(&new)), language: Some(Locale::parse("de").ok()), ..nothing() },
            2 => UserChanges { email: Some(email(&format!("n{}@example.com", self.number))), ..nothing() },
            3 => UserChanges { active: Some(flag), mfa: Some(!flag), ..nothing() },
            4 => UserChanges { administrator: Some(flag), reset_password: Some(flag), ..nothing() },
            5 | 6 => UserChanges { groups: Some(vec![self.reference(which).into()]), ..nothing() },
            7 | 8 => {
                let wish = GroupWish { group: self.reference(which), ends: Some(ends) };
                UserChanges { groups: Some(vec![wish, self.reference(which + 1).into()]), ..nothing() }
            }
            9 => {
                let replace = Some(vec![self.menu(which), self.menu(which + 1)]);
                UserChanges { menus: MenusChange { replace, ..MenusChange::default() }, ..nothing() }
            }
            _ => return self.change_others(step, new, (id, address), (group, permission)).await,
        };
        self.world.update(&self.operator(), id, fields).await.is_ok()
    }

    async fn change_others(
        &mut self,
        step: &Step,
        new: String,
        (id, address): (UserId, String),
        (group, permission): (GroupId, PermissionId),
    ) -> bool {
        let (which, flag) = (step.which, step.flag);
        let declared = DECLARED.iter().enumerate().filter(|(n, _)| which & (1 << n) != 0);
        let permissions: Vec<String> = declared.map(|(_, codename)| (*codename).to_owned()).collect();
        match step.what {
            10 | 11 => {
                let groups = Some(vec![self.reference(which).into()]);
                let fields = UserChanges { groups, administrator: Some(flag), ..UserChanges::default() };
                self.world.create_as(&self.operator(), &address, fields).await.is_ok()
            }
            12 => self.write(move |tx, actor| users::remove(tx, actor, id, None)).await.is_ok(),
            13 => {
                let change = GroupChanges { permissions: Some(permissions), ..GroupChanges::default() };
                let made = self.write(move |tx, actor| groups::create(tx, actor, &name(&new), &change)).await;
                made.map(|made| self.groups.push(made.id)).is_ok()
            }
            14 => self.world.delete_group(&self.operator(), group).await.is_ok(),
            15 | 16 => {
                let change = GroupChanges { permissions: Some(permissions), ..GroupChanges::default() };
                self.world.update_group(&self.operator(), group, change).await.is_ok()
            }
            17 => {
                let (name, contains) = (Some(name(&new)), Some(vec![self.reference(which + 1)]));
                let menus = Some(vec![self.menu(which)]);
                let change = GroupChanges { name, contains, menus, ..GroupChanges::default() };
                self.world.update_group(&self.operator(), group, change).await.is_ok()
            }
            18 => {
                let change = PermissionChanges { codename: Some(codename(&new.replace(' ', "_"))), name: None };
                self.write(move |tx, actor| permissions::update(tx, actor, permission, &change)).await.is_ok()
            }
            19 => match flag {
                true => self.write(move |tx, actor| permissions::delete(tx, actor, permission)).await.is_ok(),
                false => {
                    let made = self.world.permission(&self.operator(), DECLARED[which % DECLARED.len()]).await;
                    made.map(|made| self.permissions.push(made.id)).is_ok()
                }
            },
            20 => {
                let made = self.world.menu(&self.operator(), &new, MenuChanges::default()).await;
                made.map(|made| self.menus.push(made.id)).is_ok()
            }
            21 => {
                let (id, change) = (
                    self.menus[which % self.menus.len()],
                    MenuChanges { name: Some(name(&new)), ..MenuChanges::default() },
                );
                match flag {
                    true => self.write(move |tx, actor| menus::delete(tx, actor, id)).await.is_ok(),
                    false => self.write(move |tx, actor| menus::update(tx, actor, id, &change)).await.is_ok(),
                }
            }
            22 => {
                let (this, change) = (
                    EnvironmentName::Uuid(self.pizza.uuid),
                    EnvironmentChanges { name: Some(name(&new)), ..EnvironmentChanges::default() },
                );
                self.write(move |tx, actor| environments::update(tx, actor, &this, &change)).await.is_ok()
            }
            _ => {
                self.world.directory.sweep().await.unwrap();
                true
            }
        }
    }

    /// Asks all there is to ask, of the present or of a time.
    async fn ask(&self, node: &Directory, at: Option<Time>) -> Snapshot {
        let people: Vec<UserId> = self.people.iter().map(|(id, _)| *id).collect();
        let permissions = self.permissions.clone();
        let job = move |tx: &mut Tx<'_>, actor: &Actor| {
            let users = people.iter().map(|id| seen(tx, actor, *id, at)).collect();
            let holders = permissions.iter().map(|id| there(held(tx, actor, *id, at))).collect();
            Ok(Snapshot { users, holders })
        };
        node.report(self.operator(), job).await.unwrap()
    }

    fn wait(&mut self, microseconds: u64) {
        let span = Duration::from_micros(microseconds);
        self.world.wait(span);
        self.now = self.now.plus(span);
    }

    async fn remember(&mut self) {
        let (now, snapshot) = (self.now, self.ask(&self.world.directory, None).await);
        self.seen.push((now, snapshot));
    }

    async fn play(&mut self, steps: &[Step]) -> std::result::Result<usize, TestCaseError> {
        let mut changes = 0;
        for step in steps {
            self.wait(step.microseconds);
            self.remember().await;
            self.wait(1);
            changes += usize::from(self.change(step).await);
            self.remember().await;
        }
        self.wait(1_000_000);
        for node in [&self.world.directory, &self.world.another_node()] {
            for (at, snapshot) in &self.seen {
                let told = self.ask(node, Some(*at)).await;
                // Whoever and whatever came later was not there.
                let known = told.holders.iter().zip(snapshot.holders.iter().chain(std::iter::repeat(&None)));
                prop_assert!(
                    known.clone().all(|(told, known)| told == known),
                    "{at:?}: {:?}",
                    known.collect::<Vec<_>>()
                );
                for (told, known) in told.users.iter().zip(&snapshot.users) {
                    prop_assert_eq!(told, known, "at {:?}", at);
                }
            }
        }
        Ok(changes)
    }
}

fn seen(tx: &mut Tx<'_>, actor: &Actor, id: UserId, at: Option<Time>) -> Option<Seen> {
    let user = match at {
        None => users::get(tx, actor, id),
        Some(at) => users::get_at(tx, actor, id, at),
    };
    let user = there(user)?;
    let permissions = checks::permissions(tx, actor, id, at).unwrap();
    let permissions: Vec<String> = permissions.iter().map(|codename| codename.as_str().to_owned()).collect();
    // What is declared, and what is not any more, by whichever name.
    let asked = DECLARED.iter().map(|name| (*name).to_owned()).chain(permissions.iter().cloned());
    let explained = asked.filter_map(|permission| {
        let question = Question { user: Some((id, id.to_string())), permission };
        let mut verdicts = there(checks::check(tx, actor, &[question], true, at))?;
        verdicts.pop().map(|verdict| (verdict.allowed, verdict.explanation))
    });
    let explained = explained.collect();
    Some(Seen { shown: shown(&user), permissions, explained })
}

/// All pages of those who hold a permission.
fn held(tx: &mut Tx<'_>, actor: &Actor, permission: PermissionId, at: Option<Time>) -> Result<Vec<Held>> {
    let (mut all, mut cursor): (Vec<_>, Option<Cursor>) = (Vec::new(), None);
    loop {
        let page = holders::list(tx, actor, permission, at, (cursor.as_ref(), PAGE))?;
        all.extend(page.rows.into_iter().map(|holder| (holder.user.account.id, shown(&holder.user), holder.paths)));
        cursor = page.next;
        if cursor.is_none() {
            return Ok(all);
        }
    }
}

fn play(engine: Engine, cases: u32, steps: usize) {
    if !engine.wanted() {
        return;
    }
    let config = Config { cases, max_shrink_iters: 100, failure_persistence: None, ..Config::default() };
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let given = prop::collection::vec(step(), steps / 2..=steps);
    let (asked, changed) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let outcome = TestRunner::new(config).run(&given, |steps| {
        runtime.block_on(Box::pin(async {
            let changes = Box::pin(Game::new(engine).await.play(&steps)).await?;
            asked.fetch_add(steps.len(), Relaxed);
            changed.fetch_add(changes, Relaxed);
            Ok(())
        }))
    });
    if let Err(found) = outcome {
        panic!("{found}");
    }
    let (asked, changed) = (asked.into_inner(), changed.into_inner());
    // A game in which hardly anything happens shows nothing.
    assert!(changed * 2 >= asked, "{changed} of {asked} changes were made");
}

#[test]
fn the_past_is_answered_as_it_was_sqlite() {
    play(Engine::Sqlite, 20, 40);
}

#[test]
fn the_past_is_answered_as_it_was_postgres() {
    play(Engine::Postgres, 4, 30);
}
