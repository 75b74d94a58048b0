//! A mail on its way to the outbox: what it is about and to whom, sealed with the server's keys. Its words are put together
//! where it is shown or sent; here they are not known.

use crate::error::{Error, Result};
use crate::id::{EnvironmentId, UserId};
use crate::store::{self, Tx};

/// What a mail is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// Choose a username and a password.
    Invitation,
    /// Accept one more environment.
    Join,
}

/// A mail.
#[derive(Clone, PartialEq, Eq)]
pub struct Mail {
    /// What it is about.
    pub subject: Subject,
    /// To which address.
    pub to: String,
    /// To whom, for the salutation; may be empty.
    pub name: String,
    /// In which language; may be empty.
    pub language: String,
    /// The environment's name.
    pub environment: String,
    /// What its link carries.
    pub token: String,
}

const PURPOSE: &str = "outbox";

impl Mail {
    /// Puts it into the outbox, in the transaction that is its reason.
    pub(crate) fn post(&self, tx: &mut Tx<'_>, environment: Option<EnvironmentId>, account: UserId) -> Result<()> {
        let effects = tx.effects();
        let sealed =
            effects.keys.seal(PURPOSE, account.0.as_bytes(), self.to_text().as_bytes(), &effects.randomness)?;
        store::outbox::insert(tx, environment, account, &sealed)?;
        // No address and no link here: a log is read by more people than the outbox.
        tracing::info!(%account, "a mail waits in the outbox");
        Ok(())
    }

    /// One line a field: none of them can hold a line break.
    fn to_text(&self) -> String {
        let subject = match self.subject {
            Subject::Invitation => "invitation",
            Subject::Join => "join",
        };
        [subject, &self.to, &self.name, &self.language, &self.environment, &self.token].join("\n")
    }

    fn from_text(text: &str) -> Option<Mail> {
        let mut lines = text.split('\n').map(str::to_owned);
        let subject = match lines.next()?.as_str() {
            "invitation" => Subject::Invitation,
            "join" => Subject::Join,
            _ => return None,
        };
        let mut next = || lines.next();
        Some(Mail { subject, to: next()?, name: next()?, language: next()?, environment: next()?, token: next()? })
    }
}

/// A mail that waits.
pub struct Waiting {
    /// Counts up.
    pub id: i64,
    /// The mail, opened.
    pub mail: Mail,
    /// How often sending was tried.
    pub attempts: i64,
    /// Since when it waits.
    pub created_at: crate::clock::Time,
}

/// Up to `limit` mails after this one, oldest first, opened: for the operator's command line.
pub(crate) fn list(tx: &mut Tx<'_>, after: i64, limit: i64) -> Result<Vec<Waiting>> {
    let keys = tx.effects().keys.clone();
    store::outbox::list(tx, after, limit)?
        .into_iter()
        .map(|row| {
            let opened = keys.open(PURPOSE, row.account.0.as_bytes(), &row.sealed)?;
            let mail = std::str::from_utf8(&opened).ok().and_then(Mail::from_text);
            let mail = mail.ok_or_else(|| Error::Internal(format!("mail {} cannot be read", row.id)))?;
            Ok(Waiting { id: row.id, mail, attempts: row.attempts, created_at: row.created_at })
        })
        .collect()
}
