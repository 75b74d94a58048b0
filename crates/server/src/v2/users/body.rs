//! The body of calls that make or change a user: one set of fields, of which each call demands its own. Knows nothing of
//! who may set which.

use crate::body::{FieldType, WireError, WireProblem, body};
use crate::json::Json;
use crate::openapi::Schemas;
use crate::v2::wire::{GroupEntry, Listed, NewPassword, OrUnset, Ref};
use directory::email::Email;
use directory::locale::Locale;
use directory::secret::Password;
use directory::text::{ExternalId, Phone, ShortName};
use directory::username::Username;
use directory::users::{MenusChange, NewUser, UserChanges};
use serde_json::{Value, json};

body! {
    /// A user's fields. What is left out of a PATCH stays as it is.
    pub(in crate::v2) struct UserFields {
        email: Optional<OrUnset<Email>>,
        password: Optional<NewPassword>,
        /// The present one: of whoever changes its own.
        current_password: Optional<Password>,
        username: Optional<OrUnset<Username>>,
        first_name: Optional<ShortName>,
        last_name: Optional<ShortName>,
        name: Optional<ShortName>,
        phone: Optional<Phone>,
        language: Optional<OrUnset<Locale>>,
        locale: Optional<OrUnset<Locale>>,
        external_id: Optional<OrUnset<ExternalId>>,
        groups: Optional<Listed<GroupEntry>>,
        menus: Optional<Listed<Ref>>,
        administrator: Optional<bool>,
        is_active: Optional<bool>,
        mfa: Optional<bool>,
        reset_pw: Optional<bool>,
        reset_2fa: Optional<bool>,
    }
    ignored: id, company, permissions, pending, created_at, updated_at;
}

impl From<UserFields> for UserChanges {
    /// An empty e-mail or username is how we answer that there is none: sent back, it changes nothing.
    fn from(fields: UserFields) -> UserChanges {
        UserChanges {
            email: fields.email.and_then(|email| email.0),
            username: fields.username.and_then(|username| username.0),
            password: fields.password.map(|password| password.0),
            current_password: fields.current_password,
            name: fields.name,
            first_name: fields.first_name,
            last_name: fields.last_name,
            phone: fields.phone,
            language: fields.language.map(|language| language.0),
            locale: fields.locale.map(|locale| locale.0),
            administrator: fields.administrator,
            active: fields.is_active,
            mfa: fields.mfa,
            reset_password: fields.reset_pw,
            reset_second_factor: fields.reset_2fa,
            external_id: fields.external_id.map(|id| id.0),
            groups: fields.groups.map(Into::into),
            menus: MenusChange { replace: fields.menus.map(Into::into), ..MenusChange::default() },
        }
    }
}

/// The body of `POST /user`. Whether a password must be there depends on whether the address is known, which is the
/// directory's to say; without an address that could be known, it must.
pub(super) fn read_new(body: &Json) -> Result<NewUser, Vec<WireError>> {
    let named = matches!(body.get("email"), Some(email) if Email::read(email).is_ok());
    let mut fields: UserChanges = read(body, if named { &["email"] } else { &["email", "password"] })?.into();
    fields.name = fields.name.filter(|name| !name.as_str().is_empty());
    match fields.email.take() {
        Some(email) => Ok(NewUser { email, fields }),
        None => Err(vec![WireError::of("email", WireProblem::Required)]),
    }
}

/// The body of PUT: what is left out returns to its default. Credentials stay, and so does `administrator`.
pub(super) fn read_whole(body: &Json) -> Result<UserChanges, Vec<WireError>> {
    let given: UserChanges = read(body, &["email"])?.into();
    let empty = || ShortName::from_stored(String::new());
    let first_name = given.first_name.unwrap_or_else(empty);
    let last_name = given.last_name.unwrap_or_else(empty);
    Ok(UserChanges {
        name: Some(given.name.unwrap_or_else(|| joined(&first_name, &last_name))),
        first_name: Some(first_name),
        last_name: Some(last_name),
        phone: Some(given.phone.unwrap_or_else(|| Phone::from_stored(String::new()))),
        language: Some(given.language.flatten()),
        locale: Some(given.locale.flatten()),
        external_id: Some(given.external_id.flatten()),
        groups: Some(given.groups.unwrap_or_default()),
        menus: MenusChange { replace: Some(given.menus.replace.unwrap_or_default()), ..MenusChange::default() },
        active: Some(given.active.unwrap_or(true)),
        mfa: Some(given.mfa.unwrap_or(false)),
        reset_password: Some(given.reset_password.unwrap_or(false)),
        reset_second_factor: Some(given.reset_second_factor.unwrap_or(false)),
        ..given
    })
}

