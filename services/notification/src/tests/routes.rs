//! The outside, as a browser or a program meets it.

use axum::{
    Router,
    body::Body,
    http::{Method, Request, StatusCode, header},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use bus::testing::Scene;
use event::{Language, PersonId, Role};
use serde_json::{Value, json};
use tower::ServiceExt;
use ui::{Session, Ui};
use web_push_native::jwt_simple::algorithms::{ECDSAP256PublicKeyLike, ES256KeyPair};

use super::world::*;
use crate::{Mailer, domain::Kind, effects::Unsubscribe};

pub(super) struct Outside {
    pub(super) scene: Scene,
    router: Router,
    ui: Ui,
}

impl Outside {
    pub(super) async fn new() -> Self {
        let scene = Scene::new(service(), TABLES).await;
        let ui = Ui::new(key(), BASE_URL);
        let config = config(Mailer::Folder(scene.folder().join("mail")));
        let routes = crate::routes(&scene.db, &ui, &config);
        let (api, _) = routes.api.split_for_parts();
        let router = ui::secure(routes.pages.merge(api), &ui);
        Self { scene, router, ui }
    }

    pub(super) fn token(&self, person: PersonId, language: Language) -> String {
        let expires = chrono::Utc::now() + chrono::TimeDelta::hours(1);
        let session = Session { person, roles: vec![Role::Learner], language, expires };
        session.seal(self.ui.key()).unwrap()
    }

    pub(super) async fn answer(&self, request: Request<Body>) -> axum::response::Response {
        self.router.clone().oneshot(request).await.unwrap()
    }

    async fn send(&self, request: Request<Body>) -> (StatusCode, String) {
        let response = self.answer(request).await;
        let status = response.status();
        let body = axum::body::to_bytes(response.into_body(), 1 << 20).await.unwrap();
        (status, String::from_utf8(body.to_vec()).unwrap())
    }

    /// Asks as a person, in French.
    pub(super) async fn ask(
        &self,
        who: u128,
        method: Method,
        path: &str,
        body: Value,
    ) -> (StatusCode, Value) {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(
                header::AUTHORIZATION,
                format!("Bearer {}", self.token(person_id(who), Language::Fr)),
            )
            .header(header::CONTENT_TYPE, "application/json")
            .body(Body::from(body.to_string()))
            .unwrap();
        let (status, text) = self.send(request).await;
        (status, serde_json::from_str(&text).unwrap_or(Value::String(text)))
    }

    pub(super) async fn get(&self, who: u128, path: &str) -> Value {
        let (status, body) = self.ask(who, Method::GET, path, Value::Null).await;
        assert_eq!(status, StatusCode::OK, "{path}: {body}");
        body
    }

    /// As a browser asks, in English.
    pub(super) async fn page(
        &self,
        who: Option<u128>,
        method: Method,
        path: &str,
        form: &str,
    ) -> (StatusCode, String) {
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::ACCEPT, "text/html")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        if let Some(who) = who {
            let token = self.token(person_id(who), Language::En);
            request = request.header(header::COOKIE, format!("{}={token}", Session::COOKIE));
        }
        self.send(request.body(Body::from(form.to_owned())).unwrap()).await
    }
}

pub(super) fn a_device(endpoint: &str) -> Value {
    let public = ES256KeyPair::generate().public_key().public_key().to_bytes_uncompressed();
    json!({
        "endpoint": endpoint,
        "p256dh": URL_SAFE_NO_PAD.encode(public),
        "auth": URL_SAFE_NO_PAD.encode([3_u8; 16]),
    })
}

