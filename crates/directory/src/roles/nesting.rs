//! Groups within groups: which groups a group's members are in, and what must not be. Knows nothing of permissions.

use super::GroupParts;
use crate::error::Conflict;
use crate::id::GroupId;
use std::collections::{BTreeSet, HashMap, HashSet};

/// The most groups on a way from a group to one that it is within, both counted.
pub(crate) const DEEPEST: usize = 16;

/// For each group, the groups that it is directly within.
pub(super) struct Nesting {
    within: HashMap<GroupId, Vec<GroupId>>,
}

impl Nesting {
    pub(super) fn new(groups: &[GroupParts]) -> Nesting {
        let mut within: HashMap<GroupId, Vec<GroupId>> = HashMap::new();
        for group in groups {
            for contained in &group.contains {
                within.entry(*contained).or_default().push(group.id);
            }
        }
        Nesting { within }
    }

    /// The groups that a group is directly within, in order.
    pub(super) fn directly(&self, id: GroupId) -> &[GroupId] {
        self.within.get(&id).map_or(&[], Vec::as_slice)
    }

    /// The groups that its members are in, itself among them, in order. Ends on a cycle too.
    pub(super) fn above(&self, id: GroupId) -> Vec<GroupId> {
        let mut above = BTreeSet::from([id]);
        let mut next = vec![id];
        while let Some(id) = next.pop() {
            next.extend(self.directly(id).iter().copied().filter(|outer| above.insert(*outer)));
        }
        above.into_iter().collect()
    }

    /// A group within itself, or groups that are nested too deep.
    pub(super) fn fault(&self, groups: &[GroupParts]) -> Option<Conflict> {
        let mut sound = HashMap::new();
        let mut way = Vec::new();
        // Only a group that is within another can be on a cycle or at the bottom.
        let mut bottoms: Vec<GroupId> = self.within.keys().copied().collect();
        bottoms.sort_unstable();
        for id in bottoms {
            if let Err(fault) = self.climb(id, &mut way, &mut sound) {
                return Some(fault.told(groups));
            }
        }
        None
    }

    /// How many groups stand on the longest way up from here, itself counted. `way` are those that led here, `sound` those
    /// that are known already. Goes no deeper than ways may be, so that no nesting can exhaust the stack.
    fn climb(&self, id: GroupId, way: &mut Vec<GroupId>, sound: &mut HashMap<GroupId, usize>) -> Result<usize, Fault> {
        if let Some(height) = sound.get(&id) {
            return if way.len() + height > DEEPEST { Err(self.fault_of(way, id)) } else { Ok(*height) };
        }
        if way.contains(&id) || way.len() == DEEPEST {
            return Err(self.fault_of(way, id));
        }
        way.push(id);
        let mut height = 1;
        for outer in self.directly(id) {
            height = height.max(1 + self.climb(*outer, way, sound)?);
        }
        way.pop();
        sound.insert(id, height);
        Ok(height)
    }

    /// A way that came back to where it was, or one that is only too long, unless that goes on into a cycle.
    fn fault_of(&self, way: &[GroupId], id: GroupId) -> Fault {
        if let Some(place) = way.iter().position(|known| *known == id) {
            return Fault::Cycle(way[place..].to_vec());
        }
        match self.cycle_from(id) {
            Some(cycle) => Fault::Cycle(cycle),
            None => Fault::TooDeep,
        }
    }

    /// A cycle that can be reached from here.
    fn cycle_from(&self, start: GroupId) -> Option<Vec<GroupId>> {
        let mut done = HashSet::new();
        let mut way: Vec<(GroupId, usize)> = vec![(start, 0)];
        while let Some((id, tried)) = way.last_mut() {
            let Some(outer) = self.directly(*id).get(*tried).copied() else {
                done.insert(*id);
                way.pop();
                continue;
            };
            *tried += 1;
            if let Some(place) = way.iter().position(|(known, _)| *known == outer) {
                return Some(way[place..].iter().map(|(id, _)| *id).collect());
            }
            if !done.contains(&outer) {
                way.push((outer, 0));
            }
        }
        None
    }
}

enum Fault {
    /// Each is within the next, the last within the first.
    Cycle(Vec<GroupId>),
    TooDeep,
}

impl Fault {
    fn told(self, groups: &[GroupParts]) -> Conflict {
        let Fault::Cycle(mut cycle) = self else { return Conflict::TooDeep };
        // Told from the outside in: what contains what.
        cycle.reverse();
        cycle.extend(cycle.first().copied());
        let name = |id: &GroupId| match groups.iter().find(|group| group.id == *id) {
            Some(group) => format!("\"{}\" ({id})", group.name.as_str()),
            None => id.to_string(),
        };
        Conflict::Cycle(cycle.iter().map(name).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::Name;

    /// Groups 1, 2, … with the groups that each contains.
    fn groups(contains: &[&[i64]]) -> Vec<GroupParts> {
        (1..)
            .zip(contains)
            .map(|(id, contains)| GroupParts {
                second_factor: false,
                id: GroupId(id),
                name: Name::from_stored(format!("g{id}")),
                permissions: Vec::new(),
                contains: contains.iter().copied().map(GroupId).collect(),
                menus: Vec::new(),
            })
            .collect()
    }

    fn fault(groups: &[GroupParts]) -> Option<Conflict> {
        Nesting::new(groups).fault(groups)
    }

    #[test]
    fn members_of_a_contained_group_are_in_all_groups_around_it() {
        let groups = groups(&[&[2], &[3], &[], &[3]]);
        let above = |id| Nesting::new(&groups).above(GroupId(id)).iter().map(|id| id.0).collect::<Vec<_>>();
        assert_eq!((above(1), above(2), above(3), above(4)), (vec![1], vec![1, 2], vec![1, 2, 3, 4], vec![4]));
        assert_eq!(fault(&groups), None);
    }

    #[test]
    fn a_cycle_is_shown() {
        let told = |names: [&str; 4]| Some(Conflict::Cycle(names.map(str::to_owned).to_vec()));
        let expected = told(["\"g2\" (2)", "\"g3\" (3)", "\"g1\" (1)", "\"g2\" (2)"]);
        assert_eq!(fault(&groups(&[&[2], &[3], &[1]])), expected);
        let Some(Conflict::Cycle(own)) = fault(&groups(&[&[1]])) else { panic!("a cycle") };
        assert_eq!(own, ["\"g1\" (1)", "\"g1\" (1)"]);
    }

    #[test]
    fn sixteen_deep_is_deep_enough() {
        let chain = |length: i64| {
            let contains: Vec<Vec<i64>> =
                (1..=length).map(|id| if id < length { vec![id + 1] } else { vec![] }).collect();
            groups(&contains.iter().map(Vec::as_slice).collect::<Vec<_>>())
        };
        assert_eq!(fault(&chain(16)), None);
        assert_eq!(fault(&chain(17)), Some(Conflict::TooDeep));
        assert_eq!(fault(&chain(10_000)), Some(Conflict::TooDeep));
    }

    #[test]
    fn many_ways_up_are_walked_once() {
        // Each of a layer contains all of the next: 12^15 ways.
        let layers: Vec<Vec<i64>> = (0..16 * 12)
            .map(|n: i64| if n / 12 < 15 { ((n / 12 + 1) * 12 + 1..=(n / 12 + 2) * 12).collect() } else { vec![] })
            .collect();
        assert_eq!(fault(&groups(&layers.iter().map(Vec::as_slice).collect::<Vec<_>>())), None);
    }
}
