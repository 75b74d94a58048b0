//! Texts of one's own account.

super::words! {
    /// Of one's own account.
    struct AccountWords {
        title: "My account", "Mein Konto";
        profile: "Profile", "Profil";
        security: "Signing in", "Anmeldung";
        sessions: "Sessions", "Sitzungen";
        tokens: "API tokens", "API-Tokens";
        permissions: "What I may do", "Was ich darf";
        saved: "Saved.", "Gespeichert.";
        back: "Back", "Zurück";

        profile_lead: "How others in this environment see you.", "Wie andere in dieser Umgebung Sie sehen.";
        no_user: "You are no user here", "Sie sind hier kein Benutzer";
        no_user_help: "You manage the system, so you have no profile in this environment.",
            "Sie verwalten das System und haben darum kein Profil in dieser Umgebung.";
        name: "Name that others read", "Name, den andere lesen";
        first_name: "First name", "Vorname";
        last_name: "Last name", "Nachname";
        phone: "Phone", "Telefon";
        language: "Language", "Sprache";
        by_browser: "As my browser asks for", "Wie mein Browser sie verlangt";
        locale: "Numbers and dates as in", "Zahlen und Daten wie in";
        locale_hint: "A language tag such as de-AT or en-GB.", "Ein Sprachkürzel wie de-AT oder en-GB.";
        save: "Save", "Speichern";

        email: "E-mail address", "E-Mail-Adresse";
        no_email: "None yet.", "Noch keine.";
        new_email: "Another address", "Andere Adresse";
        new_email_hint: "We mail a link there; it counts once you have opened it.",
            "Wir mailen einen Link dorthin; sie gilt, sobald Sie ihn geöffnet haben.";
        ask: "Send the link", "Link senden";
        asked: "If nobody else has this address, a link is on its way to it.",
            "Wenn niemand sonst diese Adresse hat, ist ein Link dorthin unterwegs.";
        password: "Password", "Passwort";
        change_password: "Change the password", "Passwort ändern";
        factors: "Second factors", "Zweite Faktoren";
        no_factors: "None yet", "Noch keine";
        no_factors_help: "Add one: then nobody signs in as you who knows no more than your password.",
            "Richten Sie einen ein: Dann kann sich niemand als Sie anmelden, der nur Ihr Passwort kennt.";
        add_factor: "Add a second factor", "Zweiten Faktor einrichten";
        totp: "Authenticator app", "Authenticator-App";
        passkey: "Passkey", "Passkey";
        since: "since", "seit";
        last_used: "last used", "zuletzt benutzt";
        never_used: "never used", "nie benutzt";
        called: "Name", "Name";
        rename: "Rename", "Umbenennen";
        remove: "Remove", "Entfernen";
        removed: "Removed.", "Entfernt.";
        codes: "Recovery codes", "Wiederherstellungscodes";
        codes_left: "left", "übrig";
        renew: "Make new codes", "Neue Codes erzeugen";
        renew_help: "The old ones are void then.", "Die alten gelten dann nicht mehr.";

        sessions_lead: "Where you are signed in. End what you do not know, and change your password then.",
            "Wo Sie angemeldet sind. Beenden Sie, was Sie nicht kennen, und ändern Sie dann Ihr Passwort.";
        device: "Device", "Gerät";
        unknown_device: "Unknown", "Unbekannt";
        address: "Network address", "Netzadresse";
        seen: "Last used", "Zuletzt benutzt";
        this_one: "This one", "Diese";
        end: "End", "Beenden";
        end_others: "End all others", "Alle anderen beenden";
        ended: "Ended.", "Beendet.";

        tokens_lead: "For programs that act as you in this environment. Each may do no more than you.",
            "Für Programme, die in dieser Umgebung als Sie handeln. Keines darf mehr als Sie.";
        no_tokens: "No API token yet", "Noch kein API-Token";
        no_tokens_help: "Make one below for each program that is to act as you.",
            "Erzeugen Sie unten einen für jedes Programm, das als Sie handeln soll.";
        may: "May", "Darf";
        all_of_mine: "All that I may do here", "Alles, was ich hier darf";
        everywhere: "All of the system", "Alles im System";
        only: "Only this", "Nur dies";
        nothing: "nothing but be known", "nichts, als bekannt zu sein";
        ends: "Ends", "Endet";
        revoke: "Revoke", "Widerrufen";
        revoked: "Revoked.", "Widerrufen.";
        new_token: "New API token", "Neuer API-Token";
        token_name: "What it is for", "Wofür er ist";
        lasts: "Lasts", "Gilt";
        month: "30 days", "30 Tage";
        quarter: "90 days", "90 Tage";
        year: "A year", "Ein Jahr";
        create: "Make the token", "Token erzeugen";
        created: "Your new API token", "Ihr neuer API-Token";
        created_lead: "Copy it now to where it is needed: it is not shown again.",
            "Kopieren Sie ihn jetzt dorthin, wo er gebraucht wird: Er wird nicht noch einmal gezeigt.";
        more_permissions: "You hold more than the hundred that are shown here. A token for others is made with the API.",
            "Sie haben mehr als die hundert, die hier stehen. Einen Token für andere erzeugen Sie über die API.";

        permission: "Permission", "Berechtigung";
        why: "Because", "Weil";
        no_permissions: "Nothing to manage here", "Hier nichts zu verwalten";
        no_permissions_help: "Whoever administers this environment can put you into groups that may.",
            "Wer diese Umgebung administriert, kann Sie in Gruppen aufnehmen, die etwas dürfen.";
        as_operator: "You manage the system: you may do everything, in every environment.",
            "Sie verwalten das System: Sie dürfen alles, in jeder Umgebung.";
        as_administrator: "You administer this environment: you may do everything here.",
            "Sie administrieren diese Umgebung: Sie dürfen hier alles.";
        member_of: "you are in", "Sie sind in";
        within: "which is within", "das enthalten ist in";
        until: "until", "bis";
    }
}
