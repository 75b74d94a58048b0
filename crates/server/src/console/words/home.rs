//! Texts of the home page.

super::words! {
    /// Of the home page.
    struct HomeWords {
        title: "Home", "Übersicht";
        lead: "What you can do here.", "Was Sie hier tun können.";
        users: "Find people, see who is active and what they may do.",
            "Menschen finden, sehen, wer aktiv ist und was sie dürfen.";
        you: "You in this environment", "Sie in dieser Umgebung";
        role: "Role", "Rolle";
        operator: "Operator of the system", "Betreiber des Systems";
        administrator: "Administrator", "Administrator";
        member: "Member", "Mitglied";
        groups: "Groups", "Gruppen";
        permissions: "Permissions", "Berechtigungen";
        all: "All of this environment", "Alle dieser Umgebung";
        nothing: "There is nothing for you to manage in this environment. Whoever administers it can give you permissions.",
            "In dieser Umgebung gibt es für Sie nichts zu verwalten. Wer sie administriert, kann Ihnen Berechtigungen geben.";
    }
}
