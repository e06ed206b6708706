//! The trace of one click, through every transaction, queue and effect, as W3C's `traceparent`.
//!
//! Every event and every job carries one, whether anybody collects spans or not: logs and dead letters
//! name the trace too. Spans are made only once [`export_spans`] was called; until then following a
//! trace costs a copy of its text. What is exported, and where to, is not decided here.

use std::{
    collections::HashMap,
    sync::atomic::{AtomicBool, Ordering},
    time::SystemTime,
};

use event::{Envelope, EventId};
pub use opentelemetry::Context;
use opentelemetry::{
    KeyValue, global,
    trace::{
        SpanBuilder, SpanContext, SpanId, SpanKind, Status, TraceContextExt, TraceFlags, TraceId,
        TraceState, Tracer,
    },
};

static EXPORTING: AtomicBool = AtomicBool::new(false);

/// From here on spans are made, by OpenTelemetry's global provider.
pub fn export_spans() {
    EXPORTING.store(true, Ordering::Relaxed);
}

fn exporting() -> bool {
    EXPORTING.load(Ordering::Relaxed)
}

/// Goes on with the trace that the text names; begins one where it names none.
#[must_use]
pub fn continued(traceparent: Option<&str>) -> Context {
    let parent = traceparent
        .and_then(read)
        .unwrap_or_else(|| if exporting() { SpanContext::empty_context() } else { begun() });
    Context::new().with_remote_span_context(parent)
}

/// Names the context as W3C does.
#[must_use]
pub fn traceparent(context: &Context) -> String {
    write(context.span().span_context())
}

/// The trace's id in a `traceparent`, for logs.
#[must_use]
pub fn id(traceparent: Option<&str>) -> &str {
    traceparent.and_then(|text| text.get(3..35)).unwrap_or_default()
}

fn begun() -> SpanContext {
    let (trace, span) = (event::fresh_uuid(), event::fresh_uuid());
    let span = SpanId::from(span.as_u64_pair().1);
    let trace = TraceId::from(trace.as_u128());
    SpanContext::new(trace, span, TraceFlags::default(), true, TraceState::NONE)
}

