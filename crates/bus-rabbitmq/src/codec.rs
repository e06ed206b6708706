//! An envelope as an AMQP message: CloudEvents in binary mode, and back.
//!
//! Attributes are headers `cloudEvents:<name>`, the data is the body. The broker's own message id,
//! timestamp and content type say the same again, for the tools that look at those.

use std::fmt::Write as _;

use bus::transport::{Destination, Outgoing, Undecodable};
use chrono::{DateTime, SecondsFormat, Utc};
use event::{Envelope, EventId};
use lapin::BasicProperties;
use lapin::types::{AMQPValue, FieldTable, LongString, ShortString};

use crate::topology::EVENTS;

/// A CloudEvents attribute.
struct Attribute {
    header: &'static str,
    /// Not ours, but what others write: the binding's spelling for brokers that forbid the colon.
    others: &'static str,
}

macro_rules! attribute {
    ($name:literal) => {
        Attribute { header: concat!("cloudEvents:", $name), others: concat!("cloudEvents_", $name) }
    };
}

const SPECIFICATION: Attribute = attribute!("specversion");
const ID: Attribute = attribute!("id");
const SOURCE: Attribute = attribute!("source");
const TYPE: Attribute = attribute!("type");
const SUBJECT: Attribute = attribute!("subject");
const TIME: Attribute = attribute!("time");
const SEQUENCE: Attribute = attribute!("sequence");
const TRACEPARENT: Attribute = attribute!("traceparent");
const SPEC_VERSION: &str = "1.0";
const JSON: &str = "application/json";
const PERSISTENT: u8 = 2;
/// All attributes travel in one frame, which RabbitMQ limits to 128 KiB.
const LARGEST_ATTRIBUTES: usize = 64 * 1024;
/// How much of a stranger's headers is kept to be read.
const LONGEST_READABLE: usize = 16 * 1024;

/// Headers in which a quorum queue counts what came back to it. Since RabbitMQ 4.3 the first counts failures
/// alone; before it there is nothing but the first.
const COUNTS: [&str; 2] = ["x-delivery-count", "x-acquired-count"];

/// Where a message goes in the broker's own terms.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Route {
    pub(crate) exchange: ShortString,
    pub(crate) key: ShortString,
}

/// The route of one envelope, once it is sure that the broker will not close the channel over it.
pub(crate) fn route(outgoing: &Outgoing, largest_message: usize) -> Result<Route, String> {
    let envelope = &outgoing.envelope;
    if envelope.data.len() > largest_message {
        let size = envelope.data.len();
        return Err(format!(
            "{size} bytes of data are more than the {largest_message} a message may have"
        ));
    }
    let attributes = envelope.source.len()
        + envelope.subject.len()
        + envelope.event_type.len()
        + envelope.traceparent.as_ref().map_or(0, String::len);
    if attributes > LARGEST_ATTRIBUTES {
        return Err(format!("{attributes} bytes of attributes are more than {LARGEST_ATTRIBUTES}"));
    }
    let (exchange, key) = match &outgoing.to {
        Destination::Everyone => (EVENTS, envelope.event_type.as_str()),
        Destination::Queue(queue) => ("", queue.as_str()),
    };
    let key =
        ShortString::try_new(key).map_err(|error| format!("it cannot be addressed: {error}"))?;
    Ok(Route { exchange: exchange.into(), key })
}

pub(crate) fn properties(envelope: &Envelope) -> BasicProperties {
    let mut headers = FieldTable::default();
    let mut add = |attribute: Attribute, value: String| {
        headers.insert(attribute.header.into(), AMQPValue::LongString(LongString::from(value)));
    };
    add(SPECIFICATION, SPEC_VERSION.to_owned());
    add(ID, envelope.id.to_string());
    add(SOURCE, envelope.source.clone());
    add(TYPE, envelope.event_type.clone());
    add(SUBJECT, envelope.subject.clone());
    add(TIME, envelope.time.to_rfc3339_opts(SecondsFormat::AutoSi, true));
    if let Some(sequence) = envelope.sequence {
        add(SEQUENCE, sequence.to_string());
    }
    if let Some(traceparent) = &envelope.traceparent {
        add(TRACEPARENT, traceparent.clone());
    }
    BasicProperties::default()
        .with_content_type(JSON.into())
        .with_delivery_mode(PERSISTENT)
        .with_message_id(ShortString::from(envelope.id.to_string()))
        .with_timestamp(u64::try_from(envelope.time.timestamp()).unwrap_or(0))
        .with_headers(headers)
}

/// The properties of a message that found no queue, with where it wanted to go.
pub(crate) fn stray_properties(envelope: &Envelope, route: &Route) -> BasicProperties {
    let properties = properties(envelope);
    let mut headers = properties.headers().clone().unwrap_or_default();
    let wanted = format!("exchange `{}`, key `{}`", route.exchange, route.key);
    headers.insert("estrade-unroutable".into(), AMQPValue::LongString(LongString::from(wanted)));
    properties.with_headers(headers)
}

pub(crate) fn decode(properties: &BasicProperties, body: Vec<u8>) -> Result<Envelope, Undecodable> {
    match attributes(properties) {
        Ok(envelope) => match String::from_utf8(body) {
            Ok(data) => Ok(Envelope { data, ..envelope }),
            Err(error) => {
                let cause = format!("the data is no UTF-8: {}", error.utf8_error());
                Err(undecodable(properties, error.into_bytes(), cause))
            }
        },
        Err(cause) => Err(undecodable(properties, body, cause)),
    }
}

