//! Whose a password is that waits to be hashed: everyone who waits stands in a lane, and the lanes are served in turn. Chosen
//! from what the caller showed alone: a lane that hung on whether an account exists would tell it by its length.

use crate::actor::Origin;
use crate::environments::EnvironmentName;
use crate::id::EnvironmentId;
use sha2::{Digest, Sha256};
use std::net::IpAddr;

/// Where a password waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lane {
    pub(super) whose: Whose,
    /// Where a caller comes from whom we do not believe yet: it may name as many environments as it likes.
    pub(super) from: Option<Network>,
}

/// What one lane holds together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Whose {
    /// An environment that a login named, as a digest: whether there is one is not asked.
    Named([u8; 16]),
    /// The environment of somebody who is signed in, or who holds a link to it.
    Environment(EnvironmentId),
    /// A login that named none.
    Network(Network),
    /// The command line.
    Command,
    /// Hashes that are brought up to date, which nobody waits for.
    Upkeep,
}

/// A network address, as far as one household or machine has it to itself: all of IPv4, the first half of IPv6.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Network {
    V4([u8; 4]),
    V6([u8; 8]),
    /// It came over none.
    None,
}

impl Network {
    fn of(address: Option<IpAddr>) -> Network {
        match address.map(|address| address.to_canonical()) {
            Some(IpAddr::V4(address)) => Network::V4(address.octets()),
            Some(IpAddr::V6(address)) => {
                let [a, b, c, d, e, f, g, h, ..] = address.octets();
                Network::V6([a, b, c, d, e, f, g, h])
            }
            None => Network::None,
        }
    }
}

impl Lane {
    /// A login: the environment that it names, else where it comes from.
    pub fn of_login(environment: Option<&EnvironmentName>, origin: &Origin) -> Lane {
        let network = Network::of(origin.address);
        let whose = match environment {
            Some(EnvironmentName::Key(key)) => Whose::Named(digest(b"key", key.as_bytes())),
            Some(EnvironmentName::Uuid(uuid)) => Whose::Named(digest(b"uuid", uuid.as_bytes())),
            None => Whose::Network(network),
        };
        Lane { whose, from: Some(network) }
    }

    /// Somebody who is known to belong to this environment.
    pub fn of_environment(environment: EnvironmentId) -> Lane {
        Lane { whose: Whose::Environment(environment), from: None }
    }

    /// The command line.
    pub fn command() -> Lane {
        Lane { whose: Whose::Command, from: None }
    }

    /// What nobody waits for.
    pub(crate) fn upkeep() -> Lane {
        Lane { whose: Whose::Upkeep, from: None }
    }
}

/// Names may be as long as a body; what waits is to be small.
fn digest(kind: &[u8], name: &[u8]) -> [u8; 16] {
    let whole = Sha256::new().chain_update(kind).chain_update(name).finalize();
    std::array::from_fn(|n| whole[n])
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn from(address: &str) -> Origin {
        Origin { request: "".into(), address: Some(address.parse().unwrap()) }
    }

    #[test]
    fn a_login_waits_with_its_environment_else_with_its_network() {
        let pizza = EnvironmentName::parse("pizza");
        let named = |address| Lane::of_login(Some(&pizza), &from(address)).whose;
        assert_eq!(named("192.0.2.1"), named("2001:db8::1"));
        assert_ne!(
            named("192.0.2.1"),
            Lane::of_login(Some(&EnvironmentName::parse("sushi")), &from("192.0.2.1")).whose
        );
        let unnamed = |address| Lane::of_login(None, &from(address)).whose;
        assert_ne!(unnamed("192.0.2.1"), unnamed("192.0.2.2"));
        assert_eq!(unnamed("192.0.2.1"), unnamed("::ffff:192.0.2.1"));
        assert_eq!(unnamed("2001:db8:1:2:3::4"), unnamed("2001:db8:1:2:ffff::"));
        assert_ne!(unnamed("2001:db8:1:2::"), unnamed("2001:db8:1:3::"));
    }
}
