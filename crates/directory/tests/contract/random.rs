//! Random people, through sessions and tokens, do random things in two environments; a small model says what each of them
//! had before. Nobody reads or writes beyond their own, nobody ends with more than whoever gave it had, and no refused
//! call has changed anything.

use directory::Error;
use directory::actor::Caller;
use directory::groups::GroupChanges;
use directory::id::{GroupId, UserId};
use directory::permissions;
use directory::tokens::Ceiling;
use directory::users::{User, UserChanges as Fields};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestCaseError, TestRunner};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;
use test_support::{Dump, Engine, Person, Tenant, World, by_id, conferring, email, password, short};

/// What people may have: some to administer with, one of an application's own.
const PERMISSIONS: [&str; 8] =
    ["view_user", "add_user", "change_user", "delete_user", "change_group", "add_group", "delete_group", "approve"];

#[derive(Clone, Debug)]
enum Verb {
    Get(usize),
    Add { permissions: u8, administrator: bool },
    AddKnown(usize),
    SetGroup { whom: usize, group: usize },
    Administrator { whom: usize, on: bool },
    Active { whom: usize, on: bool },
    Password(usize),
    Email(usize),
    Rename(usize),
    Remove(usize),
    NewGroup(u8),
    SetPermissions { group: usize, permissions: u8 },
    DeleteGroup(usize),
    Token(u8),
    AdministratorToken,
    Accept,
}

#[derive(Clone, Debug)]
struct Step {
    actor: usize,
    /// Names the other environment than the one that it signed in to.
    elsewhere: bool,
    verb: Verb,
}

fn step() -> impl Strategy<Value = Step> {
    let one = 0..64_usize;
    let verb = prop_oneof![
        one.clone().prop_map(Verb::Get),
        (any::<u8>(), any::<bool>()).prop_map(|(permissions, administrator)| Verb::Add { permissions, administrator }),
        one.clone().prop_map(Verb::AddKnown),
        (one.clone(), one.clone()).prop_map(|(whom, group)| Verb::SetGroup { whom, group }),
        (one.clone(), one.clone()).prop_map(|(whom, group)| Verb::SetGroup { whom, group }),
        (one.clone(), any::<bool>()).prop_map(|(whom, on)| Verb::Administrator { whom, on }),
        (one.clone(), any::<bool>()).prop_map(|(whom, on)| Verb::Active { whom, on }),
        one.clone().prop_map(Verb::Password),
        one.clone().prop_map(Verb::Email),
        one.clone().prop_map(Verb::Rename),
        one.clone().prop_map(Verb::Remove),
        any::<u8>().prop_map(Verb::NewGroup),
        (one.clone(), any::<u8>()).prop_map(|(group, permissions)| Verb::SetPermissions { group, permissions }),
        one.clone().prop_map(Verb::DeleteGroup),
        any::<u8>().prop_map(Verb::Token),
        Just(Verb::AdministratorToken),
        Just(Verb::Accept),
    ];
    (one, prop::bool::weighted(0.2), verb).prop_map(|(actor, elsewhere, verb)| Step { actor, elsewhere, verb })
}

fn named(bits: u8) -> Vec<&'static str> {
    PERMISSIONS.iter().enumerate().filter(|(n, _)| bits & (1 << n) != 0).map(|(_, name)| *name).collect()
}

/// What somebody has in one environment.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Has {
    administrator: bool,
    active: bool,
    pending: bool,
    permissions: BTreeSet<String>,
}

impl Has {
    fn of(user: &User) -> Has {
        let m = &user.membership;
        Has {
            administrator: m.administrator,
            active: m.active,
            pending: m.pending,
            permissions: user.permissions.iter().map(|p| p.as_str().to_owned()).collect(),
        }
    }

    fn acts(&self) -> bool {
        self.active && !self.pending
    }

    /// No more than the other.
    fn within(&self, other: &Has) -> bool {
        other.administrator || !self.administrator && self.permissions.is_subset(&other.permissions)
    }
}

/// What everybody has, by environment (0, 1).
type Everybody = [BTreeMap<UserId, Has>; 2];

