//! `estrade timeline`: everything that happened to a person across services, in the order of time, and
//! for each thing that did not, why.
//!
//! What happened is `insight`'s to tell, and what became of each message `notification`'s; what is not
//! done yet, or was given up, stands in the tables of the bus of every service. Operators read the same on
//! a page, in their language.

mod message;
mod work;

use std::collections::HashMap;

use bus::{Concerning, Dead, OpenJob, transport::Queue};
use chrono::{DateTime, Utc};
use event::{Language, PersonId};
use futures::future::try_join_all;
use serde::Serialize;
use ui::{Html, Text};
use uuid::Uuid;

use crate::{
    TEXTS, Verdict,
    cli::{ServiceName, TimelineOptions},
    config::Config,
    platform::{self, Member, Platform},
};

/// As much as anyone reads, of each source.
const MOST: usize = 2_000;

/// One thing that happened, or did not.
#[derive(Serialize, Clone, Debug)]
pub(crate) struct Line {
    pub(crate) at: DateTime<Utc>,
    pub(crate) service: &'static str,
    pub(crate) what: String,
    /// The same for a page, where titles in it say in which language they are.
    #[serde(skip)]
    pub(crate) marked: Option<Html>,
    pub(crate) state: State,
    /// Why it did not happen, or not yet.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) why: Option<String>,
    /// When it is tried next.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) next_at: Option<DateTime<Utc>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) attempts: Option<i32>,
    /// The event's, the delivery's or the dead letter's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) id: Option<Uuid>,
    /// The group of dead letters to which it belongs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) group: Option<String>,
    /// What a person can do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) remedy: Option<String>,
    /// Who put it aside for good.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) by: Option<String>,
}

#[derive(Serialize, Clone, Copy, PartialEq, Eq, Debug)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum State {
    Done,
    Waiting,
    /// And will not be, by intent or by an answer from outside.
    NotDone,
    /// Nobody can tell.
    Uncertain,
    Dead,
}

impl Line {
    fn new(
        at: DateTime<Utc>,
        service: &'static str,
        what: impl Into<String>,
        state: State,
    ) -> Self {
        let what = what.into();
        Self {
            at,
            service,
            what,
            marked: None,
            state,
            why: None,
            next_at: None,
            attempts: None,
            id: None,
            group: None,
            remedy: None,
            by: None,
        }
    }
}

#[derive(Serialize)]
struct Timeline {
    person: PersonId,
    /// Absent where there is no account of that id: it was erased, or never was.
    #[serde(skip_serializing_if = "Option::is_none")]
    account: Option<Account>,
    lines: Vec<Line>,
    /// Messages of anybody that no handler has taken yet: some may concern this person. Null where a
    /// queue does not answer.
    in_queues: Option<u64>,
    /// Those that do not.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    silent_queues: Vec<String>,
}

#[derive(Serialize)]
struct Account {
    name: String,
    mail: String,
    time_zone: String,
}

pub(crate) async fn run(config: Config, options: &TimelineOptions) -> anyhow::Result<Verdict> {
    platform::find_database(&config).await?;
    // All but one number of it comes from the databases, and is told without the transport too.
    let platform = Platform::open(config, &ServiceName::ALL).await?;
    let found = find(&platform, options.person.trim()).await;
    let verdict = found.map(|found| tell(found.as_ref(), options));
    platform.close().await;
    verdict?
}

fn tell(found: Option<&Timeline>, options: &TimelineOptions) -> anyhow::Result<Verdict> {
    let Some(timeline) = found else {
        eprintln!(
            "estrade: nobody here has this id or mail address: give it as the account has it"
        );
        return Ok(Verdict::Wrong);
    };
    if options.json {
        println!("{}", serde_json::to_string_pretty(timeline)?);
    } else {
        print(timeline);
    }
    Ok(if timeline.silent_queues.is_empty() { Verdict::Well } else { Verdict::Wrong })
}

