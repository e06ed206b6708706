//! Enrolling many at once from what an administrator uploaded. The upload is written down and
//! answered at once; its lines are worked off chunk by chunk, each chunk telling the next.

use std::collections::{BTreeSet, HashMap};

use bus::{Db, Tx};
use chrono::TimeDelta;
use contract::own::EnrolmentsUploaded;
use event::{EnrolmentId, PersonId, derived_uuid};
use uuid::Uuid;

use super::{Refusal, take_seat};
use crate::{
    domain::{Enrolment, Line, Outcome, Reason},
    store::{self, CourseCopy, PersonCopy, Settled},
};

/// Lines worked off in one transaction.
const CHUNK: u64 = 200;
/// How long the report of an upload is kept: it holds mail addresses.
const KEPT: TimeDelta = TimeDelta::days(90);

/// Takes an upload; the same form sent off again is the same upload.
pub(crate) async fn upload(
    db: &Db,
    author: PersonId,
    form: Uuid,
    lines: &[Line],
) -> Result<Uuid, Refusal> {
    let upload = derived_uuid(author.0, &format!("enrolment-upload/{form}"));
    let mut tx = db.begin().await?;
    let long_ago = tx.now() - KEPT;
    store::forget_uploads(&mut tx, long_ago).await?;
    if store::save_upload(&mut tx, upload, author, lines).await? {
        tx.publish(&EnrolmentsUploaded { upload })?;
    }
    tx.commit().await?;
    Ok(upload)
}

/// Looks again at the refused lines for which something may have changed, such as an invitation that
/// was taken up meanwhile. Gives how many those are.
pub(crate) async fn look_again(db: &Db, upload: Uuid) -> Result<u64, Refusal> {
    let mut tx = db.begin().await?;
    store::upload(&tx, upload).await?.ok_or(Refusal::NoSuchUpload)?;
    let taken_up = store::take_up_refused(&mut tx, upload).await?;
    if taken_up > 0 {
        store::finish_upload(&mut tx, upload, None).await?;
        tx.publish(&EnrolmentsUploaded { upload })?;
        tx.commit().await?;
    }
    Ok(taken_up)
}

/// Works off the next lines of an upload, and has the rest worked off.
pub(crate) async fn work_off(tx: &mut Tx, upload: Uuid) -> Result<(), Refusal> {
    // Two chunks of one upload at once would take the same lines.
    store::lock_upload(tx, upload).await?;
    let mut lines = store::uploaded_lines(tx, upload, Outcome::Waiting, 0, CHUNK).await?;
    let mails = lines.iter().map(|it| it.line.mail.clone()).collect();
    let keys: BTreeSet<String> = lines.iter().map(|it| it.line.course.clone()).collect();
    let persons = store::hold_persons_by_mail(tx, &mails).await?;
    let courses = store::courses_by_key(tx, &keys).await?;
    // Seats are held in the order of their ids; of two lines for one seat the first takes it.
    lines.sort_by_cached_key(|it| seat_of(&it.line, &persons, &courses));
    for it in &lines {
        let settled = settle(tx, &it.line, &persons, &courses).await?;
        store::settle_line(tx, upload, it.line.number, &settled).await?;
    }
    if lines.len() as u64 == CHUNK {
        tx.publish(&EnrolmentsUploaded { upload })?;
    } else {
        let now = tx.now();
        store::finish_upload(tx, upload, Some(now)).await?;
    }
    Ok(())
}

/// The seat that a line asks for, if that can be told.
fn seat_of(
    line: &Line,
    persons: &HashMap<String, PersonCopy>,
    courses: &HashMap<String, CourseCopy>,
) -> Option<EnrolmentId> {
    let learner = persons.get(&line.mail)?.person;
    Some(Enrolment::id_of(learner, courses.get(&line.course)?.course))
}

async fn settle(
    tx: &mut Tx,
    line: &Line,
    persons: &HashMap<String, PersonCopy>,
    courses: &HashMap<String, CourseCopy>,
) -> Result<Settled, Refusal> {
    let learner = persons.get(&line.mail).map(|person| person.person);
    let ending = match (learner, courses.get(&line.course)) {
        (None, _) => Err(Reason::UnknownMail),
        (_, None) => Err(Reason::UnknownCourse),
        (_, Some(copy)) if is_in_another_language(line, copy) => Err(Reason::OtherLanguage),
        (Some(learner), Some(copy)) => match take_seat(tx, learner, copy).await {
            Ok(taken) if taken.is_new => Ok(Outcome::Enrolled),
            Ok(_) => Ok(Outcome::Already),
            Err(Refusal::Withdrawn) => Err(Reason::WithdrawnCourse),
            Err(refusal) => return Err(refusal),
        },
    };
    Ok(Settled { learner, ending })
}

fn is_in_another_language(line: &Line, copy: &CourseCopy) -> bool {
    let taught_in = copy.outline.language;
    line.language.zip(taught_in).is_some_and(|(asked, taught_in)| asked != taught_in)
}
