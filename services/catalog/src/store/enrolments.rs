//! This service's copies of seats in courses: whose they are, since when, and which were completed.
//! Each takes only what is newer, or what is of the same version and of another hash: that repairs it.

use std::collections::{BTreeMap, BTreeSet};

use bus::{Error, FromQueryResult, Read, Tx, values};
use chrono::{DateTime, Utc};
use event::{CourseId, EnrolmentId, PersonId};
use uuid::Uuid;

use super::signed;

/// What somebody with a seat in a course is told of it.
#[derive(FromQueryResult, Clone, Debug)]
pub struct Seat {
    pub enrolled_at: DateTime<Utc>,
    pub completed_at: Option<DateTime<Utc>>,
}

/// None for whoever never enrolled, or gave the seat up.
pub async fn seat(
    read: &impl Read,
    learner: PersonId,
    course: CourseId,
) -> Result<Option<Seat>, Error> {
    read.one(
        "select e.changed_at as enrolled_at, c.completed_at from enrolment_copy e \
         left join completion_copy c on c.enrolment = e.enrolment \
         where e.learner = $1 and e.course = $2 and e.active",
        values![learner.0, course.0],
    )
    .await
}

/// A seat as of a version.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SeatCopy {
    pub learner: PersonId,
    pub course: CourseId,
    pub version: u64,
    /// Otherwise it was given up.
    pub active: bool,
    /// When it was taken, or given up.
    pub changed_at: DateTime<Utc>,
    /// Of what it was made from.
    pub hash: String,
}

/// Of who was erased, also before their seat was heard of, only that there is a seat.
pub async fn copy_seats(
    tx: &mut Tx,
    copies: &BTreeMap<EnrolmentId, SeatCopy>,
) -> Result<(), Error> {
    let learners = copies.values().map(|seat| (seat.learner, false)).collect();
    let erased = meet(tx, learners).await?;
    let row = |(enrolment, seat): (&EnrolmentId, &SeatCopy)| {
        let learner = (!erased.contains(&seat.learner)).then_some(seat.learner.0);
        values![
            enrolment.0,
            learner,
            seat.course.0,
            signed(seat.version),
            seat.active,
            seat.changed_at,
            seat.hash.as_str()
        ]
    };
    tx.insert_many(
        "insert into enrolment_copy \
         (enrolment, learner, course, version, active, changed_at, hash) values",
        copies.iter().map(row).collect(),
        "on conflict (enrolment) do update set learner = excluded.learner, \
         course = excluded.course, version = excluded.version, active = excluded.active, \
         changed_at = excluded.changed_at, hash = excluded.hash \
         where enrolment_copy.version < excluded.version \
         or (enrolment_copy.version = excluded.version and enrolment_copy.hash <> excluded.hash)",
    )
    .await?;
    Ok(())
}

/// A completion stays; should one be told twice, the earlier counts.
pub async fn copy_completions(
    tx: &mut Tx,
    completions: &BTreeMap<EnrolmentId, DateTime<Utc>>,
) -> Result<(), Error> {
    let row = |(enrolment, at): (&EnrolmentId, &DateTime<Utc>)| values![enrolment.0, *at];
    tx.insert_many(
        "insert into completion_copy (enrolment, completed_at) values",
        completions.iter().map(row).collect(),
        "on conflict (enrolment) do update set completed_at = excluded.completed_at \
         where completion_copy.completed_at > excluded.completed_at",
    )
    .await?;
    Ok(())
}

/// Makes nobody's what was theirs, and whatever of it comes later.
pub async fn forget_learner(tx: &mut Tx, person: PersonId) -> Result<(), Error> {
    meet(tx, BTreeMap::from([(person, true)])).await?;
    let sql = "update enrolment_copy set learner = null where learner = $1";
    tx.execute(sql, values![person.0]).await?;
    Ok(())
}

#[derive(FromQueryResult)]
struct Met {
    person: Uuid,
    erased: bool,
}

/// Writes down who is in a batch, and gives those who are erased, now or before. It locks them until
/// the end, so that an erasure and a seat that meet see each other.
async fn meet(tx: &mut Tx, people: BTreeMap<PersonId, bool>) -> Result<BTreeSet<PersonId>, Error> {
    let rows = people.into_iter().map(|(person, erased)| values![person.0, erased]).collect();
    let met: Vec<Met> = tx
        .insert_many_returning(
            "insert into learner (person, erased) values",
            rows,
            "on conflict (person) do update set erased = learner.erased or excluded.erased \
             returning person, erased",
        )
        .await?;
    Ok(met.into_iter().filter(|met| met.erased).map(|met| PersonId(met.person)).collect())
}