/// `None`: nobody, of whom nothing is known either.
async fn find(platform: &Platform, text: &str) -> anyhow::Result<Option<Timeline>> {
    let account = identity::find(platform.db(ServiceName::Identity)?, text).await?;
    let Some(person) = account.as_ref().map(|it| it.id).or_else(|| text.parse().ok()) else {
        return Ok(None);
    };
    let lines = lines(&platform.members, person, Text::new(&TEXTS, Language::En)).await?;
    if account.is_none() && lines.is_empty() {
        return Ok(None);
    }
    let account = account.map(|it| Account {
        name: it.name.as_str().to_owned(),
        mail: it.mail.as_str().to_owned(),
        time_zone: it.time_zone.name().to_owned(),
    });
    let (in_queues, silent_queues) = in_queues(platform).await;
    Ok(Some(Timeline { person, account, lines, in_queues, silent_queues }))
}

/// What these services know of a person, in the order of time.
pub(crate) async fn lines(
    members: &[Member],
    person: PersonId,
    t: Text,
) -> Result<Vec<Line>, bus::Error> {
    let known = members.iter().map(|member| lines_of(member, person, t));
    let mut lines: Vec<Line> = try_join_all(known).await?.into_iter().flatten().collect();
    lines.sort_by_key(|line| line.at);
    Ok(lines)
}

async fn lines_of(member: &Member, person: PersonId, t: Text) -> Result<Vec<Line>, bus::Error> {
    let mut lines = match member.name {
        ServiceName::Insight => happened(member, person, t.language()).await?,
        _ => Vec::new(),
    };
    let concerning = Concerning::of(&member.db, person).await?;
    lines.extend(unfinished(member, person, concerning, t).await?);
    Ok(lines)
}

/// What became of messages is told by `notification` itself, in more detail.
async fn happened(
    insight: &Member,
    person: PersonId,
    language: Language,
) -> Result<Vec<Line>, bus::Error> {
    let most = i64::try_from(MOST).unwrap_or(i64::MAX);
    let happened = insight::timeline(&insight.db, person, language, most).await?;
    let lines = happened.into_iter().filter_map(|it| {
        let owner = it.event_type.split('.').next();
        let service = ServiceName::ALL.into_iter().find(|name| Some(name.name()) == owner)?;
        let mut line = Line::new(it.at, service.name(), it.text, State::Done);
        line.id = Some(it.event);
        line.marked = Some(it.marked);
        (service != ServiceName::Notification).then_some(line)
    });
    Ok(lines.collect())
}

/// What a service has not done, or has given up; of messages also what it has done.
async fn unfinished(
    member: &Member,
    person: PersonId,
    concerning: Concerning,
    t: Text,
) -> Result<Vec<Line>, bus::Error> {
    let Concerning { unsent, retries, mut jobs, mut dead, discarded } = concerning;
    // Those that still wait come first: where several are about one message, that is what can be done.
    dead.extend(discarded);
    let (service, now) = (member.name.name(), member.db.now());
    let mut lines = Vec::new();
    if member.name == ServiceName::Notification {
        let mut sending = Sending::take(&mut jobs, &mut dead);
        for delivery in notification::deliveries_to(&member.db, person, MOST).await? {
            let (job, letter) = sending.of(delivery.id);
            lines.push(message::line(delivery, job, letter, now, t));
        }
        (jobs, dead) = sending.rest();
    }
    lines.extend(unsent.into_iter().map(|it| work::unsent(service, it, now, t)));
    lines.extend(retries.into_iter().map(|it| work::retrying(service, it, t)));
    lines.extend(jobs.into_iter().map(|it| work::open_job(service, it, now, t)));
    lines.extend(dead.into_iter().map(|it| work::dead(service, it, t)));
    Ok(lines)
}

/// The jobs that send messages, open or dead, by the delivery with whose id their key begins.
struct Sending {
    jobs: HashMap<String, Vec<OpenJob>>,
    dead: HashMap<String, Vec<Dead>>,
}

