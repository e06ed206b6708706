//! The AsyncAPI 3.0 document: a channel for each event on the exchange and one for each queue, who
//! sends what, who receives what, with schemas and samples.

use std::collections::BTreeMap;

use anyhow::ensure;
use serde_json::{Map, Value, json};

use super::{
    Told,
    schema::{Schema, definition_name},
};
use crate::cli::ServiceName;

const EXCHANGE: &str = "estrade.events";
const BINDING: &str = "0.3.0";

pub(super) fn document(all: &[Told]) -> anyhow::Result<Value> {
    let mut schemas = Map::new();
    let mut messages = Map::new();
    for told in all {
        messages.insert(told.event_type().to_owned(), message(told, &mut schemas)?);
    }
    Ok(json!({
        "asyncapi": "3.0.0",
        "info": {
            "title": "Estrade",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "What the services of Estrade tell each other and whoever listens. \
                CloudEvents 1.0 in binary mode over AMQP 0-9-1. Delivered at least once, in no promised \
                order: be idempotent by the event's id, and let a version win over a lower one. An \
                event is never changed but by optional fields; anything else is a new event beside it.",
            "license": { "name": "MIT OR Apache-2.0" },
        },
        "defaultContentType": "application/json",
        "servers": { "rabbitmq": {
            "host": "localhost:5672",
            "protocol": "amqp",
            "protocolVersion": "0.9.1",
            "description": "RabbitMQ 3.10 to 4.x; `broker` in estrade.toml says where.",
            "security": [{ "$ref": "#/components/securitySchemes/user" }],
        }},
        "channels": channels(all),
        "operations": operations(all),
        "components": {
            "messages": messages,
            "schemas": schemas,
            "securitySchemes": { "user": { "type": "userPassword" } },
        },
    }))
}

fn channels(all: &[Told]) -> Map<String, Value> {
    let mut channels = Map::new();
    for told in all {
        channels.insert(told.event_type().to_owned(), event_channel(told));
    }
    for (queue, (service, heard)) in queues(all) {
        channels.insert(queue_channel_name(queue), queue_channel(queue, service, &heard));
    }
    channels
}

/// Where an event is published: its type is the routing key.
fn event_channel(told: &Told) -> Value {
    let name = told.event_type();
    let bindings = json!({ "amqp": {
        "is": "routingKey",
        "exchange": { "name": EXCHANGE, "type": "topic", "durable": true, "autoDelete": false },
        "bindingVersion": BINDING,
    }});
    json!({
        "address": name,
        "title": name,
        "description": format!("Bind a queue of your own to `{EXCHANGE}` with this routing key."),
        "messages": { name: { "$ref": format!("#/components/messages/{name}") } },
        "bindings": bindings,
    })
}

/// Where a handler of ours takes from.
fn queue_channel(queue: &str, service: ServiceName, heard: &[&Told]) -> Value {
    let reference = |told: &&Told| {
        let name = told.event_type();
        (name.to_owned(), json!({ "$ref": format!("#/components/messages/{name}") }))
    };
    json!({
        "address": queue,
        "title": queue,
        "description": format!(
            "A quorum queue of `{}`: nobody else consumes from it. The data is as in the channels \
             of the events.", service.name()
        ),
        "messages": heard.iter().map(reference).collect::<Map<_, _>>(),
        "bindings": { "amqp": {
            "is": "queue",
            "queue": { "name": queue, "durable": true, "exclusive": false, "autoDelete": false },
            "bindingVersion": BINDING,
        }},
    })
}

fn operations(all: &[Told]) -> Map<String, Value> {
    let mut operations = Map::new();
    for told in all {
        for publisher in &told.publishers {
            let name = format!("{}.sends.{}", publisher.name(), told.event_type());
            operations.insert(name, sending(*publisher, told));
        }
    }
    for (queue, (service, heard)) in queues(all) {
        operations.insert(format!("{queue}.receives"), receiving(queue, service, &heard));
    }
    operations
}

fn sending(publisher: ServiceName, told: &Told) -> Value {
    let name = told.event_type();
    json!({
        "action": "send",
        "channel": { "$ref": format!("#/channels/{name}") },
        "summary": format!("{} publishes {name}", publisher.name()),
        "tags": [{ "name": publisher.name() }],
        "messages": [{ "$ref": format!("#/channels/{name}/messages/{name}") }],
        "bindings": { "amqp": {
            "deliveryMode": 2, "mandatory": true, "timestamp": true, "bindingVersion": BINDING,
        }},
    })
}

