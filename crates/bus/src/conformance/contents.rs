//! What arrives is what was sent, to the byte.

use std::collections::BTreeMap;

use chrono::DateTime;
use event::Envelope;

use super::{
    Place,
    stage::{
        COURSE, SOON, assert_owned, assert_silent, declare, envelope, publish, queue, read,
        receive, settle, take, to_everyone, within,
    },
};

pub async fn attributes_arrive_as_they_were_sent(place: impl Place) {
    let plain = Envelope { sequence: None, ..envelope(COURSE) };
    let full = Envelope {
        source: "/estrade/catalog/élève".to_owned(),
        subject: "Nguyễn Thị Minh; \"quoted\", a\tb%20c\\d".to_owned(),
        sequence: Some(9_007_199_254_740_993),
        time: DateTime::from_timestamp_micros(1_700_000_000_123_457).expect("a time"),
        traceparent: Some("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01".to_owned()),
        ..envelope(COURSE)
    };
    let zero = Envelope {
        sequence: Some(0),
        subject: String::new(),
        time: DateTime::from_timestamp_micros(0).expect("a time"),
        ..envelope(COURSE)
    };
    let largest = Envelope { sequence: Some(i64::MAX.unsigned_abs()), ..envelope(COURSE) };
    arrive_unharmed(place, vec![plain, full, zero, largest]).await;
}

pub async fn large_and_foreign_bodies_arrive_unharmed(place: impl Place) {
    let bodies = [
        r#"{"name":"Nguyễn Văn Ánh","ar":"محمد","cy":"Siân Ŵyn","😀":"👩🏽‍🏫","nul":"\u0000"}"#
            .to_owned(),
        "{ \"spaces\" :  1.0 ,\n\t\"number\":1e400, \"twice\":1, \"twice\":2 }".to_owned(),
        format!("{{\"large\":\"{}\"}}", "é\\n\\\"x".repeat(150_000)),
        "null".to_owned(),
        String::new(),
    ];
    assert!(bodies[2].len() > 1024 * 1024, "a mebibyte, at least");
    let envelopes = bodies.map(|data| Envelope { data, ..envelope(COURSE) }).to_vec();
    arrive_unharmed(place, envelopes).await;
}

async fn arrive_unharmed(place: impl Place, envelopes: Vec<Envelope>) {
    let (sender, transport) = (place.connect().await, place.connect().await);
    declare(&sender, &[queue("one.copy", &[COURSE])]).await;
    let count = envelopes.len();
    let batch = envelopes.iter().cloned().map(to_everyone).collect();
    assert_owned(&within(SOON, "a send", sender.send(batch)).await, count);
    let mut receiver = receive(&transport, "one.copy").await;
    let taken = take(&mut receiver, count).await;
    let came: BTreeMap<_, _> = taken.iter().map(|one| (read(one).id, read(one))).collect();
    for sent in &envelopes {
        assert!(came.get(&sent.id) == Some(&sent), "unharmed: {:.300}", format!("{sent:?}"));
    }
    settle(&mut receiver, &taken).await;
}

/// Nobody's rubbish stops a queue, and none of it is thrown away unseen.
pub async fn undecodable_is_handed_over_with_its_bytes(place: impl Place) {
    let transport = place.connect().await;
    declare(&transport, &[queue("one.copy", &[COURSE])]).await;
    let rubbish: [&[u8]; 3] = [b"\xff\x00\xfe rubbish \x80", b"{\"id\":\"no-uuid\"}", b""];
    let mut receiver = receive(&transport, "one.copy").await;
    for bytes in rubbish {
        place.inject("one.copy", bytes).await;
        let taken = take(&mut receiver, 1).await;
        let undecodable = taken[0].content.as_ref().expect_err("no envelope");
        assert_eq!(undecodable.bytes, bytes);
        assert!(!undecodable.cause.is_empty(), "says why");
        settle(&mut receiver, &taken).await;
    }
    let sent = publish(&transport, COURSE, 1).await;
    let taken = take(&mut receiver, 1).await;
    assert!(sent.contains(&read(&taken[0]).id), "what comes after it still comes");
    settle(&mut receiver, &taken).await;
    assert_silent(&mut receiver).await;
}
