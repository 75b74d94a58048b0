//! Texts of the matrix of groups and permissions.

super::words! {
    /// Of the matrix.
    struct MatrixWords {
        title: "Who may what", "Wer darf was";
        lead: "Tick what a group is to confer. Before anything is saved you see who gains and who loses.",
            "Kreuzen Sie an, was eine Gruppe geben soll. Bevor etwas gespeichert wird, sehen Sie, wer gewinnt und wer verliert.";
        group: "Groups", "Gruppen";
        permission: "Permissions", "Berechtigungen";
        show: "Show", "Anzeigen";
        through: "through", "durch";
        key: "A dot marks what comes through a group that this one is within.",
            "Ein Punkt steht für das, was durch eine umfassende Gruppe kommt.";
        yes: "yes", "ja";
        no: "no", "nein";
        review: "Review changes", "Änderungen prüfen";
        unsaved: "Not saved yet.", "Noch nicht gespeichert.";
        saved: "Saved.", "Gespeichert.";
        confirm_title: "Save these changes?", "Diese Änderungen speichern?";
        changes: "What changes", "Was sich ändert";
        nothing: "Nothing changes: it is so already.", "Nichts ändert sich: Es ist schon so.";
        save: "Save", "Speichern";
        back: "Back to editing", "Zurück zum Bearbeiten";
        changed: "Somebody has changed these groups meanwhile. Look at it again before you save.",
            "Jemand hat diese Gruppen inzwischen geändert. Prüfen Sie es noch einmal, bevor Sie speichern.";
        more_groups: "More groups", "Weitere Gruppen";
        more_permissions: "More permissions", "Weitere Berechtigungen";
        empty_title: "Nothing to see here", "Hier ist nichts zu sehen";
        empty: "It takes a group and a permission that match. Make a group first, or search for less.",
            "Es braucht eine Gruppe und eine Berechtigung, die passen. Legen Sie zuerst eine Gruppe an, oder suchen Sie nach weniger.";
    }
}
