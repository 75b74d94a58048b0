//! The keys that belong together, as a keys file holds them: how they are read and written, and how one is added. Knows
//! nothing of where the file is, nor who uses the keys.

use zeroize::Zeroizing;

use super::master::Master;
use crate::error::{Error, Result};
use crate::randomness::Randomness;

/// One or more keys. The oldest makes the digests, so that adding a key leaves them as they are; the newest seals, a prepared
/// one set aside; all of them open.
#[derive(Clone)]
pub struct Ring {
    pub(super) oldest: Master,
    /// In order of their ids, the oldest not among them.
    later: Vec<Master>,
    /// It opens and does not seal yet: newer than all the others.
    prepared: Option<Master>,
}

/// What a key is there for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Use {
    /// It seals, and opens what it sealed.
    Seals,
    /// It opens what it sealed before.
    Opens,
    /// It opens what others already seal with it.
    Prepared,
}

const KEY: &str = "rolebook-key";
const PREPARED: &str = "rolebook-key-next";

/// Stands above the keys. Comments of somebody else's are not kept when a key is added.
const HEADER: &str =
    "# Rolebook's keys. Keep this file apart from the database's backups: without it, what is sealed stays so.\n";
/// More than a line takes.
const LINE: usize = 80;

impl Ring {
    /// A first key, drawn at random.
    ///
    /// # Errors
    /// The machine's, when it has no randomness to give.
    pub fn generate(randomness: &Randomness) -> Result<Ring> {
        Ok(Ring { oldest: Master::generate(1, randomness)?, later: Vec::new(), prepared: None })
    }

    /// Reads a keys file: lines `rolebook-key <id> <32 bytes in base64url>`, and `rolebook-key-next …` for one that does not
    /// seal yet; `#` begins a comment.
    ///
    /// # Errors
    /// A sentence for the operator. It names the line, never what stands in it.
    pub fn parse(text: &str) -> std::result::Result<Ring, String> {
        let mut masters = Vec::new();
        let mut prepared = None;
        for (number, line) in text.lines().enumerate() {
            let line = line.split('#').next().unwrap_or_default().trim();
            if line.is_empty() {
                continue;
            }
            let mut words = line.split_whitespace();
            let read = match (words.next(), words.next(), words.next(), words.next()) {
                (Some(kind @ (KEY | PREPARED)), Some(id), Some(key), None) => {
                    Master::parse(id, key).map(|key| (kind, key))
                }
                _ => None,
            };
            let (kind, master) = read.ok_or_else(|| {
                format!("line {} of the keys file is not \"{KEY} <id> <32 bytes in base64url>\"", number + 1)
            })?;
            match kind {
                KEY => masters.push(master),
                _ if prepared.is_none() => prepared = Some(master),
                _ => return Err(format!("the keys file holds two keys that are {PREPARED}")),
            }
        }
        masters.sort_by_key(|master| master.id);
        if let Some(pair) = masters.windows(2).find(|pair| pair[0].id == pair[1].id) {
            return Err(format!("the keys file holds two keys with the id {}", pair[0].id));
        }
        let mut masters = masters.into_iter();
        let oldest = masters.next().ok_or("the keys file holds no key")?;
        let ring = Ring { oldest, later: masters.collect(), prepared };
        match &ring.prepared {
            Some(prepared) if prepared.id <= ring.newest().id => {
                Err(format!("the key that is {PREPARED} must have a higher id than the others in the keys file"))
            }
            _ => Ok(ring),
        }
    }

    /// The text of a keys file.
    pub fn to_text(&self) -> Zeroizing<String> {
        // Room for all of it now: a string that grows leaves copies behind.
        let mut text = Zeroizing::new(String::with_capacity(HEADER.len() + self.masters().count() * LINE));
        text.push_str(HEADER);
        for master in self.masters() {
            text.push_str(if self.prepared_id() == Some(master.id) { PREPARED } else { KEY });
            text.push(' ');
            master.write(&mut text);
            text.push('\n');
        }
        text
    }

    /// The same with one more key, which opens and does not seal yet. One that is prepared already stays the one.
    ///
    /// # Errors
    /// The machine's; [`Error::Unavailable`] when no id is left.
    pub fn prepare(&self, randomness: &Randomness) -> Result<Ring> {
        if self.prepared.is_some() {
            return Ok(self.clone());
        }
        let id = self.newest().id.checked_add(1);
        let id = id.ok_or_else(|| Error::Unavailable("no id is left for another key".to_owned()))?;
        Ok(Ring { prepared: Some(Master::generate(id, randomness)?), ..self.clone() })
    }

    /// The same with the prepared key sealing from now on.
    pub fn promote(&self) -> Ring {
        let mut ring = self.clone();
        ring.later.extend(ring.prepared.take());
        ring
    }

    /// Which key seals.
    pub fn sealing_id(&self) -> u32 {
        self.newest().id
    }

    /// Which key is prepared.
    pub fn prepared_id(&self) -> Option<u32> {
        self.prepared.as_ref().map(|master| master.id)
    }

    /// Which key makes the digests.
    pub fn digesting_id(&self) -> u32 {
        self.oldest.id
    }

