//! The first environment, the first administrator, the operators: what only the command line does, on the machine itself.

use crate::accounts::Account;
use crate::actor::Actor;
use crate::audit::{self, Changes};
use crate::credentials;
use crate::directory::Directory;
use crate::email::Email;
use crate::environments::{self, Environment, EnvironmentName, NewEnvironment};
use crate::error::{Conflict, Error, Field, Noun, Result};
use crate::hashing::Lane;
use crate::id::{TokenId, UserId};
use crate::secret::{Password, PasswordHash, TokenSecret};
use crate::store::{self, Tx};
use crate::text::{Name, ShortName};
use crate::tokens::{self, Ceiling, NewToken};
use crate::username::Username;
use crate::users::{self, Membership, NewUser, Prepared, User, UserChanges};

/// An environment and its first administrator, to be made.
#[derive(Clone)]
pub struct FirstAdministrator {
    /// Where.
    pub environment: NewEnvironment,
    /// Who.
    pub email: Email,
    /// Its password.
    pub password: Password,
}

/// An environment and its first administrator, as they are now.
pub struct Founded {
    /// Where.
    pub environment: Environment,
    /// Who.
    pub user: UserId,
    /// An API token of that administrator; an operator's reaches all environments.
    pub token: TokenSecret,
    /// The database was fresh, so this administrator is an operator too.
    pub operator: bool,
}

impl Directory {
    /// Makes an environment and its first administrator, who is an operator too when there was no environment before.
    ///
    /// # Errors
    /// [`Error::Taken`] for the key, or for an address that is known already: credentials of an account that exists are
    /// not set here. [`Error::Invalid`] for a password that will not do.
    pub async fn found(&self, first: FirstAdministrator) -> Result<Founded> {
        let account = Account::new(UserId(uuid::Uuid::nil()), Some(first.email.clone()), None);
        let mut errors = Vec::new();
        let minimum = crate::password_policy::MINIMUM_ADMINISTRATOR;
        credentials::judge_password(&first.password, minimum, &account, None, &mut errors);
        if !errors.is_empty() {
            return Err(Error::Invalid(errors));
        }
        let hash = self.hasher().hash(Lane::command(), &first.password).await?;
        self.store().write(move |tx| found(tx, &first, &hash)).await
    }

    /// Makes an account an operator, or no longer one.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Conflict`] for the last operator.
    pub async fn set_operator(&self, email: Email, operator: bool) -> Result<()> {
        self.store().write(move |tx| set_operator(tx, &email, operator)).await
    }

    /// Makes a user for the command line. Without a password in it: a new account's owner chooses one by the mailed link,
    /// unless another system's hash of it comes along.
    ///
    /// # Errors
    /// [`Error::NotFound`] for an unknown environment; invalid or taken fields; [`Conflict::AccountExists`] for a hash for an
    /// account that has its own password.
    pub async fn add_user_by_command(
        &self,
        environment: EnvironmentName,
        new: NewUser,
        foreign_hash: Option<&str>,
    ) -> Result<User> {
        let hash = match foreign_hash {
            Some(foreign) => Some(self.hasher().import(Lane::command(), foreign).await?),
            None => None,
        };
        self.command(environment, move |tx, actor| {
            users::create(tx, actor, &new, hash.as_ref(), users::WithoutPassword::Invited)
        })
        .await?
    }

    /// Sets a user's password for the command line, by the hash that another system has of it.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Invalid`] for what is no such hash.
    pub async fn set_password_hash_by_command(
        &self,
        environment: EnvironmentName,
        id: UserId,
        foreign_hash: &str,
    ) -> Result<User> {
        let prepared = Prepared::New(self.hasher().import(Lane::command(), foreign_hash).await?);
        let nothing_else = UserChanges::default();
        self.command(environment, move |tx, actor| users::update(tx, actor, id, &nothing_else, &prepared, None)).await?
    }

    /// Changes a user for the command line; passwords are not changed here.
    ///
    /// # Errors
    /// [`Error::NotFound`]; invalid or taken fields; the last administrator.
    pub async fn update_user_by_command(
        &self,
        environment: EnvironmentName,
        id: UserId,
        fields: UserChanges,
    ) -> Result<User> {
        self.command(environment, move |tx, actor| users::update(tx, actor, id, &fields, &Prepared::None, None)).await?
    }

    /// Ends an API token for the command line, wherever it was made.
    ///
    /// # Errors
    /// [`Error::NotFound`]
    pub async fn revoke_token_by_command(&self, id: TokenId) -> Result<()> {
        self.store()
            .write(move |tx| {
                let missing = || Error::NotFound(Noun::Token);
                let token = store::tokens::find_token(tx, id)?.ok_or_else(missing)?;
                let environment = store::environments::find(tx, token.environment)?.ok_or_else(missing)?;
                tokens::revoke(tx, &Actor::command(environment, false), id)
            })
            .await
    }
}

fn found(tx: &mut Tx<'_>, first: &FirstAdministrator, hash: &PasswordHash) -> Result<Founded> {
    let operator = store::environments::none(tx)?;
    let environment = environments::insert(tx, &first.environment)?;
    if store::accounts::find_by_email(tx, &first.email)?.is_some() {
        return Err(Error::taken(Field::Email));
    }
    let actor = Actor::command(environment.clone(), false);
    audit::record_in_system(tx, &actor, "environment.created", &environment.uuid, environments::created(&environment))?;
    let now = tx.now();
    let id = UserId(tx.effects().randomness.uuid_v7(now)?);
    let username = Username::from_stored(first.email.as_typed().to_owned());
    let account = Account {
        password_hash: Some(hash.clone()),
        operator,
        default_environment: Some(environment.id),
        ..Account::new(id, Some(first.email.clone()), Some(username))
    };
    store::accounts::insert(tx, &account)?;
    let name = ShortName::from_stored("Administrator".to_owned());
    let membership = Membership { administrator: true, ..Membership::named(name, now) };
    store::users::insert(tx, environment.id, &account, &membership, None)?;
    let mut changes = Changes::default();
    changes.text("email", None, Some(first.email.as_typed()));
    changes.flag("administrator", None, Some(true));
    changes.flag("operator", None, Some(operator));
    changes.secret("password");
    audit::record(tx, &actor, "user.created", &id, changes)?;
    let ceiling = if operator { Ceiling::Everywhere } else { Ceiling::Administrator };
    let name = Name::from_stored("init".to_owned());
    let (_, token) = tokens::create(tx, &actor, &NewToken { account: id, name, ceiling, ends: None })?;
    Ok(Founded { environment, user: id, token, operator })
}

fn set_operator(tx: &mut Tx<'_>, email: &Email, operator: bool) -> Result<()> {
    let known = store::accounts::find_by_email(tx, email)?.ok_or(Error::NotFound(Noun::User))?;
    let was = store::accounts::lock(tx, known.id)?.ok_or(Error::NotFound(Noun::User))?;
    if was.operator == operator {
        return Ok(());
    }
    if !operator && !store::accounts::other_operator(tx, was.id)? {
        return Err(Error::Conflict(Conflict::LastOperator));
    }
    let account = Account { operator, ..was.clone() };
    store::accounts::update(tx, &was, &account)?;
    let environment = store::environments::list(tx, crate::id::EnvironmentId(0), 1)?.into_iter().next();
    let actor = Actor::command(environment.ok_or(Error::NotFound(Noun::Environment))?, true);
    let mut changes = Changes::default();
    changes.flag("operator", Some(!operator), Some(operator));
    audit::record_in_system(tx, &actor, "account.updated", &account.id, changes)
}
