//! Conflicts in German.

use super::Sentence;
use directory::error::{Conflict, Noun};

impl Sentence for Conflict {
    fn german(&self) -> String {
        let fixed = match self {
            Conflict::Cycle(groups) => {
                let way = groups.join(" enthält ");
                return format!("Eine Gruppe kann nicht in sich selbst enthalten sein: {way}.");
            }
            Conflict::TooDeep => "Gruppen sind höchstens 16 Ebenen tief verschachtelt.",
            Conflict::LastAdministrator => {
                "Eine Umgebung behält jemanden, der sie administriert: Ernennen Sie zuerst einen anderen aktiven Benutzer, der \
                 sich anmelden kann."
            }
            Conflict::LastOperator => "Das System behält einen Betreiber: Ernennen Sie zuerst ein anderes Konto dazu.",
            Conflict::AccountExists => {
                "Dieses Konto gibt es schon: Senden Sie es ohne Passwort noch einmal, um es hier hinzuzufügen."
            }
            Conflict::Full(noun) => full(*noun),
            Conflict::Accepted => "Dieser Benutzer hat schon zugesagt: Es gibt nichts, wozu man ihn einladen könnte.",
            Conflict::NoAddress => "Dieser Benutzer hat keine E-Mail-Adresse: Geben Sie ihm zuerst eine.",
            Conflict::LastFactor => {
                "Von Ihnen wird ein zweiter Faktor verlangt: Richten Sie einen anderen ein, bevor Sie den letzten entfernen."
            }
            Conflict::NoFactor => {
                "Wiederherstellungscodes stehen für einen zweiten Faktor: Richten Sie zuerst einen ein."
            }
            Conflict::NotEmpty => "Was darin ist, muss zuerst weg.",
            Conflict::BuiltIn => {
                "Eine eingebaute Berechtigung kann man nicht selbst anlegen, und weder ändern noch löschen."
            }
        };
        fixed.to_owned()
    }
}

fn full(noun: Noun) -> &'static str {
    match noun {
        Noun::Group => "Eine Umgebung hat höchstens 10.000 Gruppen.",
        Noun::Menu => "Eine Umgebung hat höchstens 10.000 Menüs.",
        Noun::Permission => "Eine Umgebung hat höchstens 10.000 Berechtigungen.",
        Noun::ServiceAccount => "Eine Umgebung hat höchstens 1.000 Dienstkonten.",
        Noun::Token => "Ein Konto hat in einer Umgebung höchstens 100 API-Tokens.",
        Noun::SecondFactor => "Ein Konto hat höchstens 20 zweite Faktoren.",
        Noun::Webhook => "Eine Umgebung hat höchstens 20 Webhooks.",
        Noun::User | Noun::Environment | Noun::Session | Noun::Invitation | Noun::Link | Noun::Delivery => {
            "Davon gibt es hier schon so viele, wie es geben darf."
        }
    }
}
