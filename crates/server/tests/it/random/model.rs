//! The small model: what everybody has, and what a bearer is good for, worked out from what is stored and from nothing of the
//! product's own reasoning.

use directory::secret::TokenSecret;
use std::collections::{BTreeMap, BTreeSet};
use test_support::Dump;

/// What somebody has, or will have once active and accepted, in one environment.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub(super) struct Has {
    pub(super) administrator: bool,
    pub(super) active: bool,
    pub(super) pending: bool,
    pub(super) mfa: bool,
    pub(super) groups: BTreeSet<String>,
    pub(super) permissions: BTreeSet<String>,
}

impl Has {
    pub(super) fn acts(&self) -> bool {
        self.active && !self.pending
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Account {
    pub(super) email: String,
    pub(super) username: String,
    pub(super) hash: String,
    pub(super) reset: [bool; 2],
    pub(super) operator: bool,
}

#[derive(Clone, Debug)]
pub(super) struct Environment {
    pub(super) key: String,
    pub(super) uuid: String,
    pub(super) organisation: String,
}

/// A bearer that is good, and what it may do where it acts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Power {
    pub(super) account: String,
    pub(super) environment: String,
    pub(super) operator: bool,
    pub(super) administrator: bool,
    pub(super) permissions: BTreeSet<String>,
}

impl Power {
    /// Whether it has all that.
    pub(super) fn holds(&self, permissions: &BTreeSet<String>) -> bool {
        self.operator || self.administrator || permissions.is_subset(&self.permissions)
    }

