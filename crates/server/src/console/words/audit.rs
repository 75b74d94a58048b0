//! Texts of the pages about the audit trail.

super::words! {
    /// Of the pages about the audit trail.
    struct AuditWords {
        title: "Audit trail", "Protokoll";
        lead: "Who did what, when, and what it was before. Times are in UTC.",
            "Wer was wann getan hat, und wie es vorher war. Zeiten in UTC.";
        filter: "Narrow down", "Eingrenzen";
        actor: "Done by", "Getan von";
        actor_hint: "E-mail address or id", "E-Mail-Adresse oder ID";
        subject: "Done to", "Getan an";
        subject_hint: "Id of a user, a group, a session", "ID eines Benutzers, einer Gruppe, einer Sitzung";
        verb: "What", "Was";
        every_verb: "Everything", "Alles";
        family: "All of", "Alles von";
        request: "Request", "Anfrage";
        request_hint: "Its id", "Ihre ID";
        from: "From", "Von";
        to: "Until", "Bis";
        trail: "Whose", "Wessen";
        of_environment: "This environment's", "Dieser Umgebung";
        of_system: "The system's", "Des Systems";
        show: "Show", "Anzeigen";
        show_all: "Show everything", "Alles anzeigen";
        unknown_actor: "Give an e-mail address or the id of an account.",
            "Geben Sie eine E-Mail-Adresse oder die ID eines Kontos an.";
        nobody: "No user here has this address. Give the id of the account instead.",
            "Niemand hier hat diese Adresse. Geben Sie stattdessen die ID des Kontos an.";
        too_long: "Give at most 200 characters.", "Geben Sie höchstens 200 Zeichen an.";
        no_time: "Give a day or a time such as 2026-03-05T14:00.", "Geben Sie einen Tag oder eine Zeit wie 2026-03-05T14:00 an.";
        nothing_title: "Nothing is told", "Nichts verzeichnet";
        nothing_yet: "What happens here from now on will stand here.", "Was hier von nun an geschieht, wird hier stehen.";
        nothing_found: "No event matches. Ask for less.", "Kein Ereignis passt dazu. Fragen Sie nach weniger.";
        newest: "To the newest", "Zum Neuesten";
        older: "Older", "Älteres";
        nobody_signed_in: "nobody who was signed in", "niemandem mit Anmeldung";
        by: "by", "von";
        through: "through", "über";
        session: "a session", "eine Sitzung";
        token: "an API token", "ein API-Token";
        link: "a mailed link", "einen Link aus einer E-Mail";
        password: "a password", "ein Passwort";
        command: "the command line", "die Befehlszeile";
        system: "the system", "das System";
        at: "from", "von";
        field: "Field", "Feld";
        before: "Before", "Vorher";
        after: "After", "Nachher";
        nothing: "nothing", "nichts";
        empty: "empty", "leer";
        none: "none", "keine";
        yes: "yes", "ja";
        no: "no", "nein";
        details: "Details", "Einzelheiten";
        place: "Place in the trail", "Platz im Protokoll";
        hash: "Hash", "Prüfsumme";
        subject_id: "Id", "ID";
        erased: "Something of this was erased, because it was a person's. That it was there is still proven.",
            "Etwas davon wurde gelöscht, weil es zu einer Person gehörte. Dass es da war, bleibt belegt.";
        export: "Export all", "Alles ausgeben";
        verify: "Verify", "Prüfen";
        verify_title: "Is the trail whole?", "Ist das Protokoll unversehrt?";
        whole: "It is whole", "Es ist unversehrt";
        whole_help: "Each event is as it was written, none is missing, and what was signed still holds.",
            "Jedes Ereignis ist, wie es geschrieben wurde, keines fehlt, und was unterschrieben ist, gilt.";
        broken: "It is broken", "Es ist beschädigt";
        broken_help: "Keep the database as it is, and compare it with a backup. Events before this one are as they were written.",
            "Lassen Sie die Datenbank, wie sie ist, und vergleichen Sie sie mit einer Sicherung. Die Ereignisse davor sind, wie sie geschrieben wurden.";
        going_on: "Whole as far as this", "Bis hierher unversehrt";
        going_on_help: "The trail is long, and is walked in pieces.", "Das Protokoll ist lang und wird in Stücken geprüft.";
        go_on: "Go on", "Weiter";
        again: "Verify again", "Noch einmal prüfen";
        back: "Back to the trail", "Zurück zum Protokoll";
        events: "Events", "Ereignisse";
        erased_events: "Of them partly erased", "Davon teilweise gelöscht";
        pruned: "Removed, because their time was over", "Entfernt, weil ihre Zeit vorbei war";
        checkpoints: "Signed statements held against them", "Unterschriebene Belege, die dazu passen";
        elsewhere: "Statements that are kept outside the database are held against it by the command rolebook audit verify.",
            "Belege außerhalb der Datenbank prüft der Befehl rolebook audit verify.";
        event: "Event", "Ereignis";
        until: "to", "bis";
        altered: "was altered", "wurde verändert";
        removed: "is gone", "fehlt";
        inserted: "was put in", "wurde eingefügt";
        out_of_order: "stands in another place", "steht an anderer Stelle";
        another_was_signed: "is another than was signed", "ist ein anderes als das unterschriebene";
        forged: "is covered by a statement that this server never signed", "hat einen Beleg, den dieser Server nie unterschrieben hat";
    }
}