    /// Whether it can open what this key sealed.
    pub fn holds(&self, id: u32) -> bool {
        self.find(id).is_some()
    }

    /// All keys, the oldest first, and what each is there for.
    pub fn ids(&self) -> impl Iterator<Item = (u32, Use)> {
        self.masters().map(|master| match master.id {
            id if id == self.sealing_id() => (id, Use::Seals),
            id if Some(id) == self.prepared_id() => (id, Use::Prepared),
            id => (id, Use::Opens),
        })
    }

    /// Refuses to stand in for others of which it does not hold every single key.
    pub(super) fn replaces(&self, others: &Ring) -> std::result::Result<(), String> {
        for known in others.masters() {
            match self.find(known.id) {
                Some(own) if own.is(known) => {}
                Some(_) => return Err(format!("the keys file holds another key {} than before", known.id)),
                None => return Err(format!("the keys file lacks the key {}, which it held before", known.id)),
            }
        }
        // An older one would make other digests.
        match self.oldest.is(&others.oldest) {
            true => Ok(()),
            false => Err(format!("the keys file holds a key that is older than {}", others.oldest.id)),
        }
    }

    /// Whether it is the same in every respect as others whose keys it holds.
    pub(super) fn is_the_same_as(&self, others: &Ring) -> bool {
        self.ids().eq(others.ids())
    }

    pub(super) fn newest(&self) -> &Master {
        self.later.last().unwrap_or(&self.oldest)
    }

    pub(super) fn find(&self, id: u32) -> Option<&Master> {
        self.masters().find(|master| master.id == id)
    }

    pub(super) fn masters(&self) -> impl Iterator<Item = &Master> {
        std::iter::once(&self.oldest).chain(&self.later).chain(&self.prepared)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::keys::tests::line;

    fn ring(text: &str) -> Ring {
        Ring::parse(text).ok().unwrap()
    }

    fn refusal(text: &str) -> String {
        Ring::parse(text).err().unwrap()
    }

    #[test]
    fn keys_file_reads_back() {
        let randomness = Randomness::seeded(1);
        let made = Ring::generate(&randomness).unwrap();
        let prepared = made.prepare(&randomness).unwrap();
        for ring in [&made, &prepared, &prepared.promote(), &prepared.promote().prepare(&randomness).unwrap()] {
            let text = ring.to_text();
            assert_eq!(*Ring::parse(&text).ok().unwrap().to_text(), *text);
            assert!(text.capacity() <= HEADER.len() + ring.ids().count() * LINE, "it grew");
        }
    }

    #[test]
    fn broken_keys_file_is_refused_without_showing_its_content() {
        for text in ["", "# nothing\n", "rolebook-key 1", "rolebook-key x AAAA", "rolebook-key 1 c2VjcmV0", "secret"] {
            let refusal = refusal(text);
            assert!(!refusal.contains("secret") && !refusal.contains("c2VjcmV0"), "{refusal}");
        }
        assert!(refusal(&(line(1, 1) + &line(1, 2))).contains("two keys"));
        let next = |id, byte| line(id, byte).replace("key", "key-next");
        assert!(refusal(&next(1, 1)).contains("no key"));
        assert!(refusal(&(line(2, 1) + &next(1, 2))).contains("higher id"));
        assert!(refusal(&(line(2, 1) + &next(2, 1))).contains("higher id"));
        assert!(refusal(&(line(1, 1) + &next(2, 2) + &next(3, 3))).contains("two keys"));
    }

    #[test]
    fn a_key_is_prepared_once_and_seals_when_it_is_promoted() {
        let randomness = Randomness::seeded(1);
        let first = ring(&line(7, 1));
        let prepared = first.prepare(&randomness).unwrap();
        assert_eq!(prepared.ids().collect::<Vec<_>>(), [(7, Use::Seals), (8, Use::Prepared)]);
        assert_eq!(*prepared.prepare(&randomness).unwrap().to_text(), *prepared.to_text());
        let promoted = prepared.promote();
        assert_eq!(promoted.ids().collect::<Vec<_>>(), [(7, Use::Opens), (8, Use::Seals)]);
        assert_eq!((promoted.digesting_id(), promoted.sealing_id(), promoted.prepared_id()), (7, 8, None));
        assert_eq!(*promoted.promote().to_text(), *promoted.to_text());
        assert!(ring(&line(u32::MAX, 1)).prepare(&randomness).is_err());
    }

    #[test]
    fn others_are_replaced_only_by_what_holds_them_all() {
        let both = ring(&(line(2, 2) + &line(5, 5)));
        both.replaces(&ring(&line(2, 2))).unwrap();
        both.replaces(&both).unwrap();
        for (text, says) in [
            (line(5, 5), "lacks the key 2"),
            (line(2, 2), "lacks the key 5"),
            (line(2, 2) + &line(5, 6), "another key 5"),
            (line(1, 1) + &line(2, 2) + &line(5, 5), "older than 2"),
        ] {
            let refusal = ring(&text).replaces(&both).unwrap_err();
            assert!(refusal.contains(says), "{refusal}");
        }
    }
}
