//! The effects that verbs may have besides the database: the time, randomness and the keys. Handed in, never ambient,
//! so that a test can turn the clock and repeat the dice. Knows nothing of what they are used for.

use crate::clock::Clock;
use crate::keys::Keys;
use crate::randomness::Randomness;

/// What the world outside the database gives to a verb.
#[derive(Clone)]
pub struct Effects {
    /// The time.
    pub clock: Clock,
    /// Ids, salts and secrets.
    pub randomness: Randomness,
    /// What seals and digests that which must not be read in the database.
    pub keys: Keys,
}
