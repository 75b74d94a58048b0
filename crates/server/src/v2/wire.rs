//! What this API calls things: the directory's words as JSON. Unset text is `""` both ways, so that whatever was
//! answered can be sent back. Knows no route and no rule.

mod types;

pub(super) use types::{DemandWord, GroupEntry, Listed, NewPassword, OrNone, OrUnset, Ref};

use directory::clock::Time;
use directory::environments::{Environment, OwnEnvironment};
use directory::error::Field;
use directory::groups::{Group, HeldGroup};
use directory::locale::Locale;
use directory::menus::{HeldMenu, Menu, MenuItem};
use directory::permissions::Permission;
use directory::text::Codename;
use directory::users::{InGroup, User};
use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::{Value, json};

/// What a field of the directory's is called here.
pub(super) fn field_name(field: Field) -> &'static str {
    match field {
        Field::Email => "email",
        Field::Username => "username",
        Field::Password => "password",
        Field::CurrentPassword => "current_password",
        Field::Name => "name",
        Field::FirstName => "first_name",
        Field::LastName => "last_name",
        Field::Phone => "phone",
        Field::Language => "language",
        Field::Locale => "locale",
        Field::Administrator => "administrator",
        Field::Active => "is_active",
        Field::Mfa => "mfa",
        Field::ResetPassword => "reset_pw",
        Field::ResetSecondFactor => "reset_2fa",
        Field::ExternalId => "external_id",
        Field::Groups | Field::GroupNames => "groups",
        Field::Menus | Field::MenuNames => "menus",
        Field::Permissions => "permissions",
        Field::Permission => "permission",
        Field::User => "user",
        Field::Contains => "contains",
        Field::Label => "label",
        Field::Items => "items",
        Field::Codename => "codename",
        Field::Key => "key",
        Field::Organisation => "organisation",
        Field::Environment => "company",
        Field::Token => "token",
        Field::Cursor => "cursor",
        Field::Confirm => "confirm",
        Field::Url => "url",
        Field::EventTypes => "event_types",
        Field::ExpiresAt => "expires_at",
        Field::At => "at",
        Field::Code => "otp",
    }
}

/// `{"<field>":["…","…"]}`, in the order in which the fields were first named.
pub(super) struct Fields(Vec<(String, Vec<String>)>);

impl Fields {
    pub(super) fn of(sentences: impl Iterator<Item = (String, String)>) -> Fields {
        let mut fields: Vec<(String, Vec<String>)> = Vec::new();
        for (field, sentence) in sentences {
            match fields.iter_mut().find(|(known, _)| *known == field) {
                Some((_, of_field)) => of_field.push(sentence),
                None => fields.push((field, vec![sentence])),
            }
        }
        Fields(fields)
    }

    /// How it looks.
    pub(super) fn schema() -> Value {
        let sentences = json!({ "type": "array", "items": { "type": "string" }, "minItems": 1 });
        json!({
            "type": "object",
            "description": "What is wrong, by the names of the fields or parameters.",
            "additionalProperties": sentences,
            "minProperties": 1,
        })
    }
}

impl Serialize for Fields {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (field, sentences) in &self.0 {
            map.serialize_entry(field, sentences)?;
        }
        map.end()
    }
}

/// A user.
#[derive(serde::Serialize, utoipa::ToSchema)]
#[schema(as = v2::User)]
pub(super) struct UserAnswer<'a> {
    id: String,
    first_name: &'a str,
    username: &'a str,
    last_name: &'a str,
    phone: &'a str,
    email: &'a str,
    company: String,
    groups: Vec<HeldGroupAnswer<'a>>,
    mfa: bool,
    reset_pw: bool,
    reset_2fa: bool,
    is_active: bool,
    permissions: Vec<&'a str>,
    name: &'a str,
    language: &'a str,
    locale: &'a str,
    administrator: bool,
    menus: Vec<HeldMenuAnswer<'a>>,
    external_id: &'a str,
    pending: bool,
    created_at: String,
    updated_at: String,
}

