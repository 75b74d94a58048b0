//! What keeps the description true: it knows every route, its examples fit its schemas, and the committed copy is it.

use super::*;

/// The methods and paths of all routes.
fn routes() -> BTreeSet<(String, String)> {
    let of = |base: &str, routes: &[(&str, &str)]| {
        routes.iter().map(|(method, path)| ((*method).to_owned(), format!("{base}{path}"))).collect::<Vec<_>>()
    };
    [of("/api/v1", crate::v1::ROUTES), of("/api/v2", crate::v2::ROUTES)].into_iter().flatten().collect()
}

/// The methods, paths and contents of all operations.
fn operations(document: &Value) -> Vec<(String, String, Value)> {
    let paths = document["paths"].as_object().unwrap();
    let of_path = |(path, methods): (&String, &Value)| {
        let methods = methods.as_object().unwrap().clone();
        methods.into_iter().map(|(method, operation)| (method, path.clone(), operation)).collect::<Vec<_>>()
    };
    paths.iter().flat_map(of_path).collect()
}

#[test]
fn every_route_is_described_and_every_operation_is_a_route() {
    let described = operations(&document()).into_iter().map(|(method, path, _)| (method, path)).collect();
    assert_eq!(routes(), described);
}

#[test]
fn operations_have_names_of_their_own() {
    let operations = operations(&document());
    let names: BTreeSet<&str> =
        operations.iter().map(|(.., operation)| operation["operationId"].as_str().unwrap()).collect();
    assert_eq!(names.len(), operations.len());
}

#[test]
fn what_is_referred_to_is_there() {
    fn check(value: &Value, document: &Value, names: &BTreeSet<&str>) {
        match value {
            Value::Object(object) => {
                if let Some(place) = object.get("$ref").and_then(Value::as_str) {
                    assert!(document.pointer(place.trim_start_matches('#')).is_some_and(Value::is_object), "{place}");
                }
                for link in object.get("links").and_then(Value::as_object).into_iter().flatten() {
                    assert!(names.contains(link.0.as_str()), "{}", link.0);
                }
                object.values().for_each(|value| check(value, document, names));
            }
            Value::Array(values) => values.iter().for_each(|value| check(value, document, names)),
            _ => {}
        }
    }
    let document = document();
    let operations = operations(&document);
    let names = operations.iter().map(|(.., operation)| operation["operationId"].as_str().unwrap()).collect();
    check(&document, &document, &names);
}

#[test]
fn examples_fit_their_schemas() {
    fn check(value: &Value, document: &Value, checked: &mut usize) {
        match value {
            Value::Object(object) => {
                if let (Some(schema), Some(example)) = (object.get("schema"), object.get("example")) {
                    assert!(fits(example, schema, document), "{example:#}\nis not\n{schema:#}");
                    *checked += 1;
                }
                object.values().for_each(|value| check(value, document, checked));
            }
            Value::Array(values) => values.iter().for_each(|value| check(value, document, checked)),
            _ => {}
        }
    }
    let (document, mut checked) = (document(), 0);
    check(&document, &document, &mut checked);
    assert!(checked > 60, "{checked}");
}

/// As much of JSON Schema as tells whether an example has the right keys and types.
fn fits(value: &Value, schema: &Value, document: &Value) -> bool {
    if let Some(place) = schema["$ref"].as_str() {
        return fits(value, document.pointer(place.trim_start_matches('#')).unwrap(), document);
    }
    if let Some(choices) = schema["anyOf"].as_array() {
        return choices.iter().any(|choice| fits(value, choice, document));
    }
    let is = |name: &str| match name {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64(),
        "string" => value.is_string(),
        "array" => value.is_array(),
        _ => value.is_object(),
    };
    let typed = match &schema["type"] {
        Value::String(name) => is(name),
        Value::Array(names) => names.iter().filter_map(Value::as_str).any(is),
        _ => true,
    };
    let items = value.as_array().into_iter().flatten().all(|item| fits(item, &schema["items"], document));
    let keys = value.as_object().into_iter().flatten().all(|(key, value)| {
        match (schema["properties"].get(key), &schema["additionalProperties"]) {
            (Some(field), _) => fits(value, field, document),
            (None, Value::Bool(more)) => *more,
            (None, more) => fits(value, more, document),
        }
    });
    let required =
        schema["required"].as_array().into_iter().flatten().all(|key| value.get(key.as_str().unwrap()).is_some());
    typed && items && keys && required
}

#[test]
fn the_committed_copy_is_fresh() {
    let place = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/api/openapi.json");
    let committed = std::fs::read_to_string(place).unwrap_or_default();
    assert!(committed == text(), "docs/api/openapi.json is stale: cargo run -- openapi > docs/api/openapi.json");
}
