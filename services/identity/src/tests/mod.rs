//! The service as a whole over SQLite: what it answers, and what it tells.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod accounts;
mod addresses;
mod exports;
mod invitations;
mod organisation;
mod passwords;
mod people;
mod sessions;
mod step;

use axum::{
    Router,
    body::Body,
    http::{HeaderMap, Request, StatusCode, header},
};
use bus::{Files, testing::Scene};
use serde_json::{Value, json};
use tower::ServiceExt;
use ui::{SealingKey, Session, Ui};

use crate::{Details, create_administrator, routes, service};

const PASSWORD: &str = "correct horse";

struct Outside {
    scene: Scene,
    router: Router,
    ui: Ui,
    files: Files,
    _folder: tempfile::TempDir,
}

struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    text: String,
    bytes: Vec<u8>,
}

impl Answer {
    fn location(&self) -> &str {
        self.headers[header::LOCATION].to_str().unwrap()
    }

    fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("no JSON: {}", self.text))
    }

    fn cookie(&self, name: &str) -> Option<String> {
        let cookies = self.headers.get_all(header::SET_COOKIE).iter();
        cookies
            .filter_map(|value| value.to_str().ok())
            .find(|text| text.starts_with(name))
            .map(str::to_owned)
    }
}

impl Outside {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let files = Files::folder(folder.path()).unwrap();
        let scene = Scene::new(service(&files), &[]).await;
        let ui = Ui::new(SealingKey::new(&[3; 32]), "http://localhost:8080");
        let set_up = Details { name: "École du Fleuve".into(), ..Details::default() };
        let routes = routes(&scene.db, &ui, &files, set_up);
        let (api, description) = routes.api.split_for_parts();
        let description = serde_json::to_string(&description).unwrap();
        for part in ["\"/api/v1/people\"", "\"after\"", "\"TokenView\""] {
            assert!(description.contains(part), "{part} is not described");
        }
        let router = ui::secure(api.merge(routes.pages), &ui);
        Self { scene, router, ui, files, _folder: folder }
    }

    async fn send(&self, request: Request<Body>) -> Answer {
        let answer = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = answer.into_parts();
        let bytes = axum::body::to_bytes(body, 1 << 22).await.unwrap();
        let text = String::from_utf8_lossy(&bytes).into_owned();
        Answer { status: parts.status, headers: parts.headers, text, bytes: bytes.to_vec() }
    }

    async fn api(&self, method: &str, path: &str, token: Option<&str>, body: Value) -> Answer {
        let mut request = Request::builder().method(method).uri(path);
        if let Some(token) = token {
            request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
        }
        let body = if body.is_null() { String::new() } else { body.to_string() };
        self.send(
            request.header(header::CONTENT_TYPE, "application/json").body(body.into()).unwrap(),
        )
        .await
    }

    async fn page(&self, path: &str, cookie: &str) -> Answer {
        self.send(Request::get(path).header(header::COOKIE, cookie).body(Body::empty()).unwrap())
            .await
    }

    async fn post(&self, path: &str, cookie: &str, form: &str) -> Answer {
        let request = Request::post(path)
            .header(header::COOKIE, cookie)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        self.send(request.body(form.to_owned().into()).unwrap()).await
    }

    async fn register(&self, mail: &str) -> Answer {
        let person = json!({"name": "Nguyễn Ánh", "mail": mail, "password": PASSWORD, "language": "fr", "time_zone": "Europe/Paris"});
        self.api("POST", "/api/v1/people", None, person).await
    }

    async fn sign_in(&self, mail: &str, password: &str) -> Answer {
        self.api("POST", "/api/v1/tokens", None, json!({"mail": mail, "password": password})).await
    }

    async fn token(&self, mail: &str) -> String {
        self.sign_in(mail, PASSWORD).await.json()["token"].as_str().unwrap().to_owned()
    }

    async fn told(&self) -> Vec<String> {
        let told = self.scene.published().await;
        told.iter()
            .map(|envelope| match envelope.sequence {
                Some(version) => format!("{} {version}", envelope.event_type),
                None => envelope.event_type.clone(),
            })
            .collect()
    }

    /// The cookie of somebody who signs in.
    async fn cookie(&self, mail: &str) -> String {
        format!("{}={}", Session::COOKIE, self.token(mail).await)
    }

    /// Somebody who may do everything here, as a cookie.
    async fn administrator(&self) -> String {
        let mail = "root@example.org";
        create_administrator(&self.scene.db, "Root", mail, PASSWORD).await.unwrap();
        self.cookie(mail).await
    }

    /// What was told last of this kind.
    async fn last(&self, event_type: &str) -> Value {
        let told = self.scene.published().await;
        let last = told.iter().rfind(|envelope| envelope.event_type == event_type);
        serde_json::from_str(&last.unwrap_or_else(|| panic!("no {event_type}")).data).unwrap()
    }

    /// Where the link of the last such mail leads.
    async fn link(&self, event_type: &str) -> String {
        let told = self.last(event_type).await;
        self.ui.key().open_link(told["link"].as_str().unwrap()).unwrap()
    }

    /// A file, as a form sends it.
    async fn upload(&self, path: &str, cookie: &str, field: &str, content: &[u8]) -> Answer {
        self.upload_with(path, cookie, &[], (field, content)).await
    }

    /// The same, after what was typed into other fields.
    async fn upload_with(
        &self,
        path: &str,
        cookie: &str,
        typed: &[(&str, &str)],
        (field, content): (&str, &[u8]),
    ) -> Answer {
        let part = "--edge\r\ncontent-disposition: form-data";
        let typed =
            typed.iter().map(|(field, text)| format!("{part}; name=\"{field}\"\r\n\r\n{text}\r\n"));
        let head = format!("{part}; name=\"{field}\"; filename=\"f\"\r\n\r\n");
        let head = typed.collect::<String>() + &head;
        let body = [head.as_bytes(), content, b"\r\n--edge--\r\n"].concat();
        let request = Request::post(path)
            .header(header::COOKIE, cookie)
            .header(header::CONTENT_TYPE, "multipart/form-data; boundary=edge");
        self.send(request.body(body.into()).unwrap()).await
    }
}

/// The token of a link.
fn token_of(link: &str) -> &str {
    link.split_once("token=").unwrap().1
}
