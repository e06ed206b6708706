//! Closing the books of a seed: what people were told, what was published, what the databases hold and
//! what the mail server took must all say the same.

use std::collections::{BTreeMap, BTreeSet};

use bus::{Db, FromQueryResult, Read, simulation::Finding, values};
use chrono::TimeDelta;
use event::PersonId;
use uuid::Uuid;

use super::{crowd::Notes, stage::Stage};
use crate::cli::ServiceName;

/// One row, as text: what sets of rows are compared by.
#[derive(FromQueryResult)]
struct Line {
    line: String,
}

/// Adds what is wrong to what the bus itself found.
pub(super) async fn close(found: Vec<Finding>, stage: &Stage, notes: &Notes) -> Vec<Finding> {
    let books = Books { stage, notes, gone: gone(stage).await };
    let taken_back = books.taken_back().await;
    let is_excused = |finding: &Finding| {
        finding.starts_with("strange: ")
            && (!books.gone.is_empty() || taken_back.iter().any(|id| finding.contains(id)))
    };
    let mut findings: Vec<Finding> =
        found.into_iter().filter(|finding| !is_excused(finding)).collect();
    findings.extend(books.notes.wrong.iter().cloned());
    books.yes_is_yes(&mut findings).await;
    books.once(&mut findings).await;
    books.copies(&mut findings).await;
    books.sessions(&mut findings).await;
    books.certificates(&mut findings).await;
    books.deliveries(&mut findings).await;
    books.mails(&mut findings).await;
    findings
}

async fn gone(stage: &Stage) -> BTreeSet<PersonId> {
    let sql = "select lower(hex(id)) as line from person where erased_at is not null";
    let lines = lines(stage.db(ServiceName::Identity), sql).await;
    lines.iter().map(|line| PersonId(line.parse().unwrap())).collect()
}

async fn lines(db: &Db, sql: &str) -> BTreeSet<String> {
    let rows: Vec<Line> =
        db.all(sql, values![]).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
    rows.into_iter().map(|row| row.line).collect()
}

struct Books<'a> {
    stage: &'a Stage,
    notes: &'a Notes,
    gone: BTreeSet<PersonId>,
}

