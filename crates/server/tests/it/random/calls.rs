//! Random calls of every route: whose bearer, about what, saying what. Some are well, some are partly so, some are mean.

use super::model::{Account, Model, Row, dashed};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// Every route, and how often it is called. One that is missing here fails `every_route_is_played`.
pub(super) const ROUTES: &[(&str, &str, usize)] = &[
    ("GET", "/openapi.json", 1),
    ("GET", "/docs", 1),
    ("GET", "/docs/style.css", 1),
    ("GET", "/healthz", 1),
    ("GET", "/readyz", 1),
    ("POST", "/api/v1/login", 2),
    ("POST", "/api/v1/login/passkey", 1),
    ("POST", "/api/v1/logout", 1),
    ("GET", "/api/v1/users", 3),
    ("POST", "/api/v1/users", 12),
    ("GET", "/api/v1/users/{id}", 2),
    ("GET", "/api/v1/menus", 2),
    ("GET", "/api/v1/groups", 2),
    ("GET", "/api/v1/me", 2),
    ("POST", "/api/v2/user/login", 4),
    ("POST", "/api/v2/user/login/passkey", 4),
    ("POST", "/api/v2/user/logout", 1),
    ("POST", "/api/v2/token/refresh", 2),
    ("GET", "/api/v2/user/me", 2),
    ("PATCH", "/api/v2/user/me", 3),
    ("GET", "/api/v2/user/me/menus", 2),
    ("GET", "/api/v2/user/me/environments", 2),
    ("POST", "/api/v2/user/me/environments/{key}/accept", 3),
    ("POST", "/api/v2/invitation/accept", 3),
    ("GET", "/api/v2/invitation/{token}", 1),
    ("POST", "/api/v2/user/{id}/invite", 14),
    ("POST", "/api/v2/password/forgot", 4),
    ("POST", "/api/v2/password/reset", 4),
    ("POST", "/api/v2/user/me/email", 4),
    ("POST", "/api/v2/user/me/email/confirm", 4),
    ("GET", "/api/v2/session", 2),
    ("DELETE", "/api/v2/session", 1),
    ("POST", "/api/v2/session/prove", 3),
    ("POST", "/api/v2/session/second-factor", 8),
    ("GET", "/api/v2/second-factor", 2),
    ("PATCH", "/api/v2/second-factor/{id}", 3),
    ("DELETE", "/api/v2/second-factor/{id}", 5),
    ("POST", "/api/v2/second-factor/totp", 8),
    ("POST", "/api/v2/second-factor/totp/confirm", 10),
    ("POST", "/api/v2/second-factor/passkey", 6),
    ("POST", "/api/v2/second-factor/passkey/confirm", 8),
    ("POST", "/api/v2/second-factor/recovery-codes", 4),
    ("DELETE", "/api/v2/session/{id}", 2),
    ("GET", "/api/v2/token", 2),
    ("POST", "/api/v2/token", 2),
    ("DELETE", "/api/v2/token/{id}", 5),
    ("GET", "/api/v2/service-account", 2),
    ("POST", "/api/v2/service-account", 14),
    ("GET", "/api/v2/service-account/{id}", 6),
    ("PATCH", "/api/v2/service-account/{id}", 4),
    ("DELETE", "/api/v2/service-account/{id}", 7),
    ("GET", "/api/v2/service-account/{id}/token", 7),
    ("POST", "/api/v2/service-account/{id}/token", 6),
    ("GET", "/api/v2/user", 3),
    ("POST", "/api/v2/user", 10),
    ("GET", "/api/v2/user/{id}", 3),
    ("PATCH", "/api/v2/user/{id}", 24),
    ("PUT", "/api/v2/user/{id}", 4),
    ("DELETE", "/api/v2/user/{id}", 5),
    ("GET", "/api/v2/user/{id}/permissions", 3),
    ("POST", "/api/v2/check", 6),
    ("POST", "/api/v2/whatif", 4),
    ("GET", "/api/v2/group", 2),
    ("POST", "/api/v2/group", 6),
    ("GET", "/api/v2/group/{id}", 2),
    ("PATCH", "/api/v2/group/{id}", 10),
    ("DELETE", "/api/v2/group/{id}", 2),
    ("GET", "/api/v2/permission", 2),
    ("POST", "/api/v2/permission", 3),
    ("GET", "/api/v2/permission/{id}", 1),
    ("GET", "/api/v2/permission/{id}/holders", 3),
    ("PATCH", "/api/v2/permission/{id}", 4),
    ("DELETE", "/api/v2/permission/{id}", 2),
    ("GET", "/api/v2/menu", 2),
    ("POST", "/api/v2/menu", 3),
    ("GET", "/api/v2/menu/{id}", 2),
    ("PATCH", "/api/v2/menu/{id}", 3),
    ("DELETE", "/api/v2/menu/{id}", 3),
    ("GET", "/api/v2/webhook", 2),
    ("POST", "/api/v2/webhook", 6),
    ("GET", "/api/v2/webhook/{id}", 3),
    ("PATCH", "/api/v2/webhook/{id}", 4),
    ("DELETE", "/api/v2/webhook/{id}", 3),
    ("POST", "/api/v2/webhook/{id}/rotate", 3),
    ("POST", "/api/v2/webhook/{id}/ping", 6),
    ("GET", "/api/v2/webhook/{id}/delivery", 3),
    ("POST", "/api/v2/webhook/{id}/delivery/{number}/redeliver", 8),
    ("GET", "/api/v2/events", 3),
    ("GET", "/api/v2/audit", 6),
    ("GET", "/api/v2/audit/export", 4),
    ("GET", "/api/v2/environment", 4),
    ("POST", "/api/v2/environment", 4),
    ("GET", "/api/v2/environment/{key}", 2),
    ("PATCH", "/api/v2/environment/{key}", 2),
    ("DELETE", "/api/v2/environment/{key}", 12),
];

