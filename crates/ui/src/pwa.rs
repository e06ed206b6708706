//! What makes the platform an app that can be installed: the manifest, the service worker, which shows
//! pushed messages and stands in where there is no connection, and the page that it then shows.
//!
//! Nothing of a person is cached: without a connection there is one page, which says so.

use axum::{
    Router,
    extract::State,
    http::{HeaderMap, HeaderName, Uri, header},
    response::{IntoResponse, Response},
    routing::get,
};
use serde_json::json;

use crate::{Locale, Problem, TEXTS, Text, Ui, Visit, assets, page};

pub(crate) fn routes(ui: &Ui) -> Router {
    Router::new()
        .route("/manifest.webmanifest", get(manifest))
        .route("/service-worker.js", get(service_worker))
        .route("/offline", get(offline))
        .with_state(ui.clone())
}

async fn manifest(State(_): State<Ui>, Locale(language): Locale) -> Response {
    let t = Text::new(&TEXTS, language);
    let icon = |asset: &assets::Asset, size: &str, purpose: &str| json!({ "src": asset.address(), "sizes": size, "type": asset.media_type(), "purpose": purpose });
    let manifest = json!({
        "id": "/",
        "name": t.get("platform"),
        "short_name": t.get("platform"),
        "description": t.get("platform-about"),
        "lang": language.code(),
        "start_url": "/learning",
        "scope": "/",
        "display": "standalone",
        "background_color": "#ffffff",
        "theme_color": "#1d4f6e",
        "icons": [
            icon(&assets::ICON_192, "192x192", "any"),
            icon(&assets::ICON_512, "512x512", "any"),
            icon(&assets::ICON_512, "512x512", "maskable"),
            icon(&assets::ICON, "any", "any"),
        ],
        "shortcuts": [
            { "name": t.get("learning"), "url": "/learning" },
            { "name": t.get("inbox"), "url": "/inbox" },
        ],
    });
    let headers = [
        (header::CONTENT_TYPE, "application/manifest+json"),
        (header::CACHE_CONTROL, "private, max-age=3600"),
    ];
    (headers, manifest.to_string()).into_response()
}

/// It names the present style sheet, so that it differs whenever that does, and browsers take the new one.
async fn service_worker() -> Response {
    let script = include_str!("../assets/service-worker.js")
        .replace("{style}", assets::STYLE.address())
        .replace("{icon}", assets::ICON_192.address());
    let headers = [
        (header::CONTENT_TYPE, "text/javascript; charset=utf-8"),
        (header::CACHE_CONTROL, "no-cache"),
        (HeaderName::from_static("service-worker-allowed"), "/"),
    ];
    (headers, script).into_response()
}

/// As nobody sees it, whoever asks.
async fn offline(
    Locale(language): Locale,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let mut visit = Visit::read(None, &uri, &headers);
    visit.language = language;
    page::offline(&visit)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use axum::{body::Body, http::Request};
    use tower::ServiceExt;

    use super::*;
    use crate::SealingKey;

    async fn get_text(address: &str) -> (HeaderMap, String) {
        let ui = Ui::new(SealingKey::new(&[7; 32]), "http://localhost");
        let request = Request::get(address).header("accept-language", "fr");
        let outside = crate::secure(Router::new(), &ui);
        let answer = outside.oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
        assert_eq!(answer.status(), 200, "{address}");
        let (parts, body) = answer.into_parts();
        let bytes = axum::body::to_bytes(body, 1 << 20).await.unwrap();
        (parts.headers, String::from_utf8(bytes.to_vec()).unwrap())
    }

    #[tokio::test]
    async fn it_can_be_installed() {
        let (headers, manifest) = get_text("/manifest.webmanifest").await;
        assert_eq!(headers["content-type"], "application/manifest+json");
        let manifest: serde_json::Value = serde_json::from_str(&manifest).unwrap();
        assert_eq!(manifest["lang"], "fr");
        for icon in manifest["icons"].as_array().unwrap() {
            let address = icon["src"].as_str().unwrap().to_owned();
            let ui = Ui::new(SealingKey::new(&[7; 32]), "http://localhost");
            let request = Request::get(&address).body(Body::empty()).unwrap();
            let answer = crate::secure(Router::new(), &ui).oneshot(request).await.unwrap();
            assert_eq!(answer.status(), 200, "{address}");
        }
    }

    #[tokio::test]
    async fn the_service_worker_knows_what_to_keep() {
        let (headers, script) = get_text("/service-worker.js").await;
        assert_eq!(headers["cache-control"], "no-cache");
        assert!(
            script.contains(assets::STYLE.address()) && !script.contains("{style}"),
            "{script}"
        );
        let (_, page) = get_text("/offline").await;
        assert!(page.contains("Vous êtes hors ligne"), "{page}");
    }
}
