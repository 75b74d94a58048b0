//! Whose business a refused sign-in is. An environment hears of those that are certainly its own, and of nothing that an
//! account tried elsewhere. Knows nothing of why it was refused.

use crate::accounts::Account;
use crate::environments::{self, EnvironmentName};
use crate::error::Result;
use crate::id::{EnvironmentId, UserId};
use crate::store::{self, Tx};
use uuid::Uuid;

/// Whom an unknown name is looked up as: nobody has this id.
pub(super) const NOBODY: UserId = UserId(Uuid::nil());
const NOWHERE: EnvironmentId = EnvironmentId(0);

/// The environment that was asked for, if the account is an accepted user of it; where none was, the only one that the
/// account is an accepted user of. Operators are at home in all of them.
///
/// It asks the database the same whoever is named and whatever is there, so that time tells nobody.
pub(super) fn whose(
    tx: &mut Tx<'_>,
    account: Option<&Account>,
    asked: Option<&EnvironmentName>,
) -> Result<Option<EnvironmentId>> {
    let id = account.map_or(NOBODY, |account| account.id);
    let Some(name) = asked else {
        let accepted = store::users::accepted_in(tx, id, 2)?;
        let operator = account.is_some_and(|account| account.operator);
        return Ok(accepted.first().copied().filter(|_| accepted.len() == 1 && !operator));
    };
    let here = environments::resolve(tx, name)?.map_or(NOWHERE, |environment| environment.id);
    let membership = store::users::find_membership(tx, here, id)?;
    Ok(membership.filter(|membership| !membership.pending).map(|_| here))
}
