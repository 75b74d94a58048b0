//! A directory with people in it: a clock that stands still, dice that repeat, hashing that costs nothing.

use crate::people::{Person, Tenant, caller, codename, email, key, name, origin, password};
use crate::{Database, Dump, Engine, Event, Fixture};
use directory::actor::Caller;
use directory::clock::{Clock, ManualClock, Time};
use directory::effects::Effects;
use directory::environments::{self, EnvironmentName, NewEnvironment};
use directory::groups::{self, Group, GroupChanges, GroupRef, GroupWish};
use directory::hashing::{Costs, Hasher};
use directory::id::{GroupId, UserId};
use directory::keys::Keys;
use directory::menus::{self, Menu, MenuChanges};
use directory::permissions::{self, NewPermission, Permission};
use directory::randomness::Randomness;
use directory::secret::TokenSecret;
use directory::sessions::{Device, Lifetimes, Shows, SignIn};
use directory::setup::FirstAdministrator;
use directory::text::Organisation;
use directory::tokens::{self, ApiToken, Ceiling, NewToken};
use directory::users::{self, NewUser, User, UserChanges};
use directory::{Directory, Result};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// When every world begins: 25 February 2026, 06:13:20 UTC.
pub const START: Time = Time::from_micros(1_772_000_000_000_000);

/// A directory, its clock, and its operator. The operator's environment is `head_office`.
pub struct World {
    // First, so that its connections close before the database goes.
    pub directory: Directory,
    pub clock: ManualClock,
    /// Shows an API token that is good everywhere.
    pub operator: Person,
    pub head_office: Tenant,
    next: AtomicU64,
    pub database: Database,
}

impl Fixture for World {
    async fn fresh(engine: Engine) -> World {
        World::new(engine).await
    }
}

/// The effects of a test: this clock, dice that repeat, and the keys that all tests share.
pub fn effects(clock: &ManualClock, seed: u64) -> Effects {
    let keys = Keys::generate(&Randomness::seeded(0)).unwrap();
    Effects { clock: clock.clone().into(), randomness: Randomness::seeded(seed), keys }
}

/// A hasher that costs nothing.
pub fn hasher(seed: u64) -> Hasher {
    Hasher::new(Costs::cheap(), 2, 256, Randomness::seeded(seed)).unwrap()
}

impl World {
    pub async fn new(engine: Engine) -> World {
        World::over(Database::new(engine)).await
    }

    /// On a database that is empty.
    pub async fn over(database: Database) -> World {
        let clock = ManualClock::starting_at(START);
        let directory = Directory::open(database.url(), effects(&clock, 1), hasher(1), Lifetimes::default()).unwrap();
        directory.adopt_keys().await.unwrap();
        let head_office = found(&directory, "head_office", "operator@example.org").await;
        let operator = head_office.administrator.clone();
        World { directory, clock, operator, head_office, next: AtomicU64::new(1), database }
    }

    /// Another handle on the same database, as another process has one: other threads, other dice.
    pub fn another_node(&self) -> Directory {
        let seed = 1000 + self.number();
        Directory::open(self.database.url(), effects(&self.clock, seed), hasher(seed), Lifetimes::default()).unwrap()
    }

    /// A number that this world has not seen.
    pub fn number(&self) -> u64 {
        self.next.fetch_add(1, Ordering::Relaxed)
    }

    /// A time to come, as APIs spell it.
    pub fn now_plus(&self, span: Duration) -> String {
        jiff::Timestamp::from(Clock::from(self.clock.clone()).now().plus(span)).to_string()
    }

    /// Time passes; never less than a microsecond between two calls of a test that cares.
    pub fn wait(&self, span: Duration) {
        self.clock.advance(span);
    }

    // Personas.

    /// Nobody whom the directory knows.
    pub fn anonymous(&self) -> Caller {
        Caller { bearer: None, ..self.operator.caller.clone() }
    }

    /// A new environment with an administrator.
    pub async fn environment(&self, key: &str) -> Tenant {
        found(&self.directory, key, &format!("boss@{}.example", key.replace('_', "-"))).await
    }

    /// A new environment of an organisation.
    pub async fn environment_of(&self, organisation: &str, key: &str) -> Tenant {
        let tenant = self.environment(key).await;
        let organisation = Some(Some(Organisation::parse(organisation).unwrap()));
        let change = environments::EnvironmentChanges { organisation, ..Default::default() };
        let of = tenant.name();
        let write = self
            .directory
            .write(self.operator.caller.clone(), move |tx, actor| environments::update(tx, actor, &of, &change));
        write.await.unwrap();
        tenant
    }

    /// A user without any permission, in a session.
    pub async fn member(&self, tenant: &Tenant) -> Person {
        self.person(tenant, UserChanges::default()).await
    }

