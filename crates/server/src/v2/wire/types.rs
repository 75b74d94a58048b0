//! The types of fields that this API reads in its own way: unset text, lists of bounded length, things by their ids.

use crate::body::{FieldType, IdText, WireError, body, choice, refused, wrong_type};
use crate::json::Json;
use crate::openapi::Schemas;
use directory::clock::Time;
use directory::groups::{GroupRef, GroupWish};
use directory::id::{GroupId, MenuId};
use directory::menus::MenuRef;
use directory::password_policy;
use directory::second_factors::Demand;
use directory::secret::Password;
use serde_json::{Value, json};

/// A password to be set. How good it must be depends on whose it is, which the directory knows; the least is known here.
pub(in crate::v2) struct NewPassword(pub(in crate::v2) Password);

impl FieldType for NewPassword {
    const EXPECTED: &'static str = Password::EXPECTED;

    fn read(value: &Json) -> Result<Self, Vec<WireError>> {
        Password::read(value).map(NewPassword)
    }

    fn schema(schemas: &mut Schemas) -> Value {
        let mut schema = Password::schema(schemas);
        schema["minLength"] = password_policy::MINIMUM.into();
        schema["description"] =
            "Not a common one, and with no name of its owner in it; administrators of whom no second \
             factor is demanded need 15 characters."
                .into();
        schema
    }
}

/// A text that is unset when it is empty.
pub(in crate::v2) struct OrUnset<T>(pub(in crate::v2) Option<T>);

impl<T: FieldType> FieldType for OrUnset<T> {
    const EXPECTED: &'static str = T::EXPECTED;

    fn read(value: &Json) -> Result<Self, Vec<WireError>> {
        match value {
            Json::Text(text) if text.is_empty() => Ok(OrUnset(None)),
            value => T::read(value).map(|read| OrUnset(Some(read))),
        }
    }

    fn schema(schemas: &mut Schemas) -> Value {
        json!({ "anyOf": [{ "type": "string", "maxLength": 0 }, T::schema(schemas)] })
    }
}

/// A number within bounds, or 0 for none.
pub(in crate::v2) struct OrNone<const LEAST: u64, const MOST: u64>(pub(in crate::v2) Option<u64>);

impl<const LEAST: u64, const MOST: u64> FieldType for OrNone<LEAST, MOST> {
    const EXPECTED: &'static str = i64::EXPECTED;

    fn read(value: &Json) -> Result<Self, Vec<WireError>> {
        match u64::try_from(i64::read(value)?) {
            Ok(0) => Ok(OrNone(None)),
            Ok(number) if (LEAST..=MOST).contains(&number) => Ok(OrNone(Some(number))),
            _ => Err(refused(format!("This must be 0, or {LEAST} to {MOST}."))),
        }
    }

    fn schema(_: &mut Schemas) -> Value {
        let bounded = json!({ "type": "integer", "minimum": LEAST, "maximum": MOST });
        json!({ "anyOf": [{ "type": "integer", "minimum": 0, "maximum": 0 }, bounded] })
    }
}

/// As many things as one list may name: no environment holds more.
const MOST_NAMED: usize = 10_000;

/// A list of bounded length: each of its entries is looked up.
pub(in crate::v2) struct Listed<T>(pub(in crate::v2) Vec<T>);

impl<T: FieldType> FieldType for Listed<T> {
    const EXPECTED: &'static str = Vec::<T>::EXPECTED;

    fn read(value: &Json) -> Result<Self, Vec<WireError>> {
        match value {
            Json::List(values) if values.len() > MOST_NAMED => Err(refused("Name at most 10,000.")),
            value => Vec::read(value).map(Listed),
        }
    }

    fn schema(schemas: &mut Schemas) -> Value {
        json!({ "type": "array", "items": T::schema(schemas), "maxItems": MOST_NAMED })
    }
}

/// A group or a menu, by its id or as the object that we answered, of which the id counts.
pub(in crate::v2) struct Ref(IdText);

body! {
    /// A group or a menu as we answer it.
    struct HeldObject {
        id: Required<IdText>,
    }
    ignored: name, label, permissions, menus, contains, second_factor, items, expires_at;
}

/// A group that a user is to be in: as [`Ref`], or with when that ends.
pub(in crate::v2) struct GroupEntry(GroupWish);

body! {
    /// A group that a user is to be in, with when that ends. An empty text: never.
    struct EndingObject {
        id: Required<IdText>,
        /// Left out: as it is.
        expires_at: Optional<OrUnset<Time>>,
    }
    ignored: name, label, permissions, menus, contains, second_factor;
}

impl FieldType for GroupEntry {
    const EXPECTED: &'static str = Ref::EXPECTED;

    fn read(value: &Json) -> Result<GroupEntry, Vec<WireError>> {
        let group = |id: IdText| GroupRef::Id(id.number.map(GroupId), id.text);
        match value {
            Json::Object(_) => {
                let EndingObject { id, expires_at } = <EndingObject as FieldType>::read(value)?;
                Ok(GroupEntry(GroupWish { group: group(id), ends: expires_at.map(|end| end.0) }))
            }
            other => Ref::read(other).map(|Ref(id)| GroupEntry(group(id).into())),
        }
    }

    fn schema(schemas: &mut Schemas) -> Value {
        json!({ "anyOf": [IdText::schema(schemas), <EndingObject as FieldType>::schema(schemas)] })
    }
}

impl From<Listed<GroupEntry>> for Vec<GroupWish> {
    fn from(entries: Listed<GroupEntry>) -> Vec<GroupWish> {
        entries.0.into_iter().map(|GroupEntry(wish)| wish).collect()
    }
}

impl FieldType for Ref {
    const EXPECTED: &'static str = "an id";

    fn read(value: &Json) -> Result<Ref, Vec<WireError>> {
        match value {
            Json::Object(_) => <HeldObject as FieldType>::read(value).map(|object| Ref(object.id)),
            Json::Number(_) | Json::Text(_) => IdText::read(value).map(Ref),
            other => Err(wrong_type::<Ref>(other)),
        }
    }

    fn schema(schemas: &mut Schemas) -> Value {
        json!({ "anyOf": [IdText::schema(schemas), <HeldObject as FieldType>::schema(schemas)] })
    }
}

impl From<Listed<Ref>> for Vec<GroupRef> {
    fn from(refs: Listed<Ref>) -> Vec<GroupRef> {
        refs.0.into_iter().map(|Ref(id)| GroupRef::Id(id.number.map(GroupId), id.text)).collect()
    }
}

impl From<Listed<Ref>> for Vec<MenuRef> {
    fn from(refs: Listed<Ref>) -> Vec<MenuRef> {
        refs.0.into_iter().map(|Ref(id)| MenuRef::Id(id.number.map(MenuId), id.text)).collect()
    }
}

choice! {
    /// Of whom a second factor is demanded.
    pub(in crate::v2) enum DemandWord { Nobody = "nobody", Administrators = "administrators", Everybody = "everybody" }
}

impl From<DemandWord> for Demand {
    fn from(word: DemandWord) -> Demand {
        match word {
            DemandWord::Nobody => Demand::Nobody,
            DemandWord::Administrators => Demand::Administrators,
            DemandWord::Everybody => Demand::Everybody,
        }
    }
}

impl DemandWord {
    /// As an answer spells it.
    pub(in crate::v2) fn of(demand: Demand) -> &'static str {
        match demand {
            Demand::Nobody => "nobody",
            Demand::Administrators => "administrators",
            Demand::Everybody => "everybody",
        }
    }
}
