//! A menu's tree while it is edited: as it was typed, good or not, with what each button does to it. It travels in the form, so that
//! nothing is saved before somebody says so. Knows no page.

use super::carried;
use crate::console::words::MenusWords;
use directory::error::Refusal;
use directory::menus::{MOST_ITEMS, Menu, MenuItem};
use directory::text::{Codename, Href, Name, ShortName};

/// An item as it was typed.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(default)]
pub(super) struct Item {
    pub(super) name: String,
    pub(super) label: String,
    pub(super) href: String,
    pub(super) icon: String,
    pub(super) permission: String,
    pub(super) items: Vec<Item>,
}

/// Where an item stands: its place, and its place below that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) top: usize,
    pub(super) below: Option<usize>,
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.below {
            Some(below) => write!(f, "{}-{below}", self.top),
            None => write!(f, "{}", self.top),
        }
    }
}

impl Place {
    pub(super) fn parse(text: &str) -> Option<Place> {
        let (top, below) = text.split_once('-').map_or((text, None), |(top, below)| (top, Some(below)));
        Some(Place { top: top.parse().ok()?, below: below.map(str::parse).transpose().ok()? })
    }
}

/// An item that cannot be so, and the sentence for each of its fields.
pub(super) type Wrong = (Place, Vec<(&'static str, &'static str)>);

/// The tree, the item that is open, and from which item of the first level on it is shown where it is a large one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Draft {
    pub(super) items: Vec<Item>,
    pub(super) open: Option<Place>,
    pub(super) from: usize,
}

impl Draft {
    /// Of a menu as it is saved.
    pub(super) fn of(menu: &Menu) -> Draft {
        fn item(saved: &MenuItem) -> Item {
            Item {
                name: saved.name.as_str().to_owned(),
                label: saved.label.as_str().to_owned(),
                href: saved.href.as_ref().map_or("", Href::as_str).to_owned(),
                icon: saved.icon.as_ref().map_or("", ShortName::as_str).to_owned(),
                permission: saved.permission.as_ref().map_or("", Codename::as_str).to_owned(),
                items: saved.items.iter().map(item).collect(),
            }
        }
        Draft { items: menu.items.iter().map(item).collect(), ..Draft::default() }
    }

    /// Out of a form; `None`: no page of ours sends that.
    pub(super) fn read(tree: &str, open: &str) -> Option<Draft> {
        let items = carried::unpack(tree)?;
        let flat = items.iter().flat_map(|item| &item.items).all(|below| below.items.is_empty());
        // One more, so that the directory says what is wrong.
        let few = items.iter().map(|item| 1 + item.items.len()).sum::<usize>() <= MOST_ITEMS + 1;
        let draft = Draft { items, ..Draft::default() };
        let open = Place::parse(open).filter(|place| draft.item(*place).is_some());
        (flat && few).then_some(Draft { open, ..draft })
    }

    /// As a form has it.
    pub(super) fn tree(&self) -> String {
        carried::pack(&self.items)
    }

    pub(super) fn item(&self, place: Place) -> Option<&Item> {
        let top = self.items.get(place.top)?;
        place.below.map_or(Some(top), |below| top.items.get(below))
    }

    pub(super) fn item_mut(&mut self, place: Place) -> Option<&mut Item> {
        let top = self.items.get_mut(place.top)?;
        match place.below {
            Some(below) => top.items.get_mut(below),
            None => Some(top),
        }
    }

    /// Those that stand beside an item, itself among them, and its place there.
    fn siblings(&mut self, place: Place) -> Option<(&mut Vec<Item>, usize)> {
        match place.below {
            Some(below) => Some((&mut self.items.get_mut(place.top)?.items, below)),
            None => Some((&mut self.items, place.top)),
        }
    }

    /// Does what a button says; what cannot be done is not. `None`: no button of ours says that.
    pub(super) fn act(&mut self, action: &str) -> Option<()> {
        let (verb, rest) = action.split_once('.').unwrap_or((action, ""));
        match (verb, self.open) {
            ("open", _) => self.open = Place::parse(rest).filter(|place| self.item(*place).is_some()),
            ("close", _) => self.open = None,
            ("from", _) => (self.from, self.open) = (rest.parse().ok()?, None),
            ("add", open) => {
                let at = open.map_or(self.items.len(), |open| open.top + 1).min(self.items.len());
                self.items.insert(at, Item::default());
                self.open = Some(Place { top: at, below: None });
            }
            ("below", Some(Place { top, .. })) => {
                let item = self.items.get_mut(top)?;
                item.items.push(Item::default());
                self.open = Some(Place { top, below: Some(item.items.len() - 1) });
            }
            ("up", Some(open)) => self.swap(open, -1)?,
            ("down", Some(open)) => self.swap(open, 1)?,
            ("in", Some(open)) if self.can_go_in(&open) => {
                let item = self.take(open)?;
                let above = self.items.get_mut(open.top - 1)?;
                above.items.push(item);
                self.open = Some(Place { top: open.top - 1, below: Some(above.items.len() - 1) });
            }
            ("out", Some(open @ Place { top, below: Some(_) })) => {
                let item = self.take(open)?;
                self.items.insert(top + 1, item);
                self.open = Some(Place { top: top + 1, below: None });
            }
            ("remove", Some(open)) => drop(self.take(open)?),
            ("place", _) => self.place(rest)?,
            ("below" | "up" | "down" | "in" | "out" | "remove", _) => {}
            _ => return None,
        }
        Some(())
    }

