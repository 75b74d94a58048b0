//! Bounds in German.

use super::Sentence;
use directory::error::Bound;

impl Sentence for Bound {
    fn german(&self) -> String {
        let fixed = match self {
            Bound::Guesses => "Zu viele Fehlversuche: Warten Sie, und versuchen Sie es dann noch einmal.",
            Bound::Hashing => "Im Moment werden zu viele Passwörter geprüft.",
            Bound::Disclosures => {
                "Eine Umgebung darf in einer Stunde von höchstens 100 Adressen erfahren, dass sie anderswo bekannt sind."
            }
            Bound::Invitations => "Ein Benutzer wird höchstens fünfmal in der Stunde eingeladen.",
            Bound::Addresses => "Für ein Konto kann man höchstens fünfmal in der Stunde eine andere Adresse verlangen.",
            Bound::Recoveries => {
                "Von hier aus wurden zu viele Passwörter vergessen: Warten Sie, und versuchen Sie es dann noch einmal."
            }
        };
        fixed.to_owned()
    }
}