    /// A further administrator, in a session.
    pub async fn administrator(&self, tenant: &Tenant) -> Person {
        self.person(tenant, UserChanges { administrator: Some(true), ..Default::default() }).await
    }

    /// The administrator of an environment that no test uses otherwise.
    pub async fn other_environment_administrator(&self) -> Person {
        self.environment(&format!("other_{}", self.number())).await.administrator
    }

    /// A user in a group with these permissions, which are declared where they are not known, in a session.
    pub async fn holder(&self, tenant: &Tenant, permissions: &[&str]) -> Person {
        let group = self.group(tenant, permissions).await;
        self.person(tenant, UserChanges { groups: Some(vec![by_id(group)]), ..Default::default() }).await
    }

    /// A user made by the environment's administrator, in a session.
    pub async fn person(&self, tenant: &Tenant, fields: UserChanges) -> Person {
        let address = format!("person{}@{}.example", self.number(), tenant.key.replace('_', "-"));
        let secret = format!("long and quiet {}", self.number());
        let user = self.create(tenant, &address, UserChanges { password: Some(password(&secret)), ..fields }).await;
        self.sign_in(user.unwrap().account.id, &address, &secret, Some(tenant)).await.unwrap()
    }

    /// A session with a pair of tokens.
    pub async fn sign_in(&self, id: UserId, login: &str, secret: &str, at: Option<&Tenant>) -> Result<Person> {
        let request = SignIn { environment: at.map(Tenant::name), ..login_of(login, secret) };
        let signed_in = self.directory.sign_in(request).await?;
        let signed_in = signed_in.unwrap_or_else(|step| panic!("{login} must take a step first: {:?}", step.step));
        assert_eq!(signed_in.account.id, id);
        let token = signed_in.tokens.access.expose();
        let refresh = signed_in.tokens.refresh.as_ref().map(TokenSecret::expose);
        Ok(Person { id, email: login.to_owned(), password: secret.to_owned(), caller: caller(&token), token, refresh })
    }

    /// The same person in another session.
    pub async fn again(&self, person: &Person, at: Option<&Tenant>) -> Person {
        self.sign_in(person.id, &person.email, &person.password, at).await.unwrap()
    }

    /// The same person, showing an API token with this ceiling.
    pub async fn with_token(&self, person: &Person, ceiling: Ceiling) -> Person {
        let (_, token) = self.token(&person.caller, person.id, ceiling).await.unwrap();
        Person { caller: caller(&token), token, refresh: None, ..person.clone() }
    }

    /// A caller that shows this bearer.
    pub fn caller(&self, token: &str) -> Caller {
        caller(token)
    }

    // Verbs in few letters.

    /// Makes a user as the environment's administrator.
    pub async fn create(&self, tenant: &Tenant, address: &str, fields: UserChanges) -> Result<User> {
        self.create_as(&tenant.administrator.caller, address, fields).await
    }

    pub async fn create_as(&self, caller: &Caller, address: &str, fields: UserChanges) -> Result<User> {
        self.directory.create_user(caller.clone(), NewUser { email: email(address), fields }).await
    }

    pub async fn update(&self, caller: &Caller, id: UserId, fields: UserChanges) -> Result<User> {
        self.directory.update_user(caller.clone(), id, fields, None).await
    }

    pub async fn remove(&self, caller: &Caller, id: UserId) -> Result<()> {
        self.directory.write(caller.clone(), move |tx, actor| users::remove(tx, actor, id, None)).await
    }

    pub async fn get(&self, caller: &Caller, id: UserId) -> Result<User> {
        self.directory.read(caller.clone(), move |tx, actor| users::get(tx, actor, id)).await
    }

    /// A group with these permissions, made by the environment's administrator.
    pub async fn group(&self, tenant: &Tenant, permissions: &[&str]) -> GroupId {
        for wanted in permissions {
            if !permissions::BuiltIn::ALL.iter().any(|known| known.codename() == *wanted) {
                // Declared before: as good.
                self.permission(&tenant.administrator.caller, wanted).await.ok();
            }
        }
        let named = format!("group {}", self.number());
        self.group_as(&tenant.administrator.caller, &named, permissions).await.unwrap().id
    }

    pub async fn group_as(&self, caller: &Caller, named: &str, permissions: &[&str]) -> Result<Group> {
        let change = conferring(permissions);
        let named = name(named);
        self.directory.write(caller.clone(), move |tx, actor| groups::create(tx, actor, &named, &change)).await
    }

    pub async fn update_group(&self, caller: &Caller, id: GroupId, change: GroupChanges) -> Result<Group> {
        self.directory.write(caller.clone(), move |tx, actor| groups::update(tx, actor, id, &change, None)).await
    }

