//! The service over HTTP, for tests: its routes on a database and a file store of their own.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use axum::{
    Router,
    body::{Body, to_bytes},
    http::{HeaderMap, Method, Request, StatusCode, header},
};
use bus::{Envelope, Files, testing::Scene};
use event::{Language, PersonId, Role};
use serde_json::{Value, json};
use tower::ServiceExt as _;
use ui::{SealingKey, Session, Ui};

pub(crate) struct Site {
    pub(crate) scene: Scene,
    pub(crate) files: Files,
    ui: Ui,
    routes: Router,
    folder: tempfile::TempDir,
}

pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) bytes: Vec<u8>,
    pub(crate) text: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("no JSON: {}", self.text))
    }

    pub(crate) fn header(&self, name: &str) -> Option<String> {
        self.headers.get(name).map(|value| value.to_str().unwrap().to_owned())
    }

    /// Where a form led to.
    pub(crate) fn location(&self) -> String {
        assert_eq!(self.status, StatusCode::SEE_OTHER, "{}", self.text);
        self.header("location").unwrap()
    }

    /// The value of a form's hidden field, or of a ticked box.
    pub(crate) fn value(&self, field: &str) -> String {
        let at = self.text.find(&format!("name=\"{field}\""));
        let rest = &self.text[at.unwrap_or_else(|| panic!("no {field} in {}", self.text))..];
        rest.split_once("value=\"").unwrap().1.split('"').next().unwrap().to_owned()
    }
}

pub(crate) async fn site() -> Site {
    let folder = tempfile::tempdir().unwrap();
    let files = Files::folder(folder.path()).unwrap();
    let scene = Scene::new(crate::with_files(crate::service(), &files), &[]).await;
    let ui = Ui::new(SealingKey::new(&[7; 32]), "http://localhost");
    let routes = crate::routes(&scene.db, &ui, &files);
    let (api, _) = routes.api.split_for_parts();
    Site { scene, files, ui, routes: routes.pages.merge(api), folder }
}

/// A file, or without a file's name a field, of a form.
pub(crate) type Part<'a> = (&'a str, Option<&'a str>, &'a [u8]);

impl Site {
    pub(crate) fn sign_in(&self, role: Role) -> String {
        self.sign_in_as(role, Language::En)
    }

    pub(crate) fn sign_in_as(&self, role: Role, language: Language) -> String {
        self.session_of(PersonId::new(), role, language)
    }

    pub(crate) fn session_of(&self, person: PersonId, role: Role, language: Language) -> String {
        let session = Session {
            person,
            roles: vec![role],
            language,
            expires: chrono::Utc::now() + chrono::TimeDelta::hours(1),
        };
        session.seal(self.ui.key()).unwrap()
    }

    /// What sessions are sealed with.
    pub(crate) fn key(&self) -> &SealingKey {
        self.ui.key()
    }

    async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.routes.clone().oneshot(request).await.unwrap();
        let (status, headers) = (response.status(), response.headers().clone());
        let bytes = to_bytes(response.into_body(), usize::MAX).await.unwrap().to_vec();
        let text = String::from_utf8_lossy(&bytes).into_owned();
        Answer { status, headers, bytes, text }
    }

    pub(crate) async fn ask(
        &self,
        method: Method,
        path: &str,
        token: Option<&str>,
        body: Option<Value>,
    ) -> Answer {
        self.ask_if(method, path, token, body, None).await
    }

    pub(crate) async fn ask_if(
        &self,
        method: Method,
        path: &str,
        token: Option<&str>,
        body: Option<Value>,
        tag: Option<&str>,
    ) -> Answer {
        let mut request = Request::builder().method(method).uri(path);
        if let Some(token) = token {
            request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
        }
        if let Some(tag) = tag {
            request = request.header(header::IF_MATCH, tag);
        }
        let body = body.map_or_else(Body::empty, |body| Body::from(body.to_string()));
        self.send(request.header(header::CONTENT_TYPE, "application/json").body(body).unwrap())
            .await
    }

    pub(crate) async fn get(&self, path: &str, token: Option<&str>) -> Answer {
        self.ask(Method::GET, path, token, None).await
    }

    pub(crate) async fn post(&self, path: &str, token: &str, body: Value) -> Answer {
        self.ask(Method::POST, path, Some(token), Some(body)).await
    }

    /// Sends a form as a browser does.
    pub(crate) async fn submit(&self, path: &str, token: &str, fields: &[(&str, &str)]) -> Answer {
        let pairs: Vec<String> =
            fields.iter().map(|(name, value)| format!("{name}={}", escaped(value))).collect();
        let request = Request::post(path)
            .header(header::AUTHORIZATION, format!("Bearer {token}"))
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        self.send(request.body(Body::from(pairs.join("&"))).unwrap()).await
    }

    /// Sends a form with files as a browser does.
    pub(crate) async fn upload(&self, path: &str, token: &str, parts: &[Part<'_>]) -> Answer {
        let mut body = Vec::new();
        for (field, file, content) in parts {
            let file = file.map(|name| format!("; filename=\"{name}\"")).unwrap_or_default();
            let head =
                format!("--edge\r\ncontent-disposition: form-data; name=\"{field}\"{file}\r\n\r\n");
            body.extend_from_slice(head.as_bytes());
            body.extend_from_slice(content);
            body.extend_from_slice(b"\r\n");
        }
        body.extend_from_slice(b"--edge--\r\n");
        let request = Request::post(path)
            .header(header::AUTHORIZATION, format!("Bearer {token}"))
            .header(header::CONTENT_TYPE, "multipart/form-data; boundary=edge");
        self.send(request.body(Body::from(body)).unwrap()).await
    }

    /// The names of all files of images, once what is to be deleted is.
    pub(crate) async fn images_kept(&self) -> Vec<String> {
        self.scene.perform().await;
        let mut names = Vec::new();
        let mut folders = vec![self.folder.path().join("images")];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).into_iter().flatten().map(Result::unwrap) {
                if entry.path().is_dir() {
                    folders.push(entry.path());
                } else {
                    names.push(entry.file_name().into_string().unwrap());
                }
            }
        }
        names
    }

    /// What was published since so many events.
    pub(crate) async fn told_since(&self, seen: usize) -> Vec<Envelope> {
        self.scene.published().await.split_off(seen)
    }

    /// A draft “queues” with a section and a published lesson “one”.
    pub(crate) async fn draft(&self, token: &str) {
        let course = json!({"key": "queues", "language": "en", "title": "Queues"});
        let made = self.post("/api/v1/courses", token, course).await;
        assert_eq!(made.status, StatusCode::CREATED, "{}", made.text);
        let made =
            self.post("/api/v1/courses/queues/sections", token, json!({"title": "Basics"})).await;
        assert_eq!(made.status, StatusCode::CREATED, "{}", made.text);
        let lesson =
            json!({"title": "One", "text": "**Bold** <script>x</script>", "publish": true});
        let made = self.post("/api/v1/courses/queues/lessons", token, lesson).await;
        assert_eq!(made.status, StatusCode::CREATED, "{}", made.text);
    }
}

fn escaped(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}
