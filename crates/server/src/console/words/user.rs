//! Texts of the pages about one user.

super::words! {
    /// Of the pages about one user.
    struct UserWords {
        users: "Users", "Benutzer";
        pages: "About this user", "Über diesen Benutzer";
        overview: "Overview", "Überblick";
        permissions: "Permissions", "Berechtigungen";
        sessions: "Sessions", "Sitzungen";
        audit: "Audit trail", "Protokoll";
        administrator: "Administrator", "Administrator";
        service: "Service account", "Dienstkonto";
        edit: "Edit", "Bearbeiten";
        add: "Add a user", "Benutzer hinzufügen";
        add_lead: "Who is new gets a mail to choose a password. Who has an account already gets one to accept.",
            "Wer neu ist, bekommt eine E-Mail, um ein Passwort zu wählen. Wer schon ein Konto hat, bekommt eine, um zuzusagen.";
        save: "Save", "Speichern";
        add_and_invite: "Add and invite", "Hinzufügen und einladen";
        cancel: "Cancel", "Abbrechen";
        person: "Person", "Person";
        access: "Access", "Zugang";
        name: "Display name", "Anzeigename";
        name_hint: "What others read.", "Was andere lesen.";
        name_hint_new: "Left empty, it is the first and the last name.", "Leer gelassen, sind es Vor- und Nachname.";
        first_name: "First name", "Vorname";
        last_name: "Last name", "Nachname";
        email: "E-mail address", "E-Mail-Adresse";
        username: "Username", "Benutzername";
        username_hint: "For signing in; left empty, it is the address.", "Zum Anmelden; leer gelassen, ist es die Adresse.";
        phone: "Phone", "Telefon";
        language: "Language", "Sprache";
        language_hint: "Such as en or pt-BR.", "Zum Beispiel de oder pt-BR.";
        locale: "Numbers and dates", "Zahlen und Daten";
        external_id: "External id", "Externe Kennung";
        external_id_hint: "What another system knows this user by.", "Unter der ein anderes System diesen Benutzer kennt.";
        administrator_hint: "May do everything in this environment.", "Darf in dieser Umgebung alles.";
        mfa: "Second factor", "Zweiter Faktor";
        mfa_on: "Demanded", "Verlangt";
        mfa_off: "Not demanded of this user", "Von diesem Benutzer nicht verlangt";
        mfa_hint: "Demanded of this user at each sign-in here.", "Wird von diesem Benutzer bei jeder Anmeldung hier verlangt.";
        groups: "Groups", "Gruppen";
        menus: "Menus", "Menüs";
        find_groups: "Find groups", "Gruppen suchen";
        find_menus: "Find menus", "Menüs suchen";
        find: "Find", "Suchen";
        no_groups: "No group fits.", "Keine Gruppe passt.";
        no_menus: "No menu fits.", "Kein Menü passt.";
        last_day: "Last day", "Letzter Tag";
        until: "until", "bis";
        invitation: "Invitation", "Einladung";
        invitation_waits: "Not accepted yet", "Noch nicht angenommen";
        role: "Role", "Rolle";
        member: "Member", "Mitglied";
        since: "Here since", "Hier seit";
        changed: "Last changed", "Zuletzt geändert";
        none: "None", "Keine";
        must_change: "Must choose a new password", "Muss ein neues Passwort wählen";
        must_enrol: "Must set up a new second factor", "Muss einen neuen zweiten Faktor einrichten";
        owed: "At the next sign-in", "Bei der nächsten Anmeldung";
        actions: "Actions", "Aktionen";
        activate: "Activate", "Aktivieren";
        activate_help: "Lets this user sign in again.", "Lässt diesen Benutzer sich wieder anmelden.";
        deactivate: "Deactivate", "Deaktivieren";
        deactivate_help: "Ends all sessions here at once. Everything else stays, and can be taken back.",
            "Beendet sofort alle Sitzungen hier. Alles andere bleibt und lässt sich rückgängig machen.";
        reset_password: "Reset password", "Passwort zurücksetzen";
        reset_password_help: "Ends all sessions; the next sign-in must choose a new password.",
            "Beendet alle Sitzungen; die nächste Anmeldung muss ein neues Passwort wählen.";
        keep_password: "Keep the present password", "Passwort behalten";
        keep_password_help: "Takes the reset back.", "Nimmt das Zurücksetzen zurück.";
        reset_factor: "Reset second factor", "Zweiten Faktor zurücksetzen";
        reset_factor_help: "For a lost device. Removes all second factors and ends all sessions; the next sign-in sets up a new one. This cannot be taken back.",
            "Für ein verlorenes Gerät. Entfernt alle zweiten Faktoren und beendet alle Sitzungen; die nächste Anmeldung richtet einen neuen ein. Das lässt sich nicht rückgängig machen.";
        keep_factor: "Demand no new second factor", "Keinen neuen zweiten Faktor verlangen";
        keep_factor_help: "The next sign-in need not set one up.", "Die nächste Anmeldung muss keinen einrichten.";
        invite: "Resend invitation", "Einladung erneut senden";
        invite_help: "Sends a new link by mail; the older one is void.", "Schickt einen neuen Link per E-Mail; der ältere gilt nicht mehr.";
        undo: "Undo", "Rückgängig machen";
        done_added: "Added. A mail is on its way.", "Hinzugefügt. Eine E-Mail ist unterwegs.";
        done_saved: "Saved.", "Gespeichert.";
        done_activated: "Activated.", "Aktiviert.";
        done_deactivated: "Deactivated, and signed out everywhere here.", "Deaktiviert und hier überall abgemeldet.";
        done_password_reset: "The next sign-in must choose a new password.", "Die nächste Anmeldung muss ein neues Passwort wählen.";
        done_password_kept: "The present password stays.", "Das jetzige Passwort bleibt.";
        done_factor_reset: "The second factors are removed.", "Die zweiten Faktoren sind entfernt.";
        done_factor_kept: "No new second factor is demanded.", "Es wird kein neuer zweiter Faktor verlangt.";
        done_invited: "A new invitation is on its way.", "Eine neue Einladung ist unterwegs.";
        then_title: "As it was", "Wie es war";
        then_at: "As it was on", "Wie es war am";
        then_hint: "At the end of that day, in UTC.", "Am Ende dieses Tages, in UTC.";
        then_shown: "As it was at", "Stand";
        then_now: "Show the present", "Zur Gegenwart";
        could: "Permissions then", "Berechtigungen damals";
        more: "more", "weitere";
        show: "Show", "Anzeigen";
        nobody_then: "This was no user here then.", "Das war damals hier kein Benutzer.";
        no_date: "Give a date, such as 2026-03-05.", "Geben Sie ein Datum an, zum Beispiel 2026-03-05.";
        account_exists: "This account is known already: leave the username empty to add it here.",
            "Dieses Konto ist schon bekannt: Lassen Sie den Benutzernamen leer, um es hier hinzuzufügen.";
        changed_meanwhile: "Somebody has changed this user since you began. What you typed is still here: look at the user once more, then save again.",
            "Jemand hat diesen Benutzer geändert, seit Sie begonnen haben. Ihre Eingaben sind noch da: Sehen Sie sich den Benutzer noch einmal an, und speichern Sie dann erneut.";
    }
}
