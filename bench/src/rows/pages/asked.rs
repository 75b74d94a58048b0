//! The pages that are asked for: each route of the console with real ids in it, and the lists as people narrow and order them.

use crate::people;
use crate::server::ENVIRONMENT;

use super::furnished::Furnished;

/// Routes of the console that show a page, without `/console`.
const ROUTES: &[&str] = &[
    "",
    "/sign-in",
    "/sign-in/second-factor",
    "/password",
    "/prove",
    "/enrol",
    "/enrol/totp",
    "/kept",
    "/invitation",
    "/forgot",
    "/reset",
    "/address",
    "/environments/{environment}",
    "/environments/{environment}/account",
    "/environments/{environment}/account/security",
    "/environments/{environment}/account/sessions",
    "/environments/{environment}/account/tokens",
    "/environments/{environment}/account/permissions",
    "/environments/{environment}/users",
    "/environments/{environment}/users/new",
    "/environments/{environment}/users/suggest",
    "/environments/{environment}/users/{id}",
    "/environments/{environment}/users/{id}/edit",
    "/environments/{environment}/users/{id}/permissions",
    "/environments/{environment}/users/{id}/sessions",
    "/environments/{environment}/users/{id}/audit",
    "/environments/{environment}/audit",
    "/system/environments",
    "/system/environments/new",
    "/system/environments/{key}",
    "/environments/{environment}/service-accounts",
    "/environments/{environment}/service-accounts/new",
    "/environments/{environment}/service-accounts/{id}",
    "/environments/{environment}/webhooks",
    "/environments/{environment}/webhooks/new",
    "/environments/{environment}/webhooks/{id}",
    "/environments/{environment}/groups",
    "/environments/{environment}/groups/new",
    "/environments/{environment}/groups/{id}",
    "/environments/{environment}/groups/{id}/delete",
    "/environments/{environment}/matrix",
    "/environments/{environment}/nesting",
    "/environments/{environment}/permissions",
    "/environments/{environment}/permissions/new",
    "/environments/{environment}/permissions/{id}",
    "/environments/{environment}/permissions/{id}/delete",
    "/environments/{environment}/menus",
    "/environments/{environment}/menus/new",
    "/environments/{environment}/menus/preview",
    "/environments/{environment}/menus/{id}",
    "/environments/{environment}/menus/{id}/delete",
];

/// Whether the pages after and before it are asked for too.
pub(super) fn turns(page: &str) -> bool {
    !page.contains("/matrix")
}

/// Each with what it is called.
pub(super) fn pages(full: &Furnished) -> Vec<(String, String)> {
    let mut pages: Vec<(String, String)> = Vec::new();
    for route in ROUTES {
        for (who, id) in ids(route, full) {
            let page = route.replace("{environment}", ENVIRONMENT).replace("{key}", ENVIRONMENT).replace("{id}", &id);
            let short = route.trim_start_matches("/environments/{environment}");
            let what = if route.is_empty() { "/" } else { short };
            let what = if what.is_empty() { "home" } else { what };
            pages.push((format!("{what}{who}"), format!("/console{page}")));
        }
    }
    let here = format!("/console/environments/{ENVIRONMENT}");
    for (page, query) in narrowed(full) {
        pages.push((format!("/{page}?{query}"), format!("{here}/{page}?{query}")));
    }
    pages
}

/// What `{id}` stands for in a route, and who that is where there are several.
fn ids(route: &str, full: &Furnished) -> Vec<(&'static str, String)> {
    let noun = route.split('/').nth(3).unwrap_or_default();
    if !route.contains("{id}") {
        return vec![("", String::new())];
    }
    match noun {
        "users" => vec![
            (" (one of all)", full.person.to_string()),
            (" (in a hundred groups)", full.busy.to_string()),
            (" (administrator)", full.administrator.to_string()),
        ],
        "service-accounts" => vec![("", full.service.clone())],
        "webhooks" => vec![("", full.webhook.clone())],
        "groups" => vec![(" (of half of all)", full.team.to_string()), (" (of many groups)", full.group.to_string())],
        "permissions" => {
            vec![(" (everybody's)", full.common.to_string()), (" (a few people's)", full.permission.to_string())]
        }
        _ => vec![("", full.menu.to_string())],
    }
}

