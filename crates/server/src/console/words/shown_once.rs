//! Texts of the page that shows a secret once.

super::words! {
    /// Of a secret that is shown once.
    struct ShownOnceWords {
        once: "It is shown this once. Copy it now, to where only the program that needs it can read it.",
            "Es wird nur dieses eine Mal gezeigt. Kopieren Sie es jetzt dorthin, wo nur das Programm es lesen kann, das es braucht.";
        kept: "I have copied it", "Ich habe es kopiert";
    }
}
