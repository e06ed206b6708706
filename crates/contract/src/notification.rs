//! What `notification` tells: what became of each message to a person.

use chrono::{DateTime, Utc};
use event::{DeliveryId, PersonId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::event;

/// A way to reach a person.
#[derive(
    Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Channel {
    Mail,
    Push,
    Inbox,
}

/// What a message is about.
#[derive(
    Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    Enrolment,
    NewLesson,
    QuizGraded,
    CertificateIssued,
}

/// One message to one person over one channel, about one fact.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Delivery {
    pub delivery: DeliveryId,
    /// Who is told.
    pub person: PersonId,
    /// The id of the event that it tells of.
    pub fact: Uuid,
    /// What it is about.
    pub kind: Kind,
    /// How it was to reach the person.
    pub channel: Channel,
    /// When this became of it.
    pub at: DateTime<Utc>,
}

/// The channel has it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct DeliverySent {
    #[serde(flatten)]
    pub delivery: Delivery,
}

/// It did not arrive, or (`uncertain`) nobody can tell whether it did.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct DeliveryFailed {
    #[serde(flatten)]
    pub delivery: Delivery,
    /// What the outside world said, without addresses.
    pub reason: String,
    /// Nobody can tell whether it arrived: it is not sent again.
    #[serde(default)]
    pub uncertain: bool,
}

/// It was not sent, on purpose.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct DeliverySuppressed {
    #[serde(flatten)]
    pub delivery: Delivery,
    /// Why not.
    pub reason: Suppression,
}

/// Why a message was not sent on purpose.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Suppression {
    /// The person does not want this kind over this channel.
    Preference,
    /// The person has no device for push.
    NoDevice,
    /// The person's account is erased.
    Erased,
}

event!(DeliverySent, "notification.delivery-sent.v1", delivery.delivery);
event!(DeliveryFailed, "notification.delivery-failed.v1", delivery.delivery);
event!(DeliverySuppressed, "notification.delivery-suppressed.v1", delivery.delivery);

event::named! {
    /// What came of holding copies against one page of a digest, and what is asked for.
    #[derive(PartialEq, Eq, JsonSchema)]
    pub struct CopiesCompared(event::step::Compared) = "notification.copies-compared.v1";
    /// There are no copies here at all: everything of a kind is asked for.
    #[derive(PartialEq, Eq, JsonSchema)]
    pub struct CopiesWanted(event::step::Wanted) = "notification.copies-wanted.v1";
}

event::named! {
    /// What is kept here of a person who asked for it, as a file.
    #[derive(PartialEq, Eq, JsonSchema)]
    pub struct ExportPartReady(crate::export::Part) = "notification.export-part-ready.v1";
}
