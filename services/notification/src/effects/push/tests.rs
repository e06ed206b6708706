#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
//! Against a push service on this machine.

use std::sync::Mutex;

use axum::{Router, body::Bytes, extract::State, http::HeaderMap, routing::post};
use bus::{Read, testing::Scene, values};
use uuid::Uuid;
use web_push_native::p256::SecretKey;

use super::*;
use crate::{
    commands,
    domain::Device,
    tests::world::{self, TABLES},
};

type Received = Arc<Mutex<Vec<(HeaderMap, Bytes)>>>;

/// What the service answers, one after the other; the last stays.
type Answers = Arc<Mutex<Vec<u16>>>;

struct PushService {
    url: String,
    received: Received,
}

impl PushService {
    async fn start(answers: &[u16]) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let received = Received::default();
        let answers: Answers = Arc::new(Mutex::new(answers.iter().rev().copied().collect()));
        let router = Router::new()
            .route("/{device}", post(take))
            .with_state((Arc::clone(&received), answers));
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { url, received }
    }

    fn received(&self) -> Vec<(HeaderMap, Bytes)> {
        self.received.lock().unwrap().clone()
    }
}

async fn take(
    State((received, answers)): State<(Received, Answers)>,
    headers: HeaderMap,
    body: Bytes,
) -> StatusCode {
    received.lock().unwrap().push((headers, body));
    let mut answers = answers.lock().unwrap();
    let answer = if answers.len() > 1 { answers.pop() } else { answers.last().copied() };
    StatusCode::from_u16(answer.unwrap()).unwrap()
}

struct Browser {
    secret: SecretKey,
    device: Device,
}

fn browser(url: &str, name: &str) -> Browser {
    use web_push_native::p256::elliptic_curve::sec1::ToEncodedPoint;
    let secret = SecretKey::from_slice(&[9; 32]).unwrap();
    let p256dh = secret.public_key().to_encoded_point(false).as_bytes().to_vec();
    let device =
        Device { id: Uuid::now_v7(), endpoint: format!("{url}/{name}"), p256dh, auth: vec![5; 16] };
    Browser { secret, device }
}

async fn scene_with(browsers: &[&Browser]) -> Scene {
    let scene = Scene::new(world::service(), TABLES).await;
    scene.deliver(&[world::registered(1), world::published(1, "Queues")]).await;
    for browser in browsers {
        commands::add_device(&scene.db, world::person_id(1), &browser.device).await.unwrap();
    }
    scene.deliver(&[world::enrolled(1, 1, 5)]).await;
    scene.perform().await;
    scene
}

async fn push_state(scene: &Scene) -> (String, Option<i64>) {
    let state: Option<String> = scene
        .db
        .scalar("select state from deliveries where channel = 'push'", values![])
        .await
        .unwrap();
    let devices = scene.db.scalar("select count(*) from devices", values![]).await.unwrap();
    (state.unwrap(), devices)
}

#[tokio::test]
async fn a_push_is_encrypted_for_the_device_and_signed() {
    let service = PushService::start(&[201]).await;
    let browser = browser(&service.url, "one");
    let scene = scene_with(&[&browser]).await;
    assert_eq!(push_state(&scene).await, ("sent".to_owned(), Some(1)));
    let received = service.received();
    let (headers, body) = &received[0];
    assert_eq!(received.len(), 1);
    assert!(headers["authorization"].to_str().unwrap().starts_with("vapid t="));
    assert_eq!(headers["topic"].len(), 32);
    let auth: [u8; 16] = [5; 16];
    let plain = web_push_native::decrypt(body.to_vec(), &browser.secret, &auth.into()).unwrap();
    let payload: serde_json::Value = serde_json::from_slice(&plain).unwrap();
    assert_eq!(payload["title"], "You are enrolled: Queues");
    assert_eq!(payload["lang"], "en");
}

#[tokio::test]
async fn a_dead_device_is_removed() {
    for answer in [404, 410] {
        let service = PushService::start(&[answer]).await;
        let browser = browser(&service.url, "one");
        let scene = scene_with(&[&browser]).await;
        assert_eq!(push_state(&scene).await, ("failed".to_owned(), Some(0)));
        assert_eq!(service.received().len(), 1);
    }
}

#[tokio::test]
async fn what_is_put_off_is_tried_again() {
    for answer in [429, 500, 503] {
        let service = PushService::start(&[answer, 201]).await;
        let browser = browser(&service.url, "one");
        let scene = scene_with(&[&browser]).await;
        assert_eq!(push_state(&scene).await, ("sent".to_owned(), Some(1)), "{answer}");
        assert_eq!(service.received().len(), 2);
    }
}

#[tokio::test]
async fn one_device_that_has_it_is_enough() {
    let service = PushService::start(&[410, 201]).await;
    let (one, two) = (browser(&service.url, "one"), browser(&service.url, "two"));
    let scene = scene_with(&[&one, &two]).await;
    assert_eq!(push_state(&scene).await, ("sent".to_owned(), Some(1)));
    let sent: Vec<_> = scene.published().await;
    let sent = sent.iter().filter(|it| {
        it.event_type == "notification.delivery-sent.v1" && it.data.contains("\"push\"")
    });
    assert_eq!(sent.count(), 1);
}

#[tokio::test]
async fn what_is_refused_keeps_the_device_and_says_why() {
    let service = PushService::start(&[403]).await;
    let browser = browser(&service.url, "one");
    let scene = scene_with(&[&browser]).await;
    assert_eq!(push_state(&scene).await, ("failed".to_owned(), Some(1)));
    let state = scene.state(world::VOLATILE).await;
    assert!(state.contains("the push service refused it: 403"), "{state}");
}
