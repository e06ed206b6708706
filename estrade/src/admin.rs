//! `estrade admin create`: the first administrator.

use anyhow::{Context, bail};

use crate::{
    Verdict,
    cli::{AdminAction, AdminOptions, ServiceName},
    config::Config,
    platform::Platform,
};

pub(crate) async fn run(config: Config, options: AdminOptions) -> anyhow::Result<Verdict> {
    let AdminAction::Create { mail, name, password } = options.action;
    let password = match password {
        Some(password) => password,
        None => read_password()?,
    };
    let platform = Platform::open(config, &[ServiceName::Identity]).await?;
    let db = platform.db(ServiceName::Identity)?;
    let created = identity::create_administrator(db, &name, &mail, &password).await;
    let outcome =
        created.map(|_| println!("{mail} is an administrator")).map_err(anyhow::Error::from);
    platform.close().await;
    outcome.map(|()| Verdict::Well)
}

fn read_password() -> anyhow::Result<String> {
    let mut line = String::new();
    std::io::stdin().read_line(&mut line).context("cannot read the password")?;
    let password = line.trim_end_matches(['\r', '\n']);
    if password.is_empty() {
        bail!("give a password: --password, ESTRADE_ADMIN_PASSWORD, or a line on standard input");
    }
    Ok(password.to_owned())
}
