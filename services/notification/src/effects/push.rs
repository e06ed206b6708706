//! Push messages to people's browsers: RFC 8030, encrypted by RFC 8291, signed by RFC 8292 (VAPID).

use std::{sync::Arc, time::Duration};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use bus::{Effect, EffectFailure, Ending, Handled, Tx};
use reqwest::{StatusCode, header::HeaderValue, redirect};
use serde::Serialize;
use ui::SealingKey;
use web_push_native::{
    Auth, WebPushBuilder,
    jwt_simple::algorithms::{ECDSAP256PublicKeyLike, ES256KeyPair},
    p256::PublicKey,
};

use super::{
    endpoint::{PublicOnly, endpoint_problem},
    settle_failed, settle_sent,
};
use crate::{
    commands::Shared,
    domain::{PushJob, one_line},
    store::{self, PushKeyRow},
    words::{Setting, words},
};

/// The purpose for which the platform's key is sealed.
const PURPOSE: &str = "vapid";
/// How long a push service keeps a message for a device that is away.
const KEPT_FOR: Duration = Duration::from_secs(24 * 3600);
/// How long a signature holds. RFC 8292 allows a day, by the push service's clock, which may be behind.
const SIGNED_FOR: Duration = Duration::from_secs(12 * 3600);
const PATIENCE: Duration = Duration::from_secs(20);
/// A push message holds 4096 bytes, and what is longer is not read on a telephone anyway.
const LONGEST_BODY: usize = 300;

/// Pushes a message to one device. Repeatable: a device shows a second one with the same tag in the
/// place of the first, and the push service replaces one that still waits under the same topic.
pub(crate) struct Push {
    shared: Arc<Shared>,
    client: Option<reqwest::Client>,
}

/// What the push service said.
#[derive(Clone, Copy)]
pub(crate) enum Pushed {
    Accepted,
    /// Nobody is there any more.
    Gone,
}

impl Push {
    pub(crate) fn new(shared: Arc<Shared>) -> Self {
        let builder = reqwest::Client::builder()
            .timeout(PATIENCE)
            .redirect(redirect::Policy::none())
            .no_proxy();
        let builder = if shared.config.push.allow_private_endpoints {
            builder
        } else {
            builder.dns_resolver(Arc::new(PublicOnly)).https_only(true)
        };
        let client = builder
            .build()
            .inspect_err(|error| tracing::error!(%error, "no push message can be sent"))
            .ok();
        Self { shared, client }
    }
}

impl Effect for Push {
    const NAME: &'static str = "notification.push";
    type Job = PushJob;
    type Outcome = Pushed;
    const REPEATABLE: bool = true;
    const CONCURRENCY: usize = 8;

    async fn perform(&self, job: &PushJob) -> Result<Pushed, EffectFailure> {
        let allow_private = self.shared.config.push.allow_private_endpoints;
        if let Some(problem) = endpoint_problem(&job.device.endpoint, allow_private) {
            return Err(EffectFailure::Refused(problem.to_owned()));
        }
        let client = self.client.as_ref().ok_or_else(|| {
            EffectFailure::Retry("this machine's TLS cannot be set up: see the log".to_owned())
        })?;
        let request = self.request(job)?;
        let response = client.execute(request).await.map_err(|error| {
            EffectFailure::Retry(format!("the push service: {}", error.without_url()))
        })?;
        judge(response.status())
    }

    async fn record(&self, job: &PushJob, ending: Ending<Pushed>, tx: &mut Tx) -> Handled {
        let reason = match ending {
            Ending::Done(Pushed::Accepted) => return settle_sent(tx, job.delivery).await,
            Ending::Done(Pushed::Gone) => {
                store::mark_gone(tx, &job.device).await?;
                "the device no longer receives anything, says its push service".to_owned()
            }
            Ending::Refused(reason) | Ending::GaveUp(reason) | Ending::Uncertain(reason) => reason,
        };
        // Another device may still have it.
        if store::close_job(tx, job.delivery).await?.is_some_and(|open| open <= 0) {
            settle_failed(tx, job.delivery, reason, false).await?;
        }
        Ok(())
    }
}

