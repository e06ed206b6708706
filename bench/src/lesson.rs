//! A lesson that very many are told of. The platform is at work on the embedded default; who is enrolled
//! is told to `notification` as `identity` and `learning` would have told it, over its own queues, for
//! nobody registers a hundred thousand people to measure that. The lesson itself is published as an
//! instructor does it, by a request to `catalog`, and goes the whole way from there.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail, ensure};
use bus::{
    Embedded, Envelope, Transport,
    transport::{Destination, Outgoing, Sent},
};
use chrono::Utc;
use contract::{
    identity::{Person, PersonRegistered},
    learning::LearnerEnrolled,
};
use event::{EnrolmentId, Event, Language, PersonId};
use reqwest::{Client, RequestBuilder};
use sea_orm::{ConnectionTrait, Database, DatabaseConnection, Statement};
use serde_json::{Value, json};

use crate::submissions;

const LOOK: Duration = Duration::from_millis(50);
const LIMIT: Duration = Duration::from_secs(600);
const BATCH: usize = 1000;

pub(crate) async fn run(data: &Path, publisher: Publisher, enrolled: u64) -> Result<Value> {
    let transport = Embedded::open(&data.join("queue.db")).await?;
    let file = data.join("notification.db");
    let db = Database::connect(format!("sqlite://{}?mode=ro", file.display())).await?;
    let people: Vec<PersonId> = (0..enrolled).map(|_| PersonId::new()).collect();
    send_all(&transport, "notification.copy-persons", people.iter().map(|id| person(*id))).await?;
    let seats = people.iter().map(|id| seat(*id));
    send_all(&transport, "notification.copy-enrolments", seats).await?;
    // Whoever publishes is a person too.
    wait(&db, "persons", enrolled + 1).await?;
    wait(&db, "enrolment_changes", enrolled).await?;
    let before = count(&db, "inbox_items").await?;
    let begun = Instant::now();
    publisher.publish().await?;
    wait(&db, "inbox_items", before + enrolled).await?;
    let seconds = begun.elapsed().as_secs_f64();
    tokio::time::sleep(Duration::from_secs(1)).await;
    let told = count(&db, "inbox_items").await? - before;
    ensure!(told == enrolled, "{told} inbox rows for {enrolled} enrolled");
    transport.close().await;
    Ok(json!({ "seconds": seconds, "inbox": told }))
}

/// Somebody who may publish, signed in.
pub(crate) struct Publisher {
    http: Client,
    url: String,
    token: String,
}

impl Publisher {
    pub(crate) async fn sign_in(url: &str, mail: &str, password: &str) -> Result<Self> {
        let http = Client::builder().timeout(LIMIT).build()?;
        let credentials = json!({ "mail": mail, "password": password });
        let token = answer(http.post(format!("{url}/api/v1/tokens")).json(&credentials)).await?;
        let token = token["token"].as_str().context("no token")?.to_owned();
        Ok(Self { http, url: url.to_owned(), token })
    }

    /// One request: the lesson is there, and everybody is to be told.
    async fn publish(&self) -> Result<()> {
        let path = format!("{}/api/v1/courses/{}/lessons", self.url, submissions::course());
        let lesson = json!({
            "title": "Something new", "text": "Read this.", "minutes": 5, "required": false,
            "publish": true,
        });
        answer(self.http.post(path).bearer_auth(&self.token).json(&lesson)).await.map(drop)
    }
}

async fn answer(request: RequestBuilder) -> Result<Value> {
    let answer = request.send().await?;
    let (status, text) = (answer.status(), answer.text().await?);
    ensure!(status.is_success(), "{status}: {text}");
    Ok(serde_json::from_str(&text)?)
}

fn person(person: PersonId) -> PersonRegistered {
    PersonRegistered(Person {
        person,
        version: 1,
        name: "Maëlle Kerouédan".to_owned(),
        mail: format!("{person}@example.org"),
        language: Language::Fr,
        time_zone: "Europe/Paris".to_owned(),
        roles: Vec::new(),
        registered_at: Utc::now(),
    })
}

fn seat(learner: PersonId) -> LearnerEnrolled {
    let (enrolment, course) = (EnrolmentId::new(), submissions::course());
    LearnerEnrolled { enrolment, version: 1, learner, course, enrolled_at: Utc::now() }
}

async fn send_all<E: Event>(
    transport: &Embedded,
    queue: &str,
    events: impl Iterator<Item = E>,
) -> Result<()> {
    let mut events = events.peekable();
    while events.peek().is_some() {
        let batch = (events.by_ref().take(BATCH))
            .map(|event| {
                let envelope = Envelope::seal(&event, Utc::now())?;
                Ok(Outgoing { envelope, to: Destination::Queue(queue.to_owned()) })
            })
            .collect::<Result<Vec<_>>>()?;
        let outcomes = transport.send(batch).await;
        ensure!(outcomes.iter().all(|outcome| *outcome == Sent::Owned), "the queue refuses");
    }
    Ok(())
}

async fn wait(db: &DatabaseConnection, table: &str, rows: u64) -> Result<()> {
    let since = Instant::now();
    while count(db, table).await? < rows {
        if since.elapsed() > LIMIT {
            bail!("waited too long for {rows} rows in {table}: {}", count(db, table).await?);
        }
        tokio::time::sleep(LOOK).await;
    }
    Ok(())
}

async fn count(db: &DatabaseConnection, table: &str) -> Result<u64> {
    let sql = format!("select count(*) as rows from {table}");
    let row = db.query_one_raw(Statement::from_string(db.get_database_backend(), sql)).await?;
    let rows: i64 = row.map_or(Ok(0), |row| row.try_get("", "rows"))?;
    Ok(u64::try_from(rows)?)
}
