//! Texts around every page, and of what pages share.

super::words! {
    /// Of the frame.
    struct FrameWords {
        product: "Rolebook", "Rolebook";
        skip: "Skip to content", "Zum Inhalt springen";
        navigation: "Main", "Hauptnavigation";
        home: "Home", "Übersicht";
        users: "Users", "Benutzer";
        account: "My account", "Mein Konto";
        services: "Service accounts", "Dienstkonten";
        system: "System", "System";
        environments: "Environments", "Umgebungen";
        webhooks: "Webhooks", "Webhooks";
        audit: "Audit trail", "Protokoll";
        environment: "Environment", "Umgebung";
        change_environment: "Change", "Wechseln";
        signed_in_as: "Signed in as", "Angemeldet als";
        sign_out: "Sign out", "Abmelden";
        previous: "Previous", "Zurück";
        next: "Next", "Weiter";
        pages: "Pages", "Seiten";
        found: "found", "gefunden";
        and_more: "and more on the next page", "und weitere auf der nächsten Seite";
        none: "none", "keine";
        groups: "Groups", "Gruppen";
        permissions: "Permissions", "Berechtigungen";
        menus: "Menus", "Menüs";
        list: "List", "Liste";
        matrix: "Who may what", "Wer darf was";
        nesting: "Groups within groups", "Gruppen in Gruppen";
    }
}
