//! What it answers: to the holder, to others, to administrators, to whoever has the code.

use axum::{
    Router,
    body::Body,
    http::{HeaderMap, Request, StatusCode, header},
};
use bus::{Files, testing::Scene};
use event::{Language, PersonId, Role};
use serde_json::{Value, json};
use tempfile::{TempDir, tempdir};
use tower::ServiceExt;
use ui::Session;

use super::{
    certificate_of, config,
    samples::{ADA, LAN, completion, erased, published, registered},
    scene, ui,
};
use crate::{domain::Certificate, routes};

pub(super) struct Outside {
    pub(super) scene: Scene,
    router: Router,
    pub(super) certificate: Certificate,
    _folder: TempDir,
}

pub(super) struct Answer {
    pub(super) status: StatusCode,
    headers: HeaderMap,
    pub(super) body: Vec<u8>,
}

impl Answer {
    pub(super) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub(super) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("no JSON: {}", self.text()))
    }

    pub(super) fn header(&self, name: header::HeaderName) -> &str {
        self.headers.get(name).unwrap().to_str().unwrap()
    }
}

impl Outside {
    /// With a certificate of Ada's.
    pub(super) async fn new() -> Self {
        let folder = tempdir().unwrap();
        let scene = scene(folder.path()).await;
        let events = [
            published(1, "Queues <by example>"),
            registered(ADA, "Nguyễn / Ada", Language::Fr),
            completion(ADA, 1),
        ];
        scene.deliver(&events).await;
        scene.perform().await;
        let files = Files::folder(folder.path()).unwrap();
        let routes = routes(&scene.db, &ui(), &files, &config());
        let (api, description) = routes.api.split_for_parts();
        let description = serde_json::to_string(&description).unwrap();
        assert!(description.contains("/api/v1/certificates/verify/{code}"));
        Self {
            certificate: certificate_of(&scene, ADA).await,
            router: ui::secure(api.merge(routes.pages), &ui()),
            scene,
            _folder: folder,
        }
    }

    pub(super) async fn send(&self, request: Request<Body>) -> Answer {
        let answer = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = answer.into_parts();
        Answer {
            status: parts.status,
            headers: parts.headers,
            body: axum::body::to_bytes(body, 1 << 24).await.unwrap().to_vec(),
        }
    }

    pub(super) async fn get(&self, path: &str, who: Option<(PersonId, Role)>) -> Answer {
        self.send(request("GET", path, who).body(Body::empty()).unwrap()).await
    }

    /// A page in a language, for nobody in particular.
    pub(super) async fn page(&self, path: &str, language: &str) -> Answer {
        let request = Request::get(path).header(header::ACCEPT_LANGUAGE, language);
        self.send(request.body(Body::empty()).unwrap()).await
    }

    pub(super) async fn revoke(&self, who: (PersonId, Role), reason: &str) -> Answer {
        let path = format!("{}/revoke", self.address());
        let body = json!({ "reason": reason }).to_string();
        let request =
            request("POST", &path, Some(who)).header(header::CONTENT_TYPE, "application/json");
        self.send(request.body(body.into()).unwrap()).await
    }

    pub(super) fn address(&self) -> String {
        format!("/api/v1/certificates/{}", self.certificate.id)
    }

    pub(super) fn public(&self) -> String {
        format!("/verify/{}", self.certificate.facts.code)
    }
}

pub(super) fn request(
    method: &str,
    path: &str,
    who: Option<(PersonId, Role)>,
) -> axum::http::request::Builder {
    let request = Request::builder().method(method).uri(path);
    let Some((person, role)) = who else {
        return request;
    };
    let session = Session {
        person,
        roles: vec![role],
        language: Language::En,
        expires: chrono::Utc::now() + chrono::TimeDelta::hours(1),
    };
    let token = session.seal(ui().key()).unwrap();
    request.header(header::AUTHORIZATION, format!("Bearer {token}"))
}

