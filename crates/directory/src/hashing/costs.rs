//! What one hash costs us, and whoever tries to guess the password. Knows no password and no format.

/// What one hash costs us, and whoever tries to guess it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Costs {
    /// Memory, in KiB.
    pub(super) m_kib: u32,
    /// Passes over it.
    pub(super) t: u32,
    /// Lanes.
    pub(super) p: u32,
}

/// The least that OWASP's Password Storage Cheat Sheet recommends for Argon2id: memory in KiB, and the passes that go with
/// it. All are about as hard to guess at; who has less memory pays with passes.
const FLOORS: [(u32, u32); 5] = [(47_104, 1), (19_456, 2), (12_288, 3), (9_216, 4), (7_168, 5)];

/// Beyond 1 GiB, or 4 GiB of passes over it (libsodium's dearest choice), an imported hash would be a way to stop the server.
const MOST_KIB: u32 = 1 << 20;
const MOST_KIB_PASSED: u64 = 1 << 22;

impl Costs {
    /// 19 MiB, two passes, one lane: the first choice of OWASP's Password Storage Cheat Sheet for Argon2id (RFC 9106).
    /// One lane, because we compute the lanes one after another while an attacker need not.
    pub const fn standard() -> Costs {
        Costs { m_kib: 19_456, t: 2, p: 1 }
    }

    /// What an operator chose: memory in KiB, and passes over it.
    ///
    /// # Errors
    /// A sentence, when that is less than OWASP recommends, or more than a login should cost.
    pub fn new(m_kib: u32, t: u32) -> Result<Costs, String> {
        if !FLOORS.iter().any(|(least_kib, least_passes)| m_kib >= *least_kib && t >= *least_passes) {
            return Err(format!(
                "{m_kib} KiB and {t} passes are too cheap to guess at; the least is 47104 KiB with 1 pass, 19456 with 2, 12288 \
                 with 3, 9216 with 4 or 7168 with 5"
            ));
        }
        Costs::parse(m_kib, t, 1).ok_or_else(|| {
            format!("{m_kib} KiB and {t} passes are too dear: at most 1048576 KiB, and 4194304 KiB over all passes")
        })
    }

    /// The least that Argon2 can do, for tests, which hash thousands of times.
    #[cfg(any(test, feature = "cheap-hashing"))]
    pub const fn cheap() -> Costs {
        Costs { m_kib: 8, t: 1, p: 1 }
    }

    /// Memory, in KiB.
    pub fn memory(self) -> u32 {
        self.m_kib
    }

    /// Passes over the memory.
    pub fn passes(self) -> u32 {
        self.t
    }

    /// Refuses what Argon2 cannot do, and what no login should.
    pub(super) fn parse(m_kib: u32, t: u32, p: u32) -> Option<Costs> {
        let possible = t >= 1 && (1..=16).contains(&p) && m_kib >= 8 * p;
        let bearable = m_kib <= MOST_KIB && u64::from(m_kib) * u64::from(t) <= MOST_KIB_PASSED;
        (possible && bearable).then_some(Costs { m_kib, t, p })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_operator_chooses_between_what_owasp_recommends_and_what_a_login_bears() {
        for (m_kib, t) in [(19_456, 2), (12_288, 3), (7_168, 5), (47_104, 1), (65_536, 3), (1 << 20, 4)] {
            let costs = Costs::new(m_kib, t).unwrap();
            assert_eq!((costs.memory(), costs.passes(), costs.p), (m_kib, t, 1));
        }
        for (m_kib, t) in [(0, 0), (19_455, 2), (19_456, 1), (12_287, 3), (7_167, 100), (8, 1 << 20)] {
            assert!(Costs::new(m_kib, t).unwrap_err().contains("cheap"), "{m_kib} {t}");
        }
        for (m_kib, t) in [((1 << 20) + 1, 1), (1 << 20, 5), (u32::MAX, u32::MAX)] {
            assert!(Costs::new(m_kib, t).unwrap_err().contains("dear"), "{m_kib} {t}");
        }
        assert_eq!(Costs::new(19_456, 2), Ok(Costs::standard()));
    }
}
