//! The list of users.

use super::browser::Site;
use directory::users::UserChanges;
use test_support::{on_every_engine, short};

const LIST: &str = "/console/environments/pizza/users";

on_every_engine! {
    async fn pages_go_on_to_the_end_and_back(site: Site) {
        for number in 0..60 {
            let fields = UserChanges { name: Some(short(&format!("Guest {number:02}"))), ..Default::default() };
            site.world.create(&site.pizza, &format!("p{number}@pizza.example"), fields).await.unwrap();
        }
        let boss = site.boss().await;
        let first = site.get(&boss, &format!("{LIST}?search=Guest")).await.expect(200);
        first.has("Guest 00");
        first.has("Guest 49");
        first.lacks("Guest 50");
        first.lacks("rel=\"prev\"");
        let next = link(&first.text, "next");
        let second = site.get(&boss, &next).await.expect(200);
        second.has("Guest 50");
        second.has("Guest 59");
        second.lacks("rel=\"next\"");
        let back = site.get(&boss, &link(&second.text, "prev")).await.expect(200);
        back.has("Guest 00");
        let last = site.get(&boss, &format!("{LIST}?search=Guest&order=-name")).await.expect(200);
        last.has("aria-sort=\"descending\"");
        last.has("Guest 59");
        last.lacks("Guest 09");
        assert!(first.text.len() < 100_000, "{}", first.text.len());
    }

    async fn a_filter_shows_whom_it_says(site: Site) {
        for (name, active) in [("Anna", true), ("Otto", false)] {
            let fields = UserChanges { name: Some(short(name)), active: Some(active), ..Default::default() };
            site.world.create(&site.pizza, &format!("{name}@pizza.example"), fields).await.unwrap();
        }
        let boss = site.boss().await;
        let inactive = site.get(&boss, &format!("{LIST}?status=inactive")).await.expect(200);
        inactive.has("Otto");
        inactive.lacks("Anna");
        let nobody = site.get(&boss, &format!("{LIST}?search=zzzzz")).await.expect(200);
        nobody.has("Nobody found");
        nobody.has(&format!("href=\"{LIST}\""));
    }

    async fn an_address_that_no_page_makes_is_refused(site: Site) {
        let boss = site.boss().await;
        for query in ["status=x", "order=password", "cursor=AAAA", "unknown=1", "search=%ff"] {
            let page = site.get(&boss, &format!("{LIST}?{query}")).await;
            assert!(matches!(page.status.as_u16(), 400 | 422), "{query}: {}", page.status);
        }
        site.get(&boss, &format!("{LIST}/none")).await.expect(404);
    }
}

fn link(text: &str, rel: &str) -> String {
    let rest = text.split(&format!("rel=\"{rel}\" href=\"")).nth(1).unwrap();
    rest.split('"').next().unwrap().replace("&#38;", "&")
}
