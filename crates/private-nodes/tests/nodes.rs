//! Starts real nodes, ends them in every way, and looks at what is left.
#![allow(clippy::unwrap_used)]

use std::{
    fs,
    io::{Read, Write},
    net::TcpStream,
    os::unix::fs::DirBuilderExt,
    path::Path,
    time::Duration,
};

use private_nodes::{Cluster, Error, Postgres, RabbitMq};

#[test]
fn rabbitmq_lives_through_kill_freeze_and_restart_and_leaves_nothing() {
    let base = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
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
    assert!(matches!(node.ctl(&["status"]), Err(Error::NotRunning { .. })));
    node.restart().unwrap();
    assert_eq!(node.amqp_url(), url);
    assert!(node.ctl(&["list_vhosts"]).unwrap().contains("kept"));

    node.stop();
    assert!(!connects(node.amqp_port()));
    drop(node);
    assert_nothing_left(base.path());
}

#[test]
fn a_rabbit_for_backlogs_has_a_short_log() {
    let base = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let node = RabbitMq::start_for_backlogs(base.path()).unwrap();
    let megabytes = "maps:get(wal_max_size_bytes, ra_system:fetch(quorum_queues)) div 1048576.";
    assert_eq!(node.ctl(&["eval", megabytes]).unwrap(), "64\n");
}

#[test]
fn two_rabbits_are_one_cluster_and_one_lives_without_the_other() {
    let base = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let mut cluster = Cluster::start(base.path(), 2).unwrap();
    let members = cluster.nodes()[0].ctl(&["cluster_status"]).unwrap();
    assert!(members.contains("private1@localhost") && members.contains("private2@localhost"));
    assert!(cluster.leader_of("/", "no-such-queue").is_err());
    cluster.nodes_mut()[0].kill();
    assert!(!cluster.nodes()[0].is_running());
    cluster.nodes()[1].ctl(&["list_vhosts"]).unwrap();
    cluster.nodes_mut()[0].restart().unwrap();
    assert!(connects(cluster.nodes()[0].amqp_port()));
    drop(cluster);
    assert_nothing_left(base.path());
}

#[test]
fn postgres_lives_through_kill_and_restart_and_leaves_nothing() {
    let base = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let mut cluster = Postgres::start(base.path()).unwrap();
    let url = cluster.create_database("kept").unwrap();
    assert_eq!(url, cluster.url("kept"));
    assert!(matches!(cluster.create_database("no\"name"), Err(Error::DatabaseName { .. })));

    cluster.kill();
    assert!(matches!(cluster.create_database("other"), Err(Error::Command { .. })));
    cluster.restart().unwrap();
    assert!(cluster.create_database("kept").unwrap_err().to_string().contains("already exists"));

    cluster.restart().unwrap();
    cluster.create_database("after").unwrap();
    drop(cluster);
    assert_nothing_left(base.path());
}

/// Root's own home, for one, is closed to the account that the server runs as.
#[test]
fn postgres_starts_where_its_account_cannot_enter() {
    let base = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let closed = base.path().join("closed");
    fs::DirBuilder::new().mode(0o700).create(&closed).unwrap();
    Postgres::start(&closed).unwrap().create_database("here").unwrap();
    assert_nothing_left(&closed);
}

fn connects(port: u16) -> bool {
    TcpStream::connect(("127.0.0.1", port)).is_ok()
}

/// Whether the server hangs up on what is no AMQP, as a running one does.
fn answers(port: u16) -> bool {
    let mut socket = TcpStream::connect(("127.0.0.1", port)).unwrap();
    socket.set_read_timeout(Some(Duration::from_secs(1))).unwrap();
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
