//! Texts of refusals.

super::words! {
    /// Of refusals: for each a title, and what to do.
    struct ErrorWords {
        forbidden: "You may not do this", "Das dürfen Sie nicht";
        forbidden_help: "If you need it, ask an administrator of this environment for the permission.",
            "Wenn Sie es brauchen, bitten Sie jemanden, der diese Umgebung administriert, um die Berechtigung.";
        missing: "There is nothing here", "Hier ist nichts";
        missing_help: "It does not exist, is gone, or is none of yours. Check the address.",
            "Es existiert nicht, ist gelöscht oder gehört Ihnen nicht. Prüfen Sie die Adresse.";
        link: "Use the link from the mail", "Verwenden Sie den Link aus der E-Mail";
        link_help: "Only the link that was mailed to you proves that the address is yours.",
            "Nur der Link, der Ihnen gemailt wurde, belegt, dass die Adresse Ihnen gehört.";
        factor: "The second factor is not accepted", "Der zweite Faktor wird nicht angenommen";
        factor_help: "It is wrong, was used already, or is too old. Try again.",
            "Er ist falsch, schon benutzt oder zu alt. Versuchen Sie es noch einmal.";
        invalid: "Some of this cannot be", "Etwas davon geht nicht";
        invalid_help: "Go back and correct it. Nothing was changed.",
            "Gehen Sie zurück, und verbessern Sie es. Nichts wurde geändert.";
        conflict: "Something stands in the way", "Etwas steht dem entgegen";
        conflict_help: "Nothing was changed.", "Nichts wurde geändert.";
        changed: "Somebody was faster", "Jemand war schneller";
        changed_help: "It has changed since you saw it. Load the page again, and make your change anew.",
            "Es hat sich seitdem geändert. Laden Sie die Seite neu, und machen Sie Ihre Änderung noch einmal.";
        too_many: "Too much at once", "Zu viel auf einmal";
        too_many_help: "Wait a moment, then try again.", "Warten Sie einen Moment, und versuchen Sie es dann noch einmal.";
        unavailable: "Not at the moment", "Im Moment nicht";
        unavailable_help: "The server cannot do this right now, and nothing was changed. Try again.",
            "Der Server kann das gerade nicht, und nichts wurde geändert. Versuchen Sie es noch einmal.";
        broken: "Something went wrong here", "Hier ist etwas schiefgegangen";
        broken_help: "It is our fault, and stands in the log of the server.",
            "Es liegt an uns und steht im Protokoll des Servers.";
        forged: "This form is not accepted", "Dieses Formular wird nicht angenommen";
        forged_help: "It is too old, or was sent from another site. Load the page again and fill it in anew.",
            "Es ist zu alt, oder es kam von einer anderen Seite. Laden Sie die Seite neu, und füllen Sie es noch einmal aus.";
        unreadable: "This cannot be read", "Das lässt sich nicht lesen";
        unreadable_help: "The address or the form is not as our pages make them. Go back and try again.",
            "Die Adresse oder das Formular ist nicht so, wie unsere Seiten sie machen. Gehen Sie zurück, und versuchen Sie es noch einmal.";
        no_passkeys: "Passkeys do not work here", "Passkeys funktionieren hier nicht";
        no_passkeys_help: "They need the server to be reached by https at a host name.",
            "Der Server muss dafür mit https unter einem Namen erreichbar sein.";
        home: "To the beginning", "Zum Anfang";
    }
}
