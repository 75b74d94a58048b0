//! Texts about what was done to a user.

super::words! {
    /// About what was done to a user.
    struct UserAuditWords {
        when: "When", "Wann";
        what: "What", "Was";
        who: "By", "Durch";
        none: "Nothing yet", "Noch nichts";
        none_help: "What is done to this user will stand here.", "Was mit diesem Benutzer geschieht, wird hier stehen.";
        elsewhere: "Somebody who is no user here", "Jemand, der hier kein Benutzer ist";
        command: "Command line", "Kommandozeile";
        link: "Mailed link", "Link aus einer E-Mail";
        rolebook: "Rolebook", "Rolebook";
        was: "before:", "vorher:";
        is: "after:", "nachher:";
        empty: "empty", "leer";
        yes: "yes", "ja";
        no: "no", "nein";
        erased: "Erased", "Gelöscht";
        created: "Created", "Angelegt";
        added: "Added", "Hinzugefügt";
        updated: "Changed", "Geändert";
        activated: "Activated", "Aktiviert";
        deactivated: "Deactivated", "Deaktiviert";
        invited: "Invited again", "Erneut eingeladen";
        accepted: "Accepted the invitation", "Einladung angenommen";
        removed: "Removed", "Entfernt";
        membership_ended: "Membership of a group ended", "Zugehörigkeit zu einer Gruppe endete";
        signed_in: "Signed in", "Angemeldet";
        session_ended: "Sessions ended", "Sitzungen beendet";
        proven: "Showed the password again", "Passwort erneut gezeigt";
        reuse_detected: "A stolen session was noticed, and ended", "Gestohlene Sitzung bemerkt und beendet";
        password_reset: "Password chosen anew", "Passwort neu gewählt";
        password_asked: "Forgot the password", "Passwort vergessen";
        email_changed: "Address changed", "Adresse geändert";
        email_asked: "Asked for another address", "Andere Adresse gewünscht";
        factor_enrolled: "Second factor added", "Zweiter Faktor hinzugefügt";
        factor_removed: "Second factor removed", "Zweiter Faktor entfernt";
        factor_renamed: "Second factor renamed", "Zweiter Faktor umbenannt";
        codes_made: "Recovery codes made", "Wiederherstellungscodes erzeugt";
        token_created: "API token made", "API-Token erzeugt";
        token_revoked: "API token revoked", "API-Token widerrufen";
    }
}
