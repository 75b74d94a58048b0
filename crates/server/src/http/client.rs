//! Where a request comes from. Deliberately blind to `X-Forwarded-For`, which anybody can write.

use std::convert::Infallible;
use std::net::{IpAddr, SocketAddr};

use axum::extract::{ConnectInfo, FromRequestParts};
use axum::http::Extensions;
use axum::http::request::Parts;

/// The network address of whoever holds the other end of the connection; none when it is no network connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Client(pub(crate) Option<IpAddr>);

impl Client {
    /// As the listener noted it. An IPv4 address that arrived over IPv6 is the IPv4 address: one client is one address.
    pub(crate) fn of(extensions: &Extensions) -> Client {
        let connection = extensions.get::<ConnectInfo<SocketAddr>>();
        Client(connection.map(|ConnectInfo(address)| address.ip().to_canonical()))
    }
}

impl<S: Sync> FromRequestParts<S> for Client {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Client, Infallible> {
        Ok(Client::of(&parts.extensions))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn connected_from(address: &str) -> Client {
        let mut extensions = Extensions::new();
        extensions.insert(ConnectInfo(address.parse::<SocketAddr>().unwrap()));
        Client::of(&extensions)
    }

    #[test]
    fn the_address_is_that_of_the_connection() {
        assert_eq!(connected_from("203.0.113.7:5000"), Client(Some("203.0.113.7".parse().unwrap())));
        assert_eq!(connected_from("[2001:db8::1]:5000"), Client(Some("2001:db8::1".parse().unwrap())));
    }

    #[test]
    fn ipv4_over_ipv6_is_ipv4() {
        assert_eq!(connected_from("[::ffff:203.0.113.7]:5000"), connected_from("203.0.113.7:5000"));
    }

    #[test]
    fn without_a_connection_there_is_none() {
        assert_eq!(Client::of(&Extensions::new()), Client(None));
    }
}
