//! Mail: a server that greets and lets us in, or a folder that can be written.

use std::time::Duration;

use ui::Text;

use super::{Finding, machine};
use crate::{
    config::{Config, without_password},
    platform,
};

const PATIENCE: Duration = Duration::from_secs(5);

pub(super) async fn look(config: &Config, t: Text) -> Finding {
    let Some(address) = &config.mail.smtp else {
        let folder = machine::writable(&t.get("doctor-mail-folder"), &config.mail_folder(), t);
        if folder.remedy.is_some() {
            return folder;
        }
        return Finding::well("mail", t.get("doctor-mails-to-folder"));
    };
    let shown = without_password(address);
    let greeted = match platform::mailer(config) {
        Ok(mailer) => notification::greet_mail_server(&mailer, PATIENCE).await,
        Err(error) => Err(format!("{error:#}")),
    };
    match greeted {
        Ok(()) => {
            Finding::well("mail", t.with("doctor-mail-greets", [("server", shown.as_str().into())]))
        }
        Err(cause) => {
            Finding::failed("mail", format!("{shown}: {cause}"), t.get("doctor-mail-remedy"))
        }
    }
}
