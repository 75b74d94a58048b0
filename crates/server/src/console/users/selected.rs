//! `/console/environments/<key>/users/selected`: one change for each user that was ticked, each by itself: what is refused of one
//! is told, and does not hinder the others.

use super::{name, refused};
use crate::app::App;
use crate::body::{FieldType, choice};
use crate::console::error::Error;
use crate::console::form::{Form, Sent};
use crate::console::layout::{Layout, page_with};
use crate::console::words::{SelectedWords as Words, UsersWords};
use crate::json::Json;
use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use directory::actor::{Actor, Caller};
use directory::error::{Error as Refusal, Noun};
use directory::groups::{GroupRef, GroupWish};
use directory::id::{GroupId, UserId};
use directory::permissions::BuiltIn;
use directory::store::Tx;
use directory::suggestions;
use directory::users::{self, User, UserChanges};
use std::sync::Arc;
use tokio::task::JoinSet;
use uuid::Uuid;

/// The most users of one call: twice what a page of the list shows.
const MOST: usize = 100;

choice! {
    /// What is done to each.
    enum Action {
        Activate = "activate",
        Deactivate = "deactivate",
        Add = "add",
        Remove = "remove",
    }
}

impl Action {
    /// What takes it back; of leaving a group nothing does: when it was to end is gone.
    fn opposite(self) -> Option<Action> {
        match self {
            Action::Activate => Some(Action::Deactivate),
            Action::Deactivate => Some(Action::Activate),
            Action::Add => Some(Action::Remove),
            Action::Remove => None,
        }
    }

    fn title(self, words: &Words) -> &'static str {
        match self {
            Action::Activate => words.activated,
            Action::Deactivate => words.deactivated,
            Action::Add => words.added,
            Action::Remove => words.removed,
        }
    }

    fn of_groups(self) -> bool {
        matches!(self, Action::Add | Action::Remove)
    }

    /// Whether there is nothing to do for a user.
    fn holds(self, user: &User, group: Option<GroupId>) -> bool {
        let within = || user.groups.iter().any(|own| Some(own.group.id) == group);
        match self {
            Action::Activate => user.membership.active,
            Action::Deactivate => !user.membership.active,
            Action::Add => within(),
            Action::Remove => !within(),
        }
    }

    fn changes(self, user: &User, group: Option<GroupId>) -> UserChanges {
        let wish = |id: GroupId| GroupWish::from(GroupRef::Id(Some(id), id.to_string()));
        let held = user.groups.iter().map(|own| own.group.id).filter(|id| Some(*id) != group).map(wish);
        let none = UserChanges::default();
        match self {
            Action::Activate => UserChanges { active: Some(true), ..none },
            Action::Deactivate => UserChanges { active: Some(false), ..none },
            Action::Add => UserChanges { groups: Some(held.chain(group.map(wish)).collect()), ..none },
            Action::Remove => UserChanges { groups: Some(held.collect()), ..none },
        }
    }
}

#[derive(Template)]
#[template(path = "console/users_selected.html")]
struct SelectedPage {
    layout: Layout,
    words: &'static Words,
    title: &'static str,
    /// Where the list stands.
    here: String,
    form: Form,
    /// For whom nothing was done yet, because the form lacks something.
    waiting: Vec<Outcome>,
    refused: Vec<Outcome>,
    done: Vec<Outcome>,
    already: Vec<Outcome>,
    /// What takes it back, for those for whom it was done.
    undo: Option<&'static str>,
    /// What the form was sent for.
    action: &'static str,
    groups: Vec<String>,
}

/// A user, and what came of it.
struct Outcome {
    id: String,
    name: String,
    address: String,
    /// Why not; empty: it was done.
    why: String,
}

/// What the directory knows.
struct Found {
    users: Vec<(UserId, Option<User>)>,
    group: Option<GroupId>,
    groups: Vec<String>,
}