fn receiving(queue: &str, service: ServiceName, heard: &[&Told]) -> Value {
    let channel = format!("#/channels/{}", queue_channel_name(queue));
    let reference =
        |told: &&Told| json!({ "$ref": format!("{channel}/messages/{}", told.event_type()) });
    json!({
        "action": "receive",
        "channel": { "$ref": channel },
        "summary": format!("{queue} takes each event once"),
        "tags": [{ "name": service.name() }],
        "messages": heard.iter().map(reference).collect::<Vec<_>>(),
        "bindings": { "amqp": { "ack": true, "bindingVersion": BINDING } },
    })
}

fn queue_channel_name(queue: &str) -> String {
    format!("queue.{queue}")
}

/// Each queue with its service and what it hears.
fn queues(all: &[Told]) -> BTreeMap<&str, (ServiceName, Vec<&Told>)> {
    let mut queues: BTreeMap<&str, (ServiceName, Vec<&Told>)> = BTreeMap::new();
    for told in all {
        for heard in &told.queues {
            let entry = queues.entry(&heard.queue).or_insert((heard.service, Vec::new()));
            entry.1.push(told);
        }
    }
    queues
}

fn message(told: &Told, schemas: &mut Map<String, Value>) -> anyhow::Result<Value> {
    let name = told.event_type();
    let Schema { mut root, definitions } = Schema::of(told.described);
    let meaning = root.remove("description").unwrap_or_default();
    for (definition, schema) in definitions {
        add(schemas, definition, schema)?;
    }
    add(schemas, name.to_owned(), Value::Object(root))?;
    Ok(json!({
        "name": name,
        "title": name,
        "summary": meaning,
        "contentType": "application/json",
        "tags": [{ "name": told.owner() }],
        "headers": headers(name, told.owner()),
        "payload": { "$ref": format!("#/components/schemas/{name}") },
        "examples": [{ "name": "sample", "payload": told.sample()? }],
        "bindings": { "amqp": { "messageType": name, "bindingVersion": BINDING } },
    }))
}

/// Puts a schema among the components, where all have one roof: a name means one thing.
fn add(schemas: &mut Map<String, Value>, name: String, mut schema: Value) -> anyhow::Result<()> {
    point_at_components(&mut schema);
    if let Some(before) = schemas.get(&name) {
        ensure!(*before == schema, "two types of the contract are called {name}: rename one");
    }
    schemas.insert(name, schema);
    Ok(())
}

fn point_at_components(schema: &mut Value) {
    match schema {
        Value::Object(map) => {
            if let Some(name) = map.get("$ref").and_then(definition_name) {
                let reference = format!("#/components/schemas/{name}");
                map.insert("$ref".to_owned(), Value::String(reference));
            }
            map.values_mut().for_each(point_at_components);
        }
        Value::Array(items) => items.iter_mut().for_each(point_at_components),
        _ => {}
    }
}

/// The attributes of CloudEvents, as they travel in the headers of a message.
fn headers(event_type: &str, owner: &str) -> Value {
    let text = |meaning: &str| json!({ "type": "string", "description": meaning });
    json!({
        "type": "object",
        "properties": {
            "cloudEvents:specversion": { "type": "string", "const": "1.0" },
            "cloudEvents:id": {
                "type": "string", "format": "uuid",
                "description": "The same however often it is delivered; also the message id of AMQP.",
            },
            "cloudEvents:source": { "type": "string", "const": format!("/estrade/{owner}") },
            "cloudEvents:type": { "type": "string", "const": event_type },
            "cloudEvents:subject": text("The id of what it is about."),
            "cloudEvents:time": {
                "type": "string", "format": "date-time", "description": "When it happened.",
            },
            "cloudEvents:sequence": text("The version of what it is about, where it carries state."),
            "cloudEvents:traceparent": text("W3C Trace Context."),
        },
        "required": [
            "cloudEvents:specversion", "cloudEvents:id", "cloudEvents:source", "cloudEvents:type",
            "cloudEvents:subject", "cloudEvents:time",
        ],
    })
}
