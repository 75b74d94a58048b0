//! Nobody hands out what they do not have, nor touches those who have more.

use super::CLERK;
use directory::Error;
use directory::groups::GroupChanges;
use directory::id::{GroupId, PermissionId, UserId};
use directory::menus::{MenuChanges, MenuRef};
use directory::permissions::{self, PermissionChanges};
use directory::tokens::{self, Ceiling};
use directory::users::{User, UserChanges as Fields};
use test_support::{
    Person, Tenant, World, by_id, codename, conferring, email, name, on_every_engine, password, short, username,
};

struct Stage {
    pizza: Tenant,
    /// Confers what the clerk lacks.
    strong: GroupId,
    /// Confers nothing.
    weak: GroupId,
    approve: PermissionId,
    harmless: PermissionId,
    /// Holds `strong`.
    approver: Person,
    member: Person,
    menu: MenuRef,
}

async fn stage(world: &World) -> Stage {
    let pizza = world.environment("pizza").await;
    let by = &pizza.administrator.caller;
    let approve = world.permission(by, "approve_invoice").await.unwrap().id;
    let harmless = world.permission(by, "harmless").await.unwrap().id;
    let strong = world.group(&pizza, &["approve_invoice"]).await;
    let weak = world.group(&pizza, &[]).await;
    let approver = world.person(&pizza, Fields { groups: Some(vec![by_id(strong)]), ..Fields::default() }).await;
    let member = world.member(&pizza).await;
    let menu = world.menu(by, "menu", MenuChanges::default()).await.unwrap().id;
    Stage { pizza, strong, weak, approve, harmless, approver, member, menu: MenuRef::Id(Some(menu), menu.to_string()) }
}

async fn forbidden<T>(world: &World, what: &str, call: impl Future<Output = directory::Result<T>>) {
    let refusal = world.refused(call).await;
    assert!(matches!(refusal, Error::Forbidden(_)), "{what}: {refusal:?}");
}

fn groups(ids: &[GroupId]) -> Fields {
    Fields { groups: Some(ids.iter().map(|id| by_id(*id)).collect()), ..Fields::default() }
}