/// What a new user of these names is called too.
fn joined(first: &ShortName, last: &ShortName) -> ShortName {
    let both = format!("{} {}", first.as_str(), last.as_str());
    ShortName::parse(&both).unwrap_or_else(|_| first.clone())
}

/// The schema of [`read_new`]'s body.
pub(in crate::v2) fn new_schema(schemas: &mut Schemas) -> Value {
    schemas.named("NewUser", |schemas| {
        let mut schema = requiring(schemas, &["email", "password"]);
        schema["description"] =
            "A user to make. For an account that exists elsewhere the password is left out (409 account_exists)".into();
        // It belongs to a change of one's own password, and is refused here.
        schema["properties"].as_object_mut().into_iter().for_each(|fields| drop(fields.remove("current_password")));
        schema
    })
}

/// The schema of [`read_whole`]'s body.
pub(in crate::v2) fn whole_schema(schemas: &mut Schemas) -> Value {
    schemas.named("WholeUser", |schemas| requiring(schemas, &["email"]))
}

/// A user's fields, of which these must be there.
fn requiring(schemas: &mut Schemas, required: &[&str]) -> Value {
    let mut schema = UserFields::object(schemas);
    schema["required"] = json!(required);
    schema["properties"]["email"] = Email::schema(schemas);
    schema
}

/// Reads the fields; these must be among them.
fn read(body: &Json, required: &[&str]) -> Result<UserFields, Vec<WireError>> {
    let absent = required.iter().filter(|key| matches!(body, Json::Object(_)) && body.get(key).is_none());
    let mut errors: Vec<WireError> = absent.map(|key| WireError::of(key, WireProblem::Required)).collect();
    match UserFields::read(body) {
        Ok(fields) if errors.is_empty() => Ok(fields),
        Ok(_) => Err(errors),
        Err(more) => {
            errors.extend(more);
            Err(errors)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn errors_of_new(body: &str) -> Vec<String> {
        let Err(errors) = read_new(&Json::parse(body.as_bytes()).unwrap()) else { return Vec::new() };
        errors.iter().map(|error| format!("{}: {}", error.field, error.sentence())).collect()
    }

    #[test]
    fn a_password_is_demanded_here_only_where_no_account_could_be_meant() {
        let required = ["email: This field is required.", "password: This field is required."];
        assert_eq!(errors_of_new("{}"), required);
        assert_eq!(errors_of_new(r#"{"email":""}"#), ["password: This field is required."]);
        assert_eq!(errors_of_new(r#"{"email":"","password":"x"}"#), ["email: This field is required."]);
        assert_eq!(errors_of_new(r#"{"email":"a@b.example"}"#), [""; 0]);
        assert_eq!(errors_of_new("[]"), [": Expected a JSON object, not a list."]);
    }

    #[test]
    fn putting_names_every_field_but_credentials_and_administrator() {
        let json = Json::parse(br#"{"email":"a@b.example","first_name":"Ann","last_name":"Lee"}"#).unwrap();
        let changes = read_whole(&json).unwrap_or_else(|errors| panic!("{errors:?}"));
        assert_eq!(changes.name.unwrap().as_str(), "Ann Lee");
        assert_eq!((changes.active, changes.mfa, changes.reset_password), (Some(true), Some(false), Some(false)));
        assert_eq!((changes.language, changes.external_id), (Some(None), Some(None)));
        assert_eq!((changes.groups, changes.menus.replace), (Some(Vec::new()), Some(Vec::new())));
        assert!(changes.administrator.is_none() && changes.username.is_none() && changes.password.is_none());
    }
}
