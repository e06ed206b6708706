//! What stands before every route: headers that keep browsers strict, a refusal of what other sites make
//! a browser send, refusals as pages for those who read pages, and the choice of a language.

use axum::{
    Router,
    extract::{Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri, header},
    middleware::{self, Next},
    response::{IntoResponse, Redirect, Response},
};

use crate::{Locale, Problem, TEXTS, Ui, Visit, assets, locale, page, pwa, session::Asker};

const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
    font-src 'self'; connect-src 'self'; manifest-src 'self'; worker-src 'self'; form-action 'self'; \
    base-uri 'none'; frame-ancestors 'none'";

/// Each where the service has not said otherwise. No-referrer would turn a form's `Origin` to null.
const HEADERS: &[(&str, &str)] = &[
    ("content-security-policy", POLICY),
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
    ("referrer-policy", "same-origin"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    ("permissions-policy", "camera=(), microphone=(), geolocation=()"),
    ("cache-control", "no-store"),
];

const A_YEAR: i64 = 365 * 24 * 3600;

/// The whole outside, made safe: put it around all routes, once, last. It adds `/assets/…`, what makes the
/// platform an app (`/manifest.webmanifest`, `/service-worker.js`, `/offline`), and an answer for addresses where nothing is.
pub fn secure(routes: Router, ui: &Ui) -> Router {
    routes
        .merge(assets::routes())
        .merge(pwa::routes(ui))
        .fallback(assets::nothing)
        .method_not_allowed_fallback(wrong_method)
        .layer(middleware::from_fn_with_state(ui.clone(), guard))
}

async fn wrong_method(method: Method) -> Problem {
    let detail = format!("{method} is not for this address");
    Problem::new(StatusCode::METHOD_NOT_ALLOWED, detail).worded(&TEXTS, "refused-405-help", [])
}

async fn guard(State(ui): State<Ui>, mut request: Request, next: Next) -> Response {
    let (method, uri, headers) =
        (request.method().clone(), request.uri().clone(), request.headers().clone());
    let asker = Asker::default();
    request.extensions_mut().insert(asker.clone());
    let answer = match refuse_foreign(&ui, &method, &headers) {
        Ok(()) => next.run(request).await,
        Err(problem) => problem.into_response(),
    };
    let mut answer = as_page(&ui, &asker, (&method, &uri, &headers), answer).await;
    if let Some(language) = locale::asked(uri.query()) {
        let (name, value) = ui.cookie(locale::LANGUAGE_COOKIE, language.code(), A_YEAR);
        answer.headers_mut().append(name, value);
    }
    harden(&ui, answer.headers_mut());
    answer
}

/// Browsers say where a request comes from, and no page can change that; programs say nothing, and carry
/// no cookie that they were not given. A bearer token is never sent by itself.
fn refuse_foreign(ui: &Ui, method: &Method, headers: &HeaderMap) -> Result<(), Problem> {
    let text = |name: &HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    if method.is_safe()
        || text(&header::AUTHORIZATION).is_some_and(|value| value.starts_with("Bearer "))
    {
        return Ok(());
    }
    if let Some(site) = headers.get("sec-fetch-site") {
        return if site == "same-origin" || site == "none" { Ok(()) } else { Err(foreign()) };
    }
    let Some(origin) = headers.get(header::ORIGIN) else {
        return Ok(());
    };
    let origin = origin.to_str().map_err(|_| foreign())?;
    let host = origin.split_once("://").map(|(_, host)| host);
    if origin == origin_of(ui.base_url()) || (host.is_some() && host == text(&header::HOST)) {
        return Ok(());
    }
    Err(foreign())
}

fn foreign() -> Problem {
    Problem::forbidden("this came from another site: open Estrade itself and do it there").worded(
        &TEXTS,
        "wrong-origin",
        [],
    )
}

/// Scheme, host and port of an address.
fn origin_of(address: &str) -> &str {
    let host = address.find("://").map_or(0, |at| at + 3);
    let end = address[host..].find('/').map_or(address.len(), |at| host + at);
    &address[..end]
}

/// Outside `/api`, a refusal is a page; and who is not signed in is led to sign in and back.
async fn as_page(
    ui: &Ui,
    asker: &Asker,
    (method, uri, headers): (&Method, &Uri, &HeaderMap),
    answer: Response,
) -> Response {
    let Some(problem) = answer.extensions().get::<Problem>().cloned() else {
        return answer;
    };
    if uri.path().starts_with("/api/") {
        return answer;
    }
    // Where nobody can tell whether the session holds, it is a page for nobody, as its reader reads.
    let session = asker.session(ui, headers).await.unwrap_or_default();
    let mut visit = Visit::read(session, uri, headers);
    visit.language = Locale::read(ui, uri, headers).0;
    if !wants_page(headers) {
        return for_script(&visit, problem, answer);
    }
    if problem.status == 401 {
        return Redirect::to(&sign_in_address(ui, method, uri, headers)).into_response();
    }
    let mut shown = page::refused(&visit, &problem).unwrap_or_else(IntoResponse::into_response);
    if let Some(wait) = answer.headers().get(header::RETRY_AFTER) {
        shown.headers_mut().insert(header::RETRY_AFTER, wait.clone());
    }
    shown
}

fn wants_page(headers: &HeaderMap) -> bool {
    let accept = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok());
    accept.is_none_or(|accept| accept.contains("text/html") || accept.contains("*/*"))
}

