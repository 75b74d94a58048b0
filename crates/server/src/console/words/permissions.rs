//! Texts of the pages about permissions.

super::words! {
    /// Of the pages about permissions.
    struct PermissionsWords {
        title: "Permissions", "Berechtigungen";
        lead: "The names of what one may do: Rolebook's own, and those that your applications ask for.",
            "Die Namen dessen, was jemand darf: die von Rolebook selbst, und die, nach denen Ihre Anwendungen fragen.";
        search: "Search", "Suchen";
        search_hint: "Codename or name", "Codename oder Name";
        show: "Show", "Anzeigen";
        show_all: "Show all", "Alle anzeigen";
        new: "New permission", "Neue Berechtigung";
        codename: "Codename", "Codename";
        codename_hint: "What applications ask for, such as approve_invoice.",
            "Wonach Anwendungen fragen, zum Beispiel approve_invoice.";
        codename_who: "Only administrators change the codename.", "Nur Administratoren ändern den Codenamen.";
        name: "Name", "Name";
        name_hint: "What people read.", "Was Menschen lesen.";
        built_in: "Rolebook's own", "Von Rolebook";
        built_in_lead: "It belongs to Rolebook itself and cannot be changed.",
            "Sie gehört zu Rolebook selbst und lässt sich nicht ändern.";
        create: "Declare permission", "Berechtigung anlegen";
        save: "Save", "Speichern";
        saved: "Saved.", "Gespeichert.";
        cancel: "Cancel", "Abbrechen";
        delete: "Delete permission", "Berechtigung löschen";
        delete_title: "Delete this permission?", "Diese Berechtigung löschen?";
        delete_lead: "Everybody loses it, groups and tokens too. It cannot be undone.",
            "Alle verlieren sie, auch Gruppen und Token. Das lässt sich nicht rückgängig machen.";
        groups: "Groups that confer it", "Gruppen, die sie geben";
        no_groups: "No group confers it yet.", "Noch gibt sie keine Gruppe.";
        more: "more", "weitere";
        holders: "Who holds it", "Wer sie hat";
        on: "As it was on", "Stand vom";
        on_hint: "At the end of this day, in UTC.", "Am Ende dieses Tages (UTC).";
        now: "Now", "Jetzt";
        day_wrong: "Choose a day.", "Wählen Sie einen Tag.";
        day_unknown: "Nothing is known of this day here.", "Von diesem Tag ist hier nichts bekannt.";
        user: "User", "Benutzer";
        through: "Through", "Durch";
        administrator: "Administrator", "Administrator";
        operator: "Operator of the system", "Betreiber des Systems";
        since: "since", "seit";
        by: "by", "von";
        nameless: "Without a name", "Ohne Namen";
        nobody: "Nobody holds it.", "Niemand hat sie.";
        nobody_then: "Nobody held it then.", "Damals hatte sie niemand.";
        none_found_title: "No permission found", "Keine Berechtigung gefunden";
        none_found: "No permission matches. Search for less, or show all.",
            "Keine Berechtigung passt dazu. Suchen Sie nach weniger, oder zeigen Sie alle an.";
    }
}
