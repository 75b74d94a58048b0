//! Texts of the pages about webhooks.

super::words! {
    /// Of the pages about webhooks.
    struct WebhooksWords {
        title: "Webhooks", "Webhooks";
        lead: "Programs that are told what happens here, by a signed request for each event.",
            "Programme, denen gesagt wird, was hier geschieht: mit einer unterschriebenen Anfrage je Ereignis.";
        new: "New webhook", "Neuer Webhook";
        url: "Address", "Adresse";
        url_hint: "Where the program listens, such as https://app.example.com/hooks",
            "Wo das Programm zuhört, etwa https://app.example.com/hooks";
        event_types: "What it is told", "Was ihm gesagt wird";
        types: "Is told", "Erfährt";
        everything: "Everything", "Alles";
        choose: "Choose at least one.", "Wählen Sie mindestens eines.";
        state: "State", "Zustand";
        told: "Is told", "Wird informiert";
        paused: "Paused", "Pausiert";
        failing: "Failing", "Fehlerhaft";
        given_up_on: "Paused after failures", "Nach Fehlern pausiert";
        since: "Since", "Seit";
        empty_title: "Nobody is told yet", "Noch wird niemand informiert";
        empty: "Name the address of a program that should hear of users, groups and sign-ins as they change.",
            "Nennen Sie die Adresse eines Programms, das von Änderungen an Benutzern, Gruppen und Anmeldungen hören soll.";
        create: "Make the webhook", "Webhook anlegen";
        save: "Save", "Speichern";
        settings: "Settings", "Einstellungen";
        pause: "Pause", "Pausieren";
        pause_help: "What happens meanwhile is told later.", "Was inzwischen geschieht, wird später gesagt.";
        resume: "Resume", "Fortsetzen";
        ping: "Send a ping", "Ping senden";
        rotate: "New secret", "Neues Geheimnis";
        rotate_help: "The present one signs too for a day.", "Das jetzige unterschreibt noch einen Tag lang mit.";
        old_secret_until: "Old secret signs until", "Altes Geheimnis gilt bis";
        secret: "Secret", "Geheimnis";
        made: "The webhook is made", "Der Webhook ist angelegt";
        made_help: "Each request is signed with this secret, so that its receiver knows that it comes from here.",
            "Jede Anfrage wird mit diesem Geheimnis unterschrieben; so weiß der Empfänger, dass sie von hier kommt.";
        rotated: "A new secret", "Ein neues Geheimnis";
        rotated_help: "Requests are signed with both for a day: give the new one to the receiver within it.",
            "Anfragen werden einen Tag lang mit beiden unterschrieben: Geben Sie dem Empfänger das neue in dieser Zeit.";
        delete: "Delete", "Löschen";
        delete_title: "Delete this webhook", "Diesen Webhook löschen";
        delete_help: "What it was yet to be told is lost.", "Was ihm noch zu sagen war, geht verloren.";
        confirm: "Yes, delete it", "Ja, löschen";
        confirm_missing: "Tick this to confirm.", "Kreuzen Sie das zur Bestätigung an.";
        deliveries: "Deliveries", "Zustellungen";
        deliveries_lead: "What became of each for seven days after it was over.",
            "Was aus jeder wurde, sieben Tage lang nach ihrem Ende.";
        no_deliveries: "Nothing has been sent yet.", "Noch wurde nichts gesendet.";
        event: "Event", "Ereignis";
        attempts: "Attempts", "Versuche";
        tried_at: "Last tried", "Zuletzt versucht";
        never: "never", "nie";
        outcome: "Answer", "Antwort";
        waiting: "Waiting", "Wartet";
        delivered: "Delivered", "Zugestellt";
        given_up: "Given up", "Aufgegeben";
        again: "Once more", "Noch einmal";
        newest: "To the newest", "Zum Neuesten";
        older: "Older", "Älteres";
    }
}
