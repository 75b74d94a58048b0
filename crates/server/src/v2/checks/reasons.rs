//! How the reasons of a check look.

use crate::v2::wire::time;
use directory::checks::{Explanation, Lacking, Path, Step, Within};
use directory::groups::Given;

/// Why, or why not: one of the two lists is empty.
#[derive(serde::Serialize, utoipa::ToSchema)]
#[schema(as = v2::Explanation)]
pub(in crate::v2) struct ExplanationAnswer<'a> {
    /// Each way by which the permission comes to the user, at most 100.
    because: Vec<PathAnswer<'a>>,
    /// All that stands in the way.
    missing: Vec<LackingAnswer<'a>>,
}

/// One way.
#[derive(serde::Serialize, utoipa::ToSchema)]
#[schema(as = v2::Path)]
pub(in crate::v2) struct PathAnswer<'a> {
    /// `operator`, `administrator` or `groups`.
    through: &'static str,
    /// Since when it is an administrator, or since when the last group confers the permission. Empty: from before this was
    /// noted.
    since: String,
    /// A user's id. Empty: by the command line, or from before this was noted.
    given_by: String,
    /// The group that the user is in itself, then each that this one is within, up to the one that confers the permission.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    groups: Vec<StepAnswer<'a>>,
}

/// A group on a way.
#[derive(serde::Serialize, utoipa::ToSchema)]
#[schema(as = v2::PathStep)]
struct StepAnswer<'a> {
    id: i64,
    name: &'a str,
    /// Since when the user, or the group before, is in it. Empty: from before this was noted.
    since: String,
    /// A user's id. Empty: by the command line, or from before this was noted.
    given_by: String,
    /// When the membership ends, if it does.
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_at: Option<String>,
}

/// What stands in the way.
#[derive(serde::Serialize, utoipa::ToSchema)]
#[schema(as = v2::Missing)]
struct LackingAnswer<'a> {
    /// `inactive`, `pending`, `token_ceiling`, `group` or `user`.
    what: &'static str,
    /// Groups that would confer the permission, at most 100; for holders of view_group.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    groups: Vec<WayAnswer<'a>>,
}

/// A group that would do.
#[derive(serde::Serialize, utoipa::ToSchema)]
#[schema(as = v2::Way)]
struct WayAnswer<'a> {
    id: i64,
    name: &'a str,
}

impl<'a> From<&'a Explanation> for ExplanationAnswer<'a> {
    fn from(explanation: &'a Explanation) -> ExplanationAnswer<'a> {
        match explanation {
            Explanation::Because(paths) => {
                ExplanationAnswer { because: paths.iter().map(path).collect(), missing: Vec::new() }
            }
            Explanation::Missing(missing) => {
                ExplanationAnswer { because: Vec::new(), missing: missing.iter().map(lacking).collect() }
            }
        }
    }
}

impl<'a> From<&'a Path> for PathAnswer<'a> {
    fn from(way: &'a Path) -> PathAnswer<'a> {
        path(way)
    }
}

fn path(path: &Path) -> PathAnswer<'_> {
    let (through, given, groups) = match path {
        Path::Operator => ("operator", Given { since: None, by: None }, Vec::new()),
        Path::Administrator(since) => ("administrator", *since, Vec::new()),
        Path::Groups { steps, conferred } => ("groups", *conferred, steps.iter().map(step).collect()),
    };
    let (since, given_by) = spelled(given);
    PathAnswer { through, since, given_by, groups }
}

fn step(Step { group, within, given }: &Step) -> StepAnswer<'_> {
    let ends = match within {
        Within::Member(end) => *end,
        Within::Contained => None,
    };
    let (since, given_by) = spelled(*given);
    StepAnswer { id: group.id.0, name: group.name.as_str(), since, given_by, expires_at: ends.map(time) }
}

fn spelled(Given { since, by }: Given) -> (String, String) {
    (since.map_or_else(String::new, time), by.map_or_else(String::new, |user| user.to_string()))
}

fn lacking(lacking: &Lacking) -> LackingAnswer<'_> {
    let plain = |what| LackingAnswer { what, groups: Vec::new() };
    match lacking {
        Lacking::Active => plain("inactive"),
        Lacking::Accepted => plain("pending"),
        Lacking::Ceiling => plain("token_ceiling"),
        Lacking::User => plain("user"),
        Lacking::Group(groups) => LackingAnswer {
            what: "group",
            groups: groups.iter().map(|group| WayAnswer { id: group.id.0, name: group.name.as_str() }).collect(),
        },
    }
}