pub(super) const HOLDER: Option<(PersonId, Role)> = Some((ADA, Role::Learner));
pub(super) const ANOTHER: Option<(PersonId, Role)> = Some((LAN, Role::Learner));
pub(super) const ADMINISTRATOR: (PersonId, Role) = (LAN, Role::Administrator);

#[tokio::test]
async fn a_certificate_is_its_holders() {
    let outside = Outside::new().await;
    let address = outside.address();
    let mine = outside.get("/api/v1/certificates", HOLDER).await.json();
    assert_eq!(mine[0]["state"], "issued");
    assert_eq!(mine[0]["title"], "Queues <by example>");
    assert_eq!(outside.get(&address, HOLDER).await.json(), mine[0]);

    let others = outside.get("/api/v1/certificates", ANOTHER).await;
    assert_eq!(others.json(), json!([]));
    for path in [address.clone(), format!("{address}/pdf")] {
        assert_eq!(outside.get(&path, ANOTHER).await.status, 404);
        assert_eq!(outside.get(&path, None).await.status, 401);
        assert_eq!(outside.get(&path, Some(ADMINISTRATOR)).await.status, 200);
    }
    let nowhere = "/api/v1/certificates/not-an-id";
    assert_eq!(outside.get(nowhere, HOLDER).await.status, 404);
}

#[tokio::test]
async fn the_pdf_has_a_name_and_a_tag() {
    let outside = Outside::new().await;
    let path = format!("{}/pdf", outside.address());
    let pdf = outside.get(&path, HOLDER).await;
    assert!(pdf.body.starts_with(b"%PDF-"));
    assert_eq!(pdf.header(header::CONTENT_TYPE), "application/pdf");
    let code = outside.certificate.facts.code;
    assert_eq!(
        pdf.header(header::CONTENT_DISPOSITION),
        format!(
            "attachment; filename=\"certificate-{code}.pdf\"; \
             filename*=UTF-8''Queues%20by%20example%20%E2%80%93%20Nguy%E1%BB%85n%20Ada.pdf"
        )
    );
    let tag = pdf.header(header::ETAG).to_owned();
    let again = request("GET", &path, HOLDER).header(header::IF_NONE_MATCH, tag);
    let again = outside.send(again.body(Body::empty()).unwrap()).await;
    assert_eq!(again.status, StatusCode::NOT_MODIFIED);
    assert!(again.body.is_empty());
}

#[tokio::test]
async fn whoever_has_the_code_can_verify_in_both_languages() {
    let outside = Outside::new().await;
    let english = outside.page(&outside.public(), "en").await;
    assert_eq!(english.status, 200);
    assert_eq!(english.headers["x-robots-tag"], "noindex");
    for part in ["This certificate is valid", "Nguyễn", "Queues &#60;by example&#62;"] {
        assert!(english.text().contains(part), "{part} in {}", english.text());
    }
    let french = outside.page(&outside.public(), "fr").await;
    assert!(french.text().contains("Ce certificat est valide"));
    assert!(french.text().contains("Coopérative des Deux Rives"));

    let typed = outside.public().to_lowercase().replace('-', "%20");
    assert_eq!(outside.page(&typed, "en").await.status, 200);
    let told = outside.get(&format!("/api/v1/certificates{typed}"), None).await.json();
    assert_eq!(told["state"], "valid");
    assert_eq!(told["person"], "Nguyễn / Ada");
}

