//! The whole platform with its broker over TLS, for which only an authority of the school's own vouches.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use private_nodes::{Authority, Issued, RabbitMq};
use tempfile::TempDir;

use crate::{
    house::{Person, Served, data, estrade, run},
    outage::until,
};

const MAIL: &str = "sian.llyr@example.org";

fn shown(authority: &Authority) -> Issued {
    authority.issue("broker", "DNS:localhost").unwrap()
}

/// Two authorities, of which the broker's certificate is from the first.
fn authorities() -> (TempDir, [Authority; 2]) {
    let folder = tempfile::tempdir().unwrap();
    let made = ["known", "stranger"].map(|name| {
        let folder = folder.path().join(name);
        std::fs::create_dir(&folder).unwrap();
        Authority::make(folder).unwrap()
    });
    (folder, made)
}

fn over_tls(command: &mut Command, broker: &str, trusted: &Path) {
    command.env("ESTRADE_BROKER", broker).env("ESTRADE_CERTIFICATE_AUTHORITIES", trusted);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_platform_whose_broker_is_reached_over_tls_is_whole() {
    if !RabbitMq::is_installed() {
        eprintln!("RabbitMQ is not installed: `cargo xtask test` installs it");
        return;
    }
    let (_authorities, [known, stranger]) = authorities();
    let node = RabbitMq::start_with_tls(env!("CARGO_TARGET_TMPDIR"), &shown(&known)).unwrap();
    let (_folder, data) = data();
    let broker = node.amqps_url("localhost");
    let trusted: PathBuf = known.certificate();
    let served = Served::start_with(&data, &[], |command| over_tls(command, &broker, &trusted));
    let person = Person::registered(&served.address, MAIL).await;
    until("who registered is known to a service that hears it over the broker", async || {
        let (_, quiet) = person.call("GET", "/api/v1/me/quiet-hours", None).await;
        quiet["time_zone"] == "Europe/London"
    })
    .await;
    assert_eq!(person.call("GET", "/health/ready", None).await.0, 200);
    let says = |trusted: &Path, arguments: &[&str]| {
        let mut command = estrade(&data);
        over_tls(&mut command, &broker, trusted);
        let output = run(command.args(arguments));
        (output.status.code().unwrap(), String::from_utf8(output.stdout).unwrap())
    };
    let (status, queues) = says(&trusted, &["queues"]);
    assert!(status == 0 && queues.contains("learning.copy-person"), "{queues}");
    let (status, well) = says(&trusted, &["doctor"]);
    assert_eq!(status, 0, "{well}");
    let (status, refused) = says(&stranger.certificate(), &["doctor"]);
    assert!(status == 1 && refused.contains("invalid peer certificate"), "{refused}");
    assert!(refused.contains("certificate_authorities") && !refused.contains("guest"), "{refused}");
}