/// How often the message was handed out before, as far as the broker says.
pub(crate) fn returned(properties: &BasicProperties, redelivered: bool) -> u32 {
    let headers = properties.headers().as_ref();
    let count = |name: &str| whole_number(headers?.inner().get(name)?)?.parse::<u32>().ok();
    let counts = COUNTS.into_iter().filter_map(count);
    counts.max().unwrap_or(0).max(u32::from(redelivered))
}

/// All but the data.
fn attributes(properties: &BasicProperties) -> Result<Envelope, String> {
    if let Some(content_type) = properties.content_type()
        && !is_json(content_type.as_str())
    {
        return Err(format!("the content type `{content_type}` is not `{JSON}`"));
    }
    let headers = properties.headers().as_ref().ok_or("it has no headers")?;
    let version = required(headers, &SPECIFICATION)?;
    if version != SPEC_VERSION {
        return Err(format!("CloudEvents {version} is not {SPEC_VERSION}"));
    }
    let id: uuid::Uuid = read(&ID, &required(headers, &ID)?)?;
    let time: DateTime<chrono::FixedOffset> = read(&TIME, &required(headers, &TIME)?)?;
    let sequence = match optional(headers, &SEQUENCE)? {
        Some(text) => Some(read(&SEQUENCE, &text)?),
        None => None,
    };
    Ok(Envelope {
        id: EventId(id),
        source: required(headers, &SOURCE)?,
        event_type: required(headers, &TYPE)?,
        subject: required(headers, &SUBJECT)?,
        sequence,
        time: time.with_timezone(&Utc),
        traceparent: optional(headers, &TRACEPARENT)?,
        data: String::new(),
    })
}

fn is_json(content_type: &str) -> bool {
    let kind = content_type.split(';').next().unwrap_or_default();
    kind.trim().eq_ignore_ascii_case(JSON)
}

fn required(headers: &FieldTable, attribute: &Attribute) -> Result<String, String> {
    optional(headers, attribute)?
        .ok_or_else(|| format!("the header `{}` is missing", attribute.header))
}

fn optional(headers: &FieldTable, attribute: &Attribute) -> Result<Option<String>, String> {
    let (values, header) = (headers.inner(), attribute.header);
    let Some(value) = values.get(header).or_else(|| values.get(attribute.others)) else {
        return Ok(None);
    };
    match value {
        AMQPValue::Void => Ok(None),
        AMQPValue::LongString(bytes) => match std::str::from_utf8(bytes.as_bytes()) {
            Ok(text) => Ok(Some(text.to_owned())),
            Err(_) => Err(format!("the header `{header}` is no UTF-8")),
        },
        AMQPValue::ShortString(text) => Ok(Some(text.to_string())),
        other => {
            whole_number(other).map(Some).ok_or_else(|| format!("the header `{header}` is no text"))
        }
    }
}

fn whole_number(value: &AMQPValue) -> Option<String> {
    match value {
        AMQPValue::ShortShortInt(number) => Some(number.to_string()),
        AMQPValue::ShortShortUInt(number) => Some(number.to_string()),
        AMQPValue::ShortInt(number) => Some(number.to_string()),
        AMQPValue::ShortUInt(number) => Some(number.to_string()),
        AMQPValue::LongInt(number) => Some(number.to_string()),
        AMQPValue::LongUInt(number) => Some(number.to_string()),
        AMQPValue::LongLongInt(number) => Some(number.to_string()),
        _ => None,
    }
}

fn read<T: std::str::FromStr>(attribute: &Attribute, text: &str) -> Result<T, String>
where
    T::Err: std::fmt::Display,
{
    let header = attribute.header;
    text.parse().map_err(|error| format!("the header `{header}` cannot be read: {error}"))
}

fn undecodable(properties: &BasicProperties, bytes: Vec<u8>, cause: String) -> Undecodable {
    Undecodable { bytes, headers: readable(properties), cause }
}

/// One line for each property and header, whatever they hold, up to a limit.
fn readable(properties: &BasicProperties) -> String {
    let mut text = String::new();
    let mut line = |name: &str, value: String| {
        if text.len() < LONGEST_READABLE {
            let room = LONGEST_READABLE - text.len();
            let value: String = value.chars().flat_map(char::escape_debug).take(room).collect();
            let name: String = name.chars().flat_map(char::escape_debug).collect();
            // Writing to a String cannot fail.
            let _ = writeln!(text, "{name}: {value}");
        }
    };
    let named = [
        ("content-type", properties.content_type()),
        ("content-encoding", properties.content_encoding()),
        ("message-id", properties.message_id()),
        ("correlation-id", properties.correlation_id()),
        ("type", properties.kind()),
        ("app-id", properties.app_id()),
    ];
    for (name, value) in named {
        if let Some(value) = value {
            line(name, value.to_string());
        }
    }
    for (name, value) in properties.headers().iter().flatten() {
        line(name.as_str(), value_text(value));
    }
    text
}

fn value_text(value: &AMQPValue) -> String {
    match value {
        AMQPValue::LongString(text) => text.to_string(),
        AMQPValue::ShortString(text) => text.to_string(),
        AMQPValue::Boolean(yes) => yes.to_string(),
        AMQPValue::Timestamp(seconds) => seconds.to_string(),
        AMQPValue::Void => String::new(),
        AMQPValue::FieldArray(_) => "(a list)".to_owned(),
        AMQPValue::FieldTable(_) => "(a table)".to_owned(),
        AMQPValue::ByteArray(bytes) => format!("({} bytes)", bytes.len()),
        other => whole_number(other).unwrap_or_else(|| "(a number)".to_owned()),
    }
}

#[cfg(test)]
#[path = "codec_tests.rs"]
mod tests;
