//! A password hash that another system made, or that was made with other costs, is made anew when its owner signs in: then
//! alone is the password at hand. Nobody is told, and nothing waits for it.

use crate::directory::Directory;
use crate::error::Result;
use crate::hashing::Lane;
use crate::id::UserId;
use crate::secret::{Password, PasswordHash};
use crate::store;

impl Directory {
    /// Hashes a password again that was just found right, if its hash is not what we would make now.
    ///
    /// Beside the answer, not before it: a login should not take twice as long because of where its account came from, and a
    /// right password should not be refused because the hashing threads have no place left. What does not happen now (no
    /// place, a stop, a crash) happens at the next sign-in. The queues of hashing and of writing bound how many there are.
    pub(super) fn upgrade_hash(&self, account: UserId, password: Password, old: PasswordHash) {
        if !self.hasher().needs_upgrade(&old) {
            return;
        }
        let directory = self.clone();
        tokio::spawn(async move {
            if let Err(error) = directory.replace_hash(account, &password, old).await {
                tracing::debug!(%account, %error, "a password hash stays as it is until the next sign-in");
            }
        });
    }

    async fn replace_hash(&self, account: UserId, password: &Password, old: PasswordHash) -> Result<()> {
        let new = self.hasher().hash(Lane::upkeep(), password).await?;
        self.store().write(move |tx| store::accounts::replace_hash(tx, account, &old, &new)).await
    }
}