#[tokio::test]
async fn an_unknown_code_is_told_from_a_wrong_one() {
    let outside = Outside::new().await;
    let unknown = outside.page("/verify/0000-0000-0000-0000", "en").await;
    assert_eq!(unknown.status, 404);
    assert!(unknown.text().contains("No certificate has the code 0000-0000-0000-0000"));
    let wrong = outside.page("/verify/%3Cscript%3E", "fr").await;
    assert_eq!(wrong.status, 404);
    assert!(wrong.text().contains("«\u{a0}&#60;\u{a0}»"), "{}", wrong.text());
    let long = format!("/verify/{}", "7".repeat(5000));
    assert_eq!(outside.page(&long, "en").await.status, 404);
    for code in ["0000-0000-0000-0000", "nothing", "%00", "%FF"] {
        let path = format!("/api/v1/certificates/verify/{code}");
        let answer = outside.get(&path, None).await;
        assert_eq!(answer.status, 404, "{code}");
        assert_eq!(answer.header(header::CONTENT_TYPE), "application/problem+json");
    }
}

#[tokio::test]
async fn the_form_leads_to_the_page() {
    let outside = Outside::new().await;
    let form = outside.page("/verify", "fr").await;
    assert!(form.text().contains("Vérifier un certificat"));
    let submit = async |code: &str| {
        let request = Request::post("/verify")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        let body = Body::from(format!("code={code}"));
        outside.send(request.body(body).unwrap()).await
    };
    let code = outside.certificate.facts.code;
    let typed = code.to_string().to_lowercase().replace('-', "+");
    let found = submit(&typed).await;
    assert_eq!(found.status, StatusCode::SEE_OTHER);
    assert_eq!(found.header(header::LOCATION), outside.public());
    let wrong = submit("7KQ2").await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.text().contains("sixteen letters"));
}

#[tokio::test]
async fn a_revoked_certificate_says_so_and_its_reason_is_the_holders() {
    let outside = Outside::new().await;
    assert_eq!(outside.revoke((ADA, Role::Learner), "no").await.status, 403);
    assert_eq!(outside.revoke(ADMINISTRATOR, " ").await.status, 422);
    let too_long = "x".repeat(501);
    assert_eq!(outside.revoke(ADMINISTRATOR, &too_long).await.status, 422);
    let told = outside.revoke(ADMINISTRATOR, "Another wrote the quiz").await;
    assert_eq!((told.status, told.json()["state"].as_str()), (StatusCode::OK, Some("revoked")));
    let again = outside.revoke(ADMINISTRATOR, "Once more").await;
    assert_eq!(again.json(), told.json());
    let published = outside.scene.published().await;
    let revoked = published.iter().filter(|told| told.event_type.contains("revoked"));
    assert_eq!(revoked.count(), 1);

    let page = outside.page(&outside.public(), "en").await.text();
    assert!(page.contains("This certificate is revoked"));
    assert!(page.contains("It was revoked on 15 January 2027."));
    assert!(!page.contains("Another wrote"));
    let mine = outside.get("/certificates", HOLDER).await.text();
    assert!(mine.contains("Another wrote the quiz"));
}

#[tokio::test]
async fn the_public_page_of_an_erased_holder_names_nobody() {
    let outside = Outside::new().await;
    outside.scene.deliver(&[erased(ADA, 2)]).await;
    outside.scene.perform().await;
    let page = outside.page(&outside.public(), "fr").await;
    assert_eq!(page.status, 200);
    assert!(page.text().contains("effacé à la demande de son titulaire"));
    assert!(page.text().contains("Queues"));
    assert!(!page.text().contains("Nguyễn"));
    let pdf = outside.get(&format!("{}/pdf", outside.address()), Some(ADMINISTRATOR)).await;
    assert_eq!(pdf.status, 409);
    assert_eq!(outside.revoke(ADMINISTRATOR, "late").await.status, 409);
}

#[tokio::test]
async fn my_certificates_are_on_a_page() {
    let outside = Outside::new().await;
    let page = outside.get("/certificates", HOLDER).await;
    assert!(page.text().contains(&format!("{}/pdf", outside.address())));
    assert!(page.text().contains(&outside.public()));
    assert!(outside.get("/certificates", ANOTHER).await.text().contains("no certificate yet"));
    let stranger = outside.get("/certificates", None).await;
    assert_eq!(stranger.status, StatusCode::SEE_OTHER);
}