/// Somebody who may act, and what its bearer has at most.
struct Acting {
    id: UserId,
    home: usize,
    caller: Caller,
    /// `None`: all that its owner has. Of a token: administrator, or these.
    ceiling: Option<(bool, BTreeSet<String>)>,
}

struct Game {
    world: World,
    tenants: [Tenant; 2],
    acting: Vec<Acting>,
    people: Vec<(UserId, String)>,
    groups: [Vec<GroupId>; 2],
}

impl Game {
    async fn new(engine: Engine) -> Game {
        let world = World::new(engine).await;
        let tenants = [world.environment("pizza").await, world.environment("sushi").await];
        let mut game = Game { acting: Vec::new(), people: Vec::new(), groups: [vec![], vec![]], world, tenants };
        for home in 0..2 {
            let tenant = game.tenants[home].clone();
            game.world.permission(&tenant.administrator.caller, "approve").await.unwrap();
            let cast = [
                game.world.member(&tenant).await,
                game.world.holder(&tenant, &["view_user", "add_user", "change_user"]).await,
                game.world.holder(&tenant, &["change_user", "delete_user", "change_group", "approve"]).await,
                game.world.holder(&tenant, &PERMISSIONS[..7]).await,
                game.world.administrator(&tenant).await,
            ];
            for person in cast {
                game.join(&person, home);
            }
            for bits in [0b0000_0000, 0b0000_0111, 0b1000_0000, 0b1000_1001] {
                let group = game.world.group(&tenant, &named(bits)).await;
                game.groups[home].push(group);
            }
        }
        game
    }

    fn join(&mut self, person: &Person, home: usize) {
        self.people.push((person.id, person.email.clone()));
        self.acting.push(Acting { id: person.id, home, caller: person.caller.clone(), ceiling: None });
    }

    async fn everybody(&self) -> Everybody {
        let mut everybody = [BTreeMap::new(), BTreeMap::new()];
        for (n, tenant) in self.tenants.iter().enumerate() {
            for (id, _) in &self.people {
                if let Ok(user) = self.world.look(tenant, *id).await {
                    everybody[n].insert(*id, Has::of(&user));
                }
            }
        }
        everybody
    }

    /// What the actor has with this bearer where it acts; `None`: it has no business there.
    fn power(&self, before: &Everybody, acting: &Acting, there: usize) -> Option<Has> {
        let own = before[there].get(&acting.id).filter(|has| has.acts())?;
        match &acting.ceiling {
            None => Some(own.clone()),
            Some(_) if there != acting.home => None,
            Some((true, _)) => Some(own.clone()),
            Some((false, ceiling)) => {
                let permissions = own.permissions.intersection(ceiling).cloned().collect();
                Some(Has { administrator: false, permissions, ..own.clone() })
            }
        }
    }

