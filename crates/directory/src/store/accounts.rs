//! Accounts in the database: one person or program each, system-wide.

use super::Tx;
use super::columns::{FromRow, Row, get, params};
use super::memory::Mark;
use super::past;
use super::statement::statements;
use super::users;
use crate::accounts::Account;
use crate::email::Email;
use crate::error::Result;
use crate::id::{EnvironmentId, UserId};
use crate::secret::PasswordHash;
use crate::username::Username;

/// The columns of an account in the order that [`Account`]'s `FromRow` reads.
macro_rules! columns {
    () => {
        "a.id, a.email, a.username, a.password_hash, a.reset_password, a.reset_second_factor, a.owner_proven, \
         a.operator, a.service, a.default_environment"
    };
}
pub(super) use columns;

/// How many columns that is.
pub(super) const COLUMNS: usize = 10;
/// Which of them says who is an operator.
pub(super) const OPERATOR: usize = 7;

statements! {
    FIND = concat!("SELECT ", columns!(), " FROM accounts a WHERE a.id = $1");
    /// Taking the row keeps two changes of one account's credentials or memberships from passing each other by.
    LOCK = concat!("SELECT ", columns!(), " FROM accounts a WHERE a.id = $1 FOR UPDATE");
    FIND_BY_EMAIL = concat!("SELECT ", columns!(), " FROM accounts a WHERE a.email_folded = $1");
    FIND_BY_USERNAME = concat!("SELECT ", columns!(), " FROM accounts a WHERE a.username_folded = $1");
    HOLD = "SELECT id FROM accounts WHERE id = $1 FOR UPDATE";
    INSERT = "INSERT INTO accounts (id, email, email_folded, username, username_folded, password_hash, reset_password, \
              reset_second_factor, owner_proven, operator, service, default_environment, created_at, updated_at) \
              VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $13)";
    UPDATE = "UPDATE accounts SET email = $2, email_folded = $3, username = $4, username_folded = $5, \
              password_hash = $6, reset_password = $7, reset_second_factor = $8, owner_proven = $9, operator = $10, \
              default_environment = $11, updated_at = $12 WHERE id = $1";
    /// Only the hash, and only if it is still that one. `updated_at` stays: it is the same password.
    REPLACE_HASH = "UPDATE accounts SET password_hash = $3 WHERE id = $1 AND password_hash = $2";
    /// What lists of users show and search of the account stands in each of its users too.
    UPDATE_USERS = "UPDATE users SET email_folded = $2, username_folded = $3 WHERE account_id = $1 \
                    RETURNING environment_id, sought";
    DELETE = "DELETE FROM accounts WHERE id = $1";
    OTHER_OPERATOR = "SELECT id FROM accounts WHERE operator AND id <> $1 AND password_hash IS NOT NULL LIMIT 1 FOR UPDATE";
    LIST_OPERATORS = concat!("SELECT ", columns!(), " FROM accounts a WHERE a.operator ORDER BY a.id LIMIT 1000");
}

impl FromRow for Account {
    fn from_row(row: &dyn Row) -> Result<Self> {
        read(row, 0)
    }
}

/// Reads an account whose columns begin at `first`.
pub(super) fn read(row: &dyn Row, first: usize) -> Result<Account> {
    Ok(Account {
        id: get(row, first)?,
        email: get::<Option<String>>(row, first + 1)?.map(Email::from_stored),
        username: get::<Option<String>>(row, first + 2)?.map(Username::from_stored),
        password_hash: get::<Option<String>>(row, first + 3)?.map(PasswordHash::from_stored),
        reset_password: get(row, first + 4)?,
        reset_second_factor: get(row, first + 5)?,
        owner_proven: get(row, first + 6)?,
        operator: get(row, first + 7)?,
        service: get(row, first + 8)?,
        default_environment: get(row, first + 9)?,
    })
}

/// The account with this id.
pub fn find(tx: &mut Tx<'_>, id: UserId) -> Result<Option<Account>> {
    tx.find(&FIND, params![id])
}

/// The account with this id, taken until the end of the transaction.
pub fn lock(tx: &mut Tx<'_>, id: UserId) -> Result<Option<Account>> {
    tx.find(&LOCK, params![id])
}

