#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
use super::*;

fn envelope() -> Envelope {
    Envelope {
        id: EventId(uuid::Uuid::now_v7()),
        source: "/estrade/catalog".to_owned(),
        event_type: "catalog.course-updated.v1".to_owned(),
        subject: "Nguyễn \u{202e}".to_owned(),
        sequence: Some(u64::MAX),
        time: "2026-11-22T20:00:00.123456789Z".parse().unwrap(),
        traceparent: Some("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01".to_owned()),
        data: r#"{"title":"Les files"}"#.to_owned(),
    }
}

fn outgoing(envelope: Envelope) -> Outgoing {
    Outgoing { envelope, to: Destination::Everyone }
}

#[test]
fn an_envelope_comes_back_as_it_went() {
    let full = envelope();
    let bare = Envelope { sequence: None, traceparent: None, data: String::new(), ..envelope() };
    for sent in [full, bare] {
        let decoded = decode(&properties(&sent), sent.data.clone().into_bytes());
        assert_eq!(decoded.unwrap(), sent);
    }
}

#[test]
fn the_properties_say_what_tools_look_for() {
    let sent = envelope();
    let properties = properties(&sent);
    assert_eq!(properties.message_id().as_ref().unwrap().as_str(), sent.id.to_string());
    assert_eq!(properties.delivery_mode(), &Some(PERSISTENT));
    assert_eq!(properties.timestamp(), &Some(sent.time.timestamp() as u64));
    assert!(properties.headers().as_ref().unwrap().contains_key("cloudEvents:specversion"));
}

#[test]
fn a_sequence_may_be_a_number_and_the_prefix_an_underscore() {
    let sent = envelope();
    let mut headers = FieldTable::default();
    for (key, value) in properties(&sent).headers().as_ref().unwrap() {
        headers.insert(key.as_str().replace(':', "_").into(), value.clone());
    }
    headers.insert("cloudEvents_sequence".into(), AMQPValue::LongLongInt(7));
    let decoded = decode(&properties(&sent).with_headers(headers), Vec::new()).unwrap();
    assert_eq!(decoded.sequence, Some(7));
}

#[test]
fn what_came_back_is_counted_under_either_name() {
    let count = |counted: &[(&str, i64)], redelivered| {
        let mut headers = properties(&envelope()).headers().clone().unwrap();
        for (name, number) in counted {
            headers.insert((*name).into(), AMQPValue::LongLongInt(*number));
        }
        returned(&BasicProperties::default().with_headers(headers), redelivered)
    };
    assert_eq!(returned(&BasicProperties::default(), false), 0);
    assert_eq!(count(&[], true), 1);
    assert_eq!(count(&[("x-delivery-count", 3)], true), 3);
    assert_eq!(count(&[("x-delivery-count", 0), ("x-acquired-count", 4)], true), 4);
    assert_eq!(count(&[("x-delivery-count", -1)], false), 0);
}

fn with_header(name: &str, value: AMQPValue) -> BasicProperties {
    let sent = properties(&envelope());
    let mut headers = sent.headers().clone().unwrap();
    headers.insert(format!("cloudEvents:{name}").into(), value);
    sent.with_headers(headers)
}

fn long(bytes: &[u8]) -> AMQPValue {
    AMQPValue::LongString(LongString::from(bytes))
}

#[test]
fn what_is_no_envelope_keeps_its_bytes_and_says_why() {
    let cases = [
        (BasicProperties::default(), "no headers"),
        (with_header("id", long(b"17")), "cloudEvents:id"),
        (with_header("id", long(&[0xff, 0xfe])), "no UTF-8"),
        (
            with_header("type", AMQPValue::FieldArray(lapin::types::FieldArray::default())),
            "no text",
        ),
        (with_header("type", AMQPValue::Void), "missing"),
        (with_header("sequence", AMQPValue::LongLongInt(-1)), "cloudEvents:sequence"),
        (with_header("sequence", long(b"99999999999999999999999")), "cloudEvents:sequence"),
        (with_header("time", long(b"yesterday")), "cloudEvents:time"),
        (with_header("specversion", long(b"0.3")), "0.3"),
        (properties(&envelope()).with_content_type("text/xml".into()), "text/xml"),
    ];
    for (properties, cause) in cases {
        let refused = decode(&properties, b"\0bytes\xff".to_vec()).unwrap_err();
        assert_eq!(refused.bytes, b"\0bytes\xff");
        assert!(refused.cause.contains(cause), "{} should say {cause}", refused.cause);
    }
}

#[test]
fn data_that_is_no_text_keeps_its_bytes_and_its_readable_headers() {
    let refused = decode(&properties(&envelope()), vec![0xff, 0, 1]).unwrap_err();
    assert_eq!(refused.bytes, [0xff, 0, 1]);
    assert!(refused.headers.contains("cloudEvents:type: catalog.course-updated.v1"));
}

#[test]
fn readable_headers_have_a_limit_and_no_control_characters() {
    let mut properties = with_header("subject", long(&[b'x'; 100_000]));
    let mut headers = properties.headers().clone().unwrap();
    headers.insert("\u{1b}[31mred\n".into(), long(b"a\nb\0"));
    properties = properties.with_headers(headers).with_content_type("text/plain".into());
    let refused = decode(&properties, Vec::new()).unwrap_err();
    assert!(refused.headers.len() < 2 * LONGEST_READABLE);
    assert!(refused.headers.chars().all(|letter| letter == '\n' || !letter.is_control()));
}

#[test]
fn what_the_broker_would_close_the_channel_over_is_not_sent() {
    let large = Envelope { data: "x".repeat(1001), ..envelope() };
    assert!(route(&outgoing(large), 1000).is_err());
    let wide = Envelope { subject: "x".repeat(LARGEST_ATTRIBUTES), ..envelope() };
    assert!(route(&outgoing(wide), 1000).is_err());
    let long_type = Envelope { event_type: "x".repeat(256), ..envelope() };
    assert!(route(&outgoing(long_type), 1000).is_err());
    assert_eq!(
        route(&outgoing(envelope()), 1000).unwrap().key.as_str(),
        "catalog.course-updated.v1"
    );
}
