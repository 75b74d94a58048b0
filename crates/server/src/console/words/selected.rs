//! Texts about what was done to several users at once.

super::words! {
    /// About what was done to several users at once.
    struct SelectedWords {
        users: "Users", "Benutzer";
        activated: "Activate", "Aktivieren";
        deactivated: "Deactivate", "Deaktivieren";
        added: "Add to group", "Zur Gruppe hinzufügen";
        removed: "Remove from group", "Aus Gruppe entfernen";
        not_yet: "Nothing done yet", "Noch nichts getan";
        refused: "Refused", "Abgelehnt";
        done: "Done", "Erledigt";
        already: "Was so already", "War schon so";
        waiting: "Selected", "Ausgewählt";
        nobody: "Nobody", "Niemand";
        none_selected: "Select users first, then choose what to do with them.",
            "Wählen Sie zuerst Benutzer aus und dann, was mit ihnen geschehen soll.";
        not_here: "This is no user here.", "Das ist hier kein Benutzer.";
        group: "Group", "Gruppe";
        name_a_group: "Name a group.", "Nennen Sie eine Gruppe.";
        no_such_group: "There is no group of this name here.", "Hier gibt es keine Gruppe dieses Namens.";
        go_on: "Go on", "Weiter";
        undo: "Undo for those done", "Für die Erledigten rückgängig machen";
        back: "Back to the list", "Zurück zur Liste";
    }
}
