//! Starts real nodes, ends them in every way, and looks at what is left.
#![allow(clippy::unwrap_used)]

use std::{fs, io::Read, net::TcpStream, path::Path, time::Duration};

use private_nodes::{Error, Postgres, RabbitMq};

#[test]
fn rabbitmq_lives_through_kill_freeze_and_restart_and_leaves_nothing() {
    let base = tempfile::tempdir().unwrap();
    let mut node = RabbitMq::start(base.path()).unwrap();
    let url = node.amqp_url();
    assert!(connects(node.amqp_port()));
    node.ctl(&["add_vhost", "kept"]).unwrap();

    node.freeze().unwrap();
    assert!(!answers(node.amqp_port()));
    node.thaw().unwrap();
    assert!(node.ctl(&["list_vhosts"]).unwrap().contains("kept"));

    node.alarm_memory(true).unwrap();
    assert!(node.ctl(&["status"]).unwrap().contains("Memory alarm"));
    node.alarm_memory(false).unwrap();

    node.kill();
    assert!(!connects(node.amqp_port()));
    assert!(matches!(
        node.ctl(&["status"]),
        Err(Error::NotRunning { .. })
    ));
    node.restart().unwrap();
    assert_eq!(node.amqp_url(), url);
    assert!(node.ctl(&["list_vhosts"]).unwrap().contains("kept"));

    node.stop();
    assert!(!connects(node.amqp_port()));
    drop(node);
    assert_nothing_left(base.path());
}

#[test]
fn postgres_lives_through_kill_and_restart_and_leaves_nothing() {
    let base = tempfile::tempdir().unwrap();
    let mut cluster = Postgres::start(base.path()).unwrap();
    let url = cluster.create_database("kept").unwrap();
    assert_eq!(url, cluster.url("kept"));
    assert!(matches!(
        cluster.create_database("no\"name"),
        Err(Error::DatabaseName { .. })
    ));

    cluster.kill();
    assert!(matches!(
        cluster.create_database("other"),
        Err(Error::Command { .. })
    ));
    cluster.restart().unwrap();
    assert!(
        cluster
            .create_database("kept")
            .unwrap_err()
            .to_string()
            .contains("already exists")
    );

    cluster.restart().unwrap();
    cluster.create_database("after").unwrap();
    drop(cluster);
    assert_nothing_left(base.path());
}

fn connects(port: u16) -> bool {
    TcpStream::connect(("127.0.0.1", port)).is_ok()
}

/// Whether the server hangs up on what is no AMQP, as a running one does.
fn answers(port: u16) -> bool {
    use std::io::Write;
    let mut socket = TcpStream::connect(("127.0.0.1", port)).unwrap();
    socket
        .set_read_timeout(Some(Duration::from_secs(1)))
        .unwrap();
    socket.write_all(b"AMQP\x00\x00\x09\x01").unwrap();
    socket.read_exact(&mut [0]).is_ok()
}

fn assert_nothing_left(base: &Path) {
    assert_eq!(fs::read_dir(base).unwrap().count(), 0, "files are left");
    let base = base.to_str().unwrap();
    for process in fs::read_dir("/proc").unwrap().flatten() {
        let command = fs::read(process.path().join("cmdline")).unwrap_or_default();
        let command = String::from_utf8_lossy(&command).into_owned();
        assert!(!command.contains(base), "a process is left: {command}");
    }
}
