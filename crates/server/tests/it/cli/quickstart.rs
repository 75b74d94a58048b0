//! `rolebook quickstart`: an empty folder, one command, and every line that it prints works when it is pasted.

use super::{Place, shell};
use serde_json::Value;

/// The lines of shell in a text: from `curl` to the line that ends without a continuation, quotes closed.
fn pasteable(text: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    let mut open = false;
    for line in text.lines() {
        if open {
            if let Some(last) = found.last_mut() {
                last.push('\n');
                last.push_str(line);
            }
        } else if line.starts_with("curl ") {
            found.push(line.to_owned());
        } else {
            continue;
        }
        let whole = found.last().map_or("", String::as_str);
        open = line.ends_with('\\') || whole.matches('\'').count() % 2 == 1;
    }
    found
}

#[test]
fn every_printed_line_works_when_it_is_pasted() {
    let place = Place::new();
    let server = place.start(&["quickstart", "--listen", "127.0.0.1:0"]);
    assert!(server.printed.contains("/console"), "{}", server.printed);
    let port = server.address.rsplit_once(':').unwrap().1;
    assert!(server.printed.contains(&format!("http://localhost:{port}/console")));

    let lines = pasteable(&server.printed);
    assert_eq!(lines.len(), 5, "{}", server.printed);
    let pasted: Vec<Value> = lines
        .iter()
        .map(|line| {
            let answer = shell(line, place.path());
            serde_json::from_str(&answer).unwrap_or_else(|_| panic!("{line}\n{answer}"))
        })
        .collect();
    let [upserted, signed_in, groups, created, changed] = pasted.as_slice() else { panic!("{pasted:?}") };
    assert_eq!(upserted["globalEmailAddress"], "guest@maxedy.com");
    assert_eq!(upserted["menus"][0]["name"], "maxedyPizzaMenu");
    assert_eq!(upserted["memberGroups"][1]["name"], "guest");
    assert_eq!(signed_in["status"], "success");
    assert_eq!(signed_in["data"]["authToken"].as_str().map(str::len), Some(43));
    assert_eq!(groups[0]["name"], "allusers");
    assert_eq!(created["email"], "ada@example.com");
    assert_eq!(changed["id"], created["id"]);
    assert_eq!(changed["phone"], "+44 20 7946 0001");
    assert_eq!(changed["groups"].as_array().map(Vec::len), Some(2));
    assert_eq!(server.stop("-INT").0, Some(0));
}

#[test]
fn run_again_it_serves_what_is_there_and_shows_no_secret() {
    let place = Place::new();
    let first = place.start(&["quickstart", "--listen", "127.0.0.1:0"]);
    let secrets: Vec<String> = ["password  ", "API token  "]
        .iter()
        .map(|label| {
            let line = first.printed.lines().find(|line| line.starts_with(label)).unwrap();
            line.rsplit(' ').next().unwrap().to_owned()
        })
        .collect();
    assert_eq!(first.stop("-TERM").0, Some(0));
    assert!(!place.log().contains(&*secrets[0]) && !place.log().contains(&*secrets[1]));

    let again = place.start(&["quickstart", "--listen", "127.0.0.1:0"]);
    assert!(again.printed.contains("first run") && again.printed.contains("<API token>"), "{}", again.printed);
    assert!(secrets.iter().all(|secret| !again.printed.contains(secret)));
    assert!(again.get("/readyz").starts_with("HTTP/1.1 200"));
    let listed = place.run(&["environment", "list", "--json"]).document();
    assert_eq!(listed.as_array().unwrap().len(), 1);
}

#[test]
fn it_opens_nothing_to_the_network() {
    let place = Place::new();
    let outcome = place.run(&["quickstart", "--listen", "0.0.0.0:0"]);
    assert!(outcome.complaint().contains("this machine alone"), "{}", outcome.stderr);
    assert_eq!(std::fs::read_dir(place.path()).unwrap().count(), 0);
}
