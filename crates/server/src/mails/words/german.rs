//! The words of mails in German.

use super::super::letter::Paragraph::{Facts, Link, Words as Said};
use super::{DEVICE, NAME, Told, Words, hinted, moment, plain};
use directory::mail::Subject;

pub(super) fn hello(name: Option<&str>) -> String {
    name.map_or_else(|| "Guten Tag,".to_owned(), |name| format!("Guten Tag {name},"))
}

pub(super) fn words(subject: &Subject, Told { host, link }: Told<'_>) -> Words {
    let said = |text: &str| Said(text.to_owned());
    let with_link = |before: String, after: &str| vec![Said(before), Link(link), said(after)];
    match subject {
        Subject::Invitation { environment, .. } => {
            let environment = plain(environment.as_str(), NAME);
            (
                format!("Ihr Konto für {environment}"),
                with_link(
                    format!(
                        "für Sie wurde ein Konto für {environment} angelegt. Wählen Sie hier Ihren Benutzernamen und \
                         Ihr Passwort:"
                    ),
                    "Der Link gilt 30 Tage und nur einmal. Falls Sie diese Nachricht nicht erwartet haben, beachten \
                     Sie sie nicht: Ohne den Link kann niemand das Konto benutzen.",
                ),
            )
        }
        Subject::Join { environment, .. } => {
            let environment = plain(environment.as_str(), NAME);
            (
                format!("Einladung zu {environment}"),
                with_link(
                    format!("jemand möchte Sie zu {environment} hinzufügen. Wenn Sie das wollen, nehmen Sie hier an:"),
                    "Der Link gilt 30 Tage und nur einmal. Wenn Sie das nicht wollen, beachten Sie diese Nachricht \
                     nicht: Ohne Ihre Zustimmung geschieht nichts.",
                ),
            )
        }
        Subject::Reset { .. } => (
            "Neues Passwort wählen".to_owned(),
            with_link(
                format!(
                    "jemand hat für Ihr Konto bei {host} ein neues Passwort verlangt. Wenn Sie das waren, wählen Sie \
                     es hier:"
                ),
                "Der Link gilt eine Stunde und nur einmal. Wenn Sie das nicht waren, beachten Sie diese Nachricht \
                 nicht: Ihr Passwort bleibt, wie es ist.",
            ),
        ),
        Subject::Address { .. } => (
            "E-Mail-Adresse bestätigen".to_owned(),
            with_link(
                format!(
                    "dies soll die E-Mail-Adresse eines Kontos bei {host} werden. Wenn das Konto Ihres ist, \
                     bestätigen Sie es hier:"
                ),
                "Der Link gilt eine Stunde und nur einmal. Wenn das Konto nicht Ihres ist, beachten Sie diese \
                 Nachricht nicht: Es ändert sich nichts.",
            ),
        ),
        Subject::AddressChanged { new } => (
            "Ihre E-Mail-Adresse wurde geändert".to_owned(),
            vec![
                Said(format!(
                    "die E-Mail-Adresse Ihres Kontos bei {host} wurde in {} geändert. Nachrichten dazu gehen von nun \
                     an dorthin.",
                    hinted(new)
                )),
                said(NOT_YOU),
            ],
        ),
        Subject::PasswordChanged => (
            "Ihr Passwort wurde geändert".to_owned(),
            vec![Said(format!("das Passwort Ihres Kontos bei {host} wurde geändert.")), said(NOT_YOU)],
        ),
        Subject::NewSignIn { at, device, address } => (
            "Neue Anmeldung an Ihrem Konto".to_owned(),
            vec![
                Said(format!(
                    "jemand hat sich von einem bisher unbekannten Gerät an Ihrem Konto bei {host} angemeldet:"
                )),
                Facts(facts(moment(*at), plain(device, DEVICE), plain(address, DEVICE))),
                said(
                    "Wenn Sie das waren, ist nichts zu tun. Wenn nicht, ändern Sie Ihr Passwort, und sagen Sie es \
                     der Stelle, die Ihr Konto betreut.",
                ),
            ],
        ),
        Subject::FactorReset => (
            "Ihr zweiter Faktor wurde zurückgesetzt".to_owned(),
            vec![
                Said(format!(
                    "die zweiten Faktoren Ihres Kontos bei {host} wurden verworfen. Richten Sie bei Ihrer nächsten \
                     Anmeldung einen neuen ein."
                )),
                said(NOT_YOU),
            ],
        ),
        Subject::FactorAdded => (
            "Ein zweiter Faktor wurde eingerichtet".to_owned(),
            vec![Said(format!("für Ihr Konto bei {host} wurde ein zweiter Faktor eingerichtet.")), said(NOT_YOU)],
        ),
        Subject::FactorRemoved => (
            "Ein zweiter Faktor wurde entfernt".to_owned(),
            vec![Said(format!("ein zweiter Faktor Ihres Kontos bei {host} wurde entfernt.")), said(NOT_YOU)],
        ),
        Subject::RecoveryCodeUsed => (
            "Ein Wiederherstellungscode wurde benutzt".to_owned(),
            vec![
                Said(format!(
                    "jemand hat sich bei Ihrem Konto auf {host} mit einem Ihrer Wiederherstellungscodes angemeldet. Der \
                     Code ist damit verbraucht."
                )),
                said(NOT_YOU),
            ],
        ),
    }
}

const NOT_YOU: &str = "Wenn Sie davon wissen, ist nichts zu tun. Wenn nicht, sagen Sie es sofort der Stelle, die Ihr Konto \
                       betreut.";

fn facts(time: String, device: String, address: String) -> Vec<(&'static str, String)> {
    let unknown = |text: String| if text.is_empty() { "unbekannt".to_owned() } else { text };
    vec![("Zeit", time), ("Gerät", unknown(device)), ("Netzadresse", unknown(address))]
}
