//! `/docs`: the description as a page for people, written once from the same document. No script, nothing from elsewhere:
//! it works where a browser has no way out, and its policy lets nothing else in.

use super::document;
use axum::http::HeaderName;
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS};
use axum::response::{IntoResponse, Response};
use serde_json::Value;
use std::fmt::Write;
use std::sync::OnceLock;

const STYLE: &str = include_str!("../../assets/docs.css");
const POLICY: &str =
    "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// `GET /docs`.
pub(crate) async fn page() -> Response {
    static PAGE: OnceLock<String> = OnceLock::new();
    let page = PAGE.get_or_init(|| {
        let mut html = String::new();
        // Text is written into memory, where nothing fails.
        Page { html: &mut html, description: &document() }.write().ok();
        html
    });
    answer("text/html; charset=utf-8", page)
}

/// `GET /docs/style.css`.
pub(crate) async fn style() -> Response {
    answer("text/css; charset=utf-8", STYLE)
}

fn answer(media_type: &'static str, text: &'static str) -> Response {
    let headers: [(HeaderName, &str); 4] = [
        (CONTENT_TYPE, media_type),
        (CACHE_CONTROL, "public, max-age=300"),
        (CONTENT_SECURITY_POLICY, POLICY),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    (headers, text).into_response()
}

/// A page that is being written.
struct Page<'p> {
    html: &'p mut String,
    description: &'p Value,
}

impl Page<'_> {
    fn write(&mut self) -> std::fmt::Result {
        let info = &self.description["info"];
        let (title, version, about) =
            (escaped(&info["title"]), escaped(&info["version"]), escaped(&info["description"]));
        write!(
            self.html,
            "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>{title} API</title>\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
             <link rel=\"stylesheet\" href=\"/docs/style.css\"></head><body>\n\
             <header><h1>{title} <small>{version}</small></h1><p>{about}</p>\n\
             <p>For programs: <a href=\"/openapi.json\">openapi.json</a></p></header>\n<nav>"
        )?;
        let operations = operations(self.description);
        for (group, tag) in groups(&operations) {
            write!(self.html, "<section><h2>{group}</h2><ul>")?;
            for (method, path, operation) in of_group(&operations, &group, &tag) {
                let (id, summary) = (escaped(&operation["operationId"]), escaped(&operation["summary"]));
                write!(
                    self.html,
                    "<li><a href=\"#{id}\" title=\"{} {}\">{summary}</a></li>",
                    method.to_uppercase(),
                    escape(path)
                )?;
            }
            self.html.write_str("</ul></section>")?;
        }
        self.html.write_str("</nav>\n<main>")?;
        for (group, tag) in groups(&operations) {
            write!(self.html, "<h2>{group}</h2>")?;
            for (method, path, operation) in of_group(&operations, &group, &tag) {
                self.operation(method, path, operation)?;
            }
        }
        self.html.write_str("<h2 id=\"schemas\">Schemas</h2>")?;
        for (name, schema) in self.description["components"]["schemas"].as_object().into_iter().flatten() {
            let name = escape(name);
            write!(self.html, "<article id=\"{name}\"><h3>{name}</h3><p>{}</p>", escaped(&schema["description"]))?;
            self.fields(schema)?;
            self.html.write_str("</article>")?;
        }
        self.html.write_str("</main></body></html>\n")
    }

    fn operation(&mut self, method: &str, path: &str, operation: &Value) -> std::fmt::Result {
        let id = escaped(&operation["operationId"]);
        write!(
            self.html,
            "<article id=\"{id}\"><h3>{}</h3><p class=\"line\"><b class=\"{method}\">{}</b> <code>{}</code></p><p>{}</p>",
            escaped(&operation["summary"]),
            method.to_uppercase(),
            escape(path),
            escaped(&operation["description"]),
        )?;
        write!(self.html, "<pre>{}</pre>", escape(&curl(method, path, operation)))?;
        if let Some(parameters) = operation["parameters"].as_array() {
            self.html.write_str("<table><caption>Parameters</caption>")?;
            for parameter in parameters {
                let name = format!("{} ({})", text(&parameter["name"]), text(&parameter["in"]));
                self.row(&name, &parameter["schema"], &parameter["description"], parameter["required"] == true)?;
            }
            self.html.write_str("</table>")?;
        }
        if let Some(content) = operation["requestBody"]["content"].as_object() {
            let types = content.keys().map(|name| escape(name)).collect::<Vec<_>>().join(" or ");
            if let Some(body) = content.values().next() {
                write!(self.html, "<p>Body: {}, {types}</p>", kind(&body["schema"]))?;
            }
        }
        for (status, response) in operation["responses"].as_object().into_iter().flatten() {
            self.response(status, response)?;
        }
        self.html.write_str("</article>")
    }

    fn response(&mut self, status: &str, response: &Value) -> std::fmt::Result {
        let named = response["$ref"].as_str().and_then(|reference| reference.rsplit('/').next());
        let response = named.map_or(response, |name| &self.description["components"]["responses"][name]);
        let body = &response["content"]["application/json"];
        write!(self.html, "<details><summary><b>{status}</b> {}</summary>", escaped(&response["description"]))?;
        if body.is_object() {
            let example = serde_json::to_string_pretty(&body["example"]).unwrap_or_default();
            write!(self.html, "<p>{}</p><pre>{}</pre>", kind(&body["schema"]), escape(&example))?;
        }
        for (name, header) in response["headers"].as_object().into_iter().flatten() {
            write!(self.html, "<p><code>{}</code>: {}</p>", escape(name), escaped(&header["description"]))?;
        }
        self.html.write_str("</details>")
    }

    /// The fields of an object, as rows.
    fn fields(&mut self, schema: &Value) -> std::fmt::Result {
        let Some(fields) = schema["properties"].as_object() else { return Ok(()) };
        self.html.write_str("<table>")?;
        for (name, field) in fields {
            let required = schema["required"].as_array().is_some_and(|names| names.iter().any(|key| key == name));
            self.row(name, field, &field["description"], required)?;
        }
        self.html.write_str("</table>")
    }

    fn row(&mut self, name: &str, schema: &Value, about: &Value, required: bool) -> std::fmt::Result {
        let mark = if required { " <em>required</em>" } else { "" };
        let (name, kind, about) = (escape(name), kind(schema), escaped(about));
        write!(self.html, "<tr><th><code>{name}</code>{mark}</th><td>{kind}</td><td>{about}</td></tr>")
    }
}

