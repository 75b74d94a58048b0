//! One-time links that are mailed: what each is for, how it is made, and whether it is good still. Only the hash of what it
//! carries is kept. Knows nothing of mails, nor of what a link then does.

use crate::clock::Time;
use crate::email::Email;
use crate::error::Result;
use crate::id::{EnvironmentId, UserId};
use crate::secret::{TokenSecret, TokenSpelling};
use crate::store::{self, Tx};
use std::sync::Arc;

/// What a link is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Choose credentials for a new account.
    Invite,
    /// Accept one more environment.
    Join,
    /// Choose another password.
    Reset,
    /// Prove another address.
    Address,
}

impl Purpose {
    /// The column's spelling.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Purpose::Invite => "invite",
            Purpose::Join => "join",
            Purpose::Reset => "reset",
            Purpose::Address => "address",
        }
    }

    /// Reads the column.
    pub(crate) fn from_stored(text: &str) -> Purpose {
        match text {
            "join" => Purpose::Join,
            "reset" => Purpose::Reset,
            "address" => Purpose::Address,
            _ => Purpose::Invite,
        }
    }
}

/// A one-time link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// What for.
    pub purpose: Purpose,
    /// Whose.
    pub account: UserId,
    /// To where; of a reset: where the account signs in.
    pub environment: EnvironmentId,
    /// The address that it proves, if it is to become the account's.
    pub email: Option<Email>,
    /// When it ends by itself.
    pub expires_at: Time,
}

/// Makes a link; what it carries is known to its owner alone.
pub(crate) fn make(tx: &mut Tx<'_>, link: &Link) -> Result<Arc<TokenSecret>> {
    let token = TokenSecret::new(TokenSpelling::Session, tx.effects().randomness.bytes()?);
    store::links::insert(tx, &token.hash(), link)?;
    Ok(Arc::new(token))
}

/// The link that carries this, if it is for one of these and good still.
pub(crate) fn good(tx: &mut Tx<'_>, token: &TokenSecret, purposes: &[Purpose]) -> Result<Option<Link>> {
    let link = store::links::find(tx, &token.hash())?;
    Ok(link.filter(|link| purposes.contains(&link.purpose) && link.expires_at > tx.now()))
}
