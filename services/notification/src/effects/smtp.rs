//! Mails to a server. Spoken step by step, because what an interruption means depends on the step:
//! before the content was sent nothing happened; after it nobody can tell.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use bus::{Effect, EffectFailure, Ending, Handled, Tx};
use lettre::{
    address::Envelope,
    transport::smtp::{
        Error as SmtpError,
        authentication::DEFAULT_MECHANISMS,
        client::{AsyncSmtpConnection, TlsParameters},
        commands::{Data, Mail, Rcpt},
        extension::{ClientId, Extension, MailParameter},
    },
};
use tokio::time::timeout;

use super::{Letters, MAIL, record_mail};
use crate::{
    config::{Security, SmtpServer},
    domain::{MailJob, without_addresses},
};

const AT_ONCE: usize = 4;

/// How long each step may take.
#[derive(Clone, Copy)]
pub(crate) struct Patience {
    /// Connecting, greeting, signing in.
    pub(crate) connect: Duration,
    /// Sender, recipient and the wish to send.
    pub(crate) offer: Duration,
    /// The content, and the server's word that it has it.
    pub(crate) content: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(20),
            offer: Duration::from_secs(30),
            content: Duration::from_secs(120),
        }
    }
}

/// Hands each mail to a server. Not repeatable: a mail that may have gone is not sent again.
pub(crate) struct MailOverSmtp {
    letters: Letters,
    server: SmtpServer,
    patience: Patience,
    /// Connections that are open and idle.
    idle: Mutex<Vec<AsyncSmtpConnection>>,
}

impl MailOverSmtp {
    pub(crate) fn new(letters: Letters, server: SmtpServer) -> Self {
        Self { letters, server, patience: Patience::default(), idle: Mutex::default() }
    }

    #[cfg(test)]
    pub(crate) fn with_patience(mut self, patience: Patience) -> Self {
        self.patience = patience;
        self
    }
}

impl Effect for MailOverSmtp {
    const NAME: &'static str = MAIL;
    type Job = MailJob;
    type Outcome = ();
    const REPEATABLE: bool = false;
    const CONCURRENCY: usize = AT_ONCE;

    async fn perform(&self, job: &MailJob) -> Result<(), EffectFailure> {
        let letter = self.letters.compose(job).await?;
        let mut connection = self.connection().await?;
        self.offer(&mut connection, letter.envelope()).await?;
        self.hand_over(&mut connection, &letter.formatted()).await?;
        self.keep(connection);
        Ok(())
    }

    async fn record(&self, job: &MailJob, ending: Ending<()>, tx: &mut Tx) -> Handled {
        record_mail(job.delivery, ending, tx).await
    }
}

impl MailOverSmtp {
    /// An idle connection that still answers, or a new one. Whatever goes wrong here is no mail's
    /// fault: it is tried again.
    async fn connection(&self) -> Result<AsyncSmtpConnection, EffectFailure> {
        while let Some(mut connection) = self.take_idle() {
            if timeout(self.patience.offer, connection.test_connected()).await.unwrap_or(false) {
                return Ok(connection);
            }
        }
        let hello = ClientId::Domain(self.letters.host().to_owned());
        let connecting = connect(&self.server, &hello, self.patience.connect);
        match timeout(self.patience.connect, connecting).await {
            Ok(Ok(connection)) => Ok(connection),
            Ok(Err(error)) => Err(retry("the mail server cannot be used", &error)),
            Err(_) => Err(EffectFailure::Retry("the mail server does not greet in time".into())),
        }
    }

