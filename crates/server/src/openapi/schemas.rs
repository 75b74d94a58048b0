//! Schemas: of bodies, from their declarations; of answers, from the structs that are written out. Knows no operation.

use crate::body::{FieldType, Presence};
use serde_json::{Map, Value, json};
use utoipa::ToSchema;
use utoipa::openapi::{RefOr, schema::Schema};

/// The schemas that have a name, each made once.
pub(crate) struct Schemas {
    dialect: &'static str,
    named: Map<String, Value>,
}

impl Schemas {
    /// None yet. Their names begin with the dialect's.
    pub(super) fn of(dialect: &'static str) -> Schemas {
        Schemas { dialect, named: Map::new() }
    }

    /// A reference to the schema of this name, which is made unless it is there.
    pub(crate) fn named(&mut self, name: &str, make: impl FnOnce(&mut Schemas) -> Value) -> Value {
        let name = format!("{}.{name}", self.dialect);
        if !self.named.contains_key(&name) {
            // First its place: a schema may lead back to itself.
            self.named.insert(name.clone(), Value::Null);
            let schema = make(self);
            self.named.insert(name.clone(), schema);
        }
        reference(&name)
    }

    /// A reference to the schema of an answer.
    pub(crate) fn answer<T: ToSchema>(&mut self) -> Value {
        let mut schemas: Vec<(String, RefOr<Schema>)> = vec![(T::name().into_owned(), T::schema())];
        T::schemas(&mut schemas);
        for (name, schema) in schemas {
            let schema = serde_json::to_value(schema).unwrap_or_default();
            self.named.entry(name).or_insert(closed(schema));
        }
        reference(&T::name())
    }

    /// The schema of a list of such answers.
    pub(crate) fn list<T: ToSchema>(&mut self) -> Value {
        json!({ "type": "array", "items": self.answer::<T>() })
    }

    /// The schema of an answer itself, for one that has more keys.
    pub(crate) fn inline<T: ToSchema>() -> Value {
        closed(serde_json::to_value(T::schema()).unwrap_or_default())
    }

    pub(super) fn take(self) -> Map<String, Value> {
        self.named
    }
}

fn reference(name: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{name}") })
}

/// An answer has the keys that are described and no others.
fn closed(mut schema: Value) -> Value {
    if let Some(object) = schema.as_object_mut()
        && object.contains_key("properties")
    {
        object.entry("additionalProperties").or_insert(Value::Bool(false));
    }
    schema
}

/// The lines of a doc comment as one text.
pub(crate) fn joined(lines: &[&str]) -> String {
    lines.iter().map(|line| line.trim()).filter(|line| !line.is_empty()).collect::<Vec<_>>().join(" ")
}

/// The schema of a declared body, field by field.
pub(crate) struct Object {
    about: String,
    properties: Map<String, Value>,
    required: Vec<&'static str>,
}

impl Object {
    /// Nothing in it yet but what its doc comment says.
    pub(crate) fn about(lines: &[&str]) -> Object {
        Object { about: joined(lines), properties: Map::new(), required: Vec::new() }
    }

    /// A field.
    pub(crate) fn field<P: Presence>(&mut self, schemas: &mut Schemas, key: &'static str, about: &[&str]) {
        self.properties.insert(key.to_owned(), described(P::Of::schema(schemas), about));
        if P::REQUIRED {
            self.required.push(key);
        }
    }

    /// A key that may be sent back as it was answered. Not `readOnly`, by which clients would leave out what they may send.
    pub(crate) fn ignored(&mut self, key: &str) {
        self.properties.insert(key.to_owned(), json!({ "description": "Ignored: it may be sent back as answered." }));
    }

    /// All of it.
    pub(crate) fn schema(self) -> Value {
        let mut schema = json!({
            "type": "object", "description": self.about, "properties": self.properties, "additionalProperties": false,
        });
        if !self.required.is_empty() {
            schema["required"] = json!(self.required);
        }
        schema
    }
}

/// A parameter of a query.
pub(crate) fn query_parameter<P: Presence>(schemas: &mut Schemas, name: &str, about: &[&str]) -> Value {
    let mut parameter =
        json!({ "name": name, "in": "query", "required": P::REQUIRED, "schema": P::Of::schema(schemas) });
    if !about.is_empty() {
        parameter["description"] = joined(about).into();
    }
    parameter
}

/// A schema with what is said about this use of it.
fn described(mut schema: Value, about: &[&str]) -> Value {
    let about = joined(about);
    if let (false, Some(object)) = (about.is_empty(), schema.as_object_mut()) {
        object.insert("description".to_owned(), about.into());
    }
    schema
}
