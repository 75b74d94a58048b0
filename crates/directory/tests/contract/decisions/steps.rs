//! What may happen, drawn at random. Numbers stand for whatever group or user there then is.

use proptest::prelude::*;

#[derive(Clone, Copy, Debug)]
pub(super) enum Ends {
    NotSaid,
    Never,
    After { seconds: u64 },
}

#[derive(Clone, Debug)]
pub(super) struct ChangedGroup {
    pub(super) group: usize,
    pub(super) deleted: bool,
    pub(super) permissions: Option<u8>,
    pub(super) contains: Option<Vec<usize>>,
}

#[derive(Clone, Debug)]
pub(super) struct ChangedUser {
    pub(super) whom: usize,
    pub(super) groups: Option<Vec<usize>>,
    pub(super) active: Option<bool>,
    pub(super) administrator: Option<bool>,
}

#[derive(Clone, Debug)]
pub(super) enum Step {
    NewGroup { permissions: u8, contains: Vec<usize> },
    Change(ChangedGroup),
    Groups { whom: usize, groups: Vec<(usize, Ends)> },
    Join { whom: usize, group: usize, ends: Ends },
    User(ChangedUser),
    Wait { milliseconds: u64 },
    ToTheNextEnd,
    Sweep,
    WhatIf { groups: Vec<ChangedGroup>, users: Vec<ChangedUser> },
    Elsewhere,
}

/// Most of the time one of a few, so that things meet.
fn any_one() -> impl Strategy<Value = usize> {
    prop_oneof![3 => 0..3_usize, 1 => 0..64_usize]
}

fn some() -> impl Strategy<Value = Vec<usize>> {
    prop::collection::vec(any_one(), 0..=2)
}

/// A few permissions, more often few than many.
fn few() -> impl Strategy<Value = u8> {
    (any::<u8>(), any::<u8>()).prop_map(|(one, other)| one & other)
}

fn changed_group() -> impl Strategy<Value = ChangedGroup> {
    let (deleted, permissions) = (prop::bool::weighted(0.15), prop::option::of(few()));
    (any_one(), deleted, permissions, prop::option::of(some()))
        .prop_map(|(group, deleted, permissions, contains)| ChangedGroup { group, deleted, permissions, contains })
}

fn changed_user() -> impl Strategy<Value = ChangedUser> {
    let flag = || prop::option::weighted(0.4, any::<bool>());
    (any_one(), prop::option::weighted(0.4, some()), flag(), flag())
        .prop_map(|(whom, groups, active, administrator)| ChangedUser { whom, groups, active, administrator })
}

fn ends() -> impl Strategy<Value = Ends> {
    let after = (1..6_u64).prop_map(|seconds| Ends::After { seconds });
    prop_oneof![Just(Ends::NotSaid), Just(Ends::Never), after.clone(), after]
}

pub(super) fn step() -> impl Strategy<Value = Step> {
    let join = || (any_one(), any_one(), ends()).prop_map(|(whom, group, ends)| Step::Join { whom, group, ends });
    let groups = prop::collection::vec((any_one(), ends()), 0..=3);
    prop_oneof![
        2 => (few(), some()).prop_map(|(permissions, contains)| Step::NewGroup { permissions, contains }),
        5 => changed_group().prop_map(Step::Change),
        2 => (any_one(), groups).prop_map(|(whom, groups)| Step::Groups { whom, groups }),
        4 => join(),
        2 => changed_user().prop_map(Step::User),
        2 => (1..3000_u64).prop_map(|milliseconds| Step::Wait { milliseconds }),
        3 => Just(Step::ToTheNextEnd),
        2 => Just(Step::Sweep),
        3 => (prop::collection::vec(changed_group(), 0..=3), prop::collection::vec(changed_user(), 0..=2))
            .prop_map(|(groups, users)| Step::WhatIf { groups, users }),
        2 => Just(Step::Elsewhere),
    ]
}
