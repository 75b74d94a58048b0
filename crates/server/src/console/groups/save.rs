//! Making, changing and deleting a group. Before anybody gains or loses something, a page says who and what, and asks.

use super::draw;
use super::facts::{self, CONTAINS, MENUS, PERMISSIONS, by_id};
use crate::app::App;
use crate::console::consequences::{self, Consequences};
use crate::console::error::Error;
use crate::console::form::{Form, Sent};
use crate::console::language::Language;
use crate::console::layout::{Layout, page};
use crate::console::parts::{Id, to};
use crate::console::session::Visit;
use crate::console::words::{GroupsWords, Sentence};
use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use directory::actor::Actor;
use directory::directory::When;
use directory::error::Field;
use directory::groups::{self, Group, GroupChanges, GroupRef};
use directory::id::{GroupId, MenuId};
use directory::menus::MenuRef;
use directory::store::Tx;
use directory::text::{Name, ShortName};
use directory::whatif::{Outcome, SupposedGroup, Suppositions};
use sha2::{Digest, Sha256};
use std::sync::Arc;

/// What a form shows to have seen of a group: another one is seen when it has changed since.
pub(super) fn seen(group: &Group) -> String {
    URL_SAFE_NO_PAD.encode(&Sha256::digest(format!("{group:?}").as_bytes())[..12])
}

/// The group is still as the form saw it.
fn still(form: &Form) -> When<Group> {
    let as_seen = form.text("seen").to_owned();
    Arc::new(move |group: &Group| seen(group) == as_seen)
}

fn place(field: Field) -> Option<&'static str> {
    match field {
        Field::Name => Some("name"),
        Field::Label => Some("label"),
        Field::Permissions => Some("permissions"),
        Field::Contains => Some("inner"),
        Field::Menus | Field::MenuNames => Some("menus"),
        _ => None,
    }
}

/// What the form asks for; `None`: something is wrong with it.
fn change(form: &mut Form, language: Language, before: Option<&Group>) -> Option<GroupChanges> {
    let name = form.parse("name", language, Name::parse);
    let label = form.parse("label", language, ShortName::parse);
    let had = |of: fn(&Group) -> Vec<String>| before.map(of).unwrap_or_default();
    let mut permissions = PERMISSIONS.chosen(form, had(facts::permissions));
    permissions.extend(PERMISSIONS.named(form));
    let contains = CONTAINS.chosen(form, had(facts::contains));
    let contains = contains.iter().map(|id| GroupRef::Id(id.parse().ok().map(GroupId), id.clone()));
    let menus = MENUS.chosen(form, had(facts::menus));
    let menus = menus.iter().map(|id| MenuRef::Id(id.parse().ok().map(MenuId), id.clone()));
    Some(GroupChanges {
        name: Some(name?),
        label: Some(label?),
        permissions: Some(permissions),
        contains: Some(contains.chain(CONTAINS.named(form).into_iter().map(GroupRef::Name)).collect()),
        menus: Some(menus.chain(MENUS.named(form).into_iter().map(MenuRef::Name)).collect()),
        second_factor: Some(form.ticked("second_factor")),
    })
}

/// `POST /console/environments/<key>/groups`.
pub(in crate::console) async fn create(State(app): State<App>, sent: Sent) -> Result<Response, Error> {
    let Sent { visit, mut form } = sent;
    let Some(change) = change(&mut form, visit.language, None) else {
        return refused(&app, &visit, None, form, String::new()).await;
    };
    let Some(name) = change.name.clone() else { return Err(Error::Unreadable) };
    let make = move |tx: &mut Tx<'_>, actor: &Actor| {
        let made = groups::create(tx, actor, &name, &change)?;
        Ok((made.id, actor.environment().key.clone()))
    };
    match app.directory.write(visit.caller(), make).await {
        Ok((id, key)) => Ok(to(&key, &format!("groups/{id}?saved=true"))),
        Err(refusal) => beside(&app, &visit, None, form, refusal).await,
    }
}

#[derive(Template)]
#[template(path = "console/group_confirm.html")]
struct ConfirmPage<'a> {
    layout: Layout,
    words: &'static GroupsWords,
    here: String,
    group: Group,
    form: &'a Form,
    consequences: Consequences,
}

