//! The words of mails, in English and German. Knows neither why one is sent nor how: it gets what the directory wrote
//! down, and makes a letter of it.

use directory::mail::{Mail, Subject};

/// A mail as its reader gets it: plain text.
pub(crate) struct Letter {
    /// The subject line.
    pub(crate) subject: String,
    /// What it says, the link included.
    pub(crate) text: String,
    /// The link alone.
    pub(crate) link: String,
}

/// Puts a mail into words. `public_url` is where its reader reaches this server, without a trailing slash.
pub(crate) fn letter(mail: &Mail, public_url: &str) -> Letter {
    // In the fragment, which browsers keep to themselves: the token reaches no server's or proxy's log.
    let link = format!("{public_url}/console/invitation#token={}", mail.token);
    let (subject, text) = match is_german(&mail.language) {
        true => german(mail, &link),
        false => english(mail, &link),
    };
    Letter { subject, text, link }
}

fn is_german(language: &str) -> bool {
    language.split('-').next().is_some_and(|primary| primary.eq_ignore_ascii_case("de"))
}

fn english(mail: &Mail, link: &str) -> (String, String) {
    let environment = &mail.environment;
    let hello = salutation("Hello", &mail.name);
    match mail.subject {
        Subject::Invitation => (
            format!("Your account for {environment}"),
            format!(
                "{hello}\n\nan account for {environment} was made for you. Choose your username and password here:\n\n\
                 {link}\n\nThe link is good for 30 days, and once. If you did not expect this message, ignore it: without \
                 the link nobody can use the account.\n"
            ),
        ),
        Subject::Join => (
            format!("You are invited to {environment}"),
            format!(
                "{hello}\n\nsomebody would like to add you to {environment}. If you want that, accept here:\n\n{link}\n\n\
                 The link is good for 30 days, and once. If you do not want it, ignore this message: nothing happens \
                 until you accept.\n"
            ),
        ),
    }
}

fn german(mail: &Mail, link: &str) -> (String, String) {
    let environment = &mail.environment;
    let hello = salutation("Guten Tag", &mail.name);
    match mail.subject {
        Subject::Invitation => (
            format!("Ihr Konto für {environment}"),
            format!(
                "{hello}\n\nfür Sie wurde ein Konto für {environment} angelegt. Wählen Sie hier Ihren Benutzernamen und Ihr \
                 Passwort:\n\n{link}\n\nDer Link gilt 30 Tage und nur einmal. Falls Sie diese Nachricht nicht erwartet \
                 haben, beachten Sie sie nicht: Ohne den Link kann niemand das Konto benutzen.\n"
            ),
        ),
        Subject::Join => (
            format!("Einladung zu {environment}"),
            format!(
                "{hello}\n\njemand möchte Sie zu {environment} hinzufügen. Wenn Sie das wollen, nehmen Sie hier an:\n\n\
                 {link}\n\nDer Link gilt 30 Tage und nur einmal. Wenn Sie das nicht wollen, beachten Sie diese Nachricht \
                 nicht: Ohne Ihre Zustimmung geschieht nichts.\n"
            ),
        ),
    }
}

/// Not everybody's name is known here.
fn salutation(hello: &str, name: &str) -> String {
    match name {
        "" => format!("{hello},"),
        name => format!("{hello} {name},"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(subject: Subject, language: &str, name: &str) -> Letter {
        let mail = Mail {
            subject,
            to: "ada@example.com".to_owned(),
            name: name.to_owned(),
            language: language.to_owned(),
            environment: "Maxedy Pizza".to_owned(),
            token: "TOKEN".to_owned(),
        };
        letter(&mail, "https://id.example.com")
    }

    #[test]
    fn the_link_stands_in_the_text_once_with_its_token_in_the_fragment() {
        for subject in [Subject::Invitation, Subject::Join] {
            for language in ["", "de"] {
                let letter = written(subject, language, "Ada");
                assert_eq!(letter.link, "https://id.example.com/console/invitation#token=TOKEN");
                assert_eq!(letter.text.matches(&letter.link).count(), 1);
                assert!(letter.text.contains("30") && letter.subject.contains("Maxedy Pizza"), "{}", letter.text);
            }
        }
    }

    #[test]
    fn germans_are_written_to_in_german_and_all_others_in_english() {
        assert_eq!(written(Subject::Invitation, "de-AT", "").subject, "Ihr Konto für Maxedy Pizza");
        assert_eq!(written(Subject::Join, "DE", "").subject, "Einladung zu Maxedy Pizza");
        for language in ["", "en", "nl", "den"] {
            assert_eq!(written(Subject::Invitation, language, "").subject, "Your account for Maxedy Pizza");
        }
    }

    #[test]
    fn somebody_without_a_name_is_greeted_without_one() {
        assert!(written(Subject::Join, "en", "").text.starts_with("Hello,\n"));
        assert!(written(Subject::Join, "de", "Ada Byron").text.starts_with("Guten Tag Ada Byron,\n"));
    }
}
