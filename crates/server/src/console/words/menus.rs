//! Texts of the pages about menus.

super::words! {
    /// Of the pages about menus.
    struct MenusWords {
        title: "Menus", "Menüs";
        lead: "What applications show to whom: a tree of two levels, brought by groups or given to users.",
            "Was Anwendungen wem zeigen: ein Baum mit zwei Ebenen, den Gruppen bringen oder Benutzer bekommen.";
        search: "Search", "Suchen";
        search_hint: "Name or label", "Name oder Bezeichnung";
        show: "Show", "Anzeigen";
        show_all: "Show all", "Alle anzeigen";
        new: "New menu", "Neues Menü";
        create: "Create menu", "Menü anlegen";
        name: "Name", "Name";
        name_hint: "Unique here. Applications ask for the menu by it.", "Hier einmalig. Anwendungen fragen damit nach dem Menü.";
        name_wrong: "Write 1 to 200 characters, without control characters.", "Schreiben Sie 1 bis 200 Zeichen ohne Steuerzeichen.";
        label: "Label", "Bezeichnung";
        label_hint: "What people read.", "Was Menschen lesen.";
        label_wrong: "Write at most 200 characters, without control characters.", "Schreiben Sie höchstens 200 Zeichen ohne Steuerzeichen.";
        items: "Items", "Einträge";
        earlier_items: "Items before these", "Einträge davor";
        further_items: "Items after these", "Einträge danach";
        below: "below", "darunter";
        more_items: "more items", "weitere Einträge";
        no_items: "No items yet. Add the first one.", "Noch keine Einträge. Fügen Sie den ersten hinzu.";
        item_name: "Name for the application", "Name für die Anwendung";
        link: "Link", "Link";
        link_hint: "A relative address, or one that begins with https://, http:// or mailto:.",
            "Eine relative Adresse oder eine, die mit https://, http:// oder mailto: beginnt.";
        href_wrong: "Use a relative address, or one that begins with https://, http:// or mailto:, without spaces.",
            "Verwenden Sie eine relative Adresse oder eine, die mit https://, http:// oder mailto: beginnt, ohne Leerzeichen.";
        icon: "Icon", "Symbol";
        icon_hint: "The application's name of a picture.", "Wie die Anwendung das Bild nennt.";
        permission: "Permission", "Berechtigung";
        permission_hint: "Shown only to those who hold it; empty: to all.", "Nur wer sie hat, sieht den Eintrag; leer: alle.";
        permission_wrong: "Write the codename of a permission, such as approve_invoice.",
            "Schreiben Sie den Codenamen einer Berechtigung, zum Beispiel approve_invoice.";
        hidden: "There is no such permission, so nobody sees this.", "Diese Berechtigung gibt es nicht, darum sieht das niemand.";
        item_wrong: "An item is not right yet. It is open below.", "Ein Eintrag stimmt noch nicht. Er ist unten geöffnet.";
        nameless_item: "New item", "Neuer Eintrag";
        move_item: "Move this item", "Diesen Eintrag verschieben";
        up: "Up", "Hinauf";
        down: "Down", "Hinunter";
        into: "In", "Hinein";
        out: "Out", "Heraus";
        into_hint: "Below the item before", "Unter den Eintrag davor";
        out_hint: "To the first level", "Auf die erste Ebene";
        remove: "Remove", "Entfernen";
        close: "Close", "Schließen";
        add: "Add item", "Eintrag hinzufügen";
        add_below: "Add item below", "Eintrag darunter hinzufügen";
        drag: "Items can be dragged too.", "Einträge lassen sich auch ziehen.";
        save: "Save", "Speichern";
        saved: "Saved.", "Gespeichert.";
        unsaved: "Not saved yet.", "Noch nicht gespeichert.";
        changed: "Somebody has changed this menu meanwhile. Saving now replaces what it is by now.",
            "Jemand hat dieses Menü inzwischen geändert. Speichern ersetzt jetzt, was es inzwischen ist.";
        cancel: "Cancel", "Abbrechen";
        delete: "Delete menu", "Menü löschen";
        delete_title: "Delete this menu?", "Dieses Menü löschen?";
        delete_lead: "Nobody sees it any more, through groups neither. It cannot be undone.",
            "Niemand sieht es mehr, auch nicht durch Gruppen. Das lässt sich nicht rückgängig machen.";
        preview: "See as a user", "Als Benutzer sehen";
        preview_lead: "Whose menus? What is saved is shown, in order, without what they may not see.",
            "Wessen Menüs? Gezeigt wird, was gespeichert ist, der Reihe nach, ohne was sie nicht sehen dürfen.";
        user: "User", "Benutzer";
        user_hint: "Name, e-mail address or username", "Name, E-Mail-Adresse oder Benutzername";
        find: "Find", "Finden";
        nobody: "Nobody matches.", "Niemand passt dazu.";
        sees: "What this user sees:", "Das sieht";
        sees_nothing: "No menu is shown to this user.", "Diesem Benutzer wird kein Menü gezeigt.";
        nameless: "Without a name", "Ohne Namen";
        empty_menu: "No items", "Keine Einträge";
        empty_title: "No menus yet", "Noch keine Menüs";
        empty: "Make the first one, then choose in a group that it brings it.",
            "Legen Sie das erste an, und wählen Sie dann in einer Gruppe, dass sie es bringt.";
        none_found_title: "No menu found", "Kein Menü gefunden";
        none_found: "No menu matches. Search for less, or show all.",
            "Kein Menü passt dazu. Suchen Sie nach weniger, oder zeigen Sie alle an.";
    }
}
