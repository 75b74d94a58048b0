//! Texts of the page about groups within groups.

super::words! {
    /// Of groups within groups.
    struct NestingWords {
        title: "Groups within groups", "Gruppen in Gruppen";
        lead: "Members of a group are members of all groups to its left that it is joined to, and have what those confer.",
            "Mitglieder einer Gruppe sind auch Mitglieder aller Gruppen links von ihr, mit denen sie verbunden ist, und haben, was jene geben.";
        picture: "Picture", "Bild";
        in_words: "In words", "In Worten";
        contains: "contains", "enthält";
        incomplete: "There are more groups than can be drawn here: these are the first.",
            "Es gibt mehr Gruppen, als hier gezeichnet werden können: Dies sind die ersten.";
        empty_title: "No group contains another", "Keine Gruppe enthält eine andere";
        empty: "Open a group and choose what it contains: members of those groups are then its members too.",
            "Öffnen Sie eine Gruppe, und wählen Sie, was sie enthält: Deren Mitglieder sind dann auch ihre.";
        to_groups: "To the groups", "Zu den Gruppen";
    }
}
