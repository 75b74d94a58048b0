//! Texts of the pages about groups, and of who gains and loses.

super::words! {
    /// Of the pages about groups.
    struct GroupsWords {
        title: "Groups", "Gruppen";
        lead: "A group confers permissions on its members and brings them menus.",
            "Eine Gruppe gibt ihren Mitgliedern Berechtigungen und bringt ihnen Menüs.";
        search: "Search", "Suchen";
        search_hint: "Name or label", "Name oder Bezeichnung";
        show: "Show", "Anzeigen";
        show_all: "Show all", "Alle anzeigen";
        new: "New group", "Neue Gruppe";
        name: "Name", "Name";
        name_hint: "Unique here. Applications and HR systems may know the group by it.",
            "Hier einmalig. Anwendungen und Personalsysteme kennen die Gruppe vielleicht daran.";
        label: "Label", "Bezeichnung";
        label_hint: "What people read.", "Was Menschen lesen.";
        permissions: "Permissions", "Berechtigungen";
        permissions_hint: "What its members may do.", "Was ihre Mitglieder dürfen.";
        contains: "Contains", "Enthält";
        contains_hint: "Members of these groups are members of this one too.",
            "Mitglieder dieser Gruppen sind auch Mitglieder von dieser.";
        menus: "Menus", "Menüs";
        menus_hint: "What applications show to its members.", "Was Anwendungen ihren Mitgliedern zeigen.";
        others: "Others by name, a line each", "Weitere mit Namen, je eine Zeile";
        second_factor: "Members need a second factor", "Mitglieder brauchen einen zweiten Faktor";
        second_factor_tag: "Second factor", "Zweiter Faktor";
        second_factor_hint: "Whoever has none yet must add one before anything else.",
            "Wer noch keinen hat, muss vor allem anderen einen einrichten.";
        second_factor_who: "Only administrators change this.", "Nur Administratoren ändern das.";
        nothing: "None", "Keine";
        inherited: "Also confers", "Gibt außerdem";
        inherited_hint: "Through the groups that it is within.", "Durch die Gruppen, in denen sie enthalten ist.";
        members: "Members", "Mitglieder";
        through: "through", "durch";
        save: "Save", "Speichern";
        create: "Create group", "Gruppe anlegen";
        saved: "Saved.", "Gespeichert.";
        cancel: "Cancel", "Abbrechen";
        delete: "Delete group", "Gruppe löschen";
        delete_title: "Delete this group?", "Diese Gruppe löschen?";
        delete_lead: "Its members stay users, and leave this group. It cannot be undone.",
            "Ihre Mitglieder bleiben Benutzer und verlassen diese Gruppe. Das lässt sich nicht rückgängig machen.";
        confirm_title: "Save these changes?", "Diese Änderungen speichern?";
        back: "Back to editing", "Zurück zum Bearbeiten";
        changed: "Somebody has changed this group meanwhile. Look at it again: saving now replaces what it is by now.",
            "Jemand hat diese Gruppe inzwischen geändert. Prüfen Sie sie noch einmal: Speichern ersetzt jetzt, was sie inzwischen ist.";
        empty_title: "No groups yet", "Noch keine Gruppen";
        empty: "Make the first one: a name, and what its members may do. Then put people into it.",
            "Legen Sie die erste an: ein Name, und was ihre Mitglieder dürfen. Dann nehmen Sie Menschen auf.";
        none_found_title: "No group found", "Keine Gruppe gefunden";
        none_found: "No group matches. Search for less, or show all.",
            "Keine Gruppe passt dazu. Suchen Sie nach weniger, oder zeigen Sie alle an.";
        more: "more", "weitere";
    }
}

super::words! {
    /// Of who gains and who loses what.
    struct ConsequencesWords {
        title: "Who gains and who loses", "Wer gewinnt und wer verliert";
        user: "User", "Benutzer";
        gains: "Gains", "Gewinnt";
        loses: "Loses", "Verliert";
        nameless: "Without a name", "Ohne Namen";
        nobody: "Nobody gains or loses a permission by this.", "Dadurch gewinnt oder verliert niemand eine Berechtigung.";
        hidden: "You may not see users, so it cannot be said here who gains and who loses by this.",
            "Sie dürfen keine Benutzer sehen. Darum steht hier nicht, wer dadurch gewinnt und wer verliert.";
        rest: "more", "weitere";
        incomplete: "So many are concerned that only the first were looked at.",
            "Es betrifft so viele, dass nur die ersten betrachtet wurden.";
    }
}
