//! Of a user only what decides over what it may do, out of the row that has it whole.

use super::{COLUMNS, Whole, holdings};
use crate::error::Result;
use crate::groups::Holding;
use crate::store::accounts;
use crate::store::columns::{FromRow, Row, get, text};

/// What decides over what a user may do.
pub struct Access {
    /// Manages the system.
    pub operator: bool,
    /// Manages the environment.
    pub administrator: bool,
    /// May sign in here.
    pub active: bool,
    /// Added, and not yet accepted.
    pub pending: bool,
    /// Its own groups, in no order; those too where that has ended.
    pub groups: Vec<Holding>,
}

impl Access {
    /// Of a user who was read whole.
    pub fn of(Whole { account, membership, groups, .. }: &Whole) -> Access {
        Access {
            operator: account.operator,
            administrator: membership.administrator,
            active: membership.active,
            pending: membership.pending,
            groups: groups.clone(),
        }
    }
}

impl FromRow for Access {
    fn from_row(row: &dyn Row) -> Result<Self> {
        let user = accounts::COLUMNS;
        Ok(Access {
            operator: get(row, accounts::OPERATOR)?,
            administrator: get(row, user + 6)?,
            active: get(row, user + 7)?,
            pending: get(row, user + 8)?,
            groups: holdings(text(row, user + COLUMNS)?),
        })
    }
}
