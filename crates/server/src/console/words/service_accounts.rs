//! Texts of the pages about service accounts.

super::words! {
    /// Of the pages about service accounts.
    struct ServiceAccountsWords {
        title: "Service accounts", "Dienstkonten";
        lead: "Programs with groups and API tokens of their own, which stay when whoever made them goes.",
            "Programme mit eigenen Gruppen und API-Tokens. Sie bleiben, auch wenn geht, wer sie angelegt hat.";
        new: "New service account", "Neues Dienstkonto";
        name: "Name", "Name";
        name_hint: "What people call the program", "Wie Menschen das Programm nennen";
        groups: "Groups", "Gruppen";
        groups_hint: "What it may do. You can give what you have yourself.", "Was es darf. Sie können geben, was Sie selbst haben.";
        lines_hint: "One name on each line", "Ein Name je Zeile";
        state: "State", "Zustand";
        active: "Active", "Aktiv";
        inactive: "Inactive", "Inaktiv";
        id: "Id", "ID";
        empty_title: "No program has an account yet", "Noch hat kein Programm ein Konto";
        empty: "Make one for each program that calls the APIs, so that each can be told apart and stopped by itself.",
            "Legen Sie für jedes Programm eines an, das die APIs aufruft: So lässt sich jedes unterscheiden und einzeln anhalten.";
        create: "Make the account", "Konto anlegen";
        save: "Save", "Speichern";
        settings: "Settings", "Einstellungen";
        activate: "Activate", "Aktivieren";
        deactivate: "Deactivate", "Deaktivieren";
        deactivate_help: "Its tokens are refused at once, until it is active again.",
            "Seine Tokens werden sofort abgewiesen, bis es wieder aktiv ist.";
        tokens: "API tokens", "API-Tokens";
        no_tokens: "It has no token yet.", "Es hat noch kein Token.";
        token: "Token", "Token";
        ceiling: "May do at most", "Darf höchstens";
        all_permissions: "All of this environment", "Alles in dieser Umgebung";
        no_permissions: "Nothing beyond what every user may", "Nichts über das hinaus, was alle dürfen";
        expires_at: "Ends on", "Endet am";
        expires_hint: "Left empty, in a year", "Leer: in einem Jahr";
        no_day: "Give a day such as 2027-01-31.", "Geben Sie einen Tag wie 2027-01-31 an.";
        used_at: "Last used", "Zuletzt benutzt";
        never: "never", "nie";
        revoke: "Revoke", "Widerrufen";
        new_token: "New token", "Neues Token";
        token_name: "Name of the token", "Name des Tokens";
        by_permissions: "These permissions", "Diese Berechtigungen";
        by_all: "All that an administrator may", "Alles, was Administratoren dürfen";
        permissions: "Permissions", "Berechtigungen";
        create_token: "Make the token", "Token anlegen";
        made: "The token is made", "Das Token ist angelegt";
        made_help: "A program shows it with each call, as Authorization: Bearer.",
            "Ein Programm zeigt es bei jedem Aufruf, als Authorization: Bearer.";
        delete_title: "Delete this service account", "Dieses Dienstkonto löschen";
        delete_help: "Its tokens are refused at once.", "Seine Tokens werden sofort abgewiesen.";
        confirm: "Yes, delete it", "Ja, löschen";
        confirm_missing: "Nothing was deleted: tick the box to confirm.", "Nichts wurde gelöscht: Kreuzen Sie das Kästchen zur Bestätigung an.";
        delete: "Delete", "Löschen";
    }
}
