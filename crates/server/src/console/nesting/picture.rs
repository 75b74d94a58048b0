//! Where to draw groups and the lines between them: outer ones on the left, each further right than all that contain it. Lengths are
//! in pixels. Knows nothing of how they are drawn.

use directory::groups::Nested;
use directory::id::GroupId;
use std::collections::HashMap;

const WIDTH: usize = 176;
const HEIGHT: usize = 36;
const GAP: usize = 56;
const LINE: usize = 52;
/// Letters of a name that fit into a box.
const LETTERS: usize = 20;

/// Boxes and lines.
pub(super) struct Picture {
    pub(super) boxes: Vec<Place>,
    pub(super) lines: Vec<String>,
    pub(super) width: usize,
    pub(super) height: usize,
}

/// A box.
pub(super) struct Place {
    pub(super) x: usize,
    pub(super) y: usize,
    /// The name, or its beginning.
    pub(super) text: String,
}

impl Place {
    pub(super) const WIDTH: usize = WIDTH;
    pub(super) const HEIGHT: usize = HEIGHT;
}

impl Picture {
    /// Of these groups, of which none is within itself.
    pub(super) fn of(groups: &[Nested]) -> Picture {
        let depths = depths(groups);
        let mut filled: Vec<usize> = Vec::new();
        let mut places: HashMap<GroupId, (usize, usize)> = HashMap::new();
        let mut boxes = Vec::new();
        // Column by column, each group near those that contain it.
        let mut order: Vec<&Nested> = groups.iter().collect();
        order.sort_by_key(|group| (depths.get(&group.id).copied().unwrap_or(0), group.name.folded()));
        let deepest = depths.values().copied().max().unwrap_or(0);
        for depth in 0..=deepest {
            let mut column: Vec<&Nested> =
                order.iter().copied().filter(|group| depths.get(&group.id) == Some(&depth)).collect();
            column.sort_by_key(|group| {
                let rows = group.within.iter().filter_map(|outer| places.get(outer)).map(|place| place.1);
                let (sum, count) = rows.fold((0_usize, 0), |(sum, count), row| (sum + row, count + 1));
                sum.checked_div(count).unwrap_or(0)
            });
            filled.push(column.len());
            for (row, group) in column.into_iter().enumerate() {
                let (x, y) = (depth * (WIDTH + GAP) + 1, row * LINE + 1);
                places.insert(group.id, (x, y));
                boxes.push(Place { x, y, text: short(group.name.as_str()) });
            }
        }
        let lines = groups.iter().flat_map(|inner| inner.within.iter().map(move |outer| (inner.id, *outer)));
        let lines = lines.filter_map(|(inner, outer)| Some(line(*places.get(&outer)?, *places.get(&inner)?))).collect();
        let rows = filled.iter().copied().max().unwrap_or(0);
        let width = (deepest + 1) * (WIDTH + GAP) - GAP + 2;
        Picture { boxes, lines, width, height: (rows * LINE).saturating_sub(LINE - HEIGHT) + 2 }
    }
}

/// How many groups stand on the longest way from the outside to each. Nesting is at most 16 deep and never a circle.
fn depths(groups: &[Nested]) -> HashMap<GroupId, usize> {
    let mut depths: HashMap<GroupId, usize> = groups.iter().map(|group| (group.id, 0)).collect();
    for _ in 0..16 {
        let mut settled = true;
        for group in groups {
            let outer = group.within.iter().filter_map(|outer| depths.get(outer)).map(|depth| depth + 1);
            let depth = outer.max().unwrap_or(0);
            settled &= depths.insert(group.id, depth) == Some(depth);
        }
        if settled {
            break;
        }
    }
    depths
}

/// A line from the right edge of the outer box to the left edge of the inner one.
fn line((from_x, from_y): (usize, usize), (to_x, to_y): (usize, usize)) -> String {
    let (x1, y1, x2, y2) = (from_x + WIDTH, from_y + HEIGHT / 2, to_x, to_y + HEIGHT / 2);
    let middle = (x1 + x2) / 2;
    format!("M{x1} {y1}C{middle} {y1} {middle} {y2} {x2} {y2}")
}

fn short(name: &str) -> String {
    match name.chars().count() > LETTERS {
        true => name.chars().take(LETTERS - 1).chain(['\u{2026}']).collect(),
        false => name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use directory::text::Name;

    fn group(id: i64, within: &[i64]) -> Nested {
        let name = Name::parse(&format!("group {id} with a name that is long")).unwrap();
        Nested { id: GroupId(id), name, within: within.iter().copied().map(GroupId).collect() }
    }

    #[test]
    fn what_is_contained_stands_further_right() {
        let groups = [group(1, &[2, 3]), group(2, &[3]), group(3, &[]), group(4, &[])];
        let picture = Picture::of(&groups);
        let x = |n: usize| picture.boxes[n].x;
        assert_eq!(picture.boxes.len(), 4);
        assert!(x(0) == x(1) && x(1) < x(2) && x(2) < x(3), "3 and 4 outside, 2 within, 1 innermost");
        assert_eq!(picture.lines.len(), 3);
        assert_eq!((picture.width, picture.height), (3 * WIDTH + 2 * GAP + 2, LINE + HEIGHT + 2));
        assert_eq!(picture.boxes[0].text.chars().count(), LETTERS);
    }

    #[test]
    fn nothing_is_a_small_picture() {
        let picture = Picture::of(&[]);
        assert!(picture.boxes.is_empty() && picture.lines.is_empty() && picture.height == 2);
    }
}
