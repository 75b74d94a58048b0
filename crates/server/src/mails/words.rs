//! The words of mails. Knows neither why one is sent nor how: it gets what the directory wrote down, and makes a letter of it
//! in its reader's language, or in English.

mod english;
mod german;

use super::letter::{Letter, Paragraph};
use directory::clock::Time;
use directory::email::Email;
use directory::locale::Locale;
use directory::mail::{Mail, Subject};

/// A name in a mail is at most so long, in characters: what others chose must not become the letter.
const NAME: usize = 80;
/// The same for what a device says of itself.
const DEVICE: usize = 120;

/// Puts a mail into words. `public_url` is where its reader reaches this server, without a trailing slash.
pub(crate) fn letter(mail: &Mail, public_url: &str) -> Letter {
    let name = salutation(mail.name.as_str());
    let host = public_url.split("://").last().and_then(|rest| rest.split('/').next()).unwrap_or(public_url);
    let told = Told { host, link: link(&mail.subject, public_url) };
    let (language, hello, (subject, said)) = match mail.language.as_ref().is_some_and(is_german) {
        true => ("de", german::hello(name.as_deref()), german::words(&mail.subject, told)),
        false => ("en", english::hello(name.as_deref()), english::words(&mail.subject, told)),
    };
    let paragraphs: Vec<Paragraph> = [Paragraph::Words(hello)].into_iter().chain(said).collect();
    Letter::of(language, subject, &paragraphs)
}

/// What the words of every language need.
struct Told<'a> {
    /// What this server is called where its reader knows it.
    host: &'a str,
    /// Empty for mails without one.
    link: String,
}

/// A subject line, and what stands below the salutation.
type Words = (String, Vec<Paragraph>);

fn link(subject: &Subject, public_url: &str) -> String {
    let page = match subject {
        Subject::Invitation { .. } | Subject::Join { .. } => "invitation",
        Subject::Reset { .. } => "reset",
        Subject::Address { .. } => "address",
        Subject::AddressChanged { .. }
        | Subject::PasswordChanged
        | Subject::NewSignIn { .. }
        | Subject::FactorReset
        | Subject::FactorAdded
        | Subject::FactorRemoved
        | Subject::RecoveryCodeUsed => return String::new(),
    };
    // In the fragment, which browsers keep to themselves: the token reaches no server's or proxy's log.
    let token = subject.token().map_or_else(String::new, |token| token.expose());
    format!("{public_url}/console/{page}#token={token}")
}

fn is_german(language: &Locale) -> bool {
    language.as_str().split('-').next().is_some_and(|primary| primary.eq_ignore_ascii_case("de"))
}

/// Not everybody's name is known here. One that looks like a link is none: mail programs would make it one, in a letter that
/// its reader trusts.
fn salutation(name: &str) -> Option<String> {
    let name = plain(name, NAME);
    let lower = name.to_lowercase();
    let is_link = ["://", "www.", "//"].iter().any(|sign| lower.contains(sign));
    (!name.is_empty() && !is_link).then_some(name)
}

/// A text that others chose, on one line, without what nobody sees and what turns the direction of writing around.
fn plain(text: &str, most: usize) -> String {
    let hidden = |c: char| {
        c.is_control()
            || matches!(c, '\u{AD}' | '\u{61C}' | '\u{200B}' | '\u{200E}' | '\u{200F}' | '\u{FEFF}')
            || matches!(c, '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}')
    };
    let seen: String = text.chars().map(|c| if hidden(c) { ' ' } else { c }).collect();
    let one_line = seen.split_whitespace().collect::<Vec<_>>().join(" ");
    match one_line.char_indices().nth(most) {
        Some((end, _)) => format!("{}…", one_line[..end].trim_end()),
        None => one_line,
    }
}

/// Enough of an address for whoever has it to know it, and not enough for others to write to it.
fn hinted(email: &Email) -> String {
    let (local, domain) = email.as_typed().split_once('@').unwrap_or((email.as_typed(), ""));
    format!("{}…@{domain}", local.chars().next().unwrap_or_default())
}

/// A moment as it is written in both languages: the year first, and in the time zone that needs no explanation.
fn moment(time: Time) -> String {
    jiff::Timestamp::from(time).strftime("%Y-%m-%d %H:%M UTC").to_string()
}

#[cfg(test)]
mod tests;
