//! What an error of the client library means: will it pass, or must a person change something?

use bus::transport::TransportError;
use lapin::ErrorKind;

use crate::config::Address;

const ACCESS_REFUSED: u16 = 403;
const NOT_FOUND: u16 = 404;
const RESOURCE_LOCKED: u16 = 405;
const PRECONDITION_FAILED: u16 = 406;
const NOT_ALLOWED: u16 = 530;
const NOT_IMPLEMENTED: u16 = 540;

/// The broker's own code and text, where the broker spoke at all.
fn spoken(error: &lapin::Error) -> Option<(u16, String)> {
    match error.kind() {
        ErrorKind::ProtocolError(said) => Some((said.get_id(), said.get_message().to_string())),
        _ => None,
    }
}

/// While a cluster's node is down its queues are "not found" too; only a name that nobody knows is final.
fn is_unknown_name(code: u16, text: &str) -> bool {
    code == NOT_FOUND && text.contains("- no ")
}

pub(crate) fn is_missing(error: &lapin::Error) -> bool {
    spoken(error).is_some_and(|(code, text)| is_unknown_name(code, &text))
}

/// An error met while `doing` something on a connection that stands.
pub(crate) fn explain(doing: &str, error: &lapin::Error) -> TransportError {
    let Some((code, text)) = spoken(error) else {
        return TransportError::Away(format!("{doing}: {error}"));
    };
    match code {
        PRECONDITION_FAILED => TransportError::Refused(format!(
            "{doing}: {text}. It exists with other arguments than Estrade's. When it is empty, delete it \
             (rabbitmqctl delete_queue NAME) and start again, or give Estrade a virtual host of its own."
        )),
        NOT_FOUND if is_unknown_name(code, &text) => {
            TransportError::Refused(format!("{doing}: {text}"))
        }
        ACCESS_REFUSED | NOT_ALLOWED => TransportError::Refused(format!(
            "{doing}: {text}. Give the user the right to configure, write and read \
             (rabbitmqctl set_permissions -p VHOST USER '.*' '.*' '.*')."
        )),
        RESOURCE_LOCKED | NOT_IMPLEMENTED => TransportError::Refused(format!("{doing}: {text}")),
        _ => TransportError::Away(format!("{doing}: {text}")),
    }
}

/// An error met while connecting.
pub(crate) fn explain_connecting(address: &Address, error: &lapin::Error) -> TransportError {
    if let Some(problem) = distrust(error) {
        return TransportError::Refused(format!(
            "RabbitMQ at {address}: {problem}. Name the authority that issued its certificate in \
             certificate_authorities, and the host in the broker's URL as that certificate does."
        ));
    }
    let user = address.user();
    match spoken(error) {
        Some((ACCESS_REFUSED, text)) => TransportError::Refused(format!(
            "RabbitMQ at {address} does not let the user `{user}` in: {text}. Check the user and its \
             password in the broker's URL; `guest` may only come from the broker's own machine."
        )),
        Some((NOT_ALLOWED, text)) => TransportError::Refused(format!(
            "RabbitMQ at {address}: {text}. Check the virtual host at the end of the broker's URL \
             (rabbitmqctl list_vhosts) and that the user `{user}` may use it (rabbitmqctl set_permissions)."
        )),
        Some((_, text)) => TransportError::Away(format!("RabbitMQ at {address}: {text}")),
        None => TransportError::Away(format!("RabbitMQ at {address}: {error}")),
    }
}

/// What is wrong with the certificate that the broker shows.
fn distrust(error: &lapin::Error) -> Option<&rustls::Error> {
    let ErrorKind::IOError(error) = error.kind() else { return None };
    let error = error.get_ref()?.downcast_ref::<rustls::Error>()?;
    matches!(error, rustls::Error::InvalidCertificate(_)).then_some(error)
}

/// What people read of it inside another sentence.
pub(crate) fn text(error: TransportError) -> String {
    match error {
        TransportError::Away(text) | TransportError::Refused(text) => text,
    }
}