/// What people may hold: some to administer with, two of an application's own.
pub(super) const PERMISSIONS: [&str; 10] = [
    "view_user",
    "add_user",
    "change_user",
    "delete_user",
    "add_group",
    "change_group",
    "delete_group",
    "change_permission",
    "view_audit",
    "approve",
];

/// What everybody chooses who chooses a password in the game.
pub(super) const CHOSEN: &str = "a rather long and quiet one";

/// A call, before it is sent.
#[derive(Clone, Debug)]
pub(super) struct Call {
    pub(super) method: &'static str,
    pub(super) route: &'static str,
    pub(super) target: String,
    pub(super) token: Option<String>,
    /// Whom v1's header names.
    pub(super) claims: Option<String>,
    /// The environment that it names, however its API does that.
    pub(super) environment: Option<String>,
    pub(super) body: Value,
    pub(super) repeat: Option<String>,
}

/// Dice of one step.
pub(super) struct Dice(pub(super) u64);

impl Dice {
    pub(super) fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) % sides.max(1) as u64) as usize
    }

    pub(super) fn one_in(&mut self, sides: usize) -> bool {
        self.roll(sides) == 0
    }

    pub(super) fn pick<T: Clone>(&mut self, of: &[T]) -> T {
        of[self.roll(of.len())].clone()
    }
}

/// What a call is made from.
pub(super) struct Table<'a> {
    pub(super) model: &'a Model,
    /// The environment in which the call acts, if all is well, and the word that marks its things.
    pub(super) here: String,
    pub(super) word: String,
    /// A number that was never used.
    pub(super) fresh: u64,
    /// The environments of the game, which nobody deletes.
    pub(super) kept: &'a [String],
    pub(super) refresh: Option<String>,
    pub(super) link: Option<String>,
    /// Passwords that were right at the beginning.
    pub(super) passwords: &'a [(String, String)],
}

