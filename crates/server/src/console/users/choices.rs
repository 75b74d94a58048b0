//! Groups and menus to tick: those that are ticked already, then those whose names hold what was typed. All are boxes in the
//! form, so that nothing is lost without scripts; a form says which it showed, and what it did not show stays as it is.

use crate::console::form::Form;
use directory::actor::Actor;
use directory::clock::Time;
use directory::groups::{GroupRef, GroupWish};
use directory::id::{GroupId, MenuId};
use directory::menus::MenuRef;
use directory::permissions::BuiltIn;
use directory::store::Tx;
use directory::suggestions;
use directory::users::{MenusChange, User};
use std::collections::HashSet;

/// The most boxes that a user's own take: a page stays small, and the others stay as they are.
const OWN: usize = 100;

/// The boxes of one kind.
#[derive(Default)]
pub(super) struct Choices {
    pub(super) boxes: Vec<Choice>,
    /// The ids of all that are shown.
    pub(super) shown: String,
    /// Others can be looked for.
    pub(super) searchable: bool,
}

/// A box.
pub(super) struct Choice {
    pub(super) id: i64,
    pub(super) name: String,
    pub(super) ticked: bool,
    /// Its last day, as a date; empty: it goes on.
    pub(super) ends: String,
}

/// What a form has ticked, or what a user has.
#[derive(Clone, Default)]
pub(super) struct Ticked {
    groups: Vec<i64>,
    menus: Vec<i64>,
    group_search: String,
    menu_search: String,
}

impl Ticked {
    pub(super) fn of_form(form: &Form) -> Ticked {
        let ids = |name| form.all(name).filter_map(|id| id.parse().ok()).take(10_000).collect();
        let search = |name| form.text(name).chars().take(200).collect();
        Ticked {
            groups: ids("group"),
            menus: ids("menu"),
            group_search: search("group_search"),
            menu_search: search("menu_search"),
        }
    }

    pub(super) fn of_user(user: &User) -> Ticked {
        Ticked {
            groups: user.groups.iter().take(OWN).map(|own| own.group.id.0).collect(),
            menus: user.menus.iter().take(OWN).map(|own| own.id.0).collect(),
            ..Ticked::default()
        }
    }
}

/// The groups to choose from: whoever may not see groups chooses among the user's own.
pub(super) fn groups(
    tx: &mut Tx<'_>,
    actor: &Actor,
    user: Option<&User>,
    ticked: &Ticked,
) -> directory::Result<Choices> {
    let own = user.map(|user| user.groups.as_slice()).unwrap_or_default();
    let own: Vec<(i64, String)> =
        own.iter().take(OWN).map(|own| named(own.group.id.0, own.group.name.as_str())).collect();
    if !actor.power().holds(BuiltIn::ViewGroup.id()) {
        return Ok(Choices::of(own, Vec::new(), &ticked.groups, false));
    }
    let ids: Vec<GroupId> = ticked.groups.iter().copied().map(GroupId).collect();
    let chosen = suggestions::groups_of(tx, actor, &ids)?;
    let fitting = suggestions::groups(tx, actor, &ticked.group_search)?;
    let names = |groups: Vec<std::sync::Arc<directory::groups::HeldGroup>>| {
        groups.iter().map(|group| named(group.id.0, group.name.as_str())).collect()
    };
    Ok(Choices::of(names(chosen), names(fitting), &ticked.groups, true))
}

/// The menus to choose from: whoever may not see menus chooses among the user's own.
pub(super) fn menus(
    tx: &mut Tx<'_>,
    actor: &Actor,
    user: Option<&User>,
    ticked: &Ticked,
) -> directory::Result<Choices> {
    let names = |menus: &[directory::menus::HeldMenu]| -> Vec<(i64, String)> {
        menus.iter().map(|menu| named(menu.id.0, menu.name.as_str())).collect()
    };
    if !actor.power().holds(BuiltIn::ViewMenu.id()) {
        let own = user.map(|user| user.menus.as_slice()).unwrap_or_default();
        let own = own.get(..OWN).unwrap_or(own);
        return Ok(Choices::of(names(own), Vec::new(), &ticked.menus, false));
    }
    let ids: Vec<MenuId> = ticked.menus.iter().copied().map(MenuId).collect();
    let chosen = suggestions::menus_of(tx, actor, &ids)?;
    let fitting = suggestions::menus(tx, actor, &ticked.menu_search)?;
    Ok(Choices::of(names(&chosen), names(&fitting), &ticked.menus, true))
}

