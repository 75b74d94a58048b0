//! Second factors: enrolled with fresh proof, asked for at each sign-in, good once, demanded by environments, groups and
//! administrators; and what must not get past them.

use directory::actor::{Actor, Caller, Origin};
use directory::environments::{self, EnvironmentChanges, PolicyChanges};
use directory::error::{Conflict, Field, Step};
use directory::groups::GroupChanges;
use directory::passkeys::{Assertion, Party, Registration};
use directory::randomness::Randomness;
use directory::recovery::Reset;
use directory::second_factors::recovery_codes::{self, RecoveryCode};
use directory::second_factors::{self, Code, Demand, Enrolled, Factors, NewPasskey, Shown};
use directory::secret::TokenSecret;
use directory::sessions::{Device, Shows, SignIn, SignedIn, StepToken, Ways};
use directory::store::Tx;
use directory::users::{self, UserChanges as Fields};
use directory::{Error, Result};
use std::sync::Arc;
use std::time::Duration;
use test_support::{Authenticator, Person, Tenant, World, by_id, login_of, name, on_every_engine, password};
use totp_rs::{Algorithm, Builder, Secret, Totp};

const STEP: Duration = Duration::from_secs(30);
const ORIGIN: &str = "https://id.example";

/// An app with a seed.
struct App(Totp);

impl App {
    fn with(seed: &str) -> App {
        let secret = Secret::try_from_base32(seed).unwrap();
        let codes = Builder::new().with_algorithm(Algorithm::SHA1).with_digits(6).with_step_duration(30);
        App(codes.with_secret(secret).build().unwrap())
    }

    /// The code at this time, or some steps before or after it.
    fn code(&self, world: &World, steps: i64) -> Code {
        let now = jiff::Timestamp::from(directory::clock::Clock::from(world.clock.clone()).now()).as_second();
        let at = u64::try_from(now + 30 * steps).unwrap();
        Code::parse(&self.0.generate(at).to_string()).unwrap()
    }
}

/// Enrols a TOTP; the app, and the recovery codes.
async fn enrol(world: &World, caller: &Caller) -> Result<(App, Enrolled)> {
    let new = world.directory.begin_totp(caller.clone(), None).await?;
    let app = App::with(&new.seed.to_base32());
    let enrolled = world.directory.confirm_totp(caller.clone(), app.code(world, 0), true).await?;
    world.wait(STEP);
    Ok((app, enrolled))
}

/// A login by password, with a second factor.
fn with_factor(person: &Person, factor: Shown) -> SignIn {
    let request = login_of(&person.email, &person.password);
    let Shows::Password { login, password, .. } = request.shows.clone() else { panic!("a password is shown") };
    SignIn { shows: Shows::Password { login, password, factor: Some(factor) }, ..request }
}

fn with_code(person: &Person, code: &Code) -> SignIn {
    with_factor(person, Shown::Code(code.clone()))
}

fn written(code: &RecoveryCode) -> Code {
    Code::parse(&code.expose()).unwrap()
}

async fn signs_in(world: &World, request: SignIn) -> SignedIn {
    let signed_in = world.directory.sign_in(request).await.unwrap();
    signed_in.unwrap_or_else(|step| panic!("a step is left: {:?}", step.step))
}

async fn stopped(world: &World, request: SignIn) -> StepToken {
    world.directory.sign_in(request).await.unwrap().err().expect("a step")
}

fn caller_of(world: &World, signed_in: &SignedIn) -> Caller {
    world.caller(&signed_in.tokens.access.expose())
}

async fn good(world: &World, caller: &Caller) -> bool {
    world.directory.read(caller.clone(), users::get_own).await.is_ok()
}

async fn own(world: &World, caller: &Caller) -> Result<Factors> {
    world.directory.read(caller.clone(), second_factors::list).await
}

async fn demand(world: &World, tenant: &Tenant, of: Demand) {
    let policy = PolicyChanges { second_factor: Some(of), ..PolicyChanges::default() };
    let change = EnvironmentChanges { policy, ..EnvironmentChanges::default() };
    let named = tenant.name();
    let write = move |tx: &mut Tx<'_>, actor: &Actor| environments::update(tx, actor, &named, &change).map(drop);
    world.directory.write(world.operator.caller.clone(), write).await.unwrap();
}

fn party(origin: &str) -> Arc<Party> {
    Arc::new(Party::new(origin, "Rolebook").unwrap())
}

