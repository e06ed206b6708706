//! What can be had with nothing between: takes a batch from the broker, grades it, writes the marks with
//! one statement, tells of them, and acknowledges. No inbox and no outbox: what a crash interrupts is
//! told twice, or not at all.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use anyhow::{Context, Result, ensure};
use assessment::domain::{Answer, Quiz, grade_attempt};
use chrono::{DateTime, SecondsFormat, Utc};
use contract::assessment::{AttemptGraded, AttemptSubmitted};
use event::Event;
use futures::{StreamExt, stream::FuturesUnordered};
use lapin::{
    BasicProperties, Channel, Confirmation, Connection, Consumer,
    options::{
        BasicAckOptions, BasicConsumeOptions, BasicPublishOptions, BasicQosOptions,
        ConfirmSelectOptions,
    },
    types::{AMQPValue, FieldTable, ShortString},
};
use sea_orm::sqlx::{self, PgPool, postgres::PgPoolOptions};
use tokio::time::{Instant, timeout_at};
use uuid::Uuid;

use crate::{fill::WORK, submissions};

const EVENTS: &str = "estrade.events";
const BATCH: usize = 200;
const GATHER: Duration = Duration::from_millis(5);
const PREFETCH: u16 = 400;
const PERSISTENT: u8 = 2;

/// The columns that Estrade keeps of an attempt, and the two keys that make it one.
pub(crate) const TABLE: &str = "create table mark (
    attempt uuid primary key, quiz uuid not null, quiz_version bigint not null, course uuid not null,
    learner uuid not null, number integer not null, answers text not null, mark text not null,
    out_of text not null, passed boolean not null, submitted_at timestamptz not null,
    graded_at timestamptz not null, unique (quiz, learner, number))";

const INSERT: &str = "insert into mark select * from unnest($1::uuid[], $2::uuid[], $3::bigint[], \
     $4::uuid[], $5::uuid[], $6::integer[], $7::text[], $8::text[], $9::text[], $10::boolean[], \
     $11::timestamptz[], $12::timestamptz[]) on conflict (attempt) do nothing";

/// Makes the table.
pub(crate) async fn prepare(database: &str) -> Result<()> {
    let pool = PgPool::connect(database).await?;
    sqlx::query(TABLE).execute(&pool).await?;
    pool.close().await;
    Ok(())
}

/// As many loops as are asked for, each with a channel of its own.
pub(crate) async fn run(broker: &str, database: &str, loops: u32) -> Result<()> {
    let pool = PgPoolOptions::new().max_connections(loops).connect(database).await?;
    let consuming = crate::watch::connect(broker).await?;
    let publishing = crate::watch::connect(broker).await?;
    let quiz = Arc::new(submissions::quiz()?);
    let mut all = FuturesUnordered::new();
    for _ in 0..loops {
        let worker = Worker::open(&consuming, &publishing, pool.clone(), Arc::clone(&quiz)).await?;
        all.push(tokio::spawn(worker.run()));
    }
    tokio::select! {
        () = crate::told_to_stop() => Ok(()),
        ended = all.next() => ended.context("no loop was started")??,
    }
}

struct Worker {
    channel: Channel,
    consumer: Consumer,
    publisher: Channel,
    pool: PgPool,
    quiz: Arc<Quiz>,
}

struct Graded {
    submitted: AttemptSubmitted,
    told: AttemptGraded,
}

impl Worker {
    async fn open(
        consuming: &Connection,
        publishing: &Connection,
        pool: PgPool,
        quiz: Arc<Quiz>,
    ) -> Result<Self> {
        let channel = consuming.create_channel().await?;
        channel.basic_qos(PREFETCH, BasicQosOptions::default()).await?;
        let options = BasicConsumeOptions::default();
        let consumer =
            channel.basic_consume(WORK.into(), "".into(), options, FieldTable::default()).await?;
        let publisher = publishing.create_channel().await?;
        publisher.confirm_select(ConfirmSelectOptions::default()).await?;
        Ok(Self { channel, consumer, publisher, pool, quiz })
    }

    async fn run(mut self) -> Result<()> {
        loop {
            let (bodies, last) = self.batch().await?;
            let now = Utc::now();
            let graded: Vec<Graded> =
                bodies.iter().map(|body| grade(&self.quiz, body, now)).collect::<Result<_>>()?;
            self.write(&graded).await?;
            self.tell(&graded).await?;
            self.channel.basic_ack(last, BasicAckOptions { multiple: true }).await?;
        }
    }

