//! A request whose body nobody reads to its end: refused, or too large.
//!
//! A connection that is closed with something unread is reset, and a reset may take the answer away from whoever
//! is still sending (RFC 9112, section 9.6). So what is left is read and thrown away beside the answer, within
//! limits: people and programs read why they were refused, and the connection can be used again.

use std::{
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use axum::{
    body::{Body, BodyDataStream, Bytes},
    extract::Request,
    http::{HeaderMap, header},
    middleware::Next,
    response::Response,
};
use futures::{Stream, StreamExt};
use tokio::{runtime::Handle, time::timeout};

/// Bytes that are thrown away at most; who sends more is hung up on.
const MOST: usize = 64 * 1024 * 1024;
const LONGEST: Duration = Duration::from_secs(30);

pub(crate) async fn throw_away(request: Request, next: Next) -> Response {
    if !is_sent_at_once(request.headers()) {
        return next.run(request).await;
    }
    let body = |body: Body| Body::from_stream(Unread(Some(body.into_data_stream())));
    next.run(request.map(body)).await
}

/// Whether a body comes unasked. Whoever waits to be told to send it is not told when it is refused.
fn is_sent_at_once(headers: &HeaderMap) -> bool {
    let length = headers.get(header::CONTENT_LENGTH);
    let has_body = headers.contains_key(header::TRANSFER_ENCODING)
        || length.is_some_and(|length| length.as_bytes() != b"0");
    has_body && !headers.contains_key(header::EXPECT)
}

/// What is left of a body.
struct Unread(Option<BodyDataStream>);

impl Stream for Unread {
    type Item = Result<Bytes, axum::Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let Some(body) = &mut self.0 else { return Poll::Ready(None) };
        let next = ready!(body.poll_next_unpin(context));
        if !matches!(next, Some(Ok(_))) {
            self.0 = None;
        }
        Poll::Ready(next)
    }
}

impl Drop for Unread {
    fn drop(&mut self) {
        // Without a runtime the process is ending, and the connection with it.
        if let (Some(body), Ok(runtime)) = (self.0.take(), Handle::try_current()) {
            runtime.spawn(timeout(LONGEST, drain(body)));
        }
    }
}

async fn drain(mut body: BodyDataStream) {
    let mut read = 0;
    while let Some(Ok(bytes)) = body.next().await {
        read += bytes.len();
        if read > MOST {
            return;
        }
    }
}