impl Sending {
    fn take(jobs: &mut Vec<OpenJob>, dead: &mut Vec<Dead>) -> Self {
        let delivery = |key: &str| key.split('/').next().unwrap_or_default().to_owned();
        let mut sending = Self { jobs: HashMap::new(), dead: HashMap::new() };
        for job in jobs.drain(..) {
            sending.jobs.entry(delivery(&job.job_key)).or_default().push(job);
        }
        for letter in dead.drain(..) {
            sending.dead.entry(delivery(&letter.event_type)).or_default().push(letter);
        }
        sending
    }

    fn of(&mut self, delivery: Uuid) -> (Option<OpenJob>, Option<Dead>) {
        let key = delivery.to_string();
        let job = self.jobs.remove(&key).and_then(|jobs| jobs.into_iter().next());
        (job, self.dead.remove(&key).and_then(|dead| dead.into_iter().next()))
    }

    /// What belongs to no delivery that was shown.
    fn rest(self) -> (Vec<OpenJob>, Vec<Dead>) {
        (self.jobs.into_values().flatten().collect(), self.dead.into_values().flatten().collect())
    }
}

/// How many messages wait, and which queues do not tell.
async fn in_queues(platform: &Platform) -> (Option<u64>, Vec<String>) {
    let queues = platform.members.iter().flat_map(|member| member.service.queues());
    let queues: Vec<Queue> = queues.collect();
    let names: Vec<&str> = queues.iter().map(|queue| queue.name.as_str()).collect();
    let depths = platform.transport.depths(&names).await;
    let (mut ready, mut silent) = (0, Vec::new());
    for (queue, depth) in names.into_iter().zip(depths) {
        match depth {
            Ok(depth) => ready += depth.ready,
            Err(_) => silent.push(queue.to_owned()),
        }
    }
    (silent.is_empty().then_some(ready), silent)
}

fn print(timeline: &Timeline) {
    match &timeline.account {
        Some(it) => println!("{} <{}>  {}  {}", it.name, it.mail, timeline.person, it.time_zone),
        None => println!("{}  no account: erased, or never opened here", timeline.person),
    }
    println!("Times are UTC.\n");
    timeline.lines.iter().for_each(print_line);
    println!("\n{}", summary(timeline));
}

fn print_line(line: &Line) {
    let mark = match line.state {
        State::Done => ' ',
        State::Waiting => '…',
        State::NotDone => '–',
        State::Uncertain => '?',
        State::Dead => '!',
    };
    let why = line.why.as_deref().map(|why| format!(": {why}")).unwrap_or_default();
    println!("{} {mark} {:<13} {}{why}", date(line.at), line.service, line.what);
    let indent = " ".repeat(36);
    if let Some(next) = line.next_at {
        println!("{indent}next at {}", date(next));
    }
    if let Some(remedy) = &line.remedy {
        println!("{indent}→ {remedy}");
    }
    if let Some(by) = &line.by {
        println!("{indent}put aside by {by}");
    }
}

fn date(time: DateTime<Utc>) -> String {
    time.format("%Y-%m-%d %H:%M:%S").to_string()
}

fn summary(timeline: &Timeline) -> String {
    let count = |state| timeline.lines.iter().filter(|line| line.state == state).count();
    let mut text = format!("{} done", count(State::Done));
    for (state, name) in [
        (State::Waiting, "waiting"),
        (State::NotDone, "not done"),
        (State::Uncertain, "uncertain"),
        (State::Dead, "given up"),
    ] {
        if count(state) > 0 {
            text.push_str(&format!(", {} {name}", count(state)));
        }
    }
    match timeline.in_queues {
        Some(0) => {}
        Some(waiting) => {
            text.push_str(&format!("; {waiting} messages wait in queues, see `estrade queues`"));
        }
        None => {
            let silent = timeline.silent_queues.len();
            text.push_str(&format!(
                "; ? messages wait in queues: {silent} of them do not answer, see `estrade queues`"
            ));
        }
    }
    text
}
