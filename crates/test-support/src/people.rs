//! Personas, and what they are made of, in few letters.

use directory::actor::Caller;
use directory::email::Email;
use directory::environments::EnvironmentName;
use directory::id::{EnvironmentId, UserId};
use directory::secret::{Password, TokenSecret};
use directory::text::{Codename, EnvironmentKey, Name, Phone, ShortName};
use directory::username::Username;
use uuid::Uuid;

/// Somebody who can call: an id, credentials, and what it shows with a call.
#[derive(Clone)]
pub struct Person {
    pub id: UserId,
    pub email: String,
    pub password: String,
    /// Shows its session, or its API token.
    pub caller: Caller,
    /// What it shows, as text.
    pub token: String,
    /// For a new pair, where it signed in for one.
    pub refresh: Option<String>,
}

impl Person {
    /// The same bearer, naming this environment.
    pub fn in_environment(&self, tenant: &Tenant) -> Caller {
        self.caller.in_environment(tenant.name())
    }
}

/// An environment, with its first administrator, who shows an API token.
#[derive(Clone)]
pub struct Tenant {
    pub id: EnvironmentId,
    pub key: String,
    pub uuid: Uuid,
    pub administrator: Person,
}

impl Tenant {
    pub fn name(&self) -> EnvironmentName {
        EnvironmentName::Key(self.key.clone())
    }
}

/// Where all calls of tests come from.
pub(crate) fn origin() -> directory::actor::Origin {
    directory::actor::Origin { request: "test".into(), address: Some([192, 0, 2, 1].into()) }
}

/// A caller with this bearer.
pub(crate) fn caller(token: &str) -> Caller {
    Caller {
        bearer: TokenSecret::parse(token).map(std::sync::Arc::new),
        claims: None,
        environment: None,
        origin: origin(),
    }
}

pub fn email(text: &str) -> Email {
    Email::parse(text).unwrap()
}

pub fn username(text: &str) -> Username {
    Username::parse(text).unwrap()
}

pub fn password(text: &str) -> Password {
    Password::parse(text).unwrap()
}

pub fn name(text: &str) -> Name {
    Name::parse(text).unwrap()
}

pub fn short(text: &str) -> ShortName {
    ShortName::parse(text).unwrap()
}

pub fn phone(text: &str) -> Phone {
    Phone::parse(text).unwrap()
}

pub fn codename(text: &str) -> Codename {
    Codename::parse(text).unwrap()
}

pub fn key(text: &str) -> EnvironmentKey {
    EnvironmentKey::parse(text).unwrap()
}
