//! Texts of a form that was kept.

super::words! {
    /// Of a form that was kept.
    struct KeptWords {
        title: "What you typed is still here", "Was Sie eingegeben haben, ist noch da";
        lead: "It was not saved yet. Send it now, or leave it. Passwords are not kept: you are asked for them again.",
            "Es ist noch nicht gespeichert. Senden Sie es jetzt, oder lassen Sie es. Passwörter werden nicht aufgehoben: Danach werden Sie noch einmal gefragt.";
        lost_title: "What you typed was not saved", "Ihre Eingaben sind nicht gespeichert";
        lost: "You were signed out before it was sent, and it was too much to be kept meanwhile. Nothing was changed.",
            "Sie waren abgemeldet, bevor sie gesendet wurden, und es waren zu viele, um sie solange aufzuheben. Es wurde nichts geändert.";
        go_on: "Go on", "Weiter";
        send: "Send it now", "Jetzt senden";
        discard: "Leave it", "Lassen";
        name: "Name", "Name";
        label: "Label", "Bezeichnung";
        first_name: "First name", "Vorname";
        last_name: "Last name", "Nachname";
        email: "E-mail address", "E-Mail-Adresse";
        username: "Username", "Benutzername";
        phone: "Phone", "Telefon";
        language: "Language", "Sprache";
        locale: "Numbers and dates", "Zahlen und Daten";
        external_id: "External id", "Externe Kennung";
        codename: "Codename", "Codename";
        address: "Address", "Adresse";
        key: "Key", "Schlüssel";
        organisation: "Organisation", "Organisation";
    }
}
