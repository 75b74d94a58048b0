//! Texts of the pages for operators.

super::words! {
    /// Of the pages for operators.
    struct SystemWords {
        title: "Environments", "Umgebungen";
        lead: "Each has its own users, groups and menus, and shows nothing of them to the others.",
            "Jede hat eigene Benutzer, Gruppen und Menüs und zeigt den anderen nichts davon.";
        new: "New environment", "Neue Umgebung";
        key: "Key", "Schlüssel";
        key_hint: "Unique, and part of addresses, such as maxedy_pizza", "Eindeutig und Teil von Adressen, etwa maxedy_pizza";
        name: "Name", "Name";
        name_hint: "What people read; left empty, the key", "Was Menschen lesen; leer: der Schlüssel";
        organisation: "Organisation", "Organisation";
        organisation_hint: "Environments of one organisation trust each other's users",
            "Umgebungen einer Organisation vertrauen gegenseitig ihren Benutzern";
        open_by_key: "Go to one by its key", "Zu einer über ihren Schlüssel";
        open: "Open", "Öffnen";
        enter: "Work in this environment", "In dieser Umgebung arbeiten";
        since: "Past known since", "Vergangenheit bekannt seit";
        uuid: "Id", "ID";
        settings: "Settings", "Einstellungen";
        policy: "What it asks of those who sign in", "Was sie von Anmeldungen verlangt";
        policy_help: "Left empty, it is as the server has it.", "Leer gelassen gilt, was der Server vorgibt.";
        password_minimum: "Least length of passwords", "Mindestlänge von Passwörtern";
        password_hint: "8 to 64 characters", "8 bis 64 Zeichen";
        session_idle: "A session may go unused for", "Eine Sitzung darf ungenutzt bleiben für";
        session_lifetime: "A session is good for", "Eine Sitzung gilt für";
        span_hint: "Such as 30 min, 12 h or 7 d", "Etwa 30 min, 12 h oder 7 d";
        second_factor: "A second factor is asked of", "Ein zweiter Faktor wird verlangt von";
        nobody: "Nobody in particular", "Niemand Bestimmtem";
        administrators: "Administrators", "Administratoren";
        everybody: "Everybody", "Allen";
        audit_retention: "The audit trail is kept for", "Das Protokoll wird aufbewahrt für";
        retention_hint: "Such as 365 d; left empty, for ever", "Etwa 365 d; leer: für immer";
        choose: "Choose one of these.", "Wählen Sie eines davon.";
        between: "This must be within", "Das muss liegen zwischen";
        no_span: "Give a number and a unit: s, min, h or d.", "Geben Sie eine Zahl und eine Einheit an: s, min, h oder d.";
        create: "Make the environment", "Umgebung anlegen";
        save: "Save", "Speichern";
        delete_title: "Delete this environment", "Diese Umgebung löschen";
        delete_help: "Everything in it will be gone: users, groups, menus, tokens, and the accounts that belong nowhere else. It cannot be undone.",
            "Alles darin geht verloren: Benutzer, Gruppen, Menüs, Tokens und die Konten, die nirgends sonst hingehören. Das lässt sich nicht rückgängig machen.";
        confirm: "Type its key to confirm", "Geben Sie zur Bestätigung ihren Schlüssel ein";
        confirm_wrong: "This is not its key. Nothing was deleted.", "Das ist nicht ihr Schlüssel. Nichts wurde gelöscht.";
        delete: "Delete for good", "Endgültig löschen";
        first: "To the beginning", "Zum Anfang";
        next: "Next", "Weiter";
    }
}