    pub(super) fn can_go_up(&self, place: &Place) -> bool {
        place.below.unwrap_or(place.top) > 0
    }

    pub(super) fn can_go_down(&self, place: &Place) -> bool {
        match place.below {
            Some(below) => self.items.get(place.top).is_some_and(|item| below + 1 < item.items.len()),
            None => place.top + 1 < self.items.len(),
        }
    }

    /// Below the one before it: there are two levels.
    pub(super) fn can_go_in(&self, place: &Place) -> bool {
        place.below.is_none() && place.top > 0 && self.item(*place).is_some_and(|item| item.items.is_empty())
    }

    fn swap(&mut self, open: Place, by: isize) -> Option<()> {
        let (siblings, at) = self.siblings(open)?;
        let Some(other) = at.checked_add_signed(by).filter(|other| *other < siblings.len()) else { return Some(()) };
        siblings.swap(at, other);
        self.open = Some(match open.below {
            Some(_) => Place { below: Some(other), ..open },
            None => Place { top: other, below: None },
        });
        Some(())
    }

    /// Takes an item out of the tree.
    fn take(&mut self, place: Place) -> Option<Item> {
        self.open = None;
        let (siblings, at) = self.siblings(place)?;
        (at < siblings.len()).then(|| siblings.remove(at))
    }

    /// `<from>.<before, after or into>.<to>`: where somebody dropped an item.
    fn place(&mut self, rest: &str) -> Option<()> {
        let mut parts = rest.split('.');
        let from = Place::parse(parts.next()?)?;
        let (how, mut to) = (parts.next()?, Place::parse(parts.next()?)?);
        let leads = self.item(from)?.items.is_empty();
        self.item(to)?;
        let within_itself = from.below.is_none() && from.top == to.top;
        let second = how == "into" || to.below.is_some();
        if from == to || within_itself || (second && !leads) || (how == "into" && to.below.is_some()) {
            return Some(());
        }
        let item = self.take(from)?;
        // Those behind it moved up.
        match from.below {
            None if from.top < to.top => to.top -= 1,
            Some(below) if from.top == to.top => to.below = to.below.map(|at| if below < at { at - 1 } else { at }),
            _ => {}
        }
        let landed = match (how, to.below) {
            ("into", _) => {
                let top = self.items.get_mut(to.top)?;
                top.items.push(item);
                Place { top: to.top, below: Some(top.items.len() - 1) }
            }
            ("before" | "after", _) => {
                let (siblings, at) = self.siblings(to)?;
                let at = if how == "after" { at + 1 } else { at };
                siblings.insert(at.min(siblings.len()), item);
                match to.below {
                    Some(_) => Place { below: Some(at), ..to },
                    None => Place { top: at, below: None },
                }
            }
            _ => return None,
        };
        self.open = Some(landed);
        Some(())
    }

    /// The items as they are to be; or the first that is wrong, with what is wrong with each of its fields.
    pub(super) fn parse(&self, words: &MenusWords) -> Result<Vec<MenuItem>, Wrong> {
        let one = |item: &Item, place: Place| -> Result<MenuItem, Wrong> {
            let mut wrong = Vec::new();
            let name = Name::parse(&item.name).map_err(|_| wrong.push(("item_name", words.name_wrong)));
            let label = ShortName::parse(&item.label).map_err(|_| wrong.push(("item_label", words.label_wrong)));
            let href = unless_empty(&item.href, Href::parse).map_err(|_| wrong.push(("item_href", words.href_wrong)));
            let icon =
                unless_empty(&item.icon, ShortName::parse).map_err(|_| wrong.push(("item_icon", words.label_wrong)));
            let permission = unless_empty(&item.permission, Codename::parse);
            let permission = permission.map_err(|_| wrong.push(("item_permission", words.permission_wrong)));
            match (name, label, href, icon, permission) {
                (Ok(name), Ok(label), Ok(href), Ok(icon), Ok(permission)) => {
                    Ok(MenuItem { name, label, href, icon, permission, items: Vec::new() })
                }
                _ => Err((place, wrong)),
            }
        };
        let mut items = Vec::with_capacity(self.items.len());
        for (top, item) in self.items.iter().enumerate() {
            let mut parsed = one(item, Place { top, below: None })?;
            for (below, inner) in item.items.iter().enumerate() {
                parsed.items.push(one(inner, Place { top, below: Some(below) })?);
            }
            items.push(parsed);
        }
        Ok(items)
    }
}