    async fn play(&mut self, step: &Step) -> Result<(), TestCaseError> {
        let actor = step.actor % self.acting.len();
        let (id, home, caller) = {
            let acting = &self.acting[actor];
            (acting.id, acting.home, acting.caller.clone())
        };
        let there = if step.elsewhere { 1 - home } else { home };
        let caller = match step.elsewhere {
            true => caller.in_environment(self.tenants[there].name()),
            false => caller,
        };
        let group = |n: &usize| self.groups[there][n % self.groups[there].len()];
        let (before, stored) = (self.everybody().await, self.world.snapshot());
        let power = self.power(&before, &self.acting[actor], there);
        // Mostly somebody who is there.
        let present: Vec<_> = self.people.iter().filter(|(id, _)| before[there].contains_key(id)).collect();
        let whom = |n: &usize| match n {
            0..48 => present[n % present.len()].clone(),
            _ => self.people[n % self.people.len()].clone(),
        };
        self.world.wait(Duration::from_millis(10));

        let world = &self.world;
        let mut touched = None;
        let mut made_token = None;
        let mut made_group = None;
        let mut made_user = None;
        let fresh = world.number();
        let done: directory::Result<()> = match &step.verb {
            Verb::Get(n) => world.get(&caller, whom(n).0).await.map(|user| {
                // What was read is of where the actor acts.
                assert_eq!(user.environment.id, self.tenants[there].id);
            }),
            Verb::Add { permissions, administrator } => {
                let wanted: BTreeSet<_> = named(*permissions).into_iter().map(str::to_owned).collect();
                let mut held = Vec::new();
                for group in &self.groups[there] {
                    let confers = self.confers(there, *group).await;
                    if confers.as_ref().is_some_and(|confers| confers.is_subset(&wanted)) {
                        held.push(by_id(*group));
                    }
                }
                let address = format!("made{fresh}@example.net");
                let secret = Some(password("correct horse battery"));
                let fields = Fields {
                    administrator: Some(*administrator),
                    groups: Some(held),
                    password: secret,
                    ..Fields::default()
                };
                world
                    .create_as(&caller, &address, fields)
                    .await
                    .map(|user| made_user = Some((user.account.id, address)))
            }
            Verb::AddKnown(n) => world.create_as(&caller, &whom(n).1, Fields::default()).await.map(drop),
            Verb::SetGroup { whom: n, group: g } => {
                touched = Some(whom(n).0);
                let fields = Fields { groups: Some(vec![by_id(group(g))]), ..Fields::default() };
                world.update(&caller, whom(n).0, fields).await.map(drop)
            }
            Verb::Administrator { whom: n, on } => {
                touched = Some(whom(n).0);
                let fields = Fields { administrator: Some(*on), ..Fields::default() };
                world.update(&caller, whom(n).0, fields).await.map(drop)
            }
            Verb::Active { whom: n, on } => {
                touched = Some(whom(n).0);
                let fields = Fields { active: Some(*on), ..Fields::default() };
                world.update(&caller, whom(n).0, fields).await.map(drop)
            }
            Verb::Password(n) => {
                touched = Some(whom(n).0);
                let fields =
                    Fields { password: Some(password(&format!("chosen at random {fresh}"))), ..Fields::default() };
                world.update(&caller, whom(n).0, fields).await.map(drop)
            }
            Verb::Email(n) => {
                touched = Some(whom(n).0);
                let address = format!("moved{fresh}@example.net");
                let fields = Fields { email: Some(email(&address)), ..Fields::default() };
                world.update(&caller, whom(n).0, fields).await.map(drop)
            }
            Verb::Rename(n) => {
                let fields = Fields { name: Some(short(&format!("Renamed {fresh}"))), ..Fields::default() };
                world.update(&caller, whom(n).0, fields).await.map(drop)
            }
            Verb::Remove(n) => {
                touched = Some(whom(n).0);
                world.remove(&caller, whom(n).0).await
            }
            Verb::NewGroup(bits) => {
                let made = world.group_as(&caller, &format!("made {fresh}"), &named(*bits)).await;
                made.map(|group| made_group = Some(group.id))
            }
            Verb::SetPermissions { group: g, permissions } => {
                let change: GroupChanges = conferring(&named(*permissions));
                world.update_group(&caller, group(g), change).await.map(drop)
            }
            Verb::DeleteGroup(g) => world.delete_group(&caller, group(g)).await,
            Verb::Token(bits) => {
                let names: Vec<String> = named(*bits).into_iter().map(str::to_owned).collect();
                let ceiling: BTreeSet<String> = names.iter().cloned().collect();
                let made = world.token(&caller, id, Ceiling::Permissions(names)).await;
                made.map(|(_, secret)| made_token = Some((secret, (false, ceiling))))
            }
            Verb::AdministratorToken => {
                let made = world.token(&caller, id, Ceiling::Administrator).await;
                made.map(|(_, secret)| made_token = Some((secret, (true, BTreeSet::new()))))
            }
            Verb::Accept => world.directory.accept_environment(caller.clone(), self.tenants[1 - home].name()).await,
        };

        let (after, now) = (self.everybody().await, self.world.snapshot());
        let told = format!("{step:?} by {id} in {there}: {done:?}");
        if done.is_err() {
            prop_assert!(now == stored, "refused, and yet: {told}\n{}", stored.difference(&now));
            prop_assert!(!matches!(done, Err(Error::Internal(_) | Error::Unavailable(_))), "{}", told);
        } else {
            prop_assert!(power.is_some(), "somebody without access: {}", told);
            self.judge(step, &told, id, there, &power.unwrap(), touched, [&before, &after])?;
        }
        self.keeps_an_administrator(&now)?;
        if let Some((secret, ceiling)) = made_token {
            let caller = self.world.caller(&secret);
            self.acting.push(Acting { id, home: there, caller, ceiling: Some(ceiling) });
        }
        self.groups[there].extend(made_group);
        self.people.extend(made_user);
        Ok(())
    }

