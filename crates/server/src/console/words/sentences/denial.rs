//! Denials in German.

use super::Sentence;
use directory::error::Denial;

impl Sentence for Denial {
    fn german(&self) -> String {
        let fixed = match self {
            Denial::Permission { codename } => return format!("Dafür ist die Berechtigung „{codename}“ nötig."),
            Denial::Administrator => "Das darf nur, wer die Umgebung administriert.",
            Denial::Operator => "Das dürfen nur Betreiber.",
            Denial::Session => "Dafür ist eine Sitzung nötig: Melden Sie sich an.",
            Denial::Environment => "Diese Umgebung gibt es nicht, oder sie gehört nicht zu Ihren.",
            Denial::BeyondOwn => "Dafür wären Berechtigungen nötig, die Sie selbst nicht haben.",
            Denial::MorePowerful => "Dieser Benutzer hat mehr Berechtigungen als Sie.",
            Denial::SharedAccount => {
                "Dieses Konto gehört nicht nur zu dieser Umgebung: E-Mail-Adresse, Benutzernamen, Passwort und zweite Faktoren \
                 ändern nur sein Inhaber oder ein Betreiber."
            }
            Denial::OwnFields => {
                "Hier ändern Sie nur Ihre eigenen Namen, Ihr Telefon, Ihre Sprache, Ihr Gebietsschema und Ihr Passwort."
            }
            Denial::TokenOfAnother => {
                "API-Tokens erzeugt man für sich selbst oder, mit der Berechtigung „manage_token“, für ein Dienstkonto."
            }
            Denial::TokenEverywhere => "Nur das Token eines Betreibers gilt in jeder Umgebung.",
        };
        fixed.to_owned()
    }
}