impl<'a> From<&'a User> for UserAnswer<'a> {
    fn from(user: &'a User) -> UserAnswer<'a> {
        let (account, membership) = (&user.account, &user.membership);
        UserAnswer {
            id: account.id.to_string(),
            first_name: membership.first_name.as_str(),
            username: account.username.as_ref().map_or("", |username| username.as_typed()),
            last_name: membership.last_name.as_str(),
            phone: membership.phone.as_str(),
            email: account.email.as_ref().map_or("", |email| email.as_typed()),
            company: user.environment.uuid.to_string(),
            groups: each(&user.groups),
            mfa: membership.mfa,
            reset_pw: account.reset_password,
            reset_2fa: account.reset_second_factor,
            is_active: membership.active,
            permissions: codenames(&user.permissions),
            name: membership.name.as_str(),
            language: membership.language.as_ref().map_or("", Locale::as_str),
            locale: membership.locale.as_ref().map_or("", Locale::as_str),
            administrator: membership.administrator,
            menus: each(&user.menus),
            external_id: membership.external_id.as_ref().map_or("", |id| id.as_str()),
            pending: membership.pending,
            created_at: time(membership.created_at),
            updated_at: time(membership.updated_at),
        }
    }
}

/// A group as a user holds it.
#[derive(serde::Serialize, utoipa::ToSchema)]
#[schema(as = v2::HeldGroup)]
pub(super) struct HeldGroupAnswer<'a> {
    id: i64,
    name: &'a str,
    permissions: Vec<&'a str>,
    /// When the membership ends, if it does.
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_at: Option<String>,
}

impl<'a> From<&'a InGroup> for HeldGroupAnswer<'a> {
    fn from(own: &'a InGroup) -> HeldGroupAnswer<'a> {
        let HeldGroup { id, name, permissions } = &*own.group;
        let expires_at = own.expires_at.map(time);
        HeldGroupAnswer { id: id.0, name: name.as_str(), permissions: codenames(permissions), expires_at }
    }
}

#[derive(serde::Serialize, utoipa::ToSchema)]
#[schema(as = v2::HeldMenu)]
struct HeldMenuAnswer<'a> {
    id: i64,
    name: &'a str,
}

impl<'a> From<&'a HeldMenu> for HeldMenuAnswer<'a> {
    fn from(menu: &'a HeldMenu) -> HeldMenuAnswer<'a> {
        HeldMenuAnswer { id: menu.id.0, name: menu.name.as_str() }
    }
}

/// A group.
#[derive(serde::Serialize, utoipa::ToSchema)]
#[schema(as = v2::Group)]
pub(super) struct GroupAnswer<'a> {
    id: i64,
    name: &'a str,
    label: &'a str,
    permissions: Vec<&'a str>,
    menus: Vec<i64>,
    /// The groups whose members are members of this one too.
    contains: Vec<i64>,
    /// A second factor is demanded of its members.
    second_factor: bool,
}

impl<'a> From<&'a Group> for GroupAnswer<'a> {
    fn from(group: &'a Group) -> GroupAnswer<'a> {
        GroupAnswer {
            id: group.id.0,
            name: group.name.as_str(),
            label: group.label.as_str(),
            permissions: codenames(&group.permissions),
            menus: group.menus.iter().map(|menu| menu.0).collect(),
            contains: group.contains.iter().map(|group| group.0).collect(),
            second_factor: group.second_factor,
        }
    }
}

/// A permission.
#[derive(serde::Serialize, utoipa::ToSchema)]
#[schema(as = v2::Permission)]
pub(super) struct PermissionAnswer<'a> {
    id: i64,
    codename: &'a str,
    name: &'a str,
    built_in: bool,
}

impl<'a> From<&'a Permission> for PermissionAnswer<'a> {
    fn from(permission: &'a Permission) -> PermissionAnswer<'a> {
        PermissionAnswer {
            id: permission.id.0,
            codename: permission.codename.as_str(),
            name: permission.name.as_str(),
            built_in: permission.built_in,
        }
    }
}

/// A menu.
#[derive(serde::Serialize, utoipa::ToSchema)]
#[schema(as = v2::Menu)]
pub(super) struct MenuAnswer<'a> {
    id: i64,
    name: &'a str,
    label: &'a str,
    items: Vec<ItemAnswer<'a>>,
}

