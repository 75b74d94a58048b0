//! The form about a user: how it is filled from one, and what it asks for. Making and changing share it. Knows nothing of who may
//! do what.

use super::choices::{self, Choices, Ticked};
use super::{Head, May, Tab};
use crate::app::App;
use crate::console::error::Error;
use crate::console::form::Form;
use crate::console::language::Language;
use crate::console::layout::{Layout, page_with};
use crate::console::refused::sentence;
use crate::console::session::Visit;
use crate::console::words::{Sentence, UserWords};
use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;
use directory::actor::Actor;
use directory::email::Email;
use directory::error::{Problem, Refusal};
use directory::id::UserId;
use directory::locale::Locale;
use directory::permissions::BuiltIn;
use directory::store::Tx;
use directory::text::{ExternalId, Phone, ShortName};
use directory::username::Username;
use directory::users::{self, User, UserChanges};

#[derive(Template)]
#[template(path = "console/user_form.html")]
struct FormPage {
    layout: Layout,
    words: &'static UserWords,
    form: Form,
    notice: String,
    /// Who is changed; nobody: somebody is made.
    head: Option<Head>,
    /// Where it is sent.
    here: String,
    /// Where to leave for without it.
    back: String,
    groups: Choices,
    menus: Choices,
    may_administer: bool,
    /// A program has no address, no username, and administers nothing.
    service: bool,
}

/// Who is asked about, and what for.
#[derive(Clone, Copy)]
pub(super) enum Of {
    /// Somebody to make.
    New,
    /// Somebody who is here.
    User(UserId),
}

/// What a form is judged against.
pub(super) struct Present {
    /// Nobody: somebody is made.
    pub(super) user: Option<User>,
    pub(super) may: May,
    groups: Choices,
    menus: Choices,
}

/// Reads who is asked about, and what there is to choose from; without boxes that are ticked those of the user.
pub(super) async fn present(
    app: &App,
    visit: &Visit,
    of: Of,
    ticked: Option<Ticked>,
) -> Result<(Layout, Present), Error> {
    visit.read(app, move |tx, actor| read(tx, actor, of, ticked.as_ref())).await
}

fn read(tx: &mut Tx<'_>, actor: &Actor, of: Of, ticked: Option<&Ticked>) -> directory::Result<Present> {
    let (user, may) = match of {
        Of::New => {
            actor.need(BuiltIn::AddUser)?;
            (None, May::of(actor, None))
        }
        Of::User(id) => {
            actor.need(BuiltIn::ChangeUser)?;
            (Some(users::get(tx, actor, id)?), May::of(actor, Some(id)))
        }
    };
    let ticked = match (ticked, &user) {
        (Some(ticked), _) => ticked.clone(),
        (None, Some(user)) => Ticked::of_user(user),
        (None, None) => Ticked::default(),
    };
    let groups = choices::groups(tx, actor, user.as_ref(), &ticked)?;
    let menus = choices::menus(tx, actor, user.as_ref(), &ticked)?;
    Ok(Present { user, may, groups, menus })
}

/// The form as a user fills it.
pub(super) fn filled(user: &User) -> Form {
    let (account, membership) = (&user.account, &user.membership);
    let mut form = Form::of([
        ("seen", seen(user)),
        ("name", membership.name.as_str().to_owned()),
        ("first_name", membership.first_name.as_str().to_owned()),
        ("last_name", membership.last_name.as_str().to_owned()),
        ("email", account.email.as_ref().map_or("", Email::as_typed).to_owned()),
        ("username", account.username.as_ref().map_or("", Username::as_typed).to_owned()),
        ("phone", membership.phone.as_str().to_owned()),
        ("language", membership.language.as_ref().map_or("", Locale::as_str).to_owned()),
        ("locale", membership.locale.as_ref().map_or("", Locale::as_str).to_owned()),
        ("external_id", membership.external_id.as_ref().map_or("", ExternalId::as_str).to_owned()),
    ]);
    for (name, is) in [("administrator", membership.administrator), ("mfa", membership.mfa)] {
        if is {
            form.fill(name, "yes");
        }
    }
    for own in &user.groups {
        form.fill(choices::ends_of(own.group.id.0), choices::last_day(own.expires_at));
    }
    form
}

