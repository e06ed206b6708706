//! What every service's outside has in common: who is asking ([`Session`]), what a refusal looks
//! like ([`Problem`]), reading hostile input ([`Json`], [`Path`], [`Query`]), language, layout.
//!
//! A session is sealed with a key that all services share, so that each reads it by itself: no
//! service asks another who somebody is. This crate knows no service, no database and no event.

mod extract;
mod problem;
mod seal;
mod session;

pub use extract::{Json, Path, Query};
pub use problem::{FieldProblem, Problem};
pub use seal::{SealingKey, Unsealable};
pub use session::{MaybeSession, Session};

use std::sync::Arc;

/// What every service's routes need besides its database. Cheap to clone.
#[derive(Clone)]
pub struct Ui {
    inner: Arc<Inner>,
}

struct Inner {
    key: SealingKey,
    base_url: String,
}

impl Ui {
    /// `base_url` is how people reach the platform, without a slash at its end.
    #[must_use]
    pub fn new(key: SealingKey, base_url: &str) -> Self {
        let base_url = base_url.trim_end_matches('/').to_owned();
        Self { inner: Arc::new(Inner { key, base_url }) }
    }

    #[must_use]
    pub fn key(&self) -> &SealingKey {
        &self.inner.key
    }

    /// How people reach the platform, without a slash at its end.
    #[must_use]
    pub fn base_url(&self) -> &str {
        &self.inner.base_url
    }

    /// Whether cookies may travel over TLS alone.
    #[must_use]
    pub fn is_secure(&self) -> bool {
        self.inner.base_url.starts_with("https://")
    }
}

/// What one service brings to the outside.
pub struct Routes {
    /// JSON under `/api/v1`, described.
    pub api: utoipa_axum::router::OpenApiRouter,
    /// HTML.
    pub pages: axum::Router,
}