impl<'a> From<&'a Menu> for MenuAnswer<'a> {
    fn from(menu: &'a Menu) -> MenuAnswer<'a> {
        MenuAnswer { id: menu.id.0, name: menu.name.as_str(), label: menu.label.as_str(), items: each(&menu.items) }
    }
}

#[derive(serde::Serialize, utoipa::ToSchema)]
#[schema(as = v2::MenuItem)]
struct ItemAnswer<'a> {
    name: &'a str,
    label: &'a str,
    href: &'a str,
    icon: &'a str,
    permission: &'a str,
    #[schema(no_recursion)]
    items: Vec<ItemAnswer<'a>>,
}

impl<'a> From<&'a MenuItem> for ItemAnswer<'a> {
    fn from(item: &'a MenuItem) -> ItemAnswer<'a> {
        ItemAnswer {
            name: item.name.as_str(),
            label: item.label.as_str(),
            href: item.href.as_ref().map_or("", |href| href.as_str()),
            icon: item.icon.as_ref().map_or("", |icon| icon.as_str()),
            permission: item.permission.as_ref().map_or("", Codename::as_str),
            items: each(&item.items),
        }
    }
}

/// An environment.
#[derive(serde::Serialize, utoipa::ToSchema)]
#[schema(as = v2::Environment)]
pub(super) struct EnvironmentAnswer<'a> {
    id: String,
    key: &'a str,
    name: &'a str,
    organisation: &'a str,
    /// The least length of passwords; 0: as the server has it.
    password_minimum: u16,
    /// Seconds that a session may go unused; 0: as the server has it.
    session_idle: u64,
    /// Seconds after its sign-in that a session is good; 0: as the server has it.
    session_lifetime: u64,
    /// Of whom a second factor is demanded.
    second_factor: &'static str,
    /// Seconds for which audit events are kept; 0: for ever.
    audit_retention: u64,
}

impl<'a> From<&'a Environment> for EnvironmentAnswer<'a> {
    fn from(environment: &'a Environment) -> EnvironmentAnswer<'a> {
        EnvironmentAnswer {
            id: environment.uuid.to_string(),
            key: environment.key.as_str(),
            name: environment.name.as_str(),
            organisation: environment.organisation.as_ref().map_or("", |organisation| organisation.as_str()),
            password_minimum: environment.policy.password_minimum.unwrap_or(0),
            session_idle: environment.policy.session_idle.map_or(0, |span| span.as_secs()),
            session_lifetime: environment.policy.session_lifetime.map_or(0, |span| span.as_secs()),
            second_factor: DemandWord::of(environment.policy.second_factor),
            audit_retention: environment.policy.audit_retention.map_or(0, |span| span.as_secs()),
        }
    }
}

/// An environment of the caller's own.
#[derive(serde::Serialize, utoipa::ToSchema)]
#[schema(as = v2::OwnEnvironment)]
pub(super) struct OwnEnvironmentAnswer<'a> {
    id: String,
    key: &'a str,
    name: &'a str,
    pending: bool,
}

impl<'a> From<&'a OwnEnvironment> for OwnEnvironmentAnswer<'a> {
    fn from(own: &'a OwnEnvironment) -> OwnEnvironmentAnswer<'a> {
        OwnEnvironmentAnswer {
            id: own.environment.uuid.to_string(),
            key: own.environment.key.as_str(),
            name: own.environment.name.as_str(),
            pending: own.pending,
        }
    }
}

/// All of a list, as JSON shows each.
pub(super) fn each<'a, T, A: From<&'a T>>(things: &'a [T]) -> Vec<A> {
    things.iter().map(A::from).collect()
}

/// What permissions are called.
pub(super) fn codenames(permissions: &[Codename]) -> Vec<&str> {
    permissions.iter().map(Codename::as_str).collect()
}

/// RFC 3339 in UTC, always with microseconds, so that times sort as text too.
pub(super) fn time(time: Time) -> String {
    format!("{:.6}", jiff::Timestamp::from(time))
}
