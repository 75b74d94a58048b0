//! Texts of the pages about users.

super::words! {
    /// Of the pages about users.
    struct UsersWords {
        title: "Users", "Benutzer";
        add: "Add a user", "Benutzer hinzufügen";
        search: "Search", "Suchen";
        search_hint: "Name, e-mail address, username or phone", "Name, E-Mail-Adresse, Benutzername oder Telefon";
        status: "Status", "Status";
        all: "All", "Alle";
        active: "Active", "Aktiv";
        inactive: "Inactive", "Inaktiv";
        pending: "Invited", "Eingeladen";
        administrator: "Administrator", "Administrator";
        administrators: "Administrators", "Administratoren";
        members: "Members", "Mitglieder";
        role: "Role", "Rolle";
        filters: "More filters", "Weitere Filter";
        group: "In the group", "In der Gruppe";
        permission: "With the permission", "Mit der Berechtigung";
        no_such_group: "There is no group of this name here.", "Hier gibt es keine Gruppe dieses Namens.";
        no_such_permission: "There is no such permission here.", "Diese Berechtigung gibt es hier nicht.";
        select: "Select", "Auswählen";
        select_all: "Select all of this page", "Alle dieser Seite auswählen";
        with_selected: "With the selected users", "Mit den ausgewählten Benutzern";
        activate: "Activate", "Aktivieren";
        deactivate: "Deactivate", "Deaktivieren";
        group_name: "Group", "Gruppe";
        add_to_group: "Add to group", "Zur Gruppe hinzufügen";
        remove_from_group: "Remove from group", "Aus Gruppe entfernen";
        show: "Show", "Anzeigen";
        name: "Name", "Name";
        email: "E-mail address", "E-Mail-Adresse";
        groups: "Groups", "Gruppen";
        since: "Here since", "Seit";
        more: "more", "weitere";
        nameless: "Without a name", "Ohne Namen";
        none_found_title: "Nobody found", "Niemand gefunden";
        none_found: "No user matches. Search for less, or show everybody.",
            "Kein Benutzer passt dazu. Suchen Sie nach weniger, oder zeigen Sie alle an.";
        show_all: "Show everybody", "Alle anzeigen";
    }
}