fn named(id: i64, name: &str) -> (i64, String) {
    (id, name.to_owned())
}

impl Choices {
    fn of(first: Vec<(i64, String)>, then: Vec<(i64, String)>, ticked: &[i64], searchable: bool) -> Choices {
        let ticked: HashSet<i64> = ticked.iter().copied().collect();
        let mut seen = HashSet::new();
        let all = first.into_iter().chain(then).filter(|(id, _)| seen.insert(*id));
        let boxes: Vec<Choice> =
            all.map(|(id, name)| Choice { ticked: ticked.contains(&id), id, name, ends: String::new() }).collect();
        let shown = boxes.iter().map(|choice| choice.id.to_string()).collect::<Vec<_>>().join(" ");
        Choices { boxes, shown, searchable }
    }

    /// With the last day of each, as the form has it.
    pub(super) fn ending(mut self, form: &Form) -> Choices {
        for choice in &mut self.boxes {
            choice.ends = form.text(&ends_of(choice.id)).to_owned();
        }
        self
    }
}

/// The field of a group's last day.
pub(super) fn ends_of(group: i64) -> String {
    format!("ends-{group}")
}

/// The last day of what ends then, in UTC, as a date field has it.
pub(super) fn last_day(end: Option<Time>) -> String {
    let last = end.map(|end| jiff::Timestamp::from(Time::from_micros(end.as_micros().saturating_sub(1))));
    last.map_or_else(String::new, |last| last.strftime("%Y-%m-%d").to_string())
}

/// The moment after a day, in UTC; `None`: it is no date.
pub(super) fn end_of_day(text: &str) -> Option<Time> {
    let day: jiff::civil::Date = text.parse().ok()?;
    let next = day.tomorrow().ok()?.at(0, 0, 0, 0);
    jiff::tz::TimeZone::UTC.to_timestamp(next).ok().map(Time::from)
}

/// The groups that a user is to be in: what the form did not show, and what is ticked. `Err`: a day that is none.
pub(super) fn wished_groups(form: &Form, user: Option<&User>) -> Result<Vec<GroupWish>, ()> {
    let held = user.map(|user| user.groups.as_slice()).unwrap_or_default();
    let shown: HashSet<&str> = form.text("group_shown").split(' ').collect();
    let unseen = held.iter().filter(|own| !shown.contains(own.group.id.to_string().as_str()));
    let mut wishes: Vec<GroupWish> = unseen.map(|own| wish(&own.group.id.to_string(), None)).collect();
    for id in form.all("group") {
        let (before, now) = (held.iter().find(|own| own.group.id.to_string() == id), form.text(&format!("ends-{id}")));
        let ends = match before {
            Some(own) if last_day(own.expires_at) == now => None,
            None if now.is_empty() => None,
            _ if now.is_empty() => Some(None),
            _ => Some(Some(end_of_day(now).ok_or(())?)),
        };
        wishes.push(wish(id, ends));
    }
    Ok(wishes)
}

fn wish(id: &str, ends: Option<Option<Time>>) -> GroupWish {
    GroupWish { group: GroupRef::Id(id.parse().ok().map(GroupId), id.to_owned()), ends }
}

/// The menus that a user is to have, likewise.
pub(super) fn wished_menus(form: &Form, user: Option<&User>) -> MenusChange {
    let held = user.map(|user| user.menus.as_slice()).unwrap_or_default();
    let shown: HashSet<&str> = form.text("menu_shown").split(' ').collect();
    let unseen = held.iter().map(|own| own.id.to_string()).filter(|id| !shown.contains(id.as_str()));
    let all = form.all("menu").map(str::to_owned).chain(unseen);
    let named = all.map(|id| MenuRef::Id(id.parse().ok().map(MenuId), id)).collect();
    MenusChange { replace: Some(named), ..MenusChange::default() }
}
