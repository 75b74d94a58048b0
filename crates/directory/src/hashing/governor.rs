//! Who is served next, and who must go when all places are taken. Everyone who waits stands in a lane; lanes are served in
//! turn, and within one first come is first served. Knows nothing of threads, of time, nor of what the jobs are.

use super::lane::{Lane, Network, Whose};
use std::collections::{HashMap, VecDeque};

/// One network may hold this many lanes by naming environments; whatever else it names waits in its own. Without that, a
/// stranger who makes up names would have a turn for each of them.
const MOST_NAMES: usize = 8;

/// Something that waits, and that nobody may want any more.
pub(super) trait Waits {
    /// Whoever asked has gone away.
    fn is_abandoned(&self) -> bool;
}

/// The places, and who stands where.
pub(super) struct Governor<J> {
    /// Only those in which somebody waits, so at most as many as there are places.
    lanes: HashMap<Whose, VecDeque<Place<J>>>,
    /// The lanes in the order of their turns.
    turns: VecDeque<Whose>,
    waiting: usize,
    most: usize,
}

struct Place<J> {
    job: J,
    from: Option<Network>,
}

impl<J: Waits> Governor<J> {
    /// With so many places, at least one.
    pub(super) fn new(most: usize) -> Governor<J> {
        Governor { lanes: HashMap::new(), turns: VecDeque::new(), waiting: 0, most: most.max(1) }
    }

    pub(super) fn waiting(&self) -> usize {
        self.waiting
    }

    /// Gives a job its place. The answer is who must go for it: nobody, the newest of the longest lane, or itself.
    pub(super) fn enter(&mut self, lane: Lane, job: J) -> Option<J> {
        let whose = self.lane_of(lane);
        if self.waiting >= self.most {
            self.forget_abandoned();
        }
        let mut out = None;
        if self.waiting >= self.most {
            let own = self.lanes.get(&whose).map_or(0, VecDeque::len);
            let longest =
                self.lanes.iter().max_by_key(|(_, lane)| lane.len()).map(|(whose, lane)| (*whose, lane.len()));
            match longest {
                // Only where it makes things more equal: else two lanes would push each other out without end.
                Some((longest, length)) if own + 1 < length => out = self.remove_newest(longest),
                _ => return Some(job),
            }
        }
        let places = self.lanes.entry(whose).or_default();
        if places.is_empty() {
            self.turns.push_back(whose);
        }
        places.push_back(Place { job, from: lane.from });
        self.waiting += 1;
        out
    }

    /// Whose turn it is; what nobody waits for is passed over, and takes no turn.
    pub(super) fn next(&mut self) -> Option<J> {
        while let Some(whose) = self.turns.pop_front() {
            let Some(places) = self.lanes.get_mut(&whose) else { continue };
            let before = places.len();
            let mut next = None;
            while let Some(place) = places.pop_front() {
                if !place.job.is_abandoned() {
                    next = Some(place.job);
                    break;
                }
            }
            self.waiting -= before - places.len();
            match places.is_empty() {
                true => drop(self.lanes.remove(&whose)),
                false => self.turns.push_back(whose),
            }
            if next.is_some() {
                return next;
            }
        }
        None
    }

    fn lane_of(&self, lane: Lane) -> Whose {
        let Lane { whose: Whose::Named(_), from: Some(from) } = lane else { return lane.whose };
        if self.lanes.contains_key(&lane.whose) {
            return lane.whose;
        }
        let holds = |(whose, places): (&Whose, &VecDeque<Place<J>>)| {
            matches!(whose, Whose::Named(_)) && places.iter().any(|place| place.from == Some(from))
        };
        match self.lanes.iter().filter(|lane| holds(*lane)).count() < MOST_NAMES {
            true => lane.whose,
            false => Whose::Network(from),
        }
    }

    fn remove_newest(&mut self, whose: Whose) -> Option<J> {
        let place = self.lanes.get_mut(&whose)?.pop_back()?;
        self.waiting -= 1;
        Some(place.job)
    }

