//! `GET /api/v1/me`.

use super::server::Server;
use directory::groups::GroupRef;
use directory::menus::MenuRef;
use directory::users::{MenusChange, UserChanges};
use test_support::on_every_engine;

const ME: &str = "/api/v1/me?environmentId=maxedy_pizza";

on_every_engine! {
    async fn the_caller_sees_itself_and_its_menus_merged(server: Server) {
        let fields = UserChanges {
            groups: Some(vec![GroupRef::Name("viewers".to_owned()).into()]),
            menus: MenusChange { replace: Some(vec![MenuRef::Name("maxedyPizzaMenu".to_owned())]), ..Default::default() },
            ..Default::default()
        };
        let person = server.world.person(&server.pizza, fields).await;
        let me = server.get(ME, &person).await;
        assert_eq!((me.status, me.json["_id"].as_str()), (200, Some(person.id.to_string().as_str())), "{}", me.text);
        assert_eq!(me.held("menus"), ["maxedyPizzaMenu"]);
        assert_eq!(me.held("menusToShow"), ["maxedyPizzaMenu", "second"]);
        let mut shown = server.get(&format!("/api/v1/users/{}?environmentId=maxedy_pizza", person.id), &person).await.json;
        shown["menusToShow"] = me.json["menusToShow"].clone();
        assert_eq!(shown, me.json);
    }

    async fn an_operator_without_a_user_there_is_nobody(server: Server) {
        let me = server.get(ME, &server.world.operator).await;
        assert_eq!((me.status, me.wrong()), (404, vec!["not_found".to_owned()]));
    }

    async fn an_environment_that_demands_a_second_factor_is_closed_without(server: Server) {
        let person = server.world.member(&server.pizza).await;
        let demand = UserChanges { mfa: Some(true), ..Default::default() };
        server.world.update(&server.administrator().caller, person.id, demand).await.unwrap();
        let refused = server.get(ME, &person).await;
        assert_eq!((refused.status, refused.wrong()), (403, vec!["forbidden".to_owned()]), "{}", refused.text);
    }
}
