//! What must hold after each call, whatever it was: the rules, said over the model before and after.

use super::calls::Call;
use super::model::{Has, Model, Power, dashed, on};
use serde_json::Value;
use std::collections::BTreeSet;

/// A call with all that there is to know of it.
pub(super) struct Played<'a> {
    pub(super) call: &'a Call,
    pub(super) status: u16,
    pub(super) body: &'a str,
    pub(super) before: &'a Model,
    pub(super) after: &'a Model,
    /// What the caller had; `None`: nobody, or nothing any more.
    pub(super) power: Option<&'a Power>,
    /// The game's environments, each with the word that marks its things.
    pub(super) words: &'a [(String, String)],
}

type Verdict = Result<(), String>;

fn hold(truth: bool, otherwise: impl FnOnce() -> String) -> Verdict {
    if truth { Ok(()) } else { Err(otherwise()) }
}

impl Played<'_> {
    pub(super) fn judge(&self) -> Verdict {
        hold(self.status < 500, || "a defect".into())?;
        hold(!self.body.contains("$argon2"), || "a hash in an answer".into())?;
        self.refused_changes_nothing()?;
        self.nobody_is_refused()?;
        self.leaks_nothing()?;
        self.judges_no_shared_password()?;
        self.nobody_gains()?;
        self.credentials_are_the_owners()?;
        self.nobody_joins_unasked()?;
        self.new_sessions_are_the_callers()?;
        self.new_tokens_are_no_more_than_their_makers()?;
        self.factors_are_the_owners()?;
        self.stays_administered()
    }

    fn is(&self, method: &str, route: &str) -> bool {
        self.call.method == method && self.call.route == route
    }

    fn opens(&self) -> bool {
        self.call.route.ends_with("/login") || self.call.route.ends_with("/token/refresh")
    }

    /// No bearer is needed.
    fn open(&self) -> bool {
        let linked = [
            "/api/v2/invitation/accept",
            "/api/v2/invitation/{token}",
            "/api/v2/password/forgot",
            "/api/v2/password/reset",
            "/api/v2/user/me/email/confirm",
            "/api/v1/login/passkey",
            "/api/v2/user/login/passkey",
        ];
        self.opens() || linked.contains(&self.call.route) || !self.call.route.starts_with("/api")
    }

    /// One's own second factors are shown or enrolled.
    fn about_factors(&self) -> bool {
        self.call.route.contains("second-factor")
    }

    fn told(&self) -> Value {
        serde_json::from_str(self.body).unwrap_or_default()
    }

    /// The account that an answer is about, as the store writes it.
    fn answered(&self) -> String {
        let told = self.told();
        let id = told["id"].as_str().or_else(|| told["data"]["userId"].as_str()).unwrap_or_default();
        id.replace('-', "")
    }

    fn refused_changes_nothing(&self) -> Verdict {
        if self.status < 400 {
            return Ok(());
        }
        // A login that must take a step first has a session for it; a refresh token shown twice ends its session.
        let exempt = |line: &str| {
            self.opens() && ["sessions:", "bearers:", "audit_events:"].iter().any(|table| line.starts_with(table))
        };
        if self.before.dump == self.after.dump {
            return Ok(());
        }
        let changed = self.before.dump.difference(&self.after.dump);
        let known = changed.lines().all(|line| exempt(line.trim_start_matches(['-', '+', ' '])));
        hold(known, || format!("refused, and yet changed:\n{changed}"))
    }

    fn nobody_is_refused(&self) -> Verdict {
        let leaving = self.call.route.ends_with("/logout");
        // In a session that is good for a step only, or lacks a second factor, that step can be taken.
        let owner = self.call.token.as_ref().and_then(|token| self.before.owner(token));
        let stepping = owner.is_some() && (self.about_factors() || self.is("PATCH", "/api/v2/user/me"));
        if self.power.is_some() || self.open() || leaving || stepping {
            return Ok(());
        }
        hold(self.status >= 400, || "served, with a bearer that is good for nothing here".into())?;
        let unread = self.call.body != Value::Null
            || ["limit=0", "actor=x", "system=maybe"].iter().any(|wrong| self.call.target.contains(wrong))
            || self.call.target.ends_with("/api/v2/session");
        let broken = matches!(self.status, 400 | 404) && unread;
        hold(matches!(self.status, 401 | 403) || broken, || "told something else than 401 or 403".into())
    }

    /// Where the answer may tell of.
    fn told_of(&self) -> Vec<String> {
        let told = self.told();
        let company = told["company_id"].as_str().or_else(|| told["company"].as_str());
        match (self.power, company) {
            (_, Some(company)) if self.open() => self.after.named(company).into_iter().collect(),
            (Some(power), _) if self.is("GET", "/api/v2/user/me/environments") => {
                let own = self.before.users.keys().filter(|(_, account)| *account == power.account);
                own.map(|(environment, _)| environment.clone()).collect()
            }
            (Some(power), _) => vec![power.environment.clone()],
            _ => Vec::new(),
        }
    }

    fn leaks_nothing(&self) -> Verdict {
        if self.power.is_some_and(|power| power.operator) {
            return Ok(());
        }
        // Whoever has the link has the address's mails: it is shown where it leads, and whose it is.
        if self.is("GET", "/api/v2/invitation/{token}") {
            return Ok(());
        }
        // An environment's past tells of people who have left it, and of operators.
        if self.call.route.starts_with("/api/v2/audit") {
            return self.tells_of_its_own_past();
        }
        let told_of = self.told_of();
        let sent = format!("{:?}", self.call).to_lowercase();
        // As addresses of apps spell addresses of people.
        let mut text = self.body.to_lowercase().replace("%40", "@").replace("%2e", ".");
        // By whose doing somebody may something tells of those who did it: of operators, and of people who have left.
        for doing in text.clone().split("\"given_by\":\"").skip(1) {
            text = text.replace(&format!("\"given_by\":\"{}\"", doing.split('"').next().unwrap_or_default()), "");
        }
        let member = |model: &Model, account: &str| told_of.iter().any(|here| model.has(here, account).is_some());
        for model in [self.before, self.after] {
            for (id, account) in &model.accounts {
                let own = self.power.is_some_and(|power| power.account == *id);
                if own || member(self.before, id) || member(self.after, id) {
                    // An address is the account's, wherever it came from.
                    for known in [&account.username, &account.email].into_iter().filter(|known| !known.is_empty()) {
                        text = text.replace(&known.to_lowercase(), "");
                    }
                } else {
                    let id = dashed(id);
                    let seen = text.contains(&id) && !sent.contains(&id);
                    hold(!seen || self.open(), || format!("tells of {id}, who is not there"))?;
                }
            }
        }
        for (environment, word) in self.words.iter().filter(|(environment, _)| !told_of.contains(environment)) {
            hold(!text.contains(word) || sent.contains(word), || format!("tells of \"{word}\""))?;
            let uuid = self.before.environments.get(environment).map_or("gone", |environment| &environment.uuid);
            hold(!text.contains(uuid) || sent.contains(uuid), || format!("tells the id of \"{word}\""))?;
        }
        Ok(())
    }

    fn tells_of_its_own_past(&self) -> Verdict {
        let lines = self.body.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
        let events = lines.flat_map(|line| line["results"].as_array().cloned().unwrap_or_else(|| vec![line]));
        let here = self.power.map(|power| power.environment.clone());
        for event in events.filter(|event| event["hash"].is_string()) {
            let hash = event["hash"].as_str();
            let own = self
                .before
                .dump
                .rows("audit_events")
                .any(|row| row["hash"] == hash.unwrap_or_default() && here.as_deref() == Some(row["chain"]));
            hold(own, || format!("tells of what happened elsewhere: {event}"))?;
        }
        Ok(())
    }

    /// Whoever may not set a password hears nothing of whether it would do, because that depends on where else the account
    /// is, and what.
    fn judges_no_shared_password(&self) -> Verdict {
        let Some(power) = self.power.filter(|power| !power.operator && self.status == 400) else { return Ok(()) };
        let Some(account) = self.target().filter(|account| *account != power.account) else { return Ok(()) };
        let there = self.before.has(&power.environment, &account).is_some();
        let judged = self.told()["password"].is_array() && self.call.body["password"].is_string();
        hold(!judged || !there || self.before.alone(&power.environment, &account), || {
            "judged a password for the account of somebody else's too".into()
        })
    }

    /// The account that the path names.
    fn target(&self) -> Option<String> {
        let id = self.call.target.strip_prefix("/api/v2/user/")?.split('?').next()?;
        let id = id.replace('-', "");
        self.before.accounts.contains_key(&id).then_some(id)
    }

    fn nobody_gains(&self) -> Verdict {
        let all: BTreeSet<_> = self.before.users.keys().chain(self.after.users.keys()).collect();
        for key in all {
            let (had, has) = (self.before.users.get(key), self.after.users.get(key));
            if had != has {
                self.allowed(key, had, has).map_err(|wrong| format!("{wrong}: {key:?} from {had:?} to {has:?}"))?;
            }
        }
        for (id, account) in &self.after.accounts {
            let was = self.before.accounts.get(id).is_some_and(|account| account.operator);
            hold(was == account.operator, || format!("{id} became an operator, or was one"))?;
        }
        Ok(())
    }

    fn allowed(&self, key: &(String, String), had: Option<&Has>, has: Option<&Has>) -> Verdict {
        let (environment, account) = key;
        let nothing = Has::default();
        let (was, is) = (had.unwrap_or(&nothing), has.unwrap_or(&nothing));
        // Its owner accepts: nothing but that changes.
        let accepted = had.is_some() && has == Some(&Has { pending: false, ..was.clone() });
        if accepted {
            let own = self.power.is_some_and(|power| power.account == *account && self.call.route.ends_with("/accept"));
            return hold(own || self.call.route == "/api/v2/invitation/accept", || "accepted by somebody else".into());
        }
        // What was asked of the old address is withdrawn with it, whoever moved it.
        let address = |model: &Model| model.accounts.get(account).map(|account| account.email.clone());
        let withdrawn = was.pending && has.is_none() && address(self.before) != address(self.after);
        if withdrawn && self.is("POST", "/api/v2/user/me/email/confirm") {
            return Ok(());
        }
        let power = self.power.ok_or("changed by nobody")?;
        if power.environment != *environment {
            let ended = power.operator && self.is("DELETE", "/api/v2/environment/{key}");
            return hold(withdrawn || ended, || "another environment's".into());
        }
        let gained = is.permissions.difference(&was.permissions).cloned().collect();
        let lost = was.permissions.difference(&is.permissions).cloned().collect();
        hold(power.holds(&gained), || "gained more than the caller has".into())?;
        hold(power.holds(&lost), || "lost more than the caller has".into())?;
        let promoted = is.administrator != was.administrator;
        hold(!promoted || power.administrator || power.operator, || "promoted or demoted".into())?;
        // Touching a user, not its groups: only of those who have no more.
        let touched =
            (&was.groups, was.active, was.administrator, was.mfa) != (&is.groups, is.active, is.administrator, is.mfa);
        let by_group = self.is("DELETE", "/api/v2/group/{id}");
        hold(had.is_none() || !touched || by_group || power.covers(was), || "touched somebody with more".into())
    }

    fn credentials_are_the_owners(&self) -> Verdict {
        for (id, was) in &self.before.accounts {
            let Some(is) = self.after.accounts.get(id) else {
                let left = self.after.users.keys().any(|(_, account)| account == id);
                hold(!left && !was.operator, || format!("the account {id} is gone"))?;
                continue;
            };
            if was == is {
                continue;
            }
            let linked = ["/api/v2/password/reset", "/api/v2/user/me/email/confirm"].contains(&self.call.route)
                && self.before.owner_of_link(self.call.body["token"].as_str().unwrap_or_default()).as_ref() == Some(id);
            let by_link = linked || self.call.route == "/api/v2/invitation/accept" && self.answered() == *id;
            let own = self.power.is_some_and(|power| power.account == *id);
            // In a session that is good for the step alone.
            let step = self.is("PATCH", "/api/v2/user/me") && self.answered() == *id;
            let may = self.power.is_some_and(|power| {
                let here = self.before.has(&power.environment, id);
                let covered = !was.operator && here.is_some_and(|has| power.covers(has));
                power.operator || covered && self.before.alone(&power.environment, id)
            });
            hold(by_link || own || step || may, || format!("the credentials of {id}: {was:?} to {is:?}"))?;
        }
        Ok(())
    }

    /// Rule 4: whom another environment has already comes as pending, unless an operator or the organisation brings them.
    fn nobody_joins_unasked(&self) -> Verdict {
        let come = self.after.users.iter().filter(|(key, _)| !self.before.users.contains_key(*key));
        for ((environment, account), has) in come {
            if !self.before.accounts.contains_key(account)
                || has.pending
                || self.power.is_some_and(|power| power.operator)
            {
                continue;
            }
            let organisation = &self.before.environments[environment].organisation;
            let related = self.before.users.iter().any(|((other, of), had)| {
                of == account && !had.pending && self.before.environments[other].organisation == *organisation
            });
            hold(related && !organisation.is_empty(), || format!("{account} joined unasked"))?;
        }
        Ok(())
    }

    fn new_sessions_are_the_callers(&self) -> Verdict {
        for (id, session) in self.after.sessions.iter().filter(|(id, _)| !self.before.sessions.contains_key(*id)) {
            hold(self.call.route.ends_with("/login"), || format!("a session out of nothing: {id}"))?;
            let named = self.status >= 400 || self.answered() == session["account_id"];
            hold(named, || "a session of somebody else".into())?;
        }
        Ok(())
    }

    /// Made for oneself, or for a program here, and never with more than whoever makes it has.
    fn new_tokens_are_no_more_than_their_makers(&self) -> Verdict {
        for (id, token) in self.after.tokens.iter().filter(|(id, _)| !self.before.tokens.contains_key(*id)) {
            let power = self.power.ok_or("a token out of nothing")?;
            let owner = &token["account_id"];
            let own = self.is("POST", "/api/v2/token") && *owner == power.account;
            let program = self.is("POST", "/api/v2/service-account/{id}/token")
                && self.before.accounts.get(owner).is_some_and(|account| account.email.is_empty())
                && self.before.has(&power.environment, owner).is_some_and(|has| power.covers(has))
                && power.holds(&BTreeSet::from(["manage_token".to_owned()]));
            hold(own || program, || format!("a token of somebody else: {token:?}"))?;
            hold(token["environment_id"] == power.environment, || "a token of another environment".into())?;
            let ceiling = self.after.ceilings.get(id).cloned().unwrap_or_default();
            hold(power.holds(&ceiling), || "a token with more than its maker".into())?;
            let all = power.administrator || power.operator;
            hold(all || !on(&token["administrator"]), || "a token that administers".into())?;
            hold(power.operator || !on(&token["everywhere"]), || "a token for everywhere".into())?;
        }
        Ok(())
    }

    /// Enrolled, renamed, used and removed by whom they prove alone; a reset and a mailed link take them away.
    fn factors_are_the_owners(&self) -> Verdict {
        let own = self.call.token.as_ref().and_then(|token| self.before.owner(token));
        for table in ["second_factors", "recovery_codes"] {
            let rows = |model: &Model| -> BTreeSet<String> {
                model.dump.rows(table).map(|row| format!("{}: {row:?}", row["account_id"])).collect()
            };
            let (before, after) = (rows(self.before), rows(self.after));
            for row in before.symmetric_difference(&after) {
                let whose = row.split(':').next().unwrap_or_default();
                let came_in = self.opens() && (self.status >= 400 || self.answered() == whose);
                let gone = !self.after.accounts.contains_key(whose);
                let reset = self.call.body["reset_2fa"] == Value::Bool(true) && self.power.is_some();
                let accepted = self.call.route == "/api/v2/invitation/accept" && self.answered() == whose;
                let taken = !after.contains(row) && (gone || reset || accepted);
                let shown = self.about_factors() && own.as_deref() == Some(whose);
                hold(came_in || taken || shown, || format!("a second factor of {whose}: {row}"))?;
            }
        }
        Ok(())
    }

    fn stays_administered(&self) -> Verdict {
        for (id, environment) in &self.after.environments {
            let kept = !self.before.administered(id) || self.after.administered(id);
            hold(kept, || format!("{} has no administrator", environment.key))?;
        }
        let operator = self.after.accounts.values().any(|account| account.operator && !account.hash.is_empty());
        hold(operator, || "the system has no operator".into())
    }
}
