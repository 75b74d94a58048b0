//! Which passwords are good enough (after NIST SP 800-63B): long, not common, not about oneself; no rules of composition.
//! Knows nothing of accounts: who must have the longer minimum, and which words are theirs, the caller says.

use crate::error::Refusal;
use crate::secret::Password;
use crate::text::fold;
use std::cmp::Ordering;

/// Code points in a password.
pub const MINIMUM: usize = 8;
/// Code points in an administrator's password, while no second factor is demanded of them.
pub const MINIMUM_ADMINISTRATOR: usize = 15;

const COMMON: &str = include_str!("common_passwords.txt");

/// Judges a new password. `context` are the texts about its owner: the e-mail's local part,
/// each name. The product's name is always among them.
pub fn judge(password: &Password, least: usize, context: &[&str]) -> Result<(), Refusal> {
    let password = password.expose();
    if password.chars().count() < least {
        return Err(Refusal::PasswordTooShort { least });
    }
    let folded = fold(password);
    if is_common(&folded) {
        return Err(Refusal::PasswordCommon);
    }
    // Names come as people write them, so each of their words counts for itself. The refusal does not repeat the word:
    // it is a part of a password.
    let mut words = context.iter().flat_map(|text| text.split_whitespace()).map(fold).chain(["rolebook".to_owned()]);
    if words.any(|word| word.chars().count() >= 4 && folded.contains(&word)) {
        return Err(Refusal::PasswordPersonal);
    }
    Ok(())
}

/// Looked for in the text as it is, whose lines are in order behind the first: no table stays in memory for it.
fn is_common(folded: &str) -> bool {
    let mut rest = COMMON.split_once('\n').map_or("", |(_, lines)| lines).as_bytes();
    while !rest.is_empty() {
        let (before, behind) = rest.split_at(rest.len() / 2);
        // The middle's line.
        let start = before.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
        let end = behind.iter().position(|byte| *byte == b'\n').map_or(rest.len(), |end| before.len() + end);
        match rest[start..end].cmp(folded.as_bytes()) {
            Ordering::Equal => return true,
            Ordering::Less => rest = rest.get(end + 1..).unwrap_or_default(),
            Ordering::Greater => rest = &rest[..start],
        }
    }
    false
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn judged(password: &str, minimum: usize, context: &[&str]) -> Result<(), Refusal> {
        judge(&Password::parse(password).unwrap(), minimum, context)
    }

    #[test]
    fn length_is_counted_in_code_points() {
        assert!(judged("🙂é漢字かな交じ", MINIMUM, &[]).is_ok());
        let refusal = judged("🙂é漢字かな交", MINIMUM, &[]).unwrap_err();
        assert_eq!(refusal.to_string(), "This password is too short: use at least 8 characters.");
        assert_eq!(judged("fourteen chars", MINIMUM_ADMINISTRATOR, &[]), Err(Refusal::PasswordTooShort { least: 15 }));
    }

    #[test]
    fn every_line_of_the_list_is_found_and_nothing_between() {
        let lines: Vec<&str> = COMMON.lines().skip(1).collect();
        assert!(lines.len() >= 10_000 && lines.is_sorted());
        assert!(lines.iter().all(|line| is_common(line) && !is_common(&format!("{line} "))));
        assert!(!is_common("") && !is_common("~~~~~~~~~"));
    }

    #[test]
    fn common_passwords_are_refused_in_any_case() {
        for common in ["password", "PassWord", "12345678", "qwertyuiop", "1qaz2wsx", "!QAZ2wsx"] {
            assert_eq!(judged(common, MINIMUM, &[]), Err(Refusal::PasswordCommon), "{common}");
        }
    }

    #[test]
    fn words_about_oneself_are_refused_in_any_case_and_not_repeated() {
        let context = ["ada.byron", "Ada Lovelace-King", "Ada"];
        for wrong in ["xx-ADA.BYRON-xx", "my lovelace-king 7", "i like RoleBook!"] {
            assert_eq!(judged(wrong, MINIMUM, &context), Err(Refusal::PasswordPersonal), "{wrong}");
        }
    }

    #[test]
    fn short_words_and_everything_else_are_free() {
        assert!(judged("canada is wide", MINIMUM, &["ada", "Ada", ""]).is_ok());
        assert!(judged("correct horse battery staple", MINIMUM_ADMINISTRATOR, &["guest"]).is_ok());
    }

    #[test]
    fn the_list_is_whole_folded_and_worth_having() {
        assert!(COMMON.starts_with('#'));
        let list: Vec<_> = COMMON.lines().skip(1).collect();
        assert!(list.len() > 3_000);
        assert!(list.iter().all(|common| common.len() >= 8 && fold(common) == *common));
    }
}