    pub(super) fn covers(&self, other: &Has) -> bool {
        self.operator || self.administrator || !other.administrator && self.holds(&other.permissions)
    }
}

/// A method and a path.
pub(super) type Route = (&'static str, &'static str);

pub(super) type Row = BTreeMap<String, String>;

/// Everything stored, by what the rules speak of. Ids of accounts as hexadecimal digits, of environments as numbers.
pub(super) struct Model {
    pub(super) environments: BTreeMap<String, Environment>,
    pub(super) accounts: BTreeMap<String, Account>,
    pub(super) users: BTreeMap<(String, String), Has>,
    /// By environment: the ids of its groups, permissions, and menus.
    pub(super) things: BTreeMap<(String, &'static str), Vec<String>>,
    pub(super) sessions: BTreeMap<String, Row>,
    pub(super) tokens: BTreeMap<String, Row>,
    pub(super) webhooks: BTreeMap<String, Row>,
    pub(super) ceilings: BTreeMap<String, BTreeSet<String>>,
    bearers: BTreeMap<String, Row>,
    /// All of it.
    pub(super) dump: Dump,
}

pub(super) fn on(value: &str) -> bool {
    matches!(value, "1" | "t")
}

fn rows(dump: &Dump, table: &str) -> Vec<Row> {
    dump.rows(table)
        .map(|row| row.into_iter().map(|(column, value)| (column.to_owned(), value.to_owned())).collect())
        .collect()
}

fn by(dump: &Dump, table: &str, column: &str) -> BTreeMap<String, Row> {
    rows(dump, table).into_iter().map(|row| (row[column].clone(), row)).collect()
}

impl Model {
    pub(super) fn of(stored: Dump) -> Model {
        let dump = &stored;
        let mut names = BTreeMap::new();
        let mut things: BTreeMap<(String, &'static str), Vec<String>> = BTreeMap::new();
        for table in ["groups", "permissions", "menus"] {
            for row in rows(dump, table) {
                if table == "permissions" {
                    names.insert((row["environment_id"].clone(), row["id"].clone()), row["codename"].clone());
                }
                things.entry((row["environment_id"].clone(), table)).or_default().push(row["id"].clone());
            }
        }
        let codename = |row: &Row| names[&(row["environment_id"].clone(), row["permission_id"].clone())].clone();
        let mut conferred: BTreeMap<(String, String), BTreeSet<String>> = BTreeMap::new();
        for row in rows(dump, "group_permissions") {
            let group = (row["environment_id"].clone(), row["group_id"].clone());
            conferred.entry(group).or_default().insert(codename(&row));
        }
        let mut users: BTreeMap<(String, String), Has> = BTreeMap::new();
        for row in rows(dump, "users") {
            let has = Has {
                administrator: on(&row["administrator"]),
                active: on(&row["active"]),
                pending: on(&row["pending"]),
                mfa: on(&row["mfa"]),
                ..Has::default()
            };
            users.insert((row["environment_id"].clone(), row["account_id"].clone()), has);
        }
        for row in rows(dump, "user_groups") {
            let has = users.get_mut(&(row["environment_id"].clone(), row["account_id"].clone())).unwrap();
            let group = (row["environment_id"].clone(), row["group_id"].clone());
            has.permissions.extend(conferred.get(&group).cloned().unwrap_or_default());
            has.groups.insert(row["group_id"].clone());
        }
        let mut ceilings: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for row in rows(dump, "api_token_permissions") {
            ceilings.entry(row["token_id"].clone()).or_default().insert(codename(&row));
        }
        let environments = rows(dump, "environments").into_iter().map(|mut row| {
            let mut take = |column: &str| row.remove(column).unwrap();
            let environment =
                Environment { key: take("key"), uuid: dashed(&take("uuid")), organisation: take("organisation") };
            (take("id"), environment)
        });
        let accounts = rows(dump, "accounts").into_iter().map(|row| {
            let account = Account {
                email: row["email"].clone(),
                username: row["username"].clone(),
                hash: row["password_hash"].clone(),
                reset: [on(&row["reset_password"]), on(&row["reset_second_factor"])],
                operator: on(&row["operator"]),
            };
            (row["id"].clone(), account)
        });
        Model {
            environments: environments.collect(),
            accounts: accounts.collect(),
            users,
            things,
            sessions: by(dump, "sessions", "id"),
            tokens: by(dump, "api_tokens", "id"),
            webhooks: by(dump, "webhooks", "id"),
            ceilings,
            bearers: by(dump, "bearers", "hash"),
            dump: stored,
        }
    }

    /// What must be called first, so that there is something to call this route about; else itself.
    pub(super) fn first(&self, of: Route) -> Route {
        let none = |table: &str| self.dump.rows(table).next().is_none();
        let programs = || self.accounts.values().any(|account| account.email.is_empty());
        match of.1 {
            "/api/v2/webhook/{id}/delivery/{number}/redeliver" if !self.webhooks.is_empty() && none("deliveries") => {
                ("POST", "/api/v2/webhook/{id}/ping")
            }
            route if route.starts_with("/api/v2/webhook/{id}") && self.webhooks.is_empty() => {
                ("POST", "/api/v2/webhook")
            }
            route if route.starts_with("/api/v2/service-account/{id}") && !programs() => {
                ("POST", "/api/v2/service-account")
            }
            "/api/v2/second-factor/{id}" | "/api/v2/second-factor/totp/confirm" if none("second_factors") => {
                ("POST", "/api/v2/second-factor/totp")
            }
            _ => of,
        }
    }

    /// Whether this bearer's owner administers an environment that has what the route is about.
    pub(super) fn minds_one(&self, token: &str, route: &str) -> bool {
        let Some(power) = self.power(token, None).filter(|power| power.administrator) else { return false };
        let has = |row: &Row| row["environment_id"] == power.environment;
        match route {
            _ if !route.starts_with("/api/v2/webhook/{id}") => false,
            _ if route.ends_with("redeliver") => {
                self.dump.rows("deliveries").any(|row| row["environment_id"] == power.environment)
            }
            _ => self.webhooks.values().any(has),
        }
    }

    pub(super) fn has(&self, environment: &str, account: &str) -> Option<&Has> {
        self.users.get(&(environment.to_owned(), account.to_owned()))
    }

    /// The environment of this key or UUID.
    pub(super) fn named(&self, name: &str) -> Option<String> {
        let found =
            self.environments.iter().find(|(_, environment)| environment.key == name || environment.uuid == name);
        found.map(|(id, _)| id.clone())
    }

    /// The environment that a bearer was made in.
    pub(super) fn home(&self, token: &str) -> Option<String> {
        let row = self.bearer(token)?;
        let made = self.sessions.get(&row["session_id"]).or_else(|| self.tokens.get(&row["token_id"]))?;
        Some(made["environment_id"].clone())
    }

    fn bearer(&self, token: &str) -> Option<&Row> {
        let hash = TokenSecret::parse(token)?.hash();
        let hash: String = hash.as_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
        self.bearers.get(&hash)
    }

    /// Whose a mailed link is.
    pub(super) fn owner_of_link(&self, token: &str) -> Option<String> {
        let hash = TokenSecret::parse(token)?.hash();
        let hash: String = hash.as_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
        self.dump.rows("links").find(|row| row["hash"] == hash).map(|row| row["account_id"].to_owned())
    }

    /// Whose a bearer is.
    pub(super) fn owner(&self, token: &str) -> Option<String> {
        let row = self.bearer(token)?;
        let made = self.sessions.get(&row["session_id"]).or_else(|| self.tokens.get(&row["token_id"]))?;
        Some(made["account_id"].clone())
    }

    /// What a bearer may do in the environment that the call names, else in its own; `None`: nothing.
    pub(super) fn power(&self, token: &str, named: Option<&str>) -> Option<Power> {
        let bearer = self.bearer(token).filter(|bearer| bearer["kind"] != "refresh")?;
        let (home, owner) = (self.home(token)?, self.owner(token)?);
        let environment = match named {
            Some(name) => self.named(name)?,
            None => home.clone(),
        };
        let has = self.has(&environment, &owner).cloned();
        let operator = self.accounts[&owner].operator;
        if !operator && !has.as_ref().is_some_and(Has::acts) {
            return None;
        }
        let own = has.clone().unwrap_or_default();
        let whole = Power {
            account: owner,
            environment: environment.clone(),
            operator,
            administrator: operator || own.administrator,
            permissions: own.permissions,
        };
        if let Some(session) = self.sessions.get(&bearer["session_id"]) {
            let demanded =
                has.as_ref().is_some_and(|has| has.mfa && has.acts()) && session["second_factor_at"].is_empty();
            let bare = operator || has.is_some_and(|has| has.administrator && !has.mfa);
            let short = session["password_length"].parse::<usize>().is_ok_and(|length| bare && length < 15);
            return (session["step"].is_empty() && !demanded && !short).then_some(whole);
        }
        let token = self.tokens.get(&bearer["token_id"])?;
        let everywhere = on(&token["everywhere"]) && operator;
        if environment != home && !everywhere {
            return None;
        }
        if on(&token["administrator"]) {
            return Some(Power { operator: everywhere, ..whole });
        }
        let ceiling = self.ceilings.get(&bearer["token_id"]).cloned().unwrap_or_default();
        let permissions = ceiling.into_iter().filter(|name| whole.holds(&BTreeSet::from([name.clone()]))).collect();
        Some(Power { operator: false, administrator: false, permissions, ..whole })
    }

    /// Whether the account is this environment's alone, so that its administrators may set its credentials.
    pub(super) fn alone(&self, environment: &str, account: &str) -> bool {
        self.has(environment, account).is_some_and(|has| !has.pending)
            && !self.users.iter().any(|((other, of), has)| of == account && other != environment && !has.pending)
    }

    /// Whether somebody administers it who can sign in.
    pub(super) fn administered(&self, environment: &str) -> bool {
        self.users.iter().any(|((here, account), has)| {
            here == environment && has.administrator && has.acts() && !self.accounts[account].hash.is_empty()
        })
    }
}

/// Digits as a UUID is written.
pub(super) fn dashed(digits: &str) -> String {
    uuid_of(digits).to_string()
}

fn uuid_of(digits: &str) -> directory::id::UserId {
    let bytes: Vec<u8> =
        (0..digits.len()).step_by(2).map(|at| u8::from_str_radix(&digits[at..at + 2], 16).unwrap()).collect();
    directory::id::UserId(uuid::Uuid::from_slice(&bytes).unwrap())
}
