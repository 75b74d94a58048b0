//! The words of mails in English, and in every language that we do not write yet.

use super::super::letter::Paragraph::{Facts, Link, Words as Said};
use super::{DEVICE, NAME, Told, Words, hinted, moment, plain};
use directory::mail::Subject;

pub(super) fn hello(name: Option<&str>) -> String {
    name.map_or_else(|| "Hello,".to_owned(), |name| format!("Hello {name},"))
}

pub(super) fn words(subject: &Subject, Told { host, link }: Told<'_>) -> Words {
    let said = |text: &str| Said(text.to_owned());
    let with_link = |before: String, after: &str| vec![Said(before), Link(link), said(after)];
    match subject {
        Subject::Invitation { environment, .. } => {
            let environment = plain(environment.as_str(), NAME);
            (
                format!("Your account for {environment}"),
                with_link(
                    format!("an account for {environment} was made for you. Choose your username and password here:"),
                    "The link is good for 30 days, and once. If you did not expect this message, ignore it: without \
                     the link nobody can use the account.",
                ),
            )
        }
        Subject::Join { environment, .. } => {
            let environment = plain(environment.as_str(), NAME);
            (
                format!("You are invited to {environment}"),
                with_link(
                    format!("somebody would like to add you to {environment}. If you want that, accept here:"),
                    "The link is good for 30 days, and once. If you do not want it, ignore this message: nothing \
                     happens until you accept.",
                ),
            )
        }
        Subject::Reset { .. } => (
            "Choose a new password".to_owned(),
            with_link(
                format!(
                    "somebody asked for a new password for your account at {host}. If it was you, choose one here:"
                ),
                "The link is good for one hour, and once. If it was not you, ignore this message: your password stays \
                 as it is.",
            ),
        ),
        Subject::Address { .. } => (
            "Confirm your e-mail address".to_owned(),
            with_link(
                format!(
                    "this is to become the e-mail address of an account at {host}. If the account is yours, confirm \
                     it here:"
                ),
                "The link is good for one hour, and once. If the account is not yours, ignore this message: nothing \
                 changes.",
            ),
        ),
        Subject::AddressChanged { new } => (
            "Your e-mail address was changed".to_owned(),
            vec![
                Said(format!(
                    "the e-mail address of your account at {host} was changed to {}. Messages about it go there from \
                     now on.",
                    hinted(new)
                )),
                said(NOT_YOU),
            ],
        ),
        Subject::PasswordChanged => (
            "Your password was changed".to_owned(),
            vec![Said(format!("the password of your account at {host} was changed.")), said(NOT_YOU)],
        ),
        Subject::NewSignIn { at, device, address } => (
            "New sign-in to your account".to_owned(),
            vec![
                Said(format!("somebody signed in to your account at {host} from a device that was not known:")),
                Facts(facts(moment(*at), plain(device, DEVICE), plain(address, DEVICE))),
                said(
                    "If it was you, there is nothing to do. If it was not you, change your password, and tell whoever \
                     looks after your account.",
                ),
            ],
        ),
        Subject::FactorReset => (
            "Your second factor was reset".to_owned(),
            vec![
                Said(format!(
                    "the second factors of your account at {host} were discarded. Set up a new one when you next sign \
                     in."
                )),
                said(NOT_YOU),
            ],
        ),
        Subject::FactorAdded => (
            "A second factor was set up".to_owned(),
            vec![Said(format!("a second factor was set up for your account at {host}.")), said(NOT_YOU)],
        ),
        Subject::FactorRemoved => (
            "A second factor was removed".to_owned(),
            vec![Said(format!("a second factor of your account at {host} was removed.")), said(NOT_YOU)],
        ),
        Subject::RecoveryCodeUsed => (
            "A recovery code was used".to_owned(),
            vec![
                Said(format!(
                    "somebody signed in to your account at {host} with one of your recovery codes. It is good for \
                     nothing any more."
                )),
                said(NOT_YOU),
            ],
        ),
    }
}

const NOT_YOU: &str =
    "If you know of this, there is nothing to do. If not, tell whoever looks after your account at once.";

fn facts(time: String, device: String, address: String) -> Vec<(&'static str, String)> {
    let unknown = |text: String| if text.is_empty() { "unknown".to_owned() } else { text };
    vec![("Time", time), ("Device", unknown(device)), ("Network address", unknown(address))]
}