fn unless_empty<T>(text: &str, parse: impl FnOnce(&str) -> Result<T, Refusal>) -> Result<Option<T>, Refusal> {
    match text.trim() {
        "" => Ok(None),
        text => parse(text).map(Some),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    /// `a(b,c) d` as its names.
    fn draft(open: &str) -> Draft {
        let tree = r#"[{"name":"a","items":[{"name":"b"},{"name":"c"}]},{"name":"d"},{"name":"e"}]"#;
        Draft::read(tree, open).unwrap()
    }

    fn shape(draft: &Draft) -> String {
        let one = |item: &Item| {
            let below: String = item.items.iter().map(|below| below.name.as_str()).collect();
            if below.is_empty() { item.name.clone() } else { format!("{}({below})", item.name) }
        };
        draft.items.iter().map(one).collect::<Vec<_>>().join(" ")
    }

    fn after(open: &str, action: &str) -> (String, String) {
        let mut draft = draft(open);
        draft.act(action).unwrap();
        (shape(&draft), draft.open.map(|place| place.to_string()).unwrap_or_default())
    }

    #[test]
    fn buttons_move_the_open_item_and_it_stays_open() {
        for (open, action, shape, now) in [
            ("1", "up", "d a(bc) e", "0"),
            ("0", "up", "a(bc) d e", "0"),
            ("0", "down", "d a(bc) e", "1"),
            ("0-0", "down", "a(cb) d e", "0-1"),
            ("0-1", "down", "a(bc) d e", "0-1"),
            ("1", "in", "a(bcd) e", "0-2"),
            ("2", "in", "a(bc) d(e)", "1-0"),
            ("0", "in", "a(bc) d e", "0"),
            ("0-0", "in", "a(bc) d e", "0-0"),
            ("0-0", "out", "a(c) b d e", "1"),
            ("1", "out", "a(bc) d e", "1"),
            ("0", "remove", "d e", ""),
            ("0-1", "remove", "a(b) d e", ""),
            ("", "up", "a(bc) d e", ""),
            ("", "open.2", "a(bc) d e", "2"),
            ("", "open.9", "a(bc) d e", ""),
            ("1", "close", "a(bc) d e", ""),
            ("", "add", "a(bc) d e ", "3"),
            ("0-1", "add", "a(bc)  d e", "1"),
            ("0-1", "below", "a(bc) d e", "0-2"),
        ] {
            assert_eq!(after(open, action), (shape.to_owned(), now.to_owned()), "{open} {action}");
        }
    }

    #[test]
    fn what_is_dropped_lands_where_it_was_dropped() {
        for (action, shape, now) in [
            ("place.2.before.0", "e a(bc) d", "0"),
            ("place.0.after.2", "d e a(bc)", "2"),
            ("place.2.into.1", "a(bc) d(e)", "1-0"),
            ("place.2.before.0-1", "a(bec) d", "0-1"),
            ("place.0-0.after.0-1", "a(cb) d e", "0-1"),
            ("place.0-1.before.0-0", "a(cb) d e", "0-0"),
            ("place.0-0.before.2", "a(c) d b e", "2"),
            ("place.1.into.0", "a(bcd) e", "0-2"),
            // An item with others below it stays on the first level, and nothing goes into itself.
            ("place.0.into.1", "a(bc) d e", ""),
            ("place.0.before.0-1", "a(bc) d e", ""),
            ("place.1.into.0-0", "a(bc) d e", ""),
            ("place.1.after.1", "a(bc) d e", ""),
        ] {
            assert_eq!(after("", action), (shape.to_owned(), now.to_owned()), "{action}");
        }
    }

    #[test]
    fn what_no_page_sends_is_not_read() {
        for tree in ["", "{}", "[1]", r#"[{"items":[{"items":[{}]}]}]"#] {
            assert!(Draft::read(tree, "").is_none(), "{tree}");
        }
        for action in
            ["", "fly", "place", "place.0", "place.0.over.1", "place.9.into.0", "place.0.into.9", "place.x.into.0"]
        {
            assert!(draft("0").act(action).is_none(), "{action}");
        }
        assert_eq!(draft("9").open, None);
        assert_eq!(draft("x").open, None);
    }
}
