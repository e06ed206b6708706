//! A connection to PostgreSQL that falls silent, as behind a firewall that forgot it: nobody is told, and nobody
//! waits for ever. New connections go through. Without a PostgreSQL there is nothing that could fall silent.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use bus::{
    Clock, Db, Embedded, Event, Handled, Handler, Location, Migration, Read, Received, Running,
    Service, Transport, Tx, values,
};
use futures::future::try_join_all;
use sea_orm::sqlx::postgres::PgConnectOptions;
use serde::{Deserialize, Serialize};
use tempfile::TempDir;
use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
    sync::{Notify, watch},
    time::timeout,
};
use uuid::Uuid;

use crate::support::Log;

/// How long a statement may take here, and whoever is silent has at the server.
const PATIENCE: Duration = Duration::from_secs(3);
/// As many as a service has.
const CONNECTIONS: usize = 8;

const NOTED: Migration =
    Migration { name: "0001-noted", sql: "create table noted (number bigint not null)" };
const COLOUR: Migration =
    Migration { name: "0002-colour", sql: "alter table noted add column colour text" };

#[derive(Serialize, Deserialize)]
struct Rang {
    number: i64,
}

impl Event for Rang {
    const TYPE: &'static str = "house.rang.v1";
    fn subject(&self) -> String {
        self.number.to_string()
    }
}

/// What the handler and its test tell each other.
#[derive(Default)]
struct Bell {
    rang: AtomicBool,
    inside: Notify,
    goes_on: Notify,
}

/// Is in the midst of it when it comes to the first event.
struct Note(Arc<Bell>);

impl Handler for Note {
    const NAME: &'static str = "house.note";
    type Event = Rang;

    async fn handle(&self, event: &Received<Rang>, tx: &mut Tx) -> Handled {
        if !self.0.rang.swap(true, Ordering::SeqCst) {
            self.0.inside.notify_one();
            self.0.goes_on.notified().await;
        }
        tx.execute("insert into noted (number) values ($1)", values![event.number]).await?;
        Ok(())
    }
}

/// The way to PostgreSQL.
struct Way {
    url: String,
    forgets: watch::Sender<()>,
    gives_up: watch::Sender<bool>,
}

impl Way {
    async fn open() -> Option<Self> {
        let url = std::env::var("ESTRADE_TEST_DATABASE_URL").ok()?;
        let options: PgConnectOptions = url.parse().unwrap();
        let there = format!("{}:{}", options.get_host(), options.get_port());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let here = listener.local_addr().unwrap().to_string();
        assert!(url.contains(&there), "{url} names no port, and nobody can stand in between");
        let (forgets, gives_up) = (watch::Sender::new(()), watch::Sender::new(false));
        tokio::spawn(carry_all(listener, there.clone(), forgets.clone(), gives_up.clone()));
        Some(Self { url: url.replace(&there, &here), forgets, gives_up })
    }

    /// Of all connections that there are: nothing goes through them any more, and none is closed.
    fn forget(&self) {
        self.forgets.send_replace(());
    }

    /// What a kernel does, after a quarter of an hour, about a connection on which nobody acknowledges anything.
    fn give_up(&self) {
        self.gives_up.send_replace(true);
    }
}

async fn carry_all(
    listener: TcpListener,
    there: String,
    forgets: watch::Sender<()>,
    gives_up: watch::Sender<bool>,
) {
    loop {
        let (client, _) = listener.accept().await.unwrap();
        let server = TcpStream::connect(&there).await.unwrap();
        tokio::spawn(carry(client, server, forgets.subscribe(), gives_up.subscribe()));
    }
}

async fn carry(
    mut client: TcpStream,
    mut server: TcpStream,
    mut forgotten: watch::Receiver<()>,
    mut given_up: watch::Receiver<bool>,
) {
    tokio::select! {
        biased;
        _ = forgotten.changed() => {}
        _ = copy_bidirectional(&mut client, &mut server) => return,
    }
    let _ = given_up.wait_for(|given_up| *given_up).await;
}

/// A service whose way to its database can be forgotten.
struct House {
    way: Way,
    bell: Arc<Bell>,
    db: Db,
    transport: Arc<dyn Transport>,
    service: Service,
    _folder: TempDir,
}

impl House {
    async fn build() -> Option<Self> {
        let (way, bell) = (Way::open().await?, Arc::<Bell>::default());
        // The name of a schema lives as long as the program.
        let name: &'static str = format!("silence_{}", Uuid::new_v4().simple()).leak();
        let db = open(&way, name, &[NOTED]).await;
        let folder = tempfile::tempdir().unwrap();
        let transport = Embedded::open(&folder.path().join("queue.db")).await.unwrap();
        let service =
            Service::new(name, &[NOTED]).publishes(&[Rang::TYPE]).handler(Note(bell.clone()));
        transport.declare(&service.queues()).await.unwrap();
        Some(Self { way, bell, db, transport: Arc::new(transport), service, _folder: folder })
    }

