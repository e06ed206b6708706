#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
//! Against a push service on this machine.

use std::sync::Mutex;

use axum::{Router, body::Bytes, extract::State, http::HeaderMap, routing::post};
use bus::{Read, testing::Scene, values};
use uuid::Uuid;
use web_push_native::p256::SecretKey;

use super::*;
use crate::{
    commands::own,
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
        let name = "Firefox · Linux";
        own::add_device(&scene.db, world::person_id(1), &browser.device, name, None).await.unwrap();
    }
    scene.deliver(&[world::enrolled(1, 1, 5)]).await;
    scene.perform().await;
    scene
}

fn shared() -> Arc<Shared> {
    let config = world::config(crate::Mailer::Folder(std::env::temp_dir()));
    crate::shared(&config, &world::key(), world::BASE_URL)
}

async fn push_state(scene: &Scene) -> (String, Option<i64>) {
    push_state_of(scene, "enrolment").await
}

/// What became of the push message of a kind, and how many devices are there.
async fn push_state_of(scene: &Scene, kind: &str) -> (String, Option<i64>) {
    let sql = "select state from deliveries where channel = 'push' and kind = $1";
    let state: Option<String> = scene.db.scalar(sql, values![kind]).await.unwrap();
    let there = "select count(*) from devices where gone_at is null";
    let devices = scene.db.scalar(there, values![]).await.unwrap();
    (state.unwrap(), devices)
}

/// What a message's signature says: `vapid t=….claims.…, k=…`.
fn claims(authorization: &str) -> serde_json::Value {
    let token = authorization.strip_prefix("vapid t=").unwrap();
    let claims = URL_SAFE_NO_PAD.decode(token.split('.').nth(1).unwrap()).unwrap();
    serde_json::from_slice(&claims).unwrap()
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
    assert_eq!(headers["ttl"], "86400");
    let claims = claims(headers["authorization"].to_str().unwrap());
    let holds_for = claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap();
    assert!((3_600..=72_000).contains(&holds_for), "less than a day for any clock: {holds_for}");
    assert_eq!(headers["topic"].len(), 32);
    let auth: [u8; 16] = [5; 16];
    let plain = web_push_native::decrypt(body.to_vec(), &browser.secret, &auth.into()).unwrap();
    let payload: serde_json::Value = serde_json::from_slice(&plain).unwrap();
    assert_eq!(payload["title"], "You are enrolled: Queues");
    assert_eq!(payload["lang"], "en");
}

#[tokio::test]
async fn a_dead_device_is_sent_nothing_more_and_its_owner_sees_it() {
    for answer in [404, 410] {
        let service = PushService::start(&[answer]).await;
        let browser = browser(&service.url, "one");
        let scene = scene_with(&[&browser]).await;
        assert_eq!(push_state(&scene).await, ("failed".to_owned(), Some(0)));
        assert_eq!(service.received().len(), 1);
        let shared = shared();
        let own = store::own_devices(&scene.db, world::person_id(1)).await.unwrap();
        assert!(own[0].gone_at.is_some());
        scene.deliver(&[world::graded(1, 1, 100, true)]).await;
        scene.perform().await;
        assert_eq!(service.received().len(), 1);
        let trial = own::try_device(&scene.db, &shared, world::person_id(1), own[0].device.id);
        assert!(matches!(trial.await, Err(own::CommandError::DeviceGone)));
        // Turned on again there, it is there again.
        let device = &browser.device;
        own::add_device(&scene.db, world::person_id(1), device, "", None).await.unwrap();
        assert_eq!(push_state_of(&scene, "quiz-graded").await, ("suppressed".to_owned(), Some(1)));
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

/// Trying a device is a message of its own, to that device alone, and not too often.
#[tokio::test]
async fn a_device_is_tried() {
    let service = PushService::start(&[201]).await;
    let (one, two) = (browser(&service.url, "one"), browser(&service.url, "two"));
    let scene = scene_with(&[&one, &two]).await;
    let before = service.received().len();
    let own = store::own_devices(&scene.db, world::person_id(1)).await.unwrap();
    let (id, person, shared) = (own[0].device.id, world::person_id(1), shared());
    for _ in 0..5 {
        own::try_device(&scene.db, &shared, person, id).await.unwrap();
    }
    let trial = own::try_device(&scene.db, &shared, person, id);
    assert!(matches!(trial.await, Err(own::CommandError::TooManyTrials)));
    let trial = own::try_device(&scene.db, &shared, world::person_id(2), id);
    assert!(matches!(trial.await, Err(own::CommandError::NoSuchDevice)));
    scene.perform().await;
    assert_eq!(service.received().len(), before + 5);
    assert_eq!(push_state_of(&scene, "test").await, ("sent".to_owned(), Some(2)));
    let told = scene.published().await;
    assert!(told.iter().all(|it| !it.data.contains("\"test\"")));
}