/// An operation with its method and path.
type Listed<'d> = (&'d str, &'d str, &'d Value);

/// All of them, in the description's order.
fn operations(description: &Value) -> Vec<Listed<'_>> {
    let mut operations = Vec::new();
    for (path, methods) in description["paths"].as_object().into_iter().flatten() {
        for (method, operation) in methods.as_object().into_iter().flatten() {
            operations.push((method.as_str(), path.as_str(), operation));
        }
    }
    operations
}

/// Which API, and which tag of it.
fn groups(operations: &[Listed<'_>]) -> Vec<(String, String)> {
    let mut groups: Vec<(String, String)> = Vec::new();
    for (_, path, operation) in operations {
        let tag = text(&operation["tags"][0]);
        let group = format!("{} · {}", path.split('/').nth(2).unwrap_or_default(), escape(&tag));
        if !groups.iter().any(|(known, _)| *known == group) {
            groups.push((group, tag));
        }
    }
    groups
}

fn of_group<'o>(operations: &'o [Listed<'o>], group: &'o str, tag: &'o str) -> impl Iterator<Item = Listed<'o>> {
    let belongs = move |(_, path, operation): &Listed<'_>| {
        let api = path.split('/').nth(2).unwrap_or_default();
        group.starts_with(api) && operation["tags"][0] == tag
    };
    operations.iter().copied().filter(belongs)
}

/// A call as one types it.
fn curl(method: &str, path: &str, operation: &Value) -> String {
    let mut line = format!("curl -X {} \"$ROLEBOOK{path}", method.to_uppercase());
    let required = |parameter: &&Value| parameter["in"] == "query" && parameter["required"] == true;
    for parameter in operation["parameters"].as_array().into_iter().flatten().filter(required) {
        let mark = if line.contains('?') { '&' } else { '?' };
        let name = text(&parameter["name"]);
        line.push_str(&format!("{mark}{name}={{{name}}}"));
    }
    line.push('"');
    for (scheme, _) in operation["security"][0].as_object().into_iter().flatten() {
        line.push_str(match scheme.as_str() {
            "bearer" => " \\\n  -H \"Authorization: Bearer $TOKEN\"",
            "userId" => " \\\n  -H \"X-User-Id: $USER_ID\"",
            _ => " \\\n  -H \"X-Auth-Token: $TOKEN\"",
        });
    }
    let body = &operation["requestBody"]["content"]["application/json"]["example"];
    if !body.is_null() {
        let body = serde_json::to_string_pretty(body).unwrap_or_default().replace('\'', "'\\''");
        line.push_str(&format!(" \\\n  -H 'Content-Type: application/json' \\\n  --data '{body}'"));
    }
    line
}

/// What a schema is, in a few words.
fn kind(schema: &Value) -> String {
    if let Some(name) = schema["$ref"].as_str().and_then(|reference| reference.rsplit('/').next()) {
        let name = escape(name);
        return format!("<a href=\"#{name}\">{name}</a>");
    }
    if let Some(choices) = schema["anyOf"].as_array() {
        let choices: Vec<String> = choices.iter().filter(|choice| choice["maxLength"] != 0).map(kind).collect();
        return choices.join(" or ");
    }
    if schema["type"] == "array" {
        return format!("list of {}", kind(&schema["items"]));
    }
    if let Some(words) = schema["enum"].as_array() {
        return words.iter().map(|word| format!("<code>{}</code>", escaped(word))).collect::<Vec<_>>().join(" ");
    }
    let mut kind = match &schema["type"] {
        Value::Array(types) => types.iter().map(text).collect::<Vec<_>>().join(" or "),
        Value::String(name) => name.clone(),
        _ => "anything".to_owned(),
    };
    if let Some(format) = schema["format"].as_str() {
        kind.push_str(&format!(", {format}"));
    }
    let (least, most) = (bound(schema, "min"), bound(schema, "max"));
    kind.push_str(&match (least, most) {
        (Some(least), Some(most)) => format!(", {least} to {most}"),
        (None, Some(most)) => format!(", up to {most}"),
        (Some(least), None) => format!(", from {least}"),
        (None, None) => String::new(),
    });
    escape(&kind)
}

fn bound(schema: &Value, side: &str) -> Option<String> {
    let of = |what: &str| schema[format!("{side}{what}")].as_i64();
    of("imum").map(|bound| bound.to_string()).or_else(|| of("Length").map(|bound| format!("{bound} characters")))
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn escaped(value: &Value) -> String {
    escape(value.as_str().unwrap_or_default())
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
