//! Ceremonies with an authenticator in software: what is as it should be, and each thing that is not.
#![allow(clippy::unwrap_used, clippy::panic)]

use super::*;
use crate::clock::{Clock, ManualClock};
use crate::keys::Keys;
use crate::randomness::Randomness;
use test_support::Authenticator;
use tracing::span;
use uuid::Uuid;

const ORIGIN: &str = "https://id.example.com";
const ANN: UserId = UserId(Uuid::from_u128(1));
const BEN: UserId = UserId(Uuid::from_u128(2));

/// A server, and a browser at it.
struct Scene {
    party: Party,
    effects: Effects,
    clock: ManualClock,
    browser: Authenticator,
}

fn scene() -> Scene {
    let clock = ManualClock::starting_at(Time::from_micros(1_772_000_000_000_000));
    let randomness = Randomness::seeded(1);
    let keys = Keys::generate(&randomness).unwrap();
    let effects = Effects { clock: Clock::from(clock.clone()), randomness, keys };
    let party = Party::new(&format!("{ORIGIN}/"), "Rolebook").unwrap();
    Scene { party, effects, clock, browser: Authenticator::at(ORIGIN) }
}

impl Scene {
    fn asks_to_register(&self, own: &[Vec<u8>]) -> Ceremony<CreationChallengeResponse> {
        self.party.ask_to_register(&self.effects, ANN, "ann", "Ann Lee", own).unwrap()
    }

    fn registration(&mut self) -> Registration {
        let asked = self.asks_to_register(&[]);
        Registration { credential: self.browser.create(&asked.options), challenge: asked.challenge }
    }

    /// Ann's passkey, in the browser and as it is stored.
    fn passkey(&mut self) -> Vec<u8> {
        let answer = self.registration();
        self.party.registered(&self.effects, ANN, &answer).unwrap().0.stored
    }

    fn assertion(&mut self, of: Option<(UserId, &[Vec<u8>])>) -> Assertion {
        let asked = self.party.ask_to_sign_in(&self.effects, of).unwrap();
        Assertion { credential: self.browser.get(&asked.options), challenge: asked.challenge }
    }

    fn asserted(&self, account: UserId, answer: &Assertion, stored: &[u8]) -> Result<(Vec<u8>, Answered)> {
        self.party.asserted(&self.effects, account, answer, stored)
    }

    fn refuses(&self, account: UserId, answer: &Assertion, stored: &[u8]) -> bool {
        matches!(self.asserted(account, answer, stored), Err(Error::FactorRefused))
    }

    fn refuses_to_register(&self, account: UserId, answer: &Registration) -> bool {
        matches!(self.party.registered(&self.effects, account, answer), Err(Error::FactorRefused))
    }
}

#[test]
fn a_browser_is_asked_for_a_verified_and_preferably_discoverable_passkey() {
    let mut scene = scene();
    let stored = scene.passkey();
    let options = scene.asks_to_register(&[stored]).options.public_key;
    assert_eq!((options.rp.id.as_str(), options.rp.name.as_str()), ("id.example.com", "Rolebook"));
    assert_eq!((options.user.name.as_str(), options.user.display_name.as_str()), ("ann", "Ann Lee"));
    assert_eq!(options.user.id, ANN.0.as_bytes());
    assert_eq!(options.timeout, Some(300_000));
    assert_eq!(options.exclude_credentials.unwrap().len(), 1);
    let selection = format!("{:?}", options.authenticator_selection.unwrap());
    assert!(selection.contains("Some(Preferred)") && selection.contains("user_verification: Required"), "{selection}");
    let Ceremony { options, .. } = scene.party.ask_to_sign_in(&scene.effects, None).unwrap();
    assert!(options.mediation.is_none() && options.public_key.allow_credentials.is_empty());
    assert_eq!(format!("{:?}", options.public_key.user_verification), "Required");
}

#[test]
fn names_are_shortened_and_a_blank_one_is_the_login() {
    let Scene { party, effects, .. } = scene();
    let named = |login: &str, name: &str| {
        let user = party.ask_to_register(&effects, ANN, login, name, &[]).unwrap().options.public_key.user;
        (user.name, user.display_name)
    };
    assert_eq!(named("ann", " "), ("ann".into(), "ann".into()));
    assert_eq!(named("ann", &"é".repeat(65)), ("ann".into(), "é".repeat(64)));
}

#[test]
fn a_passkey_signs_in_alone_and_for_an_account_and_its_counter_moves_on() {
    let mut scene = scene();
    let first = scene.passkey();
    let alone = scene.assertion(None);
    let (second, _) = scene.asserted(ANN, &alone, &first).unwrap();
    let named = scene.assertion(Some((ANN, std::slice::from_ref(&second))));
    let (third, _) = scene.asserted(ANN, &named, &second).unwrap();
    assert!(first != second && second != third);
    assert_eq!(Party::credential_id(&alone), Party::credential_id(&named));
}

