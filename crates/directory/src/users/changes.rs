//! What can be asked of a user in one call: the same for every API. `None` leaves a field as it is.

use crate::email::Email;
use crate::groups::GroupWish;
use crate::locale::Locale;
use crate::menus::MenuRef;
use crate::secret::Password;
use crate::text::{ExternalId, Phone, ShortName};
use crate::username::Username;

/// What a user is to be.
#[derive(Clone, Default)]
#[allow(missing_docs, reason = "the fields of a user")]
pub struct UserChanges {
    pub email: Option<Email>,
    pub username: Option<Username>,
    pub password: Option<Password>,
    /// The present one: asked of whoever changes its own password.
    pub current_password: Option<Password>,
    pub name: Option<ShortName>,
    pub first_name: Option<ShortName>,
    pub last_name: Option<ShortName>,
    pub phone: Option<Phone>,
    pub language: Option<Option<Locale>>,
    pub locale: Option<Option<Locale>>,
    pub administrator: Option<bool>,
    pub active: Option<bool>,
    pub mfa: Option<bool>,
    pub reset_password: Option<bool>,
    pub reset_second_factor: Option<bool>,
    pub external_id: Option<Option<ExternalId>>,
    /// Replaces the groups.
    pub groups: Option<Vec<GroupWish>>,
    pub menus: MenusChange,
}

/// What to do with a user's own menus: first replace, then add, then remove.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[allow(missing_docs, reason = "say all")]
pub struct MenusChange {
    pub replace: Option<Vec<MenuRef>>,
    pub add: Vec<MenuRef>,
    pub remove: Vec<MenuRef>,
}

impl UserChanges {
    /// Whether anything but one's own names, phone, language, locale and password is asked for.
    pub(crate) fn beyond_own(&self) -> bool {
        self.email.is_some()
            || self.username.is_some()
            || self.administrator.is_some()
            || self.active.is_some()
            || self.mfa.is_some()
            || self.reset_password.is_some()
            || self.reset_second_factor.is_some()
            || self.external_id.is_some()
            || self.groups.is_some()
            || self.menus != MenusChange::default()
    }
}
