//! A mail on its way: what it is about and to whom, sealed with the server's keys while it waits in the outbox. Its words are
//! put together where it is shown or sent; here they are not known, nor how it is sent.

mod delivery;

pub use delivery::Fate;
pub(crate) use delivery::forget_old;

use crate::accounts::Account;
use crate::clock::Time;
use crate::email::Email;
use crate::error::{Error, Result};
use crate::id::{EnvironmentId, UserId};
use crate::locale::Locale;
use crate::secret::TokenSecret;
use crate::store::{self, Tx};
use crate::text::{Name, ShortName};
use std::sync::Arc;

/// What a mail is about, with all that its words need besides.
#[derive(Clone)]
pub enum Subject {
    /// Choose a username and a password.
    Invitation {
        /// For which environment.
        environment: Name,
        /// What its link carries.
        token: Arc<TokenSecret>,
    },
    /// Accept one more environment.
    Join {
        /// Which one.
        environment: Name,
        /// What its link carries.
        token: Arc<TokenSecret>,
    },
    /// Choose another password.
    Reset {
        /// What its link carries.
        token: Arc<TokenSecret>,
    },
    /// Confirm that this address is yours. Goes to the new address.
    Address {
        /// What its link carries.
        token: Arc<TokenSecret>,
    },
    /// The account has another address now. Goes to the old one.
    AddressChanged {
        /// The new one, which its reader may not be meant to know: it is not shown whole.
        new: Email,
    },
    /// The password was changed.
    PasswordChanged,
    /// Somebody signed in from where nobody did before.
    NewSignIn {
        /// When.
        at: Time,
        /// The device as it names itself, or empty. Anybody may have written it.
        device: String,
        /// From which network address, or empty.
        address: String,
    },
    /// The second factors were discarded.
    FactorReset,
    /// A second factor was enrolled.
    FactorAdded,
    /// A second factor was removed by its owner.
    FactorRemoved,
    /// Somebody signed in with a recovery code.
    RecoveryCodeUsed,
}

impl Subject {
    /// What the link carries, for those that have one.
    pub fn token(&self) -> Option<&TokenSecret> {
        match self {
            Subject::Invitation { token, .. }
            | Subject::Join { token, .. }
            | Subject::Reset { token }
            | Subject::Address { token } => Some(token),
            Subject::AddressChanged { .. }
            | Subject::PasswordChanged
            | Subject::NewSignIn { .. }
            | Subject::FactorReset
            | Subject::FactorAdded
            | Subject::FactorRemoved
            | Subject::RecoveryCodeUsed => None,
        }
    }
}

/// A mail.
#[derive(Clone)]
pub struct Mail {
    /// What it is about.
    pub subject: Subject,
    /// To which address.
    pub to: Email,
    /// To whom, for the salutation; may be empty.
    pub name: ShortName,
    /// In which language, if that is known.
    pub language: Option<Locale>,
}

/// What mails are sealed for.
pub(crate) const PURPOSE: &str = "outbox";

/// Tells an account's owner something that is no environment's business, in the words of the environment where the account
/// is oldest. Somebody without an address is told nothing.
///
/// # Errors
/// The store's.
pub fn tell(tx: &mut Tx<'_>, account: &Account, subject: Subject) -> Result<()> {
    match account.email.clone() {
        Some(to) => tell_at(tx, account.id, to, subject),
        None => Ok(()),
    }
}

/// The same at another address than the account's: the one that it had, or is to have.
///
/// # Errors
/// The store's.
pub fn tell_at(tx: &mut Tx<'_>, account: UserId, to: Email, subject: Subject) -> Result<()> {
    let oldest = store::environments::of_account(tx, account)?.into_iter().find(|own| !own.pending);
    let (name, language) = match oldest {
        Some(own) => store::users::find_membership(tx, own.environment.id, account)?
            .map_or((None, None), |membership| (Some(membership.name), membership.language)),
        None => (None, None),
    };
    let name = name.unwrap_or_else(|| ShortName::from_stored(String::new()));
    Mail { subject, to, name, language }.post(tx, None, account)
}