async fn registration(world: &World, caller: &Caller, browser: &mut Authenticator) -> Result<NewPasskey> {
    let party = party(ORIGIN);
    let asked = world.directory.begin_passkey(caller.clone(), party.clone()).await?;
    let registration = Registration { credential: browser.create(&asked.options), challenge: asked.challenge };
    Ok(NewPasskey { party, registration: Arc::new(registration), name: None })
}

async fn enrol_passkey(world: &World, caller: &Caller, browser: &mut Authenticator) -> Result<Enrolled> {
    let new = registration(world, caller, browser).await?;
    world.directory.confirm_passkey(caller.clone(), new, true).await
}

/// A browser's answer, to a challenge for anybody or for who signs in.
async fn assertion(
    world: &World,
    signing_in: Option<&Caller>,
    browser: &mut Authenticator,
) -> (Arc<Party>, Arc<Assertion>) {
    let party = party(ORIGIN);
    let asked = world.directory.ask_for_passkey(signing_in.cloned(), party.clone()).await.unwrap();
    (party, Arc::new(Assertion { credential: browser.get(&asked.options), challenge: asked.challenge }))
}

fn by_passkey((party, assertion): (Arc<Party>, Arc<Assertion>)) -> SignIn {
    let shows = Shows::Passkey(party, assertion);
    SignIn { shows, environment: None, pair: true, origin: Origin::default(), device: Device::default() }
}