#[tokio::test]
async fn the_inbox_is_read_in_the_reader_s_language_and_only_by_them() {
    let outside = Outside::new().await;
    let events = [
        registered(1),
        registered(2),
        published(1, "Queues"),
        enrolled(1, 1, 5),
        graded(1, 1, 5, false),
    ];
    outside.scene.deliver(&events).await;
    let inbox = outside.get(1, "/api/v1/me/inbox").await;
    assert_eq!(inbox["unread"], 2);
    let graded = inbox["items"].as_array().unwrap().iter().find(|it| it["kind"] == "quiz-graded");
    let graded = graded.unwrap();
    assert_eq!(
        graded["title"],
        "Votre note\u{a0}: 0,5 sur 20 (quiz «\u{a0}What did you learn?\u{a0}»)"
    );
    assert_eq!(outside.get(2, "/api/v1/me/inbox").await["unread"], 0);

    let path = format!("/api/v1/me/inbox/{}/read", graded["id"].as_str().unwrap());
    for _ in 0..2 {
        let (status, body) = outside.ask(1, Method::POST, &path, Value::Null).await;
        assert_eq!((status, &body["unread"]), (StatusCode::OK, &json!(1)));
    }
    let (status, _) = outside.ask(2, Method::POST, &path, Value::Null).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    let (_, body) = outside.ask(1, Method::POST, "/api/v1/me/inbox/read-all", Value::Null).await;
    assert_eq!(body["unread"], 0);
}

#[tokio::test]
async fn the_inbox_is_paged_without_gaps_or_repeats() {
    let outside = Outside::new().await;
    let mut events = vec![registered(1), published(1, "Queues")];
    events.extend((1..=7).map(|version| graded(1, version, 100, true)));
    outside.scene.deliver(&events).await;
    let (mut seen, mut path) = (Vec::new(), "/api/v1/me/inbox?limit=3".to_owned());
    loop {
        let page = outside.get(1, &path).await;
        seen.extend(page["items"].as_array().unwrap().iter().map(|it| it["id"].clone()));
        let Some(next) = page["next"].as_str() else {
            break;
        };
        path = format!("/api/v1/me/inbox?limit=3&before={next}");
    }
    let count = seen.len();
    seen.sort_by_key(Value::to_string);
    seen.dedup();
    assert_eq!((count, seen.len()), (7, 7));
    for wrong in [
        "limit=0",
        "limit=201",
        "limit=x",
        "before=x",
        "before=9223372036854775807_00000000-0000-0000-0000-000000000000",
    ] {
        let path = format!("/api/v1/me/inbox?{wrong}");
        let (status, _) = outside.ask(1, Method::GET, &path, Value::Null).await;
        assert!(status.is_client_error(), "{wrong}: {status}");
    }
}

#[tokio::test]
async fn what_is_not_wanted_is_not_sent_and_says_so() {
    let outside = Outside::new().await;
    outside.scene.deliver(&[registered(1), published(1, "Queues")]).await;
    let path = "/api/v1/me/notification-preferences";
    let wish = json!({"preferences": [{"kind": "enrolment", "channel": "mail", "wanted": false}]});
    let (status, all) = outside.ask(1, Method::PUT, path, wish).await;
    assert_eq!(status, StatusCode::OK);
    let unwanted: Vec<&Value> =
        all["preferences"].as_array().unwrap().iter().filter(|it| it["wanted"] == false).collect();
    assert_eq!(unwanted.len(), 1, "{all}");
    outside.scene.deliver(&[enrolled(1, 1, 5)]).await;
    let sent = outside.get(1, "/api/v1/me/deliveries").await;
    let mail = sent["deliveries"].as_array().unwrap().iter().find(|it| it["channel"] == "mail");
    assert_eq!(mail.unwrap()["reason"], "preference");
    assert_eq!(mail.unwrap()["state"], "suppressed");

    let wrong = json!({"preferences": [{"kind": "gossip", "channel": "mail", "wanted": false}]});
    let (status, problem) = outside.ask(1, Method::PUT, path, wrong).await;
    assert_eq!(
        (status, &problem["errors"][0]["field"]),
        (StatusCode::UNPROCESSABLE_ENTITY, &json!("kind"))
    );
}

