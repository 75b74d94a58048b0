//! Calls that may be repeated: a call with a key is done once. Its answer is kept in the transaction that does it, so that not
//! even a crash in between makes it happen twice. Knows nothing of what an answer looks like: it is bytes, sealed.

use crate::actor::{Actor, Caller};
use crate::directory::Directory;
use crate::error::{Error, Result};
use crate::store::{self, Haste, Tx};
use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// How long an answer is kept.
pub const KEPT: Duration = Duration::from_secs(24 * 3600);
/// What answers are sealed for.
pub(crate) const PURPOSE: &str = "answers";

/// A call that may be repeated, as the edge heard it.
#[derive(Clone)]
pub struct Repeatable {
    /// What it is about: a method and a path, the same for each repetition.
    pub route: String,
    /// The key that the caller chose.
    pub key: String,
    /// The body, whole; only a digest of it is kept.
    pub body: Vec<u8>,
}

/// The keys of calls that run on this node.
#[derive(Default)]
pub(crate) struct Running(Mutex<HashSet<[u8; 32]>>);

/// One of them, until it is dropped.
struct Place<'r> {
    running: &'r Running,
    key: [u8; 32],
}

impl Running {
    fn enter(&self, key: [u8; 32]) -> Result<Place<'_>> {
        match self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(key) {
            true => Ok(Place { running: self, key }),
            false => Err(Error::InProgress),
        }
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.running.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.key);
    }
}

/// What a repeated call is known by: digests, of which nothing can be read.
#[derive(Clone, Copy)]
struct Digests {
    key: [u8; 32],
    body: [u8; 32],
}

impl Directory {
    /// Writes for a caller like [`Directory::write`], and renders the answer in the same transaction; a call with a key
    /// that was done before gets the answer of that time instead, and changes nothing.
    ///
    /// # Errors
    /// As [`Directory::write`]; [`Error::KeyReused`] for the same key with another body; [`Error::InProgress`] while the
    /// first call runs.
    pub async fn write_once<T, F, R>(
        &self,
        caller: Caller,
        call: Option<Repeatable>,
        verb: F,
        render: R,
    ) -> Result<Vec<u8>>
    where
        T: 'static,
        F: Fn(&mut Tx<'_>, &Actor) -> Result<T> + Send + 'static,
        R: Fn(&T) -> Vec<u8> + Send + 'static,
    {
        self.once(
            caller,
            call,
            move || std::future::ready(Ok(((), Haste::Now))),
            move |(), tx, actor| Ok(Ok(verb(tx, actor)?)),
            render,
        )
        .await
    }

    /// The same with something slow before: `prepare` runs only if the call is new, outside the transaction, and says with
    /// how much haste to write. The inner error of `verb` is a refusal that is counted, and kept by nobody.
    pub(crate) async fn once<P, Prepare, Preparing, T, F, R>(
        &self,
        caller: Caller,
        call: Option<Repeatable>,
        prepare: Prepare,
        verb: F,
        render: R,
    ) -> Result<Vec<u8>>
    where
        P: Clone + Send + 'static,
        Prepare: FnOnce() -> Preparing,
        Preparing: Future<Output = Result<(P, Haste)>>,
        T: 'static,
        F: Fn(P, &mut Tx<'_>, &Actor) -> Result<Result<T>> + Send + 'static,
        R: Fn(&T) -> Vec<u8> + Send + 'static,
    {
        let Some(call) = call else {
            let (prepared, haste) = prepare().await?;
            return self
                .write_with(haste, caller, move |tx, actor| {
                    Ok(verb(prepared.clone(), tx, actor)?.map(|done| render(&done)))
                })
                .await?;
        };
        let asks = caller.clone();
        let call = Arc::new(call);
        let asked = call.clone();
        // Before anything slow: the answer may be there already.
        let (digests, answer) = self
            .store()
            .read(move |tx| {
                let digests = digests(tx, &asks, &asked)?;
                Ok((digests, given(tx, &digests)?))
            })
            .await?;
        if let Some(answer) = answer {
            return Ok(answer);
        }
        let _running = self.running().enter(digests.key)?;
        let first = async {
            let (prepared, haste) = prepare().await?;
            self.write_with(haste, caller, move |tx, actor| {
                // Another node may have been quicker.
                if let Some(answer) = given(tx, &digests)? {
                    return Ok(Ok(answer));
                }
                let done = match verb(prepared.clone(), tx, actor)? {
                    Ok(done) => done,
                    Err(refusal) => return Ok(Err(refusal)),
                };
                let answer = render(&done);
                keep(tx, &digests, &answer)?;
                Ok(Ok(answer))
            })
            .await?
        };
        match first.await {
            // Perhaps only because the same call was done meanwhile, elsewhere: then that answer is the answer.
            Err(refusal) => {
                let answer = self.store().read(move |tx| given(tx, &digests)).await?;
                answer.ok_or(refusal)
            }
            done => done,
        }
    }
}

/// Per caller, environment and route: the same key elsewhere is another call. The caller is believed as for the call itself, so
/// that an answer is given again only to who may still act there.
fn digests(tx: &mut Tx<'_>, caller: &Caller, call: &Repeatable) -> Result<Digests> {
    let actor = Actor::authenticate(tx, caller)?;
    let keys = &tx.effects().keys;
    let (user, environment) = (actor.user(), actor.environment().id);
    let whole = format!("{user:?}\n{environment}\n{}\n{}", call.route, call.key);
    Ok(Digests { key: keys.digest(PURPOSE, whole.as_bytes()), body: keys.digest(PURPOSE, &call.body) })
}

fn given(tx: &mut Tx<'_>, digests: &Digests) -> Result<Option<Vec<u8>>> {
    let Some(given) = store::answers::find(tx, &digests.key)? else { return Ok(None) };
    if given.created_at <= tx.now().minus(KEPT) {
        return Ok(None);
    }
    if given.body != digests.body {
        return Err(Error::KeyReused);
    }
    Ok(Some(tx.effects().keys.open(PURPOSE, &digests.key, &given.sealed)?.to_vec()))
}

fn keep(tx: &mut Tx<'_>, digests: &Digests, answer: &[u8]) -> Result<()> {
    let effects = tx.effects();
    let sealed = effects.keys.seal(PURPOSE, &digests.key, answer, &effects.randomness)?;
    let old = tx.now().minus(KEPT);
    store::answers::put(tx, &digests.key, &digests.body, &sealed, old)
}

/// Forgets answers that are a day old.
pub(crate) fn forget(tx: &mut Tx<'_>, most: i64) -> Result<u64> {
    let before = tx.now().minus(KEPT);
    store::answers::forget(tx, before, most)
}