fn judge(status: StatusCode) -> Result<Pushed, EffectFailure> {
    match status {
        StatusCode::NOT_FOUND | StatusCode::GONE => Ok(Pushed::Gone),
        status if status.is_success() => Ok(Pushed::Accepted),
        StatusCode::TOO_MANY_REQUESTS | StatusCode::REQUEST_TIMEOUT => {
            Err(EffectFailure::Retry(format!("the push service put it off: {status}")))
        }
        status if status.is_server_error() => {
            Err(EffectFailure::Retry(format!("the push service failed: {status}")))
        }
        status => Err(EffectFailure::Refused(format!("the push service refused it: {status}"))),
    }
}

/// What the service worker shows.
#[derive(Serialize)]
struct Payload<'a> {
    title: String,
    body: String,
    url: &'a str,
    tag: String,
    lang: &'static str,
}

impl Push {
    fn request(&self, job: &PushJob) -> Result<reqwest::Request, EffectFailure> {
        let (public, auth) = device_keys(&job.device.p256dh, &job.device.auth)
            .ok_or_else(|| EffectFailure::Refused("the device's keys do not read".to_owned()))?;
        let key = self.key(job)?;
        let endpoint = job
            .device
            .endpoint
            .parse()
            .map_err(|_| EffectFailure::Refused("the endpoint is no address".to_owned()))?;
        let contact = format!("mailto:{}", self.shared.config.from.email);
        let mut request = WebPushBuilder::new(endpoint, public, auth)
            .with_valid_duration(SIGNED_FOR)
            .with_vapid(&key, &contact)
            .build(self.payload(job)?)
            .map_err(|error| EffectFailure::Refused(format!("cannot be encrypted: {error}")))?;
        request.headers_mut().insert("TTL", HeaderValue::from(KEPT_FOR.as_secs()));
        let topic = job.delivery.0.simple().to_string();
        if let Ok(topic) = topic.parse() {
            request.headers_mut().insert("Topic", topic);
        }
        reqwest::Request::try_from(request)
            .map_err(|error| EffectFailure::Refused(error.without_url().to_string()))
    }

    fn payload(&self, job: &PushJob) -> Result<Vec<u8>, EffectFailure> {
        let setting = Setting::of(job.language, &self.shared.base_url);
        let words = words(setting, &job.notice, job.course.as_ref());
        let payload = Payload {
            title: words.subject,
            body: one_line(&words.body, LONGEST_BODY),
            url: &words.link,
            tag: job.delivery.to_string(),
            lang: job.language.code(),
        };
        serde_json::to_vec(&payload).map_err(|error| EffectFailure::Refused(error.to_string()))
    }

    fn key(&self, job: &PushJob) -> Result<ES256KeyPair, EffectFailure> {
        let unreadable = || {
            EffectFailure::Retry(
                "the VAPID key does not open: was the platform's key changed?".to_owned(),
            )
        };
        let text = match (&self.shared.config.push.vapid_private_key, &job.sealed_key) {
            (Some(configured), _) => configured.clone(),
            (None, Some(sealed)) => {
                self.shared.key.open(PURPOSE, sealed).map_err(|_| unreadable())?
            }
            (None, None) => return Err(unreadable()),
        };
        key_pair(&text).ok_or_else(unreadable)
    }
}

fn key_pair(text: &str) -> Option<ES256KeyPair> {
    ES256KeyPair::from_bytes(&URL_SAFE_NO_PAD.decode(text).ok()?).ok()
}

fn public_text(pair: &ES256KeyPair) -> String {
    URL_SAFE_NO_PAD.encode(pair.public_key().public_key().to_bytes_uncompressed())
}

/// The public half of a configured key, as browsers want it.
pub(crate) fn public_push_key(private: &str) -> Option<String> {
    key_pair(private).as_ref().map(public_text)
}

/// A new key of the platform, sealed.
pub(crate) fn make_push_key(sealing: &SealingKey) -> Result<PushKeyRow, bus::Error> {
    let pair = ES256KeyPair::generate();
    let private = URL_SAFE_NO_PAD.encode(pair.to_bytes());
    let sealed = sealing
        .seal(PURPOSE, &private)
        .map_err(|error| bus::Error::Configuration(error.to_string()))?;
    Ok(PushKeyRow { public_key: public_text(&pair), sealed })
}

/// A device's public key and secret, if they are such.
pub(crate) fn device_keys(p256dh: &[u8], auth: &[u8]) -> Option<(PublicKey, Auth)> {
    let auth: [u8; 16] = auth.try_into().ok()?;
    Some((PublicKey::from_sec1_bytes(p256dh).ok()?, auth.into()))
}

#[cfg(test)]
mod tests;
