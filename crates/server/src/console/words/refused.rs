//! Texts of refused fields.

super::words! {
    /// Of refused fields.
    struct RefusedWords {
        required: "This must be given.", "Das muss angegeben werden.";
        taken: "This is taken already: choose another.", "Das ist schon vergeben: Wählen Sie etwas anderes.";
        not_there: "There is no such thing here:", "Das gibt es hier nicht:";
    }
}
