//! A running server takes up a keys file that was changed, and goes on with the keys that it has when it cannot. Knows nothing
//! of who changes the file.

use super::KeysFile;
use directory::keys::Keys;
use std::fs;
use std::time::{Duration, SystemTime};
use tokio::time::{MissedTickBehavior, interval};

/// How often the file is looked at. Whoever changes it waits for longer than this before what is new is used.
const LOOK: Duration = Duration::from_secs(1);

/// By what a file is known to be another one.
#[derive(PartialEq, Eq)]
struct Looks {
    modified: SystemTime,
    size: u64,
    #[cfg(unix)]
    number: u64,
}

/// A file, and what was made of it so far.
struct Watched {
    file: KeysFile,
    keys: Keys,
    /// How it looked when it was last taken up.
    taken: Option<Looks>,
    /// What was last said against it: said once, though it is tried again.
    complaint: Option<String>,
}

/// Takes up what is written to the file, within about a second, until the runtime ends. A file that is missing or broken, or
/// lacks a key that is in use, changes nothing.
pub(crate) async fn watch(file: KeysFile, keys: Keys) {
    let mut watched = Watched { file, keys, taken: None, complaint: None };
    let mut moments = interval(LOOK);
    moments.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        moments.tick().await;
        // A disk may be slow, and a file far away.
        let looked = tokio::task::spawn_blocking(move || {
            watched.look();
            watched
        });
        watched = match looked.await {
            Ok(watched) => watched,
            Err(error) => return tracing::error!(%error, "the keys file is not looked at any more"),
        };
    }
}

impl Watched {
    fn look(&mut self) {
        let looks = fs::metadata(self.file.path()).ok().and_then(|metadata| Looks::of(&metadata));
        if looks.is_some() && looks == self.taken {
            return;
        }
        let taken = self.file.get().and_then(|ring| {
            let (key, prepared) = (ring.sealing_id(), ring.prepared_id());
            let differs =
                self.keys.take_up(ring).map_err(|why| anyhow::anyhow!("{}: {why}", self.file.path().display()))?;
            Ok((differs, key, prepared))
        });
        match taken {
            Ok((differs, key, prepared)) => {
                if differs {
                    tracing::info!(key, prepared, "the keys file has changed and was taken up");
                }
                (self.taken, self.complaint) = (looks, None);
            }
            Err(error) => {
                let complaint = format!("{error:#}");
                if self.complaint.as_ref() != Some(&complaint) {
                    tracing::error!(
                        error = complaint,
                        "the keys file is not taken up: the keys stay those that it had"
                    );
                }
                (self.taken, self.complaint) = (None, Some(complaint));
            }
        }
    }
}

impl Looks {
    fn of(metadata: &fs::Metadata) -> Option<Looks> {
        Some(Looks {
            modified: metadata.modified().ok()?,
            size: metadata.len(),
            #[cfg(unix)]
            number: std::os::unix::fs::MetadataExt::ino(metadata),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use directory::keys::Ring;
    use directory::randomness::Randomness;

    #[test]
    fn a_changed_file_is_taken_up_and_a_worse_one_is_not() {
        let (folder, randomness) = (tempfile::tempdir().unwrap(), Randomness::operating_system());
        let file = KeysFile::at(folder.path().join("keys"));
        let first = Ring::generate(&randomness).unwrap();
        file.create(&first).unwrap();
        let keys = Keys::new(first.clone());
        let mut watched = Watched { file: file.clone(), keys: keys.clone(), taken: None, complaint: None };
        watched.look();
        assert!(watched.taken.is_some());

        let second = first.prepare(&randomness).unwrap();
        file.change().unwrap().replace(&second).unwrap();
        watched.look();
        assert_eq!((keys.ring().sealing_id(), keys.ring().prepared_id()), (1, Some(2)));
        file.change().unwrap().replace(&second.promote()).unwrap();
        watched.look();
        assert_eq!((keys.ring().sealing_id(), keys.ring().prepared_id()), (2, None));

        let text = fs::read_to_string(file.path()).unwrap();
        let cut = text[..text.len() - 9].to_owned();
        for (worse, says) in
            [(Some(cut), "line 3"), (Some(first.to_text().to_string()), "lacks the key 2"), (None, "missing")]
        {
            match worse {
                Some(worse) => fs::write(file.path(), worse).unwrap(),
                None => fs::remove_file(file.path()).unwrap(),
            }
            watched.look();
            assert!(watched.complaint.as_ref().unwrap().contains(says), "{:?}", watched.complaint);
            assert_eq!(keys.ring().sealing_id(), 2);
        }
        fs::write(file.path(), text).unwrap();
        watched.look();
        assert_eq!(watched.complaint, None);
    }
}