impl Books<'_> {
    fn db(&self, name: ServiceName) -> &Db {
        self.stage.db(name)
    }

    async fn lines(&self, name: ServiceName, sql: &str) -> BTreeSet<String> {
        lines(self.db(name), sql).await
    }

    /// Lines of people who are erased count for nothing: they begin with the person's id.
    fn of_those_who_stay(&self, lines: BTreeSet<String>) -> BTreeSet<String> {
        let gone: Vec<String> =
            self.gone.iter().map(|person| person.0.simple().to_string()).collect();
        lines.into_iter().filter(|line| !gone.iter().any(|one| line.starts_with(one))).collect()
    }

    /// What may have been on its way already when it was taken back from the outbox: of a person who is
    /// erased, anything; otherwise what is planned under a key, and was planned anew.
    async fn taken_back(&self) -> BTreeSet<String> {
        let sql =
            "select lower(hex(id)) as line from ever_taken where event_type like '%.step-task.v1'";
        let mut planned = BTreeSet::new();
        for name in ServiceName::ALL {
            let ids = self.lines(name, sql).await;
            planned.extend(ids.iter().map(|id| id.parse::<Uuid>().unwrap().to_string()));
        }
        planned
    }

    /// What was answered with yes is there.
    async fn yes_is_yes(&self, findings: &mut Vec<Finding>) {
        use ServiceName::{Assessment, Certification, Identity, Learning};
        let seats = self.lines(Learning, "select lower(hex(id)) as line from enrolment").await;
        let read = "select lower(hex(enrolment)) || lower(hex(lesson)) as line from lesson_read";
        let read = self.lines(Learning, read).await;
        let attempts = "select lower(hex(id)) as line from attempt where state in ('graded', 'awaiting_marking')";
        let attempts = self.lines(Assessment, attempts).await;
        let revoked =
            "select lower(hex(id)) as line from certificate where state in ('revoked', 'erased')";
        let revoked = self.lines(Certification, revoked).await;
        let erased = "select lower(hex(id)) as line from person where erased_at is not null";
        let erased = self.lines(Identity, erased).await;
        let mut expect = |what: &str, there: &BTreeSet<String>, key: String| {
            if !there.contains(&key) {
                findings.push(format!("said yes to, and is not there: {what} {key}"));
            }
        };
        for enrolment in self.notes.enrolled.values() {
            expect("the enrolment", &seats, enrolment.simple().to_string());
        }
        for (enrolment, lesson) in &self.notes.read {
            let key = format!("{}{}", enrolment.simple(), lesson.0.simple());
            expect("the lesson read", &read, key);
        }
        for attempt in &self.notes.submitted {
            expect("the mark of attempt", &attempts, attempt.simple().to_string());
        }
        for certificate in &self.notes.revoked {
            expect("the revocation of", &revoked, certificate.simple().to_string());
        }
        for person in &self.notes.erased {
            expect("the erasing of", &erased, person.0.simple().to_string());
        }
    }

    /// No fact was published twice: not a version, not what happens once.
    async fn once(&self, findings: &mut Vec<Finding>) {
        let versions = "select event_type || ' ' || subject || ' ' || sequence as line from ever_published \
                        where sequence is not null and queue is null \
                        group by event_type, subject, sequence having count(*) > 1";
        let facts = "select event_type || ' ' || subject as line from ever_published where event_type in \
                     ('learning.course-completed.v1', 'certification.certificate-issued.v1', \
                      'certification.certificate-revoked.v1', 'assessment.attempt-submitted.v1') \
                     group by event_type, subject, data having count(*) > 1";
        for name in ServiceName::ALL {
            for sql in [versions, facts] {
                for line in self.lines(name, sql).await {
                    findings.push(format!("published twice: {line}"));
                }
            }
        }
        let count = "select cast(count(*) as text) as line from";
        let read = self.lines(ServiceName::Learning, &format!("{count} lesson_read")).await;
        let told = format!("{count} ever_published where event_type = 'learning.lesson-read.v1'");
        let told = self.lines(ServiceName::Learning, &told).await;
        compare(findings, "lessons read, and told", &read, &told);
    }

    /// Every copy is what its owner has.
    async fn copies(&self, findings: &mut Vec<Finding>) {
        use ServiceName::{
            Assessment, Catalog, Certification, Identity, Insight, Learning, Notification,
        };
        let told = "from course where told_version > 0";
        let owner = format!(
            "select lower(hex(id)) || ' ' || told_version || (state = 'withdrawn') as line {told}"
        );
        let owner = self.lines(Catalog, &owner).await;
        let copy =
            "select lower(hex(course)) || ' ' || version || withdrawn as line from course_copy";
        for follower in [Learning, Assessment, Certification] {
            let what = format!("courses in {}", follower.name());
            compare(findings, &what, &owner, &self.lines(follower, copy).await);
        }
        let owner = format!("select lower(hex(id)) || (state = 'published') as line {told}");
        let owner = self.lines(Catalog, &owner).await;
        let copy = "select lower(hex(id)) || (described > withdrawn) as line from courses";
        compare(findings, "courses in notification", &owner, &self.lines(Notification, copy).await);
        let copy =
            "select lower(hex(document)) || shown as line from document where kind = 'course'";
        compare(findings, "courses in insight", &owner, &self.lines(Insight, copy).await);

        let owner = "select lower(hex(id)) || ' ' || version || ' ' || (erased_at is not null) as line from person";
        let owner = self.lines(Identity, owner).await;
        let copy =
            "select lower(hex(person)) || ' ' || version || ' ' || erased as line from person_copy";
        for follower in [Catalog, Certification] {
            let what = format!("people in {}", follower.name());
            compare(findings, &what, &owner, &self.lines(follower, copy).await);
        }
        let copy = "select lower(hex(id)) || ' ' || version || ' ' || erased as line from persons";
        compare(findings, "people in notification", &owner, &self.lines(Notification, copy).await);

        let owner =
            "select lower(hex(id)) || ' ' || version || ' ' || active as line from enrolment";
        let owner = self.lines(Learning, owner).await;
        let copy = "select lower(hex(enrolment)) || ' ' || version || ' ' || active as line from enrolment_copy";
        for follower in [Catalog, Assessment] {
            let what = format!("enrolments in {}", follower.name());
            compare(findings, &what, &owner, &self.lines(follower, copy).await);
        }

        let owner = "select lower(hex(id)) || ' ' || version || ' ' || passed as line from attempt where state = 'graded'";
        let owner = self.lines(Assessment, owner).await;
        let copy = "select lower(hex(attempt)) || ' ' || version || ' ' || passed as line from quiz_result";
        compare(findings, "marks in learning", &owner, &self.lines(Learning, copy).await);
    }

    /// Every service knows that the sessions of those who are erased are over, for as long as it is kept.
    async fn sessions(&self, findings: &mut Vec<Finding>) {
        let kept_since = (self.stage.clock.now() - TimeDelta::days(29)).to_rfc3339();
        let owner = format!(
            "select lower(hex(id)) as line from person \
             where julianday(erased_at) > julianday('{kept_since}')"
        );
        let owner = self.lines(ServiceName::Identity, &owner).await;
        let ended = "select lower(hex(person)) as line from bus_ended_session";
        for service in ServiceName::ALL {
            for person in owner.difference(&self.lines(service, ended).await) {
                let name = service.name();
                findings.push(format!("{name} was not told that {person}'s sessions are over"));
            }
        }
    }

    /// Each completion of somebody who is still there has brought one certificate, with its PDF.
    async fn certificates(&self, findings: &mut Vec<Finding>) {
        let completed = "select lower(hex(learner)) || lower(hex(course)) as line from enrolment \
                         where completed_at is not null";
        let completed = self.of_those_who_stay(self.lines(ServiceName::Learning, completed).await);
        let made = "select lower(hex(learner)) || lower(hex(course)) as line from certificate \
                    where state in ('issued', 'revoked') and pdf_key is not null";
        let made = self.of_those_who_stay(self.lines(ServiceName::Certification, made).await);
        compare(findings, "courses completed, and certificates", &completed, &made);
        let made =
            "select lower(hex(id)) as line from certificate where state in ('issued', 'revoked')";
        let made = self.lines(ServiceName::Certification, made).await;
        let issued = "select replace(subject, '-', '') as line from ever_published \
                      where event_type = 'certification.certificate-issued.v1'";
        let issued = self.lines(ServiceName::Certification, issued).await;
        let missing: Vec<&String> = made.difference(&issued).collect();
        if !missing.is_empty() {
            findings.push(format!("certificates of which nobody was told: {missing:?}"));
        }
    }

    /// Whoever is still there was told of each of their facts, over each channel, once. What was told of
    /// those who are erased is empty.
    async fn deliveries(&self, findings: &mut Vec<Finding>) {
        let mut facts = BTreeSet::new();
        for (name, kind) in [
            (ServiceName::Learning, "learning.learner-enrolled.v1"),
            (ServiceName::Assessment, "assessment.attempt-graded.v1"),
            (ServiceName::Certification, "certification.certificate-issued.v1"),
            (ServiceName::Certification, "certification.certificate-revoked.v1"),
        ] {
            let sql = format!(
                "select replace(json_extract(data, '$.learner'), '-', '') || ' ' || lower(hex(id)) as line \
                 from ever_published where event_type = '{kind}' and queue is null and data <> '{{}}'"
            );
            facts.extend(self.lines(name, &sql).await);
        }
        let facts = self.of_those_who_stay(facts);
        let told = "select lower(hex(person)) || ' ' || lower(hex(event)) as line from deliveries \
                    where kind <> 'new-lesson' group by person, event having count(*) = 3";
        let told = self.of_those_who_stay(self.lines(ServiceName::Notification, told).await);
        compare(findings, "facts, and people told of them", &facts, &told);
        for doubled in notification::doubled(self.db(ServiceName::Notification)).await.unwrap() {
            // A regrade and a second enrolment are facts of their own.
            if matches!(doubled.kind.as_str(), "new-lesson" | "certificate-issued") {
                findings.push(format!("told twice: {doubled:?}"));
            }
        }
        let queued = "select lower(hex(id)) as line from deliveries where state = 'queued'";
        for delivery in self.lines(ServiceName::Notification, queued).await {
            findings.push(format!("the delivery {delivery} is still queued"));
        }
        let sent = "select lower(hex(id)) as line from deliveries where channel = 'inbox' and state = 'sent'";
        let sent = self.lines(ServiceName::Notification, sent).await;
        let items = self
            .lines(ServiceName::Notification, "select lower(hex(id)) as line from inbox_items")
            .await;
        if self.gone.is_empty() {
            compare(findings, "deliveries to inboxes, and what is in them", &sent, &items);
        }
    }

    /// The mail server took each mail once; what it took is sent or uncertain, what is sent it took.
    async fn mails(&self, findings: &mut Vec<Finding>) {
        let state =
            "select lower(hex(id)) || ' ' || state as line from deliveries where channel = 'mail'";
        let states: BTreeMap<Uuid, String> = self
            .lines(ServiceName::Notification, state)
            .await
            .iter()
            .filter_map(|line| line.split_once(' '))
            .map(|(id, state)| (id.parse().unwrap(), state.to_owned()))
            .collect();
        let mut taken = BTreeSet::new();
        for (id, times) in self.stage.post.taken() {
            let delivery: Uuid =
                id.trim_matches(['<', '>']).split('@').next().unwrap().parse().unwrap();
            taken.insert(delivery);
            if times > 1 {
                findings.push(format!("{times} mails for the delivery {delivery}"));
            }
            let state = states.get(&delivery).map(String::as_str);
            if !matches!(state, Some("sent" | "uncertain" | "suppressed")) {
                findings
                    .push(format!("a mail was taken, and its delivery {delivery} is {state:?}"));
            }
        }
        for (delivery, _) in states.iter().filter(|(_, state)| *state == "sent") {
            if !taken.contains(delivery) {
                findings.push(format!("the mail {delivery} is called sent, and nobody has it"));
            }
        }
    }
}

fn compare(
    findings: &mut Vec<Finding>,
    what: &str,
    owner: &BTreeSet<String>,
    copy: &BTreeSet<String>,
) {
    if owner == copy {
        return;
    }
    let missing: Vec<&String> = owner.difference(copy).collect();
    let strange: Vec<&String> = copy.difference(owner).collect();
    findings.push(format!("{what}: missing {missing:?}, strange {strange:?}"));
}
