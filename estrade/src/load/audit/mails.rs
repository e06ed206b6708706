//! The mails that left, against what should be told to whom: counted for each person and each kind of
//! mail, so that one mail too few is not hidden by another person's that nobody can tell of.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use anyhow::Context;
use bus::Read;
use chrono::{DateTime, Utc};
use sea_orm::FromQueryResult;
use uuid::Uuid;

use super::Audit;
use crate::{cli::ServiceName, demo::account::Fact, platform::Platform};

/// Written by the mail server beside the mails: a line for each mail that it refused for good, with the
/// address at its end.
const REFUSED: &str = "refused";

#[derive(FromQueryResult)]
struct Delivery {
    id: Uuid,
    person: Uuid,
    kind: String,
    subject: Uuid,
    state: String,
}

#[derive(FromQueryResult)]
struct Person {
    id: Uuid,
    mail: String,
}

#[derive(FromQueryResult)]
struct Seat {
    learner: Uuid,
    course: Uuid,
    enrolled_at: DateTime<Utc>,
}

#[derive(FromQueryResult)]
struct News {
    course: Uuid,
    published_at: DateTime<Utc>,
}

/// A mail as it left.
struct Mail {
    to: String,
    has_pdf: bool,
}

/// How many mails of each kind, by address and kind.
type Counts = BTreeMap<(String, String), usize>;
/// Where people are written to.
type Addresses = BTreeMap<Uuid, String>;

impl Audit<'_> {
    /// Every mail that should have left did, once; one that may have is said to be uncertain.
    pub(super) async fn mails(&mut self, platform: &Platform, folder: &Path) -> anyhow::Result<()> {
        let addresses = addresses(platform).await?;
        let db = platform.db(ServiceName::Notification)?;
        let sql = "select id, person, kind, subject, state from deliveries where channel = 'mail'";
        let deliveries: Vec<Delivery> = db.all(sql, vec![]).await?;
        let mut left = read_mails(folder)?;
        let mut refusals = refusals(folder);
        self.outcome.refused = i64::try_from(refusals.values().sum::<usize>())?;
        let (mut planned, mut told) = (Counts::new(), BTreeSet::new());
        for delivery in &deliveries {
            let address = addresses.get(&delivery.person).cloned().unwrap_or_default();
            let found = left.remove(&delivery.id.to_string()).unwrap_or_default();
            if !told.insert((delivery.person, &delivery.kind, delivery.subject)) {
                self.twice(format!("a mail of {} to {address}", delivery.kind));
            }
            self.left(delivery, &address, &found);
            self.ended(delivery, &address, &found, &mut refusals);
            *planned.entry((address, delivery.kind.clone())).or_default() += 1;
        }
        for id in left.keys() {
            self.twice(format!("a mail that nobody asked for: {id}"));
        }
        let expected = self.expected(platform, &addresses).await?;
        self.told_each(&expected, &planned);
        Ok(())
    }

    /// What left of one delivery: once, to the right address, and whole.
    fn left(&mut self, delivery: &Delivery, address: &str, found: &[Mail]) {
        if found.len() > 1 {
            self.twice(format!("the mail {} left {} times", delivery.id, found.len()));
        }
        if let Some(astray) = found.iter().find(|mail| mail.to != address) {
            self.missing(format!("a mail to {address}: it went to {}", astray.to));
        }
        let certificate = delivery.kind == "certificate-issued";
        if certificate && found.iter().any(|mail| !mail.has_pdf) {
            self.missing(format!("the PDF in the mail {}", delivery.id));
        }
    }

    /// What the platform says of a delivery is so. One that failed, the server refused for this address.
    fn ended(
        &mut self,
        delivery: &Delivery,
        address: &str,
        found: &[Mail],
        refusals: &mut BTreeMap<String, usize>,
    ) {
        let name = format!("the mail {} of {} to {address}", delivery.id, delivery.kind);
        match delivery.state.as_str() {
            "sent" if found.is_empty() => self.missing(name),
            "sent" => {}
            "uncertain" => {
                self.outcome.uncertain += 1;
                self.outcome.uncertain_gone += i64::from(!found.is_empty());
            }
            "failed" => match refusals.get_mut(address).filter(|left| **left > 0) {
                Some(left) => *left -= 1,
                None => self.missing(format!("{name}: it failed, and no server refused it")),
            },
            other => self.missing(format!("{name}: it is {other}")),
        }
    }

    /// Whom the ledger says, and of what: nobody in the cohort has switched anything off.
    async fn expected(&self, platform: &Platform, addresses: &Addresses) -> anyhow::Result<Counts> {
        let mut expected = Counts::new();
        let mut expect = |mail: &str, kind: &str| {
            *expected.entry((mail.to_owned(), kind.to_owned())).or_default() += 1;
        };
        for fact in &self.facts {
            match fact {
                Fact::Enrolled { mail, .. } => expect(mail, "enrolment"),
                Fact::AttemptSubmitted { mail, .. } => expect(mail, "quiz-graded"),
                Fact::Finished { mail, completes: true, .. } => expect(mail, "certificate-issued"),
                Fact::Exported { mail, .. } => expect(mail, "export-ready"),
                Fact::Registered { .. }
                | Fact::LessonRead { .. }
                | Fact::AnswerSaved { .. }
                | Fact::Finished { .. }
                | Fact::LessonPublished { .. }
                | Fact::NameAsked { .. }
                | Fact::Named { .. } => {}
            }
        }
        for reader in readers_of_news(platform).await? {
            expect(addresses.get(&reader).map_or("nobody known", String::as_str), "new-lesson");
        }
        Ok(expected)
    }

    fn told_each(&mut self, expected: &Counts, planned: &Counts) {
        let keys: BTreeSet<_> = expected.keys().chain(planned.keys()).collect();
        for key in keys {
            let (wanted, found) =
                (expected.get(key).copied().unwrap_or(0), planned.get(key).copied().unwrap_or(0));
            let what = format!("mails of {} to {}: {found} of {wanted}", key.1, key.0);
            match found.cmp(&wanted) {
                std::cmp::Ordering::Less => self.missing(what),
                std::cmp::Ordering::Greater => self.twice(what),
                std::cmp::Ordering::Equal => {}
            }
        }
    }
}

