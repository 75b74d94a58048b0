//! Texts of a form that was kept.

super::words! {
    /// Of a form that was kept.
    struct KeptWords {
        title: "What you typed is still here", "Was Sie eingegeben haben, ist noch da";
        lead: "It was not saved yet. Send it now, or leave it. Passwords are not kept: you are asked for them again.",
            "Es ist noch nicht gespeichert. Senden Sie es jetzt, oder lassen Sie es. Passwörter werden nicht aufgehoben: Danach werden Sie noch einmal gefragt.";
        send: "Send it now", "Jetzt senden";
        discard: "Leave it", "Lassen";
    }
}