    /// Says from whom and to whom. The server may refuse; nothing has been sent yet.
    async fn offer(
        &self,
        connection: &mut AsyncSmtpConnection,
        envelope: &Envelope,
    ) -> Result<(), EffectFailure> {
        let mut parameters = Vec::new();
        if !is_ascii(envelope) {
            if !connection.server_info().supports_feature(Extension::SmtpUtfEight) {
                let cause = "the mail server takes no address with letters beyond ASCII";
                return Err(EffectFailure::Refused(cause.to_owned()));
            }
            parameters.push(MailParameter::SmtpUtfEight);
        }
        let offering = async {
            connection.command(Mail::new(envelope.from().cloned(), parameters)).await?;
            for recipient in envelope.to() {
                connection.command(Rcpt::new(recipient.clone(), Vec::new())).await?;
            }
            connection.command(Data).await
        };
        match timeout(self.patience.offer, offering).await {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(error)) if error.is_permanent() => Err(refused(&error)),
            Ok(Err(error)) => Err(retry("the mail server did not take the mail", &error)),
            Err(_) => Err(EffectFailure::Retry("the mail server did not answer in time".into())),
        }
    }

    /// Sends the content. Without the server's answer nobody can tell whether it has the mail.
    async fn hand_over(
        &self,
        connection: &mut AsyncSmtpConnection,
        content: &[u8],
    ) -> Result<(), EffectFailure> {
        match timeout(self.patience.content, connection.message(content)).await {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(error)) if error.is_permanent() => Err(refused(&error)),
            Ok(Err(error)) if error.is_transient() => {
                Err(retry("the mail server put the mail off", &error))
            }
            Ok(Err(error)) => Err(EffectFailure::Uncertain(format!(
                "the connection was lost after the mail was sent: {}",
                text(&error)
            ))),
            Err(_) => Err(EffectFailure::Uncertain(
                "the mail was sent, but the mail server did not say in time that it has it".into(),
            )),
        }
    }

    fn take_idle(&self) -> Option<AsyncSmtpConnection> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop()
    }

    fn keep(&self, connection: AsyncSmtpConnection) {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.len() < AT_ONCE {
            idle.push(connection);
        }
    }
}

async fn connect(
    server: &SmtpServer,
    hello: &ClientId,
    limit: Duration,
) -> Result<AsyncSmtpConnection, SmtpError> {
    let tls = match server.security {
        Security::Tls => Some(wanted_tls(server)?),
        Security::StartTls | Security::Plain => None,
    };
    let address = (server.host.as_str(), server.port);
    let mut connection =
        AsyncSmtpConnection::connect_tokio1(address, Some(limit), hello, tls, None).await?;
    if server.security == Security::StartTls {
        connection.starttls(wanted_tls(server)?, hello).await?;
    }
    if let Some(credentials) = &server.credentials {
        connection.auth(DEFAULT_MECHANISMS, credentials).await?;
    }
    Ok(connection)
}

fn wanted_tls(server: &SmtpServer) -> Result<TlsParameters, SmtpError> {
    let wanted = TlsParameters::builder(server.host.clone());
    match &server.authorities {
        Some(authorities) => wanted.add_root_certificate(authorities.clone()).build(),
        None => wanted.build(),
    }
}

/// Connects, greets, signs in, and says good-bye: whether mails could be handed over.
pub(crate) async fn greet(server: &SmtpServer, limit: Duration) -> Result<(), String> {
    match timeout(limit, connect(server, &ClientId::default(), limit)).await {
        Ok(Ok(mut connection)) => {
            // Whether it hears us go is its own affair.
            let _ = timeout(limit, connection.quit()).await;
            Ok(())
        }
        Ok(Err(error)) => Err(text(&error)),
        Err(_) => Err("it does not greet in time".to_owned()),
    }
}

fn is_ascii(envelope: &Envelope) -> bool {
    let addresses = envelope.to().iter().chain(envelope.from());
    addresses.map(AsRef::<str>::as_ref).all(str::is_ascii)
}

fn refused(error: &SmtpError) -> EffectFailure {
    EffectFailure::Refused(format!("the mail server refused it: {}", text(error)))
}

fn retry(what: &str, error: &SmtpError) -> EffectFailure {
    EffectFailure::Retry(format!("{what}: {}", text(error)))
}

/// What went wrong, with its causes and without addresses.
fn text(error: &SmtpError) -> String {
    without_addresses(&error.to_string())
}

#[cfg(test)]
mod tests;
