//! What may be done so often, or at once, and no more. How often, and who counts, stands where it is counted.

super::sentences::sentences! {
    /// Which bound was met; written out, an English sentence.
    #[derive(Copy)]
    Bound {
        Guesses: "Too many failed attempts: wait and try again.";
        Hashing: "Too many passwords are being checked at this moment.";
        Disclosures: "An environment may learn of at most 100 addresses an hour that they are known elsewhere.";
        Invitations: "A user is invited at most five times an hour.";
        Addresses: "An account may ask for another address five times an hour.";
        Recoveries: "Too many passwords were forgotten from here: wait and try again.";
    }
}
