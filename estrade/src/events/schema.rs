//! The JSON Schema of an event's data, as documents need it.

use contract::Described;
use serde_json::{Map, Value};

const DEFINITIONS: &str = "#/$defs/";

/// One field of an event's data, for people.
pub(super) struct Field {
    pub(super) name: String,
    pub(super) shape: String,
    pub(super) required: bool,
    pub(super) meaning: String,
}

/// A schema with its definitions beside it, under one roof: where it is but another's name with a
/// sentence of its own, it is what it names, and keeps the sentence.
pub(super) struct Schema {
    pub(super) root: Map<String, Value>,
    pub(super) definitions: Map<String, Value>,
}

impl Schema {
    pub(super) fn of(described: &Described) -> Self {
        let mut root = Value::from((described.schema)()).as_object().cloned().unwrap_or_default();
        root.remove("$schema");
        let mut definitions = match root.remove("$defs") {
            Some(Value::Object(definitions)) => definitions,
            _ => Map::new(),
        };
        let named = root.get("$ref").and_then(definition_name).map(str::to_owned);
        if let Some(Value::Object(named)) = named.and_then(|name| definitions.remove(&name)) {
            root.remove("$ref");
            for (keyword, value) in named {
                root.entry(keyword).or_insert(value);
            }
        }
        Self { root, definitions }
    }

    /// What the event is, in a sentence or two.
    pub(super) fn meaning(&self) -> String {
        text(&self.root, "description")
    }

    pub(super) fn fields(&self) -> Vec<Field> {
        self.fields_of(&self.root)
    }

    /// The types within, by name, that have fields of their own.
    pub(super) fn inner(&self) -> Vec<(&str, Vec<Field>)> {
        let with_fields = self.definitions.iter().filter_map(|(name, schema)| {
            let fields = self.fields_of(schema.as_object()?);
            (!fields.is_empty()).then_some((name.as_str(), fields))
        });
        with_fields.collect()
    }

    fn fields_of(&self, schema: &Map<String, Value>) -> Vec<Field> {
        let required: Vec<&str> = strings(schema.get("required"));
        let properties = schema.get("properties").and_then(Value::as_object);
        let mut fields: Vec<Field> = properties
            .into_iter()
            .flatten()
            .map(|(name, value)| Field {
                name: name.clone(),
                shape: self.shape(value),
                required: required.contains(&name.as_str()),
                meaning: self.meaning_of(name, value),
            })
            .collect();
        // As they were declared: what is required is listed in that order.
        let place = |field: &Field| required.iter().position(|name| *name == field.name);
        fields.sort_by_key(|field| place(field).unwrap_or(usize::MAX));
        fields
    }

    /// What is said of the field, or else of its type.
    fn meaning_of(&self, name: &str, value: &Value) -> String {
        let named = self.named(value).map(|(_, schema)| schema);
        let said = [Some(value), named].into_iter().flatten().filter_map(Value::as_object);
        let said = said.map(|schema| text(schema, "description")).find(|text| !text.is_empty());
        said.unwrap_or_else(|| match self.shape(value).as_str() {
            "UUID" => format!("The {name}'s id."),
            _ => String::new(),
        })
    }

    /// `text (uuid)`, `list of Section`, `mail | push | inbox`.
    fn shape(&self, value: &Value) -> String {
        if let Some((name, schema)) = self.named(value) {
            let is_object = schema.get("properties").is_some();
            return if is_object { name.to_owned() } else { self.shape(schema) };
        }
        let words = choices(value);
        if !words.is_empty() {
            return words.join(" \\| ");
        }
        if let Some(items) = value.get("items") {
            return format!("list of {}", self.shape(items));
        }
        if let Some(choices) = value.get("anyOf").and_then(Value::as_array) {
            let real: Vec<String> = choices
                .iter()
                .filter(|choice| choice.get("type") != Some(&Value::from("null")))
                .map(|choice| self.shape(choice))
                .collect();
            return real.join(" or ");
        }
        plain(value)
    }

    fn named<'a>(&'a self, value: &Value) -> Option<(&'a str, &'a Value)> {
        let name = value.get("$ref").and_then(definition_name)?;
        self.definitions.get_key_value(name).map(|(name, schema)| (name.as_str(), schema))
    }
}

/// The name in `#/$defs/Name`.
pub(super) fn definition_name(reference: &Value) -> Option<&str> {
    reference.as_str()?.strip_prefix(DEFINITIONS)
}

/// The words that a text may be, if it may not be any.
fn choices(value: &Value) -> Vec<&str> {
    let constant = value.get("const").and_then(Value::as_str);
    let alternatives = value.get("oneOf").and_then(Value::as_array).into_iter().flatten();
    strings(value.get("enum"))
        .into_iter()
        .chain(constant)
        .chain(alternatives.flat_map(choices))
        .collect()
}

fn plain(value: &Value) -> String {
    let kinds = match value.get("type") {
        Some(Value::String(kind)) => vec![kind.as_str()],
        kinds => strings(kinds),
    };
    let kind = kinds.into_iter().find(|kind| *kind != "null").unwrap_or("anything");
    let said = match kind {
        "string" => "text",
        "integer" => "whole number",
        "boolean" => "true or false",
        other => other,
    };
    match value.get("format").and_then(Value::as_str) {
        Some("uuid") => "UUID".to_owned(),
        Some("date-time") => "time (RFC 3339, UTC)".to_owned(),
        _ => said.to_owned(),
    }
}

fn strings(value: Option<&Value>) -> Vec<&str> {
    value.and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect()
}

fn text(schema: &Map<String, Value>, keyword: &str) -> String {
    schema.get(keyword).and_then(Value::as_str).unwrap_or_default().replace('\n', " ")
}
