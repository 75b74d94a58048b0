//! Operations: a declaration of each, and how it becomes an entry of the description. What all operations of a dialect
//! share (its errors, its credentials) the dialect says once. Knows no operation by name.

use super::Schemas;
use axum::http::StatusCode;
use serde_json::{Map, Value, json};

/// Makes a schema, or a reference to it.
pub(crate) type MakeSchema = fn(&mut Schemas) -> Value;

/// What one API has in common.
pub(crate) struct Dialect {
    /// `v1`: the beginning of its schemas' names.
    pub(crate) name: &'static str,
    /// Where it stands.
    pub(crate) base: &'static str,
    /// What proves who calls.
    pub(crate) security: fn() -> Value,
    /// Headers that every call with credentials may have.
    pub(crate) parameters: fn() -> Vec<Value>,
    /// The answer with this status, which is no success.
    pub(crate) refusal: fn(&mut Schemas, u16) -> Value,
    /// Its operations.
    pub(crate) operations: fn() -> Vec<Operation>,
}

/// One operation.
pub(crate) struct Operation {
    pub(super) method: &'static str,
    pub(super) path: &'static str,
    id: &'static str,
    summary: &'static str,
    tag: &'static str,
    about: &'static str,
    open: bool,
    parameters: Vec<fn(&mut Schemas) -> Vec<Value>>,
    body: Option<(Vec<&'static str>, MakeSchema, Value)>,
    answers: Vec<Answer>,
    refusals: Vec<u16>,
}

/// What the success of every call that may change something has.
const REVISION: (&str, &str) =
    ("Rolebook-Revision", "How far the directory has come: as `min_revision` of a check, it makes the check see this.");

/// A success.
struct Answer {
    status: u16,
    about: &'static str,
    body: Option<(MakeSchema, Value)>,
    media_type: &'static str,
    headers: &'static [(&'static str, &'static str)],
    links: &'static [Link],
}

/// What can be done next with something that was answered: the name of an operation, and its parameters.
pub(crate) type Link = (&'static str, &'static [(&'static str, &'static str)]);

/// An operation, by its method, path, id and what it does in a few words.
pub(crate) fn operation(
    method: &'static str,
    path: &'static str,
    id: &'static str,
    tag: &'static str,
    summary: &'static str,
) -> Operation {
    Operation {
        method,
        path,
        id,
        summary,
        tag,
        about: "",
        open: false,
        parameters: Vec::new(),
        body: None,
        answers: Vec::new(),
        refusals: vec![400, 401, 403, 500, 503],
    }
}

impl Operation {
    /// More words.
    pub(crate) fn about(mut self, about: &'static str) -> Operation {
        self.about = about;
        self
    }

    /// Anybody may ask: without credentials there is nobody to forbid it.
    pub(crate) fn open(mut self) -> Operation {
        self.open = true;
        self.refusals.retain(|status| !matches!(status, 401 | 403));
        self
    }

    /// Further parameters.
    pub(crate) fn with(mut self, parameters: fn(&mut Schemas) -> Vec<Value>) -> Operation {
        self.parameters.push(parameters);
        self
    }

    /// A body of JSON, with an example.
    pub(crate) fn body(self, schema: MakeSchema, example: Value) -> Operation {
        self.body_as(&["application/json"], schema, example)
    }