/// Everything that somebody without `approve_invoice`, who is no administrator, must not get by.
async fn attack(world: &World, stage: &Stage, attacker: &Person) {
    let Stage { pizza, strong, weak, approve, harmless, approver, member, menu } = stage;
    let (by, own, boss) = (&attacker.caller, attacker.id, pizza.administrator.id);
    let update = |id: UserId, fields: Fields| world.update(by, id, fields);

    // Giving, to oneself and to others.
    forbidden(world, "a new user in a strong group", world.create_as(by, "a@pizza.example", groups(&[*strong]))).await;
    let administrator = Fields { administrator: Some(true), ..Fields::default() };
    forbidden(world, "a new administrator", world.create_as(by, "b@pizza.example", administrator.clone())).await;
    for id in [own, member.id] {
        forbidden(world, "a strong group", update(id, groups(&[*weak, *strong]))).await;
        // Whoever is one already becomes nothing by it.
        if !world.look(pizza, id).await.unwrap().membership.administrator {
            forbidden(world, "administrator", update(id, administrator.clone())).await;
        }
    }

    // Touching those who have more.
    for id in [approver.id, boss] {
        let touch = [
            ("groups", groups(&[*weak])),
            ("activation", Fields { active: Some(false), ..Fields::default() }),
            ("password", Fields { password: Some(password("correct horse battery")), ..Fields::default() }),
            ("e-mail", Fields { email: Some(email("mine@evil.example")), ..Fields::default() }),
            ("username", Fields { username: Some(username("mine")), ..Fields::default() }),
            ("reset_pw", Fields { reset_password: Some(true), ..Fields::default() }),
            ("reset_2fa", Fields { reset_second_factor: Some(true), ..Fields::default() }),
            ("mfa", Fields { mfa: Some(true), ..Fields::default() }),
        ];
        for (what, fields) in touch {
            forbidden(world, what, update(id, fields)).await;
        }
        forbidden(world, "removal", world.remove(by, id)).await;
    }
    // Whether a password is right is not to be learned either.
    for (id, right) in [(approver.id, &approver.password), (boss, &pizza.administrator.password)] {
        let fields = Fields { password: Some(password(right)), ..Fields::default() };
        forbidden(world, "the right password", update(id, fields)).await;
    }
    let demote = Fields { administrator: Some(false), ..Fields::default() };
    forbidden(world, "demoting the administrator", update(boss, demote)).await;

    // Groups and permissions.
    forbidden(world, "a strong group of one's own", world.group_as(by, "mine", &["approve_invoice"])).await;
    forbidden(world, "a group made strong", world.update_group(by, *weak, conferring(&["approve_invoice"]))).await;
    let touch = [
        GroupChanges { name: Some(name("renamed")), ..GroupChanges::default() },
        GroupChanges { label: Some(short("label")), ..GroupChanges::default() },
        GroupChanges { menus: Some(vec![menu.clone()]), ..GroupChanges::default() },
        conferring(&[]),
        conferring(&["approve_invoice", "view_user"]),
    ];
    for change in touch {
        forbidden(world, "a strong group's change", world.update_group(by, *strong, change)).await;
    }
    forbidden(world, "a strong group's end", world.delete_group(by, *strong)).await;
    let (approve, harmless) = (*approve, *harmless);
    for (id, to) in [(harmless, "pay_out"), (approve, "old_approve")] {
        let change = PermissionChanges { codename: Some(codename(to)), name: None };
        let call = world.directory.write(by.clone(), move |tx, actor| permissions::update(tx, actor, id, &change));
        forbidden(world, "another codename", call).await;
    }
    let call = world.directory.write(by.clone(), move |tx, actor| permissions::delete(tx, actor, approve));
    forbidden(world, "deleting a permission", call).await;

    // Tokens.
    let approve = Ceiling::Permissions(vec!["approve_invoice".to_owned()]);
    for ceiling in [approve, Ceiling::Administrator, Ceiling::Everywhere] {
        forbidden(world, "a token above oneself", world.token(by, own, ceiling)).await;
    }
    let nothing = || Ceiling::Permissions(Vec::new());
    forbidden(world, "a token of another", world.token(by, member.id, nothing())).await;
    forbidden(world, "a token of the administrator", world.token(by, boss, nothing())).await;
    let (strong_token, _) = world.token(&approver.caller, approver.id, nothing()).await.unwrap();
    let operators = world.operator.in_environment(pizza);
    let (operator_token, _) = world.token(&operators, world.operator.id, Ceiling::Administrator).await.unwrap();
    let revoke = |id| world.directory.write(by.clone(), move |tx, actor| tokens::revoke(tx, actor, id));
    forbidden(world, "revoking the token of somebody with more", revoke(strong_token.id)).await;
    if attacker.id != world.operator.id {
        // Of an operator who is no user here, nothing is known here.
        let refusal = world.refused(revoke(operator_token.id)).await;
        assert!(matches!(refusal, Error::NotFound(_)), "{refusal:?}");
        let listed = world.directory.read(by.clone(), tokens::list).await.unwrap();
        assert!(listed.iter().all(|token| token.account != world.operator.id));
    }
}

fn holds(user: &User, permission: &str) -> bool {
    user.permissions.iter().any(|held| held.as_str() == permission)
}

