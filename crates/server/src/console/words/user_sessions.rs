//! Texts about where a user is signed in.

super::words! {
    /// About where a user is signed in.
    struct UserSessionsWords {
        device: "Device", "Gerät";
        unknown_device: "Unknown device", "Unbekanntes Gerät";
        address: "Address", "Adresse";
        seen: "Last used", "Zuletzt benutzt";
        since: "Signed in", "Angemeldet";
        factor: "With a second factor", "Mit zweitem Faktor";
        own: "This one", "Diese hier";
        end: "End", "Beenden";
        ending: "Ending", "Beenden";
        end_all: "End all sessions here", "Alle Sitzungen hier beenden";
        ended: "Ended.", "Beendet.";
        more: "more", "weitere";
        none: "Signed in nowhere", "Nirgends angemeldet";
        none_help: "This user has no session in this environment.", "Dieser Benutzer hat keine Sitzung in dieser Umgebung.";
    }
}