    async fn batch(&mut self) -> Result<(Vec<Vec<u8>>, u64)> {
        let first = self.consumer.next().await.context("the consumer ended")??;
        let (mut last, mut bodies) = (first.delivery_tag, vec![first.data]);
        let until = Instant::now() + GATHER;
        while bodies.len() < BATCH
            && let Ok(next) = timeout_at(until, self.consumer.next()).await
        {
            let next = next.context("the consumer ended")??;
            last = next.delivery_tag;
            bodies.push(next.data);
        }
        Ok((bodies, last))
    }

    async fn write(&self, graded: &[Graded]) -> Result<()> {
        let (all, told) =
            (|| graded.iter().map(|one| &one.submitted), || graded.iter().map(|one| &one.told));
        let answers: Vec<String> = all()
            .map(|one| serde_json::to_string(&one.answers))
            .collect::<Result<_, serde_json::Error>>()?;
        sqlx::query(INSERT)
            .bind(all().map(|one| one.attempt.0).collect::<Vec<_>>())
            .bind(all().map(|one| one.quiz.0).collect::<Vec<_>>())
            .bind(all().map(|one| i64::try_from(one.quiz_version)).collect::<Result<Vec<_>, _>>()?)
            .bind(all().map(|one| one.course.0).collect::<Vec<_>>())
            .bind(all().map(|one| one.learner.0).collect::<Vec<_>>())
            .bind(all().map(|one| i32::try_from(one.number)).collect::<Result<Vec<_>, _>>()?)
            .bind(answers)
            .bind(told().map(|one| one.mark.to_string()).collect::<Vec<_>>())
            .bind(told().map(|one| one.out_of.to_string()).collect::<Vec<_>>())
            .bind(told().map(|one| one.passed).collect::<Vec<_>>())
            .bind(all().map(|one| one.submitted_at).collect::<Vec<_>>())
            .bind(told().map(|one| one.graded_at).collect::<Vec<_>>())
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    async fn tell(&self, graded: &[Graded]) -> Result<()> {
        let mut confirms = FuturesUnordered::new();
        for one in graded {
            confirms.push(self.tell_one(&one.told));
        }
        while let Some(confirmed) = confirms.next().await {
            confirmed?;
        }
        Ok(())
    }

    async fn tell_one(&self, told: &AttemptGraded) -> Result<()> {
        let body = serde_json::to_vec(told)?;
        let properties = properties(told);
        let options = BasicPublishOptions { mandatory: true, ..BasicPublishOptions::default() };
        let key = AttemptGraded::TYPE.into();
        let published =
            self.publisher.basic_publish(EVENTS.into(), key, options, &body, properties).await?;
        ensure!(matches!(published.await?, Confirmation::Ack(None)), "a mark was not confirmed");
        Ok(())
    }
}

/// The message that Estrade's followers read: CloudEvents in binary mode.
fn properties(told: &AttemptGraded) -> BasicProperties {
    let (id, mut headers) = (Uuid::now_v7().to_string(), FieldTable::default());
    let attributes = [
        ("specversion", "1.0".to_owned()),
        ("id", id.clone()),
        ("source", "/estrade/assessment".to_owned()),
        ("type", AttemptGraded::TYPE.to_owned()),
        ("subject", told.attempt.to_string()),
        ("time", told.graded_at.to_rfc3339_opts(SecondsFormat::AutoSi, true)),
        ("sequence", told.version.to_string()),
    ];
    for (name, value) in attributes {
        let key = ShortString::from(format!("cloudEvents:{name}"));
        headers.insert(key, AMQPValue::LongString(value.into()));
    }
    BasicProperties::default()
        .with_content_type("application/json".into())
        .with_delivery_mode(PERSISTENT)
        .with_message_id(id.into())
        .with_timestamp(u64::try_from(told.graded_at.timestamp()).unwrap_or(0))
        .with_headers(headers)
}

fn grade(quiz: &Quiz, body: &[u8], now: DateTime<Utc>) -> Result<Graded> {
    let submitted: AttemptSubmitted = serde_json::from_slice(body)?;
    let answers: BTreeMap<_, Answer> = (submitted.answers.iter())
        .map(|(question, given)| Ok((*question, given.read()?)))
        .collect::<Result<_>>()?;
    let mark = grade_attempt(quiz, &answers);
    let told = AttemptGraded {
        attempt: submitted.attempt,
        version: 1,
        quiz: submitted.quiz,
        course: submitted.course,
        learner: submitted.learner,
        number: submitted.number,
        mark: mark.mark,
        out_of: mark.out_of,
        passed: mark.passed,
        graded_at: now,
    };
    Ok(Graded { submitted, told })
}