on_every_engine! {
    async fn a_clerk_gives_and_touches_no_more_than_it_has(world: World) {
        let stage = stage(&world).await;
        let clerk = world.holder(&stage.pizza, &CLERK).await;
        attack(&world, &stage, &clerk).await;
    }

    async fn an_api_token_of_a_clerk_does_no_more_either(world: World) {
        let stage = stage(&world).await;
        let clerk = world.holder(&stage.pizza, &CLERK).await;
        let all = Ceiling::Permissions(CLERK.map(str::to_owned).to_vec());
        let token = world.with_token(&clerk, all).await;
        attack(&world, &stage, &token).await;
    }

    async fn an_administrators_token_does_no_more_than_its_ceiling(world: World) {
        let stage = stage(&world).await;
        let administrator = world.administrator(&stage.pizza).await;
        let all = Ceiling::Permissions(CLERK.map(str::to_owned).to_vec());
        let token = world.with_token(&administrator, all).await;
        attack(&world, &stage, &token).await;
    }

    async fn an_operators_token_with_a_ceiling_is_no_operators(world: World) {
        let stage = stage(&world).await;
        let by = world.operator.in_environment(&stage.pizza);
        world.create_as(&by, &world.operator.email, Fields::default()).await.unwrap();
        let operator = Person { caller: by, ..world.operator.clone() };
        let all = Ceiling::Permissions(CLERK.map(str::to_owned).to_vec());
        let token = world.with_token(&operator, all).await;
        attack(&world, &stage, &token).await;
        let sushi = world.environment("sushi").await;
        let there = token.in_environment(&sushi);
        assert!(matches!(world.refused(world.get(&there, sushi.administrator.id)).await, Error::Forbidden(_)));
    }

    async fn a_clerk_does_what_it_may(world: World) {
        let Stage { pizza, weak, member, approver, .. } = stage(&world).await;
        let clerk = world.holder(&pizza, &CLERK).await;
        let by = &clerk.caller;
        let made = world.create_as(by, "new@pizza.example", groups(&[weak])).await.unwrap();
        world.update(by, made.account.id, Fields { active: Some(false), ..Fields::default() }).await.unwrap();
        let secret = Some(password("correct horse battery"));
        world.update(by, member.id, Fields { password: secret, ..Fields::default() }).await.unwrap();
        world.update(by, approver.id, Fields { phone: Some(test_support::phone("1")), ..Fields::default() }).await.unwrap();
        world.update_group(by, weak, conferring(&["view_user"])).await.unwrap();
        world.group_as(by, "mine", &["view_user", "add_user"]).await.unwrap();
        world.delete_group(by, weak).await.unwrap();
        world.remove(by, made.account.id).await.unwrap();
        world.token(by, clerk.id, Ceiling::Permissions(vec!["view_user".to_owned()])).await.unwrap();
    }

    async fn without_a_permission_nothing_can_be_done_but_ones_own(world: World) {
        let Stage { pizza, strong, weak, member, approver, .. } = stage(&world).await;
        let by = &member.caller;
        forbidden(&world, "view", world.get(by, approver.id)).await;
        forbidden(&world, "add", world.create_as(by, "a@pizza.example", Fields::default())).await;
        let rename = || Fields { name: Some(short("Renamed")), ..Fields::default() };
        forbidden(&world, "change", world.update(by, approver.id, rename())).await;
        forbidden(&world, "delete", world.remove(by, member.id)).await;
        forbidden(&world, "own groups", world.update(by, member.id, groups(&[weak]))).await;
        forbidden(&world, "own groups", world.update(by, member.id, groups(&[strong]))).await;
        forbidden(&world, "own activation", world.update(by, member.id, Fields { active: Some(true), ..Fields::default() })).await;
        forbidden(&world, "own external id", world.update(by, member.id, Fields { external_id: Some(None), ..Fields::default() })).await;
        forbidden(&world, "group", world.group_as(by, "mine", &[])).await;
        forbidden(&world, "group", world.update_group(by, weak, conferring(&[]))).await;
        forbidden(&world, "group", world.delete_group(by, weak)).await;
        forbidden(&world, "permission", world.permission(by, "mine")).await;
        forbidden(&world, "menu", world.menu(by, "mine", MenuChanges::default())).await;
        forbidden(&world, "groups", world.directory.read(by.clone(), directory::groups::list)).await;
        forbidden(&world, "tokens", world.directory.read(by.clone(), tokens::list)).await;
        forbidden(&world, "environments", world.directory.read(by.clone(), |tx, actor| directory::environments::list(tx, actor, None))).await;
        world.get(by, member.id).await.unwrap();
        world.update(by, member.id, rename()).await.unwrap();
        let upsert = directory::users::NewUser { email: email(&approver.email), fields: rename() };
        forbidden(&world, "upsert", world.directory.upsert_user(by.clone(), upsert.clone(), vec![])).await;
        let clerk = world.holder(&pizza, &CLERK).await;
        forbidden(&world, "upsert", world.directory.upsert_user(clerk.caller, upsert, vec![])).await;
    }

    async fn ones_own_things_are_no_way_to_more(world: World) {
        let Stage { pizza, strong, .. } = stage(&world).await;
        let clerk = world.holder(&pizza, &CLERK).await;
        let more = [
            Fields { administrator: Some(true), ..Fields::default() },
            groups(&[strong]),
            Fields { active: Some(true), ..Fields::default() },
            Fields { mfa: Some(false), ..Fields::default() },
            Fields { reset_password: Some(false), ..Fields::default() },
            Fields { email: Some(email("other@pizza.example")), ..Fields::default() },
            Fields { username: Some(username("other")), ..Fields::default() },
            Fields { external_id: Some(None), ..Fields::default() },
        ];
        for fields in more {
            world.refused(world.directory.update_own_user(clerk.caller.clone(), fields, None)).await;
        }
    }

    async fn an_environments_administrator_is_no_operator(world: World) {
        let pizza = world.environment("pizza").await;
        let boss = &pizza.administrator;
        // The operator becomes a user here too: still more than its administrator.
        world.create_as(&world.operator.in_environment(&pizza), &world.operator.email, Fields::default()).await.unwrap();
        let id = world.operator.id;
        for fields in [
            Fields { password: Some(password("correct horse battery")), ..Fields::default() },
            Fields { password: Some(password(&world.operator.password)), ..Fields::default() },
            Fields { email: Some(email("mine@evil.example")), ..Fields::default() },
            Fields { reset_password: Some(true), ..Fields::default() },
        ] {
            forbidden(&world, "an operator's credentials", world.update(&boss.caller, id, fields)).await;
        }
        forbidden(&world, "a token for everywhere", world.token(&boss.caller, boss.id, Ceiling::Everywhere)).await;
        let new = directory::environments::NewEnvironment { key: test_support::key("mine"), name: None, organisation: None, policy: Default::default() };
        let call = world.directory.write(boss.caller.clone(), move |tx, actor| directory::environments::create(tx, actor, &new));
        forbidden(&world, "an environment", call).await;
        let own = pizza.name();
        let call = world.directory.write(boss.caller.clone(), move |tx, actor| {
            directory::environments::delete(tx, actor, &own, Some("pizza"))
        });
        forbidden(&world, "deleting its own environment", call).await;
        let own = pizza.name();
        let change = directory::environments::EnvironmentChanges {
            organisation: Some(Some(directory::text::Organisation::parse("evil").unwrap())),
            ..Default::default()
        };
        let call = world.directory.write(boss.caller.clone(), move |tx, actor| {
            directory::environments::update(tx, actor, &own, &change)
        });
        forbidden(&world, "its own organisation", call).await;
    }

    async fn an_operators_token_of_one_environment_is_none_for_the_system(world: World) {
        let pizza = world.environment("pizza").await;
        let operator = Person { caller: world.operator.in_environment(&pizza), ..world.operator.clone() };
        let token = world.with_token(&operator, Ceiling::Administrator).await;
        forbidden(&world, "environments", world.directory.read(token.caller.clone(), |tx, actor| directory::environments::list(tx, actor, None))).await;
        forbidden(&world, "elsewhere", world.get(&token.in_environment(&world.head_office), world.operator.id)).await;
        forbidden(&world, "a token for everywhere", world.token(&token.caller, world.operator.id, Ceiling::Everywhere)).await;
        world.get(&token.caller, pizza.administrator.id).await.unwrap();
    }

    async fn a_tokens_power_follows_its_owners(world: World) {
        let Stage { pizza, strong, approver, .. } = stage(&world).await;
        let by = &pizza.administrator.caller;
        let reader = world.group(&pizza, &["view_user"]).await;
        world.update(by, approver.id, groups(&[strong, reader])).await.unwrap();
        let token = world.with_token(&approver, Ceiling::Permissions(vec!["view_user".to_owned()])).await;
        world.get(&token.caller, pizza.administrator.id).await.unwrap();
        world.update(by, approver.id, groups(&[strong])).await.unwrap();
        forbidden(&world, "view", world.get(&token.caller, pizza.administrator.id)).await;
        let administrator = Fields { administrator: Some(true), ..Fields::default() };
        world.update(by, approver.id, administrator).await.unwrap();
        world.get(&token.caller, pizza.administrator.id).await.unwrap();
        forbidden(&world, "more than the ceiling", world.create_as(&token.caller, "a@pizza.example", Fields::default())).await;
        assert!(holds(&world.look(&pizza, approver.id).await.unwrap(), "approve_invoice"));
    }
}