impl Table<'_> {
    /// Somebody: mostly of here, sometimes of elsewhere, sometimes nobody.
    pub(super) fn somebody(&self, dice: &mut Dice) -> String {
        let here: Vec<_> = self.model.users.keys().filter(|(at, _)| *at == self.here).map(|(_, id)| id).collect();
        let all: Vec<_> = self.model.accounts.keys().collect();
        match dice.roll(10) {
            0 => "0199".repeat(8),
            1..=2 => dice.pick(&all).clone(),
            _ if here.is_empty() => dice.pick(&all).clone(),
            _ => dice.pick(&here).clone(),
        }
    }

    fn address(&self, dice: &mut Dice) -> String {
        let known = self.somebody(dice);
        match self.model.accounts.get(&known).filter(|_| dice.one_in(2)) {
            Some(account) => account.email.clone(),
            None => format!("new{}@{}.example", self.fresh, self.word.replace('_', "-")),
        }
    }

    fn thing(&self, dice: &mut Dice, table: &'static str) -> i64 {
        let own = self.model.things.get(&(self.here.clone(), table)).cloned().unwrap_or_default();
        match dice.roll(8) {
            0 => 9_999,
            _ if own.is_empty() => 1,
            // Rolebook's own permissions are many, and never change.
            1..=4 if table == "permissions" => own.iter().map(|id| id.parse().unwrap()).max().unwrap(),
            _ => dice.pick(&own).parse().unwrap(),
        }
    }

    /// One of these, as paths name it.
    fn some_key<V>(&self, dice: &mut Dice, of: &BTreeMap<String, V>, else_of: &str) -> String {
        let keys: Vec<&str> = of.keys().map(String::as_str).collect();
        if keys.is_empty() { dashed(else_of) } else { dashed(dice.pick(&keys)) }
    }

    fn some_things(&self, dice: &mut Dice, table: &'static str) -> Value {
        let own = self.model.things.get(&(self.here.clone(), table)).cloned().unwrap_or_default();
        let mut ids: Vec<i64> =
            (0..dice.roll(3)).filter(|_| !own.is_empty()).map(|_| dice.pick(&own).parse().unwrap()).collect();
        if dice.one_in(8) {
            ids.push(9_999);
        }
        json!(ids)
    }

    fn codenames(&self, dice: &mut Dice) -> Value {
        let mut names: Vec<String> = (0..dice.roll(4)).map(|_| dice.pick(&PERMISSIONS).to_owned()).collect();
        if dice.one_in(10) {
            names.push("nobody_declared_this".to_owned());
        }
        json!(names)
    }

    fn text(&self, kind: &str) -> String {
        format!("{} {kind} {}", self.word, self.fresh)
    }

    fn environment(&self, dice: &mut Dice) -> String {
        let all: Vec<_> = self.model.environments.values().collect();
        let one = dice.pick(&all);
        match dice.roll(6) {
            0 => "no_such_thing".to_owned(),
            1..=2 => one.uuid.clone(),
            _ => one.key.clone(),
        }
    }

    /// Fields of a user in v2; each with some luck.
    fn user_fields(&self, dice: &mut Dice, body: &mut Map<String, Value>) {
        let mut set = |name: &str, value: Value| body.insert(name.to_owned(), value);
        for _ in 0..=dice.roll(3) {
            match dice.roll(16) {
                0..=2 => set("groups", self.some_things(dice, "groups")),
                3..=4 => set("administrator", json!(!dice.one_in(3))),
                5..=6 => set("is_active", json!(dice.one_in(2))),
                7 => set("password", json!(CHOSEN)),
                8 => set("password", json!("quieter one")),
                9 => set("email", json!(format!("moved{}@{}.example", self.fresh, self.word.replace('_', "-")))),
                10 => set("username", json!(format!("{}.{}", self.word, self.fresh))),
                11 if dice.one_in(3) => set("reset_2fa", json!(dice.one_in(2))),
                11 => set("reset_pw", json!(dice.one_in(2))),
                12 => set("menus", self.some_things(dice, "menus")),
                13 => set("name", json!(self.text("name"))),
                14 => set("phone", json!(if dice.one_in(4) { Value::Null } else { json!(self.text("phone")) })),
                _ if dice.one_in(4) => set("mfa", json!(dice.one_in(2))),
                _ => set("external_id", json!(self.text("external"))),
            };
        }
    }

    fn upsert(&self, dice: &mut Dice) -> Value {
        let mut body = Map::new();
        let mut set = |name: &str, value: Value| body.insert(name.to_owned(), value);
        set("globalEmailAddress", json!(self.address(dice)));
        if !dice.one_in(3) {
            set("name", json!(self.text("name")));
            set("administrator", json!(dice.one_in(3)));
            set("active", json!(!dice.one_in(4)));
            set("language", json!("en"));
            set("locale", json!("nl"));
        }
        match dice.roll(6) {
            0..=1 => set("memberGroupIds", self.some_things(dice, "groups")),
            2 => set("menuIds", self.some_things(dice, "menus")),
            3 => set("active", json!(dice.one_in(2))),
            4 => set("administrator", json!(dice.one_in(2))),
            _ => set("memberGroupNames", json!([])),
        };
        Value::Object(body)
    }

    fn group(&self, dice: &mut Dice, naming: bool) -> Value {
        let mut body = Map::new();
        if naming || dice.one_in(3) {
            body.insert("name".into(), json!(self.text("group")));
        }
        if !dice.one_in(4) {
            body.insert("permissions".into(), self.codenames(dice));
        }
        if dice.one_in(4) {
            body.insert("menus".into(), self.some_things(dice, "menus"));
        }
        if dice.one_in(4) {
            body.insert("contains".into(), self.some_things(dice, "groups"));
        }
        Value::Object(body)
    }

    fn check(&self, dice: &mut Dice) -> Value {
        let question = |dice: &mut Dice| {
            let mut question = json!({"permission": dice.pick(&PERMISSIONS)});
            if !dice.one_in(4) {
                question["user"] = json!(dashed(&self.somebody(dice)));
            }
            question
        };
        match dice.one_in(3) {
            true => json!({"questions": [question(dice), question(dice)]}),
            false => {
                let mut one = question(dice);
                one["explain"] = json!(dice.one_in(2));
                if dice.one_in(3) {
                    one["at"] = json!("2026-02-25T06:13:20Z");
                }
                one
            }
        }
    }

    fn login(&self, dice: &mut Dice, v1: bool) -> Value {
        let (id, first) = dice.pick(self.passwords);
        let Some(account) = self.model.accounts.get(&id) else {
            return json!({"email": "gone@example.net", "password": first});
        };
        let password = if dice.one_in(3) { CHOSEN.to_owned() } else { first };
        let mut body = json!({"password": password});
        if dice.one_in(2) || account.username.is_empty() {
            body["email"] = json!(account.email);
        } else {
            body["username"] = json!(account.username);
        }
        if !v1 && dice.one_in(2) {
            body["company"] = json!(self.environment(dice));
        }
        body
    }

    /// Fills in the path and the body of a call.
    pub(super) fn fill(&self, dice: &mut Dice, call: &mut Call) {
        let somebody = self.somebody(dice);
        let made = self.model.environments.iter().find(|(id, _)| !self.kept.contains(id));
        let key = match made.filter(|_| call.method == "DELETE" && dice.one_in(2)) {
            Some((_, environment)) => environment.key.clone(),
            None => self.environment(dice),
        };
        let id = match call.route.split('/').nth(3) {
            Some("group") => self.thing(dice, "groups").to_string(),
            Some("permission") => self.thing(dice, "permissions").to_string(),
            Some("menu") => self.thing(dice, "menus").to_string(),
            Some("session") => self.some_key(dice, &self.model.sessions, &somebody),
            Some("token") => self.some_key(dice, &self.model.tokens, &somebody),
            Some("webhook") => {
                let far = dice.one_in(6);
                let own = |(_, row): &(&String, &Row)| row["environment_id"] == self.here || far;
                let own: Vec<&str> = self.model.webhooks.iter().filter(own).map(|(id, _)| id.as_str()).collect();
                dashed(if own.is_empty() { somebody.as_str() } else { dice.pick(&own) })
            }
            Some("service-account") if !dice.one_in(6) => {
                let program = |(_, account): &(&String, &Account)| account.email.is_empty();
                let programs: Vec<&str> =
                    self.model.accounts.iter().filter(program).map(|(id, _)| id.as_str()).collect();
                dashed(if programs.is_empty() { somebody.as_str() } else { dice.pick(&programs) })
            }
            _ => dashed(&somebody),
        };
        let mut query = String::new();
        call.body = match (call.method, call.route) {
            ("GET", "/api/v1/users") => {
                let address = self.address(dice);
                query = dice.pick(&[String::new(), "limit=3".into(), format!("email={address}")]);
                Value::Null
            }
            ("GET", "/api/v2/user") => {
                let all =
                    ["", "search=name", "search=example", "ordering=-email", "limit=0", "is_active=false", "group=1"];
                query = dice.pick(&all).to_owned();
                Value::Null
            }
            ("GET", "/api/v2/events") => {
                query = "follow=false".to_owned();
                Value::Null
            }
            ("POST", "/api/v2/webhook") => {
                let types = dice.pick(&[json!(["*"]), json!(["user.*", "group.created"]), json!([])]);
                json!({"url": format!("https://{}.example/{}", self.word.replace('_', "-"), self.fresh), "event_types": types})
            }
            ("PATCH", "/api/v2/webhook/{id}") => match dice.one_in(2) {
                true => json!({"enabled": dice.one_in(2)}),
                false => json!({"event_types": ["user.created"]}),
            },
            ("GET", "/api/v2/audit") => {
                let all = [
                    "",
                    "limit=2",
                    "verb=user.",
                    "verb=session.created",
                    "system=true",
                    "actor=x",
                    "verb=user.&limit=1",
                ];
                query = dice.pick(&all).to_owned();
                if dice.one_in(3) {
                    query = format!("subject={}", dashed(&somebody));
                }
                Value::Null
            }
            ("GET", "/api/v2/user/{id}" | "/api/v2/user/{id}/permissions" | "/api/v2/permission/{id}/holders") => {
                // When the game began, before there was anything, and a time yet to come.
                let at = ["at=2026-02-25T06:13:20Z", "at=2020-01-01T00:00:00Z", "at=9999-01-01T00:00:00Z"];
                query = dice.pick(&["", "", at[0], at[0], at[1], at[2]]).to_owned();
                Value::Null
            }
            ("GET", "/api/v2/audit/export") => {
                query = dice.pick(&["", "system=true", "system=maybe"]).to_owned();
                Value::Null
            }
            ("GET", _)
            | (
                "POST",
                "/api/v1/logout"
                | "/api/v1/login/passkey"
                | "/api/v2/user/logout"
                | "/api/v2/user/me/environments/{key}/accept"
                | "/api/v2/webhook/{id}/rotate"
                | "/api/v2/webhook/{id}/ping"
                | "/api/v2/webhook/{id}/delivery/{number}/redeliver",
            ) => Value::Null,
            (
                "POST",
                "/api/v2/user/login/passkey" | "/api/v2/second-factor/passkey" | "/api/v2/second-factor/recovery-codes",
            ) => json!({}),
            ("POST", "/api/v2/session/second-factor" | "/api/v2/second-factor/totp/confirm") => {
                json!({"otp": format!("{:06}", dice.roll(1_000_000))})
            }
            // A factor is its owner's, everywhere.
            ("POST", "/api/v2/second-factor/totp") => json!({"name": format!("factor {}", self.fresh)}),
            ("POST", "/api/v2/second-factor/passkey/confirm") => json!({"challenge": "AA", "credential": {
                "id": "AA", "rawId": "AA", "type": "public-key",
                "response": {"attestationObject": "AA", "clientDataJSON": "AA"},
            }}),
            ("PATCH", "/api/v2/second-factor/{id}") => json!({"name": format!("factor {}", self.fresh)}),
            ("POST", "/api/v2/user/{id}/invite") => Value::Null,
            ("POST", "/api/v2/password/forgot") => json!({"email": self.address(dice)}),
            ("POST", "/api/v2/password/reset") => {
                json!({"token": self.link.clone().unwrap_or_else(|| "unknown".into()), "password": CHOSEN})
            }
            ("POST", "/api/v2/user/me/email") => json!({"email": self.address(dice)}),
            ("POST", "/api/v2/user/me/email/confirm") => {
                json!({"token": self.link.clone().unwrap_or_else(|| "unknown".into())})
            }
            ("DELETE", "/api/v2/session") => {
                let somebody = format!("user={}", dashed(&somebody));
                query = dice.pick(&["others=true".to_owned(), somebody, String::new()]);
                Value::Null
            }
            ("POST", "/api/v2/session/prove") => {
                let own = call.token.as_ref().and_then(|token| self.model.owner(token));
                let known = self.passwords.iter().find(|(id, _)| Some(id) == own.as_ref());
                let known = known.map_or(CHOSEN, |(_, first)| first);
                json!({"current_password": if dice.one_in(3) { CHOSEN } else { known }})
            }
            ("POST", "/api/v2/token" | "/api/v2/service-account/{id}/token") => match dice.one_in(4) {
                true => json!({"name": self.text("token"), "administrator": true}),
                false => json!({"name": self.text("token"), "permissions": self.codenames(dice)}),
            },
            ("POST", "/api/v2/service-account") => {
                json!({"name": self.text("service"), "groups": self.some_things(dice, "groups")})
            }
            ("PATCH", "/api/v2/service-account/{id}") => match dice.one_in(2) {
                true => json!({"groups": self.some_things(dice, "groups")}),
                false => json!({"name": self.text("service"), "is_active": dice.one_in(2)}),
            },
            ("POST", "/api/v1/login") => self.login(dice, true),
            ("POST", "/api/v2/user/login") => self.login(dice, false),
            ("POST", "/api/v2/token/refresh") => json!({"refresh": self.refresh.clone().unwrap_or_default()}),
            ("PATCH", "/api/v2/user/me") => match dice.roll(5) {
                0 => json!({"password": CHOSEN, "current_password": dice.pick(self.passwords).1}),
                1 => json!({"administrator": true}),
                2 => json!({"groups": self.some_things(dice, "groups")}),
                3 => json!({"email": self.address(dice)}),
                _ => json!({"phone": self.text("phone")}),
            },
            ("POST", "/api/v2/invitation/accept") => {
                let mut body = json!({"token": self.link.clone().unwrap_or_else(|| "unknown".into())});
                if !dice.one_in(3) {
                    body["password"] = json!(CHOSEN);
                }
                body
            }
            ("POST", "/api/v1/users") => self.upsert(dice),
            ("POST", "/api/v2/check") => self.check(dice),
            ("POST", "/api/v2/whatif") => {
                let users = json!([{"id": dashed(&somebody), "is_active": dice.one_in(2), "groups": self.some_things(dice, "groups")}]);
                let groups = json!([{"id": self.thing(dice, "groups"), "permissions": self.codenames(dice)}]);
                json!({"users": users, "groups": groups})
            }
            ("POST", "/api/v2/user") => {
                let mut body = Map::new();
                self.user_fields(dice, &mut body);
                body.insert("email".into(), json!(self.address(dice)));
                match dice.one_in(3) {
                    true => body.remove("password"),
                    false => body.insert("password".into(), json!(CHOSEN)),
                };
                Value::Object(body)
            }
            ("PATCH", "/api/v2/user/{id}") => {
                let mut body = Map::new();
                self.user_fields(dice, &mut body);
                Value::Object(body)
            }
            ("PUT", "/api/v2/user/{id}") => {
                let mut body = Map::new();
                self.user_fields(dice, &mut body);
                let email = self.model.accounts.get(&somebody).map_or("", |account| &account.email);
                body.entry("email").or_insert_with(|| json!(email));
                Value::Object(body)
            }
            ("POST", "/api/v2/group") => self.group(dice, true),
            ("PATCH", "/api/v2/group/{id}") => self.group(dice, false),
            ("POST", "/api/v2/permission") => json!({"codename": format!("{}_{}", self.word, self.fresh)}),
            ("PATCH", "/api/v2/permission/{id}") => match dice.roll(3) {
                0 => json!({"name": self.text("permission")}),
                1 => json!({"codename": dice.pick(&PERMISSIONS)}),
                _ => json!({"codename": format!("{}_{}", self.word, self.fresh)}),
            },
            ("POST", "/api/v2/menu") => {
                json!({"name": self.text("menu"), "items": [{"name": self.text("item"), "href": "/"}]})
            }
            ("PATCH", "/api/v2/menu/{id}") => json!({"label": self.text("label")}),
            ("POST", "/api/v2/environment") => json!({"key": format!("made_{}", self.fresh)}),
            ("PATCH", "/api/v2/environment/{key}") => match dice.roll(3) {
                0 => json!({"key": self.environment(dice)}),
                _ => json!({"organisation": dice.pick(&["", "union"])}),
            },
            ("DELETE", "/api/v2/environment/{key}") => {
                // Nobody ends the game: what it is played in is confirmed wrongly by whoever may.
                let kept = self.model.named(&key).is_some_and(|id| self.kept.contains(&id));
                query = format!("confirm={}", if kept && self.here_is_operator(call) { "no" } else { &key });
                Value::Null
            }
            ("DELETE", _) => Value::Null,
            (method, route) => panic!("{method} {route} has no random calls: give it some"),
        };
        let link = self.link.clone().unwrap_or_else(|| "unknown".into());
        call.target =
            call.route.replace("{id}", &id).replace("{key}", &key).replace("{token}", &link).replace("{number}", "1");
        if let Some(environment) = call.environment.as_ref().filter(|_| call.route.starts_with("/api/v1")) {
            let with = if query.is_empty() { "" } else { "&" };
            query = format!("{query}{with}environmentId={environment}");
        }
        if !query.is_empty() && !call.route.contains("/login") && !call.route.ends_with("logout") {
            call.target.push_str(&format!("?{query}"));
        }
    }

    /// Whether answers of this route hold secrets, so that no call of it may be repeated.
    pub(super) fn opening(&self, route: &str) -> bool {
        route.contains("login")
            || route.ends_with("/token")
            || route.contains("refresh")
            || route.contains("accept")
            || route.contains("logout")
            || route.contains("second-factor")
            || route.contains("webhook")
    }

    fn here_is_operator(&self, call: &Call) -> bool {
        let power = call.token.as_ref().and_then(|token| self.model.power(token, call.environment.as_deref()));
        power.is_some_and(|power| power.operator)
    }
}
