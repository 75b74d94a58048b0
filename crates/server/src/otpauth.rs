//! The address by which authenticator apps take up a seed (Google's `otpauth` format, which all of them read). Knows nothing of how
//! it is shown.

use directory::second_factors::totp::NewTotp;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use zeroize::Zeroizing;

/// Who asks, as apps show it.
const ISSUER: &str = "Rolebook";

/// The address of a seed, which it holds.
pub(crate) fn address(new: &NewTotp) -> Zeroizing<String> {
    let (secret, login) = (new.seed.to_base32(), utf8_percent_encode(&new.login, NON_ALPHANUMERIC));
    let secret = secret.as_str();
    Zeroizing::new(format!(
        "otpauth://totp/{ISSUER}:{login}?secret={secret}&issuer={ISSUER}&algorithm=SHA1&digits=6&period=30"
    ))
}
