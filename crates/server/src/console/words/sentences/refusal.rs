//! Refusals of values in German.

use super::Sentence;
use crate::console::language::Language;
use directory::error::Refusal;

impl Sentence for Refusal {
    fn german(&self) -> String {
        use Refusal as R;
        let fixed = match self {
            R::Blank => "Das darf nicht leer sein.",
            R::TooLong { length, most } => {
                return format!("Das sind {length} Zeichen: Verwenden Sie höchstens {most}.");
            }
            R::Control { code } => return format!("Darin steht das Steuerzeichen U+{code:04X}: Lassen Sie es weg."),

            R::Codename { least, most } => {
                return format!("{}, Unterstriche; beginnen Sie mit einem Buchstaben.", letters(*least, *most));
            }
            R::CodenameOfOurs => "Mit „rolebook_“ beginnen nur die eigenen von Rolebook: Wählen Sie etwas anderes.",
            R::Key { least, most } => {
                let letters = letters(*least, *most);
                return format!("{letters}, Unterstriche und Bindestriche; beginnen Sie mit einem Buchstaben.");
            }
            R::KeyLikeUuid => "Ein Schlüssel darf nicht wie eine UUID aussehen: Wählen Sie ein Wort wie maxedy_pizza.",
            R::Locale => {
                "Verwenden Sie ein Sprachkürzel nach BCP 47 wie en, nl oder pt-BR (mit Bindestrichen, höchstens 64 Zeichen)."
            }

            R::UrlTooLong { most } => {
                return format!("Diese Adresse ist zu lang: Verwenden Sie höchstens {most} Bytes.");
            }
            R::Href => "Verwenden Sie eine relative Adresse oder eine, die mit https://, http:// oder mailto: beginnt.",
            R::HrefMarks => "In einer Adresse stehen keine Leerzeichen, keine Steuerzeichen und kein Backslash.",
            R::WebhookUrl => "Verwenden Sie eine Adresse wie https://app.example.com/hooks.",
            R::WebhookFragment => "Lassen Sie den Teil ab # weg: Er wird nicht gesendet.",
            R::WebhookLogin => {
                "Lassen Sie Benutzer und Passwort weg: Was gesendet wird, ist stattdessen unterschrieben."
            }
            R::WebhookPath => {
                "Schreiben Sie als %XX, was weder Buchstabe noch Ziffer aus ASCII noch eines der Zeichen \
                 !$&'()*+,-./:;=?@_~ ist."
            }

            R::Email => "Geben Sie eine E-Mail-Adresse wie name@example.com ein.",
            R::EmailTooLong { most } => {
                return format!("Diese E-Mail-Adresse ist zu lang: Verwenden Sie höchstens {most} Zeichen.");
            }
            R::EmailLocalPart => {
                "Vor dem @ hat eine E-Mail-Adresse 1 bis 64 Buchstaben, Ziffern und Zeichen wie - _ +, mit einzelnen Punkten \
                 dazwischen."
            }
            R::EmailDomain => {
                "Nach dem @ hat eine E-Mail-Adresse eine Domain wie example.com: Buchstaben, Ziffern und Bindestriche, mit \
                 einzelnen Punkten dazwischen."
            }
            R::EmailAsBefore => "Das ist schon Ihre Adresse.",

            R::UsernameLength { most } => return format!("Ein Benutzername hat 1 bis {most} Zeichen."),
            R::UsernamePadded => "Ein Benutzername hat keine Leerzeichen am Anfang oder am Ende.",
            R::UsernameInvisible => "Ein Benutzername hat keine Steuerzeichen und keine unsichtbaren Zeichen.",
            R::UsernameNotTheirs => "Ein Benutzername mit @ muss die eigene E-Mail-Adresse des Benutzers sein.",
            R::UsernameNotYours => "Ein Benutzername mit @ muss Ihre eigene E-Mail-Adresse sein.",

            R::PasswordTooLong { most } => {
                return format!("Dieses Passwort ist zu lang: Verwenden Sie höchstens {most} Zeichen.");
            }
            R::PasswordTooShort { least } => {
                return format!("Dieses Passwort ist zu kurz: Verwenden Sie mindestens {least} Zeichen.");
            }
            R::PasswordCommon => "Dieses Passwort ist zu verbreitet: Wählen Sie eines, das andere nicht verwenden.",
            R::PasswordPersonal => {
                "Dieses Passwort enthält einen Namen, den ersten Teil der E-Mail-Adresse oder „rolebook“: Lassen Sie das weg."
            }
            R::PasswordAsBefore => "Wählen Sie ein anderes Passwort als das bisherige.",
            R::PasswordWrong => "Das ist nicht Ihr bisheriges Passwort.",
            R::PasswordNotYours => "Nur, wenn Sie Ihr eigenes Passwort ändern.",
            R::PasswordHash => {
                "Dieser Passwort-Hash lässt sich nicht übernehmen. Möglich sind Argon2, bcrypt ($2a$, $2b$ oder $2y$, Kosten 4 bis \
                 15), scrypt, PBKDF2 (1.000 bis 5.000.000 Runden) und SHA-crypt ($5$ oder $6$, bis 1.000.000 Runden), wie passlib, \
                 Django und die eigenen Werkzeuge der Formate sie schreiben; außerdem MD5, SHA-1, SHA-256 und SHA-512, hexadezimal \
                 oder in Base64, mit einem Salt wie in {SSHA}…, sha1$salt$…, sha256(salt+password)$salt$… oder \
                 sha256(password+salt)$salt$…."
            }
            R::AccountHasOwn => "Dieses Konto hat das schon: Lassen Sie es weg.",
            R::ServiceAccountHasNone => "Ein Dienstkonto hat das nicht: Es hat Gruppen und Tokens.",
            R::CodeTooLong => "Das ist zu lang für einen Code.",
            R::CodeWrong => "Dieser Code ist falsch oder zu alt: Stimmt die Uhr des Geräts, auf dem die App läuft?",

            R::YetToCome => "Dieser Zeitpunkt kommt erst noch. Nennen Sie einen, der vergangen ist.",
            R::BeforeThePast { known } => {
                let known = Language::German.instant((*known).into());
                return format!("Die Vergangenheit dieser Umgebung ist ab {known} UTC bekannt.");
            }
            R::TokenEnded => "Ein Token endet in der Zukunft: Das ist schon vergangen.",
            R::MembershipEnded => "Eine Mitgliedschaft endet in der Zukunft: Das ist schon vergangen.",

            R::GroupTwice => "Dieselbe Gruppe ist zweimal genannt, mit verschiedenem Ende.",
            R::MenuTwice => "Dasselbe Menü lässt sich nicht zugleich hinzufügen und entfernen.",
            R::MenuTooDeep => "Ein Menü hat höchstens zwei Ebenen: Einträge unter einem Eintrag haben selbst keine.",
            R::MenuTooLarge => "Ein Menü hat höchstens 1.000 Einträge.",
            R::EventType => {
                "Solche Ereignisse gibt es nicht: Nennen Sie ein bestimmtes wie user.created, alle einer Art wie user.* oder *."
            }
            R::EventTypes { most } => return format!("Nennen Sie 1 bis {most} Arten von Ereignissen; * sind alle."),

            R::Cursor => {
                "Diese Stelle gehört nicht zu dieser Liste: Verwenden Sie die der Seite davor, mit derselben Suche."
            }
            R::Place => "Diese Stelle gehört nicht zu dieser Kette: Beginnen Sie an ihrem Anfang.",
            R::Unconfirmed => {
                "Alles in der Umgebung wird gelöscht: Bestätigen Sie das, indem Sie ihren Schlüssel angeben."
            }
        };
        fixed.to_owned()
    }
}

/// How codenames and keys begin to be described.
fn letters(least: usize, most: usize) -> String {
    format!("Verwenden Sie {least} bis {most} Zeichen: Kleinbuchstaben a bis z, Ziffern")
}