#[test]
fn the_passkey_is_stored_under_the_id_that_assertions_name() {
    let mut scene = scene();
    let answer = scene.registration();
    let (passkey, _) = scene.party.registered(&scene.effects, ANN, &answer).unwrap();
    assert_eq!(passkey.credential_id, Party::credential_id(&scene.assertion(None)));
    assert!(passkey.stored.len() < 1000, "{}", passkey.stored.len());
}

#[test]
fn a_challenge_has_one_hash_and_ends_five_minutes_after_it_was_made() {
    let mut scene = scene();
    let ends = scene.effects.clock.now().plus(LIFETIME);
    let stored = scene.passkey();
    let (one, other) = (scene.assertion(None), scene.assertion(None));
    let hash = |answer| {
        let (_, answered) = scene.asserted(ANN, answer, &stored).unwrap();
        assert_eq!(answered.expires_at, ends);
        answered.hash
    };
    assert_eq!(hash(&one), hash(&one));
    assert_ne!(hash(&one), hash(&other));
}

#[test]
fn a_challenge_that_is_too_old_is_refused() {
    let mut scene = scene();
    let stored = scene.passkey();
    let (assertion, registration) = (scene.assertion(None), scene.registration());
    scene.clock.advance(LIFETIME - Duration::from_micros(1));
    assert!(scene.asserted(ANN, &assertion, &stored).is_ok());
    scene.clock.advance(Duration::from_micros(1));
    assert!(scene.refuses(ANN, &assertion, &stored));
    assert!(scene.refuses_to_register(ANN, &registration));
}

#[test]
fn an_altered_challenge_is_refused() {
    let mut scene = scene();
    let stored = scene.passkey();
    let good = scene.assertion(None);
    assert!(scene.asserted(ANN, &good, &stored).is_ok());
    let middle = good.challenge.len() / 2;
    let swapped = if good.challenge[middle..].starts_with('A') { "B" } else { "A" };
    let altered = [&good.challenge[..middle], swapped, &good.challenge[middle + 1..]].concat();
    for challenge in ["", "AAAA", "%%%", &altered, &format!("{}=", good.challenge), &"A".repeat(LARGEST_CHALLENGE + 1)]
    {
        let answer = Assertion { challenge: challenge.into(), credential: good.credential.clone() };
        assert!(scene.refuses(ANN, &answer, &stored), "{challenge:.80}");
    }
}

#[test]
fn a_challenge_is_good_for_its_own_answer_and_its_own_ceremony_alone() {
    let mut scene = scene();
    let stored = scene.passkey();
    let (one, other) = (scene.assertion(None), scene.assertion(None));
    let crossed = Assertion { challenge: one.challenge.clone(), ..other };
    assert!(scene.refuses(ANN, &crossed, &stored));
    let registration = scene.registration();
    let swapped = Assertion { challenge: registration.challenge.clone(), ..one.clone() };
    assert!(scene.refuses(ANN, &swapped, &stored));
    let swapped = Registration { challenge: one.challenge, ..registration };
    assert!(scene.refuses_to_register(ANN, &swapped));
}

#[test]
fn a_challenge_of_another_servers_keys_is_refused() {
    let mut scene = scene();
    let stored = scene.passkey();
    let answer = scene.assertion(None);
    scene.effects.keys = Keys::generate(&Randomness::seeded(2)).unwrap();
    assert!(scene.refuses(ANN, &answer, &stored));
}

#[test]
fn another_accounts_challenge_or_passkey_is_refused() {
    let mut scene = scene();
    let stored = scene.passkey();
    // Made for Ann: not good for Ben, whoever's passkey answers.
    let named = scene.assertion(Some((ANN, std::slice::from_ref(&stored))));
    assert!(scene.refuses(BEN, &named, &stored));
    // Made for nobody, or for Ben: the authenticator says that it is Ann's.
    let alone = scene.assertion(None);
    assert!(scene.refuses(BEN, &alone, &stored));
    let bens = scene.assertion(Some((BEN, std::slice::from_ref(&stored))));
    assert!(scene.refuses(BEN, &bens, &stored) && scene.refuses(ANN, &bens, &stored));
    let registration = scene.registration();
    assert!(scene.refuses_to_register(BEN, &registration));
}

#[test]
fn only_a_passkey_that_was_asked_for_by_name_may_keep_silent_about_its_user() {
    let mut scene = scene();
    let stored = scene.passkey();
    scene.browser.tells_user = false;
    let alone = scene.assertion(None);
    assert!(scene.refuses(ANN, &alone, &stored));
    let named = scene.assertion(Some((ANN, std::slice::from_ref(&stored))));
    assert!(scene.asserted(ANN, &named, &stored).is_ok());
}

#[test]
fn another_origin_is_refused() {
    for origin in
        ["https://id.example.org", "https://id.example.com:8443", "http://id.example.com", "https://a.id.example.com"]
    {
        let mut scene = scene();
        let stored = scene.passkey();
        scene.browser.origin = origin.into();
        let (assertion, registration) = (scene.assertion(None), scene.registration());
        assert!(scene.refuses_to_register(ANN, &registration), "{origin}");
        assert!(scene.refuses(ANN, &assertion, &stored), "{origin}");
    }
}

