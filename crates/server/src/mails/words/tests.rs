//! What the words say of every occasion, in both languages.

use super::*;
use directory::secret::{TokenSecret, TokenSpelling};
use directory::text::{Name, ShortName};
use std::sync::Arc;

const URL: &str = "https://id.example.com";

fn token() -> Arc<TokenSecret> {
    Arc::new(TokenSecret::new(TokenSpelling::Session, [7; 32]))
}

fn pizza() -> Name {
    Name::parse("Maxedy Pizza").unwrap()
}

fn sign_in(device: &str) -> Subject {
    let at = Time::from_micros(1_772_000_000_000_000);
    Subject::NewSignIn { at, device: device.to_owned(), address: "2001:db8::1".to_owned() }
}

fn every_subject() -> [Subject; 11] {
    [
        Subject::Invitation { environment: pizza(), token: token() },
        Subject::Join { environment: pizza(), token: token() },
        Subject::Reset { token: token() },
        Subject::Address { token: token() },
        Subject::AddressChanged { new: Email::parse("lovelace@new.example").unwrap() },
        Subject::PasswordChanged,
        sign_in("Firefox on Linux"),
        Subject::FactorReset,
        Subject::FactorAdded,
        Subject::FactorRemoved,
        Subject::RecoveryCodeUsed,
    ]
}

fn mail(subject: Subject, language: &str, name: &str) -> Mail {
    let language = Some(language).filter(|tag| !tag.is_empty()).map(|tag| Locale::from_stored(tag.to_owned()));
    let (to, name) = (Email::parse("ada@example.com").unwrap(), ShortName::from_stored(name.to_owned()));
    Mail { subject, to, name, language }
}

fn written(subject: Subject, language: &str, name: &str) -> Letter {
    letter(&mail(subject, language, name), URL)
}

#[test]
fn a_link_stands_in_both_forms_with_its_token_in_the_fragment_and_says_how_long_it_is_good() {
    for (subject, page) in every_subject().into_iter().zip(["invitation", "invitation", "reset", "address"]) {
        for language in ["", "de"] {
            let letter = written(subject.clone(), language, "Ada");
            let link = format!("{URL}/console/{page}#token={}", token().expose());
            assert_eq!(letter.link.as_deref(), Some(&*link));
            assert_eq!(letter.text.lines().filter(|line| *line == link).count(), 1);
            assert_eq!((letter.text.matches(&link).count(), letter.html.matches(&link).count()), (1, 2));
            let good = if page == "invitation" { ["30 days", "30 Tage"] } else { ["one hour", "eine Stunde"] };
            let flat = letter.text.replace('\n', " ");
            assert!(flat.contains(good[usize::from(language == "de")]), "{flat}");
        }
    }
}

#[test]
fn news_have_no_link_and_say_what_to_do() {
    for (n, subject) in every_subject().into_iter().enumerate().skip(4) {
        for (language, host) in [("", "your account at id.example.com"), ("de", "id.example.com")] {
            let letter = written(subject.clone(), language, "");
            let flat = letter.text.replace('\n', " ");
            assert!(letter.link.is_none() && !letter.text.contains("token") && !letter.html.contains("href"), "{n}");
            assert!(flat.contains(host) && flat.contains(['t', 'S']), "{flat}");
            assert!(flat.contains("If ") || flat.contains("Wenn "), "{flat}");
        }
    }
}

#[test]
fn every_mail_is_whole_in_both_languages() {
    for subject in every_subject() {
        let (english, german) = (written(subject.clone(), "en", "Ada"), written(subject, "de-CH", "Ada"));
        assert_ne!(english.subject, german.subject);
        assert!(english.text.starts_with("Hello Ada,\n\n") && english.html.contains("<html lang=\"en\">"));
        assert!(german.text.starts_with("Guten Tag Ada,\n\n") && german.html.contains("<html lang=\"de\">"));
        for letter in [english, german] {
            assert!(letter.text.ends_with(".\n") && !letter.text.contains("  "), "{}", letter.text);
            assert!(letter.text.lines().all(|line| line.chars().count() <= 72 || line.contains("#token=")));
        }
    }
}

#[test]
fn germans_are_written_to_in_german_and_all_others_in_english() {
    let of =
        |language: &str| written(Subject::Invitation { environment: pizza(), token: token() }, language, "").subject;
    assert_eq!(of("de-AT"), "Ihr Konto für Maxedy Pizza");
    assert_eq!(of("DE"), "Ihr Konto für Maxedy Pizza");
    for language in ["", "en", "nl", "den"] {
        assert_eq!(of(language), "Your account for Maxedy Pizza");
    }
}

#[test]
fn nobody_is_greeted_by_nothing_by_a_link_or_by_a_letter_of_somebody_elses() {
    let greeted = |name: &str| {
        let letter = written(Subject::PasswordChanged, "en", name);
        letter.text.lines().next().unwrap().to_owned()
    };
    assert_eq!(greeted(""), "Hello,");
    assert_eq!(greeted("Ada Byron"), "Hello Ada Byron,");
    assert_eq!(greeted("Renée 李 😀"), "Hello Renée 李 😀,");
    for link in ["http://evil.example", "see www.evil.example now", "//evil.example", "WWW.evil.example"] {
        assert_eq!(greeted(link), "Hello,");
    }
    assert_eq!(greeted("Ada\r\nBcc: eve@example.com\u{202E}\u{200F}"), "Hello Ada Bcc: eve@example.com,");
    let long = written(Subject::PasswordChanged, "en", &"é".repeat(200));
    assert!(long.text.contains(&format!("{}…,", "é".repeat(80))) && !long.text.contains(&"é".repeat(81)));
}

#[test]
fn a_new_address_is_hinted_at_and_a_device_cannot_write_the_letter() {
    let changed = written(every_subject()[4].clone(), "en", "Ada");
    assert!(changed.text.contains("l…@new.example") && !changed.text.contains("ovelace"), "{}", changed.text);
    let letter = written(sign_in("<b>x</b>\n\nClick here\u{202E}"), "en", "Ada");
    assert!(letter.text.contains("\nDevice: <b>x</b> Click here\nNetwork address: 2001:db8::1\n"), "{}", letter.text);
    assert!(letter.text.contains("\nTime: 2026-02-25 06:13 UTC\n"), "{}", letter.text);
    assert!(letter.html.contains("&lt;b&gt;x&lt;/b&gt;") && !letter.html.contains("<b>"));
    assert!(written(sign_in(""), "en", "Ada").text.contains("\nDevice: unknown\n"));
}

#[test]
fn a_long_environment_is_cut_in_the_subject_line() {
    let environment = Name::parse(&"Q ".repeat(100)).unwrap();
    let letter = written(Subject::Join { environment, token: token() }, "en", "");
    assert!(letter.subject.chars().count() < 110 && letter.subject.ends_with('…'), "{}", letter.subject);
}