    pub async fn delete_group(&self, caller: &Caller, id: GroupId) -> Result<()> {
        self.directory.write(caller.clone(), move |tx, actor| groups::delete(tx, actor, id, None)).await
    }

    pub async fn permission(&self, caller: &Caller, named: &str) -> Result<Permission> {
        let new = NewPermission { codename: codename(named), name: None };
        self.directory.write(caller.clone(), move |tx, actor| permissions::create(tx, actor, &new)).await
    }

    pub async fn menu(&self, caller: &Caller, named: &str, change: MenuChanges) -> Result<Menu> {
        let named = name(named);
        self.directory.write(caller.clone(), move |tx, actor| menus::create(tx, actor, &named, &change)).await
    }

    /// An API token and its secret.
    pub async fn token(&self, caller: &Caller, owner: UserId, ceiling: Ceiling) -> Result<(ApiToken, String)> {
        let new = NewToken { account: owner, name: name("test"), ceiling, ends: None };
        let made = self.directory.write(caller.clone(), move |tx, actor| tokens::create(tx, actor, &new)).await?;
        Ok((made.0, made.1.expose()))
    }

    /// The newest mailed link to this address.
    pub async fn mailed_link(&self, address: &str) -> Option<String> {
        let waiting = self.directory.outbox(0, 10_000).await.unwrap();
        let to_them = waiting.into_iter().rev().filter(|waiting| waiting.mail.to.as_typed() == address);
        to_them.filter_map(|waiting| waiting.mail.subject.token().map(TokenSecret::expose)).next()
    }

    /// A user as it stands, whoever may see it.
    pub async fn look(&self, tenant: &Tenant, id: UserId) -> Result<User> {
        let named: EnvironmentName = tenant.name();
        self.directory.command(named, move |tx, actor| users::get(tx, actor, id)).await
    }

    // What is stored.

    /// Everything that is stored.
    pub fn dump(&self) -> Dump {
        self.database.dump()
    }

    /// Everything but the counters of refusals.
    pub fn snapshot(&self) -> Dump {
        self.dump().without_refusals()
    }

    /// The audit trail.
    pub fn events(&self) -> Vec<Event> {
        self.dump().events()
    }

    /// Runs a call that must change nothing, and gives back what it said.
    pub async fn unchanged<T>(&self, call: impl Future<Output = T>) -> T {
        let before = self.snapshot();
        self.clock.advance(Duration::from_millis(1));
        let said = Box::pin(call).await;
        let after = self.snapshot();
        assert!(before == after, "this should have changed nothing:\n{}", before.difference(&after));
        said
    }

    /// Runs a call that must be refused and change nothing, and gives back the refusal.
    pub async fn refused<T>(&self, call: impl Future<Output = Result<T>>) -> directory::Error {
        match self.unchanged(call).await {
            Ok(_) => panic!("this should have been refused"),
            Err(refusal) => refusal,
        }
    }

    /// Runs a call that must write exactly one audit event, and gives back both.
    pub async fn accounted<T>(&self, call: impl Future<Output = Result<T>>) -> (T, Event) {
        let before = self.events().len();
        self.clock.advance(Duration::from_millis(1));
        let done = Box::pin(call).await.unwrap();
        let mut events = self.events().split_off(before);
        assert_eq!(events.len(), 1, "a change has one audit event: {events:?}");
        (done, events.remove(0))
    }
}

/// A login with these, for a pair of tokens.
pub fn login_of(login: &str, secret: &str) -> SignIn {
    let origin = origin();
    let shows = Shows::Password { login: login.to_owned(), password: password(secret), factor: None };
    SignIn { shows, environment: None, pair: true, origin, device: Device::default() }
}

/// A group named by its id.
pub fn by_id(id: GroupId) -> GroupWish {
    GroupRef::Id(Some(id), id.to_string()).into()
}

/// What makes a group confer these.
pub fn conferring(permissions: &[&str]) -> GroupChanges {
    GroupChanges { permissions: Some(permissions.iter().map(|p| (*p).to_owned()).collect()), ..Default::default() }
}

async fn found(directory: &Directory, named: &str, address: &str) -> Tenant {
    let secret = "a quiet and long secret";
    let first = FirstAdministrator {
        environment: NewEnvironment { key: key(named), name: None, organisation: None, policy: Default::default() },
        email: email(address),
        password: password(secret),
    };
    let founded = directory.found(first).await.unwrap();
    let token = founded.token.expose();
    let administrator = Person {
        id: founded.user,
        email: address.to_owned(),
        password: secret.to_owned(),
        caller: caller(&token),
        token,
        refresh: None,
    };
    Tenant { id: founded.environment.id, key: named.to_owned(), uuid: founded.environment.uuid, administrator }
}
