//! The first password of an administrator: from the environment, or drawn at random and shown once. Never from the command
//! line, where every process on the machine can read it.

use anyhow::{anyhow, bail};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use directory::password_policy::{self, MINIMUM_ADMINISTRATOR};
use directory::randomness::Randomness;
use directory::secret::Password;
use std::env::VarError;
use zeroize::Zeroizing;

/// Where an operator may put it.
pub(super) const VARIABLE: &str = "ROLEBOOK_ADMIN_PASSWORD";

/// A password, and whether it was drawn here.
pub(super) struct Chosen {
    pub(super) password: Password,
    pub(super) generated: bool,
}

/// The one in the environment, or a new one.
///
/// # Errors
/// A variable that holds no password.
pub(super) fn choose() -> anyhow::Result<Chosen> {
    match std::env::var(VARIABLE).map(Zeroizing::new) {
        Ok(text) => {
            let password = Password::parse(&text)
                .map_err(|why| anyhow!("{VARIABLE}: {}", why.to_string().trim_end_matches('.')))?;
            Ok(Chosen { password, generated: false })
        }
        Err(VarError::NotPresent) => Ok(Chosen { password: generate()?, generated: true }),
        Err(VarError::NotUnicode(_)) => bail!("{VARIABLE} is not UTF-8"),
    }
}

/// 24 characters of base64url: 144 random bits.
///
/// # Errors
/// The machine's, when it has no randomness to give.
pub(super) fn generate() -> anyhow::Result<Password> {
    loop {
        let text = Zeroizing::new(URL_SAFE_NO_PAD.encode(Randomness::operating_system().bytes::<18>()?));
        let password = Password::parse(&text).map_err(|why| anyhow!(why))?;
        // Once in millions it holds a word of its owner's, which the policy would refuse; a leading dash looks like a
        // flag where it is pasted.
        if !text.starts_with('-') && password_policy::judge(&password, MINIMUM_ADMINISTRATOR, &["admin"]).is_ok() {
            return Ok(password);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn generated_passwords_are_long_different_and_paste_into_json_and_a_shell() {
        let (one, other) = (generate().unwrap(), generate().unwrap());
        assert_ne!(one.expose(), other.expose());
        assert_eq!(one.expose().len(), 24);
        assert!(one.expose().chars().all(|c| c.is_ascii_alphanumeric() || "-_".contains(c)));
    }
}