/// What tells whether a user is still as somebody saw it.
pub(super) fn seen(user: &User) -> String {
    user.membership.updated_at.as_micros().to_string()
}

/// What a form asks for; `None`: something cannot be, and stands beside its field. `user`: who is changed, as it is.
pub(super) fn asked(form: &mut Form, user: Option<&User>, may: May, reader: Language) -> Option<UserChanges> {
    let service = user.is_some_and(|user| user.account.service);
    // What is not there cannot be emptied: whoever has no address may stay without.
    let keeps = |has: bool, text: &str| text.is_empty() && !has;
    let has_email = user.is_none_or(|user| user.account.email.is_some()) && !service;
    let told = |refusal: Refusal| refusal.in_language(reader);
    let email = form.read("email", |text| match text {
        text if keeps(has_email, text) => Ok(None),
        "" => Err(sentence(&Problem::Required, reader)),
        text => Email::parse(text).map(Some).map_err(told),
    });
    let has_username = user.is_some_and(|user| user.account.username.is_some()) && !service;
    let username = form.read("username", |text| match text {
        text if keeps(has_username, text) => Ok(None),
        "" => Err(sentence(&Problem::Required, reader)),
        text => Username::parse(text).map(Some).map_err(told),
    });
    let name = form.parse("name", reader, ShortName::parse);
    let first_name = form.parse("first_name", reader, ShortName::parse);
    let last_name = form.parse("last_name", reader, ShortName::parse);
    let phone = form.parse("phone", reader, Phone::parse);
    let language = form.parse("language", reader, |text| perhaps(text.trim(), Locale::parse));
    let locale = form.parse("locale", reader, |text| perhaps(text.trim(), Locale::parse));
    let external_id = form.parse("external_id", reader, |text| perhaps(text, ExternalId::parse));
    let groups = choices::wished_groups(form, user);
    if groups.is_err() {
        form.refuse("group", UserWords::of(reader).no_date);
    }
    // Nobody's name is made of the first and the last one, unless another was given.
    let name = name.filter(|name| user.is_some() || !name.as_str().is_empty());
    let changes = UserChanges {
        email: email?,
        username: username?,
        name,
        first_name: Some(first_name?),
        last_name: Some(last_name?),
        phone: Some(phone?),
        language: Some(language?),
        locale: Some(locale?),
        external_id: Some(external_id?),
        administrator: (may.administer && !service).then(|| form.has("administrator")),
        mfa: Some(form.has("mfa")),
        groups: Some(groups.ok()?),
        menus: choices::wished_menus(form, user),
        ..UserChanges::default()
    };
    form.error("name").is_empty().then_some(changes)
}

fn perhaps<T>(text: &str, parse: fn(&str) -> Result<T, Refusal>) -> Result<Option<T>, Refusal> {
    if text.is_empty() { Ok(None) } else { parse(text).map(Some) }
}

/// Draws the form.
pub(super) fn draw(
    status: StatusCode,
    layout: Layout,
    present: Present,
    form: Form,
    notice: String,
) -> Result<Response, Error> {
    let words = UserWords::of(layout.language);
    let Present { user, may, groups, menus } = present;
    let head = user.as_ref().map(|user| Head::of(user, &layout, words, may, Tab::Overview));
    let (here, back) = match &head {
        Some(head) => (format!("{}/edit", head.base), head.base.clone()),
        None => (layout.address("users/new"), layout.address("users")),
    };
    let service = user.as_ref().is_some_and(|user| user.account.service);
    let (groups, menus) = (groups.ending(&form), menus);
    let may_administer = may.administer && !service;
    page_with(
        status,
        &FormPage { layout, words, form, notice, head, here, back, groups, menus, may_administer, service },
    )
}