    fn start(&self) -> Running {
        bus::run(&self.service, &self.db, &self.transport)
    }

    /// Its handler is in the midst of a transaction when all its connections are forgotten.
    async fn is_forgotten(&self) -> Running {
        let running = self.start();
        let mut tx = self.db.begin().await.unwrap();
        tx.publish(&Rang { number: 1 }).unwrap();
        tx.commit().await.unwrap();
        in_time("the handler is at it", self.bell.inside.notified()).await;
        self.way.forget();
        self.bell.goes_on.notify_one();
        running
    }

    async fn noted(&self) -> Option<i64> {
        self.db.scalar("select count(*) from noted", values![]).await.unwrap()
    }

    async fn is_noted(&self) {
        let mut beat = tokio::time::interval(Duration::from_millis(20));
        let noting = async {
            while self.noted().await == Some(0) {
                beat.tick().await;
            }
        };
        in_time("the event is handled", noting).await;
    }

    /// None was lost to one who waits for longer than the kernel does. Where the machine is busy, making that many
    /// anew may itself take longer than our patience here.
    async fn has_all_connections(&self) {
        let all = async {
            while try_join_all((0..CONNECTIONS).map(|_| self.db.begin())).await.is_err() {}
        };
        in_time("there are all connections", all).await;
    }
}

async fn open(way: &Way, name: &'static str, steps: &[Migration]) -> Db {
    let location = Location::Postgres { url: way.url.clone() };
    Db::open_impatient(&location, name, steps, Clock::System, PATIENCE).await.unwrap()
}

async fn in_time<T>(what: &str, future: impl Future<Output = T>) -> T {
    match timeout(PATIENCE * 10, future).await {
        Ok(value) => value,
        Err(_) => panic!("{what}: not in time"),
    }
}

#[tokio::test]
async fn a_handler_whose_connection_falls_silent_goes_on_with_another() {
    let log = Log::default();
    let _listening = log.listen();
    let Some(house) = House::build().await else { return };
    let running = house.is_forgotten().await;
    house.is_noted().await;
    in_time("the service stops", running.stop()).await;
    assert_eq!(house.noted().await, Some(1), "once");
    let waits = log.lines_with("a batch waits for the database");
    assert!(waits.iter().any(|line| line.contains("does not answer")), "{waits:#?}");
    house.way.give_up();
    house.has_all_connections().await;
    in_time("the connections are closed", house.db.close()).await;
}

#[tokio::test]
async fn a_service_whose_connection_fell_silent_stops_when_it_is_told_to() {
    let Some(house) = House::build().await else { return };
    let running = house.is_forgotten().await;
    in_time("the service stops", running.stop()).await;
    assert_eq!(house.noted().await, Some(0), "what was in hand is given back");
    let running = house.start();
    house.is_noted().await;
    in_time("the service stops", running.stop()).await;
    assert_eq!(house.noted().await, Some(1), "once");
    in_time("the connections are closed", house.db.close()).await;
}

/// Whoever reads gives up in time, and whoever changes the tables has all the time that it takes.
#[tokio::test]
async fn a_statement_has_a_limit_and_a_migration_has_none() {
    let Some(house) = House::build().await else { return };
    let location = Location::Postgres { url: house.way.url.clone() };
    let name = house.service.name();
    let patient = Db::open(&location, name, &[NOTED], Clock::System).await.unwrap();
    let mut tx = patient.begin().await.unwrap();
    tx.execute("lock table noted", values![]).await.unwrap();
    let reading = async {
        for _ in 0..2 {
            let count = house.db.scalar::<i64>("select count(*) from noted", values![]).await;
            let error = count.unwrap_err().to_string();
            assert!(error.contains("does not answer"), "{error}");
        }
        tx.rollback().await.unwrap();
    };
    let migrating = open(&house.way, name, &[NOTED, COLOUR]);
    let (migrated, ()) =
        in_time("both come to an end", async { tokio::join!(migrating, reading) }).await;
    let coloured = migrated.scalar::<i64>("select count(colour) from noted", values![]).await;
    assert_eq!(coloured.unwrap(), Some(0));
    house.has_all_connections().await;
}

/// The server parts with whoever is silent, and with their locks.
#[tokio::test]
async fn the_server_has_no_more_patience_than_we_have() {
    let Some(house) = House::build().await else { return };
    let sql = "select current_setting('idle_in_transaction_session_timeout')";
    let limit: Option<String> = house.db.scalar(sql, values![]).await.unwrap();
    assert_eq!(limit.as_deref(), Some("3s"));
}
