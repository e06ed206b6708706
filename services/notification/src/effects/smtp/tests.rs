#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
//! Against a mail server that misbehaves on purpose.

use std::sync::Arc;

use bus::{Envelope, Files, Read, testing::Scene, values};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
};

use super::*;
use crate::{
    Mailer,
    tests::world::{self, BASE_URL, TABLES, key},
};

mod tls;

/// How the server behaves.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Manner {
    Polite,
    /// Answers this to the recipient.
    AtRecipient(&'static str),
    /// Answers this to the content.
    AtContent(&'static str),
    /// Closes the connection once it has the content.
    DiesAfterContent,
    /// Has the content and says nothing.
    SilentAfterContent,
    /// Closes the connection at the recipient.
    DiesBeforeContent,
    /// Answers this instead of a greeting.
    Greets(&'static str),
}

/// Mails taken by a server; it treats the first mail in its manner and, if told, the others politely.
struct FakeServer {
    url: String,
    taken: Arc<Mutex<Vec<String>>>,
    connections: Arc<Mutex<usize>>,
}

impl FakeServer {
    async fn start(manner: Manner, once: bool) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("smtp://{}?tls=none", listener.local_addr().unwrap());
        let (taken, connections) = (Arc::new(Mutex::default()), Arc::new(Mutex::new(0)));
        let server = Self { url, taken: Arc::clone(&taken), connections: Arc::clone(&connections) };
        tokio::spawn(async move {
            let mut manner = manner;
            while let Ok((stream, _)) = listener.accept().await {
                *connections.lock().unwrap() += 1;
                tokio::spawn(serve(stream, manner, Arc::clone(&taken)));
                if once {
                    manner = Manner::Polite;
                }
            }
        });
        server
    }

    fn taken(&self) -> Vec<String> {
        self.taken.lock().unwrap().clone()
    }

    fn connections(&self) -> usize {
        *self.connections.lock().unwrap()
    }
}

async fn serve(stream: TcpStream, manner: Manner, taken: Arc<Mutex<Vec<String>>>) {
    let (read, mut write) = stream.into_split();
    let mut lines = BufReader::new(read).lines();
    let greeting = match manner {
        Manner::Greets(greeting) => greeting,
        _ => "220 fake",
    };
    write.write_all(format!("{greeting}\r\n").as_bytes()).await.unwrap();
    while let Ok(Some(line)) = lines.next_line().await {
        let verb = line.get(..4).unwrap_or("").to_ascii_uppercase();
        let answer = match (verb.as_str(), manner) {
            ("RCPT", Manner::AtRecipient(answer)) => answer,
            ("RCPT", Manner::DiesBeforeContent) => return,
            ("DATA", _) => {
                write.write_all(b"354 go on\r\n").await.unwrap();
                let mut content = String::new();
                while let Ok(Some(line)) = lines.next_line().await {
                    if line == "." {
                        break;
                    }
                    content.push_str(&line);
                    content.push('\n');
                }
                match manner {
                    Manner::AtContent(answer) => answer,
                    Manner::DiesAfterContent => {
                        taken.lock().unwrap().push(content);
                        return;
                    }
                    Manner::SilentAfterContent => {
                        taken.lock().unwrap().push(content);
                        std::future::pending::<()>().await;
                        return;
                    }
                    _ => {
                        taken.lock().unwrap().push(content);
                        "250 taken"
                    }
                }
            }
            ("QUIT", _) => {
                write.write_all(b"221 bye\r\n").await.unwrap();
                return;
            }
            _ => "250 fine",
        };
        write.write_all(format!("{answer}\r\n").as_bytes()).await.unwrap();
    }
}

struct Office {
    scene: Scene,
}

impl Office {
    async fn new(url: &str) -> Self {
        Self::with(Mailer::smtp(url).unwrap()).await
    }

    async fn with(mailer: Mailer) -> Self {
        let folder = std::env::temp_dir().join("estrade-notification-smtp");
        let files = Files::folder(&folder).unwrap();
        let config = world::config(mailer);
        let Mailer::Smtp(server) = config.mailer.clone() else { panic!("a server") };
        let letters = Letters::new(crate::shared(&config, &key(), BASE_URL), files.clone());
        let patience = Patience { content: Duration::from_millis(300), ..Patience::default() };
        // The service as it is, but for the mailer, which is less patient.
        let folder_service = crate::service(&config, &files, &key(), BASE_URL);
        let service = bus::Service::new(crate::NAME, folder_service.migrations())
            .handler(crate::handlers::CopyPersons)
            .handler(crate::handlers::CopyCourses)
            .batch_handler(crate::handlers::Notify(crate::shared(&config, &key(), BASE_URL)))
            .effect(MailOverSmtp::new(letters, server).with_patience(patience));
        Self { scene: Scene::new(service, TABLES).await }
    }

    async fn send(&self, events: &[Envelope]) {
        self.scene.deliver(&[world::registered(1), world::published(1, "Queues")]).await;
        self.scene.deliver(events).await;
        self.scene.perform().await;
    }

    /// State, reason and attempts of the mails.
    async fn mails(&self) -> Vec<(String, String, i32)> {
        #[derive(bus::FromQueryResult)]
        struct Row {
            state: String,
            reason: Option<String>,
            attempts: i32,
        }
        let rows: Vec<Row> = self
            .scene
            .db
            .all(
                "select state, reason, attempts from deliveries where channel = 'mail' order by id",
                values![],
            )
            .await
            .unwrap();
        rows.into_iter()
            .map(|row| (row.state, row.reason.unwrap_or_default(), row.attempts))
            .collect()
    }
}

async fn send_one(manner: Manner, once: bool) -> (FakeServer, Office, (String, String, i32)) {
    let server = FakeServer::start(manner, once).await;
    let office = Office::new(&server.url).await;
    office.send(&[world::enrolled(1, 1, 5)]).await;
    let mail = office.mails().await.remove(0);
    (server, office, mail)
}

#[tokio::test]
async fn a_mail_is_handed_over_once() {
    let (server, _, mail) = send_one(Manner::Polite, false).await;
    assert_eq!(mail, ("sent".to_owned(), String::new(), 1));
    let taken = server.taken();
    assert_eq!(taken.len(), 1);
    assert!(taken[0].contains("List-Unsubscribe-Post: List-Unsubscribe=One-Click"), "{}", taken[0]);
}

#[tokio::test]
async fn a_connection_serves_many_mails() {
    let server = FakeServer::start(Manner::Polite, false).await;
    let office = Office::new(&server.url).await;
    let events: Vec<Envelope> =
        (1..=12).map(|version| world::graded(1, version, 5, false)).collect();
    office.send(&events).await;
    assert_eq!(server.taken().len(), 12);
    assert!(server.connections() <= AT_ONCE, "{}", server.connections());
}

#[tokio::test]
async fn what_is_put_off_is_tried_again() {
    for manner in [
        Manner::AtRecipient("450 grey listed"),
        Manner::AtContent("451 come back"),
        Manner::Greets("421 too busy"),
        Manner::Greets("554 not today"),
        Manner::DiesBeforeContent,
    ] {
        let (server, _, mail) = send_one(manner, true).await;
        assert_eq!(mail, ("sent".to_owned(), String::new(), 2), "{manner:?}");
        assert_eq!(server.taken().len(), 1, "{manner:?}");
    }
}

#[tokio::test]
async fn what_is_refused_is_not_tried_again_and_the_reason_names_nobody() {
    for manner in [
        Manner::AtRecipient("550 <learner1@example.org> unknown here"),
        Manner::AtContent("554 looks like spam to learner1@example.org"),
    ] {
        let (server, office, (state, reason, attempts)) = send_one(manner, false).await;
        assert_eq!((state.as_str(), attempts), ("failed", 1), "{manner:?}: {reason}");
        assert!(reason.contains("55"), "{reason}");
        assert!(!reason.contains('@'), "{reason}");
        assert!(server.taken().is_empty());
        let told = office.scene.state(&["delivery"]).await;
        assert!(told.contains("notification.delivery-failed.v1"), "{told}");
    }
}

#[tokio::test]
async fn death_after_the_content_is_uncertain_and_never_sent_again() {
    for manner in [Manner::DiesAfterContent, Manner::SilentAfterContent] {
        let (server, office, (state, reason, attempts)) = send_one(manner, true).await;
        assert_eq!((state.as_str(), attempts), ("uncertain", 1), "{manner:?}: {reason}");
        office.scene.perform().await;
        assert_eq!(server.taken().len(), 1, "{manner:?}");
        let told = office.scene.state(&["delivery"]).await;
        assert!(told.contains("\"uncertain\":true"), "{told}");
    }
}

#[tokio::test]
async fn a_server_that_is_never_there_ends_as_failed_and_as_a_dead_letter() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("smtp://{}?tls=none", listener.local_addr().unwrap());
    drop(listener);
    let office = Office::new(&url).await;
    office.send(&[world::enrolled(1, 1, 5)]).await;
    let (state, _, attempts) = office.mails().await.remove(0);
    assert_eq!((state.as_str(), attempts), ("failed", 20));
    assert_eq!(office.scene.dead().await.len(), 1);
}

#[tokio::test]
async fn without_starttls_nothing_is_said_to_a_server_that_must_have_it() {
    let server = FakeServer::start(Manner::Polite, false).await;
    let url = server.url.replace("?tls=none", "");
    let office = Office::new(&url).await;
    office.send(&[world::enrolled(1, 1, 5)]).await;
    assert_eq!(office.mails().await.remove(0).0, "failed");
    assert!(server.taken().is_empty());
}
