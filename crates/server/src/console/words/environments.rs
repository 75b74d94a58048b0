//! Texts of choosing an environment.

super::words! {
    /// Of choosing an environment.
    struct EnvironmentsWords {
        title: "Choose an environment", "Umgebung wählen";
        lead: "You belong to several. Each has its own users, groups and menus.",
            "Sie gehören zu mehreren. Jede hat eigene Benutzer, Gruppen und Menüs.";
        pending: "Waiting for you to accept: use the link that was mailed to you.",
            "Wartet auf Ihre Zusage: Verwenden Sie den Link aus der E-Mail.";
        empty_title: "No environment yet", "Noch keine Umgebung";
        empty: "Ask an administrator to add you, then open the link in the mail that you get.",
            "Bitten Sie eine Administratorin oder einen Administrator, Sie hinzuzufügen, und öffnen Sie den Link in der E-Mail.";
        other: "Open another by its key", "Eine andere über ihren Schlüssel öffnen";
        open: "Open", "Öffnen";
    }
}