async fn addresses(platform: &Platform) -> anyhow::Result<Addresses> {
    let db = platform.db(ServiceName::Identity)?;
    let people: Vec<Person> = db.all("select id, mail from person", vec![]).await?;
    Ok(people.into_iter().map(|person| (person.id, person.mail)).collect())
}

/// Each who was enrolled when a lesson appeared, once for each such lesson.
async fn readers_of_news(platform: &Platform) -> anyhow::Result<Vec<Uuid>> {
    let sql =
        "select course, published_at from lesson where not initial and published_at is not null";
    let news: Vec<News> = platform.db(ServiceName::Catalog)?.all(sql, vec![]).await?;
    let sql = "select learner, course, enrolled_at from enrolment where active";
    let seats: Vec<Seat> = platform.db(ServiceName::Learning)?.all(sql, vec![]).await?;
    let mut readers = Vec::new();
    for lesson in &news {
        let were_there = seats
            .iter()
            .filter(|seat| seat.course == lesson.course && seat.enrolled_at < lesson.published_at);
        readers.extend(were_there.map(|seat| seat.learner));
    }
    Ok(readers)
}

/// How often the server refused a mail for good, by address.
fn refusals(folder: &Path) -> BTreeMap<String, usize> {
    let text = std::fs::read_to_string(folder.join(REFUSED)).unwrap_or_default();
    let mut refusals = BTreeMap::new();
    for line in text.lines() {
        let address = line.rsplit(' ').next().unwrap_or_default();
        *refusals.entry(address.to_owned()).or_default() += 1;
    }
    refusals
}

/// The mails in a folder, by the delivery that their Message-ID names.
fn read_mails(folder: &Path) -> anyhow::Result<BTreeMap<String, Vec<Mail>>> {
    let mut mails: BTreeMap<String, Vec<Mail>> = BTreeMap::new();
    let Ok(entries) = std::fs::read_dir(folder) else { return Ok(mails) };
    for entry in entries {
        let path = entry?.path();
        if path.extension().is_none_or(|ending| ending != "eml") {
            continue;
        }
        let bytes = std::fs::read(&path)?;
        let text = String::from_utf8_lossy(&bytes);
        let id = header(&text, "Message-ID")
            .with_context(|| format!("{} has no Message-ID", path.display()))?;
        let id = id.trim_start_matches('<').split('@').next().unwrap_or_default().to_owned();
        let to = header(&text, "To").unwrap_or_default();
        let to = to.rsplit(['<', ' ']).next().unwrap_or_default().trim_end_matches('>').to_owned();
        let has_pdf = text.contains("application/pdf");
        mails.entry(id).or_default().push(Mail { to, has_pdf });
    }
    Ok(mails)
}

/// A header's value, its folded lines joined.
fn header(mail: &str, name: &str) -> Option<String> {
    let head = mail.split("\r\n\r\n").next()?.replace("\r\n ", " ").replace("\r\n\t", " ");
    let mut lines = head.lines();
    let value = lines.find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))?;
    Some(value.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::load::Outcome;

    fn counts(of: &[(&str, &str, usize)]) -> Counts {
        of.iter()
            .map(|(to, kind, count)| (((*to).to_owned(), (*kind).to_owned()), *count))
            .collect()
    }

    fn delivery(state: &str) -> Delivery {
        let (id, person, subject) = (Uuid::nil(), Uuid::nil(), Uuid::nil());
        Delivery { id, person, kind: "enrolment".to_owned(), subject, state: state.to_owned() }
    }

    #[test]
    fn one_kind_of_mail_does_not_stand_for_another_nor_one_person_for_another() {
        let mut outcome = Outcome::default();
        let mut audit = Audit { outcome: &mut outcome, facts: Vec::new() };
        let expected =
            counts(&[("a", "enrolment", 1), ("a", "quiz-graded", 2), ("b", "enrolment", 1)]);
        let planned =
            counts(&[("a", "enrolment", 2), ("a", "quiz-graded", 1), ("c", "enrolment", 1)]);
        audit.told_each(&expected, &planned);
        assert_eq!((outcome.missing, outcome.twice), (2, 2), "{:?}", outcome.findings);
    }

    #[test]
    fn a_mail_may_fail_only_as_often_as_the_server_refused_its_address() {
        let mut outcome = Outcome::default();
        let mut audit = Audit { outcome: &mut outcome, facts: Vec::new() };
        let mut refusals = BTreeMap::from([("a".to_owned(), 1), ("b".to_owned(), 5)]);
        audit.ended(&delivery("failed"), "a", &[], &mut refusals);
        audit.ended(&delivery("uncertain"), "a", &[], &mut refusals);
        assert_eq!(audit.outcome.missing, 0);
        audit.ended(&delivery("failed"), "a", &[], &mut refusals);
        audit.ended(&delivery("suppressed"), "b", &[], &mut refusals);
        audit.ended(&delivery("sent"), "b", &[], &mut refusals);
        assert_eq!((outcome.missing, outcome.uncertain), (3, 1), "{:?}", outcome.findings);
    }
}
