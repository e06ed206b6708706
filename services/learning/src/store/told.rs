//! Enrolments as the other services were told of them.

use bus::{Error, FromQueryResult, Read, Tx, placeholders, values};
use chrono::{DateTime, Utc};
use contract::learning::{EnrolmentCancelled, LearnerEnrolled};
use event::{CourseId, EnrolmentId, PersonId};
use uuid::Uuid;

use super::{signed, unsigned};

/// What was told of a seat last.
pub(crate) enum Told {
    Enrolled(LearnerEnrolled),
    Cancelled(EnrolmentCancelled),
}

const TOLD: &str =
    "select id, learner, course, version, active, enrolled_at, cancelled_at from enrolment where";

#[derive(FromQueryResult)]
struct Row {
    id: Uuid,
    learner: Uuid,
    course: Uuid,
    version: i64,
    active: bool,
    enrolled_at: DateTime<Utc>,
    cancelled_at: Option<DateTime<Utc>>,
}

impl Row {
    fn told(self) -> Told {
        let (enrolment, version) = (EnrolmentId(self.id), unsigned(self.version));
        let (learner, course) = (PersonId(self.learner), CourseId(self.course));
        if self.active {
            let enrolled_at = self.enrolled_at;
            return Told::Enrolled(LearnerEnrolled {
                enrolment,
                version,
                learner,
                course,
                enrolled_at,
            });
        }
        // Of those who cancelled before this was kept, all that is known is that it was later.
        let cancelled_at = self.cancelled_at.unwrap_or(self.enrolled_at);
        Told::Cancelled(EnrolmentCancelled { enrolment, version, learner, course, cancelled_at })
    }
}

/// By id, after one.
pub(crate) async fn told_enrolments(
    db: &impl Read,
    after: Uuid,
    most: usize,
) -> Result<Vec<Told>, Error> {
    let sql = format!("{TOLD} id > $1 order by id limit {most}");
    let rows: Vec<Row> = db.all(&sql, values![after]).await?;
    Ok(rows.into_iter().map(Row::told).collect())
}

pub(crate) async fn told_enrolments_of(db: &impl Read, ids: &[Uuid]) -> Result<Vec<Told>, Error> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let sql = format!("{TOLD} id in {}", placeholders(1, ids.len()));
    let rows: Vec<Row> = db.all(&sql, ids.iter().map(|id| (*id).into()).collect()).await?;
    Ok(rows.into_iter().map(Row::told).collect())
}

/// Gives a seat of a lower version the one after this.
pub(crate) async fn overtake(tx: &mut Tx, enrolment: Uuid, version: u64) -> Result<(), Error> {
    tx.execute(
        "update enrolment set version = $2 + 1 where id = $1 and version < $2",
        values![enrolment, signed(version)],
    )
    .await?;
    Ok(())
}