    /// A body of one of these media types, with an example.
    pub(crate) fn body_as(mut self, types: &[&'static str], schema: MakeSchema, example: Value) -> Operation {
        self.body = Some((types.to_vec(), schema, example));
        self.fails(&[413, 415])
    }

    /// A success with a body, and an example of it.
    pub(crate) fn gives(mut self, status: u16, about: &'static str, schema: MakeSchema, example: Value) -> Operation {
        self.answers.push(Answer { body: Some((schema, example)), ..Answer::new(status, about) });
        self
    }

    /// A success without a body.
    pub(crate) fn gives_nothing(mut self, status: u16, about: &'static str) -> Operation {
        self.answers.push(Answer::new(status, about));
        self
    }

    /// The media type of the last success, where it is not JSON as a whole.
    pub(crate) fn media_type(mut self, media_type: &'static str) -> Operation {
        if let Some(answer) = self.answers.last_mut() {
            answer.media_type = media_type;
        }
        self
    }

    /// Headers of the last success: names, and what they say.
    pub(crate) fn headers(mut self, headers: &'static [(&'static str, &'static str)]) -> Operation {
        if let Some(answer) = self.answers.last_mut() {
            answer.headers = headers;
        }
        self
    }

    /// What can be done next with the last success.
    pub(crate) fn leads_to(mut self, links: &'static [Link]) -> Operation {
        if let Some(answer) = self.answers.last_mut() {
            answer.links = links;
        }
        self
    }

    /// Refusals beside those that every operation has.
    pub(crate) fn fails(mut self, statuses: &[u16]) -> Operation {
        self.refusals.extend(statuses);
        self.refusals.sort_unstable();
        self.refusals.dedup();
        self
    }

    /// The entry in the description.
    pub(super) fn describe(&self, dialect: &Dialect, schemas: &mut Schemas) -> Value {
        let mut responses = Map::new();
        for answer in &self.answers {
            let mut described = answer.describe(schemas);
            if !matches!(self.method, "get" | "head") {
                let (name, about) = REVISION;
                described["headers"][name] = header(about);
            }
            responses.insert(answer.status.to_string(), described);
        }
        for status in &self.refusals {
            let name = format!("{}.{status}", dialect.name);
            responses.insert(status.to_string(), json!({ "$ref": format!("#/components/responses/{name}") }));
        }
        let mut parameters: Vec<Value> = self.path_parameters();
        parameters.extend(self.parameters.iter().flat_map(|parameters| parameters(schemas)));
        if !self.open {
            parameters.extend((dialect.parameters)());
        }
        let security = if self.open { json!([]) } else { (dialect.security)() };
        let mut described = json!({
            "operationId": self.id,
            "summary": self.summary,
            "tags": [self.tag],
            "security": security,
            "responses": responses,
        });
        if !self.about.is_empty() {
            described["description"] = self.about.into();
        }
        if !parameters.is_empty() {
            described["parameters"] = parameters.into();
        }
        if let Some((types, schema, example)) = &self.body {
            let content = json!({ "schema": schema(schemas), "example": example });
            let content: Map<String, Value> =
                types.iter().map(|media_type| ((*media_type).to_owned(), content.clone())).collect();
            described["requestBody"] = json!({ "required": true, "content": content });
        }
        described
    }

    /// The refusals that it names.
    pub(super) fn refusals(&self) -> &[u16] {
        &self.refusals
    }

    /// What the path names in braces: users, sessions and tokens by UUID, environments by key or UUID, all else by a number.
    fn path_parameters(&self) -> Vec<Value> {
        let names = self.path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
        let parameter = |name: &str| {
            let (schema, about) = match name {
                "token" => (json!({ "type": "string", "minLength": 1 }), "What the link carried."),
                "key" => (json!({ "type": "string", "minLength": 1 }), "The environment's key or UUID."),
                "number" => (json!({ "type": "integer", "format": "int64", "minimum": 1 }), "Its number."),
                _ if self.path.contains("/user") => (json!({ "type": "string", "format": "uuid" }), "The user's id."),
                _ if ["/session", "/token", "/service-account", "/webhook"]
                    .iter()
                    .any(|noun| self.path.starts_with(noun)) =>
                {
                    (json!({ "type": "string", "format": "uuid" }), "Its id.")
                }
                _ => (json!({ "type": "integer", "format": "int64", "minimum": 1 }), "Its id."),
            };
            json!({ "name": name, "in": "path", "required": true, "schema": schema, "description": about })
        };
        names.map(parameter).collect()
    }
}

impl Answer {
    fn new(status: u16, about: &'static str) -> Answer {
        Answer { status, about, body: None, media_type: "application/json", headers: &[], links: &[] }
    }

    fn describe(&self, schemas: &mut Schemas) -> Value {
        let mut described = json!({ "description": self.about });
        if let Some((schema, example)) = &self.body {
            described["content"] = json!({ self.media_type: { "schema": schema(schemas), "example": example } });
        }
        for (name, about) in self.headers {
            described["headers"][name] = header(about);
        }
        for (operation, parameters) in self.links {
            let parameters: Map<String, Value> =
                parameters.iter().map(|(name, value)| ((*name).to_owned(), (*value).into())).collect();
            described["links"][operation] = json!({ "operationId": operation, "parameters": parameters });
        }
        described
    }
}

/// A header that is always there.
pub(crate) fn header(about: &str) -> Value {
    json!({ "required": true, "schema": { "type": "string" }, "description": about })
}

/// A header of a request that may be left out.
pub(crate) fn header_parameter(name: &str, schema: Value, about: &str) -> Value {
    json!({ "name": name, "in": "header", "required": false, "schema": schema, "description": about })
}

/// What a status says, for people.
pub(crate) fn reason(status: u16) -> &'static str {
    StatusCode::from_u16(status).ok().and_then(|status| status.canonical_reason()).unwrap_or("Refused")
}