#[tokio::test]
async fn one_click_unsubscribes_without_a_session_and_looking_changes_nothing() {
    let outside = Outside::new().await;
    outside.scene.deliver(&[registered(1)]).await;
    let config = config(Mailer::Folder(outside.scene.folder().to_owned()));
    let shared = crate::shared(&config, &key(), BASE_URL);
    let token = Unsubscribe { person: person_id(1), kind: Kind::NewLesson }.token(&shared).unwrap();
    let path = format!("/notifications/unsubscribe/{token}");
    let wanted = || async {
        let all = outside.get(1, "/api/v1/me/notification-preferences").await;
        all["preferences"].as_array().unwrap().iter().filter(|it| it["wanted"] == true).count()
    };
    let (status, page) = outside.page(None, Method::GET, &path, "").await;
    assert_eq!(status, StatusCode::OK);
    assert!(page.contains("<button>") && page.contains("New lessons"), "{page}");
    assert_eq!(wanted().await, 21);
    for _ in 0..2 {
        let (status, page) =
            outside.page(None, Method::POST, &path, "List-Unsubscribe=One-Click").await;
        assert_eq!(status, StatusCode::OK, "{page}");
        assert_eq!(wanted().await, 20);
    }
    let (status, _) =
        outside.page(None, Method::POST, "/notifications/unsubscribe/forged", "").await;
    assert_eq!(status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn devices_are_registered_once_and_only_where_push_services_are() {
    let outside = Outside::new().await;
    outside.scene.deliver(&[registered(1), registered(2)]).await;
    let device = a_device("http://127.0.0.1:9/one");
    let (status, first) = outside.ask(1, Method::POST, "/api/v1/me/devices", device.clone()).await;
    assert_eq!(status, StatusCode::OK, "{first}");
    let (_, again) = outside.ask(1, Method::POST, "/api/v1/me/devices", device).await;
    assert_eq!(first["id"], again["id"]);
    for (field, wrong) in [("endpoint", "file:///etc/passwd"), ("p256dh", "AAAA"), ("auth", "!")] {
        let mut device = a_device("http://127.0.0.1:9/two");
        device[field] = json!(wrong);
        let (status, problem) = outside.ask(1, Method::POST, "/api/v1/me/devices", device).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{field}: {problem}");
    }
    let path = format!("/api/v1/me/devices/{}", first["id"].as_str().unwrap());
    assert_eq!(outside.ask(2, Method::DELETE, &path, Value::Null).await.0, StatusCode::NOT_FOUND);
    assert_eq!(outside.ask(1, Method::DELETE, &path, Value::Null).await.0, StatusCode::NO_CONTENT);
    assert_eq!(outside.get(1, "/api/v1/me/devices").await["devices"], json!([]));
    for number in 0..21 {
        let device = a_device(&format!("http://127.0.0.1:9/{number}"));
        let (status, _) = outside.ask(1, Method::POST, "/api/v1/me/devices", device).await;
        let expected = if number < 20 { StatusCode::OK } else { StatusCode::CONFLICT };
        assert_eq!(status, expected, "device {number}");
    }
}

/// The push service gives a browser another address now and then: it stays the device that its owner knows.
#[tokio::test]
async fn a_renewed_subscription_takes_the_place_of_the_one_before() {
    let outside = Outside::new().await;
    outside.scene.deliver(&[registered(1), registered(2)]).await;
    let register = async |device: &Value, browser: &str| {
        let request = Request::builder()
            .method(Method::POST)
            .uri("/api/v1/me/devices")
            .header(
                header::AUTHORIZATION,
                format!("Bearer {}", outside.token(person_id(1), Language::En)),
            )
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::USER_AGENT, browser)
            .body(Body::from(device.to_string()))
            .unwrap();
        assert_eq!(outside.answer(request).await.status(), StatusCode::OK);
    };
    let devices = async || {
        let own = crate::store::own_devices(&outside.scene.db, person_id(1)).await.unwrap();
        let known = |own: crate::domain::OwnDevice| (own.device.endpoint, own.name);
        own.into_iter().map(known).collect::<Vec<_>>()
    };
    let named = |endpoint: &str| vec![(endpoint.to_owned(), "Firefox · Linux".to_owned())];
    register(&a_device("http://127.0.0.1:9/one"), "Firefox/140 (Linux)").await;
    register(&a_device("http://127.0.0.1:9/one"), "").await;
    assert_eq!(devices().await, named("http://127.0.0.1:9/one"));
    let mut renewed = a_device("http://127.0.0.1:9/two");
    renewed["replaces"] = json!("http://127.0.0.1:9/one");
    register(&renewed, "").await;
    register(&renewed, "").await;
    assert_eq!(devices().await, named("http://127.0.0.1:9/two"));
    // Nobody takes another's away.
    let mut foreign = a_device("http://127.0.0.1:9/three");
    foreign["replaces"] = json!("http://127.0.0.1:9/two");
    let (status, _) = outside.ask(2, Method::POST, "/api/v1/me/devices", foreign).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(devices().await, named("http://127.0.0.1:9/two"));
}

#[tokio::test]
async fn an_erased_account_can_register_nothing_more() {
    let outside = Outside::new().await;
    outside.scene.deliver(&[registered(1), erased(1)]).await;
    let device = a_device("http://127.0.0.1:9/one");
    let (status, _) = outside.ask(1, Method::POST, "/api/v1/me/devices", device).await;
    assert_eq!(status, StatusCode::CONFLICT);
}

#[tokio::test]
async fn the_push_key_is_made_once() {
    let outside = Outside::new().await;
    let key = outside.get(1, "/api/v1/push-key").await;
    assert_eq!(key, outside.get(2, "/api/v1/push-key").await);
    let bytes = URL_SAFE_NO_PAD.decode(key["key"].as_str().unwrap()).unwrap();
    assert_eq!((bytes.len(), bytes[0]), (65, 4));
}

#[tokio::test]
async fn quiet_hours_are_set_shown_and_taken_away() {
    let outside = Outside::new().await;
    outside.scene.deliver(&[registered(1), published(1, "Queues")]).await;
    let path = "/api/v1/me/quiet-hours";
    assert_eq!(outside.get(1, path).await, json!({ "time_zone": "Europe/Paris" }));
    for (hours, field) in [
        (json!({ "begin": "late", "end": "07:00" }), "begin"),
        (json!({ "begin": "22:00", "end": "25:00" }), "end"),
        (json!({ "begin": "07:00", "end": "07:00" }), "end"),
    ] {
        let (status, problem) = outside.ask(1, Method::PUT, path, hours).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(problem["errors"][0]["field"], field, "{problem}");
    }
    let hours = json!({ "begin": "08:30", "end": "12:00", "time_zone": "Europe/Paris" });
    let (status, shown) = outside.ask(1, Method::PUT, path, hours.clone()).await;
    assert_eq!((status, &shown), (StatusCode::OK, &hours));
    outside.scene.deliver(&[enrolled(1, 1, 5)]).await;
    let told = outside.get(1, "/api/v1/me/deliveries").await;
    let mail = told["deliveries"].as_array().unwrap().iter().find(|it| it["channel"] == "mail");
    assert_eq!(mail.unwrap()["waits_until"], "2027-01-15T11:00:00Z");
    let (_, page) = outside.page(Some(1), Method::GET, "/account/deliveries", "").await;
    assert!(page.contains("waiting for the end of quiet hours, until"), "{page}");
    let (status, _) = outside.ask(1, Method::DELETE, path, Value::Null).await;
    assert_eq!(status, StatusCode::NO_CONTENT);
    assert_eq!(outside.get(1, path).await, json!({ "time_zone": "Europe/Paris" }));
}

#[tokio::test]
async fn the_api_describes_itself() {
    let outside = Outside::new().await;
    let config = config(Mailer::Folder(outside.scene.folder().join("mail")));
    let (_, described) =
        crate::routes(&outside.scene.db, &outside.ui, &config).api.split_for_parts();
    let described = serde_json::to_value(described).unwrap();
    assert_eq!(described["paths"].as_object().unwrap().len(), 9);
    let parameters = &described["paths"]["/api/v1/me/inbox"]["get"]["parameters"];
    let names: Vec<&Value> =
        parameters.as_array().unwrap().iter().map(|parameter| &parameter["name"]).collect();
    assert_eq!(names, ["before", "limit"]);
    assert_eq!(parameters[0]["in"], "query");
}
