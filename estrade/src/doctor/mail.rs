//! Mail: a server that greets and lets us in, or a folder that can be written.

use std::time::Duration;

use super::{Finding, machine};
use crate::config::{Config, without_password};

const PATIENCE: Duration = Duration::from_secs(5);

pub(super) async fn look(config: &Config) -> Finding {
    let Some(address) = &config.mail.smtp else {
        let folder = machine::writable("mail folder", &config.mail_folder());
        if folder.remedy.is_some() {
            return folder;
        }
        let what = "mails are written as .eml files and not sent; set mail.smtp to send them";
        return Finding::well("mail", what);
    };
    let shown = without_password(address);
    match notification::greet_mail_server(address, PATIENCE).await {
        Ok(()) => Finding::well("mail", format!("{shown} greets and lets us in")),
        Err(cause) => Finding::failed(
            "mail",
            format!("{shown}: {cause}"),
            "check mail.smtp (host, port, user, password, TLS); mails wait and are tried again meanwhile",
        ),
    }
}
