//! Texts of refused fields.

super::words! {
    /// Of refused fields.
    struct RefusedWords {
        required: "Fill this in.", "Bitte ausfüllen.";
        taken: "This is taken already: choose another.", "Das ist schon vergeben: Wählen Sie etwas anderes.";
        not_there: "This does not exist here:", "Das gibt es hier nicht:";
    }
}
