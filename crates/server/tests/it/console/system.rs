//! The environments, as operators manage them.

use super::browser::{Browser, Site};
use test_support::on_every_engine;

const LIST: &str = "/console/system/environments";
const NEW: &str = "/console/system/environments/new";
const PIZZA: &str = "/console/system/environments/pizza";

async fn operator(site: &Site) -> Browser {
    site.browser_of(&site.world.again(&site.world.operator, None).await)
}

on_every_engine! {
    async fn an_environment_is_made_and_changed(site: Site) {
        let mut operator = operator(&site).await;
        let fields = [("key", "pasta"), ("name", "Pasta & Co"), ("session_idle", "30 min"), ("audit_retention", "365 d")];
        assert_eq!(site.submit(&mut operator, NEW, LIST, &fields).await.leads(), format!("{LIST}/pasta"));
        site.get(&operator, LIST).await.expect(200).has("Pasta &#38; Co");
        let page = site.get(&operator, &format!("{LIST}/pasta")).await.expect(200);
        page.has("value=\"30 min\"");
        page.has("value=\"365 d\"");
        let fields = [("key", "noodles"), ("name", "Noodles"), ("password_minimum", "20"), ("second_factor", "everybody"), ("session_lifetime", "36 h")];
        let to = site.submit(&mut operator, LIST, &format!("{LIST}/pasta"), &fields).await.leads();
        assert_eq!(to, format!("{LIST}/noodles"));
        let page = site.get(&operator, &to).await.expect(200);
        page.has("value=\"20\"");
        page.has("value=\"36 h\"");
        page.has("value=\"everybody\" selected");
        page.lacks("value=\"30 min\"");
        site.get(&operator, &format!("{LIST}/pasta")).await.expect(404);
        assert_eq!(site.get(&operator, &format!("{LIST}?key=noodles")).await.leads(), to);
    }

    async fn what_is_wrong_is_said_beside_its_field(site: Site) {
        let mut operator = operator(&site).await;
        let fields = [("key", "x y"), ("password_minimum", "3"), ("session_idle", "1 s"), ("session_lifetime", "long"), ("audit_retention", "1 h"), ("second_factor", "nobody")];
        let page = site.submit(&mut operator, NEW, LIST, &fields).await.expect(422);
        for field in ["key", "password_minimum", "session_idle", "session_lifetime", "audit_retention", "second_factor"] {
            page.has(&format!("id=\"{field}-error\""));
        }
        page.has("value=\"x y\"");
        page.has("5 min – 3650 d");
        site.submit(&mut operator, NEW, LIST, &[("key", "pizza")]).await.expect(422).has("taken already");
        site.submit(&mut operator, PIZZA, PIZZA, &[("key", "")]).await.expect(422).has("key-error");
        site.get(&operator, PIZZA).await.expect(200);
    }

    async fn deleting_takes_the_key_once_more(site: Site) {
        let mut operator = operator(&site).await;
        let delete = format!("{PIZZA}/delete");
        for wrong in ["", "pasta", "PIZZA"] {
            let page = site.submit(&mut operator, PIZZA, &delete, &[("confirm", wrong)]).await.expect(422);
            page.has("confirm-error");
        }
        site.get(&operator, PIZZA).await.expect(200);
        assert_eq!(site.submit(&mut operator, PIZZA, &delete, &[("confirm", "pizza")]).await.leads(), LIST);
        site.get(&operator, PIZZA).await.expect(404);
    }

    async fn a_long_list_goes_on(site: Site) {
        for number in 0..55 {
            site.world.environment(&format!("many_{number}")).await;
        }
        let operator = operator(&site).await;
        let first = site.get(&operator, LIST).await.expect(200);
        let next = first.text.split("rel=\"next\" href=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
        let second = site.get(&operator, &next).await.expect(200);
        second.has("many_54");
        second.lacks("rel=\"next\"");
        site.get(&operator, &format!("{LIST}?after=none")).await.expect(404);
    }

    async fn nobody_else_finds_a_way_there(site: Site) {
        let mut boss = site.boss().await;
        site.get(&boss, "/console/environments/pizza").await.expect(200).lacks("/console/system");
        for page in [LIST, NEW, PIZZA, "/console/system/environments/nowhere"] {
            site.get(&boss, page).await.expect(403);
        }
        let home = "/console/environments/pizza";
        for (to, fields) in [(LIST, [("key", "mine")]), (PIZZA, [("key", "mine")]), ("/console/system/environments/pizza/delete", [("confirm", "pizza")])] {
            site.submit(&mut boss, home, to, &fields).await.expect(403);
        }
    }

    async fn no_name_becomes_markup(site: Site) {
        let mut operator = operator(&site).await;
        let evil = "<script>alert(1)</script>\"'><img src=x>";
        for fields in [[("key", "evil"), ("name", evil), ("organisation", evil)], [("key", evil), ("session_idle", evil), ("password_minimum", evil)]] {
            let page = site.submit(&mut operator, NEW, LIST, &fields).await;
            page.lacks("<script>alert");
        }
        for page in [LIST, "/console/system/environments/evil", "/console/environments/evil"] {
            let page = site.get(&operator, page).await.expect(200);
            page.lacks("<script>alert");
            page.lacks("<img");
        }
    }
}