    fn forget_abandoned(&mut self) {
        for places in self.lanes.values_mut() {
            places.retain(|place| !place.job.is_abandoned());
        }
        self.lanes.retain(|_, places| !places.is_empty());
        let Governor { lanes, turns, .. } = self;
        turns.retain(|whose| lanes.contains_key(whose));
        self.waiting = lanes.values().map(VecDeque::len).sum();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::actor::Origin;
    use crate::environments::EnvironmentName;
    use crate::id::EnvironmentId;

    /// A job is its number; those from 1,000 on are abandoned.
    impl Waits for u32 {
        fn is_abandoned(&self) -> bool {
            *self >= 1000
        }
    }

    fn lane(n: i64) -> Lane {
        Lane::of_environment(EnvironmentId(n))
    }

    fn named(name: &str, address: [u8; 4]) -> Lane {
        let origin = Origin { request: "".into(), address: Some(address.into()) };
        Lane::of_login(Some(&EnvironmentName::parse(name)), &origin)
    }

    fn rest(governor: &mut Governor<u32>) -> Vec<u32> {
        let rest = std::iter::from_fn(|| governor.next()).collect();
        assert_eq!((governor.waiting, governor.lanes.len(), governor.turns.len()), (0, 0, 0));
        rest
    }

    #[test]
    fn lanes_are_served_in_turn_and_each_in_order() {
        let mut governor = Governor::new(64);
        for n in 0..40 {
            assert_eq!(governor.enter(lane(1), n), None);
        }
        for (n, of) in [(100, 2), (101, 2), (200, 3)] {
            assert_eq!(governor.enter(lane(of), n), None);
        }
        let order = rest(&mut governor);
        assert_eq!(order[..7], [0, 100, 200, 1, 101, 2, 3]);
        assert_eq!(order.len(), 43);
    }

    #[test]
    fn who_comes_to_a_full_house_pushes_out_the_newest_of_the_longest_lane_unless_its_own_is_as_long() {
        let mut governor = Governor::new(6);
        for n in 0..6 {
            assert_eq!(governor.enter(lane(1), n), None);
        }
        assert_eq!(governor.enter(lane(1), 6), Some(6), "a storm pushes itself back");
        assert_eq!(governor.enter(lane(2), 100), Some(5));
        assert_eq!(governor.enter(lane(2), 101), Some(4));
        assert_eq!(governor.enter(lane(3), 200), Some(3));
        assert_eq!(governor.enter(lane(2), 102), Some(102), "it would only change places");
        assert_eq!(governor.enter(lane(1), 7), Some(7));
        assert_eq!(governor.waiting(), 6);
        assert_eq!(rest(&mut governor), [0, 100, 200, 1, 101, 2]);
    }

    #[test]
    fn what_nobody_waits_for_takes_no_turn_and_no_place() {
        let mut governor = Governor::new(4);
        for (n, of) in [(1000, 1), (1001, 1), (0, 1), (1002, 2)] {
            assert_eq!(governor.enter(lane(of), n), None);
        }
        for (n, of) in [(100, 2), (200, 3), (300, 4)] {
            assert_eq!(governor.enter(lane(of), n), None, "the abandoned made room");
        }
        assert_eq!(governor.enter(lane(5), 400), Some(400));
        assert_eq!(rest(&mut governor), [0, 100, 200, 300]);

        governor.enter(lane(1), 1000);
        governor.enter(lane(2), 1);
        assert_eq!(rest(&mut governor), [1]);
    }

    #[test]
    fn made_up_names_give_a_stranger_no_more_than_a_few_turns() {
        let mut governor = Governor::new(64);
        for n in 0..63 {
            assert_eq!(governor.enter(named(&format!("made up {n}"), [192, 0, 2, 66]), n), None);
        }
        assert_eq!(governor.lanes.len(), MOST_NAMES + 1);
        assert_eq!(governor.enter(named("pizza", [192, 0, 2, 1]), 100), None);
        assert_eq!(governor.enter(named("pizza", [192, 0, 2, 1]), 101), Some(62), "a place is found for it");
        let order = rest(&mut governor);
        assert_eq!(order.iter().position(|n| *n == 100), Some(MOST_NAMES + 1));
    }

    #[test]
    fn an_environment_that_others_wait_for_is_shared() {
        let mut governor = Governor::new(64);
        governor.enter(named("pizza", [192, 0, 2, 1]), 100);
        for n in 0..20 {
            governor.enter(named(&format!("made up {n}"), [192, 0, 2, 66]), n);
        }
        governor.enter(named("pizza", [192, 0, 2, 66]), 101);
        assert_eq!(governor.lanes.len(), MOST_NAMES + 2);
        assert_eq!(governor.lanes[&named("pizza", [0; 4]).whose].len(), 2);
    }
}
