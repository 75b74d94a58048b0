//! Groups, permissions, menus and environments: five operations each, made the same way.

use super::examples::{environment, group, menu, menu_body, permission};
use super::{LOCATION, TAG, if_match, if_none_match, repeatable};
use crate::body::FieldType;
use crate::openapi::{Operation, Schemas, operation};
use crate::v2::environments::{Confirmation, EnvironmentFields, NewEnvironmentFields};
use crate::v2::groups::{GroupFields, NewGroup};
use crate::v2::menus::{MenuFields, NewMenu};
use crate::v2::permissions::{NewPermissionFields, PermissionFields};
use crate::v2::wire::{EnvironmentAnswer, GroupAnswer, MenuAnswer, PermissionAnswer};
use serde_json::{Value, json};

/// What can be done with a thing that was answered, where it is named by its `id`.
macro_rules! next {
    ($parameter:literal: $($operation:literal),+) => {
        &[$(($operation, &[($parameter, "$response.body#/id")])),+]
    };
}

pub(super) fn operations() -> Vec<Operation> {
    [groups(), permissions(), menus(), environments()].into_iter().flatten().collect()
}

fn groups() -> Vec<Operation> {
    let answer = |schemas: &mut Schemas| schemas.answer::<GroupAnswer<'_>>();
    vec![
        operation("get", "/group", "listGroups", "Groups", "All groups of the environment")
            .about("Takes the permission view_group.")
            .gives(200, "The groups.", |schemas| schemas.list::<GroupAnswer<'_>>(), json!([group()])),
        operation("post", "/group", "createGroup", "Groups", "Create a group")
            .about("Takes the permission add_group.")
            .with(repeatable)
            .body(NewGroup::schema, json!({ "name": "editors", "label": "Editors", "permissions": ["view_user"] }))
            .gives(201, "The new group.", answer, group())
            .headers(&[TAG, LOCATION])
            .leads_to(next!("id": "getGroup", "updateGroup", "deleteGroup"))
            .fails(&[409, 422]),
        operation("get", "/group/{id}", "getGroup", "Groups", "A group")
            .about("Takes the permission view_group.")
            .with(if_none_match)
            .gives(200, "The group.", answer, group())
            .headers(&[TAG])
            .gives_nothing(304, "It has that tag still.")
            .headers(&[TAG])
            .fails(&[404]),
        operation("patch", "/group/{id}", "updateGroup", "Groups", "Change a group")
            .about("Takes the permission change_group.")
            .with(if_match)
            .body(GroupFields::schema, json!({ "label": "Editors" }))
            .gives(200, "The group, as it is now.", answer, group())
            .headers(&[TAG])
            .fails(&[404, 409, 412]),
        operation("delete", "/group/{id}", "deleteGroup", "Groups", "Delete a group, and take it from its users")
            .about("Takes the permission delete_group.")
            .with(if_match)
            .gives_nothing(204, "The group is gone.")
            .fails(&[404, 409, 412]),
    ]
}

fn permissions() -> Vec<Operation> {
    let answer = |schemas: &mut Schemas| schemas.answer::<PermissionAnswer<'_>>();
    vec![
        operation("get", "/permission", "listPermissions", "Permissions", "All permissions of the environment")
            .about("Takes the permission view_permission.")
            .gives(200, "The permissions.", |schemas| schemas.list::<PermissionAnswer<'_>>(), json!([permission()])),
        operation("post", "/permission", "createPermission", "Permissions", "Declare a permission")
            .about("Takes the permission add_permission.")
            .with(repeatable)
            .body(NewPermissionFields::schema, json!({ "codename": "approve_invoice", "name": "Approve invoices" }))
            .gives(201, "The new permission.", answer, permission())
            .headers(&[LOCATION])
            .leads_to(next!("id": "getPermission", "updatePermission", "deletePermission"))
            .fails(&[409, 422]),
        operation("get", "/permission/{id}", "getPermission", "Permissions", "A permission")
            .about("Takes the permission view_permission.")
            .gives(200, "The permission.", answer, permission())
            .fails(&[404]),
        operation("patch", "/permission/{id}", "updatePermission", "Permissions", "Change a declared permission")
            .about("Takes the permission change_permission.")
            .body(PermissionFields::schema, json!({ "name": "Approve invoices" }))
            .gives(200, "The permission, as it is now.", answer, permission())
            .fails(&[404, 409]),
        operation("delete", "/permission/{id}", "deletePermission", "Permissions", "Delete a declared permission")
            .about("Takes the permission delete_permission.")
            .gives_nothing(204, "The permission is gone.")
            .fails(&[404, 409]),
    ]
}

fn menus() -> Vec<Operation> {
    let answer = |schemas: &mut Schemas| schemas.answer::<MenuAnswer<'_>>();
    vec![
        operation("get", "/menu", "listMenus", "Menus", "All menus of the environment")
            .about("Takes the permission view_menu.")
            .gives(200, "The menus.", |schemas| schemas.list::<MenuAnswer<'_>>(), json!([menu()])),
        operation("post", "/menu", "createMenu", "Menus", "Create a menu")
            .about("Takes the permission add_menu.")
            .with(repeatable)
            .body(NewMenu::schema, menu_body())
            .gives(201, "The new menu.", answer, menu())
            .headers(&[LOCATION])
            .leads_to(next!("id": "getMenu", "updateMenu", "deleteMenu"))
            .fails(&[409, 422]),
        operation("get", "/menu/{id}", "getMenu", "Menus", "A menu")
            .about("Takes the permission view_menu.")
            .gives(200, "The menu.", answer, menu())
            .fails(&[404]),
        operation("patch", "/menu/{id}", "updateMenu", "Menus", "Change a menu")
            .about("Takes the permission change_menu.")
            .body(MenuFields::schema, json!({ "label": "Pizza" }))
            .gives(200, "The menu, as it is now.", answer, menu())
            .fails(&[404, 409]),
        operation("delete", "/menu/{id}", "deleteMenu", "Menus", "Delete a menu, and take it from its users")
            .about("Takes the permission delete_menu.")
            .gives_nothing(204, "The menu is gone.")
            .fails(&[404, 409]),
    ]
}

fn environments() -> Vec<Operation> {
    let answer = |schemas: &mut Schemas| schemas.answer::<EnvironmentAnswer<'_>>();
    vec![
        operation("get", "/environment", "listEnvironments", "Environments", "All environments")
            .about("For operators.")
            .gives(200, "The environments.", |schemas| schemas.list::<EnvironmentAnswer<'_>>(), json!([environment()])),
        operation("post", "/environment", "createEnvironment", "Environments", "Make an environment")
            .about("For operators.")
            .with(repeatable)
            .body(NewEnvironmentFields::schema, json!({ "key": "maxedy_pizza", "name": "Maxedy Pizza" }))
            .gives(201, "The new environment.", answer, environment())
            .headers(&[LOCATION])
            .leads_to(&[
                ("getEnvironment", &[("key", "$response.body#/id")]),
                ("updateEnvironment", &[("key", "$response.body#/id")]),
                ("deleteEnvironment", &[("key", "$response.body#/id"), ("confirm", "$response.body#/key")]),
            ])
            .fails(&[409, 422]),
        operation("get", "/environment/{key}", "getEnvironment", "Environments", "An environment")
            .about("For operators.")
            .gives(200, "The environment.", answer, environment())
            .fails(&[404]),
        operation("patch", "/environment/{key}", "updateEnvironment", "Environments", "Change an environment")
            .about("For operators.")
            .body(EnvironmentFields::schema, json!({ "name": "Maxedy Pizza" }))
            .gives(200, "The environment, as it is now.", answer, environment())
            .fails(&[404, 409]),
        operation("delete", "/environment/{key}", "deleteEnvironment", "Environments", "Delete an environment")
            .about("For operators.")
            .with(confirmation)
            .gives_nothing(204, "The environment is gone.")
            .fails(&[404, 409]),
    ]
}

/// Who may not delete hears that before the confirmation is missed: so it is read as if it were optional, and is not.
fn confirmation(schemas: &mut Schemas) -> Vec<Value> {
    let mut parameters = Confirmation::parameters(schemas);
    parameters.iter_mut().for_each(|parameter| parameter["required"] = true.into());
    parameters
}