/// A script of ours shows what it is told: in the words of the page that it stands in.
fn for_script(visit: &Visit, mut problem: Problem, answer: Response) -> Response {
    let Some(words) = problem.in_words(visit.language).map(str::to_owned) else {
        return answer;
    };
    problem.detail = words;
    problem.in_language(visit.language).into_response()
}

/// After a form, the way back is the page that it stands in, which the browser tells.
fn sign_in_address(ui: &Ui, method: &Method, uri: &Uri, headers: &HeaderMap) -> String {
    let asked = uri.path_and_query().map_or("/", |whole| whole.as_str());
    let back = if method.is_safe() { Some(asked) } else { page_before(ui, headers) };
    match back.filter(|back| *back != "/" && !back.starts_with("/sign-in")) {
        Some(back) => format!("/sign-in?next={}", escape(back)),
        None => "/sign-in".to_owned(),
    }
}

/// Where on this platform the form was that was sent.
fn page_before<'a>(ui: &Ui, headers: &'a HeaderMap) -> Option<&'a str> {
    let text = |name: &HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    let address = text(&header::REFERER)?;
    let origin = origin_of(address);
    let host = origin.split_once("://").map(|(_, host)| host);
    let is_ours = origin == origin_of(ui.base_url()) || host == text(&header::HOST);
    address.get(origin.len()..).filter(|_| is_ours && host.is_some())
}

pub(crate) fn escape(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/-_.~".contains(&byte);
    text.bytes()
        .map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect()
}

/// An address on this platform to go to next; anything that leads elsewhere becomes `/courses`.
#[must_use]
pub fn local_path(address: &str) -> &str {
    let is_local = address.starts_with('/')
        && !address.starts_with("//")
        && !address.contains('\\')
        && !address.contains(|c: char| c.is_control())
        && address.len() <= 2_000;
    if is_local { address } else { "/courses" }
}

