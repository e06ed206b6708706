//! Pictures of certificates for the screen, made when somebody looks: few at a time, the latest kept. The
//! document is the PDF; this is what it looks like.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use axum::{
    http::header,
    response::{IntoResponse, Response},
};
use bus::Files;
use tokio::{sync::Semaphore, time::timeout};
use ui::Problem;

use crate::{
    design::Facts,
    effects::with_logo,
    render::{self, RenderError, Rendered},
};

/// Made at once; each takes a processor for some milliseconds.
const AT_ONCE: usize = 2;
/// How long somebody waits for their turn.
const PATIENCE: Duration = Duration::from_secs(3);
const KEPT: usize = 16;
/// An SVG is a document too, which somebody may open by itself.
const POLICY: &str = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; sandbox";

pub(crate) struct Pictures {
    files: Files,
    turns: Semaphore,
    /// The latest, by a fingerprint of what they say.
    kept: Mutex<VecDeque<(String, Arc<str>)>>,
}

impl Pictures {
    pub(crate) fn new(files: Files) -> Self {
        Self { files, turns: Semaphore::new(AT_ONCE), kept: Mutex::default() }
    }

    /// As SVG, for whoever may see these facts.
    pub(crate) async fn answer(&self, facts: Facts) -> Result<Response, Problem> {
        let picture = self.picture(facts).await?;
        let headers = [
            (header::CONTENT_TYPE, "image/svg+xml"),
            (header::CONTENT_SECURITY_POLICY, POLICY),
            (header::CACHE_CONTROL, "private, max-age=600"),
        ];
        Ok((headers, picture.to_string()).into_response())
    }

    /// As PDF, made on the spot and kept nowhere: for samples.
    pub(crate) async fn document(&self, facts: Facts) -> Result<Rendered, Problem> {
        self.make(facts, render::render).await
    }

    async fn picture(&self, facts: Facts) -> Result<Arc<str>, Problem> {
        let key = serde_json::to_string(&facts).map_err(|error| Problem::unavailable(&error))?;
        let key = ui::fingerprint(key);
        if let Some(kept) = self.kept(&key) {
            return Ok(kept);
        }
        let made: Arc<str> = self.make(facts, render::picture).await?.into();
        self.keep(key, Arc::clone(&made));
        Ok(made)
    }

    async fn make<T: Send + 'static>(
        &self,
        facts: Facts,
        how: fn(&Facts) -> Result<T, RenderError>,
    ) -> Result<T, Problem> {
        let busy = || {
            let detail = "too many certificates are looked at just now: try again in a moment";
            Problem::too_many(detail, 5)
        };
        let Ok(Ok(_turn)) = timeout(PATIENCE, self.turns.acquire()).await else {
            return Err(busy());
        };
        let facts =
            with_logo(&self.files, facts).await.map_err(|error| Problem::unavailable(&error))?;
        let made = tokio::task::spawn_blocking(move || how(&facts)).await;
        made.map_err(|error| Problem::unavailable(&error))?
            .map_err(|error| Problem::unavailable(&error))
    }

    fn kept(&self, key: &str) -> Option<Arc<str>> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.iter().find(|(known, _)| known == key).map(|(_, picture)| Arc::clone(picture))
    }

    fn keep(&self, key: String, picture: Arc<str>) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= KEPT {
            kept.pop_front();
        }
        kept.push_back((key, picture));
    }
}
