//! Which items of a menu's tree a page shows: all of a small one, a part of a large one, so that a page stays a page. Knows nothing of
//! how they are drawn.

use super::draft::{Draft, Item, Place};
use std::collections::BTreeSet;

/// The most items that are shown all at once; of a larger menu, what is below an item is shown where that is open.
const WHOLE: usize = 100;
/// As many of a larger menu's first level are shown, and as many below the open one.
const PART: usize = 50;

/// An item as a row of the page.
pub(super) struct Row<'a> {
    pub(super) place: Place,
    pub(super) item: &'a Item,
    pub(super) open: bool,
    /// Its permission is not there, so nobody sees it.
    pub(super) hidden: bool,
    pub(super) below: Vec<Row<'a>>,
    /// How many there are below that are not shown, because it is not open.
    pub(super) folded: usize,
    /// What the buttons for those below before and after say.
    pub(super) around: [Option<String>; 2],
}

/// The rows, and what the buttons for those before and after say.
pub(super) struct Rows<'a> {
    pub(super) all: Vec<Row<'a>>,
    pub(super) around: [Option<String>; 2],
}

impl<'a> Rows<'a> {
    /// Of a draft; `known` are the permissions that are there, as far as whoever looks may know.
    pub(super) fn of(draft: &'a Draft, known: Option<&BTreeSet<String>>) -> Rows<'a> {
        let row = |place: Place, item: &'a Item| Row {
            place,
            item,
            open: draft.open == Some(place),
            hidden: known.is_some_and(|known| !item.permission.is_empty() && !known.contains(&item.permission)),
            below: Vec::new(),
            folded: 0,
            around: [None, None],
        };
        let whole = draft.items.iter().map(|item| 1 + item.items.len()).sum::<usize>() <= WHOLE;
        let (begin, end) = part(draft.open.map_or(draft.from, |open| open.top), draft.items.len(), whole);
        let tops = draft.items.iter().enumerate().take(end).skip(begin).map(|(top, item)| {
            let open = draft.open.filter(|open| open.top == top);
            let own = row(Place { top, below: None }, item);
            if !whole && open.is_none() {
                return Row { folded: item.items.len(), ..own };
            }
            let (begin, end) = part(open.and_then(|open| open.below).unwrap_or(0), item.items.len(), whole);
            let below = item.items.iter().enumerate().take(end).skip(begin);
            let below = below.map(|(below, item)| row(Place { top, below: Some(below) }, item)).collect();
            let to = |below: usize| format!("open.{}", Place { top, below: Some(below) });
            Row { below, around: around(begin, end, item.items.len(), to), ..own }
        });
        Rows { all: tops.collect(), around: around(begin, end, draft.items.len(), |from| format!("from.{from}")) }
    }
}

/// Where the part begins and ends that this one is in.
fn part(at: usize, all: usize, whole: bool) -> (usize, usize) {
    if whole {
        return (0, all);
    }
    let begin = at.min(all.saturating_sub(1)) / PART * PART;
    (begin, (begin + PART).min(all))
}

fn around(begin: usize, end: usize, all: usize, to: impl Fn(usize) -> String) -> [Option<String>; 2] {
    [(begin > 0).then(|| to(begin.saturating_sub(PART))), (end < all).then(|| to(end))]
}

/// Keeps the first of these items and of those below them, as many as are `left`; how many are not kept.
pub(super) fn cut(items: &mut Vec<Item>, left: &mut usize) -> usize {
    let count = |items: &[Item]| items.iter().map(|item| 1 + item.items.len()).sum::<usize>();
    let all = count(items);
    let mut kept = 0;
    for item in items.iter_mut() {
        let Some(rest) = left.checked_sub(1) else { break };
        *left = rest;
        item.items.truncate(*left);
        *left -= item.items.len();
        kept += 1;
    }
    items.truncate(kept);
    all - count(items)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn menu(tops: usize, below: usize) -> Draft {
        let top = Item { items: vec![Item::default(); below], ..Item::default() };
        Draft { items: vec![top; tops], ..Draft::default() }
    }

    fn shown(draft: &Draft) -> (usize, usize, usize) {
        let rows = Rows::of(draft, None);
        (rows.all[0].place.top, rows.all.len(), rows.all.iter().map(|row| row.below.len()).sum())
    }

    #[test]
    fn a_small_menu_is_shown_whole_and_a_large_one_in_parts() {
        assert_eq!(shown(&menu(10, 9)), (0, 10, 90));
        assert_eq!(shown(&menu(10, 99)), (0, 10, 0));
        let large = menu(120, 7);
        assert_eq!(shown(&large), (0, 50, 0));
        assert_eq!(Rows::of(&large, None).around, [None, Some("from.50".to_owned())]);
        assert_eq!(shown(&Draft { from: 119, ..large.clone() }), (100, 20, 0));
        assert_eq!(shown(&Draft { from: 9999, ..large.clone() }), (100, 20, 0));
        let open = Place { top: 60, below: Some(3) };
        assert_eq!(shown(&Draft { open: Some(open), ..large }), (50, 50, 7));
    }

    #[test]
    fn below_an_open_item_there_are_parts_too() {
        let open = Some(Place { top: 1, below: Some(60) });
        let large = Draft { open, ..menu(2, 180) };
        let rows = Rows::of(&large, None);
        assert_eq!((rows.all[0].folded, rows.all[0].below.len(), rows.all[1].below.len()), (180, 0, 50));
        assert_eq!(rows.all[1].around, [Some("open.1-0".to_owned()), Some("open.1-100".to_owned())]);
    }

    #[test]
    fn the_first_items_are_kept() {
        let mut items = menu(3, 4).items;
        let mut left = 7;
        assert_eq!((cut(&mut items, &mut left), items.len(), left), (8, 2, 0));
        assert_eq!(items[1].items.len(), 1);
    }
}