impl Mail {
    /// Puts it into the outbox, in the transaction that is its reason.
    ///
    /// # Errors
    /// The store's.
    pub fn post(&self, tx: &mut Tx<'_>, environment: Option<EnvironmentId>, account: UserId) -> Result<()> {
        let effects = tx.effects();
        let sealed =
            effects.keys.seal(PURPOSE, account.0.as_bytes(), self.to_text().as_bytes(), &effects.randomness)?;
        store::outbox::insert(tx, environment, account, &sealed)?;
        // No address and no link here: a log is read by more people than the outbox.
        tracing::info!(%account, "a mail waits in the outbox");
        Ok(())
    }

    /// One line a field: the kind, what every mail has, and what its kind has besides.
    fn to_text(&self) -> String {
        let (kind, besides) = match &self.subject {
            Subject::Invitation { environment, token } => {
                ("invitation", vec![environment.as_str().to_owned(), token.expose()])
            }
            Subject::Join { environment, token } => ("join", vec![environment.as_str().to_owned(), token.expose()]),
            Subject::Reset { token } => ("reset", vec![token.expose()]),
            Subject::Address { token } => ("address", vec![token.expose()]),
            Subject::AddressChanged { new } => ("address changed", vec![new.as_typed().to_owned()]),
            Subject::PasswordChanged => ("password changed", vec![]),
            Subject::NewSignIn { at, device, address } => {
                ("new sign-in", vec![at.as_micros().to_string(), device.clone(), address.clone()])
            }
            Subject::FactorReset => ("factor reset", vec![]),
            Subject::FactorAdded => ("factor added", vec![]),
            Subject::FactorRemoved => ("factor removed", vec![]),
            Subject::RecoveryCodeUsed => ("recovery code used", vec![]),
        };
        let language = self.language.as_ref().map_or("", Locale::as_str);
        let fields = [kind, self.to.as_typed(), self.name.as_str(), language];
        // What was parsed holds no line break. What a device says of itself may.
        let line = |field: &str| field.replace(['\n', '\r'], " ");
        fields.into_iter().chain(besides.iter().map(String::as_str)).map(line).collect::<Vec<_>>().join("\n")
    }

    fn from_text(text: &str) -> Option<Mail> {
        let mut lines = text.split('\n').map(str::to_owned);
        let mut next = || lines.next();
        let kind = next()?;
        let to = Email::from_stored(next()?);
        let name = ShortName::from_stored(next()?);
        let language = Some(next()?).filter(|tag| !tag.is_empty()).map(Locale::from_stored);
        let secret = |text: String| TokenSecret::parse(&text).map(Arc::new);
        let subject = match kind.as_str() {
            "invitation" => Subject::Invitation { environment: Name::from_stored(next()?), token: secret(next()?)? },
            "join" => Subject::Join { environment: Name::from_stored(next()?), token: secret(next()?)? },
            "reset" => Subject::Reset { token: secret(next()?)? },
            "address" => Subject::Address { token: secret(next()?)? },
            "address changed" => Subject::AddressChanged { new: Email::from_stored(next()?) },
            "password changed" => Subject::PasswordChanged,
            "new sign-in" => {
                let at = Time::from_micros(next()?.parse().ok()?);
                Subject::NewSignIn { at, device: next()?, address: next()? }
            }
            "factor reset" => Subject::FactorReset,
            "factor added" => Subject::FactorAdded,
            "factor removed" => Subject::FactorRemoved,
            "recovery code used" => Subject::RecoveryCodeUsed,
            _ => return None,
        };
        Some(Mail { subject, to, name, language })
    }
}

