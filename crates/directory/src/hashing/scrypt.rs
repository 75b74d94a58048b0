//! scrypt hashes (RFC 7914) from elsewhere, in passlib's and in Django's spelling.

use crate::error::{Error, Result};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use scrypt::Params;
use subtle::ConstantTimeEq;

/// Memory, in bytes: twice what OWASP recommends.
const MOST_MEMORY: u64 = 256 << 20;
/// Memory times lanes, which we compute one after another: about two seconds.
const MOST_WORK: u64 = 512 << 20;
/// Less is no slow hash.
const LEAST_LOG_N: u8 = 10;

/// A scrypt hash, in its parts.
#[derive(Clone)]
pub(super) struct Scrypt {
    params: Params,
    memory: usize,
    salt: Vec<u8>,
    output: Vec<u8>,
}

impl Scrypt {
    pub(super) fn decode(text: &str) -> Option<Scrypt> {
        match text.strip_prefix("$scrypt$") {
            Some(rest) => passlib(rest),
            None => django(text.strip_prefix("scrypt$")?),
        }
    }

    fn of(log_n: u8, r: u32, p: u32, salt: Vec<u8>, output: Vec<u8>) -> Option<Scrypt> {
        let n = 1_u64.checked_shl(log_n.into()).filter(|_| log_n >= LEAST_LOG_N)?;
        let memory = n.checked_mul(128)?.checked_mul(r.into()).filter(|memory| *memory <= MOST_MEMORY)?;
        memory.checked_mul(p.into()).filter(|work| *work <= MOST_WORK)?;
        let params = Params::new(log_n, r, p).ok()?;
        let sound = salt.len() <= 256 && (16..=64).contains(&output.len());
        sound.then_some(Scrypt { params, memory: memory.try_into().ok()?, salt, output })
    }

    pub(super) fn matches(&self, password: &[u8]) -> Result<bool> {
        // What is not there is better missed here than within, where it would end the process.
        Vec::<u8>::new()
            .try_reserve_exact(self.memory)
            .map_err(|_| Error::Unavailable("no memory for hashing a password".into()))?;
        let mut output = vec![0; self.output.len()];
        scrypt::scrypt(password, &self.salt, &self.params, &mut output)
            .map_err(|error| Error::Internal(format!("hashing failed: {error}")))?;
        Ok(output.ct_eq(&self.output).into())
    }
}

/// `ln=16,r=8,p=1$salt$output`
fn passlib(text: &str) -> Option<Scrypt> {
    let mut parts = text.split('$');
    let mut costs = parts.next()?.split(',');
    let mut cost = |name| costs.next()?.strip_prefix(name)?.strip_prefix('=')?.parse::<u32>().ok();
    let (log_n, r, p) = (cost("ln")?.try_into().ok()?, cost("r")?, cost("p")?);
    let salt = STANDARD_NO_PAD.decode(parts.next()?).ok()?;
    let output = STANDARD_NO_PAD.decode(parts.next()?).ok()?;
    let whole = costs.next().is_none() && parts.next().is_none();
    Scrypt::of(log_n, r, p, salt, output).filter(|_| whole)
}

/// `N$salt$r$p$output`
fn django(text: &str) -> Option<Scrypt> {
    let mut parts = text.split('$');
    let n = parts.next()?.parse::<u64>().ok().filter(|n| n.is_power_of_two())?;
    let salt = parts.next()?.as_bytes().to_vec();
    let (r, p) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
    let output = STANDARD.decode(parts.next()?).ok()?;
    let log_n = n.trailing_zeros().try_into().ok()?;
    Scrypt::of(log_n, r, p, salt, output).filter(|_| parts.next().is_none())
}

#[cfg(test)]
mod tests {
    use super::*;

    const OUTPUT: &str = "7qqom4/L1+yLHhg37oUG6sVDKycQwXKiTTH+Pgrwgt8";

    #[test]
    fn costs_beyond_the_bounds_are_not_read() {
        let passlib =
            |costs: &str| Scrypt::decode(&format!("$scrypt${costs}$MeYcg1BKaW1trXWO8T4nJA${OUTPUT}")).is_some();
        for good in ["ln=10,r=8,p=1", "ln=16,r=8,p=1", "ln=17,r=8,p=4", "ln=18,r=8,p=2"] {
            assert!(passlib(good), "{good}");
        }
        for bad in [
            "ln=9,r=8,p=1",
            "ln=19,r=8,p=1",
            "ln=18,r=8,p=3",
            "ln=10,r=8,p=0",
            "ln=10,r=0,p=1",
            "ln=10,r=4294967295,p=4294967295",
            "ln=64,r=8,p=1",
            "ln=256,r=8,p=1",
            "ln=10,r=8",
            "ln=10,r=8,p=1,x=1",
        ] {
            assert!(!passlib(bad), "{bad}");
        }
        let django = |costs: &str| Scrypt::decode(&format!("scrypt${costs}${OUTPUT}=")).is_some();
        assert!(django("16384$salt$8$5"));
        for bad in ["16383$salt$8$5", "0$salt$8$5", "16384$salt$8", "1048576$salt$8$1", "18446744073709551615$s$8$1"] {
            assert!(!django(bad), "{bad}");
        }
    }
}
