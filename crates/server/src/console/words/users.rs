//! Texts of the pages about users.

super::words! {
    /// Of the pages about users.
    struct UsersWords {
        title: "Users", "Benutzer";
        search: "Search", "Suchen";
        search_hint: "Name, e-mail address, username or phone", "Name, E-Mail-Adresse, Benutzername oder Telefon";
        status: "Status", "Status";
        all: "All", "Alle";
        active: "Active", "Aktiv";
        inactive: "Inactive", "Inaktiv";
        pending: "Invited", "Eingeladen";
        administrator: "Administrator", "Administrator";
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