/// A mail that waits.
pub struct Waiting {
    /// Counts up.
    pub id: i64,
    /// The mail, opened.
    pub mail: Mail,
    /// How often sending was tried, a try that is under way included.
    pub attempts: i64,
    /// Since when it waits.
    pub created_at: Time,
    /// When it is next tried; `None`: it was given up.
    pub next_try_at: Option<Time>,
    /// Why the last try failed, or empty.
    pub trouble: String,
}

impl Waiting {
    /// Opens what was sealed.
    fn open(tx: &Tx<'_>, row: store::outbox::Waiting) -> Result<Waiting> {
        let opened = tx.effects().keys.open(PURPOSE, row.account.0.as_bytes(), &row.sealed)?;
        let mail = std::str::from_utf8(&opened).ok().and_then(Mail::from_text);
        Ok(Waiting {
            mail: mail.ok_or_else(|| Error::Internal(format!("mail {} cannot be read", row.id)))?,
            id: row.id,
            attempts: row.attempts,
            created_at: row.created_at,
            next_try_at: row.next_try_at,
            trouble: row.trouble,
        })
    }
}

/// Up to `limit` mails after this one, oldest first, opened: for the operator's command line.
pub(crate) fn list(tx: &mut Tx<'_>, after: i64, limit: i64) -> Result<Vec<Waiting>> {
    store::outbox::list(tx, after, limit)?.into_iter().map(|row| Waiting::open(tx, row)).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::secret::TokenSpelling;

    fn token() -> Arc<TokenSecret> {
        Arc::new(TokenSecret::new(TokenSpelling::Session, [7; 32]))
    }

    fn written(subject: Subject) -> String {
        let (to, name) = (Email::parse("ada@example.com").unwrap(), ShortName::parse("Ada").unwrap());
        Mail { subject, to, name, language: Some(Locale::parse("de").unwrap()) }.to_text()
    }

    #[test]
    fn every_mail_reads_back_as_it_was_written() {
        let (environment, new) = (Name::parse("Maxedy Pizza").unwrap(), Email::parse("new@example.com").unwrap());
        let sign_in = |device: &str| Subject::NewSignIn {
            at: Time::from_micros(5),
            device: device.to_owned(),
            address: "::1".to_owned(),
        };
        for subject in [
            Subject::Invitation { environment: environment.clone(), token: token() },
            Subject::Join { environment, token: token() },
            Subject::Reset { token: token() },
            Subject::Address { token: token() },
            Subject::AddressChanged { new },
            Subject::PasswordChanged,
            sign_in("A browser"),
            sign_in(""),
            Subject::FactorReset,
        ] {
            let text = written(subject);
            assert_eq!(Mail::from_text(&text).unwrap().to_text(), text);
        }
        let device = "x\r\nto\nelse".to_owned();
        let text = written(Subject::NewSignIn { at: Time::from_micros(5), device, address: "::1".to_owned() });
        assert_eq!(text, "new sign-in\nada@example.com\nAda\nde\n5\nx  to else\n::1");
        assert!(Mail::from_text(&text).is_some());
    }

    #[test]
    fn what_was_sealed_before_there_were_other_subjects_is_still_read() {
        let secret = token().expose();
        for (kind, language) in [("invitation", "de"), ("join", "")] {
            let text = format!("{kind}\nada@example.com\nAda\n{language}\nMaxedy Pizza\n{secret}");
            let mail = Mail::from_text(&text).unwrap();
            assert_eq!(mail.subject.token().unwrap().expose(), secret);
            assert_eq!((mail.to.as_typed(), mail.language.is_some()), ("ada@example.com", !language.is_empty()));
            assert_eq!(mail.to_text(), text);
        }
    }

    #[test]
    fn what_is_no_mail_is_not_read_as_one() {
        let good = written(Subject::Reset { token: token() });
        for wrong in ["", "reset", &good[..good.len() - 1], "spam\nada@example.com\nAda\n\n", "new sign-in\na\nb\n\nx"]
        {
            assert!(Mail::from_text(wrong).is_none(), "{wrong}");
        }
    }
}