fn harden(ui: &Ui, headers: &mut HeaderMap) {
    for (name, value) in HEADERS {
        headers.entry(*name).or_insert(HeaderValue::from_static(value));
    }
    if ui.is_secure() {
        headers
            .entry(header::STRICT_TRANSPORT_SECURITY)
            .or_insert(HeaderValue::from_static("max-age=31536000"));
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use axum::{body::Body, routing::get};
    use tower::ServiceExt;

    use super::*;
    use crate::{SealingKey, assets::STYLE};

    fn outside() -> (Router, Ui) {
        let ui = Ui::new(SealingKey::new(&[7; 32]), "https://learn.example.org");
        let routes = Router::new()
            .route("/here", get(async |visit: Visit| visit.language.code()).post(async || "done"))
            .route("/mine", get(mine).post(mine))
            .route("/large", axum::routing::post(async || too_large()))
            .route("/api/v1/gone", get(async || Problem::not_found("gone")))
            .with_state(ui.clone());
        (secure(routes, &ui), ui)
    }

    async fn mine(visit: Visit) -> Result<&'static str, Problem> {
        visit.session().map(|_| "mine")
    }

    fn too_large() -> Problem {
        let problem = Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "send less");
        problem.worded(&TEXTS, "wrong-size", [("megabytes", 5.into())])
    }

    async fn ask(
        method: &str,
        address: &str,
        headers: &[(&str, &str)],
    ) -> (StatusCode, HeaderMap, String) {
        let mut request = Request::builder().method(method).uri(address);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let answer = outside().0.oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
        let (parts, body) = answer.into_parts();
        let bytes = axum::body::to_bytes(body, 1 << 20).await.unwrap();
        (parts.status, parts.headers, String::from_utf8(bytes.to_vec()).unwrap())
    }

    #[tokio::test]
    async fn every_answer_is_strict() {
        let (status, headers, _) = ask("GET", "/here", &[]).await;
        assert_eq!(status, StatusCode::OK);
        for (name, value) in HEADERS {
            assert_eq!(headers[*name], *value);
        }
        assert!(headers.contains_key("strict-transport-security"));
    }

    #[tokio::test]
    async fn other_sites_cannot_post() {
        let refused: &[&[(&str, &str)]] = &[
            &[("sec-fetch-site", "cross-site")],
            &[("sec-fetch-site", "same-site")],
            &[("origin", "https://evil.example")],
            &[("origin", "null")],
            &[("origin", "https://evil.example"), ("authorization", "Basic eDp5")],
        ];
        for headers in refused {
            assert_eq!(ask("POST", "/here", headers).await.0, StatusCode::FORBIDDEN, "{headers:?}");
        }
        let welcome: &[&[(&str, &str)]] = &[
            &[],
            &[("sec-fetch-site", "same-origin"), ("origin", "https://learn.example.org")],
            &[("origin", "https://learn.example.org")],
            &[("origin", "http://127.0.0.1:4321"), ("host", "127.0.0.1:4321")],
            &[("sec-fetch-site", "cross-site"), ("authorization", "Bearer abc")],
        ];
        for headers in welcome {
            assert_eq!(ask("POST", "/here", headers).await.0, StatusCode::OK, "{headers:?}");
        }
    }

    #[tokio::test]
    async fn refusals_are_pages_for_people_and_problems_for_programs() {
        let (status, headers, body) = ask("GET", "/nowhere", &[("accept-language", "fr")]).await;
        assert_eq!(status, StatusCode::NOT_FOUND);
        assert!(headers["content-type"].to_str().unwrap().starts_with("text/html"));
        assert!(
            body.contains("<html lang=\"fr\">") && body.contains("Il n’y a rien ici"),
            "{body}"
        );
        // What the title and the help say is not said again, least of all in English.
        assert!(!body.contains("class=\"detail\"") && !body.contains("nothing is at"), "{body}");
        let (_, _, body) = ask("POST", "/large", &[("accept-language", "fr")]).await;
        assert!(body.contains("C’est trop volumineux") && body.contains("5\u{a0}Mo"), "{body}");
        assert!(!body.contains("send less"), "{body}");
        let script = [("accept", "application/json"), ("accept-language", "fr")];
        let (_, headers, body) = ask("POST", "/large", &script).await;
        assert_eq!(headers["content-type"], "application/problem+json");
        assert!(body.contains("5\u{a0}Mo"), "{body}");
        let (_, headers, _) = ask("GET", "/nowhere", &[("accept", "application/json")]).await;
        assert_eq!(headers["content-type"], "application/problem+json");
        let (_, headers, _) = ask("GET", "/api/v1/gone", &[]).await;
        assert_eq!(headers["content-type"], "application/problem+json");
        assert_eq!(ask("DELETE", "/here", &[]).await.0, StatusCode::METHOD_NOT_ALLOWED);
    }

    #[tokio::test]
    async fn who_is_not_signed_in_is_led_there_and_back() {
        let (status, headers, _) = ask("GET", "/mine?page=2", &[]).await;
        assert_eq!(status, StatusCode::SEE_OTHER);
        assert_eq!(headers["location"], "/sign-in?next=/mine%3Fpage%3D2");
        let referer = [("referer", "https://learn.example.org/mine?a=b")];
        let (_, headers, _) = ask("POST", "/mine", &referer).await;
        assert_eq!(headers["location"], "/sign-in?next=/mine%3Fa%3Db");
        for elsewhere in ["https://evil.example/mine", "/mine", "https://learn.example.org/sign-in"]
        {
            let (_, headers, _) = ask("POST", "/mine", &[("referer", elsewhere)]).await;
            assert_eq!(headers["location"], "/sign-in", "{elsewhere}");
        }
    }

    #[tokio::test]
    async fn a_chosen_language_is_kept() {
        let (_, headers, body) = ask("GET", "/here?lang=fr", &[]).await;
        assert_eq!(body, "fr");
        assert!(headers["set-cookie"].to_str().unwrap().starts_with("estrade_language=fr; Path=/"));
    }

    #[tokio::test]
    async fn assets_stay_in_caches() {
        let (status, headers, _) = ask("GET", STYLE.address(), &[]).await;
        assert_eq!(status, StatusCode::OK);
        assert_eq!(headers["cache-control"], "public, max-age=31536000, immutable");
    }

    #[test]
    fn next_stays_on_the_platform() {
        assert_eq!(local_path("/learning?x=1"), "/learning?x=1");
        for address in ["//evil.example", "https://evil.example", "/\\evil", "", "x", "/a\nb"] {
            assert_eq!(local_path(address), "/courses");
        }
    }
}