/// `00-<32 digits>-<16 digits>-<2 digits>`; later versions may have more behind it.
fn read(text: &str) -> Option<SpanContext> {
    let mut parts = text.split('-');
    let (version, trace, span, flags) =
        (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    let digits = |part: &str, count| {
        part.len() == count && part.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
    };
    let is_fine = digits(version, 2)
        && version != "ff"
        && (version != "00" || parts.next().is_none())
        && digits(trace, 32)
        && digits(span, 16)
        && digits(flags, 2);
    if !is_fine {
        return None;
    }
    let context = SpanContext::new(
        TraceId::from_hex(trace).ok()?,
        SpanId::from_hex(span).ok()?,
        TraceFlags::new(u8::from_str_radix(flags, 16).ok()?),
        true,
        TraceState::NONE,
    );
    context.is_valid().then_some(context)
}

fn write(context: &SpanContext) -> String {
    let flags = context.trace_flags().to_u8();
    format!("00-{}-{}-{flags:02x}", context.trace_id(), context.span_id())
}

/// One span, if spans are made; otherwise its parent's context and nothing more.
pub struct Span {
    context: Context,
    is_made: bool,
}

impl Span {
    /// Begins one within a service, from a moment on.
    fn begin(
        service: &str,
        kind: SpanKind,
        since: Option<SystemTime>,
        parent: &Context,
        described: impl FnOnce() -> (String, Vec<KeyValue>),
    ) -> Self {
        if !exporting() {
            return Self { context: parent.clone(), is_made: false };
        }
        let tracer = global::tracer(service.to_owned());
        let (name, attributes) = described();
        let mut builder: SpanBuilder =
            tracer.span_builder(name).with_kind(kind).with_attributes(attributes);
        builder.start_time = since;
        let span = tracer.build_with_context(builder, parent);
        Self { context: parent.with_span(span), is_made: true }
    }

    /// An HTTP request that a service answers.
    #[must_use]
    pub fn of_request(service: &str, method: &str, route: &str, parent: &Context) -> Self {
        Self::begin(service, SpanKind::Server, None, parent, || {
            let attributes = vec![
                KeyValue::new("http.request.method", method.to_owned()),
                KeyValue::new("http.route", route.to_owned()),
            ];
            (format!("{method} {route}"), attributes)
        })
    }

    /// An event in a handler's hands.
    pub(crate) fn of_handling(handler: &'static str, envelope: &Envelope) -> Self {
        let parent = parent_of(envelope.traceparent.as_deref());
        Self::begin(event::owner(handler), SpanKind::Consumer, None, &parent, || {
            (format!("handle {handler}"), about_event(handler, envelope))
        })
    }

    /// An event on its way from the outbox to the transport.
    pub(crate) fn of_sending(
        service: &'static str,
        envelope: &Envelope,
        since: SystemTime,
    ) -> Self {
        let parent = parent_of(envelope.traceparent.as_deref());
        Self::begin(service, SpanKind::Producer, Some(since), &parent, || {
            (format!("send {}", envelope.event_type), about_event("estrade.events", envelope))
        })
    }

    /// A job in the outside world.
    pub(crate) fn of_job(effect: &str, traceparent: Option<&str>) -> Self {
        let parent = parent_of(traceparent);
        Self::begin(event::owner(effect), SpanKind::Client, None, &parent, || {
            let attributes = vec![KeyValue::new("estrade.effect", effect.to_owned())];
            (format!("perform {effect}"), attributes)
        })
    }

    /// What is done within it goes on from here.
    #[must_use]
    pub fn context(&self) -> &Context {
        &self.context
    }

    /// Says how an HTTP request was answered.
    pub fn answered(&self, status: u16) {
        if !self.is_made {
            return;
        }
        let status_code = KeyValue::new("http.response.status_code", i64::from(status));
        self.context.span().set_attribute(status_code);
        if status >= 500 {
            self.failed();
        }
    }

    /// Without the cause, which may name people; it is in the log and with the dead letter.
    pub(crate) fn failed(&self) {
        if self.is_made {
            self.context.span().set_status(Status::error(""));
        }
    }

    pub(crate) fn ended_as(&self, ending: &'static str) {
        if self.is_made {
            self.context.span().set_attribute(KeyValue::new("estrade.ending", ending));
        }
    }
}

impl Drop for Span {
    fn drop(&mut self) {
        if self.is_made {
            self.context.span().end();
        }
    }
}

/// Nothing is parsed where nobody makes spans.
fn parent_of(traceparent: Option<&str>) -> Context {
    if exporting() { continued(traceparent) } else { Context::new() }
}

fn about_event(destination: &'static str, envelope: &Envelope) -> Vec<KeyValue> {
    vec![
        KeyValue::new("messaging.system", "estrade"),
        KeyValue::new("messaging.destination.name", destination),
        KeyValue::new("messaging.message.id", envelope.id.to_string()),
        KeyValue::new("estrade.event_type", envelope.event_type.clone()),
    ]
}

/// To which trace belongs what a transaction publishes and requests.
#[derive(Default)]
pub(crate) struct Trail {
    now: Option<String>,
    of_event: HashMap<EventId, String>,
    of_subject: HashMap<String, String>,
}

impl Trail {
    /// One event is in hand.
    pub(crate) fn follow(&mut self, envelope: &Envelope, span: &Span) {
        self.now = traceparent_within(envelope, span);
    }

    /// A batch is in hand: what is published of an event's subject belongs to that event, unless
    /// [`follow_one`](Self::follow_one) says otherwise; anything else to the first.
    pub(crate) fn follow_all(&mut self, envelopes: &[&Envelope], spans: &[Span]) {
        *self = Self::default();
        for (envelope, span) in envelopes.iter().zip(spans) {
            let Some(traceparent) = traceparent_within(envelope, span) else { continue };
            self.now.get_or_insert_with(|| traceparent.clone());
            if envelopes.len() > 1 {
                self.of_event.insert(envelope.id, traceparent.clone());
                self.of_subject.insert(envelope.subject.clone(), traceparent);
            }
        }
    }

    /// One of the batch is in hand, whatever the subject.
    pub(crate) fn follow_one(&mut self, event: EventId) {
        if let Some(traceparent) = self.of_event.get(&event) {
            self.now = Some(traceparent.clone());
            self.of_subject.clear();
        }
    }

    /// A job is in hand.
    pub(crate) fn follow_job(&mut self, span: &Span, traceparent: Option<&str>) {
        self.now = if span.is_made {
            Some(self::traceparent(&span.context))
        } else {
            traceparent.map(str::to_owned)
        };
    }

    /// What is said of this subject belongs to this trace, begun now if there is none.
    pub(crate) fn of(&mut self, subject: &str) -> String {
        if let Some(traceparent) = self.of_subject.get(subject) {
            return traceparent.clone();
        }
        self.now.get_or_insert_with(current_or_begun).clone()
    }
}

fn traceparent_within(envelope: &Envelope, span: &Span) -> Option<String> {
    if span.is_made {
        return Some(traceparent(&span.context));
    }
    envelope.traceparent.as_deref().filter(|text| read(text).is_some()).map(str::to_owned)
}

fn current_or_begun() -> String {
    let current = Context::current();
    let span = current.span();
    if span.span_context().is_valid() { write(span.span_context()) } else { write(&begun()) }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    const TEXT: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

    #[test]
    fn a_traceparent_reads_as_it_was_written() {
        assert_eq!(traceparent(&continued(Some(TEXT))), TEXT);
        assert_eq!(id(Some(TEXT)), "4bf92f3577b34da6a3ce929d0e0e4736");
        let later = format!("01{}-what-comes-later", &TEXT[2..]);
        assert_eq!(traceparent(&continued(Some(&later))), TEXT);
    }

    #[test]
    fn what_is_no_traceparent_begins_a_trace_of_its_own() {
        for text in [
            "",
            "é",
            "00",
            "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
            "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more",
        ] {
            assert!(read(text).is_none(), "{text}");
            let begun = traceparent(&continued(Some(text)));
            assert!(read(&begun).unwrap().is_valid(), "{text}: {begun}");
        }
    }

    #[test]
    fn ids_of_odd_texts_do_not_panic() {
        for text in ["", "00-é", "00-ééééééééééééééééééééééé"] {
            let _ = id(Some(text));
        }
    }
}
