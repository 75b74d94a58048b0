//! Accounts: one person or program each, system-wide. Knows what an account is and how it comes and goes; who may change
//! it is judged in `actor.rs` and `credentials.rs`.

use crate::actor::Actor;
use crate::audit;
use crate::email::Email;
use crate::error::{Error, Noun, Result};
use crate::id::{EnvironmentId, UserId};
use crate::second_factors;
use crate::secret::PasswordHash;
use crate::store::{self, Tx};
use crate::username::Username;

/// One person or program.
#[derive(Clone, Debug)]
pub struct Account {
    /// The same in every environment.
    pub id: UserId,
    /// Provisioned people may have none.
    pub email: Option<Email>,
    /// Provisioned people may have none.
    pub username: Option<Username>,
    /// Absent until its owner chose a password.
    pub password_hash: Option<PasswordHash>,
    /// The next sign-in must choose a new password.
    pub reset_password: bool,
    /// The next sign-in must enrol a second factor anew.
    pub reset_second_factor: bool,
    /// The address was proven by its owner, and no tenant has set credentials since.
    pub owner_proven: bool,
    /// May manage the system.
    pub operator: bool,
    /// A program: groups and tokens, no password.
    pub service: bool,
    /// Where it acts unless told otherwise.
    pub default_environment: Option<EnvironmentId>,
}

impl Account {
    /// What its owner knows it by: the address, else the username, else the id.
    pub fn login(&self) -> String {
        let named = self.email.as_ref().map(Email::as_typed).or(self.username.as_ref().map(Username::as_typed));
        named.map_or_else(|| self.id.to_string(), str::to_owned)
    }

    /// An account that nobody has touched yet.
    pub(crate) fn new(id: UserId, email: Option<Email>, username: Option<Username>) -> Account {
        Account {
            id,
            email,
            username,
            password_hash: None,
            reset_password: false,
            reset_second_factor: false,
            owner_proven: false,
            operator: false,
            service: false,
            default_environment: None,
        }
    }
}

/// The actor's own account.
///
/// # Errors
/// [`Error::NotFound`] for the command line.
pub fn own(tx: &mut Tx<'_>, actor: &Actor) -> Result<Account> {
    let own = actor.user().ok_or(Error::NotFound(Noun::User))?;
    store::accounts::find(tx, own)?.ok_or(Error::Unauthenticated)
}

/// Removes an account that belongs nowhere any more, unless it is an operator's.
pub(crate) fn drop_if_homeless(tx: &mut Tx<'_>, id: UserId) -> Result<()> {
    let Some(account) = store::accounts::lock(tx, id)? else { return Ok(()) };
    if account.operator || store::users::anywhere(tx, id)? {
        return Ok(());
    }
    store::tokens::end_sessions_of_account(tx, id, None)?;
    store::tokens::end_tokens_of_account(tx, id)?;
    store::links::void_all(tx, id)?;
    second_factors::discard(tx, id)?;
    store::outbox::drop_of_account(tx, id)?;
    audit::erase(tx, id)?;
    store::accounts::delete(tx, id)
}
