//! The few files that pages need, each under an address that changes with its content.

use std::sync::LazyLock;

use axum::{
    Router,
    http::{HeaderName, StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use sha2::{Digest, Sha256};

use crate::Problem;

/// A file in the binary.
pub(crate) struct Asset {
    content: &'static str,
    media_type: &'static str,
    address: String,
}

impl Asset {
    fn new(name: &str, ending: &str, media_type: &'static str, content: &'static str) -> Self {
        let digest = Sha256::digest(content);
        let hash: String = digest.iter().take(6).map(|byte| format!("{byte:02x}")).collect();
        Self { content, media_type, address: format!("/assets/{name}.{hash}.{ending}") }
    }

    pub(crate) fn address(&self) -> &str {
        &self.address
    }
}

pub(crate) static STYLE: LazyLock<Asset> = LazyLock::new(|| {
    Asset::new("estrade", "css", "text/css; charset=utf-8", include_str!("../assets/estrade.css"))
});

pub(crate) static ICON: LazyLock<Asset> = LazyLock::new(|| {
    Asset::new("estrade", "svg", "image/svg+xml", include_str!("../assets/estrade.svg"))
});

pub(crate) fn routes() -> Router {
    [&STYLE, &ICON].into_iter().fold(Router::new(), |router, asset| {
        router.route(asset.address(), get(async || serve(asset)))
    })
}

fn serve(asset: &'static Asset) -> Response {
    let headers = [
        (header::CONTENT_TYPE, asset.media_type),
        (header::CACHE_CONTROL, "public, max-age=31536000, immutable"),
        // Mails show the icon too.
        (HeaderName::from_static("cross-origin-resource-policy"), "cross-origin"),
    ];
    (StatusCode::OK, headers, asset.content).into_response()
}

/// What answers where nothing is.
pub(crate) async fn nothing() -> Problem {
    Problem::not_found(
        "nothing is at this address: see /courses, or /api/v1/openapi.json for programs",
    )
}
