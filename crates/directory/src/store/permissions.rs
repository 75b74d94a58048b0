//! Permissions in the database: Rolebook's own and those that an environment declared.

use super::Tx;
use super::columns::{FromRow, Param, Row, ToParam, get, params};
use super::memory::Mark;
use super::past;
use super::statement::statements;
use crate::error::Result;
use crate::id::{EnvironmentId, PermissionId, TokenId};
use crate::permissions::Permission;
use crate::text::{Codename, Name};

statements! {
    FIND = "SELECT id, codename, name, built_in FROM permissions WHERE environment_id = $1 AND id = $2";
    FIND_BY_CODENAME = "SELECT id, codename, name, built_in FROM permissions WHERE environment_id = $1 AND codename = $2";
    LIST = "SELECT id, codename, name, built_in FROM permissions WHERE environment_id = $1 ORDER BY id";
    BY_CODENAMES = "SELECT id, codename, name, built_in FROM permissions WHERE environment_id = $1 AND codename = ANY($2)";
    FULL = "SELECT id FROM permissions WHERE environment_id = $1 LIMIT 1 OFFSET $2";
    INSERT = "INSERT INTO permissions (environment_id, id, codename, name, built_in, since) VALUES ($1, $2, $3, $4, $5, $6)";
    UPDATE = "UPDATE permissions SET codename = $3, name = $4, since = $5 WHERE environment_id = $1 AND id = $2";
    DELETE_FROM_GROUPS = "DELETE FROM group_permissions WHERE environment_id = $1 AND permission_id = $2";
    DELETE_FROM_TOKENS = "DELETE FROM api_token_permissions WHERE environment_id = $1 AND permission_id = $2";
    DELETE = "DELETE FROM permissions WHERE environment_id = $1 AND id = $2";
    OF_TOKEN = "SELECT permission_id FROM api_token_permissions WHERE environment_id = $1 AND token_id = $2 ORDER BY permission_id";
    OF_TOKENS = "SELECT token_id, permission_id FROM api_token_permissions WHERE environment_id = $1 AND token_id = ANY($2)";
}

impl FromRow for Permission {
    fn from_row(row: &dyn Row) -> Result<Self> {
        Ok(Permission {
            id: get(row, 0)?,
            codename: Codename::from_stored(get(row, 1)?),
            name: Name::from_stored(get(row, 2)?),
            built_in: get(row, 3)?,
        })
    }
}

/// The permission with this id.
pub fn find(tx: &mut Tx<'_>, environment: EnvironmentId, id: PermissionId) -> Result<Option<Permission>> {
    tx.find(&FIND, params![environment, id])
}

/// The permission with this codename.
pub fn find_by_codename(tx: &mut Tx<'_>, environment: EnvironmentId, codename: &str) -> Result<Option<Permission>> {
    tx.find(&FIND_BY_CODENAME, params![environment, codename])
}

/// Those of these codenames that exist.
pub fn by_codenames(tx: &mut Tx<'_>, environment: EnvironmentId, codenames: &[&str]) -> Result<Vec<Permission>> {
    tx.list(&BY_CODENAMES, params![environment, codenames.to_vec()])
}

/// All of the environment's, at most 10,000 and the built-in ones.
pub fn list(tx: &mut Tx<'_>, environment: EnvironmentId) -> Result<Vec<Permission>> {
    tx.list(&LIST, params![environment])
}

/// Whether the environment holds more than `most` already.
pub fn full(tx: &mut Tx<'_>, environment: EnvironmentId, most: i64) -> Result<bool> {
    Ok(tx.find::<(PermissionId,)>(&FULL, params![environment, most - 1])?.is_some())
}

/// Writes a new permission.
pub fn insert(tx: &mut Tx<'_>, environment: EnvironmentId, permission: &Permission) -> Result<()> {
    past::roles_change(tx, environment)?;
    let now = tx.now();
    let Permission { id, codename, name, built_in } = permission;
    tx.run(
        Mark::Environment(environment),
        &INSERT,
        params![environment, id, codename.as_str(), name.as_str(), built_in, now],
    )
    .map(drop)
}

/// Writes a permission as it is now.
pub fn update(tx: &mut Tx<'_>, environment: EnvironmentId, permission: &Permission) -> Result<()> {
    let Permission { id, codename, name, .. } = permission;
    past::permission(tx, environment, *id)?;
    let (codename, name, now) = (codename.as_str(), name.as_str(), tx.now());
    tx.run(Mark::Environment(environment), &UPDATE, params![environment, id, codename, name, now]).map(drop)
}

/// Removes a permission, from groups and tokens too.
pub fn delete(tx: &mut Tx<'_>, environment: EnvironmentId, id: PermissionId) -> Result<()> {
    past::whole_permission(tx, environment, id)?;
    for statement in [&DELETE_FROM_GROUPS, &DELETE_FROM_TOKENS, &DELETE] {
        tx.run(Mark::Environment(environment), statement, params![environment, id])?;
    }
    Ok(())
}

/// The ceilings of these API tokens, in no order.
pub fn of_tokens(
    tx: &mut Tx<'_>,
    environment: EnvironmentId,
    tokens: &[TokenId],
) -> Result<Vec<(TokenId, PermissionId)>> {
    let tokens: Vec<&[u8]> = tokens.iter().map(|token| token.0.as_bytes().as_slice()).collect();
    tx.list(&OF_TOKENS, &[environment.param(), Param::Ids(&tokens)])
}

/// The ceiling of an API token, in order of the ids.
pub fn of_token(tx: &mut Tx<'_>, environment: EnvironmentId, token: TokenId) -> Result<Vec<PermissionId>> {
    Ok(tx.list::<(PermissionId,)>(&OF_TOKEN, params![environment, token])?.into_iter().map(|row| row.0).collect())
}
