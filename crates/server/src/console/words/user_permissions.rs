//! Texts about what a user may do, and why.

super::words! {
    /// About what a user may do, and why.
    struct UserPermissionsWords {
        ask: "Why, or why not?", "Warum, oder warum nicht?";
        ask_hint: "A permission's codename, such as change_user.", "Der Codename einer Berechtigung, zum Beispiel change_user.";
        explain: "Explain", "Erklären";
        may: "May", "Darf";
        may_not: "May not", "Darf nicht";
        unknown: "There is no such permission here.", "Diese Berechtigung gibt es hier nicht.";
        permission: "Permission", "Berechtigung";
        reason: "Through", "Durch";
        none: "No permissions", "Keine Berechtigungen";
        none_help: "None of this user's groups confers any.", "Keine Gruppe dieses Benutzers verleiht eine.";
        next: "Next", "Weiter";
        first: "From the beginning", "Von vorn";
        until: "until", "bis";
        more: "more ways", "weitere Wege";
        because_operator: "Operators may do everything.", "Betreiber dürfen alles.";
        because_administrator: "Administrators may do everything in this environment.",
            "Wer administriert, darf in dieser Umgebung alles.";
        because_group: "Group", "Gruppe";
        lacks_active: "The user is inactive, and may do nothing.", "Der Benutzer ist inaktiv und darf nichts.";
        lacks_accepted: "The user has yet to accept the invitation, and may do nothing until then.",
            "Der Benutzer hat die Einladung noch nicht angenommen und darf bis dahin nichts.";
        lacks_ceiling: "The token's ceiling lacks it.", "Der Rahmen des Tokens enthält sie nicht.";
        lacks_user: "This is no user here.", "Das ist hier kein Benutzer.";
        lacks_any_group: "No group of this user's confers it.", "Keine Gruppe dieses Benutzers verleiht sie.";
        lacks_group: "No group of this user's confers it. These would:", "Keine Gruppe dieses Benutzers verleiht sie. Diese würden es:";
    }
}