#[test]
fn whoever_was_not_verified_is_refused() {
    let mut scene = scene();
    let stored = scene.passkey();
    scene.browser.verifies = false;
    let (assertion, registration) = (scene.assertion(None), scene.registration());
    assert!(scene.refuses_to_register(ANN, &registration));
    assert!(scene.refuses(ANN, &assertion, &stored));
}

#[test]
fn a_counter_that_does_not_move_on_is_refused_and_none_at_all_is_not() {
    let mut scene = scene();
    let mut stored = scene.passkey();
    let mut copy = scene.browser.clone();
    for _ in 0..2 {
        let answer = scene.assertion(None);
        stored = scene.asserted(ANN, &answer, &stored).unwrap().0;
    }
    for _ in 0..2 {
        let asked = scene.party.ask_to_sign_in(&scene.effects, None).unwrap();
        let answer = Assertion { credential: copy.get(&asked.options), challenge: asked.challenge };
        assert!(scene.refuses(ANN, &answer, &stored));
    }

    scene.browser.counter = None;
    let uncounted = scene.passkey();
    let answer = scene.assertion(None);
    assert!(scene.asserted(ANN, &answer, &uncounted).is_ok());
}

#[test]
fn another_key_or_a_changed_signature_is_refused() {
    let mut scene = scene();
    let (first, _) = (scene.passkey(), scene.passkey());
    let mut answer = scene.assertion(None);
    assert!(scene.refuses(ANN, &answer, &first));
    answer.credential.raw_id = Party::credential_id(&scene.assertion(Some((ANN, std::slice::from_ref(&first)))));
    assert!(scene.refuses(ANN, &answer, &first));
}

#[test]
fn an_account_is_asked_for_its_own_passkeys_and_one_without_any_is_not_asked() {
    let mut scene = scene();
    let answer = scene.registration();
    let (passkey, _) = scene.party.registered(&scene.effects, ANN, &answer).unwrap();
    let named = scene.party.ask_to_sign_in(&scene.effects, Some((ANN, &[passkey.stored]))).unwrap();
    assert_eq!(named.options.public_key.allow_credentials[0].id, passkey.credential_id);
    assert!(matches!(scene.party.ask_to_sign_in(&scene.effects, Some((ANN, &[]))), Err(Error::FactorRefused)));
    let broken = scene.party.ask_to_sign_in(&scene.effects, Some((ANN, &[vec![0xff]])));
    assert!(matches!(broken, Err(Error::Internal(_))));
}

#[test]
fn twenty_passkeys_with_the_longest_ids_fit_into_a_challenge() {
    let mut scene = scene();
    scene.browser.id_length = 1023;
    let stored = scene.passkey();
    let asked = scene.asks_to_register(&vec![stored; MOST + 1]);
    assert_eq!(asked.options.public_key.exclude_credentials.as_ref().unwrap().len(), MOST);
    let answer = Registration { credential: scene.browser.create(&asked.options), challenge: asked.challenge };
    assert!(scene.party.registered(&scene.effects, ANN, &answer).is_ok(), "{}", answer.challenge.len());
}

#[test]
fn an_answer_beyond_bounds_is_refused_unread_and_nothing_of_it_is_logged() {
    let mut scene = scene();
    let stored = scene.passkey();
    let (mut assertion, mut registration) = (scene.assertion(None), scene.registration());
    assertion.credential.response.authenticator_data.truncate(30);
    registration.credential.response.attestation_object = vec![0xff; 100];
    tracing::subscriber::with_default(Listener, || {
        assert!(scene.refuses(ANN, &assertion, &stored));
        assert!(scene.refuses_to_register(ANN, &registration));
        registration.credential.response.attestation_object = vec![0; LARGEST_ANSWER];
        assertion.credential.response.signature = vec![0; LARGEST_ANSWER];
        assert!(scene.refuses(ANN, &assertion, &stored));
        assert!(scene.refuses_to_register(ANN, &registration));
    });
}

/// Hears everything but our own words, and may hear nothing.
struct Listener;

impl tracing::Subscriber for Listener {
    fn enabled(&self, metadata: &tracing::Metadata<'_>) -> bool {
        !metadata.target().starts_with("directory")
    }

    fn event(&self, event: &tracing::Event<'_>) {
        panic!("logged: {event:?}");
    }

    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }

    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}
    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}
    fn enter(&self, _: &span::Id) {}
    fn exit(&self, _: &span::Id) {}
}

#[test]
fn a_party_needs_https_and_a_host_name_and_localhost_may_do_without() {
    for good in ["https://id.example.com", "https://id.example.com:8443/rolebook/", "http://localhost:8080"] {
        assert!(Party::new(good, "Rolebook").is_ok(), "{good}");
    }
    for bad in ["http://id.example.com", "https://192.0.2.1", "http://127.0.0.1:8080", "ftp://localhost", "id", ""] {
        assert!(Party::new(bad, "Rolebook").is_err(), "{bad}");
    }
    assert!(Party::new(ORIGIN, "").is_err() && Party::new(ORIGIN, &"R".repeat(65)).is_err());
}