/// Lists, by the path after the environment and the query.
fn narrowed(full: &Furnished) -> Vec<(&'static str, String)> {
    let mut all = Vec::new();
    let mut users = |query: &str| all.push(("users", query.to_owned()));
    for order in ["name", "-name", "email", "-email", "since", "-since"] {
        users(&format!("order={order}"));
        users(&format!("search=person&order={order}"));
        users(&format!("search={}&order={order}", full.users / 7));
        for status in ["active", "inactive", "pending"] {
            users(&format!("status={status}&order={order}"));
        }
        for role in ["administrator", "member"] {
            users(&format!("role={role}&order={order}"));
        }
    }
    let found = ["person", "p", "7", "e", "zq", "zebra", "person+1", "1234", "per", "admin", "%25", "example.com"];
    for word in found.map(str::to_owned).iter().chain([&people::email(full.users / 5)]) {
        users(&format!("search={word}"));
    }
    for of in ["group=team-0", "group=department-299", "group=department-005", "group=nobody-s", "group=allusers"] {
        users(of);
        users(&format!("{of}&order=-since"));
        users(&format!("{of}&search=person"));
        users(&format!("{of}&search=zebra"));
        users(&format!("{of}&search=12"));
        users(&format!("{of}&status=inactive"));
        users(&format!("{of}&role=administrator"));
    }
    for of in ["permission=view_user", "permission=view_menu", "permission=approve_invoices_007", "permission=no_such"]
    {
        users(of);
        users(&format!("{of}&order=-since"));
        users(&format!("{of}&search=person"));
        users(&format!("{of}&search=zebra"));
        users(&format!("{of}&status=inactive"));
        users(&format!("{of}&role=administrator"));
    }
    users("group=team-0&permission=view_user");
    users("group=team-0&permission=approve_invoices_007");
    users("status=inactive&role=administrator");
    users("status=pending&search=person");
    users("role=administrator&search=person");
    users("role=administrator&search=p");
    let (busiest, person) = (full.administrator, full.person);
    for query in [
        format!("actor={busiest}"),
        format!("actor={person}"),
        "actor=admin%40example.com".to_owned(),
        format!("subject={person}"),
        "verb=user.created".to_owned(),
        "verb=user.".to_owned(),
        "verb=sign_in.succeeded".to_owned(),
        "verb=sign_in.failed".to_owned(),
        "from=2020-01-01T00%3A00&to=2020-02-01T00%3A00".to_owned(),
        "from=2020-01-01T00%3A00".to_owned(),
        format!("actor={busiest}&verb=user.updated"),
        format!("actor={busiest}&verb=user.deleted"),
        format!("actor={busiest}&subject={person}"),
        "system=true".to_owned(),
    ] {
        all.push(("audit", query));
    }
    for (page, query) in [
        ("users/suggest", "group=dep"),
        ("users/suggest", "permission=approve"),
        ("groups", "search=department"),
        ("groups", "search=nobody"),
        ("groups", "from=250"),
        ("permissions", "search=invoices"),
        ("permissions", "search=nobody"),
        ("menus", "search=menu"),
        ("menus", "from=50"),
        ("matrix", "group=department&permission=approve"),
        ("matrix", "groups_from=200&permissions_from=200"),
        ("menus/preview", "search=person"),
        ("menus/preview", "search=zebra"),
    ] {
        all.push((page, query.to_owned()));
    }
    all.push(("menus/preview", format!("user={person}")));
    all.push(("menus/preview", format!("user={busiest}")));
    for day in ["2020-01-01", "2099-01-01"] {
        all.push(("permissions/1", format!("on={day}")));
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The table of routes, as the server has it.
    const TABLE: &str = include_str!("../../../../crates/server/src/console.rs");

    #[test]
    fn every_page_of_the_console_is_asked_for() {
        let rows = TABLE.lines().filter(|line| line.contains("=> get "));
        let paths = rows.filter_map(|line| line.split('"').nth(1));
        // Neither is a page: what pages load, and a download of any length.
        let mut paths: Vec<&str> =
            paths.filter(|path| *path != "/assets/{name}" && !path.ends_with("/audit/export")).collect();
        let mut asked = ROUTES.to_vec();
        paths.sort_unstable();
        asked.sort_unstable();
        assert_eq!(asked, paths);
    }
}
