//! Places in a JSON object, written with dots: `face.KZ_YHMC`.

use serde_json::{Map, Value};

/// Takes a value out, and with it the objects around it that it leaves empty: what stays was not asked for.
pub(super) fn take(object: &mut Map<String, Value>, path: &str) -> Option<Value> {
    let Some((first, rest)) = path.split_once('.') else { return object.remove(path) };
    let inner = object.get_mut(first)?.as_object_mut()?;
    let taken = take(inner, rest)?;
    if inner.is_empty() {
        object.remove(first);
    }
    Some(taken)
}

/// Puts a value in, with the objects around it. The paths of a map never run through each other's values.
pub(super) fn put(object: &mut Map<String, Value>, path: &str, value: Value) {
    let Some((first, rest)) = path.split_once('.') else {
        object.insert(path.to_owned(), value);
        return;
    };
    let inner = object.entry(first).or_insert_with(|| Value::Object(Map::new()));
    if let Some(inner) = inner.as_object_mut() {
        put(inner, rest, value);
    }
}

/// The path of some value that is left, the first by name.
pub(super) fn first_left(object: &Map<String, Value>) -> Option<String> {
    let (name, value) = object.iter().next()?;
    Some(match value.as_object().and_then(first_left) {
        Some(inner) => format!("{name}.{inner}"),
        None => name.clone(),
    })
}

/// Do two paths name the same place, or one a place inside the other's?
pub(super) fn overlap(a: &str, b: &str) -> bool {
    let inside =
        |outer: &str, inner: &str| inner.strip_prefix(outer).is_some_and(|rest| rest.starts_with('.'));
    a == b || inside(a, b) || inside(b, a)
}

/// Is it one or more names with dots between?
pub(super) fn is_path(text: &str) -> bool {
    text.len() <= 200 && text.split('.').all(|name| !name.is_empty())
}