    #[allow(clippy::too_many_arguments, reason = "all that there is to know of one step")]
    fn judge(
        &self,
        step: &Step,
        told: &str,
        actor: UserId,
        there: usize,
        power: &Has,
        touched: Option<UserId>,
        [before, after]: [&Everybody; 2],
    ) -> Result<(), TestCaseError> {
        // The other environment is as it was; but for an owner who accepts it, and for an address that is another's now.
        for (id, had) in &before[1 - there] {
            let has = after[1 - there].get(id);
            let own = matches!(step.verb, Verb::Accept) && *id == actor;
            let withdrawn = matches!(step.verb, Verb::Email(_)) && had.pending && has.is_none();
            prop_assert!(own || withdrawn || has == Some(had), "another environment's user: {}", told);
        }
        prop_assert!(after[1 - there].keys().all(|id| before[1 - there].contains_key(id)), "come elsewhere: {}", told);
        for (id, has) in &after[there] {
            let had = before[there].get(id);
            if had == Some(has) {
                continue;
            }
            let gained: BTreeSet<_> = match had {
                Some(had) => has.permissions.difference(&had.permissions).cloned().collect(),
                None => has.permissions.clone(),
            };
            let promoted = has.administrator && !had.is_some_and(|had| had.administrator);
            prop_assert!(power.administrator || gained.is_subset(&power.permissions), "gained {:?}: {}", gained, told);
            prop_assert!(power.administrator || !promoted, "promoted: {}", told);
            // Touching somebody's access takes at least as much as they had.
            if touched == Some(*id)
                && let Some(had) = had
            {
                prop_assert!(had.within(power), "touched somebody with more: {}", told);
            }
        }
        Ok(())
    }

    fn keeps_an_administrator(&self, now: &Dump) -> Result<(), TestCaseError> {
        let on = |value: &str| matches!(value, "1" | "t");
        for tenant in &self.tenants {
            let environment = tenant.id.to_string();
            let kept = now.rows("users").any(|row| {
                let here = row["environment_id"] == environment;
                here && on(row["administrator"]) && on(row["active"]) && !on(row["pending"])
            });
            prop_assert!(kept, "{} has no administrator", tenant.key);
        }
        Ok(())
    }

    async fn confers(&self, there: usize, group: GroupId) -> Option<BTreeSet<String>> {
        let by = self.tenants[there].administrator.caller.clone();
        let found =
            self.world.directory.read(by, move |tx, actor| directory::groups::get(tx, actor, group)).await.ok()?;
        Some(found.permissions.iter().map(|p| p.as_str().to_owned()).collect())
    }
}

fn play(engine: Engine, cases: u32, steps: usize) {
    if !engine.wanted() {
        return;
    }
    assert!(
        PERMISSIONS[..7].iter().all(|name| permissions::BuiltIn::ALL.iter().any(|known| known.codename() == *name))
    );
    let config = Config { cases, max_shrink_iters: 200, failure_persistence: None, ..Config::default() };
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let outcome = TestRunner::new(config).run(&prop::collection::vec(step(), steps / 2..=steps), |steps| {
        runtime.block_on(Box::pin(async {
            let mut game = Game::new(engine).await;
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
fn nobody_gets_further_than_they_may_sqlite() {
    play(Engine::Sqlite, 24, 40);
}

#[test]
fn nobody_gets_further_than_they_may_postgres() {
    play(Engine::Postgres, 4, 30);
}
