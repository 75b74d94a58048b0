//! Texts of the home page.

super::words! {
    /// Of the home page.
    struct HomeWords {
        title: "Home", "Übersicht";
        users: "Find people, see who is active and what they may do.",
            "Menschen finden, sehen, wer aktiv ist und was sie dürfen.";
        seen: "Who was here", "Wer hier war";
        seen_help: "Users who signed in, or whose session was renewed, within",
            "Benutzer, die sich angemeldet haben oder deren Sitzung erneuert wurde, in den letzten";
        one_day: "a day", "24 Stunden";
        days: "days", "Tagen";
        sign_ins: "Sign-ins by day", "Anmeldungen je Tag";
        sign_ins_help: "The last 14 days, in UTC.", "Die letzten 14 Tage, in UTC.";
        signed_in: "Signed in", "Angemeldet";
        refused: "Refused", "Abgewiesen";
        day: "Day", "Tag";
        at_most: "The highest column stands for", "Die höchste Säule steht für";
        as_table: "As a table", "Als Tabelle";
        covered: "Second factor", "Zweiter Faktor";
        covered_help: "Who has one.", "Wer einen hat.";
        administrators: "Administrators", "Administratoren";
        recent: "Who was here last, up to 1,000", "Zuletzt hier gewesene, bis zu 1.000";
        of: "of", "von";
        invited: "Invited, not yet here", "Eingeladen, noch nicht hier";
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