/// Takes the account until the end of the transaction.
pub fn hold(tx: &mut Tx<'_>, id: UserId) -> Result<()> {
    tx.hold(&HOLD, params![id])
}

/// The account with this address, in any case.
pub fn find_by_email(tx: &mut Tx<'_>, email: &Email) -> Result<Option<Account>> {
    tx.find(&FIND_BY_EMAIL, params![email.folded()])
}

/// The account with this username, in any case.
pub fn find_by_username(tx: &mut Tx<'_>, username: &Username) -> Result<Option<Account>> {
    tx.find(&FIND_BY_USERNAME, params![username.folded()])
}

/// Writes a new account.
pub fn insert(tx: &mut Tx<'_>, account: &Account) -> Result<()> {
    let now = tx.now();
    let (email, username) = (account.email.as_ref(), account.username.as_ref());
    tx.run(
        Mark::Nothing,
        &INSERT,
        params![
            account.id,
            email.map(Email::as_typed),
            email.map(Email::folded),
            username.map(Username::as_typed),
            username.map(Username::folded),
            account.password_hash.as_ref().map(PasswordHash::as_phc),
            account.reset_password,
            account.reset_second_factor,
            account.owner_proven,
            account.operator,
            account.service,
            account.default_environment,
            now,
        ],
    )?;
    Ok(())
}

/// Writes an account as it is now, beside what it was.
pub fn update(tx: &mut Tx<'_>, was: &Account, account: &Account) -> Result<()> {
    if shown(was) != shown(account) {
        past::users_of_account(tx, account.id)?;
    }
    let now = tx.now();
    let (email, username) = (account.email.as_ref(), account.username.as_ref());
    tx.run(
        Mark::Account(account.id),
        &UPDATE,
        params![
            account.id,
            email.map(Email::as_typed),
            email.map(Email::folded),
            username.map(Username::as_typed),
            username.map(Username::folded),
            account.password_hash.as_ref().map(PasswordHash::as_phc),
            account.reset_password,
            account.reset_second_factor,
            account.owner_proven,
            account.operator,
            account.default_environment,
            now,
        ],
    )?;
    if texts(account) == texts(was) {
        return Ok(());
    }
    let (email, username) = texts(account);
    let (email, username) = (email.unwrap_or_default(), username.unwrap_or_default());
    // What is remembered of them is in doubt already, as the account's.
    let users: Vec<(EnvironmentId, String)> = tx.list(&UPDATE_USERS, params![account.id, email, username])?;
    users.iter().try_for_each(|(environment, sought)| users::learn(tx, *environment, account, sought))
}

/// What users show of their account, and what decides over what they may do.
fn shown(account: &Account) -> (Option<&str>, Option<&str>, bool, bool, bool) {
    let (email, username) = (account.email.as_ref(), account.username.as_ref());
    let Account { reset_password, reset_second_factor, operator, .. } = *account;
    (email.map(Email::as_typed), username.map(Username::as_typed), reset_password, reset_second_factor, operator)
}

/// What lists of users search of an account, folded.
pub(super) fn texts(account: &Account) -> (Option<&str>, Option<&str>) {
    (account.email.as_ref().map(Email::folded), account.username.as_ref().map(Username::folded))
}

/// Puts another hash of the same password in place of this one, unless it is another already.
pub fn replace_hash(tx: &mut Tx<'_>, id: UserId, old: &PasswordHash, new: &PasswordHash) -> Result<()> {
    tx.run(Mark::Account(id), &REPLACE_HASH, params![id, old.as_phc(), new.as_phc()]).map(drop)
}

/// Removes an account that nothing refers to any more.
pub fn delete(tx: &mut Tx<'_>, id: UserId) -> Result<()> {
    tx.run(Mark::Account(id), &DELETE, params![id]).map(drop)
}

/// Whether another operator than this one can sign in.
pub fn other_operator(tx: &mut Tx<'_>, than: UserId) -> Result<bool> {
    Ok(tx.find::<(UserId,)>(&OTHER_OPERATOR, params![than])?.is_some())
}

/// The operators.
pub fn list_operators(tx: &mut Tx<'_>) -> Result<Vec<Account>> {
    tx.list(&LIST_OPERATORS, &[])
}