/// `POST /console/environments/<key>/groups/<id>`.
pub(in crate::console) async fn update(State(app): State<App>, Id(id): Id, sent: Sent) -> Result<Response, Error> {
    let Sent { visit, mut form } = sent;
    let (words, id) = (GroupsWords::of(visit.language), GroupId(id));
    if form.ticked("back") {
        return draw(&app, &visit, Some(id), StatusCode::OK, form, String::new(), false).await;
    }
    let (layout, before) = visit.read(&app, move |tx, actor| groups::get(tx, actor, id)).await?;
    let Some(change) = change(&mut form, visit.language, Some(&before)) else {
        return refused(&app, &visit, Some(id), form, String::new()).await;
    };
    if seen(&before) != form.text("seen") {
        return changed_meanwhile(&app, &visit, id, form, &before).await;
    }
    if !form.ticked("confirmed") && confers_otherwise(&before, &change) {
        let outcome = match suppose(&app, &visit, id, &change).await {
            Ok(outcome) => outcome,
            Err(Error::Directory(refusal)) => return beside(&app, &visit, Some(id), form, refusal).await,
            Err(other) => return Err(other),
        };
        if let Some(outcome) = outcome.filter(|outcome| !outcome.complete || !outcome.users.is_empty()) {
            let consequences = Consequences::of(Some(outcome), visit.language);
            let here = layout.address("groups");
            return page(&ConfirmPage { layout, words, here, group: before, form: &form, consequences });
        }
    }
    let when = still(&form);
    let save = move |tx: &mut Tx<'_>, actor: &Actor| {
        groups::update(tx, actor, id, &change, Some(&when))?;
        Ok(actor.environment().key.clone())
    };
    match app.directory.write(visit.caller(), save).await {
        Ok(key) => Ok(to(&key, &format!("groups/{id}?saved=true"))),
        Err(directory::Error::Changed) => changed_meanwhile(&app, &visit, id, form, &before).await,
        Err(refusal) => beside(&app, &visit, Some(id), form, refusal).await,
    }
}

/// Whether members may gain or lose something.
fn confers_otherwise(before: &Group, change: &GroupChanges) -> bool {
    let same = |now: &Vec<String>| {
        let mut now: Vec<&str> = now.iter().map(String::as_str).collect();
        now.sort_unstable();
        now.into_iter().eq(before.permissions.iter().map(|codename| codename.as_str()))
    };
    let contained: Vec<GroupRef> = before.contains.iter().map(|id| by_id(id.0)).collect();
    !change.permissions.as_ref().is_some_and(same) || change.contains.as_ref() != Some(&contained)
}

async fn suppose(app: &App, visit: &Visit, id: GroupId, change: &GroupChanges) -> Result<Option<Outcome>, Error> {
    let (permissions, contains) = (change.permissions.clone(), change.contains.clone());
    let supposed = SupposedGroup { group: by_id(id.0), deleted: false, permissions, contains };
    let what = Suppositions { groups: vec![supposed], users: Vec::new() };
    let (_, outcome) = visit.report(app, move |tx, actor| consequences::suppose(tx, actor, &what)).await?;
    Ok(outcome)
}

/// The form again, with what it would now overwrite.
async fn changed_meanwhile(
    app: &App,
    visit: &Visit,
    id: GroupId,
    mut form: Form,
    before: &Group,
) -> Result<Response, Error> {
    form.set("seen", seen(before));
    let notice = GroupsWords::of(visit.language).changed.to_owned();
    draw(app, visit, Some(id), StatusCode::CONFLICT, form, notice, false).await
}

async fn refused(app: &App, visit: &Visit, id: Option<GroupId>, form: Form, notice: String) -> Result<Response, Error> {
    draw(app, visit, id, StatusCode::UNPROCESSABLE_ENTITY, form, notice, false).await
}

/// The form again, with what the directory says beside its fields, or above them.
async fn beside(
    app: &App,
    visit: &Visit,
    id: Option<GroupId>,
    mut form: Form,
    refusal: directory::Error,
) -> Result<Response, Error> {
    if let directory::Error::Conflict(conflict) = &refusal {
        let notice = conflict.in_language(visit.language);
        return refused(app, visit, id, form, notice).await;
    }
    form.refused_by(refusal, visit.language, place)?;
    refused(app, visit, id, form, String::new()).await
}

/// `POST /console/environments/<key>/groups/<id>/delete`.
pub(in crate::console) async fn delete(State(app): State<App>, Id(id): Id, sent: Sent) -> Result<Response, Error> {
    let when = still(&sent.form);
    let delete = move |tx: &mut Tx<'_>, actor: &Actor| {
        groups::delete(tx, actor, GroupId(id), Some(&when))?;
        Ok(actor.environment().key.clone())
    };
    let key = app.directory.write(sent.visit.caller(), delete).await?;
    Ok(to(&key, "groups"))
}