on_every_engine! {
    async fn an_account_with_a_totp_is_asked_for_a_code_whenever_it_signs_in(world: World) {
        let pizza = world.environment("pizza").await;
        let ada = world.member(&pizza).await;
        let (app, enrolled) = enrol(&world, &ada.caller).await.unwrap();
        assert_eq!((enrolled.recovery_codes.len(), enrolled.signed_in.is_none()), (10, true));
        assert!(good(&world, &ada.caller).await, "the session in which it was enrolled lives on");

        let StepToken { step, token, ways } = stopped(&world, login_of(&ada.email, &ada.password)).await;
        assert_eq!((step, ways), (Step::SecondFactor, Ways { totp: true, passkey: false, recovery_code: true }));
        let halfway = world.caller(&token.expose());
        assert!(matches!(world.directory.read(halfway.clone(), users::get_own).await, Err(Error::StepRequired(_))));
        let again = world.directory.begin_totp(halfway.clone(), None);
        assert!(matches!(world.refused(again).await, Error::StepRequired(Step::SecondFactor)), "it enrols nothing");

        // With the login, or with what the login gave.
        let signed_in = signs_in(&world, with_code(&ada, &app.code(&world, 0))).await;
        assert!(good(&world, &caller_of(&world, &signed_in)).await);
        world.wait(STEP);
        let on = world.directory.show_factor(halfway.clone(), Shown::Code(app.code(&world, 0)), true).await.unwrap().ok().unwrap();
        assert!(good(&world, &caller_of(&world, &on)).await);
        assert!(on.tokens.refresh.is_some());
        assert!(!good(&world, &halfway).await, "what opened it half opens nothing any more");
        let shown = own(&world, &ada.caller).await.unwrap();
        assert_eq!((shown.factors.len(), shown.recovery_codes, shown.demanded), (1, 10, false));
        let spelled = enrolled.recovery_codes[0].expose();
        assert!(!format!("{:?}", world.events()).contains(&*spelled));
    }

    async fn a_code_is_good_once_and_one_step_early_or_late(world: World) {
        let pizza = world.environment("pizza").await;
        let ada = world.member(&pizza).await;
        let (app, _) = enrol(&world, &ada.caller).await.unwrap();
        world.wait(5 * STEP);
        for steps in [-2, 2] {
            let said = world.directory.sign_in(with_code(&ada, &app.code(&world, steps))).await;
            assert!(matches!(said, Err(Error::FactorRefused)), "{steps}");
        }
        for steps in [-1, 0, 1] {
            let code = app.code(&world, steps);
            signs_in(&world, with_code(&ada, &code)).await;
            let said = world.directory.sign_in(with_code(&ada, &code)).await;
            assert!(matches!(said, Err(Error::FactorRefused)), "{steps} again");
        }
        // The code of enrolling was used too, and older ones with it.
        let bob = world.member(&pizza).await;
        let new = world.directory.begin_totp(bob.caller.clone(), None).await.unwrap();
        let app = App::with(&new.seed.to_base32());
        world.directory.confirm_totp(bob.caller.clone(), app.code(&world, 0), true).await.unwrap();
        for steps in [0, -1] {
            assert!(world.directory.sign_in(with_code(&bob, &app.code(&world, steps))).await.is_err());
        }
    }

    async fn of_two_who_show_one_code_at_once_one_comes_in(world: World) {
        let pizza = world.environment("pizza").await;
        let ada = world.member(&pizza).await;
        let (app, enrolled) = enrol(&world, &ada.caller).await.unwrap();
        let other = world.another_node();
        for code in [app.code(&world, 0), written(&enrolled.recovery_codes[3])] {
            let (one, two) = tokio::join!(
                world.directory.sign_in(with_code(&ada, &code)),
                other.sign_in(with_code(&ada, &code)),
            );
            let came_in = [one, two].into_iter().filter(|said| matches!(said, Ok(Ok(_)))).count();
            assert_eq!(came_in, 1);
            world.wait(STEP);
        }
    }

    async fn guessing_codes_is_slowed_down_on_every_node_and_tells_nothing_without_the_password(world: World) {
        let pizza = world.environment("pizza").await;
        let ada = world.member(&pizza).await;
        let (app, _) = enrol(&world, &ada.caller).await.unwrap();
        let other = world.another_node();
        let wrong = Code::parse("000000").unwrap();
        let mut refused = 0;
        for guess in 0..100 {
            let node = if guess % 2 == 0 { &world.directory } else { &other };
            match node.sign_in(with_code(&ada, &wrong)).await {
                Err(Error::FactorRefused) => refused += 1,
                Err(Error::TooMany { .. }) => {}
                said => panic!("{:?}", said.map(|_| ()).err()),
            }
        }
        assert!((5..=7).contains(&refused), "{refused} of a hundred were looked at");
        // Also the right one waits, and then is good.
        assert!(matches!(world.directory.sign_in(with_code(&ada, &app.code(&world, 0))).await, Err(Error::TooMany { .. })));
        // Whoever does not know the password hears what everybody hears.
        let stranger = Person { password: "not the password".to_owned(), ..ada.clone() };
        let said = world.directory.sign_in(with_code(&stranger, &wrong)).await;
        assert!(matches!(said, Err(Error::Unauthenticated)));
        world.wait(Duration::from_secs(16 * 60));
        signs_in(&world, with_code(&ada, &app.code(&world, 0))).await;
    }

    async fn recovery_codes_are_good_once_each_and_new_ones_void_the_old(world: World) {
        let pizza = world.environment("pizza").await;
        let ada = world.member(&pizza).await;
        let (app, enrolled) = enrol(&world, &ada.caller).await.unwrap();
        let codes = enrolled.recovery_codes;
        let spelled = codes[0].expose();
        assert_eq!(spelled.split('-').map(str::len).collect::<Vec<_>>(), [4; 6]);
        let shouted = Code::parse(&spelled.to_uppercase().replace('-', " ")).unwrap();
        signs_in(&world, with_code(&ada, &shouted)).await;
        assert!(matches!(world.directory.sign_in(with_code(&ada, &written(&codes[0]))).await, Err(Error::FactorRefused)));
        let told = world.directory.outbox(0, 1000).await.unwrap();
        assert!(told.iter().any(|mail| matches!(mail.mail.subject, directory::mail::Subject::RecoveryCodeUsed)));

        let session = caller_of(&world, &signs_in(&world, with_code(&ada, &app.code(&world, 0))).await);
        let new = world.directory.write(session.clone(), recovery_codes::renew).await.unwrap();
        assert!(matches!(world.directory.sign_in(with_code(&ada, &written(&codes[1]))).await, Err(Error::FactorRefused)));
        signs_in(&world, with_code(&ada, &written(&new[0]))).await;
        assert_eq!(own(&world, &session).await.unwrap().recovery_codes, 9);
        let bob = world.member(&pizza).await;
        let none = world.directory.write(bob.caller.clone(), recovery_codes::renew);
        assert!(matches!(none.await, Err(Error::Conflict(Conflict::NoFactor))));
    }

    async fn a_stolen_session_enrols_nothing_and_removes_nothing(world: World) {
        let pizza = world.environment("pizza").await;
        let ada = world.member(&pizza).await;
        world.wait(Duration::from_secs(6 * 60));
        let call = world.directory.begin_totp(ada.caller.clone(), None);
        assert!(matches!(world.refused(call).await, Error::StepRequired(Step::Proof)));
        let call = world.directory.begin_passkey(ada.caller.clone(), party(ORIGIN));
        assert!(matches!(world.refused(call).await, Error::StepRequired(Step::Proof)));
        let thief = world.again(&ada, None).await;
        world.directory.prove(ada.caller.clone(), password(&ada.password)).await.unwrap();
        let (_, enrolled) = enrol(&world, &ada.caller).await.unwrap();

        // A session from before the factor has not shown it, even with the password.
        let id = enrolled.factor.id;
        let remove = world.directory.write(thief.caller.clone(), move |tx, actor| second_factors::remove(tx, actor, id));
        assert!(matches!(world.refused(remove).await, Error::StepRequired(Step::StepUp)));
        let call = world.directory.begin_totp(thief.caller.clone(), None);
        assert!(matches!(world.refused(call).await, Error::StepRequired(Step::StepUp)));
        let fields = Fields {
            password: Some(password("a third long and quiet one")),
            current_password: Some(password(&ada.password)),
            ..Fields::default()
        };
        let call = world.directory.update_own_user(thief.caller.clone(), fields, None);
        assert!(matches!(world.refused(call).await, Error::StepRequired(Step::StepUp)));
        // A token for enrolling, given before there was a factor, is good for nothing since.
        let bob = world.person(&pizza, Fields::default()).await;
        world.update(&pizza.administrator.caller, bob.id, Fields { mfa: Some(true), ..Fields::default() }).await.unwrap();
        let early = world.caller(&stopped(&world, login_of(&bob.email, &bob.password)).await.token.expose());
        let owner = world.caller(&stopped(&world, login_of(&bob.email, &bob.password)).await.token.expose());
        enrol(&world, &owner).await.unwrap();
        let call = world.directory.begin_totp(early, None);
        assert!(matches!(world.refused(call).await, Error::StepRequired(Step::SecondFactor)));
        // API tokens enrol nothing.
        let token = world.with_token(&pizza.administrator, directory::tokens::Ceiling::Administrator).await;
        assert!(matches!(world.refused(world.directory.begin_totp(token.caller, None)).await, Error::Forbidden(_)));
    }

    async fn who_is_asked_to_enrol_goes_on_from_there(world: World) {
        let pizza = world.environment("pizza").await;
        for fields in [
            Fields { mfa: Some(true), ..Fields::default() },
            Fields { reset_second_factor: Some(true), ..Fields::default() },
        ] {
            let ada = world.member(&pizza).await;
            let before = world.update(&pizza.administrator.caller, ada.id, fields).await.unwrap();
            assert!(before.membership.mfa || before.account.reset_second_factor);
            let pending = stopped(&world, login_of(&ada.email, &ada.password)).await;
            assert_eq!(pending.step, Step::SecondFactorEnrolment);
            let halfway = world.caller(&pending.token.expose());
            let wrong = world.directory.begin_totp(halfway.clone(), None).await.unwrap();
            assert_eq!(wrong.login, ada.email);
            let said = world.directory.confirm_totp(halfway.clone(), Code::parse("123").unwrap(), true).await;
            assert!(matches!(said, Err(Error::Invalid(errors)) if errors[0].field == Field::Code));
            let (app, enrolled) = enrol(&world, &halfway).await.unwrap();
            let signed_in = enrolled.signed_in.unwrap().ok().unwrap();
            assert!(good(&world, &caller_of(&world, &signed_in)).await);
            assert!(!good(&world, &halfway).await);
            let after = world.look(&pizza, ada.id).await.unwrap();
            assert!(!after.account.reset_second_factor, "it falls back once done");
            signs_in(&world, with_code(&ada, &app.code(&world, 0))).await;
        }
    }

    async fn what_was_begun_is_shown_until_it_counts(world: World) {
        let pizza = world.environment("pizza").await;
        let ada = world.member(&pizza).await;
        let begun = || world.directory.begun_totp(ada.caller.clone());
        assert!(matches!(begun().await, Err(Error::NotFound(_))));
        assert!(!world.directory.may_enrol(ada.caller.clone()).await.unwrap(), "nobody asks for it");
        let new = world.directory.begin_totp(ada.caller.clone(), None).await.unwrap();
        let again = begun().await.unwrap();
        assert_eq!((again.id, again.seed.to_base32()), (new.id, new.seed.to_base32()));
        let app = App::with(&again.seed.to_base32());
        world.wait(5 * 60 * Duration::from_secs(1));
        assert!(matches!(begun().await, Err(Error::StepRequired(Step::Proof))), "to its owner alone");
        world.directory.prove(ada.caller.clone(), password(&ada.password)).await.unwrap();
        world.directory.confirm_totp(ada.caller.clone(), app.code(&world, 0), true).await.unwrap();
        assert!(matches!(begun().await, Err(Error::NotFound(_))), "never again");
    }

    async fn a_session_that_came_to_lack_a_factor_is_where_it_is_enrolled(world: World) {
        let pizza = world.environment("pizza").await;
        let (ada, bob) = (world.member(&pizza).await, world.member(&pizza).await);
        demand(&world, &pizza, Demand::Everybody).await;
        world.wait(Duration::from_secs(10 * 60));
        let may = || world.directory.may_enrol(ada.caller.clone());
        assert!(matches!(may().await, Err(Error::StepRequired(Step::Proof))));
        world.directory.prove(ada.caller.clone(), password(&ada.password)).await.unwrap();
        assert!(!may().await.unwrap(), "it is a whole session");
        enrol(&world, &ada.caller).await.unwrap();
        assert!(good(&world, &ada.caller).await);
        // What a login gave for a step alone proves nothing.
        let halfway = world.caller(&stopped(&world, login_of(&bob.email, &bob.password)).await.token.expose());
        assert!(world.directory.may_enrol(halfway.clone()).await.unwrap());
        let said = world.directory.prove(halfway, password(&bob.password)).await;
        assert!(matches!(said, Err(Error::StepRequired(Step::SecondFactorEnrolment))));
    }

    async fn an_environment_demands_of_all_of_administrators_or_of_groups(world: World) {
        let (pizza, sushi) = (world.environment("pizza").await, world.environment("sushi").await);
        let (member, boss) = (world.member(&pizza).await, world.administrator(&pizza).await);
        world.create_as(&world.operator.in_environment(&sushi), &member.email, Fields::default()).await.unwrap();
        demand(&world, &pizza, Demand::Administrators).await;
        assert!(good(&world, &member.caller).await);
        assert!(!good(&world, &boss.caller).await, "at once");
        demand(&world, &pizza, Demand::Everybody).await;
        assert!(!good(&world, &member.caller).await);
        let refusal = world.directory.read(member.caller.clone(), users::get_own).await.err().unwrap();
        assert!(matches!(refusal, Error::StepRequired(Step::SecondFactorEnrolment)));
        // The other environment demands nothing of the same session.
        assert!(good(&world, &member.caller.in_environment(sushi.name())).await);
        let refresh = world.directory.refresh(TokenSecret::parse(member.refresh.as_ref().unwrap()).unwrap(), Origin::default());
        assert!(matches!(refresh.await, Err(Error::StepRequired(_))));
        // The session itself is where it can be enrolled, with fresh proof; then it is good.
        enrol(&world, &member.caller).await.unwrap();
        assert!(good(&world, &member.caller).await);
        demand(&world, &pizza, Demand::Nobody).await;
        assert!(good(&world, &boss.caller).await);

        let outer = world.group(&pizza, &["view_user"]).await;
        let inner = world.group(&pizza, &[]).await;
        let administrator = &pizza.administrator.caller;
        let nested = GroupChanges { contains: Some(vec![by_id(inner).group]), ..GroupChanges::default() };
        world.update_group(administrator, outer, nested).await.unwrap();
        let holder = world.person(&pizza, Fields { groups: Some(vec![by_id(inner)]), ..Fields::default() }).await;
        let on = |on| GroupChanges { second_factor: Some(on), ..GroupChanges::default() };
        world.update_group(administrator, outer, on(true)).await.unwrap();
        assert!(!good(&world, &holder.caller).await, "through nesting, and at once");
        assert_eq!(stopped(&world, login_of(&holder.email, &holder.password)).await.step, Step::SecondFactorEnrolment);
        assert!(good(&world, &boss.caller).await, "others are not asked");
        // It takes an administrator to lift that.
        let helper = world.holder(&pizza, &["change_group", "delete_group", "view_user"]).await;
        assert!(matches!(world.refused(world.update_group(&helper.caller, outer, on(false))).await, Error::Forbidden(_)));
        assert!(matches!(world.refused(world.delete_group(&helper.caller, outer)).await, Error::Forbidden(_)));
        world.update_group(administrator, outer, on(false)).await.unwrap();
        assert!(good(&world, &holder.caller).await);
    }

    async fn a_session_is_raised_by_showing_a_factor_in_it(world: World) {
        let pizza = world.environment("pizza").await;
        let ada = world.member(&pizza).await;
        let old = world.again(&ada, None).await;
        let (app, _) = enrol(&world, &ada.caller).await.unwrap();
        demand(&world, &pizza, Demand::Everybody).await;
        let refusal = world.directory.read(old.caller.clone(), users::get_own).await.err().unwrap();
        assert!(matches!(refusal, Error::StepRequired(Step::StepUp)));
        let wrong = world.directory.show_factor(old.caller.clone(), Shown::Code(Code::parse("000000").unwrap()), true).await;
        assert!(matches!(wrong, Err(Error::FactorRefused)));
        let raised = world.directory.show_factor(old.caller.clone(), Shown::Code(app.code(&world, 0)), true).await.unwrap().ok().unwrap();
        assert!(good(&world, &caller_of(&world, &raised)).await);
        assert!(!good(&world, &old.caller).await, "with new tokens: whoever saw the old ones gains nothing");
    }

    async fn the_last_factor_stays_while_one_is_demanded(world: World) {
        let pizza = world.environment("pizza").await;
        let ada = world.member(&pizza).await;
        let (_, first) = enrol(&world, &ada.caller).await.unwrap();
        let (_, second) = enrol(&world, &ada.caller).await.unwrap();
        assert!(second.recovery_codes.is_empty(), "there are some already");
        let mfa = Fields { mfa: Some(true), ..Fields::default() };
        world.update(&pizza.administrator.caller, ada.id, mfa).await.unwrap();
        let remove = |id| world.directory.write(ada.caller.clone(), move |tx, actor| second_factors::remove(tx, actor, id));
        remove(first.factor.id).await.unwrap();
        assert!(matches!(world.refused(remove(first.factor.id)).await, Error::NotFound(_)));
        assert!(matches!(world.refused(remove(second.factor.id)).await, Error::Conflict(Conflict::LastFactor)));
        let lifted = Fields { mfa: Some(false), ..Fields::default() };
        world.update(&pizza.administrator.caller, ada.id, lifted).await.unwrap();
        let rename = world.directory.write(ada.caller.clone(), move |tx, actor| {
            second_factors::rename(tx, actor, second.factor.id, &name("Phone"))
        });
        assert_eq!(rename.await.unwrap().name.as_str(), "Phone");
        remove(second.factor.id).await.unwrap();
        let left = own(&world, &ada.caller).await.unwrap();
        assert_eq!((left.factors.len(), left.recovery_codes), (0, 0));
        signs_in(&world, login_of(&ada.email, &ada.password)).await;
        // Nobody else's.
        let bob = world.member(&pizza).await;
        let (_, his) = enrol(&world, &bob.caller).await.unwrap();
        assert!(matches!(world.refused(remove(his.factor.id)).await, Error::NotFound(_)));
    }

    async fn a_lost_factor_is_reset_by_an_administrator_and_told_to_its_owner(world: World) {
        let pizza = world.environment("pizza").await;
        let ada = world.member(&pizza).await;
        let (app, enrolled) = enrol(&world, &ada.caller).await.unwrap();
        let reset = || Fields { reset_second_factor: Some(true), ..Fields::default() };
        let helper = world.holder(&pizza, &["change_user"]).await;
        assert!(matches!(world.refused(world.update(&helper.caller, pizza.administrator.id, reset())).await, Error::Forbidden(_)));
        world.update(&pizza.administrator.caller, ada.id, reset()).await.unwrap();
        assert!(!good(&world, &ada.caller).await);
        for code in [app.code(&world, 0), written(&enrolled.recovery_codes[0])] {
            let pending = stopped(&world, with_code(&ada, &code)).await;
            assert_eq!(pending.step, Step::SecondFactorEnrolment, "neither is good any more");
        }
        let told = world.directory.outbox(0, 1000).await.unwrap();
        assert!(told.iter().any(|mail| matches!(mail.mail.subject, directory::mail::Subject::FactorReset)));
    }

    async fn a_forgotten_password_passes_by_no_second_factor(world: World) {
        let pizza = world.environment("pizza").await;
        let ada = world.member(&pizza).await;
        let (app, _) = enrol(&world, &ada.caller).await.unwrap();
        world.directory.forgot_password(ada.email.clone(), Origin::default()).await.unwrap();
        let link = world.mailed_link(&ada.email).await.unwrap();
        let token = Arc::new(TokenSecret::parse(&link).unwrap());
        let chosen = "another quiet and long one";
        let reset = Reset { token, password: password(chosen), end_tokens: false, origin: Origin::default() };
        world.directory.reset_password(reset).await.unwrap();
        let ada = Person { password: chosen.to_owned(), ..ada };
        assert_eq!(stopped(&world, login_of(&ada.email, chosen)).await.step, Step::SecondFactor);
        signs_in(&world, with_code(&ada, &app.code(&world, 0))).await;
    }

    async fn the_factor_comes_before_the_password_that_must_be_chosen(world: World) {
        let pizza = world.environment("pizza").await;
        let ada = world.member(&pizza).await;
        let (app, _) = enrol(&world, &ada.caller).await.unwrap();
        let reset = Fields { reset_password: Some(true), ..Fields::default() };
        world.update(&pizza.administrator.caller, ada.id, reset).await.unwrap();
        let pending = stopped(&world, login_of(&ada.email, &ada.password)).await;
        assert_eq!(pending.step, Step::SecondFactor);
        let halfway = world.caller(&pending.token.expose());
        let fields = || Fields { password: Some(password("another quiet and long one")), ..Fields::default() };
        assert!(matches!(world.refused(world.directory.update_own_user(halfway.clone(), fields(), None)).await, Error::StepRequired(_)));
        let next = world.directory.show_factor(halfway, Shown::Code(app.code(&world, 0)), true).await.unwrap().err().unwrap();
        assert_eq!(next.step, Step::PasswordChange);
        world.directory.update_own_user(world.caller(&next.token.expose()), fields(), None).await.unwrap();
    }

    async fn a_passkey_signs_in_alone_and_behind_a_password(world: World) {
        let pizza = world.environment("pizza").await;
        let ada = world.member(&pizza).await;
        let mut browser = Authenticator::at(ORIGIN);
        let enrolled = enrol_passkey(&world, &ada.caller, &mut browser).await.unwrap();
        assert_eq!(enrolled.recovery_codes.len(), 10);
        demand(&world, &pizza, Demand::Everybody).await;
        let request = by_passkey(assertion(&world, None, &mut browser).await);
        let signed_in = signs_in(&world, request.clone()).await;
        assert_eq!(signed_in.account.id, ada.id);
        assert!(good(&world, &caller_of(&world, &signed_in)).await, "it is both factors");
        // The same answer, and one to an old challenge, come in no more.
        assert!(matches!(world.directory.sign_in(request).await, Err(Error::Unauthenticated)));
        let late = by_passkey(assertion(&world, None, &mut browser).await);
        world.wait(Duration::from_secs(301));
        assert!(matches!(world.directory.sign_in(late).await, Err(Error::Unauthenticated)));

        let pending = stopped(&world, login_of(&ada.email, &ada.password)).await;
        assert_eq!(pending.ways, Ways { totp: false, passkey: true, recovery_code: true });
        let halfway = world.caller(&pending.token.expose());
        let (party, answer) = assertion(&world, Some(&halfway), &mut browser).await;
        let on = world.directory.show_factor(halfway, Shown::Passkey(party, answer), true).await.unwrap().ok().unwrap();
        assert!(good(&world, &caller_of(&world, &on)).await);
    }

    async fn second_factors_are_good_while_and_after_another_key_seals_them(world: World) {
        let pizza = world.environment("pizza").await;
        let (ada, bob) = (world.member(&pizza).await, world.member(&pizza).await);
        let mut browser = Authenticator::at(ORIGIN);
        enrol_passkey(&world, &ada.caller, &mut browser).await.unwrap();
        let (app, _) = enrol(&world, &bob.caller).await.unwrap();
        let keys = &world.directory.effects().keys;
        for round in 2..12 {
            let ring = keys.ring().prepare(&Randomness::seeded(round)).unwrap().promote();
            keys.take_up(ring).unwrap();
            let request = by_passkey(assertion(&world, None, &mut browser).await);
            // It is sealed anew before, after, or between being judged and being used up.
            let (signed_in, resealed) = tokio::join!(world.directory.sign_in(request), world.directory.reseal(|_| ()));
            assert!(signed_in.unwrap().is_ok(), "round {round}");
            let resealed = resealed.unwrap();
            assert_eq!((u64::from(resealed.key), resealed.rows["seeds"], resealed.left), (round, 1, 0));
        }
        signs_in(&world, with_code(&bob, &app.code(&world, 0))).await;
    }

    async fn a_passkey_that_is_not_right_opens_nothing(world: World) {
        let pizza = world.environment("pizza").await;
        let (ada, bob) = (world.member(&pizza).await, world.member(&pizza).await);
        let mut browser = Authenticator::at(ORIGIN);
        enrol_passkey(&world, &ada.caller, &mut browser).await.unwrap();
        let mut his = Authenticator::at(ORIGIN);
        enrol_passkey(&world, &bob.caller, &mut his).await.unwrap();
        // Of another account, behind its password.
        let halfway = world.caller(&stopped(&world, login_of(&ada.email, &ada.password)).await.token.expose());
        let (asked, answer) = assertion(&world, None, &mut his).await;
        let said = world.directory.show_factor(halfway.clone(), Shown::Passkey(asked, answer), true).await;
        assert!(matches!(said, Err(Error::FactorRefused)));
        // Of a page elsewhere.
        let mut elsewhere = browser.clone();
        elsewhere.origin = "https://evil.example".to_owned();
        let request = by_passkey(assertion(&world, None, &mut elsewhere).await);
        assert!(matches!(world.directory.sign_in(request).await, Err(Error::Unauthenticated)));
        // A copy, whose count falls behind.
        let mut copy = browser.clone();
        signs_in(&world, by_passkey(assertion(&world, None, &mut browser).await)).await;
        signs_in(&world, by_passkey(assertion(&world, None, &mut browser).await)).await;
        let request = by_passkey(assertion(&world, None, &mut copy).await);
        assert!(matches!(world.directory.sign_in(request).await, Err(Error::Unauthenticated)));
        // An answer that enrolled a passkey enrols no other, nor one for somebody else.
        let mut third = Authenticator::at(ORIGIN);
        let new = registration(&world, &ada.caller, &mut third).await.unwrap();
        let said = world.directory.confirm_passkey(bob.caller.clone(), new.clone(), true).await;
        assert!(matches!(said, Err(Error::FactorRefused)));
        world.directory.confirm_passkey(ada.caller.clone(), new.clone(), true).await.unwrap();
        let said = world.directory.confirm_passkey(ada.caller.clone(), new, true).await;
        assert!(matches!(said, Err(Error::FactorRefused)));
    }

    async fn a_passkey_enrolled_before_the_owner_came_never_signs_in_alone(world: World) {
        let pizza = world.environment("pizza").await;
        let prepared = world.member(&pizza).await;
        let mut tenants = Authenticator::at(ORIGIN);
        enrol_passkey(&world, &prepared.caller, &mut tenants).await.unwrap();
        signs_in(&world, by_passkey(assertion(&world, None, &mut tenants).await)).await;
        // The owner of the address comes, by mail.
        world.directory.forgot_password(prepared.email.clone(), Origin::default()).await.unwrap();
        let token = Arc::new(TokenSecret::parse(&world.mailed_link(&prepared.email).await.unwrap()).unwrap());
        let reset = Reset { token, password: password("only the owner knows"), end_tokens: false, origin: Origin::default() };
        world.directory.reset_password(reset).await.unwrap();
        let request = by_passkey(assertion(&world, None, &mut tenants).await);
        assert!(matches!(world.directory.sign_in(request).await, Err(Error::Unauthenticated)));
    }

    async fn accepting_by_the_mailed_link_leaves_no_factor_of_whoever_prepared_the_account(world: World) {
        let (pizza, sushi) = (world.environment("pizza").await, world.environment("sushi").await);
        let prepared = world.member(&pizza).await;
        enrol(&world, &prepared.caller).await.unwrap();
        world.create(&sushi, &prepared.email, Fields::default()).await.unwrap();
        let token = Arc::new(TokenSecret::parse(&world.mailed_link(&prepared.email).await.unwrap()).unwrap());
        let chosen = "only the owner knows this";
        let acceptance = directory::invitations::Acceptance {
            token,
            username: None,
            password: Some(password(chosen)),
            origin: Origin::default(),
        };
        world.directory.accept_invitation(acceptance).await.unwrap();
        signs_in(&world, login_of(&prepared.email, chosen)).await;
    }

    async fn fresh_proof_is_given_by_a_passkey_too(world: World) {
        let pizza = world.environment("pizza").await;
        let ada = world.member(&pizza).await;
        let mut browser = Authenticator::at(ORIGIN);
        enrol_passkey(&world, &ada.caller, &mut browser).await.unwrap();
        world.wait(Duration::from_secs(6 * 60));
        assert!(matches!(world.refused(world.directory.begin_totp(ada.caller.clone(), None)).await, Error::StepRequired(Step::Proof)));
        let (asked, answer) = assertion(&world, None, &mut browser).await;
        world.directory.prove_by_passkey(ada.caller.clone(), asked.clone(), answer.clone()).await.unwrap();
        world.directory.begin_totp(ada.caller.clone(), None).await.unwrap();
        let again = world.directory.prove_by_passkey(ada.caller.clone(), asked, answer).await;
        assert!(matches!(again, Err(Error::FactorRefused)));
    }

    async fn an_account_holds_twenty_second_factors(world: World) {
        let pizza = world.environment("pizza").await;
        let ada = world.member(&pizza).await;
        for _ in 0..20 {
            world.directory.prove(ada.caller.clone(), password(&ada.password)).await.unwrap();
            enrol(&world, &ada.caller).await.unwrap();
        }
        assert!(matches!(enrol(&world, &ada.caller).await, Err(Error::Conflict(Conflict::Full(_)))));
    }
}
