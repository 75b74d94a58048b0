//! Who is in the directory during a run: groups, a menu, and users by number, each always the same; and the bodies that
//! make and change them, shaped as the documented example. Knows both APIs' spelling and sends nothing but the groups.

use anyhow::Context;
use serde_json::json;
use uuid::Uuid;

use crate::http::{Connection, Target};
use crate::server::ENVIRONMENT;

/// Everybody's group, with its permissions.
pub(crate) const EVERYBODY: (&str, [&str; 2]) = ("allusers", ["view_user", "view_group"]);
/// Each user is in one of so many others too.
const TEAMS: u64 = 8;
pub(crate) const OF_A_TEAM: [&str; 3] = ["view_menu", "view_permission", "change_user"];
/// Everybody's menu.
pub(crate) const MENU: &str = "main";

/// The name of a user's other group.
pub(crate) fn team(number: u64) -> String {
    format!("team-{}", team_of(number))
}

/// Half of all are in the first.
fn team_of(number: u64) -> u64 {
    if number.is_multiple_of(2) { 0 } else { 1 + number % (TEAMS - 1) }
}

/// A user's address.
pub(crate) fn email(number: u64) -> String {
    format!("person-{number:07}@example.com")
}

/// What a user is called; each `turn` differently.
pub(crate) fn name(number: u64, turn: u64) -> String {
    format!("Person {number} {turn}")
}

/// The password of the users who have one: long, and nothing of the address in it.
pub(crate) fn password(number: u64) -> String {
    format!("quiet-Bays-{number:07}-larks")
}

/// What makes a user by the first API, or changes its name alone if it is there.
pub(crate) fn upsert(number: u64, turn: u64) -> String {
    json!({
        "globalEmailAddress": email(number),
        "_environmentId": ENVIRONMENT,
        "name": name(number, turn),
        "administrator": false,
        "active": true,
        "locale": "en",
        "language": "en",
        "menuName": MENU,
        "memberGroupNames": [EVERYBODY.0, team(number)],
    })
    .to_string()
}

/// What puts a user into one group more.
pub(crate) fn into_group(number: u64, group: &str) -> String {
    json!({
        "globalEmailAddress": email(number),
        "_environmentId": ENVIRONMENT,
        "memberGroupNames": [EVERYBODY.0, team(number), group],
    })
    .to_string()
}

/// What makes a user with a password by the second API.
pub(crate) fn create(number: u64, held: &Held) -> String {
    json!({
        "email": email(number),
        "password": password(number),
        "first_name": "Person",
        "last_name": "Larsen",
        "groups": held.groups_of(number),
    })
    .to_string()
}

/// The same without groups, for another environment than the one that has them.
pub(crate) fn create_alone(number: u64) -> String {
    json!({ "email": email(number), "password": password(number), "first_name": "Person", "last_name": "Larsen" })
        .to_string()
}

/// What signs such a user in.
pub(crate) fn sign_in(number: u64) -> String {
    json!({ "email": email(number), "password": password(number) }).to_string()
}

/// The same to the environment that it names.
pub(crate) fn sign_in_to(environment: &str, number: u64) -> String {
    json!({ "email": email(number), "password": password(number), "company": environment }).to_string()
}

/// The ids of what users hold.
#[derive(Clone)]
pub(crate) struct Held {
    /// Everybody's first, then the teams'.
    pub(crate) groups: Vec<i64>,
    pub(crate) menu: i64,
}

impl Held {
    /// A user's two groups.
    pub(crate) fn groups_of(&self, number: u64) -> [i64; 2] {
        [self.groups[0], self.groups[1 + team_of(number) as usize]]
    }
}

/// Makes groups and menu.
pub(crate) async fn prepare(v2: &Target) -> anyhow::Result<Held> {
    let mut connection = Connection::open(v2.address).await?;
    let menu = json!({ "name": MENU, "label": "Main", "items": [{ "name": "home", "label": "Home", "href": "/" }] });
    let menu = connection.send(&v2.post("/api/v2/menu", &menu.to_string())).await?.json(201)?;
    let menu = menu["id"].as_i64().context("a menu without an id")?;
    let mut groups = vec![(EVERYBODY.0.to_owned(), EVERYBODY.1.to_vec())];
    groups.extend((0..TEAMS).map(|team| (format!("team-{team}"), OF_A_TEAM.to_vec())));
    let mut held = Held { groups: Vec::new(), menu };
    for (name, permissions) in groups {
        let body = json!({ "name": name, "permissions": permissions }).to_string();
        let group = connection.send(&v2.post("/api/v2/group", &body)).await?.json(201)?;
        held.groups.push(group["id"].as_i64().context("a group without an id")?);
    }
    Ok(held)
}

/// The id in an answer of the first API, without reading all of it: the client shares the machine with the server.
pub(crate) fn id_of(body: &[u8]) -> Option<Uuid> {
    let at = body.windows(7).position(|seven| seven == b"\"_id\":\"")? + 7;
    Uuid::try_parse_ascii(body.get(at..at + 36)?).ok()
}

/// Numbers that look random and are always the same: the n-th of a sequence (splitmix64).
pub(crate) fn scattered(n: u64) -> u64 {
    let mut x = n.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_id_is_found_in_an_answer() {
        let id = Uuid::now_v7();
        assert_eq!(id_of(format!(r#"{{"_id":"{id}","name":"x"}}"#).as_bytes()), Some(id));
        assert_eq!(id_of(b"{\"_id\":\"short"), None);
    }

    #[test]
    fn scattered_numbers_spread_evenly() {
        let mut counts = [0; 10];
        (0..10_000).for_each(|n| counts[(scattered(n) % 10) as usize] += 1);
        assert!(counts.iter().all(|count| (900..1100).contains(count)), "{counts:?}");
    }
}
