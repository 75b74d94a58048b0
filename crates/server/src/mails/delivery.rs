//! The task that takes mails out of the outbox and has them carried away, a few at a time. No transaction is open meanwhile.
//! Knows neither when a mail is tried again nor when it is given up: the directory does.

use super::carrier::Carrier;
use super::letter::Letter;
use super::message::parcel;
use super::words::letter;
use crate::config::Mailing;
use directory::Directory;
use directory::mail::{Fate, Waiting};
use lettre::message::Mailbox;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinSet;

/// Mails under way at once. One server that is slow costs its own mails their time, and a small bound is kind to it.
const AT_ONCE: usize = 4;
/// How often to look for mails that another process wrote, or left.
const LOOK: Duration = Duration::from_secs(5);
/// How soon to look again at the earliest.
const BREATHER: Duration = Duration::from_secs(1);

/// What is needed to send a mail.
pub(crate) struct Postman {
    carrier: Carrier,
    from: Mailbox,
    public_url: Arc<str>,
}

/// Sends mails until the runtime ends.
pub(crate) async fn deliver(directory: Directory, postman: Arc<Postman>) {
    let mut under_way = JoinSet::new();
    loop {
        let free = AT_ONCE.saturating_sub(under_way.len());
        let next = until_next(&directory).await;
        if free > 0 && next.is_zero() {
            match directory.claim_mails(free).await {
                Ok(claimed) => {
                    for waiting in claimed {
                        let (directory, postman) = (directory.clone(), postman.clone());
                        under_way.spawn(async move { postman.handle(&directory, waiting).await });
                    }
                }
                Err(error) => tracing::warn!(%error, "the outbox cannot be read; the next look tries again"),
            }
        }
        let rest = next.clamp(BREATHER, LOOK);
        let is_free = under_way.len() < AT_ONCE;
        tokio::select! {
            Some(_) = under_way.join_next() => {}
            () = directory.mail_posted(), if is_free => {}
            () = tokio::time::sleep(rest), if is_free => {}
        }
    }
}

/// How long nothing needs to be done, as far as is known. Only a read: whoever idles must not stand among the writers.
async fn until_next(directory: &Directory) -> Duration {
    match directory.next_mail_at().await {
        Ok(Some(next)) => next.since(directory.effects().clock.now()),
        Ok(None) | Err(_) => LOOK,
    }
}

impl Postman {
    /// `public_url` is where readers reach this server, without a trailing slash.
    pub(crate) fn new(mailing: Mailing, public_url: &str) -> Postman {
        Postman { carrier: Carrier::new(mailing.to), from: mailing.from, public_url: public_url.into() }
    }

    /// One try with one mail, from its words to the note of how it ended.
    async fn handle(&self, directory: &Directory, waiting: Waiting) {
        let (id, attempts) = (waiting.id, waiting.attempts);
        let fate = self.send(directory, waiting).await;
        // Neither address nor link nor the server's words: a log is read by more people than the outbox.
        match &fate {
            Fate::Sent => tracing::info!(mail = id, attempts, "a mail was sent"),
            Fate::Failed(why) => tracing::warn!(mail = id, attempts, why, "a mail was not sent"),
            Fate::Refused(why) => tracing::warn!(mail = id, attempts, why, "a mail was refused and is given up"),
        }
        if let Err(error) = directory.settle_mail(id, attempts, fate).await {
            tracing::warn!(mail = id, %error, "what became of a mail cannot be noted; it may be sent again");
        }
    }

    async fn send(&self, directory: &Directory, waiting: Waiting) -> Fate {
        let key = key(directory, &waiting);
        let letter: Letter = letter(&waiting.mail, &self.public_url);
        let now = directory.effects().clock.now();
        match parcel(letter, &waiting.mail.to, &self.from, &key, now) {
            Some(parcel) => self.carrier.carry(parcel, &key).await,
            None => Fate::Refused("nobody can be written to at this address".to_owned()),
        }
    }
}

/// The same at every try, on every node; says nothing of how many mails there are.
fn key(directory: &Directory, waiting: &Waiting) -> String {
    let what = [waiting.id.to_be_bytes(), waiting.created_at.as_micros().to_be_bytes()].concat();
    let digest = directory.effects().keys.digest("message-id", &what);
    digest[..16].iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests;