/// `POST /console/environments/<key>/users/selected`.
pub(in crate::console) async fn change(State(app): State<App>, sent: Sent) -> Result<Response, Error> {
    let Sent { visit, mut form } = sent;
    let action = Action::read(&Json::Text(form.text("action").to_owned())).map_err(|_| Error::Unreadable)?;
    let mut ids: Vec<UserId> = Vec::new();
    for text in form.all("user") {
        let id = UserId(Uuid::try_parse(text).map_err(|_| Error::Unreadable)?);
        if ids.len() == MOST {
            return Err(Error::Unreadable);
        }
        if !ids.contains(&id) {
            ids.push(id);
        }
    }
    let named = form.text("group").trim().to_owned();
    let group_name = if action.of_groups() { named } else { String::new() };
    let read = move |tx: &mut Tx<'_>, actor: &Actor| find(tx, actor, &ids, &group_name);
    let (layout, found) = visit.read(&app, read).await?;
    let words = Words::of(layout.language);
    let here = layout.address("users");
    let texts = UsersWords::of(layout.language);
    let list = here.clone();
    let outcome = |id: UserId, user: Option<&User>, why: String| Outcome {
        id: id.to_string(),
        name: user.map_or_else(|| words.nobody.to_owned(), |user| name(user, texts)),
        address: user.map_or_else(String::new, |_| format!("{list}/{id}")),
        why,
    };
    if action.of_groups() && found.group.is_none() {
        let missing = form.text("group").trim().is_empty();
        form.refuse("group", if missing { words.name_a_group } else { words.no_such_group });
    }
    let lacking = !form.error("group").is_empty() || found.users.is_empty();
    let mut drawn = SelectedPage {
        title: if lacking { words.not_yet } else { action.title(words) },
        here,
        form,
        waiting: Vec::new(),
        refused: Vec::new(),
        done: Vec::new(),
        already: Vec::new(),
        undo: action.opposite().map(Action::word),
        action: action.word(),
        groups: found.groups,
        words,
        layout,
    };
    if lacking {
        drawn.waiting = found.users.iter().map(|(id, user)| outcome(*id, user.as_ref(), String::new())).collect();
        return page_with(StatusCode::UNPROCESSABLE_ENTITY, &drawn);
    }
    for (id, user, result) in carry_out(&app, &visit.caller(), found.users, action, found.group).await? {
        match result {
            Ok(true) => drawn.done.push(outcome(id, user.as_ref(), String::new())),
            Ok(false) => drawn.already.push(outcome(id, user.as_ref(), String::new())),
            Err(Refusal::NotFound(_)) => drawn.refused.push(outcome(id, user.as_ref(), words.not_here.to_owned())),
            Err(error) => {
                let why = refused::whole(error, visit.language)?;
                drawn.refused.push(outcome(id, user.as_ref(), why));
            }
        }
    }
    page_with(StatusCode::OK, &drawn)
}

fn find(tx: &mut Tx<'_>, actor: &Actor, ids: &[UserId], group: &str) -> directory::Result<Found> {
    actor.need(BuiltIn::ChangeUser)?;
    let mut found = Vec::with_capacity(ids.len());
    for id in ids {
        match users::get(tx, actor, *id) {
            Ok(user) => found.push((*id, Some(user))),
            Err(Refusal::NotFound(Noun::User)) => found.push((*id, None)),
            Err(error) => return Err(error),
        }
    }
    let may_view = actor.power().holds(BuiltIn::ViewGroup.id());
    let groups = if may_view { suggestions::groups(tx, actor, "")? } else { Vec::new() };
    let group = if group.is_empty() { None } else { suggestions::group(tx, actor, group)? };
    let groups = groups.iter().map(|group| group.name.as_str().to_owned()).collect();
    Ok(Found { users: found, group, groups })
}

/// Each by itself and all beside each other, so that they are written together. In their order: whether something changed.
async fn carry_out(
    app: &App,
    caller: &Caller,
    users: Vec<(UserId, Option<User>)>,
    action: Action,
    group: Option<GroupId>,
) -> Result<Vec<(UserId, Option<User>, directory::Result<bool>)>, Error> {
    let mut running = JoinSet::new();
    for (place, (id, user)) in users.into_iter().enumerate() {
        let (directory, caller) = (app.directory.clone(), caller.clone());
        running.spawn(async move {
            let Some(user) = user else { return (place, id, None, Err(Refusal::NotFound(Noun::User))) };
            if action.holds(&user, group) {
                return (place, id, Some(user), Ok(false));
            }
            let changes = action.changes(&user, group);
            let before = user.groups.clone();
            // A group that somebody else has given meanwhile stays.
            let still = Arc::new(move |user: &User| user.groups == before);
            let changed = Box::pin(directory.update_user(caller, id, changes, Some(still))).await;
            (place, id, Some(user), changed.map(|_| true))
        });
    }
    let mut all = Vec::new();
    while let Some(one) = running.join_next().await {
        all.push(one.map_err(|_| Error::Broken)?);
    }
    all.sort_by_key(|(place, ..)| *place);
    Ok(all.into_iter().map(|(_, id, user, result)| (id, user, result)).collect())
}
