//! The second factors of the people in the game: what their apps, their papers and their browsers hold.

use super::calls::{Call, Dice};
use super::model::{Model, dashed};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use test_support::Authenticator;
use totp_rs::{Algorithm, Builder, Secret};

/// By account.
#[derive(Default)]
pub(super) struct Pocket {
    seeds: BTreeMap<String, String>,
    codes: BTreeMap<String, Vec<String>>,
    browsers: BTreeMap<String, Authenticator>,
    /// What browsers were asked last, by whom: the challenge, and the options.
    asked: BTreeMap<String, (Value, Value)>,
    /// What anybody was asked last.
    anybody: Option<(Value, Value)>,
}

fn browser() -> Authenticator {
    Authenticator::at("https://id.example")
}

impl Pocket {
    /// Whether somebody has what it takes for a call about second factors.
    pub(super) fn can(&self, route: &str, owner: &str) -> bool {
        let asked = |registering: bool| {
            self.asked.get(owner).is_some_and(|(_, options)| options["user"].is_object() == registering)
        };
        match route {
            "/api/v2/second-factor/totp/confirm" => self.seeds.contains_key(owner),
            "/api/v2/second-factor/passkey/confirm" => asked(true),
            "/api/v2/session/second-factor" => self.codes.contains_key(owner) || asked(false),
            "/api/v2/second-factor/{id}" | "/api/v2/second-factor/recovery-codes" | "/api/v2/user/login/passkey" => {
                self.codes.contains_key(owner)
            }
            _ => false,
        }
    }

    /// Fills in what somebody shows who has it, mostly.
    pub(super) fn show(&mut self, dice: &mut Dice, model: &Model, now: i64, call: &mut Call) {
        let owner = call.token.as_ref().and_then(|token| model.owner(token)).unwrap_or_default();
        if call.route == "/api/v2/second-factor/{id}" && !dice.one_in(4) {
            let all: Vec<_> = model.dump.rows("second_factors").map(|row| row["id"].to_owned()).collect();
            let own = model.dump.rows("second_factors").find(|row| row["account_id"] == owner);
            let id = own.map(|row| row["id"].to_owned()).filter(|_| !dice.one_in(4));
            if let Some(id) = id.or_else(|| (!all.is_empty()).then(|| dice.pick(&all))) {
                call.target = format!("/api/v2/second-factor/{}", dashed(&id));
            }
        }
        if dice.one_in(6) {
            return;
        }
        match call.route {
            "/api/v2/second-factor/totp/confirm" => {
                if let Some(seed) = self.seeds.get(&owner) {
                    call.body = json!({"otp": code(seed, now)});
                }
            }
            "/api/v2/session/second-factor" => {
                let passkey = self.signed(&owner).filter(|_| dice.one_in(2));
                let written = self.codes.get(&owner).filter(|codes| !codes.is_empty()).map(|codes| dice.pick(codes));
                match (passkey, written) {
                    (Some(passkey), _) => call.body = json!({"passkey": passkey}),
                    (None, Some(code)) => call.body = json!({"otp": code}),
                    (None, None) => {}
                }
            }
            "/api/v2/second-factor/passkey/confirm" => {
                if let Some((challenge, options)) = self.asked.get(&owner).filter(|(_, o)| o["user"].is_object()) {
                    let browser = self.browsers.entry(owner).or_insert_with(browser);
                    let options = serde_json::from_value(json!({"publicKey": options})).unwrap();
                    let made = serde_json::to_value(browser.create(&options)).unwrap();
                    call.body = json!({"challenge": challenge, "credential": made});
                }
            }
            "/api/v2/user/login" => {
                let holders: Vec<String> = self.browsers.keys().cloned().collect();
                if !holders.is_empty() && dice.one_in(3) {
                    if let Some((challenge, options)) = &self.anybody {
                        let options = serde_json::from_value(json!({"publicKey": options})).unwrap();
                        let signed = self.browsers.get_mut(&dice.pick(&holders)).unwrap().get(&options);
                        call.body = json!({"passkey": {"challenge": challenge, "credential": signed}});
                    }
                } else if let Some(codes) = self.codes.values().next().filter(|codes| !codes.is_empty())
                    && call.body["password"].is_string()
                    && dice.one_in(2)
                {
                    call.body["otp"] = json!(dice.pick(codes));
                }
            }
            _ => {}
        }
    }

    fn signed(&mut self, owner: &str) -> Option<Value> {
        let (challenge, options) = self.asked.get(owner).filter(|(_, options)| options["user"].is_null())?;
        let options = serde_json::from_value(json!({"publicKey": options})).ok()?;
        let signed = self.browsers.get_mut(owner)?.get(&options);
        Some(json!({"challenge": challenge, "credential": signed}))
    }

    /// Keeps what an answer gave.
    pub(super) fn take(&mut self, model: &Model, call: &Call, answer: &Value) {
        let owner = call.token.as_ref().and_then(|token| model.owner(token)).unwrap_or_default();
        // Webhooks have secrets of another kind.
        if let Some(seed) = answer["secret"].as_str().filter(|_| call.route.contains("second-factor")) {
            self.seeds.insert(owner.clone(), seed.to_owned());
        }
        if let Some(codes) = answer["recovery_codes"].as_array().filter(|codes| !codes.is_empty()) {
            self.codes.insert(owner.clone(), codes.iter().filter_map(Value::as_str).map(str::to_owned).collect());
        }
        if answer["public_key"].is_object() {
            let asked = (answer["challenge"].clone(), answer["public_key"].clone());
            if asked.1["user"].is_null() && asked.1["allowCredentials"].as_array().is_none_or(Vec::is_empty) {
                self.anybody = Some(asked);
            } else {
                self.asked.insert(owner, asked);
            }
        }
    }
}

fn code(seed: &str, now: i64) -> String {
    let codes = Builder::new().with_algorithm(Algorithm::SHA1).with_digits(6).with_step_duration(30);
    let app = codes.with_secret(Secret::try_from_base32(seed).unwrap()).build().unwrap();
    app.generate(u64::try_from(now).unwrap()).to_string()
}
