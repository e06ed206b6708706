//! What a listener hears: one event type, several of them as an enum ([`one_of!`](crate::one_of)),
//! or everything.

use crate::{Envelope, Event, MalformedEnvelope};

/// The type, or the types, of event that a listener takes.
pub trait Hear: Send + Sync + Sized + 'static {
    /// The event types it is bound to; `#` is every type.
    fn types() -> Vec<&'static str>;

    /// Reads one.
    ///
    /// # Errors
    /// When the envelope is of another type, or its data does not fit.
    fn read(envelope: &Envelope) -> Result<Self, MalformedEnvelope>;
}

impl<E: Event> Hear for E {
    fn types() -> Vec<&'static str> {
        vec![E::TYPE]
    }

    fn read(envelope: &Envelope) -> Result<Self, MalformedEnvelope> {
        if envelope.event_type != E::TYPE {
            return Err(envelope.unexpected());
        }
        envelope.open()
    }
}

/// Hears everything, and takes the envelope as it is.
#[derive(Clone, Copy, Debug)]
pub struct Anything;

impl Hear for Anything {
    fn types() -> Vec<&'static str> {
        vec!["#"]
    }

    fn read(_: &Envelope) -> Result<Self, MalformedEnvelope> {
        Ok(Self)
    }
}

/// An enum over several events, for a listener that takes them in one queue:
/// `one_of! { pub enum CourseChange { Published(CoursePublished), Withdrawn(CourseWithdrawn) } }`.
#[macro_export]
macro_rules! one_of {
    ($(#[$meta:meta])* pub enum $name:ident { $($variant:ident($event:ty)),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Clone, Debug)]
        pub enum $name { $($variant($event)),+ }

        impl $crate::Hear for $name {
            fn types() -> Vec<&'static str> {
                vec![$(<$event as $crate::Event>::TYPE),+]
            }

            fn read(envelope: &$crate::Envelope) -> Result<Self, $crate::MalformedEnvelope> {
                match envelope.event_type.as_str() {
                    $(<$event as $crate::Event>::TYPE => envelope.open().map(Self::$variant),)+
                    _ => Err(envelope.unexpected()),
                }
            }
        }
    };
}
